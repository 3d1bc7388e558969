/** The threads that help to compute: made once, when there is first something to do, and for the life of the process. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { dismiss, MOST_THREADS, readmit, type Crew } from '../backends/wasm/team.ts'
import type { Muster } from './crew-worker.ts'
import { built } from './folders.ts'

/**
 * How many threads compute on a machine with so many processors. Where there are many, half of them are often second threads
 * of a core, or slow ones; the products of one gain nothing there.
 */
export function threadsFor(processors: number): number {
  return processors <= 4 ? Math.max(1, processors) : Math.min(8, Math.ceil(processors / 2))
}

/** What NEUROLOOM_THREADS says, else what this machine has; with the one that runs the entries. */
export function threadCount(wanted = process.env.NEUROLOOM_THREADS, processors = availableParallelism()): number {
  const count = Number(wanted)
  return wanted && Number.isInteger(count) && count >= 1 ? Math.min(count, MOST_THREADS) : threadsFor(processors)
}

export class WorkerCrew implements Crew {
  readonly size: number
  readonly #start: () => Worker
  #workers: readonly Worker[] | undefined
  #memory: WebAssembly.Memory | undefined

  constructor(size: number, start: () => Worker = () => new Worker(built('./crew-worker.js'))) {
    this.size = size
    this.#start = start
  }

  join(module: WebAssembly.Module, memory: WebAssembly.Memory): void {
    if (this.#memory === memory) return
    if (this.#memory) this.leave(this.#memory)
    this.#memory = memory
    readmit(memory)
    this.#workers ??= Array.from({ length: this.size }, () => this.#begin())
    this.#workers.forEach((worker, i) => {
      worker.postMessage({ module, memory, thread: i + 1 } satisfies Muster)
    })
  }

  leave(memory: WebAssembly.Memory): void {
    if (this.#memory !== memory) return
    this.#memory = undefined
    dismiss(memory)
  }

  /** The others do the work of a thread that fails, more slowly. None keeps the process alive. */
  #begin(): Worker {
    const worker = this.#start()
    worker.on('error', ({ message }) => {
      process.emitWarning(`A thread that helps to compute ended, and the others do its work: ${message}`)
    })
    worker.unref()
    return worker
  }
}

let crew: Crew | undefined

/** The crew of this process, if there is any. */
export function crewOf(threads = threadCount()): Crew | undefined {
  if (threads > 1) crew ??= new WorkerCrew(threads - 1)
  return crew
}
