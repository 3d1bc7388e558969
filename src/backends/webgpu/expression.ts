/** Scalar expressions to WGSL: a `let` for each line that is needed. */
import { assert, at } from '../../base/assert.ts'
import {
  operandsOf,
  type BinaryOp,
  type Dtype,
  type Expression,
  type Scalar,
  type UnaryOp,
  type View,
} from '../../ir/kernel.ts'
import type { Library } from './shader.ts'

/** Where an expression is evaluated: everything as WGSL. */
export interface Site {
  /** The address in the arena. */
  readonly load: (load: number) => string
  /** The word itself, where it is not simply read at that address. */
  readonly read?: (load: number) => string
  readonly store?: (store: number) => string
  /** Position along an axis, an i32. */
  readonly index: (axis: number) => string
  /** What the kernel's main work gave. */
  readonly result?: string
}

export const typeOf = (dtype: Dtype): 'f32' | 'i32' => (dtype === 'float' ? 'f32' : 'i32')

/** first + a * b + …, without what is 0. */
export function sum(first: string, terms: readonly (readonly [position: string, stride: number])[]): string {
  return [
    first,
    ...terms.flatMap(([position, stride]) =>
      stride === 0 || position === '0' ? [] : [stride === 1 ? position : `${position} * ${int(stride)}`],
    ),
  ].join(' + ')
}

export const int = (value: number): string => (value < 0 ? `i32(${value})` : String(value))

/** The address of a view at a position along each of its axes. */
export function addressOf(place: string, view: View, positions: readonly string[]): string {
  return sum(
    place,
    positions.map((position, axis) => [position, view.strides[axis] ?? 0]),
  )
}

function float(value: number, library: Library): string {
  const rounded = Math.fround(value)
  if (Number.isNaN(rounded)) return `${library.use('notANumber')}()`
  if (!Number.isFinite(rounded)) return `${rounded < 0 ? '-' : ''}${library.use('infinity')}()`
  return `f32(${Object.is(rounded, -0) ? '-0.0' : rounded})`
}

type Unary = (a: string, library: Library) => string
type Binary = (a: string, b: string, library: Library) => string

const refuse = (what: string) => (): string => {
  throw new Error(`internal: ${what} is for floats`)
}

const unary: { readonly [Op in UnaryOp]: { readonly [D in Dtype]: Unary } } = {
  neg: { float: (a) => `-${a}`, int: (a) => `-${a}` },
  exp: { float: (a, library) => `${library.use('expOf')}(${a})`, int: refuse('exp') },
  log: { float: (a, library) => `${library.use('logOf')}(${a})`, int: refuse('log') },
  tanh: { float: (a, library) => `${library.use('tanhOf')}(${a})`, int: refuse('tanh') },
  sqrt: { float: (a, library) => `${library.use('sqrtOf')}(${a})`, int: refuse('sqrt') },
  abs: { float: (a) => `abs(${a})`, int: (a) => `abs(${a})` },
  isFinite: { float: (a, library) => `select(0.0, 1.0, ${library.use('isFinite')}(${a}))`, int: () => '1.0' },
  toFloat: { float: (a) => a, int: (a) => `f32(${a})` },
  toInt: { float: (a, library) => `${library.use('toInt')}(${a})`, int: (a) => a },
}

const infix =
  (op: string): Binary =>
  (a, b) =>
    `${a} ${op} ${b}`
const both = (op: string) => ({ float: infix(op), int: infix(op) })

/** `less` and `equal` give bools here. */
const binary: { readonly [Op in BinaryOp]: { readonly [D in Dtype]: Binary } } = {
  add: both('+'),
  sub: both('-'),
  mul: both('*'),
  div: both('/'),
  max: { float: (a, b, library) => `${library.use('maxOf')}(${a}, ${b})`, int: (a, b) => `max(${a}, ${b})` },
  min: { float: (a, b, library) => `${library.use('minOf')}(${a}, ${b})`, int: (a, b) => `min(${a}, ${b})` },
  less: both('<'),
  equal: both('=='),
}

/** The lines that `roots` need, as WGSL; their values are in `${name}0`, `${name}1`, … */
export function emitLines(
  library: Library,
  body: readonly Scalar[],
  roots: readonly number[],
  site: Site,
  name = 'v',
): string[] {
  const needed = new Set(roots)
  for (let line = body.length - 1; line >= 0; line--)
    if (needed.has(line)) for (const operand of operandsOf(at(body, line))) needed.add(operand)
  const value = (line: number) => `${name}${line}`
  const out: string[] = []
  body.forEach((line, i) => {
    if (!needed.has(i)) return
    const dtypeOf = (operand: number) => at(body, operand).dtype
    const put = (text: string) => out.push(`let ${value(i)}: ${typeOf(line.dtype)} = ${text};`)
    switch (line.op) {
      case 'load':
        put(`bitcast<${typeOf(line.dtype)}>(${site.read?.(line.load) ?? `arena[${site.load(line.load)}]`})`)
        break
      case 'constant':
        put(line.dtype === 'float' ? float(line.value, library) : `i32(${line.value})`)
        break
      case 'index':
        put(site.index(line.axis))
        break
      case 'result':
        assert(site.result, 'a result outside of an epilogue')
        put(site.result)
        break
      case 'neg':
      case 'exp':
      case 'log':
      case 'tanh':
      case 'sqrt':
      case 'abs':
      case 'isFinite':
      case 'toFloat':
      case 'toInt':
        put(unary[line.op][dtypeOf(line.a)](value(line.a), library))
        break
      case 'random': {
        const [position, step, seed] = operandsOf(line).map(value)
        put(`${library.use('random')}(${position}, ${step}, ${seed}, ${line.stream >>> 0}u)`)
        break
      }
      case 'less':
      case 'equal': {
        const test = binary[line.op][dtypeOf(line.a)](value(line.a), value(line.b), library)
        put(`select(${typeOf(line.dtype)}(0), ${typeOf(line.dtype)}(1), ${test})`)
        break
      }
      case 'select': {
        // By bits: NaN is not 0 either.
        const condition = `(bitcast<u32>(${value(line.condition)}) & 0x7fffffffu) != 0u`
        put(`select(${value(line.b)}, ${value(line.a)}, ${condition})`)
        break
      }
      default:
        put(binary[line.op][dtypeOf(line.a)](value(line.a), value(line.b), library))
    }
  })
  return out
}

/** An expression with its stores; all loads come first. */
export function emitExpression(library: Library, { body, stores }: Expression, site: Site, name = 'v'): string[] {
  const roots = stores.map((store) => store.value)
  return [
    ...emitLines(library, body, roots, site, name),
    ...stores.map(({ value }, i) => {
      assert(site.store, 'a place for each store')
      return `arena[${site.store(i)}] = bitcast<u32>(${name}${value});`
    }),
  ]
}

/** Loads, then stores. */
export function expressionViews(expression: Expression): readonly View[] {
  return [...expression.loads, ...expression.stores.map((store) => store.view)]
}

/** The site of an epilogue at a position along each axis of its index space; its first view is the kernel's view `first`. */
export function siteAt(expression: Expression, first: number, positions: readonly string[], result?: string): Site {
  const { loads, stores } = expression
  return {
    load: (load) => addressOf(`p${first + load}`, at(loads, load), positions),
    store: (store) => addressOf(`p${first + loads.length + store}`, at(stores, store).view, positions),
    index: (axis) => at(positions, axis),
    ...(result === undefined ? {} : { result }),
  }
}
