// Written by `npm run index` from the files in this folder.
import adding from './adding.ts'
import anomalies from './anomalies.ts'
import blobs from './blobs.ts'
import checkerboard from './checkerboard.ts'
import circles from './circles.ts'
import formula from './formula.ts'
import icons3x3 from './icons-3x3.ts'
import icons4x4 from './icons-4x4.ts'
import icons8x8 from './icons-8x8.ts'
import linear from './linear.ts'
import logicGate from './logic-gate.ts'
import moons from './moons.ts'
import sine from './sine.ts'
import spiral from './spiral.ts'
import strokeDigits from './stroke-digits/index.ts'
import strokeLetters from './stroke-letters/index.ts'
import strokeShapes from './stroke-shapes/index.ts'
import textSequences from './text-sequences.ts'
import waves from './waves.ts'
import xor from './xor.ts'

export default [
  adding,
  anomalies,
  blobs,
  checkerboard,
  circles,
  formula,
  icons3x3,
  icons4x4,
  icons8x8,
  linear,
  logicGate,
  moons,
  sine,
  spiral,
  strokeDigits,
  strokeLetters,
  strokeShapes,
  textSequences,
  waves,
  xor,
] as const
