/** Mends at losses: what is predicted and what is asked for are of other shapes, or of other kinds. */
import type { ParamValues } from '../../base/params.ts'
import { sameShape, sizeOf, type Shape } from '../../base/shape.ts'
import { findBlock } from '../../blocks/index.ts'
import { signatureOf } from '../../document/signature.ts'
import type { BlockId, Endpoint } from '../../document/types.ts'
import { within } from '../../document/edits.ts'
import type { Candidate, Change } from './change.ts'
import { change, lastOf, widthAt, type Case } from './case.ts'
import { listMends } from './ranks.ts'
import type { Site } from './site.ts'
import { pathMends } from './windows.ts'

const distances: ReadonlySet<string> = new Set(['rms', 'l1', 'huber'])
/** Functions that turn the answer into probabilities, or do nothing. */
const answers: ReadonlySet<string> = new Set(['softmax', 'sigmoid', 'linear'])
const shares: ReadonlySet<string> = new Set(['crossEntropy', 'kullbackLeibler'])

export function lossMends(patient: Case): readonly Candidate[] {
  const { site, block, tried } = patient
  const at = { prediction: { block, port: 'prediction' }, target: { block, port: 'target' } }
  const [predicted, asked] = [site.arriving(at.prediction), site.arriving(at.target)]
  if (!predicted || !asked) return gaussianMends(patient)
  const type = site.node(block)?.type ?? ''
  const wiring = wiringMends(patient, predicted, asked)
  // What the network looks at is no class; a network that fits it would learn nothing that was meant.
  if (shares.has(type) && site.node(site.source(at.target)?.block ?? '')?.type === 'input') return wiring
  const found: Candidate[] = [...kindMends(patient, predicted, asked), ...wiring]
  const signature = signatureOf(site.document.data)
  const ofData = site.node(site.source(at.target)?.block ?? '')?.type === 'target'
  const wanted =
    shares.has(type) && ofData && signature.target.kind === 'classes' ? signature.target.classes : lastOf(asked)
  const positions = shares.has(type) && ofData && asked.length === 2
  const goal = positions ? [asked[0] ?? 0, wanted] : asked

  if (predicted.length > goal.length) {
    const plain = listMends(site, at.prediction, predicted)
    found.push(...plain)
    // The value may lack the right width as well.
    if (lastOf(predicted) !== wanted) {
      found.push(...withWidth(site, at.prediction, wanted, plain))
      if (goal.length === 2)
        for (const [type, cost] of [
          ['flatten', 9],
          ['globalPooling', 9.5],
        ] as const) {
          const made = change(site).insert(type, answerPort(site, at.prediction))
          found.push(made.insert('dense', answerPort(site, at.prediction), { features: wanted }, made.last).at(cost))
        }
    }
  } else if (predicted.length < goal.length) found.push(...pictureMends(site, at, predicted, goal))
  else {
    const wide = lastOf(predicted) !== wanted
    const spatial = !sameShape(predicted.slice(1, -1), goal.slice(1, -1))
    if (wide) found.push(...widthMends(site, at.prediction, wanted, tried !== undefined))
    if (spatial) {
      found.push(...pathMends(site, at.prediction, 9))
      const twice = [1, 2].every((i) => 2 * (predicted[i] ?? 0) === goal[i])
      if (twice && predicted.length === 4)
        found.push(
          change(site)
            .insert('upconv2d', at.prediction, { filters: wanted })
            .at(wide ? 8 : 10),
        )
    }
  }
  return found
}

/** The layer that decides how wide the answer is, and whether it is a hidden one, with an activation behind it. */
function answerWidth(site: Site, to: Endpoint) {
  const source = site.source(to)
  const width = widthAt(site, source)
  if (!width) return undefined
  const steps = site.upstream(source).slice(0, width.distance + 1)
  const hidden = steps.some(({ node }) => findBlock(node.type)?.family === 'function' && !answers.has(node.type))
  // What also feeds other blocks was not made to be the answer.
  const alone = steps.every(({ end }) => site.wiresFrom(end.block).length <= 1)
  return { width, hidden, alone }
}

/** Where a layer would go that makes the answer: before the function that turns it into probabilities. */
function answerPort(site: Site, to: Endpoint): Endpoint {
  const last = functionBefore(site, to)
  return last && answers.has(last.type) ? { block: last.id, port: 'x' } : to
}

/** The last layer gets as many outputs as are asked for, or a layer that has them is put in. */
function widthMends(site: Site, to: Endpoint, wanted: number, tried: boolean): Candidate[] {
  const found: Candidate[] = []
  const answer = answerWidth(site, to)
  const value = answer?.width.to(wanted)
  const inner = answer && (answer.hidden || !answer.alone)
  if (answer && value !== undefined) {
    found.push(
      change(site)
        .widen(answer.width, value)
        .at(inner ? (tried ? 15 : 9) : 7),
    )
  }
  const at = answerPort(site, to)
  const made = change(site)
  if (site.arriving(to)?.length === 4) made.insert('conv2d', at, { filters: wanted, kernel: [1, 1] })
  else made.insert('dense', at, { features: wanted })
  found.push(made.at(answer && !tried && !inner ? 16 : 8))
  return found
}

/** Other candidates together with the right width at the end. */
function withWidth(site: Site, to: Endpoint, wanted: number, plain: readonly Candidate[]): Candidate[] {
  const answer = answerWidth(site, to)
  const { width } = answer ?? {}
  const value = width?.to(wanted)
  if (!answer || !width || value === undefined) return []
  return plain.map((one) => ({
    ...one,
    title: `${one.title} and set ${width.param} of ${width.site.nameOf(width.block)} to ${value}`,
    edits: [...one.edits, within({ kind: 'setParam', block: width.block, name: width.param, value }, width.site.path)],
    cost: one.cost + (answer.hidden ? 4 : 0.5),
  }))
}

/** A list is predicted where a picture or a sequence is asked for. */
function pictureMends(
  site: Site,
  at: { readonly prediction: Endpoint; readonly target: Endpoint },
  predicted: Shape,
  asked: Shape,
): Candidate[] {
  const found: Candidate[] = []
  const origin = site.source(at.target)
  const size = sizeOf(asked.slice(1))
  const flat = () => {
    if (!origin) return change(site)
    return site.node(origin.block)?.type === 'input' && site.wiresFrom(origin.block).length === 1
      ? change(site).set(origin.block, 'flat', true)
      : change(site).insert('flatten', at.target)
  }
  if (sizeOf(predicted.slice(1)) === size) {
    found.push(
      flat().at(8),
      change(site)
        .insert('reshape', at.prediction, { shape: asked.slice(1) })
        .at(9),
    )
    return found
  }
  const width = widthAt(site, site.source(at.prediction))
  if (width) found.push(flat().widen(width, size).at(11))
  return found
}

/** Means and logarithms of variances that differ. */
function gaussianMends({ site, block }: Case): Candidate[] {
  const ends = (['mean', 'logVariance'] as const).map((port) => ({ block, port }))
  return ends.flatMap((to, i) => {
    const other = ends[1 - i]
    const wanted = other && site.arriving(other)
    const width = widthAt(site, site.source(to))
    const value = wanted && width?.to(lastOf(wanted))
    return width && value !== undefined
      ? [
          change(site)
            .widen(width, value)
            .at(7 + i),
        ]
      : []
  })
}

/** The function right before a loss. */
function functionBefore(site: Site, to: Endpoint): { readonly id: BlockId; readonly type: string } | undefined {
  const id = site.source(to)?.block
  const type = id === undefined ? undefined : site.node(id)?.type
  return id !== undefined && type !== undefined && site.family(id) === 'function' ? { id, type } : undefined
}

/** The loss does not go with what the target is: classes, yes or no, or numbers. */
function kindMends({ site, block }: Case, predicted: Shape, asked: Shape): Candidate[] {
  const prediction = { block, port: 'prediction' }
  const truth = site.source({ block, port: 'target' })?.block
  const type = site.node(block)?.type ?? ''
  if (truth === undefined || site.node(truth)?.type !== 'target') return []
  const { target } = signatureOf(site.document.data)
  const last = functionBefore(site, prediction)
  const width = widthAt(site, site.source(prediction))
  const found: Candidate[] = []
  const units = (made: Change, wanted: number) => {
    const value = width?.to(wanted)
    return width && value !== undefined && lastOf(predicted) !== wanted ? made.widen(width, value) : made
  }
  // Values that the losses have in common.
  const { weight } = site.node(block)?.params ?? {}
  const kept: ParamValues = weight === undefined ? {} : { weight }
  if (target.kind === 'numbers') {
    if (!shares.has(type)) return []
    const made = units(change(site).replace(block, 'rms', kept), target.size)
    if (last?.type === 'softmax') made.dissolve(last.id)
    found.push(made.at(5))
    return found
  }
  const { classes } = target
  const oneHot = site.value(truth, 'encoding') !== 'number'
  if (classes === 2 && lastOf(predicted) === 1 && predicted.length === 2) {
    if (type !== 'binaryCrossEntropy') {
      const made = change(site).replace(block, 'binaryCrossEntropy', kept)
      if (oneHot) made.set(truth, 'encoding', 'number')
      if (last?.type === 'softmax') made.replace(last.id, 'sigmoid')
      found.push(made.at(last?.type === 'sigmoid' ? 5 : last?.type === 'softmax' ? 12 : 6.5))
    } else if (oneHot) found.push(change(site).set(truth, 'encoding', 'number').at(5))
  }
  // As many answers as classes, but the truth is one number.
  const positions = !oneHot && lastOf(predicted) === classes && predicted.length === 2
  if (positions && type !== 'crossEntropy') {
    const yesOrNo = type === 'binaryCrossEntropy' && classes === 2
    found.push(
      change(site)
        .replace(block, 'crossEntropy', kept)
        .at(yesOrNo ? 12 : 5),
    )
    found.push(
      change(site)
        .set(truth, 'encoding', 'oneHot')
        .at(yesOrNo ? 12.5 : 5.5),
    )
  }
  if (distances.has(type) || type === 'binaryCrossEntropy') {
    const made = units(change(site), classes).replace(block, 'crossEntropy', kept)
    if (last?.type === 'sigmoid') made.replace(last.id, 'softmax')
    const binary = classes === 2 && lastOf(predicted) === 1
    found.push(
      made.at(asked.length === 2 && lastOf(asked) === 1 && type === 'binaryCrossEntropy' ? 14 : binary ? 9 : 6),
    )
  }
  return found
}

/** The right value is there, but another one is connected. */
function wiringMends({ site, block, tried }: Case, predicted: Shape, asked: Shape): Candidate[] {
  const found: Candidate[] = []
  const [prediction, target] = [
    { block, port: 'prediction' },
    { block, port: 'target' },
  ]
  const truth = site.source(target)
  const answer = site.source(prediction)
  const typeOf = (end: Endpoint | undefined) => site.node(end?.block ?? '')?.type
  if (!truth || !answer) return found
  if (typeOf(answer) === 'target' && typeOf(truth) !== 'target')
    found.push(change(site).connect(truth, prediction).connect(answer, target, true).at(3))
  const there = site.ids.some((id) => site.node(id)?.type === 'target')
  if (typeOf(truth) === 'input' && !there && shares.has(typeOf(prediction) ?? '')) {
    const made = change(site)
    const id = made.add('target', made.beside(block))
    found.push(made.connect({ block: id, port: 'y' }, target).at(4))
  }
  if (typeOf(truth) !== 'target')
    for (const id of site.ids)
      if (site.node(id)?.type === 'target')
        found.push(
          change(site)
            .connect({ block: id, port: 'y' }, target, true)
            .at(site.wiresFrom(id).length === 0 ? 4 : 6),
        )
  if (typeOf(truth) === 'input') {
    const flat = site.value(truth.block, 'flat') === true
    if (flat !== (predicted.length === 2) && sizeOf(predicted.slice(1)) === sizeOf(asked.slice(1)))
      found.push(change(site).set(truth.block, 'flat', !flat).at(5))
  }
  // An answer of the right shape that leads nowhere.
  for (const end of site.dangling()) {
    const shape = site.leaving(end)
    const data = site.family(end.block) === 'data'
    if (end.block !== answer.block && !data && shape && sameShape(shape, asked))
      found.push(
        change(site)
          .connect(end, prediction, true)
          .at(tried ? 25 : 5),
      )
  }
  return found
}
