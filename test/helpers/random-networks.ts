/** All that a network computes, on a backend and on the reference. */
import type { Backend } from '../../src/backends/types.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { reference } from './run-program.ts'
import { difference, TOLERANCE } from './tolerance.ts'
import { networkOf, rowsOf, runEntry, start, startValues } from './train-steps.ts'

const COUNTS = { train: 7, validation: 3 }

/**
 * Every entry of a document's plan, and the weights and memories afterwards, on a backend and on the reference: the first that
 * differs. `change`: what a control breaks.
 */
export async function disagreement(
  backend: Backend,
  document: GraphDocument,
  change: (plan: Plan) => Plan = (plan) => plan,
): Promise<string | undefined> {
  const network = networkOf(document, COUNTS)
  const values = startValues(document, network)
  const runs = [reference, backend].map(async (one) => {
    const plan = one === backend ? change(network.plan) : network.plan
    const executable = await start(one, plan, values)
    const results = new Map<string, number[]>()
    for (const { name, chunk } of plan.entries) {
      const batch = network.batch[name.startsWith('evaluate') ? 'validation' : 'train']
      const steps = Math.min(chunk, name.endsWith('Tail') ? 1 : 2)
      const rows = rowsOf(batch.count, name.endsWith('Tail') ? batch.tail : batch.size, steps)
      if (name === 'predict')
        await executable.write('predict/features', values.get('train/features') ?? new Float32Array())
      for (const [slot, data] of await runEntry(executable, plan, name, rows)) results.set(slot, data)
    }
    for (const { name } of network.weights) results.set(name, [...(await executable.read(name))])
    for (const { name } of network.memories) results.set(name, [...(await executable.read(name))])
    executable.dispose()
    return results
  })
  const [right, found] = await Promise.all(runs)
  for (const [name, expected] of right ?? []) {
    const wrong = difference(found?.get(name) ?? [], expected, TOLERANCE.f32.deep)
    if (wrong !== undefined) return `${name}: ${wrong}`
  }
  return undefined
}
