import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import type { Shape } from '../../src/base/shape.ts'
import type { DataSignature } from '../../src/blocks/define.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import { Builder } from '../../src/ir/builder.ts'
import metrics from '../../src/train/metrics/index.gen.ts'
import { recorded } from '../../src/train/validation.ts'
import { numbers } from '../helpers/random.ts'

function metric(name: string) {
  const found = metrics.find((one) => one.name === name)
  if (!found) throw new Error(name)
  return found
}

function measure(
  name: string,
  shape: Shape,
  prediction: readonly number[],
  target: readonly number[],
  deviation?: readonly number[],
  targetShape = shape,
): number {
  const g = new Builder()
  const given = { p: prediction, t: target, ...(deviation && { d: deviation }) }
  const data = new Map(Object.entries(given).map(([key, values]) => [key, Float64Array.from(values)]))
  const scale = deviation && g.input('d', 'data', [deviation.length])
  const result = metric(name).build(g, g.input('p', 'data', shape), g.input('t', 'data', targetShape), scale)
  expect(result.shape).toEqual([])
  return at(evaluate(g.build(), data)(result.id).data, 0)
}

const rows = (data: readonly number[], width: number) =>
  Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width))

describe('accuracy', () => {
  test.each([2, 3, 10])('with %i classes counts the rows whose greatest is the true one', (classes) => {
    const rng = new Rng(classes)
    const prediction = [...numbers(rng, [40, classes])]
    const truth = Array.from({ length: 40 }, () => rng.integer(classes))
    const target = truth.flatMap((k) => Array.from({ length: classes }, (_, i) => (i === k ? 1 : 0)))
    let right = 0
    rows(prediction, classes).forEach((row, n) => {
      if (row.every((x) => x <= at(row, at(truth, n)))) right++
    })
    expect(right).toBeGreaterThan(0)
    expect(right).toBeLessThan(40)
    expect(measure('accuracy', [40, classes], prediction, target)).toBeCloseTo(right / 40, 14)
  })

  test('with a single output counts those on the right side of one half', () => {
    expect(measure('accuracy', [5, 1], [0.9, 0.4, 0.6, 0.1, 0.5], [1, 1, 1, 0, 0])).toBeCloseTo(0.8, 14)
  })

  test('takes each class as its position too, and counts each step of a sequence', () => {
    const prediction = [3, 1, 2, 0, 5, 1, 0, 2, 9, 4, 4, 3]
    const [classes, oneHot] = [
      [0, 1, 0, 0],
      [1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0],
    ]
    expect(measure('accuracy', [4, 3], prediction, oneHot)).toBe(0.75)
    expect(measure('accuracy', [4, 3], prediction, classes, undefined, [4])).toBe(0.75)
    expect(measure('accuracy', [4, 3], prediction, classes, undefined, [4, 1])).toBe(0.75)
    expect(measure('accuracy', [2, 2, 3], prediction, oneHot)).toBe(0.75)
    expect(measure('accuracy', [2, 2, 3], prediction, classes, undefined, [2, 2])).toBe(0.75)
    expect(measure('accuracy', [2, 2, 3], prediction, [0, 1, 2, 0], undefined, [2, 2])).toBe(1)
  })

  test('with equal outputs takes the first', () => {
    expect(measure('accuracy', [2, 2], [1, 1, 1, 1], [1, 0, 0, 1])).toBe(0.5)
  })
})

describe('mean absolute error', () => {
  const [prediction, target] = [numbers(new Rng(1), [6, 2]), numbers(new Rng(2), [6, 2])]
  const distance = (scale: readonly number[]) => {
    let sum = 0
    for (let i = 0; i < 12; i++) sum += Math.abs(at(prediction, i) - at(target, i)) * at(scale, i % 2)
    return sum / 12
  }

  test('is the mean distance, in the unit of the data', () => {
    expect(measure('meanAbsoluteError', [6, 2], [...prediction], [...target])).toBeCloseTo(distance([1, 1]), 12)
    expect(measure('meanAbsoluteError', [6, 2], [...prediction], [...target], [3, 0.5])).toBeCloseTo(
      distance([3, 0.5]),
      12,
    )
  })
})

describe('root mean squared error', () => {
  const [prediction, target] = [numbers(new Rng(1), [6, 2]), numbers(new Rng(2), [6, 2])]
  const { finish } = metric('rootMeanSquareError')
  const squares = (rows: readonly number[], scale: readonly number[]) => {
    let sum = 0
    for (const n of rows)
      for (let k = 0; k < 2; k++) sum += ((at(prediction, 2 * n + k) - at(target, 2 * n + k)) * at(scale, k)) ** 2
    return sum / (2 * rows.length)
  }

  test('is the root of the mean over all examples, in the unit of the data', () => {
    const all = [0, 1, 2, 3, 4, 5]
    const mean = measure('rootMeanSquareError', [6, 2], [...prediction], [...target], [3, 0.5])
    expect(finish?.(mean)).toBeCloseTo(Math.sqrt(squares(all, [3, 0.5])), 12)
    // Not the mean of the roots of batches.
    const parts = [
      [0, 1],
      [2, 3, 4, 5],
    ].map((rows) => squares(rows, [1, 1]))
    const whole = (at(parts, 0) * 2 + at(parts, 1) * 4) / 6
    expect(finish?.(whole)).toBeCloseTo(Math.sqrt(squares(all, [1, 1])), 12)
    expect((Math.sqrt(at(parts, 0)) * 2 + Math.sqrt(at(parts, 1)) * 4) / 6).not.toBeCloseTo(
      Math.sqrt(squares(all, [1, 1])),
      6,
    )
  })

  test('is what a run records of each batch and of a validation', () => {
    const list = recorded({ parts: [], metrics: [metric('rootMeanSquareError'), metric('meanAbsoluteError')] })
    expect(list.map(({ name, finish: read }) => [name, read(9)])).toEqual([
      ['loss', 9],
      ['rootMeanSquareError', 3],
      ['meanAbsoluteError', 9],
    ])
  })
})

test('each metric fits its own kind of target, and only a prediction of the same shape', () => {
  const g = new Builder()
  const [wide, narrow, picture] = [
    g.input('a', 'data', [4, 3]),
    g.input('b', 'data', [4, 2]),
    g.input('c', 'data', [4, 3, 1]),
  ]
  const classes: DataSignature = { features: [2], target: { kind: 'classes', classes: 3 } }
  const values: DataSignature = { features: [2], target: { kind: 'numbers', size: 3 } }
  const fitting = (signature: DataSignature, p: typeof wide, t: typeof wide) =>
    metrics.filter((one) => one.fits(signature, p, t)).map(({ name }) => name)
  expect(fitting(classes, wide, wide)).toEqual(['accuracy'])
  expect(fitting(values, wide, wide)).toEqual(['meanAbsoluteError', 'rootMeanSquareError'])
  expect(fitting(classes, wide, g.input('d', 'data', [4]))).toEqual(['accuracy'])
  expect(fitting(classes, wide, g.input('e', 'data', [4, 1]))).toEqual(['accuracy'])
  expect(fitting(classes, narrow, wide)).toEqual([])
  expect(fitting(values, narrow, wide)).toEqual([])
  expect(fitting(classes, picture, picture)).toEqual([])
})
