import { int } from '../../base/params.ts'
import { sameShape, showBatch } from '../../base/shape.ts'
import { connected } from '../_merge.ts'
import { defineBlock } from '../define.ts'

const more = { doc: 'as a but for that axis; may stay open', optional: true } as const

export default defineBlock({
  type: 'concat',
  family: 'connect',
  title: 'Concat',
  doc: 'Puts two to four values one behind the other along an axis, the channels or features by default; U-Net and Inception join their branches so.',
  formula: 'y = [a, b, c, d] along the axis',
  source: 'torch.cat, Keras Concatenate; Szegedy et al. 2015',
  aliases: ['concatenate', 'join', 'merge', 'stack', 'skip connection', 'depth concat', 'append'],
  params: {
    axis: int({
      label: 'Axis',
      doc: 'Along which axis: 1 is the first after the batch, -1 the last (features or channels).',
      default: -1,
      min: -1,
      max: 7,
    }),
  },
  inputs: { a: { doc: '[batch, ...]' }, b: { doc: 'as a but for the axis that is joined along' }, c: more, d: more },
  outputs: { y: { doc: '[batch, ...], as long along the axis as all inputs together' } },
  build(g, inputs, p) {
    const { a } = inputs
    const rank = a.shape.length
    const axis = p.axis === -1 ? rank - 1 : p.axis
    g.require(
      axis !== 0,
      'a',
      'axis 0 is the batch, and examples are not joined with one another; choose 1, 2, … or -1.',
    )
    g.require(
      axis < rank,
      'a',
      `a has shape ${showBatch(a.shape)} and so no axis ${axis}; choose one from 1 to ${rank - 1}, or -1 for the last.`,
    )
    const parts = connected(inputs).map(([port, value]) => {
      const others = (shape: readonly number[]) => shape.filter((_, i) => i !== axis)
      g.require(
        value.shape.length === rank && sameShape(others(value.shape), others(a.shape)),
        port,
        `a has shape ${showBatch(a.shape)} and ${port} ${showBatch(value.shape)}; to be joined along axis ${axis} they must agree in all others.`,
      )
      return value
    })
    return { y: g.concat(parts, axis) }
  },
  examples: [
    { inputs: { a: [2, 3], b: [2, 4] }, outputs: { y: [2, 7] } },
    { inputs: { a: [2, 3, 2, 1], b: [2, 3, 2, 4], c: [2, 3, 2, 2] }, outputs: { y: [2, 3, 2, 7] } },
    {
      params: { axis: 1 },
      inputs: { a: [2, 3, 2], b: [2, 1, 2], c: [2, 2, 2], d: [2, 5, 2] },
      outputs: { y: [2, 11, 2] },
    },
  ],
})
