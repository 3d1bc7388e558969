/**
 * Formulas of one's own, such as `sin(3 x1) + x2^2`: numbers, variables, + - * / ^, brackets and the functions of
 * school. Read into closures, never into code of the machine's.
 */
export interface Formula {
  /** The variables that occur, in the order in which they were given. */
  readonly variables: readonly string[]
  /** `values` has a number for each variable that was given, whether it occurs or not. */
  compute(values: readonly number[]): number
}

/** The end of a sentence that begins with the label of the field. */
export interface Wrong {
  readonly wrong: string
}

export const MAX_FORMULA = 500

type Term = (values: readonly number[]) => number

const functions: { readonly [name: string]: (x: number) => number } = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  exp: Math.exp,
  ln: Math.log,
  log: Math.log,
  log10: Math.log10,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  step: (x) => (x < 0 ? 0 : 1),
  floor: Math.floor,
  round: Math.round,
}
const binary: { readonly [name: string]: (a: number, b: number) => number } = { min: Math.min, max: Math.max }
const constants: { readonly [name: string]: number } = { pi: Math.PI, π: Math.PI, e: Math.E }

// Numbers first; the e of 1e-3 is part of one, but that of 2e is not.
const TOKEN = /\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|\p{L}[\p{L}\p{N}_]*|\*\*|[-+*/^(),]|\S/giu

export function readFormula(text: string, variables: readonly string[]): Formula | Wrong {
  if (text.length > MAX_FORMULA) return { wrong: `must have at most ${MAX_FORMULA} characters, not ${text.length}` }
  const tokens = text.replaceAll('×', '*').replaceAll('·', '*').replaceAll('−', '-').match(TOKEN) ?? []
  if (tokens.length === 0) return { wrong: `needs a formula, such as ${variables[0] ?? '1'}^2` }
  const used = new Set<string>()
  let at = 0
  const refuse = (wrong: string): never => {
    throw new FormulaError(wrong)
  }
  const expect = (token: string) => {
    const found = tokens[at++]
    if (found !== token)
      refuse(found === undefined ? `ends where “${token}” is missing` : `has “${found}” where “${token}” is missing`)
  }
  const sum = (): Term => {
    let left = product()
    while (tokens[at] === '+' || tokens[at] === '-') {
      const [a, minus] = [left, tokens[at++] === '-']
      const b = product()
      left = minus ? (values) => a(values) - b(values) : (values) => a(values) + b(values)
    }
    return left
  }
  const product = (): Term => {
    let left = signed()
    for (;;) {
      const token = tokens[at]
      // `3 x` and `2 sin(x)` need no sign.
      const beside = token !== undefined && /^[\p{L}(\d.]/u.test(token)
      if (token !== '*' && token !== '/' && !beside) return left
      if (!beside) at++
      const [a, b] = [left, beside ? power() : signed()]
      left = token === '/' ? (values) => a(values) / b(values) : (values) => a(values) * b(values)
    }
  }
  const signed = (): Term => {
    if (tokens[at] === '+' || tokens[at] === '-') {
      const minus = tokens[at++] === '-'
      const a = signed()
      return minus ? (values) => -a(values) : a
    }
    return power()
  }
  const power = (): Term => {
    const a = atom()
    if (tokens[at] !== '^' && tokens[at] !== '**') return a
    at++
    // From the right: 2^3^2 is 2^9, and -x^2 is -(x^2).
    const b = signed()
    return (values) => a(values) ** b(values)
  }
  const atom = (): Term => {
    const token = tokens[at++]
    if (token === undefined) return refuse('ends where a number or a variable is missing')
    if (token === '(') {
      const inner = sum()
      expect(')')
      return inner
    }
    if (/^[\d.]/.test(token) && token !== '.') {
      const value = Number(token)
      return () => value
    }
    const place = variables.indexOf(token)
    if (place >= 0) {
      used.add(token)
      return (values) => values[place] as number
    }
    if (Object.hasOwn(constants, token)) {
      const value = constants[token] as number
      return () => value
    }
    const one = Object.hasOwn(functions, token) ? functions[token] : undefined
    const two = Object.hasOwn(binary, token) ? binary[token] : undefined
    if (!one && !two) {
      return refuse(
        /^\p{L}/u.test(token)
          ? `names “${token}”, which is no variable (${variables.join(', ')}) and no function (${Object.keys({ ...functions, ...binary }).join(', ')})`
          : `has “${token}” where a number or a variable is missing`,
      )
    }
    expect('(')
    const a = sum()
    if (one) {
      expect(')')
      return (values) => one(a(values))
    }
    expect(',')
    const b = sum()
    expect(')')
    return (values) => (two as (a: number, b: number) => number)(a(values), b(values))
  }
  try {
    const compute = sum()
    if (at < tokens.length) refuse(`has “${tokens[at]}” where nothing more can follow`)
    return { variables: variables.filter((name) => used.has(name)), compute }
  } catch (error) {
    if (error instanceof FormulaError) return { wrong: error.message }
    throw error
  }
}

class FormulaError extends Error {}
