/** Brings a document and its data onto a device: compiled, with the examples and the first weights in place. */
import { at } from '../base/assert.ts'
import { fail, ok, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import { Rng } from '../base/rng.ts'
import { sameValue } from '../base/same.ts'
import type { Device, Executable, HostArray } from '../backends/types.ts'
import { VALIDATION_BATCH } from '../compiler/costs-training.ts'
import { isMade } from '../data/features.ts'
import type { PreparedData } from '../data/types.ts'
import { signatureOf } from '../document/signature.ts'
import type { Graph, GraphDocument } from '../document/types.ts'
import { executableFor } from './executables.ts'
import { rowsOf } from './feeder.ts'
import { initialWeight } from './initialize.ts'
import { buildNetwork, type Counts, type Network } from './network.ts'

export interface Loaded {
  readonly network: Network
  readonly executable: Executable
  /** Weights and the optimizer's memories as they start. */
  readonly values: ReadonlyMap<string, HostArray>
}

export async function load(document: GraphDocument, data: PreparedData, device: Device): Promise<Result<Loaded>> {
  if (data.train.count === 0)
    return fail(
      problem('data.empty', 'There is no example to train on. Choose other data, or a smaller validation share.'),
    )
  const built = networkOf(document, data, device)
  const placed = built.ok ? await place(built.value, document, data, device) : built
  if (!built.ok || !placed.ok) {
    const problems = placed.ok ? [] : placed.problems
    const advice = await batchAdvice(problems, document, data, device)
    return fail(...problems.map((one) => ({ ...one, message: `${one.message}${advice}` })))
  }
  const values = new Map<string, HostArray>()
  for (const weight of built.value.weights)
    values.set(weight.name, initialWeight(weight, new Rng(document.training.seed, 'init', weight.name)))
  for (const memory of built.value.memories) values.set(memory.name, new Float32Array(memory.size))
  const executable = placed.value
  for (const [name, value] of values) await executable.write(name, value)
  return ok({ network: built.value, executable, values })
}

/** Compiles the network and leaves what was made to the next run of it. */
export async function warmUp({
  document,
  data,
  device,
}: {
  readonly document: GraphDocument
  readonly data: PreparedData
  readonly device: Device
}): Promise<void> {
  const network = networkOf(document, data, device)
  const compiled = network.ok ? await compileFor(device, network.value) : network
  if (compiled.ok) compiled.value.dispose()
}

/** Of the data, and how much of them is on a device at once. */
export function countsOf({ train, validation, shape }: PreparedData, batchSize: number): Counts {
  const rows = {
    train: rowsOf(train, shape, Math.min(Math.max(train.count, 1), batchSize)),
    validation: rowsOf(validation, shape, Math.min(Math.max(validation.count, 1), VALIDATION_BATCH)),
  }
  return { train: train.count, validation: validation.count, rows }
}

/** The network as a device trains it. */
export const networkOf = (document: GraphDocument, data: PreparedData, device: Device): Result<Network> =>
  networkFor(document, countsOf(data, document.training.batchSize), isWatched(device))

/** What our own arithmetic tells by itself a GPU is asked for. */
const isWatched = ({ info }: Device) => info.backend === 'webgpu'

/** The network on a device, with everything but its weights and the optimizer's memories. */
export async function place(
  network: Network,
  document: GraphDocument,
  data: PreparedData,
  device: Device,
): Promise<Result<Executable>> {
  const compiled = await compileFor(device, network)
  if (!compiled.ok) return compiled
  const executable = compiled.value
  // A network may lack slots: no numeric targets, no validation part, features that nothing reads.
  const slots = new Set(network.plan.slots.map((slot) => slot.name))
  const write = async (name: string, values: HostArray) => {
    if (slots.has(name)) await executable.write(name, values)
  }
  for (const part of ['train', 'validation'] as const) {
    const { count, features, targets } = data[part]
    // Those that are made when they are asked for come with the steps, see feeder.ts.
    if (count === 0 || isMade(features)) continue
    await write(`${part}/features`, features)
    await write(`${part}/targets`, targets)
  }
  const deviations = data.fitted.targets.map((target) => target.deviation)
  await write('target/deviation', Float32Array.from(deviations))
  await write('random/seed', Int32Array.of(document.training.seed | 0))
  for (const [slot, value] of network.live) await write(slot, Float32Array.of(value))
  return compiled
}

/** For what is too large: the largest batch that would not be. */
async function batchAdvice(
  problems: readonly Problem[],
  document: GraphDocument,
  data: PreparedData,
  device: Device,
): Promise<string> {
  const { training } = document
  const fits = async (batchSize: number) => {
    const built = buildNetwork(
      { ...document, training: { ...training, batchSize } },
      countsOf(data, batchSize),
      isWatched(device),
    )
    return built.ok && !(await device.refusal?.(built.value.plan))
  }
  let tooLarge = Math.min(training.batchSize, data.train.count)
  // Memory that others hold is another matter.
  if (!problems.some(({ code }) => code.endsWith('.memory')) || (await fits(tooLarge))) return ''
  let fitting = 0
  while (tooLarge - fitting > 1) {
    const middle = Math.floor((fitting + tooLarge) / 2)
    if (await fits(middle)) fitting = middle
    else tooLarge = middle
  }
  return fitting > 0 ? ` A batch of ${fitting} fits.` : ' A smaller batch does not help.'
}

/** The last networks and all that they depend on. */
const recent: { readonly of: unknown; readonly network: Network }[] = []
/** Two, and each of them as the CPU and as a GPU trains it. */
const MOST_RECENT = 4

/** As `buildNetwork`, which is not asked again where only places of blocks, seed, epochs or examples are others. */
function networkFor(document: GraphDocument, counts: Counts, watched: boolean): Result<Network> {
  const { graph, data, training } = document
  const of = [unplaced(graph), signatureOf(data), { ...training, seed: 0, epochs: 0 }, counts, watched]
  const known = recent.findIndex((one) => sameValue(one.of, of))
  const built = known < 0 ? buildNetwork(document, counts, watched) : ok(at(recent.splice(known, 1), 0).network)
  if (built.ok) recent.unshift({ of, network: built.value })
  recent.length = Math.min(recent.length, MOST_RECENT)
  return built
}

/** A drawing without where its blocks stand. */
function unplaced({ blocks, wires }: Graph): unknown {
  const nodes = Object.entries(blocks).map(([id, { position: _, inside, ...node }]) => {
    return [id, node, inside && [{ ...inside, blocks: null, wires: null }, unplaced(inside)]]
  })
  return [nodes, wires]
}

/** A device may find only now that it lacks the memory; it says so by throwing, since it may live in another thread. */
async function compileFor(device: Device, network: Network): Promise<Result<Executable>> {
  try {
    return ok(await executableFor(device, network.plan))
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    const reason = error instanceof Error ? error.message : String(error)
    return fail(problem('run.compile', `${device.info.title} can't take this network: ${reason}`))
  }
}
