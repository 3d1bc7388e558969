import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DraftStore } from '../../src/node/draft-store.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const current = () => join(folder, 'draft/current.draft')

test('there is none at first', async () => {
  expect(await new DraftStore(folder).load()).toEqual({ text: null, problems: [] })
})

test('the last saved text comes back in another session', async () => {
  const store = new DraftStore(folder)
  for (const text of ['one', 'two', '{"ü": "三\\n"}\n']) expect((await store.save(text)).ok).toBe(true)
  expect(await new DraftStore(folder).load()).toEqual({ text: '{"ü": "三\\n"}\n', problems: [] })
})

test.each([
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['cut', (path: string) => truncateSync(path, readFileSync(path).length - 1)],
  ['zeroed', (path: string) => writeFileSync(path, Buffer.alloc(readFileSync(path).length))],
  ['longer', (path: string) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('x')]))],
  ['one byte changed', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('second', 'Second'))],
  ['something else', (path: string) => writeFileSync(path, 'null\nnull')],
])('a draft that was %s is set aside and said, and the one before is used', async (_, damage) => {
  const store = new DraftStore(folder)
  await store.save('first')
  await store.save('second')
  damage(current())
  const bytes = readFileSync(current())
  const loaded = await new DraftStore(folder).load()
  expect(loaded.text).toBe('first')
  expect(loaded.problems).toHaveLength(1)
  expect(loaded.problems[0]?.message).toMatch(/damaged copy of your last work was set aside/)
  const aside = loaded.problems[0]?.place?.file ?? ''
  expect(readFileSync(aside)).toEqual(bytes)
})

test('with both versions damaged there is none, and both are kept aside', async () => {
  const store = new DraftStore(folder)
  await store.save('first')
  await store.save('second')
  for (const name of readdirSync(join(folder, 'draft'))) truncateSync(join(folder, 'draft', name), 5)
  const loaded = await new DraftStore(folder).load()
  expect(loaded.text).toBeNull()
  expect(loaded.problems).toHaveLength(2)
  expect(readdirSync(join(folder, 'draft')).filter((name) => name.startsWith('damaged-'))).toHaveLength(2)
})

test('saving without having loaded does not write over a damaged draft', async () => {
  mkdirSync(join(folder, 'draft'))
  writeFileSync(current(), 'not ours')
  await new DraftStore(folder).save('new')
  const aside = readdirSync(join(folder, 'draft')).filter((name) => name.startsWith('damaged-'))
  expect(readFileSync(join(folder, 'draft', aside[0] ?? ''), 'utf8')).toBe('not ours')
})

test('what can’t even be read is set aside', async () => {
  mkdirSync(current(), { recursive: true })
  const loaded = await new DraftStore(folder).load()
  expect(loaded.problems.map((one) => one.message)).toEqual([
    expect.stringMatching(/could not be read \(EISDIR\).*set aside/),
  ])
  expect((await new DraftStore(folder).save('new')).ok).toBe(true)
})

test('what can neither be read nor set aside is not written over', async () => {
  const now = new Date(0)
  mkdirSync(join(folder, 'draft'))
  writeFileSync(current(), 'not ours')
  const aside = join(folder, 'draft', `damaged-${now.toISOString().replaceAll(':', '-')}-current.draft`)
  mkdirSync(join(aside, 'taken'), { recursive: true })
  const store = new DraftStore(folder, {}, () => now)
  expect((await store.load()).problems).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/Move it/) },
  ])
  expect(await store.save('new')).toMatchObject({ ok: false, problems: [{ code: 'draft.damaged' }] })
  expect(readFileSync(current(), 'utf8')).toBe('not ours')
  rmSync(aside, { recursive: true })
  expect((await store.save('new')).ok).toBe(true)
  expect(readFileSync(aside, 'utf8')).toBe('not ours')
})

test('a full disk is said, and the last draft stays', async () => {
  await new DraftStore(folder).save('kept')
  const fs = { ...nodeFs, open: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) }
  const result = await new DraftStore(folder, { fs }).save('lost')
  expect(result.ok).toBe(false)
  if (!result.ok) expect(result.problems[0]?.message).toMatch(/the disk is full/)
  expect((await new DraftStore(folder).load()).text).toBe('kept')
})
