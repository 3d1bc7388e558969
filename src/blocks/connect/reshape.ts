import { list } from '../../base/params.ts'
import { showBatch, sizeOf } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'reshape',
  family: 'connect',
  title: 'Reshape',
  doc: 'Lays the numbers of each example out in another shape, row by row in the same order: a list as a picture, a picture as a sequence of its rows.',
  formula: 'y = the numbers of x in the same order, as batch × shape',
  source: 'Keras Reshape, torch.nn.Unflatten',
  aliases: ['view', 'unflatten', 'layout', 'fold', 'shape'],
  params: {
    shape: list({
      label: 'Shape',
      doc: 'Sizes of the axes after the batch, e.g. 28, 28, 1; one of them may be -1 and then takes what is left.',
      default: [-1],
      min: -1,
    }),
  },
  inputs: { x: { doc: '[batch, ...]' } },
  outputs: { y: { doc: '[batch, ...shape]' } },
  build(g, { x }, p) {
    const [batch = 0, ...axes] = x.shape
    const size = sizeOf(axes)
    const open = p.shape.filter((length) => length === -1).length
    const known = sizeOf(p.shape.filter((length) => length !== -1))
    const target = p.shape.join(', ')
    g.require(
      open <= 1 && !p.shape.includes(0),
      'x',
      open > 1
        ? `the shape ${target} leaves more than one axis open; give at most one -1.`
        : `the shape ${target} has an axis of length 0; give each at least 1, or one of them -1.`,
    )
    g.require(
      open === 1 ? size % known === 0 : size === known,
      'x',
      `${size} numbers of each example (${showBatch(x.shape)}) can't be laid out as ${target}, ` +
        (open === 1
          ? `because ${known} does not divide ${size}; change the shape.`
          : `which holds ${known}; change the shape, or give one of its axes as -1.`),
    )
    return { y: g.reshape(x, [batch, ...p.shape.map((length) => (length === -1 ? size / known : length))]) }
  },
  examples: [
    { params: { shape: [4, 3, 1] }, inputs: { x: [2, 12] }, outputs: { y: [2, 4, 3, 1] } },
    { params: { shape: [4, -1] }, inputs: { x: [2, 4, 3, 2] }, outputs: { y: [2, 4, 6] } },
    { inputs: { x: [2, 3, 4] }, outputs: { y: [2, 12] } },
  ],
})
