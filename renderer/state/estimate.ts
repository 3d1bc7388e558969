/**
 * What training the drawing will take, for the foot of the window: at once from the analysis while a number is scrubbed, and as the
 * engine has measured it once the drawing has rested.
 */
import { showBytes } from '../../src/base/shape.ts'
import { sameValue } from '../../src/base/same.ts'
import type { Result } from '../../src/base/problem.ts'
import type { Costs } from '../../src/compiler/analyze.ts'
import {
  memorySentence,
  MOST_BYTES,
  prognosis,
  trainingWork,
  type Kind,
  type Measured,
} from '../../src/compiler/costs-training.ts'
import type { DataSource, GraphDocument } from '../../src/document/types.ts'
import type {
  DeviceChoice,
  DeviceDescription,
  NetworkEstimate,
  OptimizerDescription,
} from '../../src/protocol/messages.ts'

/** A drawing, and what it would be trained on. */
export interface Question {
  /** Changes where the run would be another one. */
  readonly hash: string
  readonly document: GraphDocument
  readonly device: DeviceChoice
  /** What the analysis says of it. */
  readonly costs: Costs
}

/** What the engine found, and of what. */
export interface Found {
  readonly question: Question
  readonly estimate: NetworkEstimate
}

/** Milliseconds without an edit before the engine is asked. */
const REST = 700

type Ask = (question: Question, signal: AbortSignal) => Promise<Result<NetworkEstimate | null>>

/** Asks the engine once the drawing rests, once for each drawing, one question at a time. */
export class Asker {
  readonly #ask: Ask
  readonly #tell: (found: Found) => void
  #question: Question | null = null
  #answered = ''
  /** The question that is out. */
  #out: { readonly question: Question; readonly controller: AbortController } | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ask: Ask, tell: (found: Found) => void) {
    this.#ask = ask
    this.#tell = tell
  }

  /** To be called after each change; null while nothing could be trained, or something is. */
  look(question: Question | null): void {
    this.#question = question
    clearTimeout(this.#timer)
    const { question: asked, controller } = this.#out ?? {}
    // Its data are read for nothing: they are others by now, or whoever trains has asked for them.
    if (asked && !(question && readsTheSame(asked.document.data.source, question.document.data.source)))
      controller?.abort()
    if (question && keyOf(question) !== this.#answered) this.#timer = setTimeout(() => void this.#go(), REST)
  }

  close(): void {
    this.look(null)
  }

  async #go(): Promise<void> {
    const question = this.#question
    if (!question || this.#out || keyOf(question) === this.#answered) return
    const controller = new AbortController()
    this.#out = { question, controller }
    // The start says what is wrong; here it would only be noise.
    const answer = await this.#ask(question, controller.signal).catch(() => null)
    this.#out = null
    // One that was interrupted is asked again when there is a reason to look again.
    if (!controller.signal.aborted && (!answer?.ok || answer.value)) this.#answered = keyOf(question)
    if (answer?.ok && answer.value) this.#tell({ question, estimate: answer.value })
    if (this.#question !== question) this.look(this.#question)
  }
}

const keyOf = ({ hash, device }: Question) => `${device} ${hash}`

/** Whatever is made of the columns. */
function readsTheSame(a: DataSource, b: DataSource): boolean {
  if (a.kind === 'generated' || b.kind === 'generated') return sameValue(a, b)
  return a.reader === b.reader && sameValue(a.options, b.options) && sameValue(a.files, b.files)
}

export interface Outlook {
  readonly memory: string
  readonly fits: boolean
  /** A sentence on the memory that training needs and the device has. */
  readonly memoryTitle: string
  /** `≈ 14 s per epoch`; null where nothing is known. */
  readonly time: string | null
  readonly timeTitle: string
}

/** Of a drawing that can be trained. */
export function outlookOf(
  question: Question,
  found: Found | null,
  {
    devices,
    optimizers,
  }: { readonly devices: readonly DeviceDescription[]; readonly optimizers: readonly OptimizerDescription[] },
): Outlook {
  const { document, device, costs } = question
  // What was measured on other data or for another device says nothing here.
  const last =
    found && found.question.device === device && sameValue(found.question.document.data, document.data) ? found : null
  const here = last !== null && last.question.hash === question.hash
  const backend =
    last?.estimate.device ?? (device === 'webgpu' ? 'webgpu' : device === 'reference' ? 'reference' : 'cpu')
  const kind: Kind = backend === 'webgpu' ? 'gpu' : 'cpu'
  const { type } = document.training.optimizer
  const memories = optimizers.find((optimizer) => optimizer.type === type)?.memories ?? 1
  const examples = last?.estimate.examples ?? { train: 0, validation: 0 }
  const work = trainingWork(document, costs, examples, memories)
  const known = last && measuredOf(last, memories)
  const forecast = prognosis(
    // Without examples the batch is still that of the document.
    last ? work : { ...work, batch: document.training.batchSize },
    { limit: limitOf(backend, devices), kind, measured: known, here },
  )
  const refusal = here ? last.estimate.refusal : null
  const title = kind === 'gpu' ? 'the GPU' : 'the CPU engine'
  // The model knows the CPU engine, not the one that computes in double precision.
  const seconds = backend === 'reference' && !known ? null : forecast.secondsPerEpoch
  const on = last ? ` on ${last.estimate.title}` : ''
  return {
    memory: `${forecast.exact ? '' : '≈ '}${showBytes(forecast.bytes)}`,
    fits: refusal === null && forecast.fits,
    memoryTitle: refusal?.message ?? memorySentence(forecast, title),
    time: seconds === null ? null : `≈ ${showDuration(seconds)} per epoch`,
    timeTitle: forecast.measured
      ? `Measured${on}: ${showDuration(seconds ?? 0)} for an epoch with its validation`
      : `Estimated${on} from ${known?.secondsPerEpoch ? 'the last measurement' : 'the size of the network'}; measured once the drawing rests`,
  }
}

function measuredOf({ question, estimate }: Found, memories: number): Measured {
  return {
    work: trainingWork(question.document, question.costs, estimate.examples, memories),
    kind: estimate.device === 'webgpu' ? 'gpu' : 'cpu',
    secondsPerEpoch: estimate.secondsPerEpoch,
    memoryBytes: estimate.memoryBytes,
  }
}

/** Bytes that the device lets one run have. */
export function limitOf(backend: string, devices: readonly DeviceDescription[]): number {
  if (backend !== 'webgpu') return MOST_BYTES
  const facts = devices.find(({ name }) => name === 'webgpu')?.facts ?? {}
  const sizes = ['largest buffer', 'largest binding'].map((name) => bytesOf(facts[name] ?? ''))
  return Math.min(MOST_BYTES, ...sizes.filter((size) => size > 0))
}

/** The inverse of `showBytes`; 0 for what it does not write. */
export function bytesOf(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+) (bytes|kB|MB|GB|TB)$/.exec(text) ?? []
  return Number(digits) * 1000 ** Math.max(0, ['bytes', 'kB', 'MB', 'GB', 'TB'].indexOf(unit))
}

/** `0.14 ms`, `14 s`, `2 min 5 s`, `3 h 20 min`: two figures, as an estimate has no more. */
export function showDuration(seconds: number): string {
  const figures = (value: number) => Number(value.toPrecision(2)).toString()
  if (seconds < 0.9995) return seconds * 1000 < 0.01 ? '<0.01 ms' : `${figures(seconds * 1000)} ms`
  if (seconds < 99.5) return `${figures(seconds)} s`
  const [large, small, size] = seconds < 3570 ? ['min', 's', 60] : (['h', 'min', 3600] as const)
  const inner = size / 60
  // To ten seconds, or ten minutes.
  const tens = Math.round(seconds / (10 * inner)) * 10
  const [whole, rest] = [Math.floor(tens / 60), tens % 60]
  return rest === 0 ? `${whole} ${large}` : `${whole} ${large} ${rest} ${small}`
}
