/**
 * What training a drawing takes, from its analysis alone and at once: seconds for an epoch and bytes of memory. Until something
 * was measured these are rough (fitted to what ships and to the workloads of bench/, on two cores); from then on they are what
 * was measured, changed as the model changes.
 */
import { showBytes, sizeOf } from '../base/shape.ts'
import { signatureOf } from '../document/signature.ts'
import type { GraphDocument } from '../document/types.ts'
import type { Costs } from './analyze.ts'

/** What the arena of one run may take; a WebAssembly memory has 4 GiB at most. */
export const MOST_BYTES = 3.5 * 2 ** 30

/** Examples in each part. */
export interface ExampleCounts {
  readonly train: number
  readonly validation: number
}

export interface TrainingWork {
  /** For one example, forward. */
  readonly costs: Costs
  /** Examples in a batch. */
  readonly batch: number
  readonly examples: ExampleCounts
  /** Numbers of one example with its target. */
  readonly exampleSize: number
  /** Numbers that the optimizer keeps for each parameter. */
  readonly memories: number
}

export function trainingWork(
  document: GraphDocument,
  costs: Costs,
  examples: ExampleCounts,
  memories: number,
): TrainingWork {
  const { features, target } = signatureOf(document.data)
  const exampleSize = sizeOf(features) + (target.kind === 'classes' ? 1 : target.size)
  const batch = Math.max(1, Math.min(document.training.batchSize, examples.train))
  return { costs, batch, examples, exampleSize, memories }
}

/** Seconds for one multiply-add, one number of an output, one parameter, one block. */
interface Rates {
  readonly multiplyAdd: number
  readonly activation: number
  readonly parameter: number
  readonly part: number
}

/** Of a training step. For GPUs only what they are to one another counts: nothing is said of one that was not measured. */
const RATES: { readonly [kind in 'cpu' | 'gpu']: Rates } = {
  cpu: { multiplyAdd: 3e-10, activation: 6e-10, parameter: 7e-10, part: 4.7e-7 },
  gpu: { multiplyAdd: 3e-12, activation: 1e-10, parameter: 1e-10, part: 1.5e-5 },
}

export type Kind = keyof typeof RATES

/** A pass without gradients, as a share of a step with them. */
const FORWARD = 1 / 3
/** Examples that are validated at once. */
export const VALIDATION_BATCH = 256
/** Rows of indices are made ready for as many steps as these have room for. */
const INDICES = 2 ** 19
const MOST_STEPS = 16_384

/** `count` examples cut into batches of `size` and a last one of `tail` (0: none). */
export interface Cut {
  readonly count: number
  readonly size: number
  readonly tail: number
}

export function cut(count: number, batch: number): Cut {
  const size = Math.max(1, Math.min(batch, count))
  return { count, size, tail: count % size }
}

/** Most steps of each kind that a device is given at once: many epochs where they are short, each with its validation. */
export function stepsAtOnce(
  train: Cut,
  validation: Cut,
): { readonly train: number; readonly trainTail: number; readonly evaluate: number; readonly evaluateTail: number } {
  const fitting = (size: number) => Math.max(1, Math.min(MOST_STEPS, Math.floor(INDICES / Math.max(1, size))))
  const whole = ({ count, size }: Cut) => Math.floor(count / size)
  const steps = fitting(train.size)
  const epochs = Math.ceil(steps / Math.max(1, whole(train)))
  return {
    train: steps,
    trainTail: epochs,
    evaluate: Math.min(fitting(validation.size), epochs * whole(validation)),
    evaluateTail: Math.min(fitting(validation.tail), epochs),
  }
}

export function modelledSeconds(
  { costs, batch, examples }: TrainingWork,
  kind: Kind,
): { readonly step: number; readonly epoch: number } {
  const rates = RATES[kind]
  const example = costs.multiplyAdds * rates.multiplyAdd + costs.activations * rates.activation
  const once = costs.parts * rates.part
  const update = costs.parameters * rates.parameter
  const steps = Math.ceil(examples.train / batch)
  const training = steps * (once + update) + examples.train * example
  const validation = Math.ceil(examples.validation / VALIDATION_BATCH) * once + examples.validation * example
  return { step: once + update + batch * example, epoch: training + FORWARD * validation }
}

export interface Bytes {
  /** Weights, what the optimizer keeps, the examples, and which of them make up the next batches. */
  readonly lasting: number
  /** Gradients. */
  readonly gradients: number
  /** What the backward pass needs of the forward pass; grows with the batch. */
  readonly passing: number
}

export function modelledBytes({ costs, batch, examples, exampleSize, memories }: TrainingWork): Bytes {
  const { train, validation } = examples
  const data = (train + validation) * exampleSize
  const [trained, validated] = [cut(train, batch), cut(validation, VALIDATION_BATCH)]
  const chunks = stepsAtOnce(trained, validated)
  const rows =
    trained.size * chunks.train +
    trained.tail * chunks.trainTail +
    validated.size * chunks.evaluate +
    validated.tail * chunks.evaluateTail
  return {
    lasting: 4 * (costs.parameters * (1 + memories) + data + rows),
    gradients: 4 * costs.parameters,
    passing: 4 * Math.max(batch, STREAMED * Math.min(VALIDATION_BATCH, validation)) * passingOf(costs),
  }
}

/** What a pass without gradients holds at once, as a share of all that one with them keeps. */
const STREAMED = 0.2

/** Numbers kept for one example: most outputs, and some of what is computed on the way to them. */
const passingOf = ({ activations, computed }: Costs) => 0.75 * activations + 0.48 * computed

/** What was found out about a drawing by training it for a moment. */
export interface Measured {
  readonly work: TrainingWork
  readonly kind: Kind
  readonly secondsPerEpoch: number | null
  readonly memoryBytes: number | null
}

export interface Prognosis {
  readonly bytes: number
  /** `bytes` is what was planned, not what the model says. */
  readonly exact: boolean
  readonly limit: number
  readonly fits: boolean
  /** Where it does not fit: the largest batch that would, or 0. */
  readonly fittingBatch: number | null
  /** Null where the model knows nothing of the device, or there are no examples. */
  readonly secondsPerEpoch: number | null
  readonly measured: boolean
}

/** `measured`: of this drawing, or of one that it was before. `here`: it is of this one. */
export function prognosis(
  work: TrainingWork,
  { limit, kind, measured, here }: { limit: number; kind: Kind; measured: Measured | null; here: boolean },
): Prognosis {
  const last = measured && measured.kind === kind ? measured : null
  const model = modelledBytes(work)
  const known = last?.memoryBytes ?? null
  const before = last && modelledBytes(last.work)
  // What lasts and the gradients are known as they are; the rest is off by the factor that it was off by.
  const factor =
    known !== null && before
      ? Math.min(8, Math.max(1 / 8, (known - before.lasting - before.gradients) / before.passing))
      : 1
  const exact = here && known !== null
  const growing = factor * model.passing
  const still = model.lasting + model.gradients
  const bytes = exact ? known : still + growing
  const fits = bytes <= limit
  const fitting = Math.floor(((limit - still) / Math.max(growing, 1)) * work.batch)
  return {
    bytes,
    exact,
    limit,
    fits,
    fittingBatch: fits ? null : Math.max(0, Math.min(work.batch - 1, fitting)),
    ...secondsOf(work, last, kind, here),
  }
}

function secondsOf(
  work: TrainingWork,
  last: Measured | null,
  kind: Kind,
  here: boolean,
): Pick<Prognosis, 'secondsPerEpoch' | 'measured'> {
  const known = last?.secondsPerEpoch ?? null
  if (work.examples.train === 0) return { secondsPerEpoch: null, measured: false }
  if (known !== null && here) return { secondsPerEpoch: known, measured: true }
  const model = modelledSeconds(work, kind).epoch
  if (known !== null && last)
    return { secondsPerEpoch: (known * model) / modelledSeconds(last.work, kind).epoch, measured: false }
  return { secondsPerEpoch: kind === 'cpu' ? model : null, measured: false }
}

/** `This needs 5.1 GB and the CPU engine has 3.76 GB. A batch of 16 fits.`, or that it fits. */
export function memorySentence({ bytes, exact, limit, fits, fittingBatch }: Prognosis, title: string): string {
  const about = exact ? '' : 'about '
  if (fits) return `Training needs ${about}${showBytes(bytes)} of memory; ${title} has ${showBytes(limit)}.`
  const advice = fittingBatch ? `A batch of ${fittingBatch} fits.` : 'A smaller batch does not help.'
  return `Training needs ${about}${showBytes(bytes)} of memory and ${title} has ${showBytes(limit)}. ${advice}`
}
