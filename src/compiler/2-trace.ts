/**
 * Phase 2: runs each block's `build` in order and so writes the program of the forward pass. On the way every port's shape,
 * every weight and the cost of every block become known; a block that does not fit is left out with its problem, and what
 * depends on it stays unknown rather than adding problems that would vanish with the first.
 */
import { BlockBuilder, type DataSignature, type Feed, type Mode, type WeightSpec } from '../blocks/define.ts'
import { ProblemError, type Problem } from '../base/problem.ts'
import { sizeOf } from '../base/shape.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import type { Aval, Equation, Primitive } from '../ir/program.ts'
import { placeOf, type FlatBlock, type FlatGraph } from './1-flatten.ts'

/** What a block computes, for the whole batch, forward. */
export interface Work {
  /** Multiplications with an addition; comparisons and activations do not count. */
  readonly multiplyAdds: number
  /** Numbers that its operations give, those in between too. */
  readonly computed: number
}

/** What one block came to. V is what stands for a value: a tensor, or what the editor keeps of one. */
export interface Walked<V> {
  readonly flat: FlatBlock
  readonly inputs: { readonly [port: string]: V | undefined }
  readonly outputs: { readonly [port: string]: V | undefined }
  /** Those that bear its name; a second use of a block has none. */
  readonly weights: readonly WeightSpec[]
  readonly work: Work
}
export type TracedBlock = Walked<Tensor>

export interface Walk<V> {
  readonly blocks: ReadonlyMap<string, Walked<V>>
  readonly losses: readonly Walked<V>[]
  readonly problems: readonly Problem[]
}

export interface Trace extends Walk<Tensor> {
  readonly builder: BlockBuilder
}

/** What a block's `build` gave; with problems there are no outputs. */
export interface Built<V> {
  readonly outputs: { readonly [port: string]: V | undefined }
  /** Those that no block before it had. */
  readonly weights: readonly WeightSpec[]
  readonly work: Work
  readonly problems: readonly Problem[]
}

export function trace(
  graph: FlatGraph,
  signature: DataSignature,
  feed: (builder: Builder) => Feed,
  mode: Mode = 'train',
): Trace {
  const builder = new BlockBuilder(signature, feed, mode)
  const walked = walk(graph, (flat, inputs): Built<Tensor> => {
    builder.path = flat.path
    builder.owner = flat.owner
    return buildOn(builder, flat, inputs)
  })
  builder.path = ''
  builder.owner = undefined
  return { builder, ...walked }
}

/** Has a block write to a builder. */
export function buildOn(
  builder: BlockBuilder,
  { definition, params }: Pick<FlatBlock, 'definition' | 'params'>,
  inputs: { readonly [port: string]: Tensor | undefined },
): Built<Tensor> {
  const firstEquation = builder.equations.length
  const firstWeight = builder.weights.length
  let outputs: Built<Tensor>['outputs'] = {}
  let problems: readonly Problem[] = []
  try {
    outputs = definition.build(builder, inputs, params)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    problems = error.problems
  }
  const work = workOf(builder.equations, builder.values, firstEquation)
  return { outputs, weights: builder.weights.slice(firstWeight), work, problems }
}

/** Asks `build` for each block in order, with what comes in at its ports; blocks that lack something are not asked. */
export function walk<V>(
  graph: FlatGraph,
  build: (flat: FlatBlock, inputs: { readonly [port: string]: V | undefined }) => Built<V>,
): Walk<V> {
  const blocks = new Map<string, Walked<V>>()
  const problems: Problem[] = []
  const losses: Walked<V>[] = []
  const names = new Set<string>()
  // Weights belong to the block that is named in their paths; where only other uses of it are here, to the first of those.
  const hosts = new Map<string, string>()
  for (const { owner, path, key } of graph.blocks) if (owner === path || !hosts.has(owner)) hosts.set(owner, key)
  const owned = new Map<string, WeightSpec[]>()

  for (const flat of graph.blocks) {
    const inputs: { [port: string]: V | undefined } = {}
    let complete = true
    const specs = flat.definition.inputs
    for (const port in specs) {
      const source = flat.inputs[port]
      inputs[port] = source && blocks.get(source.key)?.outputs[source.port]
      if (!source && specs[port]?.optional) continue
      if (!source)
        problems.push(
          place(flat, {
            code: 'port.open',
            severity: 'error',
            message: `input ${port} is not connected.`,
            place: { port },
          }),
        )
      if (!inputs[port]) complete = false
    }
    let built: Built<V> = { outputs: {}, weights: [], work: NONE, problems: [] }
    if (complete) {
      if (names.has(flat.path)) built = { ...built, problems: [TWIN] }
      else {
        names.add(flat.path)
        built = build(flat, inputs)
      }
    }
    for (const one of built.problems) problems.push(place(flat, one))
    const before = owned.get(flat.owner)
    const weights = before ?? [...built.weights]
    if (before) before.push(...built.weights)
    else owned.set(flat.owner, weights)
    const block: Walked<V> = {
      flat,
      inputs,
      outputs: built.outputs,
      weights: hosts.get(flat.owner) === flat.key ? weights : [],
      work: built.work,
    }
    blocks.set(flat.key, block)
    if (flat.definition.family === 'loss' && built.outputs['loss']) losses.push(block)
  }
  return { blocks, losses, problems }
}

const NONE: Work = { multiplyAdds: 0, computed: 0 }

const TWIN: Problem = {
  code: 'block.name',
  severity: 'error',
  message: 'another block has the same name; rename one of them.',
}

/** Says whose problem it is: the sentence begins with the block's title and name. */
function place(flat: FlatBlock, found: Problem): Problem {
  return {
    ...found,
    message: `${flat.definition.title} ${flat.path}: ${found.message}`,
    place: { ...found.place, ...placeOf(flat) },
  }
}

/** Of the equations from one on. */
function workOf(equations: readonly Equation[], values: readonly Aval[], from = 0): Work {
  let multiplyAdds = 0
  let computed = 0
  for (let i = from; i < equations.length; i++) {
    const equation = equations[i] as Equation
    if (equation.primitive === 'scan') {
      const { length, body } = equation.params
      const inner = workOf(body.equations, body.values)
      multiplyAdds += length * inner.multiplyAdds
      computed += length * inner.computed
    } else {
      multiplyAdds += products(equation, values)
      // Other views of what is there already cost nothing.
      if (!VIEWS.has(equation.primitive)) computed += sizeOf(values[equation.outputs[0] ?? -1]?.shape ?? [])
    }
  }
  return { multiplyAdds, computed }
}

const VIEWS: ReadonlySet<Primitive> = new Set(['reshape', 'broadcast', 'constant'] as const)

function products(equation: Equation, values: readonly Aval[]): number {
  const shape = (id: number | undefined) => values[id ?? -1]?.shape ?? []
  switch (equation.primitive) {
    case 'dot': {
      const contracted = equation.params.contract[0].map((axis) => shape(equation.inputs[0])[axis] ?? 1)
      return sizeOf(shape(equation.outputs[0])) * sizeOf(contracted)
    }
    case 'conv':
      return sizeOf(shape(equation.outputs[0])) * sizeOf(shape(equation.inputs[1]).slice(0, 3))
    case 'convInputGradient':
      return sizeOf(shape(equation.inputs[0])) * sizeOf(shape(equation.inputs[1]).slice(0, 3))
    default:
      return 0
  }
}
