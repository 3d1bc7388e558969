/** Reads what a document says of the columns of a table, of the preparation and of the split: nothing that contradicts itself. */
import { present } from '../base/present.ts'
import type { Fields, JsonReader } from './read.ts'
import {
  columnRoles,
  encodings,
  missings,
  partUses,
  scalings,
  splitMethods,
  type Augmentation,
  type Column,
  type PreparationRecipe,
  type SplitRecipe,
  type Windows,
} from './types.ts'

/** Places of one hashed column. */
export const MAX_BUCKETS = 4096
/** Rows of one window, and how far its target may lie. */
export const MAX_WINDOW = 100_000
/** Files or folders that a split may name, and that a set may come in. */
export const MAX_PARTS = 256
/** Bounds of what is done to pictures: beyond them little of a picture would be left. */
export const MAX_AUGMENTATION = { shift: 0.5, rotate: 180, zoom: 1, noise: 1, cutOut: 0.9 } as const

/**
 * What is turned on to begin with: little of what a class survives. No mirror, for an app can't know which pictures mean the
 * same in one; digits, letters and hands do not, and a network that is shown them so learns what is wrong.
 */
export const USUAL_AUGMENTATION: Augmentation = { seed: 1, shift: 0.1, rotate: 10, zoom: 0.1 }

export function readPreparation(r: JsonReader, fields: Fields, path: string): PreparationRecipe {
  const recipe: PreparationRecipe = {
    scale: r.choice(fields['scale'], `${path}.scale`, scalings),
    missing: r.choice(fields['missing'], `${path}.missing`, ['fill', 'skip']),
    ...(fields['augmentation'] === undefined
      ? {}
      : { augmentation: readAugmentation(r, fields['augmentation'], `${path}.augmentation`) }),
  }
  if (fields['windows'] === undefined) return recipe
  return { ...recipe, windows: readWindows(r, fields['windows'], `${path}.windows`) }
}

function readWindows(r: JsonReader, value: unknown, path: string): Windows {
  const fields = r.object(value, path)
  const windows: Windows = {
    length: r.whole(fields['length'], `${path}.length`, 1, MAX_WINDOW),
    horizon: r.whole(fields['horizon'], `${path}.horizon`, 0, MAX_WINDOW),
    stride: r.whole(fields['stride'], `${path}.stride`, 1, MAX_WINDOW),
    ...(isOn(r, fields['past'], `${path}.past`) ? { past: true as const } : {}),
  }
  if (windows.past && windows.horizon === 0)
    r.refuse(`${path}.past`, 'is only for a horizon of 1 or more; with 0 the answer would stand in the window.')
  return windows
}

function readAugmentation(r: JsonReader, value: unknown, path: string): Augmentation {
  const fields = r.object(value, path)
  const bound = (name: keyof typeof MAX_AUGMENTATION) =>
    fields[name] === undefined ? undefined : r.number(fields[name], `${path}.${name}`, 0, MAX_AUGMENTATION[name])
  const flip = (name: string) => (isOn(r, fields[name], `${path}.${name}`) ? (true as const) : undefined)
  return present<Augmentation>({
    seed: r.whole(fields['seed'], `${path}.seed`, 0, 2 ** 31 - 1),
    shift: bound('shift'),
    flipHorizontal: flip('flipHorizontal'),
    flipVertical: flip('flipVertical'),
    rotate: bound('rotate'),
    zoom: bound('zoom'),
    noise: bound('noise'),
    cutOut: bound('cutOut'),
  })
}

export function readSplit(r: JsonReader, fields: Fields, path: string): SplitRecipe {
  const { method, stratified, parts } = fields
  if (parts !== undefined && method !== 'file') r.refuse(`${path}.parts`, 'is only for the method file.')
  if (stratified !== undefined && typeof stratified !== 'boolean')
    r.refuse(`${path}.stratified`, 'must be true or false where it is given.')
  return {
    validation: r.number(fields['validation'], `${path}.validation`, 0, 0.95),
    seed: r.whole(fields['seed'], `${path}.seed`, 0, 2 ** 31 - 1),
    ...(method === undefined ? {} : { method: r.choice(method, `${path}.method`, splitMethods) }),
    ...(stratified === undefined ? {} : { stratified: stratified === true }),
    ...(isOn(r, fields['together'], `${path}.together`) ? { together: true as const } : {}),
    ...(parts === undefined
      ? {}
      : {
          parts: r.entries(parts, `${path}.parts`, MAX_PARTS, (use, place) => r.choice(use, place, partUses)),
        }),
  }
}

/** `most`: categories of a column. */
export function readColumn(r: JsonReader, value: unknown, path: string, most: number): Column {
  const fields = r.object(value, path)
  const { categories, scale, clip, encoding, buckets, missing } = fields
  const column: Column = {
    name: r.string(fields['name'], `${path}.name`),
    role: r.choice(fields['role'], `${path}.role`, columnRoles),
    kind: r.choice(fields['kind'], `${path}.kind`, ['numeric', 'categorical']),
    ...(categories === undefined
      ? {}
      : {
          categories: r
            .array(categories, `${path}.categories`, most)
            .map((name, i) => r.string(name, `${path}.categories[${i}]`)),
        }),
    ...(scale === undefined ? {} : { scale: r.choice(scale, `${path}.scale`, scalings) }),
    ...(clip === undefined ? {} : { clip: readClip(r, clip, `${path}.clip`) }),
    ...(encoding === undefined ? {} : { encoding: r.choice(encoding, `${path}.encoding`, encodings) }),
    ...(buckets === undefined ? {} : { buckets: r.whole(buckets, `${path}.buckets`, 2, MAX_BUCKETS) }),
    ...(missing === undefined ? {} : { missing: r.choice(missing, `${path}.missing`, missings) }),
    ...(fields['fill'] === undefined ? {} : { fill: readFill(r, fields['fill'], `${path}.fill`) }),
    ...(isOn(r, fields['flag'], `${path}.flag`) ? { flag: true as const } : {}),
    ...(isOn(r, fields['label'], `${path}.label`) ? { label: true as const } : {}),
  }
  checkRecipe(r, column, path)
  return column
}

function isOn(r: JsonReader, value: unknown, path: string): boolean {
  if (value !== undefined && value !== true) r.refuse(path, 'must be true where it is given.')
  return value === true
}

function readClip(r: JsonReader, value: unknown, path: string): readonly [number, number] {
  const ends = r.array(value, path, 2).map((end, i) => r.number(end, `${path}[${i}]`, 0, 1))
  const [low, high] = ends
  if (low === undefined || high === undefined || low >= high)
    return r.refuse(path, 'must be two quantiles, the lower one first, such as [0.01, 0.99].')
  return [low, high]
}

function readFill(r: JsonReader, value: unknown, path: string): number | string {
  return typeof value === 'string' ? r.string(value, path) : r.number(value, path)
}

/** What fits neither the column's kind nor its role would be passed over in silence. */
function checkRecipe(r: JsonReader, column: Column, path: string): void {
  const { name, role, kind, encoding, missing, fill, categories = [] } = column
  const isNumber = kind === 'numeric' || encoding === 'ordinal'
  const refuse = (field: string, message: string) => r.refuse(`${path}.${field}`, `${message} (column ${name}).`)
  if (role === 'target') {
    if (column.scale === 'log') refuse('scale', "can't be log for a target, whose errors are told in its own units")
    for (const field of ['clip', 'encoding', 'buckets', 'missing', 'fill', 'flag'] as const)
      if (column[field] !== undefined) refuse(field, 'is only for features, and the column is a target')
  }
  if (column.label && (role !== 'target' || kind !== 'numeric')) refuse('label', 'is only for a numeric target')
  if (column.label && column.scale !== undefined) refuse('scale', 'is not for a label, which stays 0 or 1')
  if (kind === 'numeric' && encoding !== undefined)
    refuse('encoding', 'is only for categories, and the column is numeric')
  if (encoding !== 'hash' && column.buckets !== undefined) refuse('buckets', 'is only for the encoding hash')
  for (const field of ['scale', 'clip'] as const)
    if (!isNumber && column[field] !== undefined) refuse(field, 'is only for numbers and for the encoding ordinal')
  if (kind === 'categorical' && (missing === 'mean' || missing === 'median'))
    refuse('missing', `can't be ${missing}, which categories have none of`)
  if ((missing === 'constant') !== (fill !== undefined))
    refuse('fill', missing === 'constant' ? 'is what missing values become; give it' : 'is only for missing: constant')
  if (fill === undefined) return
  if (kind === 'numeric' && typeof fill !== 'number') refuse('fill', 'must be a number, as the column is numeric')
  if (kind === 'categorical' && typeof fill !== 'string') refuse('fill', 'must be a text, as the column has categories')
  if (kind === 'categorical' && encoding !== 'hash' && !categories.includes(String(fill)))
    refuse('fill', "must be one of the column's categories")
}
