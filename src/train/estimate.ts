/**
 * What training a network takes on a device, found out by training it for a moment: seconds for an epoch, and the bytes of its
 * plan. The steps are those that a run would make (load, stepper, validation), and what was compiled is left to the run.
 */
import { fail, ok, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import type { BackendName, Device } from '../backends/types.ts'
import { MOST_BYTES, VALIDATION_CHUNK } from '../compiler/costs-training.ts'
import type { PreparedData } from '../data/types.ts'
import type { GraphDocument } from '../document/types.ts'
import type { Plan } from '../ir/plan.ts'
import { Journal } from './journal.ts'
import { countsOf, load, networkOf } from './load.ts'
import { buildNetwork, type Network } from './network.ts'
import { Stepper } from './stepper.ts'
import { recorded, Validation } from './validation.ts'

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
/** A chunk of steps in milliseconds, as in a run. */
const CHUNK_TIME = 40
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
    const wanted = recorded(network)
    // What is written down of each step takes longer than the step where that is tiny.
    const journal = new Journal()
    const { train, validation } = network.batch
    /** Milliseconds: of an example in each chunk, of a chunk of the validation, of an epoch with all that belongs to it. */
    const [examples, passes, epochs]: [number[], number[], number[]] = [[], [], []]
    const began = now()
    const over = () => interruption.asked || now() - began > budget
    let opened = { time: began, epoch: 0 }
    for (let steps = 1; !over();) {
      const from = now()
      const {
        from: position,
        entry,
        done,
        size,
        values,
      } = await stepper.train(
        steps,
        wanted.map(({ name }) => name),
      )
      wanted.forEach(({ name, finish }, k) => {
        const list = values[k] ?? []
        for (let i = 0; i < done; i++) journal.record(`train.${name}`, position.step + i + 1, finish(list[i] ?? 0))
      })
      const took = now() - from
      if (done > 0 && (entry === 'train' || examples.length === 0)) examples.push(took / (done * size))
      steps = Math.max(1, Math.min(2 * steps, Math.ceil((done * CHUNK_TIME) / Math.max(took, 0.01))))
      if (!stepper.epochIsOver) continue
      const pass = new Validation(network, stepper)
      for (let finished = validation.count === 0; !finished && !over();) {
        const start = now()
        finished = (await pass.go()) !== undefined
        passes.push(now() - start)
      }
      stepper.closeEpoch()
      const { epoch } = stepper.position
      if (!over()) epochs.push((now() - opened.time) / (epoch - opened.epoch))
      opened = { time: now(), epoch }
    }
    const example = typical(examples) / 1000
    const chunks = Math.ceil(validation.count / (VALIDATION_CHUNK * validation.size))
    // A forward pass is a third of a step, where there was no time to look.
    const validated = passes.length > 1 ? (typical(passes) / 1000) * chunks : (example * validation.count) / 3
    return ok({
      secondsPerEpoch: epochs.length >= ENOUGH ? typical(epochs) / 1000 : example * train.count + validated,
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
