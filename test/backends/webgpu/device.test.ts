/** What a GPU can do to us: be none, be too small, go away, refuse, have no memory left, and not do what it was told. */
import { describe, expect, test } from 'vitest'
import type { Device } from '../../../src/backends/types.ts'
import { webgpuBackend, type GPU } from '../../../src/backends/webgpu/index.ts'
import type { GPUAdapter, GPUBuffer, GPUDevice, GPUError } from '../../../src/backends/webgpu/standard.ts'
import { after } from '../../../src/node/dawn.ts'
import { ProblemError } from '../../../src/base/problem.ts'
import { get } from '../../../src/base/assert.ts'
import { compilePlan } from '../../../src/backends/webgpu/compile.ts'
import { Builder } from '../../../src/ir/builder.ts'
import { planOf } from '../../helpers/run-program.ts'
import { expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { changed, gpuWith } from './changed.ts'
import { gpu, missing, titled, webgpu } from './gpu.ts'

async function open(from: GPU): Promise<Device> {
  const opened = await webgpuBackend({ openGpu: async () => from, after }).open()
  if (!opened.ok) throw new Error(opened.problems.map(({ message }) => message).join())
  return opened.value
}

/** Adds `x` to `sum` in each step. */
function adding() {
  const g = new Builder()
  g.path = 'adder'
  const sum = g.input('sum', 'state', [64])
  g.output('sum', 'state', g.add(sum, g.input('x', 'data', [64])))
  return planOf([{ name: 'main', chunk: 8, program: g.build() }])
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    if (error instanceof ProblemError) return `${error.problems[0]?.code}: ${error.message}`
    throw error
  }
  return 'nothing'
}

const LEAST = {
  maxBufferSize: 1,
  maxStorageBufferBindingSize: 1,
  maxComputeWorkgroupStorageSize: 1,
  maxComputeInvocationsPerWorkgroup: 1,
}

test('no GPU object, no adapter and no device are reasons, not exceptions', async () => {
  const reasonOf = async (from: GPU | null) => {
    const opened = await webgpuBackend({ openGpu: async () => from, after }).open()
    return opened.ok ? 'open' : opened.problems.map(({ code, message }) => `${code}: ${message}`).join()
  }
  expect(await reasonOf(null)).toMatch(/^gpu.none: .*no WebGPU/)
  expect(await reasonOf({ requestAdapter: async () => null })).toMatch(/^gpu.adapter: .*driver/)
  const adapter = {
    limits: LEAST,
    features: new Set<string>(),
    info: { vendor: 'v', architecture: '', device: '', description: '' },
    requestDevice: async () => Promise.reject(new Error('it is busy')),
  }
  expect(await reasonOf({ requestAdapter: async () => adapter })).toMatch(/^gpu.device: .*it is busy/)
})

describe.skipIf(missing)(titled('a device'), { timeout: 60_000 }, () => {
  test('says what it is; one that only computes on the processor is called so', async () => {
    const opened = await webgpu.open()
    expect(opened).toMatchObject({
      ok: true,
      value: {
        info: {
          backend: 'webgpu',
          title: expect.stringMatching(/^Software adapter .*SwiftShader/) as string,
          facts: { software: 'yes', 'largest buffer': expect.stringMatching(/ [GM]B$/) as string },
        },
      },
    })
  })

  test('asks for all the memory that the adapter can bind', async () => {
    let asked: { readonly [limit: string]: number } = {}
    const real = gpu as GPU
    const adapter = (await real.requestAdapter()) as GPUAdapter
    const asking = changed(adapter, {
      requestDevice: (descriptor) => {
        asked = descriptor.requiredLimits
        return adapter.requestDevice(descriptor)
      },
    })
    await open(changed(real, { requestAdapter: async () => asking }))
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits
    expect(asked).toEqual({ maxBufferSize, maxStorageBufferBindingSize })
  })

  test('refuses what does not fit into its limits before anything is made, and says what takes most', async () => {
    let made = 0
    const device = await open(
      gpuWith((real) => ({
        limits: { ...real.limits, maxBufferSize: 10_000, maxStorageBufferBindingSize: 5_000 },
        createBuffer: (descriptor) => {
          made++
          return real.createBuffer(descriptor)
        },
      })),
    )
    const g = new Builder()
    g.path = 'wide'
    const x = g.input('x', 'data', [40, 10])
    g.output('y', 'step', g.sum(g.tanh(g.broadcast(x, [3, 40, 10], [1, 2])), [0, 1, 2]))
    const small = planOf([{ name: 'main', chunk: 1, program: g.build() }])
    expect(await codeOf(device.compile(small))).toBe('nothing')
    expect(made).toBeGreaterThan(0)
    made = 0
    const h = new Builder()
    h.output('y', 'step', h.sum(h.input('table', 'data', [400, 10]), [0, 1]))
    const large = planOf([{ name: 'main', chunk: 1, program: h.build() }])
    expect(await codeOf(device.compile(large))).toMatch(
      /^gpu.memory: This needs 16\.\d kB in one buffer, of which table takes 16\.0 kB, and this GPU allows 5\.00 kB; make/,
    )
    expect(made).toBe(0)
  })

  test('a step that was not run is found out, and its numbers are not believed', async () => {
    let dead = false
    const device = await open(
      gpuWith((real) => ({
        queue: changed(real.queue, {
          submit: (commands) => {
            if (!dead) real.queue.submit(commands)
          },
        }),
      })),
    )
    const executable = await device.compile(adding())
    await executable.write('x', new Float32Array(64).fill(1))
    expect(await executable.run([{ entry: 'main', steps: 3 }])).toBe(3)
    expect((await executable.read('sum'))[5]).toBe(3)
    dead = true
    const found = await codeOf(executable.run([{ entry: 'main', steps: 1 }]))
    expect(found).toMatch(/^gpu.step: The GPU did not run the step that it was given/)
    expect(await codeOf(executable.read('sum'))).toMatch(/^gpu.step/)
    dead = false
    expect(await codeOf(executable.run([{ entry: 'main', steps: 1 }]))).toMatch(/^gpu.step/)
    // Another one has nothing to do with it.
    expect(await (await device.compile(adding())).run([{ entry: 'main', steps: 8 }])).toBe(8)
  })

  test('memory that is not there is a problem with a way out', async () => {
    const device = await open(
      gpuWith((real) => {
        const scopes: string[] = []
        return {
          pushErrorScope: (filter) => {
            scopes.push(filter)
            real.pushErrorScope(filter)
          },
          popErrorScope: async () => {
            const scope = scopes.pop()
            const error = await real.popErrorScope()
            return scope === 'out-of-memory' ? ({ message: 'no memory' } satisfies GPUError) : error
          },
        }
      }),
    )
    expect(await codeOf(device.compile(adding()))).toMatch(/^gpu.memory: The GPU has no memory left for .* bytes|kB of/)
  })

  test('what the GPU refuses while it computes is told', async () => {
    const buffers: { readonly size: number; readonly buffer: GPUBuffer }[] = []
    const device = await open(
      gpuWith((real) => ({
        createBuffer: (descriptor) => {
          const buffer = real.createBuffer(descriptor)
          buffers.push({ size: descriptor.size, buffer })
          return buffer
        },
      })),
    )
    const executable = await device.compile(adding())
    expect(await executable.run([{ entry: 'main', steps: 2 }])).toBe(2)
    for (const { buffer } of buffers.slice(0, 3)) buffer.destroy()
    expect(await codeOf(executable.run([{ entry: 'main', steps: 1 }]))).toMatch(/^gpu.(error|step): /)
    expect(await codeOf(device.compile(adding()))).toMatch(/^gpu.error: The GPU refused what it was told \(.*destroyed/)
  })

  test('results that cannot be read are a problem too', async () => {
    let broken = false
    const device = await open(
      gpuWith((real) => ({
        createBuffer: (descriptor) => {
          // The real one: what is passed back in must be of its own making.
          const buffer = real.createBuffer(descriptor)
          if (broken) Object.assign(buffer, { mapAsync: async () => Promise.reject(new Error('not now')) })
          return buffer
        },
      })),
    )
    const executable = await device.compile(adding())
    broken = true
    expect(await codeOf(executable.read('sum'))).toMatch(/^gpu.error: The GPU gave no answer \(not now\)/)
  })

  test('a device that is gone says so once and refuses everything from then on', async () => {
    let real: GPUDevice | undefined
    const device = await open(
      gpuWith((made) => {
        real = made
        return {}
      }),
    )
    const executable = await device.compile(adding())
    await executable.run([{ entry: 'main', steps: 2 }])
    const running = codeOf(executable.run([{ entry: 'main', steps: 8 }]))
    real?.destroy()
    expect(await device.lost).toMatch(/^The GPU was lost/)
    expect(await running).toMatch(/^gpu.lost: The GPU was lost/)
    expect(await codeOf(executable.run([{ entry: 'main', steps: 1 }]))).toMatch(/^gpu.lost/)
    expect(await codeOf(executable.read('sum'))).toMatch(/^gpu.lost/)
    expect(await codeOf(executable.write('sum', new Float32Array(1)))).toMatch(/^gpu.lost/)
    expect(await codeOf(device.compile(adding()))).toMatch(/^gpu.lost/)
  })

  test('a device that was given back is not lost', async () => {
    const device = await open(gpu as GPU)
    const executable = await device.compile(adding())
    device.dispose()
    const told = await Promise.race([device.lost, new Promise((resolve) => setTimeout(() => resolve('nothing'), 100))])
    expect(told).toBe('nothing')
    await expect(executable.run([{ entry: 'main', steps: 1 }])).rejects.toThrow(/after dispose/)
  })

  test('a step that takes very long is cut into submissions, and only whole steps are stopped at', async () => {
    let submissions = 0
    let waiting = 0
    let busy: Promise<unknown> = Promise.resolve()
    const device = await open(
      gpuWith((real) => ({
        createBuffer: (descriptor) => {
          const buffer = real.createBuffer(descriptor)
          const map = buffer.mapAsync.bind(buffer)
          // One after the other, as a GPU does its work.
          const mapAsync = async (mode: number) => {
            busy = busy.then(() => new Promise((resolve) => setTimeout(resolve, waiting)))
            await busy
            return map(mode)
          }
          if (descriptor.usage & 1) Object.assign(buffer, { mapAsync })
          return buffer
        },
        queue: changed(real.queue, {
          submit: (commands) => {
            submissions++
            real.queue.submit(commands)
          },
        }),
      })),
    )
    const g = new Builder()
    // Too many for kernels to be put together.
    const size = 16_384
    const sum = g.input('sum', 'state', [size])
    const mean = g.mean(g.add(sum, 1), [0])
    g.output(
      'sum',
      'state',
      g.add(sum, g.broadcast(g.mean(g.exp(g.sub(sum, g.broadcast(mean, [size], []))), [0]), [size], [])),
    )
    const plan = planOf([{ name: 'main', chunk: 64, program: g.build() }])
    const { dispatches } = get(compilePlan(plan).entries, 'main')
    expect(dispatches.length).toBeGreaterThan(2)
    const run = async (steps: number) => {
      submissions = 0
      expect(await executable.run([{ entry: 'main', steps }])).toBe(steps)
      return submissions
    }
    const executable = await device.compile(plan)
    waiting = 200
    await run(2)
    expect(await run(1)).toBe(dispatches.length)
    const stopped = executable.run([{ entry: 'main', steps: 4 }])
    setTimeout(() => executable.stop(), 50)
    expect(await stopped).toBe(1)
    waiting = 0
    await run(40)
    expect(await run(40)).toBeLessThan(40)
    const exact = 2 + 1 + 1 + 40 + 40
    const values = [...(await executable.read('sum'))]
    let right = 0
    for (let i = 0; i < exact; i++) right += Math.exp(-1)
    expectClose(
      values,
      values.map(() => right),
      TOLERANCE.f32.chain,
    )
  })

  test('calls that come together are done one after the other', async () => {
    const device = await open(gpu as GPU)
    const executable = await device.compile(adding())
    const results = await Promise.all([
      executable.write('x', new Float32Array(64).fill(2)),
      executable.run([{ entry: 'main', steps: 3 }]),
      executable.read('sum', 1),
      executable.write('x', new Float32Array(64).fill(100)),
      executable.run([{ entry: 'main', steps: 1 }]),
      executable.read('sum', 1),
    ])
    expect([results[2][0], results[5][0]]).toEqual([6, 106])
    executable.dispose()
  })
})
