import { expect, test } from 'vitest'
import {
  generatedSource,
  loadGenerated,
  prepare,
  prepareOwn,
  proposeSource,
  readFiles,
  samplesOf,
} from '../../src/data/index.ts'
import { pictureOf } from '../../src/data/drawing.ts'
import { memoryFile } from '../../src/data/files.ts'
import { MAX_SHOWN_VALUES } from '../../src/data/limits.ts'
import type { LoadedTable, PreparedData } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { DataSection } from '../../src/document/types.ts'
import { valueOf } from './files.ts'

const { data: section } = emptyDocument()

/** A table in which each row says its own line; some rows are left out. */
async function lines(): Promise<{ raw: LoadedTable; data: PreparedData<Float32Array>; section: DataSection }> {
  const text = Array.from(
    { length: 60 },
    (_, i) => `${i % 7 === 3 ? '' : i + 2},${i % 2 ? 'b' : 'a'},${i % 5 ? 'x' : 'y'}`,
  )
  const file = memoryFile('lines.csv', new TextEncoder().encode(['line,letter,kind', ...text, ''].join('\n')))
  const opened = valueOf(await readFiles([file]))
  const { source } = valueOf(proposeSource(opened, [{ name: 'lines.csv', size: 1, sha256: '0'.repeat(64) }]))
  if (source.kind !== 'table' || !('columns' in opened.data)) throw new Error('no table')
  const raw = { table: opened.data, source }
  const own = { ...section, source, preparation: { ...section.preparation, missing: 'skip' as const } }
  return { raw, data: valueOf(prepare(raw, own)), section: own }
}

test('a part knows the rows of its examples, also where rows were left out', async () => {
  const { raw, data } = await lines()
  for (const part of [data.train, data.validation]) {
    const rows = [...(part.rows ?? [])]
    expect(rows).toHaveLength(part.count)
    const found = samplesOf(raw, rows)
    if (found.kind !== 'table') throw new Error('no table')
    expect(found).toMatchObject({ header: ['line', 'letter', 'kind'], unit: 'line' })
    const { mean = 0, deviation = 1 } = data.fitted.columns[0] ?? {}
    found.cells.forEach(([line, , kind], i) => {
      expect(Number(line)).toBe(found.lines[i])
      expect((part.features[3 * i] ?? NaN) * deviation + mean).toBeCloseTo(Number(line), 3)
      expect(data.target.names[part.targets[i] ?? -1]).toBe(kind)
    })
  }
  // The control: by their place in the part they are others.
  const [first] = data.validation.rows ?? []
  expect(first).not.toBe(0)
})

test('pictures of a part are those of its class', () => {
  const source = valueOf(generatedSource('strokeDigits', { count: 60 }))
  const raw = valueOf(loadGenerated(source)).data
  const data = valueOf(prepare(raw, { ...section, source }))
  const { rows = [], targets } = data.validation
  expect(Array.from(rows, (row) => raw.targets[row])).toEqual([...targets])
  const found = samplesOf(raw, [...rows])
  if (found.kind !== 'pictures') throw new Error('no pictures')
  expect(found.shape).toEqual([28, 28, 1])
  expect(found.pictures[2]).toEqual(
    (raw.features as Uint8Array).slice((rows[2] ?? 0) * 784, ((rows[2] ?? 0) + 1) * 784),
  )
})

test('very large examples are shown few at a time, sequences and points as numbers', () => {
  const size = 1000 * 1000
  const target = { kind: 'numbers', names: ['y'] } as const
  const rest = { target, targets: new Float32Array(6) }
  const large = { ...rest, count: 6, shape: [1000, 1000, 1], features: new Uint8Array(6 * size) }
  const found = samplesOf(large, [0, 1, 2, 3, 4, 5])
  expect(found.kind === 'pictures' && found.pictures).toHaveLength(MAX_SHOWN_VALUES / size)
  const points = { ...rest, count: 2, shape: [2], features: Float32Array.of(1, 2, 3, 4), names: ['one', 'two'] }
  expect(samplesOf(points, [1, 0])).toEqual({
    kind: 'values',
    shape: [2],
    names: ['two', 'one'],
    values: [Float32Array.of(3, 4), Float32Array.of(1, 2)],
  })
})

test('a row of one’s own is prepared as those of the file', async () => {
  const { data, section: own } = await lines()
  const row = (cells: { readonly [name: string]: string }) => prepareOwn({ kind: 'row', cells }, data, own)
  const [index, source] = [5, data.validation.rows?.[5] ?? 0]
  const cells = { line: ` ${source + 2} `, letter: source % 2 ? 'b' : 'a' }
  expect(valueOf(await row(cells)).features).toEqual(data.validation.features.slice(3 * index, 3 * index + 3))
  expect(valueOf(await row({ ...cells, letter: source % 2 ? 'a' : 'b' })).features).not.toEqual(
    data.validation.features.slice(3 * index, 3 * index + 3),
  )
  expect(await row({ line: '1' })).toMatchObject({ ok: false, problems: [{ code: 'own.row' }] })
  expect(await row({ line: 'long', letter: 'a' })).toMatchObject({
    problems: [{ message: 'Column line: "long" is not a number; correct the cell or leave it empty.' }],
  })
  expect(await row({ line: '1', letter: 'c' })).toMatchObject({ ok: false })
  expect(await row(JSON.parse('{"__proto__": "1"}') as { [name: string]: string })).toMatchObject({ ok: false })
})

test('a drawing gets the ground, the ink, the size and the place of the data', async () => {
  // Pictures of 8 × 8 with a square of 4 × 4 whose middle is at (5, 4), light on dark and dark on light.
  for (const [ground, ink] of [
    [0, 1],
    [1, 0],
    [-0.5, 2],
  ] as const) {
    const picture = Float32Array.from({ length: 64 }, (_, i) => {
      const [y, x] = [Math.floor(i / 8), i % 8]
      return x >= 3 && x < 7 && y >= 2 && y < 6 ? ink : ground
    })
    const part = { count: 2, features: Float32Array.of(...picture, ...picture), targets: Int32Array.of(0, 1) }
    const target = { kind: 'classes', names: ['a', 'b'] } as const
    const fitted = { columns: [{ mean: 0, deviation: 1, fill: 0 }], targets: [] }
    const data = { train: part, validation: part, shape: [8, 8, 1], target, fitted, warnings: [] }
    // A square of 10 × 10 in a corner of a drawing of 40 × 40.
    const drawn = Uint8Array.from({ length: 1600 }, (_, i) => (i % 40 < 10 && i < 400 ? 255 : 0))
    const made = await pictureOf({ width: 40, height: 40, ink: drawn }, data)
    for (let i = 0; i < 64; i++) expect(made[i]).toBeCloseTo(picture[i] ?? NaN, 5)
    const empty = await pictureOf({ width: 2, height: 2, ink: new Uint8Array(4) }, data)
    expect([...empty]).toEqual(new Array<number>(64).fill(ground))
    expect(
      await prepareOwn({ kind: 'drawing', width: 3, height: 2, ink: new Uint8Array(4) }, data, section),
    ).toMatchObject({
      problems: [{ code: 'own.size' }],
    })
    expect(
      await prepareOwn(
        { kind: 'drawing', width: 2, height: 2, ink: new Uint8Array(4) },
        { ...data, shape: [64] },
        section,
      ),
    ).toMatchObject({ problems: [{ code: 'own.kind' }] })
  }
})
