/** Slots, chunks of steps, the stop flag, and what the CPU backend promises as a whole. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test, vi } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { ProblemError } from '../../../src/base/problem.ts'
import type { Kernel, Scalar } from '../../../src/ir/kernel.ts'
import type { Plan } from '../../../src/ir/plan.ts'
import { accepts, chooseVariant, productTime } from '../../../src/backends/wasm/choose.ts'
import { plain, variants } from '../../../src/backends/wasm/variant.ts'
import { ARENA } from '../../../src/backends/wasm/compile.ts'
import wasm from '../../../src/backends/wasm/index.ts'
import type { Buffer } from '../oracle.ts'
import { Sandbox } from '../sandbox.ts'
import { open, runKernels } from './run-kernels.ts'

const view = (buffer: number, strides: readonly number[], offset = 0) => ({ buffer, offset, strides })
const program = { values: [], inputs: [], equations: [], outputs: [] }

/** state += input of the step; the state after each step is recorded. Rows of 5 floats, 64 or 20 bytes apart. */
function accumulatePlan(stepBytes: number, extra: readonly Kernel[] = []): Plan {
  const chunk = 6
  const body: Scalar[] = [
    { op: 'load', load: 0, dtype: 'float' },
    { op: 'load', load: 1, dtype: 'float' },
    { op: 'add', a: 0, b: 1, dtype: 'float' },
  ]
  const kernel: Kernel = {
    kind: 'map',
    path: 'test',
    shape: [5],
    expression: {
      loads: [view(0, [1]), view(1, [1])],
      body,
      stores: [
        { view: view(0, [1]), value: 2 },
        { view: view(2, [1]), value: 2 },
      ],
    },
  }
  const room = chunk * 64
  return {
    slots: [
      { name: 'state', role: 'state', shape: [5], dtype: 'float', buffer: 0, rows: 1 },
      { name: 'train/input', role: 'step', shape: [5], dtype: 'float', buffer: 1, rows: chunk },
      { name: 'train/output', role: 'result', shape: [5], dtype: 'float', buffer: 2, rows: chunk },
    ],
    buffers: [
      { id: 0, dtype: 'float', size: 5, offset: 0, stepBytes: 0 },
      { id: 1, dtype: 'float', size: 5, offset: 64, stepBytes },
      { id: 2, dtype: 'float', size: 5, offset: 64 + room, stepBytes },
    ],
    entries: [{ name: 'train', chunk, kernels: [kernel, ...extra], program }],
    arenaBytes: 64 + 2 * room,
  }
}

const inputs = (steps: number) => Float64Array.from({ length: 5 * steps }, (_, i) => i + 1)
const sumsOf = (data: Float64Array, steps: number) =>
  Array.from({ length: 5 * steps }, (_, i) => {
    let sum = 0
    for (let j = i % 5; j <= i; j += 5) sum += at(data, j)
    return sum
  })

describe.each([20, 64])('a chunk of steps with rows %i bytes apart', (stepBytes) => {
  test('reads and records a row for each step', async () => {
    const executable = await open(accumulatePlan(stepBytes))
    const data = inputs(6)
    await executable.write('train/input', data)
    expect(await executable.run([{ entry: 'train', steps: 4 }])).toBe(4)
    expect([...(await executable.read('train/output', 20))]).toEqual(sumsOf(data, 4))
    expect([...(await executable.read('train/output'))].slice(20)).toEqual(new Array(10).fill(0))
    expect([...(await executable.read('state'))]).toEqual(sumsOf(data, 4).slice(15))
  })

  test('goes on from the state of the last chunk', async () => {
    const executable = await open(accumulatePlan(stepBytes))
    const data = inputs(6)
    await executable.write('train/input', data)
    await executable.run([{ entry: 'train', steps: 6 }])
    await executable.run([{ entry: 'train', steps: 0 }])
    await executable.write('train/input', data.subarray(0, 5))
    await executable.run([{ entry: 'train', steps: 1 }])
    const last = sumsOf(data, 6).slice(25)
    expect([...(await executable.read('state'))]).toEqual(last.map((value, i) => value + at(data, i)))
  })
})

const endlessSteps = 2 ** 31 - 1

/** Counts its steps, for many seconds. */
const endlessPlan: Plan = {
  slots: [{ name: 'count', role: 'state', shape: [1], dtype: 'int', buffer: 0, rows: 1 }],
  buffers: [{ id: 0, dtype: 'int', size: 1, offset: 0, stepBytes: 0 }],
  entries: [
    {
      name: 'main',
      chunk: endlessSteps,
      program,
      kernels: [
        {
          kind: 'map',
          path: 'test',
          shape: [1],
          expression: {
            loads: [view(0, [1])],
            body: [
              { op: 'load', load: 0, dtype: 'int' },
              { op: 'constant', value: 1, dtype: 'int' },
              { op: 'add', a: 0, b: 1, dtype: 'int' },
            ],
            stores: [{ view: view(0, [1]), value: 2 }],
          },
        },
      ],
    },
  ],
  arenaBytes: 64,
}

describe('the stop flag', () => {
  test('set before a run, stops it and the next before their first step, until it is taken back', async () => {
    const executable = await open(accumulatePlan(64))
    await executable.write('train/input', inputs(6))
    executable.stopFlag[0] = 1
    expect(await executable.run([{ entry: 'train', steps: 6 }])).toBe(0)
    expect(await executable.run([{ entry: 'train', steps: 6 }])).toBe(0)
    executable.stopFlag[0] = 0
    expect([...(await executable.read('state'))]).toEqual([0, 0, 0, 0, 0])
    expect(await executable.run([{ entry: 'train', steps: 6 }])).toBe(6)
  })

  test('set while step 3 runs, ends the run after it', async () => {
    // The flag lies ahead of the arena; a kernel that writes there acts as the other thread would.
    const flag: Kernel = {
      kind: 'map',
      path: 'test',
      shape: [],
      expression: {
        loads: [view(0, [])],
        body: [
          { op: 'constant', value: 17, dtype: 'float' },
          { op: 'load', load: 0, dtype: 'float' },
          { op: 'less', a: 0, b: 1, dtype: 'float' },
          { op: 'toInt', a: 2, dtype: 'int' },
        ],
        stores: [{ view: view(0, [], -ARENA / 4), value: 3 }],
      },
    }
    const executable = await open(accumulatePlan(64, [flag]))
    const data = inputs(6)
    await executable.write('train/input', data)
    // state[0] is 1, 7, 18 after steps 1, 2, 3
    expect(await executable.run([{ entry: 'train', steps: 6 }])).toBe(3)
    expect([...(await executable.read('state'))]).toEqual(sumsOf(data, 3).slice(10))

    // Where a pass ends with that step, none begins after it.
    const passes = [2, 1, 3].map((steps) => ({ entry: 'train', steps }))
    const other = await open(accumulatePlan(64, [flag]))
    await other.write('train/input', data)
    expect(await other.run(passes)).toBe(3)
    expect([...(await other.read('state'))]).toEqual(sumsOf(data, 3).slice(10))
    // The control: passes that are asked for one by one go on.
    const control = await open(accumulatePlan(64, [flag]))
    await control.write('train/input', data)
    for (const pass of passes) await control.run([pass])
    expect([...(await control.read('state'))]).not.toEqual(sumsOf(data, 3).slice(10))
  })

  test('set by another thread, ends a run that would take long', async () => {
    const executable = await open(endlessPlan)
    const code = `const { workerData } = require('node:worker_threads')
      setTimeout(() => Atomics.store(workerData, 0, 1), 20)`
    const worker = new Worker(code, { eval: true, workerData: executable.stopFlag })
    await once(worker, 'online')
    const done = await executable.run([{ entry: 'main', steps: endlessSteps }])
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(endlessSteps)
    expect([...(await executable.read('count'))]).toEqual([done])
    await worker.terminate()
  })
})

test('slots convert numbers to their element type', async () => {
  const plan: Plan = {
    slots: [
      { name: 'f', role: 'state', shape: [3], dtype: 'float', buffer: 0, rows: 1 },
      { name: 'i', role: 'data', shape: [3], dtype: 'int', buffer: 1, rows: 1 },
    ],
    buffers: [
      { id: 0, dtype: 'float', size: 3, offset: 0, stepBytes: 0 },
      { id: 1, dtype: 'int', size: 3, offset: 64, stepBytes: 0 },
    ],
    entries: [],
    arenaBytes: 128,
  }
  const executable = await open(plan)
  await executable.write('f', new Int32Array([1, 2, 3]))
  await executable.write('f', new Float64Array([0.1]))
  await executable.write('i', new Float32Array([4, 5, 6]))
  expect(await executable.read('f')).toEqual(new Float32Array([0.1, 2, 3]))
  expect(await executable.read('i', 2)).toEqual(new Int32Array([4, 5]))
  await expect(executable.write('f', new Float32Array(4))).rejects.toThrow('4 elements for slot f of 3')
  executable.dispose()
  await expect(executable.read('f')).rejects.toThrow('dispose')
})

test('the same plan and data give the same bits', async () => {
  const make = (): [Kernel[], readonly Buffer[]] => {
    const box = new Sandbox(7, 'bits')
    const [m, n, k] = [37, 29, 211]
    const epilogue = box.epilogue([1, m, n])
    const dot: Kernel = {
      kind: 'dot',
      path: 'd',
      batch: 1,
      m,
      n,
      k,
      a: box.dense([1, m, k]),
      b: box.dense([1, k, n]),
      epilogue,
    }
    return [[dot], box.buffers]
  }
  const runs = [await runKernels(...make()), await runKernels(...make())]
  expect(runs[0]).toEqual(runs[1])
  expect(
    at(runs, 0)
      .flat()
      .some((value) => value !== 0),
  ).toBe(true)
})

test('elements in the tail of a loop get the same bits as those in its body', async () => {
  const body: Scalar[] = [
    { op: 'load', load: 0, dtype: 'float' },
    { op: 'tanh', a: 0, dtype: 'float' },
    { op: 'log', a: 1, dtype: 'float' },
    { op: 'exp', a: 2, dtype: 'float' },
  ]
  const values = new Set<number>()
  for (const size of [1, 3, 4, 7, 16, 35]) {
    const expression = { loads: [view(0, [1])], body, stores: [{ view: view(1, [1]), value: 3 }] }
    const kernel: Kernel = { kind: 'map', path: 'test', shape: [size], expression }
    const data = new Array<number>(size).fill(0.7351)
    const out = await runKernels(
      [kernel],
      [
        { dtype: 'float', data },
        { dtype: 'float', data },
      ],
    )
    for (const value of at(out, 1)) values.add(value)
  }
  expect(values.size).toBe(1)
})

test('shapes without elements do nothing', async () => {
  const box = new Sandbox(1, 'empty')
  const body: Scalar[] = [{ op: 'load', load: 0, dtype: 'float' }]
  const map: Kernel = {
    kind: 'map',
    path: 'test',
    shape: [3, 0, 5],
    expression: { loads: [box.dense([3, 0, 5])], body, stores: [{ view: box.dense([3, 0, 5]), value: 0 }] },
  }
  const before = box.buffers.map((buffer) => buffer.data.map(Math.fround))
  expect(await runKernels([map], box.buffers)).toEqual(before)
})

test('memory that cannot be had is refused with its size', async () => {
  const plan: Plan = { slots: [], buffers: [], entries: [], arenaBytes: 5 * 2 ** 30 }
  const refusal = await open(plan).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(ProblemError)
  expect((refusal as ProblemError).problems[0]?.code).toBe('cpu.memory')
  expect((refusal as Error).message).toMatch(/5\.37 GB \(\d{10} bytes\)/)
})

test('kernels that differ in place only share their code', async () => {
  const { compilePlan } = await import('../../../src/backends/wasm/compile.ts')
  const one = accumulatePlan(64)
  const many = accumulatePlan(
    64,
    at(one.entries, 0).kernels.flatMap((kernel) => [kernel, kernel, kernel]),
  )
  expect(compilePlan(many).bytes.length - compilePlan(one).bytes.length).toBeLessThan(200)
})

test('the device says what it is, and computes by what this engine accepts', async () => {
  const device = await wasm.open()
  const { title } = await chooseVariant()
  expect(variants.filter(accepts).map((variant) => variant.title)).toContain(title)
  expect(device.ok && device.value.info).toEqual({
    backend: 'cpu',
    title: 'CPU, WebAssembly SIMD',
    facts: { simd: title, threads: '1' },
  })
})

test('a variant that computes something wrong is not chosen, however fast', async () => {
  const right = await productTime(plain)
  expect(right).toBeGreaterThan(0)
  const floats = vi.spyOn(WebAssembly, 'instantiate')
  floats.mockImplementation(() => Promise.resolve({ exports: { product: () => 1 } }))
  const wrong = await productTime(plain)
  floats.mockRestore()
  expect(wrong).toBeUndefined()
})

test('a machine without SIMD is refused with a sentence', async () => {
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  const device = await wasm.open()
  validate.mockRestore()
  expect(device.ok ? [] : device.problems.map(({ code }) => code)).toEqual(['cpu.simd'])
})

test('scratch memory of kernels counts towards the limit', async () => {
  // The arena alone fits; the panels of B do not any more.
  const size = 2 ** 28 - 32
  const plan: Plan = {
    slots: [],
    buffers: [
      { id: 0, dtype: 'float', size, offset: 0, stepBytes: 0 },
      { id: 1, dtype: 'float', size, offset: 4 * size, stepBytes: 0 },
    ],
    entries: [
      {
        name: 'main',
        chunk: 1,
        program,
        kernels: [
          {
            kind: 'dot',
            path: 'test',
            batch: 1,
            m: 64,
            n: 2 ** 18,
            k: 1024,
            a: view(0, [0, 1024, 1]),
            b: view(1, [0, 1, 1024]),
            epilogue: {
              loads: [],
              body: [{ op: 'result', dtype: 'float' }],
              stores: [{ view: view(0, [0, 2 ** 18, 1]), value: 0 }],
            },
          },
        ],
      },
    ],
    arenaBytes: 2 ** 32 - 4096,
  }
  await expect(open(plan)).rejects.toThrow(/5\.37 GB .* can address 4\.29 GB/)
})
