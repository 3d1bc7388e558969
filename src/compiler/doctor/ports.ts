/** Mends for ports that nothing is connected to, that are not there, and for wires that close a circle. */
import { RIM } from '../../document/canvas.ts'
import { findBlock } from '../../blocks/index.ts'
import { portsOf, sameEnd } from '../../document/composites.ts'
import { signatureOf } from '../../document/signature.ts'
import type { BlockId, Endpoint, Wire, WireId } from '../../document/types.ts'
import type { Candidate } from './change.ts'
import { change, isMerge, lastOf, widthAt, type Case } from './case.ts'
import type { Site } from './site.ts'

export function openPort(patient: Case): readonly Candidate[] {
  const { site, block, problem } = patient
  const port = problem.place?.port
  const node = site.node(block)
  if (port === undefined || !node) return []
  const to = { block, port }
  const rim = site.source(to)
  const outer = rim?.block === RIM.in ? site.outer() : undefined
  // Nothing leads to the composite around.
  if (rim && outer)
    return openPort({
      ...patient,
      site: outer.site,
      block: outer.block,
      problem: { ...problem, place: { ...problem.place, port: rim.port } },
    })
  const asksTarget = portsOf(node).inputs[port]?.role === 'target'
  const found: Candidate[] = []
  const later = descendants(site, block)
  const sources = sourcesFor(site, to, asksTarget).filter(({ end }) => !later.has(end.block))
  for (const { end, cost } of sources.slice(0, 6)) {
    const made = change(site).connect(end, to, true).at(cost)
    // A wire from what leads elsewhere already is a guess.
    found.push(found.length === 0 || site.wiresFrom(end.block).length === 0 ? made : spare(made))
    if (sources[0]?.end === end) found.push(...inGap(site, end, to, cost).map(spare))
    if (found.length <= 8) found.push(...patient.further(made, { from: end, to }).map(spare))
  }
  const has = (type: string) => site.ids.some((id) => site.node(id)?.type === type)
  if (site.path.length === 0) {
    if (asksTarget) {
      const made = change(site)
      const truth = made.add('target', made.beside(block), encodingFor(site, node.type, { block, port: 'prediction' }))
      found.push(made.connect({ block: truth, port: 'y' }, to).at(has('target') ? 14 : 4))
      const again = change(site)
      const input = again.add('input', again.beside(block))
      found.push(again.connect({ block: input, port: 'x' }, to).at(9))
    } else if (!has('input')) {
      const made = change(site)
      const input = made.add('input', made.before(block))
      const candidate = made.connect({ block: input, port: 'x' }, to).at(3.5)
      found.push(candidate, ...patient.further(candidate, { from: { block: input, port: 'x' }, to }))
    }
  }
  if (isMerge(node.type)) found.push(change(site).dissolve(block).at(20))
  return found
}

const spare = (one: Candidate): Candidate => ({ ...one, spare: true })

/** Blocks that may have been there and changed the size of pictures. */
function inGap(site: Site, from: Endpoint, to: Endpoint, cost: number): readonly Candidate[] {
  const shape = site.leaving(from)
  if (shape?.length !== 4) return []
  return [
    change(site)
      .insert('upconv2d', to, { filters: lastOf(shape) }, from)
      .at(cost + 1.5),
    change(site)
      .insert('upsampling', to, {}, from)
      .at(cost + 1.6),
    change(site)
      .insert('pooling', to, {}, from)
      .at(cost + 1.7),
  ]
}

/** A Target's encoding for a loss of one yes or no. */
function encodingFor(site: Site, loss: string, prediction: Endpoint): { readonly encoding?: string } {
  const { target } = signatureOf(site.document.data)
  const one = site.arriving(prediction)?.at(-1) === 1
  return target.kind === 'classes' && loss === 'binaryCrossEntropy' && one ? { encoding: 'number' } : {}
}

function descendants(site: Site, block: BlockId): ReadonlySet<BlockId> {
  const found = new Set<BlockId>([block])
  for (const id of found) for (const [, { to }] of site.wiresFrom(id)) found.add(to.block)
  return found
}

/** Outputs that could be meant, the likeliest first: what nothing else takes, what bears the same name, what lies nearest. */
function sourcesFor(
  site: Site,
  to: Endpoint,
  asksTarget: boolean,
): { readonly end: Endpoint; readonly cost: number }[] {
  const dangling = new Set(site.dangling().map(({ block }) => block))
  // One value twice at the same block is hardly meant.
  const taken = new Set(
    Object.values(site.canvas.wires).flatMap((wire) => (wire.to.block === to.block ? [wire.from.block] : [])),
  )
  const found: { end: Endpoint; cost: number }[] = []
  const here = site.canvas.blocks[to.block]?.position ?? { x: 0, y: 0 }
  for (const id of site.ids) {
    const node = site.node(id)
    // The truth is for losses alone.
    if (!node || id === to.block || (node.type === 'target' && !asksTarget)) continue
    if (asksTarget && findBlock(node.type)?.family !== 'data') continue
    Object.keys(portsOf(node).outputs).forEach((port, i) => {
      const used = site.wiresFrom(id, port).length > 0
      const { x, y } = node.position
      const far = Math.min(Math.hypot(x - here.x, y - here.y) / 1000, 1)
      // Of what is used elsewhere, rather what comes late.
      const late = Math.min(0.3 * site.ancestors({ block: id, port }).size, 4)
      let cost = 3 + (dangling.has(id) && i === 0 ? 0 : (used ? 8 : 6) - late) + far
      if (taken.has(id)) cost += 6
      // A shortcut begins where a part of the network ends, rather than in its middle.
      const ends =
        ['function', 'data'].includes(site.family(id) ?? '') || node.type === 'composite' || isMerge(node.type)
      if (isMerge(site.node(to.block)?.type ?? '') && used && !ends) cost += 2
      if (asksTarget) cost += node.type === 'target' ? -1 : 1
      else if (node.type === 'input' && used) cost += 1
      if (port === to.port && port !== 'x' && port !== 'y') cost -= 6
      found.push({ end: { block: id, port }, cost })
    })
  }
  for (const port of Object.keys(site.canvas.rim?.inputs ?? {}))
    found.push({ end: { block: RIM.in, port }, cost: site.wiresFrom(RIM.in, port).length > 0 ? 10 : 3 })
  return found.sort((a, b) => a.cost - b.cost)
}

/** A wire at a port that its block does not have. */
export function unknownPort({ site, problem, block }: Case): readonly Candidate[] {
  const port = problem.place?.port
  const found: Candidate[] = []
  for (const [id, wire] of Object.entries(site.canvas.wires)) {
    if (wire.to.block === block && wire.to.port === port) {
      const inputs = Object.entries(portsOf(site.node(block) ?? { type: '' }).inputs)
      const free = inputs.filter(([name]) => !site.source({ block, port: name }))
      const needed = free.filter(([, { optional }]) => !optional)
      for (const [i, [name]] of [...needed, ...free.filter((one) => !needed.includes(one))].entries())
        found.push(rewired(site, id, wire, wire.from, { block, port: name }, 4 + 0.1 * i))
      found.push(change(site).cut(id, wire.from, wire.to).at(9))
    }
    if (wire.from.block === block && wire.from.port === port) {
      for (const [i, name] of Object.keys(portsOf(site.node(block) ?? { type: '' }).outputs).entries())
        found.push(rewired(site, id, wire, { block, port: name }, wire.to, 4 + 0.1 * i))
      found.push(change(site).cut(id, wire.from, wire.to).at(9))
    }
  }
  return found
}

function rewired(site: Site, id: WireId, wire: Wire, from: Endpoint, to: Endpoint, cost: number): Candidate {
  const title = change(site).connect(from, to, true).at(cost).title
  return change(site).cut(id, wire.from, wire.to).connect(from, to).at(cost, title)
}

export function cycle({ site, block, tried }: Case): readonly Candidate[] {
  // Blocks that lie on a circle with this one: it leads to them and they to it.
  const after = descendants(site, block)
  const round = new Set([...after].filter((id) => site.ancestors({ block: id, port: '' }).has(block)))
  const within = Object.entries(site.canvas.wires).filter(
    ([, { from, to }]) => round.has(from.block) && (round.has(to.block) || to.block === block),
  )
  const loose = site.dangling().filter((end) => !round.has(end.block) && site.node(end.block)?.type !== 'target')
  return within.flatMap(([id, { from, to }], i): Candidate[] => {
    // Of the wires of a circle the one that was drawn last is likely to be too many.
    const order = (within.length - i) / within.length
    const backward = place(site, from.block) > place(site, to.block) ? -0.5 : 0
    // A wire that is being tried may end elsewhere, but nothing else is at fault.
    if (tried && !sameEnd(tried.to, to)) return []
    return [
      ...(tried
        ? []
        : [
            change(site)
              .cut(id, from, to)
              .at(5 + order + backward),
          ]),
      ...loose.map((end) =>
        change(site)
          .connect(end, to, true)
          .at(4 + order + backward + (site.family(end.block) === 'data' ? 0 : 1)),
      ),
    ]
  })
}

/** Drawings run from left to right and line by line. */
function place(site: Site, id: BlockId): number {
  const { x = 0, y = 0 } = site.canvas.blocks[id]?.position ?? {}
  return x + 10 * y
}

/** A loss that suits the data, for the value that leads nowhere. */
export function noLoss(patient: Case): readonly Candidate[] {
  const { site } = patient
  const { target, features } = signatureOf(site.document.data)
  const ends = site
    .dangling()
    .filter((end) => site.family(end.block) !== 'data')
    .sort((a, b) => site.ancestors(b).size - site.ancestors(a).size)
  return ends.slice(0, 2).flatMap((from, i): Candidate[] => {
    const shape = site.leaving(from)
    if (!shape) return []
    const found: Candidate[] = []
    const offer = (type: string, cost: number, truth: 'target' | 'input', encoding?: string) => {
      const made = change(site)
      const loss = made.add(type, made.after(from.block))
      made.connect(from, { block: loss, port: 'prediction' })
      const there = site.ids.find(
        (id) => site.node(id)?.type === truth && (truth === 'target' || site.wiresFrom(id).length === 0),
      )
      const origin =
        there ?? made.add(truth, made.beside(from.block), encoding === undefined ? {} : { encoding }, false)
      if (there !== undefined && encoding !== undefined && site.value(there, 'encoding') !== encoding)
        made.set(there, 'encoding', encoding)
      made.connect({ block: origin, port: truth === 'target' ? 'y' : 'x' }, { block: loss, port: 'target' })
      const candidate = made.at(cost + 4 * i)
      found.push(candidate, ...patient.further(candidate))
    }
    const same = shape.slice(1).join() === features.join()
    if (target.kind === 'numbers') {
      offer('rms', 4, 'target')
      offer('huber', 6, 'target')
    } else {
      if (target.classes === 2 && shape.length === 2 && shape[1] === 1)
        offer('binaryCrossEntropy', 3.5, 'target', 'number')
      offer('crossEntropy', 4, 'target')
    }
    if (same) offer('rms', shape.length > 2 ? 3 : 6, 'input')
    return found
  })
}

/** Nothing learns: a Dense before what the loss gets. */
export function noWeights(patient: Case): readonly Candidate[] {
  const { site } = patient
  return site.ids
    .filter((id) => site.family(id) === 'loss')
    .flatMap((block) => {
      const steps = site.upstream(site.source({ block, port: 'prediction' }))
      const first = steps.find(({ node }) => node.type === 'softmax' || node.type === 'sigmoid')
      const to = first ? { block: first.end.block, port: 'x' } : { block, port: 'prediction' }
      const wanted = site.arriving(to)?.at(-1)
      if (wanted === undefined || widthAt(site, site.source(to))) return []
      return [change(site).insert('dense', to, { features: wanted }).at(5)]
    })
}
