/** Reductions by subgroups, where the adapter has them, give what those without do: both against the loops in f64. */
import { expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { stridesOf } from '../../../src/base/shape.ts'
import { reduce, reductionOf } from '../../../src/backends/webgpu/reduce.ts'
import { reductionCode } from '../../../src/backends/webgpu/reduction.ts'
import type { Kernel } from '../../../src/ir/kernel.ts'
import type { KernelOf } from '../../../src/backends/webgpu/kernel-code.ts'
import { expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { expectedOf } from '../oracle.ts'
import { Sandbox } from '../sandbox.ts'
import { gpu, missing, titled } from './gpu.ts'
import { runCode, targetOf } from './run-code.ts'

const feature = 'subgroups'
// It must live as long as the device does.
const adapter = await gpu?.requestAdapter()
const known = adapter?.features.has(feature) === true
const device = known ? await adapter.requestDevice({ requiredFeatures: [feature], requiredLimits: {} }) : undefined
const reason = missing || 'the adapter has no subgroups'

type Reduce = KernelOf<'reduce'> & Kernel

function make(box: Sandbox, op: 'sum' | 'max', rows: number, over: number): Reduce {
  const views = [box.dense([rows, over]), box.dense([rows])] as const
  return {
    kind: 'reduce',
    path: 'test',
    op,
    shape: [rows],
    over: [over],
    loads: [{ ...views[0], strides: stridesOf([rows, over]) }],
    body: [{ op: 'load', load: 0, dtype: 'float' }],
    value: 0,
    epilogue: { loads: [], body: [{ op: 'result', dtype: 'float' }], stores: [{ view: views[1], value: 0 }] },
  }
}

test.skipIf(!device).each([
  ['sum', 3, 1000],
  ['sum', 2, 70000],
  ['max', 4, 517],
] as const)(titled(`%s of %i x %i${device ? '' : ` (skipped: ${reason})`}`), async (op, rows, over) => {
  if (!device) return
  const box = new Sandbox(over, op)
  const kernel = make(box, op, rows, over)
  const codes = [[feature], []].map((features) => {
    const target = targetOf(box.buffers, 0, features)
    return reductionCode(reductionOf(kernel), target)
  })
  expect(at(at(codes, 0).passes, 0).code).toContain(op === 'sum' ? 'subgroupAdd(' : 'subgroupMax(')
  expect(at(at(codes, 1).passes, 0).code).not.toContain('subgroup')
  for (const code of codes) {
    const out = await runCode(device, code, reduce.views(kernel), box.buffers, 0)
    expectedOf([kernel], box.buffers).forEach((values, k) => expectClose(at(out, k), values, TOLERANCE.f32.deep))
  }
  // One element less is not the same, so that nothing is left out unseen.
  const [short] = [expectedOf([{ ...kernel, over: [over - 1] }], box.buffers)]
  if (op === 'sum')
    expect(() => expectClose(at(short, 1), at(expectedOf([kernel], box.buffers), 1), TOLERANCE.f32.deep)).toThrow()
})
