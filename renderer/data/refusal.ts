/** What can be done about data that were refused. */
import type { Problem } from '../../src/base/problem.ts'
import type { ReaderDescription } from '../../src/protocol/messages.ts'

/** Problems with a line that are none of that line alone. */
const ofAllRows: ReadonlySet<string> = new Set([
  'csv.header',
  'csv.decimalComma',
  'csv.cells',
  'data.files',
  'data.column',
])

/** The reader that refused, where files of that name, or what it says, tell which one it was. */
export function refusingReader(
  readers: readonly ReaderDescription[],
  name: string,
  problems: readonly Problem[],
): ReaderDescription | undefined {
  const bare = name.toLowerCase().replace(/\.gz$/, '')
  const known = readers.filter(({ extensions }) => extensions.some((ending) => bare.endsWith(ending)))
  if (known.length === 1) return known[0]
  return (known.length > 0 ? known : readers).find(({ type }) =>
    problems.some(({ code }) => code.startsWith(`${type}.`)),
  )
}

/** Values of the reader's option `bad` that help: none where no problem is of a row that could do without the others. */
export function waysOut(reader: ReaderDescription | undefined, problems: readonly Problem[]): readonly unknown[] {
  const bad = reader?.options['bad']
  const areOfRows = problems.some(({ code, place }) => place?.line !== undefined && !ofAllRows.has(code))
  return bad?.kind === 'choice' && areOfRows ? bad.options.map(({ value }) => value) : []
}
