/** Mends by parameters: of the block that does not fit, and of those before it. */
import type { ParamValue } from '../../base/params.ts'
import { sizeOf, type Shape } from '../../base/shape.ts'
import type { BlockId, Endpoint } from '../../document/types.ts'
import { paramSpecsOf } from '../../document/composites.ts'
import type { Candidate, Change } from './change.ts'
import { change, lastOf, oddity, specOf, widthAt, type Case } from './case.ts'
import { listMends } from './ranks.ts'
import type { Site } from './site.ts'

/** Other values of one parameter, with what each costs. */
type Values = readonly (readonly [value: ParamValue, cost: number])[]

const isPair = (value: ParamValue | undefined): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2

/** The divisors of a number, those near `to` first. */
function divisors(of: number, to: number): number[] {
  const found = []
  for (let i = 1; i <= Math.min(of, 1024); i++) if (of % i === 0) found.push(i)
  return found.sort((a, b) => Math.abs(a - to) - Math.abs(b - to)).slice(0, 3)
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

const isPool = (type: string | undefined) => type === 'pooling' || type === 'pooling1d'

/** A pooling with equal window and stride that are not the usual two. */
function halving(site: Site, block: BlockId): Change | undefined {
  const [size, stride] = [site.value(block, 'size'), site.value(block, 'stride')]
  if (!isPool(site.node(block)?.type) || size === undefined || JSON.stringify(size) !== JSON.stringify(stride))
    return undefined
  const two = isPair(size) ? [2, 2] : 2
  if (JSON.stringify(size) === JSON.stringify(two)) return undefined
  return change(site).set(block, 'size', two).set(block, 'stride', two)
}

/** What the block itself could be set to instead. */
export function ownMends({ site, block }: Case): readonly Candidate[] {
  const node = site.node(block)
  const input = site.chain(block)?.input ?? 'x'
  const shape = site.arriving({ block, port: input }) ?? site.arriving({ block, port: 'prediction' })
  if (!node || !shape) return []
  const now = (param: string) => site.value(block, param)
  const whole = (param: string) => {
    const value = now(param)
    return typeof value === 'number' ? value : undefined
  }
  const found: Candidate[] = []
  const offer = (param: string, values: Values) => {
    for (const [value, cost] of values)
      if (specOf(site, block, param) && JSON.stringify(value) !== JSON.stringify(now(param)))
        found.push(
          change(site)
            .set(block, param, value)
            .at(cost + oddity(site, block, param, value) / 2),
        )
  }

  const axes = shape.slice(1, -1)
  const pools = isPool(node.type)
  for (const param of ['kernel', 'size'] as const) {
    const value = now(param)
    const least = (size: number, i: number) => Math.min(size, axes[i] ?? 1)
    if (isPair(value) && (pools || param === 'kernel')) offer(param, [[[least(value[0], 0), least(value[1], 1)], 5]])
    if (typeof value === 'number' && (pools || param === 'kernel')) offer(param, [[least(value, 0), 5]])
  }
  const both = halving(site, block)
  if (both) found.push(both.at(6))
  // Where one pixel is left there is nothing to pool.
  const nothing = pools && axes.every((length) => length === 1)
  if (nothing) found.push(change(site).dissolve(block).at(4))
  // What was switched on and does not go here.
  for (const [param, spec] of Object.entries(paramSpecsOf(node)))
    if (spec.kind === 'bool') offer(param, [[spec.default, 5]])
  if (specOf(site, block, 'padding')?.kind === 'choice') offer('padding', [['same', pools ? 9 : 6]])
  const dilation = now('dilation')
  offer('dilation', isPair(dilation) ? [[[1, 1], 4.5]] : [[1, 4.5]])
  const groups = whole('groups')
  if (groups !== undefined) {
    const channels = lastOf(shape)
    const filters = whole('filters')
    offer(
      'groups',
      divisors(filters === undefined ? channels : gcd(channels, filters), groups).map((value, i) => [value, 4 + i]),
    )
  }
  const heads = whole('heads')
  if (heads !== undefined)
    offer(
      'heads',
      divisors(lastOf(shape), heads).map((value, i) => [value, 4 + i]),
    )
  const axis = whole('axis')
  if (axis !== undefined) offer('axis', [[-1, 4]])
  if (node.type === 'permute') offer('order', orders(shape.length - 1, now('order')))
  if (node.type === 'reshape') {
    offer('shape', reshapes(sizeOf(shape.slice(1)), now('shape')))
    const wanted = now('shape')
    const width = widthAt(site, site.source({ block, port: input }))
    // What still has the axes of a picture was to be a list by then.
    if (shape.length > 2)
      found.push(...listMends(site, { block, port: input }, shape).map((one) => ({ ...one, cost: one.cost - 4 })))
    if (width && shape.length === 2 && Array.isArray(wanted) && !wanted.includes(-1))
      found.push(
        change(site)
          .widen(width, sizeOf(wanted as Shape))
          .at(7),
      )
  }
  offer('classWeights', [[[], 5]])
  offer('positiveWeight', [[[1], 5]])
  if (node.type === 'upconv2d')
    for (const [param, cost] of [
      ['outputPadding', 5],
      ['stride', 5.5],
      ['padding', 6],
    ] as const)
      offer(
        param,
        [0, 1, 2].map((value) => [[value, value], cost + 0.1 * value]),
      )
  const amount = now('paddingAmount')
  if (isPair(amount))
    offer('paddingAmount', [
      [[1, 1], 5],
      [[0, 0], 6],
    ])
  if (typeof amount === 'number')
    offer('paddingAmount', [
      [1, 5],
      [0, 6],
    ])
  return found
}

function orders(axes: number, now: ParamValue | undefined): Values {
  const given = (Array.isArray(now) ? (now as readonly number[]) : []).filter((axis) => axis <= axes)
  const all = Array.from({ length: axes }, (_, i) => i + 1)
  const kept = [...given, ...all.filter((axis) => !given.includes(axis))]
  const same = kept.every((axis, i) => axis === i + 1)
  return [
    [same ? [...all].reverse() : kept, 4],
    [[...all].reverse(), 5],
  ]
}

/** The shape that was asked for with one axis changed so that all numbers find a place, the last one first. */
function reshapes(size: number, now: ParamValue | undefined): Values {
  if (!Array.isArray(now)) return []
  const list = now as readonly number[]
  const rest = (axis: number) => sizeOf(list.filter((_, i) => i !== axis).map((length) => Math.max(length, 1)))
  return list
    .map((_, i) => list.length - 1 - i)
    .filter((axis) => Number.isInteger(size / rest(axis)))
    .map((axis, i) => [list.map((length, j) => (j === axis ? size / rest(axis) : Math.max(length, 1))), 5 + 0.5 * i])
}

/** Parameters of the blocks on the way to a port that decide about sizes of pictures and sequences, the nearest first. */
export function pathMends(site: Site, to: Endpoint, least = 12, within?: ReadonlySet<BlockId>): readonly Candidate[] {
  const found: Candidate[] = []
  for (const [block, distance] of site.ancestors(site.source(to))) {
    if (within && !within.has(block)) continue
    const offer = (param: string, values: Values) => {
      const before = site.value(block, param)
      for (const [value, cost] of values)
        if (JSON.stringify(value) !== JSON.stringify(before))
          found.push(
            change(site)
              .set(block, param, value)
              .at(least + cost + 0.2 * distance + oddity(site, block, param, value)),
          )
    }
    const type = site.node(block)?.type
    if (type === 'reshape' || type === 'padding' || type === 'adaptivePooling') continue
    const spec = specOf(site, block, 'padding')
    if (spec?.kind === 'choice')
      offer('padding', [
        ['same', 0],
        ['valid', 1.5],
      ])
    if (spec?.kind === 'pair')
      offer(
        'padding',
        [0, 1, 2].map((value) => [[value, value], 2.5]),
      )
    offer(
      'outputPadding',
      isPair(site.value(block, 'outputPadding'))
        ? [
            [[0, 0], 0],
            [[1, 1], 0],
          ]
        : [],
    )
    for (const [param, cost] of [
      ['stride', 0.5],
      ['kernel', 3],
      ['size', 3],
      ['factor', 0.5],
    ] as const) {
      const value = site.value(block, param)
      if (param === 'size' && !isPool(type)) continue
      const near = new Set(
        param === 'stride' ? [1, 2] : param === 'factor' ? [1, 2, 3, 4] : nearby(isPair(value) ? value[0] : value),
      )
      if (isPair(value))
        offer(
          param,
          [...near].map((one) => [[one, one], cost]),
        )
      else if (typeof value === 'number')
        offer(
          param,
          [...near].map((one) => [one, cost]),
        )
    }
    const both = halving(site, block)
    if (both) found.push(both.at(least + 1 + 0.2 * distance))
  }
  return found
}

const nearby = (value: ParamValue | undefined): number[] =>
  typeof value === 'number' ? [value - 1, value + 1, value - 2, value + 2].filter((one) => one >= 1) : []
