/** Gradient clipping against PyTorch's values, on both backends, and in a run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Builder } from '../../src/ir/builder.ts'
import { clip } from '../../src/train/clipping.ts'
import { backends, runProgram } from '../helpers/run-program.ts'
import { TOLERANCE, difference } from '../helpers/tolerance.ts'
import { cpu, dataFor, oracle, regression, train } from './runs.ts'

interface Case {
  readonly norm: number
  readonly value: number
  readonly gradients: readonly Shaped[]
  readonly clipped: readonly Shaped[]
}
interface Shaped {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../parity/fixtures/clipping.json'), 'utf8')) as Case[]

describe.each(backends.map((backend) => [backend.title, backend] as const))('on %s', (_title, backend) => {
  const tolerance = backend.name === 'reference' ? TOLERANCE.f64.same : TOLERANCE.f32.chain
  const clipped = async ({ gradients }: Case, bounds: { norm: number; value: number }) => {
    const builder = new Builder()
    const inputs = gradients.map(({ shape }, i) => builder.input(`g${i}`, 'data', shape))
    clip(builder, inputs, bounds).forEach((gradient, i) => builder.output(`c${i}`, 'step', builder.mul(gradient, 1)))
    const results = await runProgram(
      backend,
      builder.build(),
      Object.fromEntries(gradients.map(({ data }, i) => [`g${i}`, data])),
    )
    return [...results.values()].flat()
  }

  test.each(cases.map((one) => [one.norm, one.value, one] as const))('norm %d, value %d', async (norm, value, one) => {
    const expected = one.clipped.flatMap(({ data }) => data)
    expect(difference(await clipped(one, { norm, value }), expected, tolerance)).toBeUndefined()
    // The control: where it acts, another bound gives another result.
    const given = one.gradients.flatMap(({ data }) => data)
    if (difference(expected, given, tolerance)) {
      const other = await clipped(one, { norm: norm * 1.01, value: value * 1.01 })
      expect(difference(other, expected, tolerance)).toBeDefined()
    }
  })
})

test('the fixtures hold what acts and what does not', () => {
  const acts = cases.map(({ gradients, clipped }) => JSON.stringify(gradients) !== JSON.stringify(clipped))
  expect(acts.filter((one) => one).length).toBeGreaterThan(8)
  expect(acts.filter((one) => !one).length).toBeGreaterThan(4)
})

test.each([
  ['wasm', cpu],
  ['reference', oracle],
] as const)('on %s no step of plain descent is longer than rate times norm, biases included', async (_name, device) => {
  const longest = async (norm: number) => {
    const document = regression({
      batchSize: 8,
      epochs: 1,
      params: { rate: 0.5, momentum: 0 },
      clipping: { norm, value: 0 },
    })
    const data = dataFor(document, 8, 0)
    const none = await train(
      {
        ...document,
        training: { ...document.training, epochs: 1, optimizer: { type: 'sgd', params: { rate: 0, momentum: 0 } } },
      },
      data,
      await device(),
    )
    const { weights } = await train(document, data, await device())
    const moved = Object.keys(weights).flatMap((name) =>
      (weights[name] ?? []).map((value, i) => value - (none.weights[name]?.[i] ?? NaN)),
    )
    return Math.hypot(...moved)
  }
  const free = await longest(0)
  expect(free).toBeGreaterThan(0.01)
  expect(await longest(0.01)).toBeCloseTo(0.5 * 0.01, 5)
  expect(await longest(1000)).toBe(free)
})
