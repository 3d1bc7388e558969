/** Batch norm over many steps, and the norms at their limits; single steps are PyTorch's (parity). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { Shape } from '../../src/base/shape.ts'
import { blockNamed, blockValues, flat } from '../helpers/block-values.ts'
import { blockProgram, newBlockBuilder, PATH, place } from '../helpers/block-program.ts'
import { wrongGradient, Sheet, type Input } from '../helpers/gradients.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'

interface Value {
  readonly shape: Shape
  readonly data: readonly number[]
}
interface Recorded {
  readonly momentum: number
  readonly shape: Shape
  readonly batches: readonly Value[]
  readonly runningMean: Value
  readonly runningVariance: Value
  readonly other: Value
  readonly evaluated: Value
}
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../parity/fixtures/batch-norm.json'), 'utf8'),
) as Recorded[]
const [MEAN, VARIANCE, SCALE, SHIFT] = ['runningMean', 'runningVariance', 'scale', 'shift'].map(
  (name) => `${PATH}.${name}`,
) as [string, string, string, string]

describe.each([
  [reference.title, reference, TOLERANCE.f64.written],
  [wasm.title, wasm, TOLERANCE.f32.product],
] as const)('batch norm on the %s', (_title, backend, tolerance) => {
  const weights = (channels: number) => ({
    [SCALE]: new Array<number>(channels).fill(1),
    [SHIFT]: new Array<number>(channels).fill(0),
  })

  /** Running mean and variance after some steps. */
  async function after({ shape, batches, momentum }: Recorded, change = {}) {
    const channels = shape.at(-1) ?? 0
    const { program } = blockProgram(blockNamed('batchNorm'), { momentum, ...change }, { x: shape })
    let kept = { [MEAN]: new Array<number>(channels).fill(0), [VARIANCE]: new Array<number>(channels).fill(1) }
    const r = { 'r.y': new Array<number>(at(batches, 0).data.length).fill(1) }
    for (const { data } of batches) {
      const found = await runProgram(backend, program, { x: data, ...r, ...weights(channels), ...kept })
      kept = { [MEAN]: get(found, MEAN), [VARIANCE]: get(found, VARIANCE) }
    }
    return kept
  }

  test.each(recorded.map((one) => [one.shape.join(' × '), one] as const))(
    'keeps what PyTorch keeps after ten steps of %s, and evaluates with it',
    async (_name, one) => {
      const kept = await after(one)
      expectClose(kept[MEAN] ?? [], one.runningMean.data, tolerance)
      expectClose(kept[VARIANCE] ?? [], one.runningVariance.data, tolerance)
      const { program } = blockProgram(blockNamed('batchNorm'), {}, { x: one.shape }, 'evaluate')
      const given = { x: one.other.data, 'r.y': one.other.data, ...weights(one.shape.at(-1) ?? 0) }
      const found = await runProgram(backend, program, { ...given, ...kept })
      expectClose(get(found, 'y'), one.evaluated.data, tolerance)
      expect(found.has(MEAN)).toBe(false)
      const other = await after(one, { momentum: one.momentum * 1.01 })
      expect(difference(other[VARIANCE] ?? [], one.runningVariance.data, tolerance)).toMatch(/differ/)
    },
  )

  test('gives each channel of a batch mean 0 and variance 1', async () => {
    const x = [
      [1, 100],
      [3, 300],
      [3, 100],
      [1, 300],
    ]
    const more = { [SCALE]: [1, 1], [SHIFT]: [0, 0] }
    const found = await blockValues('batchNorm', { params: { epsilon: 0 }, ports: { x }, more, backend })
    expectClose(get(found, 'y'), [-1, -1, 1, 1, 1, -1, -1, 1], TOLERANCE.f32.chain)
    const same = await blockValues('batchNorm', { ports: { x: [[5], [5], [5]] }, more: { [SHIFT]: [0] }, backend })
    expect(get(same, 'y')).toEqual([0, 0, 0])
    for (const values of same.values()) expect(values.every(Number.isFinite)).toBe(true)
  })

  test('evaluates an example by itself as it does among others', async () => {
    const x = [
      [1, 2],
      [-3, 4],
      [5, 0.5],
    ]
    const more = { [MEAN]: [0.5, 1], [VARIANCE]: [2, 0.25] }
    const y = async (rows: readonly (readonly number[])[], mode: 'train' | 'evaluate') =>
      get(await blockValues('batchNorm', { ports: { x: rows }, mode, more, backend }), 'y')
    const together = await y(x, 'evaluate')
    for (const [n, row] of x.entries()) expect(await y([row], 'evaluate')).toEqual(together.slice(2 * n, 2 * n + 2))
    // The control: while it trains the others count.
    expect((await y(x, 'train')).slice(0, 4)).not.toEqual(await y(x.slice(0, 2), 'train'))
  })
})

test('batch norm has the gradient that differences measure in evaluation too', () => {
  const inputs: Input[] = [
    { shape: [3, 2], dtype: 'float', data: Float64Array.of(1, -2, 0.5, 3, -1, 0.25) },
    { shape: [2], dtype: 'float', data: Float64Array.of(1.5, -0.5) },
  ]
  const wrong = (factor: number) =>
    wrongGradient(
      (sheet, [x, scale]) => {
        if (!x || !scale) throw new Error('no input')
        const g = sheet.g as ReturnType<typeof newBlockBuilder>
        const state = { [MEAN]: [1, 2], [VARIANCE]: [0.5, 4], [SCALE]: [1, 2], [SHIFT]: [0, 1] }
        for (const [name, data] of Object.entries(state)) sheet.data.set(name, Float64Array.from(data))
        const { y } = place(g, blockNamed('batchNorm'), {}, { x: g.mul(x, scale) })
        if (!y) throw new Error('no output')
        return [factor === 1 ? y : g.add(y, g.mul(g.stopGradient(y), factor - 1))]
      },
      inputs,
      () => new Sheet(newBlockBuilder(undefined, undefined, 'evaluate')),
    )
  expect(wrong(1)).toBeUndefined()
  expect(wrong(1.01)).toMatch(/differ/)
})

test('norms say what does not fit', () => {
  const refusal = (type: string, params: object, shape: Shape) => {
    const g = newBlockBuilder()
    const x = g.input('x', 'data', shape)
    return () => place(g, blockNamed(type), { ...params }, { x })
  }
  expect(refusal('batchNorm', {}, [1, 3])).toThrow(/has no variance; choose a batch size/)
  expect(refusal('batchNorm', {}, [1, 2, 3])).not.toThrow()
  expect(refusal('groupNorm', { groups: 4 }, [2, 3, 6])).toThrow(/6 channels .* 4 equal groups; choose a divisor of 6/)
  expect(refusal('layerNorm', {}, [2])).toThrow(/numbers to normalise/)
})

test('a group norm with one group is a layer norm of the whole example', async () => {
  const x = [
    [1, 5, -2, 0.5],
    [3, 3, 8, -1],
  ]
  const [group, layer] = await Promise.all(
    ['groupNorm', 'layerNorm'].map((type) => blockValues(type, { ports: { x } })),
  )
  if (!group || !layer) throw new Error('no values')
  expectClose(get(group, 'y'), get(layer, 'y'), TOLERANCE.f64.same)
  const two = await blockValues('groupNorm', { params: { groups: 2 }, ports: { x } })
  expect(difference(get(two, 'y'), get(layer, 'y'), TOLERANCE.f64.same)).toMatch(/differ/)
  expect(flat(x)).toHaveLength(8)
})
