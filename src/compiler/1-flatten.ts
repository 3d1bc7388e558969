/**
 * Phase 1: from the drawing to a flat list of blocks in the order of their computation. Composites are replaced by what
 * they hold, as often as they repeat; every block knows where each of its inputs comes from; cycles and open ports are found here.
 */
import { findBlock } from '../blocks/index.ts'
import type { BlockDefinition } from '../blocks/define.ts'
import { misfit, readParams, type ParamSpecs, type ParamValues } from '../base/params.ts'
import { problem, type Place, type Problem } from '../base/problem.ts'
import {
  chainPorts,
  contentOf,
  get,
  MAX_REPEAT,
  originalOf,
  paramSpecsOf,
  portsOf,
  repeatProblem,
  valuesInside,
} from '../document/composites.ts'
import { isExpression, resolved, valueOf } from '../document/expressions.ts'
import type { BlockId, BlockNode, Constants, Endpoint, Graph, GraphDocument } from '../document/types.ts'
import type { Tensor } from '../ir/builder.ts'

export interface FlatBlock {
  /** Unique: the ids of the composites around it, the number of the copy where there are several, and its own id: `b3/b1`, `b3/2/b1`. */
  readonly key: string
  /** Id of the block on the outermost canvas, where its problems are shown. */
  readonly top: BlockId
  /** `encoder.fc1` */
  readonly path: string
  /** Path that its weights bear: its own, or that of the block that it is another use of. */
  readonly owner: string
  readonly definition: BlockDefinition
  readonly params: ParamValues
  readonly inputs: { readonly [port: string]: Source | undefined }
}

export interface Source {
  readonly key: string
  readonly port: string
}

export interface FlatGraph {
  /** Sources before their users; blocks on a cycle are left out. */
  readonly blocks: readonly FlatBlock[]
  readonly problems: readonly Problem[]
  /** From any endpoint on the outermost canvas to the flat port that gives its value. */
  source(from: Endpoint): Source | undefined
}

/** Keys of the blocks that a loss depends on; the others take no part in training and may be unfinished. */
export function usedByLosses(graph: Pick<FlatGraph, 'blocks'>): ReadonlySet<string> {
  const byKey = new Map(graph.blocks.map((block) => [block.key, block]))
  const used = new Set<string>()
  const pending = graph.blocks.filter((block) => block.definition.family === 'loss')
  for (let block = pending.pop(); block; block = pending.pop()) {
    if (used.has(block.key)) continue
    used.add(block.key)
    for (const source of Object.values(block.inputs)) {
      const origin = source && byKey.get(source.key)
      if (origin) pending.push(origin)
    }
  }
  return used
}

/** One canvas: the outermost, or the inside of a composite. */
interface Scope {
  readonly graph: Graph
  readonly keys: string
  readonly names: string
  /** As `names`, of the blocks whose weights those here use. */
  readonly owners: string
  readonly top: BlockId | null
  /** What comes in from around a composite, by `block port` of its inside. */
  readonly outer: ReadonlyMap<string, Source | undefined>
  /** Parameters that the composite around sets. */
  readonly values: ReadonlyMap<BlockId, ParamValues>
}

/** Blocks that are looked at, copies and other uses counted: composites in composites could stand for any number. */
const MOST = 20_000

export function flatten(document: GraphDocument): FlatGraph {
  const found: FlatBlock[] = []
  const problems: Problem[] = []
  const { constants = {} } = document
  let visited = 0
  const outermost: Scope = {
    graph: document.graph,
    keys: '',
    names: '',
    owners: '',
    top: null,
    outer: new Map(),
    values: new Map(),
  }

  const visit = (scope: Scope): void => {
    const incoming = incomingWires(scope.graph)
    for (const [id, drawn] of Object.entries(scope.graph.blocks)) {
      if (++visited > MOST) return
      const key = scope.keys + id
      const path = scope.names + drawn.name
      const top = scope.top ?? id
      const place = placeOf({ top, key })
      const from = (port: string): Source | undefined => {
        const wire = incoming.get(`${id} ${port}`)
        return wire ? sourceIn(scope, wire) : scope.outer.get(`${id} ${port}`)
      }
      const original = originalOf(scope.graph, id)
      const node = contentOf(scope.graph, id)
      if (!node) {
        const message = `${path} is another use of a block that is gone. Delete it and put a block of its own there.`
        problems.push(problem('block.shares', message, place))
        continue
      }
      const owner = scope.owners + (scope.graph.blocks[original]?.name ?? node.name)
      const params = { ...node.params, ...scope.values.get(original) }
      /** What is wrong with the values of a block that is used twice is said once. */
      const read = (specs: ParamSpecs, where: string) => {
        const numbers = resolved(specs, params, constants)
        const sound = Object.entries(numbers.values).filter(([name]) => !Object.hasOwn(numbers.wrong, name))
        const { values, problems: wrong } = readParams(specs, Object.fromEntries(sound), where)
        for (const [field, reason] of Object.entries(numbers.wrong))
          wrong.push(problem('param.value', `${where}: ${specs[field]?.label ?? field} ${reason}.`, { field }))
        if (original === id) problems.push(...wrong.map((p) => ({ ...p, place: { ...p.place, ...place } })))
        return values
      }
      if (node.bypassed) {
        const definition = bypass(node)
        if (definition) {
          const inputs: { [port: string]: Source | undefined } = {}
          for (const port of Object.keys(definition.inputs)) inputs[port] = from(port)
          found.push({ key, top, path, owner, definition, params: {}, inputs })
        } else {
          const why = 'only what has one input that must be fed, and an output, can let it through. Take it in again.'
          problems.push(problem('block.bypassed', `${path} can't be bypassed: ${why}`, place))
        }
        continue
      }
      if (node.type === 'composite') {
        const { inside } = node
        if (!inside || Object.keys(inside.blocks).length === 0) {
          problems.push(
            inside
              ? problem(
                  'composite.empty',
                  `${inside.title} ${path} is empty. Put blocks into it or delete it.`,
                  place,
                  'warning',
                )
              : problem('composite.empty', `Composite ${path} holds nothing; delete it or unpack a whole one.`, place),
          )
          continue
        }
        const specs = withNumbers(paramSpecsOf(node), constants)
        read(specs, `${inside.title} ${path}`)
        const fitting = Object.entries(resolved(specs, params, constants).values).filter(([name, value]) => {
          const spec = get(specs, name)
          return spec && misfit(spec, value) === null
        })
        const values = valuesInside(inside, Object.fromEntries(fitting))
        const copies = copiesOf(node)
        if (copies === 1 && (node.repeat ?? 1) > 1)
          problems.push(
            problem('composite.repeat', `${path}: ${repeatProblem(inside) ?? 'it can not be repeated.'}`, place),
          )
        let before: Scope | undefined
        for (let copy = 1; copy <= copies; copy++) {
          const part = copies > 1 ? String(copy) : ''
          const outer = new Map<string, Source | undefined>()
          for (const [port, ends] of Object.entries(inside.inputs)) {
            const last = before && Object.values(inside.outputs)[0]
            const source = before ? last && sourceIn(before, last) : from(port)
            for (const end of ends) outer.set(`${end.block} ${end.port}`, source)
          }
          const inner: Scope = {
            graph: inside,
            keys: insideKey(key, part),
            names: `${path}.${part && `${part}.`}`,
            owners: `${owner}.${part && `${part}.`}`,
            top,
            outer,
            values,
          }
          visit(inner)
          before = inner
        }
        continue
      }
      const definition = findBlock(node.type)
      if (!definition) {
        problems.push(
          problem(
            'block.unknown',
            `${path}: this version knows no block of type "${node.type}"; it may come from a newer one. Replace or delete it.`,
            place,
          ),
        )
        continue
      }
      const values = read(definition.params, `${definition.title} ${path}`)
      const inputs: { [port: string]: Source | undefined } = {}
      for (const port of Object.keys(definition.inputs)) inputs[port] = from(port)
      found.push({ key, top, path, owner, definition, params: values, inputs })
    }
  }
  visit(outermost)
  if (visited > MOST) {
    const message = `With the insides of composites and their copies the drawing has more than ${MOST} blocks. Repeat less or remove some.`
    return { blocks: [], problems: [problem('graph.large', message)], source: () => undefined }
  }

  const sorted = inOrder(found)
  if (sorted.cycle.length > 0) {
    const names = sorted.cycle.map((block) => block.path)
    for (const top of new Set(sorted.cycle.map((block) => block.top)))
      problems.push(
        problem(
          'graph.cycle',
          `These blocks feed each other in a circle: ${[...names, names[0]].join(' → ')}. Remove one of the wires.`,
          { block: top },
        ),
      )
  }
  return { blocks: sorted.blocks, problems, source: (from) => sourceIn(outermost, from) }
}

const passing = new WeakMap<BlockNode, BlockDefinition | null>()

/** What stands for a block that is left out: it gives what it gets at the port by which a chain enters it. */
function bypass(node: BlockNode): BlockDefinition | null {
  const known = passing.get(node)
  if (known !== undefined) return known
  const ports = chainPorts(node)
  const { inputs, outputs } = portsOf(node)
  const [into, out] = [inputs[ports?.input ?? ''], outputs[ports?.output ?? '']]
  const origin = findBlock(node.type)
  const definition: BlockDefinition | null =
    ports && into && out
      ? {
          type: 'bypassed',
          family: origin?.family ?? 'complex',
          title: origin?.title ?? node.inside?.title ?? node.type,
          doc: 'Gives what it gets.',
          formula: 'y = x',
          source: 'none: it stands for a block that is left out',
          aliases: [],
          params: {},
          inputs: { [ports.input]: into },
          outputs: { [ports.output]: out },
          build: (_builder, values) => ({ [ports.output]: values[ports.input] as Tensor }),
          examples: [],
        }
      : null
  passing.set(node, definition)
  return definition
}

/** Defaults that come from blocks inside may be expressions as well. */
function withNumbers(specs: ParamSpecs, constants: Constants): ParamSpecs {
  if (!Object.values(specs).some((spec) => isExpression(spec.default))) return specs
  const numbered = Object.entries(specs).map(([name, spec]) => {
    const value = valueOf(spec, spec.default, constants)
    return [name, value === null ? spec : { ...spec, default: value }]
  })
  return Object.fromEntries(numbered) as ParamSpecs
}

/** Where the problems of a block are shown. */
export function placeOf({ top, key }: Pick<FlatBlock, 'top' | 'key'>): Place {
  return key === top ? { block: top } : { block: top, inner: key }
}

/** How often the inside of a composite is there: once, where its ports do not allow a chain. */
export function copiesOf({ inside, repeat = 1 }: BlockNode): number {
  return inside && repeatProblem(inside) === null && repeat <= MAX_REPEAT ? Math.max(1, repeat) : 1
}

/** What the keys of the blocks inside a composite begin with; `copy` counts from 1 and is empty where there is one. */
export function insideKey(key: string, copy: string): string {
  return copy === '' ? `${key}/` : `${key}/${copy}/`
}

/** Follows an output into the composites that it belongs to, down to the block that computes it. */
export function sourceIn(scope: Pick<Scope, 'graph' | 'keys'>, from: Endpoint): Source | undefined {
  const node = contentOf(scope.graph, from.block)
  if (!node) return undefined
  const key = scope.keys + from.block
  if (node.type !== 'composite' || node.bypassed) return { key, port: from.port }
  const inner = get(node.inside?.outputs ?? {}, from.port)
  const copies = copiesOf(node)
  return inner && node.inside
    ? sourceIn({ graph: node.inside, keys: insideKey(key, copies > 1 ? String(copies) : '') }, inner)
    : undefined
}

/** The wire's origin for each `block port` that a wire ends at. */
function incomingWires(graph: Graph): Map<string, Endpoint> {
  const incoming = new Map<string, Endpoint>()
  for (const wire of Object.values(graph.wires)) incoming.set(`${wire.to.block} ${wire.to.port}`, wire.from)
  return incoming
}

/** Kahn's algorithm (1962), keeping the document's order among blocks that are ready. */
function inOrder(found: readonly FlatBlock[]): { blocks: FlatBlock[]; cycle: FlatBlock[] } {
  const byKey = new Map(found.map((block) => [block.key, block]))
  const waiting = new Map<string, number>()
  const users = new Map<string, FlatBlock[]>()
  for (const block of found) {
    const sources = new Set(
      Object.values(block.inputs).flatMap((source) => (source && byKey.has(source.key) ? [source.key] : [])),
    )
    waiting.set(block.key, sources.size)
    for (const key of sources) users.set(key, [...(users.get(key) ?? []), block])
  }
  const blocks = found.filter((block) => waiting.get(block.key) === 0)
  for (let next = 0; next < blocks.length; next++) {
    for (const user of users.get(blocks[next]?.key ?? '') ?? []) {
      const left = (waiting.get(user.key) ?? 0) - 1
      waiting.set(user.key, left)
      if (left === 0) blocks.push(user)
    }
  }
  const done = new Set(blocks)
  return { blocks, cycle: trimToCycle(found.filter((block) => !done.has(block))) }
}

/** Of the blocks that never became ready, one that are really on a circle, in its order. */
function trimToCycle(stuck: readonly FlatBlock[]): FlatBlock[] {
  const byKey = new Map(stuck.map((block) => [block.key, block]))
  const path: FlatBlock[] = []
  let block = stuck[0]
  while (block && !path.includes(block)) {
    path.push(block)
    const source = Object.values(block.inputs).find((input) => input && byKey.has(input.key))
    block = source && byKey.get(source.key)
  }
  return block ? path.slice(path.indexOf(block)).reverse() : []
}
