import { at } from '../../base/assert.ts'
import { pair } from '../../base/params.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../ir/builder.ts'
import { requireImage } from '../_image.ts'
import { kindParam, noPadding, pool, type PoolKind } from '../_pool.ts'
import { defineBlock, type BlockBuilder } from '../define.ts'

export default defineBlock({
  type: 'adaptivePooling',
  family: 'connect',
  title: 'Adaptive Pooling',
  doc: 'Divides a picture of any size into a fixed number of parts and keeps the mean or the greatest value of each, so that what follows always gets the same size.',
  formula: 'y[i, j, c] = mean or max of x[a, b, c] over ⌊i·H/h⌋ ≤ a < ⌈(i+1)·H/h⌉ and ⌊j·W/w⌋ ≤ b < ⌈(j+1)·W/w⌉',
  source: 'torch.nn.AdaptiveAvgPool2d, torch.nn.AdaptiveMaxPool2d',
  aliases: ['adaptive average pooling', 'adaptive max pooling', 'spatial pyramid', 'resize'],
  params: {
    kind: { ...kindParam, default: 'average' },
    size: pair({ label: 'Output size', doc: 'Height and width of the result in pixels.', default: [2, 2], min: 1 }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, output height, output width, channels]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    // Columns first: among equal values of one part, the first of the first row stays the greatest.
    return { y: divide(g, divide(g, x, 2, p.size[1], p.kind), 1, p.size[0], p.kind) }
  },
  examples: [
    { inputs: { x: [2, 5, 7, 3] }, outputs: { y: [2, 2, 2, 3] } },
    { params: { kind: 'max', size: [3, 2] }, inputs: { x: [2, 5, 4, 2] }, outputs: { y: [2, 3, 2, 2] } },
    { params: { size: [1, 3] }, inputs: { x: [2, 3, 6, 2] }, outputs: { y: [2, 1, 3, 2] } },
    { params: { size: [3, 4] }, inputs: { x: [2, 2, 4, 1] }, outputs: { y: [2, 3, 4, 1] } },
  ],
})

/** `count` parts of one axis, each reduced to one. Where they don't divide it, neighbours share a pixel. */
function divide(g: BlockBuilder, x: Tensor, axis: 1 | 2, count: number, kind: PoolKind): Tensor {
  const length = at(x.shape, axis)
  if (length % count === 0) {
    const size = length / count
    const window = axis === 1 ? ([size, 1] as const) : ([1, size] as const)
    return pool(g, x, kind, { size: window, stride: window, padding: noPadding })
  }
  // The pixels of all parts one below the other, each part as long as the longest may be: a shorter one repeats its last
  // pixel, which changes no maximum and has no weight in a mean.
  const longest = 1 + Math.ceil((length - 1) / count)
  const whole = (value: number) => g.constant(value, 'int')
  const [part, pixel, step] = [g.reshape(g.iota(count), [count, 1]), g.iota(length), g.iota(longest)]
  // ⌊i L / n⌋ and ⌈(i + 1) L / n⌉ as counts of the pixels before them, in whole numbers.
  const begin = g.mul(part, whole(length))
  const before = (from: Tensor, to: Tensor) => g.convert(g.reshape(g.sum(g.less(from, to), [1]), [count, 1]), 'int')
  const first = before(g.mul(g.add(pixel, whole(1)), whole(count)), g.add(begin, whole(1)))
  const end = before(g.mul(pixel, whole(count)), g.add(begin, whole(length)))
  const place = g.min(g.add(first, step), g.sub(end, whole(1)))

  const order = axis === 1 ? [1, 0, 2, 3] : [2, 0, 1, 3]
  const back = axis === 1 ? order : [1, 2, 0, 3]
  const lines = g.transpose(x, order)
  const others = lines.shape.slice(1)
  const taken = g.reshape(g.take(lines, place), [1, count * longest, 1, sizeOf(others)])
  const window = { size: [longest, 1], stride: [longest, 1], padding: noPadding } as const
  const reduce = () => {
    if (kind === 'max') return g.maxPool(taken, window)
    const size = g.sub(end, first)
    const weight = g.div(g.less(step, size), g.convert(size, 'float'))
    return g.sumPool(g.mul(taken, g.reshape(weight, [count * longest, 1, 1])), window)
  }
  return g.transpose(g.reshape(reduce(), [count, ...others]), back)
}
