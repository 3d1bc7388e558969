// Written by `npm run index` from the files in this folder.
import constant from './constant.ts'
import cosine from './cosine.ts'
import exponential from './exponential.ts'
import plateau from './plateau.ts'
import step from './step.ts'

export default [
  constant,
  cosine,
  exponential,
  plateau,
  step,
] as const
