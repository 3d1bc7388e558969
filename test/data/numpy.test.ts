import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import numpy from '../../src/data/readers/numpy.ts'
import type { DataFile } from '../../src/data/types.ts'
import fixtures from './fixtures/numpy.json' with { type: 'json' }
import { npyBytes } from './npy.ts'
import { cellsOf, examplesWith, fileFrom, readWith, sentencesOf, tableWith, unzippedFile } from './reading.ts'

interface Fixture {
  readonly name: string
  readonly bytes: string
  readonly table?: readonly (readonly number[])[]
  readonly shape?: readonly number[]
  readonly features?: readonly number[]
  readonly classes?: readonly number[]
  readonly numbers?: readonly number[]
}

const all = fixtures as readonly Fixture[]
const fileOf = ({ name, bytes }: Fixture): DataFile => fileFrom(name, Buffer.from(bytes, 'base64'))
const named = (name: string) => {
  const found = all.find((one) => one.name === name)
  if (!found) throw new Error(`no fixture ${name}`)
  return found
}

async function rowsOf(file: DataFile): Promise<number[][]> {
  const table = await tableWith(numpy, [file])
  const columns = Object.values(cellsOf(table))
  return Array.from({ length: table.rows }, (_, row) => columns.map((column) => Number(column[row])))
}

describe('arrays that NumPy wrote are read as NumPy has them:', () => {
  test.each(all.filter((one) => one.table))('$name', async (fixture) => {
    expect(await rowsOf(fileOf(fixture))).toEqual(fixture.table)
  })

  test.each(all.filter((one) => one.features))('$name', async (fixture) => {
    const data = await examplesWith(numpy, [fileOf(fixture)])
    expect(data.shape).toEqual(fixture.shape)
    expect(Array.from(data.features)).toEqual(fixture.features)
    expect(Array.from(data.targets)).toEqual(fixture.classes ?? fixture.numbers)
    expect(data.count).toBe(4)
    // Pictures stay bytes.
    expect(data.features).toBeInstanceOf(fixture.numbers ? Float32Array : Uint8Array)
    expect(data.target).toEqual(
      fixture.numbers ? { kind: 'numbers', names: ['y1', 'y2'] } : { kind: 'classes', names: ['0', '1', '2'] },
    )
  })

  test('and a wrong order of bytes or axes would be seen', async () => {
    const little = await rowsOf(fileOf(named('i4leC.npy')))
    expect(little).not.toEqual(named('i4beC.npy').table)
    const text = Buffer.from(named('i4leF.npy').bytes, 'base64').toString('latin1')
    const lie = text.replace("'fortran_order': True, ", "'fortran_order': False,")
    expect(lie).not.toBe(text)
    const swapped = Buffer.from(lie, 'latin1')
    expect(await rowsOf(fileFrom('lie.npy', swapped))).not.toEqual(named('i4leF.npy').table)
  })
})

describe('what arrays mean', () => {
  const pictures = () => npyBytes('|u1', [3, 2, 2], [...Array(12).keys()])
  const classes = () => npyBytes('<i8', [3], [0, 1, 1])

  test('two files are features and labels, by their names in any order', async () => {
    const files = [fileFrom('y.npy', classes()), fileFrom('x.npy', pictures())]
    const data = await examplesWith(numpy, files)
    expect(data).toEqual(await examplesWith(numpy, [...files].reverse()))
    expect([data.count, data.shape, Array.from(data.targets)]).toEqual([3, [2, 2, 1], [0, 1, 1]])
  })

  test('or by their dimensions, where the names say nothing', async () => {
    const data = await examplesWith(numpy, [fileFrom('b.npy', classes()), fileFrom('a.npy', pictures())])
    expect(data.shape).toEqual([2, 2, 1])
  })

  test('labels are classes where they are small whole numbers, numbers otherwise', async () => {
    const target = async (descr: string, shape: number[], values: number[]) => {
      const files = [fileFrom('x.npy', pictures()), fileFrom('y.npy', npyBytes(descr, shape, values))]
      const data = await examplesWith(numpy, files)
      return [data.target.kind, data.target.names.length, Array.from(data.targets)]
    }
    expect(await target('<i4', [3, 1], [2, 0, 1])).toEqual(['classes', 3, [2, 0, 1]])
    expect(await target('|b1', [3], [1, 0, 1])).toEqual(['classes', 2, [1, 0, 1]])
    expect(await target('<i4', [3], [1999, 2024, 0])).toEqual(['numbers', 1, [1999, 2024, 0]])
    expect(await target('<i4', [3], [-1, 1, 0])).toEqual(['numbers', 1, [-1, 1, 0]])
    expect(await target('<f8', [3], [0, 1, 1])).toEqual(['numbers', 1, [0, 1, 1]])
    expect(await target('<f4', [3, 2], [0, 1, 1, 0, 0, 1])).toEqual(['classes', 2, [1, 0, 1]])
    expect(await target('<f4', [3, 2], [0, 1, 1, 1, 0, 1])).toEqual(['numbers', 2, [0, 1, 1, 1, 0, 1]])
    expect(await target('<f4', [3, 2], [0, 1, 0, 0, 0, 1])).toEqual(['numbers', 2, [0, 1, 0, 0, 0, 1]])
  })

  test('labels that leave classes out say so', async () => {
    const files = [fileFrom('x.npy', pictures()), fileFrom('y.npy', npyBytes('|u1', [3], [0, 3, 0]))]
    const { warnings } = await readWith(numpy, files)
    expect(warnings.map(({ message }) => message)).toEqual([
      'y.npy: no example has the label 1, 2, so the network cannot learn them.',
    ])
  })

  test('channels that come first are moved, and said', async () => {
    const { facts } = await readWith(numpy, [fileOf(named('channels-first.npz'))])
    expect(facts).toContainEqual({ label: 'Channels', value: 'first in the file [4, 3, 6, 5], moved to the end' })
    expect((await readWith(numpy, [fileOf(named('pictures.npz'))])).facts.map(({ label }) => label)).not.toContain(
      'Channels',
    )
  })

  test('training comes before test, and both are named', async () => {
    const { facts } = await readWith(numpy, [fileOf(named('keras.npz'))])
    expect(facts).toContainEqual({
      label: 'Parts',
      value: '3 from keras.npz/x_train.npy and 1 from keras.npz/x_test.npy',
    })
  })

  test('whole numbers that 32 bits hold only rounded are said', async () => {
    const files = [
      fileFrom('x.npy', npyBytes('<i4', [2, 1], [16777217, 5])),
      fileFrom('y.npy', npyBytes('|u1', [2], [0, 1])),
    ]
    const { warnings } = await readWith(numpy, files)
    expect(warnings.map(({ message }) => message)).toEqual([
      'x.npy: example 1 holds 16777217, which 32-bit floats hold only rounded, to 16777216.',
    ])
  })

  test('other arrays of an archive are left out, and said', async () => {
    const archive = zipSync({ 'x.npy': pictures(), 'y.npy': classes(), 'ids.npy': npyBytes('<i4', [3], [7, 8, 9]) })
    const { warnings } = await readWith(numpy, [fileFrom('a.npz', archive)])
    expect(warnings.map(({ message }) => message)).toEqual([
      'a.npz/ids.npy [3] is neither features nor labels by its name and is left out.',
    ])
  })

  test('pictures without labels are examples without a target, in one array or in those of training and test', async () => {
    const nothing = { kind: 'numbers', names: [] }
    const lone = await examplesWith(numpy, [fileFrom('X.npy', pictures())])
    expect(lone).toMatchObject({ count: 3, shape: [2, 2, 1], target: nothing })
    expect([...lone.features]).toEqual([...Array(12).keys()])
    const first = npyBytes('|u1', [2, 3, 5, 6], [...Array(180).keys()])
    const turned = await examplesWith(numpy, [fileFrom('any name.npy', first)])
    expect(turned).toMatchObject({ count: 2, shape: [5, 6, 3], target: nothing })
    // Channels come last: those of a pixel lay 5 x 6 apart.
    expect([...turned.features.slice(0, 6)]).toEqual([0, 30, 60, 1, 31, 61])
    const both = zipSync({ 'x_test.npy': pictures(), 'x_train.npy': pictures() })
    expect(await examplesWith(numpy, [fileFrom('a.npz', both)])).toMatchObject({
      count: 6,
      target: nothing,
      parts: { names: ['train', 'test'] },
    })
    // The controls: with labels they are classes, and rows of numbers are a table.
    const labelled = await examplesWith(numpy, [fileFrom('x.npy', pictures()), fileFrom('y.npy', classes())])
    expect(labelled.target).toEqual({ kind: 'classes', names: ['0', '1'] })
    expect((await tableWith(numpy, [fileFrom('x.npy', npyBytes('|u1', [3, 2], [1, 2, 3, 4, 5, 6]))])).rows).toBe(3)
  })

  test('missing numbers of a table are missing, infinite ones are no numbers', async () => {
    const table = await tableWith(numpy, [fileFrom('t.npy', npyBytes('<f8', [2, 2], [NaN, 1, Infinity, 2]))])
    expect(cellsOf(table)).toEqual({ col1: ['', 'Infinity'], col2: ['1', '2'] })
  })
})

test('a gzipped array is compared with what it promises as it comes', async () => {
  const bytes = npyBytes('<f8', [400, 2], [...Array(800).keys()])
  const table = await tableWith(numpy, [unzippedFile('t.npy.gz', bytes)])
  expect(table.rows).toBe(400)
  const sentences = (changed: Uint8Array) => sentencesOf(readWith(numpy, [unzippedFile('t.npy.gz', changed)]))
  expect(await sentences(bytes.subarray(0, 3000))).toEqual([
    't.npy.gz promises 6400 bytes [400, 2], but 2872 follow its header; save it again.',
  ])
  expect(await sentences(Uint8Array.from([...bytes, 0]))).toEqual([
    't.npy.gz promises 6400 bytes [400, 2], but more follow its header; save it again.',
  ])
})

test('archives and arrays are known by their bytes or their names', () => {
  const accepts = (name: string, content: string | Uint8Array) => numpy.accepts([fileFrom(name, content)])
  expect(accepts('a', npyBytes('|u1', [1], [1]))).toBe(true)
  expect(accepts('a.npz', '')).toBe(true)
  expect(accepts('a.zip', zipSync({ 'x.npy': npyBytes('|u1', [1], [1]) }))).toBe(true)
  expect(accepts('a.zip', zipSync({ 'x.png': npyBytes('|u1', [1], [1]) }))).toBe(false)
  expect(accepts('a.csv', 'a,b\n1,2\n')).toBe(false)
  expect(numpy.accepts([])).toBe(false)
})
