/** Mends for blocks that are themselves what is wrong: unknown, empty, twice of a name, with values out of range. */
import type { ParamSpec, ParamValue } from '../../base/params.ts'
import { blocks } from '../../blocks/index.ts'
import { freshName } from '../../document/fragment.ts'
import { signatureOf } from '../../document/signature.ts'
import type { BlockId } from '../../document/types.ts'
import type { Candidate } from './change.ts'
import { change, lastOf, specOf, widthAt, widthOf, type Case } from './case.ts'
import type { Site } from './site.ts'

const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** A type that this version does not know: one that is called alike, else the block goes. */
export function unknownBlock({ site, block }: Case): readonly Candidate[] {
  const node = site.canvas.blocks[block]
  if (!node) return []
  const asked = plain(node.type)
  const given = Object.keys(node.params)
  const found: Candidate[] = [change(site).dissolve(block).at(8)]
  for (const { type, title, aliases = [], params, family } of blocks) {
    const names = [type, title].map(plain)
    const others = aliases.map(plain)
    const exact = names.includes(asked) || others.includes(asked)
    const near =
      others.some((name) => name.startsWith(asked)) || others.some((name) => asked.startsWith(name) && name.length > 4)
    if (!exact && !near) continue
    const unknown = given.filter((name) => !Object.hasOwn(params, name)).length
    found.push(
      change(site)
        .replace(block, type)
        .at((names.includes(asked) ? 4 : exact ? 4.2 : 5.5) + unknown + (family === 'loss' ? 1 : 0)),
    )
  }
  if (node.type !== 'composite') found.push(change(site).replace(block, 'flatten', {}).at(12))
  return found
}

/** Another use of a block that is gone becomes one of its own. */
export function lostOriginal({ site, block }: Case): readonly Candidate[] {
  const type = site.canvas.blocks[block]?.type ?? ''
  return [change(site).replace(block, type, {}).at(5), change(site).dissolve(block).at(8)]
}

export const emptied = ({ site, block }: Case): readonly Candidate[] => [change(site).dissolve(block).at(5)]
export const repeated = ({ site, block }: Case): readonly Candidate[] => [change(site).repeat(block, 1).at(5)]

export function sameName({ site, block }: Case): readonly Candidate[] {
  const name = site.canvas.blocks[block]?.name
  return name === undefined ? [] : [change(site).rename(block, freshName(site.canvas, name)).at(5)]
}

/** A value that its parameter can't have: the nearest one that it can. */
export function outOfRange({ site, block, problem }: Case): readonly Candidate[] {
  const param = problem.place?.field
  const spec = param === undefined ? undefined : specOf(site, block, param)
  if (param === undefined || !spec) return []
  const values: (readonly [ParamValue, number])[] = []
  const asked = widthOf(site.node(block)?.type ?? '') === param ? askedOf(site, block) : undefined
  if (asked !== undefined) values.push([asked, 3])
  const nearest = within(spec, site.node(block)?.params[param])
  if (nearest !== undefined) values.push([nearest, 4])
  values.push([spec.default, 5])
  return values.map(([value, cost]) => change(site).set(block, param, value).at(cost))
}

function within(spec: ParamSpec, value: ParamValue | undefined): ParamValue | undefined {
  const clamp = (one: number, whole: boolean, { min, max }: { min: number; max: number }) =>
    Math.min(Math.max(whole ? Math.round(one) : one, min), max)
  switch (spec.kind) {
    case 'int':
    case 'real':
      return typeof value === 'number' && Number.isFinite(value) ? clamp(value, spec.kind === 'int', spec) : undefined
    case 'pair':
    case 'list':
      return Array.isArray(value) && value.length > 0
        ? value.map((one: number) => clamp(one, spec.kind === 'pair' || !spec.real, spec))
        : undefined
    default:
      return undefined
  }
}

/** How many outputs the data asks of a block, where it is the last layer before a loss. */
function askedOf(site: Site, block: BlockId): number | undefined {
  for (const loss of site.ids) {
    if (site.family(loss) !== 'loss') continue
    const width = widthAt(site, site.source({ block: loss, port: 'prediction' }))
    if (width?.block !== block) continue
    const truth = site.source({ block: loss, port: 'target' })
    const shape = truth && site.leaving(truth)
    const { target } = signatureOf(site.document.data)
    if (site.node(loss)?.type === 'crossEntropy' && target.kind === 'classes') return width.to(target.classes)
    return shape && width.to(lastOf(shape))
  }
  return undefined
}
