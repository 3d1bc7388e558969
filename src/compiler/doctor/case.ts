/** A case is one problem at one block of one canvas, with what many mends ask about it. */
import type { ParamSpec, ParamValue } from '../../base/params.ts'
import type { Problem } from '../../base/problem.ts'
import type { Shape } from '../../base/shape.ts'
import { BlockBuilder, type BlockDefinition } from '../../blocks/define.ts'
import { findBlock } from '../../blocks/index.ts'
import { contentOf, get, paramSpecsOf } from '../../document/composites.ts'
import type { BlockId, BlockNode, Endpoint } from '../../document/types.ts'
import { Change, type Candidate } from './change.ts'
import { Site } from './site.ts'

export interface Case {
  readonly site: Site
  readonly problem: Problem
  readonly block: BlockId
  /** A wire being tried, already drawn in the site. */
  readonly tried?: { readonly from: Endpoint; readonly to: Endpoint }
  /** The mends of what is wrong once a candidate's edits are made, each with those edits in front; none for what is mended by them. */
  further(candidate: Candidate, tried?: { readonly from: Endpoint; readonly to: Endpoint }): readonly Candidate[]
}

export type Mend = (patient: Case) => readonly Candidate[]

/** The parameter that says how long the last axis of a block's output is. */
const WIDTHS: { readonly [type: string]: string } = {
  dense: 'features',
  conv2d: 'filters',
  conv1d: 'filters',
  upconv2d: 'filters',
  latent: 'size',
  embedding: 'features',
  lstm: 'hidden',
  gru: 'hidden',
  rnn: 'hidden',
}

export const recurrent: ReadonlySet<string> = new Set(['lstm', 'gru', 'rnn'])
export const isMerge = (type: string) => type === 'add' || type === 'multiply' || type === 'concat'
export const widthOf = (type: string): string | undefined => get(WIDTHS, type)

/** A parameter that sets the last axis of a value, and the value that gives `wanted`. */
export interface Width {
  /** The canvas of the block: an inner one where the value comes from a composite that does not show the parameter. */
  readonly site: Site
  readonly block: BlockId
  /** The block itself or the composite around it, on the canvas that was asked about. */
  readonly at: BlockId
  readonly param: string
  readonly distance: number
  to(wanted: number): number | undefined
}

/** What decides how long the last axis of an output is, found by going up past blocks that hand it on. */
export function widthAt(site: Site, from: Endpoint | undefined): Width | undefined {
  for (const { end, node, distance } of site.upstream(from)) {
    const param = get(WIDTHS, node.type)
    if (param !== undefined && !node.bypassed) {
      const both = site.value(end.block, 'bidirectional') === true ? 2 : 1
      const to = (wanted: number) => (wanted % both === 0 ? wanted / both : undefined)
      return { site, block: end.block, at: end.block, param, distance, to }
    }
    if (node.type === 'composite') {
      const exposed = exposedWidth(node, end)
      const at = end.block
      if (exposed !== undefined) return { site, block: at, at, param: exposed, distance, to: (wanted) => wanted }
      const inner = new Site(site.document, site.analysis, [...site.path, at])
      const width = node.inside && widthAt(inner, get(node.inside.outputs, end.port))
      return width && { ...width, at, distance }
    }
    const chain = site.chain(end.block)
    const before = chain && site.arriving({ block: end.block, port: chain.input })
    const after = site.leaving(end)
    if (!before || (after && before.at(-1) !== after.at(-1))) return undefined
  }
  return undefined
}

/** The parameter of a composite that sets the width of the block that its output comes from. */
function exposedWidth(node: BlockNode, end: Endpoint): string | undefined {
  const { inside } = node
  let inner = inside && get(inside.outputs, end.port)
  for (let i = 0; inside && inner && i < 64; i++) {
    const { block }: Endpoint = inner
    const part = contentOf(inside, block)
    const param = part && get(WIDTHS, part.type)
    if (part && param !== undefined)
      return Object.entries(inside.params ?? {}).find(([, { targets }]) =>
        targets.some((target) => target.block === block && target.param === param),
      )?.[0]
    inner = Object.values(inside.wires).find((wire) => wire.to.block === block)?.from
  }
  return undefined
}

const ranks = new Map<BlockDefinition, readonly number[]>()

/** Numbers of axes (with the batch) that a block of one input takes, found by trying it. */
export function ranksOf(definition: BlockDefinition): readonly number[] {
  const known = ranks.get(definition)
  if (known) return known
  const [input] = Object.keys(definition.inputs)
  const found =
    input === undefined || Object.entries(definition.inputs).filter(([, { optional }]) => !optional).length !== 1
      ? [2, 3, 4]
      : [2, 3, 4].filter((rank) => fits(definition, input, rank))
  ranks.set(definition, found)
  return found
}

function fits(definition: BlockDefinition, input: string, rank: number): boolean {
  const shape = [2, 16, 16, 16].slice(0, rank)
  const builder = new BlockBuilder({ features: [], target: { kind: 'numbers', size: 1 } }, () => {
    throw new Error('internal: a block of one input reads no data')
  })
  builder.path = 'trial'
  const defaults = Object.fromEntries(Object.entries(definition.params).map(([name, spec]) => [name, spec.default]))
  try {
    definition.build(builder, { [input]: builder.input('x', 'data', shape) }, defaults)
    return true
  } catch {
    return false
  }
}

/** What a block at a canvas wants at a port, of a composite the blocks inside that the port leads to; null where anything goes. */
export function ranksWanted(node: BlockNode | undefined, port: string): readonly number[] {
  if (!node) return [2, 3, 4]
  if (node.type === 'composite') {
    const { inside } = node
    const ends = inside ? (get(inside.inputs, port) ?? []) : []
    return [2, 3, 4].filter((rank) =>
      ends.every((end) => ranksWanted(inside && contentOf(inside, end.block), end.port).includes(rank)),
    )
  }
  const definition = findBlock(node.type)
  // Types that put no demand on the axes by themselves are asked about the order of their axes, not about their number.
  if (!definition || node.type === 'permute' || node.type === 'reshape' || definition.family === 'loss')
    return [2, 3, 4]
  return port === Object.keys(definition.inputs)[0] ? ranksOf(definition) : [2, 3, 4]
}

/** The value that most blocks of the canvas with such a parameter have; undefined where no two agree. */
export function usual(site: Site, param: string, except: BlockId): string | undefined {
  const counts = new Map<string, number>()
  const kind = specOf(site, except, param)?.kind
  for (const id of site.ids) {
    const value = id === except || specOf(site, id, param)?.kind !== kind ? undefined : site.value(id, param)
    if (value !== undefined) counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1)
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1])
  return best?.[0]
}

/** How much more or less likely a change of a parameter is, by what the other blocks have. */
export function oddity(site: Site, block: BlockId, param: string, next: ParamValue): number {
  const mode = usual(site, param, block)
  if (mode === undefined) return 0
  if (JSON.stringify(next) === mode) return -2
  return JSON.stringify(site.value(block, param)) === mode ? 3 : 0
}

export const change = (site: Site) => new Change(site)

export function specOf(site: Site, block: BlockId, param: string): ParamSpec | undefined {
  const node = site.node(block)
  return node && get(paramSpecsOf(node), param)
}

export const withoutBatch = (shape: Shape): Shape => shape.slice(1)
export const lastOf = (shape: Shape): number => shape.at(-1) ?? 1
