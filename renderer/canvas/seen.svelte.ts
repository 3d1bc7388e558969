/**
 * What single blocks and wires show of the drawing. Each edit makes a new drawing, and if all that is drawn looked at that, each
 * would ask a thousand times what became of it; so it is looked through once, and told to those that it changes.
 */
import { createContext, onDestroy, untrack } from 'svelte'
import type { PortSpec } from '../../src/blocks/define.ts'
import { contentOf, portsOf } from '../../src/document/composites.ts'
import type { BlockNode, Position } from '../../src/document/types.ts'
import type { Aval, Editor } from '../state/editor.svelte.ts'

interface SeenBlock {
  readonly node: BlockNode | undefined
  /** What it computes with: its own, or that of the block that it shares. */
  readonly content: BlockNode | undefined
  readonly shares: boolean
  readonly worst: '' | 'doubtful' | 'wrong'
}

interface SeenWire {
  readonly aval: Aval | undefined
  readonly spec: PortSpec | undefined
  readonly wrong: boolean
  readonly via: readonly Position[]
  /** The upper edge of the block that it goes to. */
  readonly top: number | undefined
}

class Cell<T> {
  value: T
  constructor(value: T) {
    this.value = $state.raw(value)
  }
}

class Cells<T extends object> {
  readonly #cells = new Set<{ readonly id: string; readonly cell: Cell<T> }>()
  readonly #look: (id: string) => T

  constructor(look: (id: string) => T) {
    this.#look = look
  }
  /** For as long as the component that asks is there. */
  of(id: string): Cell<T> {
    const cell = new Cell(untrack(() => this.#look(id)))
    const entry = { id, cell }
    this.#cells.add(entry)
    onDestroy(() => this.#cells.delete(entry))
    return cell
  }
  refresh(): void {
    for (const { id, cell } of this.#cells) {
      const next = this.#look(id)
      const now = cell.value
      for (const field in next)
        if (next[field] !== now[field]) {
          cell.value = next
          break
        }
    }
  }
}

/** The same each time, or each edit would draw all wires anew. */
const NO_POINTS: readonly Position[] = []

export class Seen {
  readonly blocks: Cells<SeenBlock>
  readonly wires: Cells<SeenWire>

  constructor(editor: Editor) {
    this.blocks = new Cells((id) => {
      const node = editor.graph.blocks[id]
      const problems = editor.level.blocks.get(id)?.problems ?? []
      const error = problems.some(({ severity }) => severity === 'error')
      return {
        node,
        content: contentOf(editor.graph, id) ?? node,
        shares: node?.shares !== undefined || editor.uses.has(id),
        worst: error ? 'wrong' : problems.length > 0 ? 'doubtful' : '',
      }
    })
    this.wires = new Cells((id) => {
      const wire = editor.graph.wires[id]
      const source = wire && contentOf(editor.graph, wire.from.block)
      return {
        aval: editor.avalOf(id),
        spec: source && specOf(source, wire.from.port),
        wrong: editor.level.wires.get(id)?.problem !== undefined,
        via: wire?.via ?? NO_POINTS,
        top: wire && editor.graph.blocks[wire.to.block]?.position.y,
      }
    })
    $effect.pre(() => {
      void [editor.graph, editor.level, editor.uses]
      untrack(() => {
        this.blocks.refresh()
        this.wires.refresh()
      })
    })
  }
}

const specs = new WeakMap<BlockNode, { readonly [port: string]: PortSpec }>()

function specOf(block: BlockNode, port: string): PortSpec | undefined {
  let outputs = specs.get(block)
  if (!outputs) specs.set(block, (outputs = portsOf(block).outputs))
  return outputs[port]
}

export const [seenContext, provideSeen] = createContext<Seen>()
