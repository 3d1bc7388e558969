/**
 * What a block is: one file with its name, help, parameters, ports and arithmetic. Everything else that the program knows
 * of it (shapes, validity, parameter count, cost, gradient, tests) is derived from `build`.
 */
import { choice, real, type ParamSpecs, type ParamValues, type ValuesOf } from '../base/params.ts'
import { problem, ProblemError } from '../base/problem.ts'
import { hash32 } from '../base/hash.ts'
import { sameShape, showShape, type Shape } from '../base/shape.ts'
import { Builder, type Tensor } from '../ir/builder.ts'
import { checkSize } from '../ir/shapes.ts'

export const families = ['data', 'connect', 'function', 'loss', 'complex'] as const
export type Family = (typeof families)[number]

/** What a network is fed with, as far as shapes depend on it; known from the document without reading any file. */
export interface DataSignature {
  /** Shape of one example's features, without the batch axis. */
  readonly features: Shape
  readonly target: TargetSignature
}
export type TargetSignature =
  | { readonly kind: 'classes'; readonly classes: number }
  /** `labels`: each number is 0 or 1. */
  | { readonly kind: 'numbers'; readonly size: number; readonly labels?: true }

/** How a weight starts; the schemes themselves are in train/inits. */
export const initializers = {
  zeros: 'Zeros',
  constant: 'Constant',
  normal: 'Normal',
  uniform: 'Uniform',
  heUniform: 'He uniform',
  heNormal: 'He normal',
  glorotUniform: 'Glorot uniform',
  glorotNormal: 'Glorot normal',
  lecunUniform: 'LeCun uniform',
  lecunNormal: 'LeCun normal',
  orthogonal: 'Orthogonal',
} as const
export type InitName = keyof typeof initializers

/** Fields of a block for the weights that it learns: `g.weight(name, shape, params)` takes them as they are. */
export function weightParams(spec: { readonly default: InitName }) {
  return {
    init: choice<InitName>({
      label: 'Initial weights',
      doc: 'Random scheme for the first weights: He suits ReLU, Glorot suits Tanh and Sigmoid.',
      options: initializers,
      advanced: true,
      ...spec,
    }),
    initScale: real({
      label: 'Initial scale',
      doc: 'Factor on the first weights: the value of Constant, the standard deviation of Normal, the bound of Uniform, the gain of the others.',
      default: 1,
      advanced: true,
    }),
    l1: real({
      label: 'L1',
      doc: 'Adds this times the sum of |w| over the weights of the block to the loss (lasso); biases are left out.',
      default: 0,
      advanced: true,
      min: 0,
    }),
    l2: real({
      label: 'L2',
      doc: 'Adds half of this times the sum of w² over the weights of the block to the loss (ridge); biases are left out.',
      default: 0,
      advanced: true,
      min: 0,
    }),
  }
}

/** A number for every element, or one for each equal part of the last axis. */
export type Start = number | readonly number[]

export function isStart(init: WeightOptions | InitName | Start): init is Start {
  return typeof init === 'number' || Array.isArray(init)
}

export interface WeightOptions {
  readonly init: InitName
  readonly initScale?: number
  readonly l1?: number
  readonly l2?: number
}

export interface WeightSpec {
  /** `path.name`, e.g. `encoder.fc1.weight`. */
  readonly name: string
  /** [..., in, out]: the fans of an initialization are in and out times the product of the leading axes. */
  readonly shape: Shape
  readonly init: InitName | Start
  /** Factor on what the scheme draws. */
  readonly initScale: number
  /** Strengths of the penalties that the block asks for; 0 for biases and scales. */
  readonly l1: number
  readonly l2: number
  /** Biases, scales and slopes start at a number, and no penalty for the whole network counts them. */
  readonly penalised: boolean
  /** False for what the block itself keeps from step to step, like running means. */
  readonly learned: boolean
}

export interface Feed {
  /** [batch, ...features] */
  readonly features: Tensor
  /** Class indices int [batch], or numbers [batch, size]. */
  readonly target: Tensor
}

/** `train`: dropout drops, normalisation uses the batch; `evaluate`: everything is as it will be used. */
export type Mode = 'train' | 'evaluate'

/** The builder that a block's `build` writes to. */
export class BlockBuilder extends Builder {
  /** Learned tensors and what blocks keep (`learned: false`). */
  readonly weights: WeightSpec[] = []
  readonly signature: DataSignature
  readonly mode: Mode
  /** Path of the block whose weights the one being built uses, where that is not its own. */
  owner: string | undefined
  readonly #feed: (builder: Builder) => Feed
  #fed: Feed | undefined
  /** Values of buffers for the next step, and each weight with the path of the first block that used it. */
  readonly #kept = new Map<string, Tensor>()
  readonly #owned = new Map<string, { readonly spec: WeightSpec; readonly user: string; readonly tensor: Tensor }>()

  constructor(signature: DataSignature, feed: (builder: Builder) => Feed, mode: Mode = 'train') {
    super()
    this.signature = signature
    this.mode = mode
    this.#feed = feed
  }

  /** A learned tensor that belongs to the block being built. A number as `init` marks a bias, scale or slope. */
  weight(name: string, shape: Shape, init: WeightOptions | Start): Tensor {
    const path = this.#nameOf(name)
    if (isStart(init))
      return this.#own({ name: path, shape, init, initScale: 1, l1: 0, l2: 0, penalised: false, learned: true })
    const { init: scheme, initScale = 1, l1 = 0, l2 = 0 } = init
    return this.#own({ name: path, shape, init: scheme, initScale, l1, l2, penalised: true, learned: true })
  }

  /** What the block keeps from one training step to the next, saved with the weights; starts at `first` everywhere. */
  buffer(name: string, shape: Shape, first: number): Tensor {
    const common = { initScale: 1, l1: 0, l2: 0, penalised: false, learned: false }
    const full = this.#nameOf(name)
    const now = this.#own({ name: full, shape, init: first, ...common })
    // A second use of the block goes on from what the first one keeps.
    return this.#kept.get(full) ?? now
  }

  /** The value of a buffer for the next step; only training changes it. */
  keep(name: string, next: Tensor): void {
    if (this.mode !== 'train') return
    const full = this.#nameOf(name)
    const before = this.outputs.findIndex((output) => output.name === full)
    if (before >= 0) this.outputs.splice(before, 1)
    this.output(full, 'state', next)
    this.#kept.set(full, next)
  }

  #nameOf(name: string): string {
    return `${this.owner ?? this.path}.${name}`
  }

  #own(spec: WeightSpec): Tensor {
    checkSize(spec.shape)
    const known = this.#owned.get(spec.name)
    if (!known) {
      this.weights.push(spec)
      const tensor = this.input(spec.name, 'state', spec.shape)
      this.#owned.set(spec.name, { spec, user: this.path, tensor })
      return tensor
    }
    if (!sameShape(known.spec.shape, spec.shape))
      throw new ProblemError(
        problem(
          'share.shape',
          `it shares ${spec.name} with ${known.user}, where that is ` +
            `${showShape(known.spec.shape)}, but what it gets here asks for ${showShape(spec.shape)}. ` +
            'Give both uses inputs of the same size, or make one of them independent.',
        ),
      )
    return known.tensor
  }

  /** Uniform random numbers in [0, 1), others at each training step; the same (seed, path, name, step) gives the same ones. */
  uniform(name: string, shape: Shape): Tensor {
    const [step, seed] = [this.input('random/step', 'step', [], 'int'), this.input('random/seed', 'live', [], 'int')]
    return this.random(shape, hash32(`${this.path}.${name}`), step, seed)
  }

  /** Standard normal random numbers, as `uniform`. */
  normal(name: string, shape: Shape): Tensor {
    return this.normalOf(this.uniform(name, shape))
  }

  /** The batch that this step works on. */
  get feed(): Feed {
    return (this.#fed ??= this.#feed(this))
  }

  /** Refuses with a kinder sentence than the primitive's own where a block can give one. */
  require(condition: boolean, port: string, message: string): void {
    if (!condition) throw new ProblemError(problem('block.require', message, { port }))
  }
}

export interface PortSpec {
  /** What belongs here and its axes, e.g. `[batch, ..., in]`. */
  readonly doc: string
  /** A scalar loss flows to the total only; nothing else may take it. */
  readonly role?: 'tensor' | 'target' | 'loss'
  /** May stay open; `build` then gets undefined for it. */
  readonly optional?: true
}
export type PortSpecs = { readonly [port: string]: PortSpec }

export interface BlockExample {
  readonly params?: ParamValues
  readonly inputs: { readonly [port: string]: Shape }
  readonly outputs: { readonly [port: string]: Shape }
}

type InputsOf<I extends PortSpecs> = {
  readonly [K in keyof I]: I[K] extends { readonly optional: true } ? Tensor | undefined : Tensor
}

interface Definition<P extends ParamSpecs, I extends PortSpecs, O extends PortSpecs> {
  /** Name in documents, for ever. */
  readonly type: string
  readonly family: Family
  readonly title: string
  /** One or two sentences on what it does. */
  readonly doc: string
  /** In one line of plain text, e.g. `y = max(0, x)`. */
  readonly formula?: string
  /** Paper or reference API that defines it. */
  readonly source: string
  /** Other names that people search for. */
  readonly aliases?: readonly string[]
  readonly params: P
  readonly inputs: I
  readonly outputs: O
  build(g: BlockBuilder, inputs: InputsOf<I>, params: ValuesOf<P>): { readonly [K in keyof O]: Tensor }
  /** Losses only: what a person reads of the prediction, where that is not the prediction itself (probabilities instead of logits). */
  answer?(g: BlockBuilder, prediction: Tensor, params: ValuesOf<P>): Tensor
  /** Known shapes, used as documentation and as the first tests. */
  readonly examples: readonly BlockExample[]
}

/** A block with its types erased, as the registry, the compiler and the editor see it. */
export interface BlockDefinition extends Omit<Definition<ParamSpecs, PortSpecs, PortSpecs>, 'build' | 'answer'> {
  answer?(g: BlockBuilder, prediction: Tensor, params: ParamValues): Tensor
  build(
    g: BlockBuilder,
    inputs: { readonly [port: string]: Tensor | undefined },
    params: ParamValues,
  ): { readonly [port: string]: Tensor }
}

export function defineBlock<const P extends ParamSpecs, const I extends PortSpecs, const O extends PortSpecs>(
  definition: Definition<P, I, O>,
): BlockDefinition {
  // The compiler hands `build` exactly the declared ports and checked parameters, so the erased call is the typed one.
  return definition
}
