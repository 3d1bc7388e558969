import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LibraryStore } from '../../src/node/library-store.ts'

let folder: string
let library: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
  library = join(folder, 'library')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pairs = async (store = new LibraryStore(folder)) =>
  (await store.load()).blocks.map(({ title, text }) => [title, text]).sort()
/** Of a block of this title that was just saved. */
async function keep(
  title: string,
  text: string | null,
  before: string | null = null,
  store = new LibraryStore(folder),
) {
  const saved = await store.save(title, text, before)
  if (!saved.ok) throw new Error(saved.problems[0]?.message)
  return saved.value.version
}
const files = (ending: string) => readdirSync(library).filter((name) => name.endsWith(ending))
const only = (ending: string) => join(library, files(ending)[0] ?? '')

test('there is none at first, and looking makes no folder', async () => {
  expect(await new LibraryStore(folder).load()).toEqual({ blocks: [], problems: [] })
  expect(readdirSync(folder)).toEqual([])
})

test('blocks come back in another session, whatever they are called', async () => {
  const titles = ['Mine', 'mine', '../../etc/passwd', '', '__proto__', 'ü 三\n', '\ud800', '\ud801', 'x'.repeat(5000)]
  for (const title of titles) await keep(title, `text of ${title}`)
  expect(await pairs()).toEqual(titles.map((title) => [title, `text of ${title}`]).sort())
  expect(readdirSync(folder)).toEqual(['library'])
  expect(files('.block')).toHaveLength(titles.length)
})

test('stores over one folder leave each other’s blocks alone', async () => {
  const stores = [new LibraryStore(folder), new LibraryStore(folder)]
  await Promise.all(stores.flatMap((store, s) => [0, 1, 2, 3, 4].map((i) => keep(`${s} ${i}`, 'x', null, store))))
  expect(await pairs()).toHaveLength(10)
})

test('one that another window kept or changed is not written over', async () => {
  const first = await keep('Mine', 'a')
  const second = await keep('Mine', 'b', first)
  for (const before of [null, first, 'x'])
    for (const text of ['c', null]) {
      const refused = await new LibraryStore(folder).save('Mine', text, before)
      expect(refused).toMatchObject({ ok: false, problems: [{ code: 'library.changed' }] })
    }
  expect(await pairs()).toEqual([['Mine', 'b']])
  expect(await keep('Mine', 'c', second)).not.toBe(second)
  // Saved already: whoever asks for the same is content.
  await keep('Mine', 'c', null)
  expect(await pairs()).toEqual([['Mine', 'c']])
})

test('of saves at the same time one wins and the others are told', async () => {
  const store = new LibraryStore(folder)
  const results = await Promise.all(['a', 'b', 'c'].map((text) => store.save('Mine', text, null)))
  expect(results.map(({ ok }) => ok)).toEqual([true, false, false])
  expect(await pairs(store)).toEqual([['Mine', 'a']])
})

test('one that is no longer kept can be kept again, and its last text lies on the disk', async () => {
  const version = await keep('Mine', 'the text')
  await keep('Other', 'x')
  expect(await keep('Mine', null, version)).toBeNull()
  expect(await pairs()).toEqual([['Other', 'x']])
  expect(readFileSync(only('.previous'), 'utf8')).toContain('the text')
  await keep('Mine', 'again')
  expect(await pairs()).toEqual([
    ['Mine', 'again'],
    ['Other', 'x'],
  ])
})

test.each([
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['cut', (path: string) => truncateSync(path, readFileSync(path).length - 1)],
  ['changed by a byte', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('second', 'Second'))],
  ['made a draft', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('-library', '-draft'))],
  ['made a folder', (path: string) => (rmSync(path), mkdirSync(path))],
])('a file that was %s is set aside and said, and the version before is used', async (_, damage) => {
  await keep('Other', 'x')
  const other = files('.block')[0] ?? ''
  await keep('Mine', 'second', await keep('Mine', 'first'))
  damage(join(library, files('.block').find((name) => name !== other) ?? ''))
  const { blocks, problems } = await new LibraryStore(folder).load()
  expect(blocks.map(({ title, text }) => [title, text]).sort()).toEqual([
    ['Mine', 'first'],
    ['Other', 'x'],
  ])
  expect(problems).toMatchObject([
    { code: 'library.damaged', message: expect.stringMatching(/set aside as ".*damaged-/) },
  ])
  expect(readdirSync(library).filter((name) => name.startsWith('damaged-'))).toHaveLength(1)
})

test('a file under another’s name, or of another shape, is set aside', async () => {
  await keep('Mine', 'x')
  const foreign = `${'0'.repeat(64)}.block`
  renameSync(only('.block'), join(library, foreign))
  const { blocks, problems } = await new LibraryStore(folder).load()
  expect(blocks).toEqual([])
  expect(problems).toHaveLength(1)
  expect(files(`-${foreign}`)).toHaveLength(1)
})

test('what is damaged is said before it is written over, and lies aside then', async () => {
  await keep('Mine', 'a')
  writeFileSync(only('.block'), 'not ours')
  const store = new LibraryStore(folder)
  expect(await store.save('Mine', 'b', null)).toMatchObject({ ok: false, problems: [{ code: 'library.damaged' }] })
  expect(await store.save('Mine', 'b', null)).toMatchObject({ ok: true })
  const aside = readdirSync(library).find((name) => name.startsWith('damaged-')) ?? ''
  expect(readFileSync(join(library, aside), 'utf8')).toBe('not ours')
  expect(await pairs()).toEqual([['Mine', 'b']])
})

test('files that are not ours are left alone', async () => {
  await keep('Mine', 'a')
  for (const name of ['notes.txt', 'x.block', '.hidden']) writeFileSync(join(library, name), 'theirs')
  expect((await new LibraryStore(folder).load()).problems).toEqual([])
  expect(readFileSync(join(library, 'x.block'), 'utf8')).toBe('theirs')
})

test('more than one frame holds is refused, and nothing that is there gets lost', async () => {
  const large = 'x'.repeat(2_500_000)
  const version = await keep('1', large)
  await keep('2', large)
  const refused = await new LibraryStore(folder).save('3', large, null)
  expect(refused).toMatchObject({
    ok: false,
    problems: [{ code: 'library.full', message: expect.stringMatching(/"3".*6\.3 MB/) }],
  })
  expect((await pairs()).map(([title]) => title)).toEqual(['1', '2'])
  await keep('1', null, version)
  await keep('3', large)
  expect((await pairs()).map(([title]) => title)).toEqual(['2', '3'])
})

test('what came by other ways and is too much for one frame is said and left where it is', async () => {
  const large = 'x'.repeat(2_500_000)
  await keep('1', large)
  await keep('2', large)
  const elsewhere = join(folder, 'elsewhere')
  await keep('3', large, null, new LibraryStore(elsewhere))
  cpSync(join(elsewhere, 'library'), library, { recursive: true })
  const { blocks, problems } = await new LibraryStore(folder).load()
  expect(blocks).toHaveLength(2)
  expect(problems).toMatchObject([{ code: 'library.full', message: expect.stringMatching(/still in ".*\.block"/) }])
  expect(files('.block')).toHaveLength(3)
})

test('a full disk is said, and what was kept stays', async () => {
  const version = await keep('Mine', 'kept')
  const fs = { ...nodeFs, open: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) }
  const result = await new LibraryStore(folder, { fs }).save('Mine', 'lost', version)
  expect(result).toMatchObject({ ok: false, problems: [{ message: expect.stringMatching(/the disk is full/) }] })
  expect(await pairs()).toEqual([['Mine', 'kept']])
})

test('a folder that can’t be read is an error, not an empty library', async () => {
  writeFileSync(library, 'a file')
  await expect(new LibraryStore(folder).load()).rejects.toThrow(/could not be read \(ENOTDIR\).*library/)
})
