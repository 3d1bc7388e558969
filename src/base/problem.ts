/**
 * A mistake that a person can mend, as a value: what is wrong, where, and what to do. Exceptions are for bugs; a problem
 * travels to the badge, the problems list, the command line and the log with the same sentence.
 */
export interface Problem {
  /** Stable name of the rule that was broken, e.g. `dot.inner`; tests and help pages refer to it. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** One plain sentence: what was expected, what was found, what to do. */
  readonly message: string
  readonly place?: Place
}

/** Where a problem lies. Only what is known is set. */
export interface Place {
  /** Id of a block in the document. */
  readonly block?: string
  /** Where that block is a composite: key of the block inside, the ids that lead to it, e.g. `c1/b2`. */
  readonly inner?: string
  /** Name of a port of that block. */
  readonly port?: string
  /** Name of a parameter of that block, or dotted path of a field elsewhere in the document. */
  readonly field?: string
  /** Id of a wire. */
  readonly wire?: string
  readonly file?: string
  /** Physical line in a text file, counted from 1. */
  readonly line?: number
  readonly column?: string
  /** Offset in a binary file. */
  readonly byte?: number
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] }

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function fail(...problems: readonly Problem[]): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems }
}

export function problem(
  code: string,
  message: string,
  place?: Place,
  severity: Problem['severity'] = 'error',
): Problem {
  return place ? { code, severity, message, place } : { code, severity, message }
}

/** Carries problems through code that has no other way out (a block's `build`, a deep reader); caught at the room's door. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[]
  constructor(...problems: readonly Problem[]) {
    super(problems.map((p) => p.message).join(' '))
    this.name = 'ProblemError'
    this.problems = problems
  }
}

/** Runs `work`; a ProblemError becomes a failed result, anything else is a bug and goes on. */
export function attempt<T>(work: () => T): Result<T> {
  try {
    return ok(work())
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    throw error
  }
}

export async function attemptAsync<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work())
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    throw error
  }
}
