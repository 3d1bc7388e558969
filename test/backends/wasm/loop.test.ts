/** Which loops fall into parts of the batch, and which don't. */
import { expect, test } from 'vitest'
import type { Kernel, LoopKernel, Scalar, View } from '../../../src/ir/kernel.ts'
import { cutLoop } from '../../../src/backends/wasm/loop.ts'

const [BATCH, HIDDEN, TURNS] = [24, 6, 5]
const path = 'test'
const view = (buffer: number, strides: readonly number[], more: Partial<View> = {}): View => ({
  buffer,
  offset: 0,
  strides,
  ...more,
})
const load: Scalar = { op: 'load', load: 0, dtype: 'float' }

// Buffers: 0 the state, 1 the sequence of states, 2 weights, 3 the state's product.
const state = view(0, [HIDDEN, 1])
const product = (b: View): Kernel => ({
  kind: 'dot',
  path,
  batch: 1,
  m: BATCH,
  n: HIDDEN,
  k: HIDDEN,
  a: view(0, [0, HIDDEN, 1]),
  b,
  epilogue: {
    loads: [],
    body: [{ op: 'result', dtype: 'float' }],
    stores: [{ view: view(3, [0, HIDDEN, 1]), value: 0 }],
  },
})
const weights = view(2, [0, HIDDEN, 1])
const move = (from: View, to: View, body: readonly Scalar[] = [load]): Kernel => ({
  kind: 'map',
  path,
  shape: [BATCH, HIDDEN],
  expression: { loads: [from], body, stores: [{ view: to, value: body.length - 1 }] },
})
const loop = (...kernels: Kernel[]): LoopKernel & { readonly path: string } => ({
  kind: 'loop',
  path,
  count: TURNS,
  kernels,
})
const next = move(view(3, [HIDDEN, 1]), state)
/** Rows of a sequence [batch, time, hidden] and of one [time, batch, hidden], one a turn. */
const byExample = view(1, [TURNS * HIDDEN, 1], { turn: HIDDEN })
const byTime = view(1, [HIDDEN, 1], { turn: BATCH * HIDDEN })

test.each([
  ['examples first', byExample],
  ['times first', byTime],
  ['times backwards', { ...byTime, offset: (TURNS - 1) * BATCH * HIDDEN, turn: -BATCH * HIDDEN }],
])('a recurrence of examples falls into parts, whatever the order of its sequence: %s', (_, sequence) => {
  const cut = cutLoop(loop(product(weights), next, move(state, sequence)), 2)
  expect(cut).toMatchObject({ count: 3, size: 8 })
  expect(cut?.kernels.map((kernel) => (kernel.kind === 'dot' ? kernel.m : 'shape' in kernel && kernel.shape))).toEqual([
    8,
    [8, HIDDEN],
    [8, HIDDEN],
  ])
})

test('parts are of one size and have examples enough', () => {
  const whole = loop(product(weights), next)
  expect(cutLoop(whole, 1)).toMatchObject({ count: 2, size: 12 })
  expect(cutLoop(whole, 8)).toMatchObject({ count: 3, size: 8 })
  expect(cutLoop(loop(move(state, view(3, [HIDDEN, 1])), next), 2)).toMatchObject({ count: 3, size: 8 })
})

const mean: Kernel = {
  kind: 'reduce',
  path,
  op: 'sum',
  shape: [HIDDEN],
  over: [BATCH],
  loads: [view(0, [1, HIDDEN])],
  body: [load],
  value: 0,
  epilogue: { loads: [], body: [{ op: 'result', dtype: 'float' }], stores: [{ view: view(4, [1]), value: 0 }] },
}
test.each<readonly [string, readonly Kernel[]]>([
  ['a sum over the batch', [mean, next]],
  ['a product by what the loop writes', [product(view(0, [0, HIDDEN, 1])), next]],
  ['the state of another example', [move(view(0, [HIDDEN, 1], { offset: HIDDEN }), view(3, [HIDDEN, 1])), next]],
  ['the state of one example for all', [move(view(0, [0, 1]), view(3, [HIDDEN, 1])), next]],
  ['the state with its axes exchanged', [move(view(0, [1, BATCH]), view(3, [HIDDEN, 1])), next]],
  ['turns that move on by an example', [move(view(0, [HIDDEN, 1], { turn: HIDDEN }), view(3, [HIDDEN, 1])), next]],
  [
    'the number of an example',
    [
      move(state, view(3, [HIDDEN, 1]), [
        { op: 'index', axis: 0, dtype: 'int' },
        { op: 'toFloat', a: 0, dtype: 'float' },
      ]),
      next,
    ],
  ],
])('a loop that mixes examples stays whole: %s', (_, kernels) => {
  expect(cutLoop(loop(...kernels), 2)).toBeUndefined()
})
