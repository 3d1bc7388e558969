/** An engine that answers as it is told and lets a test speak for it. */
import type {
  AnswerOf,
  ArgumentsOf,
  DataProgress,
  EngineCalls,
  RunProgress,
  RunSnapshot,
  RunTelemetry,
} from '../../src/protocol/messages.ts'
import type { SeriesPoints, WeightHistogram } from '../../src/protocol/messages.ts'
import type { Asking } from '../../src/protocol/rpc.ts'
import type { Engine } from '../../renderer/state/engine.ts'

type Answers = {
  [N in keyof EngineCalls]?: (
    args: ArgumentsOf<EngineCalls, N>,
  ) => AnswerOf<EngineCalls, N> | Promise<AnswerOf<EngineCalls, N>>
}

export class FakeEngine {
  readonly calls: { readonly name: string; readonly args: unknown }[] = []
  /** What was wanted of each of them beside its answer. */
  readonly askings: Asking<DataProgress>[] = []
  readonly answers: Answers
  #listeners = new Set<(telemetry: RunTelemetry) => void>()

  constructor(answers: Answers = {}) {
    this.answers = answers
  }

  /** What the window's parts are handed. */
  readonly peer: Engine = {
    call: async (name: string, args: unknown, asking: Asking<DataProgress> = {}) => {
      this.calls.push({ name, args })
      this.askings.push(asking)
      const answer = (this.answers as { [name: string]: ((args: unknown) => unknown) | undefined })[name]
      if (!answer) throw new Error(`"${name}" got no answer from the engine: the engine process ended.`)
      // Whatever crosses to the engine must survive the crossing, so a proxy would be found out here.
      structuredClone(args)
      return answer(args)
    },
    on: (_name: string, listener: (telemetry: RunTelemetry) => void) => {
      this.#listeners.add(listener)
      return () => void this.#listeners.delete(listener)
    },
  } as unknown as Engine

  get listeners(): number {
    return this.#listeners.size
  }

  tell(telemetry: RunTelemetry): void {
    for (const listener of this.#listeners) listener(telemetry)
  }
}

export function progressOf(part: Partial<RunProgress> = {}): RunProgress {
  return {
    run: '7.1',
    state: 'running',
    epoch: 1,
    epochs: 20,
    step: 10,
    stepsPerEpoch: 10,
    examplesPerSecond: 12431,
    secondsLeft: 200,
    device: 'CPU, WebAssembly SIMD',
    problems: [],
    ...part,
  }
}

export function pointsOf(name: string, steps: readonly number[], values: readonly number[]): SeriesPoints {
  return { name, steps: Float64Array.from(steps), values: Float64Array.from(values) }
}

export function histogramOf(path: string, step: number): WeightHistogram {
  const facts = { low: -1, high: 1, counts: Uint32Array.of(1, 2, 1), size: 4, mean: 0, deviation: 0.5, min: -1, max: 1 }
  return { path, step, ...facts, zeros: 0, nonFinite: 0 }
}

export function telemetryOf(part: Partial<RunTelemetry> = {}): RunTelemetry {
  return { progress: progressOf(), points: [], histograms: [], ...part }
}

export function snapshotOf(part: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    ...telemetryOf(),
    documentHash: 'abc',
    metrics: [{ name: 'accuracy', title: 'Accuracy', better: 'higher', percent: true }],
    parts: [],
    scheduled: false,
    history: [],
    ...part,
  }
}
