/**
 * The blocks that connect, against loops that follow their formulas index by index: forward and backward, over random
 * sizes, on the reference and on the CPU engine.
 */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { attempt } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, stridesOf, type Shape } from '../../src/base/shape.ts'
import { findBlock } from '../../src/blocks/index.ts'
import type { BlockDefinition } from '../../src/blocks/define.ts'
import type { Backend } from '../../src/backends/types.ts'
import { blockProgram, newBlockBuilder, PATH, place } from '../helpers/block-program.ts'
import { numbers } from '../helpers/random.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, TOLERANCE, type Tolerance } from '../helpers/tolerance.ts'

const engines: readonly (readonly [string, Backend, Tolerance])[] = [
  [reference.title, reference, TOLERANCE.f64.same],
  [wasm.title, wasm, TOLERANCE.f32.product],
]

function blockOf(type: string): BlockDefinition {
  const found = findBlock(type)
  if (!found) throw new Error(`no block ${type}`)
  return found
}

type Data = { readonly [name: string]: Float64Array }
interface Case {
  readonly type: string
  readonly params: ParamValues
  readonly inputs: { readonly [port: string]: Shape }
}

/** Everything that goes in, drawn, and what comes out of the block on a backend: `y`, `d.x`, `d.weight`, `d.bias`. */
async function run(one: Case, backend: Backend, seed = 1): Promise<{ given: Data; found: Data; shape: Shape }> {
  const { program, inputs } = blockProgram(blockOf(one.type), one.params, one.inputs)
  const rng = new Rng(seed, JSON.stringify(one))
  // A maximum must not hang on rounding.
  const kindOf = (name: string) => (name === 'x' && 'kind' in one.params ? 'distinct' : 'normal')
  const draw = (name: string, shape: Shape) => Float64Array.from(numbers(rng, shape, kindOf(name)), Math.fround)
  const drawn = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, draw(name, shape)]))
  const results = await runProgram(backend, program, drawn)
  const short = (name: string) => name.replace(`${PATH}.`, '')
  return {
    given: Object.fromEntries(Object.entries(drawn).map(([name, data]) => [short(name), data])),
    found: Object.fromEntries([...results].map(([name, data]) => [short(name), Float64Array.from(data)])),
    shape: get(new Map(Object.entries(inputs)), 'r.y'),
  }
}

/** One product of the sum: y[out] += x[from] · w[weight]. */
type Tap = readonly [out: number, from: number, weight: number]

/** y, and the gradients of sum(r y), of what is bilinear in x and the weights. */
function bilinear(taps: Iterable<Tap>, given: Data, size: number): Data {
  const [x, w, r] = ['x', 'weight', 'r.y'].map((name) => given[name] ?? new Float64Array())
  if (!x || !w || !r) throw new Error('nothing given')
  const [y, dx, dw] = [new Float64Array(size), new Float64Array(x.length), new Float64Array(w.length)]
  for (const [out, from, weight] of taps) {
    y[out] = at(y, out) + at(x, from) * at(w, weight)
    dx[from] = at(dx, from) + at(r, out) * at(w, weight)
    dw[weight] = at(dw, weight) + at(r, out) * at(x, from)
  }
  return { y, 'd.x': dx, 'd.weight': dw }
}

interface Geometry {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  /** Before each axis; what lies outside does not count. */
  readonly padding: readonly number[]
  readonly groups: number
}

const place4 = ([, height, width, channels]: Shape, n: number, i: number, j: number, c: number) =>
  ((n * (height ?? 0) + i) * (width ?? 0) + j) * (channels ?? 0) + c

/** The taps of a convolution from `x` to `y`, both [batch, height, width, channels]. */
function* convTaps(x: Shape, y: Shape, geometry: Geometry, flipped = false): Generator<Tap> {
  const [kh, kw] = [at(geometry.kernel, 0), at(geometry.kernel, 1)]
  const [inner, outer] = [at(x, 3) / geometry.groups, at(y, 3) / geometry.groups]
  const axis = (k: number, out: number, tap: number) =>
    out * at(geometry.stride, k) + tap * at(geometry.dilation, k) - at(geometry.padding, k)
  for (let n = 0; n < at(y, 0); n++)
    for (let i = 0; i < at(y, 1); i++)
      for (let j = 0; j < at(y, 2); j++)
        for (let f = 0; f < at(y, 3); f++)
          for (let u = 0; u < kh; u++)
            for (let v = 0; v < kw; v++)
              for (let c = 0; c < inner; c++) {
                const [h, w] = [axis(0, i, u), axis(1, j, v)]
                if (h < 0 || h >= at(x, 1) || w < 0 || w >= at(x, 2)) continue
                const group = Math.floor(f / outer)
                const tap = flipped ? (kh - 1 - u) * kw + (kw - 1 - v) : u * kw + v
                yield [place4(y, n, i, j, f), place4(x, n, h, w, group * inner + c), (tap * inner + c) * at(y, 3) + f]
              }
}

/** UpConv2D lays out what the convolution from its result to its input gathers. */
function* upTaps(x: Shape, y: Shape, geometry: Geometry, flipped = false): Generator<Tap> {
  for (const [out, from, weight] of convTaps(y, x, geometry, flipped)) yield [from, out, weight]
}

const wrongBy = (found: Data, expected: Data, tolerance: Tolerance): string | undefined =>
  Object.entries(expected)
    .map(([name, data]) => {
      const one = difference(found[name] ?? [], data, tolerance)
      return one === undefined ? undefined : `${name}: ${one}`
    })
    .find((wrong) => wrong !== undefined)

const pick = <T>(rng: Rng, options: readonly T[]): T => at(options, rng.integer(options.length))
const two = (draw: () => number): [number, number] => [draw(), draw()]

interface Trial extends Case {
  readonly taps: (x: Shape, y: Shape, flipped?: boolean) => Iterable<Tap>
  /** Sizes of x and y as pictures. */
  readonly picture: (shape: Shape) => Shape
}

const sameBefore = (length: number, reach: number, stride: number) =>
  Math.floor(Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0) / 2)

function convTrial(rng: Rng, type: 'conv2d' | 'depthwiseConv2d' | 'conv1d'): Trial | undefined {
  const flat = type === 'conv1d'
  const pair = (draw: () => number, unit: number): [number, number] => (flat ? [unit, draw()] : two(draw))
  const groups = pick(rng, [1, 1, 2, 3])
  const channels = groups * pick(rng, [1, 2, 3, 8])
  const multiplier = 1 + rng.integer(3)
  const filters = type === 'depthwiseConv2d' ? channels * multiplier : groups * pick(rng, [1, 2, 5, 8])
  const kernel = pair(() => 1 + rng.integer(4), 1)
  const stride = pair(() => 1 + rng.integer(3), 1)
  const dilation = pair(() => 1 + rng.integer(3), 1)
  const amount = pair(() => rng.integer(4), 0)
  const size = pair(() => 1 + rng.integer(9), 1)
  const mode = pick(rng, ['valid', 'same', 'explicit', ...(flat ? ['causal'] : [])])
  const reach = kernel.map((k, i) => at(dilation, i) * (k - 1) + 1)
  const before = [0, 1].map((i) => {
    if (mode === 'same') return sameBefore(at(size, i), at(reach, i), at(stride, i))
    if (mode === 'causal') return at(reach, i) - 1
    return mode === 'explicit' ? at(amount, i) : 0
  })
  const geometry: Geometry = {
    kernel,
    stride,
    dilation,
    padding: before,
    groups: type === 'depthwiseConv2d' ? channels : groups,
  }
  const one = (values: readonly [number, number]) => (flat ? values[1] : values)
  const params = {
    ...(type === 'depthwiseConv2d' ? { multiplier } : { filters, groups }),
    kernel: one(kernel),
    stride: one(stride),
    dilation: one(dilation),
    padding: mode,
    paddingAmount: one(amount),
    bias: false,
  }
  const batch = 2 + rng.integer(2)
  const x = flat ? [batch, size[1], channels] : [batch, ...size, channels]
  const picture = (shape: Shape) => (flat ? [at(shape, 0), 1, ...shape.slice(1)] : shape)
  const taps = (from: Shape, to: Shape, flipped = false) => convTaps(from, to, geometry, flipped)
  return fits({ type, params, inputs: { x }, taps, picture })
}

function upTrial(rng: Rng): Trial | undefined {
  const groups = pick(rng, [1, 1, 2, 3])
  const [channels, filters] = [groups * pick(rng, [1, 2, 8]), groups * pick(rng, [1, 3, 8])]
  const kernel = two(() => 1 + rng.integer(4))
  const stride = two(() => 1 + rng.integer(3))
  const dilation = two(() => 1 + rng.integer(4))
  const padding = two(() => rng.integer(3))
  const outputPadding: [number, number] = [
    rng.integer(Math.max(stride[0], dilation[0])),
    rng.integer(Math.max(stride[1], dilation[1])),
  ]
  const params = { filters, kernel, stride, dilation, padding, outputPadding, groups, bias: false }
  const x = [2, 1 + rng.integer(4), 1 + rng.integer(5), channels]
  const taps = (from: Shape, to: Shape, flipped = false) =>
    upTaps(from, to, { kernel, stride, dilation, padding, groups }, flipped)
  return fits({ type: 'upconv2d', params, inputs: { x }, taps, picture: (shape) => shape })
}

function fits(one: Trial): Trial | undefined {
  return attempt(() => blockProgram(blockOf(one.type), one.params, one.inputs)).ok ? one : undefined
}

function trialsOf(type: string, count: number): Trial[] {
  const found: Trial[] = []
  for (let seed = 0; found.length < count && seed < 40 * count; seed++) {
    const rng = new Rng(seed, 'trial', type)
    const one = type === 'upconv2d' ? upTrial(rng) : convTrial(rng, type as 'conv2d')
    if (one) found.push(one)
  }
  return found
}

describe.each(['conv2d', 'depthwiseConv2d', 'conv1d', 'upconv2d'])('%s', (type) => {
  const trials = trialsOf(type, 40)

  test('is tried with every kind of padding, stride, dilation and groups', () => {
    expect(trials.length).toBe(40)
    const seen = (name: string) => new Set(trials.map(({ params }) => JSON.stringify(params[name])))
    if (type !== 'upconv2d') expect(seen('padding').size).toBe(type === 'conv1d' ? 4 : 3)
    for (const name of ['stride', 'dilation', 'kernel']) expect(seen(name).size).toBeGreaterThanOrEqual(3)
    if (type !== 'depthwiseConv2d') expect(seen('groups').size).toBe(3)
  })

  test.each(engines)('on the %s is what loops over its indices give', async (_title, backend, tolerance) => {
    let flipsSeen = 0
    for (const one of trials) {
      const { given, found, shape } = await run(one, backend)
      const [x, y] = [one.picture(at(Object.values(one.inputs), 0)), one.picture(shape)]
      const expected = (flipped: boolean) => bilinear(one.taps(x, y, flipped), given, sizeOf(y))
      expect(wrongBy(found, expected(false), tolerance), JSON.stringify(one)).toBeUndefined()
      if (wrongBy(found, expected(true), tolerance) !== undefined) flipsSeen++
    }
    // A filter that is laid on the other way round is noticed, except where it has one tap only.
    expect(flipsSeen).toBeGreaterThan(25)
  })
})

test.each(engines)('a 1 × 1 convolution is a Dense for each pixel, on the %s', async (_title, backend, tolerance) => {
  const x = [2, 3, 4, 5]
  const conv = blockProgram(blockOf('conv2d'), { filters: 3, kernel: [1, 1] }, { x })
  const dense = blockProgram(blockOf('dense'), { features: 3 }, { x })
  const rng = new Rng(1, 'pixels')
  const values = Object.fromEntries(Object.entries(dense.inputs).map(([name, shape]) => [name, numbers(rng, shape)]))
  const [left, right] = [
    await runProgram(backend, conv.program, values),
    await runProgram(backend, dense.program, values),
  ]
  for (const [name, data] of right) expect(difference(get(left, name), data, tolerance), name).toBeUndefined()
  const other = await runProgram(backend, dense.program, { ...values, [`${PATH}.bias`]: [1, 2, 3] })
  expect(difference(get(left, 'y'), get(other, 'y'), tolerance)).toMatch(/differ/)
})

test('UpConv2D is the adjoint of Conv2D: <conv x, y> = <x, upconv y>', async () => {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * at(b, i), 0)
  for (const [seed, groups] of [1, 2, 1, 3, 2].entries()) {
    const rng = new Rng(seed, 'adjoint')
    const [kernel, stride, padding, dilation] = [
      two(() => 1 + rng.integer(3)),
      two(() => 1 + rng.integer(3)),
      two(() => rng.integer(2)),
      two(() => 1 + rng.integer(2)),
    ]
    const [inner, outer] = [2 * groups, 3 * groups]
    const size = two(() => 6 + rng.integer(4))
    const rest = (i: 0 | 1) => (size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) % stride[i]
    const common = { kernel, stride, dilation, groups, bias: false }
    const conv = blockProgram(
      blockOf('conv2d'),
      { ...common, filters: outer, padding: 'explicit', paddingAmount: padding },
      { x: [2, ...size, inner] },
    )
    const y = get(new Map(Object.entries(conv.inputs)), 'r.y')
    const up = blockProgram(
      blockOf('upconv2d'),
      { ...common, filters: inner, padding, outputPadding: [rest(0), rest(1)] },
      { x: y },
    )
    expect(up.inputs['r.y']).toEqual([2, ...size, inner])
    expect(up.inputs[`${PATH}.weight`]).toEqual(conv.inputs[`${PATH}.weight`])
    const draw = (shape: Shape | undefined) => numbers(rng, shape ?? [])
    const [x, t, weight] = [draw(conv.inputs['x']), draw(y), draw(conv.inputs[`${PATH}.weight`])]
    const apply = async (one: typeof conv, input: Float64Array, filters: Float64Array) => {
      const ones = new Float64Array(sizeOf(one.inputs['r.y'] ?? [])).fill(1)
      const given = { x: input, [`${PATH}.weight`]: filters, 'r.y': ones }
      return Float64Array.from(get(await runProgram(reference, one.program, given), 'y'))
    }
    const left = dot(await apply(conv, x, weight), t)
    expect(Math.abs(left - dot(x, await apply(up, t, weight)))).toBeLessThan(1e-10)
    expect(Math.abs(left - dot(x, await apply(up, t, weight.toReversed())))).toBeGreaterThan(1e-3)
  }
})

/** Windows of pixels, each reduced to one value; the greatest hands its gradient to its first pixel. */
interface Bins {
  readonly y: Shape
  /** Rows and columns of the picture that output (i, j) looks at, and what an average divides by. */
  readonly bin: (i: number, j: number) => readonly [rows: number[], columns: number[], count?: number]
}

function reduced(kind: string, x: Shape, { y, bin }: Bins, given: Data, last = false): Data {
  const [values, r] = [given['x'] ?? new Float64Array(), given['r.y'] ?? new Float64Array()]
  const [out, dx] = [new Float64Array(sizeOf(y)), new Float64Array(values.length)]
  for (let n = 0; n < at(y, 0); n++)
    for (let i = 0; i < at(y, 1); i++)
      for (let j = 0; j < at(y, 2); j++)
        for (let c = 0; c < at(y, 3); c++) {
          const [rows, columns, count = rows.length * columns.length] = bin(i, j)
          const pixels = rows.flatMap((h) => columns.map((w) => place4(x, n, h, w, c)))
          const to = place4(y, n, i, j, c)
          if (kind === 'average') {
            for (const pixel of pixels) {
              out[to] = at(out, to) + at(values, pixel) / count
              dx[pixel] = at(dx, pixel) + at(r, to) / count
            }
            continue
          }
          const best = pixels.reduce((a, b) => (at(values, b) > at(values, a) ? b : a))
          const chosen = last ? at(pixels, pixels.length - 1) : best
          out[to] = at(values, chosen)
          dx[chosen] = at(dx, chosen) + at(r, to)
        }
  return { y: out, 'd.x': dx }
}

const range = (from: number, to: number) => Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i)

describe.each(engines)('on the %s', (_title, backend, tolerance) => {
  async function check(one: Case, bins: (x: Shape, y: Shape) => Bins, picture = (shape: Shape) => shape) {
    const { given, found, shape } = await run(one, backend)
    const [x, y] = [picture(at(Object.values(one.inputs), 0)), picture(shape)]
    const kind = String(one.params['kind'])
    const expected = reduced(kind, x, bins(x, y), given)
    expect(wrongBy(found, expected, tolerance), JSON.stringify(one)).toBeUndefined()
    // The control: of a maximum the last pixel instead, of an average the maximum.
    const other = reduced('max', x, bins(x, y), given, kind === 'max')
    return wrongBy(found, other, tolerance) !== undefined
  }

  test('pooling is what loops over its windows give', async () => {
    let tried = 0
    let noticed = 0
    for (let seed = 0; tried < 60; seed++) {
      const rng = new Rng(seed, 'pooling')
      const flat = rng.integer(3) === 0
      const pair = (draw: () => number, unit: number): [number, number] => (flat ? [unit, draw()] : two(draw))
      const one = <T>(values: readonly [T, T]) => (flat ? values[1] : values)
      const size = pair(() => 1 + rng.integer(4), 1)
      const stride = pair(() => rng.integer(4), 1)
      const length = pair(() => 1 + rng.integer(8), 1)
      const amount = pair(() => rng.integer(3), 0)
      const padding = pick(rng, ['valid', 'same', 'explicit'])
      const [kind, countPadding] = [pick(rng, ['max', 'average']), rng.integer(2) === 0]
      const params = {
        kind,
        countPadding,
        padding,
        size: one(size),
        stride: one(stride),
        paddingAmount: one(amount),
      }
      const x = [2, ...(flat ? [length[1]] : length), 1 + rng.integer(9)]
      const drawn = { type: flat ? 'pooling1d' : 'pooling', params, inputs: { x } }
      if (!attempt(() => blockProgram(blockOf(drawn.type), params, drawn.inputs)).ok) continue
      tried++
      const step = [0, 1].map((i) => at(stride, i) || at(size, i))
      const before = [0, 1].map((i) =>
        padding === 'same'
          ? sameBefore(at(length, i), at(size, i), at(step, i))
          : padding === 'explicit'
            ? at(amount, i)
            : 0,
      )
      const along = (axis: number, out: number) => {
        const first = out * at(step, axis) - at(before, axis)
        return range(Math.max(first, 0), Math.min(first + at(size, axis), at(length, axis)))
      }
      const bins = (_x: Shape, y: Shape): Bins => ({
        y,
        bin: (i, j) => {
          const [rows, columns] = [along(0, i), along(1, j)]
          return countPadding ? [rows, columns, size[0] * size[1]] : [rows, columns]
        },
      })
      if (await check(drawn, bins, (shape) => (flat ? [at(shape, 0), 1, ...shape.slice(1)] : shape))) noticed++
    }
    expect(noticed).toBeGreaterThan(35)
  })

  test('adaptive pooling has the bounds ⌊i L / n⌋ and ⌈(i + 1) L / n⌉', async () => {
    let noticed = 0
    for (let seed = 0; seed < 30; seed++) {
      const rng = new Rng(seed, 'adaptive')
      const size = two(() => 1 + rng.integer(6))
      const params = { kind: pick(rng, ['max', 'average']), size }
      const x = [2, 1 + rng.integer(9), 1 + rng.integer(9), 1 + rng.integer(4)]
      const along = (length: number, count: number, i: number) =>
        range(Math.floor((i * length) / count), Math.ceil(((i + 1) * length) / count))
      const bins = (from: Shape, y: Shape): Bins => ({
        y,
        bin: (i, j) => [along(at(from, 1), size[0], i), along(at(from, 2), size[1], j)],
      })
      if (await check({ type: 'adaptivePooling', params, inputs: { x } }, bins)) noticed++
    }
    expect(noticed).toBeGreaterThan(20)
  })

  test('global pooling is the mean, or the greatest, of everything between batch and channels', async () => {
    for (const kind of ['average', 'max'])
      for (const x of [
        [2, 3, 5, 4],
        [3, 7, 2],
        [2, 1, 1, 3],
        [2, 2, 3, 2, 2],
      ]) {
        const picture = (shape: Shape) => [at(shape, 0), 1, sizeOf(shape.slice(1, -1)), at(shape, shape.length - 1)]
        const noticed = await check(
          { type: 'globalPooling', params: { kind }, inputs: { x } },
          (from, y) => ({ y, bin: () => [[0], range(0, at(from, 2))] }),
          picture,
        )
        expect(noticed).toBe(sizeOf(x.slice(1, -1)) > 1)
      }
  })

  test('upsampling repeats pixels, or weighs the two nearest', async () => {
    const cases: [Shape, [number, number]][] = [
      [
        [2, 3, 4, 2],
        [2, 3],
      ],
      [
        [2, 1, 5, 3],
        [4, 1],
      ],
      [
        [3, 2, 1, 1],
        [1, 5],
      ],
      [
        [2, 4, 3, 5],
        [3, 2],
      ],
    ]
    for (const [x, factor] of cases)
      for (const method of ['nearest', 'bilinear']) {
        const { given, found, shape } = await run(
          { type: 'upsampling', params: { method, factor }, inputs: { x } },
          backend,
        )
        /** Which old pixels a new one is made of, with their weights. */
        const parts = (by: string, axis: 1 | 2, i: number): [number, number][] => {
          const scale = at(factor, axis - 1)
          if (by === 'nearest') return [[Math.floor(i / scale), 1]]
          const place = Math.min(Math.max((i + 0.5) / scale - 0.5, 0), at(x, axis) - 1)
          const first = Math.floor(place)
          return [
            [first, 1 - (place - first)],
            [Math.min(first + 1, at(x, axis) - 1), place - first],
          ]
        }
        const expected = (by: string): Data => {
          const [y, dx] = [new Float64Array(sizeOf(shape)), new Float64Array(sizeOf(x))]
          for (let n = 0; n < at(shape, 0); n++)
            for (let i = 0; i < at(shape, 1); i++)
              for (let j = 0; j < at(shape, 2); j++)
                for (let c = 0; c < at(shape, 3); c++)
                  for (const [h, a] of parts(by, 1, i))
                    for (const [w, b] of parts(by, 2, j)) {
                      const [to, from] = [place4(shape, n, i, j, c), place4(x, n, h, w, c)]
                      y[to] = at(y, to) + a * b * at(given['x'] ?? [], from)
                      dx[from] = at(dx, from) + a * b * at(given['r.y'] ?? [], to)
                    }
          return { y, 'd.x': dx }
        }
        expect(wrongBy(found, expected(method), tolerance), `${method} ${factor.join()}`).toBeUndefined()
        const other = method === 'nearest' ? 'bilinear' : 'nearest'
        const alike = x.every((size, axis) => (axis !== 1 && axis !== 2) || size === 1 || at(factor, axis - 1) === 1)
        expect(wrongBy(found, expected(other), tolerance) !== undefined).toBe(!alike)
      }
  })

  test('layout blocks move every number to where their formula says, and its gradient back', async () => {
    /** Where element `index` of y comes from: port and index, or a number of its own. */
    type From = (index: number[]) => readonly [port: string, index: number[]] | number
    const moves: readonly (Case & { readonly from: From })[] = [
      {
        type: 'padding',
        params: { top: 1, bottom: 2, left: 3, right: 0, value: 0.25 },
        inputs: { x: [2, 3, 2, 2] },
        from: ([n = 0, i = 0, j = 0, c = 0]) => (i < 1 || i > 3 || j < 3 ? 0.25 : ['x', [n, i - 1, j - 3, c]]),
      },
      {
        type: 'permute',
        params: { order: [3, 1, 2] },
        inputs: { x: [2, 3, 4, 5] },
        from: ([n = 0, c = 0, i = 0, j = 0]) => ['x', [n, i, j, c]],
      },
      {
        type: 'reshape',
        params: { shape: [2, -1, 3] },
        inputs: { x: [2, 4, 6] },
        from: ([n = 0, i = 0, j = 0, k = 0]) => {
          const place = (i * 4 + j) * 3 + k
          return ['x', [n, Math.floor(place / 6), place % 6]]
        },
      },
      {
        type: 'flatten',
        params: {},
        inputs: { x: [2, 2, 3, 2] },
        from: ([n = 0, k = 0]) => ['x', [n, Math.floor(k / 6), Math.floor(k / 2) % 3, k % 2]],
      },
      {
        type: 'concat',
        params: { axis: 2 },
        inputs: { a: [2, 2, 3, 2], b: [2, 2, 1, 2], c: [2, 2, 4, 2] },
        from: ([n = 0, i = 0, j = 0, k = 0]) =>
          j < 3 ? ['a', [n, i, j, k]] : j < 4 ? ['b', [n, i, j - 3, k]] : ['c', [n, i, j - 4, k]],
      },
      {
        type: 'concat',
        params: {},
        inputs: { a: [3, 1], b: [3, 2], c: [3, 3], d: [3, 2] },
        from: ([n = 0, k = 0]) =>
          k < 1 ? ['a', [n, k]] : k < 3 ? ['b', [n, k - 1]] : k < 6 ? ['c', [n, k - 3]] : ['d', [n, k - 6]],
      },
    ]
    for (const one of moves) {
      const { given, found, shape } = await run(one, backend)
      const moved = (shift: number): Data => {
        const expected: { [name: string]: Float64Array } = { y: new Float64Array(sizeOf(shape)) }
        for (const [port, size] of Object.entries(one.inputs)) expected[`d.${port}`] = new Float64Array(sizeOf(size))
        const strides = stridesOf(shape)
        expected['y']?.forEach((_, k, y) => {
          const index = strides.map((stride, axis) => Math.floor(k / stride) % at(shape, axis))
          const from = one.from(index)
          if (typeof from === 'number') {
            y[k] = from
            return
          }
          const [port, origin] = from
          const size = at([one.inputs[port] ?? []], 0)
          const place = (stridesOf(size).reduce((sum, s, axis) => sum + s * at(origin, axis), 0) + shift) % sizeOf(size)
          y[k] = at(given[port] ?? [], place)
          const back = expected[`d.${port}`]
          if (back) back[place] = at(given['r.y'] ?? [], k)
        })
        return expected
      }
      expect(wrongBy(found, moved(0), tolerance), JSON.stringify(one)).toBeUndefined()
      expect(wrongBy(found, moved(1), tolerance)).toMatch(/differ/)
    }
  })
})

test('Reshape after Flatten brings the picture back', () => {
  const g = newBlockBuilder()
  const x = g.input('x', 'data', [2, 3, 4, 2])
  const flat = at(Object.values(place(g, blockOf('flatten'), {}, { x })), 0)
  const back = at(Object.values(place(g, blockOf('reshape'), { shape: [3, 4, 2] }, { x: flat })), 0)
  expect(back.shape).toEqual(x.shape)
})

describe('what does not fit is refused with what to do:', () => {
  const cases: readonly [type: string, params: ParamValues, inputs: Case['inputs'], sentence: string][] = [
    [
      'conv2d',
      { filters: 4, groups: 2 },
      { x: [2, 5, 5, 3] },
      '2 groups must divide the 3 channels of x and the 4 filters without a rest; change Groups or Filters.',
    ],
    [
      'conv2d',
      { dilation: [3, 1], padding: 'explicit' },
      { x: [2, 4, 5, 1] },
      'a window over 7 × 3 pixels does not fit into a picture of 4 × 5 with its padding (6 × 7); make the window smaller or add padding.',
    ],
    [
      'depthwiseConv2d',
      { kernel: [5, 5] },
      { x: [2, 4, 5, 1] },
      'A 5 × 5 window does not fit into an image of 4 × 5; make the window smaller or add padding.',
    ],
    [
      'conv1d',
      {},
      { x: [2, 5, 5, 3] },
      'input x must be a sequence [batch, time, channels], but has shape B × 5 × 5 × 3; a Reshape lays it out as one.',
    ],
    [
      'conv1d',
      { kernel: 4, dilation: 2 },
      { x: [2, 6, 3] },
      'a window over 7 times does not fit into a sequence of 6; make the window smaller or add padding.',
    ],
    [
      'upconv2d',
      { outputPadding: [2, 1], dilation: [2, 1] },
      { x: [2, 3, 3, 1] },
      'output padding 2 × 1 must be smaller than the stride 2 × 2 or than the dilation 2 × 1.',
    ],
    [
      'upconv2d',
      { padding: [4, 4] },
      { x: [2, 3, 3, 1] },
      'the padding cuts everything off: the result would be 0 × 0 pixels.',
    ],
    [
      'pooling',
      { padding: 'explicit', paddingAmount: [1, 2] },
      { x: [2, 5, 5, 1] },
      'a padding amount of 1 × 2 must be smaller than the window 2 × 2, or some windows would hold nothing but padding.',
    ],
    [
      'pooling1d',
      { size: 8 },
      { x: [2, 5, 1] },
      'a window over 8 times does not fit into a sequence of 5; make the window smaller or add padding.',
    ],
    [
      'globalPooling',
      {},
      { x: [2, 5] },
      'input x must be a picture or a sequence with channels last, but has shape B × 5; connect it before the picture is flattened.',
    ],
    [
      'reshape',
      { shape: [5, -1] },
      { x: [2, 3, 4] },
      "12 numbers of each example (B × 3 × 4) can't be laid out as 5, -1, because 5 does not divide 12; change the shape.",
    ],
    [
      'reshape',
      { shape: [5, 2] },
      { x: [2, 3, 4] },
      "12 numbers of each example (B × 3 × 4) can't be laid out as 5, 2, which holds 10; change the shape, or give one of its axes as -1.",
    ],
    [
      'reshape',
      { shape: [-1, -1] },
      { x: [2, 3, 4] },
      'the shape -1, -1 leaves more than one axis open; give at most one -1.',
    ],
    [
      'permute',
      { order: [1, 1] },
      { x: [2, 3, 4] },
      'the order 1, 1 must name each of the 2 axes of x (B × 3 × 4) after the batch once: 1, 2 in the order that you want.',
    ],
    [
      'concat',
      {},
      { a: [2, 3, 4], b: [2, 2, 4] },
      'a has shape B × 3 × 4 and b B × 2 × 4; to be joined along axis 2 they must agree in all others.',
    ],
    [
      'concat',
      { axis: 0 },
      { a: [2, 3], b: [2, 3] },
      'axis 0 is the batch, and examples are not joined with one another; choose 1, 2, … or -1.',
    ],
    [
      'concat',
      { axis: 2 },
      { a: [2, 3], b: [2, 3] },
      'a has shape B × 3 and so no axis 2; choose one from 1 to 1, or -1 for the last.',
    ],
    ['add', {}, { a: [2, 3], b: [2, 3], d: [2, 4] }, 'a has shape B × 3 and d B × 4; they must be equal.'],
  ]
  test.each(cases)('%s %j', (type, params, inputs, sentence) => {
    const found = attempt(() => blockProgram(blockOf(type), params, inputs))
    expect(found.ok ? 'no problem' : found.problems.map(({ message }) => message).join()).toBe(sentence)
  })
})

test.each<[string, ParamValues, Shape]>([
  ['adaptivePooling', { size: [2e9, 3] }, [2, 4, 4, 1]],
  ['upsampling', { factor: [1e5, 1e5] }, [2, 4, 4, 1]],
  ['upsampling', { factor: [1e9, 1], method: 'bilinear' }, [2, 4, 4, 1]],
  ['padding', { left: 2e9 }, [2, 4, 4, 1]],
  ['depthwiseConv2d', { multiplier: 2e9 }, [2, 4, 4, 3]],
  ['conv1d', { filters: 2e9 }, [2, 4, 3]],
  ['upconv2d', { stride: [1e6, 1e6] }, [2, 4, 4, 1]],
])('%s %j is refused at once when no memory could hold it', (type, params, x) => {
  const found = attempt(() => blockProgram(blockOf(type), params, { x }))
  expect(found.ok ? 'no problem' : found.problems.map(({ message }) => message).join()).toMatch(
    /^A tensor of shape .* would need .*; the most that one tensor may have is 2.15 GB\.$/,
  )
})
