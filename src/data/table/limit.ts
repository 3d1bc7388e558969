/** How large a table may be, asked before more of it is taken. */
import { problem, ProblemError } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_CELLS, MAX_PROSE_BYTES, MAX_STORED_BYTES, MAX_STORED_ROWS, MAX_UNZIPPED } from '../limits.ts'
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

/**
 * Zipped files that unzip to more than `MAX_PROSE_BYTES` and to more than `MAX_UNZIPPED` times their size throw a ProblemError. They
 * are unzipped for that alone, before any row is read, which takes many times as long: even readings that hardly change over hours
 * come to a twentieth of their size, and a bomb to a thousandth.
 */
export async function refuseBombs(files: readonly DataFile[], { pause }: Pick<Job, 'pause'>): Promise<void> {
  for (const file of files) {
    const { name, size } = file
    if (file.length !== undefined || size * MOST_BY_GZIP <= MAX_PROSE_BYTES) continue
    const most = Math.max(MAX_PROSE_BYTES, size * MAX_UNZIPPED)
    let length = 0
    for await (const piece of file.chunks()) {
      length += piece.length
      if (length > most) {
        const message = `${name} has ${showBytes(size)} and unzips to more than ${showBytes(most)}, over ${MAX_UNZIPPED} times as much, which is hardly a table; unzip it, and choose what comes out.`
        throw new ProblemError(problem('file.large', message, { file: name }))
      }
      await pause()
    }
  }
}

/** How many bytes gzip can make of one at most (Deutsch, RFC 1951: 258 of two bits). */
const MOST_BY_GZIP = 1032
