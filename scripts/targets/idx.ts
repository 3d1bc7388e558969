/** Pictures as a pair of IDX files, and back: what `train --data` is given. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { inspectFiles, isTable, loadSource } from '../../src/data/index.ts'
import type { RawExamples, SourceFile } from '../../src/data/types.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { valueOf } from './train.ts'

/** Magic number, sizes of the axes as big-endian 32-bit numbers, then the bytes. */
function idx(axes: readonly number[], bytes: ArrayLike<number>): Uint8Array {
  const header = new Uint8Array(4 + 4 * axes.length)
  header.set([0, 0, 8, axes.length])
  axes.forEach((size, i) => new DataView(header.buffer).setUint32(4 + 4 * i, size))
  return Uint8Array.from([...header, ...Array.from(bytes)])
}

const fileOf = (name: string, bytes: Uint8Array): SourceFile => ({
  name,
  bytes,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

/** Pictures of one channel and their labels. */
export function asIdx({ count, shape, features, targets }: RawExamples): SourceFile[] {
  return [
    fileOf('images-idx3-ubyte', idx([count, ...shape.slice(0, 2)], features)),
    fileOf('labels-idx1-ubyte', idx([count], targets)),
  ]
}

export function readFiles(paths: readonly string[]): SourceFile[] {
  return paths.map((path) => {
    const bytes = readFileSync(path)
    return fileOf(basename(path).replace(/\.gz$/, ''), new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes))
  })
}

/** The document on these files instead of its own data, and what they hold. */
export function onFiles(
  document: GraphDocument,
  files: readonly SourceFile[],
): { readonly document: GraphDocument; readonly raw: RawExamples } {
  const { source } = valueOf(inspectFiles(files))
  const data = { ...document.data, source }
  const { data: raw } = valueOf(loadSource(data, files))
  if (isTable(raw)) throw new Error('the files hold a table, not pictures with labels')
  return { document: { ...document, data }, raw }
}
