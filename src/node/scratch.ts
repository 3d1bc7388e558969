/**
 * Numbers of sets that are more than memory is to hold: each set in a file of the app's data folder that nobody else reads and that
 * goes with the session. What a session left behind that was killed is swept away by the next one.
 */
import { randomBytes } from 'node:crypto'
import nodeFs from 'node:fs'
import { mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { totalmem, uptime } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { problem, ProblemError } from '../base/problem.ts'
import { showBytes } from '../base/shape.ts'
import { MAX_EXAMPLE_BYTES } from '../data/limits.ts'
import { BLOCK } from '../data/numbers.ts'
import type { HeldNumbers, NumberSink, NumberStore, StoredNumbers } from '../data/types.ts'
import { codeOf } from './atomic-file.ts'

/** What is needed of the disk; tests hand in one that is full. */
export interface Disk {
  write(fd: number, bytes: Uint8Array): Promise<number>
  /** Bytes that are free where the folder is to be. */
  free(folder: string): Promise<number>
}

/** Numbers that one set put into files, until it is forgotten. */
export interface SetStore extends NumberStore {
  /** The files go; who still reads in them may go on. */
  forget(): void
}

/** Bytes that are left to others on the disk. */
const SPARE = 1024 ** 3
const MB = 1024 ** 2
const NAME = /^(\d+)-[0-9a-f]+\.numbers$/

/** Bytes of a set that memory holds: so many MB as NEUROLOOM_MEMORY says, else a quarter of the machine's, and 2 GB at most. */
export function memoryBudget(wanted = process.env.NEUROLOOM_MEMORY, machine = memoryHere()): number {
  const own = Number(wanted)
  const bytes = wanted?.trim() && Number.isFinite(own) && own >= 0 ? own * MB : machine / 4
  return Math.min(MAX_EXAMPLE_BYTES, Math.floor(bytes))
}

function memoryHere(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** Files of this process that are still there. */
const live = new Set<string>()
process.on('exit', () => {
  for (const path of live) remove(path)
})

function remove(path: string): void {
  live.delete(path)
  try {
    nodeFs.unlinkSync(path)
  } catch {
    // Gone already, or the next session sweeps it.
  }
}

/** A file without a name takes its room on the disk until nobody reads it. */
const unread = new FinalizationRegistry((fd: number) => nodeFs.close(fd, () => undefined))

export class Scratch {
  readonly budget: number
  /** Resolves when what others left behind is gone. */
  readonly swept: Promise<void>
  readonly #folder: string
  readonly #disk: Disk

  /** `folder`: the app's data folder. */
  constructor({
    folder,
    budget = memoryBudget(),
    disk = realDisk,
  }: {
    readonly folder: string
    readonly budget?: number | undefined
    readonly disk?: Disk
  }) {
    this.#folder = join(folder, 'scratch')
    this.budget = budget
    this.#disk = disk
    this.swept = sweep(this.#folder)
  }

  /** For the numbers of one set. */
  open(): SetStore {
    const paths: string[] = []
    return {
      budget: this.budget,
      free: async () => Math.max(0, (await this.#disk.free(this.#folder)) - SPARE),
      create: async (kind, length) => {
        await this.swept
        const path = join(this.#folder, `${process.pid}-${randomBytes(8).toString('hex')}.numbers`)
        paths.push(path)
        return FileSink.create(path, kind, length, this.#disk)
      },
      forget: () => paths.splice(0).forEach(remove),
    }
  }
}

/** What sessions left behind that are no more: their process is gone, or has had its number since the machine began. */
async function sweep(folder: string): Promise<void> {
  const began = Date.now() - uptime() * 1000
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = NAME.exec(name) ?? []
    const path = join(folder, name)
    if (pid === undefined || live.has(path)) continue
    const looks = await stat(path).catch(() => undefined)
    const isOurs = Number(pid) === process.pid
    if (looks && (isOurs || !isAlive(Number(pid)) || looks.mtimeMs < began)) await unlink(path).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

const realDisk: Disk = {
  write: async (fd, bytes) => (await promisify(nodeFs.write)(fd, bytes)).bytesWritten,
  async free(folder) {
    for (let path = folder; ; path = dirname(path)) {
      try {
        const { bavail, bsize } = await promisify(nodeFs.statfs)(path)
        return bavail * bsize
      } catch (error) {
        // The folder is made when it is needed. A disk that does not tell is found full by writing.
        if (codeOf(error) !== 'ENOENT' || dirname(path) === path) return Infinity
      }
    }
  },
}

class FileSink implements NumberSink {
  readonly #path: string
  readonly #kind: StoredNumbers['kind']
  readonly #bytes: number
  readonly #disk: Disk
  readonly #fd: number
  /** What waits to be written. */
  readonly #buffer = new Uint8Array(BLOCK)
  #waiting = 0
  #written = 0

  private constructor(path: string, kind: StoredNumbers['kind'], length: number, disk: Disk, fd: number) {
    this.#path = path
    this.#kind = kind
    this.#bytes = length * (kind === 'bytes' ? 1 : 4)
    this.#disk = disk
    this.#fd = fd
    unread.register(this, fd, this)
  }

  static async create(path: string, kind: StoredNumbers['kind'], length: number, disk: Disk): Promise<FileSink> {
    const bytes = length * (kind === 'bytes' ? 1 : 4)
    const folder = dirname(path)
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const free = (await disk.free(folder)) - SPARE
      if (free < bytes) throw new ProblemError(full(folder, bytes))
      live.add(path)
      return new FileSink(path, kind, length, disk, nodeFs.openSync(path, 'wx', 0o600))
    } catch (error) {
      throw unwritable(error, folder, bytes)
    }
  }

  async write(values: HeldNumbers): Promise<void> {
    const bytes = bytesOf(values)
    if (this.#waiting + bytes.length > this.#buffer.length) await this.#flush()
    if (bytes.length >= this.#buffer.length) return this.#put(bytes)
    this.#buffer.set(bytes, this.#waiting)
    this.#waiting += bytes.length
  }

  async done(): Promise<StoredNumbers> {
    await this.#flush()
    unread.unregister(this)
    try {
      // Closed, for some disks tell only then when a file was changed last.
      nodeFs.closeSync(this.#fd)
      return new FileNumbers(this.#path, this.#kind, this.#written)
    } catch (error) {
      throw unwritable(error, dirname(this.#path), this.#bytes)
    }
  }

  async #flush(): Promise<void> {
    const waiting = this.#buffer.subarray(0, this.#waiting)
    this.#waiting = 0
    await this.#put(waiting)
  }

  async #put(bytes: Uint8Array): Promise<void> {
    try {
      for (let from = 0; from < bytes.length;) {
        const written = await this.#disk.write(this.#fd, bytes.subarray(from))
        if (written === 0) throw new ProblemError(full(dirname(this.#path), this.#bytes))
        from += written
        this.#written += written
      }
    } catch (error) {
      throw unwritable(error, dirname(this.#path), this.#bytes)
    }
  }
}

/** Their memory. */
function bytesOf({ buffer, byteOffset, byteLength }: HeldNumbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function full(folder: string, bytes: number) {
  const message = `The examples take ${showBytes(bytes)}, which is more than memory is to hold, and the disk of ${folder} is full. Free some space there, or choose fewer examples.`
  return problem('data.disk', message)
}

function unwritable(error: unknown, folder: string, bytes: number): ProblemError {
  if (error instanceof ProblemError) return error
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return new ProblemError(full(folder, bytes))
  const why =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'nothing may be written there'
      : `the disk said ${code || 'no'}`
  const message = `The examples take ${showBytes(bytes)}, which is more than memory is to hold, and they could not be stored in ${folder}: ${why}. Make the folder writable, or choose fewer examples.`
  return new ProblemError(problem('data.disk', message))
}

class FileNumbers implements StoredNumbers {
  readonly kind: StoredNumbers['kind']
  readonly length: number
  readonly byteLength: number
  readonly #path: string
  readonly #fd: number
  readonly #changed: number
  /** What was read last, and which number it begins with. */
  #block: HeldNumbers
  #from = 0

  constructor(path: string, kind: StoredNumbers['kind'], bytes: number) {
    this.kind = kind
    this.byteLength = bytes
    this.length = bytes / this.#width(kind)
    this.#block = this.#make(0)
    this.#path = path
    this.#fd = nodeFs.openSync(path, 'r')
    unread.register(this, this.#fd)
    this.#changed = nodeFs.fstatSync(this.#fd).mtimeMs
    this.#check(nodeFs.fstatSync(this.#fd))
  }

  subarray(from: number, to: number): HeldNumbers {
    const [first, end] = this.#within(from, to)
    if (first < this.#from || end > this.#from + this.#block.length) {
      // Neighbours are asked for next.
      const last = Math.max(end, Math.min(this.length, first + BLOCK / this.#width()))
      const block = this.#make(last - first)
      const bytes = bytesOf(block)
      for (let done = 0; done < bytes.length;) {
        const read = this.#told(() =>
          nodeFs.readSync(this.#fd, bytes, done, bytes.length - done, first * this.#width() + done),
        )
        if (read === 0) throw this.#wrong()
        done += read
      }
      this.#check(this.#told(() => nodeFs.fstatSync(this.#fd)))
      this.#block = block
      this.#from = first
    }
    return this.#block.subarray(first - this.#from, end - this.#from)
  }

  async read(from: number, to: number): Promise<HeldNumbers> {
    const [first, end] = this.#within(from, to)
    const numbers = this.#make(end - first)
    const bytes = bytesOf(numbers)
    try {
      for (let done = 0; done < bytes.length;) {
        const place = first * this.#width() + done
        const { bytesRead } = await readFrom(this.#fd, bytes, done, bytes.length - done, place)
        if (bytesRead === 0) throw this.#wrong()
        done += bytesRead
      }
      this.#check(await looksOf(this.#fd))
    } catch (error) {
      throw this.#unread(error)
    }
    return numbers
  }

  #width(kind = this.kind): number {
    return kind === 'bytes' ? 1 : 4
  }

  /** As `subarray` of an array has it. */
  #within(from: number, to: number): [number, number] {
    const end = Math.min(to, this.length)
    return [Math.min(from, end), end]
  }

  #make(length: number): HeldNumbers {
    return this.kind === 'bytes' ? new Uint8Array(length) : new Float32Array(length)
  }

  #told<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw this.#unread(error)
    }
  }

  #check({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): void {
    if (size !== this.byteLength || mtimeMs !== this.#changed) throw this.#wrong()
  }

  #wrong(): ProblemError {
    const message = `The stored examples in ${this.#path} were changed by another program. Read the data again.`
    return new ProblemError(problem('data.disk', message))
  }

  #unread(error: unknown): ProblemError {
    if (error instanceof ProblemError) return error
    const message = `The stored examples in ${this.#path} could not be read: the disk said ${codeOf(error) || 'no'}. Read the data again.`
    return new ProblemError(problem('data.disk', message))
  }
}

const readFrom = promisify(nodeFs.read) as (
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => Promise<{ readonly bytesRead: number }>
const looksOf = promisify(nodeFs.fstat)
