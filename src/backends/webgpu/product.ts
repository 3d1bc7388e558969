/**
 * Products of matrices, whatever their elements come from: result[z, i, j] = sum over k of a(z, i, k) b(z, k, j). Dense
 * products and all three kinds of convolution are this with other addresses, so that nothing is ever copied into a matrix
 * first. An address is the sum of a part that depends on the line alone (a row of a, a column of b), computed once, and of one
 * that depends on k alone.
 *
 * A workgroup computes a tile of the result and keeps the strips of both operands that it needs in workgroup memory, lines side
 * by side; each invocation has up to 8 x 8 results in registers, and loads its share of the next strips while it computes with
 * these. Where tiles are too few to fill a GPU and k is long, parts of k go to different workgroups, and a second pass adds them
 * up. Products with very few columns or rows are reductions instead.
 *
 * Where operands and results lie suitably, the shader sees the arena as vectors of four. Everything stays f32: sums in f16 are
 * not within the tolerances that training is tested against.
 */
import { at } from '../../base/assert.ts'
import type { Expression, View } from '../../ir/kernel.ts'
import { addressOf, emitExpression, emitLines, siteAt } from './expression.ts'
import { split, type KernelCode, type Pass, type Target } from './kernel-code.ts'
import { joinParts, reductionCode, type Reduction } from './reduction.ts'
import { Library, shader } from './shader.ts'

export interface Operand {
  /**
   * Bodies of WGSL functions that return the two parts of an element's place, i32s counted from where the view begins: of `z`
   * and `line`, and of `z` and `k`. With `within`, they return vec3<i32>s: that, and two positions.
   */
  readonly line: readonly string[]
  readonly step: readonly string[]
  /** Where a position is not below its bound, or negative, the element is 0. */
  readonly within?: readonly [number, number]
  /** Elements that lie side by side follow each other along k, not along the line. */
  readonly sideBySide: 'k' | 'line'
  /** Four that follow each other so, from a multiple of four on, are a vector of the arena. */
  readonly fours: boolean
}

export interface Product {
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
  /** Body of a WGSL function that returns, for `z`, how much of k there is, where that is not all. */
  readonly depth?: readonly string[]
  /** Views 0 and 1. */
  readonly a: Operand
  readonly b: Operand
  /** Statements that make of `z` and `i` what the positions need, and a condition under which there is no such row. */
  readonly row: readonly string[]
  readonly noRow?: string
  /** Its views come behind those of the operands. The position along each of its axes, the last of them along j. */
  readonly epilogue: Expression
  readonly positions: (j: string) => readonly string[]
}

/** Results of a workgroup, rows and columns, and of each of its invocations. */
export interface Tile {
  readonly rows: number
  readonly columns: number
  readonly down: 4 | 8
  readonly across: 4 | 8
}

const tile = (rows: number, columns: number, down: 4 | 8, across: 4 | 8): Tile => ({ rows, columns, down, across })
/** At most 256 invocations and 16 KiB of workgroup memory: what every device has. */
export const TILES: readonly Tile[] = [
  tile(128, 128, 8, 8),
  tile(128, 64, 8, 4),
  tile(64, 128, 4, 8),
  tile(128, 32, 8, 4),
  tile(32, 128, 4, 8),
  tile(64, 64, 8, 4),
  tile(64, 64, 4, 4),
  tile(64, 32, 4, 4),
  tile(32, 64, 4, 4),
  tile(32, 32, 4, 4),
  tile(64, 16, 4, 4),
  tile(16, 64, 4, 4),
]
/**
 * Steps along k that are in workgroup memory at a time, and those of them that are written out one by one. Indexes are sums of
 * constants, counters that go up by one, quotients and rests: of those, compilers see that they are within the array, and check
 * nothing when it runs.
 */
const DEPTH = 16
const UNROLLED = 8
/** Least steps along k that are worth a workgroup. */
const LEAST_DEPTH = 64
const PARTS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128] as const
/** Multiply-adds of a dispatch: a fraction of a second on a GPU that does a tenth of a million million a second. */
const MOST_PRODUCTS = 4e9

type Sizes = Pick<Product, 'batch' | 'm' | 'n' | 'k'>

const invocationsOf = ({ rows, columns, down, across }: Tile) => (rows * columns) / (down * across)
const tilesOf = ({ batch, m, n }: Sizes, { rows, columns }: Tile) =>
  batch * Math.ceil(m / rows) * Math.ceil(n / columns)
const lengthOf = ({ k }: Sizes, parts: number) => Math.ceil(k / parts / DEPTH) * DEPTH

export interface Cut {
  readonly tile: Tile
  /** Of k. */
  readonly parts: number
}

/** Processors of a tiny, a middling and a large GPU, each with 128 lanes, that need 256 invocations to be busy. */
const PROCESSORS = [1 / 4, 16, 128] as const
const MOST_PROCESSORS = 128
/** Steps along k that would take as long as beginning and ending a tile; clocks that a second pass takes to start. */
const AROUND = 32
const SECOND_PASS = 4000

/** About how many clocks a GPU with so many processors takes. */
function timeOf(product: Sizes, { tile, parts }: Cut, processors: number): number {
  const { rows, columns, down, across } = tile
  const invocations = invocationsOf(tile)
  // Instructions of an invocation for a step along k: its products, reading two or more vectors, and its share of the vectors
  // that strips are filled with, each of which is as much traffic as some dozens.
  const instructions = down * across + (3 * (down + across)) / 4 + (10 * (rows + columns)) / invocations
  // Half a tile more than its share, on average, is what the last of them to finish has to do.
  const each = Math.max(1, (tilesOf(product, tile) * parts) / processors + 0.5)
  const busy = Math.min(1, (each * invocations) / 256)
  const computing = (each * invocations * (lengthOf(product, parts) + AROUND) * instructions) / (128 * busy)
  const joining = SECOND_PASS + (2 * parts * product.batch * product.m * product.n) / (5 * processors)
  return computing + (parts > 1 ? joining : 0)
}

/** By shapes alone, so that results are the same every time. All three GPUs count alike, in proportion. */
export function cutOf(product: Sizes, { narrow }: Pick<Target, 'narrow'>): Cut {
  const tiles = TILES.filter(({ down, across }) => !narrow || down * across < 64)
  const most = (tile: Tile) =>
    tilesOf(product, tile) < MOST_PROCESSORS ? Math.max(1, Math.floor(product.k / LEAST_DEPTH)) : 1
  const cuts = tiles.flatMap((tile) =>
    PARTS.filter((count) => count <= most(tile)).map((count): Cut => ({
      tile,
      parts: Math.ceil(product.k / lengthOf(product, count)),
    })),
  )
  const cost = (cut: Cut) => PROCESSORS.reduce((cost, processors) => cost * timeOf(product, cut, processors), 1)
  return cuts.reduce((best, cut) => (cost(cut) < cost(best) ? cut : best))
}

type Side = 'A' | 'B'

/**
 * Places of an operand's elements and how to read there; `vectors`: the arena is seen as such. Where elements are read in fours,
 * places count vectors.
 */
function operandFunctions(side: Side, { line, step, within, fours }: Operand, vectors: boolean): string[] {
  const type = within ? 'vec3<i32>' : 'i32'
  const place = within ? 'at.x' : 'at'
  const inside = within ? ` & (u32(at.y) < ${within[0]}u) & (u32(at.z) < ${within[1]}u)` : ''
  const define = (name: string, given: string, result: string, body: readonly string[]) =>
    [`fn ${name}(${given}) -> ${result} {`, ...body.map((text) => `  ${text}`), '}'].join('\n')
  const whole = fours && vectors
  const counted = (words: string) => {
    const number = whole ? `(${words}) >> 2u` : words
    return within ? `vec3<i32>(${number}, at.y, at.z)` : number
  }
  const element = whole ? 'vec4<f32>' : 'f32'
  const words = whole || !vectors ? 'arena[place]' : 'arena[u32(place) >> 2u][u32(place) & 3u]'
  const given = `at: ${type}, wanted: bool`
  return [
    define(`lineIn${side}`, 'z: i32, line: i32', type, line),
    define(`stepIn${side}`, 'z: i32, k: i32', type, step),
    define(`line${side}`, 'view: i32, z: i32, line: i32', type, [
      `let at = lineIn${side}(z, line);`,
      `return ${counted(`view + ${place}`)};`,
    ]),
    define(`step${side}`, 'z: i32, k: i32', type, [`let at = stepIn${side}(z, k);`, `return ${counted(place)};`]),
    // Chosen, not branched: all reads can be under way at once. What is not wanted is read where there is always something.
    define(`read${side}`, given, element, [
      `let here = wanted${inside};`,
      `let place = select(0, ${place}, here);`,
      `return select(${element}(), bitcast<${element}>(${words}), here);`,
    ]),
  ]
}

const depthFunction = ({ depth }: Product): string[] =>
  depth ? [['fn depthOf(z: i32) -> i32 {', ...depth.map((line) => `  ${line}`), '}'].join('\n')] : []

const depthOf = ({ depth, k }: Product) => (depth ? 'depthOf(z)' : String(k))

const viewsOf = ({ epilogue }: Product) => 2 + epilogue.loads.length + epilogue.stores.length

const epilogueOf = ({ epilogue, positions }: Product, library: Library, j: string): string[] =>
  emitExpression(library, epilogue, siteAt(epilogue, 2, positions(j), 'result'))

function asReduction(product: Product): Reduction {
  const { batch, m, n, k, a, b } = product
  const apart = [...split('r', [batch, m, n], 'x'), 'let z = x0;', 'let i = x1;', 'let j = x2;']
  return {
    op: 'sum',
    dtype: 'float',
    results: batch * m * n,
    over: k,
    views: viewsOf(product),
    declarations: [...operandFunctions('A', a, false), ...operandFunctions('B', b, false), ...depthFunction(product)],
    before: () => [
      ...apart,
      'let lineOfA = lineA(p0, z, i);',
      'let lineOfB = lineB(p1, z, j);',
      `let depth = ${depthOf(product)};`,
    ],
    element: () => [
      'let wanted = k < depth;',
      'let value = readA(lineOfA + stepA(z, k), wanted) * readB(lineOfB + stepB(z, k), wanted);',
    ],
    finish: (library) => [
      ...apart,
      ...product.row,
      ...(product.noRow ? [`if (${product.noRow}) { return; }`] : []),
      ...epilogueOf(product, library, 'j'),
    ],
    along: (n > 1 ? b : a).sideBySide === 'k' ? 'over' : 'results',
  }
}

/** How a strip is filled: what is done before all of them, to load the one at `start`, and to put it into workgroup memory. */
interface Filling {
  readonly before: readonly string[]
  readonly load: readonly string[]
  readonly store: readonly string[]
}

/**
 * A strip has DEPTH rows of `size / 4` vectors. An invocation takes a vector of it, or, where four elements along k are loaded
 * at once, a square of four by four, which it turns. Neighbours then write to rows four apart, which would be in the same banks:
 * every other four rows have halves of eight vectors exchanged.
 */
const turns = ({ sideBySide, fours }: Operand, vectors: boolean) => vectors && fours && sideBySide === 'k'
const exchanges = (operand: Operand, vectors: boolean, size: number) => turns(operand, vectors) && size >= 32
/** Of a sum, the place within its eight vectors, but the eight of a vector. */
const exchanged = (sum: string, vector: string) => `(${sum}) % 8u + ${vector} / 8u * 8u`

interface Strip {
  readonly side: Side
  readonly operand: Operand
  /** Lines of it, and those that there are. */
  readonly size: number
  readonly lines: number
  readonly vectors: boolean
  /** Whether `start + …` can be beyond the end. */
  readonly ragged: boolean
  readonly invocations: number
  /** The invocation that takes the first share, where not all have one. */
  readonly from: number
}

const sharesOf = ({ operand, size, vectors }: Pick<Strip, 'operand' | 'size' | 'vectors'>) =>
  (DEPTH * size) / (turns(operand, vectors) ? 16 : 4)

function filling(strip: Strip): Filling {
  const { side, operand, size, lines, vectors, ragged, invocations, from } = strip
  const shares = sharesOf(strip)
  const rounds = Math.max(1, shares / invocations)
  const across = size / 4
  const turned = turns(operand, vectors)
  const whole = !turned && vectors && operand.fours
  const own = shares < invocations ? `(lane + ${invocations - from}) % ${shares}` : 'lane'
  const first = side === 'A' ? 'i0' : 'j0'
  const before: string[] = []
  const load: string[] = []
  const store: string[] = []
  const declare: string[] = []
  const clamped = (line: string, step: number) => (lines % size === 0 ? line : `min(${line}, ${lines - step})`)
  const wanted = (k: string) => (ragged ? `${k} < end` : 'true')
  for (let round = 0; round < rounds; round++) {
    const name = `fill${side}${round}`
    before.push(`let ${name}Own = u32(${own}${round > 0 ? ` + ${round * invocations}` : ''});`)
    if (turned)
      // Two along k are beside each other, a sector of memory; all lines before the next two.
      before.push(
        `let ${name}Depth = (${name}Own % 2u + ${name}Own / ${2 * across}u * 2u) * 4u;`,
        `let ${name}Vector = ${name}Own / 2u % ${across}u;`,
      )
    else if (operand.sideBySide === 'k')
      before.push(`let ${name}Depth = ${name}Own % ${DEPTH}u;`, `let ${name}Vector = ${name}Own / ${DEPTH}u;`)
    else before.push(`let ${name}Depth = ${name}Own / ${across}u;`, `let ${name}Vector = ${name}Own % ${across}u;`)
    const count = whole ? 1 : 4
    // All rounds have the same lines where lines are what neighbours differ in.
    const known = operand.sideBySide === 'line' && round > 0
    const lineOf = (c: number) => `line${side}${operand.sideBySide === 'line' ? 0 : round}_${c}`
    if (!known)
      for (let c = 0; c < count; c++) {
        const line = clamped(`${first} + i32(${name}Vector * 4u)${c > 0 ? ` + ${c}` : ''}`, whole ? 4 : 1)
        before.push(`let ${lineOf(c)} = line${side}(${side === 'A' ? 'p0' : 'p1'}, z, ${line});`)
      }
    const k = `start + i32(${name}Depth)`
    load.push(`let ${name}Step = step${side}(z, ${k});`, `let ${name}Wanted = ${wanted(k)};`)
    const element = (c: number) => `read${side}(${lineOf(c)} + ${name}Step, ${name}Wanted)`
    const together = (parts: readonly string[]) => `vec4<f32>(${parts.join(', ')})`
    const four = [0, 1, 2, 3]
    if (turned) {
      const vector = `${name}Vector`
      const column = exchanges(operand, vectors, size) ? exchanged(`${vector} + ${name}Depth % 8u`, vector) : vector
      before.push(`let ${name}At = ${name}Depth * ${across}u + ${column};`)
      for (const c of four) {
        load.push(`${name}_${c} = ${element(c)};`)
        const turn = together(four.map((i) => `${name}_${i}[${c}]`))
        store.push(`strip${side}[${name}At${c > 0 ? ` + ${c * across}u` : ''}] = ${turn};`)
      }
      declare.push(...four.map((c) => `var ${name}_${c} = vec4<f32>();`))
    } else {
      before.push(`let ${name}At = ${name}Depth * ${across}u + ${name}Vector;`)
      load.push(`${name}_0 = ${whole ? element(0) : together(four.map(element))};`)
      store.push(`strip${side}[${name}At] = ${name}_0;`)
      declare.push(`var ${name}_0 = vec4<f32>();`)
    }
  }
  if (shares >= invocations) return { before, load: [...declare, ...load], store }
  const condition = `if (${from > 0 ? `lane >= ${from} && ` : ''}lane < ${from + shares}) {`
  const guarded = (body: string[]) => [condition, ...body.map((line) => `  ${line}`), '}']
  return { before, load: [...declare, ...guarded(load)], store: guarded(store) }
}

/** Multiply-adds of UNROLLED steps along k. Halves of what an invocation computes lie half a tile apart: no bank is asked twice. */
function products(
  { down, across }: Tile,
  operands: readonly [Operand, Operand],
  sizes: readonly [number, number],
  vectors: boolean,
): string[] {
  const lines: string[] = []
  for (let d = 0; d < UNROLLED; d++) {
    const read = (side: 0 | 1, part: number) => {
      const size = at(sizes, side)
      const vector = side === 0 ? 'down' : 'across'
      const turned = exchanges(at(operands, side), vectors, size) && d % 8 >= 4
      const parts = (side === 0 ? down : across) / 4
      const offset = (d * size) / 4 + (part * size) / 4 / parts
      return `strip${side === 0 ? 'A' : 'B'}[round * ${(UNROLLED * size) / 4}u + ${offset}u + ${vector}${turned ? 'Exchanged' : ''}]`
    }
    for (let part = 0; part < down / 4; part++) lines.push(`let a${d}_${part} = ${read(0, part)};`)
    for (let part = 0; part < across / 4; part++) lines.push(`let b${d}_${part} = ${read(1, part)};`)
    for (let row = 0; row < down; row++)
      for (let part = 0; part < across / 4; part++)
        lines.push(
          `sum${row}_${part} = fma(vec4<f32>(a${d}_${Math.floor(row / 4)}[${row % 4}]), b${d}_${part}, sum${row}_${part});`,
        )
  }
  return lines
}

/** A view of results whose elements along j can be taken four at a time. */
function inFours({ n }: Product, view: View, { aligned }: Target): boolean {
  const last = view.strides.length - 1
  return (
    n % 4 === 0 &&
    aligned(view) &&
    view.strides.every((stride, axis) => (axis === last ? stride === 1 : stride % 4 === 0))
  )
}

/** The epilogue for the four results `sums` from `j` on, in the arena seen as vectors. */
function epilogueInFours(product: Product, library: Library, target: Target): string[] {
  const { epilogue, positions } = product
  const { loads, body, stores } = epilogue
  const lines: string[] = ['let j1 = j + 1;', 'let j2 = j + 2;', 'let j3 = j + 3;']
  const columns = ['j', 'j1', 'j2', 'j3']
  const address = (view: View, number: number, j: string) => addressOf(`p${2 + number}`, view, positions(j))
  const word = (address: string) => {
    const place = `u32(${address})`
    return `arena[${place} >> 2u][${place} & 3u]`
  }
  const read = loads.map((view, load): ((column: number) => string) => {
    if (inFours(product, view, target)) {
      lines.push(`let load${load} = arena[u32(${address(view, load, 'j')}) >> 2u];`)
      return (column) => `load${load}[${column}]`
    }
    if (at(view.strides, view.strides.length - 1) !== 0)
      return (column) => word(address(view, load, at(columns, column)))
    lines.push(`let load${load} = ${word(address(view, load, 'j'))};`)
    return () => `load${load}`
  })
  columns.forEach((j, column) => {
    const site = {
      ...siteAt(epilogue, 2, positions(j), `sums[${column}]`),
      read: (load: number) => at(read, load)(column),
    }
    lines.push(
      ...emitLines(
        library,
        body,
        stores.map(({ value }) => value),
        site,
        `v${'abcd'[column]}`,
      ),
    )
  })
  stores.forEach(({ view, value }, store) => {
    const bits = columns.map((_, column) => `bitcast<u32>(v${'abcd'[column]}${value})`)
    lines.push(`arena[u32(${address(view, loads.length + store, 'j')}) >> 2u] = vec4<u32>(${bits.join(', ')});`)
  })
  return lines
}

/** Whether the shader can see the arena as vectors: no two invocations may write into one, so all results come in fours. */
function seesVectors(product: Product, parts: number, target: Target): boolean {
  const { a, b, n, epilogue } = product
  if (!a.fours && !b.fours) return false
  return parts > 1 ? n % 4 === 0 : epilogue.stores.every(({ view }) => inFours(product, view, target))
}

function tiledPasses(product: Product, { tile, parts }: Cut, target: Target, places: number): Pass[] {
  const { batch, m, n, k, a, b } = product
  const { rows, columns, down, across } = tile
  const library = new Library()
  const vectors = seesVectors(product, parts, target)
  const invocations = invocationsOf(tile)
  const [lanesDown, lanesAcross] = [rows / down, columns / across]
  // Thirty-two neighbours are a block of four by eight, so that together they read few different vectors.
  const [blockDown, blockAcross] = [Math.min(4, lanesDown), Math.min(8, lanesAcross)]
  const [tilesDown, tilesAcross] = [Math.ceil(m / rows), Math.ceil(n / columns)]
  const length = lengthOf(product, parts)
  const common = { vectors, ragged: product.depth !== undefined || k % DEPTH !== 0, invocations }
  const stripA: Strip = { ...common, side: 'A', operand: a, size: rows, lines: m, from: 0 }
  const behind = sharesOf(stripA) % invocations
  const stripB: Strip = { ...common, side: 'B', operand: b, size: columns, lines: n, from: 0 }
  const fillA = filling(stripA)
  const fillB = filling({ ...stripB, from: behind + sharesOf(stripB) <= invocations ? behind : 0 })
  const list = (count: number) => Array.from({ length: count }, (_, i) => i)
  const indent = (lines: readonly string[]) => lines.map((line) => `  ${line}`)
  const bounded = (condition: string, lines: readonly string[], always: boolean) =>
    always ? lines : [`if (${condition}) {`, ...indent(lines), '}']
  const scratch = `p${places - 1} + ((t0 * ${batch} + z) * ${m} + i) * ${n} + j`
  const four = vectors
    ? parts > 1
      ? [`arena[u32(${scratch}) >> 2u] = bitcast<vec4<u32>>(sums);`]
      : epilogueInFours(product, library, target)
    : [
        // A loop, not four copies: epilogues can be long.
        'let left = j;',
        'for (var column = 0; column < 4; column++) {',
        '  let j = left + column;',
        ...(n % 4 === 0 ? [] : [`  if (j >= ${n}) { break; }`]),
        '  let result = sums[column];',
        ...indent(parts > 1 ? [`arena[${scratch}] = bitcast<u32>(result);`] : epilogueOf(product, library, 'j')),
        '}',
      ]
  const halves = across / 4
  const ending = [
    `for (var row = 0; row < ${down}; row++) {`,
    `  let i = i0 + row / 4 * ${lanesDown * 4} + i32(down) * 4 + row % 4;`,
    ...(m % rows === 0 ? [] : [`  if (i >= ${m}) { continue; }`]),
    ...(parts > 1 ? [] : indent([...product.row, ...(product.noRow ? [`if (${product.noRow}) { continue; }`] : [])])),
    ...list(halves).map((part) => `  var sums${part} = sum0_${part};`),
    '  switch row {',
    ...list(down - 1).map((row) => {
      const take = list(halves).map((part) => `sums${part} = sum${row + 1}_${part};`)
      return `    case ${row + 1}: { ${take.join(' ')} }`
    }),
    '    default: {}',
    '  }',
    ...(halves === 1
      ? [
          '  let sums = sums0;',
          '  let j = j0 + i32(across) * 4;',
          ...indent(bounded(`j < ${n}`, four, n % columns === 0)),
        ]
      : [
          '  for (var part = 0; part < 2; part++) {',
          '    let sums = select(sums0, sums1, part == 1);',
          `    let j = j0 + part * ${lanesAcross * 4} + i32(across) * 4;`,
          ...indent(indent(bounded(`j < ${n}`, four, n % columns === 0))),
          '  }',
        ]),
    '}',
  ]
  const declarations = [
    ...operandFunctions('A', a, vectors),
    ...operandFunctions('B', b, vectors),
    ...depthFunction(product),
    `var<workgroup> stripA: array<vec4<f32>, ${(DEPTH * rows) / 4}>;`,
    `var<workgroup> stripB: array<vec4<f32>, ${(DEPTH * columns) / 4}>;`,
  ]
  const pass = (first: number, groups: number): Pass => {
    const body = [
      ...split(first > 0 ? `group + ${first}` : 'group', [parts, batch, tilesDown, tilesAcross], 't'),
      'let z = t1;',
      `let i0 = t2 * ${rows};`,
      `let j0 = t3 * ${columns};`,
      ...split('lane', [lanesDown / blockDown, lanesAcross / blockAcross, blockDown, blockAcross], 'l'),
      `let down = u32(l0 * ${blockDown} + l2);`,
      `let across = u32(l1 * ${blockAcross} + l3);`,
      `let downExchanged = ${exchanged('down + 4u', 'down')};`,
      `let acrossExchanged = ${exchanged('across + 4u', 'across')};`,
      ...fillA.before,
      ...fillB.before,
      ...list(down).flatMap((row) => list(halves).map((part) => `var sum${row}_${part} = vec4<f32>();`)),
      `let first = t0 * ${length};`,
      `let end = min(${depthOf(product)}, first + ${length});`,
      `let strips = (end - first + ${DEPTH - 1}) / ${DEPTH};`,
      // What is loaded in one turn is computed with in the next, so that the way from memory takes no time.
      'for (var strip = 0; strip <= strips; strip++) {',
      `  let start = first + min(strip, max(strips - 1, 0)) * ${DEPTH};`,
      ...indent([...fillA.load, ...fillB.load]),
      '  if (strip > 0) {',
      `    for (var round = 0u; round < ${DEPTH / UNROLLED}u; round++) {`,
      ...indent(indent(indent(products(tile, [a, b], [rows, columns], vectors)))),
      '    }',
      '  }',
      '  workgroupBarrier();',
      ...indent([...fillA.store, ...fillB.store]),
      '  workgroupBarrier();',
      '}',
      ...ending,
    ]
    const code = shader({ places, invocations, groups, library, declarations, body, vectors })
    return { code, groups }
  }
  const groups = tilesOf(product, tile) * parts
  const most = Math.max(1, Math.floor(MOST_PRODUCTS / (rows * columns * length)))
  return list(Math.ceil(groups / most)).map((i) => pass(i * most, Math.min(most, groups - i * most)))
}

/** `cut`: as it is best, where it is not said. */
export function productCode(product: Product, target: Target, cut?: Cut): KernelCode {
  const { batch, m, n, k } = product
  const results = batch * m * n
  if (results === 0) return { passes: [], scratch: 0 }
  const reduction = asReduction(product)
  if (!cut && (Math.min(m, n) < 4 || k < 4)) return reductionCode(reduction, target)
  const { tile, parts } = cut ?? cutOf(product, target)
  const views = viewsOf(product)
  if (parts === 1) return { passes: tiledPasses(product, { tile, parts }, target, views), scratch: 0 }
  const rest = reductionCode(joinParts(reduction, parts), target, true)
  const passes = tiledPasses(product, { tile, parts }, target, views + 1)
  return { passes: [...passes, ...rest.passes], scratch: parts * results }
}
