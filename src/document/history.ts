/**
 * Undo and redo. Documents are immutable and share what did not change, so a step keeps the document before it: going back
 * is exact by construction and costs only what the edit touched.
 */
import { ok, type Result } from '../base/problem.ts'
import { describeEdit } from './describe.ts'
import { applyEdit, type Edit } from './edits.ts'
import type { GraphDocument } from './types.ts'

/** `M` is what else comes back with a document: what was selected, and where one looked. */
export interface History<M = undefined> {
  readonly document: GraphDocument
  readonly past: readonly Step<M>[]
  readonly future: readonly Step<M>[]
}

export interface Step<M = undefined> {
  /** The document on the other side of the step. */
  readonly document: GraphDocument
  readonly label: string
  /** Edits of one gesture in a row (a slider's scrub, a word typed) are one step. */
  readonly gesture: string | undefined
  /** As it was when the step was taken. */
  readonly mark: M
}

/** Steps that are kept; older ones are forgotten. */
const DEPTH = 500

export function startHistory<M = undefined>(document: GraphDocument): History<M> {
  return { document, past: [], future: [] }
}

export function commit(history: History, edit: Edit, gesture?: string): Result<History>
export function commit<M>(history: History<M>, edit: Edit, gesture: string | undefined, mark: M): Result<History<M>>
export function commit<M>(history: History<M>, edit: Edit, gesture?: string, mark?: M): Result<History<M>> {
  const result = applyEdit(history.document, edit)
  if (!result.ok) return result
  const last = history.past.at(-1)
  const continues = gesture !== undefined && last?.gesture === gesture && history.future.length === 0
  const label = describeEdit(history.document, edit)
  return ok({
    document: result.value,
    past: continues
      ? [...history.past.slice(0, -1), { ...last, label: describeEdit(last.document, edit) }]
      : [...history.past, { document: history.document, label, gesture, mark: mark as M }].slice(-DEPTH),
    future: [],
  })
}

/** The last step as if it had never been, when it is of this gesture: what was begun and given up leaves nothing to redo. */
export function withdraw<M>(history: History<M>, gesture: string): History<M> {
  const step = history.past.at(-1)
  return step?.gesture === gesture && history.future.length === 0
    ? { document: step.document, past: history.past.slice(0, -1), future: [] }
    : history
}

/** `mark` is what is to come back with the document that is left; what came back is the mark of the step that was taken. */
export function undo<M>(history: History<M>, mark?: M): History<M> {
  const step = history.past.at(-1)
  if (!step) return history
  const left: Step<M> = { document: history.document, label: step.label, gesture: undefined, mark: mark as M }
  return { document: step.document, past: history.past.slice(0, -1), future: [...history.future, left] }
}

export function redo<M>(history: History<M>, mark?: M): History<M> {
  const step = history.future.at(-1)
  if (!step) return history
  const left: Step<M> = { document: history.document, label: step.label, gesture: undefined, mark: mark as M }
  return { document: step.document, past: [...history.past, left], future: history.future.slice(0, -1) }
}

export function undoLabel<M>(history: History<M>): string | undefined {
  return history.past.at(-1)?.label
}

export function redoLabel<M>(history: History<M>): string | undefined {
  return history.future.at(-1)?.label
}
