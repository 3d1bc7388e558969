/** What each picture shows: the folder that it lies in, or what a table beside them says. */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { TargetDescription } from '../../document/types.ts'
import { MAX_CATEGORIES, MAX_LISTED } from '../limits.ts'
import { sortedCategories } from '../table/survey.ts'
import type { Job } from '../types.ts'
import { asideWarnings, count, isOdd, partsIn, placesOf, some, type Entry, type Folder } from './folder.ts'
import { readTables, type LabelOptions, type Labels } from './labels.ts'
import { partsListed } from './lists.ts'
import { allBad, Bad, survey, Turns, type Item, type Seen } from './survey.ts'

/** What is known of each picture before it is looked at. */
export interface Told {
  /** Those that have a label, or all where there are none. */
  readonly set: readonly Item[]
  /** Pictures that have no place, and rows of the table that fit none. */
  readonly problems: Problem[]
  /** Those that the table does not name. */
  readonly unnamed: readonly string[]
  readonly labels: Labels | undefined
  /** There are no labels, and the network gives the pictures back; or none are needed, since it is asked about them. */
  readonly isPlain: boolean
  readonly parts: readonly string[]
  /** Lists that say the parts, and those that say nothing. */
  readonly lists: readonly string[]
  readonly otherLists: readonly string[]
  /** What is not used of folders and tables. */
  readonly warnings: readonly Problem[]
}

export async function labelsOf(folder: Folder, options: LabelOptions, job: Job): Promise<Told> {
  const { pictures } = folder
  const isAsked = job.asked !== undefined
  const { places, asides } = placesOf(pictures.map(({ file }) => file.name))
  const hasFolders = places.some(({ label }) => label !== undefined)
  const { labels, warnings, errors } = isAsked
    ? { labels: undefined, warnings: [], errors: [] }
    : await readTables(folder.tables, pictures, places, folder.root, options, job)
  const isPlain = isAsked || (!labels && !hasFolders)
  if (isPlain && !isAsked && (pictures.length === 1 || folder.tables.length > 0))
    throw await noClasses(folder, errors, job)
  const byFolder = !labels && !isPlain
  const listed = await partsListed(
    folder.lists,
    pictures.map(({ path }) => path),
    job,
  )

  const set: Item[] = []
  const problems: Problem[] = [...(labels?.bad ?? [])]
  const unnamed: string[] = []
  pictures.forEach(({ file, path }, i) => {
    const { name } = file
    const place = at(places, i)
    const told = labels?.of[i]
    const label = labels ? told?.text : isPlain ? '' : place.label
    const part = listed?.parts[i] ?? (labels?.parts ? labels.parts[i] : place.part)
    const refuse = (what: string) => problems.push(problem('pictures.place', `${name} ${what}`, { file: name }))
    if (isOdd(name)) refuse('has a path that no folder has; rename it.')
    else if (label !== undefined) set.push({ file, path, label, values: told?.values ?? [], part })
    else if (labels) unnamed.push(name)
    else if (!place.isAside) refuse('lies in no folder that names its class; move it into one.')
  })
  // Of the pictures that have a label: a part without any is none.
  const parts = partsIn(set)
  const lists = listed?.files ?? []
  return {
    set,
    problems,
    unnamed,
    labels,
    isPlain,
    parts,
    lists,
    otherLists: folder.lists.flatMap(({ name }) => (lists.includes(name) ? [] : [name])),
    warnings: [
      ...(isPlain && !isAsked ? [unlabelled(at(pictures, 0), parts)] : []),
      ...(byFolder ? asideWarnings(asides, 'picture') : []),
      ...warnings,
    ],
  }
}

const WAYS = 'a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them'

async function noClasses({ pictures, tables }: Folder, errors: readonly Problem[], job: Job): Promise<ProblemError> {
  const first = at(pictures, 0)
  const { name } = first.file
  const [table] = tables
  if (table) {
    if (errors.length > 0) return new ProblemError(...errors)
    const names = some(tables.map(({ name }) => name))
    const what = tables.length > 1 ? `None of ${names} has a` : `${table.name} has no`
    const message = `${what} column that names the ${count(pictures.length, 'picture')} beside it (such as ${name}) and another with labels; add them.`
    return new ProblemError(problem('pictures.table', message, { file: table.name }))
  }
  // What is no picture at all is said first.
  const bad = new Bad([])
  const seen = await survey([{ ...first, label: '', values: [], part: undefined }], bad, new Turns(job))
  if (seen.length === 0) return allBad(bad)
  const message = `${name} is one picture, which is nothing to learn from; choose ${WAYS}.`
  return new ProblemError(problem('pictures.single', message, { file: name }))
}

/** What one can still do with pictures in one heap. */
function unlabelled({ file: { name } }: Entry, parts: readonly string[]): Problem {
  const folder = name.slice(0, name.lastIndexOf('/'))
  const where =
    parts.length > 0
      ? `There are no folders of classes within those of ${parts.join(' and ')}`
      : name.includes('/')
        ? `All pictures lie in one folder (${folder})`
        : 'The pictures lie in no folder'
  const message = `${where}, so there are no classes to tell apart, and a network can only give them back; for classes choose ${WAYS}.`
  return problem('pictures.classes', message, undefined, 'warning')
}

/** Classes by name, numbers by size; or numbers, where a table holds them. */
export function describe(
  taken: readonly Seen[],
  labels: Pick<Labels, 'kind' | 'columns'> | undefined,
  bad: Bad,
): { description: TargetDescription; targets: Int32Array | Float32Array } {
  if (labels && labels.kind !== 'classes') {
    const { columns: names, kind } = labels
    const targets = new Float32Array(taken.length * names.length)
    taken.forEach(({ values }, i) => targets.set(values, i * names.length))
    return { description: { kind: 'numbers', names, ...(kind === 'labels' && { labels: true }) }, targets }
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
