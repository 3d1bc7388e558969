// The table of shortcuts is kept by specs that run in a browser; here only that none of its rows is left out there.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { commandTable } from '../../src/protocol/commands.ts'
import { rows } from '../e2e/shortcuts/rows.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../e2e/shortcuts')
const specs = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.pw.ts'))
    .map((name) => [name.replace('.pw.ts', ''), readFileSync(join(folder, name), 'utf8')]),
)

test('each row of the table has its spec', () => {
  const missing = Object.entries(rows).filter(([row, spec]) => {
    const text = specs[spec] ?? ''
    return !text.includes(`row('${row}'`) && !text.includes(`row("${row}"`)
  })
  expect(missing).toEqual([])
  expect(Object.keys(specs).filter((spec) => !Object.values<string>(rows).includes(spec))).toEqual([])
})

test('all keys of all commands are pressed by some spec', () => {
  const text = Object.values(specs).join('\n')
  const left = Object.entries(commandTable).flatMap(([id, { keys }]) =>
    keys.filter((chord) => !text.includes(`'${chord}'`)).map((chord) => `${id}: ${chord}`),
  )
  expect(left).toEqual([])
})
