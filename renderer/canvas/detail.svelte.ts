/**
 * How much of blocks and wires is drawn. Where many are in view nobody can read what stands on them, and each frame would pay
 * for it; so in a large drawing that is seen from afar blocks are heads, and from further still plain shapes of their colour,
 * as is what is out of sight. While one zooms nothing of that changes, or the frames of the gesture would pay for what comes
 * into view; once the view rests it is drawn, a few things a frame, what is in view first.
 */
import { createContext, flushSync, onDestroy, untrack } from 'svelte'

export type Detail = 'all' | 'heads' | 'shapes'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What of the drawing is seen, and how large. */
export interface View extends Box {
  readonly zoom: number
}

interface Size {
  readonly width: number
  readonly height: number
}

export interface Drawn {
  readonly detail: Detail
  /** How large a block is drawn whole, and stays when less of it is drawn. */
  readonly size: Size | null
}

/** Zooms below which less is drawn. */
const HEADS = 0.6
export const SHAPES = 0.35
/** Drawings of fewer blocks are always drawn whole. */
export const LARGE = 150
/** Of more blocks than these, those out of sight are not there at all. */
export const HUGE = 3000

/** Milliseconds after which what does not move rests. */
export const REST = 100
/** Milliseconds of a frame that drawing may take: of what one waits for, of all else, and while the view moves. */
const URGENT = 24
const IDLE = 8
const MOVING = 4
/** How much around the view is drawn as well, and how much is left as it is, in sizes of the view. */
const NEAR = 0.25
const KEPT = 1

const WHOLE: Drawn = { detail: 'all', size: null }
const ranks: { readonly [detail in Detail]: number } = { shapes: 0, heads: 1, all: 2 }

class Item {
  readonly id: string
  readonly isBlock: boolean
  /** Where it lies; null where that is not known yet. */
  readonly box: () => Box | null
  gone = false
  drawn: Drawn

  constructor(id: string, isBlock: boolean, box: () => Box | null, drawn: Drawn) {
    this.id = id
    this.isBlock = isBlock
    this.box = box
    this.drawn = $state.raw(drawn)
  }
}

interface Change {
  readonly item: Item
  readonly drawn: Drawn
}

export function meets(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height
}

/** A box with so much more on each side. */
export function grown({ x, y, width, height }: Box, across: number, down = across): Box {
  return { x: x - across, y: y - down, width: width + 2 * across, height: height + 2 * down }
}

/** What a text such as 127.578px stands for: browsers lay out in sixty-fourths of a pixel. */
const layout = (length: string) => Math.round(64 * parseFloat(length)) / 64

/** Sizes as the browser has them: with rounded ones each block would be another one, and be measured anew. */
function sizes(): (item: Item, wanted: Detail) => Size | null {
  let nodes: ReadonlyMap<string | null, Element> | undefined
  return ({ id, isBlock, drawn }, wanted) => {
    if (!isBlock || wanted === 'all' || drawn.size) return wanted === 'all' ? null : drawn.size
    nodes ??= new Map(
      [...document.getElementsByClassName('svelte-flow__node')].map((one) => [one.getAttribute('data-id'), one]),
    )
    const node = nodes.get(id)
    const style = node && getComputedStyle(node)
    return style ? { width: layout(style.width), height: layout(style.height) } : null
  }
}

export class Details {
  readonly #items = new Set<Item>()
  readonly #boxOf: (block: string) => Box | null
  #view: View = { x: 0, y: 0, width: 0, height: 0, zoom: 1 }
  #large = false
  /** What one points at has its ports, from however far. */
  #pointed: string | null = null
  #resting: ReturnType<typeof setTimeout> | undefined
  #looked = 0
  #frame = 0
  /** In the order in which it is drawn; so many of them are waited for. */
  #changes: Change[] = []
  #urgent = 0
  #moving = false

  /** `boxOf` tells where a block lies, with the size that was measured; null where it was not yet. */
  constructor(boxOf: (block: string) => Box | null) {
    this.#boxOf = boxOf
  }

  /** What is drawn of a block, for as long as the component that asks is there. */
  block(id: string): { readonly drawn: Drawn } {
    return this.#add(id, true, () => this.#boxOf(id))
  }
  /** What is drawn of a wire, which lies in this box. */
  wire(id: string, box: () => Box): { readonly drawn: Drawn } {
    return this.#add(id, false, box)
  }

  #add(id: string, isBlock: boolean, box: () => Box | null): Item {
    const item = new Item(id, isBlock, () => untrack(box), WHOLE)
    if (this.#large) {
      const at = untrack(box)
      // What was never measured is drawn whole, as it could not be measured otherwise.
      if (at && !meets(at, this.#view)) item.drawn = { detail: 'shapes', size: at }
    }
    this.#items.add(item)
    this.stir()
    onDestroy(() => {
      item.gone = true
      this.#items.delete(item)
    })
    return item
  }

  /** The view is this now, of a drawing of so many blocks. */
  look(view: View, blocks: number): void {
    const before = this.#view
    const was = this.#large
    this.#view = view
    this.#large = blocks > LARGE
    if (!this.#large) {
      this.stop()
      if (was) for (const item of this.#items) item.drawn = WHOLE
      return
    }
    const panned = was && view.zoom === before.zoom
    if (!panned) this.#halt()
    else if (performance.now() - this.#looked > REST) this.#plan(true)
    this.stir()
  }

  /** Something lies elsewhere: what is to be drawn is seen once it rests. */
  stir(): void {
    if (!this.#large) return
    clearTimeout(this.#resting)
    this.#resting = setTimeout(() => this.#plan(false), REST)
  }

  point(block: string | null): void {
    if (block === this.#pointed) return
    this.#pointed = block
    if (this.#view.zoom < SHAPES) this.stir()
  }

  stop(): void {
    clearTimeout(this.#resting)
    this.#halt()
  }

  #halt(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    this.#changes = []
  }

  /** What is to be drawn otherwise; while the view moves only more is. */
  #plan(moving: boolean): void {
    this.#halt()
    this.#looked = performance.now()
    const view = this.#view
    const level: Detail = view.zoom >= HEADS ? 'all' : view.zoom >= SHAPES ? 'heads' : 'shapes'
    const around = (by: number) => grown(view, by * view.width, by * view.height)
    const [near, kept] = [around(NEAR), around(KEPT)]
    const held = document.activeElement?.closest('.svelte-flow__node')?.getAttribute('data-id')
    const sizeOf = sizes()
    const urgent: Change[] = []
    const other: Change[] = []
    for (const item of this.#items) {
      const box = item.box()
      if (!box) continue
      const now = item.drawn.detail
      const isNear = meets(box, near)
      let wanted: Detail = isNear || (now === level && meets(box, kept)) ? level : 'shapes'
      if (wanted === 'shapes' && item.isBlock && item.id === this.#pointed) wanted = 'heads'
      // Who types in a block goes on typing, wherever one looks.
      if (wanted === now || (item.isBlock && item.id === held && ranks[wanted] < ranks[now])) continue
      if (moving && ranks[wanted] < ranks[now]) continue
      const list = isNear && meets(box, view) ? urgent : other
      list.push({ item, drawn: { detail: wanted, size: sizeOf(item, wanted) } })
    }
    const rank = ({ drawn }: Change) => ranks[drawn.detail]
    other.sort((a, b) => rank(b) - rank(a))
    this.#changes = [...urgent, ...other].reverse()
    this.#urgent = urgent.length
    this.#moving = moving
    if (this.#changes.length > 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  #draw(): void {
    this.#frame = 0
    const budget = this.#moving ? MOVING : this.#urgent > 0 ? URGENT : IDLE
    const until = performance.now() + budget
    do {
      const change = this.#changes.pop()
      if (!change) return
      this.#urgent--
      if (change.item.gone) continue
      change.item.drawn = change.drawn
      // At once, so that its time is seen.
      flushSync()
    } while (performance.now() < until)
    if (this.#changes.length > 0) this.#frame ||= requestAnimationFrame(() => this.#draw())
  }
}

export const [detailsContext, provideDetails] = createContext<Details>()
