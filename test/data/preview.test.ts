import { describe, expect, test } from 'vitest'
import { preview } from '../../src/data/index.ts'
import { NO_BAD, type RawExamples } from '../../src/data/types.ts'
import { tableOf } from './files.ts'

const told = { facts: [{ label: 'Rows', value: '6' }], bad: NO_BAD, warnings: [] }
const of = <K extends string>(kind: K, data: Parameters<typeof preview>[0]['data']) => {
  const shown = preview({ data, ...told })
  if (shown.kind !== kind) throw new Error(`it is ${shown.kind}`)
  return shown as Extract<typeof shown, { kind: K }>
}

describe('a table', () => {
  test('says of numbers how they spread and of rows which are there twice', async () => {
    const shown = of('table', await tableOf('x,kind\n0,a\n1,b\n1,b\n4,a\n,b\n0,a\n'))
    const [x] = shown.columns
    expect(x?.numbers).toMatchObject({ min: 0, max: 4, mean: 1.2 })
    // Of 0 1 1 4 0: the mean of squares is 3.6.
    expect(x?.numbers?.deviation).toBeCloseTo(Math.sqrt(3.6 - 1.44), 12)
    const bins = x?.numbers?.bins ?? []
    expect(bins.reduce((sum, count) => sum + count, 0)).toBe(5)
    expect([bins[0], bins[6], bins.at(-1)]).toEqual([2, 2, 1])
    expect(shown.duplicates).toBe(2)
    expect(shown.head[4]).toEqual(['', 'b'])
    expect(shown.lines.slice(0, 2)).toEqual([2, 3])
    expect(shown.facts).toEqual(told.facts)
  })

  test('of equal numbers has one bin and no deviation', async () => {
    const shown = of('table', await tableOf('x,kind\n3,a\n3,b\n3,a\n3,b\n'))
    expect(shown.columns[0]?.numbers).toMatchObject({ min: 3, max: 3, deviation: 0 })
    expect(shown.columns[0]?.numbers?.bins[0]).toBe(4)
  })
})

const classes = { kind: 'classes', names: ['a', 'b'] } as const
const examples = (part: Partial<RawExamples>): RawExamples => ({
  count: 2,
  shape: [2],
  features: Float32Array.of(0, 1, 1, 0),
  target: classes,
  targets: Int32Array.of(1, 0),
  ...part,
})

test('pictures of numbers go from black to white, each by itself', () => {
  const shown = of('pictures', examples({ shape: [1, 2, 1], features: Float32Array.of(-3, 1, 7, 7) }))
  expect(shown.pictures.map(({ pixels, label }) => [...pixels, label])).toEqual([
    [0, 0, 'a'],
    [0, 255, 'b'],
  ])
})

test('sequences are copies, of each class in turn, labelled with numbers where there are no classes', () => {
  const features = Float32Array.of(1, 2, 3, 4)
  const shown = of('sequences', examples({ shape: [2, 1], features }))
  expect(shown.sequences.map(({ values, label }) => [...values, label])).toEqual([
    [3, 4, 'a'],
    [1, 2, 'b'],
  ])
  expect(shown.sequences[0]?.values.buffer.byteLength).toBe(8)
  const numbers = { kind: 'numbers', names: ['y', 'z'] } as const
  const labelled = of(
    'sequences',
    examples({ shape: [2, 1], features, target: numbers, targets: Float32Array.of(1, 2.5, 3, 4) }),
  )
  expect(labelled.sequences.map(({ label }) => label)).toEqual(['1, 2.5', '3, 4'])
})

test('texts are spelt out, with what follows', () => {
  const letters = of('texts', examples({ codes: true }))
  expect(letters.texts).toEqual([
    { text: 'ab', next: 'b' },
    { text: 'ba', next: 'a' },
  ])
  const words = of('texts', examples({ codes: true, target: { kind: 'classes', names: ['cat', 'sat'] } }))
  expect(words.texts[0]).toEqual({ text: 'cat sat', next: 'sat' })
})
