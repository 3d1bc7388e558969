/** How values and families look: the names of the custom properties in styles/tokens.css, and icons. */
import type { ParamSpec, ParamValue } from '../../src/base/params.ts'
import type { Family, PortSpec } from '../../src/blocks/define.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { showBatch } from '../../src/base/shape.ts'
import { paramSpecsOf, portsOf } from '../../src/document/composites.ts'
import { valueOf } from '../../src/document/expressions.ts'
import { namesTogether } from '../../src/document/parts.ts'
import type { BlockNode, Constants, DataSource } from '../../src/document/types.ts'
import type { GeneratorDescription } from '../../src/protocol/messages.ts'
import type { IconName } from '../controls/icons.ts'
import type { Aval } from '../state/editor.svelte.ts'

export type { Aval }

export const familyTitles: { readonly [F in Family]: string } = {
  data: 'Data',
  connect: 'Connect',
  function: 'Function',
  loss: 'Loss',
  complex: 'Complex',
}

export function familyOf(node: Pick<BlockNode, 'type' | 'inside'>): Family {
  return node.inside ? 'complex' : (findBlock(node.type)?.family ?? 'complex')
}

export function iconOf(family: Family): IconName {
  return family
}

/** How far down each port of a block lies: beside its name below the head, or spread over the head where it needs none. */
export function portTops(
  block: Pick<BlockNode, 'type' | 'inside'>,
  { folded, shares }: { readonly folded: boolean; readonly shares: boolean },
): { readonly in: readonly (readonly [string, string])[]; readonly out: readonly (readonly [string, string])[] } {
  const { inputs, outputs } = portsOf(block)
  const [left, right] = [Object.keys(inputs), Object.keys(outputs)]
  const labelled = left.length > 1 || right.length > 1
  // The line about sharing stands above the ports.
  const first = 58 + (shares ? 22 : 0)
  const top = (index: number, of: number) =>
    folded ? (44 * (index + 1)) / (of + 1) : labelled ? first + index * 20 : 22
  const tops = (names: readonly string[]) => names.map((name, i) => [name, `${top(i, names.length)}px`] as const)
  return { in: tops(left), out: tops(right) }
}

/** What kind of value a port takes or gives; it decides the port's form and the wire's colour. */
export type ValueKind = 'vector' | 'image' | 'target' | 'loss'

export function valueKind(spec: PortSpec | undefined, aval: Aval | undefined): ValueKind {
  if (spec?.role === 'loss') return 'loss'
  if (spec?.role === 'target') return 'target'
  return aval && aval.shape.length >= 4 ? 'image' : 'vector'
}

/** The ways to write a shape on a wire, the roomiest first: `B × 28 × 28 × 8`, `B×28×28×8`, `28×28×8`. */
export function writings(aval: Aval): readonly string[] {
  const full = showBatch(aval.shape)
  const close = full.replaceAll(' × ', '×')
  return [full, close, close.replace(/^B×/, '')]
}

/** What stands folded away; nothing that a composite shows, as it is shown because somebody wants it there. */
export function isAdvanced(node: Pick<BlockNode, 'inside'>, spec: ParamSpec): boolean {
  return !node.inside && spec.advanced === true
}

/** The parameters that a block shows on the canvas: the first two that say most, or all that a composite exposes. */
export function mainParams(
  node: Pick<BlockNode, 'type' | 'inside'>,
): readonly (readonly [name: string, spec: ParamSpec])[] {
  const all = Object.entries(paramSpecsOf(node))
  if (node.inside) return all
  const main = all.filter(([name, spec]) => spec.kind !== 'bool' && !spec.advanced && name !== 'padding')
  // How much a loss counts is what is turned while it trains.
  const weight = main.filter(([name, spec]) => name === 'weight' && spec.live)
  return [...weight, ...main.filter((entry) => !weight.includes(entry))].slice(0, 2)
}

export function showValue(spec: ParamSpec, given: ParamValue, constants: Constants = {}): string {
  const value = valueOf(spec, given, constants) ?? String(given).slice(1)
  if (spec.kind === 'choice') return spec.options.find((option) => option.value === value)?.label ?? String(value)
  if (spec.kind === 'bool') return value === true ? 'On' : 'Off'
  return Array.isArray(value) ? value.join(spec.kind === 'list' ? ', ' : ' × ') : String(value)
}

/** `Stroke digits`, `iris.csv`; the engine knows the titles of what it can make, and until it is there its name must do. */
export function sourceName(source: DataSource, generators: readonly GeneratorDescription[]): string {
  if (source.kind !== 'generated') return namesTogether(source.files.map(({ name }) => name))
  const words = source.generator.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
  return (
    generators.find((generator) => generator.type === source.generator)?.title ??
    words.charAt(0).toUpperCase() + words.slice(1)
  )
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** `1,234` */
export function showCount(count: number): string {
  return whole.format(count)
}
/** `1.23M` */
export function showShort(count: number): string {
  return count < 10_000 ? whole.format(count) : short.format(count)
}
