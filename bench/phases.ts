/** A clock of phases within phases: the time of each is what it did not spend in others. */

/** Milliseconds that this thread has had a core, where Node can tell: what compares on a machine that is shared. */
const { threadCpuUsage } = process as { readonly threadCpuUsage?: () => NodeJS.CpuUsage }
export const coreTime = threadCpuUsage !== undefined
export function time(): number {
  if (!threadCpuUsage) return performance.now()
  const { user, system } = threadCpuUsage()
  return (user + system) / 1000
}

/** Milliseconds by name, with `total` and `rest`: what no phase has taken. */
export type Phases = { readonly [phase: string]: number }

class Clock {
  #spent: { [phase: string]: number } = {}
  readonly #open: string[] = []
  #since = 0

  #turn(): void {
    const now = time()
    const phase = this.#open.at(-1) ?? 'rest'
    this.#spent[phase] = (this.#spent[phase] ?? 0) + now - this.#since
    this.#since = now
  }

  start(): void {
    this.#spent = {}
    this.#since = time()
  }

  stop(): Phases {
    this.#turn()
    return { ...this.#spent, total: Object.values(this.#spent).reduce((sum, one) => sum + one, 0) }
  }

  timed<T>(phase: string, work: () => T): T {
    this.#turn()
    this.#open.push(phase)
    try {
      return work()
    } finally {
      this.#turn()
      this.#open.pop()
    }
  }

  /** Nothing else runs meanwhile, so the time until it is done is its own. */
  async wait<T>(phase: string, work: () => Promise<T>): Promise<T> {
    this.#turn()
    this.#open.push(phase)
    try {
      return await work()
    } finally {
      this.#turn()
      this.#open.pop()
    }
  }
}

export const clock = new Clock()
