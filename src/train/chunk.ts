/** What came back of some steps: how many of them are good, and what is written down of those. */
import { at } from '../base/assert.ts'
import { firstOf, type Piece, type Position } from './course.ts'
import { GRADIENT_NORM, NON_FINITE } from './gradient-watch.ts'
import type { Journal } from './journal.ts'
import type { Network } from './network.ts'
import { valuesOf, type Outputs, type Taken } from './stepper.ts'
import { recorded, type Results, type Validation } from './validation.ts'

const watchedOf = ({ watched }: Network) => (watched ? [GRADIENT_NORM, NON_FINITE] : [])

/** What the network says of each step: of training how its gradients are, too. */
export function outputsOf(network: Network): Outputs {
  const names = recorded(network).map(({ name }) => name)
  return { train: [...names, ...watchedOf(network)], validation: names }
}

export class Chunk {
  /** Batches of training after which the loss or the gradients are no numbers; undefined where all are. */
  readonly bad: number | undefined
  /** What came before that. */
  readonly good: readonly Piece[]
  readonly #network: Network
  readonly #taken: Taken

  /** `taken`: with `outputsOf` the network. */
  constructor(network: Network, taken: Taken) {
    this.#network = network
    this.#taken = taken
    const { watched } = network
    const broken = recorded(network).length + watchedOf(network).indexOf(NON_FINITE)
    const nan = this.#first(
      (piece) => valuesOf(taken, piece, 0),
      (loss) => !Number.isFinite(loss),
    )
    // Gradients that are none break the weights, and so the loss of the next step.
    const torn =
      watched && !nan
        ? this.#first(
            (piece) => valuesOf(taken, piece, broken),
            (count) => count !== 0,
          )
        : undefined
    this.bad = nan?.step ?? (torn && torn.step + 1)
    const end = nan?.steps ?? (torn && torn.steps + 1)
    this.good = end === undefined ? taken.pieces : firstOf(taken.pieces, end)
  }

  /** The first step of training whose value is wrong: batches of training before it, and steps of any kind. */
  #first(
    values: (piece: Piece) => ArrayLike<number>,
    isWrong: (value: number) => boolean,
  ): { readonly step: number; readonly steps: number } | undefined {
    let before = 0
    for (const piece of this.#taken.pieces) {
      const place = piece.part === 'train' ? placeOf(values(piece), isWrong) : -1
      if (place >= 0) return { step: piece.from.step + place, steps: before + place }
      before += piece.steps
    }
    return undefined
  }

  /** Writes down each good step and each validation that has ended, and returns what these gave. */
  record(
    journal: Journal,
    validation: Validation,
    rate: ((from: Position, ahead: number) => number) | undefined,
  ): readonly Results[] {
    const wanted = recorded(this.#network)
    const ended: Results[] = []
    for (const piece of this.good) {
      const { part, from, steps } = piece
      const values = (k: number) => valuesOf(this.#taken, piece, k)
      if (part === 'validation') {
        const results = validation.add(piece, values)
        for (const [name, value] of results ?? []) journal.record(`validation.${name}`, from.step, value)
        if (results) ended.push(results)
        continue
      }
      const first = from.step + 1
      const note = (name: string, value: (i: number) => number) =>
        journal.recordAll(`train.${name}`, first, steps, value)
      wanted.forEach(({ name, finish }, k) => {
        const means = values(k)
        note(name, (i) => finish(at(means, i)))
      })
      if (this.#network.watched) {
        const norms = values(wanted.length)
        note(GRADIENT_NORM, (i) => at(norms, i))
      }
      if (rate) note('rate', (i) => rate(from, i))
    }
    return ended
  }
}

/** A loop, since the device waits for it. */
function placeOf(values: ArrayLike<number>, isWrong: (value: number) => boolean): number {
  for (let i = 0; i < values.length; i++) if (isWrong(values[i] as number)) return i
  return -1
}
