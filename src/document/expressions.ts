/**
 * Numbers that are written as expressions: `28*28`, `=hidden * 2`. As the value of a parameter an expression begins with `=`
 * and is kept as it was written, so that it follows the constants of the document that it names.
 */
import type { ParamSpec, ParamSpecs, ParamValue, ParamValues } from '../base/params.ts'
import type { Constants } from './types.ts'

export type Evaluated = { readonly value: number } | { readonly wrong: string }

/** Why a constant can't have this name, or null. */
export function constantNameProblem(name: string): string | null {
  if (!/^\p{L}[\p{L}\p{N}_]*$/u.test(name))
    return 'The name of a constant begins with a letter and is made of letters, digits and _.'
  if (name.length > 40) return `The name of a constant has at most 40 characters, this one ${name.length}.`
  return name in Object.prototype ? `A constant can't be called "${name}".` : null
}

export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('=')
}

/** Whether the parameter's value may be an expression. */
export function takesExpressions(spec: ParamSpec): boolean {
  return spec.kind === 'int' || spec.kind === 'real' || spec.kind === 'pair'
}

/** The constants that an expression names, each once. */
export function namesIn(text: string): readonly string[] {
  return [...new Set((tokensOf(text) ?? []).filter((token) => /^\p{L}/u.test(token)))]
}

/** The expression with a constant called something else. */
export function withName(text: string, before: string, after: string): string {
  return text.replace(new RegExp(PATTERN, 'giu'), (token) => (token === before ? after : token))
}

// Numbers first, so that the e of 1e-3 is no name.
const PATTERN = String.raw`\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|\p{L}[\p{L}\p{N}_]*|[-+*/()]|\S`

function tokensOf(text: string): readonly string[] | null {
  return text.replace(/^=/, '').replaceAll('×', '*').replaceAll('−', '-').match(new RegExp(PATTERN, 'giu'))
}

/**
 * Numbers, constants, + - * / and brackets, with or without `=` in front. `wrong` is the end of a sentence that begins with
 * the label of the field.
 */
export function evaluate(text: string, constants: Constants = {}): Evaluated {
  const tokens = tokensOf(text)
  if (!tokens) return { wrong: 'needs a number' }
  const unknown = namesIn(text).find((name) => !Object.hasOwn(constants, name))
  if (unknown !== undefined) {
    const known = Object.keys(constants)
    return {
      wrong:
        known.length === 0 && !text.startsWith('=')
          ? `must be a number, not “${text.trim()}”`
          : `names “${unknown}”, which is no constant of this document${known.length > 0 ? ` (it has ${listed(known)})` : ''}`,
    }
  }
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
    if (token === undefined) return NaN
    if (token === '-') return -factor()
    if (token === '+') return factor()
    if (token !== '(') return /^[.\d]/.test(token) ? Number(token) : (constants[token] ?? NaN)
    const inner = sum()
    return tokens[at++] === ')' ? inner : NaN
  }
  const value = sum()
  return at === tokens.length && Number.isFinite(value)
    ? { value }
    : { wrong: `must be a number, not “${text.trim().replace(/^=/, '')}”` }
}

function listed(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ')
}

/** The values with what their expressions give; one that gives nothing stays as it is, and `wrong` says why. */
export function resolved(
  specs: ParamSpecs,
  params: ParamValues,
  constants: Constants = {},
): { readonly values: ParamValues; readonly wrong: { readonly [name: string]: string } } {
  const expressions = Object.entries(params).filter(
    ([name, value]) => isExpression(value) && Object.hasOwn(specs, name) && takesExpressions(specs[name] as ParamSpec),
  )
  if (expressions.length === 0) return { values: params, wrong: {} }
  const values: { [name: string]: ParamValue } = { ...params }
  const wrong: { [name: string]: string } = {}
  for (const [name, text] of expressions) {
    const found = evaluate(text as string, constants)
    if ('wrong' in found) wrong[name] = found.wrong
    else values[name] = specs[name]?.kind === 'pair' ? [found.value, found.value] : found.value
  }
  return { values, wrong }
}

/** What the parameter is now: the number behind an expression, or null for one that gives none. */
export function valueOf(spec: ParamSpec, value: ParamValue, constants: Constants = {}): ParamValue | null {
  if (!isExpression(value) || !takesExpressions(spec)) return value
  const found = evaluate(value, constants)
  if ('wrong' in found) return null
  return spec.kind === 'pair' ? [found.value, found.value] : found.value
}
