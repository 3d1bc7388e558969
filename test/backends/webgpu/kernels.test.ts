/** Each kernel kind of the WebGPU backend against the same loops in f64, over the same random geometries, as the CPU backend. */
import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { compilePlan } from '../../../src/backends/webgpu/compile.ts'
import type { Kernel } from '../../../src/ir/kernel.ts'
import { difference, expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { cases } from '../kernel-cases.ts'
import { expectedOf, planOf } from '../oracle.ts'
import { makeKernels, runMade, type Made } from '../run-cases.ts'
import { Sandbox } from '../sandbox.ts'
import { missing, openDevice, titled } from './gpu.ts'

/** A software adapter takes tens of milliseconds for each shader. */
const SHARE = 0.25

const runAll = async (made: readonly Made[]) => runMade(made, await openDevice())

describe.skipIf(missing)(titled('kernels'), { timeout: 120_000 }, () => {
  describe.each(cases)('$name', (one) => {
    const count = Math.max(8, Math.round(one.count * SHARE))
    test(`equals the loops over ${count} random geometries`, async () => {
      const made = makeKernels(one, count)
      const out = await runAll(made)
      made.forEach(({ seed, kernel, buffers }, i) => {
        expectedOf([kernel], buffers).forEach((values, k) =>
          expectClose(at(at(out, i), k), values, one.tolerance, `seed ${seed}, buffer ${k}, ${JSON.stringify(kernel)}`),
        )
      })
    })
    test('the comparison sees a wrong kernel', async () => {
      const made = makeKernels(one, 10)
      const out = await runAll(made)
      const complaints = made.filter(({ kernel, buffers }, i) =>
        expectedOf([one.wrong(kernel)], buffers).some(
          (values, k) => difference(at(at(out, i), k), values, one.tolerance) !== undefined,
        ),
      )
      expect(complaints.length).toBeGreaterThanOrEqual(3)
    })
  })

  /** Large enough for the largest tile, and for parts of what is summed over. */
  const dotOf = (box: Sandbox, batch: number, m: number, n: number, k: number): Kernel => {
    const [a, b] = [box.dense([batch, m, k]), box.dense([batch, k, n])]
    return { kind: 'dot', path: 'test', batch, m, n, k, a, b, epilogue: box.epilogue([batch, m, n]) }
  }
  const convOf = (box: Sandbox, variant: 'forward' | 'inputGradient' | 'weightGradient', groups: number): Kernel => {
    const [x, w, y] = [
      [4, 9, 8, 8 * groups],
      [3, 3, 8, 48 * groups],
      [4, 9, 8, 48 * groups],
    ] as const
    const padding = [
      [1, 1],
      [1, 1],
    ] as const
    const [a, b, result] = { forward: [x, w, y], inputGradient: [y, w, x], weightGradient: [x, y, w] }[variant]
    return {
      kind: 'conv',
      path: 'test',
      variant,
      geometry: { stride: [1, 1], dilation: [1, 1], padding, groups },
      x,
      w,
      y,
      a: box.dense(a ?? []),
      b: box.dense(b ?? []),
      epilogue: box.epilogue(result ?? []),
    }
  }
  test.each<readonly [string, (box: Sandbox) => Kernel]>([
    ['tiles of 64 x 64', (box) => dotOf(box, 2, 120, 128, 70)],
    ['tiles of 64 x 64 in parts of k', (box) => dotOf(box, 1, 128, 64, 700)],
    ['a convolution', (box) => convOf(box, 'forward', 1)],
    ['its gradient of the input, in parts', (box) => convOf(box, 'inputGradient', 1)],
    ['its gradient of the weights, in parts', (box) => convOf(box, 'weightGradient', 1)],
    ['a convolution in two groups', (box) => convOf(box, 'forward', 2)],
    ['its gradient of the weights, in two groups and in parts', (box) => convOf(box, 'weightGradient', 2)],
  ])('large products: %s', async (name, makeKernel) => {
    for (const seed of [0, 1]) {
      const box = new Sandbox(seed, name)
      const kernel = makeKernel(box)
      const [out] = await runAll([{ seed, kernel, buffers: box.buffers }])
      expectedOf([kernel], box.buffers).forEach((values, i) => {
        expectClose(at(out ?? [], i), values, TOLERANCE.f32.deep, `seed ${seed}, buffer ${i}`)
      })
      const { entries } = compilePlan(
        planOf(
          [kernel],
          box.buffers.map(({ dtype }) => dtype),
          box.buffers.map(({ data }) => data.length),
        ),
      )
      const codes = entries.get('main')?.dispatches.map(({ code }) => code) ?? []
      expect(codes.length).toBe(name.includes('parts') ? 2 : 1)
      if (name.includes('64 x 64')) expect(codes[0]).toContain('@workgroup_size(256)')
    }
  })

  test('scattered rows that are far more than the values', async () => {
    const box = new Sandbox(1, 'many rows')
    const indices = { buffer: box.buffer(40, 'int', () => box.rng.integer(25)), offset: 0, strides: [1] }
    const sizes = { rows: 300, rowSize: 5, count: 40 } as const
    const [source, output] = [box.dense([40, 5]), box.dense([300, 5])]
    const kernel: Kernel = {
      kind: 'rows',
      path: 'test',
      op: 'scatter',
      ...sizes,
      source,
      indices,
      output,
      dtype: 'float',
    }
    const [out] = await runAll([{ seed: 1, kernel, buffers: box.buffers }])
    expectedOf([kernel], box.buffers).forEach((values, i) => {
      expectClose(at(out ?? [], i), values, TOLERANCE.f32.product)
    })
  })

  test('more elements than one axis of the grid has workgroups for', async () => {
    const size = 65535 * 256 + 1000
    const view = (buffer: number) => ({ buffer, offset: 0, strides: [1] })
    const kernel: Kernel = {
      kind: 'map',
      path: 'test',
      shape: [size],
      expression: {
        loads: [view(0)],
        body: [
          { op: 'load', load: 0, dtype: 'int' },
          { op: 'index', axis: 0, dtype: 'int' },
          { op: 'sub', a: 1, b: 0, dtype: 'int' },
        ],
        stores: [{ view: view(0), value: 2 }],
      },
    }
    const executable = await (await openDevice()).compile(planOf([kernel], ['int'], [size]))
    const triple = new Int32Array(size)
    for (let i = 0; i < size; i++) triple[i] = 3 * i
    await executable.write('b0', triple)
    await executable.run([{ entry: 'main', steps: 1 }])
    const out = await executable.read('b0')
    executable.dispose()
    expect(out.findIndex((value, i) => value !== -2 * i)).toBe(-1)
  })
})
