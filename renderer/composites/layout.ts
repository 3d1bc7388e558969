/**
 * Where the blocks of a composite stand in its small picture: in columns from its inputs to its outputs, each block one
 * column after the last one that it hears from. The places on the big canvas play no part, so any inside is readable.
 */
import type { Family } from '../../src/blocks/define.ts'
import type { BlockId, Endpoint, Inside } from '../../src/document/types.ts'
import { familyOf } from '../canvas/looks.ts'
import { kindOf } from '../state/editor.svelte.ts'

export interface MiniBlock {
  readonly id: BlockId
  readonly name: string
  readonly kind: string
  readonly family: Family
  readonly column: number
  readonly row: number
}
export interface MiniWire {
  readonly from: Place
  readonly to: Place
}
interface Place {
  readonly column: number
  readonly row: number
}
export interface MiniPort extends Place {
  readonly name: string
  readonly side: 'in' | 'out'
}
export interface MiniLayout {
  readonly blocks: readonly MiniBlock[]
  readonly wires: readonly MiniWire[]
  readonly ports: readonly MiniPort[]
  /** Columns of blocks; ports stand one before and one after them. */
  readonly columns: number
  readonly rows: number
}

export function layoutOf(inside: Inside): MiniLayout {
  const sources = new Map<BlockId, BlockId[]>(Object.keys(inside.blocks).map((id) => [id, []]))
  for (const { from, to } of Object.values(inside.wires))
    if (sources.has(from.block)) sources.get(to.block)?.push(from.block)
  const depths = depthsOf(sources)
  const columns: BlockId[][] = []
  for (const [id, depth] of depths) (columns[depth] ??= []).push(id)
  const places = new Map<BlockId, Place>()
  const most = Math.max(1, ...columns.map((column) => column.length))
  let middle = (most - 1) / 2
  columns.forEach((ids, column) => {
    // Level with what they hear from, so that a branch is a row and branches do not cross.
    const near = (id: BlockId) =>
      mean(
        (sources.get(id) ?? []).map((source) => places.get(source)?.row ?? middle),
        middle,
      )
    const sorted = ids.map((id, i) => ({ id, near: near(id), i })).sort((a, b) => a.near - b.near || a.i - b.i)
    const rows = spread(sorted.map((one) => one.near))
    sorted.forEach(({ id }, i) => places.set(id, { column, row: rows[i] ?? middle }))
  })
  const top = Math.min(0, ...[...places.values()].map(({ row }) => row))
  if (top < 0) for (const [id, { column, row }] of places) places.set(id, { column, row: row - top })
  middle -= top
  const rows = Math.max(most, 1 + Math.max(0, ...[...places.values()].map(({ row }) => row)))
  const placeOf = (end: Endpoint): Place => places.get(end.block) ?? { column: 0, row: middle }
  const port = (name: string, side: 'in' | 'out', ends: readonly Endpoint[]): MiniPort => ({
    name,
    side,
    column: side === 'in' ? -1 : columns.length,
    row: mean(
      ends.map((end) => placeOf(end).row),
      middle,
    ),
  })
  const inputs = apart(Object.entries(inside.inputs).map(([name, ends]) => port(name, 'in', ends)))
  const outputs = apart(Object.entries(inside.outputs).map(([name, end]) => port(name, 'out', [end])))
  const into = inputs.flatMap((one) => (inside.inputs[one.name] ?? []).map((end) => ({ from: one, to: placeOf(end) })))
  const out = outputs.flatMap((one) => {
    const end = inside.outputs[one.name]
    return end ? [{ from: placeOf(end), to: one }] : []
  })
  return {
    blocks: Object.entries(inside.blocks).map(([id, node]) => ({
      id,
      name: node.name,
      kind: kindOf(node),
      family: familyOf(node),
      ...placeOf({ block: id, port: '' }),
    })),
    wires: [
      ...into,
      ...Object.values(inside.wires).map(({ from, to }) => ({ from: placeOf(from), to: placeOf(to) })),
      ...out,
    ],
    ports: [...inputs, ...outputs],
    columns: columns.length,
    rows,
  }
}

/** The longest way from where nothing comes in; blocks on a circle come after the others. */
function depthsOf(sources: ReadonlyMap<BlockId, readonly BlockId[]>): Map<BlockId, number> {
  const depths = new Map<BlockId, number>()
  const open = new Set<BlockId>()
  const depth = (id: BlockId): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    if (open.has(id)) return 0
    open.add(id)
    const found = 1 + Math.max(-1, ...(sources.get(id) ?? []).map(depth))
    open.delete(id)
    depths.set(id, found)
    return found
  }
  for (const id of sources.keys()) depth(id)
  return depths
}

/** Ascending places at least 1 apart, as near to the wanted ones as that allows (isotonic regression by pooling). */
function spread(wanted: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = []
  wanted.forEach((want, i) => {
    pools.push({ sum: want - i, count: 1 })
    for (;;) {
      const [before, last] = pools.slice(-2)
      if (!before || !last || before.sum / before.count <= last.sum / last.count) break
      pools.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count })
    }
  })
  return pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count)).map((place, i) => place + i)
}

const mean = (values: readonly number[], none: number) =>
  values.length === 0 ? none : values.reduce((sum, value) => sum + value, 0) / values.length

/** Ports that would lie on each other, half a row apart. */
function apart(ports: readonly MiniPort[]): MiniPort[] {
  let last = -Infinity
  return [...ports]
    .sort((a, b) => a.row - b.row)
    .map((port) => {
      last = Math.max(port.row, last + 0.5)
      return { ...port, row: last }
    })
}
