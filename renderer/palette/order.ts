/**
 * In which order the palette lists the blocks of a family: what is used most stands first, and a long family is divided.
 * What is not named here follows, by title, so that a new block needs no entry.
 */
import type { Family } from '../../src/blocks/define.ts'

export interface Part {
  /** Null in a family that is short enough. */
  readonly title: string | null
  readonly types: readonly string[]
}

export const order: { readonly [F in Family]: readonly Part[] } = {
  data: [{ title: null, types: ['input', 'target'] }],
  connect: [
    { title: 'Layers', types: ['dense', 'conv2d', 'conv1d', 'upconv2d', 'depthwiseConv2d'] },
    { title: 'Sequences', types: ['embedding', 'positional', 'attention'] },
    {
      title: 'Pooling and size',
      types: ['pooling', 'globalPooling', 'pooling1d', 'adaptivePooling', 'upsampling', 'padding'],
    },
    {
      title: 'Normalisation and noise',
      types: ['batchNorm', 'layerNorm', 'groupNorm', 'dropout', 'gaussianNoise'],
    },
    { title: 'Shape and joining', types: ['flatten', 'reshape', 'permute', 'concat', 'add', 'multiply'] },
  ],
  function: [
    {
      title: null,
      types: ['relu', 'sigmoid', 'tanh', 'softmax', 'leakyRelu', 'gelu', 'swish', 'elu', 'prelu', 'softplus', 'linear'],
    },
  ],
  loss: [
    {
      title: null,
      types: ['crossEntropy', 'binaryCrossEntropy', 'rms', 'l1', 'huber', 'klGaussian', 'kullbackLeibler'],
    },
  ],
  complex: [
    { title: 'Recurrent', types: ['lstm', 'gru', 'rnn'] },
    { title: 'Sampling', types: ['latent', 'sample'] },
    {
      title: 'Composites',
      types: [
        'composite:Hidden layer',
        'composite:Convolution stage',
        'composite:Residual',
        'composite:Inception',
        'composite:Dense residual',
        'composite:Sequential',
      ],
    },
  ],
}
