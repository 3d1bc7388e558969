import type { Problem, Result } from '../../src/base/problem.ts'
import type { DataSection, DataSource, TableSource } from '../../src/document/types.ts'
import csv from '../../src/data/readers/csv.ts'
import type { LoadedTable } from '../../src/data/prepare.ts'
import type { SourceFile } from '../../src/data/types.ts'

export function fileOf(name: string, content: string | readonly number[] | Uint8Array): SourceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content)
  return { name, bytes, size: bytes.length, sha256: `hash of ${name}` }
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

export function tableSourceOf(text: string, name = 'data.csv'): TableSource {
  return valueOf(csv.inspect([fileOf(name, text)])).source
}

export function tableOf(text: string, source = tableSourceOf(text), name = 'data.csv'): LoadedTable {
  return { table: valueOf(csv.read([fileOf(name, text)], source)).data, source }
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
