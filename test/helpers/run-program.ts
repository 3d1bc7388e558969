/** Runs programs on a backend: through all phases behind tracing, into one plan, and out of it again. */
import { get } from '../../src/base/assert.ts'
import { schedule, type EntrySource } from '../../src/compiler/6-schedule.ts'
import type { Backend, Executable, HostArray } from '../../src/backends/types.ts'
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
  const plan = planOf([{ name: 'main', chunk: 1, program }])
  const executable = await load(backend, plan)
  const given = new Map(Object.entries({ ...FROZEN, ...inputs }))
  for (const input of program.inputs) {
    const data: HostArray = Float64Array.from(get(given, input.name))
    await executable.write(input.role === 'step' ? `main/${input.name}` : input.name, data)
  }
  await executable.run('main', 1)
  const outputs = new Map<string, number[]>()
  for (const { name, role } of program.outputs)
    outputs.set(name, [...(await executable.read(role === 'step' ? `main/${name}` : name))])
  executable.dispose()
  return outputs
}
