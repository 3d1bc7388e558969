// Written by `npm run index` from the files in this folder.
import adam from './adam.ts'
import sgd from './sgd.ts'

export default [
  adam,
  sgd,
] as const
