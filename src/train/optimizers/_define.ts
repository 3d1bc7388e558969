/**
 * What an optimizer is: one file with its name, help, parameters and update rule, written with the same primitives as the
 * blocks, so that it is part of the training step's plan.
 */
import { real, type ParamSpecs, type RealParam } from '../../base/params.ts'
import type { Builder, Tensor } from '../../ir/builder.ts'

interface Definition<P extends ParamSpecs> {
  readonly type: string
  readonly title: string
  /** One or two sentences with the formula. */
  readonly doc: string
  readonly source: string
  /** All are live: they reach `update` as scalar tensors and may change while training. */
  readonly params: P
  /** Names of the per-weight memories, shaped like the weight, that start at 0. */
  readonly memories: readonly string[]
  update(
    g: Builder,
    given: Update,
    params: { readonly [K in keyof P]: Tensor },
  ): { readonly weight: Tensor; readonly memories: readonly Tensor[] }
}

export interface Update {
  readonly weight: Tensor
  /** Mean over the batch. */
  readonly gradient: Tensor
  readonly memories: readonly Tensor[]
  /** Scalar; 1 in the first step. */
  readonly step: Tensor
}

export interface OptimizerDefinition extends Omit<Definition<ParamSpecs>, 'update'> {
  update(
    g: Builder,
    given: Update,
    params: { readonly [name: string]: Tensor },
  ): { readonly weight: Tensor; readonly memories: readonly Tensor[] }
}

export function defineOptimizer<const P extends ParamSpecs>(definition: Definition<P>): OptimizerDefinition {
  return definition
}

/** Fields that most optimizers have. */
export function rateParam(standard: number, doc = 'Size of each step, η.'): RealParam {
  return real({ label: 'Learning rate', doc, default: standard, min: 0, logarithmic: true, live: true })
}
export function epsilonParam(standard: number, doc = 'Keeps the division finite, ε.'): RealParam {
  return real({ label: 'Epsilon', doc, default: standard, min: 0, logarithmic: true, live: true })
}
