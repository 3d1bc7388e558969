/** What every command needs first: the document, its files, a device. */
import { open, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BackendName } from '../../backends/types.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { dataFor } from '../../compiler/fits.ts'
import {
  asSource,
  loadGenerated,
  proposeSource,
  readAsked,
  readLike,
  trainable,
  type OpenedFiles,
} from '../../data/index.ts'
import { HEAD } from '../../data/files.ts'
import type { DataItem, FittedPreparation, LoadedSource, NumberStore } from '../../data/types.ts'
import { carryCorrections, droppedCorrections } from '../../document/corrections.ts'
import { parseDocument } from '../../document/file.ts'
import type { DataSection, DataSource, GraphDocument } from '../../document/types.ts'
import { devices as deviceChoices } from '../../protocol/arguments.ts'
import { deviceFor, type ChosenDevice, type DeviceQuestion } from '../../train/device.ts'
import { codeOf } from '../atomic-file.ts'
import { DataStore, withPassedOver } from '../data-store.ts'
import type { Devices } from '../../backends/remote/client.ts'
import { dataFolder, modelsFolder } from '../folders.ts'
import { memoryBudget, Scratch } from '../scratch.ts'
import { Reading, listed, type Watch } from '../engine/reading.ts'
import { CommandEnd, orEnd } from './console.ts'
import { progressLine } from './progress-line.ts'

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

/** Whether a path is that of a drawn network, rather than of data: by its name, or where that says nothing by how it begins. */
export async function isDocument(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  // Whoever opens it says what is wrong.
  if (!found?.isFile()) return !found?.isDirectory()
  const file = await open(path).catch(() => undefined)
  const { buffer, bytesRead = 0 } = (await file?.read(Buffer.alloc(HEAD), 0, HEAD, 0).catch(() => undefined)) ?? {}
  await file?.close()
  const start = buffer?.subarray(0, bytesRead).toString() ?? ''
  if (/\.json$/i.test(path)) return !/^\s*\[/.test(start)
  return /^\s*\{\s*"format":\s*"neuroloom"/.test(start)
}

/** The job of a command, which lets Ctrl-C through and says how far it is. */
export type CommandJob = Watch & { readonly store: NumberStore }

/** Its numbers go into a file of the app's data folder where they are more than `memory` MB. */
export function storingJob(memory: string | undefined): CommandJob {
  if (memory !== undefined && !/^\d+$/.test(memory.trim()))
    throw new CommandEnd(2, [problem('option', `--memory must be a whole number of megabytes, not ${memory}.`)])
  const { begin, pause, progress } = new Reading({ now: () => performance.now(), tell: progressLine.tell })
  return { begin, pause, progress, store: new Scratch({ folder: dataFolder(), budget: memoryBudget(memory) }).open() }
}

/** Ends the command on Ctrl-C as usual, but with what it stored removed. Gives back how to stop that. */
export function endingCleanly(): () => void {
  const ends = { SIGINT: 130, SIGTERM: 143 } as const
  const undo = (Object.keys(ends) as (keyof typeof ends)[]).map((signal) => {
    const end = () => {
      progressLine.clear()
      process.exit(ends[signal])
    }
    process.once(signal, end)
    return () => process.off(signal, end)
  })
  return () => undo.forEach((one) => one())
}

/** The files and folders that were named, as a document can name them. */
export async function openItems(paths: readonly string[], job: Watch): Promise<DataItem[]> {
  const store = new DataStore({ folder: dataFolder() })
  const items: DataItem[] = []
  for (const path of paths) {
    job.begin({ doing: 'checking', file: basename(path) })
    items.push(orEnd(await store.read(path, undefined, job)))
  }
  return items
}

/**
 * The document with the given files instead of its own, and what they hold. A table with the document's columns keeps
 * their roles; anything else is looked at afresh, as the window would.
 */
export async function withFiles(
  document: GraphDocument,
  items: readonly DataItem[],
  job: CommandJob,
): Promise<{ readonly document: GraphDocument; readonly loaded: LoadedSource }> {
  const old = document.data.source
  const opened = await openAs(document.data, items, job)
  const proposal = orEnd(proposeSource(opened, referencesOf(items)))
  const source = keepRoles(old, proposal.source)
  if (source === proposal.source) orEnd(trainable(proposal))
  const loaded = orEnd(asSource(source, opened))
  const before = document.data
  const data =
    source === proposal.source ? dataFor(document, proposal) : carryCorrections(before, { ...before, source })
  const warnings = [
    ...(source === proposal.source ? proposal.warnings : loaded.warnings),
    ...lostCorrections(droppedCorrections(before, data)),
  ]
  return { document: { ...document, data }, loaded: { ...loaded, warnings } }
}

async function openAs(data: DataSection, items: readonly DataItem[], job: CommandJob): Promise<OpenedFiles> {
  job.begin({ doing: 'reading', file: listed(referencesOf(items)) })
  const files = items.flatMap((item) => item.files)
  return orEnd(withPassedOver(items, await readLike(data, files, job)))
}

function lostCorrections(count: number): Problem[] {
  if (count === 0) return []
  const what = count === 1 ? '1 correction by hand is' : `${count} corrections by hand are`
  return [problem('data.correction', `${what} of the document's own data and not used here.`, undefined, 'warning')]
}

const referencesOf = (items: readonly DataItem[]) => items.map(({ reference }) => reference)

function keepRoles<S extends DataSource>(old: DataSource, fresh: S): S {
  if (old.kind !== 'table' || fresh.kind !== 'table') return fresh
  const names = new Set(fresh.columns.map((column) => column.name))
  return old.columns.every((column) => column.role === 'ignore' || names.has(column.name))
    ? { ...fresh, columns: old.columns }
    : fresh
}

/** The examples of a data section: those that it names, looked for beside the document. */
export async function loadExamples(data: DataSection, documentPath: string, job: CommandJob): Promise<LoadedSource> {
  const { source } = data
  if (source.kind === 'generated') return orEnd(loadGenerated(source))
  const beside = [dirname(documentPath), join(modelsFolder(), 'data')]
  const store = new DataStore({ folder: dataFolder(), beside })
  const found: DataItem[] = []
  for (const reference of source.files) {
    job.begin({ doing: 'checking', file: reference.name })
    found.push(orEnd(await store.find(reference, job)))
  }
  return orEnd(asSource(source, await openAs(data, found, job)))
}

/** Files that a trained network is asked about. */
export async function loadAsked(
  data: DataSection,
  fitted: FittedPreparation,
  items: readonly DataItem[],
  job: CommandJob,
): Promise<LoadedSource> {
  job.begin({ doing: 'reading', file: listed(referencesOf(items)) })
  const files = items.flatMap((item) => item.files)
  return orEnd(await readAsked(data, fitted, files, job))
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
