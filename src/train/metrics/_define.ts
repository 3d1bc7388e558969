import type { DataSignature } from '../../blocks/define.ts'
import type { Builder, Tensor } from '../../ir/builder.ts'
import type { MetricDescription } from '../types.ts'

/** A figure for people beside the loss: one file each. */
export interface MetricDefinition extends MetricDescription {
  readonly doc: string
  /** Whether it means something for this prediction of that data. */
  fits(signature: DataSignature, prediction: Tensor, target: Tensor): boolean
  /** A scalar: the mean over the batch. `deviation` has one number for each numeric target: what one unit of it is in the data's own unit. */
  build(g: Builder, prediction: Tensor, target: Tensor, deviation: Tensor | undefined): Tensor
  /** What people read of the mean over all examples, e.g. its root; the mean itself where there is none. */
  finish?(mean: number): number
}

export function defineMetric(definition: MetricDefinition): MetricDefinition {
  return definition
}
