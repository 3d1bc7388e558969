// Written by `npm run index` from the files in this folder.
import adaptivePooling from './connect/adaptive-pooling.ts'
import add from './connect/add.ts'
import attention from './connect/attention.ts'
import batchNorm from './connect/batch-norm.ts'
import concat from './connect/concat.ts'
import conv1d from './connect/conv1d.ts'
import conv2d from './connect/conv2d.ts'
import dense from './connect/dense.ts'
import depthwiseConv2d from './connect/depthwise-conv2d.ts'
import dropout from './connect/dropout.ts'
import embedding from './connect/embedding.ts'
import flatten from './connect/flatten.ts'
import gaussianNoise from './connect/gaussian-noise.ts'
import globalPooling from './connect/global-pooling.ts'
import groupNorm from './connect/group-norm.ts'
import layerNorm from './connect/layer-norm.ts'
import multiply from './connect/multiply.ts'
import padding from './connect/padding.ts'
import permute from './connect/permute.ts'
import pooling from './connect/pooling.ts'
import pooling1d from './connect/pooling1d.ts'
import positional from './connect/positional.ts'
import reshape from './connect/reshape.ts'
import upconv2d from './connect/upconv2d.ts'
import upsampling from './connect/upsampling.ts'
import elu from './function/elu.ts'
import gelu from './function/gelu.ts'
import leakyRelu from './function/leaky-relu.ts'
import linear from './function/linear.ts'
import prelu from './function/prelu.ts'
import relu from './function/relu.ts'
import sigmoid from './function/sigmoid.ts'
import softmax from './function/softmax.ts'
import softplus from './function/softplus.ts'
import step from './function/step.ts'
import swish from './function/swish.ts'
import tanh from './function/tanh.ts'
import binaryCrossEntropy from './loss/binary-cross-entropy.ts'
import crossEntropy from './loss/cross-entropy.ts'
import huber from './loss/huber.ts'
import klGaussian from './loss/kl-gaussian.ts'
import kullbackLeibler from './loss/kullback-leibler.ts'
import l1 from './loss/l1.ts'
import rms from './loss/rms.ts'
import gru from './complex/gru.ts'
import latent from './complex/latent.ts'
import lstm from './complex/lstm.ts'
import rnn from './complex/rnn.ts'
import sample from './complex/sample.ts'
import input from './io/input.ts'
import target from './io/target.ts'

export default [
  adaptivePooling,
  add,
  attention,
  batchNorm,
  concat,
  conv1d,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  embedding,
  flatten,
  gaussianNoise,
  globalPooling,
  groupNorm,
  layerNorm,
  multiply,
  padding,
  permute,
  pooling,
  pooling1d,
  positional,
  reshape,
  upconv2d,
  upsampling,
  elu,
  gelu,
  leakyRelu,
  linear,
  prelu,
  relu,
  sigmoid,
  softmax,
  softplus,
  step,
  swish,
  tanh,
  binaryCrossEntropy,
  crossEntropy,
  huber,
  klGaussian,
  kullbackLeibler,
  l1,
  rms,
  gru,
  latent,
  lstm,
  rnn,
  sample,
  input,
  target,
] as const
