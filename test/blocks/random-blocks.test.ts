/** Dropout, noise and sampling: what is random, what is frozen within a step, and what evaluation leaves out. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import type { Mode } from '../../src/blocks/define.ts'
import { blockNamed, blockValues, flat, type Nested } from '../helpers/block-values.ts'
import { blockProgram, newBlockBuilder, place } from '../helpers/block-program.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { expectClose, TOLERANCE } from '../helpers/tolerance.ts'

const onEach = describe.each([reference, wasm].map((backend) => [backend.title, backend] as const))
const ones = (...shape: number[]): Nested =>
  shape.length === 0 ? 1 : new Array<Nested>(shape[0] ?? 0).fill(ones(...shape.slice(1)))
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
const variance = (values: readonly number[]) => {
  const middle = mean(values)
  return mean(values.map((x) => (x - middle) ** 2))
}
const MANY = 100_000

onEach('dropout on the %s', (_title, backend) => {
  const drop = (ports: { x: Nested }, params: ParamValues, step = 3, seed = 7, mode: Mode = 'train') =>
    blockValues('dropout', {
      params,
      ports,
      mode,
      backend,
      more: { 'random/step': [step], 'random/seed': [seed] },
    })

  test.each([0.5, 0.2, 0.9])('at a rate of %d drops that share and keeps the mean', async (rate) => {
    const y = get(await drop({ x: ones(100, MANY / 100) }, { rate }), 'y')
    const dropped = y.filter((value) => value === 0).length / MANY
    const error = Math.sqrt((rate * (1 - rate)) / MANY)
    expect(Math.abs(dropped - rate)).toBeLessThan(4 * error)
    expect(Math.abs(mean(y) - 1)).toBeLessThan((4 * error) / (1 - rate))
    for (const value of new Set(y)) if (value !== 0) expect(value).toBeCloseTo(1 / (1 - rate), 5)
    // The control: another rate would be seen.
    expect(Math.abs(dropped - rate * 0.9)).toBeGreaterThan(4 * error)
  })

  test('has one mask for the way there and the way back, and another at each step and for each seed', async () => {
    const x = ones(8, 16)
    const masks = new Set<string>()
    for (const [step, seed] of [
      [3, 7],
      [4, 7],
      [3, 8],
    ] as const) {
      const found = await drop({ x }, {}, step, seed)
      expect(get(found, 'd.x')).toEqual(get(found, 'y'))
      expect(get(await drop({ x }, {}, step, seed), 'y')).toEqual(get(found, 'y'))
      masks.add(get(found, 'y').join())
    }
    expect(masks.size).toBe(3)
  })

  test('of whole channels drops them everywhere in an example, and in each example others', async () => {
    const y = get(await drop({ x: ones(6, 4, 5, 8) }, { spatial: true }), 'y')
    const channel = (n: number, c: number) => Array.from({ length: 20 }, (_, place) => at(y, (n * 20 + place) * 8 + c))
    const kept = Array.from({ length: 6 }, (_, n) =>
      Array.from({ length: 8 }, (_c, c) => {
        expect(new Set(channel(n, c)).size).toBe(1)
        return at(channel(n, c), 0)
      }).join(),
    )
    expect(new Set(kept).size).toBeGreaterThan(1)
    expect(new Set(y)).toEqual(new Set([0, 2]))
    // The control: single numbers are not dropped like that.
    const single = get(await drop({ x: ones(6, 4, 5, 8) }, {}), 'y')
    expect(new Set(single.filter((_, i) => i % 8 === 0).slice(0, 20)).size).toBe(2)
  })

  test('passes everything on in evaluation, and at a rate of 0', async () => {
    const x = [
      [1, -2, 3],
      [0.5, 0, -7],
    ]
    expect(get(await drop({ x }, {}, 3, 7, 'evaluate'), 'y')).toEqual(flat(x))
    expect(get(await drop({ x }, { rate: 0 }), 'y')).toEqual(flat(x))
    expect(get(await drop({ x }, {}), 'y')).not.toEqual(flat(x))
  })
})

onEach('Gaussian noise on the %s', (_title, backend) => {
  const x = ones(100, MANY / 100)
  const noisy = (step: number, deviation = 0.3, mode: Mode = 'train') =>
    blockValues('gaussianNoise', {
      params: { deviation },
      ports: { x },
      mode,
      backend,
      more: { 'random/step': [step] },
    })

  test('has the mean and the deviation asked for, changes with each step, and lets the gradient through', async () => {
    const found = await noisy(3)
    const y = get(found, 'y')
    expect(Math.abs(mean(y) - 1)).toBeLessThan((4 * 0.3) / Math.sqrt(MANY))
    expect(Math.abs(variance(y) / 0.09 - 1)).toBeLessThan(4 * Math.sqrt(2 / MANY))
    expect(Math.abs(variance(get(await noisy(3, 0.31), 'y')) / 0.09 - 1)).toBeGreaterThan(4 * Math.sqrt(2 / MANY))
    expect(new Set(get(found, 'd.x'))).toEqual(new Set([1]))
    expect(get(await noisy(3), 'y')).toEqual(y)
    expect(get(await noisy(4), 'y')).not.toEqual(y)
  })

  test('is not there in evaluation', async () => {
    expect(new Set(get(await noisy(3, 0.3, 'evaluate'), 'y'))).toEqual(new Set([1]))
  })
})

onEach('a sample on the %s', (_title, backend) => {
  const [mu, l] = [0.75, -1.2]
  const rows = (value: number) => Array.from({ length: 100 }, () => new Array<number>(MANY / 100).fill(value))
  const draw = (mode: Mode = 'train', logVariance = l) =>
    blockValues('sample', { ports: { mean: rows(mu), logVariance: rows(logVariance) }, mode, backend })

  test('has mean and variance of its Gaussian, and sends the gradient to both', async () => {
    const found = await draw()
    const z = get(found, 'z')
    const wanted = Math.exp(l)
    expect(Math.abs(mean(z) - mu)).toBeLessThan(4 * Math.sqrt(wanted / MANY))
    expect(Math.abs(variance(z) / wanted - 1)).toBeLessThan(4 * Math.sqrt(2 / MANY))
    expect(Math.abs(variance(get(await draw('train', l + 0.05), 'z')) / wanted - 1)).toBeGreaterThan(
      4 * Math.sqrt(2 / MANY),
    )
    expect(new Set(get(found, 'd.mean'))).toEqual(new Set([1]))
    // Of z = μ + e^(l / 2) ε with the same ε.
    expectClose(
      get(found, 'd.logVariance'),
      z.map((value) => (value - mu) / 2),
      TOLERANCE.f32.chain,
    )
  })

  test('is a draw in evaluation too where that is asked for', async () => {
    const ports = { mean: [[0, 0, 0]], logVariance: [[0, 0, 0]] }
    const one = { params: { evaluation: 'draw' }, ports, backend }
    expect(get(await blockValues('sample', { ...one, mode: 'evaluate' }), 'z')).toEqual(
      get(await blockValues('sample', one), 'z'),
    )
  })

  test('is the mean in evaluation', async () => {
    const found = await draw('evaluate')
    expect(new Set(get(found, 'z')).size).toBe(1)
    expect(at(get(found, 'z'), 0)).toBeCloseTo(mu, 6)
    expect(new Set(get(found, 'd.logVariance'))).toEqual(new Set([0]))
  })

  test('stays finite at variances beyond all use', async () => {
    const ports = { mean: [[1e4, -1e4, 0]], logVariance: [[1e4, -1e4, 60]] }
    const found = await blockValues('sample', { ports, backend })
    for (const values of found.values()) expect(values.every(Number.isFinite)).toBe(true)
    expect(at(get(found, 'z'), 1)).toBe(-1e4)
  })
})

test('two blocks, and two of a kind, have random numbers of their own', async () => {
  const g = newBlockBuilder()
  const x = g.input('x', 'data', [4, 50])
  for (const path of ['one', 'two']) {
    g.path = path
    const { y } = blockNamed('gaussianNoise').build(g, { x }, { deviation: 1 })
    if (y) g.output(path, 'step', y)
  }
  const found = await runProgram(reference, g.build(), { x: flat(ones(4, 50)) })
  expect(get(found, 'one')).not.toEqual(get(found, 'two'))
})

test('in evaluation no block asks for random numbers', () => {
  for (const type of ['dropout', 'gaussianNoise', 'sample']) {
    const shapes = Object.fromEntries(Object.keys(blockNamed(type).inputs).map((port) => [port, [2, 3]]))
    const random = (mode: Mode) =>
      blockProgram(blockNamed(type), {}, shapes, mode).program.inputs.filter(({ name }) => name.startsWith('random/'))
    expect(random('evaluate')).toEqual([])
    expect(random('train')).toHaveLength(2)
  }
})

test('whole channels of a plain list are refused in a sentence', () => {
  const g = newBlockBuilder()
  const x = g.input('x', 'data', [2, 3])
  expect(() => place(g, blockNamed('dropout'), { spatial: true }, { x })).toThrow(/turn Whole channels off/)
})
