/**
 * Products of every tile, just below and above its size, against the loops in f64: aligned and not, transposed or not, in parts of
 * k or not. The cut is said here; which one is chosen is for the shapes to say, and tested apart.
 */
import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { stridesOf } from '../../../src/base/shape.ts'
import { productOfConv, conv } from '../../../src/backends/webgpu/conv.ts'
import { productOfDot, dot } from '../../../src/backends/webgpu/dot.ts'
import type { KernelOf } from '../../../src/backends/webgpu/kernel-code.ts'
import { cutOf, productCode, TILES, type Tile } from '../../../src/backends/webgpu/product.ts'
import type { Expression, View } from '../../../src/ir/kernel.ts'
import { difference, expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { expectedOf } from '../oracle.ts'
import { Sandbox } from '../sandbox.ts'
import { gpu, missing, titled } from './gpu.ts'
import { runCode, targetOf } from './run-code.ts'

type Dot = KernelOf<'dot'> & { readonly path: string }
type Conv = KernelOf<'conv'> & { readonly path: string }

interface Options {
  /** Which operands lie with k outermost. */
  readonly turned: readonly [a: boolean, b: boolean]
  /** Words by which all buffers are off. */
  readonly shift: 0 | 1
  readonly parts: number
}

// It must live as long as the device does.
const adapter = await gpu?.requestAdapter()
const device = await adapter?.requestDevice({ requiredFeatures: [], requiredLimits: {} })

const name = ({ rows, columns, down, across }: Tile) => `${rows} x ${columns} by ${down} x ${across}`

/** y = 0.5 result + bias along the columns, and the result as it was, in place of what was there. */
function epilogue(box: Sandbox, shape: readonly number[]): Expression {
  const rank = shape.length
  const along = (axis: number) => shape.map((_, i) => (i === axis ? 1 : 0))
  const bias: View = { buffer: box.buffer(at(shape, rank - 1)), offset: 0, strides: along(rank - 1) }
  const rate: View = { buffer: box.buffer(1), offset: 0, strides: shape.map(() => 0) }
  const plain = box.dense(shape, 'float', 0)
  return {
    loads: [bias, rate, plain],
    body: [
      { op: 'result', dtype: 'float' },
      { op: 'load', load: 0, dtype: 'float' },
      { op: 'load', load: 1, dtype: 'float' },
      { op: 'load', load: 2, dtype: 'float' },
      { op: 'mul', a: 0, b: 2, dtype: 'float' },
      { op: 'add', a: 4, b: 1, dtype: 'float' },
      { op: 'index', axis: rank - 1, dtype: 'int' },
      { op: 'toFloat', a: 6, dtype: 'float' },
      { op: 'add', a: 0, b: 7, dtype: 'float' },
      { op: 'sub', a: 8, b: 3, dtype: 'float' },
    ],
    stores: [
      { view: box.dense(shape, 'float', 0), value: 5 },
      { view: plain, value: 9 },
    ],
  }
}

function makeDot(
  box: Sandbox,
  sizes: readonly [batch: number, m: number, n: number, k: number],
  turned: Options['turned'],
): Dot {
  const [batch, m, n, k] = sizes
  const matrix = (rows: number, columns: number, other: boolean): View => ({
    buffer: box.buffer(batch * rows * columns),
    offset: 0,
    strides: other ? [rows * columns, 1, rows] : stridesOf([batch, rows, columns]),
  })
  return {
    kind: 'dot',
    path: 'test',
    batch,
    m,
    n,
    k,
    a: matrix(m, k, turned[0]),
    b: matrix(k, n, turned[1]),
    epilogue: epilogue(box, [batch, m, n]),
  }
}

function open() {
  if (!adapter || !device) throw new Error(missing)
  return device
}

async function run(kernel: Dot | Conv, box: Sandbox, tile: Tile, { shift, parts }: Pick<Options, 'shift' | 'parts'>) {
  const target = targetOf(box.buffers, shift)
  const product = kernel.kind === 'dot' ? productOfDot(kernel, target) : productOfConv(kernel, target)
  const code = productCode(product, target, { tile, parts })
  const views = kernel.kind === 'dot' ? dot.views(kernel) : conv.views(kernel)
  const out = await runCode(open(), code, views, box.buffers, shift)
  return { out, code: at(code.passes, 0).code }
}

const VECTORS = 'arena: array<vec4<u32>>'

describe.skipIf(missing)(titled('tiles of products'), { timeout: 120_000 }, () => {
  // Fours wherever they can be; nothing divides; k outermost or not; parts of k.
  const cases = (
    tile: Tile,
    i: number,
  ): readonly (readonly [sizes: readonly [number, number, number, number], Options])[] => [
    [
      [1, tile.rows + 4, 2 * tile.columns - 4, 36],
      { turned: [i % 2 === 1, i % 4 > 1], shift: 0, parts: i % 3 === 0 ? 2 : 1 },
    ],
    [
      [2, tile.rows - 1, tile.columns + 1, 21],
      { turned: [i % 4 > 1, i % 2 === 1], shift: 1, parts: i % 3 === 1 ? 2 : 1 },
    ],
  ]
  test.each(TILES.map((tile, i) => [name(tile), tile, i] as const))('%s', async (_, tile, i) => {
    for (const [sizes, options] of cases(tile, i)) {
      const box = new Sandbox(i, 'tiles')
      const kernel = makeDot(box, sizes, options.turned)
      const { out, code } = await run(kernel, box, tile, options)
      const where = `${JSON.stringify(sizes)} ${JSON.stringify(options)}`
      expectedOf([kernel], box.buffers).forEach((values, k) =>
        expectClose(at(out, k), values, TOLERANCE.f32.product, `${where}, buffer ${k}`),
      )
      expect(code.includes(VECTORS), where).toBe(options.shift === 0)
      const wrong = expectedOf([{ ...kernel, k: kernel.k - 1 }], box.buffers)
      expect(wrong.some((values, k) => difference(at(out, k), values, TOLERANCE.f32.product) !== undefined)).toBe(true)
    }
  })

  const large = at(TILES, 0)
  test.each([
    ['all ways to lie, a', [false, false]],
    ['all ways to lie, b', [true, false]],
    ['all ways to lie, c', [false, true]],
    ['all ways to lie, d', [true, true]],
  ] as const)('the largest tile: %s', async (_, turned) => {
    const box = new Sandbox(3, 'large')
    const kernel = makeDot(box, [1, 132, 136, 40], turned)
    const { out, code } = await run(kernel, box, large, { shift: 0, parts: 1 })
    expect(code).toContain(VECTORS)
    expectedOf([kernel], box.buffers).forEach((values, k) => expectClose(at(out, k), values, TOLERANCE.f32.product))
  })

  const convOf = (
    box: Sandbox,
    variant: Conv['variant'],
    channels: readonly [number, number],
    stride: number,
  ): Conv => {
    const groups = 2
    const [inner, each] = channels
    const padding = [
      [1, 1],
      [2, 0],
    ] as const
    const out = (size: number, kernel: number, both: number, dilation: number) =>
      Math.floor((size + both - dilation * (kernel - 1) - 1) / stride) + 1
    const x = [2, 9, 8, inner * groups] as const
    const w = [3, 2, inner, each * groups] as const
    const y = [2, out(9, 3, 2, 1), out(8, 2, 2, 3), each * groups] as const
    const [a, b, result] = { forward: [x, w, y], inputGradient: [y, w, x], weightGradient: [x, y, w] }[variant]
    const dense = (shape: readonly number[] | undefined) => box.dense(shape ?? [], 'float', 0)
    return {
      kind: 'conv',
      path: 'test',
      variant,
      geometry: { stride: [stride, stride], dilation: [1, 3], padding, groups },
      x,
      w,
      y,
      a: dense(a),
      b: dense(b),
      epilogue: epilogue(box, result ?? []),
    }
  }
  const variants = ['forward', 'inputGradient', 'weightGradient'] as const
  test.each(variants.flatMap((variant) => [1, 2, 3].map((stride) => [variant, stride] as const)))(
    'convolutions in vectors and without: %s, stride %i',
    async (variant, stride) => {
      for (const [channels, shift, parts] of [
        [[8, 12], 0, 1],
        [[4, 8], 0, 2],
        [[5, 6], 1, 1],
      ] as const) {
        const box = new Sandbox(stride, variant)
        const kernel = convOf(box, variant, channels, stride)
        const { out, code } = await run(kernel, box, at(TILES, TILES.length - 3), { shift, parts })
        expect(code.includes(VECTORS)).toBe(shift === 0)
        expectedOf([kernel], box.buffers).forEach((values, k) =>
          expectClose(
            at(out, k),
            values,
            TOLERANCE.f32.product,
            `${variant} ${stride} ${channels.join()}, buffer ${k}`,
          ),
        )
        const padding = [
          [0, 2],
          [2, 0],
        ] as const
        const wrong = expectedOf([{ ...kernel, geometry: { ...kernel.geometry, padding } }], box.buffers)
        expect(wrong.some((values, k) => difference(at(out, k), values, TOLERANCE.f32.product) !== undefined)).toBe(
          true,
        )
      }
    },
  )
})

describe('the cut of a product', () => {
  const cut = (m: number, n: number, k: number, narrow = false) => cutOf({ batch: 1, m, n, k }, { narrow })
  test('large products have large tiles, with less in registers where there are few', () => {
    expect(cut(2048, 2048, 2048)).toMatchObject({ tile: { rows: 128, columns: 128 }, parts: 1 })
    expect(cut(2048, 2048, 2048, true).tile.down * cut(2048, 2048, 2048, true).tile.across).toBe(32)
  })
  test('tiles are no wider than the result needs', () => {
    expect(cut(4096, 10, 128).tile.columns).toBe(16)
    expect(cut(10, 4096, 128).tile.rows).toBe(16)
  })
  test('long sums with few results are cut along k', () => {
    expect(cut(32, 32, 32768).parts).toBeGreaterThan(16)
    expect(cut(2048, 2048, 32768).parts).toBe(1)
  })
  test('no tile takes more than every device has', () => {
    for (const { rows, columns, down, across } of TILES) {
      expect((rows * columns) / (down * across)).toBeLessThanOrEqual(256)
      expect(4 * 16 * (rows + columns)).toBeLessThanOrEqual(16384)
    }
  })
  test('a dispatch does not take too long, and all of them together make every result', () => {
    const [m, n, k] = [8192, 4096, 4096]
    const dense = (shape: readonly number[]): View => ({ buffer: 0, offset: 0, strides: stridesOf(shape) })
    const kernel: Dot = {
      kind: 'dot',
      path: 'test',
      batch: 1,
      m,
      n,
      k,
      a: dense([1, m, k]),
      b: dense([1, k, n]),
      epilogue: { loads: [], body: [{ op: 'result', dtype: 'float' }], stores: [{ view: dense([1, m, n]), value: 0 }] },
    }
    const target = { aligned: () => true, features: new Set<string>(), narrow: false }
    const { passes } = dot.emit(kernel, target)
    const { tile } = cutOf(kernel, target)
    const products = (groups: number) => groups * tile.rows * tile.columns * k
    expect(passes.length).toBeGreaterThan(10)
    for (const { groups } of passes) expect(products(groups)).toBeLessThanOrEqual(4e9)
    expect(passes.reduce((sum, { groups }) => sum + products(groups), 0)).toBe(m * n * k)
    expect(new Set(passes.map(({ code }) => code)).size).toBe(passes.length)
  })
})
