import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { MAX_CATEGORIES, MAX_TEXT_BYTES, MAX_TEXTS, OTHER_TEXTS } from '../../src/data/limits.ts'
import { atOnce } from '../../src/data/numbers.ts'
import { ColumnBuilder, TableBuilder } from '../../src/data/table/builder.ts'
import { isMissing, numberIn } from '../../src/data/table/cells.ts'
import { duplicateRows as countDuplicates, rowHashes } from '../../src/data/table/duplicates.ts'
import { wholeOf } from '../../src/data/table/stored.ts'
import { cellOf, isMissingAt, placeOf } from '../../src/data/table/table.ts'
import type { Table, TableColumn } from '../../src/data/types.ts'
import { cellsOf, placesOf } from './files.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const columnOf = (cells: readonly string[]): TableColumn => {
  const builder = new ColumnBuilder('x')
  for (const cell of cells) builder.text(cell)
  return builder.finish()
}
const textsOf = (column: TableColumn) =>
  upTo(column.kind === 'texts' ? column.codes.length : column.values.length).map((row) => cellOf(column, row))

describe('a column', () => {
  test('of few different texts is kept as they are written, numbers too', () => {
    const column = columnOf(['1.50', 'a', '', '1.5', 'NA', 'a', '1.50'])
    expect(column).toEqual({
      kind: 'texts',
      name: 'x',
      codes: Int32Array.of(0, 1, -1, 2, -1, 1, 0),
      texts: ['1.50', 'a', '1.5'],
    })
    expect(upTo(7).filter((row) => isMissingAt(column, row))).toEqual([2, 4])
  })

  test('of a thousand different numbers is too, of one more it is numbers', () => {
    const few = upTo(3000).map((i) => String((i % MAX_CATEGORIES) / 8))
    expect(columnOf(few).kind).toBe('texts')
    const many = columnOf(upTo(3000).map((i) => `${(i % (MAX_CATEGORIES + 1)) / 8}0`.replace(/^(\d+)0$/, '$1.0')))
    expect(many.kind).toBe('numbers')
    // Spelt anew.
    expect(cellOf(many, 1)).toBe('0.125')
    expect(cellOf(many, 8)).toBe('1')
  })

  test('of numbers keeps what slipped in between, and what is missing', () => {
    const cells = upTo(2000).map((i) => (i === 7 || i === 1500 ? `x${i}` : i % 100 === 3 ? '?' : String(i / 4)))
    const column = columnOf(cells)
    if (column.kind !== 'numbers') throw new Error(column.kind)
    expect([...column.slips]).toEqual([
      [7, 'x7'],
      [1500, 'x1500'],
    ])
    expect(textsOf(column)).toEqual(cells.map((cell) => (cell === '?' ? '' : cell)))
    expect(upTo(2000).filter((row) => isMissingAt(column, row))).toEqual(upTo(2000).filter((i) => i % 100 === 3))
    expect(isMissingAt(column, 7)).toBe(false)
  })

  test('of many texts from the start is texts, whatever the numbers among them', () => {
    const cells = upTo(4000).map((i) => (i % 10 === 0 ? `t${i}` : String(i)))
    const column = columnOf(cells)
    expect(column.kind).toBe('texts')
    expect(textsOf(column)).toEqual(cells)
  })

  test('whose numbers were only its beginning becomes texts again, and loses no value', () => {
    const cells = upTo(6000).map((i) => (i < 2000 ? String(i / 8) : i % 50 === 0 ? '' : `name ${i}`))
    const column = columnOf(cells)
    expect(column.kind).toBe('texts')
    expect(textsOf(column)).toEqual(cells)
    // It does not go back and forth: numbers that follow stay texts.
    const builder = new ColumnBuilder('x')
    for (const cell of [...cells, ...upTo(5000).map(String)]) builder.text(cell)
    expect(builder.isNumeric).toBe(false)
    expect(textsOf(builder.finish())).toEqual([...cells, ...upTo(5000).map(String)])
  })

  test('takes numbers as numbers, from readers that have no texts', () => {
    const builder = new ColumnBuilder('x')
    const values = upTo(3000).map((i) => (i % 7 === 0 ? NaN : i / 3 - 50))
    for (const value of values) builder.number(value)
    const column = builder.finish()
    expect(column).toMatchObject({ kind: 'numbers', values: Float64Array.from(values) })
    expect(builder.length).toBe(0)
    const few = new ColumnBuilder('x')
    for (const value of [1, 0.5, NaN, 1]) few.number(value)
    expect(few.finish()).toMatchObject({ kind: 'texts', codes: Int32Array.of(0, 1, -1, 0), texts: ['1', '0.5'] })
  })

  test('keeps so many bytes of different texts, and calls all others one', () => {
    // Two bytes a character: 16 texts of a million characters fit, and a short one behind them.
    const long = (i: number) => String(i).padEnd(1_000_000, '-')
    const cells = [...upTo(16).map(long), 'short', long(16), 'late', long(3), 'short']
    const column = columnOf(cells)
    if (column.kind !== 'texts') throw new Error(column.kind)
    expect(column.hasOthers).toBe(true)
    expect(column.texts).toHaveLength(18)
    expect(textsOf(column)).toEqual([...upTo(16).map(long), 'short', OTHER_TEXTS, OTHER_TEXTS, long(3), 'short'])
    expect(2 * column.texts.join('').length).toBeLessThanOrEqual(MAX_TEXT_BYTES + 2)
    // Control: without the one that is too much all are kept.
    const control = columnOf(cells.filter((cell) => cell !== long(16)))
    expect(control.kind === 'texts' && [control.hasOthers, control.texts.length]).toEqual([undefined, 18])
  })

  test('stays one of numbers though a few long texts stand among them', () => {
    const column = columnOf(upTo(900).map((i) => (i % 30 === 7 ? `${i}`.padEnd(1_000_000, '-') : String(i))))
    if (column.kind !== 'numbers') throw new Error(column.kind)
    expect(column.values.subarray(899, 900)[0]).toBe(899)
    expect([column.slips.size, column.slips.get(7)?.length, column.slips.get(877)]).toEqual([
      30,
      1_000_000,
      OTHER_TEXTS,
    ])
  })

  test('shares room for texts with the other columns of its table', () => {
    const table = new TableBuilder('a.csv', upTo(128).map(String), 'line')
    // 128 columns have 4 MB each: two texts of a million characters.
    for (const i of upTo(4)) {
      table.columns.forEach((column, k) =>
        k === 5 ? column.text(`${i}`.padEnd(1_000_000, '-')) : column.text(`t${i}`),
      )
      table.endRow()
    }
    const { columns } = table.finish()
    expect(columns.map((column) => column.kind === 'texts' && column.texts.length)).toEqual(
      upTo(128).map((k) => (k === 5 ? 3 : 4)),
    )
  })

  test('keeps so many different texts, and calls all others one', () => {
    const builder = new ColumnBuilder('x')
    for (const i of upTo(MAX_TEXTS)) builder.text(`t${i}`)
    for (const cell of ['more', 't5', 'yet more', '', `t${MAX_TEXTS - 1}`]) builder.text(cell)
    const column = builder.finish()
    if (column.kind !== 'texts') throw new Error(column.kind)
    expect(column.texts).toHaveLength(MAX_TEXTS + 1)
    expect(textsOf(column).slice(MAX_TEXTS)).toEqual([OTHER_TEXTS, 't5', OTHER_TEXTS, '', `t${MAX_TEXTS - 1}`])
    // The control: with one less nothing is lost.
    const control = columnOf([...upTo(MAX_TEXTS - 1).map((i) => `t${i}`), 'more', 't5'])
    expect(textsOf(control).slice(-2)).toEqual(['more', 't5'])
    expect(control.kind === 'texts' && control.texts.length).toBe(MAX_TEXTS)
  })

  test('of any cells holds what a list of strings would', () => {
    const kinds = { texts: 0, numbers: 0 }
    for (let seed = 0; seed < 250; seed++) {
      const rng = new Rng(seed, 'columns')
      const many = 10 ** (1 + rng.integer(4))
      const shares = [0, 0.01, 0.2, 1]
      const [text = 0, missing = 0] = [shares[rng.integer(4)], shares[rng.integer(3)]]
      // What comes late may be another kind of thing than what came first.
      const turn = rng.integer(2) === 0 ? Infinity : 2000
      const cells = upTo(4000).map((row) => {
        if (rng.uniform() < missing) return ['', 'NA', '?'][rng.integer(3)] ?? ''
        const number = String((rng.integer(many) - many / 3) / 16)
        return rng.uniform() < text || row > turn ? `${number} m` : number
      })
      const column = columnOf(cells)
      kinds[column.kind]++
      // Numbers among them may be spelt anew; here they never are.
      expect(textsOf(column), `seed ${seed}`).toEqual(cells.map((cell) => (isMissing(cell) ? '' : cell)))
      if (column.kind === 'numbers') expect(Array.from(wholeOf(column.values))).toEqual(cells.map(numberIn))
    }
    expect(kinds.texts).toBeGreaterThan(20)
    expect(kinds.numbers).toBeGreaterThan(20)
  })
})

describe('a table', () => {
  const built = (places: readonly (number | undefined)[]): Table => {
    const builder = new TableBuilder('t.csv', ['a', 'b'], 'line')
    places.forEach((place, i) => {
      const [a, b] = builder.columns
      a?.text(`a${i}`)
      b?.number(i / 2)
      builder.endRow(place)
    })
    return builder.finish()
  }

  test('knows where its rows stand, and keeps no list of what follows in order', () => {
    expect(built([undefined, undefined]).places).toEqual({ unit: 'line', first: 1 })
    expect(built([5, 6, 7]).places).toEqual({ unit: 'line', first: 5 })
    const odd = built([2, 3, 7, 8])
    expect(odd.places).toEqual({ unit: 'line', first: 2, numbers: Uint32Array.of(2, 3, 7, 8) })
    expect(placesOf(odd)).toEqual([2, 3, 7, 8])
    expect(placeOf(built([5, 6, 7]), 2)).toBe(7)
  })

  test('of no row or many has all its cells', () => {
    expect(built([])).toMatchObject({ file: 't.csv', rows: 0, columns: [{ name: 'a' }, { name: 'b' }] })
    const many = built(upTo(50_000).map((i) => i + 2))
    expect(many.rows).toBe(50_000)
    expect(cellsOf(many)).toEqual(upTo(50_000).map((i) => [`a${i}`, String(i / 2)]))
    expect(many.places).toEqual({ unit: 'line', first: 2 })
  })
})

const duplicateRows = (table: Table) => atOnce(countDuplicates(table))

describe('rows that say the same', () => {
  /** Rows of columns of all kinds, many of them twice. */
  function random(seed: number): Table {
    const rng = new Rng(seed, 'duplicates')
    const rows = 1500 + rng.integer(1500)
    const builder = new TableBuilder('t', ['n', 'k', 's'], 'row')
    const some = 2 + rng.integer(60)
    for (let row = 0; row < rows; row++) {
      const [n, k, s] = builder.columns
      // Of many different values, so that it is kept as numbers; then a few again and again.
      if (row < 1100) n?.number(row * 0.37)
      else if (rng.integer(9) === 0) n?.text(['', 'slip', 'slop'][rng.integer(3)] ?? '')
      else n?.number(rng.integer(some) * 0.37)
      k?.text(row < 1100 ? 'p' : (['p', 'q', ''][rng.integer(3)] ?? ''))
      s?.number(rng.integer(2))
      builder.endRow()
    }
    return builder.finish()
  }
  const naive = (table: Table) => table.rows - new Set(cellsOf(table).map((row) => JSON.stringify(row))).size

  test('are counted as a set of their texts counts them', () => {
    let found = 0
    for (let seed = 0; seed < 30; seed++) {
      const table = random(seed)
      expect(table.columns[0]?.kind).toBe('numbers')
      expect(duplicateRows(table), `seed ${seed}`).toBe(naive(table))
      found += naive(table)
    }
    expect(found).toBeGreaterThan(1000)
  })

  test('the comparison can fail: without one of the columns there are more', () => {
    const table = random(1)
    expect(duplicateRows({ ...table, columns: table.columns.slice(1) })).not.toBe(naive(table))
  })

  test('are not those that hold the same in other columns', () => {
    const table = (rows: readonly (readonly string[])[]) => {
      const builder = new TableBuilder('t', ['a', 'b'], 'row')
      for (const row of rows) {
        row.forEach((cell, i) => builder.columns[i]?.text(cell))
        builder.endRow()
      }
      return builder.finish()
    }
    expect(
      duplicateRows(
        table([
          ['x', 'y'],
          ['y', 'x'],
          ['x', ''],
          ['', 'x'],
        ]),
      ),
    ).toBe(0)
    expect(
      duplicateRows(
        table([
          ['x', 'y'],
          ['x', 'y'],
          ['x', 'y'],
          ['', ''],
          ['', ''],
        ]),
      ),
    ).toBe(3)
    expect(duplicateRows(table([]))).toBe(0)
    expect(
      new Set(atOnce(rowHashes(table(upTo(20_000).map((i) => [`${i % 141}`, `${Math.floor(i / 141)}`]))))).size,
    ).toBe(20_000)
  })
})
