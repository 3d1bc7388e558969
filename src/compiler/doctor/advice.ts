/**
 * What a drawing that trains could do better: habits of the field that a beginner does not know and an expert overlooks. None
 * of it is a problem, and what is fine in most networks is never mentioned.
 */
import { at } from '../../base/assert.ts'
import type { ParamValue } from '../../base/params.ts'
import { sizeOf } from '../../base/shape.ts'
import { signatureOf } from '../../document/signature.ts'
import type { BlockId, Endpoint, GraphDocument } from '../../document/types.ts'
import { flatten, usedByLosses, type FlatBlock } from '../1-flatten.ts'
import { Analyst, type Analysis } from '../analyze.ts'
import { change, lastOf, widthAt } from './case.ts'
import type { Candidate, Change } from './change.ts'
import { fixFor, type Tries } from './diagnose.ts'
import { placeOfKey, Site } from './site.ts'
import type { Fix } from './types.ts'

export interface Advice {
  /** Stable name of the habit, e.g. `advice.deadBranch`. */
  readonly code: string
  readonly sentence: string
  /** Blocks of the outermost canvas that it is about. */
  readonly blocks: readonly BlockId[]
  readonly fix?: Fix
}

/** No more than can be read at a glance. */
const MOST = 6
/** Weights of one layer behind a Flatten from which on they are worth a word. */
const MANY_WEIGHTS = 4_000_000
/** Functions in a row through which a gradient fades: a Sigmoid's slope is at most 1/4, a Tanh's up to 1. */
const DEEP: { readonly [type: string]: number } = { sigmoid: 3, tanh: 10 }

const rectifiers: ReadonlySet<string> = new Set(['relu', 'leakyRelu', 'elu', 'prelu', 'softplus', 'swish', 'gelu'])
const linear: ReadonlySet<string> = new Set(['dense', 'conv2d', 'conv1d', 'upconv2d'])
/** Blocks between two layers that leave them one linear map. */
const passive: ReadonlySet<string> = new Set(['flatten', 'reshape', 'permute', 'linear', 'padding', 'dropout'])
const norms: ReadonlySet<string> = new Set(['batchNorm', 'layerNorm', 'groupNorm'])
const distances: ReadonlySet<string> = new Set(['rms', 'l1', 'huber'])

export function advice(document: GraphDocument, tries: Tries = new Analyst()): readonly Advice[] {
  const analysis = tries.preview(document)
  const adviser = new Adviser(document, analysis, tries)
  return adviser.all().slice(0, MOST)
}

/** What is said, and how it would be mended. */
interface Hint {
  readonly code: string
  readonly sentence: string
  readonly about: readonly FlatBlock[]
  readonly mend?: Candidate | undefined
}

class Adviser {
  readonly #document: GraphDocument
  readonly #analysis: Analysis
  readonly #tries: Tries
  readonly #blocks: readonly FlatBlock[]
  readonly #byKey: ReadonlyMap<string, FlatBlock>
  readonly #used: ReadonlySet<string>

  constructor(document: GraphDocument, analysis: Analysis, tries: Tries) {
    this.#document = document
    this.#analysis = analysis
    this.#tries = tries
    const graph = flatten(document)
    this.#blocks = graph.blocks
    this.#byKey = new Map(graph.blocks.map((block) => [block.key, block]))
    this.#used = usedByLosses(graph)
  }

  all(): Advice[] {
    const hints = [
      ...this.#losses(),
      ...this.#linearStacks(),
      ...this.#fading(),
      ...this.#heavy(),
      ...this.#lateDropout(),
      ...this.#vainBiases(),
      ...this.#deadBranches(),
    ]
    return hints.map(({ code, sentence, about, mend }) => {
      const fix = mend && fixFor(this.#document, mend, this.#analysis, this.#tries)
      const blocks = [...new Set(about.map(({ top }) => top))]
      return { code: `advice.${code}`, sentence, blocks, ...(fix ? { fix } : {}) }
    })
  }

  /** The block that feeds a port. */
  #before(block: FlatBlock | undefined, port?: string): FlatBlock | undefined {
    const source = port === undefined ? Object.values(block?.inputs ?? {})[0] : block?.inputs[port]
    return source && this.#byKey.get(source.key)
  }

  #users(block: FlatBlock): FlatBlock[] {
    return this.#blocks.filter((other) => Object.values(other.inputs).some((source) => source?.key === block.key))
  }

  #place(block: FlatBlock): { readonly site: Site; readonly id: BlockId } {
    const { path, block: id } = placeOfKey(this.#document.graph, block.key)
    return { site: new Site(this.#document, this.#analysis, path), id }
  }

  #mend(block: FlatBlock, made: (change: Change, id: BlockId, site: Site) => Change): Candidate {
    const { site, id } = this.#place(block)
    return made(change(site), id, site).at(0)
  }

  #set(block: FlatBlock, param: string, value: ParamValue): Candidate {
    return this.#mend(block, (made, id) => made.set(id, param, value))
  }

  #losses(): Hint[] {
    const { target } = signatureOf(this.#document.data)
    return this.#blocks
      .filter(({ definition }) => definition.family === 'loss')
      .flatMap((loss): Hint[] => {
        const last = this.#before(loss, 'prediction')
        const truth = this.#before(loss, 'target')
        if (!last || !truth) return []
        const type = loss.definition.type
        const said = (code: string, sentence: string, mend?: Candidate): Hint[] => [
          { code, sentence, about: [last, loss], mend },
        ]
        if (last.definition.type === 'target' && truth.definition.type !== 'target')
          return said(
            'swapped',
            `${loss.path} gets the target as its prediction and the prediction as its target; exchange the two wires.`,
            this.#swapped(loss),
          )
        const ofData = truth.definition.type === 'target'
        const { site, id } = this.#place(loss)
        const width = lastOf(site.arriving({ block: id, port: 'prediction' }) ?? [])
        if (ofData && target.kind === 'numbers' && type === 'crossEntropy')
          return said(
            'numbersAsClasses',
            `${loss.path} is Cross Entropy, which takes the numbers of the target for positions of classes; use RMS for numbers.`,
            this.#regression(loss, target.size),
          )
        if (ofData && target.kind === 'classes' && distances.has(type))
          return said(
            'distanceOfClasses',
            `${loss.path} measures a distance, but the target is one of ${target.classes} classes; Cross Entropy learns faster and gives probabilities.`,
            this.#classification(loss, last, width, target.classes),
          )
        if (ofData && target.kind === 'classes' && type === 'binaryCrossEntropy' && width === 1 && target.classes > 2)
          return said(
            'moreThanTwo',
            `${loss.path} asks one yes-or-no question, but there are ${target.classes} classes; use Cross Entropy with one output for each.`,
            this.#classification(loss, last, width, target.classes),
          )
        return this.#lastFunction(loss, last, said)
      })
  }

  /** The function before a loss against what the loss expects. */
  #lastFunction(
    loss: FlatBlock,
    last: FlatBlock,
    said: (code: string, sentence: string, mend?: Candidate) => Hint[],
  ): Hint[] {
    const { type } = loss.definition
    const before = last.definition.type
    const classes = type === 'crossEntropy' || type === 'kullbackLeibler'
    const own = classes ? 'softmax' : 'sigmoid'
    const title = classes ? 'Softmax' : 'Sigmoid'
    const { expects } = loss.params
    if (classes || type === 'binaryCrossEntropy') {
      if (expects === 'logits' && before === own)
        return said(
          'twiceProbabilities',
          `${loss.path} takes its input as logits, but ${last.path} has made probabilities of them already, so that ${title} is applied twice and learning is slow.`,
          this.#set(loss, 'expects', 'auto'),
        )
      if (expects === 'probabilities' && before !== 'softmax' && before !== 'sigmoid')
        return said(
          'noProbabilities',
          `${loss.path} takes its input as probabilities, but ${last.path} gives any numbers; let it take logits.`,
          this.#set(loss, 'expects', 'auto'),
        )
      const hidden = expects === 'probabilities' ? undefined : this.#behind(last, own)
      if (hidden)
        return said(
          'hiddenProbabilities',
          `${loss.path} takes what ${last.path} gives as logits, but ${hidden.path} before it has made probabilities of them; connect ${hidden.path} last.`,
          passive.has(before) ? this.#mend(last, (made, id) => made.dissolve(id)) : undefined,
        )
      if (classes && before === 'sigmoid')
        return said(
          'functionBeforeLoss',
          `${last.path} squeezes each logit into 0 to 1 before ${loss.path}, so that no class can become certain; use Softmax there, or nothing.`,
          this.#mend(last, (made, id) => made.replace(id, 'softmax')),
        )
      if (type === 'binaryCrossEntropy' && before === 'softmax')
        return said(
          'functionBeforeLoss',
          `${last.path} makes the outputs sum to 1, but ${loss.path} asks for each by itself; use Sigmoid there.`,
          this.#mend(last, (made, id) => made.replace(id, 'sigmoid')),
        )
      if (rectifiers.has(before) || before === 'tanh')
        return said(
          'functionBeforeLoss',
          `${last.path} bends the logits before ${loss.path}, which needs them free to be large and of either sign; remove it.`,
          this.#mend(last, (made, id) => made.dissolve(id)),
        )
    }
    if (distances.has(type) && this.#before(loss, 'target')?.definition.type === 'target') {
      if (before === 'softmax')
        return said(
          'functionBeforeLoss',
          `${last.path} makes the predictions sum to 1, which numbers to be predicted don't; remove it.`,
          this.#mend(last, (made, id) => made.dissolve(id)),
        )
      if (before === 'relu')
        return said(
          'functionBeforeLoss',
          `${last.path} lets no negative number through to ${loss.path}, and learns nothing where it is 0; remove it.`,
          this.#mend(last, (made, id) => made.dissolve(id)),
        )
    }
    return []
  }

  /** A function of some type before blocks that hand on what it gives. */
  #behind(last: FlatBlock, type: string): FlatBlock | undefined {
    let block: FlatBlock | undefined = last
    for (let i = 0; i < 8 && block && (passive.has(block.definition.type) || block === last); i++) {
      if (block !== last && block.definition.type === type) return block
      if (!passive.has(block.definition.type)) return undefined
      block = this.#before(block)
      if (block?.definition.type === type) return block
    }
    return undefined
  }

  #swapped(loss: FlatBlock): Candidate | undefined {
    return this.#mend(loss, (made, id, site) => {
      const [prediction, target] = ['prediction', 'target'].map((port): Endpoint => ({ block: id, port }))
      const [first, second] = [prediction, target].map((end) => end && site.source(end))
      return prediction && target && first && second
        ? made.connect(second, prediction).connect(first, target, true)
        : made
    })
  }

  #regression(loss: FlatBlock, size: number): Candidate {
    return this.#mend(loss, (made, id, site) => {
      made.replace(id, 'rms', {})
      const from = site.source({ block: id, port: 'prediction' })
      const width = widthAt(site, from)
      const shape = site.arriving({ block: id, port: 'prediction' })
      const value = width?.to(size)
      if (width && value !== undefined && shape && lastOf(shape) !== size) made.widen(width, value)
      if (from && site.node(from.block)?.type === 'softmax') made.dissolve(from.block)
      return made
    })
  }

  /** Cross Entropy with an output for each class, or its kind of yes and no where there is one output for two classes. */
  #classification(loss: FlatBlock, last: FlatBlock, now: number, classes: number): Candidate {
    return this.#mend(loss, (made, id, site) => {
      const from = site.source({ block: id, port: 'prediction' })
      const truth = site.source({ block: id, port: 'target' })
      if (now === 1 && classes === 2) {
        made.replace(id, 'binaryCrossEntropy', {})
        if (truth && site.value(truth.block, 'encoding') === 'oneHot') made.set(truth.block, 'encoding', 'number')
        return made
      }
      const width = widthAt(site, from)
      const value = width?.to(classes)
      if (now !== classes && width && value !== undefined) made.widen(width, value)
      made.replace(id, 'crossEntropy', {})
      const type = last.definition.type
      if (from && (type === 'sigmoid' || type === 'tanh')) made.replace(from.block, 'softmax')
      else if (from && rectifiers.has(type)) made.dissolve(from.block)
      return made
    })
  }

  /** Two layers with nothing but passive blocks between, as pairs; where the middle is a bottleneck, that is the point of it. */
  #linearStacks(): Hint[] {
    const pairs = this.#blocks.flatMap((second) => {
      if (!linear.has(second.definition.type) || !this.#used.has(second.key)) return []
      let first = this.#before(second)
      while (first && passive.has(first.definition.type)) first = this.#before(first)
      if (!first || !linear.has(first.definition.type)) return []
      const [into, between, out] = [this.#widthInto(first), this.#widthOf(first), this.#widthOf(second)]
      return between < Math.min(into, out) ? [] : [{ first, second }]
    })
    if (pairs.length === 0) return []
    const bent = this.#blocks.some(
      ({ definition: { family, type } }) => family === 'function' && type !== 'softmax' && type !== 'linear',
    )
    const { first, second } = at(pairs, 0)
    const seconds = [...new Set(pairs.map((pair) => pair.second))]
    const mend = this.#inserted(seconds)
    const about = [...new Set(pairs.flatMap((pair) => [pair.first, pair.second]))]
    if (!bent && pairs.length > 1)
      return [
        {
          code: 'noActivation',
          sentence: `No activation stands between the layers, so that all of them together can do no more than one; put one behind each but the last.`,
          about,
          mend,
        },
      ]
    const more = pairs.length > 1 ? `, and so in ${pairs.length - 1} more places` : ''
    return [
      {
        code: 'linearPair',
        sentence: `Between ${first.path} and ${second.path} there is no activation, so that the two can do no more than one layer${more}.`,
        about,
        mend,
      },
    ]
  }

  /** A ReLU in front of blocks of one canvas. */
  #inserted(blocks: readonly FlatBlock[]): Candidate | undefined {
    const places = blocks.map((block) => this.#place(block))
    const [first] = places
    if (!first || places.some(({ site }) => site.path.join() !== first.site.path.join())) return undefined
    const made = change(first.site)
    for (const { id } of places) made.insert('relu', { block: id, port: 'x' })
    return made.at(0)
  }

  #widthInto(block: FlatBlock): number {
    const { site, id } = this.#place(block)
    return lastOf(site.arriving({ block: id, port: 'x' }) ?? [])
  }

  #widthOf(block: FlatBlock): number {
    const { site, id } = this.#place(block)
    return lastOf(site.leaving({ block: id, port: 'y' }) ?? [])
  }

  /** Many functions in a row whose slope is small, with neither a norm nor a shortcut between. */
  #fading(): Hint[] {
    const depths = new Map<string, number>()
    let worst: { readonly block: FlatBlock; readonly depth: number } | undefined
    for (const block of this.#blocks) {
      const { type } = block.definition
      if (norms.has(type) || Object.keys(block.inputs).length > 1) continue
      const before = this.#before(block)
      const depth =
        (depths.get(before?.key ?? '') ?? 0) + (type in DEEP && !this.#endsIn(block) ? 1 / (DEEP[type] ?? 1) : 0)
      depths.set(block.key, depth)
      if (this.#used.has(block.key) && depth >= 1 && depth > (worst?.depth ?? 0)) worst = { block, depth }
    }
    if (!worst) return []
    const about = []
    for (let block: FlatBlock | undefined = worst.block; block && depths.has(block.key); block = this.#before(block))
      if (block.definition.type in DEEP) about.unshift(block)
    const first = at(about, 0)
    const places = about.map((block) => this.#place(block))
    const same = places.every(({ site }) => site.path.join() === at(places, 0).site.path.join())
    const made = change(at(places, 0).site)
    if (same) for (const { id } of places) made.replace(id, 'relu')
    return [
      {
        code: 'fading',
        sentence: `${about.length} ${first.definition.title} functions stand in a row from ${first.path} to ${worst.block.path}, through which the gradient fades before it reaches the first layers; use ReLU, or a Batch Norm between.`,
        about,
        mend: same ? made.at(0, `Use ReLU for the ${about.length} of them`) : undefined,
      },
    ]
  }

  #endsIn(block: FlatBlock): boolean {
    return this.#users(block).some(({ definition }) => definition.family === 'loss')
  }

  #heavy(): Hint[] {
    return this.#blocks.flatMap((block): Hint[] => {
      const flat = this.#before(block)
      if (block.definition.type !== 'dense' || flat?.definition.type !== 'flatten') return []
      const weights = this.#widthInto(block) * this.#widthOf(block)
      const { site, id } = this.#place(flat)
      const shape = site.arriving({ block: id, port: 'x' }) ?? []
      if (weights < MANY_WEIGHTS || shape.length < 3 || sizeOf(shape.slice(1, -1)) === 1) return []
      const millions = Math.round(weights / 100_000) / 10
      const mend = this.#mend(flat, (made, flatId) => made.replace(flatId, 'globalPooling', {}))
      return [
        {
          code: 'heavyDense',
          sentence: `${block.path} has ${millions} million weights, because ${flat.path} hands it every pixel; Global Pooling instead, or pooling before it, needs far fewer.`,
          about: [flat, block],
          mend,
        },
      ]
    })
  }

  #lateDropout(): Hint[] {
    return this.#blocks.flatMap((block): Hint[] => {
      if (block.definition.type !== 'dropout' && block.definition.type !== 'gaussianNoise') return []
      const [user] = this.#users(block)
      const answer = user && ['softmax', 'sigmoid'].includes(user.definition.type) ? this.#users(user)[0] : user
      if (answer?.definition.family !== 'loss') return []
      const what = block.definition.type === 'dropout' ? 'leaves out answers' : 'adds noise to the answers'
      return [
        {
          code: 'lateDropout',
          sentence: `${block.path} ${what} right before ${answer.path}; put it before the last layer.`,
          about: [block, answer],
          mend: this.#mend(block, (made, id) => made.dissolve(id)),
        },
      ]
    })
  }

  #vainBiases(): Hint[] {
    const found = this.#blocks.flatMap((block) => {
      const before = this.#before(block)
      const alone = before && this.#users(before).length === 1
      const affine = block.definition.type === 'batchNorm'
      return affine && alone && linear.has(before.definition.type) && before.params['bias'] === true ? [before] : []
    })
    if (found.length === 0) return []
    const names = found.map(({ path }) => path)
    const made = change(new Site(this.#document, this.#analysis, []))
    for (const { site, id } of found.map((block) => this.#place(block))) made.set(id, 'bias', false, site)
    return [
      {
        code: 'vainBias',
        sentence: `The ${names.length === 1 ? 'bias' : 'biases'} of ${listed(names)} ${names.length === 1 ? 'does' : 'do'} nothing, because the Batch Norm behind takes the mean off and has a shift of its own; turn Bias off.`,
        about: found,
        mend: made.at(0, `Turn off bias of ${listed(names)}`),
      },
    ]
  }

  /** Blocks that are fed and lead to no loss. */
  #deadBranches(): Hint[] {
    if (this.#used.size === 0) return []
    const used = new Set(this.#blocks.filter(({ key }) => this.#used.has(key)).map(({ top }) => top))
    const dead = this.#blocks.filter(({ top, inputs }) => !used.has(top) && Object.values(inputs).some(Boolean))
    const tops = [...new Set(dead.map(({ top }) => top))]
    if (tops.length === 0) return []
    const site = new Site(this.#document, this.#analysis, [])
    const names = tops.map((id) => site.nameOf(id))
    return [
      {
        code: 'deadBranch',
        sentence: `${listed(names)} ${tops.length === 1 ? 'leads' : 'lead'} to no loss and so ${tops.length === 1 ? 'learns' : 'learn'} nothing; connect ${tops.length === 1 ? 'it' : 'them'} or remove ${tops.length === 1 ? 'it' : 'them'}.`,
        about: dead,
        mend: change(site).remove(tops).at(0),
      },
    ]
  }
}

function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
