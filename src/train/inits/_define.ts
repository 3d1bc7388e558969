import type { InitName } from '../../blocks/define.ts'
import type { Rng } from '../../base/rng.ts'

/** How a weight starts: one file each. */
export interface InitDefinition {
  readonly type: InitName
  /** Paper that gives the scheme. */
  readonly source: string
  /** Value of one element; fans count the inputs and outputs that meet at a unit (for filters, times the window). */
  draw(random: Rng, fanIn: number, fanOut: number): number
}

export function defineInit(definition: InitDefinition): InitDefinition {
  return definition
}
