import { expect, test } from 'vitest'
import { curvePaths } from '../../renderer/data/curves.ts'

test('a curve goes from the left to the right, the least value below and the greatest above', () => {
  expect(curvePaths(Float32Array.of(0, 2, 1), 3, 1)).toEqual(['M0.0 37.0L50.0 3.0L100.0 20.0'])
})

test('values of one time share a scale, and a curve without any height lies in the middle', () => {
  expect(curvePaths(Float32Array.of(0, 1, 0, 1), 2, 2)).toEqual(['M0.0 37.0L100.0 37.0', 'M0.0 3.0L100.0 3.0'])
  expect(curvePaths(Float32Array.of(5, 5), 2, 1)).toEqual(['M0.0 20.0L100.0 20.0'])
  expect(curvePaths(Float32Array.of(5), 1, 1)).toEqual(['M50.0 20.0'])
})

test('of a long one every peak is there, in few points', () => {
  const values = new Float32Array(10_000)
  values[4321] = 1
  const [path = ''] = curvePaths(values, 10_000, 1)
  expect(path.split('L').length).toBeLessThan(250)
  expect(path).toContain(' 3.0')
  values[4321] = 0
  expect(curvePaths(values, 10_000, 1)[0]).not.toContain(' 3.0')
})
