/** Which way wires count, which layer each block lies in, and what stands for a wire in the layers that it passes. */
import { at } from '../../base/assert.ts'
import { least } from './simplex.ts'

/** A wire between two blocks, by number. Heights are those of the ports, from the upper edges of their blocks. */
export interface Link {
  readonly from: number
  readonly to: number
  readonly fromHeight: number
  readonly toHeight: number
  /** It leads back, and is taken as if it led from its target to its source. */
  readonly turned?: boolean
}

/** One block in one layer, or the lane in which wires of one port pass it. */
export interface Cell {
  readonly layer: number
  readonly height: number
  /** -1 for a lane. */
  readonly block: number
}

/** Two cells that a wire joins. */
export interface Piece {
  readonly from: number
  readonly to: number
  readonly fromHeight: number
  readonly toHeight: number
  readonly weight: number
}

export interface Layered {
  readonly cells: readonly Cell[]
  /** Between neighbouring layers. */
  readonly pieces: readonly Piece[]
  /** Wires that are too long to have lanes. */
  readonly far: readonly Piece[]
  readonly layers: number
  /** The lanes of each wire, in the order of the layers. */
  readonly lanes: readonly (readonly number[])[]
}

/**
 * The wires such that they make no cycle: what leads back on the way from the sources through the drawing is turned round
 * (Gansner et al. 1993, section 2.1), as a reader would say that it leads back. Nothing is turned where there is no cycle.
 */
export function acyclic(count: number, links: readonly Link[]): Link[] {
  const [into, out] = ends(count, links)
  const turn = new Set<Link>()
  const state = new Uint8Array(count)
  const [OPEN, DONE] = [1, 2]
  const walk = (first: number) => {
    const way: { node: number; next: number }[] = []
    const enter = (node: number) => {
      state[node] = OPEN
      way.push({ node, next: 0 })
    }
    if (state[first] === 0) enter(first)
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const link = out[step.node]?.[step.next++]
      if (!link) {
        state[step.node] = DONE
        way.pop()
      } else if (state[link.to] === OPEN) turn.add(link)
      else if (state[link.to] === 0) enter(link.to)
    }
  }
  into.forEach((list, node) => list.length === 0 && walk(node))
  for (let node = 0; node < count; node++) walk(node)
  return links.map((link) => (turn.has(link) ? turned(link) : link))
}

function turned({ from, to, fromHeight, toHeight }: Link): Link {
  return { from: to, to: from, fromHeight: toHeight, toHeight: fromHeight, turned: true }
}

/**
 * A layer for each block, such that wires are as short as possible together: a source comes right before what it feeds.
 * Where a block may as well lie elsewhere, it goes to the layer that holds least.
 */
export function layersOf(heights: readonly number[], links: readonly Link[]): Int32Array {
  const count = heights.length
  const layers = least(
    count,
    {
      from: links.map((link) => link.from),
      to: links.map((link) => link.to),
      length: links.map(() => 1),
      weight: links.map(() => 1),
    },
    20 * count,
  )
  const first = layers.reduce((a, b) => Math.min(a, b), 0)
  layers.forEach((layer, node) => (layers[node] = layer - first))
  const filled: number[] = Array.from({ length: count }, () => 0)
  const [into, out] = ends(count, links)
  layers.forEach((layer, node) => (filled[layer]! += at(heights, node)))
  for (let node = 0; node < count; node++) {
    const [before, after] = [at(into, node), at(out, node)]
    if (before.length !== after.length || before.length === 0) continue
    const low = Math.max(...before.map((link) => at(layers, link.from))) + 1
    const high = Math.min(...after.map((link) => at(layers, link.to))) - 1
    const [own, height] = [at(layers, node), at(heights, node)]
    let best = own
    const load = (layer: number) => at(filled, layer) - (layer === own ? height : 0)
    for (let layer = low; layer <= high; layer++) if (load(layer) < load(best)) best = layer
    filled[own]! -= height
    filled[best]! += height
    layers[node] = best
  }
  return layers
}

function ends(count: number, links: readonly Link[]): [Link[][], Link[][]] {
  const into: Link[][] = Array.from({ length: count }, () => [])
  const out: Link[][] = Array.from({ length: count }, () => [])
  for (const link of links) {
    into[link.to]?.push(link)
    out[link.from]?.push(link)
  }
  return [into, out]
}

/** Straightness matters more the longer the piece of wire that is meant (Gansner et al., section 4), and on the main line. */
const WEIGHT = { blocks: 1, end: 2, between: 4, trunk: 10 }

// A drawing that would need more is so dense that nobody sees what its longest wires run past.
const MOST_LANES = 8000

/** `lane` is the height that is kept free for wires that pass blocks. Those that leave one port share theirs. */
export function layered(heights: readonly number[], links: readonly Link[], lane: number): Layered {
  const layers = layersOf(heights, links)
  const trunk = trunks(heights.length, links)
  const cells: Cell[] = heights.map((height, block) => ({ layer: at(layers, block), height, block }))
  const pieces: Piece[] = []
  const far: Piece[] = []
  /** For each port the lanes behind it, one for each layer. */
  const shared = new Map<string, number[]>()
  const passes = links.map(({ from, to }) => at(layers, to) - at(layers, from) - 1)
  const ports = links.map(({ from, fromHeight, turned }, wire) => `${from} ${fromHeight} ${turned ? wire : ''}`)
  const most = mostPassed(passes, ports)
  const lanes = links.map((link, wire) => {
    const { from, to, fromHeight, toHeight } = link
    const [passed, port] = [at(passes, wire), at(ports, wire)]
    if (passed === 0 || passed >= most) {
      const weight = WEIGHT.blocks * (trunk[wire] ? WEIGHT.trunk : 1)
      ;(passed === 0 ? pieces : far).push({ from, to, fromHeight, toHeight, weight })
      return []
    }
    const there = shared.get(port) ?? []
    shared.set(port, there)
    while (there.length < passed) {
      const before = there.at(-1)
      const cell = cells.push({ layer: at(layers, from) + 1 + there.length, height: lane, block: -1 }) - 1
      if (before === undefined) pieces.push({ from, to: cell, fromHeight, toHeight: lane / 2, weight: WEIGHT.end })
      else pieces.push({ from: before, to: cell, fromHeight: lane / 2, toHeight: lane / 2, weight: WEIGHT.between })
      there.push(cell)
    }
    pieces.push({ from: at(there, passed - 1), to, fromHeight: lane / 2, toHeight, weight: WEIGHT.end })
    return there.slice(0, passed)
  })
  return { cells, pieces, far, layers: 1 + layers.reduce((a, b) => Math.max(a, b), -1), lanes }
}

/** From how many passed layers on a wire has no lanes, such that there are not too many of them. */
function mostPassed(passed: readonly number[], ports: readonly string[]): number {
  const lanes = new Map<string, number>()
  let left = MOST_LANES
  for (const wire of [...passed.keys()].sort((a, b) => at(passed, a) - at(passed, b))) {
    const port = at(ports, wire)
    left -= at(passed, wire) - (lanes.get(port) ?? 0)
    lanes.set(port, at(passed, wire))
    if (left < 0) return at(passed, wire)
  }
  return Infinity
}

/**
 * The wires on which a main line runs: the longest way from a source goes on along the longest way to an end. Where there
 * are several, the uppermost ports decide, so that lines neither part nor join.
 */
function trunks(count: number, links: readonly Link[]): boolean[] {
  const [into, out] = ends(count, links)
  const before = longest(count, links, into, (link) => link.from)
  const after = longest(count, links, out, (link) => link.to)
  const long = ({ from, to }: Link) => at(before, to) === at(before, from) + 1 && at(after, from) === at(after, to) + 1
  const uppermost = (list: readonly Link[], height: 'fromHeight' | 'toHeight') =>
    list.filter(long).reduce<Link | undefined>((a, b) => (a && a[height] <= b[height] ? a : b), undefined)
  const onward = out.map((list) => uppermost(list, 'fromHeight'))
  const inward = into.map((list) => uppermost(list, 'toHeight'))
  return links.map((link) => onward[link.from] === link && inward[link.to] === link)
}

function longest(count: number, links: readonly Link[], ends: readonly Link[][], next: (link: Link) => number) {
  const waiting = new Int32Array(count)
  for (const link of links) waiting[next(link)]!++
  const ways = new Int32Array(count)
  const order = [...waiting.keys()].filter((node) => waiting[node] === 0)
  // From the far ends backwards, the ways are counted on the way back.
  for (let i = 0; i < order.length; i++)
    for (const link of at(ends, at(order, i))) if (--waiting[next(link)]! === 0) order.push(next(link))
  for (let i = order.length - 1; i >= 0; i--) {
    const node = at(order, i)
    for (const link of at(ends, node)) ways[node] = Math.max(at(ways, node), at(ways, next(link)) + 1)
  }
  return ways
}
