/**
 * Parameters declared as plain data. One declaration serves the inspector's field, validation of a document, the command
 * line, help pages and the types that `build` sees; being plain data it also crosses to another process.
 */
import { readFormula } from './formula.ts'
import { problem, type Problem } from './problem.ts'

interface Common<T> {
  readonly label: string
  /** One sentence for the tooltip, with the unit where there is one. */
  readonly doc?: string
  readonly default: T
  /** May change while training without compiling again: reaches arithmetic as a scalar tensor, never a shape. */
  readonly live?: boolean
  /** Rarely changed: stands folded away under the others. */
  readonly advanced?: boolean
}
export interface IntParam extends Common<number> {
  readonly kind: 'int'
  readonly min: number
  readonly max: number
}
export interface RealParam extends Common<number> {
  readonly kind: 'real'
  readonly min: number
  readonly max: number
  /** Scrubbing and sliders move by factors rather than by steps. */
  readonly logarithmic?: boolean
}
export interface BoolParam extends Common<boolean> {
  readonly kind: 'bool'
}
export interface ChoiceParam<T extends string = string> extends Common<T> {
  readonly kind: 'choice'
  readonly options: readonly { readonly value: T; readonly label: string }[]
}
/** Height and width; the field shows one number while both agree. */
export interface PairParam extends Common<readonly [number, number]> {
  readonly kind: 'pair'
  readonly min: number
  readonly max: number
}
/** Numbers in a row: whole ones, such as the sizes or the order of axes, unless `real` says that any will do. */
export interface ListParam extends Common<readonly number[]> {
  readonly kind: 'list'
  readonly min: number
  readonly max: number
  readonly real?: boolean
  /** How many entries at least and at most; 1 and MOST_ENTRIES where nothing is said. */
  readonly least?: number
  readonly most?: number
}
/** A formula as text (`formula.ts` reads it), in which these variables may occur. */
export interface FormulaParam extends Common<string> {
  readonly kind: 'formula'
  readonly variables: readonly string[]
}
export type ParamSpec = IntParam | RealParam | BoolParam | ChoiceParam | PairParam | ListParam | FormulaParam
export type ParamSpecs = { readonly [name: string]: ParamSpec }

export type ParamValue = number | boolean | string | readonly number[]
export type ParamValues = { readonly [name: string]: ParamValue }
export type ValueOf<S> =
  S extends ChoiceParam<infer T>
    ? T
    : S extends FormulaParam
      ? string
      : S extends BoolParam
        ? boolean
        : S extends PairParam
          ? readonly [number, number]
          : S extends ListParam
            ? readonly number[]
            : S extends IntParam | RealParam
              ? number
              : never
export type ValuesOf<S extends ParamSpecs> = { readonly [K in keyof S]: ValueOf<S[K]> }

type Given<P> = Omit<P, 'kind' | 'min' | 'max'> & { readonly min?: number; readonly max?: number }

export function int(spec: Given<IntParam>): IntParam {
  return { min: 0, max: 2 ** 31 - 1, ...spec, kind: 'int' }
}
export function real(spec: Given<RealParam>): RealParam {
  return { min: -Number.MAX_VALUE, max: Number.MAX_VALUE, ...spec, kind: 'real' }
}
export function bool(spec: Omit<BoolParam, 'kind'>): BoolParam {
  return { ...spec, kind: 'bool' }
}
export function pair(spec: Given<PairParam>): PairParam {
  return { min: 0, max: 2 ** 31 - 1, ...spec, kind: 'pair' }
}
export function list(spec: Given<ListParam>): ListParam {
  return { min: 0, max: 2 ** 31 - 1, ...spec, kind: 'list' }
}
export function formula(spec: Omit<FormulaParam, 'kind'>): FormulaParam {
  return { ...spec, kind: 'formula' }
}
/** `choice({ label, default: 'same', options: { same: 'Same', valid: 'Valid' } })` */
export function choice<const T extends string>(
  spec: Omit<Common<NoInfer<T>>, 'default'> & {
    readonly default: NoInfer<T>
    readonly options: { readonly [V in T]: string }
  },
): ChoiceParam<T> {
  const options = (Object.entries(spec.options) as [T, string][]).map(([value, label]) => ({ value, label }))
  return { ...spec, options, kind: 'choice' }
}

/** Entries of a list that does not say another number: more axes than any tensor has. */
export const MOST_ENTRIES = 8

/** What is wrong with `value` for this parameter, as the end of a sentence that begins with its label; null when it fits. */
export function misfit(spec: ParamSpec, value: unknown): string | null {
  switch (spec.kind) {
    case 'int':
      if (typeof value !== 'number' || !Number.isInteger(value)) return `must be a whole number, not ${show(value)}`
      return outside(spec, value)
    case 'real':
      if (typeof value !== 'number' || !Number.isFinite(value)) return `must be a number, not ${show(value)}`
      return outside(spec, value)
    case 'bool':
      return typeof value === 'boolean' ? null : `must be on or off, not ${show(value)}`
    case 'choice':
      if (spec.options.some((option) => option.value === value)) return null
      return `must be one of ${spec.options.map((option) => option.value).join(', ')}, not ${show(value)}`
    case 'pair':
      if (!Array.isArray(value) || value.length !== 2 || !value.every((v) => Number.isInteger(v)))
        return `must be two whole numbers (height, width), not ${show(value)}`
      return outside(spec, value[0] as number) ?? outside(spec, value[1] as number)
    case 'list': {
      const { real: any = false, least = 1, most = MOST_ENTRIES } = spec
      if (!Array.isArray(value) || !value.every((v) => (any ? Number.isFinite(v) : Number.isInteger(v))))
        return `must be ${any ? 'numbers' : 'whole numbers'} with commas between them, not ${show(value)}`
      if (value.length < least || value.length > most)
        return `must have ${least} to ${most} entries, not ${value.length}`
      return value.map((entry) => outside(spec, entry as number)).find((wrong) => wrong !== null) ?? null
    }
    case 'formula': {
      if (typeof value !== 'string') return `must be a formula, not ${show(value)}`
      const read = readFormula(value, spec.variables)
      return 'wrong' in read ? read.wrong : null
    }
    default:
      return spec satisfies never
  }
}

function outside(spec: { readonly min: number; readonly max: number }, value: number): string | null {
  if (value < spec.min) return `must be at least ${spec.min}, not ${value}`
  if (value > spec.max) return `must be at most ${spec.max}, not ${value}`
  return null
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? typeof value : text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/**
 * Fills defaults and checks every value. `where` names the owner in messages ("Dense fc1"). Values under names that the
 * specs do not know are a problem too: they are a misspelling or belong to a newer version.
 */
export function readParams<S extends ParamSpecs>(
  specs: S,
  given: { readonly [name: string]: unknown },
  where: string,
): { values: ValuesOf<S>; problems: Problem[] } {
  const problems: Problem[] = []
  const values: { [name: string]: ParamValue } = {}
  for (const [name, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(given, name) ? given[name] : spec.default
    const wrong = misfit(spec, value)
    if (wrong) problems.push(problem('param.value', `${where}: ${spec.label} ${wrong}.`, { field: name }))
    values[name] = wrong ? spec.default : (value as ParamValue)
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name))
      problems.push(problem('param.unknown', `${where} has no parameter called "${name}".`, { field: name }, 'warning'))
  }
  return { values: values as ValuesOf<S>, problems }
}
