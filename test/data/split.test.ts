import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Result } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { batchAt, batchCount, batches, epochOrder, generatedSource, prepare } from '../../src/data/index.ts'
import { atOnce } from '../../src/data/numbers.ts'
import { kFold, split as splitting } from '../../src/data/split.ts'
import type { PreparedData } from '../../src/data/types.ts'
import type { Column, SplitRecipe, TableSource } from '../../src/document/types.ts'
import { messages, sectionOf, tableOf, valueOf } from './files.ts'

const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const split = (...given: Parameters<typeof splitting>) => atOnce(splitting(...given))

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
      const { train, validation } = split(count, { validation: share, seed }, { classes })
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
    const { validation } = split(16, { validation: 0.3, seed: 1 }, { classes })
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
    expect(split(2, { validation: 0.99, seed: 1 }, { classes: [0, 1] }).train.length).toBeGreaterThan(0)
    expect(split(10, { validation: 0, seed: 1 })).toEqual({
      train: Uint32Array.from(upTo(10)),
      validation: new Uint32Array(),
    })
    expect(split(0, { validation: 0.5, seed: 1 })).toEqual({ train: new Uint32Array(), validation: new Uint32Array() })
  })

  test('gives a small share at least one example', () => {
    expect(split(8, { validation: 0.01, seed: 1 }, { classes: [0, 0, 0, 0, 1, 1, 1, 1] }).validation).toHaveLength(1)
  })

  test('refuses a share that is none', () => {
    for (const validation of [1, -0.1, NaN, 2])
      expect(() => split(10, { validation, seed: 1 })).toThrow('validation share')
  })
})

describe('a split by time', () => {
  test('lets the last share validate, in whatever order the examples stand', () => {
    const order = new Rng(3, 'times').permutation(40)
    const times = Array.from(order, (place) => 1000 - 7 * place)
    const { train, validation } = split(40, { validation: 0.25, seed: 1, method: 'time' }, { times })
    const of = (part: Uint32Array) => Array.from(part, (i) => times[i] ?? NaN)
    expect(validation).toHaveLength(10)
    expect(Math.min(...of(validation))).toBeGreaterThan(Math.max(...of(train)))
    // The seed does not matter, and the control: a drawn split mixes the times.
    expect(split(40, { validation: 0.25, seed: 9, method: 'time' }, { times })).toEqual({ train, validation })
    const drawn = split(40, { validation: 0.25, seed: 1 }, { times })
    expect(Math.min(...of(drawn.validation))).toBeLessThan(Math.max(...of(drawn.train)))
  })

  test('takes the order of the file without times', () => {
    expect(split(10, { validation: 0.3, seed: 1, method: 'time' }).validation).toEqual(Uint32Array.of(7, 8, 9))
  })

  test('keeps examples of one moment on one side', () => {
    const recipe = { validation: 0.5, seed: 1, method: 'time' } as const
    const of = (...times: number[]) => split(times.length, recipe, { times }).validation
    expect(of(1, 2, 2, 3)).toEqual(Uint32Array.of(1, 2, 3))
    expect(of(1, 1, 1, 3)).toEqual(Uint32Array.of(3))
    expect(of(1, 3, 3, 3)).toEqual(Uint32Array.of(1, 2, 3))
    expect(() => of(5, 5, 5)).toThrow('of the same time')
  })
})

describe('a split by groups', () => {
  /** Some hundred examples of groups of very different sizes, with classes. */
  function made(seed: number) {
    const rng = new Rng(seed, 'groups')
    const groups: number[] = []
    const classes: number[] = []
    for (let group = 0; group < 60; group++)
      for (let i = 0; i <= rng.integer(9); i++) {
        groups.push((group * 37) % 60)
        classes.push(rng.uniform() < 0.2 ? 1 : 0)
      }
    return { groups, classes }
  }
  const shared = (groups: readonly number[], a: Iterable<number>, b: Iterable<number>) => {
    const known = new Set([...a].map((i) => groups[i]))
    return [...b].filter((i) => known.has(groups[i])).length
  }

  test('has no group on both sides, and about the share of each class', () => {
    let [leaking, off] = [0, 0]
    for (let seed = 0; seed < 50; seed++) {
      const { groups, classes } = made(seed)
      const count = groups.length
      const recipe = { validation: 0.3, seed } as const
      const { train, validation } = split(count, { ...recipe, method: 'group' }, { groups, classes })
      expect(sorted([...train, ...validation])).toEqual(upTo(count))
      expect(shared(groups, train, validation)).toBe(0)
      for (const code of [0, 1]) {
        const all = classes.filter((one) => one === code).length
        const validating = validation.filter((i) => classes[i] === code).length
        expect(Math.abs(validating - all * 0.3)).toBeLessThan(0.1 * count)
      }
      const loose = split(count, { ...recipe, method: 'group', stratified: false }, { groups, classes })
      expect(Math.abs(loose.validation.length - count * 0.3)).toBeLessThan(6)
      off += Number(loose.validation.some((i, k) => i !== validation[k]))
      const drawn = split(count, recipe, { groups, classes })
      leaking += shared(groups, drawn.train, drawn.validation)
    }
    // What must not be 0 where groups are not asked for, or classes do not count.
    expect(leaking).toBeGreaterThan(1000)
    expect(off).toBeGreaterThan(25)
  })

  test('is decided by the seed, and has an example on each side', () => {
    const { groups } = made(1)
    const of = (seed: number) => split(groups.length, { validation: 0.2, seed, method: 'group' }, { groups })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    const two = split(10, { validation: 0.1, seed: 1, method: 'group' }, { groups: [1, 1, 1, 1, 1, 1, 2, 2, 2, 2] })
    expect([two.train.length, two.validation.length]).toEqual([6, 4])
    const large = split(3, { validation: 0.9, seed: 1, method: 'group' }, { groups: [1, 2, 2] })
    expect(Math.min(large.train.length, large.validation.length)).toBeGreaterThan(0)
    expect(() => split(3, { validation: 0.5, seed: 1, method: 'group' }, { groups: [1, 1, 1] })).toThrow('one group')
    expect(split(3, { validation: 0, seed: 1, method: 'group' }, { groups: [1, 1, 1] }).train).toHaveLength(3)
  })

  test('keeps equal examples together where it is asked to, also across groups', () => {
    const same = [7, 8, 9, 7, 8, 9, 1, 2, 3, 4, 5, 6]
    for (let seed = 0; seed < 30; seed++) {
      const recipe = { validation: 0.4, seed, together: true } as const
      const { train, validation } = split(12, recipe, { same })
      expect(shared(same, train, validation)).toBe(0)
      expect(validation).toHaveLength(5)
      // 0 and 1 are of one group, 0 equals 3 and 1 equals 4, and 3 is of the group of 6.
      const groups = [1, 1, 2, 3, 4, 2, 3, 5, 6, 7, 8, 9]
      const parts = split(12, { ...recipe, method: 'group' }, { same, groups })
      expect(shared(same, parts.train, parts.validation) + shared(groups, parts.train, parts.validation)).toBe(0)
      expect(new Set([0, 1, 3, 4, 6].map((i) => parts.train.includes(i))).size).toBe(1)
    }
    const apart = upTo(30).map((seed) => {
      const { train, validation } = split(12, { validation: 0.4, seed }, { same })
      return shared(same, train, validation)
    })
    expect(Math.max(...apart)).toBeGreaterThan(0)
  })

  test('of equal examples stays stratified: each class is off by less than one', () => {
    const classes = Int32Array.from({ length: 200 }, (_, i) => Number(i % 5 === 0))
    const { validation } = split(200, { validation: 0.33, seed: 4, together: true }, { classes, same: upTo(200) })
    expect(Math.abs(validation.filter((i) => classes[i] === 1).length - 40 * 0.33)).toBeLessThan(1)
    expect(Math.abs(validation.filter((i) => classes[i] === 0).length - 160 * 0.33)).toBeLessThan(1)
  })
})

test('a split by a column does as it says, and leaves the test out', () => {
  const parts = [0, 1, 2, 0, 1, NaN]
  expect(split(6, { validation: 0.2, seed: 1, method: 'column' }, { parts })).toEqual({
    train: Uint32Array.of(0, 3),
    validation: Uint32Array.of(1, 4),
  })
})

describe('parts for cross-validation', () => {
  interface Folds {
    readonly classes: readonly number[]
    readonly k: number
    readonly counts: readonly (readonly number[])[]
  }
  const { folds } = JSON.parse(readFileSync(new URL('fixtures/preparation.json', import.meta.url), 'utf8')) as {
    readonly folds: readonly Folds[]
  }
  const countsOf = (parts: readonly Uint32Array[], classes: readonly number[]) =>
    parts.map((part) => {
      const counts = new Array<number>(Math.max(...classes) + 1).fill(0)
      for (const i of part) counts[classes[i] ?? 0] = (counts[classes[i] ?? 0] ?? 0) + 1
      return counts
    })

  test('are disjoint, complete and of one size', () => {
    for (const [count, k] of [
      [10, 2],
      [103, 5],
      [7, 7],
    ] as const) {
      const parts = kFold(count, k, 3)
      expect(sorted(parts.flatMap((part) => [...part]))).toEqual(upTo(count))
      expect(
        Math.max(...parts.map((part) => part.length)) - Math.min(...parts.map((part) => part.length)),
      ).toBeLessThan(2)
      expect(parts).toHaveLength(k)
    }
    expect(kFold(50, 5, 1)).toEqual(kFold(50, 5, 1))
    expect(kFold(50, 5, 1)).not.toEqual(kFold(50, 5, 2))
  })

  test('have as many of each class as scikit-learn gives them', () => {
    const asTexts = (counts: readonly (readonly number[])[]) => counts.map((one) => one.join()).sort()
    for (const { classes, k, counts } of folds) {
      expect(asTexts(countsOf(kFold(classes.length, k, 5, { classes }), classes))).toEqual(asTexts(counts))
      // The control: without classes they have not.
      expect(asTexts(countsOf(kFold(classes.length, k, 5), classes))).not.toEqual(asTexts(counts))
    }
  })

  test('of groups share none, and are of about one size', () => {
    const groups = upTo(120).map((i) => Math.floor(Math.sqrt(i * 3)))
    const classes = upTo(120).map((i) => Number(i % 3 === 0))
    const parts = kFold(120, 4, 1, { groups, classes })
    expect(sorted(parts.flatMap((part) => [...part]))).toEqual(upTo(120))
    const owners = new Map<number, number>()
    parts.forEach((part, fold) => part.forEach((i) => owners.set(groups[i] ?? 0, fold)))
    parts.forEach((part, fold) => part.forEach((i) => expect(owners.get(groups[i] ?? 0)).toBe(fold)))
    for (const [zeros = 0, ones = 0] of countsOf(parts, classes)) {
      expect(Math.abs(zeros - 20)).toBeLessThan(4)
      expect(Math.abs(ones - 10)).toBeLessThan(4)
    }
    expect(
      kFold(6, 3, 1, { groups: [1, 1, 1, 1, 2, 3] })
        .map((part) => part.length)
        .sort(),
    ).toEqual([1, 1, 4])
  })

  test('are refused where there are too few', () => {
    expect(() => kFold(3, 4, 1)).toThrow("4 parts can't be made of 3 examples; choose between 2 and 3.")
    expect(() => kFold(9, 1, 1)).toThrow('between 2 and 9')
    expect(() => kFold(6, 3, 1, { groups: [1, 1, 1, 2, 2, 2] })).toThrow("3 parts can't be made of 2 groups")
  })
})

describe('a table with columns for the split', () => {
  const columns: readonly Column[] = [
    { name: 'x', role: 'feature', kind: 'numeric' },
    { name: 'who', role: 'group', kind: 'categorical' },
    { name: 'when', role: 'time', kind: 'categorical' },
    { name: 'part', role: 'split', kind: 'categorical' },
    { name: 'y', role: 'target', kind: 'numeric' },
  ]
  const row = (i: number) => [
    i,
    `person ${i % 7}`,
    `2024-01-${String(28 - i).padStart(2, '0')}`,
    ['train', 'Validation', 'test'][i % 3],
    i,
  ]
  const text = `x,who,when,part,y\n${upTo(28)
    .map((i) => row(i).join(','))
    .join('\n')}\n`
  async function prepared(
    recipe: Partial<SplitRecipe>,
    change = text,
    roles = columns,
  ): Promise<Result<PreparedData<Float32Array>>> {
    const files = [{ name: 'data.csv', size: 1, sha256: 'hash' }]
    const source: TableSource = { kind: 'table', reader: 'csv', options: {}, files, columns: roles }
    const preparation = { scale: 'none', missing: 'fill' } as const
    return prepare(
      await tableOf(change, source),
      sectionOf(source, { preparation, split: { validation: 0.25, seed: 1, ...recipe } }),
    )
  }
  const rowsOf = ({ train, validation }: PreparedData<Float32Array>) =>
    [[...train.features], [...validation.features]] as const

  test('splits by them, and they are no features', async () => {
    const [, late] = rowsOf(valueOf(await prepared({ method: 'time' })))
    expect(late).toEqual([0, 1, 2, 3, 4, 5, 6])
    const [here, there] = rowsOf(valueOf(await prepared({ method: 'group' })))
    const people = new Set(here.map((i) => i % 7))
    expect(there.filter((i) => people.has(i % 7))).toEqual([])
    expect([here.length, there.length]).toEqual([20, 8])
    const told = valueOf(await prepared({ method: 'column' }))
    expect(rowsOf(told)).toEqual([upTo(28).filter((i) => i % 3 === 0), upTo(28).filter((i) => i % 3 === 1)])
    expect(told.warnings.map(({ message }) => message)).toEqual([
      'data.csv: 9 rows are for tests and neither train nor validate (lines 4, 7, 10 and 6 more).',
    ])
    const zeros = text.replaceAll('train', '0').replaceAll('Validation', '1')
    expect(rowsOf(valueOf(await prepared({ method: 'column' }, zeros)))).toEqual(rowsOf(told))
    // Without the method the columns mean nothing.
    expect(rowsOf(valueOf(await prepared({})))).not.toContainEqual(late)
  })

  test('says which rows have no time or no part, and leaves them out', async () => {
    const gaps = text.replace('2024-01-25', '').replace('person 4,2024-01-24,Validation', 'person 4,2024-01-24,')
    const late = valueOf(await prepared({ method: 'time' }, gaps))
    expect(late.train.count + late.validation.count).toBe(27)
    expect(late.warnings[0]?.message).toBe('data.csv: 1 row has no time and is left out (line 5).')
    const told = valueOf(await prepared({ method: 'column' }, gaps))
    expect(told.warnings[0]?.message).toBe('data.csv: 1 row has no part and is left out (line 6).')
  })

  test('refuses what can not be meant, with a sentence', async () => {
    const refusal = async (...how: Parameters<typeof prepared>) => messages(await prepared(...how))
    expect(await refusal({ method: 'column' }, text.replaceAll('Validation', 'maybe').replaceAll('test', '2'))).toEqual(
      ['data.csv line 3, column part: "maybe", "2" tell no part; write train, validation or test, or 0 and 1.'],
    )
    expect(await refusal({ method: 'column' }, text.replaceAll('train', 'test'))).toEqual([
      'data.csv: no row that can be used is marked as train; mark some, or split in another way.',
    ])
    expect(await refusal({ method: 'time' }, text.replace('2024-01-20', 'last May'))).toEqual([
      'data.csv line 10, column when: "last May" is not a time; write numbers, or dates such as 2024-05-31 or 2024-05-31T12:30:00.',
    ])
    const none = columns.map((column) => (column.role === 'group' ? { ...column, role: 'ignore' as const } : column))
    expect(await refusal({ method: 'group' }, text, none)).toEqual([
      'data.csv: the split is by group, but no column has the role group; give it to one, or split in another way.',
    ])
    const two = columns.map((column) => (column.role === 'split' ? { ...column, role: 'group' as const } : column))
    expect(await refusal({ method: 'group' }, text, two)).toEqual([
      'data.csv: who and part both have the role group; only one column may.',
    ])
  })

  test('is warned of equal rows on both sides, which can be kept together', async () => {
    const twice = `${text}${text.slice(text.indexOf('\n') + 1)}`
    const found = valueOf(await prepared({}, twice))
    const [here, there] = rowsOf(found)
    const leaking = there.filter((x) => here.includes(x))
    expect(leaking.length).toBeGreaterThan(4)
    expect(found.warnings).toHaveLength(1)
    expect(found.warnings[0]).toMatchObject({ code: 'split.leak', severity: 'warning' })
    expect(found.warnings[0]?.message).toMatch(
      new RegExp(
        `^data.csv: ${leaking.length} of 14 validation rows equal a training row \\(lines \\d+, \\d+, \\d+ and `,
      ),
    )
    const line = Number(found.warnings[0]?.place?.line)
    expect(here).toContain((line - 2) % 28)
    const kept = valueOf(await prepared({ together: true }, twice))
    expect(kept.warnings).toEqual([])
    expect(kept.validation.count).toBe(14)
    // A target that differs makes another row.
    const other = text.slice(text.indexOf('\n') + 1).replaceAll(/\d+$/gm, '99')
    expect(valueOf(await prepared({}, text + other)).warnings).toEqual([])
  })

  test('of pictures is warned of equal ones, whatever they are called', () => {
    const section = sectionOf(valueOf(generatedSource('moons')), { split: { validation: 0.5, seed: 2 } })
    const source = { kind: 'examples', reader: 'pictures', options: {}, files: [], features: [2, 3, 1] } as const
    const target = { kind: 'classes', names: ['a', 'b'] } as const
    const pixels = (i: number) => Array.from({ length: 6 }, (_, k) => (i % 10) * 11 + k)
    const raw = {
      count: 20,
      shape: [2, 3, 1],
      features: Uint8Array.from(upTo(20).flatMap(pixels)),
      target,
      targets: Int32Array.from(upTo(20), (i) => i % 2),
    }
    const names = upTo(20).map((i) => `${i % 2 ? 'b' : 'a'}/${i}.png`)
    const of = (change: object, recipe: Partial<SplitRecipe> = {}) =>
      valueOf(
        prepare(
          { ...raw, ...change },
          { ...section, source: { ...source, target }, split: { ...section.split, ...recipe } },
        ),
      )
    expect(of({ names }).warnings[0]?.message).toMatch(
      /^\d of 10 validation examples equal a training example \("[ab]\/\d+.png", .* more\), so that learning/,
    )
    expect(of({}).warnings[0]?.message).toMatch(/\(examples \d+, \d+, \d+ and \d more\)/)
    expect(of({}, { together: true }).warnings).toEqual([])
    const distinct = Uint8Array.from(upTo(20).flatMap((i) => pixels(i).map((byte) => byte + Math.floor(i / 10))))
    expect(of({ features: distinct }).warnings).toEqual([])
    // Bytes that fill whole words are counted in words.
    const words = { shape: [2, 4, 1], features: Uint8Array.from(upTo(20).flatMap((i) => [...pixels(i), 0, 0])) }
    expect(of(words).warnings).toEqual(of({}).warnings)
    expect(of({ features: Float32Array.from(raw.features) }).warnings).toEqual(of({}).warnings)
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

  test('of neighbours in a file stay in a window of 64 blocks of them, in a new order each time', () => {
    const [count, neighbours] = [10_007, 10]
    const order = epochOrder(5, 1, count, neighbours)
    expect(sorted([...order])).toEqual(upTo(count))
    const blocksFrom = (first: number, from: ArrayLike<number>) =>
      new Set(
        Array.from(from)
          .slice(first, first + 640)
          .map((example) => Math.floor(example / neighbours)),
      )
    for (let first = 0; first < count; first += 640) expect(blocksFrom(first, order).size).toBeLessThanOrEqual(65)
    // The control: with no regard to neighbours hundreds of blocks are read for as many examples.
    expect(blocksFrom(0, epochOrder(5, 1, count)).size).toBeGreaterThan(400)
    // Within a window the examples of a block do not come together.
    const together = [...order.subarray(1)].filter((example, i) => example === (order[i] ?? 0) + 1)
    expect(together.length).toBeLessThan(count / 50)
    expect(epochOrder(5, 1, count, neighbours)).toEqual(order)
    expect(epochOrder(5, 2, count, neighbours)).not.toEqual(order)
    // What lies in one window anyway is shuffled as ever.
    expect(epochOrder(5, 1, 640, neighbours)).toEqual(epochOrder(5, 1, 640))
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
