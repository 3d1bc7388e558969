/**
 * What follows from where a run is: batches of training and, after each epoch, of validation, as many at once as need no
 * decision in between.
 */
import type { Batches, Network } from './network.ts'

/** Everything that decides what comes next. */
export interface Position {
  /** Counted from 0. */
  readonly epoch: number
  /** Batches of this epoch that are done; those that validate come after those of training. */
  readonly batch: number
  /** Batches of training that are done in all. */
  readonly step: number
}

export const START: Position = { epoch: 0, batch: 0, step: 0 }

/** Milliseconds that what is asked of a device at once should take: long enough to cost no calls, short enough for live curves. */
export const CHUNK_TIME = 40

export type PartName = 'train' | 'validation'

/** Batches of one size in an epoch. */
interface Section {
  readonly entry: string
  readonly part: PartName
  /** Examples in each batch. */
  readonly size: number
  readonly steps: number
  /** Batches of the epoch, and examples of the part, that come before. */
  readonly batch: number
  readonly example: number
  /** Examples of the part. */
  readonly count: number
  /** Most steps at once. */
  readonly chunk: number
}

/** Some steps of an entry, within an epoch. */
export interface Piece extends Pick<Section, 'entry' | 'part' | 'size'> {
  readonly from: Position
  readonly steps: number
  readonly to: Position
  /** Steps of the entry that come before in this stretch. */
  readonly row: number
  /** Number of its first example, counted through all epochs of the part. */
  readonly example: number
}

export interface Limit {
  /** Batches of training; validation that follows from them comes with them. */
  readonly steps: number
  /** Examples, of which those that validate count for a third; a batch there is whatever its size. */
  readonly work?: number
  /** Without validation, as if it were done. */
  readonly trainOnly?: boolean
}

type Some = readonly Pick<Piece, 'part' | 'size' | 'steps'>[]

export const lengthOf = (pieces: readonly { readonly steps: number }[]): number =>
  pieces.reduce((sum, { steps }) => sum + steps, 0)

export const examplesOf = (pieces: Some): number => pieces.reduce((sum, { steps, size }) => sum + steps * size, 0)

/** As in `Limit`: a pass without gradients takes a third of a step with them. */
export const workOf = (pieces: Some): number =>
  pieces.reduce((sum, { part, steps, size }) => sum + steps * size * (part === 'train' ? 1 : 1 / 3), 0)

export class Course {
  readonly stepsPerEpoch: number
  readonly #sections: readonly Section[]
  readonly #training: readonly Section[]
  readonly #epochs: number
  readonly #decides: boolean
  readonly #windows: Readonly<Record<PartName, number>>

  /** `decides`: what an epoch gave may change the next. `windows`: examples that one stretch may be about. */
  constructor(
    network: Pick<Network, 'batch' | 'plan'>,
    options: {
      readonly epochs: number
      readonly decides: boolean
      readonly windows: Readonly<Record<PartName, number>>
    },
  ) {
    const { train, validation } = network.batch
    const chunks = new Map(network.plan.entries.map(({ name, chunk }) => [name, chunk]))
    this.stepsPerEpoch = Math.ceil(train.count / train.size)
    this.#training = sectionsOf('train', 'train', train, 0, chunks)
    this.#sections = [
      ...this.#training,
      ...sectionsOf('evaluate', 'validation', validation, this.stepsPerEpoch, chunks),
    ]
    this.#epochs = options.epochs
    this.#decides = options.decides
    this.#windows = options.windows
  }

  /** All epochs are done. */
  isOver({ epoch }: Position): boolean {
    return epoch >= this.#epochs
  }

  /**
   * The next steps: some of an epoch, or all up to the end of one, of the same or a later one. Where there is something to be
   * done, at least one.
   */
  ahead(from: Position, { steps, work = Infinity, trainOnly = false }: Limit): readonly Piece[] {
    const sections = trainOnly ? this.#training : this.#sections
    const last = Math.max(this.#epochs, from.epoch + 1)
    const pieces: Piece[] = []
    const rows = new Map<string, number>()
    const shown = { train: 0, validation: 0 }
    let left = { steps, work }
    for (let position = from; position.epoch < last;) {
      const before = pieces.length
      const next = { epoch: position.epoch + 1, batch: 0 }
      for (const section of sections) {
        const { entry, part, size } = section
        const done = Math.max(0, position.batch - section.batch)
        if (done >= section.steps) continue
        const row = rows.get(entry) ?? 0
        const isTraining = part === 'train'
        const count = Math.min(
          section.steps - done,
          section.chunk - row,
          isTraining ? left.steps : Infinity,
          Math.max(pieces.length === 0 ? 1 : 0, Math.floor(left.work / workOf([{ part, size, steps: 1 }]))),
          Math.floor((this.#windows[part] - shown[part]) / size),
        )
        const ends = done + count === section.steps
        // Either some of an epoch, or whole ones.
        if (!ends && before > 0) return pieces.slice(0, before)
        if (count === 0) return pieces
        const step = position.step + (isTraining ? count : 0)
        const goesOn = !ends || section !== sections.at(-1)
        const to = { ...(goesOn ? { epoch: position.epoch, batch: position.batch + count } : next), step }
        const example = position.epoch * section.count + section.example + done * size
        const piece = { entry, part, size, from: position, steps: count, to, row, example }
        pieces.push(piece)
        if (!ends) return pieces
        rows.set(entry, row + count)
        shown[part] += count * size
        left = { steps: left.steps - (isTraining ? count : 0), work: left.work - workOf([piece]) }
        position = to
      }
      position = { ...next, step: position.step }
      if (this.#decides && !trainOnly) break
    }
    return pieces
  }
}

function sectionsOf(
  pass: 'train' | 'evaluate',
  part: PartName,
  { count, size, tail }: Batches,
  batch: number,
  chunks: ReadonlyMap<string, number>,
): readonly Section[] {
  const whole = Math.floor(count / size)
  const sections = [
    { entry: pass, size, steps: whole, batch, example: 0 },
    { entry: `${pass}Tail`, size: tail, steps: tail > 0 ? 1 : 0, batch: batch + whole, example: whole * size },
  ]
  return sections
    .filter(({ steps }) => steps > 0)
    .map((section) => ({ ...section, part, count, chunk: chunks.get(section.entry) ?? 1 }))
}

/** The first `done` steps of a stretch. */
export function firstOf(pieces: readonly Piece[], done: number): readonly Piece[] {
  const some: Piece[] = []
  let left = done
  for (const piece of pieces) {
    if (left <= 0) break
    some.push(left >= piece.steps ? piece : cut(piece, left))
    left -= piece.steps
  }
  return some
}

function cut(piece: Piece, steps: number): Piece {
  const { epoch, batch, step } = piece.from
  const to = { epoch, batch: batch + steps, step: step + (piece.part === 'train' ? steps : 0) }
  return { ...piece, steps, to }
}
