/** The engine's rooms in a few lines each, for tests of the engine itself. */
import { fail, ok, problem } from '../../../src/base/problem.ts'
import type { Device } from '../../../src/backends/types.ts'
import type { PreparedData, SourceFile } from '../../../src/data/types.ts'
import { emptyDocument } from '../../../src/document/file.ts'
import type { GraphDocument } from '../../../src/document/types.ts'
import type { EngineParts, RunLike } from '../../../src/node/engine/service.ts'
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

export const file: SourceFile = { name: 'a.csv', bytes: new Uint8Array(3), size: 3, sha256: '0'.repeat(64) }

export interface FakeParts extends EngineParts {
  readonly runs: FakeRun[]
  closed: boolean
}

export function fakeParts(changes: Partial<EngineParts> = {}): FakeParts {
  const runs: FakeRun[] = []
  const parts: FakeParts = {
    runs,
    closed: false,
    info: { version: '0.0.0', optimizers: [], schedules: [], metrics: [], generators: [], extensions: ['.csv'] },
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
        path === '/gone' ? fail(problem('file.read', `"${name}" is gone.`)) : ok({ ...file, name }),
      find: async () => ok(file),
    },
    data: {
      propose: (files) =>
        ok({
          source: { kind: 'table', reader: 'csv', file: { ...file, name: files[0]?.name ?? '' }, columns: [] },
          warnings: [],
        }),
      preview: async () => fail(problem('preview', 'Nothing to see.')),
      prepare: async () => ok({} as PreparedData),
    },
    readDocument: (document: GraphDocument) =>
      document.format === 'neuroloom' ? ok(document) : fail(problem('document', 'This is no document.')),
    readData: (data) => ok(data),
    openRun: async (options) => {
      const run = new FakeRun(options)
      runs.push(run)
      return ok(run)
    },
    estimate: async () => ok(null),
    warmUp: async () => undefined,
    now: () => performance.now(),
    ...changes,
  }
  return parts
}

export const document = emptyDocument()
