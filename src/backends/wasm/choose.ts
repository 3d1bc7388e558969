/**
 * Which variant this computer is best served by: each that the engine below us accepts computes one small product, which must
 * come out right, and is timed. A few hundredths of a second, once a process; on a busy computer it may take the simpler
 * one, never a wrong one.
 */
import { at } from '../../base/assert.ts'
import { stridesOf } from '../../base/shape.ts'
import type { Plan, PlanBuffer } from '../../ir/plan.ts'
import { ARENA, compilePlan } from './compile.ts'
import { ModuleBuilder } from './emitter.ts'
import { plain, variants, type Variant } from './variant.ts'

const [M, N, K] = [48, 64, 256]
/** Long enough for V8 to have optimised the code, and for the best of several timings. */
const WARM_UP_MS = 8
const TIMINGS = 5
/** A variant must be faster than the one before it by this much, so that noise does not choose. */
const FASTER = 0.93

export function accepts(variant: Variant): boolean {
  if (!variant.madd) return true
  const module = new ModuleBuilder(variant)
  module.add([], [], (f) => f.lanes(0).lanes(0).lanes(0).op('f32x4.relaxed_madd').op('drop'))
  return WebAssembly.validate(module.finish(0))
}

function productPlan(): Plan {
  const shapes = [
    [M, K],
    [K, N],
    [M, N],
  ]
  let offset = 0
  const buffers = shapes.map((shape, id): PlanBuffer => {
    const size = shape.reduce((p, q) => p * q, 1)
    const buffer: PlanBuffer = { id, dtype: 'float', size, offset, stepBytes: 0 }
    offset += 4 * size
    return buffer
  })
  const view = (buffer: number) => ({ buffer, offset: 0, strides: [0, ...stridesOf(at(shapes, buffer))] })
  const epilogue = {
    loads: [],
    body: [{ op: 'result', dtype: 'float' } as const],
    stores: [{ view: view(2), value: 0 }],
  }
  const kernel = { kind: 'dot', batch: 1, m: M, n: N, k: K, a: view(0), b: view(1), epilogue, path: '' } as const
  const program = { values: [], inputs: [], equations: [], outputs: [] }
  return {
    slots: [],
    buffers,
    entries: [{ name: 'product', chunk: 1, kernels: [kernel], program }],
    arenaBytes: offset,
  }
}

/** Milliseconds of one product, or undefined when it is wrong or can't be computed. */
export async function productTime(variant: Variant): Promise<number | undefined> {
  const plan = productPlan()
  const { bytes, pages } = compilePlan(plan, { variant })
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(bytes), { env: { memory } })
  const product = exports['product'] as unknown as (from: number, to: number) => number
  const floats = new Float32Array(memory.buffer, ARENA)
  for (let i = 0; i < M * K + K * N; i++) floats[i] = ((i * 37) % 101) / 101 - 0.5
  const run = (times: number): number => {
    const started = performance.now()
    product(0, times)
    return (performance.now() - started) / times
  }
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end;) run(4)
  let best = Infinity
  for (let i = 0; i < TIMINGS; i++) best = Math.min(best, run(8))
  for (let row = 0; row < M; row++)
    for (let column = 0; column < N; column++) {
      let sum = 0
      for (let k = 0; k < K; k++) sum += at(floats, row * K + k) * at(floats, M * K + k * N + column)
      if (!(Math.abs(at(floats, M * K + K * N + row * N + column) - sum) < 1e-4)) return undefined
    }
  return best
}

let chosen: Promise<Variant> | undefined

export function chooseVariant(): Promise<Variant> {
  return (chosen ??= choose())
}

async function choose(): Promise<Variant> {
  const candidates = variants.filter(accepts)
  if (candidates.length === 1) return plain
  let [best, fastest] = [plain, Infinity]
  for (const variant of candidates) {
    const time = await productTime(variant)
    if (time !== undefined && time < FASTER * fastest) [best, fastest] = [variant, time]
  }
  return best
}
