import { expect, test } from 'vitest'
import { layoutOf, type Drawing } from '../../src/document/layout.ts'
import { inRows } from '../../src/document/layout/rows.ts'
import type { Wire } from '../../src/document/types.ts'

const view = { width: 1000, height: 600 }

function drawing(count: number, pairs: readonly (readonly [number, number])[]): Drawing {
  const blocks = Array.from({ length: count }, (_, i) => {
    const ports = { inputs: { x: 22 }, outputs: { y: 22 } }
    return { id: `b${i}`, x: 0, y: 0, width: 160, height: 90, ...ports }
  })
  const wires = pairs.map(([a, b], i): [string, Wire] => [
    `w${i}`,
    { from: { block: `b${a}`, port: 'y' }, to: { block: `b${b}`, port: 'x' } },
  ])
  return { blocks, wires: Object.fromEntries(wires) }
}
const chain = (count: number) =>
  drawing(
    count,
    Array.from({ length: count - 1 }, (_, i) => [i, i + 1] as const),
  )
const zoomOf = (places: ReadonlyMap<string, { x: number; y: number }>) => {
  const all = [...places.values()]
  const size = (axis: 'x' | 'y', extra: number) =>
    Math.max(...all.map((at) => at[axis])) - Math.min(...all.map((at) => at[axis])) + extra
  return Math.min(view.width / size('x', 160), view.height / size('y', 90))
}

test('a long chain becomes rows that read from left to right, and is seen far larger', () => {
  const long = chain(16)
  const flat = layoutOf(long)
  const folded = inRows(flat, long, view)
  const rows = new Map<number, string[]>()
  for (const [id, { y }] of folded.positions) rows.set(y, [...(rows.get(y) ?? []), id])
  expect(rows.size).toBeGreaterThan(1)
  expect([...rows].sort(([a], [b]) => a - b).flatMap(([, ids]) => ids)).toEqual(long.blocks.map(({ id }) => id))
  for (const ids of rows.values()) {
    const xs = ids.map((id) => folded.positions.get(id)?.x ?? NaN)
    expect(xs).toEqual([...xs].sort((a, b) => a - b))
    expect(xs[0]).toBe(0)
  }
  expect(zoomOf(folded.positions)).toBeGreaterThan(2 * zoomOf(flat.positions))
})

test('what can be read stays in one row', () => {
  const short = chain(4)
  const flat = layoutOf(short)
  expect(inRows(flat, short, view)).toBe(flat)
})

test('a drawing that many wires run through all the way is not broken', () => {
  const pairs = Array.from({ length: 15 }, (_, i) => [i, i + 1] as const)
  const through = Array.from({ length: 3 }, (_, i) => [i, 13 + i] as const)
  const wide = drawing(16, [...pairs, ...through])
  const flat = layoutOf(wide)
  expect(new Set([...inRows(flat, wide, view).positions.values()].map(({ y }) => y)).size).toBeLessThan(8)
  const cutsFour = drawing(
    16,
    pairs.concat(through, [
      [0, 15],
      [1, 15],
    ]),
  )
  const whole = layoutOf(cutsFour)
  expect(inRows(whole, cutsFour, view)).toBe(whole)
})

test('no two blocks come to lie on one another', () => {
  for (let n = 6; n < 40; n += 3) {
    const pairs = Array.from({ length: n - 1 }, (_, i) => [i, i + 1] as const)
    const skips = Array.from({ length: Math.floor(n / 5) }, (_, i) => [5 * i, Math.min(n - 1, 5 * i + 3)] as const)
    const one = drawing(n, [...pairs, ...skips])
    const boxes = [...inRows(layoutOf(one), one, view).positions.values()]
    boxes.forEach((a, i) =>
      boxes.slice(i + 1).forEach((b) => {
        expect(Math.abs(a.x - b.x) >= 160 || Math.abs(a.y - b.y) >= 90, `${n} blocks`).toBe(true)
      }),
    )
  }
})
