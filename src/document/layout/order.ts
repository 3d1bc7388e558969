/**
 * The order of the cells of each layer, with few crossings: the layer-by-layer sweep of Sugiyama, Tagawa and Toda (1981,
 * "Methods for visual understanding of hierarchical system structures", IEEE Transactions on Systems, Man, and Cybernetics
 * 11) by barycentres, then exchanges of neighbours. What meets a block counts by the port that it meets (Schulze, Spönemann
 * and von Hanxleden 2014, "Drawing layered graphs with port constraints"), so wires of one block cross nothing needlessly.
 */
import { at } from '../../base/assert.ts'
import type { Layered } from './layers.ts'

/** From upper to lower. */
export type Order = readonly (readonly number[])[]

/** Sweeps without progress before a start is given up. */
const PATIENCE = 4
const SWEEPS = 24
/** Times that a layer's neighbours are gone through. */
const ROUNDS = 12

// A cell has fewer ports on one side than this.
const PORTS = 4096

/** What a cell meets on one side: the other cell, that one's port, and its own, counted from above. */
interface Meeting {
  readonly cell: number
  readonly port: number
  readonly own: number
}

export function ordered(graph: Layered): Order {
  const sorter = new Sorter(graph)
  let best = sorter.result()
  let fewest = Infinity
  for (const start of [sorter.walked(), sorter.listed()]) {
    const crossings = sorter.improve(start)
    if (crossings < fewest) [best, fewest] = [sorter.result(), crossings]
    if (fewest === 0) break
  }
  return best
}

class Sorter {
  readonly #graph: Layered
  readonly #before: readonly (readonly Meeting[])[]
  readonly #after: readonly (readonly Meeting[])[]
  readonly #place: Int32Array
  /** Ports of a cell's layer above its own ones. */
  readonly #first: Int32Array
  readonly #wanted: Float64Array
  #order: number[][] = []

  constructor(graph: Layered) {
    this.#graph = graph
    this.#place = new Int32Array(graph.cells.length)
    this.#first = new Int32Array(graph.cells.length)
    this.#wanted = new Float64Array(graph.cells.length)
    const ports = { out: ranks(graph, 'from'), in: ranks(graph, 'to') }
    const before: Meeting[][] = graph.cells.map(() => [])
    const after: Meeting[][] = graph.cells.map(() => [])
    graph.pieces.forEach(({ from, to }, piece) => {
      const [out, into] = [at(ports.out, piece), at(ports.in, piece)]
      after[from]?.push({ cell: to, port: into, own: out })
      before[to]?.push({ cell: from, port: out, own: into })
    })
    for (const list of [...before, ...after]) list.sort((a, b) => a.own - b.own)
    this.#before = before
    this.#after = after
  }

  /** Cells in the order in which a walk from the sources meets them, port by port. */
  walked(): number[][] {
    const { cells, layers } = this.#graph
    const order: number[][] = Array.from({ length: layers }, () => [])
    const seen = new Uint8Array(cells.length)
    for (let first = 0; first < cells.length; first++) {
      if (at(this.#before, first).length > 0) continue
      const stack = [first]
      while (stack.length > 0) {
        const cell = stack.pop() as number
        if (seen[cell]) continue
        seen[cell] = 1
        order[at(cells, cell).layer]?.push(cell)
        const next = at(this.#after, cell)
        for (let i = next.length - 1; i >= 0; i--) stack.push(at(next, i).cell)
      }
    }
    return order
  }

  /** Cells in the order of the drawing, the places of wires after the blocks. */
  listed(): number[][] {
    const order: number[][] = Array.from({ length: this.#graph.layers }, () => [])
    this.#graph.cells.forEach(({ layer }, cell) => order[layer]?.push(cell))
    return order
  }

  result(): Order {
    return this.#order.map((layer) => [...layer])
  }

  /** Leaves the best order that it finds from here, and says how many crossings that has. */
  improve(start: number[][]): number {
    this.#take(start)
    let best = this.result()
    let fewest = this.#crossings()
    let idle = 0
    for (let round = 0; idle < PATIENCE && round < SWEEPS && fewest > 0; round++) {
      this.#sweep(round % 2 === 0)
      if (round % 4 === 3) this.#exchange()
      const crossings = this.#crossings()
      idle++
      if (crossings < fewest) [best, fewest, idle] = [this.result(), crossings, 0]
    }
    this.#take(best)
    if (fewest > 0) {
      this.#exchange()
      fewest = this.#crossings()
    }
    return fewest
  }

  #take(order: Order): void {
    this.#order = order.map((layer) => [...layer])
    for (const layer of this.#order) this.#number(layer)
  }

  #number(layer: readonly number[]): void {
    layer.forEach((cell, place) => (this.#place[cell] = place))
  }

  #key(meeting: Meeting): number {
    return at(this.#place, meeting.cell) * PORTS + meeting.port
  }

  #sweep(forth: boolean): void {
    const meetings = forth ? this.#before : this.#after
    const back = forth ? this.#after : this.#before
    for (let i = 1; i < this.#order.length; i++) {
      const layer = at(this.#order, forth ? i : this.#order.length - 1 - i)
      // What meets nothing on this side keeps its place.
      const moving = layer.filter((cell) => at(meetings, cell).length > 0)
      for (const cell of moving) {
        const met = at(meetings, cell)
        let sum = 0
        for (const one of met) sum += at(this.#place, one.cell) + (one.port + 0.5) / portsOf(at(back, one.cell))
        this.#wanted[cell] = sum / met.length
      }
      moving.sort((a, b) => at(this.#wanted, a) - at(this.#wanted, b) || at(this.#place, a) - at(this.#place, b))
      let next = 0
      layer.forEach((cell, place) => {
        if (at(meetings, cell).length > 0) layer[place] = at(moving, next++)
      })
      this.#number(layer)
    }
  }

  /** Neighbours change places as long as that saves crossings. */
  #exchange(): void {
    for (let round = 0, better = true; better && round < ROUNDS; round++) {
      better = false
      for (const layer of this.#order)
        for (let i = 0; i + 1 < layer.length; i++) {
          const [upper, lower] = [at(layer, i), at(layer, i + 1)]
          const saved =
            this.#saved(at(this.#before, upper), at(this.#before, lower)) +
            this.#saved(at(this.#after, upper), at(this.#after, lower))
          if (saved <= 0) continue
          layer[i] = lower
          layer[i + 1] = upper
          this.#place[lower] = i
          this.#place[upper] = i + 1
          better = true
        }
    }
  }

  /** Crossings of two cells' wires on one side, less those that there would be the other way round. */
  #saved(upper: readonly Meeting[], lower: readonly Meeting[]): number {
    let saved = 0
    for (const a of upper) {
      const key = this.#key(a)
      for (const b of lower) saved += Math.sign(key - this.#key(b))
    }
    return saved
  }

  /** By the sum tree of Barth, Mutzel and Jünger (2004, "Simple and efficient bilayer cross counting"). */
  #crossings(): number {
    let crossings = 0
    for (let i = 0; i + 1 < this.#order.length; i++) {
      let ports = 0
      for (const cell of at(this.#order, i + 1)) {
        this.#first[cell] = ports
        ports += portsOf(at(this.#before, cell))
      }
      const met: number[] = []
      for (const cell of at(this.#order, i)) {
        let port = -1
        let start = met.length
        for (const one of at(this.#after, cell)) {
          if (one.own !== port) [port, start] = [one.own, met.length]
          // Wires of one port do not cross one another: they are sorted.
          const key = at(this.#first, one.cell) + one.port
          let place = met.length
          for (; place > start && at(met, place - 1) > key; place--) met[place] = at(met, place - 1)
          met[place] = key
        }
      }
      crossings += inversions(met, ports)
    }
    return crossings
  }
}

const portsOf = (met: readonly Meeting[]) => (met.length === 0 ? 0 : at(met, met.length - 1).own + 1)

/** How many pairs stand in the wrong order, of numbers below `count`; equals do not. */
function inversions(numbers: readonly number[], count: number): number {
  const tree = new Int32Array(count + 1)
  let found = 0
  for (let seen = 0; seen < numbers.length; seen++) {
    const own = at(numbers, seen) + 1
    found += seen
    for (let i = own; i > 0; i -= i & -i) found -= at(tree, i)
    for (let i = own; i <= count; i += i & -i) tree[i]!++
  }
  return found
}

/** For each piece, which port of its cell it meets, counted from above over the ports that are wired. */
function ranks({ cells, pieces }: Layered, side: 'from' | 'to'): Int32Array {
  const height = side === 'from' ? 'fromHeight' : 'toHeight'
  const heights = cells.map(() => new Set<number>())
  for (const piece of pieces) heights[piece[side]]?.add(piece[height])
  const sorted = heights.map((set) => [...set].sort((a, b) => a - b))
  return Int32Array.from(pieces, (piece) => at(sorted, piece[side]).indexOf(piece[height]))
}
