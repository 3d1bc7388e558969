/** What a block would do where it is to be added: the edit that puts it there, and what the drawing would say of it. */
import type { Problem } from '../../src/base/problem.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { levelOf, type Analysis } from '../../src/compiler/analyze.ts'
import { chainPorts, portsOf } from '../../src/document/composites.ts'
import { applyEdit, freshId, freshIds, freshName, within, type Edit, type GraphEdit } from '../../src/document/edits.ts'
import type { BlockId, Endpoint, Position, WireId } from '../../src/document/types.ts'
import type { BlockTemplate, Editor } from '../state/editor.svelte.ts'
import type { PortAt } from './hit.ts'
import type { Aval } from './looks.ts'

/** What a block is wanted for. */
export type Wanted =
  | { readonly kind: 'free'; readonly at: Position }
  /** To be wired to a port that is there. */
  | { readonly kind: 'wired'; readonly to: PortAt; readonly at: Position }
  /** `aside` moves what would lie under it. */
  | { readonly kind: 'onWire'; readonly wire: WireId; readonly at: Position; readonly aside: readonly GraphEdit[] }
  | { readonly kind: 'replace'; readonly block: BlockId }

export interface Offer {
  readonly edit: Edit
  /** Id of the block that is then there. */
  readonly block: BlockId
  /** What it would give; unknown where it is wired to nothing. */
  readonly gives: Aval | undefined
  /** Why it would not fit; null where it does. */
  readonly problem: Problem | null
}

/** Of several ways to wire it the first that fits, else the first. Null where there is no way at all. */
export function offerOf(editor: Editor, wanted: Wanted, template: BlockTemplate): Offer | null {
  const { document, path, analyst } = editor
  let first: Offer | null = null
  for (const { edits, block } of waysTo(editor, wanted, template)) {
    const edit: Edit = { kind: 'several', label: labelOf(editor, wanted, template), edits }
    const drawn = applyEdit(document, within(edit, path))
    if (!drawn.ok) {
      first ??= { edit, block, gives: undefined, problem: drawn.problems[0] ?? null }
      continue
    }
    const [before, after] = [analyst.preview(document), analyst.preview(drawn.value)]
    const problem = newProblem(before, after, path[0] ?? block)
    const gives = Object.values(levelOf(after, path)?.blocks.get(block)?.outputs ?? {}).find(
      (aval) => aval !== undefined,
    )
    const offer = { edit, block, gives, problem }
    if (problem === null) return offer
    first ??= offer
  }
  return first
}

/**
 * What would be wrong that was right; what is just not finished does not count. A block that leads to no loss yet is only
 * warned of, but at the new one (`at`, on the outermost canvas) that would not fit any better later.
 */
function newProblem(before: Analysis, after: Analysis, at?: BlockId): Problem | null {
  const known = new Set(before.problems.map(({ message }) => message))
  const unfinished = new Set(['port.open', 'graph.weights', 'graph.loss'])
  return (
    after.problems.find(
      ({ code, message, severity, place }) =>
        (severity === 'error' || (at !== undefined && place?.block === at)) &&
        !unfinished.has(code) &&
        !known.has(message),
    ) ?? null
  )
}

interface Way {
  readonly edits: readonly GraphEdit[]
  readonly block: BlockId
}

function waysTo({ graph }: Editor, wanted: Wanted, template: BlockTemplate): readonly Way[] {
  if (wanted.kind === 'replace')
    return [{ edits: [{ kind: 'replaceBlock', block: wanted.block, node: template }], block: wanted.block }]
  const block = freshId(graph, template.type)
  const node = { ...template, name: freshName(graph, template.name), position: wanted.at }
  const add: GraphEdit = { kind: 'addBlock', id: block, node }
  const fresh = freshIds({ ...graph, blocks: { ...graph.blocks, [block]: node } })
  switch (wanted.kind) {
    case 'free':
      return [{ edits: [add], block }]
    case 'onWire':
      if (!chainPorts(node)) return []
      return [
        { edits: [add, { kind: 'insertOnWire', wire: wanted.wire, block, id: fresh('w') }, ...wanted.aside], block },
      ]
    case 'wired': {
      const { to } = wanted
      const there: Endpoint = { block: to.block, port: to.port }
      const id = fresh('w')
      return portsTowards(node, to.side).map((port) => {
        const own: Endpoint = { block, port }
        const wire = to.side === 'out' ? { from: there, to: own } : { from: own, to: there }
        return { edits: [add, { kind: 'connect', id, wire }], block }
      })
    }
    default:
      return wanted satisfies never
  }
}

/** Ports that a wire from `side` of another block could end at, the likeliest first. */
function portsTowards(node: BlockTemplate, side: 'in' | 'out'): readonly string[] {
  const chain = chainPorts(node)
  const all = Object.keys(side === 'out' ? portsOf(node).inputs : portsOf(node).outputs)
  const main = side === 'out' ? chain?.input : chain?.output
  return main === undefined ? all : [main, ...all.filter((port) => port !== main)]
}

function labelOf({ graph }: Editor, wanted: Wanted, template: BlockTemplate): string {
  const title = template.inside?.title ?? findBlock(template.type)?.title ?? template.type
  return wanted.kind === 'replace'
    ? `Replace ${graph.blocks[wanted.block]?.name ?? 'block'} by ${title}`
    : `Add ${title}`
}
