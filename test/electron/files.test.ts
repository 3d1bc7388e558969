/** Tables that the window has the desktop write: where the person says, and whole or not at all. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Files, safeName, type Dialogs } from '../../electron/files.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'neuroloom-files-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The person saves as this; undefined: they thought better of it. */
function files(filePath: string | undefined, asked: unknown[] = []): Files {
  const dialogs = {
    showSaveDialog: (options: { defaultPath?: string }) => {
      asked.push(options.defaultPath)
      return Promise.resolve({ canceled: filePath === undefined, filePath: filePath ?? '' })
    },
  } as unknown as Dialogs
  return new Files(dialogs, () => undefined)
}

test('a table comes part by part, is asked for once, and is there with its last part', async () => {
  const asked: unknown[] = []
  const path = join(folder, 'mine.csv')
  const own = files(path, asked)
  const first = await own.writeTable(null, 'iris predictions.csv', 'row,class\n', false)
  if (!first?.ok) throw new Error('refused')
  expect(existsSync(path)).toBe(false)
  const { handle, name } = first.value
  expect(name).toBe('mine.csv')
  await own.writeTable(handle, name, '2,ä\n', false)
  expect(await own.writeTable(handle, name, '3,b\n', true)).toEqual(first)
  expect(asked).toEqual(['iris predictions.csv'])
  expect(readFileSync(path, 'utf8')).toBe('row,class\n2,ä\n3,b\n')
  expect(readdirSync(folder)).toEqual(['mine.csv'])
  // What was finished can't be written to any more, nor can what was never begun.
  for (const gone of [handle, 'forged'])
    expect(await own.writeTable(gone, name, 'more', true)).toMatchObject({
      ok: false,
      problems: [{ code: 'file.handle' }],
    })
})

test('one part is enough; a name without an ending gets one; nothing is written when nobody wants it', async () => {
  expect(await files(join(folder, 'short')).writeTable(null, 'x', 'row\n', true)).toMatchObject({
    ok: true,
    value: { name: 'short.csv' },
  })
  expect(readFileSync(join(folder, 'short.csv'), 'utf8')).toBe('row\n')
  expect(await files(undefined).writeTable(null, 'x', 'row\n', true)).toBeNull()
  expect(readdirSync(folder)).toEqual(['short.csv'])
  expect([safeName('../a:b', '.csv'), safeName('x.csv', '.csv'), safeName('net')]).toEqual([
    'a b.csv',
    'x.csv',
    'net.json',
  ])
})

test('what can’t be written is said, and leaves nothing behind', async () => {
  const own = files(join(folder, 'no', 'such', 'place.csv'))
  expect(await own.writeTable(null, 'x', 'row\n', true)).toMatchObject({
    ok: false,
    problems: [{ code: 'file.write', message: expect.stringMatching(/^"place\.csv" could not be written/) as string }],
  })
  expect(readdirSync(folder)).toEqual([])
})
