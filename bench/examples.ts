/** Documents that ship, with their data. */
import { readFileSync } from 'node:fs'
import { memoryFile } from '../src/data/files.ts'
import { asSource, loadGenerated, prepare, readFiles } from '../src/data/index.ts'
import type { PreparedData } from '../src/data/types.ts'
import { parseDocument } from '../src/document/file.ts'
import type { GraphDocument } from '../src/document/types.ts'
import { valueOf } from './workloads.ts'

/** `models`: the folder of that name; `name`: of a file in its `examples`, with its ending. */
export async function exampleOf(
  models: string,
  name: string,
): Promise<{ readonly document: GraphDocument; readonly data: PreparedData<Float32Array> }> {
  const document = valueOf(parseDocument(readFileSync(`${models}/examples/${name}`, 'utf8'), name))
  const { source } = document.data
  if (source.kind === 'generated')
    return { document, data: valueOf(prepare(valueOf(loadGenerated(source)).data, document.data)) }
  const files = source.files.map((file) =>
    memoryFile(file.name, new Uint8Array(readFileSync(`${models}/data/${file.name}`))),
  )
  const loaded = valueOf(asSource(source, valueOf(await readFiles(files, source))))
  return { document, data: valueOf(prepare(loaded.data, document.data)) }
}
