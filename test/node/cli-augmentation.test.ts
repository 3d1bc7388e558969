/** `train` varies pictures where the document says so. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuild, root } from '../../scripts/setup.mjs'
import { parseDocument } from '../../src/document/file.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'

let folder = ''
beforeAll(() => {
  ensureBuild(['node'], { quiet: true })
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-vary-'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shipped = readFileSync(join(root, 'models/examples/stroke-digits.json'), 'utf8')

/** Losses of training and validation, epoch by epoch. */
async function losses(name: string, augmentation?: Augmentation): Promise<number[][]> {
  const document = valueOf(parseDocument(shipped, 'stroke-digits.json'))
  const { data } = document
  if (data.source.kind !== 'generated') throw new Error('no generated set')
  const source = { ...data.source, params: { ...data.source.params, count: 100 } }
  const preparation = { ...data.preparation, ...(augmentation && { augmentation }) }
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify({ ...document, data: { ...data, source, preparation } }))
  const out = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      [join(root, 'out/node/cli-main.js'), 'train', path, '--epochs', '3', '--device', 'cpu', '--json'],
      { env: { ...process.env, NEUROLOOM_DATA: join(folder, 'app-data') } },
      (error, out, err) => (error ? reject(new Error(err)) : resolve(out)),
    ),
  )
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; trainLoss: number; validLoss: number; problems?: string[] })
  // Nor that the threads which make them were not found.
  expect(lines.at(-1)).toMatchObject({ event: 'done', problems: [] })
  return lines.filter(({ event }) => event === 'epoch').map(({ trainLoss, validLoss }) => [trainLoss, validLoss])
}

test('the same each time, and otherwise than with pictures as they are', { timeout: 60_000 }, async () => {
  const first = await losses('varied', USUAL_AUGMENTATION)
  expect(first).toHaveLength(3)
  expect(await losses('again', USUAL_AUGMENTATION)).toEqual(first)
  expect(await losses('otherwise', { ...USUAL_AUGMENTATION, seed: 2 })).not.toEqual(first)
  expect(await losses('plain')).not.toEqual(first)
})
