import { at } from '../base/assert.ts'
import type { Rng } from '../base/rng.ts'
import { sizeOf } from '../base/shape.ts'
import { isStart, type WeightSpec } from '../blocks/define.ts'
import inits from './inits/index.gen.ts'

/**
 * First values of a weight. Its last two axes are inputs and outputs; leading axes (a filter's window) multiply both fans.
 * A weight of one axis has as many inputs as outputs.
 */
export function initialWeight(
  { shape, init, initScale }: Pick<WeightSpec, 'shape' | 'init' | 'initScale'>,
  random: Rng,
): Float32Array {
  if (isStart(init)) {
    const parts = typeof init === 'number' ? [init] : init
    const columns = (shape.at(-1) ?? 1) / parts.length
    const first = new Float32Array(sizeOf(shape))
    for (let i = 0; i < first.length; i++) first[i] = at(parts, Math.floor(i / columns) % parts.length)
    return first
  }
  const definition = inits.find((one) => one.type === init)
  if (!definition) throw new Error(`internal: no initialization ${init}`)
  const columns = shape.at(-1) ?? 1
  const window = sizeOf(shape.slice(0, -2))
  const fanOut = Math.max(window * columns, 1)
  const fanIn = shape.length < 2 ? fanOut : Math.max(window * at(shape, shape.length - 2), 1)
  const values = new Float64Array(sizeOf(shape))
  definition.fill({ values, fanIn, fanOut, columns }, random)
  const first = new Float32Array(values.length)
  for (let i = 0; i < first.length; i++) first[i] = at(values, i) * initScale
  return first
}
