/** Records of a file that could not be taken as they are, for people. */
import { problem, type Problem } from '../base/problem.ts'
import type { BadRecords } from './types.ts'

/** Bad records that are said one by one; `data --json` has them all. */
const SAID = 20

/** What was left out or mended, as warnings. */
export function saidOf({ skipped, repaired, problems }: BadRecords): Problem[] {
  const done = (count: number, how: string) => (count === 0 ? [] : [`${count} ${count === 1 ? 'was' : 'were'} ${how}`])
  const counts = [...done(skipped, 'left out'), ...done(repaired, 'mended')]
  if (counts.length === 0) return []
  const said = problems.slice(0, SAID).map((one): Problem => ({ ...one, severity: 'warning' }))
  const summary = `Of the records that could not be taken as they are, ${counts.join(' and ')}.`
  return [...said, problem('data.bad', summary, undefined, 'warning')]
}
