/** Examples that come in parts: which of them train, and what there is to say of it. */
import { at } from '../base/assert.ts'
import { problem, ProblemError, type Problem } from '../base/problem.ts'
import { partCalled, useOf } from '../document/parts.ts'
import { MAX_PARTS } from '../document/recipes.ts'
import type { SplitChoice, SplitRecipe } from '../document/types.ts'
import { MAX_LISTED } from './limits.ts'
import { some } from './pictures/folder.ts'
import { PARTS } from './split.ts'
import { clip } from './table/records.ts'
import type { Fact, Parts, RawExamples } from './types.ts'

/** One of PARTS, as a cell names it: by a word, or 0 and 1 for training and validation. */
export function partOfCell(text: string): number | undefined {
  const part = partCalled(text)
  if (part) return PARTS[part]
  return text === '0' ? PARTS.train : text === '1' ? PARTS.validation : undefined
}

/** Parts by the name that each example has for its own; undefined where they all have one. */
export function partsBy(names: readonly string[], order: readonly string[] = [...new Set(names)]): Parts | undefined {
  if (order.length < 2 || order.length > MAX_PARTS) return undefined
  const codes = new Map(order.map((name, code) => [name, code]))
  return { names: order, of: Uint8Array.from(names, (name) => codes.get(name) ?? 0) }
}

/** Of examples that come one file after the other. */
export function partsInTurn(runs: readonly { readonly name: string; readonly count: number }[]): Parts | undefined {
  const names = [...new Set(runs.map(({ name }) => name))]
  if (names.length < 2 || names.length > MAX_PARTS) return undefined
  const of = new Uint8Array(runs.reduce((sum, { count }) => sum + count, 0))
  let done = 0
  for (const { name, count } of runs) of.fill(names.indexOf(name), done, (done += count))
  return { names, of }
}

export function countsOf({ names, of }: Parts): number[] {
  const counts = names.map(() => 0)
  for (const code of of) counts[code] = (counts[code] ?? 0) + 1
  return counts
}

/** `train trains, t10k validates`. */
export function factOf({ names }: Parts, choice: SplitChoice): Fact {
  const verbs = { train: 'trains', validation: 'validates', none: 'is left out' }
  const said = names.map((name) => `${name} ${verbs[useOf(name, choice) ?? 'none']}`)
  return { label: 'Split', value: some(said, 10) }
}

/** Of each example one of PARTS; undefined where the split asks something else. `what` names the data. */
export function sidesIn(parts: Parts | undefined, recipe: SplitRecipe, what: string): Uint8Array | undefined {
  if (recipe.method !== 'file') return undefined
  const refuse = (code: string, message: string, field: string) => new ProblemError(problem(code, message, { field }))
  if (!parts) {
    const message = `The split is by files or folders, and ${what} has no parts such as train and test; split in another way.`
    throw refuse('split.parts', message, 'data.split.method')
  }
  const { names, of } = parts
  const counts = countsOf(parts)
  const unknown = names.filter((name, i) => useOf(name, recipe) === undefined && at(counts, i) > 0)
  if (unknown.length > 0) {
    const what =
      unknown.length === 1
        ? 'does not say by its name whether it trains or validates'
        : 'do not say by their names whether they train or validate'
    throw refuse('split.parts', `${listed(unknown)} ${what}; set it in the split.`, 'data.split.parts')
  }
  const codes = { train: PARTS.train, validation: PARTS.validation, none: PARTS.test }
  const uses = names.map((name) => codes[useOf(name, recipe) ?? 'none'])
  if (!uses.some((use, i) => use === PARTS.train && at(counts, i) > 0)) {
    const message = `No part with examples is for training; set in the split which of ${listed(names)} trains.`
    throw refuse('data.empty', message, 'data.split.parts')
  }
  return Uint8Array.from(of, (code) => at(uses, code))
}

/** What is left out, parts that are not there, and that nothing validates. */
export function partWarnings({ parts }: Pick<RawExamples, 'parts'>, recipe: SplitRecipe): Problem[] {
  if (recipe.method !== 'file' || !parts) return []
  const warnings: Problem[] = []
  const warn = (code: string, message: string) =>
    warnings.push(problem(code, message, { field: 'data.split.parts' }, 'warning'))
  const counts = countsOf(parts)
  const unused = parts.names.flatMap((name, i) =>
    at(counts, i) > 0 && useOf(name, recipe) === 'none' ? [{ name, count: at(counts, i) }] : [],
  )
  if (unused.length > 0) {
    const count = unused.reduce((sum, one) => sum + one.count, 0)
    const [noun, verbs] =
      count === 1 ? ['example', 'neither trains nor validates'] : ['examples', 'neither train nor validate']
    warn('split.test', `${count} ${noun} of ${listed(unused.map(({ name }) => name))} ${verbs}.`)
  }
  const foreign = Object.keys(recipe.parts ?? {}).filter((name) => !parts.names.includes(name))
  if (foreign.length > 0)
    warn(
      'split.parts',
      `The split says what ${listed(foreign)} ${foreign.length === 1 ? 'is' : 'are'} for, but the parts of the data are ${listed(parts.names)}.`,
    )
  const empty = parts.names.filter((name, i) => at(counts, i) === 0 && useOf(name, recipe) !== 'none')
  if (empty.length > 0)
    warn('split.parts', `${listed(empty)} ${empty.length === 1 ? 'has' : 'have'} no example that can be used.`)
  if (!parts.names.some((name, i) => useOf(name, recipe) === 'validation' && at(counts, i) > 0))
    warn(
      'split.parts',
      'No part validates, so nothing tells how good the network is on what it has not seen; set one in the split.',
    )
  return warnings
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => clip(name))
  return shown.join(', ') + (names.length > shown.length ? ', …' : '')
}
