/** What is said after something was done that is otherwise only seen. */

export interface Facts {
  /** Which tab. */
  readonly desk: number
  readonly document: string
  /** Steps that were taken or taken back, and how many are done. */
  readonly labels: readonly string[]
  readonly done: number
  /** Titles of the composites that one is in. */
  readonly trail: readonly string[]
  /** What is selected, as one sentence; empty where nothing is. */
  readonly selected: string
  readonly blocks: number
  readonly refusal: string | null
}

/** Sentences, in the order in which they matter; none where nothing changed that needs one. */
export function outcomeOf(before: Facts, now: Facts): readonly string[] {
  const inside = now.trail.at(-1)
  if (before.desk !== now.desk)
    return [`${now.document}, ${countOf(now.blocks)}${inside === undefined ? '' : `, inside of ${inside}`}`]
  const sentences: string[] = []
  const step = stepOf(before, now)
  if (step !== null) sentences.push(step)
  if (before.trail.join('\n') !== now.trail.join('\n'))
    sentences.push(
      inside === undefined
        ? `The whole drawing, ${countOf(now.blocks)}`
        : `Inside of ${inside}, ${countOf(now.blocks)}`,
    )
  if (now.refusal !== null && now.refusal !== before.refusal) sentences.push(now.refusal)
  if (now.selected !== before.selected && now.selected !== '') sentences.push(now.selected)
  return sentences
}

function countOf(blocks: number): string {
  return blocks === 0 ? 'nothing in it' : blocks === 1 ? '1 block' : `${blocks} blocks`
}

function stepOf(before: Facts, now: Facts): string | null {
  const same = before.labels.length === now.labels.length && before.labels.every((label, i) => label === now.labels[i])
  const moved = now.done - before.done
  if (same && moved < 0)
    return moved === -1
      ? `Undone: ${now.labels[now.done] ?? ''}`
      : `${-moved} steps undone, back to before: ${now.labels[now.done] ?? ''}`
  if (same && moved > 0)
    return moved === 1
      ? `Redone: ${now.labels[now.done - 1] ?? ''}`
      : `${moved} steps redone, up to: ${now.labels[now.done - 1] ?? ''}`
  // What is typed or nudged says itself; the same gesture goes on without a new step.
  const label = now.labels[now.done - 1]
  if (same || moved > 1 || label === undefined || /^(Set|Edit|Change|Rename) /.test(label)) return null
  return `Done: ${label}`
}
