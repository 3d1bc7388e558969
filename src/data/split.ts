/**
 * Which examples train and which validate: disjoint, and decided by a seed, by time, by groups, by a column or by files. With classes
 * a drawn split is stratified (Neyman 1934): each class gives its share to validation, off by less than one example.
 */
import { at } from '../base/assert.ts'
import { problem, ProblemError } from '../base/problem.ts'
import { Rng } from '../base/rng.ts'
import type { SplitRecipe } from '../document/types.ts'
import { Equal } from './equal.ts'
import { atOnce, type Steps } from './numbers.ts'
import { chosen, countTo, eachStretch, inOrder, STRETCH } from './stretches.ts'

export interface Split {
  /** Indices of examples in rising order; the order of training is another matter. */
  readonly train: Uint32Array
  readonly validation: Uint32Array
}

/** What is known of each example; a split asks for what its method needs. */
export interface SplitClues {
  /** Class indices, where the target is classes. */
  readonly classes?: ArrayLike<number> | undefined
  /** Equal for examples of one group. */
  readonly groups?: ArrayLike<number> | undefined
  /** Equal for examples that say the same. */
  readonly same?: ArrayLike<number> | undefined
  /** When each example was; absent: in the order in which they stand. */
  readonly times?: ArrayLike<number> | undefined
  /** What a column or its file says of each example: one of PARTS. */
  readonly parts?: ArrayLike<number> | undefined
}

/** As a column of the file tells them. What is for a test neither trains nor validates. */
export const PARTS = { train: 0, validation: 1, test: 2 } as const

/** Splits `count` examples. */
export function* split(count: number, recipe: SplitRecipe, clues: SplitClues = {}): Steps<Split> {
  const { validation: share, method = 'ratio', together } = recipe
  if (!(share >= 0 && share < 1)) {
    const message = `The validation share is ${share}; it must be at least 0 and less than 1.`
    throw new ProblemError(problem('split.share', message, { field: 'data.split.validation' }))
  }
  const classes = recipe.stratified === false ? undefined : clues.classes
  switch (method) {
    case 'column':
    case 'file':
      return yield* byColumn(count, clues.parts ?? [])
    case 'time':
      return yield* sides(yield* lastOnes(count, share, clues.times))
    case 'group': {
      const keys = yield* joined(count, clues.groups, together && clues.same)
      return yield* sides(yield* grouped(recipe, classes, keys))
    }
    case 'ratio': {
      const keys = together && clues.same && (yield* joined(count, clues.same, undefined))
      return yield* sides(keys ? yield* grouped(recipe, classes, keys) : yield* drawn(count, recipe, classes))
    }
    default:
      return method satisfies never
  }
}

/** `validates`: 1 where an example validates. */
function* sides(validates: Uint8Array): Steps<Split> {
  const all = countTo(validates.length)
  const train = yield* chosen(all, (i) => validates[i] !== 1)
  return { train, validation: yield* chosen(all, (i) => validates[i] === 1) }
}

/** A share above 0 is meant to validate, even where it rounds to nothing. */
function wantedOf(count: number, share: number): number {
  return share > 0 && count > 1 ? Math.min(count - 1, Math.max(1, Math.round(count * share))) : 0
}

// Drawn

function* drawn(
  count: number,
  { validation, seed }: SplitRecipe,
  classes: ArrayLike<number> | undefined,
): Steps<Uint8Array> {
  const strata = yield* strataOf(count, classes)
  const quotas = quotasOf(strata, count, validation)
  const validates = new Uint8Array(count)
  for (const [stratum, members] of strata.entries()) {
    const quota = quotas[stratum] ?? 0
    if (quota === 0) continue
    const order = new Rng(seed, 'split', stratum).permutation(members.length)
    yield 0
    yield* eachStretch(quota, (from, to) => {
      for (let i = from; i < to; i++) validates[at(members, at(order, i))] = 1
    })
  }
  return validates
}

/** The examples of each class, in rising order. */
function* strataOf(count: number, classes: ArrayLike<number> | undefined): Steps<Uint32Array[]> {
  const sizes: number[] = []
  yield* eachStretch(count, (from, to) => {
    for (let i = from; i < to; i++) sizes[classOf(classes, i)] = (sizes[classOf(classes, i)] ?? 0) + 1
  })
  // Classes without any example leave holes.
  const strata = Array.from(sizes, (size = 0) => new Uint32Array(size))
  const filled = new Array<number>(strata.length).fill(0)
  yield* eachStretch(count, (from, to) => {
    for (let i = from; i < to; i++) {
      const stratum = classOf(classes, i)
      const place = at(filled, stratum)
      at(strata, stratum)[place] = i
      filled[stratum] = place + 1
    }
  })
  return strata
}

/**
 * How many of each class validate: the whole part of its share, and one more for those with the largest rest until the
 * total is right (Hamilton's method). A class never loses its last example to validation, even if the total falls short.
 */
function quotasOf(strata: readonly ArrayLike<number>[], count: number, share: number): number[] {
  const exact = strata.map((members) => members.length * share)
  const quotas = exact.map(Math.floor)
  const open = strata
    .map((members, stratum) => ({
      stratum,
      size: members.length,
      rest: (exact[stratum] ?? 0) - (quotas[stratum] ?? 0),
    }))
    .filter(({ stratum, size, rest }) => rest > 0 && (quotas[stratum] ?? 0) + 1 < size)
    .sort((a, b) => b.rest - a.rest || a.stratum - b.stratum)
  let missing = wantedOf(count, share) - quotas.reduce((sum, quota) => sum + quota, 0)
  for (const { stratum } of open) {
    if (missing-- <= 0) break
    quotas[stratum] = (quotas[stratum] ?? 0) + 1
  }
  return quotas
}

// By time

/** The last share; examples of one moment stay on one side, the nearer one. */
function* lastOnes(count: number, share: number, times: ArrayLike<number> | undefined): Steps<Uint8Array> {
  const validates = new Uint8Array(count)
  const wanted = wantedOf(count, share)
  if (wanted === 0) return validates
  const timeOf = (i: number) => times?.[i] ?? i
  const order = yield* inTime(count, times)
  const cut = count - wanted
  const moment = timeOf(at(order, cut))
  let first = cut
  while (first > 0 && timeOf(at(order, first - 1)) === moment) first--
  let next = cut
  while (next < count && timeOf(at(order, next)) === moment) next++
  if (first === 0 && next === count) {
    const message =
      'All examples are of the same time, so none of them is later; choose another column or way to split.'
    throw new ProblemError(problem('split.time', message, { field: 'data.split.method' }))
  }
  const from = next === count || (first > 0 && cut - first <= next - cut) ? first : next
  yield* eachStretch(count - from, (first, end) => {
    for (const i of order.subarray(from + first, from + end)) validates[i] = 1
  })
  return validates
}

/** Examples of one moment stay as they stand. */
function* inTime(count: number, times: ArrayLike<number> | undefined): Steps<Uint32Array> {
  const order = countTo(count)
  return times ? yield* inOrder(order, times) : order
}

// By column

function* byColumn(count: number, parts: ArrayLike<number>): Steps<Split> {
  const all = countTo(count)
  const train = yield* chosen(all, (i) => parts[i] === PARTS.train)
  return { train, validation: yield* chosen(all, (i) => parts[i] === PARTS.validation) }
}

// By groups

/** Examples by their group. */
class Groups {
  readonly length: number
  /** Group after group, in rising order. */
  readonly #members: Uint32Array
  /** Where each group ends. */
  readonly #ends: Uint32Array
  readonly #classes: ArrayLike<number> | undefined
  readonly #tally: number[] = []

  private constructor(members: Uint32Array, ends: Uint32Array, classes: ArrayLike<number> | undefined) {
    this.length = ends.length
    this.#members = members
    this.#ends = ends
    this.#classes = classes
  }

  /** `keys`: of each example the number of its group, in order of appearance. */
  static *of(keys: Uint32Array, classes: ArrayLike<number> | undefined): Steps<Groups> {
    let last = -1
    yield* eachStretch(keys.length, (from, to) => {
      for (let i = from; i < to; i++) last = Math.max(last, at(keys, i))
    })
    const ends = new Uint32Array(last + 2)
    yield* eachStretch(keys.length, (from, to) => {
      for (let i = from; i < to; i++) ends[at(keys, i) + 1] = at(ends, at(keys, i) + 1) + 1
    })
    yield* eachStretch(last + 1, (from, to) => {
      for (let group = from; group < to; group++) ends[group + 1] = at(ends, group + 1) + at(ends, group)
    })
    const members = new Uint32Array(keys.length)
    yield* eachStretch(keys.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const key = at(keys, i)
        const place = at(ends, key)
        members[place] = i
        ends[key] = place + 1
      }
    })
    return new Groups(members, ends.subarray(0, last + 1), classes)
  }

  members(group: number): Uint32Array {
    return this.#members.subarray(this.#ends[group - 1] ?? 0, at(this.#ends, group))
  }

  size(group: number): number {
    return at(this.#ends, group) - (this.#ends[group - 1] ?? 0)
  }

  /** How many it has of each class. */
  counts(group: number): (readonly [number, number])[] {
    if (this.size(group) === 1) return [[classOf(this.#classes, at(this.members(group), 0)), 1]]
    const codes: number[] = []
    for (const i of this.members(group)) {
      const code = classOf(this.#classes, i)
      const before = this.#tally[code] ?? 0
      if (before === 0) codes.push(code)
      this.#tally[code] = before + 1
    }
    const counts = codes.map((code) => [code, at(this.#tally, code)] as const)
    for (const code of codes) this.#tally[code] = 0
    return counts
  }
}

/**
 * Whole groups in an order drawn from the seed, each taken if that brings the validating number of each class closer to its
 * share. At least one group validates and one trains. `keys`: as in `Groups`.
 */
function* grouped(
  { validation: share, seed }: SplitRecipe,
  classes: ArrayLike<number> | undefined,
  keys: Uint32Array,
): Steps<Uint8Array> {
  const count = keys.length
  const validates = new Uint8Array(count)
  if (wantedOf(count, share) === 0) return validates
  const groups = yield* Groups.of(keys, classes)
  if (groups.length < 2) {
    const message = 'All examples are of one group, so none can validate; choose another column or way to split.'
    throw new ProblemError(problem('split.groups', message, { field: 'data.split.method' }))
  }
  const missing: number[] = []
  yield* eachStretch(count, (from, to) => {
    for (let i = from; i < to; i++) missing[classOf(classes, i)] = (missing[classOf(classes, i)] ?? 0) + share
  })
  const order = new Rng(seed, 'split groups').permutation(groups.length)
  let validating = 0
  const take = (group: number, counts: readonly (readonly [number, number])[]) => {
    for (const i of groups.members(group)) validates[i] = 1
    for (const [code, size] of counts) missing[code] = at(missing, code) - size
    validating += groups.size(group)
  }
  let seen = 0
  for (const group of order) {
    const size = groups.size(group)
    // A group takes as long as some examples.
    seen += size + 3
    if (seen >= STRETCH) {
      yield 0
      seen = 0
    }
    if (validating + size === count) continue
    const counts = groups.counts(group)
    // (m - n)² - m² of the numbers still missing; below 0 where the group helps.
    let change = 0
    for (const [code, size] of counts) change += size * size - 2 * size * at(missing, code)
    if (change < 0) take(group, counts)
  }
  // Every group may be larger than twice the share.
  if (validating === 0) {
    let least = 0
    for (let group = 1; group < groups.length; group++) if (groups.size(group) < groups.size(least)) least = group
    take(least, [])
  }
  return validates
}

const classOf = (classes: ArrayLike<number> | undefined, i: number) => classes?.[i] ?? 0

/** Groups numbered in order of appearance; those that have an equal value in `also` are one. */
function* joined(
  count: number,
  keys: ArrayLike<number> | undefined,
  also: ArrayLike<number> | undefined,
): Steps<Uint32Array> {
  // Of each example an earlier one of its group, or itself.
  const parent = countTo(count)
  const rootOf = (i: number) => {
    while (at(parent, i) !== i) {
      parent[i] = at(parent, at(parent, i))
      i = at(parent, i)
    }
    return i
  }
  for (const values of [keys, also]) {
    if (!values) continue
    const equal = new Equal(values, count)
    yield* eachStretch(count, (from, to) => {
      for (let i = from; i < to; i++) {
        const [a, b] = [rootOf(equal.note(i)), rootOf(i)]
        parent[Math.max(a, b)] = Math.min(a, b)
      }
    })
  }
  const numbers = new Uint32Array(count)
  let groups = 0
  yield* eachStretch(count, (from, to) => {
    for (let i = from; i < to; i++) {
      const root = rootOf(i)
      numbers[i] = root === i ? groups++ : at(numbers, root)
    }
  })
  return numbers
}

// Cross-validation

/** Most parts of one set: each is a training. */
export const MAX_FOLDS = 1000

/**
 * `k` splits of the same examples, in the way of the recipe: drawn (of classes, each part has its share), by whole groups, or by
 * time, where each part is tested by what was learnt from all before it, as scikit-learn's TimeSeriesSplit.
 */
export function folds(count: number, k: number, recipe: SplitRecipe, clues: SplitClues = {}): Split[] {
  const { method = 'ratio', seed, together } = recipe
  const classes = recipe.stratified === false ? undefined : clues.classes
  const same = together ? clues.same : undefined
  switch (method) {
    case 'time':
      return growing(count, k, clues.times)
    case 'group':
    case 'ratio': {
      const groups = method === 'group' ? clues.groups : undefined
      const keys = groups || same ? atOnce(joined(count, groups, same)) : undefined
      return kFold(count, k, seed, { classes, groups: keys }).map((part) => {
        const validates = new Uint8Array(count)
        for (const i of part) validates[i] = 1
        return atOnce(sides(validates))
      })
    }
    case 'column':
    case 'file': {
      const message = `A split by ${method} is one split, of which no ${k} parts can be made; draw them, or by group or time.`
      throw new ProblemError(problem('split.folds', message, { field: 'data.split.method' }))
    }
    default:
      return method satisfies never
  }
}

/** The last k stretches of one length, each after all that trains for it. Equal times stay on one side, the later one. */
function growing(count: number, k: number, times: ArrayLike<number> | undefined): Split[] {
  const length = Math.floor(count / (k + 1))
  checkFolds(k, count - 1, 'later examples')
  const timeOf = (i: number) => times?.[i] ?? i
  const order = atOnce(inTime(count, times))
  const momentOf = (place: number) => timeOf(at(order, place))
  const cuts = Array.from({ length: k + 1 }, (_, fold) => {
    let cut = count - (k - fold) * length
    while (cut > 0 && cut < count && momentOf(cut - 1) === momentOf(cut)) cut--
    return cut
  })
  return cuts.slice(1).map((to, fold) => {
    const from = at(cuts, fold)
    if (from === 0 || from === to) {
      const message = `Too many examples are of the same time for ${k} parts one after the other; choose fewer parts.`
      throw new ProblemError(problem('split.folds', message))
    }
    return { train: order.slice(0, from).sort(), validation: order.slice(from, to).sort() }
  })
}

function checkFolds(k: number, most: number, what: string): void {
  if (Number.isInteger(k) && k >= 2 && k <= Math.min(most, MAX_FOLDS)) return
  const message = `${k} parts can't be made of ${most} ${what}; choose between 2 and ${Math.min(most, MAX_FOLDS)}.`
  throw new ProblemError(problem('split.folds', message))
}

/**
 * `k` parts, disjoint and complete, each the validation part of one of k trainings. With classes each part has its share of
 * each, off by less than one example, as scikit-learn's StratifiedKFold; with groups no group lies in two parts.
 */
export function kFold(
  count: number,
  k: number,
  seed: number,
  { classes, groups }: Pick<SplitClues, 'classes' | 'groups'> = {},
): Uint32Array[] {
  const units = groups ? atOnce(Groups.of(atOnce(joined(count, groups, undefined)), classes)) : undefined
  const most = units?.length ?? count
  checkFolds(k, most, units ? 'groups' : 'examples')
  const foldOf = new Uint32Array(count)
  if (units) dealGroups(foldOf, k, seed, units)
  else {
    let dealt = 0
    atOnce(strataOf(count, classes)).forEach((members, stratum) => {
      const order = new Rng(seed, 'folds', stratum).permutation(members.length)
      // The next class goes on where the last one ended, so that the parts are of one size, too.
      for (const place of order) foldOf[at(members, place)] = dealt++ % k
    })
  }
  const all = Uint32Array.from(foldOf, (_, i) => i)
  return Array.from({ length: k }, (_, fold) => all.filter((i) => foldOf[i] === fold))
}

/** The largest groups first, each to the part that then differs least from its share of each class. */
function dealGroups(foldOf: Uint32Array, k: number, seed: number, groups: Groups): void {
  const totals = new Map<number, number>()
  for (let group = 0; group < groups.length; group++)
    for (const [code, n] of groups.counts(group)) totals.set(code, (totals.get(code) ?? 0) + n)
  const held = Array.from({ length: k }, () => new Map<number, number>())
  const sizes = new Uint32Array(k)
  const order = [...new Rng(seed, 'fold groups').permutation(groups.length)]
  order.sort((a, b) => groups.size(b) - groups.size(a))
  order.forEach((index, dealt) => {
    const counts = groups.counts(index)
    let best = 0
    let least = Infinity
    for (let fold = 0; fold < k; fold++) {
      // As many groups as there are parts left to fill go to empty ones.
      if (groups.length - dealt <= sizes.filter((size) => size === 0).length && at(sizes, fold) > 0) continue
      let cost = 0
      for (const [code, n] of counts) {
        const had = at(held, fold).get(code) ?? 0
        cost += ((had + n) ** 2 - had ** 2) / (totals.get(code) ?? 1)
      }
      if (cost < least || (cost === least && at(sizes, fold) < at(sizes, best))) {
        least = cost
        best = fold
      }
    }
    for (const [code, n] of counts) at(held, best).set(code, (at(held, best).get(code) ?? 0) + n)
    sizes[best] = at(sizes, best) + groups.size(index)
    for (const i of groups.members(index)) foldOf[i] = best
  })
}
