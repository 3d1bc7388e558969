/** The engine's rooms in a few lines each, for tests of the engine itself. */
import { fail, ok, problem, type Result } from '../../../src/base/problem.ts'
import type { Device } from '../../../src/backends/types.ts'
import { generatedSource } from '../../../src/data/index.ts'
import { memoryFile } from '../../../src/data/files.ts'
import type { AskedExample } from '../../../src/data/samples.ts'
import { NO_BAD, type DataItem, type PreparedData } from '../../../src/data/types.ts'
import { emptyDocument } from '../../../src/document/file.ts'
import type { GraphDocument } from '../../../src/document/types.ts'
import type { EngineParts, RunLike } from '../../../src/node/engine/service.ts'
import type { Answer, Chosen, Evaluation, Part, SampleChoice } from '../../../src/train/evaluation/types.ts'
import type { RunProgress, RunState, RunTelemetry } from '../../../src/train/types.ts'
import type { RunOptions } from '../../../src/train/run.ts'

export class FakeRun implements RunLike {
  readonly options: RunOptions
  state: RunState = 'preparing'
  steps = 0
  disposed = 0
  offered = 0
  offer(): void {
    this.offered++
  }
  readonly executable = { dispose: () => void this.disposed++ }

  constructor(options: RunOptions) {
    this.options = options
  }
  progress(): RunProgress {
    return progressOf(this.options.id, this.state, this.steps)
  }
  start(): void {
    this.state = 'running'
  }
  pause = async () => this.#become('paused')
  resume = async () => this.#become('running')
  stop = async () => this.#become('stopped')
  step = async () => {
    this.tell(1)
    return this.progress()
  }
  setLive = async () => this.progress()
  weights = async () => new Map([['fc.weight', Float32Array.of(this.steps)]])
  between = <T>(work: () => Promise<T>): Promise<T> => work()
  get document(): GraphDocument {
    return this.options.document
  }
  /** Nobody has looked before the first evaluation. */
  looked = 0
  evaluate = async (part: Part): Promise<Result<Evaluation>> => {
    this.looked++
    return part === 'train'
      ? fail(problem('evaluate.empty', 'There is nothing to look at.'))
      : ok({ ...evaluation, step: this.steps, run: this.options.id })
  }
  choose = (_: Part, choice: SampleChoice): Result<Chosen> => {
    if (this.looked === 0) return fail(problem('samples.none', 'Nothing was looked at.'))
    const indices = choice.kind === 'indices' ? choice.indices : [choice.truth, choice.predicted]
    const samples = indices.map((index) => ({ index, row: 10 * index, truth: [0], answer: [1], confidence: 0.5 }))
    return ok({ step: this.steps, total: samples.length, samples })
  }
  answer = async (example: AskedExample): Promise<Result<Answer>> =>
    example.kind === 'row'
      ? ok({ kind: 'numbers', step: this.steps, names: ['y'], values: [Object.keys(example.cells).length] })
      : fail(problem('own.size', 'Too few numbers.'))
  snapshot() {
    return {
      ...telemetryOf(this.progress(), 0, this.steps),
      documentHash: 'x',
      metrics: [],
      parts: [],
      scheduled: false,
      history: [],
    }
  }
  /** As if so many batches had passed. */
  tell(batches: number): void {
    this.steps += batches
    this.options.onTelemetry(telemetryOf(this.progress(), this.steps - batches, this.steps))
  }
  #become(state: RunState): RunProgress {
    this.state = state
    return this.progress()
  }
}

export const evaluation: Evaluation = {
  kind: 'reconstruction',
  run: '4711.1',
  part: 'validation',
  step: 0,
  epoch: 1,
  count: 2,
  looked: 2,
  undecided: 0,
  undecidedSamples: [],
  mse: 0.5,
  errors: { low: 0, high: 1, counts: Uint32Array.of(1, 1) },
  worst: [{ index: 1, value: 0.9 }],
  best: [{ index: 0, value: 0.1 }],
}

export function progressOf(run: string, state: RunState, step: number): RunProgress {
  return {
    run,
    state,
    epoch: 1,
    epochs: 1,
    step,
    stepsPerEpoch: 100,
    examplesPerSecond: 0,
    secondsLeft: null,
    device: 'Fake',
    problems: [],
  }
}

export function telemetryOf(progress: RunProgress, from: number, to: number): RunTelemetry {
  const steps = Float64Array.from({ length: to - from }, (_, i) => from + i)
  return { progress, points: [{ name: 'train.loss', steps, values: steps.map((x) => 1 / (1 + x)) }], histograms: [] }
}

export const device: Device = {
  info: { backend: 'cpu', title: 'Fake', facts: { simd: 'yes' } },
  compile: () => Promise.reject(new Error('not here')),
  lost: new Promise(() => {}),
  dispose: () => {},
}

export const file: DataItem = {
  reference: { name: 'a.csv', size: 3, sha256: '0'.repeat(64) },
  files: [memoryFile('a.csv', new Uint8Array(3))],
}

export interface FakeParts extends EngineParts {
  readonly runs: FakeRun[]
  closed: boolean
}

export function fakeParts(changes: Partial<EngineParts> = {}): FakeParts {
  const runs: FakeRun[] = []
  const parts: FakeParts = {
    runs,
    closed: false,
    info: { version: '0.0.0', optimizers: [], schedules: [], metrics: [], generators: [], readers: [] },
    process: 4711,
    backends: [
      { name: 'cpu', title: 'CPU' },
      { name: 'reference', title: 'Reference' },
    ],
    devices: {
      open: async (name) => (name === 'cpu' ? ok(device) : fail(problem('device', 'It is not on this machine.'))),
      close: () => void (parts.closed = true),
    },
    files: {
      import: async (path, name) =>
        path === '/gone'
          ? fail(problem('file.read', `"${name}" is gone.`))
          : ok({ ...file, reference: { ...file.reference, name } }),
      find: async () => ok(file),
      read: async (path, name) =>
        path === '/gone'
          ? fail(problem('file.read', `"${name}" is gone.`))
          : ok({ ...file, reference: { ...file.reference, name } }),
    },
    data: {
      propose: async (items, { reader = 'csv', options = {} }) => {
        const files = items.map(({ reference }) => reference)
        const source = { kind: 'table', reader, options, files, columns: [] } as const
        return ok({ source, facts: [], bad: NO_BAD, warnings: [], errors: [] })
      },
      generated: generatedSource,
      preview: async () => fail(problem('preview', 'Nothing to see.')),
      varied: async () => fail(problem('varied', 'Nothing to vary.')),
      prepare: async () =>
        ok({ fitted: { columns: [], targets: [] }, warnings: [] as const } as unknown as PreparedData),
      questions: async ({ items }) =>
        ok({
          questions: {
            count: 5,
            shape: [1],
            warnings: [],
            features: async (from, to) => Float32Array.from({ length: to - from }, (_, i) => from + i),
            hasFiles: false,
            looksAhead: false,
            place: (i) => ({ row: i + 2 }),
          },
          problems: items.map(({ reference: { name } }) => problem('data', `${name} was read.`, undefined, 'warning')),
        }),
      samples: async (_, rows) =>
        ok({ kind: 'table', header: ['a'], unit: 'line', lines: [...rows], cells: rows.map((row) => [`${row}`]) }),
    },
    readDocument: (document: GraphDocument) =>
      document.format === 'neuroloom' ? ok(document) : fail(problem('document', 'This is no document.')),
    readData: (data) => ok(data),
    readSource: (source) => ok(source),
    openRun: async (options) => {
      const run = new FakeRun(options)
      runs.push(run)
      return ok(run)
    },
    openPredictor: async () => fail(problem('predict', 'Nobody answers here.')),
    estimate: async () => ok(null),
    warmUp: async () => undefined,
    now: () => performance.now(),
    ...changes,
  }
  return parts
}

export const document = emptyDocument()
