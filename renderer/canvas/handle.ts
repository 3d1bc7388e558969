/** What the rest of the window can ask the canvas to do. */
import type { useSvelteFlow } from '@xyflow/svelte'
import { freshId, type GraphEdit } from '../../src/document/edits.ts'
import { RIM } from '../../src/document/canvas.ts'
import type { Annotation, BlockId, Position } from '../../src/document/types.ts'
import { portsOf, contentOf } from '../../src/document/composites.ts'
import type { CanvasHandle, Studio } from '../state/studio.svelte.ts'
import type { Editor } from '../state/editor.svelte.ts'
import { align, around, distribute, room, type Box } from './arrange.ts'
import { GRID, NODE_HEIGHT, NODE_WIDTH, snapped } from './drag.ts'
import type { FlowEdge, FlowItems, FlowNode } from './flow-items.svelte.ts'
import { placeOfPort } from './hit.ts'
import type { Wanted } from './offers.ts'
import { glide, tidy, type DrawnBlock, type Glide } from './tidy.ts'

interface Surroundings {
  readonly studio: Studio
  readonly items: FlowItems
  readonly flow: ReturnType<typeof useSvelteFlow<FlowNode, FlowEdge>>
  readonly root: () => HTMLElement | undefined
  /** Of the window; null where it is elsewhere. */
  readonly pointer: () => Position | null
  readonly search: (wanted: Wanted, at: Position) => void
}

export const fitOptions = { padding: 0.08, maxZoom: 1, minZoom: 0.2 }

const still = matchMedia('(prefers-reduced-motion: reduce)')
const pace = (milliseconds: number) => (still.matches ? 0 : milliseconds)

/** Around what is framed, and for the frame's title. */
const FRAME = { side: 24, top: 48 }

export function canvasHandle({ studio, items, flow, root, pointer, search }: Surroundings): CanvasHandle {
  const { editor } = studio
  let moving: Glide | null = null

  const boxOf = () => root()?.getBoundingClientRect() ?? new DOMRect()
  const selectedBoxes = () => items.boxes(new Set([...editor.selection.blocks, ...editor.selection.annotations]))
  const toWindow = (at: Position) => flow.flowToScreenPosition(at)

  function place(label: string, positions: { readonly [id: string]: Position }): void {
    if (Object.keys(positions).length > 0) editor.editAll(label, [{ kind: 'moveBlocks', positions }])
  }

  /** Behind a block, where there is room. */
  function behind(block: BlockId): Position {
    const box = items.boxes(new Set([block]))[0]
    if (!box) return freePlace()
    const others = items.boxes().filter(({ id }) => editor.graph.annotations?.[id]?.kind !== 'frame')
    const at = { x: Math.round((box.x + box.width + 72) / GRID) * GRID, y: box.y }
    const covers = () =>
      others.find((other) => overlap(other, { id: '', ...at, width: NODE_WIDTH, height: NODE_HEIGHT }))
    for (let other = covers(), n = 0; other && n < 50; other = covers(), n++)
      at.y = Math.ceil((other.y + other.height + 24) / GRID) * GRID
    return at
  }

  /** The one selected wire, and the room that a block in its middle takes. */
  function selectedWire() {
    const [wire, ...more] = editor.selection.wires
    const ends = wire === undefined ? undefined : editor.graph.wires[wire]
    const within = root()
    if (wire === undefined || !ends || !within || more.length > 0 || editor.selection.blocks.size > 0) return null
    const from = placeOfPort(within, { ...ends.from, side: 'out' })
    const to = placeOfPort(within, { ...ends.to, side: 'in' })
    if (!from || !to) return null
    const middle = flow.screenToFlowPosition({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 })
    return { wire, ...roomFor(items, editor, snapped({ x: middle.x - NODE_WIDTH / 2, y: middle.y - 22 })) }
  }

  /** Near the middle of what is in view, and beside the other blocks if there is room. */
  function freePlace(): Position {
    const box = boxOf()
    const start = flow.screenToFlowPosition({ x: box.left, y: box.top })
    const end = flow.screenToFlowPosition({ x: box.right, y: box.bottom })
    const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }
    const [width, height, step] = [NODE_WIDTH, NODE_HEIGHT, 3 * GRID]
    const boxes = items.boxes()
    const taken = ({ x, y }: Position) => boxes.some((other) => overlap(other, { id: '', x, y, width, height }))
    const away = ({ x, y }: Position) => Math.hypot(x + width / 2 - middle.x, y + height / 2 - middle.y)
    let best: Position | null = null
    for (let x = start.x + step; x + width + step <= end.x; x += step)
      for (let y = start.y + step; y + height + step <= end.y; y += step) {
        const at = snapped({ x, y })
        if ((!best || away(at) < away(best)) && !taken(at)) best = at
      }
    if (best) return best
    // No room: over the others, but not exactly over one.
    let at = snapped(middle)
    const covers = () => boxes.some(({ x, y }) => Math.abs(x - at.x) < step && Math.abs(y - at.y) < step)
    while (covers()) at = { x: at.x + step, y: at.y + step }
    return at
  }

  function drawn(id: BlockId): DrawnBlock {
    const box = items.boxes(new Set([id]))[0] ?? { id, x: 0, y: 0, width: NODE_WIDTH, height: NODE_HEIGHT }
    const bounds = flow.getInternalNode(id)?.internals.handleBounds
    const offsets = (list: readonly { id?: string | null; y: number; height: number }[] | null | undefined) =>
      Object.fromEntries((list ?? []).map((handle) => [handle.id ?? '', handle.y + handle.height / 2]))
    return { ...box, inputs: offsets(bounds?.target), outputs: offsets(bounds?.source) }
  }

  async function tidyUp(selectedOnly: boolean): Promise<void> {
    const { blocks, wires } = editor.graph
    const ids = selectedOnly ? [...editor.selection.blocks] : Object.keys(blocks)
    if (ids.length === 0) return
    moving?.stop()
    // What comes from the rim begins at its left; where the rim is follows from the blocks.
    const rim = !selectedOnly && editor.graph.rim ? [RIM.in, RIM.out] : []
    const chosen = new Set([...ids, ...rim])
    const among = Object.entries(wires).filter(([, { from, to }]) => chosen.has(from.block) && chosen.has(to.block))
    const before = editor.document
    const plain = among.map(([id, { from, to }]) => [id, { from: { ...from }, to: { ...to } }] as const)
    try {
      const drawing = { blocks: [...chosen].map(drawn), wires: Object.fromEntries(plain) }
      const { width, height } = boxOf()
      const layout = await tidy(drawing, selectedOnly ? {} : { view: { width, height } })
      // Whatever was done in the meantime counts more.
      if (editor.document !== before) return
      for (const id of rim) layout.positions.delete(id)
      const from = new Map(ids.map((id) => [id, blocks[id]?.position ?? { x: 0, y: 0 }]))
      moving = glide(from, layout.positions, 320, (places) => (items.gliding = places), still.matches)
      const arrived = await moving.done
      items.gliding = null
      if (!arrived || editor.document !== before) return
      const routes = among.flatMap(([id]): GraphEdit[] => {
        const via = layout.routes.get(id) ?? []
        return !id.startsWith(' ') && (via.length > 0 || editor.graph.wires[id]?.via)
          ? [{ kind: 'setRoute', wire: id, via }]
          : []
      })
      const positions = Object.fromEntries(layout.positions)
      editor.editAll(selectedOnly ? 'Tidy the selection' : 'Tidy the drawing', [
        { kind: 'moveBlocks', positions },
        ...routes,
      ])
      if (!selectedOnly) void flow.fitView({ ...fitOptions, duration: pace(200) })
    } catch (error) {
      items.gliding = null
      studio.notices.error('tidy', error instanceof Error ? error.message : String(error))
    }
  }

  return {
    fit: () => void flow.fitView({ ...fitOptions, duration: pace(200) }),
    fitSelection: () => {
      const { blocks, annotations } = editor.selection
      const nodes = [...blocks, ...annotations].map((id) => ({ id }))
      void flow.fitView({ nodes, duration: pace(200), maxZoom: 1.5, minZoom: 0.2, padding: 0.2 })
    },
    framed: () =>
      [...editor.selection.annotations].flatMap((id) => {
        const one = editor.graph.annotations?.[id]
        return one?.kind === 'frame' ? items.membersOf(one) : []
      }),
    zoom: (factor) => void flow.setZoom(flow.getZoom() * factor, { duration: pace(120) }),
    actualSize: () => void flow.setZoom(1, { duration: pace(120) }),
    show: (block) => void flow.fitView({ nodes: [{ id: block }], duration: pace(250), maxZoom: 1, minZoom: 0.4 }),
    freePlace,
    pointer: () => {
      const at = pointer()
      return at ? snapped(flow.screenToFlowPosition(at)) : null
    },
    add: () => {
      const at = pointer()
      const block = editor.selectedBlock
      const wire = block === null ? selectedWire() : null
      if (wire) return search({ kind: 'onWire', ...wire }, at ?? toWindow(wire.at))
      const node = block === null ? undefined : contentOf(editor.graph, block)
      const [port] = Object.keys(node ? portsOf(node).outputs : {})
      // Where nothing is pointed at, or a block is selected, it goes on from there.
      if (block !== null && port !== undefined) {
        const place = behind(block)
        return search({ kind: 'wired', to: { block, port, side: 'out' }, at: place }, at ?? toWindow(place))
      }
      const place = at ? snapped(flow.screenToFlowPosition(at)) : freePlace()
      search({ kind: 'free', at: place }, at ?? toWindow(place))
    },
    replace: () => {
      const block = editor.selectedBlock
      const box = block === null ? undefined : items.boxes(new Set([block]))[0]
      if (block !== null && box) search({ kind: 'replace', block }, toWindow({ x: box.x + box.width + 8, y: box.y }))
    },
    align: (how) => place(`Align ${how}`, align(selectedBoxes(), how)),
    distribute: (how) => place(`Distribute ${how}ly`, distribute(selectedBoxes(), how)),
    tidy: tidyUp,
    annotate: (kind) => {
      const id = freshId(editor.graph, 'a')
      const boxes = selectedBoxes()
      const at = pointer()
      const free = at ? snapped(flow.screenToFlowPosition(at)) : freePlace()
      const all = boxes.length > 0 ? around(boxes) : null
      const annotation: Annotation =
        kind === 'frame' && all
          ? {
              kind,
              text: 'Frame',
              position: { x: all.x - FRAME.side, y: all.y - FRAME.top },
              size: { width: all.width + 2 * FRAME.side, height: all.height + FRAME.top + FRAME.side },
              colour: 'blue',
            }
          : kind === 'frame'
            ? { kind, text: 'Frame', position: free, size: { width: 400, height: 240 }, colour: 'blue' }
            : { kind, text: '', position: free, size: { width: 208, height: 120 }, colour: 'yellow' }
      if (!editor.edit({ kind: 'setAnnotation', id, annotation })) return
      editor.select([], [], [id])
      studio.writing = id
    },
  }
}

/** Where a new block that is to be put on a wire at `place` goes, and what moves others aside. */
export function roomFor(items: FlowItems, { graph }: Editor, place: Position) {
  const box: Box = { id: '', ...place, width: NODE_WIDTH, height: NODE_HEIGHT }
  const others = items.boxes().filter(({ id }) => Object.hasOwn(graph.blocks, id))
  const { '': at = place, ...positions } = room(box, others, 24)
  const aside: GraphEdit[] = Object.keys(positions).length > 0 ? [{ kind: 'moveBlocks', positions }] : []
  return { at, aside }
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}
