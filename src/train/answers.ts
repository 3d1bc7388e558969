/** What the network of a run makes of examples, its own and others, as it stands between two chunks. */
import { fail, ok, problem, ProblemError, type Result } from '../base/problem.ts'
import { sizeOf } from '../base/shape.ts'
import { prepareOwn, type AskedExample, type PreparedOwn } from '../data/index.ts'
import type { PreparedData } from '../data/types.ts'
import type { GraphDocument } from '../document/types.ts'
import type { Asides } from './asides.ts'
import { Examiner, type Moment, type Questions } from './evaluation/examiner.ts'
import type { Answer, Chosen, Evaluation, Part, SampleChoice } from './evaluation/types.ts'
import type { Network } from './network.ts'
import type { Stepper } from './stepper.ts'

interface Of {
  readonly id: string
  readonly document: GraphDocument
  readonly data: PreparedData
}

interface Asked {
  readonly network: Network
  readonly stepper: Stepper
  readonly asides: Asides
  /** Another run may have the device's memory by now. */
  readonly hasEnded: () => boolean
}

export class Answers {
  readonly #of: Of
  readonly #asked: Asked
  readonly #examiner: Examiner
  /** The file or sound that was asked about last, and how many there were. */
  #own: { readonly id: string; readonly features: Float32Array } | undefined
  #owns = 0

  constructor(of: Of, asked: Asked) {
    this.#of = of
    this.#asked = asked
    this.#examiner = new Examiner(of.id, of.data)
  }

  async evaluate(part: Part): Promise<Result<Evaluation>> {
    const asked = this.#examiner.questions(part)
    if (!asked.ok) return asked
    const { indices, features } = asked.value
    const answered = await this.#ask(features, indices.length)
    return answered.ok ? this.#examiner.judge(part, indices, answered.value.answers, answered.value) : answered
  }

  choose(part: Part, choice: SampleChoice): Result<Chosen> {
    return this.#examiner.choose(part, choice)
  }

  async answer(example: AskedExample): Promise<Result<Answer>> {
    const prepared = await this.#prepared(example)
    if (!prepared.ok) return prepared
    const { features, looks } = prepared.value
    const answered = await this.#ask(() => features, 1)
    const said = answered.ok ? this.#examiner.say(answered.value.answers, answered.value) : answered
    if (!said.ok || !looks) return said
    this.#own = { id: `${this.#of.id} ${++this.#owns}`, features }
    return ok({ ...said.value, own: { id: this.#own.id, looks } })
  }

  async #prepared(example: AskedExample): Promise<Result<PreparedOwn>> {
    const { data, document } = this.#of
    if (example.kind !== 'again') return prepareOwn(example, data, document.data)
    if (this.#own?.id === example.id) return ok({ features: this.#own.features })
    return fail(problem('own.gone', 'This example is not known any more. Give it again.'))
  }

  async predict(features: Float32Array, count: number): Promise<Result<Float32Array>> {
    const size = features.length / Math.max(count, 1)
    const answered = await this.#ask((from, to) => features.subarray(from * size, to * size), count)
    return answered.ok ? ok(answered.value.answers) : answered
  }

  /** Between two chunks, so that all answers are of the same weights; training waits for them. */
  async #ask(features: Questions, count: number): Promise<Result<Moment & { readonly answers: Float32Array }>> {
    const { asides, stepper, network, hasEnded } = this.#asked
    try {
      return await asides.add(async () => {
        const { step, epoch } = stepper.position
        const answers = await this.#predict(features, count)
        return answers.ok ? ok({ step, epoch, compared: network.compared, answers: answers.value }) : answers
      })
    } catch (error) {
      if (error instanceof ProblemError) return fail(...error.problems)
      // A new run has taken the device's memory meanwhile.
      if (hasEnded()) return fail(problem('run.gone', 'This run is over and its network is gone. Train again.'))
      throw error
    }
  }

  async #predict(features: Questions, count: number): Promise<Result<Float32Array>> {
    const { network, stepper } = this.#asked
    const slot = network.plan.slots.find((one) => one.name === 'predict/prediction')
    if (!slot)
      return fail(
        problem(
          'predict.answer',
          'No loss of this network compares an answer with a target, so there is nothing to predict. Add a loss with a prediction.',
        ),
      )
    const batch = network.batch.predict
    const width = sizeOf(slot.shape) / batch
    const answers = new Float32Array(count * width)
    const rows = new Float32Array(batch * sizeOf(this.#of.data.shape))
    for (let first = 0; first < count; first += batch) {
      const part = await features(first, Math.min(count, first + batch))
      rows.fill(0)
      rows.set(part)
      await stepper.executable.write('predict/features', rows)
      await stepper.runOnce('predict')
      const wanted = Math.min(batch, count - first) * width
      answers.set(await stepper.executable.read('predict/prediction', wanted), first * width)
    }
    return ok(answers)
  }
}
