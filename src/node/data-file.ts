/** Files of this machine as readers take them, and folders as the files that lie in them. */
import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  constants as modes,
  createReadStream,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Dirent,
  type Stats,
} from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { constants, createGunzip, gunzipSync } from 'node:zlib'
import { problem, ProblemError, type Problem } from '../base/problem.ts'
import { HEAD, unwatched } from '../data/files.ts'
import { some } from '../data/pictures/folder.ts'
import type { DataFile, Job } from '../data/types.ts'
import { codeOf } from './atomic-file.ts'
import { unzipProblem } from './gunzip.ts'

const PIECE = 1 << 20
/** As much is read at once: the way through Node's threads and back takes longer than such a read. */
const SMALL = 1 << 16
/** Files of a folder that are looked at without a pause. */
const LOOKED_AT = 500
/** Files that a folder may hold. */
export const MAX_ENTRIES = 1_000_000
/** Folders within folders. */
const MAX_DEPTH = 16
const LEFT_BEHIND: ReadonlySet<string> = new Set(['thumbs.db', 'desktop.ini', '__macosx'])

/** How a file was when it was looked at; another one says that somebody has written to it. */
interface Known {
  readonly size: number
  readonly mtimeMs: number
}

class NodeFile implements DataFile {
  readonly name: string
  readonly size: number
  readonly path: string
  readonly #known: Known
  #head: Uint8Array | undefined
  #zipped: boolean | undefined

  constructor(path: string, name: string, known: Known) {
    this.path = path
    this.name = name
    this.size = known.size
    this.#known = known
  }

  /** Asked for by few of the files of a folder, so it is read when it is. */
  get head(): Uint8Array {
    return (this.#head ??= this.#readHead())
  }

  get mtimeMs(): number {
    return this.#known.mtimeMs
  }

  get length(): number | undefined {
    return this.#isZipped() ? undefined : this.size
  }

  #isZipped(): boolean {
    return (this.#zipped ??= isGzip(this.#raw()))
  }

  #raw(): Uint8Array {
    const bytes = new Uint8Array(HEAD)
    try {
      const file = openSync(this.path, 'r')
      try {
        // A copy, so that a short file does not keep 4 kB.
        return bytes.slice(0, readSync(file, bytes, 0, HEAD, 0))
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw new ProblemError(readProblem(error, this.name))
    }
  }

  #readHead(): Uint8Array {
    const raw = this.#raw()
    return isGzip(raw) ? unzipHead(raw) : raw
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    // First, since it may throw: nobody would hear what a stream says then.
    const zipped = this.#isZipped()
    const file = createReadStream(this.path, { highWaterMark: PIECE })
    const bytes = zipped ? file.pipe(createGunzip({ chunkSize: PIECE })) : file
    // A pipe does not hand on what goes wrong before it.
    file.on('error', (error) => bytes.destroy(error))
    try {
      for await (const piece of bytes as AsyncIterable<Buffer>)
        yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
    } catch (error) {
      throw new ProblemError(zipped ? unzipProblem(error, this.name) : readProblem(error, this.name))
    } finally {
      file.destroy()
    }
    await this.#checkUnchanged()
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    if (this.length === undefined) return this.#readZipped(from, to)
    const wanted = Math.max(0, Math.min(to, this.size) - from)
    if (wanted <= SMALL) return this.#readNow(from, wanted)
    const bytes = new Uint8Array(wanted)
    try {
      const file = await open(this.path, 'r')
      try {
        this.#expect(await file.stat())
        for (let at = 0; at < wanted;) {
          const { bytesRead } = await file.read(bytes, at, wanted - at, from + at)
          if (bytesRead === 0) throw new ProblemError(changed(this.name))
          at += bytesRead
        }
      } finally {
        await file.close()
      }
    } catch (error) {
      if (error instanceof ProblemError) throw error
      throw new ProblemError(readProblem(error, this.name))
    }
    return bytes
  }

  #readNow(from: number, wanted: number): Uint8Array {
    const bytes = new Uint8Array(wanted)
    try {
      // What has become a pipe in the meantime must not be waited for.
      const file = openSync(this.path, modes.O_RDONLY | (modes.O_NONBLOCK ?? 0))
      try {
        this.#expect(fstatSync(file))
        for (let at = 0; at < wanted;) {
          const count = readSync(file, bytes, at, wanted - at, from + at)
          if (count === 0) throw new ProblemError(changed(this.name))
          at += count
        }
      } finally {
        closeSync(file)
      }
    } catch (error) {
      if (error instanceof ProblemError) throw error
      throw new ProblemError(readProblem(error, this.name))
    }
    return bytes
  }

  async #readZipped(from: number, to: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let at = 0
    for await (const piece of this.chunks()) {
      pieces.push(piece.subarray(Math.max(0, from - at), Math.max(0, to - at)))
      at += piece.length
      if (at >= to) break
    }
    return new Uint8Array(Buffer.concat(pieces))
  }

  async #checkUnchanged(): Promise<void> {
    this.#expect(await stat(this.path).catch(() => null))
  }

  /** As it was when it was looked at. */
  #expect(now: Known | null): void {
    if (now?.size !== this.#known.size || now.mtimeMs !== this.#known.mtimeMs)
      throw new ProblemError(changed(this.name))
  }

  /** The bytes as they lie on the disk. `did` is told how many more there are of them, and may end it. */
  async hashInto(hash: Hash, did: (bytes: number) => Promise<void>): Promise<void> {
    if (this.size <= SMALL) {
      hash.update(this.#readNow(0, this.size))
      return did(this.size)
    }
    try {
      for await (const piece of createReadStream(this.path, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>) {
        hash.update(piece)
        await did(piece.length)
      }
    } catch (error) {
      if (error instanceof ProblemError) throw error
      throw new ProblemError(readProblem(error, this.name))
    }
    await this.#checkUnchanged()
  }
}

/** What the first bytes of a gzip file unzip to, as far as they do. */
function unzipHead(raw: Uint8Array): Uint8Array {
  try {
    // 4 kB of gzip hold 4 MB at most (Deutsch, RFC 1951: 258 bytes in two bits).
    return new Uint8Array(gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, HEAD))
  } catch {
    // A damaged beginning has no head; whoever reads on hears of it.
    return new Uint8Array()
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * The file at a path, or all files of the folder there, in the order of their names; throws ProblemError. `note` is told, as
 * warnings, what else lies in the folder.
 */
export async function openDataFiles(
  path: string,
  name = basename(path),
  most = MAX_ENTRIES,
  note?: (problem: Problem) => void,
): Promise<readonly NodeFile[]> {
  const found = await stat(path).catch(failed(name))
  if (found.isDirectory()) {
    const { files, ...rest } = await walk(path, name, most)
    if (note) passedOver(rest).forEach(note)
    return files
  }
  if (!found.isFile()) throw new ProblemError(notRegular(name, found))
  return [new NodeFile(path, name, found)]
}
export type { NodeFile }

function look(path: string, name: string): NodeFile {
  try {
    return new NodeFile(path, name, lstatSync(path))
  } catch (error) {
    throw new ProblemError(readProblem(error, name))
  }
}

/** What lies in a folder: its files, and names of what is none. */
interface Walked {
  readonly files: NodeFile[]
  readonly links: string[]
  /** Pipes, sockets and devices. */
  readonly strange: string[]
  /** Folders without a file in them; of those within each other the outermost. */
  readonly empty: string[]
}

function passedOver({ links, strange, empty }: Omit<Walked, 'files'>): Problem[] {
  const say = (names: readonly string[], [one, many]: readonly [string, string], why: string) => {
    const what = names.length === 1 ? `1 ${one}` : `${names.length} ${many}`
    const message = `${what} passed over${why}: ${some(names)}.`
    return names.length === 0 ? [] : [problem('file.passed', message, undefined, 'warning')]
  }
  return [
    ...say(empty, ['folder holds no file and is', 'folders hold no file and are'], ''),
    ...say(
      links,
      ['link is', 'links are'],
      ', since links may lead anywhere; put what is meant into the folder itself',
    ),
    ...say(strange, ['pipe, socket or device is', 'pipes, sockets or devices are'], ''),
  ]
}

async function walk(root: string, name: string, most: number): Promise<Walked> {
  const found: Walked = { files: [], links: [], strange: [], empty: [] }
  const { files } = found
  const visit = async (folder: string, shown: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(failed(shown))
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const path = join(folder, entry.name)
      const inside = `${shown}/${entry.name}`
      // What file managers leave behind comes and goes, and is nobody's data.
      if (entry.name.startsWith('.') || LEFT_BEHIND.has(entry.name.toLowerCase())) continue
      if (entry.isDirectory() && depth === MAX_DEPTH) {
        const message = `The folder "${name}" has folders within folders, more than ${MAX_DEPTH} deep (${inside}). Use a part of it.`
        throw new ProblemError(problem('file.depth', message, { file: name }))
      }
      // A link may lead out of the folder, or round in circles; what is neither file nor folder has no end.
      if (entry.isDirectory()) {
        const [filesBefore, emptyBefore] = [files.length, found.empty.length]
        await visit(path, inside, depth + 1)
        if (files.length === filesBefore) found.empty.splice(emptyBefore, Infinity, inside)
      } else if (entry.isSymbolicLink()) found.links.push(inside)
      else if (!entry.isFile()) found.strange.push(inside)
      else {
        files.push(look(path, inside))
        if (files.length % LOOKED_AT === 0) await setImmediate()
      }
      if (files.length > most) {
        const message = `The folder "${name}" holds more than ${most} files, the most that a set may have. Use a part of it.`
        throw new ProblemError(problem('file.entries', message, { file: name }))
      }
    }
  }
  await visit(root, name, 0)
  return found
}

/** Hex SHA-256 of a file's bytes on the disk. */
export async function hashFile(file: NodeFile, job: Job = unwatched): Promise<string> {
  const hash = createHash('sha256')
  await file.hashInto(hash, counting([file], job))
  return hash.digest('hex')
}

/** Tells the job how much of the files was looked at. */
function counting(files: readonly NodeFile[], job: Job): (bytes: number) => Promise<void> {
  const all = files.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  return (bytes) => {
    job.progress((done += bytes) / Math.max(1, all))
    return job.pause()
  }
}

/** Of a folder: of the names, lengths and bytes of all its files; the folder's own name is left out. */
export async function hashFolder(files: readonly NodeFile[], job: Job = unwatched): Promise<string> {
  const hash = createHash('sha256')
  const did = counting(files, job)
  for (const [i, file] of files.entries()) {
    hash.update(`${file.name.slice(file.name.indexOf('/') + 1)}\0${file.size}\0`)
    await file.hashInto(hash, did)
    if (i % LOOKED_AT === 0) await setImmediate()
  }
  return hash.digest('hex')
}

function notRegular(name: string, found: Stats): Problem {
  const what = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device'
  return problem('file.read', `"${name}" could not be read: it is ${what}. Choose a file or a folder.`, { file: name })
}

function changed(name: string): Problem {
  const message = `"${name}" was changed while it was read. Open it again when nothing writes to it any more.`
  return problem('file.changing', message, { file: name })
}

const failed = (name: string) => (error: unknown) => {
  throw new ProblemError(readProblem(error, name))
}

export function readProblem(error: unknown, name: string): Problem {
  const reasons: { readonly [code: string]: string } = {
    ENOENT: 'it is not there any more. Choose it again',
    EACCES: 'you may not read it. Change its permissions or choose another file',
    EPERM: 'you may not read it. Change its permissions or choose another file',
    EISDIR: 'it is a folder. Choose a file',
    EMFILE: 'too many files are open. Close other programs and choose it again',
  }
  const why =
    reasons[codeOf(error)] ?? `the disk said ${codeOf(error) || 'no'}. Copy it to another place and choose it there`
  return problem('file.read', `"${name}" could not be read: ${why}.`, { file: name })
}
