/** One or more steps of a document's own training plan on a backend, from given weights and data. */
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import type { Backend, Executable } from '../../src/backends/types.ts'
import { signatureOf } from '../../src/document/signature.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { verifyPlan } from '../../src/ir/verify.ts'
import { initialWeight } from '../../src/train/initialize.ts'
import { buildNetwork, type Network } from '../../src/train/network.ts'
import { numbers } from './random.ts'
import { load } from './run-program.ts'

export function networkOf(document: GraphDocument, counts: { train: number; validation: number }): Network {
  const built = buildNetwork(document, counts)
  if (!built.ok) throw new Error(built.problems.map((p) => p.message).join('\n'))
  const broken = verifyPlan(built.value.plan)
  if (broken.length > 0) throw new Error(broken.join('\n'))
  return built.value
}

/** Weights as a run would draw them, and random data; as f32, so that every backend starts from the same. */
export function startValues(document: GraphDocument, network: Network, seed = 1): Map<string, Float32Array> {
  const { target } = signatureOf(document.data)
  const values = new Map<string, Float32Array>()
  for (const weight of network.weights) values.set(weight.name, initialWeight(weight, new Rng(seed, weight.name)))
  for (const slot of network.plan.slots) {
    if (slot.role === 'live')
      values.set(
        slot.name,
        Float32Array.of(...new Array<number>(sizeOf(slot.shape)).fill(network.live.get(slot.name) ?? 1)),
      )
    if (slot.role !== 'data') continue
    const kind = slot.dtype === 'int' ? { below: target.kind === 'classes' ? target.classes : 1 } : 'normal'
    values.set(slot.name, Float32Array.from(numbers(new Rng(seed, slot.name), slot.shape, kind)))
  }
  return values
}

export async function start(
  backend: Backend,
  plan: Plan,
  values: ReadonlyMap<string, Float32Array | Float64Array>,
): Promise<Executable> {
  const executable = await load(backend, plan)
  for (const [name, data] of values)
    if (plan.slots.some((slot) => slot.name === name)) await executable.write(name, data)
  return executable
}

/** Runs an entry on the given rows, one list of indices for each step, as many at once as it takes; its results by name. */
export async function runEntry(
  executable: Executable,
  plan: Plan,
  name: string,
  batches: readonly (readonly number[])[],
): Promise<Map<string, number[]>> {
  const indices = plan.slots.find((slot) => slot.name === `${name}/indices`)
  const chunk = plan.entries.find((entry) => entry.name === name)?.chunk ?? 1
  const results = new Map<string, number[]>()
  for (let first = 0; first < batches.length; first += chunk) {
    const part = batches.slice(first, first + chunk)
    if (indices) await executable.write(indices.name, Int32Array.from(part.flat()))
    await executable.run([{ entry: name, steps: part.length }])
    for (const slot of plan.slots) {
      if (slot.role !== 'result' || !slot.name.startsWith(`${name}/`)) continue
      const read = await executable.read(slot.name, part.length * sizeOf(slot.shape))
      results.set(slot.name, [...(results.get(slot.name) ?? []), ...read])
    }
  }
  return results
}

/** Rows of `size` among `count`, going round. */
export function rowsOf(count: number, size: number, steps: number): number[][] {
  return Array.from({ length: steps }, (_, step) =>
    Array.from({ length: size }, (_, i) => (step * size + i) % Math.max(count, 1)),
  )
}
