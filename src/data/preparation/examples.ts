/** Pictures, points and sequences: examples of one shape, whose numbers share one scale or have one for each place. */
import { assert, at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showShape, sizeOf } from '../../base/shape.ts'
import type { DataSection, Scaling } from '../../document/types.ts'
import { exampleHashes, leaksIn, leakWarning } from '../leaks.ts'
import type { PreparedExamples } from '../prepare.ts'
import { fitScale, pictureScale, transformed, UNSCALED, type Transform } from '../scaling.ts'
import { split } from '../split.ts'
import { clip } from '../table/records.ts'
import { NAMED_LINES, showPlaces } from '../table/survey.ts'
import type { Examples, FittedColumn, FittedPreparation, PreparedData, RawExamples } from '../types.ts'
import { targetScaling } from './columns.ts'
import { fitTargets, pickTargets, requireTwoClasses, unseenClasses } from './targets.ts'

export function prepareExamples(raw: RawExamples, section: DataSection): PreparedData {
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
  const same = isDrawn && !section.split.together ? undefined : exampleHashes(raw)
  const parts = split(count, section.split, { classes: isClasses ? raw.targets : undefined, same })
  const { preparation } = section
  const scalings = isClasses ? [] : new Array<Scaling>(width).fill(targetScaling({}, preparation))
  const fitted: FittedPreparation = {
    columns: fitPlaces(raw, parts.train, raw.codes ? 'none' : preparation.scale),
    targets: fitTargets(raw.targets, parts.train, scalings),
  }
  const part = (rows: Uint32Array): Examples => ({
    count: rows.length,
    features: scaledFeatures(raw, rows, fitted),
    targets: pickTargets(raw.targets, width, rows, fitted),
    rows,
  })
  const warnings: Problem[] = []
  if (same) warnings.push(...leaks(raw, parts.validation.length, leaksIn(parts, same)))
  if (isClasses) warnings.push(...unseenClasses(raw.targets, parts.train, target.names, ''))
  return { train: part(parts.train), validation: part(parts.validation), shape, target, fitted, warnings }
}

/** What only rows of a table can have. */
function checkRecipes({ source, preparation, split: { method } }: DataSection): void {
  const what =
    source.kind === 'generated'
      ? `the generated set ${source.generator}`
      : source.kind === 'examples'
        ? (source.files[0]?.name ?? 'these examples')
        : source.files[0]?.name
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

function leaks({ names }: RawExamples, of: number, found: Uint32Array): Problem[] {
  if (found.length === 0) return []
  const first = found.subarray(0, NAMED_LINES)
  const more = found.length - first.length
  const places = names
    ? Array.from(first, (i) => clip(names[i] ?? '')).join(', ') + (more > 0 ? ` and ${more} more` : '')
    : showPlaces(
        'example',
        Array.from(first, (i) => i + 1),
        found.length,
      )
  const file = names?.[at(found, 0)]
  return [
    leakWarning({ count: found.length, of, noun: 'example', where: '', places }, file === undefined ? {} : { file }),
  ]
}

/** Pictures ([height, width, channels]) have one entry for all pixels, other examples one for each place. */
function fitPlaces(raw: RawExamples, train: Uint32Array, scaling: Scaling): FittedColumn[] {
  const size = sizeOf(raw.shape)
  const entry = (transform: Transform): FittedColumn => ({ ...transform, fill: transform.mean })
  const asBytes = raw.features instanceof Uint8Array ? { mean: 0, deviation: 255 } : UNSCALED
  const isNone = scaling === 'none'
  if (raw.shape.length > 1) return [entry(isNone ? asBytes : pictureScale(scaling, raw.features, train, size))]
  return Array.from({ length: size }, (_, place) =>
    entry(isNone ? asBytes : fitScale(scaling, raw.features, train, size, place)),
  )
}

function scaledFeatures(raw: RawExamples, rows: Uint32Array, fitted: FittedPreparation): Float32Array {
  const size = sizeOf(raw.shape)
  const out = new Float32Array(rows.length * size)
  const { columns } = fitted
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * size
    for (let place = 0; place < size; place++) {
      const column = (columns.length === 1 ? columns[0] : columns[place]) as FittedColumn
      out[i * size + place] = transformed(raw.features[from + place] as number, column)
    }
  }
  return out
}

export function applyToExamples(fitted: FittedPreparation, raw: RawExamples): PreparedExamples {
  const size = sizeOf(raw.shape)
  if (fitted.columns.length !== 1 && fitted.columns.length !== size) {
    const message = `The examples have shape ${showShape(raw.shape)}, but the network was trained on ${fitted.columns.length} features; choose matching data.`
    throw new ProblemError(problem('data.shape', message))
  }
  const rows = Uint32Array.from({ length: raw.count }, (_, i) => i)
  const width = raw.target.kind === 'classes' ? 1 : raw.target.names.length
  const features = scaledFeatures(raw, rows, fitted)
  const targets = pickTargets(raw.targets, width, rows, fitted)
  return { count: raw.count, shape: raw.shape, features, targets, rows, warnings: [] }
}
