/**
 * What a person has put right, applied to examples that are split already: the sides are drawn from the data as they stand in the
 * file, so that leaving one out or calling it something else moves no other example to another side.
 */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { whyNoTarget } from '../../document/corrections.ts'
import type { Corrections, TargetDescription } from '../../document/types.ts'
import type { Steps } from '../numbers.ts'
import type { Split } from '../split.ts'
import { chosen, eachStretch } from '../stretches.ts'
import { NAMED_LINES } from '../table/survey.ts'

/** Numbers of examples as they are told to people. */
export interface Told {
  /** Begins a sentence: `iris.csv: `, or nothing. */
  readonly where: string
  readonly noun: 'row' | 'example'
  /** `lines 3, 7 and 2 more`, of rows of the source. */
  readonly places: (rows: readonly number[], count: number) => string
}

export class Corrected {
  /** By the row of the source. */
  readonly #corrections: Corrections
  readonly #target: TargetDescription
  /** Rows of the source. */
  readonly #rows: number
  readonly #relabelled = new Set<number>()
  readonly #excluded = new Set<number>()

  constructor(corrections: Corrections, target: TargetDescription, rows: number) {
    for (const [row, one] of Object.entries(corrections)) {
      const why = 'target' in one ? whyNoTarget(one.target, target) : null
      const field = `data.corrections.${row}.target`
      if (why !== null) throw new ProblemError(problem('data.correction', `${field} ${why}`, { field }))
    }
    this.#corrections = corrections
    this.#target = target
    this.#rows = rows
  }

  /**
   * The targets, `width` numbers each, as they were put right; those that were given stay as they are. `rowOf`: the row of the
   * source that a place holds.
   */
  *targets<A extends Int32Array | Float32Array | Float64Array>(
    values: A,
    width: number,
    count: number,
    rowOf: (i: number) => number,
  ): Steps<A> {
    const wanted = Object.entries(this.#corrections).flatMap(([row, one]) =>
      'target' in one ? [[Number(row), one.target] as const] : [],
    )
    if (wanted.length === 0) return values
    const byRow = new Map(wanted)
    const out = values.slice() as A
    yield* eachStretch(count, (from, to) => {
      for (let i = from; i < to; i++) {
        const target = byRow.get(rowOf(i))
        if (target === undefined) continue
        if (typeof target === 'string') out[i] = this.#target.names.indexOf(target)
        else out.set(typeof target === 'number' ? [target] : target, i * width)
      }
    })
    return out
  }

  /** Whether the example of this row, which is in one of the parts, stays there; what takes part is noted. */
  keeps(row: number): boolean {
    const one = Object.hasOwn(this.#corrections, row) ? this.#corrections[row] : undefined
    if (!one) return true
    const isOut = 'exclude' in one
    ;(isOut ? this.#excluded : this.#relabelled).add(row)
    return !isOut
  }

  /** Both parts without the examples that are left out. */
  *split({ train, validation }: Split, rowOf: (i: number) => number): Steps<Split> {
    const keeps = (i: number) => this.keeps(rowOf(i))
    return { train: yield* chosen(train, keeps), validation: yield* chosen(validation, keeps) }
  }

  /** What was done, and every correction that changes nothing; to be asked once both parts are made. */
  says({ where, noun, places }: Told): Problem[] {
    const said: Problem[] = []
    const say = (code: string, rows: readonly number[], tell: (many: string, places: string) => string) => {
      if (rows.length === 0) return
      const many = `${rows.length} ${rows.length === 1 ? noun : `${noun}s`}`
      const shown = places(rows.slice(0, NAMED_LINES), rows.length)
      said.push(problem(code, `${where}${tell(many, shown)}`, { field: 'data.corrections' }, 'warning'))
    }
    const [excluded, relabelled] = [[...this.#excluded].sort(rising), [...this.#relabelled].sort(rising)]
    const be = (rows: readonly number[], one: string, more: string) => (rows.length === 1 ? one : more)
    say('data.corrected', excluded, (many, where) => {
      return `${many} ${be(excluded, 'is', 'are')} left out, as ${be(excluded, 'it was', 'they were')} corrected by hand (${where}).`
    })
    say('data.corrected', relabelled, (many, where) => {
      return `${many} ${be(relabelled, 'has', 'have')} another target, given by hand (${where}).`
    })
    const all = Object.keys(this.#corrections).map(Number)
    const idle = all.filter((row) => row < this.#rows && !this.#excluded.has(row) && !this.#relabelled.has(row))
    say('data.correction', idle, (many, where) => {
      return `${many} ${be(idle, 'was', 'were')} corrected by hand, but ${be(idle, 'takes', 'take')} no part anyway (${where}).`
    })
    const gone = all.filter((row) => row >= this.#rows)
    if (gone.length > 0) {
      const shown = gone.slice(0, NAMED_LINES).join(', ') + (gone.length > NAMED_LINES ? ', …' : '')
      const message =
        `${where}${be(gone, '1 correction names', `${gone.length} corrections name`)} ${noun} ${shown}, but the data have ` +
        `${this.#rows} ${noun}s, counted from 0; take ${be(gone, 'it', 'them')} back.`
      const field = `data.corrections.${at(gone, 0)}`
      said.push(problem('data.correction', message, { field }, 'warning'))
    }
    return said
  }
}

const rising = (a: number, b: number) => a - b

/** Undefined where nothing was put right. */
export function correctedBy(
  corrections: Corrections | undefined,
  target: TargetDescription,
  rows: number,
): Corrected | undefined {
  return corrections && Object.keys(corrections).length > 0 ? new Corrected(corrections, target, rows) : undefined
}
