/** Numbers that memory is not to hold, in real files. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problem, ProblemError } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { featuresAt, isMade } from '../../src/data/features.ts'
import { memoryFile } from '../../src/data/files.ts'
import { asSource, prepare, proposeSource, readFiles } from '../../src/data/index.ts'
import { BLOCK, isStored } from '../../src/data/numbers.ts'
import { wholeOf } from '../../src/data/table/stored.ts'
import type { DataItem, HeldCells, HeldNumbers, Job, StoredNumbers, Table } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { Augmentation, DataSection } from '../../src/document/types.ts'
import { dataRoom } from '../../src/node/engine/data-room.ts'
import { memoryBudget, Scratch, type Disk } from '../../src/node/scratch.ts'
import { idxBytes } from '../data/idx.ts'
import { cellsOf, refusalOf } from '../data/reading.ts'
import { messages, valueOf } from '../data/files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-scratch-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const scratch = () => join(folder, 'scratch')
const files = () => (existsSync(scratch()) ? readdirSync(scratch()) : [])
const inScratch = (name: string) => join(scratch(), name)
const wide = 1e12
/** The real one, but for what a test says. */
const diskWith = (write: Disk['write'], free = wide): Disk => ({ write, free: () => Promise.resolve(free) })

/** Stored in pieces of all lengths up to `most`. */
async function store(
  numbers: HeldNumbers,
  most: number,
  options: { readonly disk?: Disk } = {},
): Promise<StoredNumbers> {
  const sink = await new Scratch({ folder, budget: 0, ...options }).open().create(kindOf(numbers), numbers.length)
  const rng = new Rng(1, 'pieces')
  for (let from = 0; from < numbers.length;) {
    const piece = numbers.slice(from, from + 1 + rng.integer(most))
    await sink.write(piece)
    // It is the caller's again.
    piece.fill(7)
    from += piece.length
  }
  const stored = await sink.done()
  if (!isStored(stored)) throw new Error('expected a file')
  return stored
}
const kindOf = (numbers: HeldNumbers) => (numbers instanceof Uint8Array ? 'bytes' : 'floats')

/** Of one kind, bit for bit; quicker than the comparison of tests. */
const same = (a: HeldNumbers, b: HeldNumbers) =>
  kindOf(a) === kindOf(b) &&
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

const rng = new Rng(1, 'numbers')
const bytes = (count: number) => Uint8Array.from({ length: count }, () => rng.integer(256))
const floats = (count: number) => Float32Array.from({ length: count }, () => rng.normal(0, 1))

describe('a file of numbers', () => {
  test.each([
    ['bytes, in small pieces', bytes(3 * BLOCK + 17), 3000],
    ['bytes, in pieces larger than a block', bytes(5 * BLOCK + 1), 3 * BLOCK],
    ['floats', floats(BLOCK + 5), 5000],
    ['one number', floats(1), 1],
  ])('gives back what was written: %s', async (_, numbers, most) => {
    const stored = await store(numbers, most)
    expect(stored).toMatchObject({ kind: kindOf(numbers), length: numbers.length, byteLength: numbers.byteLength })
    expect(same(await stored.read(0, numbers.length), numbers)).toBe(true)
    for (let k = 0; k < 50; k++) {
      const from = rng.integer(numbers.length)
      const to = from + rng.integer(k % 10 === 0 ? numbers.length : 2000)
      const right = numbers.slice(from, to)
      expect(same(await stored.read(from, to), right)).toBe(true)
      expect(same(stored.subarray(from, to), right)).toBe(true)
      // From the block that was read for it.
      expect(same(stored.subarray(from + 1, to), numbers.slice(from + 1, to))).toBe(true)
    }
    expect(stored.subarray(numbers.length, numbers.length + 3)).toHaveLength(0)
  })

  test('may be shorter than the room that it was given', async () => {
    const sink = await new Scratch({ folder, budget: 0 }).open().create('floats', 100)
    await sink.write(Float32Array.of(1, 2, 3))
    expect((await sink.done()).length).toBe(3)
  })

  test.skipIf(process.platform === 'win32')('is its owner’s alone', async () => {
    await store(bytes(10), 10)
    expect(statSync(scratch()).mode & 0o777).toBe(0o700)
    for (const name of files()) expect(statSync(inScratch(name)).mode & 0o777).toBe(0o600)
    expect(files()).toHaveLength(1)
  })

  test('goes when its set is forgotten, and whoever reads it reads on', async () => {
    const numbers = bytes(2 * BLOCK)
    const own = new Scratch({ folder, budget: 0 }).open()
    const sink = await own.create('bytes', numbers.length)
    await sink.write(numbers)
    const stored = (await sink.done()) as StoredNumbers
    own.forget()
    expect(files()).toEqual([])
    expect(await stored.read(5, 50)).toEqual(numbers.slice(5, 50))
    expect(stored.subarray(BLOCK, BLOCK + 9)).toEqual(numbers.slice(BLOCK, BLOCK + 9))
  })

  test.each([
    ['cut', (path: string) => truncateSync(path, 10)],
    ['longer', (path: string) => appendFileSync(path, 'x')],
    [
      'written anew',
      (path: string) => {
        writeFileSync(path, bytes(5000))
        utimesSync(path, 1, 1)
      },
    ],
  ])('that was %s by another program is not read', async (_, change) => {
    const stored = await store(bytes(5000), 5000)
    const path = inScratch(files()[0] ?? '')
    expect(await stored.read(0, 10)).toHaveLength(10)
    change(path)
    const said = `The stored examples in ${path} were changed by another program. Read the data again.`
    expect((await refusalOf(stored.read(0, 20))).message).toBe(said)
    expect(() => stored.subarray(0, 20)).toThrow(said)
  })
})

describe('a table in a file', () => {
  const text = () => {
    const own = new Rng(1, 'table')
    const rows = Array.from({ length: 3000 }, (_, i) => `${own.normal()},${i % 7},${i % 2 ? 'yes' : 'no'}`)
    return new TextEncoder().encode(`x,k,y\n${rows.join('\n')}\n`)
  }
  const tableIn = async (options: { readonly disk?: Disk } = {}) => {
    const own = new Scratch({ folder, budget: 0, block: 1024, ...options }).open()
    const { data } = valueOf(await readFiles([memoryFile('t.csv', text())], { job: { ...watched, store: own } }))
    if (!('columns' in data)) throw new Error('expected a table')
    return { own, table: data }
  }

  test('is the one in memory, goes when it is forgotten, and whoever reads it reads on', async () => {
    const { data } = valueOf(await readFiles([memoryFile('t.csv', text())]))
    const { own, table } = await tableIn()
    expect(files()).toHaveLength(1)
    expect(statSync(inScratch(files()[0] ?? '')).size).toBe(23 * 128 * (8 + 4 + 4))
    own.forget()
    expect(files()).toEqual([])
    expect(cellsOf(table)).toEqual(cellsOf(data as Table))
    expect(await table.stored?.read(table.columns, 2)).toEqual(
      (data as Table).columns.map((column) =>
        wholeOf<HeldCells>(column.kind === 'texts' ? column.codes : column.values).slice(256, 384),
      ),
    )
  })

  test('that was changed by another program is not read', async () => {
    const { table } = await tableIn()
    const path = inScratch(files()[0] ?? '')
    const [column] = table.columns
    if (column?.kind !== 'numbers') throw new Error('expected numbers')
    expect(column.values.at(700)).not.toBeNaN()
    appendFileSync(path, 'x')
    const said = `The stored table in ${path} was changed by another program. Read the data again.`
    expect(() => column.values.at(0)).toThrow(said)
    expect((await refusalOf(table.stored?.read([column], 0) ?? Promise.resolve())).message).toBe(said)
  })

  test.each([
    ['is full', (): Promise<number> => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })), wide],
    ['takes nothing', () => Promise.resolve(0), wide],
    ['has too little room', (_: number, own: Uint8Array) => Promise.resolve(own.length), 1e9],
  ])('has no place where the disk %s', async (_, write, free) => {
    const own = new Scratch({ folder, budget: 0, block: 1024, disk: diskWith(write, free) }).open()
    const read = await readFiles([memoryFile('t.csv', text())], { job: { ...watched, store: own } })
    expect(messages(read)).toEqual([
      `The table is more than memory is to hold, and the disk of ${scratch()} is full. Free some space there, or use fewer rows or columns.`,
    ])
    own.forget()
    expect(files()).toEqual([])
  })
})

describe('a disk', () => {
  test('that takes a little at a time gets it all', async () => {
    const numbers = floats(BLOCK)
    const { write } = await import('node:fs')
    const little = (fd: number, own: Uint8Array) =>
      new Promise<number>((resolve, reject) =>
        write(fd, own, 0, Math.max(1, own.length >> 1), null, (error, count) =>
          error ? reject(error) : resolve(count),
        ),
      )
    const stored = await store(numbers, 10_000, { disk: diskWith(little) })
    expect(same(stored.subarray(0, BLOCK), numbers)).toBe(true)
  })

  const refused = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
  const isFull = () =>
    `The examples take 3.00 MB, which is more than memory is to hold, and the disk of ${scratch()} is full. Free some space there, or choose fewer examples.`
  test.each([
    ['is full', refused('ENOSPC'), wide, isFull],
    ['takes nothing', () => Promise.resolve(0), wide, isFull],
    ['has too little room', () => Promise.resolve(1), 1e9, isFull],
    [
      'breaks',
      refused('EIO'),
      wide,
      () =>
        `The examples take 3.00 MB, which is more than memory is to hold, and they could not be stored in ${scratch()}: the disk said EIO. Make the folder writable, or choose fewer examples.`,
    ],
  ])('that %s is said', async (_, write, free, said) => {
    const error = await refusalOf(store(bytes(3e6), 10_000, { disk: diskWith(write, free) }))
    expect(error.problems).toMatchObject([{ code: 'data.disk', message: said() }])
  })

  test('whose folder can not be made is said', async () => {
    writeFileSync(scratch(), 'a file in its place')
    const error = await refusalOf(store(bytes(10), 10))
    expect(error.message).toContain(`they could not be stored in ${scratch()}: the disk said EEXIST.`)
  })
})

test('what other sessions left behind is swept away, and nothing else', async () => {
  mkdirSync(scratch())
  const gone = [
    '999999999-ab12.numbers',
    '999999999-ab13.cells',
    `${process.pid}-00ff.numbers`,
    `${process.ppid}-0a.numbers`,
  ]
  const left = [`${process.ppid}-0b.numbers`, 'notes.txt', '12-xyz.numbers', '12-ab.texts']
  for (const name of [...gone, ...left]) writeFileSync(inScratch(name), 'x')
  // Its process is there, but the file is older than the machine's running.
  utimesSync(inScratch(`${process.ppid}-0a.numbers`), 1000, 1000)
  const stored = await store(bytes(10), 10)
  const own = files().filter((name) => !left.includes(name))
  expect(own).toHaveLength(1)
  expect(own[0]).toMatch(new RegExp(`^${process.pid}-`))
  await new Scratch({ folder, budget: 0 }).swept
  expect(files().sort()).toEqual([...own, ...left].sort())
  expect(stored.subarray(0, 10)).toHaveLength(10)
})

test('the budget is what was said, else a quarter of the machine, and 2 GB at most', () => {
  const GB = 1024 ** 3
  expect(memoryBudget('100', 64 * GB)).toBe(100 * 1024 ** 2)
  expect(memoryBudget('0', 64 * GB)).toBe(0)
  expect(memoryBudget('100000', 64 * GB)).toBe(2 * GB)
  for (const wanted of [undefined, '', ' ', 'much', '-1']) {
    expect(memoryBudget(wanted, 4 * GB)).toBe(GB)
    expect(memoryBudget(wanted, 64 * GB)).toBe(2 * GB)
  }
})

// The engine's room

const SHAPE = [20, 30] as const
/** 60 pictures that `seed` decides, as a pair of IDX files. */
function itemsOf(seed: number): DataItem[] {
  const own = new Rng(seed, 'pictures')
  const images = idxBytes(
    [60, ...SHAPE],
    Uint8Array.from({ length: 36_000 }, () => own.integer(256)),
  )
  const labels = idxBytes(
    [60],
    Uint8Array.from({ length: 60 }, (_, i) => i % 3),
  )
  const item = (name: string, content: Uint8Array): DataItem => ({
    reference: { name, size: content.length, sha256: `${seed}-${name}` },
    files: [memoryFile(name, content)],
  })
  return [item('images', images), item('labels', labels)]
}

const watched: Job = { pause: () => Promise.resolve(), progress: () => undefined }
const loadFrom = (items: readonly DataItem[]) => async (reference: { readonly sha256: string }) => {
  const item = items.find((one) => one.reference.sha256 === reference.sha256)
  return item ? { ok: true as const, value: item } : { ok: false as const, problems: [problem('none', 'Gone.')] }
}

describe('the room for data', () => {
  const roomWith = (budget: number) => dataRoom(new Scratch({ folder, budget }))
  const sectionFor = async (room: ReturnType<typeof roomWith>, items: readonly DataItem[]): Promise<DataSection> => {
    const { source } = valueOf(await room.propose(items, {}))
    const { data } = emptyDocument()
    return { ...data, source, preparation: { ...data.preparation, scale: 'standardise' } }
  }

  test('makes of a set in a file what it would make of it in memory', async () => {
    const items = itemsOf(1)
    const room = roomWith(10_000)
    const section = await sectionFor(room, items)
    const opened = valueOf(await readFiles(items.flatMap((item) => item.files)))
    const proposal = valueOf(
      proposeSource(
        opened,
        items.map(({ reference }) => reference),
      ),
    )
    const right = valueOf(prepare(valueOf(asSource(proposal.source, opened)).data, section))
    expect(files()).toHaveLength(1)
    const found = valueOf(await room.prepare(section, loadFrom(items)))
    expect(found.fitted).toEqual(right.fitted)
    expect(found.warnings).toEqual(right.warnings)
    for (const part of ['train', 'validation'] as const) {
      const { count, features, targets, rows } = found[part]
      expect({ count, targets, rows }).toEqual({
        count: right[part].count,
        targets: right[part].targets,
        rows: right[part].rows,
      })
      expect(isMade(features)).toBe(true)
      const all = Uint32Array.from({ length: count }, (_, i) => i)
      expect(await featuresAt(features, all, 600)).toEqual(right[part].features)
    }
    // The same, asked again, was kept.
    expect(valueOf(await room.prepare(section, loadFrom(items)))).toBe(found)
    const looks = valueOf(await room.preview(section, loadFrom(items)))
    expect(looks.facts.at(-1)).toMatchObject({ label: 'Kept' })
    expect(looks).toMatchObject({ kind: 'pictures', count: 60 })
    expect(files()).toHaveLength(1)
  })

  test('reads and learns nothing again where only how pictures vary is another', async () => {
    const items = itemsOf(1)
    const room = roomWith(10_000)
    const section = await sectionFor(room, items)
    const varied = (augmentation: Augmentation, change: Partial<DataSection['preparation']> = {}): DataSection => ({
      ...section,
      preparation: { ...section.preparation, ...change, augmentation },
    })
    const first = valueOf(await room.prepare(section, loadFrom(items)))
    const found = [valueOf(await room.prepare(varied({ seed: 1, rotate: 20 }), loadFrom(items)))]
    found.push(valueOf(await room.prepare(varied({ seed: 1, rotate: 30 }), loadFrom(items))))
    // What is learnt again is another object.
    for (const { validation, fitted } of found)
      expect([validation === first.validation, fitted === first.fitted]).toEqual([true, true])
    const looks = await Promise.all(
      [first, ...found].map(async ({ train: { features } }) => {
        if (!isMade(features)) throw new Error('expected to be made')
        const out = new Float32Array(600)
        await features.write(out, [2], 1)
        return out.join()
      }),
    )
    expect(new Set(looks).size).toBe(3)
    const other = valueOf(await room.prepare(varied({ seed: 1, rotate: 30 }, { scale: 'minMax' }), loadFrom(items)))
    expect(other.validation).not.toBe(first.validation)
    expect(other.fitted).not.toEqual(first.fitted)
  })

  test('keeps the files of two sets, and a network trains on with what is forgotten', async () => {
    const room = roomWith(10_000)
    const sets = [1, 2, 3].map(itemsOf)
    const [first = []] = sets
    const section = await sectionFor(room, first)
    const data = valueOf(await room.prepare(section, loadFrom(first)))
    const before = await featuresAt(data.train.features, [3, 1, 2], 600)
    for (const items of sets.slice(1)) await sectionFor(room, items)
    expect(files()).toHaveLength(2)
    expect(await featuresAt(data.train.features, [3, 1, 2], 600)).toEqual(before)
  })

  test('leaves nothing where reading is ended in the middle', async () => {
    const room = roomWith(10_000)
    let seen = 0
    const pause = () => {
      seen = Math.max(seen, files().length)
      return seen > 0 ? Promise.reject(new ProblemError(problem('data.cancelled', 'Ended.'))) : Promise.resolve()
    }
    // As slowly as a disk, so that there is a pause after the file was begun.
    const items = itemsOf(1).map((item) => ({
      ...item,
      files: item.files.map((file) => ({
        ...file,
        async *chunks() {
          for await (const chunk of file.chunks()) {
            for (let from = 0; from < chunk.length; from += 4000) {
              await new Promise((resolve) => setTimeout(resolve, 10))
              yield chunk.slice(from, from + 4000)
            }
          }
        },
      })),
    }))
    const read = await room.propose(items, { watch: { pause, progress: () => undefined, begin: () => undefined } })
    expect(read).toMatchObject({ ok: false, problems: [{ message: 'Ended.' }] })
    expect(seen).toBe(1)
    expect(files()).toEqual([])
  })
})
