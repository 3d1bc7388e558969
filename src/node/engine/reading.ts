/** Data that somebody waits for: lets other work have its turn, says how far they are, and can be given up. */
import { problem, ProblemError } from '../../base/problem.ts'
import { datasets } from '../../data/index.ts'
import type { Job } from '../../data/types.ts'
import type { DataSource } from '../../document/types.ts'
import { DATA_CANCELLED, type DataProgress } from '../../protocol/messages.ts'

/** A job in stages, each of which is told from its beginning. */
export interface Watch extends Pick<Job, 'pause' | 'progress'> {
  readonly begin: (stage: Pick<DataProgress, 'file' | 'doing'>) => void
}

/** Milliseconds after which others have their turn. */
const TURN = 12

export interface ReadingOptions {
  readonly now: () => number
  readonly tell?: (progress: DataProgress) => void
  /** Aborted where they are not wanted any more. */
  readonly signal?: { readonly aborted: boolean }
}

export class Reading implements Watch {
  readonly #now: () => number
  readonly #tell: (progress: DataProgress) => void
  readonly #signal: { readonly aborted: boolean } | undefined
  #stage: Pick<DataProgress, 'file' | 'doing'> = { file: '', doing: 'reading' }
  #turn: number
  #told = -1

  constructor({ now, tell = () => undefined, signal }: ReadingOptions) {
    this.#now = now
    this.#tell = tell
    this.#signal = signal
    this.#turn = now()
  }

  readonly pause = async (): Promise<void> => {
    if (this.#now() - this.#turn > TURN) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turn = this.#now()
    }
    if (this.#signal?.aborted)
      throw new ProblemError(
        problem(DATA_CANCELLED, 'Reading was ended before all was read; the data are as they were.'),
      )
  }

  readonly begin = (stage: Pick<DataProgress, 'file' | 'doing'>): void => {
    this.#stage = stage
    this.#told = -1
    this.progress(0)
  }

  readonly progress = (share: number): void => {
    const percent = Math.floor(share * 100)
    if (percent === this.#told) return
    this.#told = percent
    this.#tell({ ...this.#stage, share })
  }
}

/** `a.csv, b.csv`, or `a.csv and 99 more`. */
export function listed(files: readonly { readonly name: string }[]): string {
  const names = files.map(({ name }) => name)
  return names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(', ')
}

/** What a person calls such data. */
export function nameOf(source: DataSource): string {
  return source.kind === 'generated'
    ? (datasets.get(source.generator)?.title ?? source.generator)
    : listed(source.files)
}
