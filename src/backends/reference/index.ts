/**
 * The reference backend: runs the plan's programs, as they were before simplification and fusion, one primitive after the
 * other in f64. Slow, and meant to be: it is what the others are measured against, and what the person picks to check them.
 */
import { ok } from '../../base/problem.ts'
import { get } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Plan, Slot } from '../../ir/plan.ts'
import type { Backend, Executable, HostArray, Pass } from '../types.ts'
import { evaluate } from './evaluate.ts'

const reference: Backend = {
  name: 'reference',
  title: 'Reference (f64)',
  open: () =>
    Promise.resolve(
      ok({
        info: { backend: 'reference', title: 'Reference (f64, slow)', facts: { precision: 'f64', threads: '1' } },
        compile: (plan: Plan) => Promise.resolve(new ReferenceExecutable(plan)),
        // Nothing can take it away.
        lost: new Promise<string>(() => undefined),
        dispose: () => undefined,
      }),
    ),
}

export default reference

class ReferenceExecutable implements Executable {
  readonly stopFlag = new Int32Array(new SharedArrayBuffer(4))
  readonly #plan: Plan
  readonly #slots = new Map<string, { slot: Slot; data: Float64Array }>()

  constructor(plan: Plan) {
    this.#plan = plan
    for (const slot of plan.slots)
      this.#slots.set(slot.name, { slot, data: new Float64Array(sizeOf(slot.shape) * slot.rows) })
  }

  write(name: string, data: HostArray): Promise<void> {
    get(this.#slots, name).data.set(data)
    return Promise.resolve()
  }

  run(passes: readonly Pass[]): Promise<number> {
    const rows = new Map<string, number>()
    let done = 0
    for (const { entry: name, steps } of passes) {
      const entry = this.#plan.entries.find((candidate) => candidate.name === name)
      if (!entry) throw new Error(`internal: the plan has no entry ${name}`)
      const from = rows.get(name) ?? 0
      let row = from
      while (row < from + steps && Atomics.load(this.stopFlag, 0) === 0) this.#step(name, entry.program, row++)
      rows.set(name, row)
      done += row - from
      if (row < from + steps) break
    }
    return Promise.resolve(done)
  }

  // In this thread a run has always ended before anything else is done.
  stop(): void {}

  #step(entry: string, program: Plan['entries'][number]['program'], step: number): void {
    const row = (name: string): Float64Array => {
      const { slot, data } = get(this.#slots, name)
      const size = sizeOf(slot.shape)
      return slot.rows === 1 ? data.subarray(0, size) : data.subarray(step * size, (step + 1) * size)
    }
    const inputs = new Map(
      program.inputs.map((input) => [input.name, row(input.role === 'step' ? `${entry}/${input.name}` : input.name)]),
    )
    const values = evaluate(program, inputs)
    // All new values are known before the first old one is overwritten.
    const results = program.outputs.map((output) => ({ output, data: Float64Array.from(values(output.value).data) }))
    for (const { output, data } of results)
      row(output.role === 'step' ? `${entry}/${output.name}` : output.name).set(data)
  }

  read(name: string, count?: number): Promise<HostArray> {
    const { slot, data } = get(this.#slots, name)
    const part = data.slice(0, count ?? data.length)
    return Promise.resolve(slot.dtype === 'int' ? Int32Array.from(part) : part)
  }

  dispose(): void {
    this.#slots.clear()
  }
}
