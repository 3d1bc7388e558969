/** The engine's data as several ask for them at once: read once, prepared once, and given up one by one. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { attemptAsync, ok } from '../../src/base/problem.ts'
import type { DataFile, DataItem } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { DataSection, TableSource } from '../../src/document/types.ts'
import { dataRoom } from '../../src/node/engine/data-room.ts'
import { Reading } from '../../src/node/engine/reading.ts'
import type { DataRoom, Load } from '../../src/node/engine/service.ts'
import { Scratch } from '../../src/node/scratch.ts'
import type { DataProgress } from '../../src/protocol/messages.ts'
import { fileOf, problemsOf, tableSourceOf, valueOf } from '../data/files.ts'
import { until } from '../helpers/until.ts'

let folder: string
let room: DataRoom
beforeEach(() => {
  // Time passes with every look at the clock, so that readers pause wherever they may.
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 100))
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-room-'))
  room = dataRoom(new Scratch({ folder }))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

// Many pieces of what a reader looks at before it begins.
const rows = Array.from({ length: 4000 }, (_, i) => `${i},${(i * 7) % 13},${i % 2 ? 'odd' : 'even'}${' '.repeat(600)}`)
const text = `a,b,kind\n${rows.join('\n')}\n`
const PIECES = 8

/** A file that comes piece by piece, as fast as the test lets it, and counts who opened it. */
function slowFile() {
  const file = fileOf('big.csv', text)
  let opened = 0
  let given = 0
  let closed = 0
  let allowed = 0
  let wake: (() => void)[] = []
  const allow = (pieces: number) => {
    allowed += pieces
    const woken = wake
    wake = []
    woken.forEach((go) => go())
  }
  const slow: DataFile = {
    ...file,
    async *chunks() {
      opened++
      try {
        const size = Math.ceil(file.size / PIECES)
        for (let from = 0; from < file.size; from += size) {
          while (given >= allowed) await new Promise<void>((resolve) => wake.push(resolve))
          given++
          yield await file.read(from, Math.min(file.size, from + size))
        }
      } finally {
        closed++
      }
    },
  }
  const item: DataItem = { reference: { name: 'big.csv', size: file.size, sha256: 'b'.repeat(64) }, files: [slow] }
  const load: Load = async () => ok(item)
  return {
    load,
    item,
    counts: () => ({ opened, given, closed }),
    /** The next piece is there, and taken. */
    async piece() {
      const before = given
      allow(1)
      await until(() => given > before)
    },
    flow: () => allow(Infinity),
  }
}

async function sectionFor(item: DataItem, change: Partial<TableSource> = {}): Promise<DataSection> {
  const source = await tableSourceOf(text, 'big.csv')
  return { ...emptyDocument().data, source: { ...source, files: [item.reference], ...change } }
}

/** Somebody who waits for data. */
function caller() {
  const told: DataProgress[] = []
  const controller = new AbortController()
  const watch = new Reading({
    now: () => performance.now(),
    tell: (one) => void told.push(one),
    signal: controller.signal,
  })
  return { watch, told, leave: () => controller.abort() }
}
const answerOf = <T>(work: Promise<T>) => attemptAsync(() => work)

describe('what several ask for at the same time', () => {
  test('is read once: for an estimate, a start and a preview; all hear of it', async () => {
    const file = slowFile()
    const data = await sectionFor(file.item)
    const [estimate, start, look] = [caller(), caller(), caller()]
    const prepared = room.prepare(data, file.load, estimate.watch)
    await file.piece()
    const again = room.prepare(data, file.load, start.watch)
    const preview = room.preview(data, file.load, look.watch)
    file.flow()
    expect(valueOf(await prepared)).toBe(valueOf(await again))
    expect(valueOf(await preview)).toMatchObject({ kind: 'table', rows: 4000 })
    expect(file.counts()).toMatchObject({ opened: 1, given: PIECES, closed: 1 })
    for (const { told } of [estimate, start, look])
      expect(told).toContainEqual({ doing: 'reading', file: 'big.csv', share: 0 })
    for (const { told } of [estimate, start]) expect(told.map(({ doing }) => doing)).toContain('preparing')
    // The control: what is kept is not read again, and other options are another reading.
    await room.preview(data, file.load)
    expect(file.counts().opened).toBe(1)
    valueOf(await room.preview(await sectionFor(file.item, { options: { bad: 'skip' } }), file.load))
    expect(file.counts().opened).toBe(2)
  })

  test('given up by one is read on for the other', async () => {
    const file = slowFile()
    const data = await sectionFor(file.item)
    const [start, look] = [caller(), caller()]
    const prepared = answerOf(room.prepare(data, file.load, start.watch))
    const preview = room.preview(data, file.load, look.watch)
    await file.piece()
    start.leave()
    await file.piece()
    const answer = await prepared
    expect(problemsOf(answer)).toMatchObject([{ code: 'data.cancelled' }])
    const heard = start.told.length
    file.flow()
    expect(valueOf(await preview)).toMatchObject({ rows: 4000 })
    expect(file.counts()).toEqual({ opened: 1, given: PIECES, closed: 1 })
    // Who has left hears no more of it.
    expect(start.told).toHaveLength(heard)
  })

  test('given up by all is read no further, and leaves nothing; who comes then reads it from the beginning', async () => {
    const file = slowFile()
    const data = await sectionFor(file.item)
    const both = [caller(), caller()]
    const answers = both.map(({ watch }) => answerOf(room.prepare(data, file.load, watch)))
    await file.piece()
    both.forEach(({ leave }) => leave())
    await file.piece()
    for (const answer of await Promise.all(answers))
      expect(problemsOf(answer)).toMatchObject([{ code: 'data.cancelled' }])
    const { given } = file.counts()
    expect(given).toBeLessThan(PIECES)
    file.flow()
    await until(() => file.counts().closed === 1)
    expect(file.counts()).toEqual({ opened: 1, given, closed: 1 })
    expect(readdirSync(folder)).toEqual([])
    expect(valueOf(await room.prepare(data, file.load)).train.count).toBe(3200)
    expect(file.counts()).toEqual({ opened: 2, given: given + PIECES, closed: 2 })
  })

  test('with other columns goes on with the reading that there is; with other options it is another one', async () => {
    const file = slowFile()
    const data = await sectionFor(file.item)
    const { source } = data
    if (source.kind !== 'table') throw new Error(source.kind)
    const columns = source.columns.map((one) => (one.name === 'b' ? { ...one, role: 'ignore' as const } : one))
    const [old, fresh, other] = [caller(), caller(), caller()]
    const first = answerOf(room.prepare(data, file.load, old.watch))
    await file.piece()
    const second = room.prepare({ ...data, source: { ...source, columns } }, file.load, fresh.watch)
    old.leave()
    await file.piece()
    expect(problemsOf(await first)).toMatchObject([{ code: 'data.cancelled' }])
    expect(file.counts()).toMatchObject({ opened: 1, closed: 0 })
    const third = room.prepare({ ...data, source: { ...source, options: { bad: 'skip' } } }, file.load, other.watch)
    await until(() => file.counts().opened === 2)
    fresh.leave()
    file.flow()
    expect(problemsOf(await answerOf(second))).toMatchObject([{ code: 'data.cancelled' }])
    expect(valueOf(await third).shape).toEqual([2])
  })
})

test('a file is looked for by whoever comes first, and its checking is told and can be given up', async () => {
  const { item } = slowFile()
  const data = await sectionFor(item)
  const one = caller()
  let looked = 0
  const load: Load = async (_, job) => {
    for (looked = 1; looked < 100; looked++) {
      job?.progress(looked / 100)
      if (looked === 30) one.leave()
      await job?.pause()
    }
    return ok(item)
  }
  expect(problemsOf(await answerOf(room.prepare(data, load, one.watch)))).toMatchObject([{ code: 'data.cancelled' }])
  expect(looked).toBe(30)
  expect(one.told.at(-1)).toEqual({ doing: 'checking', file: 'big.csv', share: 0.3 })
})
