import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { batchAt, batchCount, batches, epochOrder, split } from '../../src/data/index.ts'

const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('split', () => {
  test('is disjoint, complete and of the size asked for', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = new Rng(seed, 'split test')
      const count = 2 + rng.integer(200)
      const validation = rng.uniform(0, 0.99)
      const { train, validation: valid } = split(count, { validation, seed })
      expect(sorted([...train, ...valid])).toEqual(upTo(count))
      const wanted = Math.min(count - 1, Math.max(1, Math.round(count * validation)))
      expect(valid.length).toBe(wanted)
    }
  })

  test('gives each class its share, off by less than one example', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = new Rng(seed, 'strata')
      const count = 20 + rng.integer(300)
      const classes = Int32Array.from({ length: count }, () => Math.floor(rng.uniform() ** 3 * 6))
      const share = rng.uniform(0, 0.9)
      const { train, validation } = split(count, { validation: share, seed }, classes)
      expect(sorted([...train, ...validation])).toEqual(upTo(count))
      for (const code of new Set(classes)) {
        const all = classes.filter((one) => one === code).length
        const validating = validation.filter((i) => classes[i] === code).length
        expect(Math.abs(validating - all * share)).toBeLessThan(1)
        expect(validating).toBeLessThan(all)
      }
    }
  })

  test('gives what is left over to the classes with the largest rest', () => {
    const classes = [...new Array<number>(7).fill(0), ...new Array<number>(9).fill(1)]
    const { validation } = split(16, { validation: 0.3, seed: 1 }, classes)
    // 7 x 0.3 = 2.1 and 9 x 0.3 = 2.7, together 4.8, so 5: 2 and 3.
    expect([0, 1].map((code) => validation.filter((i) => classes[i] === code).length)).toEqual([2, 3])
  })

  test('is not stratified by chance: without classes a class may be off by more', () => {
    const classes = Int32Array.from({ length: 100 }, (_, i) => i % 2)
    const off = upTo(20).map((seed) => {
      const { validation } = split(100, { validation: 0.3, seed })
      return Math.abs(validation.filter((i) => classes[i] === 1).length - 15)
    })
    expect(Math.max(...off)).toBeGreaterThanOrEqual(1)
  })

  test('is the same for the same seed and another for another', () => {
    expect(split(50, { validation: 0.2, seed: 3 })).toEqual(split(50, { validation: 0.2, seed: 3 }))
    expect(split(50, { validation: 0.2, seed: 3 })).not.toEqual(split(50, { validation: 0.2, seed: 4 }))
  })

  test('never empties the training part, and share 0 empties the validation part', () => {
    expect(split(1, { validation: 0.9, seed: 1 }).train).toHaveLength(1)
    expect(split(2, { validation: 0.99, seed: 1 }).train).toHaveLength(1)
    expect(split(2, { validation: 0.99, seed: 1 }, [0, 1]).train.length).toBeGreaterThan(0)
    expect(split(10, { validation: 0, seed: 1 })).toEqual({
      train: Uint32Array.from(upTo(10)),
      validation: new Uint32Array(),
    })
    expect(split(0, { validation: 0.5, seed: 1 })).toEqual({ train: new Uint32Array(), validation: new Uint32Array() })
  })

  test('gives a small share at least one example', () => {
    expect(split(8, { validation: 0.01, seed: 1 }, [0, 0, 0, 0, 1, 1, 1, 1]).validation).toHaveLength(1)
  })

  test('refuses a share that is none', () => {
    for (const validation of [1, -0.1, NaN, 2])
      expect(() => split(10, { validation, seed: 1 })).toThrow('validation share')
  })
})

describe('batches', () => {
  test('hold each example once an epoch, the last one ragged', () => {
    const parts = [...batches(epochOrder(5, 1, 103), 20)]
    expect(parts.map((part) => part.length)).toEqual([20, 20, 20, 20, 20, 3])
    expect(sorted(parts.flatMap((part) => [...part]))).toEqual(upTo(103))
    expect(batchCount(103, 20)).toBe(6)
    expect(batchCount(100, 20)).toBe(5)
    expect(batchCount(0, 20)).toBe(0)
  })

  test('come in another order each epoch and in the same one when repeated', () => {
    expect(epochOrder(5, 1, 100)).toEqual(epochOrder(5, 1, 100))
    expect(epochOrder(5, 1, 100)).not.toEqual(epochOrder(5, 2, 100))
    expect(epochOrder(5, 1, 100)).not.toEqual(epochOrder(6, 1, 100))
  })

  test('are views of the order', () => {
    const order = epochOrder(1, 1, 10)
    expect(batchAt(order, 4, 2)).toEqual(order.subarray(8, 10))
    expect(batchAt(order, 4, 0).buffer).toBe(order.buffer)
  })

  test('put every example at every place about as often', () => {
    const epochs = 2000
    const counts = Array.from({ length: 5 }, () => new Array<number>(5).fill(0))
    for (let epoch = 0; epoch < epochs; epoch++) {
      epochOrder(9, epoch, 5).forEach((example, place) => {
        const row = counts[place] ?? []
        row[example] = (row[example] ?? 0) + 1
      })
    }
    for (const count of counts.flat()) expect(Math.abs(count - epochs / 5)).toBeLessThan(90)
  })
})
