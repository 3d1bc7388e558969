/** What a fix would change, read off the drawing before and after, so that it can't say anything else than what happens. */
import { findBlock } from '../../blocks/index.ts'
import { sameValue } from '../../base/same.ts'
import { get, paramSpecsOf, sameEnd } from '../../document/composites.ts'
import type { BlockNode, Graph, Wire } from '../../document/types.ts'
import type { Ghost } from './types.ts'

export function ghostOf(before: Graph, after: Graph): Ghost {
  const kept = Object.entries(after.blocks).flatMap(([id, node]) => {
    const old = get(before.blocks, id)
    return old ? [{ id, old, node }] : []
  })
  const known = (graph: Graph, wire: Wire) =>
    Object.values(graph.wires).some((other) => sameEnd(other.from, wire.from) && sameEnd(other.to, wire.to))
  return {
    adds: Object.entries(after.blocks)
      .filter(([id]) => !get(before.blocks, id))
      .map(([id, { type, name, position }]) => ({ id, type, name, position })),
    sets: kept
      .filter(({ old, node }) => old.type === node.type)
      .flatMap(({ id, old, node }) =>
        [...new Set([...Object.keys(old.params), ...Object.keys(node.params)])]
          .filter((param) => !sameValue(valueIn(old, param), valueIn(node, param)))
          .map((param) => [id, param, valueIn(old, param), valueIn(node, param)] as const),
      ),
    replaces: kept
      .filter(({ old, node }) => old.type !== node.type)
      .map(({ id, old, node }) => [id, titleOf(old), titleOf(node)] as const),
    renames: kept
      .filter(({ old, node }) => old.name !== node.name)
      .map(({ id, old, node }) => [id, old.name, node.name] as const),
    removes: Object.keys(before.blocks).filter((id) => !get(after.blocks, id)),
    wires: Object.values(after.wires).filter((wire) => !known(before, wire)),
    cuts: Object.entries(before.wires)
      .filter(([, wire]) => !known(after, wire))
      .map(([id]) => id),
  }
}

const valueIn = (node: BlockNode, param: string) => get(node.params, param) ?? get(paramSpecsOf(node), param)?.default
const titleOf = (node: BlockNode) => node.inside?.title ?? findBlock(node.type)?.title ?? node.type
