/** Rows of a table that become features when they are asked for, because all at once would be more than memory is to hold. */
import { assert, at } from '../../base/assert.ts'
import { widthOf } from '../../document/signature.ts'
import { meaningIn, type BoundColumn } from '../table/columns.ts'
import { wholeOf } from '../table/stored.ts'
import type { FittedColumn, HeldCells, MadeFeatures, StoredRows, Table, TableColumn } from '../types.ts'
import { writeColumn } from './columns.ts'
import { countOf, listed, type ExampleRows } from './windows.ts'

/**
 * Stretches of neighbours whose cells are kept: as many as examples are shuffled among (`epochOrder`), so that each is read once an
 * epoch.
 */
const KEPT = 64

interface FeatureColumn {
  readonly cells: TableColumn
  readonly fitted: FittedColumn
  readonly offset: number
  /** Undefined where cells are what they count as. */
  readonly meaning: ((cell: number, row: number) => number) | undefined
}

/** Some rows of a table in rising order, and their cells by column. */
interface Stretch {
  readonly rows: Uint32Array
  readonly cells: readonly HeldCells[]
}

/** Rows to be written, those of one stretch after the other: where each goes, and where it is in its stretch. */
interface Picked {
  readonly to: Uint32Array
  readonly from: Uint32Array
  readonly stretches: readonly Stretch[]
  /** Where the rows of each stretch end. */
  readonly ends: readonly number[]
  /** Of the table, of all that are written. */
  readonly rows: Uint32Array
}

export class MadeRows implements MadeFeatures {
  readonly length: number
  readonly neighbours: number
  readonly #columns: readonly FeatureColumn[]
  readonly #stored: StoredRows | undefined
  readonly #examples: ExampleRows
  readonly #width: number
  /** By the number of the stretch, the one that was asked for last at the end. */
  readonly #kept = new Map<number, Promise<Stretch>>()

  /** `examples`: as rows of the table. */
  constructor(table: Table, columns: readonly BoundColumn[], fitted: readonly FittedColumn[], examples: ExampleRows) {
    let width = 0
    this.#columns = columns.map((bound, i) => {
      const offset = width
      width += widthOf(bound.column)
      const isPlain = bound.column.kind === 'numeric' && bound.cells.kind === 'numbers'
      return { cells: bound.cells, fitted: at(fitted, i), offset, meaning: isPlain ? undefined : meaningIn(bound) }
    })
    this.#stored = table.stored
    this.#examples = examples
    this.#width = width
    this.length = countOf(examples) * width
    // As many as come of the rows of a block.
    const share = examples.starts.length / table.rows
    this.neighbours = table.stored ? Math.max(1, Math.floor(table.stored.rows * share)) : 0
  }

  async write(out: Float32Array, places: ArrayLike<number>): Promise<void> {
    const { order, starts, lines } = this.#examples
    const count = places.length * lines
    assert(out.length >= count * this.#width, `${out.length} numbers for ${count} x ${this.#width}`)
    out.fill(0, 0, count * this.#width)
    const rows = new Uint32Array(count)
    for (let i = 0; i < places.length; i++) {
      const from = starts[places[i] as number] as number
      for (let line = 0; line < lines; line++) rows[i * lines + line] = order[from + line] as number
    }
    if (!this.#stored) {
      const held = { rows, cells: this.#columns.map(({ cells }) => heldIn(cells)) }
      return this.#write(out, { rows, to: upTo(count), from: rows, stretches: [held], ends: [count] })
    }
    const stretches = byStretch(places, this.neighbours)
    const numbers = [...stretches.keys()]
    for (let first = 0; first < numbers.length; first += KEPT) {
      const some = numbers.slice(first, first + KEPT)
      const found: Stretch[] = []
      for (const number of some) found.push(await this.#stretch(number, this.#stored))
      this.#write(
        out,
        this.#pickFrom(
          found,
          some.map((number) => stretches.get(number) ?? []),
          rows,
        ),
      )
    }
  }

  /** `own`: of each stretch the examples in it. */
  #pickFrom(stretches: readonly Stretch[], own: readonly (readonly number[])[], rows: Uint32Array): Picked {
    const { lines } = this.#examples
    const count = own.reduce((sum, { length }) => sum + length, 0) * lines
    const [to, from] = [new Uint32Array(count), new Uint32Array(count)]
    let k = 0
    const ends = own.map((examples, s) => {
      const { rows: among } = at(stretches, s)
      for (const i of examples)
        for (let line = i * lines; line < (i + 1) * lines; line++, k++) {
          to[k] = line
          from[k] = placeIn(among, rows[line] as number)
        }
      return k
    })
    return { to, from, ends, stretches, rows }
  }

  #write(out: Float32Array, { rows, to, from, stretches, ends }: Picked): void {
    const all = upTo(to.length)
    const cells = new Float64Array(to.length)
    this.#columns.forEach(({ fitted, offset, meaning }, c) => {
      let k = 0
      stretches.forEach((stretch, s) => {
        const kept = at(stretch.cells, c)
        for (const end = at(ends, s); k < end; k++) {
          const cell = kept[from[k] as number] as number
          cells[k] = meaning ? meaning(cell, rows[to[k] as number] as number) : cell
        }
      })
      writeColumn(out, this.#width, offset, cells, all, fitted, to)
    })
  }

  #stretch(number: number, stored: StoredRows): Promise<Stretch> {
    const known = this.#kept.get(number)
    const stretch = known ?? this.#read(number, stored)
    this.#kept.delete(number)
    this.#kept.set(number, stretch)
    // What could not be read is asked for again.
    if (!known) stretch.catch(() => this.#kept.delete(number))
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break
      this.#kept.delete(oldest)
    }
    return stretch
  }

  async #read(number: number, stored: StoredRows): Promise<Stretch> {
    const starts = this.#examples.starts.subarray(number * this.neighbours, (number + 1) * this.neighbours)
    const rows = rising(listed({ ...this.#examples, starts }))
    const columns = this.#columns.map(({ cells }) => cells)
    const cells = columns.map(({ kind }) =>
      kind === 'texts' ? new Int32Array(rows.length) : new Float64Array(rows.length),
    )
    for (let from = 0; from < rows.length;) {
      const block = Math.floor(at(rows, from) / stored.rows)
      const first = block * stored.rows
      let to = from + 1
      while (to < rows.length && at(rows, to) < first + stored.rows) to++
      const found = await stored.read(columns, block)
      found.forEach((block, c) => {
        const out = at(cells, c)
        for (let i = from; i < to; i++) out[i] = block[at(rows, i) - first] as number
      })
      from = to
    }
    return { rows, cells }
  }
}

/** Of a table in memory. */
function heldIn(column: TableColumn): HeldCells {
  return wholeOf<HeldCells>(column.kind === 'texts' ? column.codes : column.values)
}

function upTo(count: number): Uint32Array {
  const numbers = new Uint32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = i
  return numbers
}

/** Which of the places lie in each stretch of so many, in the order in which stretches are met. */
function byStretch(places: ArrayLike<number>, neighbours: number): Map<number, number[]> {
  const stretches = new Map<number, number[]>()
  for (let i = 0; i < places.length; i++) {
    const number = Math.floor((places[i] as number) / neighbours)
    const own = stretches.get(number)
    if (own) own.push(i)
    else stretches.set(number, [i])
  }
  return stretches
}

/** Each row once, in rising order. */
function rising(rows: Uint32Array): Uint32Array {
  if (rows.every((row, i) => i === 0 || row > (rows[i - 1] as number))) return rows
  return rows
    .slice()
    .sort()
    .filter((row, i, all) => i === 0 || row !== all[i - 1])
}

/** Where a row is among those that rise. */
function placeIn(rows: Uint32Array, row: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as number) < row) low = middle + 1
    else high = middle
  }
  return low
}
