/**
 * What a person has put right in single examples of the data: a row that is to be left out, or what is true of it. A correction is
 * of these files (or this generated set) as they were read: of other data its row would be another example.
 */
import { canonicalJson, contentHash } from '../base/hash.ts'
import { present } from '../base/present.ts'
import type { JsonReader } from './read.ts'
import { targetOf } from './signature.ts'
import type { Correction, Corrections, DataSection, DataSource, TargetDescription } from './types.ts'

/** Examples that one document may correct. */
export const MAX_CORRECTIONS = 100_000
/** Rows are counted in 32 bits. */
const MAX_ROW = 2 ** 32 - 2

/** Equal for sources that hold the same examples in the same order, whatever their columns are taken for. */
export function rowsKey(source: DataSource): string {
  if (source.kind === 'generated') {
    const { generator, params, seed } = source
    return canonicalJson({ generator, params, seed })
  }
  const { reader, options, files } = source
  return canonicalJson({ reader, options, files: files.map(({ name, sha256 }) => [name, sha256]) })
}

/** Equal for the same corrections. */
export function correctionsKey({ corrections = {} }: Pick<DataSection, 'corrections'>): string {
  return contentHash(corrections)
}

export function countCorrections({ corrections = {} }: Pick<DataSection, 'corrections'>): number {
  return Object.keys(corrections).length
}

/** The section with these corrections changed; null takes one back. */
export function withCorrections(
  data: DataSection,
  changes: { readonly [row: string]: Correction | null },
): DataSection {
  const all = Object.entries({ ...data.corrections, ...changes })
  const left = all.filter((entry): entry is [string, Correction] => entry[1] !== null)
  return present<DataSection>({ ...data, corrections: left.length > 0 ? Object.fromEntries(left) : undefined })
}

/**
 * `after` with as many of the corrections of `before` as still mean something there: all go where the examples are others, and
 * what was said of a target goes where that is no longer the target. An edit that brings its own corrections keeps them.
 */
export function carryCorrections(before: DataSection, after: DataSection): DataSection {
  const { corrections } = after
  if (!corrections || corrections !== before.corrections || before.source === after.source) return after
  const sameRows = rowsKey(before.source) === rowsKey(after.source)
  const target = targetOf(after)
  const sameTarget = canonicalJson(subjectOf(before)) === canonicalJson(subjectOf(after))
  const left = Object.entries(corrections).filter(
    ([, one]) => sameRows && ('exclude' in one || (sameTarget && whyNoTarget(one.target, target) === null)),
  )
  if (left.length === Object.keys(corrections).length) return after
  return present<DataSection>({ ...after, corrections: left.length > 0 ? Object.fromEntries(left) : undefined })
}

/** How many corrections are lost where the data become these. */
export function droppedCorrections(before: DataSection, after: DataSection): number {
  return countCorrections(before) - countCorrections(carryCorrections(before, after))
}

/** What the target tells of an example, but not the classes that it may have. */
function subjectOf(data: DataSection): unknown {
  const { kind, names } = targetOf(data)
  if (data.source.kind !== 'table') return [kind]
  const columns = data.source.columns.filter(({ role }) => role === 'target').map(({ name }) => name)
  return [kind, columns, kind === 'classes' ? [] : names]
}

/** What a correction must say of this target instead, as the end of a sentence; null where it fits. */
export function whyNoTarget(value: unknown, { kind, names }: TargetDescription): string | null {
  switch (kind) {
    case 'classes':
      if (typeof value === 'string' && names.includes(value)) return null
      return `must be one of the target's classes (${listed(names)}).`
    case 'numbers': {
      if (names.length === 1) return isNumber(value) ? null : `must be a number, as the target ${names[0]} is one.`
      const fits = Array.isArray(value) && value.length === names.length && value.every(isNumber)
      return fits ? null : `must be a list of ${names.length} numbers (${listed(names)}).`
    }
    default:
      return 'can\'t be given for a target of this kind; leave the example out instead, with "exclude": true.'
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name))
  return `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`
}

/** `data`: the section without its corrections, which says what the target is. */
export function readCorrections(r: JsonReader, value: unknown, path: string, data: DataSection): Corrections {
  const target = targetOf(data)
  return r.entries(value, path, MAX_CORRECTIONS, (inner, at, row): Correction => {
    if (!/^(?:0|[1-9]\d{0,9})$/.test(row) || Number(row) > MAX_ROW)
      r.refuse(path, `names "${row}", which is no row: rows are whole numbers from 0 on.`)
    const fields = r.object(inner, at)
    const { exclude, target: wanted } = fields
    if ((exclude === undefined) === (wanted === undefined))
      r.refuse(at, 'must have either "exclude": true or a "target", and not both.')
    if (wanted === undefined) {
      if (exclude !== true) r.refuse(`${at}.exclude`, 'must be true where it is given.')
      return { exclude: true }
    }
    const why = whyNoTarget(wanted, target)
    if (why !== null) r.refuse(`${at}.target`, why)
    return { target: wanted as string | number | readonly number[] }
  })
}
