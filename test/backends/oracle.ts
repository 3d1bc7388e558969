/**
 * Every kernel kind as naive loops in f64, written from the definitions in src/ir/kernel.ts, and a runner that puts
 * kernels into a plan of one entry, for any backend. Buffers are arrays; the oracle changes copies of them as the kernel would.
 */
import { at } from '../../src/base/assert.ts'
import type { Expression, Kernel, Scalar, View } from '../../src/ir/kernel.ts'
import type { Plan, PlanBuffer, Slot } from '../../src/ir/plan.ts'
import type { Dtype } from '../../src/ir/program.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import type { Device } from '../../src/backends/types.ts'
import { firstWord } from '../helpers/threefry.ts'

export interface Buffer {
  readonly dtype: Dtype
  readonly data: readonly number[]
}

type Arrays = Float64Array[]
type Position = readonly number[]

export function eachPosition(shape: Shape, body: (position: Position) => void): void {
  const walk = (prefix: number[]) => {
    const size = shape[prefix.length]
    if (size === undefined) return body(prefix)
    for (let i = 0; i < size; i++) walk([...prefix, i])
  }
  walk([])
}

const address = (view: View, position: Position) =>
  view.offset + position.reduce((sum, p, axis) => sum + p * (view.strides[axis] ?? 0), 0)

const peek = (arrays: Arrays, view: View, position: Position) => at(at(arrays, view.buffer), address(view, position))

function scalar(
  line: Scalar,
  values: readonly number[],
  body: readonly Scalar[],
  load: (i: number) => number,
  position: Position,
  result: number,
): number {
  const a = 'a' in line ? at(values, line.a) : 0
  const b = 'b' in line ? at(values, line.b) : 0
  switch (line.op) {
    case 'load':
      return load(line.load)
    case 'constant':
      return line.value
    case 'index':
      return at(position, line.axis)
    case 'result':
      return result
    case 'neg':
      return -a
    case 'exp':
      return Math.exp(a)
    case 'log':
      return Math.log(a)
    case 'tanh':
      return Math.tanh(a)
    case 'sqrt':
      return Math.sqrt(a)
    case 'abs':
      return Math.abs(a)
    case 'isFinite':
      return Number.isFinite(a) ? 1 : 0
    case 'toFloat':
      return a
    case 'toInt':
      return Math.trunc(a)
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'div':
      return 'a' in line && at(body, line.a).dtype === 'int' ? Math.trunc(a / b) : a / b
    case 'max':
      return Math.max(a, b)
    case 'min':
      return Math.min(a, b)
    case 'less':
      return a < b ? 1 : 0
    case 'equal':
      return a === b ? 1 : 0
    case 'random': {
      const [position, step, seed] = [at(values, line.position), at(values, line.step), at(values, line.seed)]
      return Math.floor(firstWord([position, step], [line.stream, seed]) / 256) / 2 ** 24
    }
    case 'select':
      return at(values, line.condition) !== 0 ? a : b
    default:
      return line satisfies never
  }
}

function evaluate(body: readonly Scalar[], load: (i: number) => number, position: Position, result = NaN): number[] {
  const values: number[] = []
  for (const line of body) values.push(scalar(line, values, body, load, position, result))
  return values
}

/** An expression at one position. */
function express(arrays: Arrays, expression: Expression, position: Position, result = NaN): void {
  const values = evaluate(expression.body, (i) => peek(arrays, at(expression.loads, i), position), position, result)
  for (const { view, value } of expression.stores) at(arrays, view.buffer)[address(view, position)] = at(values, value)
}

/** Changes `arrays` as the kernel does. */
export function applyKernel(kernel: Kernel, arrays: Arrays): void {
  switch (kernel.kind) {
    case 'map':
      return eachPosition(kernel.shape, (position) => express(arrays, kernel.expression, position))
    case 'reduce':
      return eachPosition(kernel.shape, (position) => {
        let [sum, best, where] = [0, -Infinity, -1]
        eachPosition(kernel.over, (inner) => {
          const full = [...position, ...inner]
          const value = at(
            evaluate(kernel.body, (i) => peek(arrays, at(kernel.loads, i), full), full),
            kernel.value,
          )
          sum += value
          if (where < 0 || value > best) where = inner[0] ?? 0
          best = Number.isNaN(value) || Number.isNaN(best) ? NaN : Math.max(best, value)
        })
        express(arrays, kernel.epilogue, position, { sum, max: best, argMax: where }[kernel.op])
      })
    case 'dot': {
      const before = arrays.map((array) => array.slice())
      return eachPosition([kernel.batch, kernel.m, kernel.n], (position) => {
        const [b = 0, i = 0, j = 0] = position
        let sum = 0
        const [x, y] = [at(before, kernel.a.buffer), at(before, kernel.b.buffer)]
        const [xAt, yAt] = [address(kernel.a, [b, i, 0]), address(kernel.b, [b, 0, j])]
        const [xStep = 0, yStep = 0] = [kernel.a.strides[2], kernel.b.strides[1]]
        for (let p = 0; p < kernel.k; p++) sum += at(x, xAt + p * xStep) * at(y, yAt + p * yStep)
        express(arrays, kernel.epilogue, position, sum)
      })
    }
    case 'conv': {
      const { stride, dilation, padding, groups } = kernel.geometry
      const [n, h, w, c] = kernel.x
      const [kh, kw, inner, o] = kernel.w
      const [, rows, columns] = kernel.y
      const result = { forward: kernel.y, inputGradient: kernel.x, weightGradient: kernel.w }[kernel.variant]
      const sums = new Float64Array(sizeOf(result))
      const place = (shape: Shape, position: Position) =>
        position.reduce((sum, p, axis) => sum * at(shape, axis) + p, 0)
      const a = (i: number) => at(at(arrays, kernel.a.buffer), kernel.a.offset + i)
      const b = (i: number) => at(at(arrays, kernel.b.buffer), kernel.b.offset + i)
      // y[i, r, s, f] = sum x[i, r*stride + ky*dilation - padding, …, g*inner + q] w[ky, kx, q, f], and its two adjoints.
      eachPosition([n, rows, columns, o], ([i = 0, r = 0, s = 0, f = 0]) => {
        const group = Math.floor(f / (o / groups))
        eachPosition([kh, kw, inner], ([ky = 0, kx = 0, q = 0]) => {
          const y = r * stride[0] + ky * dilation[0] - padding[0][0]
          const x = s * stride[1] + kx * dilation[1] - padding[1][0]
          if (y < 0 || y >= h || x < 0 || x >= w) return
          const xAt = place([n, h, w, c], [i, y, x, group * inner + q])
          const wAt = place([kh, kw, inner, o], [ky, kx, q, f])
          const yAt = place([n, rows, columns, o], [i, r, s, f])
          if (kernel.variant === 'forward') sums[yAt] = at(sums, yAt) + a(xAt) * b(wAt)
          else if (kernel.variant === 'inputGradient') sums[xAt] = at(sums, xAt) + a(yAt) * b(wAt)
          else sums[wAt] = at(sums, wAt) + a(xAt) * b(yAt)
        })
      })
      return eachPosition(result, (position) =>
        express(arrays, kernel.epilogue, position, at(sums, place(result, position))),
      )
    }
    case 'pool': {
      const [n, h, w, c] = kernel.x
      const [, rows, columns] = kernel.y
      const { size, stride, padding } = kernel.window
      const out = at(arrays, kernel.output.buffer)
      const input = (k: number, i: number) =>
        at(at(arrays, at(kernel.inputs, k).buffer), at(kernel.inputs, k).offset + i)
      const toX = kernel.op === 'maxGradient' || kernel.op === 'sumGradient'
      if (toX) out.fill(0, kernel.output.offset, kernel.output.offset + n * h * w * c)
      return eachPosition([n, rows, columns, c], ([i = 0, r = 0, s = 0, q = 0]) => {
        const yAt = ((i * rows + r) * columns + s) * c + q
        let [best, where, sum] = [-Infinity, -1, 0]
        const inside: number[] = []
        eachPosition(size, ([ky = 0, kx = 0]) => {
          const y = r * stride[0] + ky - padding[0][0]
          const x = s * stride[1] + kx - padding[1][0]
          if (y < 0 || y >= h || x < 0 || x >= w) return
          const xAt = ((i * h + y) * w + x) * c + q
          inside.push(xAt)
          if (kernel.op === 'sumGradient') return
          const value = input(0, xAt)
          sum += value
          if (where < 0 || value > best || (Number.isNaN(value) && !Number.isNaN(best))) [best, where] = [value, xAt]
        })
        const add = (to: number, value: number) => {
          out[kernel.output.offset + to] = at(out, kernel.output.offset + to) + value
        }
        const put = (value: number) => {
          out[kernel.output.offset + yAt] = value
        }
        if (kernel.op === 'max') put(best)
        else if (kernel.op === 'sum') put(sum)
        else if (kernel.op === 'maxTangent') put(where < 0 ? 0 : input(1, where))
        else if (kernel.op === 'sumGradient') for (const to of inside) add(to, input(0, yAt))
        else if (where >= 0) add(where, input(1, yAt))
      })
    }
    case 'rows': {
      const { rowSize, output, source, indices } = kernel
      const out = at(arrays, output.buffer)
      if (kernel.op === 'scatter') out.fill(0, output.offset, output.offset + kernel.rows * rowSize)
      for (let i = 0; i < kernel.count; i++) {
        const row = peek(arrays, indices, [i])
        for (let j = 0; j < rowSize; j++) {
          if (kernel.op === 'take')
            out[output.offset + i * rowSize + j] = at(at(arrays, source.buffer), source.offset + row * rowSize + j)
          else {
            const to = output.offset + row * rowSize + j
            out[to] = at(out, to) + at(at(arrays, source.buffer), source.offset + i * rowSize + j)
          }
        }
      }
      return
    }
    case 'loop':
      throw new Error('loops are tested with what is in them, in test/ir/scan.test')
    default:
      kernel satisfies never
  }
}

const GUARD = 12345.678

/** A plan of one entry `main` over one slot `b0`, `b1`, … for each buffer, with guards between them. */
export function planOf(kernels: readonly Kernel[], dtypes: readonly Dtype[], sizes: readonly number[]): Plan {
  const buffers: PlanBuffer[] = []
  const slots: Slot[] = []
  let offset = 0
  sizes.forEach((size, i) => {
    for (const [name, id, length, dtype] of [
      [`b${i}`, i, size, at(dtypes, i)],
      [`guard${i}`, 1000 + i, 16, 'float'],
    ] as const) {
      buffers.push({ id, dtype, size: length, offset, stepBytes: 0 })
      slots.push({ name, role: 'state', shape: [length], dtype, buffer: id, rows: 1 })
      offset += Math.ceil((4 * length) / 64) * 64
    }
  })
  const program = { values: [], inputs: [], equations: [], outputs: [] }
  return { slots, buffers, arenaBytes: offset, entries: [{ name: 'main', chunk: 1, kernels, program }] }
}

/**
 * Contents of all buffers after the kernels; throws when something was written outside of a buffer. `apart`: each kernel is an
 * entry of its own, so that no backend can do anything about the others.
 */
export async function runKernels(
  kernels: readonly Kernel[],
  buffers: readonly Buffer[],
  device: Device,
  apart = false,
): Promise<number[][]> {
  const together = planOf(
    kernels,
    buffers.map((buffer) => buffer.dtype),
    buffers.map((buffer) => buffer.data.length),
  )
  const names = apart ? kernels.map((_, i) => `kernel${i}`) : ['main']
  const entries = together.entries.flatMap((entry) =>
    names.map((name, i) => ({ ...entry, name, kernels: apart ? [at(kernels, i)] : kernels })),
  )
  const executable = await device.compile({ ...together, entries })
  const guard = new Float32Array(16).fill(GUARD)
  // At once, in this order: a device may be far away.
  await Promise.all(
    buffers.flatMap(({ data }, i) => [
      executable.write(`b${i}`, Float64Array.from(data)),
      executable.write(`guard${i}`, guard),
    ]),
  )
  await Promise.all(names.map((name) => executable.run([{ entry: name, steps: 1 }])))
  const out = await Promise.all(
    buffers.map(async (_, i) => {
      const [values, after] = await Promise.all([executable.read(`b${i}`), executable.read(`guard${i}`)])
      if (after.some((value) => value !== guard[0])) throw new Error(`something was written behind buffer ${i}`)
      return [...values]
    }),
  )
  executable.dispose()
  return out
}

/** What the kernels should leave in the buffers, from the same rounded inputs. */
export function expectedOf(kernels: readonly Kernel[], buffers: readonly Buffer[]): number[][] {
  const arrays = buffers.map(({ dtype, data }) =>
    Float64Array.from(data, (value) => (dtype === 'float' ? Math.fround(value) : Math.trunc(value))),
  )
  for (const kernel of kernels) applyKernel(kernel, arrays)
  return arrays.map((array) => [...array])
}
