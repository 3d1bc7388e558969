import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { calibrationOf, evaluateClasses, predictedClasses } from '../../src/train/evaluation/classes.ts'
import { oneAgainstRest } from '../../src/train/evaluation/curves.ts'
import { evaluateNumbers, evaluateReconstruction } from '../../src/train/evaluation/numbers.ts'
import { evaluateLabels } from '../../src/train/evaluation/labels.ts'
import { histogramOf, largest, smallest, spread } from '../../src/train/evaluation/rank.ts'
import { MOST_CURVE_POINTS, MOST_POINTS, MOST_SAMPLES } from '../../src/train/evaluation/types.ts'

interface ClassCase {
  readonly kinds: number
  readonly truths: readonly number[]
  readonly scores: readonly number[]
  readonly matrix: readonly number[]
  readonly accuracy: number
  readonly precision: readonly number[]
  readonly recall: readonly number[]
  readonly f1: readonly number[]
  readonly support: readonly number[]
  readonly macro: readonly number[]
  readonly weighted: readonly number[]
  readonly curves: readonly (readonly [number, number] | null)[]
}
interface NumberCase {
  readonly truths: readonly number[]
  readonly predicted: readonly number[]
  readonly mae: number
  readonly rmse: number
  readonly r2: number
}
interface LabelCase {
  readonly width: number
  readonly truths: readonly number[]
  readonly scores: readonly number[]
  readonly matrices: readonly (readonly number[])[]
  readonly accuracy: number
  readonly exact: number
  readonly precision: readonly number[]
  readonly recall: readonly number[]
  readonly f1: readonly number[]
  readonly auc: readonly number[]
  readonly averagePrecision: readonly number[]
  /** Mean binary cross-entropy of each example. */
  readonly loss: readonly number[]
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/evaluation.json', import.meta.url), 'utf8')) as {
  readonly classes: readonly ClassCase[]
  readonly numbers: readonly NumberCase[]
  readonly labels: readonly LabelCase[]
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i)
const letters = (n: number) => count(n).map((i) => String.fromCharCode(97 + i))
const TOLERANCE = 1e-9

const classesOf = (scores: readonly number[], truths: readonly number[], kinds: number) =>
  evaluateClasses({ scores, truths, names: letters(kinds), indices: count(truths.length) })

/** All that scikit-learn says, as one row of numbers; where we have none it says 0. */
function rowOf(scores: readonly number[], truths: readonly number[], kinds: number): number[] {
  const found = classesOf(scores, truths, kinds)
  const means = ({ precision, recall, f1 }: typeof found.macro) => [precision, recall, f1]
  return [
    ...(found.matrix ?? []),
    found.accuracy,
    ...found.classes.flatMap(({ precision, recall, f1, support, auc, averagePrecision }) => {
      return [precision ?? 0, recall ?? 0, f1 ?? 0, support, auc ?? -1, averagePrecision ?? -1]
    }),
    ...means(found.macro),
    ...means(found.weighted),
  ]
}
const expectedRow = (one: ClassCase) => [
  ...one.matrix,
  one.accuracy,
  ...count(one.kinds).flatMap((k) => {
    return [one.precision[k], one.recall[k], one.f1[k], one.support[k], ...(one.curves[k] ?? [-1, -1])]
  }),
  ...one.macro,
  ...one.weighted,
]
const distance = (a: readonly number[], b: readonly (number | undefined)[]) =>
  a.length === b.length ? Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) : Infinity

test('matrix, precision, recall, F1, their means and the areas are those of scikit-learn', () => {
  for (const one of fixture.classes) {
    expect(distance(rowOf(one.scores, one.truths, one.kinds), expectedRow(one))).toBeLessThan(TOLERANCE)
    // The control: one example of another class is seen.
    const [first = 0, ...rest] = one.truths
    const other = one.truths.find((truth) => truth !== first) ?? 0
    expect(distance(rowOf(one.scores, [other, ...rest], one.kinds), expectedRow(one))).toBeGreaterThan(1e-3)
  }
})

test('with ties every threshold takes all examples of a score or none', () => {
  const scores = [0.5, 0.5, 0.5, 0.5]
  const flat = oneAgainstRest(scores, (i) => i < 2)
  expect(flat).toMatchObject({ auc: 0.5, averagePrecision: 0.5 })
  expect([...(flat?.roc.x ?? [])]).toEqual([0, 1])
  // By pairs: the share in which the one has the higher score, and half of those that tie.
  const rng = new Rng(3, 'ties')
  const many = count(60).map(() => rng.integer(6) / 5)
  const isOne = (i: number) => (i * 7) % 3 === 0
  let [won, pairs] = [0, 0]
  for (const i of count(60).filter(isOne))
    for (const j of count(60).filter((k) => !isOne(k))) {
      const [one = 0, other = 0] = [many[i], many[j]]
      won += one > other ? 1 : one === other ? 0.5 : 0
      pairs++
    }
  const { auc } = oneAgainstRest(many, isOne) ?? { auc: NaN }
  expect(auc).toBeCloseTo(won / pairs, 12)
  expect(
    oneAgainstRest(
      many.map((x) => -x),
      isOne,
    )?.auc,
  ).toBeCloseTo(1 - won / pairs, 12)
})

test('a class alone, or none of it, has no curves and no score that means nothing', () => {
  expect(oneAgainstRest([0.1, 0.9], () => true)).toBeNull()
  expect(oneAgainstRest([0.1, 0.9], () => false)).toBeNull()
  const found = classesOf([0.9, 0.1, 0, 0.8, 0.2, 0], [0, 0], 3)
  expect(found.classes).toEqual([
    { support: 2, precision: 1, recall: 1, f1: 1, auc: null, averagePrecision: null },
    { support: 0, precision: null, recall: null, f1: null, auc: null, averagePrecision: null },
    { support: 0, precision: null, recall: null, f1: null, auc: null, averagePrecision: null },
  ])
  expect(found.macro).toEqual({ precision: 1, recall: 1, f1: 1 })
  expect(found.curves).toEqual([])
})

test('one output is the probability of the second of two classes', () => {
  const one = { scores: [0.2, 0.7, 0.5, 0.9], truths: [0, 1, 0, 0], names: ['no', 'yes'], indices: count(4) }
  expect([...predictedClasses(one)]).toEqual([0, 1, 0, 1])
  const two = evaluateClasses({ ...one, scores: one.scores.flatMap((p) => [1 - p, p]) })
  expect(evaluateClasses(one)).toEqual(two)
  expect([...(two.matrix ?? [])]).toEqual([2, 1, 0, 1])
})

test('answers that are not numbers count nowhere, and are named', () => {
  const found = evaluateClasses({
    scores: [0.9, 0.1, NaN, 0.3, 0.2, Infinity, 0.4, 0.6],
    truths: [0, 1, 0, 1],
    names: ['a', 'b'],
    indices: [10, 20, 30, 40],
  })
  expect(found.undecided).toEqual([20, 30])
  expect([...(found.matrix ?? [])]).toEqual([1, 0, 0, 1])
  expect(found.accuracy).toBe(1)
  expect(found.worst.map(({ index }) => index)).toEqual([40, 10])
  const none = classesOf([NaN, NaN, NaN, NaN], [0, 1], 2)
  expect(none.accuracy).toBeNaN()
  expect(none.worst).toEqual([])
  expect(none.calibration).toBeNull()
})

test('the worst have the largest loss, the least certain the smallest margin, by hand', () => {
  const found = classesOf([0.7, 0.2, 0.1, 0.1, 0.85, 0.05, 0.45, 0.1, 0.45, 0, 0, 1], [0, 0, 2, 1], 3)
  expect(found.worst.map(({ index }) => index)).toEqual([3, 1, 2, 0])
  expect(found.worst[1]?.value).toBeCloseTo(-Math.log(0.1), 12)
  expect(found.worst[0]?.value).toBeCloseTo(149 * Math.LN2, 9)
  expect(found.leastCertain.map(({ index }) => index)).toEqual([2, 0, 1, 3])
  expect(found.mistakes).toEqual([
    { truth: 0, predicted: 1, count: 1 },
    { truth: 1, predicted: 2, count: 1 },
    { truth: 2, predicted: 0, count: 1 },
  ])
})

test('calibration: who says 0.8 and is right four times of five is off by nothing', () => {
  const sure = count(10).map(() => 0.8)
  expect(
    calibrationOf(
      sure,
      count(10).map((i) => i % 5 > 0),
    )?.error,
  ).toBeCloseTo(0, 12)
  expect(
    calibrationOf(
      sure,
      count(10).map(() => true),
    )?.error,
  ).toBeCloseTo(0.2, 12)
  const rng = new Rng(1, 'calibration')
  const confidences = count(200).map(() => rng.uniform())
  const right = confidences.map((one) => rng.uniform() < one)
  let expected = 0
  for (const bin of count(10)) {
    const inside = count(200).filter((i) => (confidences[i] ?? 0) > bin / 10 && (confidences[i] ?? 0) <= (bin + 1) / 10)
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
    const gap = mean(inside.map((i) => Number(right[i]))) - mean(inside.map((i) => confidences[i] ?? 0))
    expected += (inside.length / 200) * Math.abs(gap)
  }
  expect(calibrationOf(confidences, right)?.error).toBeCloseTo(expected, 12)
  expect(
    calibrationOf(
      confidences,
      right.map((one) => !one),
    )?.error,
  ).not.toBeCloseTo(expected, 3)
  // Scores that are no probabilities have none.
  expect(calibrationOf([0.5, 1.2], [true, true])).toBeNull()
})

test('numbers: errors are those of scikit-learn', () => {
  for (const { truths, predicted, mae, rmse, r2 } of fixture.numbers) {
    const score = (guesses: readonly number[]) => {
      const answers = { predicted: guesses, truths, names: ['y'], deviations: [1], indices: count(truths.length) }
      const [one] = evaluateNumbers(answers).targets
      return [one?.mae ?? NaN, one?.rmse ?? NaN, one?.r2 ?? NaN]
    }
    expect(distance(score(predicted), [mae, rmse, r2])).toBeLessThan(TOLERANCE)
    expect(distance(score(predicted.map((x) => x + 0.01)), [mae, rmse, r2])).toBeGreaterThan(1e-5)
  }
})

test('numbers: several targets, what is no number, equal truths, and few enough points', () => {
  const found = evaluateNumbers({
    predicted: [1, 10, 2, NaN, 4, 30, 3, 60],
    truths: [1, 20, 1, 20, 3, 20, 3, 20],
    names: ['small', 'large'],
    deviations: [1, 100],
    indices: [5, 6, 7, 8],
  })
  expect(found.undecided).toEqual([6])
  // A hundred is little where the deviation is a hundred.
  expect(found.worst.map(({ index }) => index)).toEqual([7, 8, 5])
  expect(found.targets.map(({ name, mae, r2, bias }) => [name, mae, r2, bias])).toEqual([
    ['small', 1 / 3, expect.closeTo(1 - 1 / 3 / (8 / 9), 12), -1 / 3],
    ['large', 20, null, -40 / 3],
  ])
  const n = 5000
  const many = count(n).map((i) => Math.sin(i))
  const [one] = evaluateNumbers({
    predicted: many,
    truths: many,
    names: ['y'],
    deviations: [1],
    indices: count(n),
  }).targets
  expect(one?.truth).toHaveLength(MOST_POINTS)
  expect([one?.indices[0], one?.indices.at(-1)]).toEqual([0, n - 1])
  expect(one?.residuals.counts.reduce((a, b) => a + b, 0)).toBe(n)
})

test('reconstructions: the mean squared error of each example', () => {
  const found = evaluateReconstruction([1, 2, 3, 4, NaN, 0, 7, 9], [1, 2, 3, 6, 0, 0, 0, 9], 2, [0, 1, 2, 3])
  expect(found.undecided).toEqual([2])
  expect(found.worst).toEqual([
    { index: 3, value: 24.5 },
    { index: 1, value: 2 },
    { index: 0, value: 0 },
  ])
  expect(found.best.map(({ index }) => index)).toEqual([0, 1, 3])
  expect(found.mse).toBeCloseTo(26.5 / 3, 12)
})

test('rankings, thinning and histograms', () => {
  expect(smallest([3, NaN, 1, 3, 2], [0, 1, 2, 3, 4], 3)).toEqual([
    { index: 2, value: 1 },
    { index: 4, value: 2 },
    { index: 0, value: 3 },
  ])
  expect(largest([3, 1, 3], [7, 8, 9], 2).map(({ index }) => index)).toEqual([7, 9])
  expect([...spread(5, 9)]).toEqual([0, 1, 2, 3, 4])
  expect([...spread(101, 3)]).toEqual([0, 50, 100])
  expect(new Set(spread(100_000, 777)).size).toBe(777)
  const naive = new Uint32Array(4)
  const values = [0, 0.9, 1, 2.5, 4]
  for (const value of values) naive[value === 4 ? 3 : Math.floor(value)]!++
  expect(histogramOf(values, 4)).toEqual({ low: 0, high: 4, counts: naive })
  expect(histogramOf([3, 3], 2)).toEqual({ low: 1.5, high: 4.5, counts: Uint32Array.of(0, 2) })
  expect([...histogramOf([], 2).counts]).toEqual([0, 0])
})

test('what is said stays small, however many examples and classes there are', () => {
  const rng = new Rng(5, 'many')
  const [n, kinds] = [3000, 80]
  const truths = count(n).map(() => rng.integer(kinds))
  const found = classesOf(
    count(n * kinds).map(() => rng.uniform()),
    truths,
    kinds,
  )
  expect(found.matrix).toBeNull()
  expect(found.mistakes.length).toBeGreaterThan(50)
  expect(found.worst).toHaveLength(MOST_SAMPLES)
  const few = classesOf(
    count(n * 10).map(() => rng.uniform()),
    truths.map((k) => k % 10),
    10,
  )
  expect(few.curves).toHaveLength(10)
  for (const { roc, precisionRecall } of few.curves)
    for (const { x, y } of [roc, precisionRecall]) {
      expect(x.length).toBeLessThanOrEqual(MOST_CURVE_POINTS)
      expect(y).toHaveLength(x.length)
      expect([...x]).toEqual([...x].sort((a, b) => a - b))
    }
})

test.each(fixture.labels)('labels: as scikit-learn says', (one) => {
  const { scores, truths, width } = one
  const names = letters(width)
  const indices = count(scores.length / width).map((i) => 3 * i)
  const found = evaluateLabels({ scores, truths, names, indices })
  expect([found.accuracy, found.exact]).toEqual([expect.closeTo(one.accuracy, 12), expect.closeTo(one.exact, 12)])
  expect(found.labels.map(({ code, names: own }) => [code, ...own])).toEqual(
    names.map((name, i) => [i, `not ${name}`, name]),
  )
  expect(found.labels.map(({ matrix }) => [...(matrix ?? [])])).toEqual(one.matrices)
  found.labels.forEach(({ classes, curves }, i) => {
    const { precision, recall, f1, auc, averagePrecision } = at(classes, 1)
    const wanted = [one.precision, one.recall, one.f1, one.auc, one.averagePrecision].map((values) => values[i] ?? NaN)
    const given = [precision ?? 0, recall ?? 0, f1 ?? 0, auc ?? NaN, averagePrecision ?? NaN]
    given.forEach((value, k) => expect(Math.abs(value - (wanted[k] ?? NaN))).toBeLessThan(TOLERANCE))
    expect(curves.map(({ code }) => code)).toEqual([1])
  })
  // Losses are ranked by the very numbers.
  const ranked = one.loss.map((loss, i) => ({ index: 3 * i, loss })).sort((a, b) => b.loss - a.loss)
  expect(found.worst.map(({ index }) => index)).toEqual(ranked.map(({ index }) => index))
  found.worst.forEach(({ value }, i) => expect(Math.abs(value - (ranked[i]?.loss ?? NaN))).toBeLessThan(1e-6))
  // A control: a label taken for another is another result.
  const turned = truths.map((_, i) => truths[i % width === 0 ? i + 1 : i % width === 1 ? i - 1 : i] ?? NaN)
  expect(evaluateLabels({ scores, truths: turned, names, indices }).exact).not.toBeCloseTo(one.exact, 6)
})

test('labels: one half is not above one half, and an example with one answer that is no number counts nowhere', () => {
  const truths = [1, 0, 0, 1, 1, 0, 0, 0, 1, 1]
  const scores = [0.9, 0.2, 0.4, 0.3, 0.6, 0.1, 0.7, 0.5, 0.9, NaN]
  const found = evaluateLabels({ scores, truths, names: ['sea', 'sky'], indices: [0, 1, 2, 3, 4] })
  // sea: 1 0 1 0 against yes no yes yes; sky: 0 1 0 0 against no no no no.
  expect(found.labels.map(({ matrix }) => [...(matrix ?? [])])).toEqual([
    [1, 1, 0, 2],
    [3, 0, 1, 0],
  ])
  expect([found.accuracy, found.exact, found.undecided]).toEqual([0.75, 0.5, [4]])
  expect(found.leastCertain[0]).toEqual({ index: 3, value: 0 })
})
