/**
 * What a run falls back on when a value stops being finite: a checkpoint that has shown itself good, from which it repeats
 * the steps up to the last good one, and the search for the block where it began.
 */
import { at } from '../base/assert.ts'
import type { Executable, HostArray } from '../backends/types.ts'
import type { LiveValues } from './live.ts'
import type { Network, Probe } from './network.ts'
import { START, type Position } from './course.ts'
import type { Stepper } from './stepper.ts'

interface Checkpoint {
  readonly position: Position
  readonly values: ReadonlyMap<string, HostArray>
  readonly live: ReadonlyMap<string, number>
}

/** Asked for together: a GPU is far away. */
export async function readAll(
  executable: Executable,
  names: readonly string[],
): Promise<ReadonlyMap<string, HostArray>> {
  const values = await Promise.all(names.map((name) => executable.read(name)))
  return new Map(names.map((name, i) => [name, at(values, i)]))
}

export class Recovery {
  readonly #network: Network
  readonly #stepper: Stepper
  readonly #live: LiveValues
  #checkpoint: Checkpoint
  /** Becomes the checkpoint when it has shown that the next loss is finite. */
  #candidate: Checkpoint | undefined

  constructor(network: Network, stepper: Stepper, live: LiveValues, values: Checkpoint['values']) {
    this.#network = network
    this.#stepper = stepper
    this.#live = live
    this.#checkpoint = { position: START, values, live: live.all() }
  }

  /** Keeps the state of now, unless it is broken already: that is nothing to go back to. */
  async take(): Promise<boolean> {
    const values = await readAll(this.#stepper.executable, [...this.#checkpoint.values.keys()])
    for (const value of values.values()) if (!value.every((number) => Number.isFinite(number))) return false
    this.#candidate = { position: this.#stepper.position, values, live: this.#live.all() }
    return true
  }

  /** The loss after the newest checkpoint was finite. */
  confirm(): void {
    if (!this.#candidate) return
    this.#checkpoint = this.#candidate
    this.#candidate = undefined
    this.#live.forgetBefore(this.#checkpoint.position.step)
  }

  /** Puts the run back to the last state that has shown itself good, on whatever device it is now. */
  async restore(): Promise<void> {
    this.#candidate = undefined
    await this.#replay(this.#checkpoint.position.step)
    this.#live.moveTo(this.#stepper.position.step)
  }

  /**
   * The loss after `target` batches is not finite. Goes back to the last state from which a smaller step can be taken;
   * returns the first block with a non-finite value, and where the run was when it came up.
   */
  async goBack(target: number): Promise<{ readonly culprit: Probe | undefined; readonly broke: Position }> {
    this.#candidate = undefined
    await this.#replay(target)
    const seen = await this.#probe()
    const broke = this.#stepper.position
    await this.#findGood(target)
    // An infinite number in the data may pass through to a finite loss and break only the weights.
    const culprit = (await this.#probe()) ?? seen
    this.#live.moveTo(this.#stepper.position.step)
    return { culprit, broke }
  }

  /**
   * The weights of `target` are of no use, since their loss is not finite whatever comes after; those before may have been
   * broken for some steps whose loss still was, and an infinite weight never comes back. So this looks back in doubling
   * strides, then halves what is left.
   */
  async #findGood(target: number): Promise<void> {
    const stepper = this.#stepper
    const first = this.#checkpoint.position.step
    let broken = target
    await this.#replay(Math.max(first, target - 1))
    for (let back = 2; stepper.position.step > first && !(await this.#weightsAreFinite()); back *= 2) {
      broken = stepper.position.step
      await this.#replay(Math.max(first, target - back))
    }
    let good = stepper.position.step
    while (broken - good > 1) {
      const middle = Math.floor((good + broken) / 2)
      await this.#replay(middle)
      if (await this.#weightsAreFinite()) good = middle
      else broken = middle
    }
    if (stepper.position.step !== good) await this.#replay(good)
  }

  /** Puts the run back to the checkpoint and trains again up to the state before batch number `step` + 1. */
  async #replay(step: number): Promise<void> {
    const stepper = this.#stepper
    await stepper.leave()
    for (const [name, value] of this.#checkpoint.values) await stepper.executable.write(name, value)
    const live = await this.#live.replay(this.#checkpoint.live)
    stepper.position = this.#checkpoint.position
    while (stepper.position.step < step) {
      const from = stepper.position.step
      await live.upTo(from)
      // The validations in between are recorded already.
      await stepper.go({ steps: Math.min(step, live.next()) - from, trainOnly: true })
    }
    await live.upTo(Infinity)
  }

  /** The first block, in order of computation, with a non-finite value in the batch that comes next. */
  async #probe(): Promise<Probe | undefined> {
    const entry = await this.#stepper.probe()
    for (const probe of this.#network.probes) {
      const [broken] = await this.#stepper.executable.read(`${entry}/${probe.output}`, 1)
      if (broken !== 0) return probe
    }
    return undefined
  }

  async #weightsAreFinite(): Promise<boolean> {
    const names = this.#network.weights.map(({ name }) => name)
    const values = [...(await readAll(this.#stepper.executable, names)).values()]
    return values.every((one) => one.every((value) => Number.isFinite(value)))
  }
}
