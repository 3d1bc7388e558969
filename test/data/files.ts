import type { ParamValues } from '../../src/base/params.ts'
import { ok, type Problem, type Result } from '../../src/base/problem.ts'
import { memoryFile, unwatched } from '../../src/data/files.ts'
import {
  asSource,
  expectedColumns,
  isTable,
  loadGenerated,
  proposeSource,
  readFiles,
  trainable,
} from '../../src/data/index.ts'
import { cellOf, placeOf } from '../../src/data/table/table.ts'
import type { DataFile, LoadedTable, Proposal, HeldExamples, Table } from '../../src/data/types.ts'
import type { DataSection, DataSource, FileReference, GeneratedSource, TableSource } from '../../src/document/types.ts'

export type Content = string | readonly number[] | Uint8Array

export function fileOf(name: string, content: Content): DataFile {
  return memoryFile(name, typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content))
}

/** As a document names it. */
export function referenceOf({ name, size }: DataFile): FileReference {
  return { name, size, sha256: `hash of ${name}` }
}

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`expected a value, got: ${messages(result).join(' | ')}`)
  return result.value
}

export function problemsOf(result: Result<unknown>): readonly Problem[] {
  if (result.ok) throw new Error('expected problems, got a value')
  return result.problems
}

export function messages(result: Result<unknown>): string[] {
  return problemsOf(result).map((problem) => problem.message)
}

/** What the window would be told of these files. */
export async function offerOf(
  files: readonly DataFile[],
  how: { readonly reader?: string; readonly options?: ParamValues } = {},
): Promise<Result<Proposal>> {
  const opened = await readFiles(files, how)
  return opened.ok ? proposeSource(opened.value, files.map(referenceOf)) : opened
}

/** What the command line would take of them. */
export async function proposalOf(...[files, how]: Parameters<typeof offerOf>): Promise<Result<Proposal>> {
  const offer = await offerOf(files, how)
  return offer.ok ? trainable(offer.value) : offer
}

export async function tableSourceOf(text: Content, name = 'data.csv', options: ParamValues = {}): Promise<TableSource> {
  const { source } = valueOf(await proposalOf([fileOf(name, text)], { reader: 'csv', options }))
  if (source.kind !== 'table') throw new Error(source.kind)
  return source
}

/** A text with the columns that a document has, or those that are guessed. */
export async function loadTable(text: Content, source: TableSource, name = 'data.csv'): Promise<Result<LoadedTable>> {
  const { reader, options } = source
  const job = { ...unwatched, expected: expectedColumns({ source, preparation: {} }) }
  const opened = await readFiles([fileOf(name, text)], { reader, options, job })
  if (!opened.ok) return opened
  const { data } = valueOf(asSource(source, opened.value))
  if (!isTable(data)) throw new Error('no table')
  return ok(data)
}

export async function tableOf(text: Content, source?: TableSource, name = 'data.csv'): Promise<LoadedTable> {
  return valueOf(await loadTable(text, source ?? (await tableSourceOf(text, name)), name))
}

/** cells[row][column] as texts, '' where one is missing. */
export function cellsOf({ rows, columns }: Table): string[][] {
  return Array.from({ length: rows }, (_, row) => columns.map((column) => cellOf(column, row)))
}

export function placesOf(table: Table): number[] {
  return Array.from({ length: table.rows }, (_, row) => placeOf(table, row))
}

export function examplesOf(source: GeneratedSource, seed?: number): HeldExamples {
  const { data } = valueOf(loadGenerated(source, seed))
  if (isTable(data)) throw new Error('a table')
  return data
}

export function sectionOf(source: DataSource, change: Partial<Omit<DataSection, 'source'>> = {}): DataSection {
  return {
    source,
    preparation: { scale: 'standardise', missing: 'fill' },
    split: { validation: 0.25, seed: 1 },
    ...change,
  }
}

/** An IDX file: magic number, dimensions, elements. */
export function idxBytes(dims: readonly number[], body: ArrayLike<number>, type = 0x08): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + body.length)
  bytes[2] = type
  bytes[3] = dims.length
  const view = new DataView(bytes.buffer)
  dims.forEach((dim, i) => view.setUint32(4 + 4 * i, dim))
  bytes.set(Array.from(body), 4 + 4 * dims.length)
  return bytes
}
