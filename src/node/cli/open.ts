/** What every command needs first: the document, its files, a device. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BackendName } from '../../backends/types.ts'
import { ok, problem, type Problem, type Result } from '../../base/problem.ts'
import { inspectFiles, loadSource, readers, type LoadedSource } from '../../data/index.ts'
import type { SourceFile } from '../../data/types.ts'
import { parseDocument } from '../../document/file.ts'
import type { DataSection, DataSource, GraphDocument } from '../../document/types.ts'
import { devices as deviceChoices } from '../../protocol/arguments.ts'
import { deviceFor, type ChosenDevice, type DeviceQuestion } from '../../train/device.ts'
import { codeOf } from '../atomic-file.ts'
import { DataStore } from '../data-store.ts'
import type { Devices } from '../../backends/remote/client.ts'
import { filesOf } from '../engine/data-room.ts'
import { dataFolder, modelsFolder } from '../folders.ts'
import { unzip } from '../gunzip.ts'
import { CommandEnd, orEnd } from './console.ts'

export async function openDocument(path: string): Promise<GraphDocument> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : `it can't be read (${codeOf(error)})`
    throw new CommandEnd(1, [problem('file', `${path}: ${why}.`, { file: path })])
  }
  return orEnd(parseDocument(text, basename(path)))
}

/** Files as readers take them; a folder stands for the files in it that some reader knows by their endings. */
export async function readFiles(paths: readonly string[]): Promise<SourceFile[]> {
  const store = new DataStore({ folder: dataFolder() })
  const files: SourceFile[] = []
  for (const path of (await Promise.all(paths.map(listFiles))).flat()) {
    const { bytes, sha256 } = orEnd(await store.read(path))
    files.push({ name: basename(path), bytes: orEnd(await unzip(basename(path), bytes)), size: bytes.length, sha256 })
  }
  return files
}

async function listFiles(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) return [path]
  const endings = [...readers.values()].flatMap((reader) => reader.extensions)
  const found = (await readdir(path)).filter((name) => endings.some((ending) => name.toLowerCase().endsWith(ending)))
  // An empty list would mean the document's own data.
  if (found.length === 0)
    throw new CommandEnd(1, [
      problem('data.folder', `${path} holds no file that could be data (${endings.join(', ')}).`),
    ])
  return found.sort().map((name) => join(path, name))
}

/**
 * The document with the given files instead of its own. A table with the document's columns keeps their roles; anything
 * else is looked at afresh, as the window would.
 */
export function withFiles(
  document: GraphDocument,
  files: readonly SourceFile[],
): Result<{ readonly document: GraphDocument; readonly warnings: readonly Problem[] }> {
  const found = inspectFiles(files)
  if (!found.ok) return found
  const { warnings } = found.value
  const source = keepRoles(document.data.source, found.value.source)
  return ok({ document: { ...document, data: { ...document.data, source } }, warnings })
}

function keepRoles(old: DataSource, fresh: DataSource): DataSource {
  if (old.kind !== 'table' || fresh.kind !== 'table') return fresh
  const names = new Set(fresh.columns.map((column) => column.name))
  return old.columns.every((column) => column.role === 'ignore' || names.has(column.name))
    ? { ...fresh, columns: old.columns }
    : fresh
}

/** The examples of a data section: `files` where they were given, else those that it names, looked for beside the document. */
export async function loadExamples(
  data: DataSection,
  documentPath: string,
  files: readonly SourceFile[],
): Promise<LoadedSource> {
  if (files.length > 0) return orEnd(loadSource(data, files))
  const beside = [dirname(documentPath), join(modelsFolder(), 'data')]
  const store = new DataStore({ folder: dataFolder(), beside })
  const found: SourceFile[] = []
  for (const reference of filesOf(data.source)) found.push(orEnd(await store.find(reference)))
  return orEnd(loadSource(data, found))
}

/** `training`: what is to be trained, where `auto` may measure it. */
export async function chooseDevice(
  devices: Devices,
  name: string,
  training: DeviceQuestion['training'],
): Promise<ChosenDevice> {
  const choice = deviceChoices.find((one) => one === name)
  if (!choice)
    throw new CommandEnd(2, [problem('option', `--device must be one of ${deviceChoices.join(', ')}, not ${name}.`)])
  const open = (device: BackendName) => devices.open(device)
  return orEnd(await deviceFor({ choice, open, training, now: () => performance.now() }))
}
