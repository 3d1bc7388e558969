/** What wires lead to. The blocks that are asked about belong to the answer. */
import type { BlockId, Graph } from './types.ts'

/** Everything that these blocks depend on. */
export function upstream(graph: Graph, from: ReadonlySet<BlockId>): ReadonlySet<BlockId> {
  return follow(graph, from, true, false)
}

/** Everything that depends on these blocks. */
export function downstream(graph: Graph, from: ReadonlySet<BlockId>): ReadonlySet<BlockId> {
  return follow(graph, from, false, true)
}

/** Everything that is joined to them by wires, whichever way. */
export function connected(graph: Graph, from: ReadonlySet<BlockId>): ReadonlySet<BlockId> {
  return follow(graph, from, true, true)
}

function follow(graph: Graph, from: ReadonlySet<BlockId>, back: boolean, forth: boolean): ReadonlySet<BlockId> {
  const next = new Map<BlockId, BlockId[]>()
  const lead = (a: BlockId, b: BlockId) => {
    const list = next.get(a)
    if (list) list.push(b)
    else next.set(a, [b])
  }
  for (const { from: source, to } of Object.values(graph.wires)) {
    if (back) lead(to.block, source.block)
    if (forth) lead(source.block, to.block)
  }
  const reached = new Set(from)
  const pending = [...from]
  for (let block = pending.pop(); block !== undefined; block = pending.pop())
    for (const other of next.get(block) ?? []) {
      // An end at the rim of a composite is no block.
      if (reached.has(other) || !Object.hasOwn(graph.blocks, other)) continue
      reached.add(other)
      pending.push(other)
    }
  return reached
}
