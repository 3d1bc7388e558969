/**
 * How a file writes its numbers: with 1.5 or 1,5 for one and a half, and perhaps 1,234, 1.234, 1 234 or 1'234 for a thousand and more.
 *
 * decimal sign  the one that a cell among the first ones shows without doubt (0.5, 12.25, 1,234.5, 1 234.5 or 1.234.567: not 1.234,
 *               which says either); where both are shown, or neither is, it is that of the files that a network was trained on, unless
 *               cells are parted by it, or else the point; but where commas alone stand in numbers and cells are not parted by them, it
 *               is the comma.
 * thousands     where the decimal sign was shown or said, the other one parts thousands, column by column: where it stands
 *               before three digits each time. In a column that shows it before other digits it parts no thousands. A blank (also one
 *               that keeps a line together, wide or narrow) or an apostrophe means nothing else within a number, so it does wherever one
 *               of them stands before three digits each time.
 *
 * What either could mean, and nothing tells, is said.
 */
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { DecimalSign as Sign } from '../types.ts'
import { clip, type Delimiter } from './records.ts'

/** What parts thousands. */
export type Mark = 'point' | 'comma' | 'blank' | 'apostrophe'

/** A number in whose thousands the sign stands, and behind the other one its decimals. */
const grouped = {
  ',': /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/,
  '.': /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?$/,
} as const
/** A number with the sign before its decimals. */
const decimal = {
  '.': /^[+-]?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)?\.\d+(?:[eE][+-]?\d+)?$/,
  ',': /^[+-]?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)?,\d+(?:[eE][+-]?\d+)?$/,
} as const
/** A thousand and more, or one and more with three decimals. */
const either = { ',': /^[+-]?[1-9]\d{0,2},\d{3}$/, '.': /^[+-]?[1-9]\d{0,2}\.\d{3}$/ } as const
const other = { '.': ',', ',': '.' } as const
const marks = { '.': 'point', ',': 'comma' } as const
/** A number whose thousands are parted by what stands in no number else: the same all along. */
const parted = /^[+-]?[1-9]\d{0,2}([ \u00a0\u2009\u202f'\u2019])\d{3}(?:\1\d{3})*(?:[.,]\d*)?$/

/** Whether a cell holds a number, whatever its signs. */
export function isNumberInAnySigns(cell: string): boolean {
  return (
    parted.test(cell) ||
    /^[+-]?\d+\.?(?:[eE][+-]?\d+)?$/.test(cell) ||
    [decimal, grouped].some((form) => form['.'].test(cell) || form[','].test(cell))
  )
}

function shows(cell: string, sign: Sign): boolean {
  if (cell.includes(sign) && parted.test(cell)) return true
  const isDecimal = decimal[sign].test(cell) && !either[sign].test(cell)
  return isDecimal || (grouped[other[sign]].test(cell) && !either[other[sign]].test(cell))
}

/** What the sign that is not the decimal one was seen to be in a column. */
interface Seen {
  readonly as: 'thousands' | 'decimals'
  readonly line: number
  readonly cell: string
}

export class NumberSigns {
  readonly decimal: Sign
  readonly #file: string
  /** The decimal sign was shown or said, so that the other one may part thousands. */
  readonly #isSure: boolean
  readonly #seen: (Seen | undefined)[] = []
  /** What parts thousands somewhere, beside the other sign. */
  readonly #marks = new Set<Mark>()
  /** Of the columns that could mean either, a cell. */
  readonly #doubtful = new Map<number, string>()

  /** `records`: the first ones, the header among them or not. */
  constructor(
    records: readonly (readonly string[])[],
    {
      file,
      delimiter,
      wanted,
      usual,
    }: {
      readonly file: string
      readonly delimiter: Delimiter
      readonly wanted: Sign | undefined
      /** Where nothing tells. */
      readonly usual?: Sign | undefined
    },
  ) {
    this.#file = file
    // Most cells have neither sign, and a table may be wide.
    const cells = records.flat().filter((cell) => /[.,]/.test(cell))
    const points = cells.some((cell) => shows(cell, '.'))
    const commas = cells.some((cell) => shows(cell, ','))
    const has = (sign: Sign) => cells.some((cell) => either[sign].test(cell))
    const onlyCommas = !points && !has('.') && has(',') && delimiter !== ','
    const shown = points === commas ? undefined : points ? '.' : ','
    const told = wanted ?? shown ?? (usual === delimiter ? undefined : usual)
    this.decimal = told ?? (onlyCommas ? ',' : '.')
    this.#isSure = told !== undefined
    for (const record of cells.length > 0 ? records : [])
      record.forEach((cell, i) => {
        if (!/[.,]/.test(cell)) return
        if (this.#partsNothing(cell)) this.#seen[i] ??= { as: 'decimals', line: 0, cell }
        const isDoubtful =
          !this.#isSure && (onlyCommas || delimiter === ';' || usual === ',') && either[this.decimal].test(cell)
        if (isDoubtful && !this.#doubtful.has(i)) this.#doubtful.set(i, cell)
      })
  }

  /** A cell as it would be with a decimal point and nothing between thousands, where it is a number; `i`: its place in the row. */
  plain(cell: string, i: number, line: number, column: string): string {
    const mark = other[this.decimal]
    if (this.#doubtful.has(i) && shows(cell, this.decimal)) this.#doubtful.clear()
    const [, own] = parted.exec(cell) ?? []
    if (own !== undefined) {
      if (cell.includes(mark)) return cell
      this.#marks.add(own === "'" || own === '\u2019' ? 'apostrophe' : 'blank')
      return cell.replaceAll(own, '').replace(',', '.')
    }
    if (this.#isSure && cell.includes(mark)) {
      const seen = this.#seen[i]
      if (grouped[mark].test(cell)) {
        if (seen?.as !== 'decimals') {
          if (!seen) this.#seen[i] = { as: 'thousands', line, cell }
          return cell.replaceAll(mark, '').replace(',', '.')
        }
      } else if (this.#partsNothing(cell)) {
        // A comma is refused with the cell; a point could not be told from a number any more.
        if (seen?.as === 'thousands' && mark === '.') throw this.#twoWays(cell, seen, line, column)
        if (!seen) this.#seen[i] = { as: 'decimals', line, cell }
      }
    }
    return this.decimal === ',' && decimal[','].test(cell) ? cell.replaceAll('.', '').replace(',', '.') : cell
  }

  /** The decimal sign, where it was shown or said. */
  get sure(): Sign | undefined {
    return this.#isSure ? this.decimal : undefined
  }

  /** What parts thousands somewhere. */
  get thousands(): readonly Mark[] {
    const hasOther = this.#seen.some((seen) => seen?.as === 'thousands')
    return [...(hasOther ? [marks[other[this.decimal]]] : []), ...[...this.#marks].sort()]
  }

  /** Columns that could mean something else. */
  doubts(names: readonly string[]): Problem[] {
    const file = this.#file
    const [word, choice] = this.decimal === ',' ? ['comma', 'Point'] : ['point', 'Comma']
    return [...this.#doubtful].map(([i, cell]) => {
      const column = names[i] ?? ''
      const [meant, thousand] = [cell.replace(',', '.'), cell.replace(this.decimal, '')]
      const message =
        `${file}, column ${column}: ${clip(cell)} is read as ${meant}, since nothing tells whether its ${word} parts thousands; ` +
        `where it means ${thousand}, choose ${choice} as the decimal sign.`
      return problem('csv.thousands', message, { file, column }, 'warning')
    })
  }

  /** A number with the sign that is not the decimal one, and not between thousands. */
  #partsNothing(cell: string): boolean {
    const mark = other[this.decimal]
    return decimal[mark].test(cell) && !either[mark].test(cell)
  }

  #twoWays(cell: string, seen: Seen, line: number, column: string): ProblemError {
    const file = this.#file
    const message =
      `${file} line ${line}, column ${column}: ${clip(cell)} has a point before its decimals, but on line ${seen.line} ` +
      `that of ${clip(seen.cell)} was taken to part thousands, as the file has decimal commas; write the column in one way.`
    // Leaving the row out would not tell what the others mean.
    return new ProblemError(problem('csv.thousands', message, { file, column }))
  }
}
