import { describe, expect, test } from 'vitest'
import { align, around, distribute, guides, room, type Alignment, type Box } from '../../renderer/canvas/arrange.ts'
import { Rng } from '../../src/base/rng.ts'
import { GAPS, GRID } from '../../src/document/layout.ts'
import { computing } from '../helpers/computing.ts'

const box = (id: string, x: number, y: number, width = 160, height = 100): Box => ({ id, x, y, width, height })

const after = (boxes: readonly Box[], positions: { readonly [id: string]: { x: number; y: number } }) =>
  boxes.map((one) => ({ ...one, ...positions[one.id] }))

function scattered(seed: number, count: number): Box[] {
  const rng = new Rng(seed, 'boxes')
  return Array.from({ length: count }, (_, i) =>
    box(`b${i}`, rng.integer(3000), rng.integer(3000), 20 + rng.integer(300), 20 + rng.integer(300)),
  )
}

const touch = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe('align', () => {
  const boxes = [box('a', 0, 0, 100, 50), box('b', 200, 300, 60, 70), box('c', 40, 90, 300, 20)]
  // What all take up: 0 to 340, and 0 to 370.
  test.each<[Alignment, { readonly [id: string]: { x: number; y: number } }]>([
    ['left', { b: { x: 0, y: 300 }, c: { x: 0, y: 90 } }],
    ['centre', { a: { x: 120, y: 0 }, b: { x: 140, y: 300 }, c: { x: 20, y: 90 } }],
    ['right', { a: { x: 240, y: 0 }, b: { x: 280, y: 300 } }],
    ['top', { b: { x: 200, y: 0 }, c: { x: 40, y: 0 } }],
    ['middle', { a: { x: 0, y: 160 }, b: { x: 200, y: 150 }, c: { x: 40, y: 175 } }],
    ['bottom', { a: { x: 0, y: 320 }, c: { x: 40, y: 350 } }],
  ])('%s, and only what is not there yet moves', (how, expected) => {
    expect(align(boxes, how)).toEqual(expected)
    expect(align(after(boxes, expected), how)).toEqual({})
  })

  test('one block, or none, has nothing to be aligned to', () => {
    expect(align([box('a', 3, 5)], 'left')).toEqual({})
    expect(align([], 'middle')).toEqual({})
  })
})

describe('distribute', () => {
  test('makes equal gaps between the ends, which stay', () => {
    // 0 to 500, filled with 100 + 50 + 60 + 40: 250 in three gaps.
    const boxes = [box('last', 460, 7, 40), box('b', 110, 0, 50), box('a', 0, 0, 100), box('c', 170, 9, 60)]
    expect(distribute(boxes, 'horizontal')).toEqual({ b: { x: 183, y: 0 }, c: { x: 317, y: 9 } })
    const turned = boxes.map(({ id, x, y, width, height }) => ({ id, x: y, y: x, width: height, height: width }))
    expect(distribute(turned, 'vertical')).toEqual({ b: { x: 0, y: 183 }, c: { x: 9, y: 317 } })
  })

  test('boxes that need more than there is overlap equally', () => {
    expect(distribute([box('a', 0, 0, 100), box('b', 10, 0, 100), box('c', 100, 0, 100)], 'horizontal')).toEqual({
      b: { x: 50, y: 0 },
    })
  })

  test('two blocks have no gap to be equal to', () => {
    expect(distribute([box('a', 0, 0), box('b', 500, 0)], 'horizontal')).toEqual({})
  })

  test('gaps differ by no more than rounding, whatever lies there', () => {
    for (let seed = 0; seed < 30; seed++) {
      const boxes = scattered(seed, 3 + (seed % 9))
      const gaps = (all: readonly Box[]) => {
        const sorted = [...all].sort((a, b) => a.y + a.height / 2 - b.y - b.height / 2)
        return sorted.slice(1).map((one, i) => one.y - (sorted[i]?.y ?? 0) - (sorted[i]?.height ?? 0))
      }
      const spread = (all: readonly Box[]) => Math.max(...gaps(all)) - Math.min(...gaps(all))
      const placed = after(boxes, distribute(boxes, 'vertical'))
      // The order may change where one holds another; by edges it is the order of the gaps that counts.
      const order = [...boxes].sort((a, b) => a.y + a.height / 2 - b.y - b.height / 2).map(({ id }) => id)
      const inOrder = order.map((id) => placed.find((one) => one.id === id) as Box)
      const steps = inOrder.slice(1).map((one, i) => one.y - (inOrder[i]?.y ?? 0) - (inOrder[i]?.height ?? 0))
      expect(Math.max(...steps) - Math.min(...steps), `seed ${seed}`).toBeLessThanOrEqual(2)
      expect(inOrder[0]?.y).toBe(boxes.find(({ id }) => id === order[0])?.y)
      expect(inOrder.at(-1)?.y).toBe(boxes.find(({ id }) => id === order.at(-1))?.y)
      expect(spread(boxes), `seed ${seed}`).toBeGreaterThan(2)
    }
  })
})

describe('guides', () => {
  const far = box('far', 5000, 5000)

  test.each([
    ['left edges', { x: 1003 }, -3],
    ['right edges', { x: 1096, width: 60 }, 4],
    ['centres', { x: 1052, width: 60 }, -2],
    ['left to right edge', { x: 1165 }, -5],
    ['right to left edge', { x: 838 }, 2],
  ])('%s snap', (_name, at, dx) => {
    const moving = { ...box('m', 0, 400), ...at }
    const found = guides([moving], [box('other', 1000, 0), far], 6)
    expect([found.dx, found.dy]).toEqual([dx, 0])
    expect(found.lines.length).toBeGreaterThan(0)
    expect(guides([moving], [box('other', 1000, 0), far], Math.abs(dx) - 1)).toEqual({
      dx: 0,
      dy: 0,
      lines: [],
      gaps: [],
    })
  })

  test('the line runs along all that is level, and no farther', () => {
    const others = [box('a', 1000, 0), box('b', 1000, 700, 90), box('c', 1001, 2000, 90)]
    const { lines, dx } = guides([box('m', 1002, 300, 50)], others, 6)
    // The nearest is c, one pixel off.
    expect(dx).toBe(-1)
    expect(lines).toEqual([{ axis: 'x', at: 1001, from: 300, to: 2100 }])
    const level = guides([box('m', 998, 300, 50)], others, 2)
    expect(level.dx).toBe(2)
    expect(level.lines).toEqual([{ axis: 'x', at: 1000, from: 0, to: 800 }])
  })

  test('both axes snap by themselves, and several blocks as one', () => {
    const moving = [box('m', 103, 297, 50, 50), box('n', 203, 347, 97, 47)]
    const found = guides(moving, [box('a', 100, 1000), box('b', 1000, 300)], 5)
    expect([found.dx, found.dy]).toEqual([-3, 3])
    // Together they are 197 wide and 97 high: nothing else is level.
    expect(found.lines).toEqual([
      { axis: 'x', at: 100, from: 300, to: 1100 },
      { axis: 'y', at: 300, from: 100, to: 1160 },
    ])
  })

  test('it snaps to the middle between two, and says which gaps are equal', () => {
    const row = [box('a', 0, 0, 100, 100), box('b', 500, 0, 100, 100)]
    const found = guides([box('m', 264, 31, 80, 60)], row, 6)
    expect(found.dx).toBe(-4)
    expect(found.gaps).toEqual([
      { axis: 'x', at: 61, from: 100, to: 260 },
      { axis: 'x', at: 61, from: 340, to: 500 },
    ])
    expect(guides([box('m', 264, 131, 80, 60)], row, 6).gaps).toEqual([])
  })

  test('it snaps to the distance that two others have', () => {
    const column = [box('a', 0, 0, 100, 100), box('b', 0, 170, 100, 100)]
    const found = guides([box('m', 37, 343, 51, 90)], column, 4)
    expect(found.dy).toBe(-3)
    expect(found.gaps).toEqual([
      { axis: 'y', at: 50, from: 100, to: 170 },
      { axis: 'y', at: 62.5, from: 270, to: 340 },
    ])
    // Above, and farther away than the tolerance.
    expect(guides([box('m', 37, -158, 51, 90)], column, 4).dy).toBe(-2)
    expect(guides([box('m', 37, 346, 51, 90)], column, 4).dy).toBe(0)
  })

  test('equal distances of others are not drawn where its own is another', () => {
    const row = [box('a', 0, 0, 100, 100), box('b', 170, 0, 100, 100), box('c', 340, 0, 100, 100)]
    const found = guides([box('m', 998, 13, 51, 31)], [...row, box('level', 1000, 900)], 4)
    expect([found.dx, found.gaps]).toEqual([2, []])
    expect(guides([box('m', 508, 13, 51, 31)], row, 4).gaps.length).toBe(3)
  })

  test('what it proposes is never farther than the tolerance, and is level or equal when it is there', () => {
    let snapped = 0
    for (let seed = 0; seed < 200; seed++) {
      const [moving, ...others] = scattered(seed, 30) as [Box, ...Box[]]
      const { dx, dy, lines, gaps } = guides([moving], others, 5)
      expect(Math.abs(dx)).toBeLessThanOrEqual(5)
      expect(Math.abs(dy)).toBeLessThanOrEqual(5)
      const there = { ...moving, x: moving.x + dx, y: moving.y + dy }
      if (dx !== 0) {
        snapped++
        const sides = (one: Box) => [one.x, one.x + one.width]
        const level = others.some(
          (one) =>
            sides(one).some((side) => sides(there).includes(side)) ||
            one.x + one.width / 2 === there.x + there.width / 2,
        )
        expect(level || gaps.some(({ axis }) => axis === 'x'), `seed ${seed}`).toBe(true)
        expect(
          [...lines, ...gaps].some(({ axis }) => axis === 'x'),
          `seed ${seed}`,
        ).toBe(true)
      }
      // There, nothing is left to snap.
      expect(guides([there], others, 0).dx).toBe(0)
    }
    expect(snapped).toBeGreaterThan(20)
  })

  test('a thousand blocks take less than a frame', () => {
    const [moving, ...others] = scattered(1, 1001) as [Box, ...Box[]]
    const times = Array.from({ length: 30 }, () => {
      const took = computing()
      guides([moving], others, 6)
      return took()
    })
    expect(times.sort((a, b) => a - b)[15]).toBeLessThan(4)
  })
})

describe('room', () => {
  const gap = 40
  test('what lies to the right moves by what is missing, and nothing else', () => {
    const others = [
      box('a', 0, 0),
      box('b', 248, 0),
      box('c', 496, 300),
      box('above', 0, -300),
      box('right', 300, -300),
    ]
    // 200 to 360 and 40 free on both sides: b must begin at 400.
    expect(room(box('new', 200, 10), others, gap)).toEqual({
      b: { x: 248 + 152, y: 0 },
      c: { x: 496 + 152, y: 300 },
      right: { x: 300 + 152, y: -300 },
    })
  })

  test('where there is room nothing moves', () => {
    expect(room(box('new', 203, 0), [box('a', 0, 0), box('b', 403, 0)], gap)).toEqual({})
    expect(room(box('new', 203, 0), [box('a', 0, 0), box('b', 402, 0)], gap)).toEqual({ b: { x: 410, y: 0 } })
    expect(room(box('new', 203, 200), [box('a', 0, 0), box('b', 248, 0)], gap)).toEqual({})
  })

  test('let go on the block to the left, it moves on itself', () => {
    expect(room(box('new', 124, 0), [box('a', 0, 0), box('b', 248, 0)], gap)).toEqual({
      new: { x: 200, y: 0 },
      b: { x: 400, y: 0 },
    })
  })

  test('unless told otherwise, the gaps are those of the layout', () => {
    const x = 160 + GAPS.columnGap
    expect(room(box('new', x, 0), [box('a', 0, 0), box('b', x, 0, 168)])).toEqual({ b: { x: 2 * x, y: 0 } })
  })

  test('blocks that did not overlap do not after it, and the new one touches nothing', () => {
    let moves = 0
    for (let seed = 0; seed < 100; seed++) {
      const free = scattered(seed, 60).reduce<Box[]>(
        (kept, one) => (kept.some((b) => touch(b, one)) ? kept : [...kept, one]),
        [],
      )
      const added = box('new', 1000, 1000)
      const positions = room(added, free, gap)
      const all = after([added, ...free], positions)
      const hits = all.flatMap((a, i) => all.slice(0, i).filter((b) => touch(a, b)))
      expect(hits, `seed ${seed}`).toEqual([])
      moves += Object.keys(positions).length
      const shifts = new Set(free.map((one) => (positions[one.id]?.x ?? one.x) - one.x).filter((shift) => shift !== 0))
      expect(shifts.size).toBeLessThanOrEqual(1)
      for (const shift of shifts) expect(shift % GRID).toBe(0)
    }
    expect(moves).toBeGreaterThan(100)
  })
})

test('around is the smallest box that holds all', () => {
  expect(around([box('a', -5, 3, 10, 10), box('b', 20, -8, 5, 2)])).toEqual({
    id: '',
    x: -5,
    y: -8,
    width: 30,
    height: 21,
  })
})
