/**
 * Convolution and its two adjoints as products whose operands are read where they lie: which pixel a line and a step along k
 * mean is arithmetic. Each group of channels is a product of its own.
 *
 * In the gradient of the input, a tap meets only every so many pixels where the stride is more than one. Pixels that the same
 * taps meet are a product of their own too, so that nothing is multiplied by what is not there.
 */
import { expressionViews, int, sum } from './expression.ts'
import { split, type KernelEmitter, type KernelOf, type Target } from './kernel-code.ts'
import { productCode, type Operand, type Product } from './product.ts'

type Conv = KernelOf<'conv'>
type Axis = 0 | 1

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** first + a * b + … - what is subtracted, all constants but the positions. */
const linear = (terms: readonly (readonly [position: string, factor: number])[], less = 0): string =>
  sum(int(-less), terms)

/** Places of x: line and step of the pixels of y that windows lie at, and of the taps within a window, whichever is which. */
function placesOfX({ x: [, height, width, channels], w, y, geometry }: Conv, pixel: string, tap: string) {
  const [, rows, columns] = y
  const [taps, across, inner] = w
  const { stride, dilation, padding } = geometry
  const size = { 0: height, 1: width }
  const last = {
    0: (rows - 1) * stride[0] + (taps - 1) * dilation[0],
    1: (columns - 1) * stride[1] + (across - 1) * dilation[1],
  }
  const inside = ([0, 1] as const).every((axis) => padding[axis][0] <= 0 && last[axis] - padding[axis][0] < size[axis])
  const place = (positions: readonly string[], more: string) => {
    const address = `(down * ${width} + right) * ${channels} + ${more}`
    return [...positions, inside ? `return ${address};` : `return vec3<i32>(${address}, down, right);`]
  }
  return {
    pixels: place(
      [
        ...split(pixel, [0, rows, columns], 'pixel'),
        `let down = ${linear([['pixel1', stride[0]]], padding[0][0])};`,
        `let right = ${linear([['pixel2', stride[1]]], padding[1][0])};`,
      ],
      `pixel0 * ${height * width * channels}`,
    ),
    taps: place(
      [
        ...split(tap, [0, across, inner], 'tap'),
        `let down = tap0 * ${dilation[0]};`,
        `let right = tap1 * ${dilation[1]};`,
      ],
      `z * ${inner} + tap2`,
    ),
    ...(inside ? {} : { within: [height, width] as const }),
  }
}

/** Rows of y, or the weights as a matrix: `filters` to a row, of which each group has its own. */
function rowsOf({ w: [, , , filters], geometry: { groups } }: Conv, view: Conv['a'], { aligned }: Target): Operand {
  const each = filters / groups
  return {
    line: [`return z * ${each} + line;`],
    step: [`return k * ${filters};`],
    sideBySide: 'line',
    fours: each % 4 === 0 && aligned(view),
  }
}

function forward(kernel: Conv, target: Target): Product {
  const [height, width, inner, filters] = kernel.w
  const [images, rows, columns] = kernel.y
  const { groups } = kernel.geometry
  const { pixels, taps, ...within } = placesOfX(kernel, 'line', 'k')
  return {
    batch: groups,
    m: images * rows * columns,
    n: filters / groups,
    k: height * width * inner,
    a: { line: pixels, step: taps, ...within, sideBySide: 'k', fours: inner % 4 === 0 && target.aligned(kernel.a) },
    b: rowsOf(kernel, kernel.b, target),
    row: split('i', [images, rows, columns], 'pixel'),
    epilogue: kernel.epilogue,
    positions: (j) => ['pixel0', 'pixel1', 'pixel2', `(z * ${filters / groups} + ${j})`],
  }
}

function weightGradient(kernel: Conv, target: Target): Product {
  const [height, width, inner, filters] = kernel.w
  const [images, rows, columns] = kernel.y
  const { groups } = kernel.geometry
  const { pixels, taps, ...within } = placesOfX(kernel, 'k', 'line')
  return {
    batch: groups,
    m: height * width * inner,
    n: filters / groups,
    k: images * rows * columns,
    a: { line: taps, step: pixels, ...within, sideBySide: 'line', fours: inner % 4 === 0 && target.aligned(kernel.a) },
    b: rowsOf(kernel, kernel.b, target),
    row: split('i', [height, width, inner], 'tap'),
    epilogue: kernel.epilogue,
    positions: (j) => ['tap0', 'tap1', 'tap2', `(z * ${filters / groups} + ${j})`],
  }
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

/**
 * Positions of x along an axis that leave the same rest, `phase`, when divided by the stride: phase, phase + stride, … Those of
 * the taps that ever meet them are `first`, `first + period`, …, `count` in all, and tap number i of them meets at position
 * number r of them the element r + from - i * each of y.
 */
function phasesOf({ x, w, geometry }: Conv, axis: Axis) {
  const [stride, dilation, padding] = [geometry.stride[axis], geometry.dilation[axis], geometry.padding[axis][0]]
  const [size, taps] = [x[axis + 1] ?? 0, w[axis]]
  const divisor = commonDivisor(dilation, stride)
  const period = stride / divisor
  const phases = range(Math.min(stride, size)).map((phase) => {
    const first = range(Math.min(taps, period)).find((tap) => (phase + padding - tap * dilation) % stride === 0)
    if (first === undefined) return { first: 0, count: 0, from: 0 }
    return { first, count: Math.ceil((taps - first) / period), from: (phase + padding - first * dilation) / stride }
  })
  return { stride, size, period, each: dilation / divisor, positions: Math.ceil(size / stride), phases }
}

/** A number of each phase as WGSL. */
const ofPhase = (phase: string, values: readonly number[]): string =>
  values.reduceRight<string>((rest, value, i) => {
    if (i === values.length - 1 || values.slice(i).every((other) => other === value)) return int(value)
    return `select(${rest}, ${int(value)}, ${phase} == ${i})`
  }, '0')

function inputGradient(kernel: Conv, { aligned }: Target): Product {
  const [, width, inner, filters] = kernel.w
  const [images] = kernel.x
  const [, rows, columns] = kernel.y
  const { groups } = kernel.geometry
  const each = filters / groups
  const axes = [phasesOf(kernel, 0), phasesOf(kernel, 1)] as const
  const [down, right] = axes
  /** Which phase, and which group of channels. */
  const taken = split('z', [down.phases.length, right.phases.length, groups], 'part')
  const number = (axis: Axis, name: 'first' | 'count' | 'from') =>
    ofPhase(
      `part${axis}`,
      axes[axis].phases.map((phase) => phase[name]),
    )
  const most = (axis: Axis) => Math.max(...axes[axis].phases.map(({ count }) => count))
  const tap = [
    ...taken,
    `let channel = i32(u32(k) % ${each}u);`,
    `let tap = u32(k) / ${each}u;`,
    `let width = u32(${number(1, 'count')});`,
    'let tap0 = i32(tap / width);',
    'let tap1 = i32(tap % width);',
  ]
  const inside = ([0, 1] as const).every((axis) =>
    axes[axis].phases.every(
      ({ count, from }) =>
        count === 0 ||
        (from - (count - 1) * axes[axis].each >= 0 && from + axes[axis].positions <= (axis === 0 ? rows : columns)),
    ),
  )
  const place = (more: string) => {
    const address = `(down * ${columns} + right) * ${filters} + ${more}`
    return inside ? `return ${address};` : `return vec3<i32>(${address}, down, right);`
  }
  const fours = each % 4 === 0
  const depth = `return ${number(0, 'count')} * (${number(1, 'count')}) * ${each};`
  const all = [down, right].every(({ phases }) => phases.length === 1)
  return {
    batch: down.phases.length * right.phases.length * groups,
    m: images * down.positions * right.positions,
    n: inner,
    k: most(0) * most(1) * each,
    ...(all ? {} : { depth: [...taken, depth] }),
    a: {
      line: [
        ...taken,
        ...split('line', [images, down.positions, right.positions], 'pixel'),
        `let down = pixel1 + ${number(0, 'from')};`,
        `let right = pixel2 + ${number(1, 'from')};`,
        place(`pixel0 * ${rows * columns * filters} + part2 * ${each}`),
      ],
      step: [...tap, `let down = -tap0 * ${down.each};`, `let right = -tap1 * ${right.each};`, place('channel')],
      ...(inside ? {} : { within: [rows, columns] as const }),
      sideBySide: 'k',
      fours: fours && aligned(kernel.a),
    },
    b: {
      line: [...taken, `return line * ${filters} + part2 * ${each};`],
      step: [
        ...tap,
        `let down = ${number(0, 'first')} + tap0 * ${down.period};`,
        `let right = ${number(1, 'first')} + tap1 * ${right.period};`,
        `return (down * ${width} + right) * ${inner * filters} + channel;`,
      ],
      sideBySide: 'k',
      fours: fours && aligned(kernel.b),
    },
    row: [
      ...taken,
      ...split('i', [images, down.positions, right.positions], 'pixel'),
      `let down1 = pixel1 * ${down.stride} + part0;`,
      `let right1 = pixel2 * ${right.stride} + part1;`,
    ],
    ...([down, right].every(({ size, stride }) => size % stride === 0)
      ? {}
      : { noRow: `down1 >= ${down.size} || right1 >= ${right.size}` }),
    epilogue: kernel.epilogue,
    positions: (j) => ['pixel0', 'down1', 'right1', `(part2 * ${inner} + ${j})`],
  }
}

const products: { readonly [Variant in Conv['variant']]: (kernel: Conv, target: Target) => Product } = {
  forward,
  inputGradient,
  weightGradient,
}

export const productOfConv = (kernel: Conv, target: Target): Product => products[kernel.variant](kernel, target)

export const conv: KernelEmitter<Conv> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: (kernel, target) => productCode(productOfConv(kernel, target), target),
}
