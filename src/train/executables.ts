/**
 * What was compiled is kept for a while after its run has ended: who starts again after an edit that changes neither shapes
 * nor structure (a block moved or renamed, another learning rate, seed or number of epochs, other data of the same size)
 * gets the same executable with its arena, and nothing is compiled. Plans are equal when their kernels, places and entries
 * are; names of blocks and slots don't count. A run fills every slot that lasts before its first step, so nothing of the
 * run before shows.
 */
import { at, get } from '../base/assert.ts'
import { ProblemError } from '../base/problem.ts'
import { sameValue } from '../base/same.ts'
import type { Device, Executable, HostArray, Pass } from '../backends/types.ts'
import type { Plan } from '../ir/plan.ts'

/** Who goes back and forth between two networks compiles neither. */
const MOST_KEPT = 2
const MOST_BYTES = 256 * 2 ** 20

/** An executable that no run holds, or one that has ended and would give it away. */
interface Kept {
  readonly plan: Plan
  readonly executable: Executable
  holder?: Lent | undefined
}

/** Of each device, the one that ended last first. */
const shelves = new WeakMap<Device, Kept[]>()

function shelfOf(device: Device): Kept[] {
  const known = shelves.get(device)
  if (known) return known
  const shelf: Kept[] = []
  shelves.set(device, shelf)
  void device.lost.then(() => shelves.delete(device))
  return shelf
}

/** Compiles a plan, unless an equal one is there and free. Throws as the device does. */
export async function executableFor(device: Device, plan: Plan): Promise<Executable> {
  // The oracle runs programs, which equal kernels don't make equal, and its compilation costs nothing.
  if (device.info.backend === 'reference') return device.compile(plan)
  const shelf = shelfOf(device)
  const place = shelf.findIndex((kept) => samePlan(kept.plan, plan))
  const [kept] = place < 0 ? [] : shelf.splice(place, 1)
  kept?.holder?.give()
  return new Lent(device, plan, kept ?? { plan, executable: await compile(device, plan, shelf) })
}

/**
 * The next run may take the executable of one that has ended. Until it does, the run that ended has it still, so that a start
 * that fails takes nothing away.
 */
export function offer(executable: Executable): void {
  if (executable instanceof Lent) executable.offer()
}

/** What is only kept makes room for what is wanted. */
async function compile(device: Device, plan: Plan, shelf: Kept[]): Promise<Executable> {
  try {
    return await device.compile(plan)
  } catch (error) {
    const free = shelf.filter(({ holder }) => !holder)
    if (!(error instanceof ProblemError) || free.length === 0) throw error
    shelf.splice(0, Infinity, ...shelf.filter(({ holder }) => holder))
    for (const { executable } of free) executable.dispose()
    return device.compile(plan)
  }
}

/** An executable under the slot names of the plan that it is lent for. */
class Lent implements Executable {
  readonly #device: Device
  readonly #kept: Kept
  readonly #names: ReadonlyMap<string, string>
  #running = 0
  #over = false

  constructor(device: Device, plan: Plan, kept: Kept) {
    this.#device = device
    this.#kept = kept
    this.#names = new Map(plan.slots.map(({ name }, i) => [name, at(kept.plan.slots, i).name]))
  }

  #inner(): Executable {
    if (this.#over) throw new Error('internal: used after dispose')
    return this.#kept.executable
  }

  async write(slot: string, data: HostArray): Promise<void> {
    await this.#inner().write(get(this.#names, slot), data)
  }

  async run(passes: readonly Pass[]): Promise<number> {
    const executable = this.#inner()
    this.#running++
    try {
      return await executable.run(passes)
    } finally {
      this.#running--
    }
  }

  stop(): void {
    // Whoever has it now is not stopped by one that had it before.
    if (this.#running > 0) this.#kept.executable.stop()
  }

  async read(slot: string, count?: number): Promise<HostArray> {
    return this.#inner().read(get(this.#names, slot), count)
  }

  offer(): void {
    const shelf = shelves.get(this.#device)
    if (this.#over || this.#running > 0 || this.#kept.holder) return
    this.#kept.holder = this
    shelf?.unshift(this.#kept)
  }

  give(): void {
    this.#over = true
    this.#kept.holder = undefined
  }

  dispose(): void {
    if (this.#over) return
    this.#over = true
    const shelf = shelves.get(this.#device)
    if (this.#kept.holder) shelf?.splice(shelf.indexOf(this.#kept), 1)
    this.#kept.holder = undefined
    // What still computes is nobody's any more.
    if (!shelf || this.#running > 0) return this.#kept.executable.dispose()
    shelf.unshift(this.#kept)
    let bytes = 0
    const fits = shelf.filter(
      ({ plan, holder }, i) => holder ?? ((bytes += plan.arenaBytes) <= MOST_BYTES && i < MOST_KEPT),
    )
    for (const one of shelf.splice(0)) if (!fits.includes(one)) one.executable.dispose()
    shelf.push(...fits)
  }
}

/** Whether two plans become the same code over the same places. */
function samePlan(a: Plan, b: Plan): boolean {
  if (a === b) return true
  if (a.arenaBytes !== b.arenaBytes || !sameValue(a.buffers, b.buffers) || !sameValue(a.slots, b.slots, 'name'))
    return false
  return (
    a.entries.length === b.entries.length &&
    a.entries.every(({ name, chunk, kernels }, i) => {
      const other = at(b.entries, i)
      // Where a kernel came from is all that a new name changes.
      return name === other.name && chunk === other.chunk && sameValue(kernels, other.kernels, 'path')
    })
  )
}
