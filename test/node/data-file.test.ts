import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readParams } from '../../src/base/params.ts'
import { attemptAsync, fail, ok, problem } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import csv from '../../src/data/readers/csv.ts'
import type { DataFile } from '../../src/data/types.ts'
import { hashFile, hashFolder, MAX_ENTRIES, openDataFiles } from '../../src/node/data-file.ts'
import { DataStore, withPassedOver } from '../../src/node/data-store.ts'
import { messages, problemsOf } from '../data/files.ts'
import { computing } from '../helpers/computing.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function put(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  return path
}
async function openOne(path: string) {
  const [file] = await openDataFiles(path)
  if (!file) throw new Error('no file')
  return file
}
async function all(file: DataFile): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of file.chunks()) pieces.push(piece)
  return Buffer.concat(pieces)
}
const code = async (work: () => Promise<unknown>) => problemsOf(await attemptAsync(work))[0]?.code

/** Root may read everything; without its rights, or as whoever runs the test. The folders on the way are opened to all. */
async function asNobody(open: readonly string[], work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0 || !process.seteuid) return work()
  for (const path of open) chmodSync(path, 0o777)
  process.seteuid(65534)
  try {
    await work()
  } finally {
    process.seteuid(0)
  }
}

/** Two and a half pieces that no compression makes small. */
const noise = () => {
  const rng = new Rng(1, 'noise')
  return Uint8Array.from({ length: 2_600_000 }, () => rng.bits() & 255)
}

describe('a file', () => {
  test.each([
    ['plain', (bytes: Uint8Array) => bytes],
    ['gzipped', (bytes: Uint8Array) => gzipSync(bytes)],
    [
      'gzipped in two members',
      (bytes: Uint8Array) => {
        return Buffer.concat([gzipSync(bytes.subarray(0, 1_000_001)), gzipSync(bytes.subarray(1_000_001))])
      },
    ],
  ])('%s gives its head, all of it in pieces, and any part', async (how, pack) => {
    const bytes = noise()
    const packed = pack(bytes)
    const file = await openOne(put('x.bin', packed))
    expect([file.name, file.size, file.length]).toEqual([
      'x.bin',
      packed.length,
      how === 'plain' ? bytes.length : undefined,
    ])
    // As many as the first bytes of a gzip file tell, which is less than it was for noise.
    expect(file.head.length).toBeGreaterThan(3000)
    expect(Buffer.compare(file.head, bytes.subarray(0, file.head.length))).toBe(0)
    const pieces: Uint8Array[] = []
    for await (const piece of file.chunks()) pieces.push(piece)
    expect(pieces.length).toBeGreaterThan(1)
    expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0)
    // Not a Buffer, whose `slice` is another one than the one of the type.
    expect(pieces[0]?.constructor).toBe(Uint8Array)
    for (const [from, to] of [
      [0, 10],
      [999_995, 1_048_600],
      [2_599_990, 2_600_010],
      [5, 5],
    ] as const)
      expect(Buffer.compare(await file.read(from, to), bytes.subarray(from, to)), `${from} to ${to}`).toBe(0)
  })

  test('of a few bytes or none is short everywhere', async () => {
    const none = await openOne(put('none', ''))
    expect([none.length, none.head.length, (await all(none)).length, (await none.read(0, 9)).length]).toEqual([
      0, 0, 0, 0,
    ])
    const zipped = await openOne(put('few.gz', gzipSync('ab')))
    expect([Buffer.from(zipped.head).toString(), (await zipped.read(1, 9)).toString()]).toEqual(['ab', '98'])
  })

  test('that is a bomb unzips no further than it is read', async () => {
    const bomb = await openOne(put('bomb.gz', gzipSync(Buffer.alloc(50_000_000))))
    expect(bomb.head).toHaveLength(4096)
    expect(await bomb.read(0, 100)).toEqual(new Uint8Array(100))
    let pieces = 0
    for await (const piece of bomb.chunks()) {
      expect(piece.length).toBeLessThanOrEqual(1 << 20)
      if (++pieces === 3) break
    }
    expect(pieces).toBe(3)
  })

  test('whose gzip data are cut or damaged is refused with a sentence', async () => {
    const zipped = gzipSync(noise())
    const cut = await openOne(put('cut.gz', zipped.subarray(0, 200_000)))
    expect(messages(await attemptAsync(() => all(cut)))).toEqual([
      '"cut.gz" ends in the middle of its gzip data; copy or download it again.',
    ])
    const damaged = await openOne(put('damaged.gz', Uint8Array.of(0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)))
    expect(damaged.head).toHaveLength(0)
    expect(await code(() => all(damaged))).toBe('file.zip')
    const checksum = Uint8Array.from(zipped)
    checksum[checksum.length - 5] = (checksum.at(-5) ?? 0) ^ 1
    const wrong = await openOne(put('wrong.gz', checksum))
    expect(await code(() => all(wrong))).toBe('file.zip')
  })

  test('that changes while it is read is not taken for whole', async () => {
    const path = put('x.csv', new Uint8Array(3_000_000))
    const longer = await openOne(path)
    const reading = async (file: DataFile, meanwhile: () => void) => {
      let first = true
      for await (const piece of file.chunks()) {
        expect(piece.length).toBeGreaterThan(0)
        if (first) meanwhile()
        first = false
      }
    }
    expect(await code(() => reading(longer, () => appendFileSync(path, 'more')))).toBe('file.changing')
    const touched = await openOne(path)
    expect(await code(() => reading(touched, () => utimesSync(path, 1, 1)))).toBe('file.changing')
    const other = await openOne(path)
    expect(await code(() => reading(other, () => rmSync(path)))).toBe('file.changing')
    // The control: nothing happens to it.
    const quiet = await openOne(put('x.csv', new Uint8Array(3_000_000)))
    expect((await attemptAsync(() => reading(quiet, () => undefined))).ok).toBe(true)
  })

  test('that changed before a part of it is read is refused, and one that is gone', async () => {
    const path = put('x.bin', 'abcdef')
    const file = await openOne(path)
    expect(Buffer.from(await file.read(1, 3)).toString()).toBe('bc')
    writeFileSync(path, 'abc')
    expect(messages(await attemptAsync(() => file.read(1, 3)))).toEqual([
      '"x.bin" was changed while it was read. Open it again when nothing writes to it any more.',
    ])
    rmSync(path)
    for (const work of [() => file.read(0, 1), () => all(file)])
      expect(['file.read', 'file.changing']).toContain(await code(work))
    const unread = await openOne(put('y.bin', 'abc'))
    rmSync(join(folder, 'y.bin'))
    expect(await code(() => all(unread))).toBe('file.read')
    // An error that nobody hears would end the process by now.
    await new Promise((resolve) => setTimeout(resolve, 20))
  })
})

/** Bytes by which the process grew at most while a table was read, milliseconds of computing, and what was said. */
async function refused(path: string) {
  const file = await openOne(path)
  const before = process.memoryUsage.rss()
  let most = before
  const watch = () => void (most = Math.max(most, process.memoryUsage.rss()))
  const job = { pause: () => Promise.resolve(watch()), progress: watch }
  // Between the pieces of a row that never ends nobody pauses.
  const watched: DataFile = {
    name: file.name,
    size: file.size,
    length: file.length,
    head: file.head,
    read: (from, to) => file.read(from, to),
    async *chunks() {
      for await (const piece of file.chunks()) {
        watch()
        yield piece
      }
    },
  }
  const tookSoFar = computing()
  const read = await attemptAsync(() => csv.read([watched], readParams(csv.options, {}, csv.title).values, job))
  const took = tookSoFar()
  watch()
  return { says: read.ok ? [] : messages(read), took, grew: most - before }
}

describe('a bomb behind the name of a table is refused within a second and 300 MB:', () => {
  const repeated = (piece: Buffer, bytes: number) => {
    const member = gzipSync(piece)
    return Buffer.concat(Array.from({ length: Math.floor(bytes / piece.length) }, () => member))
  }
  const tooLong =
    'a row has more than 16.0 MB and does not end; look for a quote that opens and is never closed, or choose another delimiter.'
  test.each([
    ['80 MB of one letter', Buffer.alloc(1 << 24, 'a'), [tooLong.replace('a row', 'bomb.csv line 1: the row')]],
    ['80 MB of blanks', Buffer.alloc(1 << 24, ' '), [tooLong.replace('a row', 'bomb.csv line 1: the row')]],
    ['80 MB of quotes', Buffer.alloc(1 << 24, '"'), [tooLong.replace('a row', 'bomb.csv line 1: the row')]],
    [
      '80 MB of commas',
      Buffer.alloc(1 << 24, ','),
      ['bomb.csv line 1 has more than 16384 columns, the most that a table may have; leave some out.'],
    ],
    [
      '80 MB of zeros',
      Buffer.alloc(1 << 24),
      ['bomb.csv has a NUL character on line 1, so it is not a text file; choose a CSV file.'],
    ],
  ])('%s', async (_, piece, expected) => {
    const { says, took, grew } = await refused(put('bomb.csv', repeated(piece, 80_000_000)))
    expect(says).toEqual(expected)
    expect(took).toBeLessThan(1000)
    expect(grew).toBeLessThan(300_000_000)
  })

  test('a gigabyte of rows, of which each could be read', async () => {
    const rows = Buffer.from('1.5,2.5,3.5,4.5\n'.repeat(2 ** 16))
    const bytes = repeated(rows, 2 ** 30)
    const { says, took, grew } = await refused(put('bomb.csv', bytes))
    expect(bytes.length * 300).toBeLessThan(2 ** 30)
    expect(says).toEqual([
      expect.stringMatching(/^bomb.csv has .* and unzips to more than .* times as much, which is hard/),
    ])
    expect(took).toBeLessThan(1000)
    expect(grew).toBeLessThan(300_000_000)
  })

  test('while readings that hardly change, which gzip to less than a twentieth, are read', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `${Math.floor(i / 60)},20.5,${Math.floor(i / 500) % 3}\n`)
    const text = `minute,warm,state\n${lines.join('')}`
    const bytes = gzipSync(text)
    expect(text.length / bytes.length).toBeGreaterThan(20)
    expect((await refused(put('warm.csv', bytes))).says).toEqual([])
  })

  test('and a plain one as large, of which the disk has nothing', async () => {
    const path = put('bomb.csv', '')
    truncateSync(path, 2 ** 33)
    const { says, took, grew } = await refused(path)
    expect(says).toEqual(['bomb.csv has a NUL character on line 1, so it is not a text file; choose a CSV file.'])
    expect(took).toBeLessThan(1000)
    expect(grew).toBeLessThan(300_000_000)
  })
})

describe('what is no file', () => {
  test('a pipe, a socket, a device, or nothing at all is refused at once', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(messages(await attemptAsync(() => openDataFiles(pipe)))).toEqual([
      '"pipe" could not be read: it is a pipe. Choose a file or a folder.',
    ])
    expect(messages(await attemptAsync(() => openDataFiles('/dev/zero')))).toEqual([
      '"zero" could not be read: it is a device. Choose a file or a folder.',
    ])
    const server = createServer().listen(join(folder, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    expect(messages(await attemptAsync(() => openDataFiles(join(folder, 'socket'))))).toEqual([
      '"socket" could not be read: it is a socket. Choose a file or a folder.',
    ])
    await new Promise((resolve) => server.close(resolve))
    expect(messages(await attemptAsync(() => openDataFiles(join(folder, 'gone'))))).toEqual([
      '"gone" could not be read: it is not there any more. Choose it again.',
    ])
  })
})

describe('a folder', () => {
  test('is its files by their names, in order, with the folders that they lie in', async () => {
    for (const name of ['set/b/2', 'set/b/10', 'set/a.txt', 'set/c/d/e']) put(name, name)
    // Which file managers leave behind.
    for (const name of ['set/.DS_Store', 'set/b/Thumbs.db', 'set/.git/x', 'set/__MACOSX/y']) put(name, name)
    const files = await openDataFiles(join(folder, 'set'))
    expect(files.map(({ name }) => name)).toEqual(['set/a.txt', 'set/b/10', 'set/b/2', 'set/c/d/e'])
    expect(Buffer.from(files[2]?.head ?? []).toString()).toBe('set/b/2')
    expect((await openDataFiles(join(folder, 'set'), 'mine')).map(({ name }) => name)[0]).toBe('mine/a.txt')
  })

  test('too deep for anybody is refused rather than read in part', async () => {
    put(`set/${'d/'.repeat(16)}x`, 'x')
    expect(await openDataFiles(join(folder, 'set'))).toHaveLength(1)
    put(`set/${'d/'.repeat(17)}x`, 'x')
    expect(messages(await attemptAsync(() => openDataFiles(join(folder, 'set'))))[0]).toContain('more than 16 deep')
  })

  test('leads nowhere by its links, and pipes in it stop nothing', async () => {
    put('secret/key', 'secret')
    put('set/a', 'a')
    symlinkSync(join(folder, 'secret'), join(folder, 'set/outside'))
    symlinkSync(join(folder, 'secret/key'), join(folder, 'set/key'))
    symlinkSync(join(folder, 'set'), join(folder, 'set/again'))
    execFileSync('mkfifo', [join(folder, 'set/pipe')])
    const said: string[] = []
    const files = await openDataFiles(join(folder, 'set'), 'set', undefined, ({ message }) => said.push(message))
    expect(files.map(({ name }) => name)).toEqual(['set/a'])
    expect(said).toEqual([
      '3 links are passed over, since links may lead anywhere; put what is meant into the folder itself: set/again, set/key, set/outside.',
      '1 pipe, socket or device is passed over: set/pipe.',
    ])
    // One that a person chose is followed: they see where it leads.
    symlinkSync(join(folder, 'set'), join(folder, 'chosen'))
    expect((await openDataFiles(join(folder, 'chosen'))).map(({ name }) => name)).toEqual(['chosen/a'])
  })

  test('without a file in it is said, the outermost of several within each other', async () => {
    put('set/cats/1', 'x')
    mkdirSync(join(folder, 'set/birds'))
    mkdirSync(join(folder, 'set/dogs/small'), { recursive: true })
    mkdirSync(join(folder, 'set/dogs/large'))
    put('set/fish/.DS_Store', 'x')
    const said: string[] = []
    await openDataFiles(join(folder, 'set'), 'set', undefined, ({ message }) => said.push(message))
    expect(said).toEqual(['3 folders hold no file and are passed over: set/birds, set/dogs, set/fish.'])
    // The same through the store, beside what its reader says.
    const store = new DataStore({ folder: join(folder, 'store') })
    const item = await store.read(join(folder, 'set'))
    expect(item.ok && item.value.passedOver?.map(({ message }) => message)).toEqual(said)
    const read = withPassedOver(
      item.ok ? [item.value] : [],
      ok({ warnings: [problem('x', 'More.', undefined, 'warning')] }),
    )
    expect(read.ok && read.value.warnings.map(({ message }) => message)).toEqual([...said, 'More.'])
    const failed = withPassedOver(item.ok ? [item.value] : [], fail(problem('x', 'None.')))
    expect(messages(failed)).toEqual(['None.', ...said])
  })

  test('that is called like a file is still a folder, and one that may not be read is named', async () => {
    put('set.csv/a.csv', 'a,b')
    expect((await openDataFiles(join(folder, 'set.csv'))).map(({ name }) => name)).toEqual(['set.csv/a.csv'])
    put('set/b/c/x', 'x')
    const file = await openOne(put('mine.csv', 'a,b'))
    await asNobody([folder], async () => {
      expect((await openDataFiles(join(folder, 'set'))).map(({ name }) => name)).toEqual(['set/b/c/x'])
    })
    const closed = [join(folder, 'set/b/c'), join(folder, 'mine.csv')]
    for (const path of closed) chmodSync(path, 0o000)
    await asNobody([folder], async () => {
      expect(messages(await attemptAsync(() => openDataFiles(join(folder, 'set'))))).toEqual([
        '"set/b/c" could not be read: you may not read it. Change its permissions or choose another file.',
      ])
      const reading = [() => file.head.length, () => all(file), () => file.read(0, 2), () => hashFile(file)]
      for (const work of reading)
        expect(messages(await attemptAsync(async () => work()))).toEqual([
          '"mine.csv" could not be read: you may not read it. Change its permissions or choose another file.',
        ])
    })
    for (const path of closed) chmodSync(path, 0o700)
  })

  test('may hold so many files and not one more', async () => {
    for (const name of ['a', 'b/c', 'b/d']) put(`set/${name}`, name)
    expect(await openDataFiles(join(folder, 'set'), 'set', 3)).toHaveLength(3)
    expect(messages(await attemptAsync(() => openDataFiles(join(folder, 'set'), 'set', 2)))).toEqual([
      'The folder "set" holds more than 2 files, the most that a set may have. Use a part of it.',
    ])
    expect(MAX_ENTRIES).toBe(1_000_000)
  })

  test('has a fingerprint of its own for every name, length and byte, wherever it lies', async () => {
    const make = (root: string, change: (files: Map<string, string | Uint8Array>) => void = () => undefined) => {
      const files = new Map<string, string | Uint8Array>([
        ['a/1', 'one'],
        ['a/2', 'two'],
        ['b/1.gz', gzipSync('one')],
      ])
      change(files)
      for (const [name, bytes] of files) put(`${root}/${name}`, bytes)
      return openDataFiles(join(folder, root)).then(hashFolder)
    }
    const hash = await make('set')
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await make('elsewhere/other')).toBe(hash)
    const others = [
      await make('x1', (files) => files.set('a/1', 'onf')),
      await make('x2', (files) => files.set('a/1', 'one ')),
      await make('x3', (files) => files.delete('a/2')),
      await make('x4', (files) => files.set('c', '')),
      await make('x5', (files) => void (files.delete('a/2'), files.set('b/2', 'two'))),
      // What moves from the end of one file to the beginning of the next.
      await make('x6', (files) => void (files.set('a/1', 'onet'), files.set('a/2', 'wo'))),
      await make('x7', (files) => files.set('b/1.gz', gzipSync('one', { level: 0 }))),
    ]
    expect(new Set([hash, ...others]).size).toBe(others.length + 1)
  })

  test('and a file are hashed without unzipping, and refused when they change meanwhile', async () => {
    const path = put('set/bomb.gz', gzipSync(Buffer.alloc(300_000_000)))
    const files = await openDataFiles(join(folder, 'set'))
    const before = process.memoryUsage().rss
    await hashFolder(files)
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
    appendFileSync(path, 'x')
    expect(await code(() => hashFolder(files))).toBe('file.changing')
    expect(await code(async () => hashFile(files[0] ?? (await openOne(path))))).toBe('file.changing')
  })
})
