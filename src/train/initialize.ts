import { at } from '../base/assert.ts'
import type { Rng } from '../base/rng.ts'
import { sizeOf } from '../base/shape.ts'
import type { WeightSpec } from '../blocks/define.ts'
import inits from './inits/index.gen.ts'

/**
 * First values of a weight. Its last two axes are inputs and outputs; leading axes (a filter's window) multiply both fans.
 * A weight of one axis has as many inputs as outputs.
 */
export function initialWeight(weight: WeightSpec, random: Rng): Float32Array {
  if (typeof weight.init === 'number') return new Float32Array(sizeOf(weight.shape)).fill(weight.init)
  const init = inits.find((one) => one.type === weight.init)
  if (!init) throw new Error(`internal: no initialization ${weight.init}`)
  const { shape } = weight
  const window = sizeOf(shape.slice(0, -2))
  const fanOut = window * (shape.at(-1) ?? 1)
  const fanIn = shape.length < 2 ? fanOut : window * at(shape, shape.length - 2)
  return Float32Array.from({ length: sizeOf(shape) }, () => init.draw(random, Math.max(fanIn, 1), Math.max(fanOut, 1)))
}
