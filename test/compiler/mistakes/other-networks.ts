/** Mistakes in perceptrons, U-Nets, transformers, recurrent networks and composites, and gaps where a shape was made. */
import type { ParamValues } from '../../../src/base/params.ts'
import type { BlockNode, GraphDocument } from '../../../src/document/types.ts'
import { parseComposite } from '../../../src/document/file.ts'
import { valueOf } from '../../data/files.ts'
import { example, inside, type Data, type Drawn } from '../../helpers/documents.ts'
import { shippedBlocks } from '../../models/shipped.ts'
import {
  altered,
  connect,
  deleted,
  draw,
  either,
  fedWith,
  gathered,
  insert,
  only,
  remove,
  replace,
  rewired,
  set,
  valued,
  type Mistake,
} from './mistake.ts'

const { all, mistake } = gathered()

const digits: Data = { features: [28, 28, 1], classes: 10 }
const small: Data = { features: [8, 8, 3], classes: 4 }
const series: Data = { features: [20, 8], numbers: 1 }
const rows: Data = { features: [16], classes: 3 }
const judged = (from: string, type = 'crossEntropy'): { readonly [name: string]: Drawn } => ({
  truth: ['target'],
  loss: [type, {}, from, 'truth.y'],
})

mistake(
  'digits into a perceptron',
  draw(digits, {
    x: ['input'],
    fc1: ['dense', { features: 128 }, 'x.x'],
    relu: ['relu', {}, 'fc1.y'],
    drop: ['dropout', {}, 'relu.y'],
    fc2: ['dense', { features: 10 }, 'drop.y'],
    soft: ['softmax', {}, 'fc2.y'],
    ...judged('soft.y'),
  }),
  either(insert('flatten', { after: 'x.x', before: 'fc1.x' }), set('x', 'flat', true)),
)
const unet = (up: ParamValues, pool: ParamValues = {}): GraphDocument =>
  draw(
    { features: [16, 16, 1], classes: 2 },
    {
      x: ['input'],
      conv1: ['conv2d', { filters: 8, padding: 'same' }, 'x.x'],
      relu1: ['relu', {}, 'conv1.y'],
      pool: ['pooling', pool, 'relu1.y'],
      conv2: ['conv2d', { filters: 16, padding: 'same' }, 'pool.y'],
      relu2: ['relu', {}, 'conv2.y'],
      up: ['upsampling', up, 'relu2.y'],
      join: ['concat', {}, 'up.y', 'relu1.y'],
      conv3: ['conv2d', { filters: 1, padding: 'same' }, 'join.y'],
      original: ['input'],
      loss: ['rms', {}, 'conv3.y', 'original.x'],
    },
  )
mistake('U-Net: enlarged by 3', unet({ factor: [3, 3] }), only(set('up', 'factor', [2, 2])))
mistake('U-Net: enlarged by 1', unet({ factor: [1, 1] }), only(set('up', 'factor', [2, 2])))
mistake('U-Net: pooled by 4', unet({}, { size: [4, 4], stride: [4, 4] }), [
  [set('up', 'factor', [4, 4])],
  [set('pool', 'size', [2, 2]), set('pool', 'stride', [2, 2])],
  [set('pool', 'stride', [2, 2])],
])
mistake(
  'U-Net: no padding in the first convolution',
  valued(unet({}), 'conv1', { padding: 'valid' }),
  only(set('conv1', 'padding', 'same')),
)
mistake(
  'U-Net: no padding below',
  valued(unet({}), 'conv2', { padding: 'valid' }),
  only(set('conv2', 'padding', 'same')),
)
mistake('U-Net: three maps at the end', valued(unet({}), 'conv3', { filters: 3 }), only(set('conv3', 'filters', 1)))
mistake('U-Net: not enlarged', rewired(deleted(unet({}), 'up'), [], ['relu2.y>join.a']), [
  [insert('upsampling', { after: 'relu2.y', before: 'join.a', params: { factor: [2, 2] } })],
  [insert('upconv2d', { after: 'relu2.y', before: 'join.a' })],
])
const coder = (units: number, flat: boolean): GraphDocument =>
  draw(digits, {
    x: ['input', { flat: true }],
    code: ['dense', { features: 32 }, 'x.x'],
    relu: ['relu', {}, 'code.y'],
    out: ['dense', { features: units }, 'relu.y'],
    original: ['input', { flat }],
    loss: ['rms', {}, 'out.y', 'original.x'],
  })
mistake('perceptron autoencoder: the original as a picture', coder(784, false), [
  [set('original', 'flat', true)],
  [insert('reshape', { after: 'out.y', before: 'loss.prediction', params: { shape: [28, 28, 1] } })],
])
mistake('perceptron autoencoder: 700 outputs', coder(700, true), only(set('out', 'features', 784)))
mistake(
  'a row of samples into a Conv1D',
  draw(
    { features: [128], classes: 3 },
    {
      x: ['input'],
      conv: ['conv1d', { filters: 8, kernel: 5 }, 'x.x'],
      pool: ['pooling1d', {}, 'conv.y'],
      mean: ['globalPooling', {}, 'pool.y'],
      out: ['dense', { features: 3 }, 'mean.y'],
      ...judged('out.y'),
    },
  ),
  only(insert('reshape', { after: 'x.x', before: 'conv.x', params: { shape: [128, 1] } })),
)
mistake(
  'one pooling too many',
  draw(small, {
    x: ['input'],
    pool1: ['pooling', {}, 'x.x'],
    pool2: ['pooling', {}, 'pool1.y'],
    conv: ['conv2d', { filters: 8, padding: 'same' }, 'pool2.y'],
    pool3: ['pooling', {}, 'conv.y'],
    pool4: ['pooling', {}, 'pool3.y'],
    flat: ['flatten', {}, 'pool4.y'],
    out: ['dense', { features: 4 }, 'flat.y'],
    ...judged('out.y'),
  }),
  either(remove('pool4'), set('pool4', 'padding', 'same')),
)
mistake(
  'a convolution of what is left of a small picture',
  draw(small, {
    x: ['input'],
    pool1: ['pooling', {}, 'x.x'],
    pool2: ['pooling', {}, 'pool1.y'],
    conv: ['conv2d', { filters: 8 }, 'pool2.y'],
    flat: ['flatten', {}, 'conv.y'],
    out: ['dense', { features: 4 }, 'flat.y'],
    ...judged('out.y'),
  }),
  either(set('conv', 'padding', 'same'), set('conv', 'kernel', [2, 2], [1, 1])),
)
mistake(
  'attention after the mean over time',
  draw(series, {
    x: ['input'],
    mean: ['globalPooling', {}, 'x.x'],
    place: ['positional', {}, 'mean.y'],
    look: ['attention', { heads: 2 }, 'place.y'],
    out: ['dense', { features: 1 }, 'look.y'],
    ...judged('out.y', 'rms'),
  }),
  only(connect('x.x>place.x'), connect('look.y>mean.x'), connect('mean.y>out.x')),
)
const transformer = (heads: number, units: number): GraphDocument =>
  draw(series, {
    x: ['input'],
    place: ['positional', {}, 'x.x'],
    look: ['attention', { heads }, 'place.y'],
    sum: ['add', {}, 'look.y', 'place.y'],
    norm: ['layerNorm', {}, 'sum.y'],
    wide: ['dense', { features: 32 }, 'norm.y'],
    gelu: ['gelu', {}, 'wide.y'],
    narrow: ['dense', { features: units }, 'gelu.y'],
    sum2: ['add', {}, 'narrow.y', 'norm.y'],
    mean: ['globalPooling', {}, 'sum2.y'],
    out: ['dense', { features: 1 }, 'mean.y'],
    ...judged('out.y', 'rms'),
  })
mistake('transformer: three heads for eight features', transformer(3, 8), only(set('look', 'heads', 2, 4)))
mistake('transformer: the second layer does not come back', transformer(2, 32), only(set('narrow', 'features', 8)))
mistake(
  'transformer: no mean over time',
  rewired(deleted(transformer(2, 8), 'mean'), [], ['sum2.y>out.x']),
  either(
    insert('globalPooling', { after: 'sum2.y', before: 'out.x' }),
    insert('flatten', { after: 'sum2.y', before: 'out.x' }),
  ),
)
mistake('transformer: a wire of the first skip cut', rewired(transformer(2, 8), ['place.y>sum.b'], []), [
  [connect('place.y>sum.b')],
  [connect('x.x>sum.b')],
])
mistake(
  'an LSTM that starts from a state of another width',
  draw(series, {
    x: ['input'],
    mean: ['globalPooling', {}, 'x.x'],
    first: ['dense', { features: 16 }, 'mean.y'],
    lstm: ['lstm', { hidden: 8 }, 'x.x', 'first.y'],
    out: ['dense', { features: 1 }, 'lstm.y'],
    ...judged('out.y', 'rms'),
  }),
  either(set('first', 'features', 8), set('lstm', 'hidden', 16)),
)
const heads = (units: number): GraphDocument =>
  draw(rows, {
    x: ['input'],
    fc: ['dense', { features: 12 }, 'x.x'],
    relu: ['relu', {}, 'fc.y'],
    main: ['dense', { features: 3 }, 'relu.y'],
    aux: ['dense', { features: units }, 'relu.y'],
    truth: ['target'],
    loss: ['crossEntropy', {}, 'main.y', 'truth.y'],
    loss2: ['crossEntropy', {}, 'aux.y', 'truth.y'],
  })
mistake('two losses: the second head has 5 outputs', heads(5), only(set('aux', 'features', 3)))
mistake(
  'a convolution straight into a regression of three numbers',
  draw(
    { features: [8, 8, 3], numbers: 3 },
    {
      x: ['input'],
      conv: ['conv2d', { filters: 8 }, 'x.x'],
      relu: ['relu', {}, 'conv.y'],
      ...judged('relu.y', 'rms'),
    },
  ),
  [
    [insert('flatten'), insert('dense', { before: 'loss.prediction', params: { features: 3 } })],
    [insert('globalPooling'), insert('dense', { before: 'loss.prediction', params: { features: 3 } })],
  ],
)
const binary = (units: number, loss: string, encoding: string, classes = 2): GraphDocument =>
  draw(
    { features: [6], classes },
    {
      x: ['input'],
      fc: ['dense', { features: 8 }, 'x.x'],
      relu: ['relu', {}, 'fc.y'],
      out: ['dense', { features: units }, 'relu.y'],
      truth: ['target', { encoding }],
      loss: [loss, {}, 'out.y', 'truth.y'],
    },
  )
mistake('two classes, one logit, Cross Entropy', binary(1, 'crossEntropy', 'oneHot'), [
  [set('out', 'features', 2)],
  [replace('loss', 'binaryCrossEntropy'), set('truth', 'encoding', 'number')],
])
mistake('three classes as positions, Binary Cross Entropy', binary(3, 'binaryCrossEntropy', 'number', 3), [
  [replace('loss', 'crossEntropy')],
  [set('truth', 'encoding', 'oneHot')],
])
mistake('three classes as positions, RMS', binary(3, 'rms', 'number', 3), [
  [replace('loss', 'crossEntropy')],
  [set('truth', 'encoding', 'oneHot')],
  [replace('loss', 'crossEntropy'), set('truth', 'encoding', 'oneHot')],
])
mistake('three classes as positions, Kullback-Leibler', binary(3, 'kullbackLeibler', 'number', 3), [
  [replace('loss', 'crossEntropy')],
  [set('truth', 'encoding', 'oneHot')],
])
mistake(
  'three branches, one of 12',
  draw(rows, {
    x: ['input'],
    one: ['dense', { features: 16 }, 'x.x'],
    two: ['dense', { features: 16 }, 'x.x'],
    three: ['dense', { features: 12 }, 'x.x'],
    sum: ['add', {}, 'one.y', 'two.y', 'three.y'],
    out: ['dense', { features: 3 }, 'sum.y'],
    ...judged('out.y'),
  }),
  only(set('three', 'features', 16)),
)
mistake(
  'three branches, the first of 12',
  draw(rows, {
    x: ['input'],
    one: ['dense', { features: 12 }, 'x.x'],
    two: ['dense', { features: 16 }, 'x.x'],
    three: ['dense', { features: 16 }, 'x.x'],
    sum: ['add', {}, 'one.y', 'two.y', 'three.y'],
    out: ['dense', { features: 3 }, 'sum.y'],
    ...judged('out.y'),
  }),
  only(set('one', 'features', 16)),
)

function composite(name: string, fields: Partial<BlockNode> = {}): BlockNode {
  const { text } = shippedBlocks.find((one) => one.name === name) ?? { text: '' }
  return { ...valueOf(parseComposite(JSON.parse(text), name)), ...fields }
}
/** Drawings with a composite `part` of one input and one output between x and what follows. */
const around = (data: Data, part: BlockNode, rest: { readonly [name: string]: Drawn }): GraphDocument => {
  const made = draw(data, { x: ['input'], part: ['relu', {}, 'x.x'], ...rest })
  return altered(made, 'part', { ...part, name: 'part' })
}
mistake(
  'a Hidden layer as the last one, 9 wide',
  around(digitsFlat(), composite('hidden-layer', { params: { features: 9 } }), judged('part.y')),
  only(set('part', 'features', 10)),
)
mistake(
  'a Hidden layer fed with pictures',
  around(small, composite('hidden-layer', { params: { features: 12 } }), {
    out: ['dense', { features: 4 }, 'part.y'],
    ...judged('out.y'),
  }),
  either(insert('flatten', { after: 'x.x', before: 'part.x' }), set('x', 'flat', true)),
)
mistake(
  'a convolution stage without a Flatten behind it',
  around(small, composite('convolution-stage'), { out: ['dense', { features: 4 }, 'part.y'], ...judged('out.y') }),
  either(
    insert('flatten', { after: 'part.y', before: 'out.x' }),
    insert('globalPooling', { after: 'part.y', before: 'out.x' }),
  ),
)
mistake(
  'a convolution stage fed with lists',
  around({ features: [64], classes: 4 }, composite('convolution-stage'), {
    flat: ['flatten', {}, 'part.y'],
    out: ['dense', { features: 4 }, 'flat.y'],
    ...judged('out.y'),
  }),
  only(insert('reshape', { after: 'x.x', before: 'part.x', params: { shape: [8, 8, 1] } })),
)
mistake(
  'four convolution stages for a picture of 8 × 8',
  around(small, composite('convolution-stage', { repeat: 4 }), {
    flat: ['flatten', {}, 'part.y'],
    out: ['dense', { features: 4 }, 'flat.y'],
    ...judged('out.y'),
  }),
  [[{ kind: 'repeat', block: 'part', to: 3 }]],
)
mistake(
  'a residual that another width goes into',
  around(
    rows,
    {
      type: 'composite',
      name: 'part',
      position: { x: 0, y: 0 },
      params: {},
      inside: inside(
        { fc: ['dense', { features: 8 }], act: ['tanh', {}, 'fc.y'], sum: ['add', {}, 'act.y'] },
        { x: ['fc.x', 'sum.b'] },
        { y: 'sum.y' },
      ),
    },
    { out: ['dense', { features: 3 }, 'part.y'], ...judged('out.y') },
  ),
  either(set('fc', 'features', 16)),
  { path: ['part'] },
)
mistake(
  'residual: nothing leads to the first composite',
  rewired(example('residual'), ['b5.y>b6.x'], []),
  only(connect('b5.y>b6.x')),
)
mistake(
  'inception: nothing leads to the second composite',
  rewired(example('inception'), ['b3.y>b4.x'], []),
  only(connect('b3.y>b4.x')),
)
mistake(
  'residual: Flatten before the last composite',
  rewired(
    altered(example('residual'), 'b11', { type: 'flatten', name: 'flat' }),
    ['b9.y>b10.x', 'b10.y>b11.x', 'b11.y>b12.x'],
    ['b9.y>b11.x', 'b11.y>b10.x', 'b10.y>b12.x'],
  ),
  only(connect('b9.y>b10.x'), connect('b10.y>b11.x'), connect('b11.y>b12.x')),
)

// Blocks deleted that do something to the shape.
mistake(
  'iris: the last layer deleted',
  deleted(example('iris'), 'b4'),
  only(insert('dense', { after: 'b3.y', before: 'b5.x', params: { features: 3 } })),
)
mistake(
  'stroke-digits: the last layer deleted',
  deleted(example('stroke-digits'), 'b11'),
  only(insert('dense', { after: 'b10.y', before: 'b12.x', params: { features: 10 } })),
)
mistake('iris: the hidden layer deleted', deleted(example('iris'), 'b2'), only(connect('b1.x>b3.x')))
mistake(
  'stroke-digits: the second convolution deleted',
  deleted(example('stroke-digits'), 'b5'),
  only(connect('b4.y>b6.x')),
)
mistake(
  'variational-autoencoder: Reshape deleted',
  deleted(example('variational-autoencoder'), 'b10'),
  only(insert('reshape', { after: 'b9.y', before: 'b11.x', params: { shape: [1, 1, 64] } })),
)
mistake(
  'variational-autoencoder: Sample deleted',
  deleted(example('variational-autoencoder'), 'b7'),
  only(connect('b5.mean>b8.x')),
)
mistake('residual: the second pooling deleted', deleted(example('residual'), 'b8'), only(connect('b7.y>b9.x')))
mistake('lenet-5: the last pooling deleted', deleted(example('lenet-5'), 'b7'), only(connect('b6.y>b8.x')))
mistake('autoencoder: the last layer deleted', deleted(example('autoencoder'), 'b8'), [
  [insert('upconv2d', { after: 'b7.y', before: 'b9.prediction', params: { filters: 1 } })],
])
mistake(
  'a list that was mixed into a convolution',
  draw(small, {
    x: ['input'],
    flat: ['flatten', {}, 'x.x'],
    fc: ['dense', { features: 64 }, 'flat.y'],
    conv: ['conv2d', { filters: 8 }, 'fc.y'],
    flat2: ['flatten', {}, 'conv.y'],
    out: ['dense', { features: 4 }, 'flat2.y'],
    ...judged('out.y'),
  }),
  only(insert('reshape', { after: 'fc.y', before: 'conv.x', params: { shape: [8, 8, 1] } })),
)
mistake(
  'an Add with one branch',
  draw(rows, {
    x: ['input'],
    fc: ['dense', { features: 16 }, 'x.x'],
    sum: ['add', {}, 'fc.y'],
    out: ['dense', { features: 3 }, 'sum.y'],
    ...judged('out.y'),
  }),
  [[connect('x.x>sum.b')], [remove('sum'), connect('fc.y>out.x')]],
)
mistake(
  'a Concat with one branch and another that leads nowhere',
  draw(rows, {
    x: ['input'],
    left: ['dense', { features: 5 }, 'x.x'],
    right: ['dense', { features: 7 }, 'x.x'],
    join: ['concat', {}, 'left.y'],
    out: ['dense', { features: 3 }, 'join.y'],
    ...judged('out.y'),
  }),
  only(connect('right.y>join.b')),
)
mistake(
  'whole channels dropped of a list',
  draw(rows, {
    x: ['input'],
    fc: ['dense', { features: 16 }, 'x.x'],
    drop: ['dropout', { spatial: true }, 'fc.y'],
    out: ['dense', { features: 3 }, 'drop.y'],
    ...judged('out.y'),
  }),
  only(set('drop', 'spatial', false)),
)
mistake(
  'a dropout of everything',
  valued(
    draw(rows, {
      x: ['input'],
      fc: ['dense', { features: 16 }, 'x.x'],
      drop: ['dropout', {}, 'fc.y'],
      out: ['dense', { features: 3 }, 'drop.y'],
      ...judged('out.y'),
    }),
    'drop',
    { rate: 1 },
  ),
  only(set('drop', 'rate', 0.99, 0.5)),
)
mistake(
  'convolutions of no filters',
  valued(example('stroke-digits'), 'b5', { filters: 0 }),
  only(set('b5', 'filters', 1, 8)),
)
mistake('iris: four classes more', fedWith(example('iris'), { classes: 7 }), only(set('b4', 'features', 7)))
mistake('softmax-regression: a number to be predicted', fedWith(example('softmax-regression'), { numbers: 2 }), [
  [set('b2', 'features', 2), replace('b4', 'rms'), remove('b3')],
])
mistake('xor-regression: two classes', fedWith(example('xor-regression'), { classes: 2 }), [
  [replace('b6', 'binaryCrossEntropy'), set('b7', 'encoding', 'number')],
  [set('b4', 'features', 2), replace('b5', 'softmax'), replace('b6', 'crossEntropy')],
])

// Wires that are tried.
mistake(
  'all maps of a decoder tried as the prediction',
  rewired(valued(example('autoencoder'), 'b8', { filters: 8 }), ['b8.y>b9.prediction'], []),
  [[set('b8', 'filters', 1)], [insert('conv2d', { after: 'b8.y', before: 'b9.prediction', params: { filters: 1 } })]],
  { wire: 'b8.y>b9.prediction' },
)
mistake(
  'stroke-digits: a convolution tried at the hidden layer',
  rewired(example('stroke-digits'), ['b8.y>b9.x'], []),
  only(insert('flatten', { after: 'b7.y', before: 'b9.x' })),
  { wire: 'b7.y>b9.x' },
)
mistake(
  'stroke-digits: the flat list tried at a convolution',
  rewired(example('stroke-digits'), ['b4.y>b5.x'], []),
  [[connect('b4.y>b5.x')], [insert('reshape', { after: 'b8.y', before: 'b5.x' })]],
  { wire: 'b8.y>b5.x' },
)
mistake(
  'a GRU tried after a Dense',
  draw(rows, {
    x: ['input'],
    fc: ['dense', { features: 16 }, 'x.x'],
    gru: ['gru', { hidden: 4 }],
    out: ['dense', { features: 3 }, 'gru.y'],
    ...judged('out.y'),
  }),
  only(insert('reshape', { after: 'fc.y', before: 'gru.x', params: { shape: [16, 1] } })),
  { wire: 'fc.y>gru.x' },
)
mistake(
  'maps tried at a GRU',
  draw(small, {
    x: ['input'],
    conv: ['conv2d', { filters: 6, padding: 'same' }, 'x.x'],
    gru: ['gru', { hidden: 4 }],
    out: ['dense', { features: 4 }, 'gru.y'],
    ...judged('out.y'),
  }),
  only(insert('reshape', { after: 'conv.y', before: 'gru.x', params: { shape: [8, 48] } })),
  { wire: 'conv.y>gru.x' },
)
mistake(
  'a wide branch tried at an Add of two others',
  draw(rows, {
    x: ['input'],
    one: ['dense', { features: 16 }, 'x.x'],
    wide: ['dense', { features: 24 }, 'x.x'],
    relu: ['relu', {}, 'wide.y'],
    sum: ['add', {}, 'one.y', 'x.x'],
    out: ['dense', { features: 3 }, 'sum.y'],
    ...judged('out.y'),
  }),
  [[insert('dense', { after: 'relu.y', before: 'sum.c', params: { features: 16 } })], [set('wide', 'features', 16)]],
  { wire: 'relu.y>sum.c' },
)
mistake(
  'larger pictures tried at a Concat that are no multiple',
  draw(small, {
    x: ['input'],
    conv: ['conv2d', { filters: 4 }, 'x.x'],
    join: ['concat', {}, 'conv.y'],
    mean: ['globalPooling', {}, 'join.y'],
    out: ['dense', { features: 4 }, 'mean.y'],
    ...judged('out.y'),
  }),
  only(set('conv', 'padding', 'same')),
  { wire: 'x.x>join.b' },
)

function digitsFlat(): Data {
  return { features: [20], classes: 10 }
}

export const inOtherNetworks: readonly Mistake[] = all
