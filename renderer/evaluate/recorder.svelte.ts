/** A clip from a microphone, of the length that the network's examples have, with a sentence for whatever goes wrong. */
import { problem, type Problem } from '../../src/base/problem.ts'
import { MAX_OWN_BYTES } from '../../src/protocol/arguments.ts'
import { messageOf } from '../state/link.ts'

/** What hears: block after block of samples from -1 to 1, all channels mixed to one. */
export interface Microphone {
  /** Samples a second. */
  readonly rate: number
  /** `lost` is called when it hears no more, as one that was pulled out. */
  listen(block: (samples: Float32Array) => void, lost: () => void): void
  close(): void
}

export interface Clip {
  readonly samples: Float32Array<ArrayBuffer>
  readonly rate: number
}

/** Longer examples get silence at their end. */
export const MAX_SECONDS = 60
/** What a resampler wants beyond the end, and more. */
const BEYOND = 0.05
/** Decibels below full volume where the meter begins; what never comes above is silence. */
const QUIETEST = -60

export class Recorder {
  state = $state<'idle' | 'asking' | 'recording'>('idle')
  /** 0 … 1, in decibels. */
  level = $state(0)
  /** Seconds so far. */
  seconds = $state(0)
  failures = $state.raw<readonly Problem[]>([])

  readonly #open: () => Promise<Microphone>
  #end: (how: 'stop' | 'cancel') => void = () => undefined

  constructor(open: () => Promise<Microphone>) {
    this.#open = open
  }

  /** Resolves with the clip when it is long enough or stopped; with null where there is none. */
  async record(wanted: number): Promise<Clip | null> {
    if (this.state !== 'idle') return null
    this.state = 'asking'
    this.failures = []
    this.seconds = this.level = 0
    let isWanted = true
    this.#end = () => (isWanted = false)
    let microphone: Microphone
    try {
      microphone = await this.#open()
    } catch (error) {
      this.state = 'idle'
      this.failures = [refused(error)]
      return null
    }
    if (!isWanted) {
      microphone.close()
      this.state = 'idle'
      return null
    }
    this.state = 'recording'
    const { rate } = microphone
    const most = Math.floor(MAX_OWN_BYTES / 4)
    const samples = new Float32Array(Math.min(most, Math.ceil((Math.min(wanted, MAX_SECONDS) + BEYOND) * rate)))
    let [count, loudest] = [0, 0]
    const how = await new Promise<'stop' | 'cancel' | 'lost'>((resolve) => {
      this.#end = resolve
      microphone.listen(
        (block) => {
          const taken = block.subarray(0, samples.length - count)
          samples.set(taken, count)
          count += taken.length
          const peak = taken.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
          loudest = Math.max(loudest, peak)
          this.level = levelOf(peak)
          this.seconds = Math.min(wanted, count / rate)
          if (count === samples.length) resolve('stop')
        },
        () => resolve('lost'),
      )
    })
    microphone.close()
    this.state = 'idle'
    this.level = 0
    if (how === 'cancel') return null
    if (how === 'lost')
      this.failures = [problem('record.lost', 'The microphone went away. Connect it and record again.')]
    else if (levelOf(loudest) === 0)
      this.failures = [
        problem('record.silent', 'Nothing was heard. Check that the microphone is on and not muted, and record again.'),
      ]
    return this.failures.length > 0 ? null : { samples: samples.slice(0, count), rate }
  }

  /** What was heard so far is the clip. */
  stop(): void {
    this.#end('stop')
  }

  /** Nobody wants it any more. */
  cancel(): void {
    this.#end('cancel')
  }
}

/** How loud, 0 … 1 from -60 dB to full volume. */
export function levelOf(peak: number): number {
  return Math.max(0, Math.min(1, 1 - (20 * Math.log10(Math.max(peak, 1e-9))) / QUIETEST))
}

/** Why there is no microphone; a browser tells by the name of the exception. */
function refused(error: unknown): Problem {
  const name = error instanceof Error ? error.name : ''
  const instead = 'or choose a WAV file instead'
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return problem(
        'record.refused',
        `The microphone may not be used. Allow it in the settings of the browser or the system and record again, ${instead}.`,
      )
    case 'NotFoundError':
    case 'OverconstrainedError':
      return problem('record.none', `There is no microphone. Connect one and record again, ${instead}.`)
    case 'NotReadableError':
    case 'AbortError':
      return problem(
        'record.busy',
        `The microphone does not answer; another program may have it. Close that and record again, ${instead}.`,
      )
    default:
      return problem('record.failed', `Nothing can be recorded: ${messageOf(error)} Record again, ${instead}.`)
  }
}
