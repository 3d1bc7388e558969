/**
 * Kernels as stages: functions that some invocations call together to do the whole of a kernel, so that many kernels can
 * stand in one shader, one after the other. Where views lie, how many elements there are, which turn of a loop and which
 * example of a batch it is are arguments; kernels that differ in nothing else are one function.
 */
import { assert, at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Kernel, View } from '../../ir/kernel.ts'
import { emitExpression, expressionViews, siteAt, sum } from './expression.ts'
import { split, type KernelOf } from './kernel-code.ts'
import { mapLines } from './map.ts'
import { reduce, reductionOf } from './reduce.ts'
import { stateOf } from './reduction.ts'
import { rows, rowsLines, rowsSize } from './rows.ts'
import { Library } from './shader.ts'

/** Kinds of which there are stages. */
export type Stageable = KernelOf<'map' | 'reduce' | 'dot' | 'rows'>

export const isStageable = (kernel: Kernel): kernel is Stageable =>
  kernel.kind === 'map' || kernel.kind === 'reduce' || kernel.kind === 'dot' || kernel.kind === 'rows'

export interface Stage {
  /** Parameters and body of the function. */
  readonly text: string
  readonly library: Library
  /** Types of which there must be workgroup memory, one for each invocation. */
  readonly held: readonly string[]
  readonly views: readonly View[]
  /** Elements of the result. */
  readonly size: number
  /** Each element of the result is some invocation's own: number i that of `lane` i modulo `lanes`. */
  readonly apart: boolean
}

/**
 * `lane` of `lanes` calls it; `size`: elements of the result; `row`: number of the first view in the table of places; `at` and
 * `example` as `placeIn` takes them.
 */
const PARAMETERS = '(lane: i32, lanes: i32, size: i32, row: i32, at: i32, example: i32)'

/** Declared ahead of all stages. The fourth number of a view: elements from example to example. */
export const PLACE_IN = [
  'fn placeIn(view: i32, at: i32, example: i32) -> i32 {',
  '  let p = places[view];',
  '  return p.x + i32(step.x) * p.y + at * p.z + example * p.w;',
  '}',
].join('\n')

/** Elements of a sum that are worth an invocation. */
export const LEAST = 16

const heldOf = (type: string) => `held${type.replace(/[^a-z0-9]/g, '')}`
export const heldMemory = (type: string, invocations: number) =>
  `var<workgroup> ${heldOf(type)}: array<${type}, ${invocations}>;`

export function stageOf(kernel: Stageable, invocations: number): Stage {
  const { views, size, body, library, held = [], apart = true } = stages[kernel.kind](kernel as never, invocations)
  const lines = [...views.map((_, i) => `let p${i} = placeIn(row + ${i}, at, example);`), ...body]
  const text = [`${PARAMETERS} {`, ...lines.map((line) => `  ${line}`), '}'].join('\n')
  return { text, library, held, views, size, apart }
}

interface Parts extends Pick<Stage, 'views' | 'size' | 'library'> {
  readonly body: readonly string[]
  readonly held?: readonly string[]
  readonly apart?: boolean
}

const each = (name: string, body: readonly string[]): string[] => [
  `for (var ${name} = lane; ${name} < size; ${name} += lanes) {`,
  ...body.map((line) => `  ${line}`),
  '}',
]

const stages: { readonly [Kind in Stageable['kind']]: (kernel: KernelOf<Kind>, invocations: number) => Parts } = {
  map: (kernel) => {
    const library = new Library()
    const body = each('i', mapLines(kernel, library))
    return { views: expressionViews(kernel.expression), size: sizeOf(kernel.shape), library, body }
  },
  rows: (kernel) => {
    const body = each('i', rowsLines(kernel))
    return { views: rows.views(kernel), size: rowsSize(kernel), library: new Library(), body }
  },
  reduce: (kernel, invocations) => {
    const library = new Library()
    const reduction = reductionOf(kernel)
    const state = stateOf(reduction, library)
    const { results, over, along } = reduction
    const empty = reduction.op === 'argMax' && over === 0
    const work = shared(
      {
        results,
        over,
        along,
        type: state.type,
        first: state.first,
        join: state.join,
        before: reduction.before(library),
        run: (from, by) => [
          `for (var k = ${from}; k < ${over}; k += ${by}) {`,
          ...reduction.element(library).map((line) => `  ${line}`),
          `  let one: ${state.type} = ${state.of};`,
          `  total = ${state.join('total', 'one')};`,
          '}',
        ],
        finish: [`let result = ${empty ? '0' : state.result};`, ...reduction.finish(library)],
      },
      invocations,
    )
    return { views: reduce.views(kernel), size: results, library, ...work }
  },
  dot: (kernel, invocations) => {
    const { batch, m, n, k, a, b, epilogue } = kernel
    const library = new Library()
    const results = batch * m * n
    const { lines, positions } = apart([batch, m, n])
    const [z = '0', i = '0', j = '0'] = positions
    const step = (view: View, axis: number) => at(view.strides, axis)
    const of = (first: string, view: View, axis: number) => (p: string) =>
      `bitcast<f32>(arena[${sum(first, [[p, step(view, axis)]])}])`
    const [left, right] = [of('left', a, 2), of('right', b, 1)]
    const starts = [
      `let left = ${sum('p0', [
        [z, step(a, 0)],
        [i, step(a, 1)],
      ])};`,
      `let right = ${sum('p1', [
        [z, step(b, 0)],
        [j, step(b, 2)],
      ])};`,
    ]
    const work = shared(
      {
        results,
        over: k,
        along: n > 1 && step(b, 2) === 1 ? 'results' : 'over',
        type: 'f32',
        first: '0.0',
        join: (x, y) => `${x} + ${y}`,
        before: [...lines, ...starts],
        // Four at a time, so that their loads do not wait for one another.
        run: (from, by) => {
          const four = (element: (p: string) => string) =>
            [0, 1, 2, 3].map((u) => element(u === 0 ? 'k' : `(k + ${u * by})`)).join(', ')
          const wide = [
            'var sums = vec4<f32>();',
            `for (; k < ${k - 3 * by}; k += ${4 * by}) {`,
            `  sums = fma(vec4<f32>(${four(left)}), vec4<f32>(${four(right)}), sums);`,
            '}',
            'total = (sums.x + sums.y) + (sums.z + sums.w);',
          ]
          return [
            `var k = ${from};`,
            ...(k > 3 * by ? wide : []),
            `for (; k < ${k}; k += ${by}) { total = fma(${left('k')}, ${right('k')}, total); }`,
          ]
        },
        finish: [
          'let result = total;',
          ...lines,
          ...emitExpression(library, epilogue, siteAt(epilogue, 2, positions, 'result')),
        ],
      },
      invocations,
    )
    return { views: [a, b, ...expressionViews(epilogue)], size: results, library, ...work }
  },
}

/** The number of a result `r` taken apart; axes of one element have no position. */
function apart(sizes: readonly number[]): { readonly lines: string[]; readonly positions: string[] } {
  const long = sizes.flatMap((size, axis) => (size > 1 ? [axis] : []))
  const lines = split(
    'r',
    long.map((axis) => at(sizes, axis)),
    'x',
  )
  return { lines, positions: sizes.map((_, axis) => (long.includes(axis) ? `x${long.indexOf(axis)}` : '0')) }
}

interface Sum {
  readonly results: number
  readonly over: number
  readonly along: 'results' | 'over'
  readonly type: string
  readonly first: string
  readonly join: (a: string, b: string) => string
  /** Once for each result `r`. */
  readonly before: readonly string[]
  /** Joins every `by`-th element, beginning with number `from`, to `total`. */
  readonly run: (from: string, by: number) => readonly string[]
  /** With `r` and the whole `total`; nothing of what came before is there any more. */
  readonly finish: readonly string[]
}

/** Results that are sums: one for each invocation, or, where they are few and long, for several that meet in workgroup memory. */
function shared(
  { results, over, along, type, first, join, before, run, finish }: Sum,
  invocations: number,
): Pick<Parts, 'body' | 'held' | 'apart'> {
  let sharing = 1
  while (2 * sharing * results <= invocations && 2 * LEAST * sharing <= over) sharing *= 2
  const total = `var total: ${type} = ${first};`
  if (sharing === 1) return { body: each('r', [...before, total, ...run('0', 1), '{', ...finish, '}']) }
  const together = invocations / sharing
  const side = along === 'over'
  const held = heldOf(type)
  assert(together >= results, 'all results at once')
  return {
    held: [type],
    apart: false,
    body: [
      `let own = lane ${side ? '%' : '/'} ${side ? sharing : together};`,
      `let r = lane ${side ? '/' : '%'} ${side ? sharing : together};`,
      total,
      `if (r < ${results}) {`,
      ...[...before, ...run('own', sharing)].map((line) => `  ${line}`),
      '}',
      `${held}[lane] = total;`,
      'workgroupBarrier();',
      `for (var s = ${sharing / 2}; s > 0; s = s >> 1u) {`,
      '  if (own < s) {',
      `    let other = ${held}[lane + s * ${side ? 1 : together}];`,
      `    total = ${join('total', 'other')};`,
      `    ${held}[lane] = total;`,
      '  }',
      '  workgroupBarrier();',
      '}',
      `if (r < ${results} && own == 0) {`,
      ...finish.map((line) => `  ${line}`),
      '}',
    ],
  }
}
