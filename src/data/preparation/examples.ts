/** Pictures, points and sequences: examples of one shape, whose numbers share one scale or have one for each place. */
import { assert, at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showShape, sizeOf, type Shape } from '../../base/shape.ts'
import type { Augmentation, DataSection, Scaling } from '../../document/types.ts'
import { varies } from '../augmentation.ts'
import { exampleHashes, leaksIn, leakWarning } from '../leaks.ts'
import { areBytes, atOnce, bytesHeld, eachExample, type Steps } from '../numbers.ts'
import type { PreparedExamples } from '../prepare.ts'
import { fitScales, UNSCALED, type Transform } from '../scaling.ts'
import { partWarnings, sidesIn } from '../parts.ts'
import { split, type Split } from '../split.ts'
import { countTo } from '../stretches.ts'
import { clip } from '../table/records.ts'
import { NAMED_LINES, showPlaces } from '../table/survey.ts'
import type { Examples, Features, FittedColumn, FittedPreparation, PreparedData, RawExamples } from '../types.ts'
import { targetScaling } from './columns.ts'
import { correctedBy, type Corrected } from './corrections.ts'
import { MadeExamples, scaler, type Makers } from './made.ts'
import { fitTargets, pickTargets, requireTwoClasses, unseenClasses } from './targets.ts'

/** What is learnt of examples, and what is made of them however the training part varies. */
export interface LearntExamples {
  readonly data: Omit<PreparedData, 'train'>
  /** The training part, as it is or varied. */
  readonly train: (augmentation: Augmentation | undefined, makers: Makers | undefined) => Steps<Examples>
}

/** `budget`: bytes of features that may be made beforehand; of more, each example is made when it is asked for. */
export function* learnExamples(raw: RawExamples, section: DataSection, budget: number): Steps<LearntExamples> {
  const { count, shape, target } = raw
  const size = sizeOf(shape)
  assert(raw.features.length === count * size, `${raw.features.length} features for ${count} x ${size}`)
  const isClasses = target.kind === 'classes'
  const width = isClasses ? 1 : target.names.length
  assert(raw.targets.length === count * width, `${raw.targets.length} targets for ${count} x ${width}`)
  if (count === 0) throw new ProblemError(problem('data.empty', 'The data hold no example; choose others.'))
  checkRecipes(section)
  if (isClasses)
    requireTwoClasses(raw.targets, target.names, (only) => {
      return `Every example has the class ${only}; a network needs two classes or more to tell apart.`
    })
  // Examples that are drawn one by one may be equal by chance, and that is no leak.
  const isDrawn = section.source.kind === 'generated'
  const same = isDrawn && !section.split.together ? undefined : yield* exampleHashes(raw)
  const { corrected, parts, targets } = yield* divided(raw, section, same)
  if (corrected) requireLeft(parts, isClasses ? targets : undefined, target.names)
  const { preparation } = section
  const scalings = isClasses
    ? []
    : new Array<Scaling>(width).fill(targetScaling({ ...(target.labels && { label: true }) }, preparation))
  const fitted: FittedPreparation = {
    columns: yield* fitPlaces(raw, parts.train, preparation.scale),
    targets: yield* fitTargets(targets, parts.train, scalings),
    ...(raw.recorded && { recorded: raw.recorded }),
  }
  const isMade = bytesHeld(raw.features) === 0 || (parts.train.length + parts.validation.length) * size * 4 > budget
  const part = function* (rows: Uint32Array, augmentation?: Augmentation, makers?: Makers): Steps<Examples> {
    const varied = augmentation && varies(augmentation) ? { augmentation } : undefined
    const features: Features =
      isMade || varied
        ? new MadeExamples(raw.features, rows, { shape, columns: fitted.columns, ...varied }, makers)
        : yield* scaledFeatures(raw, rows, fitted)
    return { count: rows.length, features, targets: yield* pickTargets(targets, width, rows, fitted), rows }
  }
  const warnings = partWarnings(raw, section.split)
  if (same) warnings.push(...leaks(raw, parts.validation.length, yield* leaksIn(parts, same)))
  if (isClasses) warnings.push(...(yield* unseenClasses(targets, parts.train, target.names, '')))
  if (corrected) {
    const places = (rows: readonly number[], found: number) => placesOf(raw, rows, found)
    warnings.push(...corrected.says({ where: '', noun: 'example', places }))
  }
  return {
    data: {
      validation: yield* part(parts.validation),
      shape,
      target,
      fitted,
      warnings,
    },
    train: (augmentation, makers) => part(parts.train, augmentation, makers),
  }
}

/** Which examples train and which validate, and their targets, as the person has put them right. `same`: their hashes. */
export function* divided(
  raw: RawExamples,
  section: DataSection,
  same: ArrayLike<number> | undefined,
): Steps<{ corrected: Corrected | undefined; parts: Split; targets: RawExamples['targets'] }> {
  const { count, target } = raw
  const isClasses = target.kind === 'classes'
  // As they stand in the source: a correction moves nobody to another side.
  const told = sidesIn(raw.parts, section.split, whatIs(section))
  const classes = isClasses ? raw.targets : undefined
  const drawn = yield* split(count, section.split, { classes, same, parts: told })
  const corrected = correctedBy(section.corrections, target, count)
  const rowOf = (i: number) => i
  return {
    corrected,
    parts: corrected ? yield* corrected.split(drawn, rowOf) : drawn,
    targets: corrected
      ? yield* corrected.targets(raw.targets, isClasses ? 1 : target.names.length, count, rowOf)
      : raw.targets,
  }
}

/** What only rows of a table can have. */
function checkRecipes(section: DataSection): void {
  const {
    preparation,
    split: { method },
  } = section
  const what = whatIs(section)
  const refuse = (message: string, field: string) => {
    throw new ProblemError(problem('data.kind', message, { field }))
  }
  if (preparation.windows)
    refuse(`Windows are made of the rows of a table, and ${what} is none; turn them off.`, 'data.preparation.windows')
  if (method === 'group' || method === 'column')
    refuse(
      `A split by ${method} asks a column of a table, and ${what} is none; split in another way.`,
      'data.split.method',
    )
}

function whatIs({ source }: DataSection): string {
  return source.kind === 'generated' ? `the generated set ${source.generator}` : (source.files[0]?.name ?? 'the data')
}

/** What there is after corrections must still be learnt from. */
function requireLeft(
  { train, validation }: Split,
  classes: ArrayLike<number> | undefined,
  names: readonly string[],
): void {
  if (train.length === 0)
    throw new ProblemError(
      problem('data.empty', 'Every training example is left out by hand; put some of them back.', {
        field: 'data.corrections',
      }),
    )
  if (!classes) return
  const left = new Int32Array(train.length + validation.length)
  train.forEach((i, k) => (left[k] = at(classes, i)))
  validation.forEach((i, k) => (left[train.length + k] = at(classes, i)))
  requireTwoClasses(left, names, (only) => {
    return `As corrected by hand every example has the class ${only}; a network needs two classes or more to tell apart.`
  })
}

/** The first of `found` examples, by their names or numbers. */
function placesOf({ names }: Pick<RawExamples, 'names'>, first: readonly number[], found: number): string {
  const more = found - first.length
  if (names) return first.map((i) => clip(names[i] ?? '')).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return showPlaces(
    'example',
    first.map((i) => i + 1),
    found,
  )
}

function leaks({ names }: RawExamples, of: number, found: Uint32Array): Problem[] {
  if (found.length === 0) return []
  const first = found.subarray(0, NAMED_LINES)
  const places = placesOf({ names }, [...first], found.length)
  const file = names?.[at(found, 0)]
  return [
    leakWarning({ count: found.length, of, noun: 'example', where: '', places }, file === undefined ? {} : { file }),
  ]
}

/** How many entries serve an example in turn: one all pixels, one each feature of a sequence at all times, one each place of a point. */
function entriesOf(shape: Shape): number {
  return shape.length <= 2 ? (shape.at(-1) ?? 1) : 1
}

function* fitPlaces(raw: RawExamples, train: Uint32Array, scaling: Scaling): Steps<FittedColumn[]> {
  const size = sizeOf(raw.shape)
  const entry = (transform: Transform): FittedColumn => ({ ...transform, fill: transform.mean })
  const entries = entriesOf(raw.shape)
  if (raw.codes) return Array.from({ length: entries }, () => entry(UNSCALED))
  const asBytes = areBytes(raw.features) ? { mean: 0, deviation: 255 } : UNSCALED
  if (scaling === 'none') return Array.from({ length: entries }, () => entry(asBytes))
  return (yield* fitScales(scaling, raw.features, train, size, entries)).map(entry)
}

function* scaledFeatures(raw: RawExamples, rows: Uint32Array, fitted: FittedPreparation): Steps<Float32Array> {
  const size = sizeOf(raw.shape)
  const out = new Float32Array(rows.length * size)
  const scale = scaler(fitted, areBytes(raw.features))
  yield* eachExample(raw.features, size, rows, (block, from, i) => scale(out, i * size, block, from, size))
  return out
}

/** One entry fits everything: also sequences of weights that were saved when all their features shared one. */
export function checkEntries({ columns: { length } }: FittedPreparation, shape: Shape): void {
  if (length === 1 || length === entriesOf(shape)) return
  const message = `The examples have shape ${showShape(shape)}, but the network was trained on ${length} features; choose matching data.`
  throw new ProblemError(problem('data.shape', message))
}

export function applyToExamples(fitted: FittedPreparation, raw: RawExamples): PreparedExamples {
  checkEntries(fitted, raw.shape)
  const rows = countTo(raw.count)
  const width = raw.target.kind === 'classes' ? 1 : raw.target.names.length
  const features = atOnce(scaledFeatures(raw, rows, fitted))
  const targets = atOnce(pickTargets(raw.targets, width, rows, fitted))
  return { count: raw.count, shape: raw.shape, features, targets, rows, warnings: [] }
}
