// The page of the desktop's hidden window, as built, with a software adapter: devices are opened, fed and lost through its
// port just as the engine does it. Skipped by name where the browser has no adapter.
import { expect, test, type Browser } from '@playwright/test'
import { at, get } from '../../src/base/assert.ts'
import type { Backend, Device } from '../../src/backends/types.ts'
import reference from '../../src/backends/reference/index.ts'
import { Builder } from '../../src/ir/builder.ts'
import { ENGINE_PORT } from '../../src/protocol/desktop-wire.ts'
import type { Port } from '../../src/protocol/rpc.ts'
import { cases } from '../backends/kernel-cases.ts'
import { expectedOf } from '../backends/oracle.ts'
import { makeKernels, runMade } from '../backends/run-cases.ts'
import { planOf } from '../helpers/run-program.ts'
import { difference } from '../helpers/tolerance.ts'
import { differences, shippedWith, startOf, trainFrom } from '../models/train-shipped.ts'
import { GpuPage } from './gpu-page.ts'

/** Of each kind; a browser takes tens of milliseconds for each shader. */
const KERNELS = 3
const STEPS = 3
const DOCUMENTS = ['xor', 'iris', 'softmax-regression', 'icons-4x4', 'rnn-forecast', 'variational-autoencoder'] as const

let gpu: GpuPage
test.beforeAll(async ({ browser }) => {
  gpu = await GpuPage.open(browser)
  const found = await gpu.page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()))
  test.skip(!found, 'this browser has no WebGPU adapter, not even a software one')
})
test.afterAll(() => gpu.close())

async function openDevice(): Promise<Device> {
  const opened = await gpu.devices.open('webgpu')
  if (!opened.ok) throw new Error(opened.problems.map(({ message }) => message).join())
  return opened.value
}
const backend: Backend = { name: 'webgpu', title: 'GPU', open: () => gpu.devices.open('webgpu') }

/** Adds `x` to `sum` in each of many steps. */
function adding(chunk: number, size = 64) {
  const g = new Builder()
  g.path = 'adder'
  const sum = g.input('sum', 'state', [size])
  g.output('sum', 'state', g.add(sum, g.input('x', 'data', [size])))
  return planOf([{ name: 'main', chunk, program: g.build() }])
}

/** What is left after some steps of 1 each, from 0. */
async function addOnes(device: Device, steps: number): Promise<number[]> {
  const executable = await device.compile(adding(steps))
  await executable.write('sum', new Float32Array(64))
  await executable.write('x', new Float32Array(64).fill(1))
  await executable.run([{ entry: 'main', steps }])
  const sum = [...(await executable.read('sum'))]
  executable.dispose()
  return sum
}

test('a software adapter is named as one', async () => {
  const { info } = await openDevice()
  expect(info.title).toMatch(/^Software adapter \(no GPU\), WebGPU: .*swiftshader/i)
  expect(info.facts).toMatchObject({ software: 'yes', 'largest buffer': expect.stringMatching(/ [GM]B$/) })
})

test('every kind of kernel equals the loops, and a wrong one does not', async () => {
  const made = cases.map((one) => ({ one, kernels: makeKernels(one, KERNELS) }))
  const out = await runMade(
    made.flatMap(({ kernels }) => kernels),
    await openDevice(),
  )
  for (const { one, kernels } of made) {
    let caught = 0
    for (const { seed, kernel, buffers } of kernels) {
      const found = out.shift() ?? []
      const wrongIn = (expected: readonly number[][]) =>
        expected.map((values, k) => difference(at(found, k), values, one.tolerance)).filter(Boolean)
      expect(wrongIn(expectedOf([kernel], buffers)), `${one.name}, seed ${seed}`).toEqual([])
      if (wrongIn(expectedOf([one.wrong(kernel)], buffers)).length > 0) caught++
    }
    expect(caught, `wrong kernels of ${one.name} that were noticed`).toBeGreaterThan(0)
  }
})

for (const name of DOCUMENTS)
  test(`${name} is trained as by the reference`, async () => {
    const from = startOf(shippedWith(name, 4), STEPS)
    expect(differences(await trainFrom(from, backend), await trainFrom(from, reference))).toEqual([])
  })

test('a weight that is wrong by a thousandth is seen', async () => {
  const from = startOf(shippedWith('xor', 4), STEPS)
  const { name } = at(from.network.weights, 0)
  const wrong = get(from.values, name).map((value, i) => (i === 0 ? value * 1.001 : value))
  const found = await trainFrom({ ...from, values: new Map([...from.values, [name, wrong]]) }, backend)
  expect(differences(found, await trainFrom(from, reference))).not.toEqual([])
})

test('a long run is stopped by a message, between two steps', async () => {
  const steps = 50_000
  const size = 100_000
  const executable = await (await openDevice()).compile(adding(steps, size))
  await executable.write('sum', new Float32Array(size))
  await executable.write('x', new Float32Array(size).fill(1))
  let done = 0
  // Later each time: a busy machine may not have come to the first step.
  for (let wait = 300; done === 0; wait *= 2) {
    const running = executable.run([{ entry: 'main', steps }])
    await new Promise((resolve) => setTimeout(resolve, wait))
    executable.stop()
    done = await running
  }
  expect(done).toBeLessThan(steps)
  expect(new Set(await executable.read('sum'))).toEqual(new Set([done]))
  // The next run is another one.
  expect(await executable.run([{ entry: 'main', steps: 3 }])).toBe(3)
  executable.dispose()
})

test('what does not fit is refused with a sentence', async () => {
  const g = new Builder()
  g.output('y', 'step', g.sum(g.input('table', 'data', [400_000, 1000]), [0, 1]))
  const plan = planOf([{ name: 'main', chunk: 1, program: g.build() }])
  const device = await openDevice()
  const refused = device.compile(plan)
  await expect(refused).rejects.toThrow(
    /^This needs 1\.60 GB in one buffer, of which table takes 1\.60 GB, and this GPU allows 1\.07 GB; make/,
  )
  await expect(refused).rejects.toMatchObject({ problems: [{ code: 'gpu.memory' }] })
  expect(await addOnes(device, 5)).toEqual(new Array<number>(64).fill(5))
})

test('a port is taken from its own window alone, and under its own name', async () => {
  const answered: string[] = []
  const ask = (who: string, port: Port) => {
    port.onMessage(() => answered.push(who))
    port.post({ kind: 'call', id: 1, name: 'device.free', args: { executable: 0 } })
  }
  ask('another window', await gpu.connect(ENGINE_PORT, 'another window'))
  ask('another name', await gpu.connect('another-port'))
  // All three cross the same pages; the last one asks last.
  ask('its own', await gpu.connect())
  await expect.poll(() => answered).toContain('its own')
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(answered).toEqual(['its own'])
})

test('a new port takes the place of the one before, whose device is gone', async () => {
  const before = await openDevice()
  await before.compile(adding(8))
  await gpu.connect()
  expect(await before.lost).toMatch(/ stopped working: its page is gone\. Start the training again\.$/)
  expect(await addOnes(await openDevice(), 6)).toEqual(new Array<number>(64).fill(6))
})

test('a page that is loaded anew has lost its device, and gives another', async () => {
  const device = await openDevice()
  const executable = await device.compile(adding(8))
  await gpu.page.reload()
  expect(await device.lost).toMatch(
    /^Software adapter .* stopped working: its page is gone\. Start the training again\.$/,
  )
  await expect(executable.run([{ entry: 'main', steps: 1 }])).rejects.toMatchObject({
    problems: [{ code: 'device.lost' }],
  })
  expect(await addOnes(await openDevice(), 7)).toEqual(new Array<number>(64).fill(7))
})

test("the death of Chromium's GPU process is a lost device, and who asks again gets another", async ({ browser }) => {
  const device = await openDevice()
  const executable = await device.compile(adding(50_000, 100_000))
  const running = executable.run([{ entry: 'main', steps: 50_000 }])
  running.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 200))
  process.kill(await gpuProcess(browser), 'SIGKILL')
  expect(await device.lost).toMatch(/^The GPU was lost \(.+\)\./)
  await expect(running).rejects.toMatchObject({ problems: [{ code: 'gpu.lost' }] })
  expect(await addOnes(await openDevice(), 9)).toEqual(new Array<number>(64).fill(9))
})

async function gpuProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.find(({ type }) => type === 'GPU')?.id ?? 0
}

test('the page did all of it under its content policy, without a word', () => {
  expect(gpu.errors).toEqual([])
})
