/**
 * Products of matrices, whatever their elements come from: result[z, i, j] = sum over k of a(z, i, k) b(z, k, j). Dense
 * products and all three kinds of convolution are this with other addresses, so that nothing is ever copied into a matrix
 * first.
 *
 * A workgroup computes a tile of the result and keeps the strips of both operands that it needs in workgroup memory; each
 * invocation has 4 x 4 results in registers. Where tiles are too few to fill a GPU and k is long, parts of k go to different
 * workgroups, and a second pass adds them up. Products with very few columns or rows are reductions instead.
 */
import type { KernelCode } from './kernel-code.ts'
import { split } from './kernel-code.ts'
import { joinParts, reductionCode, type Lines, type Reduction } from './reduction.ts'
import { Library, shader } from './shader.ts'

export interface Operand {
  /**
   * Body of a WGSL function of `place` (its first element) and, as i32, `z`, `line` (the row of a, or the column of b) and
   * `k`, which returns the element as f32.
   */
  readonly element: readonly string[]
  /** Elements that lie side by side follow each other along k, not along the line. */
  readonly sideBySide: 'k' | 'line'
}

export interface Product {
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
  /** Views 0 and 1. */
  readonly a: Operand
  readonly b: Operand
  readonly views: number
  /** With `z`, `i`, `j` and `result`. */
  readonly finish: Lines
}

/** Results of a workgroup: rows and columns. */
interface Tile {
  readonly rows: number
  readonly columns: number
}

const TILES: readonly Tile[] = [
  { rows: 64, columns: 64 },
  { rows: 64, columns: 16 },
  { rows: 16, columns: 64 },
  { rows: 32, columns: 32 },
]
/** Steps along k that are in workgroup memory at a time. */
const DEPTH = 16
/** Workgroups that keep a GPU busy, and least steps along k that are worth one. */
const ENOUGH_GROUPS = 128
const LEAST_DEPTH = 128

const tilesOf = ({ batch, m, n }: Product, { rows, columns }: Tile) =>
  batch * Math.ceil(m / rows) * Math.ceil(n / columns)

/** The tile that computes least of what is not wanted; large ones read less often. */
function tileOf(product: Product): Tile {
  const cost = (tile: Tile) => tilesOf(product, tile) * (tile.rows * tile.columns + 6 * (tile.rows + tile.columns))
  const [large, ...others] = TILES as readonly [Tile, ...Tile[]]
  return others.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best), large)
}

function operandFunction(name: string, { element }: Operand, lines: number): string {
  return [
    `fn ${name}(place: i32, z: i32, line: i32, k: i32, end: i32) -> f32 {`,
    `  if (line >= ${lines} || k >= end) { return 0.0; }`,
    ...element.map((line) => `  ${line}`),
    '}',
  ].join('\n')
}

const operandFunctions = ({ a, b, m, n }: Product) => [
  operandFunction('elementA', a, m),
  operandFunction('elementB', b, n),
]

/** Number of a result taken apart. */
const apart = ({ batch, m, n }: Product): string[] => [
  ...split('r', [batch, m, n], 'x'),
  'let z = x0;',
  'let i = x1;',
  'let j = x2;',
]

function asReduction(product: Product): Reduction {
  const { batch, m, n, k, a, b, views, finish } = product
  return {
    op: 'sum',
    dtype: 'float',
    results: batch * m * n,
    over: k,
    views,
    declarations: operandFunctions(product),
    before: () => apart(product),
    element: () => [`let value = elementA(p0, z, i, k, ${k}) * elementB(p1, z, j, k, ${k});`],
    finish: (library) => [...apart(product), ...finish(library)],
    along: (n > 1 ? b : a).sideBySide === 'k' ? 'over' : 'results',
  }
}

/** Fills a strip of workgroup memory, DEPTH rows of `size / 4` vectors and one more, which keeps columns in different banks. */
function fillStrip(
  strip: string,
  call: (line: string, k: string) => string,
  first: string,
  size: number,
  { sideBySide }: Operand,
  invocations: number,
): string[] {
  const vectors = size / 4
  const [depth, vector] = sideBySide === 'k' ? [`v % ${DEPTH}`, `v / ${DEPTH}`] : [`v / ${vectors}`, `v % ${vectors}`]
  const four = [0, 1, 2, 3].map((c) => call(`line + ${c}`, 'k'))
  return [
    `for (var v = lane; v < ${DEPTH * vectors}; v += ${invocations}) {`,
    `  let depth = ${depth};`,
    `  let vector = ${vector};`,
    `  let line = ${first} + vector * 4;`,
    '  let k = start + depth;',
    `  ${strip}[depth * ${vectors + 1} + vector] = vec4<f32>(${four.join(', ')});`,
    '}',
  ]
}

function tiledPass(product: Product, tile: Tile, parts: number, places: number) {
  const { batch, m, n, k, a, b, finish } = product
  const { rows, columns } = tile
  const library = new Library()
  const invocations = (rows * columns) / 16
  const across = columns / 4
  const [tilesDown, tilesAcross] = [Math.ceil(m / rows), Math.ceil(n / columns)]
  const tiles = batch * tilesDown * tilesAcross
  const length = Math.ceil(Math.ceil(k / parts) / DEPTH) * DEPTH
  const registers = [0, 1, 2, 3]
  const body = [
    ...split('group', [parts, batch, tilesDown, tilesAcross], 't'),
    'let z = t1;',
    `let i0 = t2 * ${rows};`,
    `let j0 = t3 * ${columns};`,
    `let down = lane / ${across};`,
    `let across = lane % ${across};`,
    ...registers.map((row) => `var sum${row} = vec4<f32>();`),
    `let end = min(${k}, (t0 + 1) * ${length});`,
    `for (var start = t0 * ${length}; start < end; start += ${DEPTH}) {`,
    ...fillStrip('stripA', (line, at) => `elementA(p0, z, ${line}, ${at}, end)`, 'i0', rows, a, invocations),
    ...fillStrip('stripB', (line, at) => `elementB(p1, z, ${line}, ${at}, end)`, 'j0', columns, b, invocations),
    '  workgroupBarrier();',
    `  for (var depth = 0; depth < ${DEPTH}; depth++) {`,
    `    let left = stripA[depth * ${rows / 4 + 1} + down];`,
    `    let right = stripB[depth * ${columns / 4 + 1} + across];`,
    ...registers.map((row) => `    sum${row} = fma(vec4<f32>(left[${row}]), right, sum${row});`),
    '  }',
    '  workgroupBarrier();',
    '}',
    // A loop, not sixteen copies: epilogues can be long.
    'for (var row = 0; row < 4; row++) {',
    '  let i = i0 + down * 4 + row;',
    `  if (i >= ${m}) { break; }`,
    '  let sums = select(select(sum0, sum1, row == 1), select(sum2, sum3, row == 3), row >= 2);',
    '  for (var column = 0; column < 4; column++) {',
    '    let j = j0 + across * 4 + column;',
    `    if (j >= ${n}) { break; }`,
    '    let result = sums[column];',
    ...(parts > 1
      ? [`    arena[p${places - 1} + ((t0 * ${batch} + z) * ${m} + i) * ${n} + j] = bitcast<u32>(result);`]
      : finish(library).map((line) => `    ${line}`)),
    '  }',
    '}',
  ]
  const declarations = [
    ...operandFunctions(product),
    `var<workgroup> stripA: array<vec4<f32>, ${DEPTH * (rows / 4 + 1)}>;`,
    `var<workgroup> stripB: array<vec4<f32>, ${DEPTH * (columns / 4 + 1)}>;`,
  ]
  const groups = tiles * parts
  return { code: shader({ places, invocations, groups, library, declarations, body }), groups }
}

export function productCode(product: Product): KernelCode {
  const { batch, m, n, k, views } = product
  const results = batch * m * n
  if (results === 0) return { passes: [], scratch: 0 }
  const reduction = asReduction(product)
  if (Math.min(m, n) < 4 || k < 4) return reductionCode(reduction)
  const tile = tileOf(product)
  const wanted = Math.floor(ENOUGH_GROUPS / tilesOf(product, tile))
  const most = Math.max(1, Math.min(wanted, Math.floor(k / LEAST_DEPTH)))
  const length = Math.ceil(Math.ceil(k / most) / DEPTH) * DEPTH
  const parts = Math.ceil(k / length)
  if (parts === 1) return { passes: [tiledPass(product, tile, 1, views)], scratch: 0 }
  const rest = reductionCode(joinParts(reduction, parts), true)
  return { passes: [tiledPass(product, tile, parts, views + 1), ...rest.passes], scratch: parts * results }
}
