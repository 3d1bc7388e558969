import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataStore } from '../../src/node/data-store.ts'
import { dataFolder, modelsFolder } from '../../src/node/folders.ts'
import { sizeOf, unzip } from '../../src/node/gunzip.ts'

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
async function code(result: Promise<{ ok: boolean; problems?: readonly { code: string; message: string }[] }>) {
  const { problems } = (await result) as { problems?: readonly { code: string; message: string }[] }
  return problems?.[0]?.code
}

test('an imported file is found when the original is gone', async () => {
  const path = put('mine.csv', 'a,b\n1,2\n')
  const imported = await new DataStore({ folder: app() }).import(path, 'mine.csv')
  expect(imported).toMatchObject({ ok: true, value: { name: 'mine.csv', size: 8, sha256: sha('a,b\n1,2\n') } })
  rmSync(path)
  const found = await new DataStore({ folder: app() }).find(reference('mine.csv', 'a,b\n1,2\n'))
  expect(found.ok && Buffer.from(found.value.bytes).toString()).toBe('a,b\n1,2\n')
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

test('a file that was just used is not read again, and only ever stands for its own content', async () => {
  const path = put('beside/mine.csv', 'good')
  const store = new DataStore({ folder: app(), beside: [join(folder, 'beside')] })
  expect((await store.find(reference('mine.csv', 'good'))).ok).toBe(true)
  rmSync(path)
  expect(await store.find(reference('other name.csv', 'good'))).toMatchObject({
    ok: true,
    value: { name: 'other name.csv' },
  })
  expect(await code(store.find(reference('mine.csv', 'evil')))).toBe('file.missing')
})

test('gzipped files are unzipped; size and hash are those of the file as it is', async () => {
  const zipped = gzipSync('a,b\n1,2\n')
  const imported = await new DataStore({ folder: app() }).import(put('x.csv.gz', zipped))
  expect(imported).toMatchObject({ ok: true, value: { name: 'x.csv.gz', size: zipped.length, sha256: sha(zipped) } })
  expect(imported.ok && Buffer.from(imported.value.bytes).toString()).toBe('a,b\n1,2\n')
})

test('a zip bomb, a cut and a damaged gzip file are refused with a sentence', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000))
  expect(await code(unzip('b.gz', bomb, 999_999))).toBe('file.zip.large')
  expect((await unzip('b.gz', bomb, 1_000_000)).ok).toBe(true)
  expect(await code(unzip('c.gz', bomb.subarray(0, 200)))).toBe('file.zip.cut')
  expect(await code(unzip('d.gz', Uint8Array.of(0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)))).toBe('file.zip')
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
  mkdirSync(join(folder, 'a folder'))
  expect(await store.import(join(folder, 'a folder'))).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringMatching(/it is a folder/) }],
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
