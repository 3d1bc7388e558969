/**
 * The only writer of files that must survive: the file is either as it was or as it should be, whatever fails in between.
 *
 * The order matters (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014): a new file beside the old one,
 * its content forced to the disk and its length read back, then one rename, then the folder forced to the disk. A failed
 * `fsync` is final: the system may have dropped the pages, so it is never tried again on the same file.
 */
import { randomBytes } from 'node:crypto'
import * as nodeFs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fail, ok, problem, type Problem, type Result } from '../base/problem.ts'

export interface FileHandle {
  write(data: Uint8Array): Promise<{ readonly bytesWritten: number }>
  sync(): Promise<void>
  stat(): Promise<{ readonly size: number }>
  close(): Promise<void>
}
/** What is needed of node:fs/promises; tests hand in one that fails at any call. */
export interface WriterFs {
  realpath(path: string): Promise<string>
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>
  open(path: string, flags: string, mode?: number): Promise<FileHandle>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  readdir(path: string): Promise<string[]>
  stat(path: string): Promise<{ readonly mtimeMs: number }>
}

export type Content = string | Uint8Array | AsyncIterable<Uint8Array>

export interface WriteOptions {
  readonly fs?: WriterFs
  readonly platform?: NodeJS.Platform
  readonly wait?: (milliseconds: number) => Promise<void>
  /** Permissions of a file that is new; by default only its owner may read it. */
  readonly mode?: number
}

const TRIES = 10
const MARK = '.neuroloom-'
const DAY = 24 * 3600 * 1000
/** Windows refuses a rename while a virus scanner or an indexer holds either file. */
const BUSY = ['EPERM', 'EACCES', 'EBUSY']

const queues = new Map<string, Promise<unknown>>()

/** Writes `content` to `path`, or leaves what is there. Writes to one path happen one after the other. */
export async function atomicWrite(path: string, content: Content, options: WriteOptions = {}): Promise<Result<null>> {
  const before = queues.get(path) ?? Promise.resolve()
  const own = before.then(() => write(path, content, options))
  queues.set(path, own)
  try {
    return await own
  } finally {
    if (queues.get(path) === own) queues.delete(path)
  }
}

async function write(path: string, content: Content, options: WriteOptions): Promise<Result<null>> {
  const fs = options.fs ?? nodeFs
  const platform = options.platform ?? process.platform
  let temporary: string | null = null
  try {
    await fs.mkdir(dirname(path), { recursive: true })
    // A link stays a link: what it points to is replaced.
    const target = await fs.realpath(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return path
      throw error
    })
    const folder = dirname(target)
    temporary = join(
      folder,
      `.${basename(target).slice(0, 100)}${MARK}${process.pid}-${randomBytes(6).toString('hex')}`,
    )
    await fill(fs, temporary, content, options.mode ?? 0o600)
    await renameFirmly(fs, temporary, target, platform, options.wait ?? sleep)
    temporary = null
    await syncFolder(fs, folder, platform)
    return ok(null)
  } catch (error) {
    if (temporary !== null) await fs.unlink(temporary).catch(() => {})
    return fail(writeProblem(error, basename(path)))
  }
}

async function fill(fs: WriterFs, path: string, content: Content, mode: number): Promise<void> {
  const file = await fs.open(path, 'wx', mode)
  try {
    let size = 0
    for await (const chunk of chunksOf(content)) {
      for (let at = 0; at < chunk.length;) {
        const { bytesWritten } = await file.write(chunk.subarray(at))
        if (bytesWritten === 0) throw new Error('nothing more could be written')
        at += bytesWritten
        size += bytesWritten
      }
    }
    await file.sync()
    const found = (await file.stat()).size
    if (found !== size) throw new Error(`${size} bytes were written, but ${found} are there`)
  } finally {
    await file.close()
  }
}

async function* chunksOf(content: Content): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield Buffer.from(content, 'utf8')
  else if (content instanceof Uint8Array) yield content
  else yield* content
}

async function renameFirmly(
  fs: WriterFs,
  from: string,
  to: string,
  platform: NodeJS.Platform,
  wait: (milliseconds: number) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fs.rename(from, to)
    } catch (error) {
      if (platform !== 'win32' || attempt === TRIES || !BUSY.includes(codeOf(error))) throw error
      await wait(Math.min(500, 10 * 2 ** (attempt - 1)))
    }
  }
}

/** Without this a power cut may bring the old file back. Windows has no such call for folders. */
async function syncFolder(fs: WriterFs, folder: string, platform: NodeJS.Platform): Promise<void> {
  if (platform === 'win32') return
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes what writers of ours left behind when they were killed. */
export async function sweepTemporary(folder: string, now: number, fs: WriterFs = nodeFs): Promise<void> {
  const names = await fs.readdir(folder).catch(() => [])
  for (const name of names) {
    if (!name.startsWith('.') || !name.includes(MARK)) continue
    const path = join(folder, name)
    try {
      if (now - (await fs.stat(path)).mtimeMs > DAY) await fs.unlink(path)
    } catch {
      // Somebody else was faster.
    }
  }
}

function writeProblem(error: unknown, name: string): Problem {
  const say = (message: string) => problem('file.write', message, { file: name })
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return say(
        `"${name}" was not saved: the disk is full. Make room or choose another place; what was there before is untouched.`,
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return say(`"${name}" was not saved: this place may not be written to. Choose another one.`)
    case 'EBUSY':
      return say(`"${name}" was not saved: another program holds it. Close it there and save again.`)
    case 'EIO':
      return say(`"${name}" was not saved: the disk reported an error. Save it to another disk.`)
    default:
      return say(
        `"${name}" was not saved (${error instanceof Error ? error.message : String(error)}). Save again or choose another place.`,
      )
  }
}

export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : ''
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
