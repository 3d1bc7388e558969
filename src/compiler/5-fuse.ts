/**
 * Phase 5: from equations to kernels. Layout changes become access patterns. An elementwise value that is used once is not
 * computed where it stands but written into the expression of its user; one that is needed in memory is added to the
 * kernel that made the youngest of its operands (a product, a reduction, another map), provided that every other operand
 * is there before that kernel starts. So an activation ends up in the epilogue of its matrix product, a gradient's mask in
 * that of the product behind it, and an optimizer's whole update in that of the weight gradient.
 *
 * Kernels come out in an order that respects every dependency; where a value lies is still symbolic (one buffer each).
 */
import { assert, at, get } from '../base/assert.ts'
import { sameShape, type Shape } from '../base/shape.ts'
import type {
  BinaryOp,
  BufferId,
  ConvKernel,
  Expression,
  Kernel,
  PoolKernel,
  Scalar,
  UnaryOp,
  View,
} from '../ir/kernel.ts'
import type { Aval, Dtype, Equation, Primitive, Program, ValueId } from '../ir/program.ts'
import { inverse } from '../ir/vjp.ts'
import { denseView, isDense, mergedStride, unitReshape } from './views.ts'

/** A value's place before the arena exists. */
export interface SymbolicBuffer {
  readonly id: BufferId
  readonly dtype: Dtype
  readonly shape: Shape
  /** Name of the program input or output that lives here; undefined for what only kernels see. */
  slot?: string
}

export interface Fused {
  readonly kernels: readonly Kernel[]
  readonly buffers: readonly SymbolicBuffer[]
}

const UNARY = new Set<Primitive>(['neg', 'exp', 'log', 'tanh', 'sqrt', 'abs', 'isFinite'])
const BINARY = new Set<Primitive>(['add', 'sub', 'mul', 'div', 'max', 'min', 'less', 'equal'])
const REDUCTIONS = new Set<Primitive>(['sum', 'reduceMax', 'argMax'])
const LAYOUT = new Set<Primitive>(['reshape', 'transpose', 'broadcast'])

function isElementwise(primitive: Primitive): boolean {
  return UNARY.has(primitive) || BINARY.has(primitive) || primitive === 'select' || primitive === 'convert'
}

/** For each axis of a value, the axis of the kernel's index space that walks it; null for an axis of size 1. */
type AxisMap = readonly (number | null)[]

const identityMap = (shape: Shape): AxisMap => shape.map((_, axis) => axis)
const isIdentity = (map: AxisMap, shape: Shape): boolean =>
  map.every((axis, i) => axis === i || (axis === null && shape[i] === 1))

/** An expression in the making: over the value's own axes; `collapse` turns such strides into those of the kernel. */
interface Group {
  readonly index: number
  readonly shape: Shape
  readonly loads: View[]
  readonly body: Scalar[]
  readonly stores: { view: View; value: number; id: ValueId }[]
  /** Lines that hold a value at the index itself. */
  readonly lines: Map<ValueId, number>
  readonly collapse: (strides: readonly number[]) => readonly number[] | null
  readonly paths: Set<string>
  finish(expression: Expression): KernelBody
}

type KernelBody = Kernel extends infer K ? (K extends Kernel ? Omit<K, 'path'> : never) : never

export function fuse(program: Program): Fused {
  return new Fusion(program).run()
}

class Fusion {
  readonly #program: Program
  readonly #buffers: SymbolicBuffer[] = []
  readonly #makers = new Map<ValueId, Equation>()
  readonly #uses = new Map<ValueId, number>()
  /** The only user of a value that has one. */
  readonly #user = new Map<ValueId, Equation>()
  readonly #views = new Map<ValueId, View>()
  /** Kernel that writes a buffer; none for inputs. */
  readonly #writer = new Map<BufferId, number>()
  readonly #groups = new Map<number, Group>()
  readonly #made = new Map<ValueId, number>()
  readonly #kernels: (Group | Kernel)[] = []

  constructor(program: Program) {
    this.#program = program
    for (const equation of program.equations) {
      this.#makers.set(at(equation.outputs, 0), equation)
      for (const id of new Set(equation.inputs)) {
        this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1)
        this.#user.set(id, equation)
      }
    }
    for (const output of program.outputs) this.#uses.set(output.value, Infinity)
  }

  run(): Fused {
    for (const input of this.#program.inputs) {
      const aval = this.#aval(input.value)
      const buffer = this.#buffer(aval)
      buffer.slot = input.name
      this.#views.set(input.value, denseView(buffer.id, aval.shape))
    }
    for (const equation of this.#program.equations) this.#visit(equation)
    const outputs = this.#program.outputs.map((output) => ({ output, view: this.need(output.value) }))
    const kernels = this.#kernels.map((kernel) => ('finish' in kernel ? this.#seal(kernel) : kernel))
    return placeOutputs(
      this.#program,
      outputs,
      dropDeadStores(
        kernels,
        outputs.map(({ view }) => view.buffer),
      ),
      this.#buffers,
    )
  }

  #aval(id: ValueId): Aval {
    return at(this.#program.values, id)
  }

  #buffer(aval: Aval): SymbolicBuffer {
    const buffer: SymbolicBuffer = { id: this.#buffers.length, dtype: aval.dtype, shape: aval.shape }
    this.#buffers.push(buffer)
    return buffer
  }

  #visit(equation: Equation): void {
    const id = at(equation.outputs, 0)
    const { primitive } = equation
    if (primitive === 'constant' || primitive === 'iota') return
    if (LAYOUT.has(primitive)) return this.#layout(equation)
    if (isElementwise(primitive)) {
      const user = this.#user.get(id)
      const inlined =
        this.#uses.get(id) === 1 &&
        user &&
        (isElementwise(user.primitive) || REDUCTIONS.has(user.primitive) || LAYOUT.has(user.primitive))
      if (!inlined && !this.#isTrivial(id)) this.need(id)
      return
    }
    switch (primitive) {
      case 'sum':
      case 'reduceMax':
      case 'argMax':
        return this.#reduce(equation)
      case 'dot':
        return this.#dot(equation)
      case 'conv':
      case 'convInputGradient':
      case 'convWeightGradient':
        return this.#conv(equation)
      case 'maxPool':
      case 'maxPoolGradient':
      case 'maxPoolTangent':
      case 'sumPool':
      case 'sumPoolGradient':
        return this.#pool(equation)
      case 'take':
      case 'scatterRows':
        return this.#rows(equation)
      default:
        throw new Error(`internal: no kernel for ${primitive}; simplify should have removed it`)
    }
  }

  /** A value that costs nothing to write out again: constants, positions and repeats of such. */
  #isTrivial(id: ValueId): boolean {
    const maker = this.#makers.get(id)
    if (!maker) return false
    if (maker.primitive === 'constant' || maker.primitive === 'iota') return true
    return LAYOUT.has(maker.primitive) && this.#isTrivial(at(maker.inputs, 0))
  }

  /** Layout changes of values in memory are views of them; of values not computed yet they stay part of an expression. */
  #layout(equation: Equation): void {
    const id = at(equation.outputs, 0)
    const source = at(equation.inputs, 0)
    const shape = this.#aval(source).shape
    const target = this.#aval(id).shape
    if (this.#isTrivial(source)) return
    const grows = equation.primitive === 'broadcast'
    const general = equation.primitive === 'reshape' && unitReshape(shape, target) === null
    const shared = (this.#uses.get(id) ?? 0) > 1
    // Computing a value again for each of its repeats, or for each user of its new layout, would cost more than memory.
    if (grows || general || shared) this.need(source)
    let view = this.#views.get(source)
    if (!view) return
    if (equation.primitive === 'reshape') {
      const axes = unitReshape(target, shape)
      if (axes)
        this.#views.set(id, {
          ...view,
          strides: axes.map((axis) => (axis === null ? 0 : at(view?.strides ?? [], axis))),
        })
      else {
        if (!isDense(view, shape)) view = this.#copy(source)
        this.#views.set(id, { ...denseView(view.buffer, target), offset: view.offset })
      }
    } else if (equation.primitive === 'transpose') {
      const { strides } = view
      this.#views.set(id, { ...view, strides: equation.params.order.map((axis) => at(strides, axis)) })
    } else if (equation.primitive === 'broadcast') {
      const strides = target.map(() => 0)
      equation.params.axes.forEach((axis, i) => (strides[axis] = at(view?.strides ?? [], i)))
      this.#views.set(id, { ...view, strides })
    }
  }

  /** The value in memory; computes it there if it is not yet. */
  need(id: ValueId): View {
    const known = this.#views.get(id)
    if (known) return known
    const made = this.#made.get(id)
    if (made !== undefined) return this.#store(get(this.#groups, made), id)
    const shape = this.#aval(id).shape
    const youngest = this.#youngest(id)
    const host = youngest === null ? undefined : this.#groups.get(youngest)
    if (host && sameShape(host.shape, shape) && this.#attach(host, id)) return this.#store(host, id)
    const group = this.#open(
      shape,
      (expression) => ({ kind: 'map', shape, expression }),
      (strides) => strides,
    )
    assert(this.#attach(group, id), 'a map takes any expression')
    return this.#store(group, id)
  }

  /** A dense one, for kernels that walk their operands themselves. */
  #dense(id: ValueId): View {
    const view = this.need(id)
    return isDense(view, this.#aval(id).shape) ? view : this.#copy(id)
  }

  /** A copy whose axes lie in memory in the given order, outermost first; as a view with the value's own axes. */
  #copy(id: ValueId, order: readonly number[] = this.#aval(id).shape.map((_, axis) => axis)): View {
    const aval = this.#aval(id)
    const shape = order.map((axis) => at(aval.shape, axis))
    const group = this.#open(
      shape,
      (expression) => ({ kind: 'map', shape, expression }),
      (strides) => strides,
    )
    const line = this.#line(group, id, inverse(order))
    assert(line !== null, 'a map takes any expression')
    const buffer = this.#buffer({ shape, dtype: aval.dtype })
    const view = denseView(buffer.id, shape)
    group.stores.push({ view, value: line, id })
    this.#writer.set(buffer.id, group.index)
    return { ...view, strides: inverse(order).map((place) => at(view.strides, place)) }
  }

  #open(shape: Shape, finish: Group['finish'], collapse: Group['collapse']): Group {
    const group: Group = {
      index: this.#kernels.length,
      shape,
      loads: [],
      body: [],
      stores: [],
      lines: new Map(),
      collapse,
      paths: new Set(),
      finish,
    }
    this.#kernels.push(group)
    this.#groups.set(group.index, group)
    return group
  }

  /** Opens the epilogue of a kernel whose main work gives `id`. */
  #openResult(equation: Equation, finish: Group['finish'], collapse: Group['collapse'] = (strides) => strides): void {
    const id = at(equation.outputs, 0)
    const { shape, dtype } = this.#aval(id)
    const group = this.#open(shape, finish, collapse)
    group.body.push({ op: 'result', dtype })
    group.lines.set(id, 0)
    group.paths.add(equation.path)
    this.#made.set(id, group.index)
    const user = this.#user.get(id)
    if (
      this.#uses.get(id) !== 1 ||
      !user ||
      !(isElementwise(user.primitive) || LAYOUT.has(user.primitive) || REDUCTIONS.has(user.primitive))
    )
      this.#store(group, id)
  }

  #store(group: Group, id: ValueId): View {
    const known = this.#views.get(id)
    if (known) return known
    const aval = this.#aval(id)
    const buffer = this.#buffer(aval)
    const view = denseView(buffer.id, aval.shape)
    group.stores.push({ view, value: get(group.lines, id), id })
    this.#views.set(id, view)
    this.#writer.set(buffer.id, group.index)
    return view
  }

  /** Index of the last kernel that an expression for `id` would read from; null if it reads only inputs. */
  #youngest(id: ValueId): number | null {
    const seen = new Set<ValueId>()
    let youngest = -1
    const walk = (value: ValueId): void => {
      if (seen.has(value)) return
      seen.add(value)
      const view = this.#views.get(value)
      const made = this.#made.get(value)
      if (made !== undefined) youngest = Math.max(youngest, made)
      else if (view) youngest = Math.max(youngest, this.#writer.get(view.buffer) ?? -1)
      else for (const input of this.#makers.get(value)?.inputs ?? []) walk(input)
    }
    walk(id)
    return youngest < 0 ? null : youngest
  }

  /** Tries to compute `id` in a kernel that exists; leaves the kernel as it was when it can't. */
  #attach(group: Group, id: ValueId): boolean {
    const before = { loads: group.loads.length, body: group.body.length, lines: new Map(group.lines) }
    const line = this.#line(group, id, identityMap(group.shape))
    if (line === null) {
      group.loads.length = before.loads
      group.body.length = before.body
      group.lines.clear()
      for (const [value, old] of before.lines) group.lines.set(value, old)
      return false
    }
    group.lines.set(id, line)
    this.#made.set(id, group.index)
    return true
  }

  /** Writes the lines that compute a value at the kernel's index; null when this kernel can't know it. */
  #line(group: Group, id: ValueId, map: AxisMap): number | null {
    const { shape, dtype } = this.#aval(id)
    const here = isIdentity(map, shape) && sameShape(shape, group.shape)
    const known = group.lines.get(id)
    if (known !== undefined && here) return known
    const made = this.#made.get(id)
    if (made === group.index) return null // computed by this very kernel, but asked for at another element
    const view = this.#views.get(id) ?? (made === undefined ? undefined : this.need(id))
    if (view) {
      if ((this.#writer.get(view.buffer) ?? -1) >= group.index) return null
      return this.#load(group, view, map, dtype)
    }
    const maker = get(this.#makers, id)
    group.paths.add(maker.path)
    const line = this.#compute(group, maker, map, dtype)
    if (line !== null && here) group.lines.set(id, line)
    return line
  }

  #compute(group: Group, maker: Equation, map: AxisMap, dtype: Dtype): number | null {
    switch (maker.primitive) {
      case 'constant':
        return push(group, { op: 'constant', value: maker.params.value, dtype })
      case 'iota': {
        const axis = map[0] ?? null
        if (axis === null) return push(group, { op: 'constant', value: 0, dtype })
        const collapsed = group.collapse(group.shape.map((_, i) => (i === axis ? 1 : 0)))
        if (
          !collapsed ||
          !sameShape(
            collapsed,
            group.shape.map((_, i) => (i === axis ? 1 : 0)),
          )
        )
          return null
        return push(group, { op: 'index', axis, dtype: 'int' })
      }
      case 'broadcast':
        return this.#line(
          group,
          at(maker.inputs, 0),
          maker.params.axes.map((axis) => at(map, axis)),
        )
      case 'transpose': {
        const inner: (number | null)[] = []
        maker.params.order.forEach((axis, i) => (inner[axis] = map[i] ?? null))
        return this.#line(group, at(maker.inputs, 0), inner)
      }
      case 'reshape': {
        const source = at(maker.inputs, 0)
        const axes = unitReshape(this.#aval(source).shape, maker.params.shape)
        assert(axes, 'a general reshape is a view')
        return this.#line(
          group,
          source,
          axes.map((axis) => (axis === null ? null : (map[axis] ?? null))),
        )
      }
      case 'convert': {
        const a = this.#line(group, at(maker.inputs, 0), map)
        return a === null ? null : push(group, { op: maker.params.to === 'int' ? 'toInt' : 'toFloat', a, dtype })
      }
      default: {
        assert(isElementwise(maker.primitive), `${maker.primitive} has its own kernel`)
        const lines: number[] = []
        for (const input of maker.inputs) {
          const line = this.#line(group, input, map)
          if (line === null) return null
          lines.push(line)
        }
        if (maker.primitive === 'select')
          return push(group, { op: 'select', condition: at(lines, 0), a: at(lines, 1), b: at(lines, 2), dtype })
        if (lines.length === 1) return push(group, { op: maker.primitive as UnaryOp, a: at(lines, 0), dtype })
        return push(group, { op: maker.primitive as BinaryOp, a: at(lines, 0), b: at(lines, 1), dtype })
      }
    }
  }

  #load(group: Group, view: View, map: AxisMap, dtype: Dtype): number | null {
    const strides = group.shape.map(() => 0)
    map.forEach((axis, i) => {
      if (axis !== null) strides[axis] = at(strides, axis) + at(view.strides, i)
    })
    if (!group.collapse(strides)) return null
    const load = group.loads.findIndex(
      (other) => other.buffer === view.buffer && other.offset === view.offset && sameShape(other.strides, strides),
    )
    if (load >= 0) return push(group, { op: 'load', load, dtype })
    group.loads.push({ buffer: view.buffer, offset: view.offset, strides })
    return push(group, { op: 'load', load: group.loads.length - 1, dtype })
  }

  #seal(group: Group): Kernel {
    const collapse = (view: View): View => ({ ...view, strides: group.collapse(view.strides) ?? [] })
    const expression: Expression = {
      loads: group.loads.map(collapse),
      body: group.body,
      stores: group.stores.map(({ view, value }) => ({ view: collapse(view), value })),
    }
    const path = [...group.paths].filter((name) => name !== '').join(' ')
    return { ...group.finish(expression), path }
  }

  #reduce(equation: Equation): void {
    if (equation.primitive !== 'sum' && equation.primitive !== 'reduceMax' && equation.primitive !== 'argMax') return
    const source = at(equation.inputs, 0)
    const full = this.#aval(source).shape
    const axes = equation.primitive === 'argMax' ? [equation.params.axis] : equation.params.axes
    const kept = full.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const shape = kept.map((axis) => at(full, axis))
    const over = axes.map((axis) => at(full, axis))
    // The body runs over [...shape, ...over]; axis i of the source is axis place[i] of that space.
    const order = [...kept, ...axes]
    const place = full.map((_, axis) => order.indexOf(axis))
    this.#settle(source)
    const body: Group = {
      index: this.#kernels.length,
      shape: [...shape, ...over],
      loads: [],
      body: [],
      stores: [],
      lines: new Map(),
      collapse: (strides) => strides,
      paths: new Set(),
      finish: () => {
        throw new Error('internal: the body of a reduction is no kernel of its own')
      },
    }
    const value = this.#line(body, source, place)
    assert(value !== null, 'a reduction takes any expression')
    const op = equation.primitive === 'sum' ? 'sum' : equation.primitive === 'reduceMax' ? 'max' : 'argMax'
    this.#openResult(equation, (epilogue) => ({
      kind: 'reduce',
      op,
      shape,
      over,
      loads: body.loads,
      body: body.body,
      value,
      epilogue,
    }))
  }

  /** Brings to memory what an expression for `id` would have to read from other kernels' unfinished results. */
  #settle(id: ValueId): void {
    if (this.#views.has(id)) return
    if (this.#made.has(id)) {
      this.need(id)
      return
    }
    for (const input of this.#makers.get(id)?.inputs ?? []) this.#settle(input)
  }

  #dot(equation: Equation): void {
    if (equation.primitive !== 'dot') return
    const [a, b] = [at(equation.inputs, 0), at(equation.inputs, 1)]
    const { contract, batch } = equation.params
    const shapeA = this.#aval(a).shape
    const shapeB = this.#aval(b).shape
    const free = (shape: Shape, side: 0 | 1) =>
      shape.map((_, axis) => axis).filter((axis) => !contract[side].includes(axis) && !batch[side].includes(axis))
    const freeA = free(shapeA, 0)
    const freeB = free(shapeB, 1)
    const sizes = (shape: Shape, axes: readonly number[]) => axes.map((axis) => at(shape, axis))
    const size = (shape: Shape, axes: readonly number[]) => sizes(shape, axes).reduce((p, q) => p * q, 1)
    const operand = (id: ValueId, groups: readonly (readonly number[])[]): View => {
      const { shape } = this.#aval(id)
      const merge = (view: View) =>
        groups.map((axes) =>
          mergedStride(
            sizes(shape, axes),
            axes.map((axis) => at(view.strides, axis)),
          ),
        )
      let view = this.need(id)
      let strides = merge(view)
      if (strides.includes(null)) {
        view = this.#copy(id, groups.flat())
        strides = merge(view)
      }
      return { ...view, strides: strides.map((stride) => stride ?? 0) }
    }
    const viewA = operand(a, [batch[0], freeA, contract[0]])
    const viewB = operand(b, [batch[1], contract[1], freeB])
    const shape = this.#aval(at(equation.outputs, 0)).shape
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
    this.#openResult(equation, (epilogue) => ({ kind: 'dot', ...dims, a: viewA, b: viewB, epilogue }), collapse)
  }

  #conv(equation: Equation): void {
    if (
      equation.primitive !== 'conv' &&
      equation.primitive !== 'convInputGradient' &&
      equation.primitive !== 'convWeightGradient'
    )
      return
    const a = this.#dense(at(equation.inputs, 0))
    const b = this.#dense(at(equation.inputs, 1))
    const shapes = [...equation.inputs, ...equation.outputs].map(
      (id) => this.#aval(id).shape as unknown as ConvKernel['x'],
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
    this.#openResult(equation, (epilogue) => ({ ...common, ...variant, epilogue }))
  }

  #pool(equation: Equation): void {
    const ops: { readonly [P in Primitive]?: PoolKernel['op'] } = {
      maxPool: 'max',
      maxPoolGradient: 'maxGradient',
      maxPoolTangent: 'maxTangent',
      sumPool: 'sum',
      sumPoolGradient: 'sumGradient',
    }
    const op = ops[equation.primitive]
    assert(op, `${equation.primitive} is no pooling`)
    const inputs = equation.inputs.map((id) => this.#dense(id))
    const shapeOf = (id: ValueId) => this.#aval(id).shape as unknown as PoolKernel['x']
    const first = shapeOf(at(equation.inputs, 0))
    const output = at(equation.outputs, 0)
    const x = op === 'sumGradient' ? shapeOf(output) : first
    const y = op === 'sumGradient' ? first : op === 'maxGradient' ? shapeOf(at(equation.inputs, 1)) : shapeOf(output)
    const { size, stride, padding } = equation.params as PoolKernel['window']
    this.#plain(equation, (view) => ({
      kind: 'pool',
      op,
      window: { size, stride, padding },
      x,
      y,
      inputs,
      output: view,
    }))
  }

  #rows(equation: Equation): void {
    const take = equation.primitive === 'take'
    const source = this.#dense(at(equation.inputs, take ? 0 : 1))
    const indices = this.#dense(at(equation.inputs, take ? 1 : 0))
    const table = this.#aval(take ? at(equation.inputs, 0) : at(equation.outputs, 0))
    const rowSize = table.shape.slice(1).reduce((p, q) => p * q, 1)
    const count = this.#aval(at(equation.inputs, take ? 1 : 0)).shape.reduce((p, q) => p * q, 1)
    this.#plain(equation, (output) => ({
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

  /** A kernel without an epilogue: its result goes straight to memory. */
  #plain(equation: Equation, make: (output: View) => KernelBody): void {
    const id = at(equation.outputs, 0)
    const aval = this.#aval(id)
    const buffer = this.#buffer(aval)
    const view = denseView(buffer.id, aval.shape)
    this.#views.set(id, view)
    this.#writer.set(buffer.id, this.#kernels.length)
    this.#kernels.push({ ...make(view), path: equation.path })
  }
}

/** Appends a line, or finds the equal one that is there. */
function push(group: Group, line: Scalar): number {
  const text = JSON.stringify(line)
  const known = group.body.findIndex((other) => JSON.stringify(other) === text)
  return known >= 0 ? known : group.body.push(line) - 1
}

export function epilogueOf(kernel: Kernel): Expression | undefined {
  return kernel.kind === 'map' ? kernel.expression : 'epilogue' in kernel ? kernel.epilogue : undefined
}

/** Everything that a kernel reads: main operands and the loads of its expression. */
export function readsOf(kernel: Kernel): { readonly main: readonly View[]; readonly elementwise: readonly View[] } {
  switch (kernel.kind) {
    case 'map':
      return { main: [], elementwise: kernel.expression.loads }
    case 'reduce':
      return { main: kernel.loads, elementwise: kernel.epilogue.loads }
    case 'dot':
    case 'conv':
      return { main: [kernel.a, kernel.b], elementwise: kernel.epilogue.loads }
    case 'pool':
      return { main: kernel.inputs, elementwise: [] }
    case 'rows':
      return { main: [kernel.source, kernel.indices], elementwise: [] }
    default:
      return kernel satisfies never
  }
}

export function writesOf(kernel: Kernel): readonly View[] {
  const expression = epilogueOf(kernel)
  if (expression) return expression.stores.map((store) => store.view)
  return kernel.kind === 'pool' || kernel.kind === 'rows' ? [kernel.output] : []
}

/** A store that no other kernel reads and nobody asked for is dropped; so are the lines that only it needed. */
function dropDeadStores(kernels: readonly Kernel[], wanted: readonly BufferId[]): Kernel[] {
  const read = new Set(wanted)
  const kept: Kernel[] = []
  for (const kernel of [...kernels].reverse()) {
    const expression = epilogueOf(kernel)
    let live = kernel
    if (expression) {
      const stores = expression.stores.filter((store) => read.has(store.view.buffer))
      if (stores.length === 0) continue
      live = withExpression(kernel, prune({ ...expression, stores }))
    } else if (!writesOf(kernel).some((view) => read.has(view.buffer))) continue
    const { main, elementwise } = readsOf(live)
    for (const view of [...main, ...elementwise]) read.add(view.buffer)
    kept.push(live)
  }
  return kept.reverse()
}

function withExpression(kernel: Kernel, expression: Expression): Kernel {
  if (kernel.kind === 'map') return { ...kernel, expression }
  if ('epilogue' in kernel) return { ...kernel, epilogue: expression }
  return kernel
}

/** Drops lines and loads that no store depends on. */
function prune(expression: Expression): Expression {
  const needed = new Set<number>()
  const visit = (line: number): void => {
    if (needed.has(line)) return
    needed.add(line)
    const scalar = at(expression.body, line)
    if ('condition' in scalar) visit(scalar.condition)
    if ('a' in scalar) visit(scalar.a)
    if ('b' in scalar) visit(scalar.b)
  }
  for (const store of expression.stores) visit(store.value)
  const lines = [...needed].sort((p, q) => p - q)
  const renumber = new Map(lines.map((line, i) => [line, i]))
  const loads: View[] = []
  const body = lines.map((line): Scalar => {
    const scalar = at(expression.body, line)
    const moved = (operand: number) => get(renumber, operand)
    if (scalar.op === 'load') return { ...scalar, load: loads.push(at(expression.loads, scalar.load)) - 1 }
    if (scalar.op === 'select')
      return { ...scalar, condition: moved(scalar.condition), a: moved(scalar.a), b: moved(scalar.b) }
    if ('b' in scalar) return { ...scalar, a: moved(scalar.a), b: moved(scalar.b) }
    return 'a' in scalar ? { ...scalar, a: moved(scalar.a) } : scalar
  })
  return { loads, body, stores: expression.stores.map((store) => ({ ...store, value: get(renumber, store.value) })) }
}

/**
 * Gives each output its place. A value that was computed into a buffer of its own is computed into the output's instead;
 * for a state that means in place, which is right only if nothing reads the old value afterwards. Else it is copied.
 */
function placeOutputs(
  program: Program,
  outputs: readonly { readonly output: Program['outputs'][number]; readonly view: View }[],
  kernels: readonly Kernel[],
  buffers: SymbolicBuffer[],
): Fused {
  const renamed = new Map<BufferId, BufferId>()
  const snapshots: Kernel[] = []
  const copies: Kernel[] = []
  for (const { output, view: computed } of outputs) {
    let view = computed
    const aval = at(program.values, output.value)
    const state = output.role === 'state' ? program.inputs.find((input) => input.name === output.name) : undefined
    assert(output.role === 'step' || state, `output ${output.name} has no state to write back to`)
    const home = state
      ? at(
          buffers.filter((buffer) => buffer.slot === output.name),
          0,
        )
      : undefined
    const source = at(buffers, view.buffer)
    const free = source.slot === undefined && !renamed.has(view.buffer) && isDense(view, aval.shape)
    if (free && !home) source.slot = output.name
    else if (free && home && inPlace(kernels, view.buffer, home.id)) renamed.set(view.buffer, home.id)
    else {
      if (source.slot !== undefined && source.id !== home?.id) {
        // The old value of another state, which may be overwritten before the copies at the end: kept from the start.
        const kept: SymbolicBuffer = { id: buffers.length, dtype: aval.dtype, shape: aval.shape }
        buffers.push(kept)
        snapshots.push(copyKernel(aval, view, kept.id))
        view = denseView(kept.id, aval.shape)
      }
      const target = home ?? { id: buffers.length, dtype: aval.dtype, shape: aval.shape, slot: output.name }
      if (!home) buffers.push(target)
      copies.push(copyKernel(aval, view, target.id))
    }
  }
  const rename = (view: View): View => ({ ...view, buffer: renamed.get(view.buffer) ?? view.buffer })
  return { kernels: [...snapshots, ...kernels, ...copies].map((kernel) => mapViews(kernel, rename)), buffers }
}

function copyKernel(aval: Aval, from: View, to: BufferId): Kernel {
  return {
    kind: 'map',
    shape: aval.shape,
    expression: {
      loads: [from],
      body: [{ op: 'load', load: 0, dtype: aval.dtype }],
      stores: [{ view: denseView(to, aval.shape), value: 0 }],
    },
    path: '',
  }
}

/** Whether a value may be written straight over the old one: no later kernel, and no main operand of the same, reads it. */
function inPlace(kernels: readonly Kernel[], fresh: BufferId, old: BufferId): boolean {
  const writer = kernels.findIndex((kernel) => writesOf(kernel).some((view) => view.buffer === fresh))
  return kernels.every((kernel, i) => {
    if (i < writer) return true
    const { main, elementwise } = readsOf(kernel)
    if (main.some((view) => view.buffer === old)) return false
    const loads = elementwise.filter((view) => view.buffer === old)
    if (i > writer) return loads.length === 0
    const store = writesOf(kernel).find((view) => view.buffer === fresh)
    return loads.every((view) => view.offset === store?.offset && sameShape(view.strides, store.strides))
  })
}

export function mapViews(kernel: Kernel, change: (view: View) => View): Kernel {
  const expression = (e: Expression): Expression => ({
    loads: e.loads.map(change),
    body: e.body,
    stores: e.stores.map((store) => ({ ...store, view: change(store.view) })),
  })
  switch (kernel.kind) {
    case 'map':
      return { ...kernel, expression: expression(kernel.expression) }
    case 'reduce':
      return { ...kernel, loads: kernel.loads.map(change), epilogue: expression(kernel.epilogue) }
    case 'dot':
    case 'conv':
      return { ...kernel, a: change(kernel.a), b: change(kernel.b), epilogue: expression(kernel.epilogue) }
    case 'pool':
      return { ...kernel, inputs: kernel.inputs.map(change), output: change(kernel.output) }
    case 'rows':
      return {
        ...kernel,
        source: change(kernel.source),
        indices: change(kernel.indices),
        output: change(kernel.output),
      }
    default:
      return kernel satisfies never
  }
}
