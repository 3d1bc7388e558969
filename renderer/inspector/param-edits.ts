/**
 * What fields do to the parameters of one block, or of several at once: whatever one of them does is one step to undo. Blocks
 * are those of the open canvas; another use of a block stands for that block.
 */
import type { ParamSpec, ParamValue } from '../../src/base/params.ts'
import { contentOf, originalOf, paramSpecsOf } from '../../src/document/composites.ts'
import type { Edit } from '../../src/document/edits.ts'
import type { BlockId } from '../../src/document/types.ts'
import type { FieldDoors } from '../fields/doors.ts'
import { moved, sameValue, shownOf } from '../fields/number.ts'
import type { Editor } from '../state/editor.svelte.ts'

export class ParamEdits {
  readonly #editor: Editor
  readonly #blocks: () => readonly BlockId[]
  /** The values from which a gesture moves. */
  #start: { readonly gesture: string; readonly values: ReadonlyMap<BlockId, ParamValue> } | null = null

  constructor(editor: Editor, blocks: () => readonly BlockId[]) {
    this.#editor = editor
    this.#blocks = blocks
  }

  set(name: string, value: ParamValue, gesture: string): void {
    this.#start = null
    this.#apply(
      name,
      this.#originals().map((block) => ({ block, value })),
      gesture,
    )
  }

  /** Every number so many steps from where it was when the gesture began. */
  move(name: string, steps: number, gesture: string): void {
    const blocks = this.#originals()
    if (this.#start?.gesture !== gesture)
      this.#start = { gesture, values: new Map(blocks.map((block) => [block, this.#now(block, name)])) }
    const { values } = this.#start
    const next = blocks.flatMap((block) => {
      const from = values.get(block)
      const spec = this.#spec(block, name)
      if (from === undefined || !spec) return []
      return [
        { block, value: steps === 0 ? from : moved(spec, shownOf(spec, from, this.#editor.constants).value, steps) },
      ]
    })
    if (next.some(({ block, value }) => !sameValue(value, this.#now(block, name)))) this.#apply(name, next, gesture)
  }

  /** A constant with the number that the first block has there, named by all of them. */
  nameNumber(name: string, constant: string, gesture: string): void {
    const blocks = this.#originals()
    const first = blocks[0]
    const spec = first === undefined ? undefined : this.#spec(first, name)
    if (first === undefined || !spec) return
    const { value } = shownOf(spec, this.#now(first, name), this.#editor.constants)
    const number = Array.isArray(value) ? (value as readonly number[])[0] : value
    if (typeof number !== 'number') return
    this.#editor.editAll(
      `Make ${constant} a constant`,
      [
        { kind: 'setConstant', name: constant, value: number },
        ...blocks.map((block): Edit => ({ kind: 'setParam', block, name, value: `=${constant}` })),
      ],
      this.#key(gesture),
    )
  }

  /** For the field of this parameter. */
  doors(name: string): FieldDoors {
    return {
      constants: this.#editor.constants,
      onconstant: (constant, gesture) => this.nameNumber(name, constant, gesture),
      oncancel: (gesture) => this.#editor.withdraw(this.#key(gesture)),
      ...(this.#blocks().length > 1 ? { onsteps: (steps, gesture) => this.move(name, steps, gesture) } : {}),
    }
  }

  #apply(name: string, values: readonly { readonly block: BlockId; readonly value: ParamValue }[], gesture: string) {
    const edits = values.map(({ block, value }): Edit => ({ kind: 'setParam', block, name, value }))
    const [first] = edits
    if (!first) return
    if (edits.length === 1) return void this.#editor.edit(first, this.#key(gesture))
    const label = this.#spec(values[0]?.block ?? '', name)?.label.toLowerCase() ?? name
    this.#editor.editAll(`Set ${label} of ${edits.length} blocks`, edits, this.#key(gesture))
  }
  #key(gesture: string): string {
    return `${this.#blocks().join(' ')}.${gesture}`
  }
  #originals(): readonly BlockId[] {
    const { graph } = this.#editor
    return [...new Set(this.#blocks().map((id) => originalOf(graph, id)))]
  }
  #spec(block: BlockId, name: string): ParamSpec | undefined {
    const node = contentOf(this.#editor.graph, block)
    return node && paramSpecsOf(node)[name]
  }
  #now(block: BlockId, name: string): ParamValue {
    return contentOf(this.#editor.graph, block)?.params[name] ?? this.#spec(block, name)?.default ?? 0
  }
}

/** A parameter that several blocks have in common, as one field shows it. */
export interface Common {
  readonly name: string
  /** Its bounds are those that fit all. */
  readonly spec: ParamSpec
  readonly value: ParamValue
  readonly mixed: boolean
  /** All have the same default. */
  readonly resettable: boolean
}

/** What all of the blocks have under the same name and of the same kind, in the order of the first. */
export function commonParams(
  blocks: readonly {
    readonly specs: { readonly [name: string]: ParamSpec }
    readonly params: { readonly [name: string]: ParamValue }
  }[],
): readonly Common[] {
  const [first, ...others] = blocks
  if (!first) return []
  return Object.entries(first.specs).flatMap(([name, spec]): Common[] => {
    const specs = [
      spec,
      ...others.flatMap((other) => (Object.hasOwn(other.specs, name) ? [other.specs[name] as ParamSpec] : [])),
    ]
    if (specs.length < blocks.length || specs.some((other) => kindOf(other) !== kindOf(spec))) return []
    const values = blocks.map((block, i) => block.params[name] ?? (specs[i] as ParamSpec).default)
    const value = values[0] as ParamValue
    return [
      {
        name,
        spec: specs.reduce(narrowed),
        value,
        mixed: values.some((other) => !sameValue(other, value)),
        resettable: specs.every((other) => sameValue(other.default, spec.default)),
      },
    ]
  })
}

function kindOf(spec: ParamSpec): string {
  return spec.kind === 'choice' ? JSON.stringify(spec.options.map(({ value }) => value)) : spec.kind
}

function narrowed(a: ParamSpec, b: ParamSpec): ParamSpec {
  if (!('min' in a) || !('min' in b)) return a
  return { ...a, min: Math.max(a.min, b.min), max: Math.min(a.max, b.max) }
}
