import { problem, ProblemError, type Place } from '../../base/problem.ts'

/** For `throw refuse(…)`: one sentence, and where. */
export function refuse(code: string, message: string, place: Place): ProblemError {
  return new ProblemError(problem(code, message, place))
}

/** `a, b and c`; after ten of them, how many more there are. */
export function listed(names: readonly string[], most = 10): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** `1 column`, `2 columns`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
