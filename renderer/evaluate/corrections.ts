/** Corrections of samples as the window names them: what is said of each, and the edits that make them, each one step to undo. */
import { countCorrections, correctionsKey, withCorrections } from '../../src/document/corrections.ts'
import type { Correction, DataSection } from '../../src/document/types.ts'
import type { Samples } from '../../src/protocol/messages.ts'
import { formatCount, formatShort } from '../charts/numbers.ts'

/** How corrections reach the document, and a training that counts them. */
export interface Correcting {
  /** Of the document that is shown. */
  readonly data: DataSection
  readonly edit: (label: string, data: DataSection) => void
  /** Trains it as it is now; null while nothing can be trained. */
  readonly train: (() => void) | null
}

/** `line 12`, of several files `jan.csv line 12`, or the name of its file. */
export function nameOf(looks: Samples, i: number): string {
  if (looks.kind !== 'table') return looks.names[i] ?? ''
  const place = `${looks.unit} ${looks.lines[i]}`
  return looks.files ? `${looks.files[i]} ${place}` : place
}

/** `left out`, `tulip` or `3.5, 2`. */
export function describeCorrection(correction: Correction): string {
  if ('exclude' in correction) return 'left out'
  const { target } = correction
  if (typeof target === 'string') return target
  return (typeof target === 'number' ? [target] : target).map((value) => formatShort(value, 6)).join(', ')
}

export function correct({ data, edit }: Correcting, row: number, name: string, change: Correction | null): void {
  const before = data.corrections?.[row]
  if (JSON.stringify(before ?? null) === JSON.stringify(change)) return
  const wasOut = before !== undefined && 'exclude' in before
  const label = !change
    ? wasOut
      ? `Put ${name} back`
      : `Take back the label of ${name}`
    : 'exclude' in change
      ? `Leave out ${name}`
      : `Label ${name} as ${describeCorrection(change)}`
  edit(label, withCorrections(data, { [row]: change }))
}

export function takeAllBack({ data, edit }: Correcting): void {
  const { corrections = {} } = data
  const none = Object.fromEntries(Object.keys(corrections).map((row) => [row, null]))
  const count = countCorrections(data)
  edit(`Take back ${count === 1 ? '1 correction' : `${formatCount(count)} corrections`}`, withCorrections(data, none))
}

/**
 * `3 samples are corrected; they count from the next training.` Null where there is nothing to say. `learnt`: the corrections that
 * the run has learnt by, where that is known and it is of these data.
 */
export function describeCorrections(data: DataSection, learnt: string | null): string | null {
  const count = countCorrections(data)
  const isNew = learnt !== null && learnt !== correctionsKey(data)
  if (count === 0) return isNew ? 'All corrections are taken back; that counts from the next training.' : null
  const [what, they] =
    count === 1 ? ['1 sample is corrected', 'it counts'] : [`${formatCount(count)} samples are corrected`, 'they count']
  if (learnt === null) return `${what}.`
  return isNew ? `${what}; ${they} from the next training.` : `${what}; this network was trained that way.`
}

/** What was typed as the numbers of a target; null where it is none. */
export function readTarget(texts: readonly string[]): number | readonly number[] | null {
  const numbers = texts.map((text) => (text.trim() === '' ? NaN : Number(text.replace(',', '.'))))
  if (!numbers.every(Number.isFinite)) return null
  return numbers.length === 1 ? (numbers[0] ?? null) : numbers
}
