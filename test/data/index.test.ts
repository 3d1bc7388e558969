import { describe, expect, test } from 'vitest'
import { readdirSync } from 'node:fs'
import {
  datasets,
  describeDatasets,
  findReader,
  generatedSource,
  inspectFiles,
  loadSource,
  preview,
  readers,
} from '../../src/data/index.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import type { RawExamples } from '../../src/data/types.ts'
import { fileOf, idxBytes, messages, sectionOf, tableOf, tableSourceOf, valueOf } from './files.ts'

const pair = [
  fileOf('x-idx3-ubyte', idxBytes([4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])),
  fileOf('y-idx1-ubyte', idxBytes([4], [0, 1, 1, 0])),
]
const table = fileOf('t.csv', 'a,b\n1,u\n2,v\n3,u\n')

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
    expect(messages(findReader([fileOf('photo.png', [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])]))).toEqual([
      'photo.png is of no known kind; known are Pictures (IDX, as MNIST): .idx .idx1-ubyte .idx3-ubyte -idx1-ubyte -idx3-ubyte -ubyte .ubyte .gz; Table (CSV): .csv .tsv .tab .txt .data.',
    ])
    expect(messages(findReader([table, fileOf('u.csv', 'a\n1\n')]))).toEqual([
      't.csv and u.csv do not belong together; choose one table, or the pictures and labels of one set.',
    ])
    expect(messages(findReader([]))).toEqual(['No file was given; choose one.'])
  })

  test('leads from files to examples', () => {
    const { source } = valueOf(inspectFiles(pair))
    const { data, warnings } = valueOf(loadSource(sectionOf(source), pair))
    expect((data as RawExamples).count).toBe(4)
    expect(warnings).toEqual([])
  })

  test('says when the file is another than the document was made with', () => {
    const { source } = valueOf(inspectFiles([table]))
    const other = fileOf('u.csv', 'a,b\n7,v\n')
    expect(valueOf(loadSource(sectionOf(source), [other])).warnings.map((warning) => warning.message)).toEqual([
      'u.csv is not the file that the document was made with; its contents differ.',
    ])
  })

  test('makes generated sets from their seed, or from another', () => {
    const source = valueOf(generatedSource('spiral', { count: 20 }, 4))
    const section = sectionOf(source)
    expect(loadSource(section)).toEqual(loadSource(section, [], 4))
    expect(loadSource(section)).not.toEqual(loadSource(section, [], 5))
  })

  test('makes each example from a stream of its own, which no other example and no other set has', () => {
    for (const dataset of datasets.values()) {
      const source = valueOf(generatedSource(dataset.type, { count: 20 }, 4))
      const { data } = valueOf(loadSource(sectionOf(source)))
      expect(data).toEqual(dataset.generate(source.params, (i) => new Rng(4, 'dataset', dataset.type, i)))
      const { features, shape } = data as RawExamples
      const size = sizeOf(shape)
      const first = features.subarray(0, size).join()
      for (let i = 10; i < 20; i++) expect(features.subarray(i * size, (i + 1) * size).join()).not.toBe(first)
    }
  })

  test('refuses what it does not know, by name', () => {
    const source = valueOf(generatedSource('moons'))
    expect(messages(loadSource(sectionOf({ ...source, generator: 'suns' })))).toEqual([
      'There is no generated set called "suns"; known are adding, circles, icons3x3, icons4x4, icons8x8, linear, logicGate, moons, sine, spiral, strokeDigits, waves, xor.',
    ])
    expect(messages(loadSource(sectionOf({ ...source, features: [3] })))).toEqual([
      'The document describes Two moons with examples of [3], but they are [2] with the target upper, lower; choose the data again.',
    ])
    expect(messages(generatedSource('moons', { count: 1e9 }))).toEqual([
      'Two moons: Points must be at most 100000, not 1000000000.',
    ])
    expect(messages(loadSource(sectionOf({ ...tableSourceOf('a,b\n1,2\n'), reader: 'xls' }), [table]))).toEqual([
      'The document\'s data are read by "xls", which is not known here; known are idx, csv.',
    ])
    expect(messages(loadSource(sectionOf(valueOf(inspectFiles(pair)).source), [table]))[0]).toMatch(
      /^IDX data are two files|^t.csv/,
    )
    expect(messages(loadSource(sectionOf(tableSourceOf('a,b\n1,2\n')), []))).toEqual([
      'A table is one file, but 0 files were given; choose one.',
    ])
  })

  test('describes generated sets as data that cross to another process', () => {
    expect(structuredClone(describeDatasets())).toEqual(describeDatasets())
    expect(describeDatasets().map((one) => one.type)).toContain('strokeDigits')
  })
})

describe('preview', () => {
  test('of a table: first rows, a summary of each column, classes', () => {
    const text = `n,c,class\n${Array.from({ length: 70 }, (_, i) => `${i % 10 ? i : ''},${i % 7 ? 'p' : 'q'},${i % 3 ? 'u' : 'v'}`).join('\n')}\n`
    const shown = preview(tableOf(text))
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

  test('of pictures: some of each class with labels, and how many there are', () => {
    const source = valueOf(generatedSource('strokeDigits', { count: 200 }))
    const { data } = valueOf(loadSource(sectionOf(source)))
    const shown = preview(data)
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
      const shown = preview(valueOf(loadSource(sectionOf(valueOf(generatedSource(type, { count: 600 }))))).data)
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
