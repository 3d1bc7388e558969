/**
 * Dates in the cells of a table. ISO 8601 (2024-12-31) and whatever else begins with its year says what it means. Where the year is
 * last (31.12.2024, 12/31/2024) the day or the month may be first, which is decided for a whole column: by its first date with a
 * number beyond 12 in one of the two places, and where there is none the day is first. A date that has no such month then is none.
 */

const DATE =
  /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?$/
const TIME = /(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([ap])m)?)?$/
const YEAR_FIRST = new RegExp(/^(\d{4})([./-])(\d{1,2})\2(\d{1,2})/.source + TIME.source, 'i')
const YEAR_LAST = new RegExp(/^(\d{1,2})([./-])(\d{1,2})\2(\d{4})/.source + TIME.source, 'i')

/** Milliseconds of a date by ISO 8601, in universal time where it names no other; NaN where the text is none. */
export function dateIn(text: string): number {
  const parts = DATE.exec(text)
  if (!parts) return NaN
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)))
  const moment = momentOf(year, month, day, [hour, minute, second])
  return moment + shiftOf(parts[8] ?? '') * 60_000 + Number(`0.${parts[7] ?? 0}`) * 1000
}

/** Minutes from a zone's time to universal time. */
function shiftOf(zone: string): number {
  const [, sign, hours, minutes = 0] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  return sign === undefined ? 0 : (sign === '-' ? 1 : -1) * (Number(hours) * 60 + Number(minutes))
}

function momentOf(year: number, month: number, day: number, [hour = 0, minute = 0, second = 0]: readonly number[]) {
  const isTime = hour < 24 && minute < 60 && second <= 60
  const date = new Date(Date.UTC(year, month - 1, day))
  // 31 June would be 1 July.
  if (!isTime || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN
  date.setUTCFullYear(year)
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}

/** Of what `TIME` found: hours, minutes and seconds; twelve of the clock begins its half of the day. */
function timeIn([hour, minute, second, half]: readonly (string | undefined)[]): number[] {
  const hours = Number(hour ?? 0)
  if (half === undefined) return [hours, Number(minute ?? 0), Number(second ?? 0)]
  const isHour = hours >= 1 && hours <= 12
  const shown = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  return [isHour ? shown : NaN, Number(minute ?? 0), Number(second ?? 0)]
}

/** How the dates of a column are read. */
export interface Dates {
  /** As `dateIn`. */
  readonly in: (text: string) => number
  /** What comes first where the year is last; absent where there are no such dates. */
  readonly first?: 'day' | 'month'
  /** Where nothing tells what is first: a date that could be another. */
  readonly doubtful?: string
}

export function datesOf(texts: Iterable<string>): Dates {
  let hasLast = false
  let doubtful: string | undefined
  let first: 'day' | 'month' | undefined
  for (const text of texts) {
    const [date, one, , two] = YEAR_LAST.exec(text) ?? []
    if (date === undefined) continue
    hasLast = true
    if (Number(one) !== Number(two)) doubtful ??= text
    if (Number(one) > 12 || Number(two) > 12) {
      first = Number(one) > 12 ? 'day' : 'month'
      break
    }
  }
  const read = (text: string): number => {
    const [, year, , month, day, ...time] = YEAR_FIRST.exec(text) ?? []
    if (year !== undefined) return momentOf(Number(year), Number(month), Number(day), timeIn(time))
    const [, one, , two, last, ...rest] = YEAR_LAST.exec(text) ?? []
    if (last === undefined) return NaN
    const [dayIn, monthIn] = first === 'month' ? [two, one] : [one, two]
    return momentOf(Number(last), Number(monthIn), Number(dayIn), timeIn(rest))
  }
  const parse = (text: string) => {
    const moment = dateIn(text)
    return Number.isNaN(moment) ? read(text) : moment
  }
  if (!hasLast) return { in: parse }
  return { in: parse, first: first ?? 'day', ...(!first && doubtful !== undefined && { doubtful }) }
}

/** As people write them, of which some could be a day or a month first. */
const LOOSE =
  /^(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./]\d{1,2}[./]\d{1,2})(?:[T ,]+\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?$/i

/** Whether a text is a date, be it one that can't be told apart from another. */
export function isDate(text: string): boolean {
  return !Number.isNaN(dateIn(text)) || LOOSE.test(text)
}

/** A date by ISO 8601 with 0 for each digit before its zone: dates of one form differ in their numbers alone. */
export interface DateForm {
  readonly digits: string
  readonly zone: string
}

/** Digits of a second's fraction that milliseconds keep as they are, and in double precision in our times. */
const FRACTION = { whole: 3, most: 6 }
/** Where the seconds of a date stand, and its fraction. */
const SECOND = 17
const BEHIND = 20

/** The form that all of these dates have; undefined where they differ, or one is none. */
export function commonForm(texts: readonly string[]): DateForm | undefined {
  const [first = ''] = texts
  const [, , , , , , , fraction = '', zone = ''] = DATE.exec(first) ?? []
  const form = { digits: first.slice(0, first.length - zone.length).replace(/\d/g, '0'), zone }
  if (fraction.length > FRACTION.most || texts.some((text) => Number.isNaN(momentIn(text, form)))) return undefined
  return form
}

/** Milliseconds of a date of this form, of which `spellDate` makes the same text again; NaN where it is another. */
export function momentIn(text: string, form: DateForm): number {
  const { digits, zone } = form
  if (text.length !== digits.length + zone.length || !text.endsWith(zone)) return NaN
  for (let i = 0; i < digits.length; i++) {
    const code = text.charCodeAt(i)
    const isRight = digits[i] === '0' ? code >= 48 && code <= 57 : text[i] === digits[i]
    if (!isRight) return NaN
  }
  // A leap second is the next minute.
  if (digits.length > SECOND && text.startsWith('60', SECOND)) return NaN
  const moment = dateIn(text)
  const isFine = !Number.isNaN(moment) && digits.length > BEHIND + FRACTION.whole
  return isFine && spellDate(moment, form) !== text ? NaN : moment
}

export function spellDate(moment: number, { digits, zone }: DateForm): string {
  const local = moment - shiftOf(zone) * 60_000
  const micros = Math.round((local - Math.floor(local / 1000) * 1000) * 1000)
  // Rounding may end a second.
  const second = Math.floor(local / 1000) + Math.floor(micros / 1e6)
  const whole = new Date(second * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
  const all = whole + String(micros % 1e6).padStart(6, '0')
  let next = 0
  return digits.replace(/0/g, () => all.charAt(next++)) + zone
}
