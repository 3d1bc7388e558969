/**
 * Reductions, whatever their elements come from. An invocation takes a whole result where few elements make it; else several
 * share one and meet in workgroup memory, as a tree; where even that would leave an invocation with very many, there are
 * parts, and a second pass for the parts. Sums are taken in blocks on each of these levels, so that rounding grows with the
 * root of the length. The cut depends on shapes alone: the same numbers every time.
 *
 * Maxima are taken over ints of the same order, because WGSL need not know infinities and NaN.
 */
import type { Dtype } from '../../ir/kernel.ts'
import type { KernelCode, Target } from './kernel-code.ts'
import { Library, shader } from './shader.ts'

export type Lines = (library: Library) => readonly string[]

export interface Reduction {
  readonly op: 'sum' | 'max' | 'argMax'
  readonly dtype: Dtype
  readonly results: number
  readonly over: number
  /** Views of the kernel. */
  readonly views: number
  /** Functions that the lines below call. */
  readonly declarations?: readonly string[]
  /** Once for each result `r`. */
  readonly before: Lines
  /** Leaves in `value` the element `k` of result `r`. */
  readonly element: Lines
  /** With `r` and the finished `result`. */
  readonly finish: Lines
  /** Neighbouring invocations should take neighbouring results, or neighbouring elements of one. */
  readonly along: 'results' | 'over'
}

/** Elements that one invocation adds up by itself before there are parts. */
const LONGEST = 64
const INVOCATIONS = 256

const powerFrom = (least: number) => 2 ** Math.ceil(Math.log2(Math.max(1, least)))

interface Cut {
  /** Invocations for one result. */
  readonly sharing: number
  readonly invocations: number
  readonly parts: number
  /** Elements of a part. */
  readonly length: number
}

function cutOf({ op, results, over, along }: Reduction): Cut {
  const alone = over <= 8 || (over <= LONGEST && results >= 4096)
  // Along the results a row of sixteen is a cache line.
  const most = along === 'results' && results >= 16 ? INVOCATIONS / 16 : INVOCATIONS
  const sharing = alone ? 1 : Math.min(most, powerFrom(over / 4))
  const invocations = Math.max(INVOCATIONS / 4, Math.min(INVOCATIONS, sharing * powerFrom(results)))
  const each = Math.ceil(over / sharing)
  const parts = op === 'argMax' ? 1 : Math.max(1, Math.ceil(each / LONGEST))
  const length = Math.ceil(over / parts)
  return { sharing, invocations, parts: Math.max(1, Math.ceil(over / Math.max(1, length))), length }
}

export interface State {
  readonly type: string
  readonly first: string
  /** An element's own. */
  readonly of: string
  readonly join: (a: string, b: string) => string
  readonly result: string
}

/** Of -∞, the least of all floats. */
const LEAST = 'i32(-2139095041)'

export function stateOf({ op, dtype }: Pick<Reduction, 'op' | 'dtype'>, library: Library): State {
  const float = dtype === 'float'
  if (op === 'sum') {
    const type = float ? 'f32' : 'i32'
    return { type, first: `${type}(0)`, of: 'value', join: (a, b) => `${a} + ${b}`, result: 'total' }
  }
  if (op === 'max')
    return {
      type: 'i32',
      first: float ? LEAST : 'i32(-2147483648)',
      of: float ? `${library.use('orderOf')}(value)` : 'value',
      join: (a, b) => `max(${a}, ${b})`,
      result: float ? `${library.use('fromOrder')}(total)` : 'total',
    }
  // The value and its position. NaN wins nothing but stays where it is the first of all; -0 is 0.
  const nan = `select(i32(-2147483647), 0x7fffffff, k == 0)`
  const number = `${float ? library.use('orderOf') : ''}(select(value, 0.0, value == 0.0))`
  return {
    type: 'vec2<i32>',
    first: 'vec2<i32>(i32(-2147483648), 0x7fffffff)',
    of: `vec2<i32>(${float ? `select(${number}, ${nan}, ${library.use('isNan')}(value))` : 'value'}, k)`,
    join: (a, b) => `select(${b}, ${a}, ${a}.x > ${b}.x || (${a}.x == ${b}.x && ${a}.y < ${b}.y))`,
    result: 'total.y',
  }
}

/**
 * Joins what the invocations of a workgroup have in `total`, so that its first has everything. Where a subgroup can do so by
 * itself, each of them takes all: one barrier instead of one for each level of the tree.
 */
function meeting(
  { type, first, join }: State,
  subgroup: string | undefined,
  distance: number,
  sharing: number,
): string[] {
  const known = ['held[lane] = total;', 'workgroupBarrier();']
  if (subgroup)
    return [
      ...known,
      `var all: ${type} = ${first};`,
      `for (var s = subgroupLane; s < ${sharing}u; s += subgroupSize) {`,
      '  let other = held[s];',
      `  all = ${join('all', 'other')};`,
      '}',
      `total = ${subgroup}(all);`,
    ]
  return [
    ...known,
    `for (var s = ${sharing / 2}; s > 0; s = s >> 1u) {`,
    '  if (own < s) {',
    `    let other = held[lane + s * ${distance}];`,
    `    total = ${join('total', 'other')};`,
    '    held[lane] = total;',
    '  }',
    '  workgroupBarrier();',
    '}',
  ]
}

function passOf(reduction: Reduction, cut: Cut, places: number, target: Target | undefined) {
  const { sharing, invocations, parts, length } = cut
  const { results, over, before, element, finish, along } = reduction
  const library = new Library()
  const state = stateOf(reduction, library)
  const together = invocations / sharing
  // Which invocations are a subgroup is not said, so it works on a whole workgroup or not at all.
  const whole = sharing === invocations && target?.features.has('subgroups') === true
  const subgroup = whole ? { sum: 'subgroupAdd', max: 'subgroupMax', argMax: undefined }[reduction.op] : undefined
  const tiles = Math.ceil(results / together)
  const groups = tiles * parts
  const each = Math.ceil(length / sharing)
  const block = Math.ceil(Math.sqrt(each))
  const inner = element(library).map((line) => `      ${line}`)
  const end = parts === 1 ? String(over) : `min(${over}, (part + 1) * ${length})`
  const run =
    each <= 16
      ? [
          `  for (var k = first; k < end; k += ${sharing}) {`,
          ...inner,
          `      let one: ${state.type} = ${state.of};`,
          `      total = ${state.join('total', 'one')};`,
          '  }',
        ]
      : [
          '  var k = first;',
          '  while (k < end) {',
          `    var block: ${state.type} = ${state.first};`,
          `    for (var u = 0; u < ${block} && k < end; u++) {`,
          ...inner,
          `      let one: ${state.type} = ${state.of};`,
          `      block = ${state.join('block', 'one')};`,
          `      k += ${sharing};`,
          '    }',
          `    total = ${state.join('total', 'block')};`,
          '  }',
        ]
  const body = [
    `let tile = group % ${tiles};`,
    `let part = group / ${tiles};`,
    along === 'over' ? `let own = lane % ${sharing};` : `let own = lane / ${together};`,
    `let r = tile * ${together} + ${along === 'over' ? `lane / ${sharing}` : `lane % ${together}`};`,
    `var total: ${state.type} = ${state.first};`,
    `if (r < ${results}) {`,
    ...before(library).map((line) => `  ${line}`),
    `  let first = part * ${length} + own;`,
    `  let end = ${end};`,
    ...run,
    '}',
    ...(sharing === 1 ? [] : meeting(state, subgroup, along === 'over' ? 1 : together, sharing)),
    `if (r >= ${results} || own != 0) { return; }`,
    parts > 1
      ? `arena[p${places - 1} + part * ${results} + r] = bitcast<u32>(${state.result});`
      : `let result = ${reduction.op === 'argMax' && over === 0 ? '0' : state.result};`,
    ...(parts > 1 ? [] : finish(library)),
  ]
  const declarations = [
    ...(reduction.declarations ?? []),
    ...(sharing === 1 ? [] : [`var<workgroup> held: array<${state.type}, ${invocations}>;`]),
  ]
  const code = shader({ places, invocations, groups, library, declarations, body, subgroups: subgroup !== undefined })
  return { code, groups }
}

/** The second step of a reduction in parts: `parts` partial results, each an array of all results, in scratch memory. */
export function joinParts(
  reduction: Omit<Reduction, 'element' | 'along' | 'over' | 'before'>,
  parts: number,
): Reduction {
  const type = reduction.dtype === 'float' ? 'f32' : 'i32'
  return {
    ...reduction,
    over: parts,
    declarations: [],
    before: () => [],
    element: () => [`let value = bitcast<${type}>(arena[p${reduction.views} + k * ${reduction.results} + r]);`],
    along: 'results',
  }
}

/** `scratch`: the kernel has a place for it, used or not. */
export function reductionCode(reduction: Reduction, target?: Target, scratch = false): KernelCode {
  if (reduction.results === 0) return { passes: [], scratch: 0 }
  const cut = cutOf(reduction)
  const places = reduction.views + (scratch || cut.parts > 1 ? 1 : 0)
  if (cut.parts === 1) return { passes: [passOf(reduction, cut, places, target)], scratch: 0 }
  const rest = joinParts(reduction, cut.parts)
  const once = { ...cutOf(rest), parts: 1, length: cut.parts }
  return {
    passes: [passOf(reduction, cut, places, target), passOf(rest, once, places, target)],
    scratch: cut.parts * reduction.results,
  }
}
