/** What the blocks that join values have in common: two ports that must be wired, and two more that may be. */
import { sameShape, showBatch } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { BlockBuilder } from './define.ts'

export const mergePorts = {
  inputs: {
    a: { doc: 'any shape' },
    b: { doc: 'the same shape' },
    c: { doc: 'the same shape; may stay open', optional: true },
    d: { doc: 'the same shape; may stay open', optional: true },
  },
  outputs: { y: { doc: 'the same shape' } },
} as const

export const mergeExamples = [
  { inputs: { a: [2, 3], b: [2, 3] }, outputs: { y: [2, 3] } },
  { inputs: { a: [2, 3, 2], b: [2, 3, 2], c: [2, 3, 2] }, outputs: { y: [2, 3, 2] } },
  { inputs: { a: [2, 3], b: [2, 3], c: [2, 3], d: [2, 3] }, outputs: { y: [2, 3] } },
] as const

export interface Merged {
  readonly a: Tensor
  readonly b: Tensor
  readonly c: Tensor | undefined
  readonly d: Tensor | undefined
}

/** What is connected, by port. */
export const connected = ({ a, b, c, d }: Merged): [port: string, value: Tensor][] =>
  Object.entries({ a, b, c, d }).flatMap(([port, value]) => (value ? [[port, value]] : []))

/** The values that are connected, of one shape. */
export function equalShapes(g: BlockBuilder, inputs: Merged): Tensor[] {
  const { a } = inputs
  return connected(inputs).map(([port, value]) => {
    g.require(
      sameShape(a.shape, value.shape),
      port,
      `a has shape ${showBatch(a.shape)} and ${port} ${showBatch(value.shape)}; they must be equal.`,
    )
    return value
  })
}
