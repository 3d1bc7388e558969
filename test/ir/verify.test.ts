/** That the verifier finds each broken rule, on plans that were right before one thing in them was changed. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { schedule } from '../../src/compiler/6-schedule.ts'
import { Builder } from '../../src/ir/builder.ts'
import type { DotKernel, Kernel, MapKernel, View } from '../../src/ir/kernel.ts'
import type { Plan, PlanBuffer, Slot } from '../../src/ir/plan.ts'
import type { Program } from '../../src/ir/program.ts'
import { mapViews } from '../../src/ir/access.ts'
import { printPlan, printProgram } from '../../src/ir/print.ts'
import { verifyPlan, verifyProgram } from '../../src/ir/verify.ts'

/** w ← w - 0.1 (xᵀ tanh(x w)), with the sum of the tanh and an exp on the side. */
function example(): Program {
  const g = new Builder()
  const x = g.input('x', 'data', [3, 2])
  const w = g.input('w', 'state', [2, 4])
  g.path = 'fc'
  const y = g.tanh(g.dot(x, w))
  const gradient = g.dot(x, y, { contract: [[0], [0]], batch: [[], []] })
  g.output('w', 'state', g.sub(w, g.mul(gradient, 0.1)))
  g.output('sum', 'step', g.sum(g.mul(y, g.exp(g.reduceMax(y, [0])))))
  return g.build()
}

const plan = (): Plan => schedule([{ name: 'main', chunk: 3, program: example() }])

describe('a program', () => {
  test('as the builder writes it is right', () => {
    expect(verifyProgram(example())).toEqual([])
  })

  const changes: readonly [string, (program: Program) => Partial<Program>, RegExp][] = [
    [
      'a value used before it is made',
      (p) => ({ equations: [...p.equations].reverse() }),
      /reads value .* before it is made/,
    ],
    ['a value made twice', (p) => ({ equations: [...p.equations, at(p.equations, 0)] }), /a second time/],
    [
      'a wrong shape',
      (p) => ({ values: p.values.map((v, i) => (i === 2 ? { ...v, shape: [3, 5] } : v)) }),
      /gives float\[3,4\], but says float\[3,5\]/,
    ],
    [
      'a wrong type',
      (p) => ({ values: p.values.map((v, i) => (i === 3 ? { ...v, dtype: 'int' as const } : v)) }),
      /gives float\[3,4\], but says int/,
    ],
    [
      'operands that do not fit',
      (p) => ({ values: p.values.map((v, i) => (i === 0 ? { ...v, shape: [3, 9] } : v)) }),
      /can't be multiplied/,
    ],
    [
      'a missing operand',
      (p) => ({ equations: p.equations.map((e, i) => (i === 0 ? { ...e, inputs: [0] } : e)) }),
      /1 operands, not 2/,
    ],
    [
      'two inputs of one name',
      (p) => ({ inputs: p.inputs.map((input) => ({ ...input, name: 'x' })) }),
      /two inputs are called x/,
    ],
    ['an output that is not made', () => ({ outputs: [{ name: 'sum', role: 'step', value: 999 }] }), /never made/],
    [
      'a state without an input',
      (p) => ({ outputs: [{ name: 'v', role: 'state', value: at(p.outputs, 0).value }] }),
      /no state to write back/,
    ],
    [
      'a state of another shape',
      () => ({ outputs: [{ name: 'w', role: 'state', value: 2 }] }),
      /state w is float\[2,4\], but its next value float\[3,4\]/,
    ],
    [
      'two outputs of one name',
      (p) => ({ outputs: [...p.outputs, at(p.outputs, 1)] }),
      /two step outputs are called sum/,
    ],
  ]
  test.each(changes)('with %s is refused', (_name, change, expected) => {
    const right = example()
    expect(verifyProgram({ ...right, ...change(right) }).join('\n')).toMatch(expected)
  })
})

describe('a plan', () => {
  test('as it is scheduled is right', () => {
    expect(verifyPlan(plan())).toEqual([])
  })

  const withKernels = (p: Plan, kernels: readonly Kernel[]): Plan => ({
    ...p,
    entries: [{ ...at(p.entries, 0), kernels }],
  })
  const withDot = (p: Plan, change: (dot: DotKernel & { readonly path: string }) => Kernel): Plan => {
    const { kernels } = at(p.entries, 0)
    const first = kernels.findIndex(({ kind }) => kind === 'dot')
    return withKernels(
      p,
      kernels.map((kernel, i) => (i === first && kernel.kind === 'dot' ? change(kernel) : kernel)),
    )
  }
  const withBuffers = (p: Plan, change: (buffer: PlanBuffer) => PlanBuffer): Plan => ({
    ...p,
    buffers: p.buffers.map(change),
  })
  const withSlots = (p: Plan, change: (slot: Slot) => Slot): Plan => ({ ...p, slots: p.slots.map(change) })
  const bufferOf = (p: Plan, name: string) =>
    at(
      p.slots.filter((slot) => slot.name === name),
      0,
    ).buffer
  const passing = (p: Plan) => p.buffers.filter((buffer) => p.slots.every((slot) => slot.buffer !== buffer.id))
  const moved = (view: View): View => ({ ...view, offset: view.offset + 1 })

  const changes: readonly [string, (plan: Plan) => Plan, RegExp][] = [
    [
      'a view that leaves its buffer',
      (p) =>
        withKernels(
          p,
          at(p.entries, 0).kernels.map((k) => mapViews(k, moved)),
        ),
      /reaches elements/,
    ],
    [
      'an offset between the lines',
      (p) => withBuffers(p, (b) => ({ ...b, offset: b.offset + 4 })),
      /no multiple of 64/,
    ],
    ['an arena that is too small', (p) => ({ ...p, arenaBytes: 64 }), /behind the arena/],
    [
      'slots over each other',
      (p) => withBuffers(p, (b) => (b.id === bufferOf(p, 'w') ? { ...b, offset: 0 } : b)),
      /share memory/,
    ],
    ['a slot of another size', (p) => withSlots(p, (s) => ({ ...s, shape: [...s.shape, 2] })), /slot x has 6 elements/],
    ['a slot of another type', (p) => withSlots(p, (s) => ({ ...s, dtype: 'int' })), /holds float, not int/],
    ['a step value without its rows', (p) => withSlots(p, (s) => ({ ...s, rows: 1 })), /slot main\/sum has 1 rows/],
    ['a step value that does not move on', (p) => withBuffers(p, (b) => ({ ...b, stepBytes: 0 })), /moves by 0 bytes/],
    ['two slots of one name', (p) => withSlots(p, (s) => ({ ...s, name: 'x' })), /two slots are called x/],
    [
      'an operand that is not made yet',
      (p) => withKernels(p, [...at(p.entries, 0).kernels].reverse()),
      /before anything is written/,
    ],
    [
      'an output that nothing writes',
      (p) => withKernels(p, at(p.entries, 0).kernels.slice(0, 1)),
      /nothing is written to output/,
    ],
    [
      'passing values over each other',
      (p) => withBuffers(p, (b) => (passing(p).includes(b) ? { ...b, offset: at(passing(p), 0).offset } : b)),
      /share memory while both are needed/,
    ],
    [
      'a passing value over a weight',
      (p) => withBuffers(p, (b) => (passing(p).includes(b) ? { ...b, offset: 0 } : b)),
      /lies over x/,
    ],
    [
      'a write to data',
      (p) =>
        withKernels(
          p,
          at(p.entries, 0).kernels.map((k) =>
            mapViews(k, (v) => (v.buffer === bufferOf(p, 'w') ? { ...v, buffer: bufferOf(p, 'x') } : v)),
          ),
        ),
      /writes to x, which is data/,
    ],
    [
      'a product over its operand',
      (p) =>
        withDot(p, (k) => ({
          ...k,
          epilogue: {
            ...k.epilogue,
            stores: [{ view: { ...at(k.epilogue.stores, 0).view, buffer: k.b.buffer }, value: 0 }],
          },
        })),
      /overwrites an operand/,
    ],
    [
      'a store over elements that are still to be read',
      (p) => {
        const shifted = (k: Kernel): Kernel => {
          if (!('epilogue' in k)) return k
          const loads = k.epilogue.loads.map((view) =>
            view.buffer === bufferOf(p, 'w') ? { ...view, strides: [0, 1, 2] } : view,
          )
          return { ...k, epilogue: { ...k.epilogue, loads } }
        }
        return withKernels(p, at(p.entries, 0).kernels.map(shifted))
      },
      /overwrites other elements/,
    ],
    [
      'a store that writes an element twice',
      (p) =>
        withKernels(
          p,
          at(p.entries, 0).kernels.map((k) =>
            k.kind === 'dot'
              ? {
                  ...k,
                  epilogue: {
                    ...k.epilogue,
                    stores: k.epilogue.stores.map((s) => ({ ...s, view: { ...s.view, strides: [0, 1, 1] } })),
                  },
                }
              : k,
          ),
        ),
      /writes an element twice/,
    ],
    [
      'a dangling line',
      (p) =>
        withDot(p, (k) => ({
          ...k,
          epilogue: { ...k.epilogue, body: [...k.epilogue.body].reverse() },
        })),
      /needs a later line/,
    ],
    [
      'a result where there is none',
      (p) =>
        withKernels(p, [
          ...at(p.entries, 0).kernels,
          {
            kind: 'map',
            path: '',
            shape: [],
            expression: {
              loads: [],
              body: [{ op: 'result', dtype: 'float' }],
              stores: [{ view: { buffer: bufferOf(p, 'main/sum'), offset: 0, strides: [] }, value: 0 }],
            },
          } satisfies MapKernel & { path: string },
        ]),
      /outside of an epilogue/,
    ],
    ['a product of other sizes', (p) => withDot(p, (k) => ({ ...k, k: k.k + 1 })), /operand a reaches/],
    [
      'a program that is broken',
      (p) => ({
        ...p,
        entries: p.entries.map((e) => ({
          ...e,
          program: { ...e.program, equations: [...e.program.equations].reverse() },
        })),
      }),
      /before it is made/,
    ],
  ]
  test.each(changes)('with %s is refused', (_name, change, expected) => {
    expect(verifyPlan(change(plan())).join('\n')).toMatch(expected)
  })
})

test('the printed forms say everything, and stay as they are', () => {
  expect(printProgram(example())).toMatchInlineSnapshot(`
    "%0:float[3,2] = data x
    %1:float[2,4] = state w
    %2:float[3,4] = dot %0 %1 contract=1x0 @fc
    %3:float[3,4] = tanh %2 @fc
    %4:float[2,4] = dot %0 %3 contract=0x0 @fc
    %5:float = constant 0.1 @fc
    %6:float[2,4] = broadcast %5 shape=2,4 @fc
    %7:float[2,4] = mul %4 %6 @fc
    %8:float[2,4] = sub %1 %7 @fc
    %9:float[4] = reduceMax %3 axes=0 @fc
    %10:float[4] = exp %9 @fc
    %11:float[3,4] = broadcast %10 shape=3,4 axes=1 @fc
    %12:float[3,4] = mul %3 %11 @fc
    %13:float = sum %12 axes=0,1 @fc
    state w <- %8
    step sum <- %13"
  `)
  expect(printPlan(plan())).toMatchInlineSnapshot(`
    "arena 320 bytes
    slots
      0 x data float[3,2]
      64 w state float[2,4]
      128 main/sum result float x3
    passing
      192 t0 float 12
      256 t1 float 4
    entry main chunk=3 kernels=4
    dot batch=1 m=3 n=4 k=2 x(0,2,1) w(0,4,1) @fc
      v0 = result
      v1 = tanh v0
      t0(0,4,1) <- v1
    dot batch=1 m=2 n=4 k=3 x(0,1,2) t0(0,4,1) @fc
      v0 = result
      v1 = load w(0,4,1)
      v2 = 0.1
      v3 = mul v0 v2
      v4 = sub v1 v3
      w(0,4,1) <- v4
    reduce max [4] over [3] @fc
      | v0 = load t0(1,4)
      | max v0
      v0 = result
      v1 = exp v0
      t1(1) <- v1
    reduce sum [] over [3,4] @fc
      | v0 = load t0(4,1)
      | v1 = load t1(0,1)
      | v2 = mul v0 v1
      | sum v2
      v0 = result
      main/sum() <- v0"
  `)
})
