/** From what is typed to a number and back. Sums may be typed: `28*28`, `64 / 2`, `1e-3`. */
import { misfit, type IntParam, type ListParam, type PairParam, type RealParam } from '../../src/base/params.ts'

type NumberSpec = IntParam | RealParam | PairParam

export type Reading = { readonly value: number } | { readonly wrong: string }

/** `wrong` is the end of a sentence that begins with the field's label. */
export function readNumber(spec: NumberSpec, text: string): Reading {
  const value = evaluate(text)
  if (value === null) return { wrong: text.trim() === '' ? 'needs a number' : `must be a number, not “${text.trim()}”` }
  const wrong = misfit(spec, spec.kind === 'pair' ? [value, value] : value)
  return wrong === null ? { value } : { wrong }
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
  const value = entries.map(evaluate)
  const strange = entries.find((_, i) => value[i] === null)
  if (strange === '') return { wrong: 'needs a number before and after each comma' }
  if (strange !== undefined)
    return { wrong: `must be ${spec.real ? 'numbers' : 'whole numbers'} with commas between them, not “${strange}”` }
  const wrong = misfit(spec, value)
  return wrong === null ? { value: value as number[] } : { wrong }
}

/** One step up or down by the arrow keys or by dragging: factors where the scale is logarithmic. */
export function nudge(spec: NumberSpec, value: number, steps: number): number {
  const moved = spec.kind === 'real' ? nudgeReal(spec, value, steps) : Math.round(value + steps)
  return Math.min(Math.max(moved, spec.min), spec.max)
}

function nudgeReal(spec: RealParam, value: number, steps: number): number {
  if (spec.logarithmic && value > 0) return Number((value * 10 ** (steps / 10)).toPrecision(2))
  const unit = 10 ** Math.floor(Math.log10(Math.max(Math.abs(value), Math.abs(spec.default), 1e-6)) - 1)
  return Number((value + steps * unit).toPrecision(12))
}

/** Numbers, + - * / and brackets; null for anything else. */
export function evaluate(text: string): number | null {
  const tokens = text
    .replaceAll('×', '*')
    .replaceAll('−', '-')
    .match(/\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|[-+*/()]|\S/gi)
  if (!tokens) return null
  let at = 0
  const sum = (): number => {
    let left = product()
    while (tokens[at] === '+' || tokens[at] === '-') left = tokens[at++] === '+' ? left + product() : left - product()
    return left
  }
  const product = (): number => {
    let left = factor()
    while (tokens[at] === '*' || tokens[at] === '/') left = tokens[at++] === '*' ? left * factor() : left / factor()
    return left
  }
  const factor = (): number => {
    const token = tokens[at++]
    if (token === '-') return -factor()
    if (token === '+') return factor()
    if (token !== '(') return token !== undefined && /^[.\d]/.test(token) ? Number(token) : NaN
    const inner = sum()
    return tokens[at++] === ')' ? inner : NaN
  }
  const value = sum()
  return at === tokens.length && Number.isFinite(value) ? value : null
}
