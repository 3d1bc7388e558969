/** How the command line speaks: results on stdout, problems on stderr, one line each. */
import type { Problem, Result } from '../../base/problem.ts'
import { progressLine } from './progress-line.ts'

/** 0 done, 1 the document or its data do not work, 2 the command line itself is wrong. */
export type ExitCode = 0 | 1 | 2

export function print(line: string): void {
  progressLine.clear()
  process.stdout.write(`${line}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

export function complain(problems: readonly Problem[]): void {
  // A circle is a problem of each block on it; here there are no blocks to put a badge on.
  const lines = new Set(problems.map(({ severity, message }) => `${severity}: ${message}\n`))
  if (lines.size > 0) progressLine.clear()
  for (const line of lines) process.stderr.write(line)
}

/** The value, or the problems said and the command ended. */
export function orEnd<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new CommandEnd(1, result.problems)
}

/** Ends a command from anywhere in it. */
export class CommandEnd extends Error {
  readonly code: ExitCode
  readonly problems: readonly Problem[]
  constructor(code: ExitCode, problems: readonly Problem[]) {
    super(problems.map((one) => one.message).join(' '))
    this.code = code
    this.problems = problems
  }
}

/** Columns as wide as their widest cell; those named in `right` hold numbers. */
export function table(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const cell = (text: string, column: number) => {
    const width = widths[column] ?? 0
    return right.includes(column) ? text.padStart(width) : text.padEnd(width)
  }
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
