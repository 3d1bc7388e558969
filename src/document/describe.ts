/** What edits are called, for people. */
import { findBlock } from '../blocks/index.ts'
import { RIM } from './canvas.ts'
import { contentOf, get, originalOf, paramSpecsOf } from './composites.ts'
import { droppedCorrections } from './corrections.ts'
import type { Edit, GraphEdit } from './edits.ts'
import type { BlockId, BlockNode, DataSection, Endpoint, Graph, GraphDocument } from './types.ts'

/** Name of the step in the history, e.g. `Add Dense`. */
export function describeEdit(document: GraphDocument, edit: Edit): string {
  switch (edit.kind) {
    case 'inside': {
      let graph: Graph = document.graph
      for (const id of edit.path) graph = contentOf(graph, id)?.inside ?? { blocks: {}, wires: {} }
      return describeGraphEdit(graph, edit.edit)
    }
    case 'several':
      return edit.label
    case 'setData':
      return describeData(document.data, edit.data)
    case 'setTraining':
      return 'Change training settings'
    case 'setDocument':
      return edit.name === undefined ? 'Edit note' : 'Rename document'
    case 'setConstant':
      return edit.value === null ? `Delete constant ${edit.name}` : `Set constant ${edit.name}`
    case 'renameConstant':
      return `Rename constant ${edit.name} to ${edit.to}`
    default:
      return describeGraphEdit(document.graph, edit)
  }
}

/** Corrections that go with the data that they were of are named: one would not look for them. */
function describeData(before: DataSection, after: DataSection): string {
  const brings = after.corrections !== undefined && after.corrections !== before.corrections
  const gone = brings ? 0 : droppedCorrections(before, after)
  if (gone === 0) return 'Change data'
  return `Change data, drop ${gone === 1 ? '1 correction' : `${gone} corrections`}`
}

function describeGraphEdit(graph: Graph, edit: GraphEdit): string {
  const name = (id: BlockId) => get(graph.blocks, id)?.name ?? 'block'
  const titleOf = (node: BlockNode) => node.inside?.title ?? findBlock(node.type)?.title ?? node.type
  const label = (id: BlockId, param: string) => {
    const node = contentOf(graph, id)
    return ((node && get(paramSpecsOf(node), param)?.label) ?? param).toLowerCase()
  }
  switch (edit.kind) {
    case 'addBlock':
      return `Add ${titleOf(edit.node)}`
    case 'removeItems':
      if (edit.blocks.length === 1) return `Delete ${name(edit.blocks[0] ?? '')}`
      if (edit.blocks.length > 1) return `Delete ${edit.blocks.length} blocks`
      if (edit.wires.length === 0 && edit.annotations?.length === 1) {
        const kind = get(graph.annotations ?? {}, edit.annotations[0] ?? '')?.kind
        return `Delete ${kind ?? 'note'}`
      }
      return edit.wires.length === 1 ? 'Delete wire' : `Delete ${edit.wires.length} wires`
    case 'moveBlocks': {
      const ids = Object.keys(edit.positions)
      const only = ids.length === 1 ? (ids[0] ?? '') : undefined
      if (only === undefined) return `Move ${ids.length} blocks`
      return `Move ${get(graph.annotations ?? {}, only)?.kind ?? name(only)}`
    }
    case 'dissolve':
      return edit.blocks.length === 1
        ? `Dissolve ${name(edit.blocks[0] ?? '')}`
        : `Dissolve ${edit.blocks.length} blocks`
    case 'replaceBlock':
      return `Replace ${name(edit.block)} by ${titleOf({ ...edit.node, position: { x: 0, y: 0 } })}`
    case 'setBypassed': {
      const what = edit.blocks.length === 1 ? name(edit.blocks[0] ?? '') : `${edit.blocks.length} blocks`
      return edit.bypassed ? `Bypass ${what}` : `Use ${what} again`
    }
    case 'insertOnWire':
      return `Put ${name(edit.block)} on a wire`
    case 'setRoute':
      return 'Reroute wire'
    case 'setAnnotation': {
      const before = get(graph.annotations ?? {}, edit.id)
      const verb = !edit.annotation ? 'Delete' : before ? 'Change' : 'Add'
      return `${verb} ${(edit.annotation ?? before)?.kind ?? 'note'}`
    }
    case 'setParam':
      return `Set ${label(edit.block, edit.name)} of ${name(originalOf(graph, edit.block))}`
    case 'renameBlock':
      return `Rename ${name(edit.block)} to ${edit.name}`
    case 'connect': {
      const end = ({ block, port }: Endpoint) => (block === RIM.in || block === RIM.out ? port : name(block))
      return `Connect ${end(edit.wire.from)} to ${end(edit.wire.to)}`
    }
    case 'insert': {
      const nodes = Object.values(edit.graph.blocks)
      return nodes.length === 1 ? `Add ${nodes[0]?.name ?? 'block'}` : `Add ${nodes.length} blocks`
    }
    case 'group':
      return `Group ${edit.blocks.length === 1 ? name(edit.blocks[0] ?? '') : `${edit.blocks.length} blocks`}`
    case 'unpack':
      return `Unpack ${name(edit.block)}`
    case 'setComposite':
      return edit.title === undefined ? `Describe ${name(edit.block)}` : `Call ${name(edit.block)} "${edit.title}"`
    case 'addPort':
      return `Add port ${edit.port} to ${name(edit.block)}`
    case 'removePort':
      return `Remove port ${edit.port} of ${name(edit.block)}`
    case 'renamePort':
      return `Rename port ${edit.port} to ${edit.name}`
    case 'exposeParam':
      return `Show ${edit.label} on ${name(edit.block)}`
    case 'hideParam':
      return `Hide ${label(edit.block, edit.name)} of ${name(edit.block)}`
    case 'setRepeat':
      return `Repeat ${name(edit.block)} ×${edit.repeat}`
    case 'addUse':
      return `Use ${name(originalOf(graph, edit.of))} again`
    case 'makeIndependent':
      return `Make ${name(edit.block)} independent`
    case 'chainInsert':
      return `Add ${titleOf(edit.node)} to ${name(edit.block)}`
    case 'chainMove':
      return `Move a block in ${name(edit.block)}`
    case 'chainRemove':
      return `Delete a block of ${name(edit.block)}`
    case 'intoChain':
      return `Move ${name(edit.member)} into ${name(edit.block)}`
    case 'outOfChain':
      return `Take a block out of ${name(edit.block)}`
    default:
      return edit satisfies never
  }
}
