/** What one asks a table: the file and the place of a row, the text of a cell, a column by its name. */
import { at } from '../../base/assert.ts'
import type { NumberColumn, Table, TableColumn } from '../types.ts'
import { spellDate } from './dates.ts'

/** Number of a row's line, or of the row itself, counted from 1. */
export function placeOf({ places }: Table, row: number): number {
  return places.numbers?.[row] ?? places.first + row
}

/** The file that a row is of, for messages. */
export function fileOf({ file, parts }: Table, row: number): string {
  return parts ? at(parts.names, at(parts.of, row)) : file
}

/** `train.csv line 4`. */
export function showRow(table: Table, row: number): string {
  return `${fileOf(table, row)} ${table.places.unit} ${placeOf(table, row)}`
}

/** Where a problem of a row is. */
export function whereOf(table: Table, row: number): { readonly file: string; readonly line: number } {
  return { file: fileOf(table, row), line: placeOf(table, row) }
}

/** What stands in a cell; '' is missing. Numbers that were kept as such are spelt anew. */
export function cellOf(column: TableColumn, row: number): string {
  if (column.kind === 'texts') {
    const code = column.codes.at(row) ?? -1
    return code < 0 ? '' : at(column.texts, code)
  }
  const value = column.values.at(row) ?? NaN
  return Number.isNaN(value) ? (column.slips.get(row) ?? '') : spell(column, value)
}

/** A number of a column as a text. */
export function spell({ dates }: Pick<NumberColumn, 'dates'>, value: number): string {
  return dates ? spellDate(value, dates) : String(value)
}

export function isMissingAt(column: TableColumn, row: number): boolean {
  if (column.kind === 'texts') return (column.codes.at(row) ?? -1) < 0
  return Number.isNaN(column.values.at(row) ?? NaN) && !column.slips.has(row)
}

export function namesOf(table: Table): string[] {
  return table.columns.map(({ name }) => name)
}
