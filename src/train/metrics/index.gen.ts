// Written by `npm run index` from the files in this folder.
import accuracy from './accuracy.ts'
import exactMatch from './exact-match.ts'
import labelAccuracy from './label-accuracy.ts'
import meanAbsoluteError from './mean-absolute-error.ts'
import rootMeanSquareError from './root-mean-square-error.ts'

export default [
  accuracy,
  exactMatch,
  labelAccuracy,
  meanAbsoluteError,
  rootMeanSquareError,
] as const
