import { describe, expect, test } from 'vitest'
import { readdirSync } from 'node:fs'
import {
  asSource,
  datasets,
  describeDatasets,
  findReader,
  generatedSource,
  loadGenerated,
  preview,
  proposeSource,
  readers,
  readFiles,
} from '../../src/data/index.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { NO_BAD, type LoadedSource, type RawExamples } from '../../src/data/types.ts'
import type { ExamplesSource } from '../../src/document/types.ts'
import {
  examplesOf,
  fileOf,
  idxBytes,
  messages,
  proposalOf,
  referenceOf,
  tableOf,
  tableSourceOf,
  valueOf,
} from './files.ts'

const pair = [
  fileOf('x-idx3-ubyte', idxBytes([4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])),
  fileOf('y-idx1-ubyte', idxBytes([4], [0, 1, 1, 0])),
]
const table = fileOf('t.csv', 'a,b\n1,u\n2,v\n3,u\n')
const loadedTable = async (text: string): Promise<LoadedSource> => {
  return { data: await tableOf(text), facts: [], bad: NO_BAD, warnings: [] }
}

describe('the door', () => {
  test('knows every file of its folders', () => {
    const count = (folder: string) =>
      readdirSync(new URL(`../../src/data/${folder}`, import.meta.url)).filter((name) => !/^_|^index\./.test(name))
        .length
    expect(readers.size).toBe(count('readers'))
    expect(datasets.size).toBe(count('datasets'))
  })

  test('finds the reader by bytes and names', () => {
    expect(valueOf(findReader([table])).type).toBe('csv')
    expect(valueOf(findReader(pair)).type).toBe('idx')
    expect(valueOf(findReader([fileOf('no-ending', 'a,b\n1,2\n')])).type).toBe('csv')
    expect(valueOf(findReader([fileOf('bytes', idxBytes([1], [0]))])).type).toBe('idx')
    expect(valueOf(findReader([fileOf('empty.csv', '')])).type).toBe('csv')
  })

  test('says what can be read when nothing fits', () => {
    const [said = ''] = messages(findReader([fileOf('thing.xyz', [0xde, 0xad, 0, 1])]))
    expect(said).toMatch(/^thing\.xyz is of no known kind; choose or save it as one of these: .*, Table \(CSV\)\.$/)
    for (const { title } of readers.values()) expect(said).toContain(title)
    const archive = 'is an archive; unzip it first, and choose the folder or file that comes out.'
    for (const [name, why] of [
      ['book.xlsx', 'is a workbook; save its sheet as CSV.'],
      ['set.zip', archive],
      ['set.tar', archive],
    ] as const)
      expect(messages(findReader([fileOf(name, [0xde, 0xad, 0, 1])]))).toEqual([`${name} ${why}`])
    expect(messages(findReader([table, fileOf('u.npy', [1, 2])]))).toEqual([
      't.csv and u.npy do not belong together; choose tables of one format, or the pictures and labels of one set.',
    ])
    expect(messages(findReader([]))).toEqual(['No file was given; choose one.'])
  })

  test('leads from files to examples', async () => {
    const opened = valueOf(await readFiles(pair))
    const proposed = valueOf(proposeSource(opened, pair.map(referenceOf)))
    expect(proposed).toMatchObject({
      source: { kind: 'examples', reader: 'idx', options: {}, files: pair.map(referenceOf), features: [1, 2, 1] },
      warnings: [],
    })
    const { data, warnings } = valueOf(asSource(proposed.source, opened))
    expect((data as RawExamples).count).toBe(4)
    expect(warnings).toEqual([])
  })

  test('keeps of the options what the person chose, and refuses what is none', async () => {
    const chosen = { delimiter: 'comma', bad: 'refuse' }
    expect(valueOf(await readFiles([table], { options: chosen })).options).toEqual({ delimiter: 'comma' })
    expect(valueOf(await proposalOf([table], { options: chosen })).source.options).toEqual({ delimiter: 'comma' })
    expect(messages(await readFiles([table], { options: { delimiter: 'dot' } })).join()).toMatch(
      /^Table \(CSV\): Delimiter must be one of /,
    )
  })

  test('makes generated sets from their seed, or from another', () => {
    const source = valueOf(generatedSource('spiral', { count: 20 }, 4))
    expect(loadGenerated(source)).toEqual(loadGenerated(source, 4))
    expect(loadGenerated(source)).not.toEqual(loadGenerated(source, 5))
  })

  test('makes each example from a stream of its own, which no other example and no other set has', () => {
    for (const dataset of datasets.values()) {
      const source = valueOf(generatedSource(dataset.type, { count: 40 }, 4))
      const data = examplesOf(source)
      expect(data).toEqual(dataset.generate(source.params, (i) => new Rng(4, 'dataset', dataset.type, i)))
      const { features, shape } = data
      const size = sizeOf(shape)
      const first = features.subarray(0, size).join()
      for (let i = 10; i < 20; i++) expect(features.subarray(i * size, (i + 1) * size).join()).not.toBe(first)
    }
  })

  test('refuses what it does not know, by name', async () => {
    const source = valueOf(generatedSource('moons'))
    expect(messages(loadGenerated({ ...source, generator: 'suns' }))).toEqual([
      `There is no generated set called "suns"; known are ${[...datasets.keys()].join(', ')}.`,
    ])
    expect(messages(loadGenerated({ ...source, features: [3] }))).toEqual([
      'The document describes Two moons with examples of [3], but they are [2] with the target upper, lower; choose the data again.',
    ])
    expect(messages(generatedSource('moons', { count: 1e9 }))).toEqual([
      'Two moons: Points must be at most 100000, not 1000000000.',
    ])
    expect(messages(await readFiles([table], { reader: 'xls' }))).toEqual([
      `The document's data are read by "xls", which is not known here; known are ${[...readers.keys()].join(', ')}.`,
    ])
    expect(messages(await readFiles([], { reader: 'csv' }))).toEqual(['No file was given; choose one.'])
  })

  test('refuses files of another form than the document has', async () => {
    const tableSource = await tableSourceOf('a,b\n1,2\n')
    const [pictures, rows] = [valueOf(await readFiles(pair)), valueOf(await readFiles([table]))]
    const source = valueOf(proposeSource(pictures, [])).source as ExamplesSource
    expect(messages(asSource(source, rows))).toEqual([
      "t.csv is a table, but the document's data are pictures or other examples; choose the data again.",
    ])
    expect(messages(asSource(tableSource, pictures))).toEqual([
      "The document's data are a table, but these are pictures or other examples; choose the data again.",
    ])
    expect(messages(asSource({ ...source, features: [2, 2, 1] }, pictures))).toEqual([
      'The examples are [1, 2, 1], but the document expects [2, 2, 1]; choose the data again.',
    ])
    const numbers = { kind: 'numbers', names: ['0', '1'] } as const
    expect(messages(asSource({ ...source, target: numbers }, pictures))).toEqual([
      "The examples' target has 0, 1, but the document knows 0, 1; choose the data again.",
    ])
    expect(messages(asSource({ ...source, target: { kind: 'classes', names: ['0', '2'] } }, pictures))).toEqual([
      'The examples\' target has "1", but the document knows 0, 2; choose the data again.',
    ])
  })

  test("gives classes the document's codes, whatever their order", async () => {
    const opened = valueOf(await readFiles(pair))
    const source = valueOf(proposeSource(opened, [])).source as ExamplesSource
    const target = { kind: 'classes', names: ['1', 'more', '0'] } as const
    const { data } = valueOf(asSource({ ...source, target }, opened))
    expect(data).toMatchObject({ target, targets: Int32Array.of(2, 0, 0, 2) })
  })

  test('describes generated sets as data that cross to another process', () => {
    expect(structuredClone(describeDatasets())).toEqual(describeDatasets())
    expect(describeDatasets().map((one) => one.type)).toContain('strokeDigits')
  })
})

describe('preview', () => {
  test('of a table: first rows, a summary of each column, classes', async () => {
    const text = `n,c,class\n${Array.from({ length: 70 }, (_, i) => `${i % 10 ? i : ''},${i % 7 ? 'p' : 'q'},${i % 3 ? 'u' : 'v'}`).join('\n')}\n`
    const shown = preview(await loadedTable(text))
    if (shown.kind !== 'table') throw new Error(shown.kind)
    expect(shown.rows).toBe(70)
    expect(shown.head).toHaveLength(50)
    expect(shown.lines[0]).toBe(2)
    expect(shown.columns[0]).toMatchObject({ name: 'n', missing: 7, numbers: { min: 1, max: 69 } })
    const present = Array.from({ length: 70 }, (_, i) => i).filter((i) => i % 10)
    expect(shown.columns[0]?.numbers?.mean).toBeCloseTo(present.reduce((a, b) => a + b) / 63, 12)
    expect(shown.columns[1]).toEqual({
      name: 'c',
      missing: 0,
      numbers: undefined,
      top: [
        { name: 'p', count: 60 },
        { name: 'q', count: 10 },
      ],
      categories: ['p', 'q'],
    })
    expect(shown.classes).toEqual([
      { name: 'u', count: 46 },
      { name: 'v', count: 24 },
    ])
    expect(structuredClone(shown)).toEqual(shown)
  })

  test('of a table: rows that say the same, what its reader found, and its first bad records', async () => {
    const text = `n,c,class\n${'1,p,u\n2,p,v\n'.repeat(3)}1,,u\n1,,u\n`
    const problems = Array.from({ length: 1200 }, (_, i) => ({
      code: 'x',
      severity: 'error' as const,
      message: `${i}.`,
    }))
    const facts = [{ label: 'Delimiter', value: 'comma' }]
    const shown = preview({ ...(await loadedTable(text)), facts, bad: { skipped: 1100, repaired: 100, problems } })
    expect(shown).toMatchObject({ rows: 8, duplicates: 5, unit: 'line', facts })
    expect(shown.bad).toEqual({ skipped: 1100, repaired: 100, problems: problems.slice(0, 1000) })
  })

  test('of pictures: some of each class with labels, and how many there are', () => {
    const source = valueOf(generatedSource('strokeDigits', { count: 200 }))
    const shown = preview(valueOf(loadGenerated(source)))
    if (shown.kind !== 'pictures') throw new Error(shown.kind)
    expect(shown.pictures).toHaveLength(60)
    expect(shown.pictures.filter((picture) => picture.label === '7')).toHaveLength(6)
    expect(shown.pictures[0]?.pixels).toHaveLength(784)
    // A view of the whole set would be copied whole on its way to the window.
    expect(shown.pictures[0]?.pixels.buffer.byteLength).toBe(784)
    expect(shown.classes).toEqual(Array.from({ length: 10 }, (_, i) => ({ name: String(i), count: 20 })))
    expect(structuredClone(shown)).toEqual(shown)
  })

  test('of points: at most 500 with their class, or x against the number to predict', () => {
    const shownOf = (type: string) => {
      const shown = preview(valueOf(loadGenerated(valueOf(generatedSource(type, { count: 600 })))))
      if (shown.kind !== 'points') throw new Error(shown.kind)
      return shown
    }
    const spiral = shownOf('spiral')
    expect([spiral.count, spiral.x.length, spiral.y.length, spiral.codes?.length]).toEqual([600, 500, 500, 500])
    expect(spiral.classes?.map((one) => one.count)).toEqual([300, 300])
    const sine = shownOf('sine')
    expect(sine.axes).toEqual(['x', 'y'])
    expect(sine.codes).toBeUndefined()
    expect(Math.abs((sine.y[0] ?? 9) - Math.sin(sine.x[0] ?? 0))).toBeLessThan(0.5)
  })
})
