/** Pictures as a pair of IDX files, and back: what `train --data` is given. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { memoryFile } from '../../src/data/files.ts'
import { asSource, isTable, proposeSource, readFiles } from '../../src/data/index.ts'
import { isStored } from '../../src/data/numbers.ts'
import type { DataFile, HeldExamples } from '../../src/data/types.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { valueOf } from './train.ts'

/** Magic number, sizes of the axes as big-endian 32-bit numbers, then the bytes. */
function idx(axes: readonly number[], bytes: ArrayLike<number>): Uint8Array {
  const header = new Uint8Array(4 + 4 * axes.length)
  header.set([0, 0, 8, axes.length])
  axes.forEach((size, i) => new DataView(header.buffer).setUint32(4 + 4 * i, size))
  return Uint8Array.from([...header, ...Array.from(bytes)])
}

/** Pictures of one channel and their labels. */
export function asIdx({ count, shape, features, targets }: HeldExamples): DataFile[] {
  return [
    memoryFile('images-idx3-ubyte', idx([count, ...shape.slice(0, 2)], features)),
    memoryFile('labels-idx1-ubyte', idx([count], targets)),
  ]
}

export function openFiles(paths: readonly string[]): DataFile[] {
  return paths.map((path) => {
    const bytes = readFileSync(path)
    return memoryFile(
      basename(path).replace(/\.gz$/, ''),
      new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes),
    )
  })
}

/** The document on these files instead of its own data, and what they hold. */
export async function onFiles(
  document: GraphDocument,
  files: readonly DataFile[],
): Promise<{ readonly document: GraphDocument; readonly raw: HeldExamples }> {
  const opened = valueOf(await readFiles(files))
  const references = files.map(({ name, size }) => ({ name, size, sha256: '' }))
  const { source } = valueOf(proposeSource(opened, references))
  const { data: raw } = valueOf(asSource(source, opened))
  if (isTable(raw)) throw new Error('the files hold a table, not pictures with labels')
  const { features } = raw
  if (isStored(features)) throw new Error('the pictures are not in memory')
  return { document: { ...document, data: { ...document.data, source } }, raw: { ...raw, features } }
}
