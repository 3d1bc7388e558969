/** Runs programs on a backend: through all phases behind tracing, into one plan, and out of it again. */
import { at, get } from '../../src/base/assert.ts'
import { schedule, type EntrySource } from '../../src/compiler/6-schedule.ts'
import type { Backend, Executable } from '../../src/backends/types.ts'
import reference from '../../src/backends/reference/index.ts'
import wasm from '../../src/backends/wasm/index.ts'
import type { Plan } from '../../src/ir/plan.ts'
import type { Program } from '../../src/ir/program.ts'
import { verifyPlan } from '../../src/ir/verify.ts'
import { FROZEN } from './random.ts'

export const backends: readonly Backend[] = [reference, wasm]
export { reference, wasm }

export type Values = { readonly [name: string]: ArrayLike<number> }

/** A plan that keeps the rules, or an error that names the broken ones. */
export function planOf(entries: readonly EntrySource[]): Plan {
  const plan = schedule(entries)
  const broken = verifyPlan(plan)
  if (broken.length > 0) throw new Error(broken.join('\n'))
  return plan
}

export async function load(backend: Backend, plan: Plan): Promise<Executable> {
  const device = await backend.open()
  if (!device.ok) throw new Error(device.problems.map((p) => p.message).join())
  return device.value.compile(plan)
}

/** Outputs of a program after one step, by name. */
export async function runProgram(backend: Backend, program: Program, inputs: Values): Promise<Map<string, number[]>> {
  return at(await runPrograms(backend, [{ program, inputs }]), 0)
}

export interface Given {
  readonly program: Program
  readonly inputs: Values
}

/**
 * Several in one plan, an entry each, with slots of their own: a backend that compiles slowly is asked once for all.
 * `change`: what a control breaks.
 */
export async function runPrograms(
  backend: Backend,
  given: readonly Given[],
  change: (plan: Plan) => Plan = (plan) => plan,
): Promise<Map<string, number[]>[]> {
  const slotOf = (i: number, { name, role }: { readonly name: string; readonly role: string }) =>
    role === 'step' ? `p${i}/${name}` : `p${i}.${name}`
  const plan = planOf(
    given.map(({ program }, i) => {
      const named = <T extends { readonly name: string; readonly role: string }>(one: T): T =>
        one.role === 'step' ? one : { ...one, name: slotOf(i, one) }
      const own = { ...program, inputs: program.inputs.map(named), outputs: program.outputs.map(named) }
      return { name: `p${i}`, chunk: 1, program: own }
    }),
  )
  const executable = await load(backend, change(plan))
  const results: Map<string, number[]>[] = []
  for (const [i, { program, inputs }] of given.entries()) {
    const values = new Map(Object.entries({ ...FROZEN, ...inputs }))
    for (const input of program.inputs)
      await executable.write(slotOf(i, input), Float64Array.from(get(values, input.name)))
    await executable.run([{ entry: `p${i}`, steps: 1 }])
    const outputs = new Map<string, number[]>()
    for (const output of program.outputs) outputs.set(output.name, [...(await executable.read(slotOf(i, output)))])
    results.push(outputs)
  }
  executable.dispose()
  return results
}
