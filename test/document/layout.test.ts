import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { GAPS, GRID, layOut, layoutOf, type DrawnBlock, type Drawing } from '../../src/document/layout.ts'
import { least, type Arcs } from '../../src/document/layout/simplex.ts'
import type { BlockId, Position, Wire } from '../../src/document/types.ts'
import { computing } from '../helpers/computing.ts'

type Places = ReadonlyMap<BlockId, Position>

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

/** Ports are called `i0`, `i1` … and `o0`, `o1` …, at the heights that the window gives them. */
function block(id: BlockId, inputs = 1, outputs = 1, width = 160, height = 112): DrawnBlock {
  const ports = (letter: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`${letter}${i}`, Math.max(inputs, outputs) > 1 ? 58 + 20 * i : 22]),
    )
  return { id, x: 0, y: 0, width, height, inputs: ports('i', inputs), outputs: ports('o', outputs) }
}

function wire(from: BlockId, to: BlockId, input = 0, output = 0): Wire {
  return { from: { block: from, port: `o${output}` }, to: { block: to, port: `i${input}` } }
}

/** `a > b > c.1`: wires in a row, to the first input unless another is named. Blocks in the order in which they occur. */
function drawn(...lines: readonly string[]): Drawing {
  const inputs = new Map<BlockId, number>()
  const wires: { [id: string]: Wire } = {}
  for (const line of lines) {
    const ends = line.split(' > ').map((end) => end.split('.'))
    ends.forEach(([id = '', port = '0'], i) => {
      inputs.set(id, Math.max(inputs.get(id) ?? 1, Number(port) + 1))
      const before = ends[i - 1]?.[0]
      if (before !== undefined) wires[`w${Object.keys(wires).length}`] = wire(before, id, Number(port))
    })
  }
  return { blocks: [...inputs].map(([id, count]) => block(id, count)), wires }
}

function place(places: Places, id: BlockId): Position {
  const found = places.get(id)
  if (!found) throw new Error(`${id} has no place`)
  return found
}

/** Of any shape: cycles, wires from a block to itself, several wires between the same two, blocks of 8 to 900. */
function wild(seed: number, count: number, wired: number): Drawing {
  const rng = new Rng(seed, 'wild')
  const blocks = Array.from({ length: count }, (_, i) => {
    const tall = rng.integer(8) === 0
    const one = block(
      `b${i}`,
      1 + rng.integer(4),
      1 + rng.integer(3),
      8 + rng.integer(tall ? 900 : 200),
      8 + rng.integer(tall ? 900 : 200),
    )
    return { ...one, x: rng.integer(2000), y: rng.integer(2000) }
  })
  const wires: { [id: string]: Wire } = {}
  for (let i = 0; i < wired; i++)
    wires[`w${i}`] = wire(`b${rng.integer(count)}`, `b${rng.integer(count)}`, rng.integer(4), rng.integer(3))
  return { blocks, wires }
}

/** Hangs together and has no cycle; the order of its blocks says nothing. */
function acyclic(seed: number, count: number, more: number, reach: number): Drawing {
  const rng = new Rng(seed, 'acyclic', count)
  const blocks = Array.from({ length: count }, (_, i) => block(`b${i}`, 3, 2, 160, 80 + rng.integer(200)))
  const wires: { [id: string]: Wire } = {}
  for (let i = 1; i < count; i++)
    wires[`w${i}`] = wire(`b${Math.max(0, i - 1 - rng.integer(reach))}`, `b${i}`, 0, rng.integer(2))
  for (let i = 0; i < more; i++) {
    const from = rng.integer(count - 1)
    const to = Math.min(count - 1, from + 1 + rng.integer(3 * reach))
    wires[`x${i}`] = wire(`b${from}`, `b${to}`, 1 + rng.integer(2), rng.integer(2))
  }
  return { blocks: [...rng.permutation(count)].map((i) => blocks[i] as DrawnBlock), wires }
}

/** Each block one column after the last that it hears from, in the order of the drawing, one below the other. */
function naive({ blocks, wires }: Drawing): Places {
  const columns = new Map(blocks.map(({ id }) => [id, 0]))
  for (let changed = true; changed;) {
    changed = false
    for (const { from, to } of Object.values(wires)) {
      const next = (columns.get(from.block) ?? 0) + 1
      if (next <= (columns.get(to.block) ?? 0)) continue
      columns.set(to.block, next)
      changed = true
    }
  }
  const below: number[] = []
  return new Map(
    blocks.map(({ id, height }) => {
      const column = columns.get(id) ?? 0
      const y = below[column] ?? 0
      below[column] = y + height + GAPS.rowGap
      return [id, { x: column * (160 + GAPS.columnGap), y }]
    }),
  )
}

function ends({ blocks, wires }: Drawing, places: Places): [Position, Position][] {
  const byId = new Map(blocks.map((one) => [one.id, one]))
  return Object.values(wires).map(({ from, to }) => {
    const [source, target] = [byId.get(from.block) as DrawnBlock, byId.get(to.block) as DrawnBlock]
    const [a, b] = [place(places, from.block), place(places, to.block)]
    return [
      { x: a.x + source.width, y: a.y + (source.outputs[from.port] ?? source.height / 2) },
      { x: b.x, y: b.y + (target.inputs[to.port] ?? target.height / 2) },
    ]
  })
}

/** Of straight lines from port to port. */
function crossings(drawing: Drawing, places: Places): number {
  const lines = ends(drawing, places)
  const side = (a: Position, b: Position, c: Position) =>
    Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x))
  let found = 0
  lines.forEach(([a, b], i) => {
    for (const [c, d] of lines.slice(0, i))
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) found++
  })
  return found
}

function length(drawing: Drawing, places: Places): number {
  return ends(drawing, places).reduce((sum, [a, b]) => sum + Math.hypot(b.x - a.x, b.y - a.y), 0)
}

function overlaps(blocks: readonly DrawnBlock[], places: Places): string[] {
  const boxes = blocks.map((one) => ({ ...one, ...(places.get(one.id) ?? {}) }))
  return boxes.flatMap((a, i) =>
    boxes
      .slice(0, i)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${b.id} ${a.id}`),
  )
}

const LENET = drawn('in > c1 > p1 > c2 > p2 > flat > d1 > d2 > d3 > loss', 'target > onehot > loss.1')

describe('what a network looks like', () => {
  test('a LeNet is one line at the height of its ports', () => {
    const places = layOut(LENET)
    const line = ['in', 'c1', 'p1', 'c2', 'p2', 'flat', 'd1', 'd2', 'd3'].map((id) => place(places, id))
    expect(new Set(line.map(({ y }) => y)).size).toBe(1)
    expect(line.map(({ x }) => x)).toEqual(line.map((_, i) => i * (160 + GAPS.columnGap)))
    // Its port lies 36 lower than theirs, which is no multiple of the grid.
    const [into] = ends({ ...LENET, wires: { w: wire('d3', 'loss') } }, places)[0] ?? []
    const [, out] = ends({ ...LENET, wires: { w: wire('d3', 'loss') } }, places)[0] ?? []
    expect(Math.abs((into?.y ?? 0) - (out?.y ?? 99))).toBeLessThanOrEqual(GRID / 2)
  })

  test('side inputs come right before what they feed, below the line', () => {
    const places = layOut(LENET)
    const column = 160 + GAPS.columnGap
    expect(place(places, 'onehot').x).toBe(place(places, 'loss').x - column)
    expect(place(places, 'target').x).toBe(place(places, 'loss').x - 2 * column)
    expect(place(places, 'target').y).toBe(place(places, 'onehot').y)
    expect(place(places, 'onehot').y).toBeGreaterThan(place(places, 'd3').y)
    expect(place(naive(LENET), 'target').x).toBe(0)
  })

  test('two inputs joined by a block that joins late come late, both of them', () => {
    const places = layOut(drawn('in > a > b > c > d > loss', 'left > both', 'right > both.1', 'both > loss.1'))
    expect(place(places, 'left').x).toBe(place(places, 'c').x)
    expect(place(places, 'right').x).toBe(place(places, 'c').x)
  })

  test('a residual network keeps its line, and the shortcut is led round it', () => {
    const drawing = drawn(
      ...Array.from({ length: 6 }, (_, i) => [`s${i} > a${i} > b${i} > s${i + 1}`, `s${i} > s${i + 1}.1`]).flat(),
    )
    const { positions, routes } = layoutOf(drawing)
    const inner = [...positions].filter(([id]) => /^[ab]/.test(id)).map(([, { y }]) => y)
    expect(new Set(inner).size).toBe(1)
    expect(routes.size).toBe(6)
  })

  test('an Inception module has no crossing', () => {
    const drawing = drawn(
      'in > a1 > cat > loss',
      'in > b1 > b2 > cat.1',
      'in > c1 > c2 > c3 > cat.2',
      'in > pool > d1 > cat.3',
    )
    expect(crossings(drawing, layOut(drawing))).toBe(0)
  })

  test('what feeds a block lies in the order of its ports, however it was drawn', () => {
    const drawing = drawn('a > join.2', 'b > join', 'c > join.1')
    const places = layOut(drawing)
    const order = (places: Places) => ['a', 'b', 'c'].sort((one, two) => place(places, one).y - place(places, two).y)
    expect(order(places)).toEqual(['b', 'c', 'a'])
    const join = { ...(drawing.blocks[1] as DrawnBlock), inputs: { i0: 98, i1: 78, i2: 58 } }
    expect(
      order(layOut({ ...drawing, blocks: drawing.blocks.map((one) => (one.id === 'join' ? join : one)) })),
    ).toEqual(['a', 'c', 'b'])
  })

  test('a tree has no crossing', () => {
    for (const seed of SEEDS) {
      const rng = new Rng(seed, 'tree')
      const lines = Array.from({ length: 30 }, (_, i) => `b${rng.integer(i + 1)} > b${i + 1}`)
      const drawing = drawn(...lines)
      expect(crossings(drawing, layOut(drawing)), `seed ${seed}`).toBe(0)
    }
  })

  test('only the wire that leads back runs from right to left', () => {
    const drawing = drawn('in > a > b > c > out', 'c > a.1', 'b > b.1')
    const places = layOut(drawing)
    const back = Object.values(drawing.wires).filter(
      ({ from, to }) => place(places, from.block).x >= place(places, to.block).x,
    )
    expect(back).toEqual([wire('c', 'a', 1), wire('b', 'b', 1)])
  })
})

describe('any drawing', () => {
  test('an empty one, and a block alone', () => {
    expect(layOut({ blocks: [], wires: {} })).toEqual(new Map())
    expect(layOut({ blocks: [{ ...block('a'), x: 13, y: -21 }], wires: {} })).toEqual(
      new Map([['a', { x: 16, y: -24 }]]),
    )
  })

  test('no two blocks overlap, all lie on the grid, and the upper left corner stays', () => {
    let messy = 0
    for (const seed of SEEDS) {
      const drawing = wild(seed, 2 + (seed % 30), seed * 2)
      const places = layOut(drawing)
      expect([...places.keys()].sort()).toEqual(drawing.blocks.map(({ id }) => id).sort())
      expect(overlaps(drawing.blocks, places), `seed ${seed}`).toEqual([])
      for (const { x, y } of places.values()) expect([Math.abs(x % GRID), Math.abs(y % GRID)]).toEqual([0, 0])
      const corner = (all: readonly Position[]) => [
        Math.round(Math.min(...all.map(({ x }) => x)) / GRID) * GRID,
        Math.round(Math.min(...all.map(({ y }) => y)) / GRID) * GRID,
      ]
      expect(corner([...places.values()])).toEqual(corner(drawing.blocks))
      messy += overlaps(drawing.blocks, new Map()).length
    }
    // As they were, many did.
    expect(messy).toBeGreaterThan(100)
  })

  test('it gives the same again, and tidying what is tidy changes nothing', () => {
    for (const seed of SEEDS) {
      const drawing = wild(seed, 20, 30)
      const places = layOut(drawing)
      expect(layOut(structuredClone(drawing))).toEqual(places)
      const tidied = drawing.blocks.map((one) => ({ ...one, ...place(places, one.id) }))
      expect(layOut({ ...drawing, blocks: tidied }), `seed ${seed}`).toEqual(places)
    }
  })

  test('wires run from left to right where nothing leads back', () => {
    for (const seed of SEEDS) {
      const drawing = acyclic(seed, 30, 20, 5)
      for (const [from, to] of ends(drawing, layOut(drawing)))
        expect(to.x - from.x, `seed ${seed}`).toBeGreaterThanOrEqual(GAPS.columnGap)
    }
  })

  test('the gaps are those that are asked for', () => {
    const drawing = drawn('a > b', 'a > c', 'x > y')
    const places = layOut(drawing, { columnGap: 40, rowGap: 16, partGap: 80 })
    expect(place(places, 'b').x - place(places, 'a').x).toBe(200)
    expect(Math.abs(place(places, 'b').y - place(places, 'c').y)).toBe(128)
    expect(place(places, 'x').y - Math.max(place(places, 'b').y, place(places, 'c').y)).toBe(112 + 80)
  })

  test('parts lie one below the other, single blocks in rows at the end', () => {
    const drawing = drawn('lone', 'a > b', 'other', 'c > d > e')
    const places = layOut(drawing)
    const y = (id: BlockId) => place(places, id).y
    expect(y('a')).toBeLessThan(y('c'))
    expect(y('c')).toBeLessThan(y('lone'))
    expect(y('lone')).toBe(y('other'))
    expect(new Set(['a', 'c', 'lone'].map((id) => place(places, id).x)).size).toBe(1)
  })
})

describe('only some blocks', () => {
  test('what is fixed has no place in the result, the others stay about where they were and touch nothing', () => {
    for (const seed of SEEDS) {
      const drawing = wild(seed, 24, 40)
      // Fixed blocks that do not overlap themselves.
      const tidied = layOut(drawing)
      const blocks = drawing.blocks.map((one) => ({ ...one, ...place(tidied, one.id) }))
      const chosen = new Set(blocks.filter((_, i) => i % 3 === 0).map(({ id }) => id))
      const fixed = new Set(blocks.map(({ id }) => id).filter((id) => !chosen.has(id)))
      const places = layOut({ ...drawing, blocks }, { fixed })
      expect(new Set(places.keys())).toEqual(chosen)
      expect(overlaps(blocks, places), `seed ${seed}`).toEqual([])
    }
  })

  test('a selection with room stays at its upper left corner; without, it takes the shortest way out', () => {
    const drawing = drawn('a > b > c > d')
    const at: { readonly [id: string]: Position } = {
      a: { x: 0, y: 0 },
      b: { x: 400, y: 304 },
      c: { x: 320, y: 240 },
      d: { x: 2000, y: 0 },
    }
    const blocks = drawing.blocks.map((one) => ({ ...one, ...at[one.id] }))
    const fixed = new Set(['a', 'd'])
    expect(layOut({ ...drawing, blocks }, { fixed })).toEqual(
      new Map([
        ['b', { x: 320, y: 240 }],
        ['c', { x: 320 + 160 + GAPS.columnGap, y: 240 }],
      ]),
    )
    const crowded = blocks.map((one) => (one.id === 'd' ? { ...one, x: 600, y: 272 } : one))
    // 80 up, where it is 80 + 112 down and more to the sides.
    expect(layOut({ ...drawing, blocks: crowded }, { fixed }).get('b')).toEqual({ x: 320, y: 160 })
  })
})

describe('how good it is', () => {
  const kinds = [
    { count: 20, more: 10, reach: 4 },
    { count: 40, more: 20, reach: 6 },
    { count: 40, more: 60, reach: 6 },
    { count: 80, more: 40, reach: 8 },
  ]
  test.each(kinds)('$count blocks: fewer crossings and less wire than in plain columns', ({ count, more, reach }) => {
    const total = { ours: [0, 0], plain: [0, 0], shuffled: [0, 0] }
    for (const seed of SEEDS.slice(0, 15)) {
      const drawing = acyclic(seed, count, more, reach)
      const places = layOut(drawing)
      const add = (sum: number[], places: Places) => {
        const found = [crossings(drawing, places), length(drawing, places)]
        found.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value))
        return found[0] ?? 0
      }
      const ours = add(total.ours, places)
      const plain = add(total.plain, naive(drawing))
      expect(ours, `seed ${seed}`).toBeLessThanOrEqual(plain)
      add(total.shuffled, shuffled(places, new Rng(seed, 'shuffle')))
    }
    expect(total.ours[0]).toBeLessThan(0.6 * (total.plain[0] ?? 0))
    expect(total.ours[1]).toBeLessThan(0.95 * (total.plain[1] ?? 0))
    expect(total.shuffled[0]).toBeGreaterThan(1.3 * (total.ours[0] ?? Infinity))
    expect(total.shuffled[1]).toBeGreaterThan(total.ours[1] ?? Infinity)
  })

  test('wires span as few columns together as can be', () => {
    for (const seed of SEEDS) {
      const drawing = acyclic(seed, 6, 3, 3)
      const wires = Object.values(drawing.wires)
      const span = (column: (id: BlockId) => number) =>
        wires.reduce((sum, { from, to }) => {
          const one = column(to.block) - column(from.block)
          return one > 0 ? sum + one : Infinity
        }, 0)
      const ids = drawing.blocks.map(({ id }) => id)
      let best = Infinity
      for (let code = 0; code < 6 ** 6; code++)
        best = Math.min(
          best,
          span((id) => Math.floor(code / 6 ** ids.indexOf(id)) % 6),
        )
      const places = layOut(drawing)
      expect(
        span((id) => place(places, id).x / (160 + GAPS.columnGap)),
        `seed ${seed}`,
      ).toBe(best)
    }
  })

  /** The same columns in an order by lot. */
  function shuffled(places: Places, rng: Rng): Places {
    const columns = new Map<number, BlockId[]>()
    for (const [id, { x }] of places) columns.set(x, [...(columns.get(x) ?? []), id])
    const moved = new Map<BlockId, Position>()
    for (const [x, ids] of columns) {
      const order = rng.permutation(ids.length)
      ids.forEach((id, i) => moved.set(id, { x, y: place(places, ids[order[i] ?? 0] ?? id).y }))
    }
    return moved
  }

  test('the ways round run through no block', () => {
    let runs = 0
    for (const seed of SEEDS) {
      const drawing = acyclic(seed, 30, 20, 5)
      const { positions, routes } = layoutOf(drawing)
      for (const [id, points] of routes)
        points.forEach((to, i) => {
          const from = points[i - 1]
          if (!from || from.y !== to.y) return
          runs++
          const hit = drawing.blocks.filter((one) => {
            const { x, y } = place(positions, one.id)
            return from.x < x + one.width && x < to.x && y <= to.y && to.y <= y + one.height
          })
          expect(
            hit.map((one) => one.id),
            `seed ${seed}, wire ${id}`,
          ).toEqual([])
        })
    }
    expect(runs).toBeGreaterThan(100)
  })

  test('a thousand blocks take no time to speak of', () => {
    const drawing = acyclic(1, 1000, 500, 8)
    const took = computing()
    const places = layOut(drawing)
    // Measured 0.3 s; what is guarded against is time that grows with the square.
    expect(took()).toBeLessThan(5000)
    expect(places.size).toBe(1000)
    expect(overlaps(drawing.blocks, places)).toEqual([])
  })
})

describe('the network simplex method', () => {
  const cost = ({ from, to, weight }: Arcs, y: ArrayLike<number>) =>
    from.reduce((sum, tail, i) => sum + (weight[i] ?? 0) * ((y[to[i] ?? 0] ?? 0) - (y[tail] ?? 0)), 0)
  const kept = ({ from, to, length }: Arcs, y: ArrayLike<number>) =>
    from.every((tail, i) => (y[to[i] ?? 0] ?? 0) - (y[tail] ?? 0) >= (length[i] ?? 0))

  function random(seed: number, count: number): Arcs {
    const rng = new Rng(seed, 'arcs')
    const arcs = { from: [] as number[], to: [] as number[], length: [] as number[], weight: [] as number[] }
    const add = (from: number, to: number) => {
      arcs.from.push(from)
      arcs.to.push(to)
      arcs.length.push(rng.integer(3) - 1)
      arcs.weight.push(rng.integer(4))
    }
    for (let i = 1; i < count; i++) add(rng.integer(i), i)
    for (let i = 0; i < count; i++) {
      const from = rng.integer(count - 1)
      add(from, from + 1 + rng.integer(count - from - 1))
    }
    return arcs
  }

  /** By trying everything: no value needs to lie farther from the first than all lengths together. */
  function tried(count: number, arcs: Arcs): number {
    const reach = count - 1
    let best = Infinity
    const y = new Int32Array(count)
    const next = (node: number) => {
      if (node === count) {
        if (kept(arcs, y)) best = Math.min(best, cost(arcs, y))
        return
      }
      for (let value = -reach; value <= reach; value++) {
        y[node] = value
        next(node + 1)
      }
    }
    next(1)
    return best
  }

  test('finds what trying everything finds', () => {
    let improved = 0
    for (const seed of SEEDS) {
      const arcs = random(seed, 5)
      const y = least(5, arcs, 1000)
      expect(kept(arcs, y), `seed ${seed}`).toBe(true)
      expect(cost(arcs, y), `seed ${seed}`).toBe(tried(5, arcs))
      if (cost(arcs, least(5, arcs, 0)) > cost(arcs, y)) improved++
    }
    // The tree that it begins with is often not it.
    expect(improved).toBeGreaterThan(3)
  })

  test('no single part could be moved to gain, in large ones', () => {
    for (const seed of SEEDS.slice(0, 10)) {
      const count = 200
      const arcs = random(seed, count)
      const y = least(count, arcs)
      expect(kept(arcs, y)).toBe(true)
      for (let node = 0; node < count; node++)
        for (const by of [-1, 1]) {
          const moved = y.slice()
          moved[node] = (moved[node] ?? 0) + by
          if (kept(arcs, moved)) expect(cost(arcs, moved), `seed ${seed}`).toBeGreaterThanOrEqual(cost(arcs, y))
        }
    }
  })

  test('says so where it is asked for what cannot be', () => {
    expect(() => least(2, { from: [0, 1], to: [1, 0], length: [1, 1], weight: [1, 1] })).toThrow('no cycle')
    expect(() => least(3, { from: [0], to: [1], length: [1], weight: [1] })).toThrow('hang together')
  })
})
