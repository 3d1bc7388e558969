/**
 * Phase 2: runs each block's `build` in order and so writes the program of the forward pass. On the way every port's shape,
 * every weight and the cost of every block become known; a block that does not fit is left out with its problem, and what
 * depends on it stays unknown rather than adding problems that would vanish with the first.
 */
import { BlockBuilder, type DataSignature, type Feed, type Mode, type WeightSpec } from '../blocks/define.ts'
import { ProblemError, type Problem } from '../base/problem.ts'
import { sizeOf } from '../base/shape.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import type { Aval, Equation } from '../ir/program.ts'
import { placeOf, type FlatBlock, type FlatGraph } from './1-flatten.ts'

export interface TracedBlock {
  readonly flat: FlatBlock
  readonly inputs: { readonly [port: string]: Tensor | undefined }
  readonly outputs: { readonly [port: string]: Tensor | undefined }
  /** Those that bear its name; a second use of a block has none. */
  readonly weights: readonly WeightSpec[]
  /** Multiplications with an addition for the whole batch; comparisons and activations do not count. */
  readonly multiplyAdds: number
}

export interface Trace {
  readonly builder: BlockBuilder
  readonly blocks: ReadonlyMap<string, TracedBlock>
  readonly losses: readonly TracedBlock[]
  readonly problems: readonly Problem[]
}

export function trace(
  graph: FlatGraph,
  signature: DataSignature,
  feed: (builder: Builder) => Feed,
  mode: Mode = 'train',
): Trace {
  const builder = new BlockBuilder(signature, feed, mode)
  const traced = new Map<string, TracedBlock>()
  const problems: Problem[] = []
  const losses: TracedBlock[] = []
  const names = new Map<string, string>()
  // Weights belong to the block that is named in their paths; where only other uses of it are here, to the first of those.
  const hosts = new Map<string, string>()
  for (const { owner, path, key } of graph.blocks) if (owner === path || !hosts.has(owner)) hosts.set(owner, key)
  const owned = new Map<string, WeightSpec[]>()

  for (const flat of graph.blocks) {
    const inputs: { [port: string]: Tensor | undefined } = {}
    let complete = true
    for (const [port, { optional }] of Object.entries(flat.definition.inputs)) {
      const source = flat.inputs[port]
      inputs[port] = source && traced.get(source.key)?.outputs[source.port]
      if (!source && optional) continue
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
    let outputs: { readonly [port: string]: Tensor | undefined } = {}
    const firstEquation = builder.equations.length
    const firstWeight = builder.weights.length
    if (complete) {
      builder.path = flat.path
      builder.owner = flat.owner
      try {
        const twin = names.get(flat.path)
        if (twin !== undefined)
          throw new ProblemError({
            code: 'block.name',
            severity: 'error',
            message: 'another block has the same name; rename one of them.',
          })
        names.set(flat.path, flat.key)
        outputs = flat.definition.build(builder, inputs, flat.params)
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        problems.push(...error.problems.map((p) => place(flat, p)))
        outputs = {}
      }
    }
    const weights = owned.get(flat.owner) ?? []
    weights.push(...builder.weights.slice(firstWeight))
    owned.set(flat.owner, weights)
    const block: TracedBlock = {
      flat,
      inputs,
      outputs,
      weights: hosts.get(flat.owner) === flat.key ? weights : [],
      multiplyAdds: builder.equations
        .slice(firstEquation)
        .reduce((sum, equation) => sum + multiplyAdds(equation, builder.values), 0),
    }
    traced.set(flat.key, block)
    if (flat.definition.family === 'loss' && outputs['loss']) losses.push(block)
  }
  builder.path = ''
  builder.owner = undefined
  return { builder, blocks: traced, losses, problems }
}

/** Says whose problem it is: the sentence begins with the block's title and name. */
function place(flat: FlatBlock, found: Problem): Problem {
  return {
    ...found,
    message: `${flat.definition.title} ${flat.path}: ${found.message}`,
    place: { ...found.place, ...placeOf(flat) },
  }
}

function multiplyAdds(equation: Equation, values: readonly Aval[]): number {
  const shape = (id: number | undefined) => values[id ?? -1]?.shape ?? []
  const output = sizeOf(shape(equation.outputs[0]))
  switch (equation.primitive) {
    case 'dot':
      return output * sizeOf(equation.params.contract[0].map((axis) => shape(equation.inputs[0])[axis] ?? 1))
    case 'conv':
      return output * sizeOf(shape(equation.inputs[1]).slice(0, 3))
    case 'convInputGradient':
      return sizeOf(shape(equation.inputs[0])) * sizeOf(shape(equation.inputs[1]).slice(0, 3))
    default:
      return 0
  }
}
