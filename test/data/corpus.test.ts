/**
 * Files that somebody could have made to do harm, or that were damaged on their way: each module of corpus/ has those of
 * one format, with all that is said to them. A reader and its corpus have the same name where a format has one reader.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readParams } from '../../src/base/params.ts'
import { ProblemError } from '../../src/base/problem.ts'
import { memoryFile, unwatched } from '../../src/data/files.ts'
import { guessColumns, misfitsOf } from '../../src/data/table/guess.ts'
import type { DataFile, Reader } from '../../src/data/types.ts'
import { computing } from '../helpers/computing.ts'
import type { HostileCase, HostileFile } from './corpus/case.ts'

const root = join(import.meta.dirname, '..', '..')
const modulesIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts') && !/^_|^case\.|\.gen\.|\.test\./.test(name))
    .sort()

const readers = await Promise.all(
  modulesIn('src/data/readers').map(async (name) => {
    const module = (await import(join(root, 'src/data/readers', name))) as { default: Reader }
    return module.default
  }),
)
const corpus = await Promise.all(
  modulesIn('test/data/corpus').map(async (name) => {
    const module = (await import(join(root, 'test/data/corpus', name))) as { cases?: readonly HostileCase[] }
    return { name: name.replace(/\.ts$/, ''), cases: module.cases ?? [] }
  }),
)

/** Milliseconds of computing that a refusal may take. */
const SOON = 1000

interface Outcome {
  readonly says: readonly string[]
  readonly taken?: { readonly examples: number; readonly skipped: number; readonly repaired: number }
  readonly proposes?: readonly string[]
  /** Milliseconds of computing. */
  readonly took: number
}

function opened({ name, bytes, zipped }: HostileFile): DataFile {
  const file = memoryFile(name, bytes)
  if (!zipped) return file
  return {
    ...file,
    size: zipped.size,
    length: undefined,
    async *chunks() {
      for (let i = 0; i < zipped.times; i++) yield* file.chunks()
    },
  }
}

/** By the reader of that name, as if somebody had chosen it, or the first one that accepts the files. */
async function outcomeOf(name: string, { files, options = {} }: HostileCase): Promise<Outcome> {
  const data = files.map(opened)
  const accepting = readers.filter((one) => one.accepts(data))
  const reader = readers.find((one) => one.type === name) ?? accepting[0]
  if (!reader) throw new Error('no reader accepts these files')
  const { values, problems } = readParams(reader.options, options, reader.title)
  expect(problems).toEqual([])
  const tookSoFar = computing()
  try {
    const { data: found, bad, warnings } = await reader.read(data, values, unwatched)
    const took = tookSoFar()
    const examples = 'columns' in found ? found.rows : found.count
    const says = [...bad.problems, ...warnings].map(({ message }) => message)
    const taken = { examples, skipped: bad.skipped, repaired: bad.repaired }
    if (!('columns' in found)) return { says, taken, took }
    const guess = guessColumns(found, misfitsOf({ reader: name, options: values, files: [] }))
    const all = [...guess.slips, ...guess.errors, ...guess.warnings]
    return { says, taken, proposes: all.map(({ message }) => message), took }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { says: error.problems.map(({ message }) => message), took: tookSoFar() }
  }
}

/** What differs from what the case says; nothing where it is as it should be. */
async function differences(name: string, hostile: HostileCase): Promise<string[]> {
  const { says, taken, proposes = [], took } = await outcomeOf(name, hostile)
  const wrong: string[] = []
  if (JSON.stringify(says) !== JSON.stringify(hostile.says)) wrong.push(`says ${JSON.stringify(says, undefined, 2)}`)
  const expected = hostile.taken && { skipped: 0, repaired: 0, ...hostile.taken }
  const keys = ['examples', 'skipped', 'repaired'] as const
  if (!taken !== !expected || keys.some((key) => taken?.[key] !== expected?.[key]))
    wrong.push(`takes ${JSON.stringify(taken)}`)
  if (hostile.proposes && JSON.stringify(proposes) !== JSON.stringify(hostile.proposes))
    wrong.push(`proposes ${JSON.stringify(proposes, undefined, 2)}`)
  if (took > SOON) wrong.push(`takes ${Math.round(took)} ms`)
  for (const sentence of [...says, ...proposes]) {
    if (/\bundefined\b|\[object|internal|\n/.test(sentence)) wrong.push(`is no sentence: ${sentence}`)
  }
  return wrong
}

describe.each(corpus)('$name', ({ name, cases }) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, hostile) => {
    expect(await differences(name, hostile)).toEqual([])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('says so where a case expects anything else', async () => {
    const [first] = cases
    if (!first) throw new Error(`corpus/${name}.ts has no cases`)
    expect(await differences(name, { ...first, says: [...first.says, 'And something else.'] })).toHaveLength(1)
    expect(await differences(name, { ...first, taken: { examples: -1 } })).toHaveLength(1)
    const proposing = cases.find(({ proposes }) => proposes)
    if (proposing) expect(await differences(name, { ...proposing, proposes: ['And something else.'] })).toHaveLength(1)
  })
})

test('no two cases of a module have the same name', () => {
  for (const { cases } of corpus) expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})
