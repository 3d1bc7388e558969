import { expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { thin } from '../../src/base/thin.ts'

function thinned(values: readonly number[]) {
  const steps = values.map((_, i) => i)
  const copy = [...values]
  const count = thin(steps, copy, values.length)
  return { steps: steps.slice(0, count), values: copy.slice(0, count) }
}

test('thinning keeps points that were there, in their order, at most half of them and the last group', () => {
  const random = new Rng(1, 'thin')
  for (let length = 0; length < 60; length++) {
    const values = Array.from({ length }, () => random.normal())
    const { steps, values: kept } = thinned(values)
    expect(kept).toEqual(steps.map((step) => values[step]))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps.length).toBeLessThanOrEqual(2 * Math.ceil(length / 4))
  }
})

test('the greatest, the least and what is not finite stay', () => {
  const values = Array.from({ length: 1000 }, (_, i) => Math.sin(i))
  values[501] = 90
  values[702] = -80
  values[333] = NaN
  const { steps, values: kept } = thinned(values)
  expect(kept).toContain(90)
  expect(kept).toContain(-80)
  expect(steps).toContain(333)
})

test('plain subsampling would lose the spike that thinning keeps', () => {
  const values = Array.from({ length: 1000 }, () => 0)
  values[501] = 1
  expect(values.filter((_, i) => i % 2 === 0)).not.toContain(1)
  expect(thinned(values).values).toContain(1)
})
