/** What the field of a parameter can do beyond giving out its value, where its owner lets it. */
import type { Constants } from '../../src/document/types.ts'

export interface FieldDoors {
  /** They may be named, and what names them is kept as it was typed; undefined where only numbers can be kept. */
  readonly constants?: Constants | undefined
  /** Makes the number a constant of this name, which the field then names. */
  readonly onconstant?: ((name: string, gesture: string) => void) | undefined
  /** Moves every number behind the field by so many steps, counted from where this gesture began. */
  readonly onsteps?: ((steps: number, gesture: string) => void) | undefined
  /** Takes back all that the gesture did, as if it had not been. */
  readonly oncancel?: ((gesture: string) => void) | undefined
}
