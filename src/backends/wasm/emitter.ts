/**
 * Writes WebAssembly modules: bytes in, bytes out, nothing else. A FunctionBuilder is a chain of stack instructions
 * (`f.get(a).get(b).op('f32x4.add').set(c)`) with locals, structured control and two conveniences that kernels live on:
 * counted loops and constants that are made once, at the head of the function, because V8 does not lift a v128 constant
 * out of a loop. Opcodes are those of the WebAssembly core specification 2.0, chapter 5 (binary format).
 */
import { Bytes } from './bytes.ts'
import { plain, type Variant } from './variant.ts'
import { at } from '../../base/assert.ts'

export type Type = 'i32' | 'f32' | 'f64' | 'v128'

export interface Local {
  readonly index: number
  readonly type: Type
}

const TYPES: { readonly [T in Type]: number } = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b }

/** Instructions without immediates. Above 0xfd00: the SIMD prefix and the number that follows it. */
const OPCODES = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_s': 0x4a,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i32.and': 0x71,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.div_s': 0x6d,
  'i32.rem_s': 0x6f,
  'i32.shl': 0x74,
  'f32.add': 0x92,
  'f64.add': 0xa0,
  'f32.demote_f64': 0xb6,
  'f64.promote_f32': 0xbb,
  'i32x4.splat': 0xfd11,
  'f32x4.splat': 0xfd13,
  'i32x4.eq': 0xfd37,
  'i32x4.ne': 0xfd38,
  'i32x4.lt_s': 0xfd39,
  'i32x4.gt_s': 0xfd3b,
  'f32x4.eq': 0xfd41,
  'f32x4.ne': 0xfd42,
  'f32x4.lt': 0xfd43,
  'f32x4.gt': 0xfd44,
  'f32x4.le': 0xfd45,
  'v128.not': 0xfd4d,
  'v128.and': 0xfd4e,
  'v128.andnot': 0xfd4f,
  'v128.or': 0xfd50,
  'v128.xor': 0xfd51,
  'v128.bitselect': 0xfd52,
  'f64x2.promote_low_f32x4': 0xfd5f,
  'f32x4.demote_f64x2_zero': 0xfd5e,
  'f32x4.nearest': 0xfd6a,
  'i32x4.abs': 0xfda0,
  'i32x4.neg': 0xfda1,
  'i32x4.shl': 0xfdab,
  'i32x4.shr_s': 0xfdac,
  'i32x4.shr_u': 0xfdad,
  'i32x4.add': 0xfdae,
  'i32x4.sub': 0xfdb1,
  'i32x4.mul': 0xfdb5,
  'i32x4.min_s': 0xfdb6,
  'i32x4.max_s': 0xfdb8,
  'f32x4.abs': 0xfde0,
  'f32x4.neg': 0xfde1,
  'f32x4.sqrt': 0xfde3,
  'f32x4.add': 0xfde4,
  'f32x4.sub': 0xfde5,
  'f32x4.mul': 0xfde6,
  'f32x4.div': 0xfde7,
  'f32x4.min': 0xfde8,
  'f32x4.max': 0xfde9,
  'f64x2.add': 0xfdf0,
  'f64x2.div': 0xfdf3,
  'i32x4.trunc_sat_f32x4_s': 0xfdf8,
  'f32x4.convert_i32x4_s': 0xfdfa,
  'i32x4.trunc_sat_f64x2_s_zero': 0xfdfc,
  'f64x2.convert_low_i32x4_s': 0xfdfe,
  'f32x4.relaxed_madd': 0xfe05,
} as const

export type Op = keyof typeof OPCODES

/** Loads take an address, stores an address and a value; log2 of the natural alignment comes with the opcode. */
const MEMORY_OPS = {
  'i32.load': [0x28, 2],
  'i32.store': [0x36, 2],
  'i32.atomic.load': [0xfe10, 2],
  'i32.atomic.store': [0xfe17, 2],
  'i32.atomic.rmw.add': [0xfe1e, 2],
  'i32.atomic.rmw.cmpxchg': [0xfe48, 2],
  'memory.atomic.notify': [0xfe00, 2],
  'memory.atomic.wait32': [0xfe01, 2],
  'v128.load': [0xfd00, 4],
  'v128.load32_splat': [0xfd09, 2],
  'v128.store': [0xfd0b, 4],
} as const

const LANE_OPS = { 'v128.load32_lane': 0x56, 'v128.store32_lane': 0x5a } as const
const EXTRACT_OPS = { 'i32x4.extract_lane': 0x1b, 'f32x4.extract_lane': 0x1f, 'f64x2.extract_lane': 0x21 } as const

/** A float and its bits. */
const FLOAT = new Float32Array(1)
const BITS = new Int32Array(FLOAT.buffer)

export class FunctionBuilder {
  readonly params: readonly Local[]
  readonly variant: Variant
  readonly #locals: Type[] = []
  readonly #constants = new Map<string, Local>()
  readonly #head = new Bytes(64)
  readonly #bytes = new Bytes()

  constructor(params: readonly Type[], variant: Variant = plain) {
    this.variant = variant
    this.params = params.map((type, index) => ({ index, type }))
  }

  local(type: Type): Local {
    return { index: this.params.length + this.#locals.push(type) - 1, type }
  }

  get(local: Local): this {
    this.#bytes.push(0x20)
    this.#bytes.unsigned(local.index)
    return this
  }

  set(local: Local): this {
    this.#bytes.push(0x21)
    this.#bytes.unsigned(local.index)
    return this
  }

  tee(local: Local): this {
    this.#bytes.push(0x22)
    this.#bytes.unsigned(local.index)
    return this
  }

  op(name: Op): this {
    const code = OPCODES[name]
    if (code >= 0xfd00) {
      this.#bytes.push(0xfd)
      this.#bytes.unsigned(code - 0xfd00)
    } else this.#bytes.push(code)
    return this
  }

  call(functionIndex: number): this {
    this.#bytes.push(0x10)
    this.#bytes.unsigned(functionIndex)
    return this
  }

  /** Calls the function of this type whose number in the module's table is on the stack. */
  callIndirect(type: number): this {
    this.#bytes.push(0x11)
    this.#bytes.unsigned(type)
    this.#bytes.push(0)
    return this
  }

  i64(value: bigint): this {
    this.#bytes.push(0x42)
    this.#bytes.signed64(value)
    return this
  }

  /** Addresses up to 4 GiB are welcome: only the low 32 bits count. */
  i32(value: number): this {
    this.#bytes.push(0x41)
    this.#bytes.signed32(value)
    return this
  }

  /** Four equal floats. */
  splat(value: number): this {
    FLOAT[0] = value
    const bits = at(BITS, 0)
    return this.#constant(bits, bits, bits, bits)
  }

  /** Four ints. */
  lanes(a: number, b = a, c = a, d = a): this {
    return this.#constant(a | 0, b | 0, c | 0, d | 0)
  }

  #constant(...lanes: readonly [number, number, number, number]): this {
    const key = lanes.join()
    let local = this.#constants.get(key)
    if (!local) {
      local = this.local('v128')
      this.#constants.set(key, local)
      this.#head.all([0xfd, 12])
      this.#head.all(new Uint8Array(new Int32Array(lanes).buffer))
      this.#head.push(0x21)
      this.#head.unsigned(local.index)
    }
    return this.get(local)
  }

  #memory(code: number, align: number, offset: number): void {
    if (!(offset >= 0 && offset < 2 ** 32)) throw new Error(`internal: memory offset ${offset}`)
    if (code >= 0xfd00) this.#bytes.push(code >> 8)
    this.#bytes.unsigned(code & 0xff)
    this.#bytes.push(align)
    this.#bytes.unsigned(offset)
  }

  /** Claims no alignment beyond that of one element: views start anywhere. */
  memory(name: keyof typeof MEMORY_OPS, offset = 0): this {
    const [code, align] = MEMORY_OPS[name]
    this.#memory(code, Math.min(align, 2), offset)
    return this
  }

  lane(name: keyof typeof LANE_OPS, lane: number, offset = 0): this {
    this.#memory(0xfd00 + LANE_OPS[name], 2, offset)
    this.#bytes.push(lane)
    return this
  }

  extract(name: keyof typeof EXTRACT_OPS, lane: number): this {
    this.#bytes.all([0xfd, EXTRACT_OPS[name], lane])
    return this
  }

  /** Four 32-bit lanes out of the eight of the two operands. */
  shuffle(a: number, b: number, c: number, d: number): this {
    this.#bytes.all([0xfd, 13])
    for (const lane of [a, b, c, d]) for (let byte = 0; byte < 4; byte++) this.#bytes.push(4 * lane + byte)
    return this
  }

  /** (destination, source, bytes) */
  memoryCopy(): this {
    this.#bytes.all([0xfc, 10, 0, 0])
    return this
  }

  /** (destination, byte value, bytes) */
  memoryFill(): this {
    this.#bytes.all([0xfc, 11, 0])
    return this
  }

  block(body: () => void): this {
    this.#bytes.all([0x02, 0x40])
    body()
    this.#bytes.push(0x0b)
    return this
  }

  loop(body: () => void): this {
    this.#bytes.all([0x03, 0x40])
    body()
    this.#bytes.push(0x0b)
    return this
  }

  if(body: () => void): this {
    this.#bytes.all([0x04, 0x40])
    body()
    this.#bytes.push(0x0b)
    return this
  }

  branch(depth: number): this {
    this.#bytes.push(0x0c)
    this.#bytes.unsigned(depth)
    return this
  }

  branchIf(depth: number): this {
    this.#bytes.push(0x0d)
    this.#bytes.unsigned(depth)
    return this
  }

  /** Adds a number to the int on the stack. */
  plus(value: number): this {
    return value === 0 ? this : this.i32(value).op('i32.add')
  }

  /** Adds local * factor to the int on the stack. */
  plusScaled(local: Local, factor: number): this {
    if (factor === 0) return this
    this.get(local)
    if (factor !== 1) this.i32(factor).op('i32.mul')
    return this.op('i32.add')
  }

  /** local += bytes */
  advance(local: Local, bytes: number): this {
    if (bytes === 0) return this
    return this.get(local).i32(bytes).op('i32.add').set(local)
  }

  /** Runs `body` for i = 0, step, 2·step … below `count`, which is known now; `i` may be read, not written. */
  repeat(count: number, step: number, body: (i: Local) => void): this {
    if (count <= 0) return this
    const i = this.local('i32')
    this.i32(0).set(i)
    if (count <= step) {
      body(i)
      return this
    }
    return this.loop(() => {
      body(i)
      this.get(i).i32(step).op('i32.add').tee(i).i32(count).op('i32.lt_s').branchIf(0)
    })
  }

  /** As `repeat`, from `from` to below `to`, both known when it runs; may be empty. */
  range(from: Local, to: Local, step: number, body: (i: Local) => void): this {
    const i = this.local('i32')
    return this.get(from)
      .tee(i)
      .get(to)
      .op('i32.lt_s')
      .if(() => {
        this.loop(() => {
          body(i)
          this.get(i).i32(step).op('i32.add').tee(i).get(to).op('i32.lt_s').branchIf(0)
        })
      })
  }

  /** The function's entry in the code section. */
  encode(): Uint8Array {
    const code = new Bytes(this.#head.length + this.#bytes.length + 64)
    const runs: { type: Type; count: number }[] = []
    for (const type of this.#locals) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    code.unsigned(runs.length)
    for (const { type, count } of runs) {
      code.unsigned(count)
      code.push(TYPES[type])
    }
    code.all(this.#head.view())
    code.all(this.#bytes.view())
    code.push(0x0b)
    return code.view()
  }
}

interface Signature {
  readonly params: readonly Type[]
  readonly results: readonly Type[]
}

/** One module that imports its memory, which is shared, as `env.memory`, with one table for indirect calls. */
export class ModuleBuilder {
  readonly #variant: Variant
  readonly #types: Signature[] = []
  readonly #typeByKey = new Map<string, number>()
  /** Type of each function. */
  readonly #functions: number[] = []
  readonly #table: number[] = []
  readonly #codes: Uint8Array[] = []
  readonly #exports: { readonly name: string; readonly index: number }[] = []

  constructor(variant: Variant = plain) {
    this.#variant = variant
  }

  add(params: readonly Type[], results: readonly Type[], build: (f: FunctionBuilder) => void): number {
    const f = new FunctionBuilder(params, this.#variant)
    build(f)
    this.#functions.push(this.type(params, results))
    return this.#codes.push(f.encode()) - 1
  }

  type(params: readonly Type[], results: readonly Type[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.#typeByKey.get(key)
    if (known !== undefined) return known
    this.#typeByKey.set(key, this.#types.length)
    return this.#types.push({ params, results }) - 1
  }

  /** Number of the function in the table. */
  tabulate(functionIndex: number): number {
    return this.#table.push(functionIndex) - 1
  }

  export(name: string, index: number): void {
    this.#exports.push({ name, index })
  }

  /** `pages`: size of the memory that is to be imported. */
  finish(pages: number): Uint8Array<ArrayBuffer> {
    const out = new Bytes(this.#codes.reduce((sum, code) => sum + code.length, 4096))
    out.all([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
    const section = (id: number, fill: (bytes: Bytes) => void) => {
      const bytes = new Bytes()
      fill(bytes)
      out.push(id)
      out.unsigned(bytes.length)
      out.all(bytes.view())
    }
    section(1, (bytes) => {
      bytes.unsigned(this.#types.length)
      for (const { params, results } of this.#types) {
        bytes.push(0x60)
        for (const list of [params, results]) {
          bytes.unsigned(list.length)
          for (const type of list) bytes.push(TYPES[type])
        }
      }
    })
    section(2, (bytes) => {
      bytes.unsigned(1)
      bytes.text('env')
      bytes.text('memory')
      bytes.all([0x02, 0x03])
      bytes.unsigned(pages)
      bytes.unsigned(pages)
    })
    section(3, (bytes) => {
      bytes.unsigned(this.#functions.length)
      for (const type of this.#functions) bytes.unsigned(type)
    })
    section(4, (bytes) => {
      bytes.all([1, 0x70, 0x00])
      bytes.unsigned(this.#table.length)
    })
    section(7, (bytes) => {
      bytes.unsigned(this.#exports.length)
      for (const { name, index } of this.#exports) {
        bytes.text(name)
        bytes.push(0x00)
        bytes.unsigned(index)
      }
    })
    section(9, (bytes) => {
      // One segment from place 0 on.
      bytes.all([1, 0x00, 0x41, 0x00, 0x0b])
      bytes.unsigned(this.#table.length)
      for (const index of this.#table) bytes.unsigned(index)
    })
    section(10, (bytes) => {
      bytes.unsigned(this.#codes.length)
      for (const code of this.#codes) {
        bytes.unsigned(code.length)
        bytes.all(code)
      }
    })
    return out.view()
  }
}
