/** What simplification, fusion, scheduling and the CPU engine make of random programs is what the reference computes. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { simplify } from '../../src/compiler/4-simplify.ts'
import { fuse } from '../../src/compiler/5-fuse.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import type { Primitive } from '../../src/ir/program.ts'
import { verifyProgram } from '../../src/ir/verify.ts'
import { randomProgram } from '../helpers/random-program.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, TOLERANCE } from '../helpers/tolerance.ts'

const made = Array.from({ length: 250 }, (_, i) => randomProgram(i + 1))

describe('random programs', () => {
  test('mean the same before and after simplification', () => {
    let smaller = 0
    for (const [i, { program, data }] of made.entries()) {
      const simple = simplify(program)
      expect(verifyProgram(simple), `seed ${i + 1}`).toEqual([])
      const inputs = new Map(Object.entries(data))
      const [before, after] = [evaluate(program, inputs), evaluate(simple, inputs)]
      program.outputs.forEach(({ value }, k) => {
        const wrong = difference(after(at(simple.outputs, k).value).data, before(value).data, TOLERANCE.f64.same)
        expect(wrong, `seed ${i + 1}`).toBeUndefined()
      })
      expect(simple.equations.length).toBeLessThanOrEqual(program.equations.length)
      if (simple.equations.length < program.equations.length) smaller++
    }
    expect(smaller).toBeGreaterThan(200)
  })

  test('give the same on the CPU engine as on the reference, outputs and states', async () => {
    for (const [i, { program, data }] of made.entries()) {
      const right = await runProgram(reference, program, data)
      const found = await runProgram(wasm, program, data)
      for (const [name, expected] of right)
        expect(
          difference(found.get(name) ?? [], expected, TOLERANCE.f32.product),
          `seed ${i + 1} ${name}`,
        ).toBeUndefined()
    }
  })

  test('take fewer kernels than equations, since most work is fused', () => {
    let [equations, kernels] = [0, 0]
    for (const { program } of made) {
      const simple = simplify(program)
      equations += simple.equations.length
      kernels += fuse(simple).kernels.length
    }
    expect(kernels).toBeLessThan(0.6 * equations)
  })

  test('use nearly every primitive that no picture needs', () => {
    const used = new Set<Primitive>(made.flatMap(({ program }) => program.equations.map(({ primitive }) => primitive)))
    for (const primitive of [
      'tanh',
      'select',
      'less',
      'sum',
      'reduceMax',
      'reshape',
      'transpose',
      'broadcast',
      'dot',
      'take',
      'scatterRows',
      'convert',
      'stopGradient',
    ] as const)
      expect(used).toContain(primitive)
  })
})
