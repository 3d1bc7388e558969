/** From what is typed to a number and back. Sums may be typed: `28*28`, `64 / 2`, `1e-3`, `hidden*2`. */
import {
  misfit,
  type IntParam,
  type ListParam,
  type PairParam,
  type ParamSpec,
  type ParamValue,
  type RealParam,
} from '../../src/base/params.ts'
import {
  constantNameProblem,
  evaluate,
  isExpression,
  namesIn,
  takesExpressions,
  valueOf,
} from '../../src/document/expressions.ts'
import type { Constants } from '../../src/document/types.ts'

export type NumberSpec = IntParam | RealParam | PairParam

let gestures = 0
/** A key that no other gesture has. */
export function freshGesture(name: string): string {
  return `${name}:${++gestures}`
}

/** What the parameter becomes: a number, or an expression that names constants and so is kept as it was typed. */
export type Reading = { readonly value: number; readonly expression: string | null } | { readonly wrong: string }

/** `wrong` is the end of a sentence that begins with the field's label. */
export function readNumber(spec: NumberSpec, text: string, constants: Constants = {}): Reading {
  const found = evaluate(text, constants)
  if ('wrong' in found) return found
  const { value } = found
  const wrong = misfit(spec, spec.kind === 'pair' ? [value, value] : value)
  if (wrong !== null) return { wrong }
  return { value, expression: namesIn(text).length > 0 ? `=${text.trim().replace(/^=\s*/, '')}` : null }
}

/** What a parameter is now and what it was written as. */
export interface Shown {
  readonly value: ParamValue
  /** `=hidden*2`; null for what is no expression. */
  readonly expression: string | null
  /** The expression gives no number; `value` is then that of a field nobody touched. */
  readonly broken: boolean
}

export function shownOf(spec: ParamSpec, raw: ParamValue, constants: Constants = {}): Shown {
  if (!isExpression(raw) || !takesExpressions(spec)) return { value: raw, expression: null, broken: false }
  const value = valueOf(spec, raw, constants)
  return { value: value ?? defaultOf(spec, constants), expression: raw, broken: value === null }
}

/** The default may be an expression too where it is the value of a block inside. */
function defaultOf(spec: ParamSpec, constants: Constants): ParamValue {
  const value = valueOf(spec, spec.default, constants)
  if (value !== null) return value
  const least = 'min' in spec ? Math.max(spec.min, Math.min(1, spec.max)) : 0
  return spec.kind === 'pair' ? [least, least] : least
}

export function sameValue(a: ParamValue, b: ParamValue): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/** The value in words: `32`, `3 × 3`, `Same`, `on`. */
export function sayValue(spec: ParamSpec, value: ParamValue): string {
  if (spec.kind === 'choice') return spec.options.find((option) => option.value === value)?.label ?? String(value)
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return showNumber(value)
  if (typeof value === 'string') return isExpression(value) ? value.slice(1) : value
  if (spec.kind !== 'pair') return showList(value)
  return value[0] === value[1] ? showNumber(value[0] ?? 0) : value.map(showNumber).join(' × ')
}

/** What the list under a field offers: a constant to name, or to make one of the number. */
export type Offer =
  | {
      readonly kind: 'name'
      readonly name: string
      readonly value: number
      readonly text: string
      readonly caret: number
    }
  | { readonly kind: 'make'; readonly name: string }

const WORD = /(?<![\p{L}\p{N}_.])\p{L}[\p{L}\p{N}_]*$/u
const MOST_OFFERS = 6

/** For what is typed, with the caret at `caret`; `make` says whether a constant could be made here. */
export function offersFor(text: string, caret: number, constants: Constants, make: boolean): readonly Offer[] {
  const before = text.slice(0, caret)
  const word = WORD.exec(before)?.[0] ?? ''
  const asked = word !== '' || before.trim() === '='
  const head = before.slice(0, before.length - word.length)
  const offers: Offer[] = Object.entries(constants)
    .filter(([name]) => asked && name !== word && name.toLowerCase().startsWith(word.toLowerCase()))
    .slice(0, MOST_OFFERS)
    .map(([name, value]) => {
      const start = head + name
      return { kind: 'name', name, value, text: start + text.slice(caret), caret: start.length }
    })
  const whole = text.trim().replace(/^=\s*/, '')
  if (make && whole === word && word !== '' && !Object.hasOwn(constants, word) && constantNameProblem(word) === null)
    offers.push({ kind: 'make', name: word })
  return offers
}

export function showList(value: readonly number[]): string {
  return value.map(showNumber).join(', ')
}

export function showNumber(value: number): string {
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential().replace('e+', 'e') : String(value)
}

export type ListReading = { readonly value: readonly number[] } | { readonly wrong: string }

/** `4, 7, -1`; each entry may be a sum. `wrong` is the end of a sentence that begins with the field's label. */
export function readList(spec: ListParam, text: string): ListReading {
  const entries = text.trim() === '' && spec.least === 0 ? [] : text.split(',').map((entry) => entry.trim())
  const value = entries.map((entry) => {
    const found = evaluate(entry)
    return 'value' in found ? found.value : null
  })
  const strange = entries.find((_, i) => value[i] === null)
  if (strange === '') return { wrong: 'needs a number before and after each comma' }
  if (strange !== undefined)
    return { wrong: `must be ${spec.real ? 'numbers' : 'whole numbers'} with commas between them, not “${strange}”` }
  const wrong = misfit(spec, value)
  return wrong === null ? { value: value as number[] } : { wrong }
}

/** Each number of the value so many steps further; what is no number stays. */
export function moved(spec: ParamSpec, value: ParamValue, steps: number): ParamValue {
  if (spec.kind !== 'int' && spec.kind !== 'real' && spec.kind !== 'pair') return value
  if (typeof value === 'number') return nudge(spec, value, steps)
  return Array.isArray(value) ? (value as readonly number[]).map((one) => nudge(spec, one, steps)) : value
}

/** One step up or down by the arrow keys or by dragging: factors where the scale is logarithmic. */
export function nudge(spec: NumberSpec, value: number, steps: number): number {
  const moved = spec.kind === 'real' ? nudgeReal(spec, value, steps) : Math.round(value + steps)
  return Math.min(Math.max(moved, spec.min), spec.max)
}

function nudgeReal(spec: RealParam, value: number, steps: number): number {
  if (spec.logarithmic && value > 0)
    return Number((value * 10 ** (steps / 10)).toPrecision(Number.isInteger(steps) ? 2 : 3))
  // That of a composite may be an expression, whatever its type says.
  const usual = typeof spec.default === 'number' ? Math.abs(spec.default) : 0
  const unit = 10 ** Math.floor(Math.log10(Math.max(Math.abs(value), usual, 1e-6)) - 1)
  return Number((value + steps * unit).toPrecision(12))
}
