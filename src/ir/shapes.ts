/**
 * Shape rules: what each primitive gives for what it gets, or one sentence why it can't. The builder applies them while a
 * block is traced, so the editor's shapes and the engine's are the same computation.
 */
import { problem, ProblemError } from '../base/problem.ts'
import { sameShape, showBytes, showShape, sizeOf, type Shape } from '../base/shape.ts'
import type { Aval, ConvGeometry, Pair, Primitive, PrimitiveParams, Scan, Window } from './program.ts'

/** Elements of one tensor that we will ever plan for; beyond it no arena of ours could hold it. */
export const MAX_ELEMENTS = 2 ** 29

type Rule<P extends Primitive> = (inputs: readonly Aval[], params: PrimitiveParams[P]) => Aval

function refuse(code: string, message: string): never {
  throw new ProblemError(problem(code, message))
}

function arg(inputs: readonly Aval[], i: number): Aval {
  const aval = inputs[i]
  if (!aval) throw new Error(`internal: operand ${i} of ${inputs.length}`)
  return aval
}

const floatOf = (shape: Shape): Aval => ({ shape, dtype: 'float' })

const unary = (inputs: readonly Aval[]): Aval => {
  const x = arg(inputs, 0)
  if (x.dtype !== 'float') refuse('dtype', 'This needs numbers, but it was given class indices.')
  return x
}

const binary = (inputs: readonly Aval[]): Aval => {
  const [a, b] = [arg(inputs, 0), arg(inputs, 1)]
  if (!sameShape(a.shape, b.shape))
    refuse(
      'elementwise.shapes',
      `The two sides have shapes ${showShape(a.shape)} and ${showShape(b.shape)}; they must be equal.`,
    )
  if (a.dtype !== b.dtype) refuse('dtype', 'One side holds numbers, the other class indices.')
  return a
}

const compare = (inputs: readonly Aval[]): Aval => floatOf(binary(inputs).shape)

const reduce = (inputs: readonly Aval[], params: { readonly axes: readonly number[] }): Aval => {
  const x = arg(inputs, 0)
  return { shape: x.shape.filter((_, axis) => !params.axes.includes(axis)), dtype: x.dtype }
}

/** Output rows for a window of `size` sliding over `length` rows; floor, as in PyTorch. */
export function slide(length: number, size: number, stride: number, padding: Pair, dilation = 1): number {
  return Math.floor((length + padding[0] + padding[1] - dilation * (size - 1) - 1) / stride) + 1
}

function image(aval: Aval, what: string): readonly [number, number, number, number] {
  if (aval.shape.length !== 4)
    refuse(
      'image.rank',
      `${what} must be an image batch [batch, height, width, channels], but has shape ${showShape(aval.shape)}.`,
    )
  return aval.shape as unknown as readonly [number, number, number, number]
}

function slidePair(
  height: number,
  width: number,
  size: Pair,
  geometry: Omit<Window, 'size'> & { dilation?: Pair },
): Pair {
  const dilation = geometry.dilation ?? [1, 1]
  const rows = slide(height, size[0], geometry.stride[0], geometry.padding[0], dilation[0])
  const columns = slide(width, size[1], geometry.stride[1], geometry.padding[1], dilation[1])
  if (rows < 1 || columns < 1)
    refuse(
      'window.size',
      `A ${size[0]} × ${size[1]} window does not fit into an image of ${height} × ${width}; make the window smaller or add padding.`,
    )
  return [rows, columns]
}

function pool(inputs: readonly Aval[], window: Window): Aval {
  const [batch, height, width, channels] = image(arg(inputs, 0), 'The input')
  const [rows, columns] = slidePair(height, width, window.size, window)
  return floatOf([batch, rows, columns, channels])
}

function convOutput(x: Aval, w: Aval, geometry: ConvGeometry): Aval {
  const [batch, height, width, channels] = image(x, 'The input')
  const [kh, kw, inner, filters] = w.shape as readonly [number, number, number, number]
  const { groups } = geometry
  if (channels % groups !== 0 || filters % groups !== 0)
    refuse('conv.groups', `${groups} groups must divide the ${channels} input channels and the ${filters} filters.`)
  if (channels / groups !== inner)
    refuse('conv.channels', `The weights expect ${inner * groups} channels, but the input has ${channels}.`)
  const [rows, columns] = slidePair(height, width, [kh, kw], geometry)
  return floatOf([batch, rows, columns, filters])
}

export const shapeRules: { readonly [P in Exclude<Primitive, 'scan'>]: Rule<P> } = {
  constant: (_inputs, { dtype }) => ({ shape: [], dtype }),
  iota: (_inputs, { length }) => ({ shape: [length], dtype: 'int' }),
  neg: unary,
  exp: unary,
  log: unary,
  tanh: unary,
  sqrt: unary,
  abs: unary,
  isFinite: unary,
  stopGradient: (inputs) => arg(inputs, 0),
  convert: (inputs, { to }) => ({ shape: arg(inputs, 0).shape, dtype: to }),
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  max: binary,
  min: binary,
  less: compare,
  equal: compare,
  select: (inputs) => {
    binary([arg(inputs, 0), floatOf(arg(inputs, 1).shape)])
    return binary(inputs.slice(1))
  },
  sum: reduce,
  reduceMax: (inputs, params) => {
    const x = arg(inputs, 0)
    if (params.axes.some((axis) => x.shape[axis] === 0))
      refuse('reduce.empty', 'The greatest of no values does not exist: the axis is empty.')
    return reduce(inputs, params)
  },
  argMax: (inputs, { axis }) => {
    const x = arg(inputs, 0)
    if (x.shape[axis] === 0) refuse('reduce.empty', 'The greatest of no values does not exist: the axis is empty.')
    return { shape: x.shape.filter((_, i) => i !== axis), dtype: 'int' }
  },
  reshape: (inputs, { shape }) => {
    const x = arg(inputs, 0)
    if (sizeOf(shape) !== sizeOf(x.shape))
      refuse(
        'reshape.size',
        `${showShape(x.shape)} has ${sizeOf(x.shape)} elements and can't be laid out as ${showShape(shape)}.`,
      )
    return { shape, dtype: x.dtype }
  },
  transpose: (inputs, { order }) => {
    const x = arg(inputs, 0)
    return { shape: order.map((axis) => x.shape[axis] ?? 0), dtype: x.dtype }
  },
  broadcast: (inputs, { shape, axes }) => {
    const x = arg(inputs, 0)
    x.shape.forEach((size, i) => {
      if (shape[axes[i] ?? -1] !== size)
        refuse('broadcast.shapes', `${showShape(x.shape)} can't be repeated to ${showShape(shape)}.`)
    })
    return { shape, dtype: x.dtype }
  },
  dot: (inputs, { contract, batch }) => {
    const [a, b] = [arg(inputs, 0), arg(inputs, 1)]
    const pairs = [
      ...contract[0].map((axis, i) => [axis, contract[1][i]]),
      ...batch[0].map((axis, i) => [axis, batch[1][i]]),
    ]
    for (const [i, j] of pairs) {
      if (a.shape[i ?? -1] !== b.shape[j ?? -1])
        refuse(
          'dot.inner',
          `${showShape(a.shape)} and ${showShape(b.shape)} can't be multiplied: ${a.shape[i ?? -1]} values meet ${b.shape[j ?? -1]}.`,
        )
    }
    const free = (aval: Aval, side: 0 | 1) =>
      aval.shape.filter((_, axis) => !contract[side].includes(axis) && !batch[side].includes(axis))
    return floatOf([...batch[0].map((axis) => a.shape[axis] ?? 0), ...free(a, 0), ...free(b, 1)])
  },
  conv: (inputs, geometry) => convOutput(arg(inputs, 0), arg(inputs, 1), geometry),
  convInputGradient: (inputs, { input, groups }) => {
    const [g, w] = [arg(inputs, 0), arg(inputs, 1)]
    return floatOf([g.shape[0] ?? 0, input[0], input[1], (w.shape[2] ?? 0) * groups])
  },
  convWeightGradient: (inputs, { kernel, groups }) => {
    const [x, g] = [arg(inputs, 0), arg(inputs, 1)]
    return floatOf([kernel[0], kernel[1], (x.shape[3] ?? 0) / groups, g.shape[3] ?? 0])
  },
  maxPool: pool,
  maxPoolGradient: (inputs) => arg(inputs, 0),
  maxPoolTangent: pool,
  sumPool: pool,
  sumPoolGradient: (inputs, { input }) => {
    const [batch, , , channels] = image(arg(inputs, 0), 'The gradient')
    return floatOf([batch, input[0], input[1], channels])
  },
  slice: (inputs, { start, shape }) => {
    const x = arg(inputs, 0)
    const fits = shape.every(
      (size, axis) => (start[axis] ?? -1) >= 0 && (start[axis] ?? 0) + size <= (x.shape[axis] ?? -1),
    )
    if (shape.length !== x.shape.length || !fits)
      refuse(
        'slice.range',
        `A part of shape ${showShape(shape)} from (${start.join(', ')}) on does not lie within ${showShape(x.shape)}.`,
      )
    return { shape, dtype: x.dtype }
  },
  pad: (inputs, { before, after }) => {
    const x = unary(inputs)
    if ([...before, ...after].some((count) => count < 0)) refuse('pad.negative', 'Padding can’t be negative.')
    return floatOf(x.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0)))
  },
  concat: (inputs, { axis }) => {
    const first = arg(inputs, 0)
    const others = (shape: Shape) => shape.filter((_, i) => i !== axis)
    for (const x of inputs) {
      if (x.dtype !== first.dtype) refuse('dtype', 'One side holds numbers, the other class indices.')
      if (!sameShape(others(x.shape), others(first.shape)))
        refuse(
          'concat.shapes',
          `${showShape(first.shape)} and ${showShape(x.shape)} can't be joined along axis ${axis}; all other axes must be equal.`,
        )
    }
    const total = inputs.reduce((sum, x) => sum + (x.shape[axis] ?? 0), 0)
    return { shape: first.shape.map((size, i) => (i === axis ? total : size)), dtype: first.dtype }
  },
  random: (inputs) => {
    if (inputs.some((x) => x.dtype !== 'int')) refuse('dtype', 'Random numbers are counted in whole numbers.')
    binary(inputs.slice(1))
    return floatOf(binary(inputs).shape)
  },
  take: (inputs) => {
    const [rows, indices] = [arg(inputs, 0), arg(inputs, 1)]
    return { shape: [...indices.shape, ...rows.shape.slice(1)], dtype: rows.dtype }
  },
  scatterRows: (inputs, { rows }) => {
    const [indices, values] = [arg(inputs, 0), arg(inputs, 1)]
    return floatOf([rows, ...values.shape.slice(indices.shape.length)])
  },
}

/** Applies the rule of one primitive, and the limit on size that holds for all of them. */
export function inferShape<P extends Exclude<Primitive, 'scan'>>(
  primitive: P,
  inputs: readonly Aval[],
  params: PrimitiveParams[P],
): Aval {
  const aval = shapeRules[primitive](inputs, params)
  checkSize(aval.shape)
  return aval
}

/** Shapes of the results of a loop: last carried values, then one for each `step` output of its body. */
export function scanShapes(inputs: readonly Aval[], { length, given, carried, body }: Scan): Aval[] {
  if (length < 1) refuse('scan.length', 'A sequence must have at least one element.')
  body.inputs.forEach(({ value }, i) => {
    const inner = body.values[value]
    const outer = arg(inputs, i)
    const expected = i < given + carried ? outer.shape : outer.shape.slice(1)
    if (!inner || !sameShape(inner.shape, expected) || inner.dtype !== outer.dtype)
      throw new Error(`internal: operand ${i} of a loop is ${showShape(outer.shape)}`)
    if (i >= given + carried && outer.shape[0] !== length)
      refuse('scan.length', `A sequence of ${outer.shape[0]} elements meets one of ${length}.`)
  })
  const stacked = body.outputs
    .filter(({ role }) => role === 'step')
    .map(({ value }): Aval => {
      const { shape, dtype } = body.values[value] as Aval
      return { shape: [length, ...shape], dtype }
    })
  for (const { shape } of stacked) checkSize(shape)
  return [...inputs.slice(given, given + carried), ...stacked]
}

/** Refuses a tensor that could never be held, with the bytes that it would need, before anything is allocated. */
export function checkSize(shape: Shape): void {
  const size = sizeOf(shape)
  if (size > MAX_ELEMENTS)
    refuse(
      'shape.size',
      `A tensor of shape ${showShape(shape)} would need ${showBytes(4 * size)}; the most that one tensor may have is ${showBytes(4 * MAX_ELEMENTS)}.`,
    )
}
