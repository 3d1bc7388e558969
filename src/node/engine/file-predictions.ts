/**
 * Predictions of all examples of a file for a window, a part whenever it asks for one: what waits to be written never grows, and a
 * run that trains meanwhile is held up for one part at a time. All answers are of the weights of one moment.
 */
import { fail, ok, problem, type Problem, type Result } from '../../base/problem.ts'
import { sizeOf } from '../../base/shape.ts'
import { PredictionLines, type Questions } from '../../data/predictions.ts'
import type { FittedPreparation } from '../../data/types.ts'
import type { DataSection } from '../../document/types.ts'
import type { PredictedPart } from '../../protocol/messages.ts'
import type { Predictor } from '../../train/predictor.ts'

/** Milliseconds that training waits for a part, and that a window waits for an answer. */
const PART_TIME = 50
const ANSWER_TIME = 150
/** Characters of one answer, and bytes of the features of one part. */
const MOST_TEXT = 1_000_000
const MOST_FEATURES = 16_000_000

export interface Prediction {
  readonly predictor: Predictor
  readonly questions: Questions
  readonly data: DataSection
  readonly fitted: FittedPreparation
}

export class FilePredictions {
  readonly #now: () => number
  /** Does something between two chunks of what is being trained. */
  readonly #between: <T>(work: () => Promise<T>) => Promise<T>
  #begun = 0
  #current: { readonly id: number; readonly of: Prediction; readonly lines: PredictionLines } | undefined
  #done = 0
  #size = 64
  /** One part after the other, whoever asks. */
  #working: Promise<unknown> = Promise.resolve()

  constructor(now: () => number, between: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#now = now
    this.#between = between
  }

  /** Takes the place of what was begun before; its number. */
  begin(of: Prediction): number {
    this.end()
    const { data, fitted, questions } = of
    const id = ++this.#begun
    this.#current = { id, of, lines: new PredictionLines(data, fitted, questions, of.predictor.width) }
    this.#done = 0
    return id
  }

  /** Whatever was begun, or the one of this number, is over. */
  end(id?: number): void {
    const current = this.#current
    if (!current || (id !== undefined && id !== current.id)) return
    this.#current = undefined
    // A part that is under way still needs it.
    void this.#working.then(() => current.of.predictor.dispose())
  }

  next(id: number): Promise<Result<PredictedPart>> {
    const own = this.#working.then(() => this.#next(id))
    this.#working = own.catch(() => undefined)
    return own
  }

  async #next(id: number): Promise<Result<PredictedPart>> {
    const current = this.#current
    if (current?.id !== id) return fail(over())
    const { questions, predictor } = current.of
    const { count } = questions
    const most = Math.max(1, Math.floor(MOST_FEATURES / 4 / sizeOf(questions.shape)))
    const until = this.#now() + ANSWER_TIME
    const said: string[] = this.#done === 0 ? [current.lines.header] : []
    let length = 0
    while (this.#done < count && this.#now() < until && length < MOST_TEXT) {
      const from = this.#done
      const to = Math.min(count, from + Math.min(most, this.#size))
      const features = await questions.features(from, to)
      let began = 0
      const answers = await this.#between(async () => {
        began = this.#now()
        return predictor.predict(features, to - from)
      })
      if (!answers.ok) return answers
      if (this.#current?.id !== id) return fail(over())
      const took = this.#now() - began
      if (took > PART_TIME) this.#size = Math.max(64, this.#size / 2)
      else if (took < PART_TIME / 2) this.#size = Math.min(8192, this.#size * 2)
      const { width } = predictor
      for (let i = from; i < to; i++) {
        const line = current.lines.csv(
          questions.place(i),
          answers.value.subarray((i - from) * width, (i - from + 1) * width),
        )
        length += line.length
        said.push(line)
      }
      this.#done = to
    }
    return ok({ text: said.map((line) => `${line}\n`).join(''), done: this.#done })
  }
}

function over(): Problem {
  return problem('predict.over', 'This prediction was ended, or another one has taken its place. Begin it again.')
}
