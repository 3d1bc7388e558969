/**
 * What follows from the validation results of the epochs so far, one state for each epoch, so that a run can go back to any
 * of them.
 */
import { at } from '../base/assert.ts'

export class Watch<S> {
  readonly #states: S[]
  readonly #next: (before: S, result: number, epoch: number) => S

  /** `next` is the state after an epoch, counted from 1, that ended with `result`. */
  constructor(first: S, next: (before: S, result: number, epoch: number) => S) {
    this.#states = [first]
    this.#next = next
  }

  /** Epochs whose results are known. */
  get epochs(): number {
    return this.#states.length - 1
  }

  /** The state when so many epochs are done. */
  at(epochs: number): S {
    return at(this.#states, epochs)
  }

  add(result: number): S {
    const state = this.#next(at(this.#states, this.epochs), result, this.epochs + 1)
    this.#states.push(state)
    return state
  }

  /** Forgets what came after so many epochs. */
  cut(epochs: number): void {
    if (this.epochs > epochs) this.#states.length = epochs + 1
  }
}
