/** Several threads at whole training steps: the same bits as one thread, and nobody waits for a thread that is not there. */
import { afterEach, describe, expect, test } from 'vitest'
import { at, get } from '../../../src/base/assert.ts'
import { sizeOf } from '../../../src/base/shape.ts'
import { CpuDevice } from '../../../src/backends/wasm/index.ts'
import { plain } from '../../../src/backends/wasm/variant.ts'
import { load } from '../../../src/train/load.ts'
import { dataOf, documentOf, firstWeights, workloads } from '../../../bench/workloads.ts'
import { valueOf } from '../../data/files.ts'
import { startCrew, type TestCrew } from './crew.ts'

let crew: TestCrew | undefined
afterEach(async () => {
  await crew?.end()
  crew = undefined
})

/** Losses and weights, as bits, after some steps of a workload of the benchmark. */
async function trained(name: string, device: CpuDevice, steps: number): Promise<Map<string, string>> {
  const workload = get(new Map(Object.entries(workloads)), name)
  const { network, executable } = valueOf(await load(documentOf(workload), dataOf(workload), device))
  const sizes = new Map(network.weights.map((weight) => [weight.name, sizeOf(weight.shape)]))
  for (const [weight, values] of firstWeights(workload, (one) => get(sizes, one)))
    await executable.write(weight, values)
  const rows = steps * workload.batch
  const indices = Int32Array.from({ length: rows }, (_, i) => (i * 7) % (workload.batches * workload.batch))
  await executable.write('train/indices', indices)
  await executable.run([{ entry: 'train', steps }])
  const out = new Map<string, string>()
  for (const slot of ['train/loss', ...sizes.keys()]) {
    const data = await executable.read(slot, slot === 'train/loss' ? steps : undefined)
    expect(data.every(Number.isFinite), slot).toBe(true)
    out.set(slot, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'))
  }
  executable.dispose()
  return out
}

describe('whole steps', { timeout: 120_000 }, () => {
  test.each(['W2_b32', 'W3', 'W5', 'W6'])('%s: two and four threads give the bits of one', async (name) => {
    const steps = 4
    const alone = await trained(name, new CpuDevice(plain), steps)
    crew = await startCrew(3)
    expect(await trained(name, new CpuDevice(plain, crew), steps)).toEqual(alone)
    await crew.end()
    crew = await startCrew(1)
    expect(await trained(name, new CpuDevice(plain, crew), steps)).toEqual(alone)
    expect(crew.workers).toHaveLength(1)
    // The comparison does see a difference in the last bits.
    const other = await trained(name, new CpuDevice({ ...plain, rows: 2 }), steps + 1)
    expect(other).not.toEqual(alone)
  })

  test('small networks ask for no other thread', async () => {
    crew = await startCrew(1)
    await trained('W1', new CpuDevice(plain, crew), 20)
    expect(crew.workers).toHaveLength(0)
  })

  test('a thread that died is not waited for', async () => {
    crew = await startCrew(2)
    const device = new CpuDevice(plain, crew)
    const before = await trained('W2_b32', device, 3)
    await Promise.all(crew.workers.map((worker) => worker.terminate()))
    expect(await trained('W2_b32', device, 3)).toEqual(before)
  })

  test('executables take turns with one crew', async () => {
    crew = await startCrew(2)
    const device = new CpuDevice(plain, crew)
    const alone = await Promise.all(['W2_b32', 'W6'].map((name) => trained(name, new CpuDevice(plain), 2)))
    for (let turn = 0; turn < 2; turn++) {
      expect(await trained('W2_b32', device, 2)).toEqual(at(alone, 0))
      expect(await trained('W6', device, 2)).toEqual(at(alone, 1))
    }
    expect(crew.workers).toHaveLength(2)
  })
})
