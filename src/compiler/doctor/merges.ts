/** Mends where values meet that must agree: Add, Multiply and Concat. */
import { sameShape, type Shape } from '../../base/shape.ts'
import { RIM } from '../../document/canvas.ts'
import type { BlockId, Endpoint } from '../../document/types.ts'
import type { Candidate } from './change.ts'
import { change, lastOf, widthAt, widthOf, type Case } from './case.ts'
import type { Site } from './site.ts'
import { pathMends } from './windows.ts'

interface Arm {
  readonly to: Endpoint
  readonly from: Endpoint
  readonly shape: Shape
  /** Blocks on the way that belong to no other arm. */
  readonly own: ReadonlySet<BlockId>
}

function armsOf(site: Site, block: BlockId): readonly Arm[] {
  const ends = ['a', 'b', 'c', 'd'].flatMap((port) => {
    const to = { block, port }
    const from = site.source(to)
    const shape = site.arriving(to)
    return from && shape ? [{ to, from, shape, all: site.ancestors(from) }] : []
  })
  return ends.map(({ to, from, shape, all }) => {
    const others = ends.filter((other) => other.to.port !== to.port)
    return {
      to,
      from,
      shape,
      own: new Set([...all.keys()].filter((id) => others.every((other) => !other.all.has(id)))),
    }
  })
}

export function mergeMends({ site, block, tried }: Case): readonly Candidate[] {
  const arms = armsOf(site, block)
  const concat = site.node(block)?.type === 'concat'
  const found: Candidate[] = []
  if (concat) {
    const rank = Math.max(...arms.map(({ shape }) => shape.length))
    if (site.value(block, 'axis') !== -1) found.push(change(site).set(block, 'axis', -1).at(4))
    else
      for (let axis = 1; axis < rank - 1; axis++)
        found.push(
          change(site)
            .set(block, 'axis', axis)
            .at(16 + axis),
        )
  }
  const shapes = arms.map(({ shape }) => shape)
  const lowest = Math.min(...shapes.map((shape) => shape.length))
  const high = arms.filter(({ shape }) => shape.length > lowest)
  if (high.length > 0) {
    const all = (type: string) => high.reduce((made, { to }) => made.insert(type, to), change(site))
    if (lowest === 2) {
      found.push(all('flatten').at(8), all('globalPooling').at(9))
      const width = arms.find(({ shape }) => shape.length === 2)?.shape
      if (!concat && width) for (const { to } of high) found.push(flatProjection(site, to, lastOf(width)).at(10))
    }
    return found
  }
  for (const arm of arms) {
    // Each arm is mended towards each shape that another has.
    const others = arms.filter(({ shape }) => !fitsBeside(arm.shape, shape, concat))
    if (others.length === 0) continue
    const [other] = others
    if (other)
      found.push(
        ...towards(site, arm, other, {
          concat,
          tried: tried?.to.port === arm.to.port,
          beside: tried !== undefined,
          odd: others.length > 1,
        }),
      )
  }
  return found
}

/** A list made of a picture, as wide as the other value. */
function flatProjection(site: Site, to: Endpoint, features: number) {
  const made = change(site)
  const source = site.source(to)
  if (!source) return made
  const id = made.add('flatten', made.between(source.block, to.block))
  made.connect(source, { block: id, port: 'x' })
  return made.insert('dense', to, { features }, { block: id, port: 'y' })
}

function fitsBeside(a: Shape, b: Shape, concat: boolean): boolean {
  return sameShape(concat ? a.slice(0, -1) : a, concat ? b.slice(0, -1) : b)
}

interface How {
  readonly concat: boolean
  /** The wire of this arm is being tried. */
  readonly tried: boolean
  /** A wire is being tried, of this arm or another: what was drawn before is rather left as it is. */
  readonly beside: boolean
  /** Most others agree with one another. */
  readonly odd: boolean
}

/** What brings one arm to the shape of another. */
function towards(site: Site, arm: Arm, other: Arm, { concat, tried, beside, odd }: How): Candidate[] {
  const found: Candidate[] = []
  const { to, from, shape } = arm
  const wanted = other.shape
  const bias = odd ? -2 : 0
  const spatial = !sameShape(shape.slice(1, -1), wanted.slice(1, -1))
  const wide = lastOf(shape) !== lastOf(wanted)
  // A skip has no weights of its own on the way, or fewer than what it goes around.
  const weights = (one: Arm) => [...one.own].filter((id) => widthOf(site.node(id)?.type ?? '') !== undefined)
  const skip = tried || from.block === RIM.in || weights(arm).length < weights(other).length
  if (wide && !concat && !spatial) {
    const width = widthAt(site, from)
    const value = width?.to(lastOf(wanted))
    if (width && value !== undefined && from.block !== RIM.in) {
      const siblings = weights(arm).filter((id) => id !== width.at)
      const lone = siblings.length > 0 && siblings.every((id) => site.value(id, width.param) === value)
      const own = arm.own.has(width.at)
      // A layer of lists leads back to the width that it came from; convolutions rather grow.
      const cost = beside ? 12 : own ? (lone ? 6 : shape.length < 4 ? 7 : 10) : 18
      found.push(
        change(site)
          .widen(width, value)
          .at(cost + bias),
      )
    }
  }
  const ratio = ratioOf(shape, wanted)
  if ((wide && !concat) || spatial) {
    const made = change(site)
    if (shape.length === 4 && ratio)
      made.insert('conv2d', to, {
        filters: concat ? lastOf(shape) : lastOf(wanted),
        kernel: [1, 1],
        ...(spatial ? { stride: ratio } : {}),
      })
    else if (!spatial && shape.length <= 3) made.insert('dense', to, { features: lastOf(wanted) })
    const cost = (skip ? 8 : 11) + (concat ? 3 : 0) + (wide || tried ? 0 : 1)
    if ((shape.length === 4 && ratio) || (!spatial && shape.length <= 3)) found.push(made.at(cost + bias))
  }
  if (!spatial) return found
  found.push(...pathMends(site, to, 7.5 + bias, arm.own))
  if (shape.length === 4 && concat) {
    if (ratio)
      found.push(
        change(site)
          .insert('pooling', to, { size: ratio, stride: ratio })
          .at(9 + bias - (tried ? 3 : 0)),
      )
    const larger = growth(shape, wanted)
    if (larger)
      found.push(
        change(site)
          .insert('upsampling', to, { factor: larger })
          .at(11 + bias),
      )
  }
  return found
}

/** The stride that makes pictures of one size into those of another, where there is one. */
function ratioOf(shape: Shape, wanted: Shape): readonly [number, number] | undefined {
  if (shape.length !== 4 || wanted.length !== 4) return undefined
  const axis = (i: number) => Math.round((shape[i] ?? 1) / (wanted[i] ?? 1))
  const ratio = [axis(1), axis(2)] as const
  const fits = [1, 2].every((i) => Math.ceil((shape[i] ?? 1) / (ratio[i - 1] ?? 1)) === wanted[i])
  return ratio[0] >= 1 && ratio[1] >= 1 && fits ? ratio : undefined
}

function growth(shape: Shape, wanted: Shape): readonly [number, number] | undefined {
  const factor = [(wanted[1] ?? 1) / (shape[1] ?? 1), (wanted[2] ?? 1) / (shape[2] ?? 1)] as const
  return factor.every((one) => Number.isInteger(one)) && factor.some((one) => one > 1) ? factor : undefined
}
