/**
 * What training makes small: the sum of the losses, each times its weight, and the penalties on the weights. Evaluation
 * computes the same, so that both curves can be compared.
 */
import type { TrainingSection } from '../document/types.ts'
import type { BlockBuilder, WeightSpec } from '../blocks/define.ts'
import { sizeOf } from '../base/shape.ts'
import type { Trace } from '../compiler/2-trace.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import { blockSlot } from './live.ts'
import type { MetricDescription } from './types.ts'

export interface Objective {
  readonly total: Tensor
  /** The total without what is dealt with by a threshold after the step. */
  readonly smooth: Tensor
  /** What the total is made of, each by itself; empty where it is a single loss. */
  readonly parts: readonly { readonly description: MetricDescription; readonly value: Tensor }[]
}

/** Strengths of the penalties on a weight: those of its block and those for all. */
export function penaltiesOf(weight: WeightSpec, { regularization }: TrainingSection): { l1: number; l2: number } {
  if (!weight.penalised || !weight.learned) return { l1: 0, l2: 0 }
  return { l1: weight.l1 + (regularization?.l1 ?? 0), l2: weight.l2 + (regularization?.l2 ?? 0) }
}

/** Writes the objective of a traced network; `live` gets the slots that it reads and their first values. */
export function objectiveOf(traced: Trace, training: TrainingSection, live: Map<string, number>): Objective {
  const { builder, losses } = traced
  const ratio = training.regularization?.ratio ?? 0
  const parts: { description: MetricDescription; value: Tensor }[] = []
  let loss: Tensor | undefined
  for (const { flat, outputs } of losses) {
    const value = outputs['loss']
    if (!value) continue
    const { path, definition, params } = flat
    const title = losses.length > 1 ? path : definition.title
    parts.push({ description: partNamed(`loss.${path}`, title), value })
    let weighted = value
    const weight = params['weight']
    if (definition.params['weight']?.live && typeof weight === 'number') {
      const slot = blockSlot(`${path}.weight`)
      live.set(slot, weight)
      weighted = builder.mul(value, builder.input(slot, 'live', []))
    }
    loss = loss ? builder.add(loss, weighted) : weighted
  }
  let smooth = loss ?? builder.constant(0)
  if (ratio > 0) smooth = builder.mul(smooth, 1 - ratio)

  const { slopes, thresholds } = penalties(builder, training)
  const penalty = sumOf(builder, [...slopes, ...thresholds])
  if (penalty) parts.push({ description: partNamed('penalty', 'Penalty'), value: penalty })
  smooth = sumOf(builder, [smooth, ...slopes]) ?? smooth
  const total = sumOf(builder, [smooth, ...thresholds]) ?? smooth
  return { total, smooth, parts: parts.length > 1 ? parts : [] }
}

/** Terms with a gradient, and the L1 terms that are left to `threshold`. */
function penalties(builder: BlockBuilder, training: TrainingSection): { slopes: Tensor[]; thresholds: Tensor[] } {
  const { mode = 'subgradient', ratio = 0 } = training.regularization ?? {}
  const slopes: Tensor[] = []
  const thresholds: Tensor[] = []
  const penalised = builder.weights.filter((weight) => weight.penalised && weight.learned)
  const count = penalised.reduce((sum, weight) => sum + sizeOf(weight.shape), 0)
  for (const weight of penalised) {
    const { l1, l2 } = penaltiesOf(weight, training)
    builder.path = weight.name
    const own = builder.input(weight.name, 'state', weight.shape)
    // Both are factors on the sum of the squares.
    const square = l2 / 2 + ratio / Math.max(count, 1)
    if (square > 0) slopes.push(builder.mul(builder.sum(builder.mul(own, own)), square))
    if (l1 > 0) (mode === 'proximal' ? thresholds : slopes).push(builder.mul(builder.sum(builder.abs(own)), l1))
  }
  builder.path = ''
  return { slopes, thresholds }
}

/** The proximal step of l1 |w|: moves w towards 0 by rate times l1, and to 0 exactly where it is nearer than that. */
export function threshold(builder: Builder, weight: Tensor, rate: Tensor, l1: number): Tensor {
  const by = builder.mul(rate, l1)
  const above = builder.max(builder.sub(weight, by), 0)
  return builder.add(above, builder.min(builder.add(weight, by), 0))
}

function partNamed(name: string, title: string): MetricDescription {
  return { name, title, better: 'lower', percent: false }
}

function sumOf(builder: Builder, terms: readonly Tensor[]): Tensor | undefined {
  return terms.reduce<Tensor | undefined>((sum, term) => (sum ? builder.add(sum, term) : term), undefined)
}
