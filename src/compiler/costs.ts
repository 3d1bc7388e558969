/**
 * What a block comes to (shapes of its outputs, weights, multiply-adds, problems) without the network around it, so that it
 * can be remembered: while a person draws, nearly every block is asked what it was asked before. A block's `build` runs on a
 * builder of its own here, and all that it can see of the network is part of the question.
 */
import type { Aval } from '../ir/program.ts'
import { BlockBuilder, type BlockDefinition, type DataSignature, type Feed, type WeightSpec } from '../blocks/define.ts'
import type { ParamValue, ParamValues } from '../base/params.ts'
import type { Problem } from '../base/problem.ts'
import { sameShape, type Shape } from '../base/shape.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import type { FlatBlock } from './1-flatten.ts'
import { buildOn, type Built, type Work } from './2-trace.ts'

/** What a block can tell of a value that comes in. Equal ones are one object. */
export interface Value {
  /** Names it among all values. */
  readonly id: number
  readonly aval: Aval
  /** Made by a softmax or a sigmoid, whose logits a loss may go back to. */
  readonly by: 'softmax' | 'sigmoid' | undefined
}

export type Values = { readonly [port: string]: Value | undefined }

/** What a build came to. Names of weights are those within the block. */
interface Remembered {
  readonly outputs: Values
  readonly weights: readonly WeightSpec[]
  readonly work: Work
  readonly problems: readonly Problem[]
}

/** The last question of a block of the drawing. */
interface Asked {
  readonly definition: FlatBlock['definition']
  readonly params: ParamValues
  readonly inputs: Values
  readonly data: number
  readonly path: string
  readonly owner: string
  readonly found: Remembered
  /** Its weights; the block is the first that uses them. */
  readonly named: readonly Known[]
  readonly built: Built<Value>
}

/** A weight as the blocks so far have it, and the path of the first that used it. */
interface Known {
  readonly name: string
  readonly shape: Shape
  readonly user: string
}

/** Drawings after which an answer that none of them needed is forgotten: at least so many, and fewer than twice as many. */
const KEPT_FOR = 64
/** What may be kept of each generation, whatever comes. */
const MOST_KEPT = 50_000

/** The builds of one drawing: to be asked in the order of computation, for each block once. */
export type Builds = (flat: FlatBlock, inputs: Values) => Built<Value>

export class BuildMemory {
  /** Two generations: what is asked for again moves to the young one, and the old one goes as a whole. */
  #young = new Map<string, Remembered>()
  #old = new Map<string, Remembered>()
  #drawings = 0
  #values = new Map<string, Value>()
  #valueCount = 0
  readonly #signatures = new Map<string, number>()
  /** By the key of the block. */
  readonly #asked = new Map<string, Asked>()

  /** How much is remembered. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Begins with a drawing. `lasting`: its blocks will be asked again soon, as those of one that is only tried will not. */
  begin(signature: DataSignature, feed: (builder: Builder) => Feed, lasting: boolean): Builds {
    this.#age()
    const data = this.#signatureId(signature)
    const known = new Map<string, Known>()
    return (flat, inputs) => this.#build(flat, inputs, { signature, feed, data, known, lasting })
  }

  /** Forgets what was last asked of blocks that are no longer there. */
  prune(present: ReadonlyMap<string, unknown>): void {
    if (this.#asked.size <= 2 * present.size + 64) return
    for (const key of this.#asked.keys()) if (!present.has(key)) this.#asked.delete(key)
  }

  #age(): void {
    this.#drawings++
    if (this.#values.size > MOST_KEPT || this.#signatures.size > KEPT_FOR) {
      for (const table of [this.#values, this.#signatures, this.#young, this.#old, this.#asked]) table.clear()
      // Numbers are never given twice, so nothing of before can be taken for something new.
      return
    }
    if (this.#drawings % KEPT_FOR !== 0 && this.#young.size <= MOST_KEPT) return
    this.#old = this.#young
    this.#young = new Map()
  }

  #signatureId({ features, target }: DataSignature): number {
    const size = target.kind === 'classes' ? target.classes : target.size
    const name = `${features.join()} ${target.kind} ${size}`
    const known = this.#signatures.get(name)
    if (known !== undefined) return known
    const id = ++this.#valueCount
    this.#signatures.set(name, id)
    return id
  }

  #value({ shape, dtype }: Aval, by: Value['by']): Value {
    const name = `${dtype} ${shape.join()} ${by ?? ''}`
    let value = this.#values.get(name)
    if (!value) this.#values.set(name, (value = { id: ++this.#valueCount, aval: { shape, dtype }, by }))
    return value
  }

  #build(flat: FlatBlock, inputs: Values, drawing: Drawing): Built<Value> {
    const { definition, params, owner, path } = flat
    const { known, data, lasting } = drawing
    const last = this.#asked.get(flat.key)
    const same =
      last !== undefined &&
      last.definition === definition &&
      last.data === data &&
      sameInputs(last.inputs, inputs) &&
      this.sameParams(last.params, params)
    if (same && last.path === path && last.owner === owner && last.named.every(({ name }) => !known.has(name))) {
      for (const one of last.named) known.set(one.name, one)
      return last.built
    }

    const found = same ? last.found : this.#remembered(flat, inputs, drawing)
    const named = found.weights.map((spec): Known => ({ name: `${owner}.${spec.name}`, shape: spec.shape, user: path }))
    let shared = false
    for (const { name, shape } of named) {
      const before = known.get(name)
      if (!before) continue
      shared = true
      if (!sameShape(before.shape, shape)) return this.#refused(flat, inputs, found, drawing)
    }
    const weights: WeightSpec[] = []
    named.forEach((one, i) => {
      const spec = found.weights[i]
      if (!spec || known.has(one.name)) return
      known.set(one.name, one)
      weights.push({ ...spec, name: one.name })
    })
    const { outputs, work, problems } = found
    const built = { outputs, weights, work, problems }
    if (!shared && lasting)
      this.#asked.set(flat.key, { definition, params, inputs, data, path, owner, found, named, built })
    return built
  }

  #remembered(flat: FlatBlock, inputs: Values, drawing: Drawing): Remembered {
    const key = this.questionOf(flat, inputs, drawing.data)
    const young = this.#young.get(key)
    if (young) return young
    let found = this.#old.get(key)
    if (!found) {
      const builder = new BlockBuilder(drawing.signature, drawing.feed)
      // With no path, names of weights begin with a dot.
      const { outputs, weights, work, problems } = buildOn(builder, flat, stand(builder, inputs))
      found = {
        outputs: this.#valuesOf(builder, outputs),
        weights: weights.map((spec) => ({ ...spec, name: spec.name.slice(1) })),
        work,
        problems,
      }
    }
    this.#young.set(key, found)
    return found
  }

  /** A block whose weights have another shape where they are used already: the builder says so, up to where it gets. */
  #refused(flat: FlatBlock, inputs: Values, found: Remembered, { signature, feed, known }: Drawing): Built<Value> {
    const builder = new BlockBuilder(signature, feed)
    builder.owner = flat.owner
    for (const { name } of found.weights) {
      const before = known.get(`${flat.owner}.${name}`)
      if (!before) continue
      builder.path = before.user
      builder.weight(name, before.shape, 0)
    }
    builder.path = flat.path
    const built = buildOn(builder, flat, stand(builder, inputs))
    for (const { name, shape } of built.weights) known.set(name, { name, shape, user: flat.path })
    return { ...built, outputs: this.#valuesOf(builder, built.outputs) }
  }

  #valuesOf(builder: BlockBuilder, outputs: Built<Tensor>['outputs']): Values {
    const values: { [port: string]: Value | undefined } = {}
    for (const [port, tensor] of Object.entries(outputs))
      values[port] = tensor && this.#value(tensor, madeBy(builder, tensor))
    return values
  }

  /** All that decides what a build comes to, as text. */
  protected questionOf({ definition, params }: FlatBlock, inputs: Values, data: number): string {
    let text = `${numberOf(definition)} ${data}`
    for (const port of Object.keys(definition.inputs)) text += ` ${inputs[port]?.id ?? ''}`
    for (const value of Object.values(params)) text += ` ${typeof value === 'object' ? value.join() : String(value)}`
    return text
  }

  protected sameParams(a: ParamValues, b: ParamValues): boolean {
    for (const name in b) if (!sameParam(a[name], b[name])) return false
    return true
  }
}

/** Two definitions of one type are two: what stands for a block that is left out has the ports of that block. */
const numbers = new WeakMap<BlockDefinition, number>()
let definitions = 0

function numberOf(definition: BlockDefinition): number {
  let number = numbers.get(definition)
  if (number === undefined) numbers.set(definition, (number = ++definitions))
  return number
}

interface Drawing {
  readonly signature: DataSignature
  readonly feed: (builder: Builder) => Feed
  /** Number of the signature. */
  readonly data: number
  readonly known: Map<string, Known>
  readonly lasting: boolean
}

/** Tensors that look to a block as the values do. */
function stand(builder: BlockBuilder, inputs: Values): { [port: string]: Tensor | undefined } {
  const tensors: { [port: string]: Tensor | undefined } = {}
  for (const [port, value] of Object.entries(inputs)) {
    if (!value) continue
    const given = builder.input(`input ${port}`, 'data', value.aval.shape, value.aval.dtype)
    tensors[port] =
      value.by === 'softmax' ? builder.softmax(given) : value.by === 'sigmoid' ? builder.sigmoid(given) : given
  }
  return tensors
}

function madeBy(builder: BlockBuilder, tensor: Tensor): Value['by'] {
  if (builder.logitsOf(tensor, 'softmax')) return 'softmax'
  return builder.logitsOf(tensor, 'sigmoid') ? 'sigmoid' : undefined
}

function sameInputs(a: Values, b: Values): boolean {
  for (const port in b) if (a[port] !== b[port]) return false
  return true
}

function sameParam(a: ParamValue | undefined, b: ParamValue | undefined): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a.length !== b.length) return false
  return a.every((entry, i) => Object.is(entry, b[i]))
}
