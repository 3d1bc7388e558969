/**
 * Files that the person gave us, found again by what they hold. A document names a file by size and SHA-256; here it is
 * kept under that hash in the app's data folder, so that it is found when the original has moved. Also looked at are the
 * samples that ship, and for the command line the files and folders that it was pointed to.
 *
 * Names and hashes in a document may be anybody's: a name is only ever compared or put at the end of a folder of ours,
 * and only when it is nothing but a name; and what is found must have the size and hash that it should.
 */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fail, ok, problem, type Problem, type Result } from '../base/problem.ts'
import type { SourceFile } from '../data/types.ts'
import type { FileReference } from '../document/types.ts'
import { atomicWrite, codeOf } from './atomic-file.ts'
import { sizeOf, unzip } from './gunzip.ts'

/** Node reads no larger file in one piece. */
export const MAX_FILE = 2 * 1024 ** 3
/** Bytes of files kept in memory: a preview is asked for again with every change of a column's role. */
const MAX_RECENT = 256 * 1024 ** 2

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
  readonly #beside: readonly string[]
  readonly #extra: readonly string[]
  /** Newest last. What a hash names never changes, so nothing here can be out of date. */
  #recent: readonly SourceFile[] = []

  constructor(options: DataStoreOptions) {
    this.#folder = join(options.folder, 'files')
    this.#beside = options.beside ?? []
    this.#extra = options.extra ?? []
  }

  /** Reads a file for the first time, under the name that the person knows, and keeps a copy. */
  async import(path: string, name = basename(path)): Promise<Result<SourceFile>> {
    const read = await this.read(path, name)
    if (!read.ok) return read
    const { bytes, sha256 } = read.value
    const kept = await this.#keep(name, bytes, sha256)
    if (!kept.ok) return kept
    return toSource(name, bytes, sha256)
  }

  /** The file as it is, not kept: the command line reads what it is pointed to. */
  async read(
    path: string,
    name = basename(path),
  ): Promise<Result<{ readonly bytes: Uint8Array; readonly sha256: string }>> {
    try {
      const { size } = await stat(path)
      if (size > MAX_FILE) return fail(tooLarge(name, size))
      const bytes = await readFile(path)
      return ok({ bytes, sha256: hashOf(bytes) })
    } catch (error) {
      return fail(readProblem(error, name))
    }
  }

  /** The file that a document means, wherever it is found. */
  async find(reference: FileReference): Promise<Result<SourceFile>> {
    const recent = this.#recent.find(({ sha256, size }) => sha256 === reference.sha256 && size === reference.size)
    if (recent) return ok({ ...recent, name: reference.name })
    let other: string | null = null
    for (const path of this.#candidates(reference)) {
      const bytes = await readIfSize(path, reference.size)
      if (bytes === 'absent') continue
      if (bytes !== 'other size' && hashOf(bytes) === reference.sha256)
        return this.#remember(await toSource(reference.name, bytes, reference.sha256))
      other ??= path
    }
    return fail(missing(reference, other !== null))
  }

  #remember(file: Result<SourceFile>): Result<SourceFile> {
    if (!file.ok) return file
    // The newest that together fit.
    this.#recent = [...this.#recent, file.value].filter(
      (_, i, all) => all.slice(i).reduce((sum, { bytes }) => sum + bytes.length, 0) <= MAX_RECENT,
    )
    return file
  }

  #candidates({ name, sha256 }: FileReference): string[] {
    const plain = name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name)
    return [
      ...this.#extra,
      ...(/^[0-9a-f]{64}$/.test(sha256) ? [join(this.#folder, sha256)] : []),
      ...(plain ? this.#beside.map((folder) => join(folder, name)) : []),
    ]
  }

  async #keep(name: string, bytes: Uint8Array, sha256: string): Promise<Result<null>> {
    const path = join(this.#folder, sha256)
    const there = await readIfSize(path, bytes.length)
    // A damaged copy is written anew.
    if (typeof there !== 'string' && hashOf(there) === sha256) return ok(null)
    const written = await atomicWrite(path, bytes)
    if (!written.ok) return fail(...written.problems.map((p) => ({ ...p, message: p.message.replace(sha256, name) })))
    // Only for a person who looks into the folder.
    await atomicWrite(`${path}.json`, `${JSON.stringify({ name, size: bytes.length, sha256 })}\n`)
    return ok(null)
  }
}

async function toSource(name: string, bytes: Uint8Array, sha256: string): Promise<Result<SourceFile>> {
  const unzipped = await unzip(name, bytes)
  return unzipped.ok ? ok({ name, bytes: unzipped.value, size: bytes.length, sha256 }) : unzipped
}

async function readIfSize(path: string, size: number): Promise<Uint8Array | 'absent' | 'other size'> {
  try {
    const found = await stat(path)
    if (!found.isFile()) return 'absent'
    return found.size === size && size <= MAX_FILE ? await readFile(path) : 'other size'
  } catch {
    return 'absent'
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function missing(reference: FileReference, foundOther: boolean): Problem {
  const { name } = reference
  const message = foundOther
    ? `The file "${name}" that was found is not the one that this document was made with: its content differs. Open the file again.`
    : `The file "${name}" (${sizeOf(reference.size)}) is not on this machine any more. Open it again.`
  return problem(foundOther ? 'file.changed' : 'file.missing', message, { file: name })
}

function tooLarge(name: string, size: number): Problem {
  const message = `"${name}" has ${sizeOf(size)}; a data file can have at most ${sizeOf(MAX_FILE)}. Use a part of it.`
  return problem('file.large', message, { file: name })
}

function readProblem(error: unknown, name: string): Problem {
  const reasons: { readonly [code: string]: string } = {
    ENOENT: 'it is not there any more. Choose it again',
    EACCES: 'you may not read it. Change its permissions or choose another file',
    EPERM: 'you may not read it. Change its permissions or choose another file',
    EISDIR: 'it is a folder. Choose a file',
  }
  const why =
    reasons[codeOf(error)] ?? `the disk said ${codeOf(error) || 'no'}. Copy it to another place and choose it there`
  return problem('file.read', `"${name}" could not be read: ${why}.`, { file: name })
}
