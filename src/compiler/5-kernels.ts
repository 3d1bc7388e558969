/**
 * The kernels that walk their operands themselves: products, convolutions, pooling and rows. Each takes its operands from
 * memory in the layout that it can walk, and opens an epilogue where it has one.
 */
import { assert, at, get } from '../base/assert.ts'
import { mapViews } from '../ir/access.ts'
import type { Shape } from '../base/shape.ts'
import type { ConvKernel, DotKernel, Expression, Kernel, PoolKernel, View } from '../ir/kernel.ts'
import type { Aval, Equation, Primitive, Program, ValueId } from '../ir/program.ts'
import type { Fused } from './5-outputs.ts'
import { mergedStride, partOf } from './views.ts'

/** A kernel before its path is known. */
export type KernelBody = Kernel extends infer K ? (K extends Kernel ? Omit<K, 'path'> : never) : never

/** What fusion offers to the lowering of one equation. */
export interface Workshop {
  aval(id: ValueId): Aval
  /** The value in memory, with any strides. */
  need(id: ValueId): View
  /** The value in memory, row by row without gaps. */
  dense(id: ValueId): View
  /** A copy whose axes lie in the given order, outermost first; as a view with the value's own axes. */
  copy(id: ValueId, order: readonly number[]): View
  /**
   * Opens the epilogue of a kernel whose main work gives the equation's value. `collapse` turns strides over the value's axes
   * into those of the kernel's index space, or says by null that they don't fit into it.
   */
  result(
    equation: Equation,
    finish: (epilogue: Expression) => KernelBody,
    collapse?: (strides: readonly number[]) => readonly number[] | null,
  ): void
  /** Computes a value into a place that is given. */
  write(id: ValueId, view: View): void
  /** One number everywhere in a place that is given. */
  fill(value: number, shape: Shape, view: View): void
  /** A place for a result of an equation, which other kernels write. */
  place(id: ValueId): View
  /** A place that only the kernels of one equation see. */
  room(aval: Aval): View
  /** A program within this one, with buffers of its own. */
  fuse(program: Program): Fused
  /** A kernel that is complete; what it writes has its place. */
  append(kernel: Kernel): void
  /** A kernel without an epilogue: its result goes straight to memory. */
  plain(equation: Equation, make: (output: View) => KernelBody): void
}

function dot(room: Workshop, equation: Equation): void {
  if (equation.primitive !== 'dot') return
  const [a, b] = [at(equation.inputs, 0), at(equation.inputs, 1)]
  const { contract, batch } = equation.params
  const shapeA = room.aval(a).shape
  const shapeB = room.aval(b).shape
  const free = (shape: Shape, side: 0 | 1) =>
    shape.map((_, axis) => axis).filter((axis) => !contract[side].includes(axis) && !batch[side].includes(axis))
  const freeA = free(shapeA, 0)
  const freeB = free(shapeB, 1)
  const sizes = (shape: Shape, axes: readonly number[]) => axes.map((axis) => at(shape, axis))
  const size = (shape: Shape, axes: readonly number[]) => sizes(shape, axes).reduce((p, q) => p * q, 1)
  const operand = (id: ValueId, groups: readonly (readonly number[])[]): View => {
    const { shape } = room.aval(id)
    const merge = (view: View) =>
      groups.map((axes) =>
        mergedStride(
          sizes(shape, axes),
          axes.map((axis) => at(view.strides, axis)),
        ),
      )
    let view = room.need(id)
    let strides = merge(view)
    if (strides.includes(null)) {
      view = room.copy(id, groups.flat())
      strides = merge(view)
    }
    return { ...view, strides: strides.map((stride) => stride ?? 0) }
  }
  const viewA = operand(a, [batch[0], freeA, contract[0]])
  const viewB = operand(b, [batch[1], contract[1], freeB])
  const shape = room.aval(at(equation.outputs, 0)).shape
  const parts = [batch[0].length, freeA.length, freeB.length]
  const collapse = (strides: readonly number[]): readonly number[] | null => {
    const merged: number[] = []
    let first = 0
    for (const part of parts) {
      const stride = mergedStride(shape.slice(first, first + part), strides.slice(first, first + part))
      if (stride === null) return null
      merged.push(stride)
      first += part
    }
    return merged
  }
  const dims = {
    batch: size(shapeA, batch[0]),
    m: size(shapeA, freeA),
    n: size(shapeB, freeB),
    k: size(shapeA, contract[0]),
  }
  room.result(equation, (epilogue) => ({ kind: 'dot', ...dims, a: viewA, b: viewB, epilogue }), collapse)
}

function conv(room: Workshop, equation: Equation): void {
  if (
    equation.primitive !== 'conv' &&
    equation.primitive !== 'convInputGradient' &&
    equation.primitive !== 'convWeightGradient'
  )
    return
  const a = room.dense(at(equation.inputs, 0))
  const b = room.dense(at(equation.inputs, 1))
  const shapes = [...equation.inputs, ...equation.outputs].map(
    (id) => room.aval(id).shape as unknown as ConvKernel['x'],
  )
  const [first, second, result] = shapes as [ConvKernel['x'], ConvKernel['x'], ConvKernel['x']]
  const { stride, dilation, padding, groups } = equation.params
  const common = { kind: 'conv' as const, geometry: { stride, dilation, padding, groups }, a, b }
  const variant =
    equation.primitive === 'conv'
      ? ({ variant: 'forward', x: first, w: second, y: result } as const)
      : equation.primitive === 'convInputGradient'
        ? ({ variant: 'inputGradient', x: result, w: second, y: first } as const)
        : ({ variant: 'weightGradient', x: first, w: result, y: second } as const)
  room.result(equation, (epilogue) => ({ ...common, ...variant, epilogue }))
}

function pool(room: Workshop, equation: Equation): void {
  const ops: { readonly [P in Primitive]?: PoolKernel['op'] } = {
    maxPool: 'max',
    maxPoolGradient: 'maxGradient',
    maxPoolTangent: 'maxTangent',
    sumPool: 'sum',
    sumPoolGradient: 'sumGradient',
  }
  const op = ops[equation.primitive]
  assert(op, `${equation.primitive} is no pooling`)
  const inputs = equation.inputs.map((id) => room.dense(id))
  const shapeOf = (id: ValueId) => room.aval(id).shape as unknown as PoolKernel['x']
  const first = shapeOf(at(equation.inputs, 0))
  const output = at(equation.outputs, 0)
  const x = op === 'sumGradient' ? shapeOf(output) : first
  const y = op === 'sumGradient' ? first : op === 'maxGradient' ? shapeOf(at(equation.inputs, 1)) : shapeOf(output)
  const { size, stride, padding } = equation.params as PoolKernel['window']
  room.plain(equation, (view) => ({
    kind: 'pool',
    op,
    window: { size, stride, padding },
    x,
    y,
    inputs,
    output: view,
  }))
}

function rows(room: Workshop, equation: Equation): void {
  const take = equation.primitive === 'take'
  const source = room.dense(at(equation.inputs, take ? 0 : 1))
  // Whatever axes they have, they are read as one list.
  const indices = { ...room.dense(at(equation.inputs, take ? 1 : 0)), strides: [1] }
  const table = room.aval(take ? at(equation.inputs, 0) : at(equation.outputs, 0))
  const rowSize = table.shape.slice(1).reduce((p, q) => p * q, 1)
  const count = room.aval(at(equation.inputs, take ? 1 : 0)).shape.reduce((p, q) => p * q, 1)
  room.plain(equation, (output) => ({
    kind: 'rows',
    op: take ? 'take' : 'scatter',
    rows: at(table.shape, 0),
    rowSize,
    count,
    source,
    indices,
    output,
    dtype: table.dtype,
  }))
}

/** Filled with the padding, then the operand is written into the middle. */
function pad(room: Workshop, equation: Equation): void {
  if (equation.primitive !== 'pad') return
  const id = at(equation.outputs, 0)
  const view = room.place(id)
  room.fill(equation.params.value, room.aval(id).shape, view)
  room.write(at(equation.inputs, 0), partOf(view, equation.params.before))
}

/** Each operand is computed into its part of the result. */
function concat(room: Workshop, equation: Equation): void {
  if (equation.primitive !== 'concat') return
  const { axis } = equation.params
  const id = at(equation.outputs, 0)
  const view = room.place(id)
  let reached = 0
  for (const input of equation.inputs) {
    const from = reached
    room.write(
      input,
      partOf(
        view,
        view.strides.map((_, i) => (i === axis ? from : 0)),
      ),
    )
    reached += at(room.aval(input).shape, axis)
  }
}

/**
 * The body is fused as a program of its own; its inputs and outputs lie in the operands and results of the loop, of which
 * stacks move on by one element from turn to turn.
 */
function scan(room: Workshop, equation: Equation): void {
  if (equation.primitive !== 'scan') return
  const { length, reverse, given, carried, body } = equation.params
  const { kernels, buffers } = room.fuse(body)
  const results = equation.outputs.map((id) => room.place(id))
  const stackOf = (view: View): View => {
    const size = at(view.strides, 0)
    return { ...view, offset: view.offset + (reverse ? (length - 1) * size : 0), turn: reverse ? -size : size }
  }
  const slots = new Map<string, View>()
  body.inputs.forEach(({ name }, i) => {
    const operand = at(equation.inputs, i)
    if (i >= given && i < given + carried) {
      const home = at(results, i - given)
      room.write(operand, home)
      slots.set(name, home)
    } else slots.set(name, i < given ? room.dense(operand) : stackOf(room.dense(operand)))
  })
  body.outputs
    .filter(({ role }) => role === 'step')
    .forEach(({ name }, i) => slots.set(name, stackOf(at(results, carried + i))))
  const homes = buffers.map((buffer) => (buffer.slot === undefined ? room.room(buffer) : get(slots, buffer.slot)))
  const settle = (view: View): View => {
    const home = at(homes, view.buffer)
    return { ...view, buffer: home.buffer, offset: home.offset + view.offset, turn: home.turn ?? 0 }
  }
  // A matrix that a product would have to read across its rows at every turn is laid out for it once, before the loop.
  const turned = new Map<number, View>()
  const layOut = ({ b }: DotKernel): View | undefined => {
    const { slot, shape } = at(buffers, b.buffer)
    const place = body.inputs.findIndex(({ name }) => name === slot)
    const [rows = 0, columns = 0] = shape
    const across = shape.length === 2 && b.strides[1] === 1 && b.strides[2] === columns
    if (place < 0 || place >= given || !across || rows === 1 || columns === 1) return undefined
    const view = turned.get(place) ?? room.copy(at(equation.inputs, place), [1, 0])
    turned.set(place, view)
    const offset = view.offset + Math.floor(b.offset / columns) + (b.offset % columns) * rows
    return { ...view, offset, strides: [0, rows, 1] }
  }
  const inner = kernels.map((kernel) => {
    const settled = mapViews(kernel, settle)
    const b = kernel.kind === 'dot' ? layOut(kernel) : undefined
    return b && settled.kind === 'dot' ? { ...settled, b } : settled
  })
  room.append({ kind: 'loop', count: length, kernels: inner, path: equation.path })
}

/** How each primitive that has such a kernel is lowered. */
export const lowerings: { readonly [P in Primitive]?: (room: Workshop, equation: Equation) => void } = {
  dot,
  conv,
  convInputGradient: conv,
  convWeightGradient: conv,
  maxPool: pool,
  maxPoolGradient: pool,
  maxPoolTangent: pool,
  sumPool: pool,
  sumPoolGradient: pool,
  take: rows,
  scatterRows: rows,
  pad,
  concat,
  scan,
}
