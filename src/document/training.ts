/**
 * How a network is trained, as fields: what the inspector shows, what a file may say, and what is off where nothing is said.
 * Optimizers and schedules are open sets with parameters of their own; whether those fit is checked where they are known.
 */
import { bool, choice, int, misfit, real, type ParamSpecs, type ParamValues, type ValuesOf } from '../base/params.ts'
import { present } from '../base/present.ts'
import type { JsonReader } from './read.ts'
import type { EarlyStopping, TrainingSection } from './types.ts'

/** Bounds of the training section. */
export const MOST = { batchSize: 1_000_000, epochs: 10_000_000, seed: 2 ** 31 - 1 }

export const runParams = {
  epochs: int({
    label: 'Epochs',
    doc: 'How often every training example is seen.',
    default: 20,
    min: 1,
    max: MOST.epochs,
  }),
  batchSize: int({
    label: 'Batch size',
    doc: 'Examples for one step of the optimizer.',
    default: 32,
    min: 1,
    max: MOST.batchSize,
  }),
  seed: int({
    label: 'Seed',
    doc: 'Governs the first weights and the order of the examples: the same seed, the same run.',
    default: 1,
    max: MOST.seed,
  }),
}

export const clippingParams = {
  norm: real({
    label: 'Norm',
    doc: 'Scales all gradients down together where the root of the sum of their squares is greater; 0 is off. Comes before the value.',
    default: 0,
    min: 0,
  }),
  value: real({
    label: 'Value',
    doc: 'Cuts each element of every gradient to plus or minus this; 0 is off.',
    default: 0,
    min: 0,
  }),
}

export const regularizationParams = {
  l1: real({
    label: 'L1',
    doc: 'Adds this times the sum of |w| over all weights to the loss (lasso); biases and scales are left out. With L2: elastic net.',
    default: 0,
    min: 0,
  }),
  l2: real({
    label: 'L2',
    doc: 'Adds half of this times the sum of w² over all weights to the loss (ridge); biases and scales are left out.',
    default: 0,
    min: 0,
  }),
  mode: choice({
    label: 'L1 acts',
    doc: 'By its slope: ±L1 in the gradient. As a threshold after each step, learning rate times L1 (proximal gradient): weights become exactly 0; exact for SGD without momentum.',
    default: 'subgradient',
    options: { subgradient: 'by its slope', proximal: 'as a threshold' },
  }),
  ratio: real({
    label: 'Ratio',
    doc: 'Performance ratio γ in (1 - γ) loss + γ mean of w²: 0 leaves the loss alone, 1 leaves only the weights.',
    default: 0,
    min: 0,
    max: 1,
  }),
}

export const earlyStoppingParams = {
  patience: int({
    label: 'Patience',
    doc: 'Epochs without progress after which training stops.',
    default: 10,
    min: 1,
  }),
  minDelta: real({
    label: 'Min delta',
    doc: 'By how much a result must beat the best one to count as progress.',
    default: 0,
    min: 0,
  }),
  restoreBest: bool({
    label: 'Restore best',
    doc: 'Goes back to the weights of the best epoch at the end.',
    default: true,
  }),
}

/** What early stopping watches unless it says another: the validation loss. */
export const WATCHED = 'loss'

type ReadParams = (r: JsonReader, value: unknown, path: string) => ParamValues

export function readTraining(r: JsonReader, value: unknown, readParams: ReadParams): TrainingSection {
  const fields = r.object(value, 'training')
  const choiceOf = (name: string) => {
    const path = `training.${name}`
    const chosen = r.object(fields[name], path)
    return {
      type: r.string(chosen['type'], `${path}.type`),
      params: readParams(r, chosen['params'] ?? {}, `${path}.params`),
    }
  }
  /** A section that may be missing. */
  const optional = <T>(name: string, read: (path: string) => T): T | undefined =>
    fields[name] === undefined ? undefined : read(`training.${name}`)
  const own = <S extends ParamSpecs>(name: string, specs: S) =>
    optional(name, (path) => readFields(r, fields[name], path, specs))
  const section = {
    schedule: optional('schedule', () => choiceOf('schedule')),
    clipping: own('clipping', clippingParams),
    regularization: own('regularization', regularizationParams),
    earlyStopping: optional('earlyStopping', (path): EarlyStopping => {
      const watched = r.object(fields['earlyStopping'], path)['metric'] ?? WATCHED
      return {
        metric: r.string(watched, `${path}.metric`),
        ...readFields(r, fields['earlyStopping'], path, earlyStoppingParams),
      }
    }),
  }
  return {
    optimizer: choiceOf('optimizer'),
    batchSize: r.whole(fields['batchSize'], 'training.batchSize', 1, MOST.batchSize),
    epochs: r.whole(fields['epochs'], 'training.epochs', 1, MOST.epochs),
    seed: r.whole(fields['seed'], 'training.seed', 0, MOST.seed),
    // What is off is left out, so that an older document stays as it was.
    ...present<Partial<TrainingSection>>(section),
  }
}

/** Fields that are declared as parameters; what is missing has its default. */
function readFields<S extends ParamSpecs>(r: JsonReader, value: unknown, path: string, specs: S): ValuesOf<S> {
  const fields = r.object(value, path)
  const read = Object.entries(specs).map(([name, spec]) => {
    const given = fields[name] ?? spec.default
    const wrong = misfit(spec, given)
    if (wrong) r.refuse(`${path}.${name}`, `${wrong}.`)
    return [name, given]
  })
  return Object.fromEntries(read) as ValuesOf<S>
}
