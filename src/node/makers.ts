/**
 * Threads that make examples ahead of the step, such as pictures that vary. They are started when there is first something for
 * them to do, and end when there has been nothing for a while.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { problem, ProblemError } from '../base/problem.ts'
import type { Makers, MakingJob } from '../data/preparation/made.ts'
import { built } from './folders.ts'
import type { Made } from './maker-worker.ts'

/** One for the engine's own thread, one for the device's. */
export function makerCount(processors = availableParallelism()): number {
  return Math.min(MOST_THREADS, Math.max(1, processors - 2))
}

const MOST_THREADS = 8
/** Jobs of a thread: one that it does, and one that it finds when that is done. */
const EACH = 2
/** Milliseconds without work after which the threads end. */
const REST = 60_000

export interface MakerOptions {
  readonly size?: number
  readonly start?: () => Worker
  readonly rest?: number
}

export class MakerThreads implements Makers {
  readonly most: number
  readonly #size: number
  readonly #start: () => Worker
  readonly #rest: number
  readonly #threads = new Set<MakerThread>()
  /** Why threads that were started are no more; they are not started again while there is work. */
  readonly #failed: string[] = []
  #resting: NodeJS.Timeout | undefined

  constructor({ size = makerCount(), start = startThread, rest = REST }: MakerOptions = {}) {
    this.most = size * EACH
    this.#size = size
    this.#start = start
    this.#rest = rest
  }

  async make(job: MakingJob): Promise<Float32Array> {
    clearTimeout(this.#resting)
    try {
      const thread = this.#free()
      if (thread) return await thread.make(job)
      // Whoever makes them now lets others have their turn in between.
      await new Promise((resolve) => setImmediate(resolve))
      throw failure(this.#failed.at(-1) ?? 'there is none')
    } finally {
      if ([...this.#threads].every(({ waiting }) => waiting === 0)) this.#restLater()
    }
  }

  /** What is under way is done, and then they end by themselves: ending many by force is known to crash Electron. */
  close(): void {
    clearTimeout(this.#resting)
    for (const thread of this.#threads) thread.end()
    this.#threads.clear()
    this.#failed.length = 0
  }

  /** The one with the least to do, or a new one where all have something. */
  #free(): MakerThread | undefined {
    const [least] = [...this.#threads].sort((a, b) => a.waiting - b.waiting)
    if (least?.waiting === 0 || this.#threads.size + this.#failed.length >= this.#size) return least
    try {
      const thread = new MakerThread(this.#start(), (why) => {
        this.#threads.delete(thread)
        this.#failed.push(why)
      })
      this.#threads.add(thread)
      return thread
    } catch (error) {
      this.#failed.push(textOf(error))
      return least
    }
  }

  #restLater(): void {
    clearTimeout(this.#resting)
    this.#resting = setTimeout(() => this.close(), this.#rest)
    this.#resting.unref()
  }
}

const startThread = () => new Worker(built('./maker-worker.js'))

interface Waiting {
  readonly resolve: (made: Float32Array) => void
  readonly reject: (reason: ProblemError) => void
}

class MakerThread {
  readonly #worker: Worker
  /** In the order in which they were asked for, which is that of the answers. */
  readonly #waiting: Waiting[] = []
  #ended = false

  /** `onEnd`: when it ends without having been told to. */
  constructor(worker: Worker, onEnd: (why: string) => void) {
    let why: string | undefined
    this.#worker = worker
    this.#worker.on('message', ({ made }: Made) => {
      this.#waiting.shift()?.resolve(made)
      // Whoever waits keeps the process alive, and nobody else does.
      if (this.waiting === 0) this.#worker.unref()
    })
    this.#worker.on('error', (error: unknown) => (why = textOf(error)))
    this.#worker.on('exit', (code) => {
      const reason = why ?? `it ended with code ${code}`
      if (!this.#ended) onEnd(reason)
      for (const { reject } of this.#waiting.splice(0)) reject(failure(reason))
    })
    this.#worker.unref()
  }

  get waiting(): number {
    return this.#waiting.length
  }

  make(job: MakingJob): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage(job, [job.values.buffer as ArrayBuffer])
    })
  }

  end(): void {
    this.#ended = true
    this.#worker.postMessage(null)
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

function failure(why: string): ProblemError {
  const message = `A thread that makes varied pictures failed (${why}). Training goes on with the same pictures; where no such thread is left they are made in the engine's own, and each step may wait for them. Start Neuroloom anew if it is slow.`
  return new ProblemError(problem('data.makers', message, undefined, 'warning'))
}
