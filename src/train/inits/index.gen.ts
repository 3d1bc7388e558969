// Written by `npm run index` from the files in this folder.
import constant from './constant.ts'
import glorotNormal from './glorot-normal.ts'
import glorotUniform from './glorot-uniform.ts'
import heNormal from './he-normal.ts'
import heUniform from './he-uniform.ts'
import lecunNormal from './lecun-normal.ts'
import lecunUniform from './lecun-uniform.ts'
import normal from './normal.ts'
import orthogonal from './orthogonal.ts'
import uniform from './uniform.ts'
import zeros from './zeros.ts'

export default [
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normal,
  orthogonal,
  uniform,
  zeros,
] as const
