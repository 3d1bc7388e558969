/** A document's loss and the gradients of all its weights in f64, on one small batch: what two drawings of a network are compared by. */
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import type { Trace } from '../../src/compiler/2-trace.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import { traceForward } from '../../src/compiler/analyze.ts'
import { signatureOf } from '../../src/document/signature.ts'
import type { Graph, GraphDocument } from '../../src/document/types.ts'
import { FROZEN, numbers } from './random.ts'

export interface Whole {
  readonly loss: number
  /** By the name of the weight. */
  readonly gradients: { readonly [weight: string]: readonly number[] }
}

/** Names of weights as `alike` gives them name the random numbers that they hold, so that two drawings can get the same ones. */
export function whole(
  document: GraphDocument,
  alike: (weight: string) => string = (weight) => weight,
  change: (weight: string, values: Float64Array) => void = () => undefined,
): Whole {
  const traced = sound(document)
  const g = traced.builder
  const loss = traced.losses
    .map(({ outputs }) => outputs['loss'] ?? g.constant(0))
    .reduce((sum, one) => g.add(sum, one))
  const learned = g.weights.filter((weight) => weight.learned)
  const gradients = differentiate(
    g,
    loss,
    learned.map(({ name, shape }) => g.input(name, 'state', shape)),
  )
  const values = new Map<string, Float64Array>(
    Object.entries(FROZEN).map(([name, data]) => [name, Float64Array.from(data)] as const),
  )
  const { target } = signatureOf(document.data)
  for (const { name, value } of g.inputs) {
    const { shape, dtype } = at(g.values, value)
    const kind = dtype === 'int' ? { below: target.kind === 'classes' ? target.classes : 1 } : 'normal'
    if (!values.has(name)) values.set(name, numbers(new Rng(5, alike(name)), shape, kind))
  }
  for (const { name } of learned) change(alike(name), values.get(name) ?? new Float64Array())
  const results = evaluate(g.build(), values)
  return {
    loss: at(results(loss.id).data, 0),
    gradients: Object.fromEntries(
      learned.map(({ name }, i) => [alike(name), [...results(at(gradients, i).id).data]] as const).sort(),
    ),
  }
}

export function sound(document: GraphDocument): Trace {
  const graph = flatten(document)
  const traced = traceForward(document, graph)
  const problems = [...graph.problems, ...traced.problems]
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  return traced
}

/** With wires that have ids as in files: edits check what they are given. */
export function numbered(document: GraphDocument): GraphDocument {
  const wires = Object.values(document.graph.wires).map((one, i) => [`w${i + 1}`, one] as const)
  const numberedInside = (graph: Graph): Graph['blocks'] =>
    Object.fromEntries(
      Object.entries(graph.blocks).map(([id, block]) => {
        if (!block.inside) return [id, block]
        const own = Object.values(block.inside.wires).map((one, i) => [`w${i + 1}`, one] as const)
        const inside = { ...block.inside, blocks: numberedInside(block.inside), wires: Object.fromEntries(own) }
        return [id, { ...block, inside }]
      }),
    )
  return { ...document, graph: { blocks: numberedInside(document.graph), wires: Object.fromEntries(wires) } }
}
