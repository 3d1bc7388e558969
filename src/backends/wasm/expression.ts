/**
 * Scalar expressions to code. There is only one translation: every line works on the four lanes of a v128, one element a
 * lane. Where a single element is wanted, the same code runs on one element repeated and only lane 0 is stored. So what
 * falls into the tail of a loop gets the same bits as what falls into its body, and any stride can be vectorised: lanes
 * that do not lie side by side are gathered one by one.
 */
import { assert, at } from '../../base/assert.ts'
import { operandsOf, type BinaryOp, type Dtype, type Expression, type Scalar, type UnaryOp } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitExp, emitLog, emitTanh } from './math.ts'
import { emitRandom } from './random.ts'
import type { Variant } from './variant.ts'

/** Lanes in use: four elements, or one in all lanes. */
export type Width = 1 | 4

/** Where lane 0 of a load or store lies; `stride` in elements from lane to lane. */
export interface Place {
  readonly pointer: Local
  /** In bytes. */
  readonly offset: number
  readonly stride: number
}

/** The spot of an index space that an expression is evaluated at. */
export interface Site {
  readonly width: Width
  readonly load: (load: number) => Place
  /** Pushes the positions along an axis, as ints. */
  readonly index: (axis: number) => void
  /** What the kernel's main work gave. */
  readonly result?: Local
}

/** Pushes pointer + offset as far as the instruction's own offset cannot hold it; returns that offset. */
export function pushAddress(f: FunctionBuilder, pointer: Local, offset: number): number {
  f.get(pointer)
  if (offset >= 0) return offset
  f.i32(offset).op('i32.add')
  return 0
}

/** Pushes the element of each lane; lanes from `lanes` on repeat lane 0. */
export function emitLoad(
  f: FunctionBuilder,
  { pointer, offset, stride }: Place,
  width: Width,
  lanes: number = width,
): void {
  if (width === 4 && stride === 1) {
    const rest = pushAddress(f, pointer, offset)
    f.memory('v128.load', rest)
    return
  }
  const rest = pushAddress(f, pointer, offset)
  f.memory('v128.load32_splat', rest)
  if (stride === 0 || lanes === 1) return
  const gathered = f.local('v128')
  f.set(gathered)
  for (let lane = 1; lane < lanes; lane++) {
    const laneRest = pushAddress(f, pointer, offset + 4 * stride * lane)
    f.get(gathered).lane('v128.load32_lane', lane, laneRest).set(gathered)
  }
  f.get(gathered)
}

/** Stores what `push` pushes, as few or many lanes as the width says. */
export function emitStore(
  f: FunctionBuilder,
  { pointer, offset, stride }: Place,
  width: Width,
  push: () => void,
): void {
  if (width === 4 && stride === 1) {
    const rest = pushAddress(f, pointer, offset)
    push()
    f.memory('v128.store', rest)
    return
  }
  for (let lane = 0; lane < width; lane++) {
    const rest = pushAddress(f, pointer, offset + 4 * stride * lane)
    push()
    f.lane('v128.store32_lane', lane, rest)
  }
}

type Push = (f: FunctionBuilder, a: Local) => void
type PushPair = (f: FunctionBuilder, a: Local, b: Local) => void

const refuse = (what: string) => () => assert(false, `${what} is for floats`)

const unary: { readonly [Op in UnaryOp]: { readonly [D in Dtype]: Push } } = {
  neg: { float: (f, a) => f.get(a).op('f32x4.neg'), int: (f, a) => f.get(a).op('i32x4.neg') },
  exp: { float: emitExp, int: refuse('exp') },
  log: { float: emitLog, int: refuse('log') },
  tanh: { float: emitTanh, int: refuse('tanh') },
  sqrt: { float: (f, a) => f.get(a).op('f32x4.sqrt'), int: refuse('sqrt') },
  abs: { float: (f, a) => f.get(a).op('f32x4.abs'), int: (f, a) => f.get(a).op('i32x4.abs') },
  isFinite: {
    // x - x is 0, or NaN for infinities and NaN.
    float: (f, a) => f.get(a).get(a).op('f32x4.sub').splat(0).op('f32x4.eq').splat(1).op('v128.and'),
    int: (f) => f.splat(1),
  },
  toFloat: { float: (f, a) => f.get(a), int: (f, a) => f.get(a).op('f32x4.convert_i32x4_s') },
  toInt: { float: (f, a) => f.get(a).op('i32x4.trunc_sat_f32x4_s'), int: (f, a) => f.get(a) },
}

/** Quotients of ints, rounded towards 0. By way of f64, which holds them exactly and never traps. */
function divideInts(f: FunctionBuilder, a: Local, b: Local): void {
  for (const half of [0, 2]) {
    for (const operand of [a, b])
      f.get(operand)
        .get(operand)
        .shuffle(half, half + 1, 0, 1)
        .op('f64x2.convert_low_i32x4_s')
    f.op('f64x2.div').op('i32x4.trunc_sat_f64x2_s_zero')
  }
  f.shuffle(0, 1, 4, 5)
}

/** `less` and `equal` give masks here; `Lines.push` makes 1 and 0 of them where a number is wanted. */
const binary: { readonly [Op in BinaryOp]: { readonly [D in Dtype]: PushPair } } = {
  add: { float: (f, a, b) => f.get(a).get(b).op('f32x4.add'), int: (f, a, b) => f.get(a).get(b).op('i32x4.add') },
  sub: { float: (f, a, b) => f.get(a).get(b).op('f32x4.sub'), int: (f, a, b) => f.get(a).get(b).op('i32x4.sub') },
  mul: { float: (f, a, b) => f.get(a).get(b).op('f32x4.mul'), int: (f, a, b) => f.get(a).get(b).op('i32x4.mul') },
  div: { float: (f, a, b) => f.get(a).get(b).op('f32x4.div'), int: divideInts },
  max: { float: (f, a, b) => f.get(a).get(b).op('f32x4.max'), int: (f, a, b) => f.get(a).get(b).op('i32x4.max_s') },
  min: { float: (f, a, b) => f.get(a).get(b).op('f32x4.min'), int: (f, a, b) => f.get(a).get(b).op('i32x4.min_s') },
  less: { float: (f, a, b) => f.get(a).get(b).op('f32x4.lt'), int: (f, a, b) => f.get(a).get(b).op('i32x4.lt_s') },
  equal: { float: (f, a, b) => f.get(a).get(b).op('f32x4.eq'), int: (f, a, b) => f.get(a).get(b).op('i32x4.eq') },
}

/**
 * The greater or smaller of x and a number. NaN comes through as it does from the instruction of that name, which takes
 * eight of the processor's, because there either side may be one.
 */
function emitLimit(f: FunctionBuilder, op: 'max' | 'min', x: Local, limit: number): void {
  if (op === 'max' && limit === 0) {
    f.get(x).get(x).splat(0).op('f32x4.le').op('v128.andnot')
    return
  }
  f.splat(limit).get(x)
  if (op === 'max') f.get(x).splat(limit)
  else f.splat(limit).get(x)
  f.op('f32x4.le').op('v128.bitselect')
}

/** Lines of a body that some values need, with a local for each; may be emitted at many sites. */
export class Lines {
  readonly #f: FunctionBuilder
  readonly #body: readonly Scalar[]
  readonly #needed: readonly number[]
  readonly #locals = new Map<number, Local>()
  readonly #hoisted = new Set<number>()

  constructor(f: FunctionBuilder, body: readonly Scalar[], roots: readonly number[]) {
    this.#f = f
    this.#body = body
    const needed = new Set(roots)
    for (let line = body.length - 1; line >= 0; line--)
      if (needed.has(line)) for (const operand of operandsOf(at(body, line))) needed.add(operand)
    this.#needed = [...needed].sort((a, b) => a - b)
  }

  /** Emits, ahead of all loops, what is the same everywhere: constants, loads for which `fixed` gives a pointer, and what follows. */
  hoist(fixed: (load: number) => Local | undefined): this {
    for (const line of this.#needed) {
      const scalar = at(this.#body, line)
      const known =
        scalar.op === 'load'
          ? fixed(scalar.load) !== undefined
          : scalar.op === 'constant' ||
            (scalar.op !== 'index' && scalar.op !== 'result' && operandsOf(scalar).every((i) => this.#hoisted.has(i)))
      if (!known) continue
      this.#emitLine(line, scalar, {
        width: 1,
        load: (load) => ({ pointer: fixed(load) as Local, offset: 0, stride: 0 }),
        index: () => assert(false, 'an index is never fixed'),
      })
      this.#hoisted.add(line)
    }
    return this
  }

  /** Rough instructions for one evaluation. */
  get cost(): number {
    let cost = 0
    for (const line of this.#needed) {
      if (this.#hoisted.has(line)) continue
      const { op } = at(this.#body, line)
      cost += op === 'random' ? 120 : op === 'exp' || op === 'log' || op === 'tanh' ? 30 : 1
    }
    return cost
  }

  emit(site: Site): void {
    for (const line of this.#needed) if (!this.#hoisted.has(line)) this.#emitLine(line, at(this.#body, line), site)
  }

  /** Pushes the value of a line that was emitted last or hoisted. */
  push(line: number): void {
    this.#f.get(this.#local(line))
    if (this.#isMask(line)) this.#f.splat(1).op('v128.and')
  }

  #isMask(line: number): boolean {
    const { op } = at(this.#body, line)
    return op === 'less' || op === 'equal'
  }

  #local(line: number): Local {
    let local = this.#locals.get(line)
    if (!local) {
      local = this.#f.local('v128')
      this.#locals.set(line, local)
    }
    return local
  }

  /** A local with the value of an operand. */
  #operand(line: number): Local {
    if (!this.#isMask(line)) return this.#local(line)
    const number = this.#f.local('v128')
    this.push(line)
    this.#f.set(number)
    return number
  }

  /** Where the second of two floats is a known number. */
  #limited(x: number, by: number): { readonly x: Local; readonly by: number } | undefined {
    const limit = at(this.#body, by)
    const known = limit.op === 'constant' && limit.dtype === 'float' && !Number.isNaN(limit.value)
    return known ? { x: this.#operand(x), by: limit.value } : undefined
  }

  #emitLine(line: number, scalar: Scalar, site: Site): void {
    const f = this.#f
    switch (scalar.op) {
      case 'load':
        emitLoad(f, site.load(scalar.load), site.width)
        break
      case 'constant':
        if (scalar.dtype === 'float') f.splat(scalar.value)
        else f.lanes(scalar.value)
        break
      case 'index':
        site.index(scalar.axis)
        break
      case 'result':
        assert(site.result, 'a result outside of an epilogue')
        f.get(site.result)
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
        unary[scalar.op][at(this.#body, scalar.a).dtype](f, this.#operand(scalar.a))
        break
      case 'random':
        emitRandom(f, {
          position: this.#local(scalar.position),
          step: this.#local(scalar.step),
          seed: this.#local(scalar.seed),
          stream: scalar.stream,
        })
        break
      case 'select': {
        const [a, b] = [this.#operand(scalar.a), this.#operand(scalar.b)]
        f.get(a).get(b).get(this.#local(scalar.condition))
        if (!this.#isMask(scalar.condition)) {
          if (at(this.#body, scalar.condition).dtype === 'float') f.splat(0).op('f32x4.ne')
          else f.lanes(0).op('i32x4.ne')
        }
        f.op('v128.bitselect')
        break
      }
      case 'max':
      case 'min': {
        const limited = this.#limited(scalar.a, scalar.b) ?? this.#limited(scalar.b, scalar.a)
        if (limited) emitLimit(f, scalar.op, limited.x, limited.by)
        else binary[scalar.op][at(this.#body, scalar.a).dtype](f, this.#operand(scalar.a), this.#operand(scalar.b))
        break
      }
      default:
        binary[scalar.op][at(this.#body, scalar.a).dtype](f, this.#operand(scalar.a), this.#operand(scalar.b))
    }
    f.set(this.#local(line))
  }
}

/** A site, and where its results go. */
export interface Spot {
  readonly site: Site
  readonly store: (store: number) => Place
}

/** Neighbouring vectors that the engine below us can make one of. */
export function together(variant: Variant): 1 | 2 {
  return variant.columns > 8 ? 2 : 1
}

/**
 * An expression with its stores, at one spot or at two neighbours together. Together means that all loads come before all
 * stores: only then can the engine below us make 256-bit instructions of both.
 */
export class LinePair {
  readonly #f: FunctionBuilder
  readonly #stores: Expression['stores']
  readonly #lines: readonly Lines[]

  constructor(f: FunctionBuilder, { body, stores }: Expression, fixed: (load: number) => Local | undefined) {
    this.#f = f
    this.#stores = stores
    const roots = stores.map((store) => store.value)
    this.#lines = Array.from({ length: together(f.variant) }, () => new Lines(f, body, roots).hoist(fixed))
  }

  /** Spots that can be computed together. */
  get together(): number {
    return this.#lines.length
  }

  get cost(): number {
    return this.#lines[0]?.cost ?? 0
  }

  emit(spots: readonly Spot[]): void {
    spots.forEach(({ site }, i) => {
      at(this.#lines, i).emit(site)
    })
    this.#stores.forEach(({ value }, store) => {
      spots.forEach((spot, i) => {
        emitStore(this.#f, spot.store(store), spot.site.width, () => at(this.#lines, i).push(value))
      })
    })
  }

  /** `count` neighbours, two together as far as that goes. */
  emitRow(count: number, spot: (i: number) => Spot): void {
    for (let i = 0; i < count; i += this.together)
      this.emit(Array.from({ length: Math.min(this.together, count - i) }, (_, j) => spot(i + j)))
  }
}
