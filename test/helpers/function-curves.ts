/**
 * The curves that the palette shows of functions: each block's own arithmetic and its own gradient, run on the reference
 * backend over [-4, 4]. `npm run curves` writes them to renderer/palette/curves.gen.ts; a test keeps the file fresh.
 */
import { at, get } from '../../src/base/assert.ts'
import { attempt } from '../../src/base/problem.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import type { BlockDefinition } from '../../src/blocks/define.ts'
import { blocks } from '../../src/blocks/index.ts'
import { blockProgram, newBlockBuilder, paramsOf, place } from './block-program.ts'

export const REACH = 4
const STEPS = 640
/** How far the drawn line may be from the true one: a quarter of a pixel where 1 is 60 pixels high. */
export const TOLERANCE = 0.004

export type Line = readonly number[]
export interface FunctionCurve {
  /** x and y in turn, f over [-4, 4]. */
  readonly value: Line
  /** The same of f'. */
  readonly slope: Line
}

const places = Array.from({ length: STEPS + 1 }, (_, i) => -REACH + (2 * REACH * i) / STEPS)

/** f and f' at these places, as a tensor of this shape; null where the block's arithmetic needs more than x. */
function sample(block: BlockDefinition, x: readonly number[], shape: Shape): { y: number[]; slope: number[] } | null {
  const g = newBlockBuilder()
  place(g, block, paramsOf(block), { x: g.input('x', 'data', shape) })
  const starts = new Map(g.weights.map((weight) => [weight.name, weight.init]))
  const { program, inputs } = blockProgram(block, {}, { x: shape })
  const data = new Map<string, Float64Array>()
  for (const [name, own] of Object.entries(inputs)) {
    const start = name === 'x' ? x : name === 'r.y' ? 1 : starts.get(name)
    if (start === undefined || typeof start === 'string') return null
    data.set(name, typeof start === 'number' ? new Float64Array(sizeOf(own)).fill(start) : Float64Array.from(start))
  }
  const values = evaluate(program, data)
  const output = (name: string) => {
    const found = program.outputs.find((one) => one.name === name)
    return found ? [...values(found.value).data] : []
  }
  return { y: output('y'), slope: output('d.x') }
}

/** The curve of a block that does the same to each number by itself; null for every other. */
export function curveOf(block: BlockDefinition): FunctionCurve | null {
  if (block.family !== 'function' || Object.keys(block.inputs).join() !== 'x') return null
  const alone = attempt(() => sample(block, places, [places.length, 1]))
  // Beside other numbers, in another order: the answer must not depend on them.
  const mirrored = [...places].reverse()
  const among = attempt(() => sample(block, [...places, ...mirrored], [2, places.length]))
  if (!alone.ok || !among.ok || !alone.value || !among.value) return null
  const { y, slope } = alone.value
  const found = among.value.y
  const same = y.every((value, i) => value === found[i] && value === found[2 * places.length - 1 - i])
  if (!same || y.length !== places.length || found.length !== 2 * places.length) return null
  return { value: simplify(y), slope: simplify(slope) }
}

/** Leaves out the points that a straight line between the others comes near enough to. */
function simplify(y: readonly number[]): Line {
  const keep = new Set([0, y.length - 1])
  const split = (from: number, to: number): void => {
    let worst = 0
    let middle = -1
    for (let i = from + 1; i < to; i++) {
      const line = at(y, from) + ((at(y, to) - at(y, from)) * (i - from)) / (to - from)
      const off = Math.abs(at(y, i) - line)
      if (off > worst) [worst, middle] = [off, i]
    }
    if (worst <= TOLERANCE) return
    keep.add(middle)
    split(from, middle)
    split(middle, to)
  }
  split(0, y.length - 1)
  const short = (value: number) => Number(value.toFixed(3)) + 0
  return [...keep].sort((a, b) => a - b).flatMap((i) => [short(at(places, i)), short(at(y, i))])
}

export function functionCurves(): ReadonlyMap<string, FunctionCurve> {
  const found = blocks.map((block) => [block.type, curveOf(block)] as const)
  return new Map(found.filter((entry): entry is [string, FunctionCurve] => entry[1] !== null).sort(byName))
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

/** The generated file as it should be. */
export function curvesText(): string {
  const curves = functionCurves()
  const lines = [...curves.keys()].map((type) => {
    const { value, slope } = get(curves, type)
    return `  ${type}: {\n    value: [${value.join(', ')}],\n    slope: [${slope.join(', ')}],\n  },\n`
  })
  return `// Written by \`npm run curves\` from the arithmetic of the function blocks: f and f' over [-${REACH}, ${REACH}], x and y in turn.
export const curves: { readonly [type: string]: { readonly value: readonly number[]; readonly slope: readonly number[] } } = {
${lines.join('')}}
`
}
