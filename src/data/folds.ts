/** Indices for cross-validation: the same examples split several times, in the way of the document. */
import { at } from '../base/assert.ts'
import { attempt, fail, problem, type Result } from '../base/problem.ts'
import type { DataSection } from '../document/types.ts'
import { exampleHashes } from './leaks.ts'
import { atOnce } from './numbers.ts'
import { columnOf, groupsIn, timesIn } from './preparation/rows.ts'
import { isTable, prepareFeed } from './prepare.ts'
import { folds, type Split, type SplitClues } from './split.ts'
import { rowHashes } from './table/duplicates.ts'
import type { Job, LoadedTable, RawExamples } from './types.ts'

/**
 * `k` splits by index in the source, from 0 on; of rows those that can be used. Windows are refused: neighbours share rows, and
 * would have to be made anew for each split.
 */
export async function foldsOf(
  data: RawExamples | LoadedTable,
  section: DataSection,
  k: number,
  job?: Job,
): Promise<Result<Split[]>> {
  const { windows, augmentation: _, ...preparation } = section.preparation
  if (windows) {
    const message = 'Windows share rows, so that no parts can be drawn of them; turn them off.'
    return fail(problem('split.folds', message, { field: 'data.preparation.windows' }))
  }
  // Which rows can be used is what preparation finds out; where none validate all of them train.
  const whole = { ...section, preparation, split: { ...section.split, validation: 0 } }
  const prepared = await prepareFeed(data, whole, 0, job)
  if (!prepared.ok) return prepared
  const { rows = new Uint32Array(), targets } = prepared.value.train
  return attempt(() => {
    const classes = targets instanceof Int32Array ? targets : undefined
    const split = folds(rows.length, k, section.split, { classes, ...cluesOf(data, section, rows) })
    const inSource = (indices: Uint32Array) => indices.map((i) => at(rows, i))
    return split.map(({ train, validation }) => ({ train: inSource(train), validation: inSource(validation) }))
  })
}

function cluesOf(
  data: RawExamples | LoadedTable,
  { split: { method, together } }: DataSection,
  rows: Uint32Array,
): SplitClues {
  const picked = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row] ?? NaN)
  if (!isTable(data)) return together ? { same: picked(atOnce(exampleHashes(data))) } : {}
  const { table, source } = data
  const asked = new Set(
    source.columns.filter(({ role }) => role === 'feature' || role === 'target').map(({ name }) => name),
  )
  const columns = table.columns.filter(({ name }) => asked.has(name))
  const group = method === 'group' ? columnOf(table, source, 'group') : undefined
  const time = method === 'time' ? columnOf(table, source, 'time') : undefined
  return {
    ...(together && { same: picked(atOnce(rowHashes({ ...table, columns }))) }),
    ...(group && { groups: picked(groupsIn(group)) }),
    ...(time && { times: picked(atOnce(timesIn(table, time))) }),
  }
}
