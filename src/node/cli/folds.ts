/** `data FILE --folds K`: the indices of k trainings and their tests, for whoever compares networks by cross-validation. */
import { problem } from '../../base/problem.ts'
import { foldsOf } from '../../data/folds.ts'
import type { LoadedSource, Job } from '../../data/types.ts'
import type { Column, ColumnRole, DataSection, SplitRecipe } from '../../document/types.ts'
import { CommandEnd, complain, orEnd, printJson, type ExitCode } from './console.ts'

export interface FoldOptions {
  readonly folds: string
  readonly seed?: string
  /** Columns that rows of one group, or times, are told by. */
  readonly group?: string
  readonly time?: string
}

const MAX_SEED = 2 ** 31 - 1

/** One line of JSON: indices from 0 on, of a table those of its rows below the header. */
export async function printFolds(
  section: DataSection,
  load: (section: DataSection) => LoadedSource,
  options: FoldOptions,
  job: Job,
): Promise<ExitCode> {
  const { group, time } = options
  if (group !== undefined && time !== undefined) throw misused('--group and --time: rows are parted by one of them.')
  const k = whole('folds', options.folds, 2)
  const seed = options.seed === undefined ? section.split.seed : whole('seed', options.seed, 0)
  const method = group !== undefined ? 'group' : time !== undefined ? 'time' : 'ratio'
  // Files may have parts of their own; these parts are others.
  const { parts: _, method: _method, ...rest } = section.split
  const split: SplitRecipe = { ...rest, seed, ...(method === 'ratio' ? {} : { method }) }
  const name = group ?? time
  const roles = name === undefined || method === 'ratio' ? section : withRole(section, name, method)
  const asked = { ...roles, split }
  const loaded = load(asked)
  complain(loaded.warnings)
  const folds = orEnd(await foldsOf(loaded.data, asked, k, job))
  const { source } = asked
  printJson({
    of: source.kind === 'table' ? 'rows' : 'examples',
    method,
    ...(name !== undefined && { column: name }),
    ...(method !== 'time' && { seed }),
    folds: folds.map(({ train, validation }) => ({ train: [...train], validation: [...validation] })),
  })
  return 0
}

/** The column of that name is what the split asks; it is no feature any more. */
function withRole(section: DataSection, name: string, role: ColumnRole): DataSection {
  const { source } = section
  if (source.kind !== 'table') throw misused(`--${role}: only a table has columns, and these data are none.`)
  const column = source.columns.find((one) => one.name === name)
  if (!column)
    throw misused(
      `--${role} ${name}: there is no such column; there are ${source.columns
        .map((one) => one.name)
        .slice(0, 20)
        .join(', ')}.`,
    )
  if (column.role === 'target')
    throw misused(`--${role} ${name}: that column is the target, which what is learnt must not be parted by.`)
  const columns = source.columns.map((one): Column => (one === column ? { name, role, kind: one.kind } : one))
  return { ...section, source: { ...source, columns } }
}

function whole(name: string, text: string, least: number): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= MAX_SEED) return number
  throw misused(`--${name} ${text}: a whole number from ${least} on is wanted.`)
}

function misused(message: string): CommandEnd {
  return new CommandEnd(2, [problem('option', message)])
}
