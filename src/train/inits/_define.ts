import type { InitName } from '../../blocks/define.ts'
import type { Rng } from '../../base/rng.ts'

/** A weight that waits for its first values. Fans count the inputs and outputs that meet at a unit (for filters, times the window). */
export interface Blank {
  /** All elements, row by row, 0 so far. */
  readonly values: Float64Array
  readonly fanIn: number
  readonly fanOut: number
  /** Size of the last axis; the axes before it make up the rows. */
  readonly columns: number
}

/** How a weight starts: one file each. */
export interface InitDefinition {
  readonly type: InitName
  /** Paper or reference that gives the scheme. */
  readonly source: string
  fill(weight: Blank, random: Rng): void
}

export function defineInit(definition: InitDefinition): InitDefinition {
  return definition
}

/** Normal numbers of that standard deviation. */
export function fillNormal(values: Float64Array, random: Rng, deviation: number): void {
  for (let i = 0; i < values.length; i++) values[i] = random.normal(0, deviation)
}

/** Uniform numbers from -limit to limit. */
export function fillUniform(values: Float64Array, random: Rng, limit: number): void {
  random.fillUniform(values, -limit, limit)
}
