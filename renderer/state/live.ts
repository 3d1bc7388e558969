/**
 * What may change while a run goes on: parameters that are declared live, of the optimizer and of blocks, by the names that
 * the run knows them by, whichever way they were changed (a field, a composite's, undo).
 */
import type { ParamSpecs, ParamValues } from '../../src/base/params.ts'
import { contentHash } from '../../src/base/hash.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { OptimizerDescription } from '../../src/protocol/messages.ts'

export interface Live {
  /** `rate`, `encoder.loss.weight`. */
  readonly values: ReadonlyMap<string, number>
  /** Equal for documents that differ in nothing else. */
  readonly rest: string
}

export function liveOf(document: GraphDocument, optimizers: readonly OptimizerDescription[]): Live {
  const values = new Map<string, number>()
  /** The parameters that are not live; the others go to `values`. */
  const still = (specs: ParamSpecs, params: ParamValues, prefix: string): ParamValues =>
    Object.fromEntries(
      Object.entries(params).filter(([name, value]) => {
        if (!specs[name]?.live || (typeof value !== 'number' && typeof value !== 'boolean')) return true
        values.set(`${prefix}${name}`, Number(value))
        return false
      }),
    )
  const { training, data } = document
  const { type, params } = training.optimizer
  const specs = optimizers.find((one) => one.type === type)?.params ?? {}
  const defaults = Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]))
  const optimizer = { type, params: still(specs, { ...defaults, ...params }, '') }
  const blocks = flatten(document).blocks.map(({ path, owner, definition, params: own, inputs }) => {
    return { path, owner, type: definition.type, params: still(definition.params, own, `${path}.`), inputs }
  })
  return { values, rest: contentHash({ blocks, data, training: { ...training, optimizer } }) }
}

/** What became of the values from one document to the next; nothing when anything else changed as well. */
export function liveChanges(before: Live, after: Live): readonly (readonly [name: string, value: number])[] {
  if (before.rest !== after.rest) return []
  return [...after.values].filter(([name, value]) => before.values.get(name) !== value)
}
