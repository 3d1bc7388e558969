/** Small networks, handmade data, and devices that count, wait and break: what the tests of a run need. */
import type { Device, Executable, HostArray, Pass } from '../../src/backends/types.ts'
import reference from '../../src/backends/reference/index.ts'
import wasm from '../../src/backends/wasm/index.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import type { Result } from '../../src/base/problem.ts'
import type { ParamValues } from '../../src/base/params.ts'
import type { Examples, PreparedData } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { GraphDocument, TrainingSection } from '../../src/document/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { Run, type RunOptions } from '../../src/train/run.ts'
import type { RunTelemetry } from '../../src/train/types.ts'
import { valueOf } from '../data/files.ts'
import { drawn, node } from '../document/documents.ts'

export interface Settings extends Partial<Omit<TrainingSection, 'optimizer'>> {
  readonly optimizer?: string
  readonly params?: ParamValues
}

function withTraining(document: GraphDocument, settings: Settings): GraphDocument {
  const { optimizer, params, ...rest } = settings
  return {
    ...document,
    training: {
      ...document.training,
      ...rest,
      optimizer: { type: optimizer ?? 'sgd', params: params ?? { rate: 0.1, momentum: 0.5 } },
    },
  }
}

/** Two numbers in, tanh, two classes out. */
export function classifier(settings: Settings = {}): GraphDocument {
  const document = drawn(
    {
      in: node('input', 'points'),
      h: node('dense', 'hidden', { features: 3, init: 'glorotUniform' }),
      a: node('tanh', 'tanh'),
      o: node('dense', 'out', { features: 2, init: 'glorotUniform' }),
      s: node('softmax', 'softmax'),
      t: node('target', 'target'),
      l: node('crossEntropy', 'loss'),
    },
    ['in.x > h.x', 'h.y > a.x', 'a.y > o.x', 'o.y > s.x', 's.y > l.prediction', 't.y > l.target'],
  )
  return withTraining(document, settings)
}

/** One linear layer and a squared error: y = x W + b. */
export function regression(settings: Settings = {}): GraphDocument {
  const empty = emptyDocument()
  const target = { kind: 'numbers', names: ['y'] } as const
  const from = {
    ...empty,
    data: { ...empty.data, source: { ...empty.data.source, target } as typeof empty.data.source },
  }
  const document = drawn(
    {
      in: node('input', 'points'),
      o: node('dense', 'out', { features: 1, init: 'glorotUniform' }),
      t: node('target', 'target'),
      l: node('rms', 'loss'),
    },
    ['in.x > o.x', 'o.y > l.prediction', 't.y > l.target'],
    from,
  )
  return withTraining(document, settings)
}

/** Points of two clouds that overlap a little, or a noisy plane. */
export function dataFor(
  document: GraphDocument,
  train: number,
  validation: number,
  seed = 1,
): PreparedData<Float32Array> {
  const { source } = document.data
  if (source.kind === 'table') throw new Error('no tables here')
  const classes = source.target.kind === 'classes'
  const rng = new Rng(seed, 'data of tests')
  const part = (count: number): Examples<Float32Array> => {
    const features = new Float32Array(2 * count)
    const targets = classes ? new Int32Array(count) : new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const side = rng.integer(2)
      features[2 * i] = rng.normal(side - 0.5, 0.6)
      features[2 * i + 1] = rng.normal(0.5 - side, 0.6)
      targets[i] = classes
        ? side
        : (features[2 * i] ?? 0) * 0.7 - (features[2 * i + 1] ?? 0) * 0.2 + rng.normal(0, 0.05)
    }
    return { count, features, targets }
  }
  return {
    train: part(train),
    validation: part(validation),
    shape: [2],
    target: source.target,
    fitted: { columns: [], targets: classes ? [] : [{ mean: 3, deviation: 2.5 }] },
    warnings: [],
  }
}

export const cpu = async (): Promise<Device> => valueOf(await wasm.open())
export const oracle = async (): Promise<Device> => valueOf(await reference.open())

export interface Opened {
  readonly run: Run
  readonly telemetry: RunTelemetry[]
}

export async function tryOpen(
  document: GraphDocument,
  data: PreparedData,
  device: Device,
  options: Partial<RunOptions> = {},
): Promise<{ readonly result: Result<Run>; readonly telemetry: RunTelemetry[] }> {
  const telemetry: RunTelemetry[] = []
  const result = await Run.open({
    id: 'test',
    document,
    data,
    device,
    now: () => performance.now(),
    onTelemetry: (news) => telemetry.push(news),
    ...options,
  })
  return { result, telemetry }
}

export async function open(...given: Parameters<typeof tryOpen>): Promise<Opened> {
  const { result, telemetry } = await tryOpen(...given)
  return { run: valueOf(result), telemetry }
}

/** Everything that came out of a run, as plain numbers. */
export interface Outcome {
  readonly weights: { readonly [name: string]: readonly number[] }
  readonly curves: { readonly [name: string]: readonly (readonly [step: number, value: number])[] }
}

export async function outcomeOf(run: Run): Promise<Outcome> {
  const weights = Object.fromEntries([...(await run.weights())].map(([name, values]) => [name, Array.from(values)]))
  return { weights, curves: curvesOf(run) }
}

export function curvesOf(run: Run): Outcome['curves'] {
  return Object.fromEntries(
    run
      .snapshot()
      .points.map(({ name, steps, values }) => [
        name,
        Array.from(steps, (step, i) => [step, values[i] ?? NaN] as const),
      ]),
  )
}

export async function train(...given: Parameters<typeof tryOpen>): Promise<Outcome & Opened> {
  const { run, telemetry } = await open(...given)
  run.start()
  await run.ended
  return { ...(await outcomeOf(run)), run, telemetry }
}

/** A device that computes nothing but keeps account: which examples each step saw, and how many steps there were. */
export class CountingDevice implements Device {
  readonly info = { backend: 'reference', title: 'Counting', facts: {} } as const
  readonly lost: Promise<string>
  lose: (reason: string) => void = () => undefined
  /** Examples of each training step, in order. */
  readonly seen: number[][] = []
  readonly validated: number[][] = []
  /** Entry of each step. */
  readonly log: string[] = []
  compiled = 0
  /** Times that it was asked to compute, and steps of training. */
  runs = 0
  steps = 0
  /** Called before each step; may wait. */
  readonly before: () => Promise<void> | void

  constructor(before: () => Promise<void> | void = () => undefined) {
    this.before = before
    this.lost = new Promise((resolve) => (this.lose = resolve))
  }

  async compile(plan: Plan): Promise<Executable> {
    this.compiled++
    return new CountingExecutable(this, plan)
  }

  dispose(): void {}
}

/** The entry of each step. */
export const stepsOf = (passes: readonly Pass[]): string[] =>
  passes.flatMap(({ entry, steps }) => Array<string>(steps).fill(entry))

/** One call after the other, as every executable takes them. */
class Queue {
  #last: Promise<unknown> = Promise.resolve()

  readonly add = <T>(work: () => Promise<T>): Promise<T> => {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

class CountingExecutable implements Executable {
  readonly #inOrder = new Queue().add
  #running = 0
  #stopping = false
  readonly #device: CountingDevice
  readonly #values: Map<string, Float64Array>

  constructor(device: CountingDevice, plan: Plan) {
    this.#device = device
    this.#values = new Map(plan.slots.map((slot) => [slot.name, new Float64Array(sizeOf(slot.shape) * slot.rows)]))
    this.#batch = new Map(
      plan.slots.filter((slot) => slot.name.endsWith('/indices')).map((slot) => [slot.name, sizeOf(slot.shape)]),
    )
  }
  readonly #batch: ReadonlyMap<string, number>

  write(slot: string, data: HostArray): Promise<void> {
    return this.#inOrder(async () => this.#values.get(slot)?.set(data))
  }

  run(passes: readonly Pass[]): Promise<number> {
    this.#running++
    return this.#inOrder(() => this.#run(passes)).finally(() => {
      if (--this.#running === 0) this.#stopping = false
    })
  }

  async #run(passes: readonly Pass[]): Promise<number> {
    this.#device.runs++
    const rows = new Map<string, number>()
    let done = 0
    for (const entry of stepsOf(passes)) {
      if (this.#stopping) break
      await this.#device.before()
      this.#device.log.push(entry)
      const row = rows.get(entry) ?? 0
      const size = this.#batch.get(`${entry}/indices`) ?? 0
      const examples = Array.from(this.#values.get(`${entry}/indices`)?.subarray(row * size, (row + 1) * size) ?? [])
      if (entry.startsWith('train')) {
        this.#device.steps++
        this.#device.seen.push(examples)
      }
      if (entry.startsWith('evaluate')) this.#device.validated.push(examples)
      // A loss that falls a little with each step.
      this.#values.get(`${entry}/loss`)?.fill(1 / (1 + this.#device.steps), row, row + 1)
      rows.set(entry, row + 1)
      done++
    }
    return done
  }

  stop(): void {
    this.#stopping = this.#running > 0
  }

  read(slot: string, count?: number): Promise<HostArray> {
    return this.#inOrder(async () => {
      const values = this.#values.get(slot) ?? new Float64Array()
      return values.slice(0, count ?? values.length)
    })
  }

  dispose(): void {}
}

/** Lets other things happen between two chunks, as a device in a thread of its own does. */
export function patient(device: Device): Device {
  return wrapped(device, async (inner, passes) => {
    await new Promise((resolve) => setImmediate(resolve))
    return inner.run(passes)
  })
}

/** A real device whose executables now and then end a chunk early, as they do when the stop flag is set. */
export function interrupted(device: Device, lessThan: (steps: number) => number): Device {
  return wrapped(device, async (inner, passes) => {
    const entries = stepsOf(passes)
    const fewer = entries.slice(0, lessThan(entries.length))
    return fewer.length > 0 ? inner.run(fewer.map((entry) => ({ entry, steps: 1 }))) : 0
  })
}

/** What waits behind a run that was cut short ends with it, as everywhere. */
export function wrapped(
  device: Device,
  run: (inner: Executable, passes: readonly Pass[]) => Promise<number>,
  onRead: (slot: string) => void = () => undefined,
): Device {
  return {
    info: device.info,
    lost: device.lost,
    dispose: () => device.dispose(),
    async compile(plan) {
      const inner = await device.compile(plan)
      const inOrder = new Queue().add
      let asked = 0
      let ended = 0
      return {
        stop: () => inner.stop(),
        write: (slot, data) => inOrder(() => inner.write(slot, data)),
        read(slot, count) {
          onRead(slot)
          return inOrder(() => inner.read(slot, count))
        },
        dispose: () => inner.dispose(),
        run(passes) {
          const number = ++asked
          return inOrder(async () => {
            if (number <= ended) return 0
            const done = await run(inner, passes)
            if (done < stepsOf(passes).length) {
              // Who is told of it late asks for more meanwhile.
              await new Promise((resolve) => setImmediate(resolve))
              ended = asked
            }
            return done
          })
        },
      }
    },
  }
}

export async function answersOf(run: Run, features: Float32Array, count: number): Promise<Float32Array> {
  return valueOf(await run.predict(features, count))
}
