/**
 * What a block is: one file with its name, help, parameters, ports and arithmetic. Everything else that the program knows
 * of it (shapes, validity, parameter count, cost, gradient, tests) is derived from `build`.
 */
import { choice, type ChoiceParam, type ParamSpecs, type ParamValues, type ValuesOf } from '../base/params.ts'
import { problem, ProblemError } from '../base/problem.ts'
import type { Shape } from '../base/shape.ts'
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
  { readonly kind: 'classes'; readonly classes: number } | { readonly kind: 'numbers'; readonly size: number }

/** How a weight starts; the schemes themselves are in train/inits. */
export const initializers = {
  zeros: 'Zeros',
  heUniform: 'He uniform',
  heNormal: 'He normal',
  glorotUniform: 'Glorot uniform',
  glorotNormal: 'Glorot normal',
  lecunUniform: 'LeCun uniform',
  lecunNormal: 'LeCun normal',
} as const
export type InitName = keyof typeof initializers

/** Field for the choice of a weight's initialization. */
export function initializer(spec: { readonly default: InitName }): ChoiceParam<InitName> {
  return choice<InitName>({
    label: 'Initial weights',
    doc: 'Random scheme for the first weights: He suits ReLU, Glorot suits Tanh and Sigmoid.',
    options: initializers,
    ...spec,
  })
}

export interface WeightSpec {
  /** `path.name`, e.g. `encoder.fc1.weight`. */
  readonly name: string
  /** [..., in, out]: the fans of an initialization are in and out times the product of the leading axes. */
  readonly shape: Shape
  /** A scheme, or the number that every element starts at. */
  readonly init: InitName | number
}

export interface Feed {
  /** [batch, ...features] */
  readonly features: Tensor
  /** Class indices int [batch], or numbers [batch, size]. */
  readonly target: Tensor
}

/** The builder that a block's `build` writes to. */
export class BlockBuilder extends Builder {
  readonly weights: WeightSpec[] = []
  readonly signature: DataSignature
  readonly #feed: (builder: Builder) => Feed
  #fed: Feed | undefined

  constructor(signature: DataSignature, feed: (builder: Builder) => Feed) {
    super()
    this.signature = signature
    this.#feed = feed
  }

  /** A learned tensor that belongs to the block being built. */
  weight(name: string, shape: Shape, init: InitName | number): Tensor {
    const full = `${this.path}.${name}`
    checkSize(shape)
    if (!this.weights.some((weight) => weight.name === full)) this.weights.push({ name: full, shape, init })
    return this.input(full, 'state', shape)
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
}
export type PortSpecs = { readonly [port: string]: PortSpec }

export interface BlockExample {
  readonly params?: ParamValues
  readonly inputs: { readonly [port: string]: Shape }
  readonly outputs: { readonly [port: string]: Shape }
}

interface Definition<P extends ParamSpecs, I extends PortSpecs, O extends PortSpecs> {
  /** Name in documents, for ever. */
  readonly type: string
  readonly family: Family
  readonly title: string
  /** One or two sentences with the formula. */
  readonly doc: string
  /** Paper or reference API that defines it. */
  readonly source: string
  /** Other names that people search for. */
  readonly aliases?: readonly string[]
  readonly params: P
  readonly inputs: I
  readonly outputs: O
  build(
    g: BlockBuilder,
    inputs: { readonly [K in keyof I]: Tensor },
    params: ValuesOf<P>,
  ): { readonly [K in keyof O]: Tensor }
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
    inputs: { readonly [port: string]: Tensor },
    params: ParamValues,
  ): { readonly [port: string]: Tensor }
}

export function defineBlock<const P extends ParamSpecs, const I extends PortSpecs, const O extends PortSpecs>(
  definition: Definition<P, I, O>,
): BlockDefinition {
  // The compiler hands `build` exactly the declared ports and checked parameters, so the erased call is the typed one.
  return definition
}
