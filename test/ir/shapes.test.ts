import { describe, expect, test } from 'vitest'
import { attempt } from '../../src/base/problem.ts'
import type { Shape } from '../../src/base/shape.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { ConvGeometry, Dtype, Window } from '../../src/ir/program.ts'
import { slide } from '../../src/ir/shapes.ts'

type Write = (g: Builder, make: (shape: Shape, dtype?: Dtype) => Tensor) => Tensor

function written(write: Write): { shape?: Shape; dtype?: Dtype; problem?: string } {
  const g = new Builder()
  let count = 0
  const result = attempt(() => write(g, (shape, dtype = 'float') => g.input(`x${count++}`, 'data', shape, dtype)))
  if (result.ok) return { shape: result.value.shape, dtype: result.value.dtype }
  return { problem: result.problems.map(({ code, message }) => `${code}: ${message}`).join() }
}

const geometry: ConvGeometry = {
  stride: [1, 1],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  groups: 1,
}
const window: Window = {
  size: [2, 2],
  stride: [2, 2],
  padding: [
    [0, 0],
    [0, 0],
  ],
}

describe('shapes that fit', () => {
  const cases: readonly [string, Write, Shape, Dtype?][] = [
    ['a scalar constant', (g) => g.constant(1), []],
    ['positions', (g) => g.iota(4), [4], 'int'],
    ['comparisons of whole numbers are numbers', (g, x) => g.less(x([3], 'int'), x([3], 'int')), [3]],
    ['operands that are stretched', (g, x) => g.add(x([4, 1, 3]), x([5, 1])), [4, 5, 3]],
    ['a number with a tensor', (g, x) => g.mul(2, x([2, 2])), [2, 2]],
    ['a condition that is stretched', (g, x) => g.select(x([2, 1]), x([2, 3]), 0), [2, 3]],
    ['a sum over some axes', (g, x) => g.sum(x([2, 3, 4]), [0, -1]), [3]],
    ['a sum over all axes', (g, x) => g.sum(x([2, 3])), []],
    ['a position of the greatest', (g, x) => g.argMax(x([2, 3, 4]), 1), [2, 4], 'int'],
    ['a product of matrices', (g, x) => g.dot(x([2, 3]), x([3, 4])), [2, 4]],
    [
      'a product of a batch',
      (g, x) => g.dot(x([5, 2, 3]), x([5, 3, 4]), { contract: [[2], [1]], batch: [[0], [0]] }),
      [5, 2, 4],
    ],
    [
      'a convolution',
      (g, x) => g.conv(x([2, 7, 8, 3]), x([3, 2, 3, 5]), { ...geometry, stride: [2, 3] }),
      [2, 3, 3, 5],
    ],
    [
      'a convolution in groups',
      (g, x) => g.conv(x([1, 4, 4, 6]), x([3, 3, 2, 9]), { ...geometry, groups: 3 }),
      [1, 2, 2, 9],
    ],
    ['a pool that does not divide the picture', (g, x) => g.maxPool(x([1, 5, 7, 2]), window), [1, 2, 3, 2]],
    ['rows by a table of indices', (g, x) => g.take(x([9, 4]), x([2, 3], 'int')), [2, 3, 4]],
    ['rows added up', (g, x) => g.scatterRows(x([2, 3], 'int'), x([2, 3, 4]), 9), [9, 4]],
    ['one-hot rows', (g, x) => g.oneHot(x([5], 'int'), 3), [5, 3]],
    ['softmax', (g, x) => g.softmax(x([2, 3])), [2, 3]],
  ]
  test.each(cases)('%s', (_name, write, shape, dtype = 'float') => {
    expect(written(write)).toEqual({ shape, dtype })
  })
})

describe('shapes that do not fit are refused with both sides named:', () => {
  const cases: readonly [string, Write, RegExp][] = [
    ['unequal operands', (g, x) => g.add(x([2, 3]), x([2, 4])), /^elementwise.shapes: .*\[2, 3\] and \[2, 4\]/],
    ['numbers and indices', (g, x) => g.add(x([2]), x([2], 'int')), /^dtype: .*class indices/],
    ['a function of indices', (g, x) => g.exp(x([2], 'int')), /^dtype: .*class indices/],
    ['an inner size', (g, x) => g.dot(x([2, 3]), x([4, 5])), /^dot.inner: \[2, 3\] and \[4, 5\].*3 values meet 4/],
    ['a reshape', (g, x) => g.reshape(x([2, 3]), [4]), /^reshape.size: \[2, 3\] has 6 elements.*\[4\]/],
    ['a repeat', (g, x) => g.broadcast(x([2]), [3, 3], [0]), /^broadcast.shapes: \[2\].*\[3, 3\]/],
    ['the greatest of nothing', (g, x) => g.reduceMax(x([2, 0]), [1]), /^reduce.empty/],
    ['the position of nothing', (g, x) => g.argMax(x([0])), /^reduce.empty/],
    [
      'no picture',
      (g, x) => g.maxPool(x([2, 3]), window),
      /^image.rank: .*\[batch, height, width, channels\].*\[2, 3\]/,
    ],
    ['a window that is too large', (g, x) => g.maxPool(x([1, 1, 4, 1]), window), /^window.size: A 2 × 2 window.*1 × 4/],
    ['channels', (g, x) => g.conv(x([1, 4, 4, 3]), x([3, 3, 2, 5]), geometry), /^conv.channels: .*2 channels.*has 3/],
    [
      'groups',
      (g, x) => g.conv(x([1, 4, 4, 3]), x([3, 3, 1, 4]), { ...geometry, groups: 2 }),
      /^conv.groups: 2 groups.*3.*4/,
    ],
    [
      'a dilated filter',
      (g, x) => g.conv(x([1, 4, 4, 1]), x([3, 3, 1, 1]), { ...geometry, dilation: [2, 1] }),
      /^window.size/,
    ],
    ['a billion elements', (g, x) => g.add(x([50_000, 1]), x([1, 20_000])), /^shape.size: .*4\.00 GB.*2\.15 GB/],
  ]
  test.each(cases)('%s', (_name, write, expected) => {
    expect(written(write).problem).toMatch(expected)
  })
})

test('a window slides as often as it fits, for all small sizes', () => {
  for (let length = 1; length < 9; length++)
    for (let size = 1; size < 4; size++)
      for (let stride = 1; stride < 4; stride++)
        for (let dilation = 1; dilation < 3; dilation++)
          for (const padding of [
            [0, 0],
            [1, 2],
          ] as const) {
            let count = 0
            // First and last pixel that the window covers, counted in the padded row.
            for (let from = 0; from + dilation * (size - 1) < length + padding[0] + padding[1]; from += stride) count++
            expect(Math.max(slide(length, size, stride, padding, dilation), 0)).toBe(count)
          }
})
