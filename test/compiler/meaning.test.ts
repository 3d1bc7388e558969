/**
 * Phases 4 to 6 keep the meaning of a program: what the CPU engine computes from kernels is what the reference computes from the
 * program as it was written. Here the cases that are easy to get wrong, each by itself; fuzz.test.ts has whole networks.
 */
import { describe, expect, test } from 'vitest'
import { simplify } from '../../src/compiler/4-simplify.ts'
import { fuse } from '../../src/compiler/5-fuse.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { Differentiable } from '../../src/ir/vjp.ts'
import { verifyProgram } from '../../src/ir/verify.ts'
import { disagreements } from '../helpers/agreement.ts'
import { computing } from '../helpers/computing.ts'
import { wasm } from '../helpers/run-program.ts'
import { primitiveCases } from '../ir/primitive-cases.ts'
import { primitivePrograms } from '../ir/primitive-programs.ts'
import { expressions, outputs, programOf, type Write } from './meaning-cases.ts'

/** Where the CPU engine and the reference differ. */
async function disagreement(write: Write): Promise<readonly string[]> {
  const given = programOf(write)
  for (const one of [given.program, simplify(given.program)]) expect(verifyProgram(one)).toEqual([])
  return disagreements(wasm, [{ name: 'program', ...given }])
}

describe('an output is right', () => {
  test.each(outputs)('%s', async (_name, write) => {
    expect(await disagreement(write)).toEqual([])
  })
})

describe('an expression is right', () => {
  test.each(expressions)('%s', async (_name, write) => {
    expect(await disagreement(write)).toEqual([])
  })

  test('and a long chain of squares is fused in no time', () => {
    const g = new Builder()
    let x = g.input('x', 'data', [4, 3])
    for (let i = 0; i < 40; i++) x = g.tanh(g.mul(x, x))
    g.output('sum', 'step', g.sum(x, [0]))
    const took = computing()
    expect(fuse(simplify(g.build())).kernels).toHaveLength(1)
    expect(took()).toBeLessThan(1000)
  })
})

describe('each primitive by itself gives on the CPU engine what it gives on the reference, and its gradients:', () => {
  test.each(Object.keys(primitiveCases) as Differentiable[])('%s', async (primitive) => {
    expect(await disagreements(wasm, primitivePrograms(primitive))).toEqual([])
  })
})

describe('simplification', () => {
  const size = (write: (g: Builder, x: Tensor) => Tensor): string[] => {
    const g = new Builder()
    g.output('y', 'step', write(g, g.input('x', 'data', [2, 3])))
    const simple = simplify(g.build())
    expect(verifyProgram(simple)).toEqual([])
    return simple.equations.map(({ primitive }) => primitive)
  }

  test.each<[string, (g: Builder, x: Tensor) => Tensor, string[]]>([
    ['adding and taking off 0', (g, x) => g.sub(g.add(0, g.add(x, 0)), 0), []],
    ['multiplying and dividing by 1', (g, x) => g.div(g.mul(1, g.mul(x, 1)), 1), []],
    ['turning twice', (g, x) => g.neg(g.neg(x)), []],
    [
      'constants of constants',
      (g, x) => g.mul(x, g.sub(g.mul(g.constant(2), 3), g.div(10, 4))),
      ['constant', 'broadcast', 'mul'],
    ],
    ['the same twice', (g, x) => g.add(g.exp(x), g.exp(x)), ['exp', 'add']],
    ['what nobody reads', (g, x) => (g.exp(x), g.tanh(x)), ['tanh']],
    ['layouts in a row', (g, x) => g.exp(g.reshape(g.reshape(x, [6]), [3, 2])), ['reshape', 'exp']],
    [
      'layouts there and back',
      (g, x) => g.exp(g.transpose(g.transpose(g.reshape(g.reshape(x, [6]), [2, 3]), [1, 0]), [1, 0])),
      ['exp'],
    ],
    ['stopGradient', (g, x) => g.exp(g.stopGradient(x)), ['exp']],
    [
      'but not dividing 1 by x, nor subtracting from 0',
      (g, x) => g.sub(0, g.div(1, x)),
      ['constant', 'broadcast', 'constant', 'broadcast', 'div', 'sub'],
    ],
  ])('%s', (_name, write, primitives) => {
    expect([...size(write)].sort()).toEqual([...primitives].sort())
  })
})
