/** What the doctor says: one sentence and changes to the drawing that would mend it, each of which can be shown before it is made. */
import type { ParamValue } from '../../base/params.ts'
import type { Problem } from '../../base/problem.ts'
import type { Edit } from '../../document/edits.ts'
import type { BlockId, Endpoint, Position, Wire, WireId } from '../../document/types.ts'

/** A wire that is being drawn, or a problem that the analysis found. */
export type About =
  | { readonly kind: 'wire'; readonly from: Endpoint; readonly to: Endpoint }
  | { readonly kind: 'problem'; readonly problem: Problem }

export interface Diagnosis {
  /** What meets what. */
  readonly sentence: string
  /** Best first. */
  readonly fixes: readonly Fix[]
}

export interface Fix {
  /** Imperative: "Insert Flatten". */
  readonly title: string
  /** One step to undo; a wire that was being tried is drawn with it. */
  readonly edit: Edit
  /** The composites that lead to the canvas on which the ghost is seen: mostly the one that was asked about. */
  readonly path: readonly BlockId[]
  readonly ghost: Ghost
  /** The shape that flows then, e.g. `B × 3136`. */
  readonly result: string
}

/** What differs once the fix is made. */
export interface Ghost {
  readonly adds: readonly {
    readonly id: BlockId
    readonly type: string
    readonly name: string
    readonly position: Position
  }[]
  readonly sets: readonly (readonly [
    block: BlockId,
    param: string,
    before: ParamValue | undefined,
    after: ParamValue | undefined,
  ])[]
  readonly replaces: readonly (readonly [block: BlockId, before: string, after: string])[]
  readonly renames: readonly (readonly [block: BlockId, before: string, after: string])[]
  readonly removes: readonly BlockId[]
  readonly wires: readonly Wire[]
  /** Wires that are there now and would not be. */
  readonly cuts: readonly WireId[]
}
