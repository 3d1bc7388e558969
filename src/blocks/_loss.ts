/** What the losses have in common. */
import { choice, real } from '../base/params.ts'
import { sameShape, showBatch } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { BlockBuilder } from './define.ts'

/** Every loss has it, and no `build` looks at it: the total of the network is the sum of weight times loss. */
export const lossWeightParam = real({
  label: 'Weight',
  doc: 'The share of this loss in the total that is learned from: it is multiplied by this. May change while training.',
  default: 1,
  min: 0,
  live: true,
})

export const lossOutput = { loss: { doc: 'a single number', role: 'loss' } } as const

/** What stands at the prediction of a loss between probabilities; `before` is the block that makes them. */
export const expectsParam = (before: 'Softmax' | 'Sigmoid') =>
  choice({
    label: 'Prediction holds',
    doc: `Automatic: what stands before a ${before} block is used where there is one (exact and stable), else the input is taken as logits.`,
    default: 'auto',
    options: { auto: 'Automatic', logits: 'Logits', probabilities: 'Probabilities' },
    advanced: true,
  })

/** What every loss that compares element by element asks for. */
export function requireSameShape(g: BlockBuilder, prediction: Tensor, target: Tensor): void {
  g.require(
    sameShape(prediction.shape, target.shape),
    'target',
    `the prediction has shape ${showBatch(prediction.shape)} and the target ${showBatch(target.shape)}; they must be equal, so give the last layer as many outputs as there are targets.`,
  )
}

/** The logarithm of probabilities, of which none counts as less than 1e-7, the smallest that Keras lets through. */
export function logOf(g: BlockBuilder, probabilities: Tensor): Tensor {
  return g.log(g.max(probabilities, 1e-7))
}

/** ln p along the last axis, from logits or probabilities as `expects` says. */
export function logProbabilities(
  g: BlockBuilder,
  prediction: Tensor,
  expects: 'auto' | 'logits' | 'probabilities',
): Tensor {
  if (expects === 'probabilities') return logOf(g, prediction)
  return g.logSoftmax(expects === 'auto' ? (g.logitsOf(prediction, 'softmax') ?? prediction) : prediction)
}

/** What a person reads of the prediction of such a loss: probabilities. */
export function probabilitiesOf(
  g: BlockBuilder,
  prediction: Tensor,
  { expects }: { readonly expects: unknown },
): Tensor {
  const given = expects === 'probabilities' || (expects === 'auto' && g.logitsOf(prediction, 'softmax'))
  return given ? prediction : g.softmax(prediction)
}

/** A few numbers as a tensor [length]. */
export function rowOf(g: BlockBuilder, values: readonly number[]): Tensor {
  const place = g.iota(values.length)
  return values.reduce<Tensor>(
    (row, value, i) => g.add(row, g.mul(g.equal(place, i), value)),
    g.fill([values.length], 0),
  )
}
