/** How examples spread over classes: what one had better know before one believes an accuracy. */
import { problem, type Problem } from '../base/problem.ts'
import { some } from './pictures/folder.ts'
import { clip } from './table/records.ts'

/** Sets of fewer examples are to be looked at as they are. */
const LEAST = 10
/** A class that has more than this share is what a network may say of everything. */
const MOST = 0.95

/** `data.balance`: classes of a single example, and one that is nearly all. */
export function balanceWarnings(classes: readonly { readonly name: string; readonly count: number }[]): Problem[] {
  const all = classes.reduce((sum, { count }) => sum + count, 0)
  if (all < LEAST) return []
  const warn = (message: string) => problem('data.balance', message, undefined, 'warning')
  const single = classes.filter(({ count }) => count === 1).map(({ name }) => clip(name))
  const largest = classes.reduce((a, b) => (b.count > a.count ? b : a), { name: '', count: 0 })
  const share = Math.floor((1000 * largest.count) / all) / 10
  const warnings: Problem[] = []
  if (single.length > 0) {
    const [what, has, it] =
      single.length === 1
        ? ['The class', 'has a single example', 'it']
        : ['The classes', 'have a single example each', 'them']
    warnings.push(
      warn(`${what} ${some(single)} ${has}, which can train or validate but not both; add some, or leave ${it} out.`),
    )
  }
  if (largest.count > MOST * all && largest.count < all) {
    const message = `${share} % of the examples are of class ${clip(largest.name)}, so that always saying it looks good; judge by the recall of the others rather than by accuracy.`
    warnings.push(warn(message))
  }
  return warnings
}
