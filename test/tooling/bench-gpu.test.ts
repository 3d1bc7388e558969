/** The comparison on a GPU: what counts as a step, who is left out and why, and whether peers do the same work as our engine. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { plain } from '../../src/backends/wasm/variant.ts'
import { CpuDevice } from '../../src/backends/wasm/index.ts'
import { start } from '../../bench/ask.mjs'
import { product, ready } from '../../bench/kernels.ts'
import { workloads } from '../../bench/options.mjs'
import { secondsOf, table } from '../../bench/products.ts'
import { Training, type Engine } from '../../bench/serve.ts'
import { root } from '../../scripts/setup.mjs'

const MINUTES = 60_000
const python = '/usr/bin/python3'
const peer = join(root, 'bench/peer.mjs')

function bench(args: readonly string[], env: NodeJS.ProcessEnv) {
  const { NODE_MODULES: _, ...others } = process.env
  const program = [join(root, 'bench/run.mjs'), ...args]
  return spawnSync(process.execPath, program, { encoding: 'utf8', env: { ...others, ...env } })
}

test('steps count when they are done, in chunks of the wanted length', async () => {
  let [now, made] = [0, 0]
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const chunks: number[] = []
  const run = async (from: number, steps: number) => {
    expect(from).toBe(made)
    chunks.push(steps)
    now += 2 * steps
    made += steps
  }
  const trainer = { facts: {}, most: 6, run, loss: async () => 1 / made }
  const engine: Engine = { device: async () => 'a clock', open: async () => trainer }
  const training = await Training.open(engine, 'W1')
  expect(training.check).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((steps) => 1 / steps))
  expect(training.setupMs).toBe(2)
  // Of 2 ms each; 8 would fit into a chunk, but it takes 6.
  expect(await training.trainFor(40)).toEqual([20, 40])
  expect(chunks.slice(10)).toEqual([6, 6, 6, 2])
  trainer.most = 100
  expect(await training.trainFor(40)).toEqual([20, 40])
  expect(chunks.slice(14)).toEqual([8, 8, 4])
  clock.mockRestore()
})

test('without an adapter the column says why, and the rest is measured', { timeout: 5 * MINUTES }, () => {
  const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' }
  const args = ['--webgpu', '--workload', 'W1', '--seconds', '0.05', '--rounds', '1', '--markdown']
  const { status, stdout } = bench(args, nowhere)
  expect(stdout).toMatch(/^Neuroloom on WebGPU +left out: .*(no WebGPU here|No graphics card).*\.$/m)
  expect(stdout).toMatch(/^jax-js on WebGPU +left out: .*\.$/m)
  expect(stdout).toMatch(/^ {2}Neuroloom on the CPU +[\d,.]+ /m)
  expect(stdout).toMatch(/^\| W1 perceptron.* \| [\d,.]+ \|/m)
  expect(stdout).toMatch(/^Matrix products are left out: .*\.$/m)
  expect(status).toBe(0)
})

test.skipIf(!existsSync(python))('a peer that does other work has no rate', { timeout: 5 * MINUTES }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-peers-'))
  const figures = "'steps': 1, 'seconds': 1, 'cpuSec': 1, 'setupMs': 1, 'check': [0.74] * 10"
  const program = `import json, sys\nfor line in sys.stdin: print(json.dumps({'ok': True, ${figures}}), flush=True)\n`
  writeFileSync(join(folder, 'numpy_peer.py'), program)
  const { status, stdout } = bench(['--peers', folder, '--workload', 'W1', '--seconds', '0.05', '--rounds', '1'], {})
  rmSync(folder, { recursive: true })
  expect(stdout).toMatch(/^ {2}Neuroloom +[\d,.]+ /m)
  expect(stdout).toMatch(/^ {2}NumPy +– +does other work: its first losses are 2e-1 apart$/m)
  expect(status).toBe(0)
})

const software = '/usr/lib/chromium/vk_swiftshader_icd.json'
const onSoftware = { VK_ICD_FILENAMES: software, LD_LIBRARY_PATH: '/usr/lib/chromium' }

test.skipIf(!existsSync(software) || !existsSync(join(root, 'node_modules/webgpu')))(
  'a software adapter is called one in the heading, and does the work of the CPU; packages that are missing are named',
  { timeout: 5 * MINUTES },
  () => {
    const args = ['--webgpu', '--workload', 'W1', '--seconds', '0.05', '--rounds', '1', '--markdown']
    const { status, stdout } = bench(args, { ...onSoftware, NODE_MODULES: '/nowhere' })
    expect(stdout).toMatch(/^Neuroloom on WebGPU +Software adapter \(no GPU\), WebGPU: .*SwiftShader/m)
    expect(stdout).toContain('@jax-js/jax is not installed in /nowhere.')
    expect(stdout).toContain('@tensorflow/tfjs is not installed in /nowhere.')
    expect(stdout).toMatch(/^ {2}Neuroloom on WebGPU +[\d,.]+ .* launches a step, first losses \S+ apart$/m)
    expect(stdout).toMatch(/^\| workload \| Neuroloom on WebGPU \(Software adapter/m)
    expect(Number(/First ten losses agree to (\S+)\.$/m.exec(stdout)?.[1])).toBeLessThan(1e-5)
    expect(stdout).toMatch(/^\| 256 × 256 × 256 \| [\d.]+ \|$/m)
    expect(status).toBe(0)
  },
)

const hasTorch = existsSync(python) && spawnSync(python, ['-c', 'import torch']).status === 0

test.skipIf(!hasTorch)('on its CPU the peer of CUDA has our losses', { timeout: 5 * MINUTES }, async () => {
  const [ours, torch] = [
    ['--threads', '1'],
    ['--engine', 'pytorch', '--cpu'],
  ].map((args) => start([process.execPath, peer, ...args]))
  const further = (losses: readonly number[], right: readonly number[]) =>
    Math.max(...right.map((loss, i) => Math.abs(at(losses, i) / loss - 1)))
  const checks: number[][] = []
  for (const workload of workloads) {
    const [right, answer] = [
      await ours?.ask({ workload, seconds: 0.01 }),
      await torch?.ask({ workload, seconds: 0.01 }),
    ]
    expect(answer).toMatchObject({ ok: true })
    // W4 is the most sensitive to the order of its sums.
    expect(further(answer?.['check'], right?.['check'])).toBeLessThan(1e-4)
    checks.push(answer?.['check'])
  }
  // The same network with other batches.
  expect(further(at(checks, 1), at(checks, 2))).toBeGreaterThan(1e-2)
  expect(checks.map(({ length }) => length)).toEqual(workloads.map(() => 10))
  ours?.stop()
  torch?.stop()
})

test('of a large product some rows are compared: a right result is measured, a wrong one refused', async () => {
  const device = new CpuDevice(plain)
  const { check } = await ready(product('rows', [40, 7, 9]), device, { chunk: 4, rows: 5 })
  await check()
  const spoilt = (row: number) => check((result) => (result[9 * row + 3] = 1))
  for (const row of [0, 10, 39]) await expect(spoilt(row)).rejects.toThrow('rows: the result is wrong')
  // Between the rows that it looks at.
  await spoilt(11)
  expect(await secondsOf(device, 24, { rounds: 1, seconds: 0.01 })).toBeGreaterThan(0)
})

test('products are a table, with the share of a peak that is given', async () => {
  const lines = async (peak?: number) => {
    const all: string[] = []
    const effort = { rounds: 1, seconds: 0.01 }
    for await (const line of table(new CpuDevice(plain), effort, peak, [16, 32])) all.push(line)
    return all
  }
  const [heading, , small, large] = await lines(1000)
  expect(heading).toBe('| matrix product, f32 | GFLOP/s | share of 1000 |')
  expect(small).toMatch(/^\| 16 × 16 × 16 \| [\d.]+ \| \d+ % \|$/)
  const [, rate, share] = /^\| 32 × 32 × 32 \| ([\d.]+) \| (\d+) % \|$/.exec(large ?? '') ?? []
  expect(Math.abs(Number(rate) / 10 - Number(share))).toBeLessThanOrEqual(0.6)
  expect((await lines())[0]).toBe('| matrix product, f32 | GFLOP/s |')
})
