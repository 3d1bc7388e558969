/**
 * What a trained network says to all examples of a file, as lines: the command line and the window write the same. Answers come in
 * parts, so that a file may be larger than what is asked at once.
 */
import { at } from '../base/assert.ts'
import { attempt, type Problem, type Result } from '../base/problem.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import { targetOf } from '../document/signature.ts'
import type { DataSection, TargetDescription } from '../document/types.ts'
import { featuresAt } from './features.ts'
import { checkEntries } from './preparation/examples.ts'
import { MadeExamples } from './preparation/made.ts'
import { applyToTable } from './preparation/table.ts'
import type { Aims } from './preparation/windows.ts'
import { isTable, restoreTargets } from './prepare.ts'
import { fileOf, placeOf } from './table/table.ts'
import type { FittedPreparation, LoadedTable, RawExamples, Table } from './types.ts'

/** The examples of a file as the network takes them. */
export interface Questions {
  /** Without those that had to be left out, which the warnings name. */
  readonly count: number
  readonly shape: Shape
  readonly warnings: readonly Problem[]
  /** Those from one up to another. */
  features(from: number, to: number): Promise<Float32Array>
  /** The examples are of several files, or are files. */
  readonly hasFiles: boolean
  /** They are windows, and each answer is about a row behind its window's last one. */
  readonly looksAhead: boolean
  place(i: number): ExamplePlace
}

/** What people call the place of an example. */
export interface ExamplePlace {
  /** Where there are several; of files in a folder the way there. */
  readonly file?: string
  /** Its line in its file, or its number from 1 on. Null where the answer is about a row that is yet to come, of no known number. */
  readonly row: number | null
  /** Where it looks ahead: that of the last row that is known to it. */
  readonly after?: number
}

/** Does to all examples what was learnt in training; pictures and the like only when they are asked for. */
export function questionsOf(
  fitted: FittedPreparation,
  raw: RawExamples | LoadedTable,
  section: DataSection,
): Result<Questions> {
  if (isTable(raw)) {
    // What is in a file already is not made as a whole.
    const budget = raw.table.stored ? 0 : undefined
    const made = attempt(() => applyToTable(fitted, raw, section, budget))
    if (!made.ok) return made
    const { count, shape, features, rows, aims, warnings } = made.value
    const all = Uint32Array.from(rows, (_, i) => i)
    const size = sizeOf(shape)
    return {
      ok: true,
      value: {
        count,
        shape,
        warnings,
        features: (from, to) => featuresAt(features, all.subarray(from, to), size),
        hasFiles: raw.table.parts !== undefined,
        looksAhead: aims !== undefined,
        place: (i) => {
          const own = placeIn(raw.table, rows[i] ?? i)
          return aims ? { ...own, row: rowAhead(raw, aims, i), after: own.row } : own
        },
      },
    }
  }
  return attempt(() => {
    const { count, shape } = raw
    const files = raw.files && withoutRoot(raw.files)
    const size = sizeOf(shape)
    checkEntries(fitted, shape)
    const all = Uint32Array.from({ length: count }, (_, i) => i)
    const made = new MadeExamples(raw.features, all, { shape, columns: fitted.columns })
    return {
      count,
      shape,
      warnings: [],
      features: async (from, to) => {
        const out = new Float32Array((to - from) * size)
        await made.write(out, all.subarray(from, to), 0)
        return out
      },
      hasFiles: files !== undefined,
      looksAhead: false,
      place: (i) => ({ ...(files && { file: files[i] ?? '' }), row: i + 1 }),
    }
  })
}

function placeIn(table: Table, row: number) {
  return { ...(table.parts && { file: fileOf(table, row) }), row: placeOf(table, row) }
}

/** Of the row that a window is about; behind the end of its file the one that it will have if the file is written on. */
function rowAhead({ table, source }: LoadedTable, { rows, beyond }: Aims, i: number): number | null {
  const [row, more] = [at(rows, i), at(beyond, i)]
  if (more === 0) return placeOf(table, row)
  const { parts } = table
  const isLast = row + 1 === table.rows || (parts !== undefined && at(parts.of, row) !== at(parts.of, row + 1))
  // Of several series in one file none has the next line for its own.
  const isAlone = source.columns.every(({ role }) => role !== 'group')
  return isLast && isAlone ? placeOf(table, row) + more : null
}

/** Names of files within the one folder that was given. */
function withoutRoot(names: readonly string[]): readonly string[] {
  const [first = ''] = names
  const root = first.slice(0, first.indexOf('/') + 1)
  return root !== '' && names.every((name) => name.startsWith(root))
    ? names.map((name) => name.slice(root.length))
    : names
}

/** How answers are written. */
export class PredictionLines {
  readonly #target: TargetDescription
  readonly #fitted: FittedPreparation
  /** Of the columns behind the row and the class. */
  readonly #names: readonly string[]
  readonly #isClasses: boolean
  readonly #hasFiles: boolean
  readonly #looksAhead: boolean

  /** `width`: numbers of one answer. */
  constructor(
    section: DataSection,
    fitted: FittedPreparation,
    { hasFiles, looksAhead }: Pick<Questions, 'hasFiles' | 'looksAhead'>,
    width: number,
  ) {
    this.#hasFiles = hasFiles
    this.#looksAhead = looksAhead
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
    const place = [...(this.#hasFiles ? ['file'] : []), 'row', ...(this.#looksAhead ? ['after'] : [])]
    return [...place, ...(this.#isClasses ? ['class'] : []), ...this.#names].map(quoted).join(',')
  }

  csv({ file = '', row, after }: ExamplePlace, answer: Float32Array): string {
    const { name, values } = this.#read(answer)
    return [
      ...(this.#hasFiles ? [quoted(file)] : []),
      row ?? '',
      ...(this.#looksAhead ? [after ?? ''] : []),
      ...(name === undefined ? [] : [quoted(name)]),
      ...values,
    ].join(',')
  }

  json(place: ExamplePlace, answer: Float32Array): object {
    const { name, values } = this.#read(answer)
    const named = Object.fromEntries(values.map((value, k) => [this.#names[k] ?? k, value]))
    return name === undefined ? { ...place, values: named } : { ...place, class: name, scores: named }
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
