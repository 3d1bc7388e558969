/** Rows of a table that become features when they are asked for, because all at once would be more than memory is to hold. */
import { assert } from '../../base/assert.ts'
import { widthOf } from '../../document/signature.ts'
import { valueAt, type BoundColumn } from '../table/columns.ts'
import type { FittedColumn, MadeFeatures } from '../types.ts'
import { writeColumn } from './columns.ts'

export class MadeRows implements MadeFeatures {
  readonly length: number
  readonly neighbours = 0
  readonly #columns: readonly {
    readonly fitted: FittedColumn
    readonly offset: number
    readonly valueAt: (row: number) => number
  }[]
  readonly #rows: Uint32Array
  readonly #lines: number
  readonly #width: number

  /** `rows`: those of the table that the examples are made of, `lines` for each. */
  constructor(columns: readonly BoundColumn[], fitted: readonly FittedColumn[], rows: Uint32Array, lines: number) {
    let width = 0
    this.#columns = columns.map((bound, i) => {
      const offset = width
      width += widthOf(bound.column)
      return { fitted: fitted[i] as FittedColumn, offset, valueAt: valueAt(bound) }
    })
    this.#rows = rows
    this.#lines = lines
    this.#width = width
    this.length = rows.length * width
  }

  write(out: Float32Array, places: ArrayLike<number>): Promise<void> {
    const lines = this.#lines
    const count = places.length * lines
    assert(out.length >= count * this.#width, `${out.length} numbers for ${count} x ${this.#width}`)
    const rows = new Uint32Array(count)
    for (let i = 0; i < count; i++)
      rows[i] = this.#rows[(places[Math.floor(i / lines)] as number) * lines + (i % lines)] as number
    out.fill(0, 0, count * this.#width)
    const cells = new Float64Array(count)
    const own = Uint32Array.from(cells, (_, i) => i)
    for (const { fitted, offset, valueAt: value } of this.#columns) {
      for (let i = 0; i < count; i++) cells[i] = value(rows[i] as number)
      writeColumn(out, this.#width, offset, cells, own, fitted)
    }
    return Promise.resolve()
  }
}
