/** Loops to try: a recurrent layer of many sizes. */
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import type { Shape } from '../../src/base/shape.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { Named } from '../helpers/agreement.ts'
import type { Input } from '../helpers/gradients.ts'
import { numbers } from '../helpers/random.ts'

export interface Sizes {
  readonly length: number
  readonly batch: number
  readonly features: number
  readonly hidden: number
}

/** 1-sized, odd, not square, long. */
export const SIZES: readonly Sizes[] = [
  { length: 1, batch: 1, features: 1, hidden: 1 },
  { length: 1, batch: 2, features: 3, hidden: 2 },
  { length: 2, batch: 1, features: 2, hidden: 3 },
  { length: 3, batch: 2, features: 1, hidden: 1 },
  { length: 3, batch: 3, features: 2, hidden: 5 },
  { length: 4, batch: 2, features: 5, hidden: 3 },
  { length: 5, batch: 1, features: 3, hidden: 4 },
  { length: 5, batch: 4, features: 1, hidden: 2 },
  { length: 7, batch: 2, features: 2, hidden: 2 },
  { length: 8, batch: 3, features: 3, hidden: 1 },
  { length: 2, batch: 5, features: 4, hidden: 7 },
  { length: 12, batch: 2, features: 1, hidden: 3 },
]

export const shapesOf = ({ length, batch, features, hidden }: Sizes): readonly Shape[] => [
  [length, batch, features],
  [batch, hidden],
  [features, hidden],
  [hidden, hidden],
  [hidden],
]

export function inputsOf(sizes: Sizes): Input[] {
  const rng = new Rng(5, 'scan', JSON.stringify(sizes))
  return shapesOf(sizes).map((shape) => ({ shape, dtype: 'float', data: numbers(rng, shape).map((x) => x * 0.7) }))
}

/** h ← tanh(x W + h U + b): weights given, keeps every h and a part of it. */
export function elman(g: Builder, [xs, h, w, u, b]: readonly Tensor[], reverse: boolean): Tensor[] {
  if (!xs || !h || !w || !u || !b) throw new Error('five operands')
  const result = g.scan(
    { length: at(xs.shape, 0), reverse, given: [w, u, b], carried: [h], over: [xs] },
    (body, { given: [wi, ui, bi], carried: [before], over: [x] }) => {
      if (!wi || !ui || !bi || !before || !x) throw new Error('five operands')
      const next = body.tanh(body.add(body.add(body.dot(x, wi), body.dot(before, ui)), bi))
      const first = body.slice(next, [0, 0], [at(next.shape, 0), 1])
      return { carried: [next], kept: [next, body.mul(first, first)] }
    },
  )
  return [...result.carried, ...result.kept]
}

/** A loop with the gradients of the sum of the squares of what it gives by its operands. */
export function elmanProgram(sizes: Sizes, reverse: boolean): Named {
  const inputs = inputsOf(sizes)
  const g = new Builder()
  const given = inputs.map(({ shape }, i) => g.input(`x${i}`, 'data', shape))
  const results = elman(g, given, reverse)
  results.forEach((y, i) => {
    g.output(`y${i}`, 'step', y)
  })
  const loss = results.reduce((sum, y) => g.add(sum, g.sum(g.mul(y, y))), g.constant(0))
  differentiate(g, loss, given).forEach((gradient, i) => {
    g.output(`d${i}`, 'step', gradient)
  })
  const values = Object.fromEntries(inputs.map(({ data }, i) => [`x${i}`, data]))
  return { name: `loop ${JSON.stringify(sizes)}, reverse: ${reverse}`, program: g.build(), inputs: values }
}
