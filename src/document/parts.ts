/** Parts that files or folders make of the examples, such as train and test: what each of them is for. */
import { carryCorrections } from './corrections.ts'
import type { DataSection, DataSource, PartUse, SplitChoice, SplitRecipe, Windows } from './types.ts'

export type Part = 'train' | 'validation' | 'test'

const WORDS: ReadonlyMap<string, Part> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
])

/** What a cell or a folder says that holds nothing but this word. */
export function partCalled(word: string): Part | undefined {
  return WORDS.get(word.toLowerCase())
}

/** What a name says among other words: `x_train.npy`, `val2017`, `t10k` (as MNIST calls its test), `catsValidation`. */
export function partIn(name: string): Part | undefined {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  const found = new Set(
    words.flatMap((word) => (word === 't10k' ? 'test' : (WORDS.get(word.replace(/\d+$/, '')) ?? []))),
  )
  return found.size === 1 ? [...found][0] : undefined
}

/** What parts are called that folders, lists of names or cells tell by different words, in the order in which one uses them. */
export const PART_NAMES = { train: 'train', validation: 'val', test: 'test' } as const satisfies Record<Part, string>

/** As the recipe says, and else as its name does; tests neither train nor validate. Undefined: neither says it. */
export function useOf(name: string, { parts = {} }: Pick<SplitRecipe, 'parts'>): PartUse | undefined {
  if (Object.hasOwn(parts, name)) return parts[name]
  const own = partIn(name)
  return own === 'test' ? 'none' : own
}

/**
 * A split by the parts, where one of them is for training and another one for validation or tests. Where there is none for
 * validation those for tests validate: nothing else could say how good the network is.
 */
export function splitByParts(names: readonly string[]): SplitChoice | undefined {
  const known = names.map(partIn)
  const isTold = known.includes('train') && known.some((part) => part === 'validation' || part === 'test')
  return isTold ? choiceOf(names, () => 'none') : undefined
}

/** The same of parts whatever they are called: the first that says nothing trains, where none else does; the others validate. */
export function splitByAnyParts(names: readonly string[]): SplitChoice {
  const trains = names.map(partIn).includes('train') ? undefined : names.find((name) => partIn(name) === undefined)
  return splitByParts(names) ?? choiceOf(names, (name) => (name === trains ? 'train' : 'validation'))
}

/** `unknown`: what those are for that say nothing. */
function choiceOf(names: readonly string[], unknown: (name: string) => PartUse): SplitChoice {
  const lacks = !names.map(partIn).includes('validation')
  const uses = names.flatMap((name): [string, PartUse][] => {
    const part = partIn(name)
    if (part === undefined) return [[name, unknown(name)]]
    return lacks && part === 'test' ? [[name, 'validation']] : []
  })
  return { method: 'file', ...(uses.length > 0 && { parts: Object.fromEntries(uses) }) }
}

/** What several files are called together: by their names, and of many by the first of them. */
export function namesTogether(names: readonly string[]): string {
  return names.length > 3 ? `${names[0]} and ${names.length - 1} more` : names.join(', ')
}

/** What other data are taken with. */
export interface SourceChoice {
  readonly source: DataSource
  readonly split?: SplitChoice
  readonly windows?: Windows
}

/**
 * A section with other data: split as these propose, and no more by files or time where they have none. In
 * the same way they are a series that is told from its own past, or are not.
 */
export function withSource(data: DataSection, { source, split: choice, windows }: SourceChoice): DataSection {
  const { method, parts: _, ...rest } = data.split
  const hasTime = source.kind === 'table' && source.columns.some(({ role }) => role === 'time')
  const isGone = method === 'file' || (method === 'time' && !hasTime)
  const split = choice ? { ...rest, ...choice } : isGone ? rest : data.split
  const { windows: before, ...recipe } = data.preparation
  const kept = windows ?? (before?.past ? undefined : before)
  const preparation = kept ? { ...recipe, windows: kept } : recipe
  return carryCorrections(data, { ...data, source, preparation, split })
}
