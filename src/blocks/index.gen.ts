// Written by `npm run index` from the files in this folder.
import add from './connect/add.ts'
import conv2d from './connect/conv2d.ts'
import dense from './connect/dense.ts'
import flatten from './connect/flatten.ts'
import layerNorm from './connect/layer-norm.ts'
import multiply from './connect/multiply.ts'
import pooling from './connect/pooling.ts'
import upconv2d from './connect/upconv2d.ts'
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
import l1 from './loss/l1.ts'
import rms from './loss/rms.ts'
import input from './io/input.ts'
import target from './io/target.ts'

export default [
  add,
  conv2d,
  dense,
  flatten,
  layerNorm,
  multiply,
  pooling,
  upconv2d,
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
  l1,
  rms,
  input,
  target,
] as const
