/** Dates in the cells of a table. */

const DATE =
  /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?$/

/** Milliseconds of a date by ISO 8601, in universal time where it names no other; NaN where the text is none. */
export function dateIn(text: string): number {
  const parts = DATE.exec(text)
  if (!parts) return NaN
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)))
  const isTime = hour < 24 && minute < 60 && second <= 60
  const date = new Date(Date.UTC(year, month - 1, day))
  // 31 June would be 1 July.
  if (!isTime || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN
  date.setUTCFullYear(year)
  const zone = /^([+-])(\d{2}):?(\d{2})?$/.exec(parts[8] ?? '')
  const shift = zone ? (zone[1] === '-' ? 1 : -1) * (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) : 0
  return date.getTime() + ((hour * 60 + minute + shift) * 60 + second) * 1000 + Number(`0.${parts[7] ?? 0}`) * 1000
}

/** As people write them, of which some could be a day or a month first. */
const LOOSE =
  /^(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./]\d{1,2}[./]\d{1,2})(?:[T ,]+\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?$/i

/** Whether a text is a date, be it one that can't be told apart from another. */
export function isDate(text: string): boolean {
  return !Number.isNaN(dateIn(text)) || LOOSE.test(text)
}
