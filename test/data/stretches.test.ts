/** Long passes leave others their turn: no step looks at more than some thousand rows, however many there are. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { Equal } from '../../src/data/equal.ts'
import { leaksIn } from '../../src/data/leaks.ts'
import { atOnce, type Steps } from '../../src/data/numbers.ts'
import { learn, prepare } from '../../src/data/prepare.ts'
import { split, type Split } from '../../src/data/split.ts'
import { chosen, countTo, eachStretch, inOrder, STRETCH } from '../../src/data/stretches.ts'
import { duplicateRows } from '../../src/data/table/duplicates.ts'
import type { Job, Table } from '../../src/data/types.ts'
import type { Column, TableSource } from '../../src/document/types.ts'
import { sectionOf, valueOf } from './files.ts'

const COUNT = 5 * STRETCH + 77

/** How often values are looked at, in the step that looks at them most. */
function mostLooks<T>(values: ArrayLike<number>, of: (watched: ArrayLike<number>) => Steps<T>): number {
  let looks = 0
  const watched = new Proxy(values, {
    get: (own, key) => {
      if (typeof key === 'string' && /^\d/.test(key)) looks++
      return Reflect.get(own, key) as unknown
    },
  })
  const steps = of(watched)
  for (let most = 0; ; looks = 0) {
    const { done } = steps.next()
    most = Math.max(most, looks)
    if (done) return most
  }
}

/** Rising again and again. */
const mixed = countTo(COUNT).map((i) => i % 999)

const drawn = (seed: number, different: number) => {
  const rng = new Rng(seed, 'stretches')
  return Float64Array.from({ length: COUNT }, () => rng.integer(different))
}

describe('in order', () => {
  const byKeys = (keys: ArrayLike<number>, count = keys.length) =>
    Array.from(countTo(count)).sort((a, b) => at(keys, a) - at(keys, b) || a - b)

  test('are places by their keys, equal ones as they stand, as a sort of lists has them', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = new Rng(seed, 'order')
      const keys = Array.from({ length: rng.integer(200) }, () => rng.integer(1 + rng.integer(100)))
      expect(Array.from(atOnce(inOrder(countTo(keys.length), keys)))).toEqual(byKeys(keys))
    }
    const keys = mixed
    const order = byKeys(keys)
    expect(atOnce(inOrder(countTo(COUNT), keys))).toEqual(Uint32Array.from(order))
    // Control: the order tells equal ones apart.
    expect(order.toReversed()).not.toEqual(byKeys(keys.map((key) => -key)))
  })

  test('are numbers as their own sort has them', () => {
    const rng = new Rng(2, 'order')
    const numbers = Float64Array.from({ length: COUNT }, () => rng.normal())
    const wanted = numbers.slice().sort()
    expect(wanted).not.toEqual(numbers)
    expect(atOnce(inOrder(numbers))).toEqual(wanted)
  })

  test('a step looks at some thousand, whether they rise or are mixed', () => {
    for (const keys of [countTo(COUNT), mixed]) {
      expect(mostLooks(keys, (watched) => inOrder(countTo(COUNT), watched))).toBeLessThanOrEqual(3 * STRETCH)
    }
  })
})

test('equal numbers are found as a Map finds them', () => {
  for (let seed = 0; seed < 40; seed++) {
    const rng = new Rng(seed, 'equal')
    const some = [NaN, 0, -0, Infinity, ...Array.from({ length: 30 }, () => rng.normal()), ...countTo(30)]
    const values = Array.from({ length: 150 }, () => at(some, rng.integer(some.length)))
    const equal = new Equal(values, values.length)
    const first = new Map<number, number>()
    values.forEach((value, i) => {
      expect(equal.has(value)).toBe(first.has(value))
      if (!first.has(value)) first.set(value, i)
      expect(equal.note(i)).toBe(first.get(value))
    })
    expect(first.size).toBeLessThan(values.length)
  }
})

describe('of a large table', () => {
  const recipe = { validation: 0.2, seed: 4 }
  const classes = Int32Array.from(drawn(5, 3))
  const half = { train: countTo(COUNT).subarray(0, COUNT / 2), validation: countTo(COUNT).subarray(COUNT / 2) }

  test.each<[string, ArrayLike<number>, (watched: ArrayLike<number>) => Steps<unknown>]>([
    ['a split by classes', classes, (classes) => split(COUNT, recipe, { classes })],
    ['a split by group', drawn(6, 50_000), (groups) => split(COUNT, { ...recipe, method: 'group' }, { groups })],
    [
      'classes by group',
      classes,
      (classes) => split(COUNT, { ...recipe, method: 'group' }, { classes, groups: drawn(6, 5e4) }),
    ],
    ['a split by time', mixed, (times) => split(COUNT, { ...recipe, method: 'time' }, { times })],
    ['a split by a column', drawn(8, 3), (parts) => split(COUNT, { ...recipe, method: 'column' }, { parts })],
    ['equal rows together', drawn(9, 1e5), (same) => split(COUNT, { ...recipe, together: true }, { same })],
    ['leaks', drawn(10, 1e6), (hashes) => leaksIn(half, hashes as Float64Array)],
  ])(
    '%s: a step looks at some thousand rows',
    (_, values, work) => {
      expect(mostLooks(values, work)).toBeLessThanOrEqual(4 * STRETCH)
      // The control: at once it is all of them.
      const atOneGo = function* (watched: ArrayLike<number>): Steps<unknown> {
        yield 0
        return atOnce(work(watched))
      }
      expect(mostLooks(values, atOneGo)).toBeGreaterThan(4 * STRETCH)
    },
    60_000,
  )

  test('the sides are those of plain sets', () => {
    const groups = drawn(11, 5000)
    const sides = atOnce(split(COUNT, { ...recipe, method: 'group' }, { groups, classes }))
    const of = (part: Split['train']) => new Set(Array.from(part, (i) => at(groups, i)))
    const [train, validation] = [of(sides.train), of(sides.validation)]
    expect([...train].filter((group) => validation.has(group))).toEqual([])
    expect(train.size + validation.size).toBe(new Set(groups).size)
    const hashes = drawn(12, 2 * COUNT)
    const known = new Set(hashes.subarray(0, COUNT / 2))
    expect(atOnce(leaksIn(half, hashes))).toEqual(half.validation.filter((i) => known.has(at(hashes, i))))
  })

  test('preparation pauses as often as there are stretches, and makes the same at once', async () => {
    const columns: Column[] = [
      { name: 'x', role: 'feature', kind: 'numeric', clip: [0.1, 0.9] },
      { name: 'y', role: 'feature', kind: 'numeric' },
      { name: 'class', role: 'target', kind: 'categorical', categories: ['a', 'b', 'c'] },
    ]
    const source: TableSource = { kind: 'table', reader: 'csv', options: {}, files: [], columns }
    const section = sectionOf(source)
    const tableOf = (rows: number): Table => ({
      file: 't.csv',
      rows,
      columns: [
        { kind: 'numbers', name: 'x', values: drawn(13, 1e6).subarray(0, rows), slips: new Map() },
        { kind: 'numbers', name: 'y', values: drawn(14, 1e6).subarray(0, rows), slips: new Map() },
        { kind: 'texts', name: 'class', codes: classes.subarray(0, rows), texts: ['a', 'b', 'c'] },
      ],
      places: { unit: 'line', first: 2 },
    })
    const pausesOf = async (rows: number) => {
      let pauses = 0
      const job: Job = { pause: () => Promise.resolve(void pauses++), progress: () => undefined }
      const own = performance.now
      let now = 0
      // Each look at the clock is a turn.
      performance.now = () => (now += 100)
      try {
        const raw = { table: tableOf(rows), source }
        const learnt = valueOf(await learn(raw, section, 2 ** 30, job))
        expect(valueOf(await learnt.vary(section))).toEqual(valueOf(prepare(raw, section)))
      } finally {
        performance.now = own
      }
      return pauses
    }
    const [few, many] = [await pausesOf(STRETCH), await pausesOf(5 * STRETCH)]
    // Four more for each pass: hashes, sides, leaks, and of three columns what is learnt and written.
    expect(many - few).toBeGreaterThanOrEqual(4 * 25)
    expect(atOnce(duplicateRows(tableOf(STRETCH)))).toBe(
      STRETCH -
        new Set(Array.from(countTo(STRETCH), (i) => `${at(drawn13, i)} ${at(drawn14, i)} ${at(classes, i)}`)).size,
    )
  }, 60_000)
  const [drawn13, drawn14] = [drawn(13, 1e6), drawn(14, 1e6)]
})

test('stretches are whole and follow each other', () => {
  const seen: [number, number][] = []
  for (const done of eachStretch(COUNT, (from, to) => void seen.push([from, to]))) expect(done).toBe(0)
  expect(seen).toHaveLength(6)
  expect(seen.at(-1)).toEqual([5 * STRETCH, COUNT])
  expect(atOnce(chosen(countTo(COUNT), (i) => i % 1000 === 3))).toEqual(countTo(COUNT).filter((i) => i % 1000 === 3))
})
