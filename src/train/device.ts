/**
 * Which device a run gets. A GPU that a person asked for and that can't be had is no reason not to train: the run goes to the
 * CPU and says why. `auto` holds a real GPU against the CPU engine on the network at hand, since small networks are often
 * faster on the CPU; an adapter that only computes on the processor is never taken unasked.
 */
import { fail, ok, problem, type Problem, type Result } from '../base/problem.ts'
import type { BackendName, Device } from '../backends/types.ts'
import type { PreparedData } from '../data/types.ts'
import type { GraphDocument } from '../document/types.ts'
import { load, networkOf } from './load.ts'
import { examplesOf, lengthOf } from './course.ts'
import { Stepper } from './stepper.ts'

export type DeviceChoice = 'auto' | BackendName

export interface ChosenDevice {
  readonly device: Device
  /** Where the program chose: why this one. */
  readonly reason?: string
  /** What the person should know of what was not to be had. */
  readonly notices: readonly Problem[]
  /** Where the run goes on when the device fails. */
  readonly fallback?: () => Promise<Result<Device>>
}

export interface DeviceQuestion {
  readonly choice: DeviceChoice
  readonly open: (name: BackendName) => Promise<Result<Device>>
  /** What is to be trained; null where nothing is to be measured. */
  readonly training: { readonly document: GraphDocument; readonly data: PreparedData } | null
  readonly now: () => number
}

export async function deviceFor({ choice, open, training, now }: DeviceQuestion): Promise<Result<ChosenDevice>> {
  const fallback = () => open('cpu')
  if (choice === 'cpu' || choice === 'reference' || (choice === 'auto' && !training)) {
    const opened = await open(choice === 'auto' ? 'cpu' : choice)
    return opened.ok ? ok({ device: opened.value, notices: [] }) : opened
  }
  const gpu = await open('webgpu')
  if (choice === 'webgpu' && gpu.ok) return ok({ device: gpu.value, notices: [], fallback })
  const cpu = await fallback()
  if (!cpu.ok) return gpu.ok ? ok({ device: gpu.value, notices: [] }) : fail(...gpu.problems, ...cpu.problems)
  if (!gpu.ok) {
    const why = gpu.problems.map(({ message }) => message).join(' ')
    if (choice === 'auto') return ok({ device: cpu.value, reason: `On the CPU: ${why}`, notices: [] })
    const notice = problem('run.device', `This trains on the CPU. ${why}`, undefined, 'warning')
    return ok({ device: cpu.value, notices: [notice] })
  }
  if (gpu.value.info.facts['software'] === 'yes')
    return ok({
      device: cpu.value,
      reason: `On the CPU: the only adapter here (${gpu.value.info.facts['adapter'] ?? 'unnamed'}) is software on the same processor.`,
      notices: [],
    })
  return ok({ ...(training ? await faster(gpu.value, cpu.value, training, now) : { device: cpu.value }), notices: [] })
}

/** Examples a second by network and device, so that each is measured once. */
const measured = new WeakMap<object, Map<Device, number>>()

async function faster(
  gpu: Device,
  cpu: Device,
  training: NonNullable<DeviceQuestion['training']>,
  now: () => number,
): Promise<Omit<ChosenDevice, 'notices'>> {
  const fallback = async () => ok(cpu)
  const onCpu = await speedOf(cpu, training, now)
  const onGpu = await speedOf(gpu, training, now)
  // What does not even start on the CPU is told when it is started.
  if (!onCpu.ok) return { device: cpu }
  if (!onGpu.ok) {
    const why = onGpu.problems.map(({ message }) => message).join(' ')
    return { device: cpu, reason: `On the CPU: ${why}` }
  }
  const ratio = onGpu.value / onCpu.value
  const times = (factor: number) => `${Number(factor.toPrecision(2))} times as fast`
  const figures = `measured ${count(onGpu.value)} and ${count(onCpu.value)} examples/s`
  if (ratio > 1)
    return { device: gpu, fallback, reason: `On the GPU: ${times(ratio)} as the CPU on this network (${figures}).` }
  return { device: cpu, reason: `On the CPU: ${times(1 / ratio)} as the GPU on this network (${figures}).` }
}

const count = (value: number) => Math.round(Number(value.toPrecision(3))).toLocaleString('en')

/** Long enough to be believed, in milliseconds; and when to stop waiting for a slow one. */
const LONG_ENOUGH = 60
const TOO_LONG = 1000

/**
 * Examples a second while training, of chunks that grow until one takes long enough. Whoever trains afterwards takes what was
 * compiled here, and begins with its own weights.
 */
async function speedOf(
  device: Device,
  { document, data }: NonNullable<DeviceQuestion['training']>,
  now: () => number,
): Promise<Result<number>> {
  const network = networkOf(document, data, device)
  if (!network.ok) return network
  const known = measured.get(network.value)?.get(device)
  if (known !== undefined) return ok(known)
  const loaded = await load(document, data, device)
  if (!loaded.ok) return loaded
  const { executable } = loaded.value
  try {
    const stepper = new Stepper(network.value, document.training, executable, data)
    const began = now()
    let speed = 0
    for (let steps = 1; ; steps *= 2) {
      const from = now()
      const { pieces } = await stepper.go({ steps, trainOnly: true }, { outputs: { train: ['loss'], validation: [] } })
      const took = Math.max(now() - from, 0.001)
      // The first one also makes what all of them use.
      if (steps > 1 || took > TOO_LONG) speed = Math.max(speed, (1000 * examplesOf(pieces)) / took)
      if (steps > 1 && (took > LONG_ENOUGH || steps > 2 * lengthOf(pieces))) break
      if (now() - began > TOO_LONG && speed > 0) break
    }
    const speeds = measured.get(network.value) ?? new Map<Device, number>()
    measured.set(network.value, speeds.set(device, speed))
    return ok(speed)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return fail(problem('run.measure', message))
  } finally {
    executable.dispose()
  }
}
