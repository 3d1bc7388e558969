/**
 * Looks at what a network makes of its examples, and remembers its answers: samples that are asked for afterwards are those
 * that were counted, however far training has come meanwhile.
 */
import { at } from '../../base/assert.ts'
import { fail, ok, problem, type Result } from '../../base/problem.ts'
import { sizeOf } from '../../base/shape.ts'
import { featuresAt, isMade, rowsAt } from '../../data/features.ts'
import { restoreTargets } from '../../data/index.ts'
import type { Examples, PreparedData } from '../../data/types.ts'
import { evaluateClasses, predictedClasses } from './classes.ts'
import { evaluateLabels, holds } from './labels.ts'
import { evaluateNumbers, evaluateReconstruction } from './numbers.ts'
import { decidedOf, spread } from './rank.ts'
import {
  MOST_LOOKED_AT,
  MOST_SAMPLES,
  type Answer,
  type Cell,
  type Chosen,
  type Evaluation,
  type Judged,
  type Part,
  type SampleChoice,
} from './types.ts'

/** What the answers of a network are held against. */
export type Compared = 'target' | 'itself'

/** Features of the examples from one up to another, as the network takes them. */
export type Questions = (from: number, to: number) => Float32Array | Promise<Float32Array>

/** The network at one moment. */
export interface Moment {
  readonly step: number
  readonly epoch: number
  readonly compared: Compared
}

interface Looked extends Moment {
  readonly indices: Uint32Array
  /** [looked × width], as the network gave them. */
  readonly answers: Float32Array
  readonly width: number
}

export class Examiner {
  readonly #run: string
  readonly #data: PreparedData
  readonly #looked = new Map<Part, Looked>()

  constructor(run: string, data: PreparedData) {
    this.#run = run
    this.#data = data
  }

  /** The examples of a part that are looked at, and the features of some of them, which may lie in a file. */
  questions(part: Part): Result<{ readonly indices: Uint32Array; readonly features: Questions }> {
    const { count, features } = this.#data[part]
    if (count === 0)
      return fail(
        problem(
          'evaluate.empty',
          part === 'validation'
            ? 'There is no validation part to look at. Give it a share of the examples, or look at the training part.'
            : 'There is no training example to look at.',
        ),
      )
    const indices = spread(count, MOST_LOOKED_AT)
    const size = this.#size
    if (indices.length === count && !isMade(features))
      return ok({ indices, features: (from, to) => features.subarray(from * size, to * size) })
    return ok({ indices, features: (from, to) => featuresAt(features, indices.subarray(from, to), size) })
  }

  /** From the network's answers to what is shown of them. */
  async judge(part: Part, indices: Uint32Array, answers: Float32Array, moment: Moment): Promise<Result<Evaluation>> {
    const width = answers.length / indices.length
    const looked: Looked = { ...moment, indices, answers, width }
    const judged = await this.#judge(this.#data[part], looked)
    if (!judged.ok) return judged
    this.#looked.set(part, looked)
    const { undecided, ...rest } = judged.value
    return ok({
      ...rest,
      run: this.#run,
      part,
      step: moment.step,
      epoch: moment.epoch,
      count: this.#data[part].count,
      looked: indices.length,
      undecided: undecided.length,
      undecidedSamples: undecided.slice(0, MOST_SAMPLES),
    })
  }

  async #judge(
    { targets, features }: Examples,
    { indices, answers, width, compared }: Looked,
  ): Promise<
    Result<
      | ReturnType<typeof evaluateClasses>
      | ReturnType<typeof evaluateLabels>
      | ReturnType<typeof evaluateNumbers>
      | ReturnType<typeof evaluateReconstruction>
    >
  > {
    const { target, fitted } = this.#data
    const size = this.#size
    if (compared === 'itself') {
      if (width !== size) return fail(unlike(width, size))
      return ok(evaluateReconstruction(answers, await featuresAt(features, indices, size), size, indices))
    }
    const { names } = target
    if (target.kind === 'classes') {
      if (width !== names.length && !(width === 1 && names.length === 2)) return fail(unlike(width, names.length))
      return ok(evaluateClasses({ scores: answers, truths: rowsAt(targets, indices, 1), names, indices }))
    }
    if (width !== names.length) return fail(unlike(width, names.length))
    if (target.labels)
      return ok(evaluateLabels({ scores: answers, truths: rowsAt(targets, indices, width), names, indices }))
    return ok(
      evaluateNumbers({
        predicted: restoreTargets(fitted, answers),
        truths: restoreTargets(fitted, rowsAt(targets, indices, width)),
        names,
        deviations: fitted.targets.map(({ deviation }) => deviation),
        indices,
      }),
    )
  }

  /** Samples of the last evaluation of a part. */
  choose(part: Part, choice: SampleChoice): Result<Chosen> {
    const looked = this.#looked.get(part)
    if (!looked) return fail(problem('samples.none', 'Nothing of this run was looked at yet. Press "Look again".'))
    const { indices, step } = looked
    if (choice.kind !== 'indices') {
      const { truth, predicted, skip } = choice
      const places = choice.kind === 'cell' ? this.#cell(part, looked, choice) : this.#labelCell(part, looked, choice)
      if (!places)
        return fail(problem('samples.cell', `There is no cell ${truth}, ${predicted} in the last evaluation.`))
      const shown = places.slice(skip, skip + MOST_SAMPLES)
      return ok({ step, total: places.length, samples: this.#samples(part, looked, shown) })
    }
    const placeOf = new Map(Array.from(indices, (index, i) => [index, i]))
    const places = choice.indices.map((index) => placeOf.get(index))
    const strange = choice.indices.find((_, i) => places[i] === undefined)
    if (strange !== undefined)
      return fail(problem('samples.index', `There is no example ${strange} in the last evaluation.`))
    const shown = places.slice(0, MOST_SAMPLES) as number[]
    return ok({ step, total: places.length, samples: this.#samples(part, looked, shown) })
  }

  /** Places of the examples in a cell of the matrix; undefined where there is no such matrix. */
  #cell(part: Part, looked: Looked, { truth, predicted }: Cell): readonly number[] | undefined {
    const { names, kind } = this.#data.target
    if (kind !== 'classes' || looked.compared === 'itself' || !(truth in names) || !(predicted in names))
      return undefined
    const codes = this.#codes(part, looked)
    const { targets } = this.#data[part]
    return [...codes.keys()].filter((i) => codes[i] === predicted && targets[at(looked.indices, i)] === truth)
  }

  #labelCell(
    part: Part,
    { indices, answers, width, compared }: Looked,
    { label, truth, predicted }: Cell & { readonly label: number },
  ): readonly number[] | undefined {
    const { target } = this.#data
    const { targets } = this.#data[part]
    const is = target.kind === 'numbers' && target.labels && compared !== 'itself' && label in target.names
    if (!is || Math.max(truth, predicted) > 1) return undefined
    // As in the evaluation, an example counts where all of its answers are numbers.
    const { decided } = decidedOf(answers, width, indices)
    const hasAnswer = (i: number) => holds(at(answers, i * width + label)) === predicted
    return decided.filter((i) => hasAnswer(i) && holds(at(targets, at(indices, i) * width + label)) === truth)
  }

  /** What the answer to one new example says. */
  say(answers: Float32Array, { step, compared }: Moment): Result<Answer> {
    const { target, fitted } = this.#data
    const { names } = target
    if (compared === 'itself') return ok({ kind: 'reconstruction', step, names: [], values: this.#restored(answers) })
    if (target.kind === 'classes') {
      if (answers.length === names.length) return ok({ kind: 'classes', step, names, probabilities: [...answers] })
      if (answers.length !== 1 || names.length !== 2) return fail(unlike(answers.length, names.length))
      return ok({ kind: 'classes', step, names, probabilities: [1 - at(answers, 0), at(answers, 0)] })
    }
    if (answers.length !== names.length) return fail(unlike(answers.length, names.length))
    return ok({ kind: 'numbers', step, names, values: [...restoreTargets(fitted, answers)] })
  }

  get #size(): number {
    return sizeOf(this.#data.shape)
  }

  #codes(part: Part, { indices, answers }: Looked): Int32Array {
    const { targets } = this.#data[part]
    return predictedClasses({ scores: answers, truths: rowsAt(targets, indices, 1), names: this.#data.target.names })
  }

  #samples(part: Part, looked: Looked, places: readonly number[]): Judged[] {
    const { indices, answers, width, compared } = looked
    const { target, fitted } = this.#data
    const { targets, rows } = this.#data[part]
    const codes = target.kind === 'classes' && compared === 'target' ? this.#codes(part, looked) : undefined
    return places.map((place): Judged => {
      const index = at(indices, place)
      const row = rows?.[index] ?? index
      const own = answers.subarray(place * width, (place + 1) * width)
      if (compared === 'itself') return { index, row, truth: [], answer: this.#restored(own), confidence: null }
      if (!codes) {
        const truth = restoreTargets(fitted, targets.subarray(index * width, (index + 1) * width))
        return { index, row, truth: [...truth], answer: [...restoreTargets(fitted, own)], confidence: null }
      }
      const code = at(codes, place)
      const confidence = width > 1 ? own[code] : code === 1 ? own[0] : 1 - at(own, 0)
      return {
        index,
        row,
        truth: [at(targets, index)],
        answer: [code],
        confidence: code < 0 ? null : (confidence ?? null),
      }
    })
  }

  /** Features as they stand in the data, where each is a number there. */
  #restored(values: Float32Array): Float32Array {
    const { columns } = this.#data.fitted
    const isNumeric = columns.every(({ column }) => column?.kind !== 'categorical' && !column?.flag)
    // Sequences and windows have the features of one time after those of another.
    if (!isNumeric || values.length % columns.length !== 0) return values.slice()
    return values.map((value, place) => {
      const { mean, deviation, log } = columns[place % columns.length] ?? { mean: 0, deviation: 1 }
      const own = value * deviation + mean
      return log ? Math.sign(own) * Math.expm1(Math.abs(own)) : own
    })
  }
}

const unlike = (found: number, wanted: number) =>
  problem(
    'evaluate.answer',
    `The network gives ${found} ${found === 1 ? 'number' : 'numbers'} for each example, and ${wanted} would be compared with the data. Its answers can't be shown beside the truth.`,
  )
