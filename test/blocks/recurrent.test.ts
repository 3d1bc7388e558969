/** What the recurrent blocks promise beyond the numbers of PyTorch (parity) and right gradients (every-block). */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { initialWeight } from '../../src/train/initialize.ts'
import { blockProgram, newBlockBuilder, paramsOf, PATH, place } from '../helpers/block-program.ts'
import { numbers } from '../helpers/random.ts'
import { planOf, reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, TOLERANCE } from '../helpers/tolerance.ts'

const types = ['rnn', 'lstm', 'gru']
const block = (type: string) => {
  const found = findBlock(type)
  if (!found) throw new Error(`no block ${type}`)
  return found
}

function weightsOf(type: string, params: ParamValues, shape: Shape) {
  const g = newBlockBuilder()
  place(g, block(type), params, { x: g.input('x', 'data', shape) })
  return g.weights
}

/** Results for values that are the same for the same names and sizes. */
async function results(
  type: string,
  params: ParamValues,
  shape: Shape,
  backend = reference,
  fixed: ParamValuesOf = {},
) {
  const { program, inputs } = blockProgram(block(type), params, { x: shape })
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, size]) => [
      name,
      fixed[name] ?? numbers(new Rng(4, name), size).map((x) => x / 2),
    ]),
  )
  return runProgram(backend, program, values)
}
type ParamValuesOf = { readonly [name: string]: Float64Array | readonly number[] }

test('an RNN over one time is a Dense block and a Tanh', async () => {
  const [batch, features, hidden] = [3, 4, 5]
  const weight = numbers(new Rng(1, 'w'), [features, hidden])
  const bias = numbers(new Rng(1, 'b'), [hidden])
  const x = numbers(new Rng(1, 'x'), [batch, features])
  const { program } = blockProgram(block('dense'), { features: hidden }, { x: [batch, features] })
  const dense = await runProgram(reference, program, {
    x,
    [`${PATH}.weight`]: weight,
    [`${PATH}.bias`]: bias,
    'r.y': new Float64Array(batch * hidden),
  })
  const rnn = await results('rnn', { hidden }, [batch, 1, features], reference, {
    x,
    [`${PATH}.inputWeight`]: weight,
    [`${PATH}.bias`]: bias,
  })
  const expected = get(dense, 'y').map(Math.tanh)
  expect(difference(get(rnn, 'y'), expected, TOLERANCE.f64.written)).toBeUndefined()
  expect(difference(get(rnn, 'y'), get(dense, 'y'), TOLERANCE.f64.written)).toBeDefined()
})

test('a GRU has three quarters of the weights of an LSTM, which start as they should', () => {
  const count = (type: string, params: ParamValues) =>
    weightsOf(type, { hidden: 7, ...params }, [2, 3, 5]).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  expect(count('lstm', { bias: false })).toBe(4 * 7 * (5 + 7))
  expect(4 * count('gru', { bias: false })).toBe(3 * count('lstm', { bias: false }))
  expect(count('lstm', {})).toBe(4 * (7 * (5 + 7) + 7))
  const named = (name: string) =>
    weightsOf('lstm', { hidden: 3, forgetBias: 2 }, [2, 3, 5]).find((weight) => weight.name === `${PATH}.${name}`)
  const bias = named('bias')
  expect(bias && [...initialWeight(bias, new Rng(1))]).toEqual([0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0])
  expect(named('recurrentWeight')?.init).toBe('orthogonal')
  expect(named('inputWeight')?.init).toBe('glorotUniform')
})

describe.each(types)('%s', (type) => {
  const shape: Shape = [2, 9, 3]

  test('cut after as many times as there are gives the whole gradient; after one, none through time', async () => {
    const whole = await results(type, { hidden: 4, output: 'last' }, shape)
    const long = await results(type, { hidden: 4, output: 'last', truncate: 9 }, shape)
    const cut = await results(type, { hidden: 4, output: 'last', truncate: 1 }, shape)
    expect(get(long, 'd.x')).toEqual(get(whole, 'd.x'))
    expect(get(cut, 'y')).toEqual(get(whole, 'y'))
    const perTime = (values: readonly number[]) =>
      Array.from({ length: 9 }, (_, t) => [0, 1].flatMap((n) => values.slice((n * 9 + t) * 3, (n * 9 + t + 1) * 3)))
    const flows = (values: readonly number[]) => perTime(values).map((time) => time.some((x) => x !== 0))
    expect(flows(get(whole, 'd.x'))).toEqual(new Array(9).fill(true))
    expect(flows(get(cut, 'd.x'))).toEqual([...new Array<boolean>(8).fill(false), true])
    const fourth = await results(type, { hidden: 4, output: 'last', truncate: 4 }, shape)
    // Stretches are times 0 to 3, 4 to 7, and 8.
    expect(flows(get(fourth, 'd.x'))).toEqual([...new Array<boolean>(8).fill(false), true])
    const back = await results(type, { hidden: 4, truncate: 4, bidirectional: true }, shape)
    expect(flows(get(back, 'd.x'))).toEqual([true, false, false, false, false, false, false, false, true])
  })

  test('reads from the end in the other direction: the same as the sequence turned round', async () => {
    const params = { hidden: 3, bidirectional: true, output: 'sequence' }
    const x = numbers(new Rng(9, 'x'), shape)
    const turned = x.map((_, i) => {
      const [n, t, f] = [Math.floor(i / 27), Math.floor(i / 3) % 9, i % 3]
      return at(x, (n * 9 + 8 - t) * 3 + f)
    })
    const names = weightsOf(type, params, shape).map(({ name, shape: size }) => [name, size] as const)
    const drawn = Object.fromEntries(names.map(([name, size]) => [name, numbers(new Rng(3, name), size)]))
    const swapped = Object.fromEntries(
      names.map(([name]) => {
        const other = name.includes('.reverse.')
          ? name.replace('reverse.', '')
          : name.replace(`${PATH}.`, `${PATH}.reverse.`)
        return [name, drawn[other] ?? new Float64Array()]
      }),
    )
    const forward = get(await results(type, params, shape, reference, { ...drawn, x }), 'y')
    const other = get(await results(type, params, shape, reference, { ...swapped, x: turned }), 'y')
    const mirrored = other.map((_, i) => {
      const [n, t, f] = [Math.floor(i / 54), Math.floor(i / 6) % 9, i % 6]
      return at(other, (n * 9 + 8 - t) * 6 + ((f + 3) % 6))
    })
    expect(difference(forward, mirrored, TOLERANCE.f64.written)).toBeUndefined()
    expect(difference(forward, other, TOLERANCE.f64.written)).toBeDefined()
  })

  test('a sequence in two halves, handed on by the state, is the whole sequence', async () => {
    const size = { hidden: 4, output: 'sequence' }
    const x = numbers(new Rng(8, 'x'), [2, 8, 3])
    const half = (second: boolean) => x.filter((_, i) => Math.floor(i / 3) % 8 >= 4 === second)
    const whole = get(await results(type, size, [2, 8, 3], wasm, { x }), 'y')
    const first = await results(type, size, [2, 4, 3], wasm, { x: half(false) })
    const states = block(type).outputs['c'] ? ['h', 'c'] : ['h']
    const shapes = Object.fromEntries(states.map((state) => [`${state}0`, [2, 4]]))
    const { program, inputs } = blockProgram(block(type), size, { x: [2, 4, 3], ...shapes })
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, its]) => [name, numbers(new Rng(4, name), its).map((v) => v / 2)]),
    )
    for (const state of states) given[`${state}0`] = Float64Array.from(get(first, state))
    const second = await runProgram(wasm, program, { ...given, x: half(true) })
    const joined = (a: readonly number[], b: readonly number[]) =>
      [0, 1].flatMap((n) => [...a.slice(n * 16, (n + 1) * 16), ...b.slice(n * 16, (n + 1) * 16)])
    expect(difference(joined(get(first, 'y'), get(second, 'y')), whole, TOLERANCE.f32.product)).toBeUndefined()
    expect(difference(joined(get(second, 'y'), get(first, 'y')), whole, TOLERANCE.f32.product)).toBeDefined()
  })

  test('makes as many equations and kernels for 512 times as for 8', () => {
    const sizes = [8, 512].map((time) => {
      const { program } = blockProgram(block(type), { hidden: 16, layers: 2 }, { x: [4, time, 3] })
      const [entry] = planOf([{ name: 'main', chunk: 1, program }]).entries
      return [
        program.equations.length,
        entry?.kernels.map((kernel) => (kernel.kind === 'loop' ? kernel.kernels.length : 1)).join(),
      ]
    })
    expect(sizes[1]).toEqual(sizes[0])
  })

  test('says what is wrong with its operands', () => {
    const g = newBlockBuilder()
    const build = (x: Shape, state: Shape) => () =>
      place(
        g,
        block(type),
        { hidden: 4 },
        { x: g.input(`x${x.join()}`, 'data', x), h0: g.input(`h${state.join()}`, 'data', state) },
      )
    expect(build([2, 3], [2, 4])).toThrow(/must be a sequence \[batch, time, features\], but has shape B × 3/)
    expect(build([2, 3, 3], [2, 5])).toThrow(/shape B × 5, but must be B × 4/)
    expect(paramsOf(block(type), { hidden: 4 })['output']).toBe('last')
  })
})
