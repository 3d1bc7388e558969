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
import {
  sameLine,
  type BinaryOp,
  type BufferId,
  type Expression,
  type Kernel,
  type Scalar,
  type UnaryOp,
  type View,
} from '../ir/kernel.ts'
import type { Aval, Dtype, Equation, Primitive, Program, ValueId } from '../ir/program.ts'
import { writesOf } from '../ir/access.ts'
import { inverse } from '../ir/vjp.ts'
import { simplify } from './4-simplify.ts'
import { lowerings, type KernelBody, type Workshop } from './5-kernels.ts'
import { dropDeadStores, placeOutputs, type Fused, type SymbolicBuffer } from './5-outputs.ts'
import { denseView, isDense, partOf, unitReshape } from './views.ts'

const UNARY = new Set<Primitive>(['neg', 'exp', 'log', 'tanh', 'sqrt', 'abs', 'isFinite'])
const BINARY = new Set<Primitive>(['add', 'sub', 'mul', 'div', 'max', 'min', 'less', 'equal'])
const REDUCTIONS = new Set<Primitive>(['sum', 'reduceMax', 'argMax'])
const LAYOUT = new Set<Primitive>(['reshape', 'transpose', 'broadcast', 'slice'])
/** They write their operands out themselves, so that an operand need not be in memory first. */
const WRITERS = new Set<Primitive>(['pad', 'concat'])

function isElementwise(primitive: Primitive): boolean {
  return (
    UNARY.has(primitive) ||
    BINARY.has(primitive) ||
    primitive === 'select' ||
    primitive === 'convert' ||
    primitive === 'random'
  )
}

/** Whether a user computes its operand where it needs it, instead of reading it from memory. */
function canInline(user: Equation | undefined): boolean {
  if (!user) return false
  const { primitive } = user
  return isElementwise(primitive) || REDUCTIONS.has(primitive) || LAYOUT.has(primitive) || WRITERS.has(primitive)
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

export function fuse(program: Program): Fused {
  return new Fusion(program).run()
}

class Fusion implements Workshop {
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
      for (const id of equation.outputs) this.#makers.set(id, equation)
      for (const id of new Set(equation.inputs)) {
        this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1)
        this.#user.set(id, equation)
      }
    }
    for (const output of program.outputs) this.#uses.set(output.value, Infinity)
  }

  run(): Fused {
    for (const input of this.#program.inputs) {
      const aval = this.aval(input.value)
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

  aval(id: ValueId): Aval {
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
      const inlined = this.#uses.get(id) === 1 && canInline(this.#user.get(id))
      if (!inlined && !this.#isTrivial(id)) this.need(id)
      return
    }
    if (REDUCTIONS.has(primitive)) return this.#reduce(equation)
    const lower = lowerings[primitive]
    // stopGradient is all that is left, and simplify has removed it.
    assert(lower, `no kernel for ${primitive}`)
    lower(this, equation)
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
    const shape = this.aval(source).shape
    const target = this.aval(id).shape
    if (this.#isTrivial(source)) return
    const grows = equation.primitive === 'broadcast' || equation.primitive === 'slice'
    const general = equation.primitive === 'reshape' && unitReshape(shape, target) === null
    const shared = (this.#uses.get(id) ?? 0) > 1
    // A part needs its whole in memory; computing a value again for each of its repeats, or for each user of its new layout, would cost more than memory.
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
        if (!isDense(view, shape)) view = this.copy(source)
        this.#views.set(id, { ...denseView(view.buffer, target), offset: view.offset })
      }
    } else if (equation.primitive === 'transpose') {
      const { strides } = view
      this.#views.set(id, { ...view, strides: equation.params.order.map((axis) => at(strides, axis)) })
    } else if (equation.primitive === 'slice') {
      this.#views.set(id, partOf(view, equation.params.start))
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
    const shape = this.aval(id).shape
    const youngest = this.#youngest(id)
    const host = youngest === null ? undefined : this.#groups.get(youngest)
    if (host && sameShape(host.shape, shape) && this.#attach(host, id)) return this.#store(host, id)
    const group = this.#openMap(shape)
    assert(this.#attach(group, id), 'a map takes any expression')
    return this.#store(group, id)
  }

  /** A dense one, for kernels that walk their operands themselves. */
  dense(id: ValueId): View {
    const view = this.need(id)
    return isDense(view, this.aval(id).shape) ? view : this.copy(id)
  }

  /** Computes the value into a place that is given. */
  write(id: ValueId, view: View): void {
    const { shape } = this.aval(id)
    const group = this.#openMap(shape)
    const line = this.#line(group, id, identityMap(shape))
    assert(line !== null, 'a map takes any expression')
    group.stores.push({ view, value: line, id })
    this.#writer.set(view.buffer, group.index)
  }

  /** One number everywhere in a place that is given. */
  fill(value: number, shape: Shape, view: View): void {
    const group = this.#openMap(shape)
    const line = push(group, { op: 'constant', value, dtype: 'float' })
    group.stores.push({ view, value: line, id: -1 })
    this.#writer.set(view.buffer, group.index)
  }

  /** A place for a result of an equation, which other kernels write. */
  place(id: ValueId): View {
    const aval = this.aval(id)
    const buffer = this.#buffer(aval)
    const view = denseView(buffer.id, aval.shape)
    this.#views.set(id, view)
    return view
  }

  /** A place that only the kernels of one equation see. */
  room(aval: Aval): View {
    return denseView(this.#buffer(aval).id, aval.shape)
  }

  fuse(program: Program): Fused {
    return fuse(simplify(program))
  }

  /** A kernel that is complete; what it writes has its place. */
  append(kernel: Kernel): void {
    for (const view of writesOf(kernel)) this.#writer.set(view.buffer, this.#kernels.length)
    this.#kernels.push(kernel)
  }

  /** A copy whose axes lie in memory in the given order, outermost first; as a view with the value's own axes. */
  copy(id: ValueId, order: readonly number[] = this.aval(id).shape.map((_, axis) => axis)): View {
    const aval = this.aval(id)
    const shape = order.map((axis) => at(aval.shape, axis))
    const group = this.#openMap(shape)
    const line = this.#line(group, id, inverse(order))
    assert(line !== null, 'a map takes any expression')
    const buffer = this.#buffer({ shape, dtype: aval.dtype })
    const view = denseView(buffer.id, shape)
    group.stores.push({ view, value: line, id })
    this.#writer.set(buffer.id, group.index)
    return { ...view, strides: inverse(order).map((place) => at(view.strides, place)) }
  }

  #openMap(shape: Shape): Group {
    return this.#open(
      shape,
      (expression) => ({ kind: 'map', shape, expression }),
      (strides) => strides,
    )
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
  result(equation: Equation, finish: Group['finish'], collapse: Group['collapse'] = (strides) => strides): void {
    const id = at(equation.outputs, 0)
    const { shape, dtype } = this.aval(id)
    const group = this.#open(shape, finish, collapse)
    group.body.push({ op: 'result', dtype })
    group.lines.set(id, 0)
    group.paths.add(equation.path)
    this.#made.set(id, group.index)
    if (this.#uses.get(id) !== 1 || !canInline(this.#user.get(id))) this.#store(group, id)
  }

  #store(group: Group, id: ValueId): View {
    const known = this.#views.get(id)
    if (known) return known
    const aval = this.aval(id)
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
    const before = { loads: group.loads.length, body: group.body.length, lines: group.lines.size }
    const line = this.#line(group, id, identityMap(group.shape))
    if (line === null) {
      group.loads.length = before.loads
      group.body.length = before.body
      // A line once known is never another, so those that came in are the last ones.
      for (const value of [...group.lines.keys()].slice(before.lines)) group.lines.delete(value)
      return false
    }
    group.lines.set(id, line)
    this.#made.set(id, group.index)
    return true
  }

  /** Writes the lines that compute a value at the kernel's index; null when this kernel can't know it. */
  #line(group: Group, id: ValueId, map: AxisMap): number | null {
    const { shape, dtype } = this.aval(id)
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
        const axes = unitReshape(this.aval(source).shape, maker.params.shape)
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
          // x * x needs x once; walking both sides would double the work with every such step of a chain.
          const line = lines[maker.inputs.indexOf(input)] ?? this.#line(group, input, map)
          if (line === null) return null
          lines.push(line)
        }
        if (maker.primitive === 'random') {
          const [position, step, seed] = [at(lines, 0), at(lines, 1), at(lines, 2)]
          return push(group, { op: 'random', stream: maker.params.stream, position, step, seed, dtype })
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
    group.loads.push({ ...view, strides })
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
    const full = this.aval(source).shape
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
    this.result(equation, (epilogue) => ({
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
    for (const input of new Set(this.#makers.get(id)?.inputs)) this.#settle(input)
  }

  /** A kernel without an epilogue: its result goes straight to memory. */
  plain(equation: Equation, make: (output: View) => KernelBody): void {
    const id = at(equation.outputs, 0)
    const aval = this.aval(id)
    const buffer = this.#buffer(aval)
    const view = denseView(buffer.id, aval.shape)
    this.#views.set(id, view)
    this.#writer.set(buffer.id, this.#kernels.length)
    this.#kernels.push({ ...make(view), path: equation.path })
  }
}

/** Appends a line, or finds the equal one that is there. */
function push(group: Group, line: Scalar): number {
  const known = group.body.findIndex((other) => sameLine(other, line))
  return known >= 0 ? known : group.body.push(line) - 1
}
