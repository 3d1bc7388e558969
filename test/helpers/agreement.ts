/** Where a backend and the reference differ over programs. */
import { at, get } from '../../src/base/assert.ts'
import type { Backend } from '../../src/backends/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { reference, runPrograms, type Given } from './run-program.ts'
import { difference, TOLERANCE, type Tolerance } from './tolerance.ts'

export interface Named extends Given {
  readonly name: string
  /** By output; that of products where nothing else is said. */
  readonly tolerances?: { readonly [output: string]: Tolerance }
}

/** A sentence for each output that is wrong. All programs go into one plan; `change`: what a control breaks in it. */
export async function disagreements(
  backend: Backend,
  given: readonly Named[],
  change?: (plan: Plan) => Plan,
): Promise<readonly string[]> {
  const [right, found] = [await runPrograms(reference, given), await runPrograms(backend, given, change)]
  return given.flatMap(({ name, tolerances }, i) =>
    [...at(right, i)].flatMap(([output, expected]) => {
      const wrong = difference(get(at(found, i), output), expected, tolerances?.[output] ?? TOLERANCE.f32.product)
      return wrong === undefined ? [] : [`${name}, ${output}: ${wrong}`]
    }),
  )
}
