/** What every backend's executable keeps, whatever it computes with: chunks, slots, state and the stop flag. */
import { describe, expect, test as testWith } from 'vitest'
import { Builder } from '../../src/ir/builder.ts'
import { backends, load, planOf } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'
import { missing, titled, webgpu } from './webgpu/gpu.ts'

/** Adds a row of data to a running sum, times a live factor; records the sum and which row it was. */
function counting() {
  const g = new Builder()
  const row = g.input('row', 'step', [1], 'int')
  const sum = g.input('sum', 'state', [2])
  const table = g.input('table', 'data', [3, 2])
  const next = g.add(sum, g.mul(g.reshape(g.take(table, row), [2]), g.input('factor', 'live', [])))
  g.output('sum', 'state', next)
  g.output('now', 'step', next)
  g.output('which', 'step', g.reshape(row, []))
  return g.build()
}

const all = [
  ...backends.map((backend) => [backend.title, backend, ''] as const),
  [titled(webgpu.title), webgpu, missing],
] as const
describe.each(all)('%s', (_title, backend, reason) => {
  const test = testWith.skipIf(reason !== '')
  const start = async () => {
    const plan = planOf([
      { name: 'main', chunk: 4, program: counting() },
      { name: 'one', chunk: 1, program: counting() },
    ])
    const executable = await load(backend, plan)
    await executable.write('table', Float32Array.of(1, 10, 2, 20, 3, 30))
    await executable.write('factor', Float32Array.of(1))
    await executable.write('main/row', Int32Array.of(2, 0, 1, 1))
    return executable
  }

  test('runs a chunk step by step and records a row for each', async () => {
    const executable = await start()
    expect(await executable.run([{ entry: 'main', steps: 3 }])).toBe(3)
    expectClose(await executable.read('main/now', 6), [3, 30, 4, 40, 6, 60], TOLERANCE.f32.exact)
    expect([...(await executable.read('main/which', 3))]).toEqual([2, 0, 1])
    expect(await executable.read('main/which', 3)).toBeInstanceOf(Int32Array)
    expectClose(await executable.read('sum'), [6, 60], TOLERANCE.f32.exact)
  })

  test('runs passes one after the other, with the rows of each entry counted through', async () => {
    const executable = await start()
    await executable.write('one/row', Int32Array.of(2))
    const main = { entry: 'main', steps: 2 }
    expect(await executable.run([main, { entry: 'one', steps: 1 }, main])).toBe(5)
    expect([...(await executable.read('main/which', 4))]).toEqual([2, 0, 1, 1])
    expectClose(await executable.read('main/now', 8), [3, 30, 4, 40, 9, 90, 11, 110], TOLERANCE.f32.exact)
    expectClose(await executable.read('one/now', 2), [7, 70], TOLERANCE.f32.exact)
    // The next run begins with the first rows again.
    expect(await executable.run([main])).toBe(2)
    expectClose(await executable.read('sum'), [15, 150], TOLERANCE.f32.exact)
  })

  test('keeps its state from run to run and from entry to entry', async () => {
    const executable = await start()
    await executable.run([{ entry: 'main', steps: 1 }])
    await executable.write('one/row', Int32Array.of(1))
    await executable.run([{ entry: 'one', steps: 1 }])
    expectClose(await executable.read('sum'), [5, 50], TOLERANCE.f32.exact)
    await executable.write('sum', Float32Array.of(100))
    expectClose(await executable.read('sum'), [100, 50], TOLERANCE.f32.exact)
  })

  test('lets live values change between runs', async () => {
    const executable = await start()
    await executable.write('factor', Float32Array.of(-2))
    await executable.run([{ entry: 'main', steps: 2 }])
    expectClose(await executable.read('sum'), [-8, -80], TOLERANCE.f32.exact)
  })

  test('stops before the next step when it is told to, and goes on the time after', async () => {
    const executable = await start()
    // What computes without a break is told by another thread, which is seen as the run begins.
    const { stopFlag } = executable
    if (stopFlag) Atomics.store(stopFlag, 0, 1)
    const running = executable.run([
      { entry: 'main', steps: 4 },
      { entry: 'one', steps: 1 },
    ])
    // What waits behind it ends with it: it would begin where nobody meant it to.
    const waiting = executable.run([{ entry: 'one', steps: 1 }])
    if (!stopFlag) executable.stop()
    expect([await running, await waiting]).toEqual([0, 0])
    expectClose(await executable.read('sum'), [0, 0], TOLERANCE.f32.exact)
    if (stopFlag) Atomics.store(stopFlag, 0, 0)
    // There is nothing to stop.
    executable.stop()
    expect(await executable.run([{ entry: 'main', steps: 4 }])).toBe(4)
  })

  test('runs nothing when no step is asked for', async () => {
    const executable = await start()
    expect(await executable.run([{ entry: 'main', steps: 0 }])).toBe(0)
    expectClose(await executable.read('sum'), [0, 0], TOLERANCE.f32.exact)
  })

  test('refuses an entry or a slot that the plan does not have', async () => {
    const executable = await start()
    await expect(async () => executable.run([{ entry: 'other', steps: 1 }])).rejects.toThrow(/other/)
    await expect(async () => executable.write('other', Float32Array.of(1))).rejects.toThrow(/other/)
    await expect(async () => executable.read('other')).rejects.toThrow(/other/)
  })

  test('gives the same bits every time', async () => {
    const results = await Promise.all(
      [0, 1].map(async () => {
        const executable = await start()
        await executable.write('factor', Float32Array.of(0.1))
        await executable.run([{ entry: 'main', steps: 4 }])
        return [...(await executable.read('sum'))]
      }),
    )
    expect(difference(results[0] ?? [], results[1] ?? [NaN], TOLERANCE.f32.exact)).toBeUndefined()
  })
})
