/**
 * What training a network takes on a device, found out by training it for a moment: seconds for an epoch, and the bytes of its
 * plan. The steps are those that a run would make (load, stepper, validation), and what was compiled is left to the run.
 */
import { fail, ok, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import type { BackendName, Device } from '../backends/types.ts'
import { MOST_BYTES } from '../compiler/costs-training.ts'
import type { PreparedData } from '../data/types.ts'
import type { GraphDocument } from '../document/types.ts'
import type { Plan } from '../ir/plan.ts'
import { Chunk, outputsOf } from './chunk.ts'
import { CHUNK_TIME, examplesOf, workOf } from './course.ts'
import { Journal } from './journal.ts'
import { countsOf, load, networkOf } from './load.ts'
import { buildNetwork, type Network } from './network.ts'
import { Stepper } from './stepper.ts'
import { Validation } from './validation.ts'

export interface Estimate {
  readonly device: BackendName
  /** What a person calls the device. */
  readonly title: string
  readonly examples: { readonly train: number; readonly validation: number }
  /** What the device must hold at once; null where it is too much to be planned. */
  readonly memoryBytes: number | null
  /** Why it can't be trained there, with a batch that could be, if there is one. */
  readonly refusal: Problem | null
  /** Of training with its validation; null where nothing was timed. */
  readonly secondsPerEpoch: number | null
  /** Of one batch. */
  readonly secondsPerStep: number | null
}

export interface EstimateQuestion {
  readonly document: GraphDocument
  readonly data: PreparedData
  readonly device: Device
  /** Milliseconds since some fixed point. */
  readonly now: () => number
  /** Somebody else may want the device: what was found by then is thrown away. */
  readonly interruption: Interruption
  /** Milliseconds of training. */
  readonly budget?: number
}

/** By which one ends what another does. */
export class Interruption {
  asked = false
  /** What the one who works does at once. */
  act: (() => void) | undefined

  ask(): void {
    this.asked = true
    this.act?.()
  }
}

const BUDGET = 300
/** Larger networks are only planned: a trial of them would take memory from what else is open. */
const MOST_TRIED = 2 ** 29

/** Fails where the network is wrong, and gives null where it was interrupted. */
export async function estimate(question: EstimateQuestion): Promise<Result<Estimate | null>> {
  const { document, data, device, interruption } = question
  const { info } = device
  const common = {
    device: info.backend,
    title: info.title,
    examples: { train: data.train.count, validation: data.validation.count },
    secondsPerEpoch: null,
    secondsPerStep: null,
  }
  const built = networkOf(document, data, device)
  if (interruption.asked) return ok(null)
  if (!built.ok) {
    if (!built.problems.some(isOfMemory)) return built
    return ok({ ...common, memoryBytes: null, refusal: await advised(built.problems, question) })
  }
  const { plan } = built.value
  const memoryBytes = plan.arenaBytes
  const refused = (await device.refusal?.(plan)) ?? null
  if (refused) return ok({ ...common, memoryBytes, refusal: await advised([refused], question) })
  if (interruption.asked) return ok(null)
  if (memoryBytes > MOST_TRIED || data.train.count === 0) return ok({ ...common, memoryBytes, refusal: null })
  const timed = await trial(question, built.value)
  if (interruption.asked) return ok(null)
  if (timed.ok) return ok({ ...common, memoryBytes, refusal: null, ...timed.value })
  // A computer that is full now says nothing about the network.
  return timed.problems.every(isOfMemory) ? ok({ ...common, memoryBytes, refusal: null }) : timed
}

/** Too much in all, or too much in one tensor. */
const isOfMemory = ({ code }: Problem) => code.endsWith('.memory') || code === 'shape.size'

interface Timed {
  readonly secondsPerEpoch: number
  readonly secondsPerStep: number
}

/**
 * Trains as a run does, for a while. The first half is left out where it can be: it also makes what all later steps use, and new
 * code gets faster as it is used.
 */
async function trial(question: EstimateQuestion, network: Network): Promise<Result<Timed>> {
  const { document, data, device, now, interruption, budget = BUDGET } = question
  const loaded = await load(document, data, device)
  if (!loaded.ok) return loaded
  const { executable } = loaded.value
  interruption.act = () => executable.stop()
  try {
    const stepper = new Stepper(network, document.training, executable, data)
    // What is written down of each step takes longer than the step where that is tiny.
    const [journal, pass] = [new Journal(), new Validation(network)]
    const { train, validation } = network.batch
    /** Milliseconds: of an example that trains, of one that validates, of an epoch with all that belongs to it. */
    const [examples, validated, epochs]: [number[], number[], number[]] = [[], [], []]
    const began = now()
    const over = () => interruption.asked || now() - began > budget
    let opened: { readonly time: number; readonly epoch: number } | undefined
    for (let work = train.size; !over();) {
      const from = now()
      // At first without the validation and the smaller last batch, so that the time of a step is known by itself.
      const trainOnly = from - began < budget / 2
      const whole = train.tail === 0 ? Infinity : stepper.stepsPerEpoch - 1 - stepper.position.batch
      const steps = trainOnly ? Math.max(1, whole) : Infinity
      const taken = await stepper.go({ steps, work, trainOnly }, { outputs: outputsOf(network) })
      new Chunk(network, taken).record(journal, pass, undefined)
      const took = Math.max(now() - from, 0.01)
      const { pieces } = taken
      if (pieces.length === 0) continue
      const trained = examplesOf(pieces.filter(({ part }) => part === 'train'))
      const others = examplesOf(pieces) - trained
      if (others === 0) {
        if (examples.length === 0 || pieces.every(({ entry }) => entry === 'train')) examples.push(took / trained)
      } else validated.push((took - trained * typical(examples)) / others)
      work = Math.min(2 * work, Math.max(train.size, (workOf(pieces) * CHUNK_TIME) / took))
      const { epoch, batch } = stepper.position
      if (batch > 0 || trainOnly) continue
      if (opened && !over()) epochs.push((now() - opened.time) / (epoch - opened.epoch))
      opened = { time: now(), epoch }
    }
    const example = typical(examples) / 1000
    // A forward pass is a third of a step, where there was no time to look.
    const other = validated.length > 1 ? typical(validated) / 1000 : example / 3
    return ok({
      secondsPerEpoch:
        epochs.length >= ENOUGH ? typical(epochs) / 1000 : example * train.count + other * validation.count,
      secondsPerStep: example * train.size,
    })
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    return fail(problem('run.measure', error instanceof Error ? error.message : String(error)))
  } finally {
    interruption.act = undefined
    executable.dispose()
  }
}

/** Epochs that say more than their parts. */
const ENOUGH = 6

/** The median of the later half: now and then one takes much longer, which a moment can't tell how often. */
function typical(times: readonly number[]): number {
  const later = times.slice(Math.floor(times.length / 2)).sort((a, b) => a - b)
  return ((later[(later.length - 1) >> 1] ?? 0) + (later[later.length >> 1] ?? 0)) / 2
}

/** The first problem, with a batch that would not have it: the largest, as far as memory is all that counts. */
async function advised(problems: readonly Problem[], question: EstimateQuestion): Promise<Problem> {
  const { document, data, device, interruption } = question
  const [first] = problems.filter(isOfMemory)
  const found = first ?? problem('plan.memory', 'This network needs more memory than can be had.')
  const { training } = document
  const planned = async (batchSize: number): Promise<Plan | null> => {
    const smaller = { ...document, training: { ...training, batchSize } }
    const built = buildNetwork(smaller, countsOf(data, batchSize), device.info.backend === 'webgpu')
    return built.ok && !(await device.refusal?.(built.value.plan)) ? built.value.plan : null
  }
  for (const share of [2, 8, 64, Infinity]) {
    if (interruption.asked) return found
    const small = Math.max(1, Math.floor(training.batchSize / share))
    const plan = await planned(small)
    if (!plan) continue
    const { fixed, passing } = partsOf(plan)
    const room = Math.min(Math.floor(((MOST_BYTES - fixed) / passing) * small), training.batchSize - 1)
    const fitting = room > small && (await planned(room)) ? room : small
    return { ...found, message: `${found.message} A batch of ${fitting} fits.` }
  }
  return { ...found, message: `${found.message} A smaller batch does not help.` }
}

/** Bytes of a plan that last (weights, memories, examples), and those that live within a step and grow with the batch. */
export function partsOf({ slots, buffers, arenaBytes }: Plan): { readonly fixed: number; readonly passing: number } {
  const sizes = new Map(buffers.map(({ id, size }) => [id, size]))
  const fixed = slots.reduce((sum, { buffer, rows }) => sum + 4 * rows * (sizes.get(buffer) ?? 0), 0)
  return { fixed, passing: Math.max(1, arenaBytes - fixed) }
}
