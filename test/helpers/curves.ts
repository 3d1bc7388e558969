/**
 * Loss curves of a document on two devices. Both train on the same batches from the same weights, through what a run is made
 * of, without the validation in between.
 *
 * Rounding differs from device to device, and mostly stays as small as it is. Where it decides a comparison, which of two
 * values in a window is the greater or whether one is above 0, a curve jumps by more than rounding, and at some rates any
 * difference grows. How much of that is the network's own is measured, by the CPU engine alone: how far its curves part when
 * the first weights differ in their last digit.
 */
import { at, get } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import type { Device } from '../../src/backends/types.ts'
import type { PreparedData } from '../../src/data/types.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { load } from '../../src/train/load.ts'
import { Stepper, valuesOf } from '../../src/train/stepper.ts'
import { valueOf } from '../data/files.ts'
import { TOLERANCE } from './tolerance.ts'

export interface Setting {
  readonly document: GraphDocument
  readonly data: PreparedData
}

export interface Changes {
  /** What a control breaks. */
  readonly plan?: (plan: Plan) => Plan
  /** Of the first weights, which factor each gets. */
  readonly factor?: () => number
}

/** Compiles what trains, and nothing else. */
function trainingOnly(device: Device, change: (plan: Plan) => Plan): Device {
  const { info, lost } = device
  const compile = (plan: Plan) => {
    const entries = plan.entries.filter(({ name }) => name.startsWith('train'))
    return device.compile(change({ ...plan, entries }))
  }
  return { info, lost, compile, dispose: () => undefined }
}

/** Losses of the first steps. */
export async function curveOf(
  { document, data }: Setting,
  device: Device,
  steps: number,
  { plan = (same) => same, factor }: Changes = {},
): Promise<number[]> {
  const { network, executable, values } = valueOf(await load(document, data, trainingOnly(device, plan)))
  for (const { name } of factor ? network.weights : [])
    await executable.write(
      name,
      Float32Array.from(get(values, name), (value) => value * (factor?.() ?? 1)),
    )
  const stepper = new Stepper(network, document.training, executable, data)
  const losses: number[] = []
  while (losses.length < steps) {
    const taken = await stepper.go(
      { steps: steps - losses.length, trainOnly: true },
      { outputs: { train: ['loss'], validation: [] } },
    )
    for (const piece of taken.pieces) losses.push(...valuesOf(taken, piece, 0))
  }
  executable.dispose()
  return losses
}

/** Curves of the CPU engine that a last digit makes; two of eight have been seen to jump where others did not. */
const RUNS = 8

/** How far the CPU engine's curves have parted by each step. */
export async function spreadOf(setting: Setting, cpu: Device, right: readonly number[]): Promise<number[]> {
  const spread = right.map(() => 0)
  for (let run = 0; run < RUNS; run++) {
    const rng = new Rng(run, 'last digit')
    const other = await curveOf(setting, cpu, right.length, { factor: () => 1 + (rng.integer(3) - 1) * 2 ** -23 })
    let most = 0
    other.forEach((loss, i) => {
      most = Math.max(most, Math.abs(loss - at(right, i)))
      spread[i] = Math.max(at(spread, i), most)
    })
  }
  return spread
}

const { absolute, relative } = TOLERANCE.f32.trained
const allowed = (right: number) => absolute + relative * Math.abs(right)

/** The largest difference between two curves, as a multiple of what trained values may differ by. */
export const distance = (losses: readonly number[], right: readonly number[]): number =>
  right.reduce((most, loss, i) => Math.max(most, Math.abs(at(losses, i) - loss) / allowed(loss)), 0)

/** The first step at which two curves are further apart than they may be: `spread` is what the network does by itself. */
export function parted(
  losses: readonly number[],
  right: readonly number[],
  spread: readonly number[] = [],
): number | undefined {
  const step = right.findIndex((loss, i) => !(Math.abs(at(losses, i) - loss) <= allowed(loss) + 2 * (spread[i] ?? 0)))
  return step < 0 ? undefined : step
}
