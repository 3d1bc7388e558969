/** What the blocks that join two values element by element have in common. */
import { sameShape, showBatch } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { BlockBuilder } from './define.ts'

export const mergePorts = {
  inputs: { a: { doc: 'any shape' }, b: { doc: 'the same shape' } },
  outputs: { y: { doc: 'the same shape' } },
} as const

export const mergeExamples = [{ inputs: { a: [2, 3], b: [2, 3] }, outputs: { y: [2, 3] } }] as const

export function requireEqual(g: BlockBuilder, a: Tensor, b: Tensor): void {
  g.require(
    sameShape(a.shape, b.shape),
    'b',
    `a has shape ${showBatch(a.shape)} and b ${showBatch(b.shape)}; they must be equal.`,
  )
}
