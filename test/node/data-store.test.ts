import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix, win32 } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Result } from '../../src/base/problem.ts'
import type { DataItem } from '../../src/data/types.ts'
import { DataStore, liesIn } from '../../src/node/data-store.ts'
import { dataFolder, modelsFolder } from '../../src/node/folders.ts'
import { sizeOf } from '../../src/node/gunzip.ts'
import { messages, valueOf } from '../data/files.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const reference = (name: string, bytes: Uint8Array | string) => ({
  name,
  size: Buffer.from(bytes).length,
  sha256: sha(bytes),
})
const app = () => join(folder, 'app')

function put(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  return path
}
async function code(result: Promise<Result<DataItem>>) {
  const found = await result
  return found.ok ? undefined : found.problems[0]?.code
}
/** What its only file says. */
async function textOf(result: Promise<Result<DataItem>>): Promise<string> {
  const { files } = valueOf(await result)
  expect(files).toHaveLength(1)
  return Buffer.from((await files[0]?.read(0, 1000)) ?? []).toString()
}

test('an imported file is found when the original is gone', async () => {
  const path = put('mine.csv', 'a,b\n1,2\n')
  const imported = await new DataStore({ folder: app() }).import(path, 'mine.csv')
  expect(imported).toMatchObject({
    ok: true,
    value: { reference: { name: 'mine.csv', size: 8, sha256: sha('a,b\n1,2\n') }, files: [{ name: 'mine.csv' }] },
  })
  rmSync(path)
  // What was imported is read from the copy as well.
  expect(Buffer.from(valueOf(imported).files[0]?.head ?? []).toString()).toBe('a,b\n1,2\n')
  const found = new DataStore({ folder: app() }).find(reference('mine.csv', 'a,b\n1,2\n'))
  expect(await textOf(found)).toBe('a,b\n1,2\n')
})

test('a damaged copy is not used, and a new import mends it', async () => {
  const path = put('mine.csv', 'good')
  const store = new DataStore({ folder: app() })
  await store.import(path)
  writeFileSync(join(app(), 'files', sha('good')), 'evil')
  expect(await code(store.find(reference('mine.csv', 'good')))).toBe('file.changed')
  await store.import(path)
  expect((await store.find(reference('mine.csv', 'good'))).ok).toBe(true)
})

test('a file only ever stands for its own content, under the name that the document has for it', async () => {
  const path = put('beside/mine.csv', 'good')
  const store = new DataStore({ folder: app(), beside: [join(folder, 'beside')] })
  expect((await store.find(reference('mine.csv', 'good'))).ok).toBe(true)
  // As long, written within the same session.
  writeFileSync(path, 'evil')
  expect(await code(store.find(reference('mine.csv', 'good')))).toBe('file.changed')
  expect(await textOf(store.find(reference('mine.csv', 'evil')))).toBe('evil')
  rmSync(path)
  expect(await code(store.find(reference('mine.csv', 'evil')))).toBe('file.missing')
  const extra = new DataStore({ folder: app(), extra: [put('x', 'good')] })
  expect(await extra.find(reference('other name.csv', 'good'))).toMatchObject({
    ok: true,
    value: { reference: { name: 'other name.csv' }, files: [{ name: 'other name.csv' }] },
  })
})

test('gzipped files are unzipped; size and hash are those of the file as it is', async () => {
  const zipped = gzipSync('a,b\n1,2\n')
  const imported = new DataStore({ folder: app() }).import(put('x.csv.gz', zipped))
  expect(await imported).toMatchObject({
    ok: true,
    value: { reference: { name: 'x.csv.gz', size: zipped.length, sha256: sha(zipped) } },
  })
  expect(await textOf(imported)).toBe('a,b\n1,2\n')
})

test('a large file is not copied: it is remembered where it lies', async () => {
  const path = put('large.bin', '')
  truncateSync(path, 64 * 1024 ** 2 + 1)
  const { reference: large, files } = valueOf(await new DataStore({ folder: app() }).import(path))
  expect(files[0]?.length).toBe(64 * 1024 ** 2 + 1)
  expect(readdirSync(join(app(), 'files'))).toEqual([`${large.sha256}.json`])
  const found = valueOf(await new DataStore({ folder: app() }).find(large))
  expect(found).toMatchObject({ reference: large, files: [{ name: 'large.bin', path }] })
  renameSync(path, `${path}.old`)
  expect(await code(new DataStore({ folder: app() }).find(large))).toBe('file.missing')
  // The control: one that is just small enough is copied.
  const small = put('small.bin', '')
  truncateSync(small, 64 * 1024 ** 2)
  const { reference: kept } = valueOf(await new DataStore({ folder: app() }).import(small))
  expect(existsSync(join(app(), 'files', kept.sha256))).toBe(true)
})

test('a folder is one thing to name, found as long as nothing in it changes', async () => {
  for (const [name, text] of [
    ['cats/1', 'c'],
    ['cats/2', 'cc'],
    ['dogs/1', 'd'],
  ] as const)
    put(`set/${name}`, text)
  const { reference: set, files } = valueOf(await new DataStore({ folder: app() }).import(join(folder, 'set')))
  expect(set).toMatchObject({ name: 'set', size: 4, entries: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(files.map(({ name }) => name)).toEqual(['set/cats/1', 'set/cats/2', 'set/dogs/1'])
  // Folders are not copied.
  expect(readdirSync(join(app(), 'files'))).toEqual([`${set.sha256}.json`])
  const find = () => new DataStore({ folder: app() }).find(set)
  expect(valueOf(await find()).files).toHaveLength(3)
  // A file is no folder of one file, and the other way round.
  expect(
    await code(new DataStore({ folder: app() }).find({ name: set.name, size: set.size, sha256: set.sha256 })),
  ).toBe('file.missing')
  put('set/dogs/1', 'e')
  expect(messages(await find())).toEqual([
    'The folder "set" that was found is not the one that this document was made with: its content differs. Open the folder again.',
  ])
  put('set/dogs/1', 'd')
  expect((await find()).ok).toBe(true)
  renameSync(join(folder, 'set/dogs/1'), join(folder, 'set/dogs/2'))
  expect(await code(find())).toBe('file.changed')
  rmSync(join(folder, 'set'), { recursive: true })
  expect(messages(await find())).toEqual(['The folder "set" (4 bytes) is not on this machine any more. Open it again.'])
})

test('a folder of a single file is a folder too, and an empty one is nothing', async () => {
  mkdirSync(join(folder, 'none'))
  put('one/a', 'a')
  const store = new DataStore({ folder: app() })
  expect(messages(await store.import(join(folder, 'none')))).toEqual([
    'The folder "none" holds no file. Choose another one.',
  ])
  const { reference: one } = valueOf(await store.import(join(folder, 'one')))
  expect(one.entries).toBe(1)
  expect((await store.find(one)).ok).toBe(true)
})

test('what came up from a browser is moved rather than copied, whatever its size, files and folders alike', async () => {
  const store = new DataStore({ folder: app() })
  const file = put('app/incoming/a1', 'a,b\n')
  const imported = valueOf(await store.import(file, 'mine.csv'))
  expect(imported).toMatchObject({ reference: { name: 'mine.csv' }, files: [{ name: 'mine.csv' }] })
  expect(existsSync(file)).toBe(false)
  expect(await textOf(store.find(imported.reference))).toBe('a,b\n')
  // The same once more: what is there stays, what came up goes.
  expect(valueOf(await store.import(put('app/incoming/a2', 'a,b\n'), 'twin.csv')).reference.name).toBe('twin.csv')
  expect(readdirSync(join(app(), 'incoming'))).toEqual([])

  const large = put('app/incoming/b1', '')
  truncateSync(large, 64 * 1024 ** 2 + 1)
  const { reference: kept } = valueOf(await store.import(large, 'large.bin'))
  expect([existsSync(large), existsSync(join(app(), 'files', kept.sha256))]).toEqual([false, true])

  put('app/incoming/c1/cats/1', 'c')
  put('app/incoming/c1/dogs/1', 'd')
  const set = valueOf(await store.import(join(app(), 'incoming/c1'), 'pets'))
  expect(set.reference).toMatchObject({ name: 'pets', entries: 2, size: 2 })
  expect(set.files.map(({ name }) => name)).toEqual(['pets/cats/1', 'pets/dogs/1'])
  expect(readdirSync(join(app(), 'incoming'))).toEqual([])
  expect(Buffer.from(valueOf(await store.find(set.reference)).files[1]?.head ?? []).toString()).toBe('d')
  // A file of a person's own stays where it is.
  const own = put('incoming', 'x')
  await store.import(own)
  expect(existsSync(own)).toBe(true)
})

test('a path lies in a folder by the rules of the machine', () => {
  expect(liesIn('/a/b', '/a/b/c', posix)).toBe(true)
  for (const path of ['/a/b', '/a', '/a/bc', '/a/b/../c', '/']) expect(liesIn('/a/b', path, posix), path).toBe(false)
  expect(liesIn('/a/b', '/a/b/..c', posix)).toBe(true)
  expect(liesIn('C:\\a', 'C:\\a\\b', win32)).toBe(true)
  expect(liesIn('C:\\a', 'D:\\b', win32)).toBe(false)
})

test('samples and files beside the document are found by name, but only with the right content', async () => {
  put('models/iris.csv', 'right')
  const store = new DataStore({ folder: app(), beside: [join(folder, 'models')] })
  expect((await store.find(reference('iris.csv', 'right'))).ok).toBe(true)
  expect(await code(store.find(reference('iris.csv', 'wrong')))).toBe('file.changed')
  expect(await code(store.find(reference('other.csv', 'another')))).toBe('file.missing')
})

test('files that the command line names are tried whatever their name', async () => {
  const store = new DataStore({ folder: app(), extra: [put('elsewhere/renamed.txt', 'right')] })
  expect((await store.find(reference('iris.csv', 'right'))).ok).toBe(true)
})

test('a missing file is named, with what to do', async () => {
  const result = await new DataStore({ folder: app() }).find({ name: 'lost.csv', size: 4551, sha256: sha('x') })
  expect(result).toMatchObject({
    ok: false,
    problems: [{ message: 'The file "lost.csv" (4.6 kB) is not on this machine any more. Open it again.' }],
  })
})

test('names and hashes of a hostile document lead nowhere', async () => {
  const secret = put('secret.txt', 'secret')
  mkdirSync(join(folder, 'models'))
  const store = new DataStore({ folder: app(), beside: [join(folder, 'models')] })
  for (const name of ['../secret.txt', secret, '..\\secret.txt', 'secret.txt\0', '..', '.', '', 'C:secret.txt'])
    expect(await code(store.find(reference(name, 'secret')))).toBe('file.missing')
  expect(await code(store.find({ name: 'x', size: 6, sha256: '../../secret.txt' }))).toBe('file.missing')
})

test('what cannot be read is said with the reason', async () => {
  const store = new DataStore({ folder: app() })
  const gone = await store.import(join(folder, 'gone.csv'))
  expect(gone).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringMatching(/^"gone\.csv" could not be read: it is not there/) }],
  })
})

test('the copy carries the name for people beside it', async () => {
  await new DataStore({ folder: app() }).import(put('mine.csv', 'x'))
  expect(readdirSync(join(app(), 'files')).sort()).toEqual([sha('x'), `${sha('x')}.json`])
  expect(JSON.parse(readFileSync(join(app(), 'files', `${sha('x')}.json`), 'utf8'))).toMatchObject({ name: 'mine.csv' })
})

test('the data folder is where the platform has it, or where one says', () => {
  expect(dataFolder({ NEUROLOOM_DATA: '/x' }, 'linux', '/home/a')).toBe('/x')
  expect(dataFolder({}, 'linux', '/home/a')).toBe('/home/a/.local/share/neuroloom')
  expect(dataFolder({ XDG_DATA_HOME: '/d' }, 'linux', '/home/a')).toBe('/d/neuroloom')
  expect(dataFolder({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Application Support/Neuroloom')
  expect(dataFolder({ APPDATA: '/r' }, 'win32', '/u')).toBe('/r/Neuroloom')
  expect(modelsFolder({ NEUROLOOM_MODELS: '/m' })).toBe('/m')
  expect(sizeOf(12)).toBe('12 bytes')
  expect(sizeOf(2 * 1024 ** 3)).toBe('2.1 GB')
})
