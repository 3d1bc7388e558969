import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { blocks } from '../../src/blocks/index.ts'
import { curvesText, functionCurves, TOLERANCE } from '../helpers/function-curves.ts'
import { curves } from '../../renderer/palette/curves.gen.ts'
import { curvePicture, schematicOf, schematics } from '../../renderer/palette/pictures.ts'

test('the curves are those of the arithmetic as it is now (else: npm run curves)', () => {
  expect(readFileSync('renderer/palette/curves.gen.ts', 'utf8')).toBe(curvesText())
})

/** The drawn line at x. */
function at(line: readonly number[], x: number): number {
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [x0, y0, x1, y1] = line.slice(i, i + 4) as [number, number, number, number]
    if (x >= x0 && x <= x1) return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
  }
  return NaN
}

describe('a curve is within its tolerance of the closed form:', () => {
  const logistic = (x: number) => 1 / (1 + Math.exp(-x))
  const known: readonly [string, (x: number) => number, (x: number) => number][] = [
    ['sigmoid', logistic, (x) => logistic(x) * (1 - logistic(x))],
    ['tanh', Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
    ['softplus', (x) => Math.log1p(Math.exp(x)), logistic],
    ['elu', (x) => (x > 0 ? x : Math.expm1(x)), (x) => (x > 0 ? 1 : Math.exp(x))],
  ]
  const places = Array.from({ length: 77 }, (_, i) => -3.8 + i * 0.1 + 0.037)
  test.each(known)('%s', (type, f, slope) => {
    for (const x of places.filter((place) => place < 4)) {
      // Rounding to three decimals adds to what was left out.
      expect(Math.abs(at(curves[type]?.value ?? [], x) - f(x))).toBeLessThan(TOLERANCE + 1e-3)
      // ELU's slope has a corner at 0.
      expect(Math.abs(at(curves[type]?.slope ?? [], x) - slope(x))).toBeLessThan(TOLERANCE + 1e-3)
    }
  })
  test('and another function is not', () => {
    const worst = Math.max(...places.map((x) => Math.abs(at(curves['tanh']?.value ?? [], x) - logistic(x))))
    expect(worst).toBeGreaterThan(0.5)
  })
})

test('only what acts on each number by itself has a curve', () => {
  const found = functionCurves()
  expect(found.has('relu')).toBe(true)
  expect(found.has('softmax')).toBe(false)
  expect(found.has('dense')).toBe(false)
  expect(curvePicture('softmax')).toBeNull()
})

test('a picture lies within its frame where the function does', () => {
  const picture = curvePicture('sigmoid')
  const points = [...(picture?.value.matchAll(/(-?[\d.]+) (-?[\d.]+)/g) ?? [])].map(([, x, y]) => [
    Number(x),
    Number(y),
  ])
  expect(points.length).toBeGreaterThan(8)
  for (const [x, y] of points) {
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(120)
    expect(y).toBeGreaterThanOrEqual(0)
    expect(y).toBeLessThanOrEqual(72)
  }
  expect(picture?.levels.map(({ label }) => label)).toEqual(['1'])
})

test('every block has a picture, and the known kinds have theirs', () => {
  for (const block of blocks) expect(schematics).toContain(schematicOf(block))
  const kinds = Object.fromEntries(blocks.map((block) => [block.type, schematicOf(block)]))
  expect(kinds).toMatchObject({
    input: 'input',
    target: 'target',
    dense: 'dense',
    conv2d: 'convolution',
    upconv2d: 'upconvolution',
    pooling: 'pooling',
    add: 'merge',
    layerNorm: 'norm',
    softmax: 'bars',
    crossEntropy: 'loss',
  })
})
