/** Which device a run gets, why, and what it says where it can't have the one that was asked for. */
import { describe, expect, test } from 'vitest'
import { fail, ok, problem, ProblemError, type Result } from '../../src/base/problem.ts'
import type { BackendName, Device } from '../../src/backends/types.ts'
import { deviceFor, type DeviceChoice } from '../../src/train/device.ts'
import { lengthOf } from '../../src/train/course.ts'
import { Run } from '../../src/train/run.ts'
import { valueOf } from '../data/files.ts'
import { classifier, cpu, curvesOf, dataFor, train, wrapped } from './runs.ts'

const data = dataFor(classifier(), 60, 10)
let networks = 0
/** Each test has a network of its own, since what was measured is remembered. */
const another = () => classifier({ batchSize: 4 + networks++, epochs: 2 })

/** Only devices move it, so that no machine is too slow or too fast. */
let clock = 0
const now = () => clock

/** A device that takes so many milliseconds for each step, which is really computed by the CPU; counts its steps. */
async function taking(
  milliseconds: number,
  facts: { readonly [name: string]: string } = { adapter: 'Fast One', software: 'no' },
) {
  const account = { steps: 0, compiled: 0 }
  const inner = wrapped(await cpu(), async (executable, passes) => {
    const steps = lengthOf(passes)
    clock += milliseconds * steps
    account.steps += steps
    return executable.run(passes)
  })
  const device: Device = {
    ...inner,
    info: { backend: 'webgpu', title: 'GPU, WebGPU: Fast One', facts },
    compile: (plan) => {
      account.compiled++
      return inner.compile(plan)
    },
  }
  return { device, account }
}

interface Machine {
  readonly gpu: Result<Device>
  readonly cpu: Device
}

const NO_GPU = fail(problem('gpu.adapter', 'No graphics card was found that WebGPU can use.'))

function choose(choice: DeviceChoice, machine: Machine, document = another()) {
  const open = async (name: BackendName): Promise<Result<Device>> => (name === 'webgpu' ? machine.gpu : ok(machine.cpu))
  return deviceFor({ choice, open, training: { document, data }, now }).then(valueOf)
}

describe('auto', () => {
  test('without a GPU it is the CPU, and says why', async () => {
    const machine = { gpu: NO_GPU, cpu: await cpu() }
    expect(await choose('auto', machine)).toEqual({
      device: machine.cpu,
      reason: 'On the CPU: No graphics card was found that WebGPU can use.',
      notices: [],
    })
  })

  test('an adapter that computes on the processor is not taken, nor measured', async () => {
    const { device, account } = await taking(1, { adapter: 'SwiftShader', software: 'yes' })
    const machine = { gpu: ok(device), cpu: await cpu() }
    const chosen = await choose('auto', machine)
    expect(chosen.device).toBe(machine.cpu)
    expect(chosen.reason).toMatch(
      /^On the CPU: the only adapter here \(SwiftShader\) is software on the same processor/,
    )
    expect(account).toEqual({ steps: 0, compiled: 0 })
  })

  test('a GPU that is faster on this network is taken, with the figures, and with the CPU to fall back on', async () => {
    const gpu = await taking(1)
    const other = await taking(8)
    const chosen = await choose('auto', { gpu: ok(gpu.device), cpu: other.device })
    expect(chosen.device).toBe(gpu.device)
    expect(chosen.reason).toMatch(
      /^On the GPU: 8 times as fast as the CPU on this network \(measured [\d,]+ and [\d,]+ examples\/s\)\.$/,
    )
    expect(valueOf(await (chosen.fallback ?? (async () => NO_GPU))())).toBe(other.device)
  })

  test('a GPU that is slower is not, and each network is measured once', async () => {
    const gpu = await taking(8)
    const machine = { gpu: ok(gpu.device), cpu: (await taking(2)).device }
    const document = another()
    const chosen = await choose('auto', machine, document)
    expect(chosen.device).toBe(machine.cpu)
    expect(chosen.reason).toMatch(/^On the CPU: 4 times as fast as the GPU on this network/)
    const { steps, compiled } = gpu.account
    expect(steps).toBeGreaterThan(0)
    expect(await choose('auto', machine, { ...document, training: { ...document.training, seed: 99 } })).toEqual(chosen)
    expect(gpu.account).toEqual({ steps, compiled })
    await choose('auto', machine)
    expect(gpu.account.steps).toBeGreaterThan(steps)
  })

  test('a network that the GPU can’t take trains on the CPU, and says so', async () => {
    const { device } = await taking(1)
    const small = {
      ...device,
      compile: () => Promise.reject(new ProblemError(problem('gpu.memory', 'This needs 2 GB.'))),
    }
    const machine = { gpu: ok<Device>(small), cpu: await cpu() }
    expect(await choose('auto', machine)).toMatchObject({ device: machine.cpu, reason: 'On the CPU: This needs 2 GB.' })
  })

  test('what was measured does not show in the run that follows', async () => {
    const gpu = await taking(1)
    const document = another()
    const right = await train(document, data, await cpu())
    const machine = { gpu: ok(gpu.device), cpu: (await taking(5)).device }
    const chosen = await choose('auto', machine, document)
    expect(chosen.device).toBe(gpu.device)
    const run = valueOf(
      await Run.open({
        id: 'r',
        document,
        data,
        ...chosen,
        now,
        onTelemetry: () => undefined,
      }),
    )
    expect(run.progress().deviceReason).toBe(chosen.reason)
    run.start()
    await run.ended
    // A GPU also tells how long its gradients are.
    const { 'train.gradientNorm': norms, ...curves } = curvesOf(run)
    expect(curves).toEqual(right.curves)
    expect(norms).toHaveLength(right.curves['train.loss']?.length ?? 0)
  })
})

test('a GPU that was asked for by name and is not there is a warning, not an end', async () => {
  const machine = { gpu: NO_GPU, cpu: await cpu() }
  const { device, notices } = await choose('webgpu', machine)
  expect(device).toBe(machine.cpu)
  expect(notices).toEqual([
    problem(
      'run.device',
      'This trains on the CPU. No graphics card was found that WebGPU can use.',
      undefined,
      'warning',
    ),
  ])
})

test('one that is there is taken unmeasured, whatever it is', async () => {
  const { device, account } = await taking(1, { adapter: 'SwiftShader', software: 'yes' })
  expect(await choose('webgpu', { gpu: ok(device), cpu: await cpu() })).toMatchObject({ device, notices: [] })
  expect(account.steps).toBe(0)
})

test('what does not fit names the batch that does', async () => {
  const real = await cpu()
  const asked: number[] = []
  // Takes plans whose batches of features are of at most 11 rows.
  const refusal: NonNullable<Device['refusal']> = async (plan) => {
    const rows = plan.slots.find(({ name }) => name === 'train/indices')?.shape[0] ?? 0
    asked.push(rows)
    return rows > 11 ? problem('gpu.memory', 'This needs 9 GB.') : null
  }
  const device: Device = {
    ...real,
    info: { backend: 'webgpu', title: 'GPU', facts: {} },
    refusal,
    async compile(plan) {
      const refused = await refusal(plan)
      if (refused) throw new ProblemError(refused)
      return real.compile(plan)
    },
  }
  const document = classifier({ batchSize: 48, epochs: 1 })
  const openOn = (options: object) =>
    Run.open({ id: 'r', document, data, device, now: () => 0, onTelemetry: () => undefined, ...options })
  const refused = await openOn({})
  expect(refused.ok ? [] : refused.problems.map(({ message }) => message)).toEqual([
    'This needs 9 GB. A batch of 11 fits.',
  ])
  expect(asked.length).toBeLessThan(12)
  // With something to fall back on the run is opened there, and says why.
  const opened = valueOf(await openOn({ fallback: async () => ok(real) }))
  expect(opened.progress()).toMatchObject({
    device: real.info.title,
    problems: [{ severity: 'warning', message: 'This trains on the CPU. This needs 9 GB. A batch of 11 fits.' }],
  })
})

test('a run that could not be opened is silent when its device goes', async () => {
  const real = await cpu()
  let lose: (reason: string) => void = () => undefined
  const device: Device = {
    ...wrapped(
      real,
      (inner, passes) => inner.run(passes),
      () => {
        throw new ProblemError(problem('gpu.lost', 'The GPU was lost.'))
      },
    ),
    info: { backend: 'webgpu', title: 'GPU', facts: {} },
    lost: new Promise((resolve) => (lose = resolve)),
  }
  const told: string[] = []
  const document = classifier({ batchSize: 48, epochs: 1 })
  const run = valueOf(
    await Run.open({
      id: 'r',
      document,
      data,
      device,
      fallback: async () => ok(real),
      now,
      onTelemetry: ({ progress }) => told.push(progress.state),
    }),
  )
  expect(run.progress().device).toBe(real.info.title)
  lose('The GPU was lost.')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(told).toEqual([])
})
