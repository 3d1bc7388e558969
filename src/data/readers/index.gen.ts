// Written by `npm run index` from the files in this folder.
import csv from './csv.ts'
import idx from './idx.ts'

export default [
  csv,
  idx,
] as const
