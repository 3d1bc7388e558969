/**
 * Several threads at one phase. All have the same module over the same memory. One of them runs the entries; where a phase is
 * worth it, it opens a job (a function of the module's table), takes part in it, closes it and waits for those who are
 * still at it. The others run `work`, which looks for jobs until it is told to leave. Nobody waits for somebody who has not
 * come: a thread that is asleep, or has no core just now, only misses the job.
 *
 * The units of a job are first split evenly, so that each thread meets the same part of the data from job to job; who has
 * done his takes from the others'. A claim takes half of what is left: few claims, and small ones at the end, where they make
 * up for a thread that is slower (Polychronopoulos & Kuck 1987, "guided self-scheduling"). Which thread does what is left to
 * chance, and no result depends on it.
 *
 * Looking for a job, a thread spins for a while, then sleeps until it is woken.
 */
import type { FunctionBuilder, Local, ModuleBuilder, Type } from './emitter.ts'

/** Threads beside the one that runs the entries. They are at one memory at a time. */
export interface Crew {
  readonly size: number
  /**
   * Sends them to a module's memory, from where they were: each instantiates the module there and calls its export `WORK`
   * with a number of its own, from 1 on.
   */
  join(module: WebAssembly.Module, memory: WebAssembly.Memory): void
  /** Sends them away from a memory, if they are there, so that it can be freed. */
  leave(memory: WebAssembly.Memory): void
}

/** Export of a module that is made for a team. */
export const WORK = '/work'

/** Most threads of a team. */
export const MOST_THREADS = 16

/** The header of the memory: words in lines of their own, so that writing one doesn't take another from a thread's cache. */
const LINE = 64
export const STOP_FLAG = 0
/** Odd while a job is open; each job has another. */
const TICKET = LINE
/** Threads that take part. */
const ACTIVE = 2 * LINE
const ASLEEP = 3 * LINE
/** The job: its function, the step and the turn. */
const JOB = 4 * LINE
const DONE = JOB + 4
const TURN = JOB + 8
/** Not 0: no job is opened. */
const RESTING = JOB + 12
/** How often the thread that opened a job had to sleep because another was still at it. */
const NAPS = JOB + 16
/** For each thread, the next unit of its share. */
const NEXT = 5 * LINE
export const HEADER = NEXT + MOST_THREADS * LINE

/** As the function of a job: leave `work`. */
const LEAVE = -1

/**
 * Looks at a word before a thread goes to sleep, some two nanoseconds each. One that looks for a job should last through what
 * the other does alone in between; one that waits for the others, until it is clear that they have lost their cores.
 */
const SPINS = { job: 40_000, end: 60_000 }
/** Microseconds of work that are worth claiming by themselves. */
const CLAIM_WORK = 4
/** Milliseconds that the thread which opened a job sleeps at a time, when another at it has lost its core. */
const NAP_MS = 0.05
/** So many naps on end, and the other one must have died. */
const MOST_NAPS = 1_000_000

/** Where more than this part of the time goes by napping, the team rests for some milliseconds. */
const MUCH = 0.1
const REST_MS = { first: 20, most: 640 }

/** Makes `work` end in all threads that are in it; only while no entry runs. */
export function dismiss(memory: WebAssembly.Memory): void {
  const words = new Int32Array(memory.buffer, 0, HEADER / 4)
  if ((Atomics.load(words, TICKET / 4) & 1) === 1) return
  words[JOB / 4] = LEAVE
  Atomics.add(words, TICKET / 4, 1)
  Atomics.notify(words, TICKET / 4)
}

/** Undoes `dismiss`. */
export function readmit(memory: WebAssembly.Memory): void {
  const words = new Int32Array(memory.buffer, 0, HEADER / 4)
  if ((Atomics.load(words, TICKET / 4) & 1) === 1) Atomics.add(words, TICKET / 4, 1)
}

/**
 * Gives a team rest while other programs want the cores: a thread that has lost its core in the middle of a job is waited
 * for, which then costs more than it gives.
 */
export class Rest {
  readonly #words: Int32Array
  #ends = 0
  #length = REST_MS.first

  constructor(memory: WebAssembly.Memory) {
    this.#words = new Int32Array(memory.buffer, 0, HEADER / 4)
  }

  get resting(): boolean {
    return this.#words[RESTING / 4] === 1
  }

  /** A run begins or ends: when, and the milliseconds that it took. */
  begin(now: number): void {
    this.#words[RESTING / 4] = now < this.#ends ? 1 : 0
    this.#words[NAPS / 4] = 0
  }

  end(now: number, took: number): void {
    if (this.resting) return
    if ((this.#words[NAPS / 4] ?? 0) * NAP_MS <= MUCH * took) {
      this.#length = REST_MS.first
      return
    }
    this.#ends = now + this.#length
    this.#length = Math.min(2 * this.#length, REST_MS.most)
  }
}

const JOB_PARAMS: readonly Type[] = ['i32', 'i32', 'i32']

/** Where in a job a thread is. */
export interface Position {
  readonly done: Local
  readonly turn: Local
  readonly thread: Local
}

export class Team {
  readonly #module: ModuleBuilder
  readonly #threads: number
  readonly #share: number
  hasJobs = false

  constructor(module: ModuleBuilder, threads: number) {
    this.#module = module
    this.#threads = threads
    this.#share = module.add(['i32', 'i32', 'i32', 'i32'], [], (f) => this.#emitShare(f))
  }

  /** Adds a job; `emitCall` does its units from … to. Gives its number in the table. */
  job(
    { units, work }: { readonly units: number; readonly work: number },
    emitCall: (f: FunctionBuilder, position: Position, from: Local, to: Local) => void,
  ): number {
    this.hasJobs = true
    const threads = this.#threads
    const grain = Math.max(1, Math.min(units, Math.round((units * CLAIM_WORK) / work)))
    const index = this.#module.add(JOB_PARAMS, [], (f) => {
      const [done, turn, thread] = f.params as [Local, Local, Local]
      const locals = Array.from({ length: 6 }, () => f.local('i32'))
      const [owner, next, end, from, to, half] = locals as [Local, Local, Local, Local, Local, Local]
      f.get(thread).set(owner)
      f.repeat(threads, 1, () => {
        f.i32(NEXT).plusScaled(owner, LINE).set(next)
        f.get(owner).plus(1).i32(units).op('i32.mul').i32(threads).op('i32.div_s').set(end)
        f.block(() => {
          f.loop(() => {
            f.get(next).memory('i32.atomic.load').tee(from)
            f.get(end).op('i32.ge_s').branchIf(1)
            f.get(end).get(from).op('i32.sub').plus(1).i32(2).op('i32.div_s').tee(half)
            f.i32(grain).get(half).i32(grain).op('i32.gt_s').op('select').get(from).op('i32.add').tee(to)
            f.get(end).get(to).get(end).op('i32.lt_s').op('select').set(to)
            f.get(next).get(from).get(to).memory('i32.atomic.rmw.cmpxchg')
            f.get(from).op('i32.ne').branchIf(0)
            emitCall(f, { done, turn, thread }, from, to)
            f.branch(0)
          })
        })
        f.get(owner).plus(1).i32(threads).op('i32.rem_s').set(owner)
      })
    })
    return this.#module.tabulate(index)
  }

  /** Emits that the job is done, by whoever comes. */
  share(f: FunctionBuilder, job: number, units: number, done: Local, turn: Local | undefined): void {
    f.i32(job).i32(units).get(done)
    if (turn) f.get(turn)
    else f.i32(0)
    f.call(this.#share)
  }

  #emitShare(f: FunctionBuilder): void {
    const [job, units, done, turn] = f.params as [Local, Local, Local, Local]
    const [ticket, active, spins] = [f.local('i32'), f.local('i32'), f.local('i32')]
    f.i32(JOB).get(job).memory('i32.store')
    f.i32(DONE).get(done).memory('i32.store')
    f.i32(TURN).get(turn).memory('i32.store')
    for (let thread = 0; thread < this.#threads; thread++) {
      f.i32(NEXT + LINE * thread)
      f.get(units).i32(thread).op('i32.mul').i32(this.#threads).op('i32.div_s').memory('i32.store')
    }
    const doJob = () => f.get(done).get(turn).i32(0).get(job).callIndirect(this.#module.type(JOB_PARAMS, []))
    f.i32(RESTING).memory('i32.load')
    f.if(() => {
      doJob().op('return')
    })
    f.i32(TICKET).memory('i32.atomic.load').plus(1).set(ticket)
    f.i32(TICKET).get(ticket).memory('i32.atomic.store')
    f.i32(ASLEEP).memory('i32.atomic.load')
    f.if(() => {
      f.i32(TICKET).i32(this.#threads).memory('memory.atomic.notify').op('drop')
    })
    doJob()
    // From now on nobody joins; who had joined before is counted.
    f.i32(TICKET).get(ticket).plus(1).memory('i32.atomic.store')
    f.block(() => {
      f.loop(() => {
        f.i32(ACTIVE).memory('i32.atomic.load').tee(active).op('i32.eqz').branchIf(1)
        f.advance(spins, 1).get(spins).i32(SPINS.end).op('i32.gt_s')
        f.if(() => {
          f.get(spins)
            .i32(SPINS.end + MOST_NAPS)
            .op('i32.gt_s')
          f.if(() => {
            f.op('unreachable')
          })
          f.i32(NAPS).i32(NAPS).memory('i32.load').plus(1).memory('i32.store')
          f.i32(ACTIVE)
            .get(active)
            .i64(BigInt(NAP_MS * 1e6))
            .memory('memory.atomic.wait32')
            .op('drop')
        })
        f.branch(0)
      })
    })
  }

  /** Adds `work(thread)`, for threads from 1 on. */
  addWork(): number {
    return this.#module.add(['i32'], [], (f) => {
      const [thread] = f.params as [Local]
      const [ticket, last, spins] = [f.local('i32'), f.local('i32'), f.local('i32')]
      const add = (word: number, count: number) => f.i32(word).i32(count).memory('i32.atomic.rmw.add').op('drop')
      f.loop(() => {
        f.i32(TICKET).memory('i32.atomic.load').tee(ticket).i32(1).op('i32.and')
        f.get(ticket).get(last).op('i32.ne').op('i32.and')
        f.if(() => {
          add(ACTIVE, 1)
          // Only who is counted before the job is closed may touch it.
          f.i32(TICKET).memory('i32.atomic.load').get(ticket).op('i32.eq')
          f.if(() => {
            f.i32(JOB).memory('i32.load').i32(LEAVE).op('i32.eq')
            f.if(() => {
              add(ACTIVE, -1)
              f.op('return')
            })
            f.i32(DONE).memory('i32.load').i32(TURN).memory('i32.load').get(thread)
            f.i32(JOB).memory('i32.load').callIndirect(this.#module.type(JOB_PARAMS, []))
          })
          add(ACTIVE, -1)
          f.get(ticket).set(last).i32(0).set(spins)
          f.branch(1)
        })
        f.advance(spins, 1).get(spins).i32(SPINS.job).op('i32.lt_s').branchIf(0)
        add(ASLEEP, 1)
        f.i32(TICKET).get(ticket).i64(-1n).memory('memory.atomic.wait32').op('drop')
        add(ASLEEP, -1)
        f.i32(0).set(spins).branch(0)
      })
    })
  }
}
