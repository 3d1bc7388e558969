/** Parameters of blocks inside that a composite shows as its own: which one shows what, and under which name a new one goes. */
import { paramSpecsOf } from '../../src/document/composites.ts'
import type { GraphEdit } from '../../src/document/edits.ts'
import type { BlockId, Inside, ParamTarget } from '../../src/document/types.ts'

/** The name under which the composite shows this parameter of a block inside; null while it does not. */
export function shownAs(inside: Inside, target: ParamTarget): string | null {
  const found = Object.entries(inside.params ?? {}).find(([, { targets }]) =>
    targets.some(({ block, param }) => block === target.block && param === target.param),
  )
  return found?.[0] ?? null
}

/** What shows a parameter of a block inside outside: under its own label, or with the block's name where that is taken. */
export function exposeEdit(composite: BlockId, inside: Inside, target: ParamTarget): GraphEdit | null {
  const node = inside.blocks[target.block]
  const spec = node && paramSpecsOf(node)[target.param]
  if (!node || !spec) return null
  const shown = Object.values(inside.params ?? {})
  const taken = shown.some(({ label }) => label === spec.label)
  const label = taken ? `${node.name} ${spec.label.toLowerCase()}` : spec.label
  const free = (name: string): string => {
    let next = name
    for (let n = 2; Object.hasOwn(inside.params ?? {}, next); n++) next = `${name}${n}`
    return next
  }
  return { kind: 'exposeParam', block: composite, name: free(target.param), label, targets: [target] }
}
