// Written by `npm run index` from the files in this folder.
import csv from './csv.ts'
import idx from './idx.ts'
import jsonl from './jsonl.ts'
import numpy from './numpy.ts'
import parquet from './parquet.ts'
import pictures from './pictures.ts'
import sound from './sound.ts'
import text from './text.ts'

export default [
  csv,
  idx,
  jsonl,
  numpy,
  parquet,
  pictures,
  sound,
  text,
] as const
