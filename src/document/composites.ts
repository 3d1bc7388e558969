/**
 * Questions about blocks that are more than a type and its parameters: composites with their ports and exposed parameters,
 * and second uses of a block. Whoever wants to know what a block is made of asks `contentOf` first.
 */
import type { ParamSpec, ParamSpecs, ParamValue, ParamValues } from '../base/params.ts'
import type { PortSpec, PortSpecs } from '../blocks/define.ts'
import { findBlock } from '../blocks/index.ts'
import type { BlockId, BlockNode, Endpoint, Graph, Inside, ParamTarget } from './types.ts'

/** Copies in a chain that one composite may stand for. */
export const MAX_REPEAT = 64

/** The block whose content and weights `id` has: itself, or the one that it shares. */
export function originalOf(graph: Graph, id: BlockId): BlockId {
  return get(graph.blocks, id)?.shares ?? id
}

/**
 * The block with the type, parameters, inside and repeat that it computes with: its own, or those of the block that it
 * shares; name, place and being bypassed are its own. Undefined for a block that is gone.
 */
export function contentOf(graph: Graph, id: BlockId): BlockNode | undefined {
  const node = get(graph.blocks, id)
  if (node?.shares === undefined) return node
  const original = get(graph.blocks, node.shares)
  // Two that share each other can't come from a file; what is in memory may be anything.
  if (!original || original.shares !== undefined) return undefined
  const { bypassed: _own, ...content } = original
  return { ...content, name: node.name, position: node.position, ...(node.bypassed ? { bypassed: true } : {}) }
}

/** Other uses of a block, in the order of the document; none for a block that is itself another's use. */
export function usesOf(graph: Graph, id: BlockId): readonly BlockId[] {
  return Object.keys(graph.blocks).filter((other) => graph.blocks[other]?.shares === id)
}

/** Ports of a block as drawn; those of a loss value are not drawn, since it goes to the total by itself. Takes `contentOf`. */
export function portsOf(node: Pick<BlockNode, 'type' | 'inside'>): {
  readonly inputs: PortSpecs
  readonly outputs: PortSpecs
} {
  if (node.type === 'composite') {
    const { inside } = node
    if (!inside) return { inputs: {}, outputs: {} }
    const part = ({ block, port }: Endpoint): PortSpec | undefined => {
      const inner = contentOf(inside, block)
      return inner && get(portsOf(inner).inputs, port)
    }
    const inputs = Object.entries(inside.inputs).map(([name, ends]): [string, PortSpec] => {
      const { optional: _one, ...spec }: PortSpec = (ends[0] && part(ends[0])) ?? {
        doc: 'leads to no block inside yet',
      }
      return [name, ends.every((end) => part(end)?.optional) ? { ...spec, optional: true } : spec]
    })
    const outputs = Object.entries(inside.outputs).map(([name, { block }]): [string, PortSpec] => [
      name,
      { doc: `what ${get(inside.blocks, block)?.name ?? 'a block'} inside gives` },
    ])
    return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) }
  }
  const definition = findBlock(node.type)
  const drawn = Object.entries(definition?.outputs ?? {}).filter(([, spec]) => spec.role !== 'loss')
  return { inputs: definition?.inputs ?? {}, outputs: Object.fromEntries(drawn) }
}

/**
 * The parameters that a block shows: those of its type, or those that a composite exposes, where `default` is the value
 * that holds inside while the composite gives none. Takes `contentOf`.
 */
export function paramSpecsOf(node: Pick<BlockNode, 'type' | 'inside'>): ParamSpecs {
  if (node.type !== 'composite') return findBlock(node.type)?.params ?? {}
  const { inside } = node
  const specs: { [name: string]: ParamSpec } = {}
  for (const [name, exposed] of Object.entries(inside?.params ?? {})) {
    const target = exposed.targets[0]
    const spec = inside && target && targetSpec(inside, target)
    if (spec) specs[name] = { ...spec, label: exposed.label }
  }
  return specs
}

/** The parameter of the block inside, with the value that it has now as its default. */
export function targetSpec(graph: Graph, { block, param }: ParamTarget): ParamSpec | undefined {
  const node = get(graph.blocks, block)
  const spec = node && get(paramSpecsOf(node), param)
  if (!node || !spec) return undefined
  const value = get(node.params, param)
  // A value that does not fit is reported where it stands; here it would only be another default.
  return value === undefined ? spec : ({ ...spec, default: value } as ParamSpec)
}

/** What a composite's values set inside, by block and parameter. Names that it does not expose are left out. */
export function valuesInside(inside: Inside, params: ParamValues): ReadonlyMap<BlockId, ParamValues> {
  const values = new Map<BlockId, { [param: string]: ParamValue }>()
  for (const [name, { targets }] of Object.entries(inside.params ?? {})) {
    const value = get(params, name)
    if (value === undefined) continue
    for (const { block, param } of targets) {
      const own = values.get(block) ?? {}
      own[param] = value
      values.set(block, own)
    }
  }
  return values
}

/** The graph inside with the composite's values written into its blocks: what is left when the composite goes. */
export function bakedInside(node: Pick<BlockNode, 'params'>, inside: Inside): Inside {
  const values = valuesInside(inside, node.params)
  const blocks = Object.fromEntries(
    Object.entries(inside.blocks).map(([id, block]) => {
      const own = values.get(id)
      return [id, own ? { ...block, params: { ...block.params, ...own } } : block]
    }),
  )
  return { ...inside, blocks }
}

export interface ChainPorts {
  readonly input: string
  readonly output: string
}

/** Where a block is entered and left in a chain: the one input that can't stay open, and its first output; null if it has no such ports. */
export function chainPorts(node: Pick<BlockNode, 'type' | 'inside'>): ChainPorts | null {
  const { inputs, outputs } = portsOf(node)
  const names = Object.keys(inputs)
  const needed = names.filter((name) => !inputs[name]?.optional)
  const input = names.length === 1 ? names[0] : needed.length === 1 ? needed[0] : undefined
  const output = Object.keys(outputs)[0]
  return input !== undefined && output !== undefined ? { input, output } : null
}

/** Why a composite can't stand for several copies in a chain, or null when it can. */
export function repeatProblem(inside: Inside): string | null {
  const inputs = Object.keys(inside.inputs)
  const outputs = Object.keys(inside.outputs)
  if (inputs.length === 1 && outputs.length === 1) return null
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))
  return (
    `Only a composite with one input and one output can be repeated; "${inside.title}" has the inputs ${list(inputs)} ` +
    `and the outputs ${list(outputs)}.`
  )
}

/** The fields in the order in which files hold them. */
export function arrangedNode(node: BlockNode): BlockNode {
  const { type, name, position, params, inside, repeat, shares, bypassed } = node
  return {
    type,
    name,
    position,
    params,
    ...(inside === undefined ? {} : { inside }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(shares === undefined ? {} : { shares }),
    ...(bypassed === undefined ? {} : { bypassed }),
  }
}

/** The fields in the order in which files hold them, so that a document is saved the same way however it came about. */
export function arranged(inside: Inside): Inside {
  const { title, doc, aliases, params, blocks, wires, annotations, inputs, outputs } = inside
  return {
    title,
    ...(doc === undefined ? {} : { doc }),
    ...(aliases === undefined ? {} : { aliases }),
    ...(params === undefined || Object.keys(params).length === 0 ? {} : { params }),
    blocks,
    wires,
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
    inputs,
    outputs,
  }
}

export function sameEnd(a: Endpoint, b: Endpoint): boolean {
  return a.block === b.block && a.port === b.port
}

/** An entry of a table, never one that every object has. */
export function get<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
