/** The documents and composites that ship, and the data that they train on. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { memoryFile } from '../../src/data/files.ts'
import { asSource, loadGenerated, prepare, readFiles } from '../../src/data/index.ts'
import type { DataItem, PreparedData } from '../../src/data/types.ts'
import { parseDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'

const models = new URL('../../models/', import.meta.url)

function texts(folder: string): { readonly name: string; readonly text: string }[] {
  return readdirSync(new URL(`${folder}/`, models))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: file.replace('.json', ''),
      text: readFileSync(new URL(`${folder}/${file}`, models), 'utf8'),
    }))
}

export const shippedDocuments = texts('examples')
export const shippedBlocks = texts('blocks')

export function shipped(name: string): GraphDocument {
  const found = shippedDocuments.find((one) => one.name === name)
  if (!found) throw new Error(`no shipped document ${name}`)
  return valueOf(parseDocument(found.text, `${name}.json`))
}

export function sampleFile(name: string): DataItem {
  const bytes = new Uint8Array(readFileSync(new URL(`data/${name}`, models)))
  const reference = { name, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  return { reference, files: [memoryFile(name, bytes)] }
}

export async function preparedFor(document: GraphDocument): Promise<PreparedData<Float32Array>> {
  const { source } = document.data
  if (source.kind === 'generated') return valueOf(prepare(valueOf(loadGenerated(source)).data, document.data))
  const files = source.files.flatMap(({ name }) => sampleFile(name).files)
  const opened = valueOf(await readFiles(files, source))
  return valueOf(prepare(valueOf(asSource(source, opened)).data, document.data))
}
