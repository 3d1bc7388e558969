/** One run of a shipped example from a seed, as the command line would make it. */
import { readFileSync } from 'node:fs'
import type { Device } from '../../src/backends/types.ts'
import wasm from '../../src/backends/wasm/index.ts'
import type { Result } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { isTable, loadGenerated, prepare } from '../../src/data/index.ts'
import type { PreparedData, HeldExamples } from '../../src/data/types.ts'
import { parseDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { Run } from '../../src/train/run.ts'

export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(result.problems.map(({ message }) => message).join(' '))
}

export function example(name: string): GraphDocument {
  const file = new URL(`../../models/examples/${name}.json`, import.meta.url)
  return valueOf(parseDocument(readFileSync(file, 'utf8'), `${name}.json`))
}

/** The document with one seed for its data, its split and its training. */
export function seeded(document: GraphDocument, seed: number): GraphDocument {
  const { source, split } = document.data
  return {
    ...document,
    data: {
      ...document.data,
      source: source.kind === 'generated' ? { ...source, seed } : source,
      split: { ...split, seed },
    },
    training: { ...document.training, seed },
  }
}

export const generated = ({ name, data: { source } }: GraphDocument): HeldExamples => {
  if (source.kind !== 'generated') throw new Error(`${name} is trained on files`)
  const { data } = valueOf(loadGenerated(source))
  if (isTable(data)) throw new Error(`${name} is trained on a table`)
  return data
}

/** So many examples of each class, chosen by the seed. */
export function some(raw: HeldExamples, ofEach: number, seed: number): HeldExamples {
  const size = sizeOf(raw.shape)
  const taken = new Array<number>(raw.target.names.length).fill(0)
  const order = new Rng(seed, 'some').permutation(raw.count)
  const chosen = [...order].filter(
    (i) => (taken[raw.targets[i] ?? 0] = (taken[raw.targets[i] ?? 0] ?? 0) + 1) <= ofEach,
  )
  const features = new Float32Array(chosen.length * size)
  chosen.forEach((i, k) => features.set(raw.features.subarray(i * size, (i + 1) * size), k * size))
  return {
    ...raw,
    count: chosen.length,
    features: raw.features instanceof Uint8Array ? Uint8Array.from(features) : features,
    targets: Int32Array.from(chosen, (i) => raw.targets[i] ?? 0),
  }
}

export interface Trained {
  readonly document: GraphDocument
  readonly raw: HeldExamples
  readonly data: PreparedData<Float32Array>
  readonly run: Run
  readonly steps: number
  readonly seconds: number
  /** Mean of the last `count` points of a curve. */
  last(curve: string, count?: number): number
}

let device: Promise<Device> | undefined
export const cpu = (): Promise<Device> => (device ??= wasm.open().then(valueOf))

export async function open(document: GraphDocument, data: PreparedData<Float32Array>): Promise<Run> {
  const options = { id: 'targets', now: () => performance.now(), onTelemetry: () => undefined }
  return valueOf(await Run.open({ ...options, document, data, device: await cpu() }))
}

/** Trains to the end. The run stays open for questions; whoever asked disposes of it. */
export async function train(document: GraphDocument, raw = generated(document)): Promise<Trained> {
  const data = valueOf(prepare(raw, document.data))
  const started = performance.now()
  const run = await open(document, data)
  run.start()
  const { state, step, problems } = await run.ended
  if (state !== 'finished') throw new Error(`${document.name} ${state}: ${problems.map((p) => p.message).join(' ')}`)
  const seconds = (performance.now() - started) / 1000
  const { points } = run.snapshot()
  const last = (curve: string, count = 1) => {
    const values = points.find(({ name }) => name === curve)?.values.slice(-count)
    if (!values || values.length < count) throw new Error(`${document.name} has no ${count} points of ${curve}`)
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return { document, raw, data, run, steps: step, seconds, last }
}
