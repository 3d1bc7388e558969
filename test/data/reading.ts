/** Readers with files that lie in memory. */
import { readParams } from '../../src/base/params.ts'
import { ProblemError } from '../../src/base/problem.ts'
import { HEAD, memoryFile, unwatched } from '../../src/data/files.ts'
import { cellOf } from '../../src/data/table/table.ts'
import { isStored } from '../../src/data/numbers.ts'
import type { DataFile, HeldExamples, LoadedTable, RawExamples, ReadData, Reader, Table } from '../../src/data/types.ts'

const encoder = new TextEncoder()

export function fileFrom(name: string, content: string | ArrayLike<number>): DataFile {
  return memoryFile(name, typeof content === 'string' ? encoder.encode(content) : Uint8Array.from(content))
}

/** As a gzipped file comes: how long it is shows only when all of it has come. In small pieces, so that all ends are met. */
export function unzippedFile(name: string, bytes: Uint8Array, piece = 1000): DataFile {
  return {
    name,
    size: Math.ceil(bytes.length / 3),
    length: undefined,
    head: bytes.subarray(0, HEAD),
    async *chunks() {
      for (let from = 0; from < bytes.length; from += piece) yield bytes.slice(from, from + piece)
    },
    read: (from, to) => Promise.resolve(bytes.slice(from, to)),
  }
}

/** With what the reader does where nothing is said. */
export function readWith(
  reader: Reader,
  files: readonly DataFile[],
  options: { readonly [name: string]: boolean | number | string } = {},
): Promise<ReadData> {
  const { values, problems } = readParams(reader.options, options, reader.title)
  if (problems.length > 0) throw new ProblemError(...problems)
  return reader.read(files, values, unwatched)
}

export async function tableWith(reader: Reader, files: readonly DataFile[], options = {}): Promise<Table> {
  const { data } = await readWith(reader, files, options)
  if (!('columns' in data)) throw new Error('expected a table')
  return data
}

export async function examplesWith(reader: Reader, files: readonly DataFile[]): Promise<HeldExamples> {
  const { data } = await readWith(reader, files)
  if ('columns' in data) throw new Error('expected examples')
  return heldIn(data)
}

/** Examples that were read without a store are in memory. */
export function heldIn(data: RawExamples | LoadedTable | Table): HeldExamples {
  if ('table' in data || 'columns' in data) throw new Error('expected examples, not a table')
  const { features } = data
  if (isStored(features)) throw new Error('expected numbers in memory')
  return { ...data, features }
}

/** What it says when it refuses; anything but a ProblemError is a failure of the reader. */
export async function refusalOf(reading: Promise<unknown>): Promise<ProblemError> {
  let result: unknown
  try {
    result = await reading
  } catch (error) {
    if (error instanceof ProblemError) return error
    throw error
  }
  throw new Error(`expected a refusal, got ${Object.keys(result as object).join(', ')}`)
}

export async function sentencesOf(reading: Promise<unknown>): Promise<string[]> {
  return (await refusalOf(reading)).problems.map((problem) => problem.message)
}

/** Cells by column, '' where there is nothing. */
export function cellsOf(table: Table): { [column: string]: string[] } {
  return Object.fromEntries(
    table.columns.map((column) => [column.name, Array.from({ length: table.rows }, (_, row) => cellOf(column, row))]),
  )
}
