/** What one asks a table: the place of a row, the text of a cell, a column by its name. */
import { at } from '../../base/assert.ts'
import type { Table, TableColumn } from '../types.ts'

/** Number of a row's line, or of the row itself, counted from 1. */
export function placeOf({ places }: Table, row: number): number {
  return places.numbers?.[row] ?? places.first + row
}

/** What stands in a cell; '' is missing. Numbers that were kept as such are spelt anew. */
export function cellOf(column: TableColumn, row: number): string {
  if (column.kind === 'texts') {
    const code = at(column.codes, row)
    return code < 0 ? '' : at(column.texts, code)
  }
  const value = at(column.values, row)
  return Number.isNaN(value) ? (column.slips.get(row) ?? '') : String(value)
}

export function isMissingAt(column: TableColumn, row: number): boolean {
  if (column.kind === 'texts') return at(column.codes, row) < 0
  return Number.isNaN(at(column.values, row)) && !column.slips.has(row)
}

export function namesOf(table: Table): string[] {
  return table.columns.map(({ name }) => name)
}
