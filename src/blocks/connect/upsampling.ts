import { at } from '../../base/assert.ts'
import { choice, pair } from '../../base/params.ts'
import type { Operand, Tensor } from '../../ir/builder.ts'
import { requireImage } from '../_image.ts'
import { defineBlock, type BlockBuilder } from '../define.ts'

export default defineBlock({
  type: 'upsampling',
  family: 'connect',
  title: 'Upsampling',
  doc: 'Makes a picture larger by a whole factor without learning anything: repeats its pixels, or passes evenly from one to the next.',
  formula:
    'nearest: y[i] = x[⌊i / s⌋]; bilinear: y[i] = (1 - f) x[⌊k⌋] + f x[⌊k⌋ + 1] with k = (i + ½) / s - ½ and f = k - ⌊k⌋, the rim repeated',
  source: 'torch.nn.Upsample (align_corners=False), Keras UpSampling2D',
  aliases: ['resize', 'interpolation', 'bilinear', 'nearest neighbour', 'enlarge', 'UpSampling2D'],
  params: {
    factor: pair({ label: 'Factor', doc: 'How many times as high and as wide.', default: [2, 2], min: 1 }),
    method: choice({
      label: 'Method',
      doc: 'Nearest repeats each pixel; bilinear passes evenly from the middle of one pixel to the middle of the next.',
      default: 'nearest',
      options: { nearest: 'Nearest', bilinear: 'Bilinear' },
    }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, factor · height, factor · width, channels]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const stretch = p.method === 'nearest' ? repeat : interpolate
    return { y: stretch(g, stretch(g, x, 1, p.factor[0]), 2, p.factor[1]) }
  },
  examples: [
    { inputs: { x: [2, 3, 2, 3] }, outputs: { y: [2, 6, 4, 3] } },
    { params: { method: 'bilinear' }, inputs: { x: [2, 3, 4, 2] }, outputs: { y: [2, 6, 8, 2] } },
    {
      params: { method: 'bilinear', factor: [3, 1] },
      inputs: { x: [2, 2, 5, 1] },
      outputs: { y: [2, 6, 5, 1] },
    },
  ],
})

/** Where each of `factor` new pixels has an axis of its own behind the old one's. */
const spread = (x: Tensor, axis: number, factor: number) => [
  ...x.shape.slice(0, axis + 1),
  factor,
  ...x.shape.slice(axis + 1),
]
const merged = (x: Tensor, axis: number, factor: number) =>
  x.shape.map((size, i) => (i === axis ? size * factor : size))

function repeat(g: BlockBuilder, x: Tensor, axis: 1 | 2, factor: number): Tensor {
  const columns = g.reshape(x, spread(x, axis, 1))
  return g.reshape(g.broadcastTo(columns, spread(x, axis, factor)), merged(x, axis, factor))
}

function interpolate(g: BlockBuilder, x: Tensor, axis: 1 | 2, factor: number): Tensor {
  if (factor === 1) return x
  const length = at(x.shape, axis)
  const part = (first: number, count: number) =>
    g.slice(
      x,
      x.shape.map((_, i) => (i === axis ? first : 0)),
      x.shape.map((size, i) => (i === axis ? count : size)),
    )
  // The neighbours of each pixel; beyond the rim it is its own.
  const before = length === 1 ? x : g.concat([part(0, 1), part(0, length - 1)], axis)
  const after = length === 1 ? x : g.concat([part(1, length - 1), part(length - 1, 1)], axis)
  // The middle of new pixel i lies (2 i - (factor - 1)) / (2 factor) behind that of the old one that it is in; as far as it
  // does, it takes part in the neighbour on that side.
  const twice = g.mul(g.iota(factor), g.constant(2, 'int'))
  const weight = (from: Operand, to: Operand) => {
    const distance = g.convert(g.max(g.sub(to, from), g.constant(0, 'int')), 'float')
    return g.div(g.reshape(distance, [factor, ...x.shape.slice(axis + 1).map(() => 1)]), 2 * factor)
  }
  const [back, on] = [weight(twice, factor - 1), weight(factor - 1, twice)]
  const share = (value: Tensor, part: Tensor) => g.mul(g.reshape(value, spread(x, axis, 1)), part)
  const sides = g.add(share(before, back), share(after, on))
  return g.reshape(g.add(share(x, g.sub(1, g.add(back, on))), sides), merged(x, axis, factor))
}
