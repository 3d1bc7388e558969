/**
 * How fast single kernels are: products of the shapes of W2 and all convolutions of W3, W4 and W6, each beside the peak of
 * this core, which a loop that stays in registers shows, and products beside OpenBLAS. All take turns within one run, and
 * of each the best counts: on a machine that is shared, noise only ever takes away.
 */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { assert, at } from '../src/base/assert.ts'
import { sizeOf, stridesOf, type Shape } from '../src/base/shape.ts'
import type { Device } from '../src/backends/types.ts'
import { chooseVariant } from '../src/backends/wasm/choose.ts'
import { ModuleBuilder, type Local } from '../src/backends/wasm/emitter.ts'
import { CpuDevice } from '../src/backends/wasm/index.ts'
import type { Variant } from '../src/backends/wasm/variant.ts'
import type { ConvKernel, DotKernel, Kernel, View } from '../src/ir/kernel.ts'
import type { Plan, PlanBuffer, Slot } from '../src/ir/plan.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { root } from '../scripts/setup.mjs'
import { start } from './ask.mjs'
import { networkOf, workloadOf } from './workloads.ts'

/** A kernel whose operands and result are dense: buffers 0, 1 and 2. */
export interface Sample {
  readonly name: string
  readonly kernel: (DotKernel | ConvKernel) & { readonly path: string }
  /** Of both operands and the result, as they lie in memory. */
  readonly shapes: readonly [Shape, Shape, Shape]
  /** Multiply-adds, those with padding among them. */
  readonly products: number
}

const whole = (buffer: number, strides: readonly number[]): View => ({ buffer, offset: 0, strides })
const bare = (result: Shape) => ({
  loads: [],
  body: [{ op: 'result', dtype: 'float' } as const],
  stores: [{ view: whole(2, stridesOf(result)), value: 0 }],
})

/** [m, k] times [k, n]; an operand may lie transposed. */
export function product(
  name: string,
  [m, k, n]: readonly [number, number, number],
  { transposeA = false, transposeB = false } = {},
): Sample {
  const a = whole(0, [0, ...(transposeA ? [1, m] : [k, 1])])
  const b = whole(1, [0, ...(transposeB ? [1, k] : [n, 1])])
  const kernel = { kind: 'dot', batch: 1, m, n, k, a, b, epilogue: bare([1, m, n]), path: name } as const
  const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n], [m, n]] as const
  return { name, kernel, shapes, products: m * n * k }
}

export type Convolution = Pick<ConvKernel, 'geometry' | 'x' | 'w' | 'y'>

export function convolution(name: string, variant: ConvKernel['variant'], { geometry, x, w, y }: Convolution): Sample {
  const shapes = { forward: [x, w, y], inputGradient: [y, w, x], weightGradient: [x, y, w] } as const
  const [a, b, result] = shapes[variant]
  const [left, right] = [whole(0, stridesOf(a)), whole(1, stridesOf(b))]
  const common = { kind: 'conv', variant, geometry, x, w, y, a: left, b: right } as const
  const kernel = { ...common, epilogue: bare(result), path: name }
  return { name, kernel, shapes: shapes[variant], products: sizeOf(y) * w[0] * w[1] * w[2] }
}

/** values[i], values[i + step], … of an operand or result. */
interface Row<T> {
  readonly values: T
  readonly first: number
  readonly step: number
}

/** to += a · b, `count` times. */
function accumulate(count: number, to: Row<Float64Array>, a: Row<Float32Array>, b: Row<Float32Array>): void {
  let [i, j, k] = [to.first, a.first, b.first]
  for (let n = 0; n < count; n++) {
    // Not `at`: this runs a billion times.
    to.values[i] = (to.values[i] ?? NaN) + (a.values[j] ?? NaN) * (b.values[k] ?? NaN)
    i += to.step
    j += a.step
    k += b.step
  }
}

/** The result in f64, as the definitions in src/ir/kernel.ts have it. */
export function naive({ kernel, shapes }: Sample, a: Float32Array, b: Float32Array): Float64Array {
  const values = new Float64Array(sizeOf(shapes[2]))
  if (kernel.kind === 'dot') {
    const [aRow, aStep] = [at(kernel.a.strides, 1), at(kernel.a.strides, 2)]
    const [bStep, bColumn] = [at(kernel.b.strides, 1), at(kernel.b.strides, 2)]
    for (let i = 0; i < kernel.m; i++)
      for (let p = 0; p < kernel.k; p++)
        accumulate(
          kernel.n,
          { values, first: i * kernel.n, step: 1 },
          { values: a, first: i * aRow + p * aStep, step: 0 },
          { values: b, first: p * bStep, step: bColumn },
        )
    return values
  }
  const { variant, geometry, x, w, y } = kernel
  assert(geometry.groups === 1, 'no workload has groups')
  for (let n = 0; n < y[0]; n++)
    for (let row = 0; row < y[1]; row++)
      for (let column = 0; column < y[2]; column++)
        for (let i = 0; i < w[0]; i++)
          for (let j = 0; j < w[1]; j++) {
            const above = row * geometry.stride[0] + i * geometry.dilation[0] - geometry.padding[0][0]
            const beside = column * geometry.stride[1] + j * geometry.dilation[1] - geometry.padding[1][0]
            if (above < 0 || above >= x[1] || beside < 0 || beside >= x[2]) continue
            for (let c = 0; c < w[2]; c++) {
              const inX = { first: ((n * x[1] + above) * x[2] + beside) * x[3] + c, step: 0 }
              const inW = { first: ((i * w[1] + j) * w[2] + c) * w[3], step: 1 }
              const inY = { first: ((n * y[1] + row) * y[2] + column) * y[3], step: 1 }
              const operands = {
                forward: [inY, inX, inW],
                inputGradient: [inX, inY, inW],
                weightGradient: [inW, inX, inY],
              }
              const [to, left, right] = operands[variant] as [typeof inX, typeof inX, typeof inX]
              accumulate(w[3], { values, ...to }, { values: a, ...left }, { values: b, ...right })
            }
          }
  return values
}

/** Largest difference from what is right, as a share of the largest right value. */
export function apart(got: ArrayLike<number>, right: ArrayLike<number>): number {
  let [difference, largest] = [0, 0]
  for (let i = 0; i < right.length; i++) {
    const one = Math.abs(at(got, i) - at(right, i))
    // Not a number is as wrong as can be.
    difference = Math.max(difference, Number.isNaN(one) ? Infinity : one)
    largest = Math.max(largest, Math.abs(at(right, i)))
  }
  return difference / largest
}

/** Sums of 32 thousand products in f32 stay within it; one product missed in them does not. */
const TOLERANCE = 1e-5

/** Enough steps for any turn. */
const CHUNK = 2 ** 20

/** A plan whose one entry, `kernel`, computes the sample again and again; slots `a`, `b` and `result`. */
export function planOf({ kernel, shapes }: Sample, chunk = CHUNK): Plan {
  let offset = 0
  const buffers = shapes.map((shape, id): PlanBuffer => {
    const buffer = { id, dtype: 'float', size: sizeOf(shape), offset, stepBytes: 0 } as const
    offset += Math.ceil((4 * buffer.size) / 64) * 64
    return buffer
  })
  const slots = ['a', 'b', 'result'].map((name, buffer): Slot => {
    const role = name === 'result' ? name : 'data'
    return { name, role, shape: at(shapes, buffer), dtype: 'float', buffer, rows: 1 }
  })
  const program = { values: [], inputs: [], equations: [], outputs: [] }
  return { slots, buffers, entries: [{ name: 'kernel', chunk, kernels: [kernel], program }], arenaBytes: offset }
}

/** Something timed: computes so many times. */
export type Runs = (times: number) => Promise<unknown> | number

/** How long a sample should take at least, in seconds, and how often it may compute. */
interface SampleSize {
  readonly least: number
  readonly most: number
}

/** Seconds of one, the best of as many samples as fit into `seconds`. */
export async function best(
  runs: Runs,
  seconds: number,
  size: SampleSize = { least: 0.001, most: CHUNK },
): Promise<number> {
  const time = async (times: number) => {
    const started = performance.now()
    await runs(times)
    return (performance.now() - started) / 1000 / times
  }
  // Several a sample, so that clock and call cost nothing; how many, a few show only where a call costs next to nothing.
  let [times, wanted] = [0, 1]
  while (wanted > 2 * times) {
    times = wanted
    wanted = Math.max(1, Math.min(size.most, Math.floor(size.least / (await time(times)))))
  }
  let least = Infinity
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;)
    least = Math.min(least, await time(wanted))
  return least
}

interface Ready {
  readonly runs: Runs
  /**
   * Computes once more and compares with `naive`; V8 makes other code of a function that has run often. `spoil` is for the test
   * of this very check.
   */
  readonly check: (spoil?: (result: Float32Array) => void) => Promise<void>
  readonly dispose: () => void
}

/** Random numbers from -0.5 to 0.5. */
function operandsOf({ shapes }: Sample): readonly [a: Float32Array, b: Float32Array] {
  let state = 1
  const operand = (shape: Shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return state / 2 ** 32
    })
  return [operand(shapes[0]), operand(shapes[1])]
}

interface Asked {
  /** Of the plan. */
  readonly chunk?: number
  /** How many rows of a product are compared, where all of them would take minutes. */
  readonly rows?: number
}

/** The kernel on the device, with random operands. */
export async function ready(sample: Sample, device: Device, { chunk, rows }: Asked = {}): Promise<Ready> {
  const executable = await device.compile(planOf(sample, chunk))
  const [a, b] = operandsOf(sample)
  await executable.write('a', a)
  await executable.write('b', b)
  const compared = rows === undefined ? { sample, pick: (values: Float32Array) => values } : someRows(sample, rows)
  const right = naive(compared.sample, compared.pick(a), b)
  return {
    runs: (times) => executable.run([{ entry: 'kernel', steps: times }]),
    check: async (spoil) => {
      await executable.write('result', new Float32Array(sizeOf(sample.shapes[2])).fill(NaN))
      await executable.run([{ entry: 'kernel', steps: 1 }])
      const result = (await executable.read('result')) as Float32Array
      spoil?.(result)
      const wrong = apart(compared.pick(result), right)
      if (!(wrong < TOLERANCE)) throw new Error(`${sample.name}: the result is wrong by ${wrong.toExponential(0)}`)
    },
    dispose: () => executable.dispose(),
  }
}

/** The product of some rows, the first and the last among them, and what picks them out of an operand or result. */
function someRows({ name, kernel }: Sample, count: number) {
  assert(kernel.kind === 'dot' && at(kernel.a.strides, 2) === 1, 'rows lie one after the other')
  const { m, k, n } = kernel
  const rows = Array.from({ length: count }, (_, i) => Math.round((i * (m - 1)) / (count - 1)))
  const pick = (values: Float32Array) => {
    const width = values.length / m
    const picked = new Float32Array(count * width)
    rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width))
    return picked
  }
  return { sample: product(name, [count, k, n]), pick }
}

const SUMS = 12
const UNROLL = 4

/** As many sums as hide the latency of a multiply-add, two operands, and nothing else: what registers alone can do. */
export async function peakOf(variant: Variant): Promise<{ readonly runs: Runs; readonly operations: number }> {
  // Only pairs of vectors become 256-bit instructions.
  const vectors = variant.name === 'wide' ? 2 : 1
  const module = new ModuleBuilder(variant)
  const index = module.add(['i32'], ['i32'], (f) => {
    const [times, zero, left] = [at(f.params, 0), f.local('i32'), f.local('i32')]
    const load = (from: number) =>
      Array.from({ length: vectors }, (_, v) => {
        const vector = f.local('v128')
        f.get(zero)
          .memory('v128.load', from + 16 * v)
          .set(vector)
        return vector
      })
    const [x, y] = [load(0), load(32)]
    const sums = Array.from({ length: SUMS }, (_, i) => load(64 + 32 * i))
    const step = (sum: Local, v: number) => {
      if (variant.madd) f.get(at(x, v)).get(at(y, v)).get(sum).op('f32x4.relaxed_madd')
      // The sum takes part in the product, which would else be the same each time.
      else f.get(sum).get(at(x, v)).op('f32x4.mul').get(at(y, v)).op('f32x4.add')
      f.set(sum)
    }
    f.get(times).set(left)
    f.loop(() => {
      for (let i = 0; i < UNROLL; i++) for (const sum of sums) sum.forEach(step)
      f.get(left).plus(-1).tee(left).branchIf(0)
    })
    const store = (sum: Local, to: number) => f.get(zero).get(sum).memory('v128.store', to)
    sums.forEach((sum, i) => sum.forEach((one, v) => store(one, 64 + 32 * i + 16 * v)))
    f.get(times)
  })
  module.export('peak', index)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const compiled = await WebAssembly.compile(module.finish(1))
  const { exports } = await WebAssembly.instantiate(compiled, { env: { memory } })
  const runs = exports['peak'] as unknown as (times: number) => number

  const floats = new Float32Array(memory.buffer).fill(0.5)
  runs(1)
  let right = 0.5
  for (let i = 0; i < UNROLL; i++) right = variant.madd ? right + 0.25 : 0.5 * right + 0.5
  for (let i = 0; i < SUMS; i++)
    for (let lane = 0; lane < 4 * vectors; lane++)
      assert(at(floats, 16 + 8 * i + lane) === right, 'the peak is measured with wrong arithmetic')
  return { runs, operations: 2 * 4 * vectors * SUMS * UNROLL }
}

/** Of 512³ and of the dense layers of W2; the first layer has no gradient by its input. */
function products(): Sample[] {
  const samples = [product('512 × 512 × 512', [512, 512, 512])]
  for (const workload of ['W2_b32', 'W2_b256']) {
    const { batch, features, chain } = workloadOf(workload)
    let inputs = at(features, 0)
    for (const [type, layer, params] of chain) {
      if (type !== 'dense') continue
      const outputs = Number(params?.['features'])
      const add = (what: string, dims: readonly [number, number, number], transposed = {}) =>
        samples.push(product(`${workload} ${layer} ${what}, ${dims.join(' × ')}`, dims, transposed))
      add('forward', [batch, inputs, outputs])
      add('by weight', [inputs, batch, outputs], { transposeA: true })
      if (layer !== 'a') add('by input', [batch, outputs, inputs], { transposeB: true })
      inputs = outputs
    }
  }
  return samples
}

const conversions = { forward: 'forward', weightGradient: 'by weight', inputGradient: 'by input' } as const

/** All three of each convolution, also where a workload does not need one. */
function convolutions(): Sample[] {
  return ['W3', 'W4', 'W6'].flatMap((name) => {
    const train = networkOf(workloadOf(name)).plan.entries.find((entry) => entry.name === 'train')
    const seen = new Map<string, ConvKernel & Kernel>()
    for (const kernel of train?.kernels ?? [])
      if (kernel.kind === 'conv') {
        const key = JSON.stringify([kernel.geometry, kernel.x, kernel.w])
        if (!seen.has(key)) seen.set(key, kernel)
      }
    const variants = ['forward', 'weightGradient', 'inputGradient'] as const
    return [...seen.values()].flatMap((kernel) => {
      const shapes = `${kernel.x.join(' × ')} by ${kernel.w.join(' × ')}`
      return variants.map((variant) => convolution(`${name} ${conversions[variant]}, ${shapes}`, variant, kernel))
    })
  })
}

interface Figures {
  readonly sample: Sample
  /** Seconds. */
  readonly ours: number
  readonly blas: number | undefined
}

/** Measures and prints; `--rounds` turns of `--seconds` each. */
export async function report(): Promise<void> {
  const { values: options } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '0.1' } },
  })
  const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)]
  allowWideVectors()
  const variant = await chooseVariant()
  const device = new CpuDevice(variant)
  const peak = await peakOf(variant)
  // Debian's own python has its packages; another one in front on the path has not.
  const python = '/usr/bin/python3'
  const blas = existsSync(python) ? start([python, join(root, 'bench', 'blas.py')]) : undefined
  let [peakSeconds, beside] = [Infinity, 'no NumPy here']

  const measure = async (sample: Sample): Promise<Figures> => {
    const { runs, check } = await ready(sample, device)
    await check()
    let [ours, theirs]: [number, number | undefined] = [Infinity, undefined]
    for (let round = 0; round < rounds; round++) {
      peakSeconds = Math.min(peakSeconds, await best(peak.runs, seconds / 2))
      ours = Math.min(ours, await best(runs, seconds))
      if (sample.kernel.kind !== 'dot') continue
      const { m, n, k, a, b } = sample.kernel
      const [transposeA, transposeB] = [at(a.strides, 1) === 1, at(b.strides, 2) !== 1]
      const answer = await blas?.ask({ m, n, k, transposeA, transposeB, seconds })
      if (!answer?.ok) continue
      theirs = Math.min(theirs ?? Infinity, Number(answer['seconds']))
      beside = `NumPy ${answer['numpy']} with ${answer['library']}`
    }
    await check()
    return { sample, ours, blas: theirs }
  }

  const [dots, convs]: [Figures[], Figures[]] = [[], []]
  for (const sample of products()) dots.push(await measure(sample))
  for (const sample of convolutions()) convs.push(await measure(sample))
  blas?.stop()

  const top = peak.operations / peakSeconds / 1e9
  const line = (...cells: readonly string[]) =>
    process.stdout.write(
      `${cells
        .map((cell, i) => (i === 0 ? cell.padEnd(64) : cell.padStart(9)))
        .join('')
        .trimEnd()}\n`,
    )
  const rate = ({ products }: Sample, time: number) => (2 * products) / time / 1e9
  const cells = ({ sample, ours }: Figures) => [
    sample.name,
    rate(sample, ours).toFixed(1),
    `${((100 * rate(sample, ours)) / top).toFixed(0)} %`,
  ]
  line(`${cpus()[0]?.model}, Node ${process.versions.node}, one thread; best of ${rounds} rounds of ${seconds} s`)
  line(`${variant.title}: ${top.toFixed(0)} GFLOP/s in registers; beside ${beside}`)
  line('')
  line('product, m × k × n', 'GFLOP/s', 'of peak', 'BLAS', 'ratio')
  for (const one of dots) {
    const { sample, ours, blas } = one
    line(...cells(one), ...(blas === undefined ? [] : [rate(sample, blas).toFixed(1), (blas / ours).toFixed(2)]))
  }
  line('')
  line('convolution, x by weights (products with padding are counted)', 'GFLOP/s', 'of peak')
  for (const one of convs) line(...cells(one))
}
