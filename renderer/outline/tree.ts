/** The drawing as a tree of rows: blocks in the order in which data flow, the inside of a composite below it. */
import { showBatch } from '../../src/base/shape.ts'
import type { Level } from '../../src/compiler/analyze.ts'
import { RIM, type Canvas } from '../../src/document/canvas.ts'
import { contentOf, portsOf } from '../../src/document/composites.ts'
import type { Annotation, BlockId, BlockNode, Graph, Position } from '../../src/document/types.ts'
import { NODE_HEIGHT, NODE_WIDTH } from '../canvas/drag.ts'
import { kindOf } from '../state/editor.svelte.ts'

export interface Row {
  /** `c1/b2`: the composites that lead to it, then itself. */
  readonly key: string
  readonly path: readonly BlockId[]
  /** Of a block or a note. */
  readonly id: string
  readonly name: string
  /** Null for a note. */
  readonly node: BlockNode | null
  /** What it computes with, also where that is another block's. */
  readonly content: BlockNode | null
  /** From 1. */
  readonly depth: number
  /** Its place among its siblings, from 1, and how many they are. */
  readonly place: number
  readonly of: number
  /** Whether its inside is shown; null where there is none. */
  readonly open: boolean | null
  /** Titles of the frames that it lies in. */
  readonly frames: readonly string[]
}

/** The rows that are seen when these composites are open. */
export function rowsOf(graph: Graph, open: ReadonlySet<string>, path: readonly BlockId[] = []): readonly Row[] {
  const rows: Row[] = []
  const order = flowOrder(graph)
  const notes = Object.entries(graph.annotations ?? {}).filter(([, { kind }]) => kind === 'note')
  const of = order.length + notes.length
  const depth = path.length + 1
  const keyOf = (id: string) => [...path, id].join('/')
  const frames = Object.values(graph.annotations ?? {}).filter(({ kind }) => kind === 'frame')
  order.forEach((id, i) => {
    const node = graph.blocks[id]
    const content = contentOf(graph, id)
    if (!node || !content) return
    const key = keyOf(id)
    const unfolded = content.inside ? open.has(key) : null
    const around = frames.filter((frame) => lies(node.position, frame)).map(({ text }) => text)
    rows.push({
      key,
      path,
      id,
      name: node.name,
      node,
      content,
      depth,
      place: i + 1,
      of,
      open: unfolded,
      frames: around,
    })
    if (unfolded === true && content.inside) rows.push(...rowsOf(content.inside, open, [...path, id]))
  })
  notes.forEach(([id, note], i) => {
    const name =
      note.text
        .trim()
        .split('\n')[0]
        ?.replace(/^#+\s*/, '') ?? ''
    const place = order.length + i + 1
    const none = { node: null, content: null, open: null, frames: [] }
    rows.push({ key: keyOf(id), path, id, name: name === '' ? 'Note' : name, depth, place, of, ...none })
  })
  return rows
}

/** As a frame decides what it carries: by the middle. */
function lies({ x, y }: Position, { position, size }: Annotation): boolean {
  const [left, top] = [x + NODE_WIDTH / 2 - position.x, y + NODE_HEIGHT / 2 - position.y]
  return left > 0 && left < size.width && top > 0 && top < size.height
}

/** Each block after those that feed it; among those that could come next, the leftmost. What runs in circles comes last. */
export function flowOrder(graph: Graph): readonly BlockId[] {
  const { blocks, wires } = graph
  const ids = Object.keys(blocks)
  const waits = new Map(ids.map((id) => [id, 0]))
  const next = new Map<BlockId, BlockId[]>(ids.map((id) => [id, []]))
  for (const { from, to } of Object.values(wires)) {
    if (!waits.has(from.block) || !waits.has(to.block)) continue
    waits.set(to.block, (waits.get(to.block) ?? 0) + 1)
    next.get(from.block)?.push(to.block)
  }
  const places = new Map(byPlace(ids, blocks).map((id, i) => [id, i]))
  const rank = (id: BlockId) => places.get(id) ?? 0
  // The leftmost one stands last.
  const ready = byPlace(
    ids.filter((id) => waits.get(id) === 0),
    blocks,
  ).reverse()
  const order: BlockId[] = []
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    order.push(id)
    for (const follower of next.get(id) ?? []) {
      const left = (waits.get(follower) ?? 0) - 1
      waits.set(follower, left)
      if (left > 0) continue
      let [low, high] = [0, ready.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (rank(ready[middle] ?? '') > rank(follower)) low = middle + 1
        else high = middle
      }
      ready.splice(low, 0, follower)
    }
  }
  const done = new Set(order)
  return [
    ...order,
    ...byPlace(
      ids.filter((id) => !done.has(id)),
      blocks,
    ),
  ]
}

function byPlace(ids: readonly BlockId[], blocks: Graph['blocks']): BlockId[] {
  const at = (id: BlockId) => blocks[id]?.position ?? { x: 0, y: 0 }
  return [...ids].sort((a, b) => at(a).x - at(b).x || at(a).y - at(b).y)
}

/** What everything on a canvas is called, by id, for who does not see it: blocks with shape and trouble, frames, notes, the rim. */
export function namesOn(graph: Canvas, level: Level | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const id of Object.keys(graph.blocks)) names.set(id, nameOn(graph, level, id))
  for (const [id, { kind, text }] of Object.entries(graph.annotations ?? {}))
    names.set(id, `${kind === 'frame' ? 'Frame' : 'Note'}${text === '' ? '' : `: ${text}`}`)
  if (graph.rim) names.set(RIM.in, 'Inputs of the composite').set(RIM.out, 'Outputs of the composite')
  return names
}

export function nameOn(graph: Canvas, level: Level | undefined, id: BlockId): string {
  const node = graph.blocks[id] ?? null
  const row = { key: id, path: [], id, name: node?.name ?? '', node, content: contentOf(graph, id) ?? null }
  return wordsOf({ ...row, depth: 1, place: 1, of: 1, open: null, frames: [] }, level).sentence
}

export interface Words {
  /** `Conv2D`, `ResNet stem ×3` */
  readonly kind: string
  /** `B × 28 × 28 × 8`; of several outputs each with its name. Empty where it is not known. */
  readonly shape: string
  readonly problem: { readonly severity: 'error' | 'warning'; readonly message: string } | null
  /** What is to be heard besides: that it is bypassed, where it lies, what is wrong with it. */
  readonly more: string
  /** All of it as one sentence, for who hears it. */
  readonly sentence: string
}

export function wordsOf(row: Row, level: Level | undefined): Words {
  const { node, content, name, frames } = row
  if (!node || !content) return { kind: 'Note', shape: '', problem: null, more: '', sentence: `${name}, note` }
  const found = level?.blocks.get(row.id)
  const outputs = Object.keys(portsOf(content).outputs)
  const shapes = outputs.flatMap((port) => {
    const aval = found?.outputs[port]
    return aval ? [outputs.length > 1 ? `${port} ${showBatch(aval.shape)}` : showBatch(aval.shape)] : []
  })
  const worst = found?.problems.find(({ severity }) => severity === 'error') ?? found?.problems[0]
  const problem = worst ? { severity: worst.severity, message: worst.message } : null
  const repeat = (content.repeat ?? 1) > 1 ? ` ×${content.repeat}` : ''
  const kind = kindOf(content) + repeat
  const shape = shapes.join(', ')
  const more = [
    ...(node.bypassed ? ['bypassed'] : []),
    ...(node.shares === undefined ? [] : ['shared weights']),
    ...frames.map((title) => `in frame ${title}`),
    ...(problem ? [`${problem.severity}: ${problem.message}`] : []),
  ].join(', ')
  const sentence = [name, kind, shape === '' ? '' : `output ${shape}`, more].filter((part) => part !== '').join(', ')
  return { kind, shape, problem, more, sentence }
}

/** The next row from `at` on whose name begins with what was typed; a letter typed again and again goes from one to the next. */
export function typedAhead(rows: readonly Row[], at: number, typed: string): number {
  const letters = typed.toLowerCase()
  const repeated = letters.length > 1 && [...letters].every((letter) => letter === letters[0])
  const wanted = repeated ? letters.slice(0, 1) : letters
  // One letter goes on; a word may stay where it is.
  const first = wanted.length === 1 ? 1 : 0
  for (let i = 0; i < rows.length; i++) {
    const place = (at + first + i) % rows.length
    if (rows[place]?.name.toLowerCase().startsWith(wanted)) return place
  }
  return at
}
