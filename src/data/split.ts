/**
 * Which examples train and which validate: disjoint, complete, and decided by a seed. With classes the split is
 * stratified (Neyman 1934): each class gives its share to validation, off by less than one example.
 */
import { problem, ProblemError } from '../base/problem.ts'
import { Rng } from '../base/rng.ts'
import type { SplitRecipe } from '../document/types.ts'

export interface Split {
  /** Indices of examples in rising order; the order of training is another matter. */
  readonly train: Uint32Array
  readonly validation: Uint32Array
}

/** Splits `count` examples; `classes` are their class indices where the target is classes. */
export function split(count: number, recipe: SplitRecipe, classes?: ArrayLike<number>): Split {
  const share = recipe.validation
  if (!(share >= 0 && share < 1)) {
    const message = `The validation share is ${share}; it must be at least 0 and less than 1.`
    throw new ProblemError(problem('split.share', message, { field: 'data.split.validation' }))
  }
  const groups = groupsOf(count, classes)
  const quotas = quotasOf(groups, count, share)
  const validates = new Uint8Array(count)
  let validating = 0
  groups.forEach((members, group) => {
    const quota = quotas[group] ?? 0
    if (quota === 0) return
    const order = new Rng(recipe.seed, 'split', group).permutation(members.length)
    for (let i = 0; i < quota; i++) validates[members[order[i] ?? 0] ?? 0] = 1
    validating += quota
  })
  const train = new Uint32Array(count - validating)
  const validation = new Uint32Array(validating)
  let trained = 0
  let validated = 0
  for (let i = 0; i < count; i++) {
    if (validates[i] === 1) validation[validated++] = i
    else train[trained++] = i
  }
  return { train, validation }
}

function groupsOf(count: number, classes: ArrayLike<number> | undefined): number[][] {
  const groups: number[][] = []
  for (let i = 0; i < count; i++) {
    const group = classes?.[i] ?? 0
    ;(groups[group] ??= []).push(i)
  }
  // Classes without any example leave holes.
  return Array.from(groups, (members) => members ?? [])
}

/**
 * How many of each group validate: the whole part of its share, and one more for those with the largest rest until the
 * total is right (Hamilton's method). A group never loses its last example to validation, even if the total falls short.
 */
function quotasOf(groups: readonly (readonly number[])[], count: number, share: number): number[] {
  const exact = groups.map((members) => members.length * share)
  const quotas = exact.map(Math.floor)
  // A share above 0 is meant to validate, even where it rounds to nothing.
  const wanted = share > 0 && count > 1 ? Math.max(1, Math.round(count * share)) : 0
  const open = groups
    .map((members, group) => ({ group, size: members.length, rest: (exact[group] ?? 0) - (quotas[group] ?? 0) }))
    .filter(({ group, size, rest }) => rest > 0 && (quotas[group] ?? 0) + 1 < size)
    .sort((a, b) => b.rest - a.rest || a.group - b.group)
  let missing = wanted - quotas.reduce((sum, quota) => sum + quota, 0)
  for (const { group } of open) {
    if (missing-- <= 0) break
    quotas[group] = (quotas[group] ?? 0) + 1
  }
  return quotas
}
