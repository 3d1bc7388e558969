/**
 * First guess of what each column is for; every guess can be changed in the document. The rules, in order:
 *
 * kind   all present cells are numbers                                     → numeric
 *        numbers but for one or two cells (or 1 %), or for infinite ones   → a slip: refused, naming the cell
 *        numbers with decimal commas                                       → refused, naming the cell
 *        anything else                                                     → categorical
 * target the last column named target, label, class, species, y, …;
 *        else the last column that is not ignored and has a value in most rows; of both only one that can be told: it varies, its
 *        classes are few enough and come again, and something is left to tell it by. Where none can, why is said. A numeric one
 *        with at most 10 different whole values, each twice on average, in a column of such a name or in the last column, is a
 *        class (0/1, digits, grades).
 *        Several columns of 0 and 1 at the end are labels: those whose names begin alike (tag_sea, tag_sky), else all of
 *        them, where another column is left to learn from. Not so where another column has a target's name, unless that is
 *        the y behind an x, or they say themselves what they are (tag_, label_, class_). A field's list of texts is such columns.
 * time   the only column of dates, where these can be told apart (`dates.ts`), else of rising seconds or milliseconds since 1970
 *        under such a name. Rows that come in this order, or groups of them do, are split by it. Where each row has another one the table is a
 *        series, and a target of numbers is told from its own past, if there are enough rows.
 * ignore columns without any value; other dates; texts that hardly repeat (names, remarks) or have more than 1000 values; whole
 *        numbers that never repeat under a name like id or index.
 */
import { at } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { featureColumns } from '../../document/signature.ts'
import type { Column, FileSource, Windows } from '../../document/types.ts'
import { MAX_CATEGORIES, MAX_LISTED } from '../limits.ts'
import { countsOf } from '../parts.ts'
import type { NumberColumn, Table, TableColumn, TextColumn } from '../types.ts'
import { isInfinite, numberIn, whyNoNumber } from './cells.ts'
import { datesOf, isDate } from './dates.ts'
import { clip } from './records.ts'
import { isNumberInAnySigns } from './signs.ts'
import { eachBlock, wholeOf } from './stored.ts'
import { showRows, sortedCategories, surveyColumn, type ColumnSurvey } from './survey.ts'
import { fileOf, placeOf, showRow, whereOf } from './table.ts'

const TARGET_NAME = /^(target|label|labels|class|classes|species|outcome|diagnosis|survived|y)$/i
/** What labels are called before what each of them says. */
const LABEL_STEM = /^(tags?|labels?|targets?|class(es)?|genres?|topics?|categor(y|ies)|outputs?|y)$/i
const ID_NAME = /^(id|index|idx|row|nr|no|number|key|uuid|unnamed:? \d+|.*[ _.-]id|.*[a-z]Id)$/i
const CLOCK_NAME =
  /^(.*[ _.-])?(time|timestamp|ts|epoch|unix|unixtime|datetime|date)([ _.-].*)?$|^[a-z].*(Time|Timestamp)$|_at$/i
/** 2000 and 2100, in seconds since 1970. */
const CLOCK = { from: Date.UTC(2000) / 1000, to: Date.UTC(2100) / 1000 }
/** Most different whole numbers that count as classes. */
const FEW = 10
/** Texts with more different values than this must repeat to be categories. */
const SOME = 20
/** Rows that a group has on average, at least, where its rows lie together in time. */
const GROUP = 3
/** Rows from which a text of its own in each row is taken for a name. */
const ROWS = 5

/** Rows of the past that are given, as far as a series has so many times as many: a fifth of it validates, in windows of its own. */
const PAST = { least: 2, most: 16, times: 8 }
/** Rows that a series needs to be told from its own past. */
const SERIES = PAST.least * PAST.times

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
  /** The rows come in the order of their times, and are no series whose windows are cut by these anyhow. */
  readonly inTime: boolean
  readonly warnings: readonly Problem[]
  /** Cells that do not fit their columns, where these are refused. */
  readonly slips: readonly Problem[]
  /** Why nothing can be learnt with these roles, best as they are. */
  readonly errors: readonly Problem[]
}

export function guessColumns(table: Table, misfits: Misfits = 'refuse'): Guess {
  const surveys = table.columns.map((column) => surveyColumn(table, column))
  const ignored: Problem[] = []
  const refused = misfits === 'refuse' ? surveys.filter((survey) => isSlip(survey) || hasCommas(survey)) : []
  const slips = refused.slice(0, MAX_LISTED).map((survey) => slipProblem(table, survey))

  const time = guessTime(surveys)
  const moments = momentsOf(table, surveys, time)
  const target = guessTarget(table.file, surveys, moments)
  const labels = guessLabels(surveys)
  const columns = surveys.map((survey, i): Column => {
    if (labels.has(i)) return { name: survey.name, role: 'target', kind: 'numeric', label: true }
    if (i === target && labels.size === 0) return columnOf(survey, 'target', kindOfTarget(survey))
    const why = whyIgnored(survey)
    const kind = isNumeric(survey) || isSlip(survey) ? 'numeric' : 'categorical'
    if (!why) return columnOf(survey, 'feature', kind)
    const role = i === time ? 'time' : 'ignore'
    const what =
      role === 'time'
        ? `its ${isClock(survey) ? 'numbers' : 'dates'} are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it`
        : `${why}; it is ignored at first${wayOf(survey, kind)}`
    const message = `${table.file}, column ${survey.name}: ${what}${isTime(survey) ? orderIn(table.columns[i]) : ''}.`
    ignored.push(problem('csv.ignored', message, { file: table.file, column: survey.name }, 'warning'))
    return columnOf(survey, role, kind)
  })
  const forecast = targetOfForecast(columns)
  const windows = forecast && windowsFor(table, moments)
  const errors = whyUntrainable(table, columns, windows)
  const warnings = [...summed(table.file, ignored), ...warningsOf(table, surveys, columns)]
  if (errors.length === 0 && forecast && moments > 0 && moments < SERIES)
    warnings.push(
      problem(
        'data.shortSeries',
        `${tooFew(table.file, forecast.name, moments)}, so it is told by the other columns of its own row.`,
        { file: table.file },
        'warning',
      ),
    )
  const inTime = !windows && columns[time]?.role === 'time' && areInTime(table, time)
  return { columns, ...(windows && { windows }), inTime, warnings, slips, errors }
}

function columnOf(survey: ColumnSurvey, role: Column['role'], kind: Column['kind']): Column {
  const { name, crowded, values } = survey
  if (kind === 'numeric') return { name, role, kind }
  // What nothing is learnt from is often of people, and is nobody's business who gets the document.
  if (role !== 'feature' && role !== 'target') return { name, role, kind }
  // A target is told to be one of a list, if of an empty one.
  if (crowded) return role === 'target' ? { name, role, kind, categories: [] } : { name, role, kind }
  return { name, role, kind, categories: sortedCategories(values.keys()) }
}

/**
 * Why nothing can be learnt from a table with these columns, with what to do; nothing where something can. What is asked is what
 * the columns hold: whether the document's own list of them fits the file is for `columns.ts`.
 */
export function whyUntrainable(table: Table, columns: readonly Column[], windows: Windows | undefined): Problem[] {
  const { file } = table
  const surveys = table.columns.map((column) => surveyColumn(table, column))
  const targets = columns.filter(({ role }) => role === 'target')
  const [only] = surveys
  if (surveys.length === 1 && only) {
    const message = `${file} has one column, ${only.name}, and learning takes two or more; where it has more, choose its delimiter.`
    return [problem('data.noFeature', message, { file })]
  }
  const found = targets.flatMap(({ name, kind }) => {
    const survey = surveys.find((one) => one.name === name)
    return (survey && whyNoTarget(file, survey, kind)) ?? []
  })
  const source = { kind: 'table', reader: '', options: {}, files: [], columns } as const
  // Of several labels some may hold of every row, or of none.
  const isTold = found.length < targets.length && targets.every(({ label }) => label)
  const wrong = isTold ? [] : found
  if (wrong.length > 0 || featureColumns({ source, preparation: windows ? { windows } : {} }).length > 0) return wrong
  return [problem('data.noFeature', noFeature(table, surveys, columns), { file })]
}

function noFeature(table: Table, surveys: readonly ColumnSurvey[], columns: readonly Column[]): string {
  const { file } = table
  const isTarget = new Set(columns.filter(({ role }) => role === 'target').map(({ name }) => name))
  if (surveys.some((survey) => !isTarget.has(survey.name) && !whyIgnored(survey)))
    return `${file}: no column is a feature; choose one or more to learn from.`
  const [name] = isTarget
  if (name === undefined)
    return `${file} has no column to learn from; add one of numbers or of repeating texts, or choose what to do with those that are ignored.`
  const left = `${file} has no column left to learn from beside its target ${name}; add a column of numbers or of repeating texts`
  const time = columns.findIndex(({ role }) => role === 'time')
  if (time < 0 || !targetOfForecast(columns)) return `${left}.`
  const moments = momentsOf(table, surveys, time)
  return moments > 0 && moments < SERIES
    ? `${tooFew(file, name, moments)}; add rows, or a column of numbers or of repeating texts to learn from.`
    : `${left}, or give each row a date of its own to forecast ${name} from its past.`
}

function tooFew(file: string, target: string, rows: number): string {
  return `${file} has ${rows} rows, and a forecast of ${target} from its past needs at least ${SERIES}, for windows of ${PAST.least} rows`
}

/** Why a column can't be told from others, as a class or a number; undefined where it can. */
function whyNoTarget(file: string, survey: ColumnSurvey, kind: Column['kind']): Problem | undefined {
  const { name, present, values, crowded } = survey
  const where = `${file}, column ${name}`
  const because = (code: string, message: string) => problem(code, message, { file, column: name })
  if (present === 0) return because('data.noTarget', `${where}: the target has no value in any row; fill it in.`)
  const isClass = kind === 'categorical'
  if (crowded)
    return isClass
      ? because(
          'data.categories',
          values.size < MAX_CATEGORIES
            ? `${where}: the target's texts ${whyCrowded(survey)}; give its classes short names.`
            : `${where}: the target has more than ${MAX_CATEGORIES} classes, the most that are possible.`,
        )
      : undefined
  if (values.size === 1) {
    const only = clip(values.keys().next().value ?? '')
    if (isClass) return because('data.oneClass', oneClass(file, name, only))
    // A single row says nothing about the next one.
    return present > 1
      ? because(
          'data.constant',
          `${where}: every row has the value ${only}, so there is nothing to predict; choose another target.`,
        )
      : undefined
  }
  return isClass && isUnique(survey)
    ? because(
        'data.uniqueClass',
        `${where}: each of its ${present} rows has a class of its own, so none can be learnt from another; choose another target.`,
      )
    : undefined
}

/** Each row has another value. */
function isUnique({ present, values, crowded }: ColumnSurvey): boolean {
  return !crowded && values.size === present && present >= ROWS
}

function isNumeric(survey: ColumnSurvey): boolean {
  return survey.present > 0 && survey.numbers === survey.present
}

/** A few texts among numbers are more likely typing errors than categories. */
function isSlip(survey: ColumnSurvey): boolean {
  const { present, numbers, infinite } = survey
  const texts = present - numbers - infinite
  const isFew = texts <= Math.max(2, present * 0.01) && numbers > texts
  return texts + infinite > 0 && numbers > 0 && isFew
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
    `but ${survey.numbers} of ${survey.present} values in this column are numbers; ` +
    (isInfinite(text)
      ? 'write a number, or nothing where there is none (NaN in an array).'
      : 'correct the cell or leave it empty.')
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
    if (isClock(survey)) return 'it holds times'
    const unique = survey.crowded || different === survey.present
    return unique && survey.whole && survey.present >= ROWS && ID_NAME.test(survey.name)
      ? 'every row has another value'
      : undefined
  }
  if (isDates(survey)) return 'it holds dates'
  const beside = besideNumbers(survey)
  if (survey.crowded) return `its texts ${whyCrowded(survey)}`
  if (beside && different > SOME) return `${beside} stands beside its numbers, which makes them texts`
  if (isUnique(survey)) return 'each row has a text of its own'
  if (different > SOME && different > survey.present / 2) return `its texts hardly repeat (${different} different ones)`
  return undefined
}

/** Why texts are no categories, behind the word for them. */
function whyCrowded({ values, told }: ColumnSurvey): string {
  if (values.size < MAX_CATEGORIES) return `are so long that only the first ${told ?? 0} of them are told apart`
  const more = told === undefined ? '' : `, of which only the first ${told} are told apart`
  return `have more than ${MAX_CATEGORIES} different values${more}`
}

/** What the person can do with a column that is ignored at first, as the end of a sentence. */
function wayOf(survey: ColumnSurvey, kind: Column['kind']): string {
  if (isClock(survey)) return ', and can be chosen as the time'
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

/** Seconds or milliseconds since 1970, as programs count time. */
function isClock(survey: ColumnSurvey): boolean {
  const { name, present, whole, rising, min, max } = survey
  const isOurs = (unit: number) => min >= CLOCK.from * unit && max < CLOCK.to * unit
  const isNamed = CLOCK_NAME.test(name)
  return isNamed && isNumeric(survey) && present > 1 && whole && rising && max > min && (isOurs(1) || isOurs(1000))
}

/** Dates that can be told apart. */
function isTime(survey: ColumnSurvey): boolean {
  const texts = [...survey.values.keys()]
  const dates = datesOf(texts)
  return isDates(survey) && texts.every((text) => !Number.isNaN(dates.in(text)))
}

/** How dates are read that could be read otherwise, as the end of a sentence. */
function orderIn(column: TableColumn | undefined): string {
  if (column?.kind !== 'texts') return ''
  const { first, doubtful } = datesOf(column.texts)
  if (doubtful === undefined) return first ? `; they are read with the ${first} first` : ''
  const read = `${clip(doubtful)} is read with the day first, since no date of the column tells`
  return `; ${read}: where that is the month, write them as 2024-05-31`
}

/** The only column of such dates, or the only one of which none is in doubt, else the only clock; -1 where there are none, or several to choose from. */
function guessTime(surveys: readonly ColumnSurvey[]): number {
  const clocks = surveys.flatMap((survey, i) => (isClock(survey) ? [i] : []))
  if (!surveys.some(isTime)) return clocks.length === 1 ? at(clocks, 0) : -1
  const times = surveys.flatMap((survey, i) => (isTime(survey) ? [{ i, ...datesOf(survey.values.keys()) }] : []))
  const [time, other] = times.length > 1 ? times.filter(({ doubtful }) => doubtful === undefined) : times
  return time && !other ? time.i : -1
}

/** The time of each row by dates or numbers; NaN where it has none. */
function* timesOf({ texts, codes }: TextColumn): Iterable<number> {
  const read = datesOf(texts).in
  const times = texts.map((text) => {
    const time = numberIn(text)
    return Number.isNaN(time) ? read(text) : time
  })
  for (const code of wholeOf(codes)) yield code < 0 ? NaN : (times[code] ?? NaN)
}

/** Whether no row is earlier than the one before: in the whole table, or in each group of rows that lie together. */
function areInTime({ rows, columns }: Table, time: number): boolean {
  const column = columns[time]
  if (!column || rows < ROWS) return false
  const breaks: number[] = []
  let last = -Infinity
  let row = 0
  for (const moment of column.kind === 'numbers' ? wholeOf(column.values) : timesOf(column)) {
    if (moment < last) breaks.push(row)
    if (breaks.length * GROUP > rows) return false
    if (!Number.isNaN(moment)) last = moment
    row++
  }
  return breaks.length === 0 || columns.some((other) => other !== column && partsAt(other, breaks))
}

/** Whether the rows of each value of a column lie together, some of each, and another value begins at all these places. */
function partsAt(column: TableColumn, places: readonly number[]): boolean {
  if (column.kind !== 'texts') return false
  const codes = wholeOf(column.codes)
  const begins = new Set<number>()
  for (let i = 1; i < codes.length; i++) if (codes[i] !== codes[i - 1]) begins.add(i)
  const isOnce = new Set(codes).size === begins.size + 1
  return isOnce && begins.size * GROUP <= codes.length && places.every((place) => begins.has(place))
}

/** The target that can be told from its own past: one of numbers, where the rows have a time. */
function targetOfForecast(columns: readonly Column[]): Column | undefined {
  const [target, other] = columns.filter(({ role }) => role === 'target')
  return target?.kind === 'numeric' && !target.label && !other ? target : undefined
}

/** Windows over a series of so many rows, where it is long enough. A window ends with its file, and takes one more row as its answer. */
function windowsFor({ parts }: Table, moments: number): Windows | undefined {
  const shortest = parts ? Math.min(...countsOf(parts).filter((rows) => rows > 0)) : Infinity
  const length = Math.min(PAST.most, Math.floor(moments / PAST.times), shortest - 1)
  return moments >= SERIES && length > 0 ? { length, horizon: 1, stride: 1, past: true } : undefined
}

/** How many moments the column of that place has; 0 where two rows are of the same one, or it can't be told. */
function momentsOf({ columns }: Table, surveys: readonly ColumnSurvey[], time: number): number {
  const column = columns[time]
  const survey = surveys[time]
  if (!survey || !isClock(survey)) return momentsIn(column)
  if (column?.kind === 'numbers') return differentIn(column)
  return survey.values.size === survey.present ? survey.present : 0
}

function momentsIn(column: TableColumn | undefined): number {
  if (column?.kind === 'numbers') return column.dates && column.slips.size === 0 ? differentIn(column) : 0
  if (!column) return 0
  const moments = column.texts.map(datesOf(column.texts).in)
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

/** How many numbers there are in a column; 0 where two are the same. */
function differentIn({ values }: NumberColumn): number {
  const known = wholeOf(values).filter((value) => !Number.isNaN(value))
  let isRising = true
  for (let i = 1; i < known.length && isRising; i++) isRising = at(known, i) > at(known, i - 1)
  if (!isRising) known.sort()
  for (let i = 1; i < known.length; i++) if (at(known, i) === at(known, i - 1)) return 0
  return known.length
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

/** `moments`: of the rows, where they are a series. */
function guessTarget(file: string, surveys: readonly ColumnSurvey[], moments: number): number {
  // What is the same in every row tells nothing.
  const tells = surveys.map((survey) => !whyIgnored(survey) && (survey.crowded || survey.values.size > 1))
  const isPossible = (survey: ColumnSurvey, i: number) => {
    const kind = kindOfTarget(survey)
    const isTold = tells.some((one, other) => one && other !== i) || (kind === 'numeric' && moments >= SERIES)
    return isTold && !whyNoTarget(file, survey, kind)
  }
  const isNamed = (survey: ColumnSurvey) => TARGET_NAME.test(survey.name)
  const isUsable = (survey: ColumnSurvey) => !whyIgnored(survey) && survey.present > survey.missing
  // In the last resort one that can't be, for the person to hear why.
  for (const isRight of [isPossible, () => true])
    for (const isSuch of [isNamed, isUsable, (survey: ColumnSurvey) => !whyIgnored(survey)]) {
      const found = surveys.findLastIndex((survey, i) => isSuch(survey) && isRight(survey, i))
      if (found >= 0) return found
    }
  return surveys.length - 1
}

/** What a column would be as a target. */
function kindOfTarget(survey: ColumnSurvey): Column['kind'] {
  const isClass = !isNumeric(survey) || isClassLike(survey)
  return isClass && !isSlip(survey) && !hasCommas(survey) ? 'categorical' : 'numeric'
}

/** Columns that say yes or no and stand together at the end; none where one of them is what is to be told. */
function guessLabels(surveys: readonly ColumnSurvey[]): ReadonlySet<number> {
  const last = surveys.at(-1)
  let first = surveys.length
  while (first > 0 && isYesNo(surveys[first - 1]) && surveys[first - 1]?.list === last?.list) first--
  const run = Array.from({ length: surveys.length - first }, (_, i) => first + i)
  const stem = stemOf(last)
  const alike = run.filter((i) => stem !== undefined && stemOf(surveys[i]) === stem)
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
  if (survey?.list !== undefined) return true
  return survey !== undefined && isNumeric(survey) && survey.min === 0 && survey.max === 1 && survey.whole
}

/** `tag` of `tag_sea`, `Tag: sea` and `tag.sea`. */
function stemOf(survey: ColumnSurvey | undefined): string | undefined {
  return (survey?.list ?? /^(.*[^\s_.:-])[\s_.:-]+\S/.exec(survey?.name ?? '')?.[1])?.toLowerCase()
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
    // Where there is none at all more is said than that.
    if (survey.missing > 0 && survey.present > 0) {
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
