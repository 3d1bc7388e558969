import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { icons } from '../../renderer/controls/icons.ts'
import { iconOf } from '../../renderer/canvas/looks.ts'
import { families } from '../../src/blocks/define.ts'
import { apart, contrast, difference, labOf, linear, seen, visions } from '../helpers/colours.ts'

const read = (file: string) => readFileSync(`renderer/styles/${file}`, 'utf8')
type Colours = ReadonlyMap<string, { readonly light: string; readonly dark: string }>
const colours = (css: string): Colours =>
  new Map(
    [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
      name ?? '',
      { light: light ?? '', dark: dark ?? '' },
    ]),
  )
const usual = colours(read('tokens.css'))
const [byTheme = '', bySystem = ''] = read('contrast.css').split('@media (prefers-contrast: more)')
const strong: Colours = new Map([...usual, ...colours(byTheme)])

const themes = [
  { theme: 'light', of: usual, side: 'light', words: 4.5 },
  { theme: 'dark', of: usual, side: 'dark', words: 4.5 },
  { theme: 'high contrast, light', of: strong, side: 'light', words: 7 },
  { theme: 'high contrast, dark', of: strong, side: 'dark', words: 7 },
] as const

const grounds = ['canvas', 'surface', 'sunken', 'raised', 'hover']
const values = ['vector', 'image', 'target', 'loss']
const readings: [words: string, ground: string][] = [
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
  ...values.map((kind): [string, string] => [`value-${kind}`, 'canvas']),
  ['on-accent', 'accent-fill'],
  ['on-accent', 'accent-fill-hover'],
  ['text', 'accent-soft'],
  ['accent', 'accent-soft'],
]
/** What is seen without being read: where the keyboard is, the frame of a field, the curves. */
const marks: [mark: string, ground: string][] = [
  ...[...grounds, 'pressed', 'accent-soft', ...families.map((family) => `family-${family}-soft`)].map(
    (ground): [string, string] => ['accent', ground],
  ),
  ...['surface', 'sunken', 'raised'].map((ground): [string, string] => ['field-line', ground]),
  ...['loss', 'metric', 'weight'].map((curve): [string, string] => [`chart-${curve}`, 'surface']),
]

describe.each(themes)('in the theme $theme', ({ of, side, words }) => {
  const hex = (name: string) => {
    const found = of.get(name)?.[side]
    if (found === undefined) throw new Error(`There is no colour ${name}.`)
    return found
  }
  test.each(readings)('%s can be read on %s', (text, ground) => {
    expect(contrast(hex(text), hex(ground))).toBeGreaterThanOrEqual(words)
  })
  test.each(marks)('%s stands out from %s', (mark, ground) => {
    expect(contrast(hex(mark), hex(ground))).toBeGreaterThanOrEqual(3)
  })
  test('the curves of a loss of several parts stand out from the chart and from one another', () => {
    const parts = Array.from({ length: 6 }, (_, i) => hex(`chart-part-${i + 1}`))
    for (const part of parts) expect(contrast(part, hex('surface')), part).toBeGreaterThanOrEqual(3)
    expect(new Set([...parts, hex('chart-loss')]).size).toBe(7)
  })
  test.each(visions)('families and kinds of values are told apart with %s', (vision) => {
    for (const names of [families.map((family) => `family-${family}`), values.map((kind) => `value-${kind}`)])
      for (const [i, a] of names.entries())
        for (const b of names.slice(i + 1))
          expect(apart(hex(a), hex(b), vision), `${a} and ${b}`).toBeGreaterThanOrEqual(11)
  })
})

test('high contrast is the same by its theme and by the wish of the system, and leaves out no words', () => {
  expect(colours(bySystem)).toEqual(colours(byTheme))
  expect(colours(byTheme).size).toBeGreaterThan(30)
  for (const name of new Set(readings.flat())) expect(colours(byTheme).has(name), name).toBe(true)
})

test('what only colour tells would be caught: red and green of the same lightness look alike without cones for red or green', () => {
  const [red, green] = ['#b0413e', '#6b7a1e']
  expect(apart(red, green, 'trichromacy')).toBeGreaterThan(30)
  expect(apart(red, green, 'deuteranopia')).toBeLessThan(11)
  const [blue, teal] = ['#1f7fb0', '#1b8a72']
  expect(apart(blue, teal, 'trichromacy')).toBeGreaterThan(11)
  expect(apart(blue, teal, 'tritanopia')).toBeLessThan(11)
  // Grey is grey to everybody, as each row of a matrix adds up to 1.
  for (const vision of visions) expect(apart('#777777', '#777777', vision)).toBeCloseTo(0, 6)
  for (const vision of visions) for (const c of seen(linear('#808080'), vision)) expect(c).toBeCloseTo(0.2159, 3)
})

test('the measure of colours is CIEDE2000: pairs that its authors publish', () => {
  // Sharma, Wu and Dalal (2005), table 1: pairs 1, 4, 7, 16, 25 and 33.
  const pairs = [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377],
  ] as const
  for (const [a, b, expected] of pairs) expect(difference(a, b)).toBeCloseTo(expected, 4)
  const [l, a, b] = labOf(linear('#ff0000'))
  expect([l, a, b].map((value) => Math.round(value * 10) / 10)).toEqual([53.2, 80.1, 67.2])
})

describe('no colour speaks alone', () => {
  test('each family has a sign of its own', () => {
    expect(new Set(families.map((family) => icons[iconOf(family)])).size).toBe(families.length)
  })
  test('so has each state', () => {
    expect(new Set([icons.error, icons.warning, icons.check, icons.info]).size).toBe(4)
  })
  test('ports differ in form and wires in width or dashes', () => {
    const port = readFileSync('renderer/canvas/Port.svelte', 'utf8')
    expect(port).toMatch(/takes-image[^}]*border-radius: 3px/)
    expect(port).toMatch(/takes-target[^}]*border-radius: 2px/)
    expect(port).toMatch(/takes-target[^}]*rotate\(45deg\)/)
    expect(read('flow.css')).toMatch(/\.wire\.target \{\s*stroke-dasharray/)
    expect(readFileSync('renderer/canvas/WireEdge.svelte', 'utf8')).toMatch(/\.wire\.image\)[^}]*stroke-width: 2\.5/)
  })
})
