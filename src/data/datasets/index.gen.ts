// Written by `npm run index` from the files in this folder.
import circles from './circles.ts'
import moons from './moons.ts'
import sine from './sine.ts'
import spiral from './spiral.ts'
import strokeDigits from './stroke-digits/index.ts'
import xor from './xor.ts'

export default [
  circles,
  moons,
  sine,
  spiral,
  strokeDigits,
  xor,
] as const
