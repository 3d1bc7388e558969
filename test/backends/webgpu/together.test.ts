/** Kernels that share a dispatch, against the same kernels one by one in f64; and how many dispatches there are. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../../src/base/assert.ts'
import { Rng } from '../../../src/base/rng.ts'
import { sizeOf, stridesOf, type Shape } from '../../../src/base/shape.ts'
import { compilePlan } from '../../../src/backends/webgpu/compile.ts'
import { webgpuBackend } from '../../../src/backends/webgpu/index.ts'
import { mapViews } from '../../../src/ir/access.ts'
import type { Kernel, LoopKernel, Scalar, View } from '../../../src/ir/kernel.ts'
import { after } from '../../../src/node/dawn.ts'
import { documentOf, workloads } from '../../../bench/workloads.ts'
import { difference, expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { networkOf } from '../../helpers/train-steps.ts'
import { shipped } from '../../models/shipped.ts'
import { cases } from '../kernel-cases.ts'
import { expectedOf, planOf, runKernels, type Buffer } from '../oracle.ts'
import { Sandbox } from '../sandbox.ts'
import { gpuWith } from './changed.ts'
import { missing, openDevice, titled } from './gpu.ts'

const path = 'test'
const load = (i: number): Scalar => ({ op: 'load', load: i, dtype: 'float' })
const result: Scalar = { op: 'result', dtype: 'float' }
const constant = (value: number): Scalar => ({ op: 'constant', value, dtype: 'float' })
const numbers = (rng: Rng, size: number): Buffer => ({
  dtype: 'float',
  data: Array.from({ length: size }, () => rng.normal() / 2),
})

const planFor = (kernels: readonly Kernel[], buffers: readonly Buffer[]) =>
  planOf(
    kernels,
    buffers.map(({ dtype }) => dtype),
    buffers.map(({ data }) => data.length),
  )
const dispatchesOf = (kernels: readonly Kernel[], buffers: readonly Buffer[]) =>
  get(compilePlan(planFor(kernels, buffers)).entries, 'main').dispatches

/** Kernels of up to `rows` x 33 elements at random places of one buffer, so that they depend on each other in all ways. */
function randomProgram(rng: Rng, count: number, rows: number, words: number): Kernel[] {
  const pick = <T>(...items: readonly T[]): T => at(items, rng.integer(items.length))
  const extent = (view: View, shape: Shape) =>
    shape.reduce((sum, size, axis) => sum + (size - 1) * (view.strides[axis] ?? 0), 1)
  const somewhere = (shape: Shape, turned = false): View => {
    const strides = turned ? [...stridesOf([...shape].reverse())].reverse() : stridesOf(shape)
    return { buffer: 0, offset: rng.integer(words - sizeOf(shape) + 1), strides }
  }
  /** Beside everything that the kernel reads. */
  const away = (shape: Shape, reads: readonly (readonly [View, Shape])[]): View => {
    for (;;) {
      const view = somewhere(shape)
      if (
        reads.every(
          ([read, of]) => view.offset + sizeOf(shape) <= read.offset || read.offset + extent(read, of) <= view.offset,
        )
      )
        return view
    }
  }
  return Array.from({ length: count }, (): Kernel => {
    const [m, n, k] = [pick(1, 2, 5, rows), pick(1, 3, 16, 33), pick(1, 7, 20)]
    const epilogue = (shape: Shape, scale: number, reads: readonly (readonly [View, Shape])[]) => ({
      loads: [],
      body: [result, constant(scale), { op: 'mul', a: 0, b: 1, dtype: 'float' } as Scalar],
      stores: [{ view: away(shape, reads), value: 2 }],
    })
    switch (rng.integer(4)) {
      case 0: {
        const [a, b] = [somewhere([1, m, k]), pick(true, false) ? somewhere([1, k, n]) : somewhere([1, k, n], true)]
        const reads = [
          [a, [1, m, k]],
          [b, [1, k, n]],
        ] as const
        return { kind: 'dot', path, batch: 1, m, n, k, a, b, epilogue: epilogue([1, m, n], 1 / Math.sqrt(k), reads) }
      }
      case 1: {
        const over = pick([k], [2, k])
        const shape = pick([], [m], [Math.min(m, 17), 2])
        const from = somewhere([...shape, ...over], pick(true, false))
        const kept = epilogue(shape, 1 / Math.sqrt(sizeOf(over)), [[from, [...shape, ...over]]])
        const op = pick('sum' as const, 'max' as const)
        return { kind: 'reduce', path, op, shape, over, loads: [from], body: [load(0)], value: 0, epilogue: kept }
      }
      default: {
        const shape = [m, n]
        const own = somewhere(shape)
        // In place, or from one place to another with a row for all.
        const beside = somewhere([n])
        const loads = [own, pick(own, { ...beside, strides: [0, 1] })]
        const inPlace = at(loads, 1) === own
        const to = inPlace
          ? own
          : away(shape, [
              [own, shape],
              [beside, [n]],
            ])
        return {
          kind: 'map',
          path,
          shape,
          expression: {
            loads,
            body: [load(0), load(1), { op: 'sub', a: 1, b: 0, dtype: 'float' }, constant(0.5), ...halfOf],
            stores: [{ view: to, value: 5 }],
          },
        }
      }
    }
  })
}
const halfOf: readonly Scalar[] = [
  { op: 'mul', a: 2, b: 3, dtype: 'float' },
  { op: 'add', a: 4, b: 0, dtype: 'float' },
]

/** The turns of a loop one after the other. */
const unrolled = ({ count, kernels }: LoopKernel): Kernel[] =>
  Array.from({ length: count }, (_, turn) =>
    kernels.map((kernel) =>
      mapViews(kernel, ({ turn: by = 0, ...view }) => ({ ...view, offset: view.offset + by * turn })),
    ),
  ).flat()

interface Recurrence {
  readonly batch: number
  readonly hidden: number
  readonly turns: number
  readonly backwards?: boolean
  readonly mixing?: boolean
}

/**
 * gates = x[t] + state weights; state = tanh of the first half times the second, less its mean over the features (or, mixing,
 * over the examples); sequence[t] = state. Sequences are [turns, batch, …] or [batch, turns, …].
 */
function recurrence(rng: Rng, { batch, hidden, turns, backwards = false, mixing = false }: Recurrence) {
  const gates = 2 * hidden
  const sequence = (width: number): View => {
    const byTime = rng.integer(2) === 0
    const turn = byTime ? batch * width : width
    const start = backwards ? (turns - 1) * turn : 0
    return { buffer: 0, offset: start, strides: [byTime ? width : turns * width, 1], turn: backwards ? -turn : turn }
  }
  const sizes = [
    turns * batch * gates,
    turns * batch * hidden,
    batch * hidden,
    hidden * gates,
    batch * gates,
    2 * batch,
  ]
  const buffers = [...sizes, hidden].map((size) => numbers(rng, size))
  // Buffers: 0 inputs, 1 the sequence of states, 2 the state, 3 weights, 4 gates, 5 means over features, 6 over examples.
  const x = sequence(gates)
  const inDot = (view: View): View => ({ ...view, strides: [0, ...view.strides] })
  const rows = (buffer: number, width: number, offset = 0): View => ({ buffer, offset, strides: [width, 1] })
  const state = rows(2, hidden)
  const product: Kernel = {
    kind: 'dot',
    path,
    batch: 1,
    m: batch,
    n: gates,
    k: hidden,
    a: inDot(state),
    b: inDot(rows(3, gates)),
    epilogue: {
      loads: [inDot(x)],
      body: [result, constant(1 / Math.sqrt(hidden)), { op: 'mul', a: 0, b: 1, dtype: 'float' }, load(0), plus(2, 3)],
      stores: [{ view: inDot(rows(4, gates)), value: 4 }],
    },
  }
  const map = (loads: readonly View[], body: readonly Scalar[], ...to: View[]): Kernel => ({
    kind: 'map',
    path,
    shape: [batch, hidden],
    expression: { loads, body, stores: to.map((view) => ({ view, value: body.length - 1 })) },
  })
  const mean: Kernel = {
    kind: 'reduce',
    path,
    op: 'sum',
    shape: [mixing ? hidden : batch],
    over: [mixing ? batch : hidden],
    loads: [mixing ? { ...state, strides: [1, hidden] } : state],
    body: [load(0)],
    value: 0,
    epilogue: {
      loads: [],
      body: [result, constant(1 / (mixing ? batch : hidden)), { op: 'mul', a: 0, b: 1, dtype: 'float' }],
      stores: [{ view: { buffer: mixing ? 6 : 5, offset: 0, strides: [mixing ? 1 : 2] }, value: 2 }],
    },
  }
  const means: View = mixing ? { buffer: 6, offset: 0, strides: [0, 1] } : { buffer: 5, offset: 0, strides: [2, 0] }
  const kernels = [
    product,
    map(
      [rows(4, gates), rows(4, gates, hidden)],
      [load(0), { op: 'tanh', a: 0, dtype: 'float' }, load(1), { op: 'mul', a: 1, b: 2, dtype: 'float' }],
      state,
    ),
    mean,
    map([state, means], [load(0), load(1), { op: 'sub', a: 0, b: 1, dtype: 'float' }], state, {
      ...sequence(hidden),
      buffer: 1,
    }),
  ]
  const loop: LoopKernel & { readonly path: string } = { kind: 'loop', path, count: turns, kernels }
  return { loop, buffers }
}
const plus = (a: number, b: number): Scalar => ({ op: 'add', a, b, dtype: 'float' })

describe.skipIf(missing)(titled('together'), { timeout: 120_000 }, () => {
  const check = async (
    kernels: readonly Kernel[],
    right: readonly Kernel[],
    buffers: readonly Buffer[],
    what: string,
  ) => {
    const found = await runKernels(kernels, buffers, await openDevice())
    expectedOf(right, buffers).forEach((values, i) => {
      expectClose(at(found, i), values, TOLERANCE.f32.product, `${what}, buffer ${i}`)
    })
    return found
  }

  test.each([
    ['small ones', 17, 6],
    ['small and large ones', 400, 4],
  ])('kernels that depend on each other in any way: %s', async (name, rows, seeds) => {
    let [dispatches, complaints] = [0, 0]
    const count = 10
    for (let seed = 0; seed < seeds; seed++) {
      const rng = new Rng(seed, name)
      const words = 1000 + 100 * rows
      const buffers = [numbers(rng, words)]
      const kernels = randomProgram(rng, count, rows, words)
      dispatches += dispatchesOf(kernels, buffers).length
      const [found = []] = await check(kernels, kernels, buffers, `seed ${seed}`)
      // The comparison sees an order that is not theirs.
      const reversed = expectedOf([...kernels].reverse(), buffers)
      if (difference(found, at(reversed, 0), TOLERANCE.f32.product) !== undefined) complaints++
    }
    expect(dispatches).toBeLessThan((rows > 17 ? 0.9 : 0.2) * seeds * count)
    expect(complaints).toBeGreaterThanOrEqual(2)
  })

  test('kernels of each kind that have nothing to do with one another', async () => {
    const kinds = cases.filter(({ name }) => /^(map|reduce|dot|rows)/.test(name))
    const boxes = kinds.flatMap(({ name, make }) =>
      [0, 1].map((seed) => ({ make, box: new Sandbox(seed, `${name}s`) })),
    )
    const buffers: Buffer[] = []
    const kernels = boxes.map(({ make, box }) => {
      const [kernel, first] = [make(box), buffers.length]
      buffers.push(...box.buffers)
      return mapViews(kernel, (view) => ({ ...view, buffer: view.buffer + first }))
    })
    expect(kinds).toHaveLength(9)
    expect(dispatchesOf(kernels, buffers).length).toBeLessThan(kernels.length / 2)
    const found = await check(kernels, kernels, buffers, 'all')
    const wrong = expectedOf(kernels.slice(1), buffers)
    expect(wrong.some((values, i) => difference(at(found, i), values, TOLERANCE.f32.product) !== undefined)).toBe(true)
  })

  test.each<Recurrence>([
    { batch: 2, hidden: 3, turns: 1 },
    { batch: 3, hidden: 5, turns: 4 },
    { batch: 5, hidden: 40, turns: 3, backwards: true },
    { batch: 4, hidden: 7, turns: 5, backwards: true },
    { batch: 3, hidden: 150, turns: 2 },
    { batch: 3, hidden: 6, turns: 4, mixing: true },
    { batch: 4, hidden: 9, turns: 3, mixing: true, backwards: true },
  ])('a loop is one dispatch: $batch examples, $hidden features, $turns turns', async (size) => {
    for (const seed of [0, 1]) {
      const { loop, buffers } = recurrence(new Rng(seed, 'loop'), size)
      const [only, ...others] = dispatchesOf([loop], buffers)
      expect(others).toEqual([])
      expect(only?.grid).toEqual({ x: size.mixing ? 1 : size.batch, y: 1 })
      const found = await check([loop], unrolled(loop), buffers, `seed ${seed}`)
      const wrong = unrolled({ ...loop, count: loop.count - 1 })
      expect(difference(at(found, 1), at(expectedOf(wrong, buffers), 1), TOLERANCE.f32.product)).toBeDefined()
    }
  })

  test('a loop that does much is several dispatches, each some turns', async () => {
    const { loop, buffers } = recurrence(new Rng(0, 'long'), { batch: 2, hidden: 350, turns: 250 })
    const dispatches = dispatchesOf([loop], buffers)
    expect(dispatches.map(({ turn }) => turn)).toEqual([0, 201])
    await check([loop], unrolled(loop), buffers, 'long')
  })

  test('where a turn does much, its product is a dispatch of its own, and the rest another one', async () => {
    const { loop, buffers } = recurrence(new Rng(0, 'wide'), { batch: 2, hidden: 400, turns: 2 })
    expect(dispatchesOf([loop], buffers).map(({ turn }) => turn)).toEqual([0, 0, 1, 1])
    await check([loop], unrolled(loop), buffers, 'wide')
  })

  test('without its barriers a sequence is wrong, and so is a loop', async () => {
    const careless = await webgpuBackend({
      openGpu: async () =>
        gpuWith((device) => ({
          createShaderModule: ({ code }) =>
            device.createShaderModule({ code: code.replaceAll('storageBarrier();', '') }),
        })),
      after,
    }).open()
    if (!careless.ok) throw new Error('no device')
    const { loop, buffers } = recurrence(new Rng(0, 'careless'), { batch: 2, hidden: 40, turns: 3 })
    const kernels = unrolled(loop).slice(0, 4)
    for (const program of [[loop], kernels]) {
      const found = await runKernels(program, buffers, careless.value)
      const right = expectedOf(program === kernels ? kernels : unrolled(loop), buffers)
      expect(right.some((values, i) => difference(at(found, i), values, TOLERANCE.f32.product) !== undefined)).toBe(
        true,
      )
    }
    careless.value.dispose()
  })
})

/** Dispatches of a training step of a workload or a shipped document. */
function trainingOf(name: string) {
  const workload = workloads[name]
  const document = workload ? documentOf(workload) : shipped(name)
  const { plan } = networkOf(document, { train: 4 * document.training.batchSize, validation: 1 })
  const { entries } = compilePlan(plan)
  return { dispatches: get(entries, 'train').dispatches, entries: [...entries.values()] }
}

describe('dispatches of a training step', () => {
  test('the optimizer changes all weights in one', () => {
    const { dispatches } = trainingOf('W2_b32')
    const updates = dispatches.filter((one) =>
      ['a.weight', 'b.bias', 'c.bias'].every((name) => one.path.includes(name)),
    )
    expect(updates).toHaveLength(1)
    expect(dispatches.at(-1)).toBe(updates[0])
    expect(dispatches.length).toBeLessThanOrEqual(15)
  })

  test('a small network is one altogether', () => {
    expect(trainingOf('W1').dispatches).toHaveLength(1)
    const { entries } = trainingOf('iris')
    const codes = new Set(entries.flatMap(({ dispatches }) => dispatches.map(({ code }) => code)))
    expect(codes.size).toBeLessThanOrEqual(8)
  })

  test('the recurrence of an LSTM is one forwards and one backwards', () => {
    const { dispatches } = trainingOf('W5')
    const loops = dispatches.filter(({ code }) => code.includes('at++'))
    expect(loops.map(({ grid, turn }) => ({ ...grid, turn }))).toEqual([
      { x: 32, y: 1, turn: 0 },
      { x: 32, y: 1, turn: 0 },
    ])
    expect(dispatches.length).toBeLessThanOrEqual(16)
  })
})
