/** The factor on the learning rate in each step of a run. */
import type { Position } from './course.ts'
import { warmedUp, type Memory, type ScheduleDefinition } from './schedules/_define.ts'
import type { Chosen } from './choose.ts'
import { Watch } from './watch.ts'

export class RateSchedule {
  readonly #chosen: Chosen<ScheduleDefinition>
  readonly #length: { readonly stepsPerEpoch: number; readonly epochs: number }
  readonly #watch: Watch<Memory> | undefined

  constructor(chosen: Chosen<ScheduleDefinition>, length: { readonly stepsPerEpoch: number; readonly epochs: number }) {
    const { definition, params } = chosen
    const { watch } = definition
    this.#chosen = chosen
    this.#length = length
    this.#watch = watch && new Watch(watch.first, (before, loss) => watch.next(before, loss, params))
  }

  /** Of the step that comes `ahead` steps after a position, in the same epoch. */
  factor({ step, epoch }: Pick<Position, 'step' | 'epoch'>, ahead = 0): number {
    const { definition, params } = this.#chosen
    const moment = { ...this.#length, step: step + ahead }
    return warmedUp(moment.step, params) * definition.factor(moment, params, this.#watch?.at(epoch) ?? {})
  }

  /** An epoch has ended with this validation loss. */
  add(loss: number): void {
    this.#watch?.add(loss)
  }

  /** The run has gone back to where so many epochs were done. */
  cut(epochs: number): void {
    this.#watch?.cut(epochs)
  }
}
