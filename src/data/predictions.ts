/**
 * What a trained network says to all examples of a file, as lines: the command line and the window write the same. Answers come in
 * parts, so that a file may be larger than what is asked at once.
 */
import { attempt, type Problem, type Result } from '../base/problem.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import { targetOf } from '../document/signature.ts'
import type { DataSection, TargetDescription } from '../document/types.ts'
import { checkEntries } from './preparation/examples.ts'
import { MadeExamples } from './preparation/made.ts'
import { applyPreparation, isTable, restoreTargets } from './prepare.ts'
import { placeOf } from './table/table.ts'
import type { FittedPreparation, LoadedTable, RawExamples } from './types.ts'

/** The examples of a file as the network takes them. */
export interface Questions {
  /** Without those that had to be left out, which the warnings name. */
  readonly count: number
  readonly shape: Shape
  readonly warnings: readonly Problem[]
  /** Those from one up to another. */
  features(from: number, to: number): Promise<Float32Array>
  /** What people call the place of an example in its file: its line, or its number from 1 on. */
  place(i: number): number
}

/** Does to all examples what was learnt in training; pictures and the like only when they are asked for. */
export function questionsOf(
  fitted: FittedPreparation,
  raw: RawExamples | LoadedTable,
  section: DataSection,
): Result<Questions> {
  if (isTable(raw)) {
    const made = applyPreparation(fitted, raw, section)
    if (!made.ok) return made
    const { count, shape, features, rows, warnings } = made.value
    const size = sizeOf(shape)
    return {
      ok: true,
      value: {
        count,
        shape,
        warnings,
        features: async (from, to) => features.subarray(from * size, to * size),
        place: (i) => placeOf(raw.table, rows[i] ?? i),
      },
    }
  }
  return attempt(() => {
    const { count, shape } = raw
    const size = sizeOf(shape)
    checkEntries(fitted, shape)
    const all = Uint32Array.from({ length: count }, (_, i) => i)
    const made = new MadeExamples(raw.features, size, all, fitted)
    return {
      count,
      shape,
      warnings: [],
      features: async (from, to) => {
        const out = new Float32Array((to - from) * size)
        await made.write(out, all.subarray(from, to), 0)
        return out
      },
      place: (i) => i + 1,
    }
  })
}

/** How answers are written. */
export class PredictionLines {
  readonly #target: TargetDescription
  readonly #fitted: FittedPreparation
  /** Of the columns behind the row and the class. */
  readonly #names: readonly string[]
  readonly #isClasses: boolean

  /** `width`: numbers of one answer. */
  constructor(section: DataSection, fitted: FittedPreparation, width: number) {
    this.#target = targetOf(section)
    this.#fitted = fitted
    const { kind, names } = this.#target
    const isTarget = width === names.length
    // A single output is the probability of the second of two classes; other widths are no answer about the target.
    this.#isClasses = kind === 'classes' && (isTarget || width === 1)
    this.#names = isTarget
      ? names
      : width === 1
        ? ['output']
        : Array.from({ length: width }, (_, k) => `output${k + 1}`)
  }

  /** The first line of a CSV file. */
  get header(): string {
    return ['row', ...(this.#isClasses ? ['class'] : []), ...this.#names].map(quoted).join(',')
  }

  /** `place`: as `Questions` tells it. */
  csv(place: number, answer: Float32Array): string {
    const { name, values } = this.#read(answer)
    return [place, ...(name === undefined ? [] : [quoted(name)]), ...values].join(',')
  }

  json(place: number, answer: Float32Array): object {
    const { name, values } = this.#read(answer)
    const named = Object.fromEntries(values.map((value, k) => [this.#names[k] ?? k, value]))
    return name === undefined ? { row: place, values: named } : { row: place, class: name, scores: named }
  }

  #read(answer: Float32Array): { readonly name?: string; readonly values: readonly number[] } {
    const { kind, names } = this.#target
    if (!this.#isClasses) {
      const isNumbers = kind === 'numbers' && answer.length === names.length
      return { values: [...(isNumbers ? restoreTargets(this.#fitted, answer) : answer)] }
    }
    const values = [...answer]
    const best = values.length === 1 ? Number((values[0] ?? 0) > 0.5) : values.indexOf(Math.max(...values))
    return { name: names[best] ?? String(best), values }
  }
}

/** A CSV cell. One that a spreadsheet would take for a formula is marked as text (OWASP, "CSV Injection"). */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
