/**
 * What is looked for in a drawing: blocks by name, kind, the shape of a value at one of their ports, or what is the matter
 * with them; inside of composites too. Several words must all fit.
 */
import { findBlock } from '../../src/blocks/index.ts'
import type { Shape } from '../../src/base/shape.ts'
import { levelOf, type Analysis, type BlockAnalysis } from '../../src/compiler/analyze.ts'
import { contentOf, usesOf } from '../../src/document/composites.ts'
import type { BlockId, BlockNode, Graph } from '../../src/document/types.ts'
import { flowOrder } from '../outline/tree.ts'
import { searchFor, type Searched } from '../palette/search.ts'
import { kindOf } from './editor.svelte.ts'

/** A block, wherever it is. */
export interface Spot extends Searched {
  /** `c1/b2`: the composites that lead to it, then itself. */
  readonly key: string
  readonly block: BlockId
  readonly path: readonly BlockId[]
  /** Names of those composites. */
  readonly way: readonly string[]
  readonly kind: string
  readonly node: BlockNode
  readonly shared: boolean
}

/** Shapes of the values at a block's ports, and its own problems. */
export interface Known {
  readonly shapes: readonly Shape[]
  readonly problems: BlockAnalysis['problems']
}

/** All blocks in the order in which data flow. The inside of what shares its weights is met once, in the original. */
export function spotsOf(graph: Graph, path: readonly BlockId[] = [], way: readonly string[] = []): readonly Spot[] {
  return flowOrder(graph).flatMap((id) => {
    const node = contentOf(graph, id)
    if (!node) return []
    const kind = kindOf(node)
    const shares = graph.blocks[id]?.shares !== undefined
    const aliases = [kind, node.type, ...(node.inside?.aliases ?? findBlock(node.type)?.aliases ?? [])]
    const spot: Spot = {
      key: [...path, id].join('/'),
      block: id,
      path,
      way,
      kind,
      node,
      shared: shares || usesOf(graph, id).length > 0,
      title: node.name,
      aliases,
      text: '',
    }
    const within = shares || !node.inside ? [] : spotsOf(node.inside, [...path, id], [...way, node.name])
    return [spot, ...within]
  })
}

export function knownOf(analysis: Analysis, { block, path }: Spot): Known {
  const found = levelOf(analysis, path)?.blocks.get(block)
  if (!found) return { shapes: [], problems: [] }
  const avals = [...Object.values(found.inputs), ...Object.values(found.outputs)]
  return {
    shapes: avals.flatMap((aval) => (aval ? [aval.shape] : [])),
    // A composite has those of the blocks inside as well, which are found where they are.
    problems: found.problems.filter(({ place }) => (place?.inner ?? place?.block)?.split('/').at(-1) === block),
  }
}

type Test = (spot: Spot, known: Known) => boolean

const states: { readonly [word: string]: Test } = {
  error: (_, { problems }) => problems.some(({ severity }) => severity === 'error'),
  warning: (_, { problems }) => problems.some(({ severity }) => severity === 'warning'),
  problem: (_, { problems }) => problems.length > 0,
  bypassed: ({ node }) => node.bypassed === true,
  shared: ({ shared }) => shared,
}

const AXES = /^(\*|b|\d+)(x(\*|b|\d+))*$/

/** The axes that a word like `64x*` asks for; null where it is no shape. A number alone is a name. */
export function shapeAsked(word: string): readonly string[] | null {
  const written = word.toLowerCase().replaceAll('×', 'x')
  // One who has typed `28x` goes on.
  const whole = /\dx$/.test(written) ? `${written}*` : written
  return whole.includes('x') && AXES.test(whole) ? whole.split('x') : null
}

/** Whether a value's shape is the one asked for, with or without the batch; a star stands for any axes, or none. */
export function shapeFits(asked: readonly string[], shape: Shape): boolean {
  const axes = shape.slice(1).map(String)
  return shape.length > 0 && (fits(asked, axes) || fits(asked, ['b', ...axes]))
}

function fits(asked: readonly string[], axes: readonly string[]): boolean {
  const [first, ...rest] = asked
  if (first === undefined) return axes.length === 0
  if (first === '*') return Array.from({ length: axes.length + 1 }).some((_, skip) => fits(rest, axes.slice(skip)))
  return axes[0] === first && fits(rest, axes.slice(1))
}

/** The blocks that fit: those whose names fit best first, else as data flow. None where nothing is asked. */
export function findIn(spots: readonly Spot[], analysis: Analysis, query: string): readonly Spot[] {
  const words = query.trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const tests: Test[] = []
  const names: string[] = []
  for (const word of words) {
    const shape = shapeAsked(word)
    const state = states[word.toLowerCase().replace(/s$/, '')] ?? states[word.toLowerCase()]
    if (shape) tests.push((_, { shapes }) => shapes.some((one) => shapeFits(shape, one)))
    // A block may be called so.
    else if (state)
      tests.push((spot, known) => state(spot, known) || spot.title.toLowerCase().includes(word.toLowerCase()))
    else names.push(word)
  }
  const left =
    tests.length === 0
      ? spots
      : spots.filter((spot) => {
          const known = knownOf(analysis, spot)
          return tests.every((test) => test(spot, known))
        })
  return searchFor(left, names.join(' '))
}
