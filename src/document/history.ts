/**
 * Undo and redo. Documents are immutable and share what did not change, so a step keeps the document before it: going back
 * is exact by construction and costs only what the edit touched.
 */
import { ok, type Result } from '../base/problem.ts'
import { applyEdit, describeEdit, type Edit } from './edits.ts'
import type { GraphDocument } from './types.ts'

export interface History {
  readonly document: GraphDocument
  readonly past: readonly Step[]
  readonly future: readonly Step[]
}

export interface Step {
  /** The document on the other side of the step. */
  readonly document: GraphDocument
  readonly label: string
  /** Edits of one gesture in a row (a slider's scrub, a word typed) are one step. */
  readonly gesture: string | undefined
}

/** Steps that are kept; older ones are forgotten. */
const DEPTH = 500

export function startHistory(document: GraphDocument): History {
  return { document, past: [], future: [] }
}

export function commit(history: History, edit: Edit, gesture?: string): Result<History> {
  const result = applyEdit(history.document, edit)
  if (!result.ok) return result
  const last = history.past.at(-1)
  const continues = gesture !== undefined && last?.gesture === gesture && history.future.length === 0
  const step: Step = { document: history.document, label: describeEdit(history.document, edit), gesture }
  return ok({
    document: result.value,
    past: continues
      ? [...history.past.slice(0, -1), { ...last, label: describeEdit(last.document, edit) }]
      : [...history.past, step].slice(-DEPTH),
    future: [],
  })
}

export function undo(history: History): History {
  const step = history.past.at(-1)
  if (!step) return history
  return {
    document: step.document,
    past: history.past.slice(0, -1),
    future: [...history.future, { document: history.document, label: step.label, gesture: undefined }],
  }
}

export function redo(history: History): History {
  const step = history.future.at(-1)
  if (!step) return history
  return {
    document: step.document,
    past: [...history.past, { document: history.document, label: step.label, gesture: undefined }],
    future: history.future.slice(0, -1),
  }
}

export function undoLabel(history: History): string | undefined {
  return history.past.at(-1)?.label
}

export function redoLabel(history: History): string | undefined {
  return history.future.at(-1)?.label
}
