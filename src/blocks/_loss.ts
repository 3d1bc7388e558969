import { sameShape, showBatch } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { BlockBuilder } from './define.ts'

/** What every loss that compares element by element asks for. */
export function requireSameShape(g: BlockBuilder, prediction: Tensor, target: Tensor): void {
  g.require(
    sameShape(prediction.shape, target.shape),
    'target',
    `the prediction has shape ${showBatch(prediction.shape)} and the target ${showBatch(target.shape)}; they must be equal, so give the last layer as many outputs as there are targets.`,
  )
}
