/** Seeded random programs that no block would write: layouts, repeats, sums, products, rows and states in any order. */
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { Program } from '../../src/ir/program.ts'
import { numbers } from './random.ts'

export interface Made {
  readonly program: Program
  readonly data: { readonly [name: string]: Float64Array }
}

export function randomProgram(seed: number): Made {
  const rng = new Rng(seed, 'random program')
  const g = new Builder()
  const data: { [name: string]: Float64Array } = {}
  const pick = <T>(list: readonly T[]): T => at(list, rng.integer(list.length))
  const pool: Tensor[] = []
  const states: Tensor[] = []
  const given = (shape: Shape, role: 'data' | 'state') => {
    const name = `x${Object.keys(data).length}`
    data[name] = numbers(rng, shape)
    const tensor = g.input(name, role, shape)
    pool.push(tensor)
    if (role === 'state') states.push(tensor)
  }
  for (const shape of [[3, 4], [4, 3], [4], [2, 3, 4]]) given(shape, 'data')
  for (const shape of [[3, 4], [3, 4], [4, 4], [4]]) given(shape, 'state')
  const indices = g.input('rows', 'data', [5], 'int')
  data['rows'] = numbers(rng, [5], { below: 2 })

  const like = (x: Tensor): Tensor => pick(pool.filter(({ shape }) => shape.join() === x.shape.join()))
  /** Another layout of as many elements. */
  const laidOut = (x: Tensor): Shape => {
    const size = sizeOf(x.shape)
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((d) => size % d === 0)
    const rows = pick(divisors)
    return pick([[size], [rows, size / rows], [1, ...x.shape], [...x.shape, 1], [rows, 1, size / rows]])
  }
  // Bounded everywhere, so that errors stay small.
  const steps: readonly ((x: Tensor) => Tensor)[] = [
    (x) => g.tanh(x),
    (x) => g.abs(x),
    (x) => g.neg(x),
    (x) => g.exp(g.tanh(x)),
    (x) => g.log(g.add(g.abs(x), 1)),
    (x) => g.add(x, like(x)),
    (x) => g.sub(like(x), x),
    (x) => g.tanh(g.mul(x, like(x))),
    (x) => g.div(x, g.add(g.exp(g.neg(g.abs(like(x)))), 1)),
    (x) => g.max(x, like(x)),
    (x) => g.min(x, pick([0, 0.5, -1])),
    (x) => g.select(g.less(x, like(x)), like(x), 0.25),
    (x) => g.mul(x, pick([0, 1, -1, 0.5])),
    (x) => g.reshape(x, laidOut(x)),
    (x) => g.transpose(x, [...rng.permutation(x.shape.length)]),
    (x) =>
      g.broadcast(
        x,
        [2, ...x.shape],
        x.shape.map((_, i) => i + 1),
      ),
    (x) =>
      g.broadcast(
        x,
        [...x.shape, 3],
        x.shape.map((_, i) => i),
      ),
    (x) =>
      g.mean(
        x,
        [rng.integer(Math.max(x.shape.length, 1))].filter(() => x.shape.length > 0),
      ),
    (x) => g.sum(g.tanh(x), x.shape.length > 1 ? [0, -1] : x.shape.map((_, i) => i)),
    (x) => g.reduceMax(x, x.shape.length > 0 ? [-1] : []),
    (x) => (x.shape.length > 0 ? g.softmax(x) : x),
    (x) => (x.shape.length > 1 ? g.tanh(g.dot(x, x, { contract: [[0], [0]], batch: [[], []] })) : x),
    (x) => {
      const fitting = pool.filter(({ shape }) => shape.length > 0 && shape[0] === x.shape.at(-1))
      return fitting.length > 0 && x.shape.length > 0 ? g.tanh(g.dot(x, pick(fitting))) : x
    },
    (x) => ((x.shape[0] ?? 0) >= 2 ? g.take(x, indices) : x),
    (x) => (x.shape[0] === 5 ? g.scatterRows(indices, x, 3) : x),
    (x) => g.stopGradient(x),
    (x) => {
      const start = x.shape.map((size) => rng.integer(size))
      return g.slice(
        x,
        start,
        x.shape.map((size, axis) => size - at(start, axis)),
      )
    },
    (x) =>
      g.pad(
        x,
        x.shape.map(() => rng.integer(2)),
        x.shape.map(() => rng.integer(3)),
        pick([0, -0.5]),
      ),
    (x) => (x.shape.length > 0 ? g.concat([x, like(x), g.tanh(x)].slice(0, 1 + rng.integer(3)), -1) : x),
    (x) => (x.shape.length > 0 ? g.concat([g.mul(x, 0.5), like(x)], 0) : x),
    (x) => {
      const whole = (n: number) => g.constant(n, 'int')
      return g.mul(x, g.random(x.shape, 3, whole(rng.integer(9)), whole(5)))
    },
    // Sums from the front or from the back, and the differences that they make.
    (x) => {
      const [length, ...rest] = x.shape
      if (length === undefined || length === 0) return x
      const first = g.fill(rest, 0.1)
      const { carried, kept } = g.scan(
        { length, reverse: rng.integer(2) === 0, carried: [first], over: [x], given: [g.mul(first, 2)] },
        (body, { carried: [sum], over: [element], given: [two] }) => {
          if (!sum || !element || !two) throw new Error('three operands')
          const next = body.tanh(body.add(body.mul(sum, two), element))
          return { carried: [next], kept: [body.sub(next, sum)] }
        },
      )
      return at(rng.integer(3) === 0 ? carried : kept, 0)
    },
    (x) => g.convert(g.convert(g.mul(g.tanh(x), 7.3), 'int'), 'float'),
  ]
  for (let i = 0; i < 14; i++) {
    g.path = `s${i}`
    const y = pick(steps)(pick(rng.integer(2) === 0 ? pool : pool.slice(-5)))
    if (sizeOf(y.shape) <= 400 && y.shape.length <= 4) pool.push(y)
  }
  for (let i = 0; i < 4; i++) g.output(`y${i}`, 'step', pick(pool.slice(-8)))
  states.forEach((state, i) => {
    const name = g.inputs.find(({ value }) => value === state.id)?.name ?? ''
    const next = pick(pool.filter(({ shape }) => shape.join() === state.shape.join()))
    if (i > 0 || rng.integer(2) === 0)
      g.output(name, 'state', rng.integer(2) === 0 ? next : g.sub(state, g.mul(next, 0.1)))
  })
  return { program: g.build(), data }
}
