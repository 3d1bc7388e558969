/** How large a table may be, asked before more of it is taken. */
import { MAX_CELLS, MAX_STORED_BYTES, MAX_STORED_ROWS, MAX_UNZIPPED } from '../limits.ts'
import type { DataFile, Job } from '../types.ts'

export interface TableLimit {
  readonly cells: number
}

/** Where nothing is stored. */
export const HELD_TABLE: TableLimit = { cells: MAX_CELLS }

/** Of the table that these files hold. */
export async function tableLimit({ store }: Job, files: readonly Pick<DataFile, 'size'>[]): Promise<TableLimit> {
  if (!store) return HELD_TABLE
  const bytes = Math.min(MAX_STORED_BYTES, await store.free())
  // A few bytes may promise any number of rows.
  const promised = MAX_UNZIPPED * files.reduce((sum, { size }) => sum + size, 0)
  return { cells: Math.max(MAX_CELLS, Math.min(Math.floor(bytes / 8), promised)) }
}

/** What such a table has more of than it may, e.g. `100000000 cells`. */
export function tooMany({ cells }: TableLimit, rows: number, columns: number): string | undefined {
  if (rows * columns > cells) return `${cells} cells`
  return rows * columns > MAX_CELLS && rows > MAX_STORED_ROWS ? `${MAX_STORED_ROWS} rows` : undefined
}
