/**
 * The network simplex method of Gansner, Koutsofios, North and Vo (1993, "A technique for drawing directed graphs", IEEE
 * Transactions on Software Engineering 19, sections 2.3 and 4.2): whole numbers y that make Σ weight · (y[to] - y[from])
 * least, where every arc asks for y[to] - y[from] ≥ length. The layout finds layers with it as well as heights.
 *
 * A spanning tree of tight arcs is a solution. The weights that leave the part below a tree arc, less those that enter it,
 * say what moving that part costs; where moving pays, the arc is exchanged for the first one that stops the movement.
 */
import { assert } from '../../base/assert.ts'

export interface Arcs {
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly length: readonly number[]
  readonly weight: readonly number[]
}

// How many arcs that would pay are compared before one is taken; what the paper found to work.
const CANDIDATES = 30

/** `arcs` must connect all `count` nodes and hold no cycle. Stops after so many exchanges with what it has, which is always a solution. */
export function least(count: number, arcs: Arcs, exchanges = Infinity): Int32Array {
  if (count === 0) return new Int32Array(0)
  const y = lowest(count, arcs)
  const simplex = new Simplex(count, arcs, y)
  for (let i = 0; i < exchanges && simplex.exchange(); i++);
  return simplex.y
}

/** The least value of every node, from 0. */
function lowest(count: number, { from, to, length }: Arcs): Int32Array {
  const y = new Int32Array(count)
  const waiting = new Int32Array(count)
  const leaving: number[][] = Array.from({ length: count }, () => [])
  from.forEach((tail, arc) => {
    leaving[tail]?.push(arc)
    waiting[to[arc] as number]!++
  })
  const sources = waiting.map((n) => (n === 0 ? 1 : 0))
  const order: number[] = []
  for (let node = 0; node < count; node++) if (waiting[node] === 0) order.push(node)
  for (let i = 0; i < order.length; i++) {
    const node = order[i] as number
    for (const arc of leaving[node] as number[]) {
      const head = to[arc] as number
      y[head] = Math.max(y[head] as number, (y[node] as number) + (length[arc] as number))
      if (--waiting[head]! === 0) order.push(head)
    }
  }
  assert(order.length === count, 'constraints of the layout must hold no cycle')
  for (let node = 0; node < count; node++) {
    const out = leaving[node] as number[]
    if (sources[node] && out.length > 0)
      y[node] = Math.min(...out.map((arc) => (y[to[arc] as number] as number) - (length[arc] as number)))
  }
  return y
}

class Simplex {
  readonly y: Int32Array
  readonly #arcs: Arcs
  /** Arcs at each node. */
  readonly #at: readonly (readonly number[])[]
  /** Of the arc to the parent; -1 at the root. */
  readonly #up: Int32Array
  readonly #parent: Int32Array
  /** Children hang together: the first of each node, and the ones beside each; -1 for none. */
  readonly #child: Int32Array
  readonly #next: Int32Array
  readonly #previous: Int32Array
  /** Weight that leaves the part at and below a node, less what enters it. */
  readonly #pull: Float64Array
  /** Nodes in preorder: the part below `v` is `order[low[v]] … order[high[v] - 1]`. */
  readonly #order: Int32Array
  readonly #low: Int32Array
  readonly #high: Int32Array
  /** Where the search for an arc that would pay goes on. */
  #place = 0

  constructor(count: number, arcs: Arcs, y: Int32Array) {
    this.y = y
    this.#arcs = arcs
    const at: number[][] = Array.from({ length: count }, () => [])
    this.#pull = new Float64Array(count)
    arcs.from.forEach((tail, arc) => {
      const head = arcs.to[arc] as number
      const weight = arcs.weight[arc] as number
      at[tail]?.push(arc)
      at[head]?.push(arc)
      this.#pull[tail]! += weight
      this.#pull[head]! -= weight
    })
    this.#at = at
    this.#up = new Int32Array(count).fill(-1)
    this.#parent = new Int32Array(count).fill(-1)
    this.#child = new Int32Array(count).fill(-1)
    this.#next = new Int32Array(count).fill(-1)
    this.#previous = new Int32Array(count).fill(-1)
    this.#order = new Int32Array(count)
    this.#low = new Int32Array(count)
    this.#high = new Int32Array(count)
    this.#grow()
    this.#number(0, 0)
    for (let i = count - 1; i > 0; i--) {
      const node = this.#order[i] as number
      this.#pull[this.#parent[node] as number]! += this.#pull[node] as number
    }
  }

  #slack(arc: number): number {
    const { from, to, length } = this.#arcs
    return (this.y[to[arc] as number] as number) - (this.y[from[arc] as number] as number) - (length[arc] as number)
  }

  /** Grows a tree from node 0, always to the node that it has to move least for. As a whole, so a sum stands for its moves. */
  #grow(): void {
    const { from, to } = this.#arcs
    const inside = new Uint8Array(this.y.length)
    const out = new Heap()
    const into = new Heap()
    let moved = 0
    const add = (node: number) => {
      inside[node] = 1
      this.y[node]! -= moved
      for (const arc of this.#at[node] as number[]) {
        if (inside[from[arc] as number] && inside[to[arc] as number]) continue
        if (from[arc] === node) out.push(arc, this.#slack(arc))
        else into.push(arc, this.#slack(arc))
      }
    }
    const outer = (heap: Heap) => {
      while (heap.size > 0 && inside[from[heap.top] as number] && inside[to[heap.top] as number]) heap.pop()
      return heap.size > 0
    }
    add(0)
    for (let left = this.y.length - 1; left > 0; left--) {
      const some = [outer(out), outer(into)]
      assert(some[0] || some[1], 'constraints of the layout must hang together')
      // The tree moves up to what comes after it, or down to what comes before.
      const forth = some[0] && (!some[1] || out.least - moved <= into.least + moved)
      const heap = forth ? out : into
      moved += forth ? out.least - moved : -(into.least + moved)
      const arc = heap.top
      const [node, parent] = forth ? [to[arc], from[arc]] : [from[arc], to[arc]]
      heap.pop()
      this.#hang(node as number, parent as number, arc)
      add(node as number)
    }
    for (let node = 0; node < this.y.length; node++) this.y[node]! += moved
  }

  #hang(node: number, parent: number, arc: number): void {
    const before = this.#parent[node] as number
    if (before >= 0) {
      const [left, right] = [this.#previous[node] as number, this.#next[node] as number]
      if (left >= 0) this.#next[left] = right
      else this.#child[before] = right
      if (right >= 0) this.#previous[right] = left
    }
    const first = this.#child[parent] as number
    this.#next[node] = first
    this.#previous[node] = -1
    if (first >= 0) this.#previous[first] = node
    this.#child[parent] = node
    this.#parent[node] = parent
    this.#up[node] = arc
  }

  /** Gives the part at and below a node its places in the preorder. */
  #number(top: number, first: number): void {
    let place = first
    for (let node = top; ;) {
      this.#low[node] = place
      this.#order[place++] = node
      const child = this.#child[node] as number
      if (child >= 0) {
        node = child
        continue
      }
      while (node !== top && (this.#next[node] as number) < 0) {
        this.#high[node] = place
        node = this.#parent[node] as number
      }
      this.#high[node] = place
      if (node === top) return
      node = this.#next[node] as number
    }
  }

  /** What a unit between the part below a node and the rest costs. */
  #cost(node: number): number {
    const tail = this.#arcs.from[this.#up[node] as number]
    return tail === node ? (this.#pull[node] as number) : -(this.#pull[node] as number)
  }

  #leaving(): number {
    const count = this.y.length
    let found = -1
    let seen = 0
    for (let i = 0; i < count && seen < CANDIDATES; i++) {
      const node = this.#place
      this.#place = (node + 1) % count
      if (this.#up[node] === -1) continue
      const cost = this.#cost(node)
      if (cost >= 0) continue
      seen++
      if (found < 0 || cost < this.#cost(found)) found = node
    }
    return found
  }

  /** False where nothing is to be gained any more. */
  exchange(): boolean {
    const node = this.#leaving()
    if (node < 0) return false
    const { from, to } = this.#arcs
    const [low, high] = [this.#low[node] as number, this.#high[node] as number]
    const below = (other: number) => {
      const place = this.#low[other] as number
      return place >= low && place < high
    }
    const count = this.y.length
    const rises = from[this.#up[node] as number] !== node
    // The smaller side is looked through, and moved.
    const part = high - low <= count / 2
    const each = (visit: (node: number) => void) => {
      if (part) for (let i = low; i < high; i++) visit(this.#order[i] as number)
      else {
        for (let i = 0; i < low; i++) visit(this.#order[i] as number)
        for (let i = high; i < count; i++) visit(this.#order[i] as number)
      }
    }
    // The arc lengthens until one that leads the other way is tight.
    let enter = -1
    let room = Infinity
    each((inner) => {
      for (const arc of this.#at[inner] as number[]) {
        const [tail, head] = [from[arc] as number, to[arc] as number]
        const stops = rises ? below(tail) && !below(head) : !below(tail) && below(head)
        if (!stops) continue
        const slack = this.#slack(arc)
        if (slack < room || (slack === room && arc < enter)) [enter, room] = [arc, slack]
      }
    })
    assert(enter >= 0, 'the layout must be bounded')
    const shift = rises === part ? room : -room
    if (room > 0) each((inner) => (this.y[inner]! += shift))
    this.#swap(node, enter, below(from[enter] as number))
    return true
  }

  /** Hangs the part below `node` on the arc `enter`. */
  #swap(node: number, enter: number, tailBelow: boolean): void {
    const { from, to } = this.#arcs
    const inner = (tailBelow ? from[enter] : to[enter]) as number
    const outer = (tailBelow ? to[enter] : from[enter]) as number
    const whole = this.#pull[node] as number
    let meeting = this.#parent[node] as number
    const [start, end] = [this.#low[inner] as number, this.#low[outer] as number]
    const holds = (one: number) =>
      (this.#low[one] as number) <= Math.min(start, end) && (this.#high[one] as number) > Math.max(start, end)
    while (!holds(meeting)) {
      this.#pull[meeting]! -= whole
      meeting = this.#parent[meeting] as number
    }
    for (let one = outer; one !== meeting; one = this.#parent[one] as number) this.#pull[one]! += whole
    // The way from the new end up to `node` is turned round.
    let [child, parent, arc] = [inner, outer, enter]
    let taken = 0
    for (;;) {
      const [above, link] = [this.#parent[child] as number, this.#up[child] as number]
      const own = this.#pull[child] as number
      this.#pull[child] = whole - taken
      taken = own
      this.#hang(child, parent, arc)
      if (child === node) break
      ;[parent, child, arc] = [child, above, link]
    }
    this.#number(meeting, this.#low[meeting] as number)
  }
}

/** Arcs, the one with the least key first. */
class Heap {
  readonly #items: number[] = []
  readonly #keys: number[] = []

  get size(): number {
    return this.#items.length
  }
  get top(): number {
    return this.#items[0] as number
  }
  get least(): number {
    return this.#keys[0] as number
  }

  push(item: number, key: number): void {
    let i = this.#items.length
    this.#items.push(item)
    this.#keys.push(key)
    while (i > 0) {
      const above = (i - 1) >> 1
      if (!this.#before(i, above)) break
      this.#exchange(i, above)
      i = above
    }
  }

  pop(): void {
    const last = this.#items.length - 1
    this.#exchange(0, last)
    this.#items.pop()
    this.#keys.pop()
    for (let i = 0; ;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < last && this.#before(child, least)) least = child
      if (least === i) return
      this.#exchange(i, least)
      i = least
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#keys[a] as number, this.#keys[b] as number]
    return left < right || (left === right && (this.#items[a] as number) < (this.#items[b] as number))
  }

  #exchange(a: number, b: number): void {
    ;[this.#items[a], this.#items[b]] = [this.#items[b] as number, this.#items[a] as number]
    ;[this.#keys[a], this.#keys[b]] = [this.#keys[b] as number, this.#keys[a] as number]
  }
}
