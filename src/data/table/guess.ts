/**
 * First guess of what each column is for; every guess can be changed in the document. The rules, in order:
 *
 * kind   all present cells are numbers                                     → numeric
 *        numbers but for one or two cells (or 1 %)                         → a slip: refused, naming the cell
 *        numbers with decimal commas                                       → refused, naming the cell
 *        anything else                                                     → categorical
 * target the last column named target, label, class, species, y, …;
 *        else the last column that is not ignored and has a value in most rows. A numeric one with at most 10 different whole values, each twice on average, in a column of
 *        such a name or in the last column, is a class (0/1, digits, grades).
 *        Several columns of 0 and 1 at the end are labels: those whose names begin alike (tag_sea, tag_sky), else all of
 *        them, where another column is left to learn from. Not so where another column has a target's name, unless that is
 *        the y behind an x, or they say themselves what they are (tag_, label_, class_).
 * time   the only column of dates, where these can be told apart (2024-05-31). Where each row has another one the table is a
 *        series, and a target of numbers is told from its own past, if there are enough rows.
 * ignore columns without any value; other dates; texts that hardly repeat (names, remarks) or have more than 1000 values; whole
 *        numbers that never repeat under a name like id or index.
 */
import { problem, type Problem } from '../../base/problem.ts'
import type { Column, FileSource, Windows } from '../../document/types.ts'
import { MAX_CATEGORIES, MAX_LISTED } from '../limits.ts'
import type { Table, TableColumn } from '../types.ts'
import { whyNoNumber } from './cells.ts'
import { dateIn, isDate } from './dates.ts'
import { clip } from './records.ts'
import { isNumberInAnySigns } from './signs.ts'
import { eachBlock } from './stored.ts'
import { showRows, sortedCategories, surveyColumn, type ColumnSurvey } from './survey.ts'
import { fileOf, placeOf, showRow, whereOf } from './table.ts'

const TARGET_NAME = /^(target|label|labels|class|classes|species|outcome|diagnosis|survived|y)$/i
/** What labels are called before what each of them says. */
const LABEL_STEM = /^(tags?|labels?|targets?|class(es)?|genres?|topics?|categor(y|ies)|outputs?|y)$/i
const ID_NAME = /^(id|index|idx|row|nr|no|number|key|uuid|unnamed:? \d+|.*[ _.-]id|.*[a-z]Id)$/i
/** Most different whole numbers that count as classes. */
const FEW = 10
/** Texts with more different values than this must repeat to be categories. */
const SOME = 20
/** Rows from which a text of its own in each row is taken for a name. */
const ROWS = 5

/** Rows that a series needs to be told from its own past. */
const SERIES = 32
/** Rows of the past that are given, as far as a series has eight times as many. */
const PAST = 16

/** What becomes of rows with a text where a number belongs: see `misfitsOf`. */
export type Misfits = 'refuse' | 'skip' | 'missing'

/** How a source treats rows that can't be taken as they are; its reader's option `bad` says it. */
export function misfitsOf({ options }: FileSource): Misfits {
  if (options['bad'] === 'skip') return 'skip'
  return options['bad'] === 'repair' ? 'missing' : 'refuse'
}

export interface Guess {
  readonly columns: readonly Column[]
  readonly windows?: Windows
  readonly warnings: readonly Problem[]
  readonly errors: readonly Problem[]
}

export function guessColumns(table: Table, misfits: Misfits = 'refuse'): Guess {
  const surveys = table.columns.map((column) => surveyColumn(table, column))
  const ignored: Problem[] = []
  const errors: Problem[] = []
  const refused = misfits === 'refuse' ? surveys.filter((survey) => isSlip(survey) || hasCommas(survey)) : []
  for (const survey of refused.slice(0, MAX_LISTED)) errors.push(slipProblem(table, survey))

  const target = guessTarget(surveys)
  const labels = guessLabels(surveys)
  const time = guessTime(surveys)
  const columns = surveys.map((survey, i): Column => {
    if (labels.has(i)) return { name: survey.name, role: 'target', kind: 'numeric', label: true }
    if (i === target && labels.size === 0) return targetColumn(table.file, survey, errors)
    const why = whyIgnored(survey)
    const kind = isNumeric(survey) || isSlip(survey) ? 'numeric' : 'categorical'
    if (why) {
      const role = i === time ? 'time' : 'ignore'
      const what =
        role === 'time'
          ? 'its dates are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it'
          : `${why}; it is ignored at first${wayOf(survey, kind)}`
      const message = `${table.file}, column ${survey.name}: ${what}.`
      ignored.push(problem('csv.ignored', message, { file: table.file, column: survey.name }, 'warning'))
      return kind === 'numeric' || survey.crowded
        ? { name: survey.name, role, kind }
        : { name: survey.name, role, kind, categories: sortedCategories(survey.values.keys()) }
    }
    return kind === 'numeric'
      ? { name: survey.name, role: 'feature', kind }
      : { name: survey.name, role: 'feature', kind, categories: sortedCategories(survey.values.keys()) }
  })
  const windows = forecastOf(table, columns)
  if (!windows && !columns.some((column) => column.role === 'feature') && errors.length === 0) {
    const { name } = surveys[target] ?? { name: '' }
    const message =
      surveys.length === 1
        ? `${table.file} has one column, ${name}, and learning takes two or more; where it has more, choose its delimiter.`
        : `${table.file} has no column left to learn from beside its target ${name}; ` +
          (time < 0
            ? `add a column of numbers or of repeating texts.`
            : `add a column of numbers or of repeating texts, or have ${SERIES} rows or more, each with a date of its own, to forecast a number from its past.`)
    errors.push(problem('data.noFeature', message, { file: table.file }), ...summed(table.file, ignored.splice(0)))
  }
  const warnings = [...summed(table.file, ignored), ...warningsOf(table, surveys, columns)]
  return { columns, ...(windows && { windows }), warnings, errors }
}

function isNumeric(survey: ColumnSurvey): boolean {
  return survey.present > 0 && survey.numbers === survey.present
}

/** A few texts among numbers are more likely typing errors than categories. */
function isSlip(survey: ColumnSurvey): boolean {
  const texts = survey.present - survey.numbers
  return texts > 0 && texts <= Math.max(2, survey.present * 0.01) && survey.numbers > texts
}

/** A table from a country that writes 1,5 for one and a half: as categories it would be read, and never understood. */
function hasCommas(survey: ColumnSurvey): boolean {
  return survey.commas > 0 && survey.commas + survey.numbers === survey.present
}

function slipProblem(table: Table, survey: ColumnSurvey): Problem {
  const { row, text } = survey.firstText ?? { row: 0, text: '' }
  const where = showRow(table, row)
  const place = { ...whereOf(table, row), column: survey.name }
  if (hasCommas(survey)) {
    const message =
      `${where}, column ${survey.name}: ${clip(text)} has a comma; ` +
      `write all numbers of the file with decimal points and without marks between thousands, or choose the decimal sign.`
    return problem('csv.decimalComma', message, place)
  }
  const message =
    `${where}, column ${survey.name}: ${clip(text)} ${whyNoNumber(text)}, ` +
    `but ${survey.numbers} of ${survey.present} values in this column are numbers; correct the cell or leave it empty.`
  return problem('csv.number', message, place)
}

function isClassLike(survey: ColumnSurvey): boolean {
  if (!isNumeric(survey) || !survey.whole || survey.crowded) return false
  return survey.values.size <= FEW && survey.present >= 2 * survey.values.size
}

function whyIgnored(survey: ColumnSurvey): string | undefined {
  if (survey.present === 0) return 'it has no value'
  const different = survey.values.size
  if (isNumeric(survey) || isSlip(survey)) {
    const unique = survey.crowded || different === survey.present
    return unique && survey.whole && survey.present >= ROWS && ID_NAME.test(survey.name)
      ? 'it numbers the rows'
      : undefined
  }
  if (isDates(survey)) return 'it holds dates'
  const beside = besideNumbers(survey)
  if (survey.crowded) return `its texts have more than ${MAX_CATEGORIES} different values`
  if (beside && different > SOME) return `${beside} stands beside its numbers, which makes them texts`
  if (different === survey.present && survey.present >= ROWS) return 'each row has a text of its own'
  if (different > SOME && different > survey.present / 2) return `its texts hardly repeat (${different} different ones)`
  return undefined
}

/** What the person can do with a column that is ignored at first, as the end of a sentence. */
function wayOf(survey: ColumnSurvey, kind: Column['kind']): string {
  if (kind === 'numeric') return ''
  if (isDates(survey))
    return isTime(survey)
      ? ', and can be chosen as the time'
      : '; written as 2024-05-31 they could be the time of the rows'
  if (besideNumbers(survey)) return '; write the numbers alone to learn from them'
  return survey.crowded ? '; as a feature its texts would be hashed' : ''
}

function isDates(survey: ColumnSurvey): boolean {
  return survey.numbers === 0 && survey.values.size > 0 && [...survey.values.keys()].every(isDate)
}

/** Dates that can be told apart. */
function isTime(survey: ColumnSurvey): boolean {
  return isDates(survey) && [...survey.values.keys()].every((text) => !Number.isNaN(dateIn(text)))
}

/** The only column of such dates; -1 where there are none, or several to choose from. */
function guessTime(surveys: readonly ColumnSurvey[]): number {
  const first = surveys.findIndex(isTime)
  return surveys.findLastIndex(isTime) === first ? first : -1
}

/** Windows that tell a target of numbers from its own past, where the rows are a series. */
function forecastOf(table: Table, columns: readonly Column[]): Windows | undefined {
  const [target, other] = columns.filter(({ role }) => role === 'target')
  const time = table.columns[columns.findIndex(({ role }) => role === 'time')]
  if (!time || target?.kind !== 'numeric' || target.label || other) return undefined
  const count = momentsIn(time)
  if (count < SERIES) return undefined
  return { length: Math.min(PAST, Math.floor(count / 8)), horizon: 1, stride: 1, past: true }
}

/** How many moments a column of dates has; 0 where two rows are of the same one, or it can't be told. */
function momentsIn(column: TableColumn): number {
  if (column.kind !== 'texts') return 0
  const moments = column.texts.map(dateIn)
  const seen = new Set<number>()
  let count = 0
  let isSeries = true
  eachBlock(column.codes, (codes) => {
    for (const code of codes) {
      if (code < 0) continue
      const moment = moments[code] ?? NaN
      if (Number.isNaN(moment)) isSeries = false
      seen.add(moment)
      count++
    }
  })
  return isSeries && seen.size === count ? count : 0
}

/** What all numbers of a column are written with, in quotes: a currency, a unit, a percent sign. */
function besideNumbers(survey: ColumnSurvey): string | undefined {
  if (survey.numbers > 0) return undefined
  let common: string | undefined
  for (const text of survey.values.keys()) {
    const [, before = '', number = '', after = ''] =
      /^(\p{Sc}|[A-Z]{3} )? ?([+-]?[\d.,]+) ?([^\d\s.,+-]{1,8})?$/u.exec(text) ?? []
    const beside = clip((before + after).trim())
    if (beside === '""' || !isNumberInAnySigns(number) || (common ?? beside) !== beside) return undefined
    common = beside
  }
  return common
}

function guessTarget(surveys: readonly ColumnSurvey[]): number {
  const named = surveys.findLastIndex((survey) => TARGET_NAME.test(survey.name))
  if (named >= 0) return named
  // A target that is the same in every row is no good, but the person must hear that rather than get another column.
  const usable = surveys.findLastIndex((survey) => !whyIgnored(survey) && survey.present > survey.missing)
  if (usable >= 0) return usable
  const any = surveys.findLastIndex((survey) => !whyIgnored(survey))
  return any >= 0 ? any : surveys.length - 1
}

/** Columns that say yes or no and stand together at the end; none where one of them is what is to be told. */
function guessLabels(surveys: readonly ColumnSurvey[]): ReadonlySet<number> {
  let first = surveys.length
  while (first > 0 && isYesNo(surveys[first - 1])) first--
  const run = Array.from({ length: surveys.length - first }, (_, i) => first + i)
  const stem = stemOf(surveys.at(-1)?.name)
  const alike = run.filter((i) => stem !== undefined && stemOf(surveys[i]?.name) === stem)
  const found = alike.length > 1 ? alike : run
  const isSaid = found === alike && LABEL_STEM.test(stem ?? '')
  const isTarget = (survey: ColumnSurvey, i: number) =>
    TARGET_NAME.test(survey.name) && (found.includes(i) || !(isSaid || isCoordinate(surveys, i)))
  if (surveys.some(isTarget)) return new Set()
  const rest = surveys.filter((survey, i) => !found.includes(i) && !whyIgnored(survey))
  return new Set(found.length > 1 && rest.length > 0 ? found : [])
}

/** A y that stands behind its x. */
function isCoordinate(surveys: readonly ColumnSurvey[], i: number): boolean {
  return /^y$/i.test(surveys[i]?.name ?? '') && /^x$/i.test(surveys[i - 1]?.name ?? '')
}

function isYesNo(survey: ColumnSurvey | undefined): boolean {
  return survey !== undefined && isNumeric(survey) && survey.min === 0 && survey.max === 1 && survey.whole
}

/** `tag` of `tag_sea`, `Tag: sea` and `tag.sea`. */
function stemOf(name: string | undefined): string | undefined {
  return /^(.*[^\s_.:-])[\s_.:-]+\S/.exec(name ?? '')?.[1]?.toLowerCase()
}

function targetColumn(file: string, survey: ColumnSurvey, errors: Problem[]): Column {
  const { name } = survey
  const place = { file, column: name }
  if (survey.present === 0) {
    errors.push(
      problem('data.noTarget', `${file}, column ${name}: the target has no value in any row; fill it in.`, place),
    )
  }
  const classes = !isNumeric(survey) || isClassLike(survey)
  if (!classes || isSlip(survey) || hasCommas(survey)) return { name, role: 'target', kind: 'numeric' }
  if (survey.crowded) {
    const message = `${file}, column ${name}: the target has more than ${MAX_CATEGORIES} classes, the most that are possible.`
    errors.push(problem('data.categories', message, place))
    return { name, role: 'target', kind: 'categorical', categories: [] }
  }
  if (survey.values.size === 1) {
    const only = clip(survey.values.keys().next().value ?? '')
    errors.push(problem('data.oneClass', oneClass(file, name, only), place))
  }
  return { name, role: 'target', kind: 'categorical', categories: sortedCategories(survey.values.keys()) }
}

export function oneClass(file: string, column: string, only: string): string {
  return `${file}, column ${column}: every row has the class ${only}; a network needs two classes or more to tell apart.`
}

function warningsOf(table: Table, surveys: readonly ColumnSurvey[], columns: readonly Column[]): Problem[] {
  const { file, parts, places } = table
  const missing: Problem[] = []
  const other: Problem[] = []
  surveys.forEach((survey, i) => {
    const column = columns[i]
    if (!column || column.role === 'ignore') return
    const place = { file, column: survey.name }
    if (survey.missing > 0) {
      const some = survey.missing === 1 ? '1 value is' : `${survey.missing} values are`
      const [first = 0] = survey.missingRows
      const where = showRows(table, survey.missingRows, survey.missing)
      const message = `${file}, column ${survey.name}: ${some} missing (${where}).`
      missing.push(problem('data.missing', message, { ...place, ...whereOf(table, first) }, 'warning'))
    }
    if (column.role === 'feature' && survey.values.size === 1) {
      const only = clip(survey.values.keys().next().value ?? '')
      const message = `${file}, column ${survey.name}: every row has the value ${only}, so nothing can be learnt from it.`
      other.push(problem('data.constant', message, place, 'warning'))
    }
    if (column.kind === 'categorical' && survey.numbers > survey.present / 2 && survey.firstText) {
      const { row, text } = survey.firstText
      const where = `${places.unit === 'line' ? 'on' : 'in'} ${places.unit} ${placeOf(table, row)}`
      const message =
        `${file}, column ${survey.name}: ${survey.numbers} of ${survey.present} values are numbers, but not all ` +
        `(${clip(text)} ${where}${parts ? ` of ${fileOf(table, row)}` : ''}), so the column is taken as categories.`
      other.push(problem('csv.mixed', message, { ...place, ...whereOf(table, row) }, 'warning'))
    }
  })
  return [...summed(file, missing), ...summed(file, other)]
}

/** Pictures as tables have hundreds of constant columns; after the first ones a sentence says how many more. */
function summed(file: string, problems: readonly Problem[]): Problem[] {
  if (problems.length <= MAX_LISTED) return [...problems]
  const rest = problems.length - MAX_LISTED
  const message = `${file}: ${rest} more columns have such a warning.`
  return [...problems.slice(0, MAX_LISTED), problem('data.more', message, { file }, 'warning')]
}
