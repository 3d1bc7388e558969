/**
 * What the editor shows while a network is drawn: shapes on wires, costs and problems on blocks. It is phases 1 and 2 of
 * the very compilation that training uses, so the two can't disagree.
 */
import { findBlock } from '../blocks/index.ts'
import type { BlockDefinition, DataSignature, Feed, WeightSpec } from '../blocks/define.ts'
import { problem, type Problem } from '../base/problem.ts'
import { sameValue } from '../base/same.ts'
import { sizeOf } from '../base/shape.ts'
import { signatureOf } from '../document/signature.ts'
import { contentOf, portsOf } from '../document/composites.ts'
import type { BlockId, BlockNode, Endpoint, Graph, GraphDocument, Inside, WireId } from '../document/types.ts'
import type { Builder } from '../ir/builder.ts'
import type { Aval } from '../ir/program.ts'
import { copiesOf, flatten, insideKey, placeOf, sourceIn, usedByLosses, type FlatGraph } from './1-flatten.ts'
import { trace, walk, type Trace, type Walk, type Walked } from './2-trace.ts'
import { BuildMemory, type Value } from './costs.ts'

export { portsOf } from '../document/composites.ts'

/** One canvas. */
export interface Level {
  readonly blocks: ReadonlyMap<BlockId, BlockAnalysis>
  readonly wires: ReadonlyMap<WireId, WireAnalysis>
}

/** Of the canvas that these composites lead to; undefined where nothing is known of it. */
export function levelOf(analysis: Analysis, path: readonly BlockId[]): Level | undefined {
  return path.length === 0 ? analysis : analysis.inside.get(path.join('/'))
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
  /** Numbers that all operations in them give for one example, forward: more than the outputs, where a block has several. */
  readonly computed: number
  /** Blocks, those inside of composites and their copies counted. */
  readonly parts: number
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
  return new Analyst().analyze(document)
}

/** Documents whose analysis is at hand. */
const MOST_RECENT = 4

/**
 * Analyses one drawing again and again while it is edited: what an edit did not touch is not computed again, and what comes
 * out the same is the very same object. The results are those of `analyze`.
 */
export class Analyst {
  readonly #memory: BuildMemory
  /** Newest first. */
  readonly #recent: { readonly document: GraphDocument; readonly analysis: Analysis }[] = []
  #before: Analysis | undefined

  constructor(memory = new BuildMemory()) {
    this.#memory = memory
  }

  /** The drawing as it is now. */
  analyze(document: GraphDocument): Analysis {
    const analysis = this.#analyze(document, true)
    this.#before = analysis
    return analysis
  }

  /** A drawing as it would be: objects are compared with those of the last `analyze`, not with those of another try. */
  preview(document: GraphDocument): Analysis {
    return this.#analyze(document, false)
  }

  #analyze(document: GraphDocument, lasting: boolean): Analysis {
    const place = this.#recent.findIndex((one) => sameDrawing(one.document, document))
    const [known] = place < 0 ? [] : this.#recent.splice(place, 1)
    if (known) {
      this.#recent.unshift(known)
      return known.analysis
    }
    const graph = flatten(document)
    const signature = signatureOf(document.data)
    const walked = walk(graph, this.#memory.begin(signature, feedOf(signature), lasting))
    if (lasting) this.#memory.prune(walked.blocks)
    const problems = relevant(graph, [
      ...graph.problems,
      ...walked.problems,
      ...portProblems(document.graph, '', null, ''),
      ...documentProblems(signature, graph, walked),
    ])
    const analysis = new Survey(walked, problems, this.#before).analysis(document.graph)
    this.#recent.unshift({ document, analysis })
    this.#recent.length = Math.min(this.#recent.length, MOST_RECENT)
    return analysis
  }
}

/** All that an analysis depends on is the same. */
function sameDrawing(a: GraphDocument, b: GraphDocument): boolean {
  return a.graph === b.graph && a.data === b.data && a.constants === b.constants
}

/** Traces the forward pass on a small batch. */
export function traceForward(document: GraphDocument, graph: FlatGraph): Trace {
  const signature = signatureOf(document.data)
  return trace(graph, signature, feedOf(signature))
}

function feedOf({ features, target }: DataSignature): (builder: Builder) => Feed {
  return (builder) => ({
    features: builder.input('features', 'data', [BATCH, ...features]),
    target:
      target.kind === 'classes'
        ? builder.input('target', 'data', [BATCH], 'int')
        : builder.input('target', 'data', [BATCH, target.size]),
  })
}

type Part = Walked<Value>

/** Gathers what the flat blocks have to say, canvas by canvas. What is as it was before is taken from there. */
class Survey {
  readonly #walked: Walk<Value>
  readonly #before: Analysis | undefined
  readonly #problems: readonly Problem[]
  /** The flat blocks and problems in and under each key. */
  readonly #partsUnder = new Map<string, Part[]>()
  readonly #problemsUnder = new Map<string, Problem[]>()
  readonly #inside = new Map<string, Level>()

  constructor(walked: Walk<Value>, problems: readonly Problem[], before: Analysis | undefined) {
    this.#walked = walked
    this.#before = before
    this.#problems = before && sameValue(before.problems, problems) ? before.problems : problems
    for (const part of walked.blocks.values()) file(this.#partsUnder, part.flat.key, part)
    for (const one of this.#problems) file(this.#problemsUnder, one.place?.inner ?? one.place?.block ?? '', one)
  }

  analysis(graph: Graph): Analysis {
    const before = this.#before
    const { blocks, wires } = this.#level(graph, '', '', before)
    const same = before?.blocks === blocks
    const total = (figure: keyof Costs) => {
      let sum = 0
      for (const block of blocks.values()) sum += block[figure]
      return sum
    }
    const analysis: Analysis = {
      blocks,
      wires,
      inside: before && sameEntries(before.inside, this.#inside) ? before.inside : this.#inside,
      problems: this.#problems,
      totals: same
        ? before.totals
        : {
            parameters: total('parameters'),
            multiplyAdds: total('multiplyAdds'),
            activations: total('activations'),
            computed: total('computed'),
            parts: total('parts'),
          },
    }
    return before &&
      same &&
      before.wires === wires &&
      before.inside === analysis.inside &&
      before.problems === analysis.problems
      ? before
      : analysis
  }

  #level(graph: Graph, keys: string, path: string, before: Level | undefined): Level {
    const blocks = new Map<BlockId, BlockAnalysis>()
    const arriving = new Map<BlockId, { [port: string]: Aval | undefined }>()
    const nodes = contentsOf(graph)
    for (const id in graph.blocks) {
      const inputs: { [port: string]: Aval | undefined } = {}
      arriving.set(id, inputs)
      // What comes through the rim of a composite has no wire here.
      if (keys === '') continue
      const node = nodes.get(id) ?? graph.blocks[id]
      if (node) for (const port of portNames(node).inputs) inputs[port] = this.#arrival(node, keys + id, port)
    }
    const ends = Object.entries(graph.wires)
    const avals = ends.map(([, { from, to }]) => {
      const aval = this.#avalAt(graph, keys, nodes.get(from.block), from)
      const inputs = arriving.get(to.block)
      if (inputs) inputs[to.port] = aval
      return aval
    })
    for (const [id, inputs] of arriving) {
      const key = keys + id
      const node = nodes.get(id) ?? graph.blocks[id]
      const parts = this.#partsUnder.get(key) ?? NO_PARTS
      const outputs: { [port: string]: Aval | undefined } = {}
      if (node)
        for (const port of portNames(node).outputs) outputs[port] = this.#avalAt(graph, keys, node, { block: id, port })
      const old = before?.blocks.get(id)
      const found = { inputs, outputs, ...sumOf(parts), problems: this.#problemsUnder.get(key) ?? NO_PROBLEMS }
      blocks.set(id, old && sameBlock(old, found) ? old : found)
      if (!node) continue
      const { inside, bypassed } = node
      // Of several copies the first is shown.
      if (inside && !bypassed && parts.length > 0) {
        const inner = path === '' ? id : `${path}/${id}`
        const innerKeys = insideKey(key, copiesOf(node) > 1 ? '1' : '')
        this.#inside.set(inner, this.#level(inside, innerKeys, inner, this.#before?.inside.get(inner)))
      }
    }
    const wires = new Map<WireId, WireAnalysis>()
    ends.forEach(([id, { to }], i) => {
      const aval = avals[i]
      const problems = blocks.get(to.block)?.problems ?? NO_PROBLEMS
      const wrong = problems.find((p) => p.place?.port === to.port && p.severity === 'error')
      const old = before?.wires.get(id)
      wires.set(id, old && old.aval === aval && sameValue(old.problem, wrong) ? old : { aval, problem: wrong })
    })
    if (!before) return { blocks, wires }
    const known = {
      blocks: sameEntries(before.blocks, blocks) ? before.blocks : blocks,
      wires: sameEntries(before.wires, wires) ? before.wires : wires,
    }
    return known.blocks === before.blocks && known.wires === before.wires ? before : known
  }

  #avalAt(graph: Graph, keys: string, node: BlockNode | undefined, from: Endpoint): Aval | undefined {
    if (!node) return undefined
    const source = node.inside ? sourceIn({ graph, keys }, from) : { key: keys + from.block, port: from.port }
    return source && this.#walked.blocks.get(source.key)?.outputs[source.port]?.aval
  }

  /** What a block gets at a port, asked of the block inside that it is for. */
  #arrival(node: BlockNode, key: string, port: string): Aval | undefined {
    if (!node.inside || node.bypassed) return this.#walked.blocks.get(key)?.inputs[port]?.aval
    const [end] = node.inside.inputs[port] ?? []
    const inner = end && contentsOf(node.inside).get(end.block)
    return inner && this.#arrival(inner, insideKey(key, copiesOf(node) > 1 ? '1' : '') + end.block, end.port)
  }
}

const NO_PARTS: readonly Part[] = []
const NO_PROBLEMS: readonly Problem[] = []

/** Puts a value under a key and under the keys of all composites around it. */
function file<T>(table: Map<string, T[]>, key: string, value: T): void {
  for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1)) {
    const prefix = end === key.length ? key : key.slice(0, end)
    const list = table.get(prefix)
    if (list) list.push(value)
    else table.set(prefix, [value])
  }
}

/** The same entries in the same order. */
function sameEntries<V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): boolean {
  if (a.size !== b.size) return false
  const others = b.entries()
  for (const [key, value] of a) {
    const other = others.next().value
    if (other?.[0] !== key || other[1] !== value) return false
  }
  return true
}

function sameBlock(a: BlockAnalysis, b: BlockAnalysis): boolean {
  return (
    a.parameters === b.parameters &&
    a.multiplyAdds === b.multiplyAdds &&
    a.activations === b.activations &&
    a.computed === b.computed &&
    a.parts === b.parts &&
    samePorts(a.inputs, b.inputs) &&
    samePorts(a.outputs, b.outputs) &&
    a.weights.length === b.weights.length &&
    a.weights.every((weight, i) => weight === b.weights[i]) &&
    sameValue(a.problems, b.problems)
  )
}

/** Avals are the same objects where they are equal. */
function samePorts(a: BlockAnalysis['inputs'], b: BlockAnalysis['inputs']): boolean {
  for (const port in b) if (!Object.hasOwn(a, port) || a[port] !== b[port]) return false
  for (const port in a) if (!Object.hasOwn(b, port)) return false
  return true
}

function sumOf(parts: readonly Part[]): Costs & Pick<BlockAnalysis, 'weights'> {
  let parameters = 0
  let multiplyAdds = 0
  let activations = 0
  let computed = 0
  for (const part of parts) {
    for (const { learned, shape } of part.weights) if (learned) parameters += sizeOf(shape)
    multiplyAdds += part.work.multiplyAdds
    computed += part.work.computed
    // A loss is one number for the whole batch, not one for each example.
    for (const value of Object.values(part.outputs))
      if (value && value.aval.shape.length > 0) activations += sizeOf(value.aval.shape)
  }
  const [only] = parts
  const weights = parts.length === 1 && only ? only.weights : parts.flatMap((part) => part.weights)
  return {
    weights,
    parameters,
    multiplyAdds: multiplyAdds / BATCH,
    activations: activations / BATCH,
    computed: computed / BATCH,
    parts: parts.length,
  }
}

/** What each block of a canvas is made of; a canvas is never changed once it is there. */
const contents = new WeakMap<Graph, ReadonlyMap<BlockId, BlockNode>>()

function contentsOf(graph: Graph): ReadonlyMap<BlockId, BlockNode> {
  const known = contents.get(graph)
  if (known) return known
  const found = new Map<BlockId, BlockNode>()
  for (const [id, drawn] of Object.entries(graph.blocks)) {
    const node = drawn.shares === undefined ? drawn : contentOf(graph, id)
    if (node) found.set(id, node)
  }
  contents.set(graph, found)
  return found
}

interface PortNames {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** Of what is in a composite, or of a type; both are never changed once they are there. */
const namesOfPorts = new WeakMap<Inside | BlockDefinition, PortNames>()
const NO_PORTS: PortNames = { inputs: [], outputs: [] }

function portNames(node: BlockNode): PortNames {
  const content = node.type === 'composite' ? node.inside : findBlock(node.type)
  if (!content) return NO_PORTS
  let names = namesOfPorts.get(content)
  if (!names) {
    const ports = portsOf(node)
    namesOfPorts.set(content, (names = { inputs: Object.keys(ports.inputs), outputs: Object.keys(ports.outputs) }))
  }
  return names
}

/** Wires at ports that their blocks do not have: from a newer version, or from a file that was written by hand. */
function portProblems(graph: Graph | Inside, names: string, top: BlockId | null, keys: string): Problem[] {
  if (sound.has(graph)) return []
  const nodes = contentsOf(graph)
  const found: Problem[] = []
  const look = (end: Endpoint, side: 'inputs' | 'outputs', wire?: WireId) => {
    const node = nodes.get(end.block)
    // A block that is unknown or empty has a problem of its own already.
    if (!node || (node.type === 'composite' ? !node.inside : !findBlock(node.type))) return
    const ports = portNames(node)[side]
    if (ports.includes(end.port)) return
    const kind = side === 'inputs' ? 'input' : 'output'
    const message =
      `${names}${node.name} has no ${kind} called "${end.port}", it has ${ports.join(', ') || 'none'}. ` +
      'Delete the wire there and draw it anew.'
    const place = { ...placeOf({ top: top ?? end.block, key: keys + end.block }), port: end.port }
    found.push(problem('port.unknown', message, top === null && wire !== undefined ? { ...place, wire } : place))
  }
  for (const [id, { from, to }] of Object.entries(graph.wires)) {
    look(from, 'outputs', id)
    look(to, 'inputs', id)
  }
  if ('inputs' in graph) for (const ends of Object.values(graph.inputs)) for (const end of ends) look(end, 'inputs')
  if ('outputs' in graph) for (const end of Object.values(graph.outputs)) look(end, 'outputs')
  for (const [id, node] of Object.entries(graph.blocks))
    if (node.inside) {
      const within = insideKey(keys + id, copiesOf(node) > 1 ? '1' : '')
      found.push(...portProblems(node.inside, `${names}${node.name}.`, top ?? id, within))
    }
  if (found.length === 0) sound.add(graph)
  return found
}

/** Canvases with nothing of that kind, in them and in what they hold. */
const sound = new WeakSet<Graph>()

function documentProblems(signature: DataSignature, graph: FlatGraph, walked: Walk<Value>): Problem[] {
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
  else if (walked.losses.length > 0 && [...walked.blocks.values()].every(({ weights }) => weights.length === 0))
    found.push(problem('graph.weights', 'There is nothing to learn: no block has weights. Add a Dense or a Conv2D.'))
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
function relevant(graph: FlatGraph, problems: readonly Problem[]): readonly Problem[] {
  if (problems.every(({ severity }) => severity !== 'error')) return problems
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
