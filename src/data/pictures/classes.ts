/** What each picture shows: the folder that it lies in, or what a table beside them says. */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { TargetDescription } from '../../document/types.ts'
import { MAX_CATEGORIES, MAX_LISTED } from '../limits.ts'
import { numberIn } from '../table/cells.ts'
import { sortedCategories } from '../table/survey.ts'
import type { DataFile, Job } from '../types.ts'
import { count, isOdd, partedOnly, placesOf, some, type Folder } from './folder.ts'
import { readLabels, type Labels } from './labels.ts'
import type { Bad, Item, Seen } from './survey.ts'

/** What is known of each picture before it is looked at. */
export interface Told {
  /** Those that have a label, or all where there are none. */
  readonly set: readonly Item[]
  /** Pictures that have no place, and rows of the table that fit none. */
  readonly problems: Problem[]
  /** Those that the table does not name. */
  readonly unnamed: readonly string[]
  readonly labels: Labels | undefined
  /** There are no labels: the network gives the pictures back. */
  readonly isPlain: boolean
  readonly parts: readonly string[]
}

export async function labelsOf(folder: Folder, wanted: 'auto' | 'classes' | 'numbers', job: Job): Promise<Told> {
  const { pictures } = folder
  const [table, ...more] = folder.tables
  const byFolder = placesOf(pictures)
  const hasFolders = byFolder.places.some(({ label }) => label !== undefined)
  const labels = table && more.length === 0 ? await tryLabels(table, pictures, wanted, hasFolders, job) : undefined
  const isPlain = !labels && !hasFolders
  if (isPlain && (pictures.length === 1 || folder.tables.length > 0)) throw noClasses(pictures, folder.tables)
  const { places, parts } = labels || isPlain ? partedOnly(pictures) : byFolder

  const set: Item[] = []
  const problems: Problem[] = [...(labels?.bad ?? [])]
  const unnamed: string[] = []
  pictures.forEach(({ file, path }, i) => {
    const { name } = file
    const label = labels ? labels.of[i] : isPlain ? '' : at(places, i).label
    const refuse = (what: string) => problems.push(problem('pictures.place', `${name} ${what}`, { file: name }))
    if (isOdd(name)) refuse('has a path that no folder has; rename it.')
    else if (label !== undefined) set.push({ file, path, label, part: places[i]?.part })
    else if (labels) unnamed.push(name)
    else refuse('lies in no folder that names its class; move it into one.')
  })
  return { set, problems, unnamed, labels, isPlain, parts }
}

/** A table that cannot be read matters only where the folders say nothing. */
async function tryLabels(
  table: DataFile,
  pictures: Parameters<typeof readLabels>[1],
  target: Parameters<typeof readLabels>[2],
  hasFolders: boolean,
  job: Job,
): ReturnType<typeof readLabels> {
  try {
    return await readLabels(table, pictures, target, job)
  } catch (error) {
    if (
      !hasFolders ||
      !(error instanceof ProblemError) ||
      error.problems.some(({ place }) => place?.file !== table.name)
    )
      throw error
    return undefined
  }
}

const WAYS = 'a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them'

function noClasses(pictures: readonly { readonly file: DataFile }[], tables: readonly DataFile[]): ProblemError {
  const name = at(pictures, 0).file.name
  if (tables.length > 1) {
    const names = some(tables.map((table) => table.name))
    return new ProblemError(
      problem('pictures.tables', `${names}: only one table may name the pictures; leave the others out.`),
    )
  }
  const [table] = tables
  if (table) {
    const message = `${table.name} has no column that names the ${count(pictures.length, 'picture')} beside it (such as ${name}) and another with labels; add them.`
    return new ProblemError(problem('pictures.table', message, { file: table.name }))
  }
  const message = `${name} is one picture, which is nothing to learn from; choose ${WAYS}.`
  return new ProblemError(problem('pictures.single', message, { file: name }))
}

/** What one can still do with pictures in one heap. */
export function unlabelled({ file: { name } }: { readonly file: DataFile }): Problem {
  const folder = name.slice(0, name.lastIndexOf('/'))
  const where = name.includes('/') ? `All pictures lie in one folder (${folder})` : 'The pictures lie in no folder'
  const message = `${where}, so there are no classes to tell apart, and a network can only give them back; for classes choose ${WAYS}.`
  return problem('pictures.classes', message, undefined, 'warning')
}

/** Classes by name, numbers by size; or numbers, where `column` names the column that holds them. */
export function describe(
  taken: readonly Seen[],
  column: string | undefined,
  bad: Bad,
): { description: TargetDescription; targets: Int32Array | Float32Array } {
  if (column !== undefined) {
    const targets = Float32Array.from(taken, ({ label }) => numberIn(label))
    return { description: { kind: 'numbers', names: [column] }, targets }
  }
  const names = sortedCategories(new Set(taken.map(({ label }) => label)))
  if (names.length < 2) {
    const message = `Every picture that can be read (${taken.length}) is of class ${names.join('')}; a network needs two classes or more to tell apart.`
    throw new ProblemError(problem('data.oneClass', message), ...bad.all().problems.slice(0, MAX_LISTED))
  }
  if (names.length > MAX_CATEGORIES) {
    const message = `There are ${names.length} classes (${some(names, 3)}); a network can tell ${MAX_CATEGORIES} apart at most. Choose a folder that holds a folder for each class.`
    throw new ProblemError(problem('data.classes', message))
  }
  const codes = new Map(names.map((name, code) => [name, code]))
  return {
    description: { kind: 'classes', names },
    targets: Int32Array.from(taken, ({ label }) => codes.get(label) ?? 0),
  }
}

/** Of pictures that have no label. */
export const nothingTold = { description: { kind: 'numbers', names: [] } as const, targets: new Float32Array() }
