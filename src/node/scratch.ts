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
import type { CellFile, HeldNumbers, NumberSink, NumberStore, StoredNumbers } from '../data/types.ts'
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
/** Bytes after which a table that grows asks how much room there is left. */
const ROOM = 64 * MB
const NAME = /^(\d+)-[0-9a-f]+\.(?:numbers|cells)$/

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
  readonly #block: number

  /** `folder`: the app's data folder. `block`: bytes of tables that lie together. */
  constructor({
    folder,
    budget = memoryBudget(),
    disk = realDisk,
    block = BLOCK,
  }: {
    readonly folder: string
    readonly budget?: number | undefined
    readonly disk?: Disk
    readonly block?: number
  }) {
    this.#folder = join(folder, 'scratch')
    this.budget = budget
    this.#disk = disk
    this.#block = block
    this.swept = sweep(this.#folder)
  }

  /** For the numbers of one set. */
  open(): SetStore {
    const paths: string[] = []
    const newPath = async (kind: 'numbers' | 'cells') => {
      await this.swept
      const path = join(this.#folder, `${process.pid}-${randomBytes(8).toString('hex')}.${kind}`)
      paths.push(path)
      return path
    }
    return {
      budget: this.budget,
      free: async () => Math.max(0, (await this.#disk.free(this.#folder)) - SPARE),
      create: async (kind, length) => FileSink.create(await newPath('numbers'), kind, length, this.#disk),
      cells: async () => FileCells.create(await newPath('cells'), this.#block, this.#disk),
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
    try {
      return new FileSink(path, kind, length, disk, await opened(path, 'wx', bytes, disk))
    } catch (error) {
      throw unwritable(error, path, examplesOf(bytes))
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
      throw unwritable(error, this.#path, examplesOf(this.#bytes))
    }
  }

  async #flush(): Promise<void> {
    const waiting = this.#buffer.subarray(0, this.#waiting)
    this.#waiting = 0
    await this.#put(waiting)
  }

  async #put(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#fd, bytes, this.#disk)
      this.#written += bytes.length
    } catch (error) {
      throw unwritable(error, this.#path, examplesOf(this.#bytes))
    }
  }
}

/** A new file where there is room for so many bytes. */
async function opened(path: string, mode: 'wx' | 'wx+', bytes: number, disk: Disk): Promise<number> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await disk.free(folder)) - SPARE < bytes) throw new Full()
  live.add(path)
  return nodeFs.openSync(path, mode, 0o600)
}

async function writeAll(fd: number, bytes: Uint8Array, disk: Disk): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    const written = await disk.write(fd, bytes.subarray(from))
    if (written === 0) throw new Full()
    from += written
  }
}

/** The disk is full. */
class Full extends Error {}

/** Their memory. */
function bytesOf({ buffer, byteOffset, byteLength }: HeldNumbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** What did not go into a file, at the beginning of a sentence, and what else to do about it. */
interface Refused {
  readonly is: string
  readonly they: string
  readonly advice: string
}

const examplesOf = (bytes: number): Refused => ({
  is: `The examples take ${showBytes(bytes)}, which is`,
  they: 'they',
  advice: 'choose fewer examples',
})
const TABLE: Refused = { is: 'The table is', they: 'it', advice: 'use fewer rows or columns' }

function unwritable(error: unknown, path: string, { is, they, advice }: Refused): ProblemError {
  if (error instanceof ProblemError) return error
  const folder = dirname(path)
  const code = codeOf(error)
  const what = `${is} more than memory is to hold, and`
  if (error instanceof Full || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    const message = `${what} the disk of ${folder} is full. Free some space there, or ${advice}.`
    return new ProblemError(problem('data.disk', message))
  }
  const why =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'nothing may be written there'
      : `the disk said ${code || 'no'}`
  const message = `${what} ${they} could not be stored in ${folder}: ${why}. Make the folder writable, or ${advice}.`
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
        if (read === 0) throw changed(this.#path, STORED)
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
        if (bytesRead === 0) throw changed(this.#path, STORED)
        done += bytesRead
      }
      this.#check(await looksOf(this.#fd))
    } catch (error) {
      throw unreadable(error, this.#path, STORED)
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
      throw unreadable(error, this.#path, STORED)
    }
  }

  #check({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): void {
    if (size !== this.byteLength || mtimeMs !== this.#changed) throw changed(this.#path, STORED)
  }
}

/** What is stored, in sentences. */
const STORED = 'stored examples'
const STORED_TABLE = 'stored table'
type Kind = typeof STORED | typeof STORED_TABLE

/** Cells of a table, which are read while more of them come. */
class FileCells implements CellFile {
  readonly block: number
  readonly #path: string
  readonly #disk: Disk
  #fd: number
  #length = 0
  /** Bytes when it was asked last how many more there is room for. */
  #asked = 0
  /** When it was changed last, once nothing is written any more. */
  #changed: number | undefined

  private constructor(path: string, block: number, disk: Disk, fd: number) {
    this.block = block
    this.#path = path
    this.#disk = disk
    this.#fd = fd
    unread.register(this, fd, this)
  }

  static async create(path: string, block: number, disk: Disk): Promise<FileCells> {
    try {
      return new FileCells(path, block, disk, await opened(path, 'wx+', ROOM, disk))
    } catch (error) {
      throw unwritable(error, path, TABLE)
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    const place = this.#length
    try {
      if (place - this.#asked >= ROOM) {
        if ((await this.#disk.free(dirname(this.#path))) - SPARE < ROOM) throw new Full()
        this.#asked = place
      }
      await writeAll(this.#fd, bytes, this.#disk)
    } catch (error) {
      throw unwritable(error, this.#path, TABLE)
    }
    this.#length += bytes.length
    return place
  }

  async read(place: number, bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await readFrom(this.#fd, bytes, done, bytes.length - done, place + done)
        if (bytesRead === 0) throw changed(this.#path, STORED_TABLE)
        done += bytesRead
      }
      if (this.#changed !== undefined) this.#check(await looksOf(this.#fd))
    } catch (error) {
      throw unreadable(error, this.#path, STORED_TABLE)
    }
  }

  readNow(place: number, bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;) {
        const read = nodeFs.readSync(this.#fd, bytes, done, bytes.length - done, place + done)
        if (read === 0) throw changed(this.#path, STORED_TABLE)
        done += read
      }
      if (this.#changed !== undefined) this.#check(nodeFs.fstatSync(this.#fd))
    } catch (error) {
      throw unreadable(error, this.#path, STORED_TABLE)
    }
  }

  rewrite(place: number, bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length;)
        done += nodeFs.writeSync(this.#fd, bytes, done, bytes.length - done, place + done)
    } catch (error) {
      throw unwritable(error, this.#path, TABLE)
    }
  }

  close(): void {
    try {
      // Closed and opened, as numbers are.
      const fd = nodeFs.openSync(this.#path, 'r')
      unread.unregister(this)
      nodeFs.closeSync(this.#fd)
      this.#fd = fd
      unread.register(this, fd, this)
      this.#changed = nodeFs.fstatSync(fd).mtimeMs
    } catch (error) {
      throw unreadable(error, this.#path, STORED_TABLE)
    }
  }

  #check({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): void {
    if (size !== this.#length || mtimeMs !== this.#changed) throw changed(this.#path, STORED_TABLE)
  }
}

function changed(path: string, what: Kind): ProblemError {
  const were = what === STORED ? 'were' : 'was'
  const message = `The ${what} in ${path} ${were} changed by another program. Read the data again.`
  return new ProblemError(problem('data.disk', message))
}

function unreadable(error: unknown, path: string, what: Kind): ProblemError {
  if (error instanceof ProblemError) return error
  const message = `The ${what} in ${path} could not be read: the disk said ${codeOf(error) || 'no'}. Read the data again.`
  return new ProblemError(problem('data.disk', message))
}

const readFrom = promisify(nodeFs.read) as (
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => Promise<{ readonly bytesRead: number }>
const looksOf = promisify(nodeFs.fstat)
