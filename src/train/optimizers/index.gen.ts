// Written by `npm run index` from the files in this folder.
import adadelta from './adadelta.ts'
import adagrad from './adagrad.ts'
import adam from './adam.ts'
import adamw from './adamw.ts'
import rmsprop from './rmsprop.ts'
import sgd from './sgd.ts'

export default [
  adadelta,
  adagrad,
  adam,
  adamw,
  rmsprop,
  sgd,
] as const
