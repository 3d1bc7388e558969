/**
 * Finds the files and folders that documents name by what they hold, and keeps small ones, so that a document still trains
 * when the original has moved. Of large ones it remembers where they were.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import native, { basename, join, type PlatformPath } from 'node:path'
import { attemptAsync, fail, ok, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import type { DataItem, Job } from '../data/types.ts'
import type { FileReference } from '../document/types.ts'
import { atomicWrite } from './atomic-file.ts'
import { hashFile, hashFolder, openDataFiles, readProblem, type NodeFile } from './data-file.ts'
import { sizeOf } from './gunzip.ts'

/** Larger files are not copied. */
const MAX_KEPT = 64 * 1024 ** 2
/** Milliseconds after which a file that is written again has another time; disks of cameras count by two seconds. */
const SETTLED = 2000

export interface DataStoreOptions {
  /** The app's data folder. */
  readonly folder: string
  /** Folders in which files of the right name are tried, e.g. the samples that ship or the document's own folder. */
  readonly beside?: readonly string[]
  /** Files that are tried whatever their name. */
  readonly extra?: readonly string[]
}

export class DataStore {
  readonly #folder: string
  /** Files that came up from a browser lie there, and are nobody else's. */
  readonly #incoming: string
  readonly #beside: readonly string[]
  readonly #extra: readonly string[]
  /** What was hashed in this session, by its path and how it looked then. */
  readonly #hashes = new Map<string, { readonly looks: string; readonly sha256: string }>()

  constructor(options: DataStoreOptions) {
    this.#folder = join(options.folder, 'files')
    this.#incoming = join(options.folder, 'incoming')
    this.#beside = options.beside ?? []
    this.#extra = options.extra ?? []
  }

  /** Looks at a file or folder for the first time, under the name that the person knows, and sees to it that it is found again. */
  import(path: string, name = basename(path), job?: Job): Promise<Result<DataItem>> {
    return attemptAsync(async () => {
      const item = await this.#open(path, name, job)
      const kept = await this.#keep(path, item)
      const files = kept === path ? item.files : await openDataFiles(kept, name)
      return { ...item, files }
    })
  }

  /** The file as it is, not kept: the command line reads what it is pointed to. */
  read(path: string, name = basename(path), job?: Job): Promise<Result<DataItem>> {
    return attemptAsync(() => this.#open(path, name, job))
  }

  /** The file that a document means, wherever it is found. */
  async find(reference: FileReference, job?: Job): Promise<Result<DataItem>> {
    let other = false
    let unread: readonly Problem[] = []
    for (const path of await this.#candidates(reference)) {
      const found = await stat(path).catch(() => null)
      if (!found || found.isDirectory() !== (reference.entries !== undefined)) continue
      const item = await attemptAsync(() => this.#openIf(path, reference, job))
      if (item.ok && item.value) return ok(item.value)
      if (item.ok) other = true
      else unread = item.problems
    }
    return fail(...(unread.length > 0 ? unread : [missing(reference, other)]))
  }

  async #openIf(path: string, reference: FileReference, job?: Job): Promise<DataItem | null> {
    const passedOver: Problem[] = []
    const files = await openDataFiles(path, reference.name, undefined, (problem) => passedOver.push(problem))
    // Cheaper than looking at all the bytes.
    if (total(files) !== reference.size || (reference.entries ?? 1) !== files.length) return null
    return (await this.#hash(path, files, reference.entries !== undefined, job)) === reference.sha256
      ? { reference, files, passedOver }
      : null
  }

  async #open(path: string, name: string, job?: Job): Promise<DataItem> {
    const passedOver: Problem[] = []
    const files = await openDataFiles(path, name, undefined, (problem) => passedOver.push(problem))
    const isFolder = files.length !== 1 || files[0]?.path !== path
    if (files.length === 0)
      throw new ProblemError(
        problem('file.none', `The folder "${name}" holds no file. Choose another one.`, { file: name }),
        ...passedOver,
      )
    const sha256 = await this.#hash(path, files, isFolder, job)
    const reference = { name, size: total(files), sha256, ...(isFolder && { entries: files.length }) }
    return { reference, files, passedOver }
  }

  async #hash(path: string, files: readonly NodeFile[], isFolder: boolean, job?: Job): Promise<string> {
    const looks = createHash('sha256')
    for (const file of files) looks.update(`${file.name}\0${file.size}\0${file.mtimeMs}\0`)
    const key = looks.digest('hex')
    const known = this.#hashes.get(path)
    if (known?.looks === key) return known.sha256
    const [first] = files
    const sha256 = isFolder || !first ? await hashFolder(files, job) : await hashFile(first, job)
    // Who writes again within one tick of the disk's clock leaves the same looks behind.
    const isSettled = files.every((file) => Date.now() - file.mtimeMs > SETTLED)
    if (isSettled) this.#hashes.set(path, { looks: key, sha256 })
    return sha256
  }

  async #candidates({ name, sha256 }: FileReference): Promise<string[]> {
    const plain = name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name)
    const own = /^[0-9a-f]{64}$/.test(sha256) ? join(this.#folder, sha256) : undefined
    const remembered = own === undefined ? undefined : await rememberedPath(`${own}.json`)
    return [
      ...this.#extra,
      ...(own === undefined ? [] : [own]),
      ...(remembered === undefined ? [] : [remembered]),
      ...(plain ? this.#beside.map((folder) => join(folder, name)) : []),
    ]
  }

  /** Where it lies from now on. */
  async #keep(path: string, { reference, files }: DataItem): Promise<string> {
    const { name, size, sha256 } = reference
    const own = join(this.#folder, sha256)
    const isOurs = liesIn(this.#incoming, path)
    const [file] = files
    const copies = isOurs || (reference.entries === undefined && size <= MAX_KEPT)
    const note = { name, size, sha256, ...(!copies && { path }) }
    if (copies && !(await this.#holds(own, reference))) {
      if (isOurs) await moveTo(path, own, name)
      else if (file) orThrow(await atomicWrite(own, createReadStream(path)), sha256, name)
    } else if (isOurs) await rm(path, { recursive: true, force: true })
    // Also for a person who looks into the folder.
    orThrow(await atomicWrite(`${own}.json`, `${JSON.stringify(note)}\n`), `${sha256}.json`, name)
    return copies ? own : path
  }

  /** A damaged copy is written anew. */
  async #holds(own: string, reference: FileReference): Promise<boolean> {
    const item = await attemptAsync(() => this.#openIf(own, reference))
    return item.ok && item.value !== null
  }
}

/** What was read of files and folders, with what else lies in these. */
export function withPassedOver<R extends { readonly warnings: readonly Problem[] }>(
  items: readonly DataItem[],
  read: Result<R>,
): Result<R> {
  const said = items.flatMap(({ passedOver = [] }) => passedOver)
  if (!read.ok) return fail(...read.problems, ...said)
  return ok({ ...read.value, warnings: [...said, ...read.value.warnings] })
}

/** `of`: the rules for paths. Between two drives of Windows there is no relative path, and an absolute one comes back. */
export function liesIn(folder: string, path: string, of: PlatformPath = native): boolean {
  const way = of.relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${of.sep}`) && !of.isAbsolute(way)
}

async function moveTo(from: string, to: string, name: string): Promise<void> {
  try {
    // What is there is damaged.
    await rm(to, { recursive: true, force: true })
    // Makes the folder where it is missing.
    orThrow(await atomicWrite(`${to}.json`, '{}\n'), basename(to), name)
    await rename(from, to)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw new ProblemError(readProblem(error, name))
  }
}

function orThrow(written: Result<null>, path: string, name: string): void {
  if (!written.ok)
    throw new ProblemError(...written.problems.map((p) => ({ ...p, message: p.message.replace(path, name) })))
}

async function rememberedPath(note: string): Promise<string | undefined> {
  try {
    const { path } = JSON.parse(await readFile(note, 'utf8')) as { readonly path?: unknown }
    return typeof path === 'string' ? path : undefined
  } catch {
    return undefined
  }
}

function total(files: readonly NodeFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}

function missing(reference: FileReference, foundOther: boolean): Problem {
  const { name } = reference
  const what = reference.entries === undefined ? 'file' : 'folder'
  const message = foundOther
    ? `The ${what} "${name}" that was found is not the one that this document was made with: its content differs. Open the ${what} again.`
    : `The ${what} "${name}" (${sizeOf(reference.size)}) is not on this machine any more. Open it again.`
  return problem(foundOther ? 'file.changed' : 'file.missing', message, { file: name })
}
