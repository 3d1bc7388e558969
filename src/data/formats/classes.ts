/** Classes that a file gives by number. */
import { problem, type Problem } from '../../base/problem.ts'
import { MAX_CATEGORIES } from '../limits.ts'
import { refuse } from './refuse.ts'

/** Class names '0' … by the largest label, all below MAX_CATEGORIES. Labels that never occur are classes all the same, and said. */
export function classesOf(
  labels: Int32Array,
  file: string,
  example: string,
): { names: readonly string[]; warnings: readonly Problem[] } {
  const counts = new Array<number>(MAX_CATEGORIES).fill(0)
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  const largest = counts.findLastIndex((count) => count > 0)
  if (counts.filter((count) => count > 0).length === 1) {
    const message = `${file}: every label is ${largest}; a network needs two classes or more to tell apart.`
    throw refuse('data.oneClass', message, { file })
  }
  const names = Array.from({ length: largest + 1 }, (_, i) => String(i))
  const unused = names.filter((_, i) => counts[i] === 0)
  if (unused.length === 0) return { names, warnings: [] }
  const some = `${unused.slice(0, 10).join(', ')}${unused.length > 10 ? ', …' : ''}`
  const message = `${file}: no ${example} has the label ${some}, so the network cannot learn ${unused.length === 1 ? 'it' : 'them'}.`
  return { names, warnings: [problem('data.unusedClass', message, { file }, 'warning')] }
}
