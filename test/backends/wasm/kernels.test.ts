/** Each kernel kind of the CPU backend against loops in f64, over many random geometries. */
import { setFlagsFromString } from 'node:v8'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import type { Kernel } from '../../../src/ir/kernel.ts'
import { accepts } from '../../../src/backends/wasm/choose.ts'
import { CpuDevice } from '../../../src/backends/wasm/index.ts'
import { plain, variants, type Variant } from '../../../src/backends/wasm/variant.ts'
import { difference, expectClose, type Tolerance } from '../../helpers/tolerance.ts'
import { cases, randomConv } from '../kernel-cases.ts'
import { expectedOf } from '../oracle.ts'
import { Sandbox } from '../sandbox.ts'
import { startCrew, type TestCrew } from './crew.ts'
import { runKernels } from './run-kernels.ts'

// Node 20 has the fused multiply-add behind a flag, later versions as they come; 256 bits change speed, not what is computed.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Runs one random kernel; `make` puts its buffers into the sandbox. */
async function check(
  seed: number,
  name: string,
  make: (box: Sandbox) => Kernel,
  tolerance: Tolerance,
  variant: Variant = plain,
): Promise<void> {
  const box = new Sandbox(seed, name)
  const kernel = make(box)
  const actual = await runKernels([kernel], box.buffers, variant)
  const expected = expectedOf([kernel], box.buffers)
  expected.forEach((values, i) =>
    expectClose(at(actual, i), values, tolerance, `seed ${seed}, buffer ${i}, ${JSON.stringify(kernel)}`),
  )
}

/** The same comparison must complain when the oracle is told of another kernel (where that makes a difference at all). */
async function control(
  name: string,
  make: (box: Sandbox) => Kernel,
  wrong: (kernel: Kernel) => Kernel,
  tolerance: Tolerance,
): Promise<void> {
  let complaints = 0
  for (const seed of seeds(10)) {
    const box = new Sandbox(seed, name)
    const kernel = make(box)
    const actual = await runKernels([kernel], box.buffers)
    const expected = expectedOf([wrong(kernel)], box.buffers)
    if (expected.some((values, i) => difference(at(actual, i), values, tolerance) !== undefined)) complaints++
  }
  expect(complaints).toBeGreaterThanOrEqual(3)
}

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i)
// On a busy machine even short tests take their time.
describe.each(cases)('$name', { timeout: 60_000 }, ({ name, count, make, tolerance, wrong }) => {
  test(`equals the loops over ${count} random geometries`, async () => {
    for (const seed of seeds(count)) await check(seed, name, make, tolerance)
  })
  test('the comparison sees a wrong kernel', () => control(name, make, wrong, tolerance))
})

test('this version of Node accepts every variant', () => {
  expect(variants.filter(accepts)).toEqual(variants)
})

const varied = cases.filter(({ name }) => /map|dot|conv|pool/.test(name))
describe.each(variants.slice(1))('$title', { timeout: 60_000 }, (variant) => {
  test.each(varied)(
    '$name equals the loops over $count random geometries',
    async ({ name, count, make, tolerance }) => {
      for (const seed of seeds(count)) await check(seed, name, make, tolerance, variant)
    },
  )
})

// Everything is worth sharing here, so that even small kernels are cut into all of their units.
describe('with threads', { timeout: 60_000 }, () => {
  const alone = new CpuDevice(plain, undefined, 0)
  let crew: TestCrew
  beforeAll(async () => {
    crew = await startCrew(2)
  }, 60_000)
  afterAll(() => crew.end())

  const run = async (seed: number, name: string, make: (box: Sandbox) => Kernel, device: CpuDevice) => {
    const box = new Sandbox(seed, name)
    const kernel = make(box)
    return { kernel, out: await runKernels([kernel], box.buffers, device), expected: expectedOf([kernel], box.buffers) }
  }

  test.each(cases)('$name cut into units equals the loops, and three threads give the same bits', async (one) => {
    const { name, count, make, tolerance } = one
    const team = new CpuDevice(plain, crew, 0)
    for (const seed of seeds(count)) {
      const { kernel, out, expected } = await run(seed, name, make, alone)
      const what = `seed ${seed}, ${JSON.stringify(kernel)}`
      expected.forEach((values, i) => expectClose(at(out, i), values, tolerance, what))
      const shared = await run(seed, name, make, team)
      expect(shared.out, what).toEqual(out)
    }
  })

  test('the comparison of bits sees another order of summing', async () => {
    let apart = 0
    for (const seed of seeds(20)) {
      const make = randomConv('weightGradient')
      const uncut = await run(seed, 'order', make, new CpuDevice(plain))
      const cut = await run(seed, 'order', make, alone)
      if (JSON.stringify(uncut.out) !== JSON.stringify(cut.out)) apart++
    }
    expect(apart).toBeGreaterThan(0)
  })
})
