import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ProblemError } from '../../src/base/problem.ts'
import type { Device } from '../../src/backends/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { RemoteDevices } from '../../src/backends/remote/client.ts'
import { fromWorker } from '../../src/node/ports.ts'
import { until } from '../helpers/until.ts'
import { buildEntries, type Built } from './helpers/build.ts'

let built: Built
let thread: RemoteDevices
let started = 0
const plan: Plan = { slots: [], buffers: [], entries: [], arenaBytes: 0 }

beforeAll(async () => {
  built = await buildEntries({
    'fake-device-worker': 'test/node/fixtures/fake-device-worker.ts',
    'device-worker': 'src/node/device-worker.ts',
    'crew-worker': 'src/node/crew-worker.ts',
  })
}, 300_000)
afterAll(() => built.remove())
beforeEach(() => {
  started = 0
  thread = new RemoteDevices('the device thread', () => {
    started++
    return fromWorker(new Worker(built.entry('fake-device-worker')))
  })
})
afterEach(() => thread.close())

async function open(): Promise<Device> {
  const opened = await thread.open('cpu')
  if (!opened.ok) throw new Error(opened.problems[0]?.message)
  return opened.value
}

test('compiles, writes, runs and reads in another thread', async () => {
  const device = await open()
  expect(device.info.title).toBe('Fake')
  const executable = await device.compile(plan)
  // A view into something larger: only what it shows may cross.
  await executable.write('w', new Float32Array([0, 1, 2, 3]).subarray(1, 3))
  const data = await executable.read('w')
  expect(data).toEqual(new Float32Array([1, 2]))
  expect(data.buffer.byteLength).toBe(8)
  // The device gave a view of memory that is shared; what came is a copy.
  const copy = await executable.read('arena', 3)
  expect(copy).toHaveLength(3)
  expect(copy.buffer).toBeInstanceOf(ArrayBuffer)
  expect(await executable.run([{ entry: 'train', steps: 3 }])).toBe(3)
  const [train, tail] = [
    { entry: 'train', steps: 2 },
    { entry: 'trainTail', steps: 1 },
  ]
  expect(await executable.run([train, tail, { ...train, steps: 4 }, tail])).toBe(8)
  expect([...(await executable.read('asked'))]).toEqual([5, 2, 9, 1, 5, 4, 9, 1])
})

test('while it computes this thread answers, and a stop interrupts it within a step', async () => {
  const executable = await (await open()).compile(plan)
  // They would take weeks, and nobody looks for messages meanwhile.
  const steps = 1e9
  let done = 0
  // Later each time: the other thread may not have come to it.
  for (let wanted = 6; done === 0; wanted *= 2) {
    const running = executable.run([{ entry: 'train', steps }])
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    await until(() => ticks >= wanted)
    clearInterval(timer)
    executable.stop()
    done = await running
  }
  expect(done).toBeLessThan(steps)
  // Nothing is under way that it could stop.
  executable.stop()
  expect(await executable.run([{ entry: 'train', steps: 2 }])).toBe(2)
})

test('a stop ends what waits behind the run as well, and nothing after that', async () => {
  const executable = await (await open()).compile(plan)
  const running = executable.run([{ entry: 'train', steps: 1e9 }])
  const waiting = executable.run([{ entry: 'train', steps: 1e9 }])
  // As messages of their own, the second one while the first is computed.
  await Promise.resolve()
  const last = executable.run([{ entry: 'train', steps: 1e9 }])
  await until(() => true)
  executable.stop()
  expect(await running).toBeLessThan(1e9)
  expect([await waiting, await last]).toEqual([0, 0])
  expect(await executable.run([{ entry: 'train', steps: 2 }])).toBe(2)
})

test('there is one thread for all devices, and a device that is not there says why', async () => {
  await open()
  await open()
  expect(await thread.open('reference')).toMatchObject({ ok: false, problems: [{ message: 'There is none.' }] })
  expect(started).toBe(1)
})

test('problems and errors of the device arrive as such', async () => {
  const device = await open()
  await expect(device.compile({ ...plan, arenaBytes: 2e9 })).rejects.toBeInstanceOf(ProblemError)
  const executable = await device.compile(plan)
  await expect(executable.run([{ entry: 'throw', steps: 1 }])).rejects.toThrow('no such entry')
})

test('a device that is lost says so', async () => {
  const device = await open()
  await (await device.compile(plan)).run([{ entry: 'lose', steps: 0 }])
  expect(await device.lost).toBe('The graphics driver was reset.')
})

test('the death of the thread is a lost device, fails what waits, and the next device has a new thread', async () => {
  const device = await open()
  const executable = await device.compile(plan)
  const dying = executable.run([{ entry: 'die', steps: 1 }])
  await expect(dying).rejects.toThrow(/^Fake stopped working: its thread ended with code 7\. Start/)
  expect(await device.lost).toMatch(/^Fake stopped working: its thread ended with code 7\. Start the training again\.$/)
  await expect(executable.read('w')).rejects.toBeInstanceOf(ProblemError)
  expect(await (await (await open()).compile(plan)).run([{ entry: 'train', steps: 1 }])).toBe(1)
  expect(started).toBe(2)
})

test('the real thread opens the CPU and the reference device', async () => {
  const real = new RemoteDevices('the device thread', () => fromWorker(new Worker(built.entry('device-worker'))))
  const opened = await Promise.all([real.open('cpu'), real.open('reference')])
  expect(opened.map((result) => result.ok && result.value.info.backend)).toEqual(['cpu', 'reference'])
  real.close()
})

test('a thread that cannot be started is a problem, not an exception', async () => {
  const broken = new RemoteDevices('the device thread', () => fromWorker(new Worker(built.entry('absent'))))
  const opened = await broken.open('cpu')
  expect(opened.ok).toBe(false)
  if (!opened.ok) expect(opened.problems[0]?.message).toMatch(/The device "cpu" could not be started/)
})
