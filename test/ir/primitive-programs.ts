/** The cases of every primitive as programs, for two backends to be compared by. */
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import type { Differentiable } from '../../src/ir/vjp.ts'
import { Sheet } from '../helpers/gradients.ts'
import type { Named } from '../helpers/agreement.ts'
import { TOLERANCE, type Tolerance } from '../helpers/tolerance.ts'
import { emit, primitiveCases, type Case } from './primitive-cases.ts'

const { exact, elementwise, chain, product } = TOLERANCE.f32

/** How far what a primitive gives may lie from the reference. */
const forward: { readonly [P in Differentiable]: Tolerance } = {
  constant: elementwise,
  iota: exact,
  neg: exact,
  exp: chain,
  log: chain,
  tanh: chain,
  sqrt: chain,
  abs: exact,
  isFinite: exact,
  stopGradient: exact,
  convert: exact,
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  max: exact,
  min: exact,
  less: exact,
  equal: exact,
  select: exact,
  sum: product,
  reduceMax: exact,
  argMax: exact,
  reshape: exact,
  transpose: exact,
  broadcast: exact,
  dot: product,
  conv: product,
  convInputGradient: product,
  convWeightGradient: product,
  maxPool: exact,
  maxPoolGradient: product,
  maxPoolTangent: exact,
  sumPool: product,
  sumPoolGradient: product,
  take: exact,
  scatterRows: product,
  slice: exact,
  pad: exact,
  concat: exact,
  random: exact,
}

/** What comes out as `y`, and as `d0`, `d1`, … the gradients of sum(r y + y² / 2) by the operands that have one. */
function programOf(primitive: Differentiable, one: Case): Named {
  const sheet = new Sheet()
  const inputs = one.inputs.map((input) => sheet.given({ ...input, data: input.data.map(Math.fround) }))
  const y = emit(sheet.g, primitive, one, inputs)
  sheet.g.output('y', 'step', y)
  const floats = inputs.filter(({ dtype }) => dtype === 'float')
  differentiate(sheet.g, sheet.weigh([y]), floats).forEach((gradient, i) => {
    sheet.g.output(`d${i}`, 'step', gradient)
  })
  const values = [...sheet.data].map(([name, data]) => [name, data.map(Math.fround)] as const)
  return {
    name: `${primitive} ${one.name}`,
    program: sheet.g.build(),
    inputs: Object.fromEntries(values),
    tolerances: { y: forward[primitive] },
  }
}

export function primitivePrograms(primitive: Differentiable): Named[] {
  const cases = primitiveCases[primitive].cases as readonly Case[]
  return cases.map((one) => programOf(primitive, one))
}
