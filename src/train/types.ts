/** What a run says of itself; plain data that survives crossing to another process. */
import type { Problem } from '../base/problem.ts'

/**
 * preparing → running ⇄ paused → stopped | finished | failed. `paused` may come with a problem (a non-finite loss), which
 * says why the run paused by itself.
 */
export type RunState = 'preparing' | 'running' | 'paused' | 'stopped' | 'finished' | 'failed'

export interface RunProgress {
  readonly run: string
  readonly state: RunState
  /** Counted from 1 while running; 0 before the first batch. */
  readonly epoch: number
  readonly epochs: number
  /** Batches done in all. */
  readonly step: number
  readonly stepsPerEpoch: number
  readonly examplesPerSecond: number
  readonly secondsLeft: number | null
  /** What it runs on, e.g. `CPU, WebAssembly SIMD`. */
  readonly device: string
  /** Why on that, where the program chose: a sentence. */
  readonly deviceReason?: string
  /** Why the run paused, failed or fell back; for the person. */
  readonly problems: readonly Problem[]
  /** Why it ended before its last epoch, and which weights it has; in whole sentences. */
  readonly note?: string
}

/**
 * A named curve: `train.loss`, `validation.loss`, `train.accuracy`, … Train points are batches, validation points epochs. With
 * several losses or a penalty the loss is their sum, and each has a curve of its own, without its weight: `train.loss.PATH` for
 * the loss block at PATH, `train.penalty`. `train.rate` is the learning rate where a schedule changes it.
 */
export interface SeriesPoints {
  readonly name: string
  readonly steps: Float64Array
  readonly values: Float64Array
}

/** Distribution of one weight at a step. */
export interface WeightHistogram {
  /** `encoder.fc1.weight` */
  readonly path: string
  readonly step: number
  /** Bounds of the equal-width bins. */
  readonly low: number
  readonly high: number
  readonly counts: Uint32Array
  readonly size: number
  readonly mean: number
  readonly deviation: number
  readonly min: number
  readonly max: number
  readonly zeros: number
  readonly nonFinite: number
}

export interface RunTelemetry {
  readonly progress: RunProgress
  /** Points that are new since the last message. */
  readonly points: readonly SeriesPoints[]
  /** Newest histogram of each weight; only when there are new ones. */
  readonly histograms: readonly WeightHistogram[]
}

export interface RunSnapshot extends RunTelemetry {
  /** Semantic hash of the document that the run is of; another one means that the drawing has changed since. */
  readonly documentHash: string
  /** The metrics beside the loss, e.g. `accuracy`. */
  readonly metrics: readonly MetricDescription[]
  /** What the loss is made of, e.g. `loss.encoder.kl` and `penalty`; empty where it is a single loss. */
  readonly parts: readonly MetricDescription[]
  /** A schedule changes the learning rate: there is a curve `train.rate`. */
  readonly scheduled: boolean
  /** Earlier histograms, oldest first, thinned evenly. */
  readonly history: readonly WeightHistogram[]
}

export interface MetricDescription {
  readonly name: string
  readonly title: string
  readonly better: 'higher' | 'lower'
  /** Shown as a share of 100 %. */
  readonly percent: boolean
}
