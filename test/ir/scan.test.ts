/**
 * Loops: the meaning against a loop written out here, gradients and second gradients against differences, both backends, and
 * that neither program nor plan grows with the length.
 */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import { Builder } from '../../src/ir/builder.ts'
import { printProgram } from '../../src/ir/print.ts'
import { vjpRules } from '../../src/ir/vjp.ts'
import { disagreements } from '../helpers/agreement.ts'
import { gradientOf, wrongGradient, type Make } from '../helpers/gradients.ts'
import { planOf, reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, TOLERANCE } from '../helpers/tolerance.ts'
import { elman, elmanProgram, inputsOf, shapesOf, SIZES, type Sizes } from './scan-cases.ts'

/** The same, as loops over numbers. */
function elmanByHand(sizes: Sizes, data: readonly Float64Array[], reverse: boolean): number[][] {
  const { length, batch, features, hidden } = sizes
  const [xs, first, w, u, b] = data as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  let h = [...first]
  const all = new Array<number>(length * batch * hidden).fill(0)
  const squares = new Array<number>(length * batch).fill(0)
  for (let turn = 0; turn < length; turn++) {
    const t = reverse ? length - 1 - turn : turn
    const next = h.map((_, i) => {
      const [n, j] = [Math.floor(i / hidden), i % hidden]
      let sum = at(b, j)
      for (let k = 0; k < features; k++) sum += at(xs, (t * batch + n) * features + k) * at(w, k * hidden + j)
      for (let k = 0; k < hidden; k++) sum += at(h, n * hidden + k) * at(u, k * hidden + j)
      return Math.tanh(sum)
    })
    h = next
    next.forEach((value, i) => (all[t * batch * hidden + i] = value))
    for (let n = 0; n < batch; n++) squares[t * batch + n] = at(next, n * hidden) ** 2
  }
  return [h, all, squares]
}

/** Two carried values that feed each other, one not carried on from the operand, and a product that is given. */
const coupled: Make = ({ g }, [xs, h, w, u]) => {
  if (!xs || !h || !w || !u) throw new Error('four operands')
  const c = g.fill(h.shape, 0.5)
  const result = g.scan(
    { length: at(xs.shape, 0), given: [w, u], carried: [h, c], over: [xs] },
    (body, { given: [wi, ui], carried: [before, cell], over: [x] }) => {
      if (!wi || !ui || !before || !cell || !x) throw new Error('five operands')
      const z = body.add(body.dot(x, wi), body.dot(before, ui))
      const kept = body.sigmoid(z)
      // U enters twice: once as a product, once element by element.
      const nextCell = body.add(body.mul(kept, cell), body.mul(body.sum(body.mul(ui, ui), [0]), 0.1))
      return { carried: [body.mul(body.tanh(nextCell), kept), nextCell], kept: [z] }
    },
  )
  return [...result.carried, ...result.kept]
}

const makeElman =
  (reverse: boolean): Make =>
  ({ g }, inputs) =>
    elman(g, inputs, reverse)

describe.each([false, true])('a loop, reverse: %s,', (reverse) => {
  test.each(SIZES)('does what is written out: $length × $batch × $features → $hidden', async (sizes) => {
    const inputs = inputsOf(sizes)
    const expected = elmanByHand(
      sizes,
      inputs.map(({ data }) => data),
      reverse,
    )
    for (const [backend, tolerance] of [
      [reference, TOLERANCE.f64.written],
      [wasm, TOLERANCE.f32.product],
    ] as const) {
      const g = new Builder()
      const given = inputs.map(({ shape }, i) => g.input(`x${i}`, 'data', shape))
      elman(g, given, reverse).forEach((y, i) => {
        g.output(`y${i}`, 'step', y)
      })
      const values = Object.fromEntries(inputs.map(({ data }, i) => [`x${i}`, data]))
      const found = await runProgram(backend, g.build(), values)
      expected.forEach((numbersByHand, i) => {
        expect(difference(get(found, `y${i}`), numbersByHand, tolerance)).toBeUndefined()
      })
      const other = elmanByHand(
        sizes,
        inputs.map(({ data }) => data),
        !reverse,
      )
      if (sizes.length > 1) expect(difference(get(found, 'y0'), at(other, 0), tolerance)).toBeDefined()
    }
  })

  test.each(SIZES)('has the right gradients: $length × $batch × $features → $hidden', (sizes) => {
    expect(wrongGradient(makeElman(reverse), inputsOf(sizes))).toBeUndefined()
  })
})

test.each(SIZES)('coupled loops have the right gradients: $length × $batch × $features → $hidden', (sizes) => {
  expect(wrongGradient(coupled, inputsOf(sizes).slice(0, 4))).toBeUndefined()
})

test.each(SIZES.slice(0, 6))('and second gradients: $length × $batch × $features → $hidden', (sizes) => {
  expect(wrongGradient(gradientOf(makeElman(false)), inputsOf(sizes))).toBeUndefined()
  expect(wrongGradient(gradientOf(coupled), inputsOf(sizes).slice(0, 4))).toBeUndefined()
})

test('a wrong rule within the loop is seen', () => {
  const rules = vjpRules as { tanh: typeof vjpRules.tanh }
  const right = rules.tanh
  rules.tanh = (g, dy, inputs, params, y) => right(g, g.mul(dy, 1.01), inputs, params, y)
  try {
    expect(wrongGradient(makeElman(false), inputsOf(at(SIZES, 4)))).toMatch(/input \d/)
  } finally {
    rules.tanh = right
  }
})

test.each([false, true])(
  'the CPU engine gives what the reference gives, and its gradients, reverse: %s',
  async (reverse) => {
    expect(
      await disagreements(
        wasm,
        SIZES.map((sizes) => elmanProgram(sizes, reverse)),
      ),
    ).toEqual([])
  },
)

test('neither program nor plan grows with the length', () => {
  const size = (length: number) => {
    const sizes = { length, batch: 4, features: 3, hidden: 5 }
    const g = new Builder()
    const given = shapesOf(sizes).map((shape, i) => g.input(`x${i}`, 'data', shape))
    const [, all] = elman(g, given, false)
    if (!all) throw new Error('no result')
    differentiate(g, g.sum(g.mul(all, all)), given).forEach((gradient, i) => {
      g.output(`d${i}`, 'step', gradient)
    })
    const program = g.build()
    const plan = planOf([{ name: 'main', chunk: 1, program }])
    const [entry] = plan.entries
    const count = (kernels: number, kernel: (typeof plan.entries)[number]['kernels'][number]): number =>
      kernels + (kernel.kind === 'loop' ? kernel.kernels.length : 1)
    return {
      lines: printProgram(program).split('\n').length,
      kernels: entry?.kernels.reduce(count, 0),
      shape: sizeOf(all.shape),
    }
  }
  const [short, long] = [size(8), size(512)]
  expect(long.shape).toBe(64 * short.shape)
  expect(long.lines).toBe(short.lines)
  expect(long.kernels).toBe(short.kernels)
})

test('a loop keeps for its gradient nothing twice, and nothing that one operation with a number makes again', () => {
  const g = new Builder()
  const [length, batch, hidden] = [6, 2, 3]
  const xs = g.input('xs', 'data', [length, batch, hidden])
  const u = g.input('u', 'data', [hidden, hidden])
  const { kept } = g.scan(
    { length, reverse: false, given: [u], carried: [g.fill([batch, hidden], 0.5)], over: [xs] },
    (body, { given: [ui], carried: [before], over: [x] }) => {
      if (!ui || !before || !x) throw new Error('three operands')
      const next = body.mul(body.sigmoid(body.add(x, body.dot(before, ui))), before)
      return { carried: [next], kept: [next] }
    },
  )
  const all = at(kept, 0)
  differentiate(g, g.sum(g.mul(all, all)), [xs, u]).forEach((gradient, i) => {
    g.output(`d${i}`, 'step', gradient)
  })
  const stacks = g
    .build()
    .equations.filter(({ primitive }) => primitive === 'scan')
    .map(({ outputs }) => outputs.length - 1)
  // Forward h, the state before it, and the tanh that the sigmoid is made of; back what is the gradient of x and a factor of that of U.
  expect(stacks).toEqual([3, 1])
})
