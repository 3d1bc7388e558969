// Written by `npm run index` from the files in this folder.
import accuracy from './accuracy.ts'
import meanAbsoluteError from './mean-absolute-error.ts'
import rootMeanSquareError from './root-mean-square-error.ts'

export default [
  accuracy,
  meanAbsoluteError,
  rootMeanSquareError,
] as const
