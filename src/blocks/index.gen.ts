// Written by `npm run index` from the files in this folder.
import conv2d from './connect/conv2d.ts'
import dense from './connect/dense.ts'
import flatten from './connect/flatten.ts'
import pooling from './connect/pooling.ts'
import linear from './function/linear.ts'
import relu from './function/relu.ts'
import sigmoid from './function/sigmoid.ts'
import softmax from './function/softmax.ts'
import tanh from './function/tanh.ts'
import crossEntropy from './loss/cross-entropy.ts'
import rms from './loss/rms.ts'
import input from './io/input.ts'
import target from './io/target.ts'

export default [
  conv2d,
  dense,
  flatten,
  pooling,
  linear,
  relu,
  sigmoid,
  softmax,
  tanh,
  crossEntropy,
  rms,
  input,
  target,
] as const
