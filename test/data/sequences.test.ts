/** Sequences have a scale for each feature, the same at all times. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { applyPreparation, prepare } from '../../src/data/index.ts'
import { MadeExamples } from '../../src/data/preparation/made.ts'
import type { HeldExamples, PreparedData } from '../../src/data/types.ts'
import type { Scaling } from '../../src/document/types.ts'
import { messages, sectionOf, valueOf } from './files.ts'

const TIME = 7
const COUNT = 40
/** A sine beside prices in thousands, and a feature that never changes. */
const raw: HeldExamples = {
  count: COUNT,
  shape: [TIME, 3],
  features: Float32Array.from({ length: COUNT * TIME * 3 }, (_, i) => {
    const step = Math.floor(i / 3)
    const noise = new Rng(i, 'sequences').uniform(-1, 1)
    return [Math.sin(step), 20_000 + 500 * noise, 4][i % 3] ?? 0
  }),
  target: { kind: 'numbers', names: ['y'] },
  targets: Float32Array.from({ length: COUNT }, (_, i) => i),
}
const sectionWith = (scale: Scaling, features: readonly number[] = raw.shape) =>
  sectionOf(
    { kind: 'examples', reader: 'numpy', options: {}, files: [], features, target: raw.target },
    { preparation: { scale, missing: 'fill' } },
  )
const prepared = (scale: Scaling): PreparedData<Float32Array> => valueOf(prepare(raw, sectionWith(scale)))

/** All numbers of a feature, of these examples. */
function numbersOf(values: ArrayLike<number>, feature: number, rows?: Uint32Array): number[] {
  const all = Array.from(values)
  const of = rows ? [...rows].flatMap((row) => all.slice(row * TIME * 3, (row + 1) * TIME * 3)) : all
  return of.filter((_, i) => i % 3 === feature)
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

describe('each feature', () => {
  test('is standardised on its own, by the training part', () => {
    const { train, validation, fitted } = prepared('standardise')
    expect(fitted.columns).toHaveLength(3)
    for (const feature of [0, 1]) {
      const own = numbersOf(raw.features, feature, train.rows)
      expect(fitted.columns[feature]?.mean).toBeCloseTo(mean(own), 6)
      expect(fitted.columns[feature]?.deviation).toBeCloseTo(deviation(own), 6)
      expect(mean(numbersOf(train.features, feature))).toBeCloseTo(0, 4)
      expect(deviation(numbersOf(train.features, feature))).toBeCloseTo(1, 4)
      const later = numbersOf(raw.features, feature, validation.rows)
      numbersOf(validation.features, feature).forEach((value, i) =>
        expect(value).toBeCloseTo(((later[i] ?? 0) - mean(own)) / deviation(own), 4),
      )
    }
    expect(new Set(numbersOf(train.features, 2))).toEqual(new Set([0]))
    // Control: one scale for all of them would leave the sine no room.
    const all = Array.from(raw.features)
    expect(deviation(numbersOf(raw.features, 0)) / deviation(all)).toBeLessThan(0.001)
  })

  test('has its own ends and its own logarithm', () => {
    const ends = prepared('minMax')
    for (const feature of [0, 1]) {
      const values = numbersOf(ends.train.features, feature)
      expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1])
    }
    const { fitted, train } = prepared('log')
    const logs = numbersOf(raw.features, 1, train.rows).map(Math.log1p)
    expect(fitted.columns[1]).toMatchObject({ log: true })
    expect(fitted.columns[1]?.mean).toBeCloseTo(mean(logs), 6)
  })

  test('is left alone where nothing is to be scaled', () => {
    const { train } = prepared('none')
    expect(numbersOf(train.features, 1)).toEqual(numbersOf(raw.features, 1, train.rows))
  })
})

describe('later examples', () => {
  test('are done as in training, at once and one by one', async () => {
    const { fitted, train } = prepared('standardise')
    const later = valueOf(applyPreparation(fitted, raw, sectionWith('standardise')))
    const first = train.rows?.[0] ?? 0
    const size = TIME * 3
    const expected = train.features.subarray(0, size)
    expect(later.features.subarray(first * size, (first + 1) * size)).toEqual(expected)
    const out = new Float32Array(size)
    await new MadeExamples(raw.features, Uint32Array.of(first), { shape: raw.shape, columns: fitted.columns }).write(
      out,
      [0],
      0,
    )
    expect(out).toEqual(expected)
  })

  test('are done as weights say that were saved when all features shared one scale', () => {
    const old = { columns: [{ mean: 10, deviation: 4, fill: 10 }], targets: [] }
    const { features } = valueOf(applyPreparation(old, raw, sectionWith('standardise')))
    expect(features[1]).toBeCloseTo(((raw.features[1] ?? 0) - 10) / 4, 3)
    expect(features[0]).toBeCloseTo(((raw.features[0] ?? 0) - 10) / 4, 5)
  })

  test('are refused with another number of features', () => {
    const { fitted } = prepared('standardise')
    const other = { ...raw, shape: [TIME * 3, 1], count: COUNT }
    expect(messages(applyPreparation(fitted, other, sectionWith('standardise', [TIME * 3, 1])))).toEqual([
      'The examples have shape [21, 1], but the network was trained on 3 features; choose matching data.',
    ])
  })
})

test('codes of a text are never scaled', () => {
  const codes: HeldExamples = { ...raw, shape: [TIME * 3], codes: true, features: raw.features.map(() => 5) }
  const { train } = valueOf(prepare(codes, sectionWith('standardise', [TIME * 3])))
  expect(new Set(train.features)).toEqual(new Set([5]))
})
