import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync('renderer/styles/tokens.css', 'utf8')
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name,
    { light, dark },
  ]),
)

/** Relative luminance by WCAG 2. */
function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

const families = ['data', 'connect', 'function', 'loss', 'complex']
const grounds = ['canvas', 'surface', 'sunken', 'raised', 'hover']
const pairs: [words: string, ground: string][] = [
  ...['text', 'text-muted', 'accent'].flatMap((words) => grounds.map((ground): [string, string] => [words, ground])),
  ...['danger', 'warning', 'good'].flatMap((state): [string, string][] => [
    [state, 'surface'],
    [state, `${state}-soft`],
    ['text', `${state}-soft`],
  ]),
  ...families.flatMap((family): [string, string][] => [
    [`family-${family}`, `family-${family}-soft`],
    [`family-${family}`, 'surface'],
    ['text', `family-${family}-soft`],
  ]),
  ...['vector', 'image', 'target', 'loss'].map((kind): [string, string] => [`value-${kind}`, 'canvas']),
  ['on-accent', 'accent-fill'],
  ['on-accent', 'accent-fill-hover'],
  ['text', 'accent-soft'],
]

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(pairs)('%s can be read on %s', (words, ground) => {
    const [a, b] = [colours.get(words)?.[theme], colours.get(ground)?.[theme]]
    expect(a, words).toBeDefined()
    expect(b, ground).toBeDefined()
    expect(contrast(a ?? '', b ?? '')).toBeGreaterThanOrEqual(4.5)
  })
})

test('the curves of a loss of several parts stand out from the chart and from one another', () => {
  for (const theme of ['light', 'dark'] as const) {
    const ground = colours.get('surface')?.[theme] ?? ''
    const hexes = Array.from({ length: 6 }, (_, i) => colours.get(`chart-part-${i + 1}`)?.[theme] ?? '')
    for (const hex of hexes) expect(contrast(hex, ground), `${theme} ${hex}`).toBeGreaterThanOrEqual(3)
    expect(new Set([...hexes, colours.get('chart-loss')?.[theme]]).size).toBe(7)
  }
})

test('the families differ in lightness, not in hue alone', () => {
  for (const theme of ['light', 'dark'] as const) {
    const hexes = families.map((family) => colours.get(`family-${family}`)?.[theme] ?? '')
    expect(new Set(hexes).size).toBe(families.length)
  }
})
