/** Tables that are more than memory is to hold: read into a file and prepared from it, they are what they are in memory. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import {
  epochOrder,
  preview,
  previewInTurns,
  prepare,
  prepareFeed,
  proposeSource,
  samplesOf,
} from '../../src/data/index.ts'
import { readFiles } from '../../src/data/index.ts'
import { featuresAt, isMade } from '../../src/data/features.ts'
import { memoryFile, unwatched } from '../../src/data/files.ts'
import { MAX_CELLS, MAX_STORED_ROWS } from '../../src/data/limits.ts'
import { atOnce } from '../../src/data/numbers.ts'
import { questionsOf } from '../../src/data/predictions.ts'
import { TableBuilder } from '../../src/data/table/builder.ts'
import { rowHashes } from '../../src/data/table/duplicates.ts'
import { HELD_TABLE, tableLimit, tooMany } from '../../src/data/table/limit.ts'
import { rowsInBlock, StoredColumn, wholeOf } from '../../src/data/table/stored.ts'
import { cellOf, isMissingAt, placeOf } from '../../src/data/table/table.ts'
import { NO_BAD, type DataFile, type Job, type NumberStore, type Table } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { Column, DataSection, PreparationRecipe, SplitRecipe, TableSource } from '../../src/document/types.ts'
import { classifier, cpu, train } from '../train/runs.ts'
import { KeptCells } from './cells.ts'
import { fileOf, referenceOf, valueOf } from './files.ts'
import { npyBytes } from './npy.ts'
import { byteArray, double, page, parquetBytes } from './parquet.ts'

class Store implements NumberStore {
  readonly budget: number
  readonly files: KeptCells[] = []
  readonly #block: number

  constructor(budget = 0, block = 256) {
    this.budget = budget
    this.#block = block
  }

  free = () => Promise.resolve(1e12)
  create = () => Promise.reject(new Error('no numbers are stored here'))
  cells = () => {
    const file = new KeptCells(this.#block)
    this.files.push(file)
    return Promise.resolve(file)
  }
}

const jobOf = (store: NumberStore): Job => ({ ...unwatched, store })

/** All that can be known of a table, cell by cell. */
function contentOf(table: Table) {
  return {
    file: table.file,
    rows: table.rows,
    places: Array.from({ length: table.rows }, (_, row) => placeOf(table, row)),
    columns: table.columns.map((column) => ({
      name: column.name,
      kind: column.kind,
      cells: Array.from({ length: table.rows }, (_, row) => cellOf(column, row)),
      missing: Array.from({ length: table.rows }, (_, row) => isMissingAt(column, row)),
      texts: column.kind === 'texts' ? column.texts : [...column.slips],
      kept: column.kind === 'texts' ? wholeOf(column.codes) : wholeOf(column.values),
    })),
  }
}

describe('a table that is built', () => {
  /** Cells of many kinds: some columns turn into numbers late, some of these into texts again. */
  function cellsFor(seed: number) {
    const rng = new Rng(seed, 'columns')
    const rows = 1500 + rng.integer(3000)
    return Array.from({ length: 1 + rng.integer(5) }, () => {
      const turns = [rng.integer(rows), rng.integer(rows)].sort((a, b) => a - b) as [number, number]
      const [few, many] = [1 + rng.integer(30), 1000 + rng.integer(4000)]
      const [slips, texts] = [rng.integer(2) * 0.02, rng.integer(2) * 0.5]
      return Array.from({ length: rows }, (_, row) => {
        if (rng.uniform() < 0.05) return ''
        const number = rng.integer(row < turns[0] ? few : many) / 8
        return rng.uniform() < (row < turns[1] ? slips : texts) ? `${number} m` : String(number)
      })
    })
  }

  /** With pauses every now and then; columns go ahead of each other where a format has them one by one. */
  async function built(cells: readonly (readonly string[])[], seed: number, store?: NumberStore): Promise<Table> {
    const rng = new Rng(seed, 'pauses')
    const byColumn = rng.integer(2) === 1
    const names = cells.map((_, i) => `c${i}`)
    const table = new TableBuilder('t', names, 'line', store)
    const rows = cells[0]?.length ?? 0
    for (let from = 0; from < rows;) {
      const to = Math.min(rows, from + 1 + rng.integer(700))
      if (byColumn)
        for (const [i, column] of cells.entries()) {
          for (const cell of column.slice(from, to)) table.columns[i]?.text(cell)
          if (rng.integer(2) === 0) await table.settle()
        }
      else for (let row = from; row < to; row++) cells.forEach((column, i) => table.columns[i]?.text(at(column, row)))
      // A line is left out now and then.
      for (let row = from; row < to; row++) table.endRow(row + 2 + (seed % 3 === 0 ? Math.floor(row / 1000) : 0))
      await table.settle()
      from = to
    }
    return table.finish()
  }

  test('from a file is the one in memory, however its columns turn', async () => {
    const kinds = new Set<string>()
    for (let seed = 0; seed < 15; seed++) {
      const cells = cellsFor(seed)
      const store = new Store(0, [256, 1024, 4096][seed % 3])
      const stored = await built(cells, seed, store)
      const held = await built(cells, seed)
      expect(contentOf(stored), `seed ${seed}`).toEqual(contentOf(held))
      expect(atOnce(rowHashes(stored))).toEqual(atOnce(rowHashes(held)))
      expect(stored.stored).toBeDefined()
      expect(store.files.map((file) => file.isClosed)).toEqual([true])
      expect(held.stored).toBeUndefined()
      for (const column of stored.columns) {
        const cells = column.kind === 'texts' ? column.codes : column.values
        expect(cells).toBeInstanceOf(StoredColumn)
        kinds.add(column.kind + (column.kind === 'texts' && column.texts.length > 1000 ? ', many' : ''))
      }
      await expectBlocks(stored, held)
    }
    expect([...kinds].sort()).toEqual(['numbers', 'texts', 'texts, many'])
  })

  async function expectBlocks(stored: Table, held: Table): Promise<void> {
    const { rows } = stored.stored ?? { rows: 1 }
    for (let block = 0; block * rows < stored.rows; block++) {
      const found = await stored.stored?.read(stored.columns.toReversed(), block)
      const wanted = held.columns.toReversed().map((column) => {
        const cells = column.kind === 'texts' ? wholeOf(column.codes) : wholeOf(column.values)
        return cells.slice(block * rows, (block + 1) * rows)
      })
      expect(found).toEqual(wanted)
    }
  }

  test('goes to a file when it is more than the budget, and block by block from then on', async () => {
    const store = new Store(40_000, 4096)
    const table = new TableBuilder('t', ['a', 'b'], 'line', store)
    const most: number[] = []
    for (let row = 0; row < 20_000; row++) {
      table.columns.forEach((column, i) => column.number(row + i / 2))
      table.endRow()
      if (row % 100 === 0) await table.settle()
      most.push(table.columns.reduce((sum, { bytes }) => sum + bytes, 0))
    }
    expect(Math.max(...most)).toBeLessThan(41_600)
    // Once it has begun, no more than a block and what came since the last pause.
    expect(Math.max(...most.slice(6000))).toBeLessThanOrEqual((512 + 100) * 16)
    expect(store.files[0]?.writes.every((bytes) => bytes <= 512 * 16)).toBe(true)
    expect(table.finish().stored).toMatchObject({ rows: 512, byteLength: 20_000 * 16 })
  })

  test('of less than the budget, or than a block, stays in memory', async () => {
    for (const [store, rows] of [
      [new Store(16_000, 256), 1000],
      [new Store(0, 4096), 400],
    ] as const) {
      const table = new TableBuilder('t', ['a', 'b'], 'line', store)
      for (let row = 0; row < rows; row++) {
        table.columns.forEach((column) => column.number(row))
        table.endRow()
        await table.settle()
      }
      expect(contentOf(table.finish()).columns[1]?.cells[rows - 1]).toBe(String(rows - 1))
      expect(store.files.every((file) => file.bytes.length === 0)).toBe(true)
    }
  })

  test('a column that comes late has no value before', async () => {
    const make = async (store?: NumberStore) => {
      const table = new TableBuilder('t', ['a'], 'row', store)
      for (let row = 0; row < 500; row++) {
        if (row === 300) table.addColumn('b')
        table.columns.forEach((column) => column.number(row))
        table.endRow()
        await table.settle()
      }
      return table.finish()
    }
    const stored = await make(new Store())
    expect(contentOf(stored)).toEqual(contentOf(await make()))
    expect(contentOf(stored).columns[1]?.cells.slice(298, 302)).toEqual(['', '', '300', '301'])
    await expectBlocks(stored, await make())
  })

  test('the comparison can fail: one byte of the file is another one', async () => {
    const store = new Store()
    const cells = cellsFor(1)
    const stored = await built(cells, 1, store)
    const file = at(store.files, 0)
    const place = Math.floor(file.bytes.length / 2)
    file.bytes[place] = at(file.bytes, place) ^ 1
    expect(contentOf(stored)).not.toEqual(contentOf(await built(cells, 1)))
  })
})

describe('blocks', () => {
  test('have about as many bytes as they should, a power of two of rows, and more where a table is wide', () => {
    const block = 2 ** 20
    expect(rowsInBlock(20, block)).toBe(4096)
    expect(rowsInBlock(1, block)).toBe(2 ** 17)
    expect(rowsInBlock(784, block)).toBe(512)
    for (const columns of [1, 3, 20, 100, 784, 3000, 16_384]) {
      const rows = rowsInBlock(columns, block)
      expect(Number.isInteger(Math.log2(rows))).toBe(true)
      expect(rows * columns * 8).toBeLessThanOrEqual(4 * block)
      expect(rows).toBeGreaterThanOrEqual(Math.min(512, 16))
    }
  })
})

describe('how large a table may be', () => {
  const store = (free: number): NumberStore => ({
    ...new Store(),
    cells: new Store().cells,
    free: () => Promise.resolve(free),
  })
  const files = [{ size: 1e9 }]

  test('is said by memory, or by what the disk has free and the files can hold', async () => {
    expect(await tableLimit(unwatched, files)).toEqual(HELD_TABLE)
    expect(await tableLimit(jobOf(store(8e9)), files)).toEqual({ cells: 1e9 })
    expect(await tableLimit(jobOf(store(0)), files)).toEqual({ cells: MAX_CELLS })
    expect(await tableLimit(jobOf(store(1e15)), files)).toEqual({ cells: 2 ** 33 })
    // A few bytes promise nothing.
    expect(await tableLimit(jobOf(store(1e15)), [{ size: 1e4 }])).toEqual({ cells: MAX_CELLS })
  })

  test('is told by cells, or by rows where there are many cells', () => {
    expect(tooMany({ cells: 1e9 }, 1e7, 100)).toBeUndefined()
    expect(tooMany({ cells: 1e9 }, 1e7, 101)).toBe('1000000000 cells')
    expect(tooMany({ cells: 1e9 }, MAX_STORED_ROWS + 1, 20)).toBe('33554432 rows')
    expect(tooMany({ cells: 1e9 }, MAX_STORED_ROWS, 20)).toBeUndefined()
    expect(tooMany(HELD_TABLE, MAX_CELLS, 1)).toBeUndefined()
    expect(tooMany(HELD_TABLE, MAX_CELLS, 2)).toBe('100000000 cells')
  })
})

// A table of all kinds of columns

const ROWS = 2600
const made = (() => {
  const rng = new Rng(5, 'table')
  return Array.from({ length: ROWS }, (_, row) => {
    const x = rng.normal(10, 3)
    const maybe = (cell: string, share: number) => (rng.uniform() < share ? '' : cell)
    return [
      String(x),
      maybe(String(Math.floor(rng.uniform(0, 1e6)) / 7), 0.03),
      maybe(at(['red', 'green', 'blue'], rng.integer(3)), 0.02),
      `id${rng.integer(400)}`,
      String(rng.integer(9)),
      // Groups of rows, and times out of order.
      `g${Math.floor(row / 40) % 9}`,
      String(1_700_000_000 + Math.floor(row / 9) * 60),
      at(['train', 'validation', 'test'], Math.min(2, rng.integer(8))),
      x + rng.normal(0, 1) > 10 ? 'yes' : 'no',
    ]
  })
})()
// Equal rows, far from each other.
for (let row = 0; row < 40; row++) made[ROWS - 1 - row * 3] = [...at(made, row * 5)]
const names = ['x', 'wide', 'colour', 'name', 'few', 'group', 'time', 'part', 'class']

const csv = () => [fileOf('t.csv', [names, ...made].map((row) => `${row.join(',')}\n`).join(''))]
const jsonl = () => {
  const lines = made.map((row) => {
    const fields = row.map((cell, i) => [
      at(names, i),
      cell === '' ? null : [0, 1, 4, 6].includes(i) ? Number(cell) : cell,
    ])
    return JSON.stringify(Object.fromEntries(fields))
  })
  return [fileOf('t.jsonl', `${lines.join('\n')}\n`)]
}
const parquet = () => {
  const pages = (of: (rows: readonly (readonly string[])[]) => number[]) =>
    Array.from({ length: 4 }, (_, i) => made.slice(i * 650, (i + 1) * 650)).map((rows) =>
      page({ body: of(rows), values: rows.length }),
    )
  const columns = names.map((name, i) =>
    i === 0 || i === 4 || i === 6
      ? { name, type: 5, pages: pages((rows) => double(...rows.map((row) => Number(row[i])))) }
      : { name, type: 6, pages: pages((rows) => byteArray(...rows.map((row) => row[i] ?? ''))) },
  )
  return [memoryFile('t.parquet', parquetBytes(columns, { rows: ROWS }))]
}
const numbers = (fortran: boolean) => () => {
  const rng = new Rng(3, 'npy')
  const values = Array.from({ length: 3 * 3000 }, () => rng.normal(0, 5))
  return [memoryFile('t.npy', npyBytes('<f8', [3000, 3], values, fortran))]
}

async function readBoth(files: () => DataFile[], block = 256) {
  const store = new Store(0, block)
  const [stored, held] = await Promise.all([
    readFiles(files(), { job: jobOf(store) }).then(valueOf),
    readFiles(files()).then(valueOf),
  ])
  if (!('columns' in stored.data) || !('columns' in held.data)) throw new Error('expected tables')
  return { store, stored: { ...stored, data: stored.data }, held: { ...held, data: held.data } }
}

test.each([
  ['CSV', csv],
  ['JSON Lines', jsonl],
  ['Parquet', parquet],
  ['an array of rows', numbers(false)],
  ['an array of columns', numbers(true)],
])('%s is read into a file as it is into memory, and looks the same', async (_, files) => {
  const { stored, held } = await readBoth(files)
  expect(contentOf(stored.data)).toEqual(contentOf(held.data))
  expect(stored.data.stored?.byteLength).toBeGreaterThan(10_000)
  expect(held.data.stored).toBeUndefined()
  const { facts, data, ...rest } = stored
  const { facts: wanted, data: heldData, ...others } = held
  expect(rest).toEqual(others)
  expect(facts.slice(0, -1)).toEqual(wanted)
  expect(facts.at(-1)?.value).toMatch(/^in a file of [\d.]+ kB \(over the 0 bytes that are held in memory\)$/)
  const references = files().map(referenceOf)
  const [proposed, right] = [stored, held].map((opened) => valueOf(proposeSource(opened, references)))
  expect({ ...proposed, facts: [] }).toEqual({ ...right, facts: [] })
  const source = at([right], 0)?.source
  if (source?.kind !== 'table') throw new Error('expected a table')
  const loadedOf = (table: Table) => ({ data: { table, source }, facts: [], bad: NO_BAD, warnings: [] })
  const shown = preview(loadedOf(data))
  expect(shown).toEqual(preview(loadedOf(heldData)))
  expect(await previewInTurns(loadedOf({ ...data }), unwatched)).toEqual(shown)
  const rows = [0, 1700, 5, 2599]
  expect(samplesOf({ table: data, source }, rows)).toEqual(samplesOf({ table: heldData, source }, rows))
})

const kinds: readonly Column[] = [
  { name: 'x', role: 'feature', kind: 'numeric', clip: [0.02, 0.97] },
  { name: 'wide', role: 'feature', kind: 'numeric', missing: 'median', scale: 'minMax', flag: true },
  { name: 'colour', role: 'feature', kind: 'categorical', categories: ['blue', 'green', 'red'], flag: true },
  { name: 'name', role: 'feature', kind: 'categorical', encoding: 'hash', buckets: 12 },
  { name: 'few', role: 'feature', kind: 'categorical', encoding: 'ordinal', categories: [...'012345678'] },
  { name: 'group', role: 'group', kind: 'categorical' },
  { name: 'time', role: 'time', kind: 'numeric' },
  { name: 'part', role: 'split', kind: 'categorical' },
  { name: 'class', role: 'target', kind: 'categorical', categories: ['no', 'yes'] },
]

function sectionOf(
  split: Partial<SplitRecipe> = {},
  preparation: Partial<PreparationRecipe> = {},
  columns = kinds,
  more: Pick<DataSection, 'corrections'> = {},
): DataSection & { readonly source: TableSource } {
  const { data } = emptyDocument()
  const files = csv().map(referenceOf)
  return {
    ...data,
    source: { kind: 'table', reader: 'csv', options: {}, files, columns },
    preparation: { ...data.preparation, ...preparation },
    split: { ...data.split, validation: 0.2, ...split },
    ...more,
  }
}

const regress = kinds.map((column): Column =>
  column.name === 'class'
    ? { ...column, role: 'ignore' }
    : column.name === 'wide'
      ? { name: 'wide', role: 'target', kind: 'numeric' }
      : column,
)

describe('preparation from a file', async () => {
  const { store, stored, held } = await readBoth(csv)

  test.each<[string, DataSection & { readonly source: TableSource }]>([
    ['as usual', sectionOf()],
    ['equal rows together', sectionOf({ together: true })],
    ['by group', sectionOf({ method: 'group' })],
    ['by time', sectionOf({ method: 'time' })],
    ['by a column', sectionOf({ method: 'column' })],
    ['with a number as target, and rows without a value left out', sectionOf({}, { missing: 'skip' }, regress)],
    ['in windows', sectionOf({}, { windows: { length: 5, horizon: 2, stride: 3 } })],
    [
      'in windows of a target of numbers',
      sectionOf({}, { windows: { length: 3, horizon: 1, stride: 1 }, scale: 'log' }, regress),
    ],
    ['with the past of classes', sectionOf({}, { windows: { length: 4, horizon: 1, stride: 2, past: true } })],
    [
      'with the past of a number',
      sectionOf({}, { windows: { length: 3, horizon: 2, stride: 1, past: true }, scale: 'log' }, regress),
    ],
    [
      'put right by hand',
      sectionOf({}, {}, kinds, { corrections: { 3: { target: 'no' }, 90: { target: 'yes' }, 7: { exclude: true } } }),
    ],
  ])('is that from memory: %s', async (_, section) => {
    const { source } = section
    const wanted = valueOf(prepare({ table: held.data, source }, section))
    const now = valueOf(prepare({ table: stored.data, source }, section))
    expect(now).toEqual(wanted)
    expect(wanted.train.count).toBeGreaterThan(100)
    const made = valueOf(await prepareFeed({ table: stored.data, source }, section, 0))
    const { train, validation, ...rest } = made
    const { train: right, validation: left, ...others } = wanted
    expect(rest).toEqual(others)
    for (const [part, own] of [
      [train, right],
      [validation, left],
    ] as const) {
      expect(part).toMatchObject({ count: own.count, targets: own.targets, rows: own.rows })
      if (!isMade(part.features)) throw new Error('expected features that are made')
      const size = own.features.length / own.count
      // In any order, some of them twice.
      const rng = new Rng(1, 'places')
      for (const places of [rng.permutation(own.count), Uint32Array.from({ length: 9 }, () => rng.integer(own.count))])
        expect(await featuresAt(part.features, places, size)).toEqual(await featuresAt(own.features, places, size))
    }
    const asked = valueOf(questionsOf(made.fitted, { table: stored.data, source }, section))
    const questions = valueOf(questionsOf(made.fitted, { table: held.data, source }, section))
    expect(asked).toMatchObject({ count: questions.count, shape: questions.shape, warnings: questions.warnings })
    for (const [from, to] of [
      [0, 5],
      [100, questions.count],
    ] as const)
      expect(await asked.features(from, to)).toEqual(await questions.features(from, to))
    expect(asked.place(60)).toEqual(questions.place(60))
  })

  test('says what leaks and what was filled', async () => {
    const section = sectionOf()
    const { warnings } = valueOf(await prepareFeed({ table: stored.data, source: section.source }, section, 0))
    expect(warnings.map(({ code }) => code)).toEqual(['split.leak', 'data.filled', 'data.filled'])
  })

  test('can be left, and says how far it is', async () => {
    const section = sectionOf()
    const shares: number[] = []
    let pauses = 0
    const pause = () => (++pauses > 2 ? Promise.reject(new Error('enough')) : Promise.resolve())
    const slow = performance.now
    // Each look at the clock is a turn.
    let now = 0
    performance.now = () => (now += 100)
    try {
      const job: Job = { pause, progress: (share) => shares.push(share) }
      await expect(prepareFeed({ table: stored.data, source: section.source }, section, 0, job)).rejects.toThrow(
        'enough',
      )
    } finally {
      performance.now = slow
    }
    expect(shares).toHaveLength(3)
    expect(shares[2]).toBeGreaterThan(at(shares, 1))
  })

  test('shuffles blocks and then windows of them, and reads each block twice an epoch at most', async () => {
    const section = sectionOf({ validation: 0.1, stratified: false })
    const { train } = valueOf(await prepareFeed({ table: stored.data, source: section.source }, section, 0))
    if (!isMade(train.features)) throw new Error('expected features that are made')
    const { neighbours } = train.features
    // Blocks of 8 rows, nine tenths of which train.
    expect(stored.data.stored?.rows).toBe(8)
    expect(neighbours).toBe(7)
    expect(train.count).toBeGreaterThan(64 * neighbours)
    const file = at(store.files, 0)
    const size = train.features.length / train.count
    for (const epoch of [1, 2]) {
      const order = epochOrder(1, epoch, train.count, neighbours)
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from(order, (_, i) => i))
      file.reads.length = 0
      for (let from = 0; from < order.length; from += 32)
        await featuresAt(train.features, order.subarray(from, from + 32), size)
      // A stretch of neighbours begins in the middle of a block.
      const blocks = file.bytes.length / at(file.writes, 0)
      expect(file.reads.length).toBeLessThan(2.1 * blocks)
    }
    // The control: in any order blocks are read again and again.
    file.reads.length = 0
    const order = epochOrder(1, 1, train.count)
    for (let from = 0; from < order.length; from += 32)
      await featuresAt(train.features, order.subarray(from, from + 32), size)
    expect(file.reads.length).toBeGreaterThan((5 * file.bytes.length) / at(file.writes, 0))
  })

  test('windows of series that lie mixed share the blocks that are read for them together', async () => {
    const mixed = kinds.map((column): Column => {
      if (column.name === 'few') return { name: 'few', role: 'group', kind: 'categorical' }
      return column.role === 'group' ? { ...column, role: 'ignore' } : column
    })
    const section = sectionOf({}, { windows: { length: 3, horizon: 1, stride: 1 } }, mixed)
    const { source } = section
    const readsOf = async (chunk: number) => {
      const { train } = valueOf(await prepareFeed({ table: stored.data, source }, section, 0))
      if (!isMade(train.features)) throw new Error('expected features that are made')
      const order = epochOrder(1, 1, train.count, train.features.neighbours)
      const file = at(store.files, 0)
      file.reads.length = 0
      for (let from = 0; from < order.length; from += chunk)
        await featuresAt(train.features, order.subarray(from, from + chunk), train.features.length / train.count)
      return file.reads.length
    }
    // The control: one after the other each stretch reads what it needs.
    expect(await readsOf(1)).toBeGreaterThan(1.5 * (await readsOf(512)))
  })
})

test('a network trains from a file as it does from memory, and otherwise where one cell is another', async () => {
  // One block for each part, so that the order is that of memory.
  const { store, stored, held } = await readBoth(csv, 1 << 13)
  const features = kinds.filter(({ name }) => name === 'x' || name === 'wide')
  const section = sectionOf({}, {}, [
    ...features.map(({ name }): Column => ({ name, role: 'feature', kind: 'numeric' })),
    at(kinds, 8),
  ])
  const { source } = section
  const document = classifier({ epochs: 3, batchSize: 32 })
  const trained = async (table: Table, budget: number) => {
    const data = valueOf(await prepareFeed({ table, source }, section, budget))
    const { weights, curves } = await train({ ...document, data: section }, data, await cpu())
    return { weights, curves }
  }
  const right = await trained(held.data, 2 ** 30)
  expect(stored.data.stored?.rows).toBe(256)
  expect(await trained(stored.data, 0)).toEqual(right)
  expect(await trained(stored.data, 2 ** 30)).toEqual(right)
  const file = at(store.files, 0)
  file.bytes[5] = at(file.bytes, 5) ^ 255
  expect(await trained(stored.data, 0)).not.toEqual(right)
})
