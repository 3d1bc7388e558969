/**
 * What the editor shows while a network is drawn: shapes on wires, costs and problems on blocks. It is phases 1 and 2 of
 * the very compilation that training uses, so the two can't disagree.
 */
import type { WeightSpec } from '../blocks/define.ts'
import { findBlock } from '../blocks/index.ts'
import { problem, type Problem } from '../base/problem.ts'
import { sizeOf } from '../base/shape.ts'
import { signatureOf } from '../document/signature.ts'
import { contentOf, portsOf } from '../document/composites.ts'
import type { BlockId, BlockNode, Endpoint, Graph, GraphDocument, Inside, WireId } from '../document/types.ts'
import type { Tensor } from '../ir/builder.ts'
import type { Aval } from '../ir/program.ts'
import { copiesOf, flatten, insideKey, placeOf, sourceIn, usedByLosses, type FlatGraph } from './1-flatten.ts'
import { trace, type Trace, type TracedBlock } from './2-trace.ts'

export { portsOf } from '../document/composites.ts'

/** One canvas. */
export interface Level {
  readonly blocks: ReadonlyMap<BlockId, BlockAnalysis>
  readonly wires: ReadonlyMap<WireId, WireAnalysis>
}

export interface Analysis extends Level {
  /**
   * The canvases inside of composites, by the ids that lead to them, e.g. `c1` or `c1/b2`; those that could be traced at
   * least in part. Of a repeated composite the first copy.
   */
  readonly inside: ReadonlyMap<string, Level>
  /** All of them; those of a block or wire carry its id. Training needs that none is an error. */
  readonly problems: readonly Problem[]
  readonly totals: Costs
}

export interface Costs {
  readonly parameters: number
  /** For one example, forward. */
  readonly multiplyAdds: number
  /** Numbers that the blocks' outputs hold for one example. */
  readonly activations: number
}

/** Of a composite: sums over the blocks inside, whose problems name them. A second use of a block costs, but has no weights. */
export interface BlockAnalysis extends Costs {
  readonly inputs: { readonly [port: string]: Aval | undefined }
  readonly outputs: { readonly [port: string]: Aval | undefined }
  readonly weights: readonly WeightSpec[]
  readonly problems: readonly Problem[]
}

export interface WireAnalysis {
  /** Unknown as long as the block that it comes from does not fit. */
  readonly aval: Aval | undefined
  /** What is wrong at the port that it ends at. */
  readonly problem: Problem | undefined
}

/** The batch that shapes are shown for; its size cancels from every figure that is given for one example. */
const BATCH = 2

export function analyze(document: GraphDocument): Analysis {
  const graph = flatten(document)
  const traced = traceForward(document, graph)
  const problems = relevant(graph, traced, [
    ...graph.problems,
    ...traced.problems,
    ...portProblems(document.graph, '', null, ''),
    ...documentProblems(document, graph, traced),
  ])

  const survey = new Survey(traced, problems)
  const { blocks, wires } = survey.level(document.graph, '', '')

  const total = (figure: keyof Costs) => [...blocks.values()].reduce((sum, block) => sum + block[figure], 0)
  return {
    blocks,
    wires,
    inside: survey.inside,
    problems,
    totals: { parameters: total('parameters'), multiplyAdds: total('multiplyAdds'), activations: total('activations') },
  }
}

/** Traces the forward pass on a small batch. */
export function traceForward(document: GraphDocument, graph: FlatGraph): Trace {
  const signature = signatureOf(document.data)
  const { target } = signature
  return trace(graph, signature, (builder) => ({
    features: builder.input('features', 'data', [BATCH, ...signature.features]),
    target:
      target.kind === 'classes'
        ? builder.input('target', 'data', [BATCH], 'int')
        : builder.input('target', 'data', [BATCH, target.size]),
  }))
}

/** Gathers what the flat blocks have to say, canvas by canvas. */
class Survey {
  readonly #traced: Trace
  /** The flat blocks and problems in and under each key. */
  readonly #parts = new Map<string, TracedBlock[]>()
  readonly #problems = new Map<string, Problem[]>()
  readonly inside = new Map<string, Level>()

  constructor(traced: Trace, problems: readonly Problem[]) {
    this.#traced = traced
    for (const part of traced.blocks.values()) file(this.#parts, part.flat.key, part)
    for (const one of problems) file(this.#problems, one.place?.inner ?? one.place?.block ?? '', one)
  }

  level(graph: Graph, keys: string, path: string): Level {
    const blocks = new Map<BlockId, BlockAnalysis>()
    const arriving = new Map<BlockId, { [port: string]: Aval | undefined }>()
    for (const [id, drawn] of Object.entries(graph.blocks)) {
      const key = keys + id
      const node = contentOf(graph, id) ?? drawn
      const parts = this.#parts.get(key) ?? []
      const ports = portsOf(node)
      const outputs: { [port: string]: Aval | undefined } = {}
      for (const port of Object.keys(ports.outputs)) outputs[port] = this.#avalAt(graph, keys, { block: id, port })
      const inputs: { [port: string]: Aval | undefined } = {}
      // What comes through the rim of a composite has no wire here.
      if (keys !== '') for (const port of Object.keys(ports.inputs)) inputs[port] = this.#arrival(node, key, port)
      arriving.set(id, inputs)
      const problems = this.#problems.get(key) ?? []
      blocks.set(id, { inputs, outputs, ...sumOf(parts), problems })
      const { inside } = node
      // Of several copies the first is shown.
      if (inside && parts.length > 0) {
        const inner = path === '' ? id : `${path}/${id}`
        this.inside.set(inner, this.level(inside, insideKey(key, copiesOf(node) > 1 ? '1' : ''), inner))
      }
    }
    const wires = new Map<WireId, WireAnalysis>()
    for (const [id, wire] of Object.entries(graph.wires)) {
      const aval = this.#avalAt(graph, keys, wire.from)
      const target = blocks.get(wire.to.block)
      const inputs = arriving.get(wire.to.block)
      if (inputs) inputs[wire.to.port] = aval
      wires.set(id, {
        aval,
        problem: target?.problems.find((p) => p.place?.port === wire.to.port && p.severity === 'error'),
      })
    }
    return { blocks, wires }
  }

  #avalAt(graph: Graph, keys: string, from: Endpoint): Aval | undefined {
    const source = sourceIn({ graph, keys }, from)
    return avalOf(source && this.#traced.blocks.get(source.key)?.outputs[source.port])
  }

  /** What a block gets at a port, asked of the block inside that it is for. */
  #arrival(node: BlockNode, key: string, port: string): Aval | undefined {
    if (!node.inside) return avalOf(this.#traced.blocks.get(key)?.inputs[port])
    const [end] = node.inside.inputs[port] ?? []
    const inner = end && contentOf(node.inside, end.block)
    return inner && this.#arrival(inner, insideKey(key, copiesOf(node) > 1 ? '1' : '') + end.block, end.port)
  }
}

/** Puts a value under a key and under the keys of all composites around it. */
function file<T>(table: Map<string, T[]>, key: string, value: T): void {
  for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1)) {
    const prefix = key.slice(0, end)
    const list = table.get(prefix)
    if (list) list.push(value)
    else table.set(prefix, [value])
  }
}

function sumOf(parts: readonly TracedBlock[]): Costs & Pick<BlockAnalysis, 'weights'> {
  return {
    weights: parts.flatMap((part) => part.weights),
    parameters: parts.reduce(
      (sum, part) => sum + part.weights.reduce((count, { learned, shape }) => count + (learned ? sizeOf(shape) : 0), 0),
      0,
    ),
    multiplyAdds: parts.reduce((sum, part) => sum + part.multiplyAdds, 0) / BATCH,
    // A loss is one number for the whole batch, not one for each example.
    activations:
      parts
        .flatMap((part) => Object.values(part.outputs))
        .reduce((sum, value) => sum + (value && value.shape.length > 0 ? sizeOf(value.shape) : 0), 0) / BATCH,
  }
}

function avalOf(tensor: Tensor | undefined): Aval | undefined {
  return tensor && { shape: tensor.shape, dtype: tensor.dtype }
}

/** Wires at ports that their blocks do not have: from a newer version, or from a file that was written by hand. */
function portProblems(graph: Graph | Inside, names: string, top: BlockId | null, keys: string): Problem[] {
  const endProblem = (end: Endpoint, side: 'inputs' | 'outputs', wire?: WireId): Problem[] => {
    const node = contentOf(graph, end.block)
    // A block that is unknown or empty has a problem of its own already.
    if (!node || (node.type === 'composite' ? !node.inside : !findBlock(node.type))) return []
    const ports = Object.keys(portsOf(node)[side])
    if (ports.includes(end.port)) return []
    const kind = side === 'inputs' ? 'input' : 'output'
    const message =
      `${names}${node.name} has no ${kind} called "${end.port}", it has ${ports.join(', ') || 'none'}. ` +
      'Delete the wire there and draw it anew.'
    const place = { ...placeOf({ top: top ?? end.block, key: keys + end.block }), port: end.port }
    return [problem('port.unknown', message, top === null && wire !== undefined ? { ...place, wire } : place)]
  }
  return [
    ...Object.entries(graph.wires).flatMap(([id, { from, to }]) => [
      ...endProblem(from, 'outputs', id),
      ...endProblem(to, 'inputs', id),
    ]),
    ...('inputs' in graph
      ? Object.values(graph.inputs).flatMap((ends) => ends.flatMap((end) => endProblem(end, 'inputs')))
      : []),
    ...('outputs' in graph ? Object.values(graph.outputs).flatMap((end) => endProblem(end, 'outputs')) : []),
    ...Object.entries(graph.blocks).flatMap(([id, node]) =>
      node.inside
        ? portProblems(
            node.inside,
            `${names}${node.name}.`,
            top ?? id,
            insideKey(keys + id, copiesOf(node) > 1 ? '1' : ''),
          )
        : [],
    ),
  ]
}

function documentProblems(document: GraphDocument, graph: FlatGraph, traced: Trace): Problem[] {
  const found: Problem[] = []
  // What comes after a circle is left out of the flat graph, so there may be a loss after all.
  const unsorted = graph.problems.some((one) => one.code === 'graph.cycle' || one.code === 'graph.large')
  if (!unsorted && !graph.blocks.some((block) => block.definition.family === 'loss'))
    found.push(
      problem(
        'graph.loss',
        'There is no loss yet: add one from the palette and connect the prediction and the target to it.',
      ),
    )
  else if (traced.losses.length > 0 && traced.builder.weights.length === 0)
    found.push(problem('graph.weights', 'There is nothing to learn: no block has weights. Add a Dense or a Conv2D.'))
  const signature = signatureOf(document.data)
  if (signature.target.kind === 'classes' && signature.target.classes < 2)
    found.push(
      problem(
        'data.classes',
        'The target has fewer than two classes, so there is nothing to tell apart. Choose another target column.',
        { field: 'data' },
      ),
    )
  if (sizeOf(signature.features) === 0)
    found.push(
      problem(
        'data.features',
        'No column is a feature, so the network gets nothing to look at. Give at least one column the role feature.',
        { field: 'data' },
      ),
    )
  return found
}

/** A block that leads to no loss takes no part in training, so its errors are only warnings. */
function relevant(graph: FlatGraph, traced: Trace, problems: readonly Problem[]): Problem[] {
  const used = usedByLosses(graph)
  const tops = new Set(graph.blocks.filter((block) => used.has(block.key)).map((block) => block.top))
  const sorted = new Set(graph.blocks.map((block) => block.top))
  // The values of a block that is used twice are spoken of where they stand, even if only the other use leads to a loss.
  const shared = new Set(graph.blocks.filter((block) => used.has(block.key)).map((block) => block.owner))
  const owners = new Set(graph.blocks.filter((block) => shared.has(block.path)).map((block) => block.top))
  return problems.map((p) => {
    const block = p.place?.block
    const valued = block !== undefined && p.code.startsWith('param.') && owners.has(block)
    const idle = block !== undefined && sorted.has(block) && !tops.has(block) && tops.size > 0 && !valued
    return idle && p.severity === 'error' ? { ...p, severity: 'warning' as const } : p
  })
}

/**
 * Why this wire can't be drawn, or null when it can. A wire that ends at a taken port replaces the one there. `before` is
 * the document's analysis, for who asks about many wires.
 */
export function checkWire(
  document: GraphDocument,
  from: Endpoint,
  to: Endpoint,
  before = analyze(document),
): Problem | null {
  const refuse = (code: string, message: string) => problem(code, message, { block: to.block, port: to.port })
  const source = contentOf(document.graph, from.block)
  const target = contentOf(document.graph, to.block)
  if (!source || !target) return refuse('wire.block', 'One end of the wire is at a block that is gone.')
  if (!Object.hasOwn(portsOf(source).outputs, from.port))
    return refuse('wire.from', `${source.name} has no output called ${from.port}.`)
  if (!Object.hasOwn(portsOf(target).inputs, to.port))
    return refuse('wire.to', `${target.name} has no input called ${to.port}.`)
  if (from.block === to.block) return refuse('wire.self', `${source.name} can't feed itself.`)
  const wires = Object.entries(document.graph.wires).filter(
    ([, wire]) => wire.to.block !== to.block || wire.to.port !== to.port,
  )
  const after = analyze({
    ...document,
    graph: { ...document.graph, wires: { ...Object.fromEntries(wires), [' new']: { from, to } } },
  })
  const known = new Set(before.problems.map((p) => p.message))
  const isNew = (p: Problem) => p.code !== 'port.open' && p.code !== 'graph.weights' && !known.has(p.message)
  return (
    after.problems.find((p) => p.place?.block === to.block && isNew(p)) ??
    after.problems.find((p) => p.place?.block !== undefined && isNew(p)) ??
    null
  )
}
