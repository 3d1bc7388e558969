/** Mends for values with too many or too few axes: Flatten, Reshape, pooling over everything, the end of a sequence or all of it. */
import { sizeOf, type Shape } from '../../base/shape.ts'
import { RIM } from '../../document/canvas.ts'
import { signatureOf } from '../../document/signature.ts'
import { contentOf } from '../../document/composites.ts'
import type { BlockId, BlockNode, Endpoint } from '../../document/types.ts'
import type { Candidate } from './change.ts'
import { change, ranksWanted, recurrent, withoutBatch } from './case.ts'
import type { Site } from './site.ts'

/** For a block that wants other axes than those that arrive; `to` is its port. */
export function rankMends(site: Site, to: Endpoint): readonly Candidate[] {
  const shape = site.arriving(to)
  const wanted = ranksWanted(site.node(to.block), to.port)
  if (!shape || wanted.includes(shape.length)) return []
  const source = site.source(to)
  if (source?.block === RIM.in) {
    const outer = site.outer()
    return outer ? rankMends(outer.site, { block: outer.block, port: source.port }) : []
  }
  const rank = wanted[0]
  return rank === undefined ? [] : shape.length > rank ? tooMany(site, to, shape, rank) : tooFew(site, to, shape, rank)
}

/** Where a picture or sequence became a list too early, or never was one. */
function tooFew(site: Site, to: Endpoint, shape: Shape, rank: number): Candidate[] {
  const found: Candidate[] = []
  for (const { end, node } of site.upstream(site.source(to))) {
    const { block } = end
    if (node.type === 'input' && site.value(block, 'flat') === true)
      found.push(change(site).set(block, 'flat', false).at(4))
    if (recurrent.has(node.type) && site.value(block, 'output') === 'last' && rank === 3)
      found.push(change(site).set(block, 'output', 'sequence').at(5))
    if (node.type === 'flatten' || node.type === 'globalPooling') {
      found.push(change(site).dissolve(block).at(6))
      const late = moved(site, block, to)
      if (late) found.push(late)
    }
    // What lies beyond a block that mixes all numbers is no picture any more.
    const chain = site.chain(block)
    const before = chain && site.arriving({ block, port: chain.input })
    if (!before || sizeOf(before) !== sizeOf(shape)) break
  }
  layouts(site, withoutBatch(shape), rank - 1).forEach((layout, i) =>
    found.push(
      change(site)
        .insert('reshape', to, { shape: layout })
        .at(10 + 0.5 * i),
    ),
  )
  if (site.node(to.block)?.type === 'globalPooling') found.push(change(site).dissolve(to.block).at(7))
  return found
}

function tooMany(site: Site, to: Endpoint, shape: Shape, rank: number): Candidate[] {
  if (rank === 2) return [change(site).insert('flatten', to).at(8)]
  const [, height = 1, width = 1, channels = 1] = shape
  return [
    change(site)
      .insert('reshape', to, { shape: [height, width * channels] })
      .at(10),
  ]
}

/** The block that makes a list of a picture, put behind the last block that needs the picture. */
function moved(site: Site, id: BlockId, to: Endpoint): Candidate | undefined {
  const source = site.source({ block: id, port: 'x' })
  let [end] = [to]
  const seen = new Set([id])
  for (;;) {
    const { block } = end
    const chain = site.chain(block)
    const users = site.wiresFrom(block)
    const next = users[0]?.[1]
    if (!chain || !next || users.length > 1 || seen.has(next.to.block)) return undefined
    seen.add(block)
    const wanted = ranksWanted(site.node(next.to.block), next.to.port)
    const passes = !wanted.includes(2) || site.family(next.to.block) === 'function'
    if (!passes && source) {
      const made = change(site)
      for (const [, wire] of site.wiresFrom(id)) made.connect(source, wire.to)
      made.connect(next.from, { block: id, port: 'x' }).connect({ block: id, port: 'y' }, next.to)
      made.move(id, made.between(next.from.block, next.to.block))
      return made.at(6.5, `Move ${site.nameOf(id)} behind ${site.nameOf(block)}`)
    }
    end = next.to
  }
}

/** How a list can be laid out in `axes` axes, the likeliest first. */
function layouts(site: Site, shape: Shape, axes: number): readonly Shape[] {
  const size = sizeOf(shape)
  const found: Shape[] = []
  const features = signatureOf(site.document.data).features
  if (features.length === axes && sizeOf(features) === size) found.push(features)
  if (axes === 2) {
    if (shape.length === 3) found.push([shape[0] ?? 1, size / (shape[0] ?? 1)])
    else found.push([size, 1])
  } else if (shape.length === 2) found.push([...shape, 1])
  else {
    // Pictures are mostly square, and of one channel or three.
    const square = (channels: number) => {
      const side = Math.sqrt(size / channels)
      return Number.isInteger(side) ? [[side, side, channels]] : []
    }
    found.push(...square(1), ...square(3), ...square(4))
    for (let channels = 8; channels < size && found.length < 5; channels *= 2) found.push(...square(channels))
    found.push([1, 1, size])
  }
  const texts = found.map((one) => one.join())
  return found.filter((one, i) => texts.indexOf(one.join()) === i)
}

/** Whether a block mixes the features that come in at a port, of a composite the block inside. */
function mixes(node: BlockNode | undefined, port: string | undefined): boolean {
  if (!node || port === undefined) return false
  const { inside } = node
  if (!inside) return node.type === 'dense' || node.type === 'latent'
  return (inside.inputs[port] ?? []).some((end) => mixes(contentOf(inside, end.block), end.port))
}

/**
 * For a value that should have lost its axes on the way: at the first block that takes lists by rights, or at the end.
 * `wanted` is what should arrive, without the batch.
 */
export function listMends(site: Site, to: Endpoint, shape: Shape): readonly Candidate[] {
  const found: Candidate[] = []
  const steps = site.upstream(site.source(to))
  for (const { end, node, distance } of steps)
    if (recurrent.has(node.type) && site.value(end.block, 'output') === 'sequence')
      found.push(
        change(site)
          .set(end.block, 'output', 'last')
          .at(6 + 0.1 * distance),
      )
  // The highest block that mixes features: what comes before it is still the picture.
  const mixers = steps.filter(({ end, node }) => mixes(node, site.chain(end.block)?.input))
  for (const [i, { end }] of mixers.reverse().entries()) {
    const at: Endpoint = { block: end.block, port: site.chain(end.block)?.input ?? 'x' }
    const before = site.arriving(at)
    const source = site.source(at)
    if (!before || before.length < 3 || !source) continue
    // Behind attention, or over a sequence of features, the mean over time is as usual as all of it.
    found.push(
      change(site)
        .insert('flatten', at)
        .at(8 + i),
    )
    found.push(
      change(site)
        .insert('globalPooling', at)
        .at((before.length === 3 && site.node(source.block)?.type === 'attention' ? 7.5 : 9) + i),
    )
    if (site.node(source.block)?.type === 'input')
      found.push(
        change(site)
          .set(source.block, 'flat', true)
          .at(8.5 + i),
      )
  }
  const first = steps.at(-1)
  if (first?.node.type === 'input') found.push(change(site).set(first.end.block, 'flat', true).at(13))
  if (shape.length >= 3) {
    found.push(
      change(site)
        .insert('globalPooling', to)
        .at(mixers.length === 0 ? 8 : 13),
    )
    found.push(change(site).insert('flatten', to).at(12))
  }
  return found
}
