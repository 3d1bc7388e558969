/** Who can see whom in attention, and what an embedding, a latent and a positional encoding promise beside PyTorch's numbers. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { blockNamed, blockValues, type Nested } from '../helpers/block-values.ts'
import { blockProgram, newBlockBuilder, PATH, place } from '../helpers/block-program.ts'
import { numbers } from '../helpers/random.ts'
import { reference, wasm } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'

const nested = (data: ArrayLike<number>, [first = 1, ...rest]: Shape): Nested => {
  const size = sizeOf(rest)
  return Array.from({ length: first }, (_, i) =>
    rest.length === 0 ? (data[i] ?? 0) : nested(Array.from(data).slice(i * size, (i + 1) * size), rest),
  )
}
const drawn = (shape: Shape, seed = 1): Nested => nested(numbers(new Rng(seed), shape), shape)
/** Random weights for a block. */
function weightsFor(type: string, params: ParamValues, shapes: { readonly [port: string]: Shape }) {
  const { inputs } = blockProgram(blockNamed(type), params, shapes)
  const weights = Object.entries(inputs).filter(([name]) => name.startsWith(`${PATH}.`))
  return Object.fromEntries(weights.map(([name, shape]) => [name, [...numbers(new Rng(5, name), shape)]]))
}
function refusal(type: string, params: ParamValues, shapes: { readonly [port: string]: Shape }) {
  const g = newBlockBuilder()
  const ports = Object.fromEntries(Object.entries(shapes).map(([port, shape]) => [port, g.input(port, 'data', shape)]))
  return () => place(g, blockNamed(type), params, ports)
}

describe.each([reference, wasm].map((backend) => [backend.title, backend] as const))('on the %s', (_title, backend) => {
  describe('attention', () => {
    const [time, features] = [4, 6]
    const shape = [2, time, features]
    const x = drawn(shape)
    const attend = (params: ParamValues, more: object = {}, ports: { readonly [port: string]: Nested } = { x }) =>
      blockValues('attention', {
        params,
        ports,
        backend,
        more: { ...weightsFor('attention', params, { x: shape }), ...more },
      })
    /** Which steps of x the output at a step has a gradient by. */
    const seen = async (params: ParamValues, step: number) => {
      const r = Array.from({ length: 2 * time * features }, (_, i) =>
        Math.floor(i / features) % time === step ? 1 : 0,
      )
      const gradient = get(await attend(params, { 'r.y': r }), 'd.x')
      return Array.from({ length: time }, (_, t) =>
        gradient.some((d, i) => d !== 0 && Math.floor(i / features) % time === t),
      )
    }

    test('sees everything, or only what comes before', async () => {
      expect(await seen({ heads: 2 }, 1)).toEqual([true, true, true, true])
      expect(await seen({ heads: 2, causal: true }, 1)).toEqual([true, true, false, false])
      expect(await seen({ causal: true }, 3)).toEqual([true, true, true, true])
    })

    test('of steps that are all alike is what they are, in any number of heads', async () => {
      const row = [1, -2, 0.5, 3, 0, 1]
      const one = await attend({}, {}, { x: [[row], [row]] })
      const many = await attend(
        { heads: 3 },
        {},
        { x: [new Array<number[]>(5).fill(row), new Array<number[]>(5).fill(row)] },
      )
      for (let t = 0; t < 10; t++)
        expectClose(
          get(many, 'y').slice(t * features, (t + 1) * features),
          get(one, 'y').slice(0, features),
          TOLERANCE.f32.product,
        )
    })

    test('of itself as its own context is that without one', async () => {
      const params = { heads: 2 }
      expectClose(
        get(await attend(params, {}, { x, context: x }), 'y'),
        get(await attend(params), 'y'),
        TOLERANCE.f32.product,
      )
      const other = await attend(params, {}, { x, context: drawn(shape, 2) })
      expect(difference(get(other, 'y'), get(await attend(params), 'y'), TOLERANCE.f32.product)).toMatch(/differ/)
    })
  })

  describe('an embedding', () => {
    const table = [10, 11, 20, 21, 30, 31]
    const look = (x: Nested) =>
      blockValues('embedding', {
        params: { rows: 3, features: 2 },
        ports: { x },
        more: { [`${PATH}.weight`]: table },
        backend,
      })

    test('hands out rows of its table, and adds up what comes back to a row', async () => {
      const found = await look([
        [2, 0],
        [2, 2],
      ])
      expect(get(found, 'y')).toEqual([30, 31, 10, 11, 30, 31, 30, 31])
      expect(get(found, `d.${PATH}.weight`)).toEqual([1, 1, 0, 0, 3, 3])
      expect(get(found, 'd.x')).toEqual([0, 0, 0, 0])
    })

    test('is infinite where there is no such row, and only there', async () => {
      for (const wrong of [3, -1, 0.5, 1e9, -1e9, Infinity]) {
        const y = get(await look([[1, wrong]]), 'y')
        expect(y.map(Number.isFinite), String(wrong)).toEqual([true, true, false, false])
      }
    })
  })

  test('a latent has both heads learn, and its variance is never negative or infinite', async () => {
    for (const params of [{}, { hidden: 3 }, { form: 'softplus' }] as ParamValues[]) {
      const more = weightsFor('latent', params, { x: [2, 4] })
      const found = await blockValues('latent', { params, ports: { x: drawn([2, 4]) }, more, backend })
      const gradients = [...found].filter(([name]) => name.startsWith(`d.${PATH}.`))
      expect(gradients).toHaveLength('hidden' in params ? 8 : 4)
      for (const [name, values] of gradients)
        expect(
          values.some((d) => d !== 0),
          name,
        ).toBe(true)
    }
    const bias = { [`${PATH}.logVariance.bias`]: [-1e4, 1e4], [`${PATH}.mean.bias`]: [0, 0] }
    const found = await blockValues('latent', {
      params: { form: 'softplus' },
      ports: { x: [[0], [0]] },
      more: bias,
      backend,
    })
    expectClose(get(found, 'logVariance'), [-1e4, Math.log(1e4), -1e4, Math.log(1e4)], TOLERANCE.f32.chain)
    for (const values of found.values()) expect(values.every(Number.isFinite)).toBe(true)
  })

  test('positions far down a sequence still have waves between -1 and 1', async () => {
    const [time, features] = [2000, 4]
    const x = [Array.from({ length: time }, () => new Array<number>(features).fill(0))]
    const y = get(await blockValues('positional', { ports: { x }, backend }), 'y')
    let furthest = 0
    for (const t of [0, 1, 2, 777, 1999])
      for (let k = 0; k < features; k++) {
        const angle = t / 10000 ** ((2 * Math.floor(k / 2)) / features)
        furthest = Math.max(
          furthest,
          Math.abs(at(y, t * features + k) - (k % 2 === 0 ? Math.sin(angle) : Math.cos(angle))),
        )
      }
    expect(furthest).toBeLessThan(backend === reference ? 1e-11 : 5e-4)
    expect(Math.max(...y.map(Math.abs))).toBeLessThanOrEqual(1.0001)
  })
})

test('they say what does not fit', () => {
  expect(refusal('attention', {}, { x: [2, 3] })).toThrow(/must be a sequence/)
  expect(refusal('attention', { heads: 4 }, { x: [2, 3, 6] })).toThrow(
    /6 features .* 4 equal heads; choose a divisor of 6/,
  )
  expect(refusal('attention', { causal: true }, { x: [2, 3, 6], context: [2, 4, 6] })).toThrow(/Turn Causal off/)
  expect(refusal('attention', {}, { x: [2, 3, 6], context: [2, 4] })).toThrow(/the context must be a sequence/)
  expect(refusal('positional', {}, { x: [2, 3] })).toThrow(/must be a sequence/)
  expect(refusal('latent', {}, { x: [2] })).toThrow(/only the batch axis/)
})
