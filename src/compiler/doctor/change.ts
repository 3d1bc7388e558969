/** A change to one canvas while it is put together: edits, with ids that are free and places that make sense. */
import type { ParamValue, ParamValues } from '../../base/params.ts'
import { findBlock } from '../../blocks/index.ts'
import { RIM } from '../../document/canvas.ts'
import { get, paramSpecsOf } from '../../document/composites.ts'
import { within, type Edit, type GraphEdit } from '../../document/edits.ts'
import { freshIds } from '../../document/fragment.ts'
import type { BlockId, Endpoint, Position } from '../../document/types.ts'
import type { Width } from './case.ts'
import type { Site } from './site.ts'

/** How far apart blocks lie that a person places, in pixels of the canvas. */
const STEP = { x: 250, y: 210 }
/** As much as a block covers. */
const ROOM = { x: 210, y: 100 }
/** Places around a place, the nearest first; rather below than beside. */
const SPOTS: readonly Position[] = Array.from({ length: 21 * 25 }, (_, i) => ({
  x: 35 * ((i % 21) - 10),
  y: 35 * (Math.floor(i / 21) - 12),
})).sort((a, b) => Math.hypot(a.x, a.y) - a.y / 100 - (Math.hypot(b.x, b.y) - b.y / 100))

export interface Candidate {
  readonly title: string
  readonly path: readonly BlockId[]
  readonly edits: readonly Edit[]
  /** Small for what changes little and is likely meant. */
  readonly cost: number
  /** Only worth a word where nothing simpler does. */
  readonly spare?: boolean
}

export class Change {
  /** Output of the block that was inserted last. */
  last: Endpoint | undefined
  readonly #site: Site
  readonly #edits: Edit[] = []
  /** The canvas of the first edit. */
  #path: readonly BlockId[] | undefined
  readonly #fresh: (prefix: string) => string
  readonly #titles: string[] = []
  /** Where new blocks lie. */
  readonly #placed: Position[] = []

  constructor(site: Site) {
    this.#site = site
    this.#fresh = freshIds(site.canvas)
  }

  /** As candidate; the title is what was done unless another is given. */
  at(cost: number, title?: string): Candidate {
    const own = this.#titles.map((one, i) => (i === 0 ? one : one.charAt(0).toLowerCase() + one.slice(1)))
    return { title: title ?? own.join(' and '), path: this.#path ?? this.#site.path, edits: this.#edits, cost }
  }

  #do(edit: GraphEdit, site = this.#site): void {
    this.#path ??= site.path
    this.#edits.push(within(edit, site.path))
  }

  connect(from: Endpoint, to: Endpoint, title = false): this {
    this.#do({ kind: 'connect', id: this.#fresh('w'), wire: { from, to } })
    if (title) this.#titles.push(`Connect ${this.#end(from)} with ${this.#end(to)}`)
    return this
  }

  cut(wire: string, from: Endpoint, to: Endpoint): this {
    this.#do({ kind: 'removeItems', blocks: [], wires: [wire] })
    this.#titles.push(`Delete the wire from ${this.#end(from)} to ${this.#end(to)}`)
    return this
  }

  set(block: BlockId, param: string, value: ParamValue, site = this.#site): this {
    this.#do({ kind: 'setParam', block, name: param, value }, site)
    const node = site.node(block)
    const spec = node && get(paramSpecsOf(node), param)
    const name = site.nameOf(block)
    const label = (spec?.label ?? param).toLowerCase()
    this.#titles.push(
      typeof value === 'boolean'
        ? `Turn ${value ? 'on' : 'off'} ${label} of ${name}`
        : `Set ${label} of ${name} to ${shown(value, spec?.kind === 'choice' ? spec.options : [])}`,
    )
    return this
  }

  /** Sets what decides about the width of a value, wherever it stands. */
  widen({ site, block, param }: Width, value: number): this {
    return this.set(block, param, value, site)
  }

  /** A new block where nothing feeds it yet. */
  add(type: string, position: Position, params: ParamValues = {}, titled = true): BlockId {
    const id = this.#fresh('b')
    this.#placed.push(position)
    this.#do({ kind: 'addBlock', id, node: { type, name: type, position, params } })
    if (titled) this.#titles.push(`Add ${findBlock(type)?.title ?? type}`)
    return id
  }

  /** A new block of one input before a port, behind what feeds that port now or behind `from`. */
  insert(type: string, before: Endpoint, params: ParamValues = {}, from = this.#site.source(before)): this {
    const definition = findBlock(type)
    const input = Object.keys(definition?.inputs ?? {})[0]
    const output = Object.keys(definition?.outputs ?? {})[0]
    if (!from || input === undefined || output === undefined) return this
    const id = this.add(type, this.between(from.block, before.block), params, false)
    this.connect(from, { block: id, port: input })
    this.last = { block: id, port: output }
    this.connect(this.last, before)
    this.#titles.push(`Insert ${definition?.title ?? type}${detail(params)}`)
    return this
  }

  /** Takes a block out and joins what fed it with those that it fed. */
  dissolve(id: BlockId): this {
    const [source] = Object.values(this.#site.canvas.wires).filter(({ to }) => to.block === id)
    const users = this.#site.wiresFrom(id).map(([, { to }]) => to)
    this.#do({ kind: 'removeItems', blocks: [id], wires: [] })
    if (source) for (const to of users) this.connect(source.from, to)
    this.#titles.push(`Remove ${this.#site.nameOf(id)}`)
    return this
  }

  /** Takes blocks out, with their wires. */
  remove(blocks: readonly BlockId[]): this {
    this.#do({ kind: 'removeItems', blocks, wires: [] })
    this.#titles.push(`Remove ${blocks.map((id) => this.#site.nameOf(id)).join(', ')}`)
    return this
  }

  /** Another type at the same place; values of parameters that both have stay. */
  replace(id: BlockId, type: string, params?: ParamValues): this {
    const node = this.#site.node(id)
    const definition = findBlock(type)
    const kept = Object.fromEntries(
      Object.entries(node?.params ?? {}).filter(([name]) => definition && Object.hasOwn(definition.params, name)),
    )
    const name = this.#site.canvas.blocks[id]?.name ?? type
    this.#do({ kind: 'replaceBlock', block: id, node: { type, name, params: params ?? kept } })
    // The wires of a type that nobody knows lead to no ports of it, so they would go.
    if (node?.type !== 'composite' && findBlock(node?.type ?? '') === undefined && definition)
      for (const { from, to } of Object.values(this.#site.canvas.wires)) {
        if (to.block === id) this.connect(from, { block: id, port: nearest(to.port, definition.inputs) })
        if (from.block === id) this.connect({ block: id, port: nearest(from.port, definition.outputs) }, to)
      }
    this.#titles.push(`Use ${definition?.title ?? type} for ${name}`)
    return this
  }

  rename(id: BlockId, name: string): this {
    this.#do({ kind: 'renameBlock', block: id, name })
    this.#titles.push(`Rename ${this.#site.nameOf(id)} to ${name}`)
    return this
  }

  /** No longer bypassed. */
  awake(id: BlockId): this {
    this.#do({ kind: 'setBypassed', blocks: [id], bypassed: false })
    this.#titles.push(`Use ${this.#site.nameOf(id)} again`)
    return this
  }

  repeat(id: BlockId, repeat: number): this {
    this.#do({ kind: 'setRepeat', block: id, repeat })
    this.#titles.push(
      repeat === 1 ? `Use ${this.#site.nameOf(id)} once` : `Repeat ${this.#site.nameOf(id)} ${repeat} times`,
    )
    return this
  }

  move(id: BlockId, position: Position): this {
    this.#do({ kind: 'moveBlocks', positions: { [id]: position } })
    return this
  }

  /** Halfway, or as near to that as there is room. */
  between(from: BlockId, to: BlockId): Position {
    const place = (id: BlockId) => this.#site.canvas.blocks[id]?.position
    const [a, b] = [place(from), place(to)]
    if (a && b) return this.#free({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
    return this.#free(a ? { x: a.x + STEP.x, y: a.y } : { x: (b?.x ?? 0) - STEP.x, y: b?.y ?? 0 })
  }

  beside(id: BlockId): Position {
    const { x = 0, y = 0 } = this.#site.canvas.blocks[id]?.position ?? {}
    return this.#free({ x: x - STEP.x, y: y + STEP.y })
  }

  before(id: BlockId): Position {
    const { x = 0, y = 0 } = this.#site.canvas.blocks[id]?.position ?? {}
    return this.#free({ x: x - STEP.x, y })
  }

  after(id: BlockId): Position {
    const { x = 0, y = 0 } = this.#site.canvas.blocks[id]?.position ?? {}
    return this.#free({ x: x + STEP.x, y })
  }

  /** The nearest place at which a block lies on no other. */
  #free(wanted: Position): Position {
    const blocks = Object.values(this.#site.canvas.blocks).map(({ position }) => position)
    const taken = ({ x, y }: Position) =>
      [...blocks, ...this.#placed].some((one) => Math.abs(one.x - x) < ROOM.x && Math.abs(one.y - y) < ROOM.y)
    const spot = SPOTS.find((by) => !taken({ x: wanted.x + by.x, y: wanted.y + by.y })) ?? { x: 0, y: STEP.y }
    return { x: Math.round(wanted.x + spot.x), y: Math.round(wanted.y + spot.y) }
  }

  #end({ block, port }: Endpoint): string {
    return block === RIM.in || block === RIM.out ? `${port} of the composite` : `${port} of ${this.#site.nameOf(block)}`
  }
}

/** The port of that name, else the first. */
function nearest(port: string, ports: object): string {
  return Object.hasOwn(ports, port) ? port : (Object.keys(ports)[0] ?? port)
}

function shown(value: ParamValue, options: readonly { readonly value: string; readonly label: string }[]): string {
  if (typeof value === 'string') return options.find((option) => option.value === value)?.label ?? value
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.join(' × ')
  return String(value)
}

/** What tells the block from any other of its type. */
function detail(params: ParamValues): string {
  const { features, filters, shape } = params
  if (typeof features === 'number') return ` with ${features} ${features === 1 ? 'output' : 'outputs'}`
  if (typeof filters === 'number') return ` with ${filters} ${filters === 1 ? 'filter' : 'filters'}`
  return Array.isArray(shape) ? ` to ${shape.join(' × ')}` : ''
}
