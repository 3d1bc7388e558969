/**
 * What must hold of a Program and of a Plan whatever made them, each broken rule as a sentence; none when all is well. The
 * checks know nothing of the compiler's phases: they read only what a backend will read.
 */
import { ProblemError } from '../base/problem.ts'
import { sameShape, sizeOf, type Shape } from '../base/shape.ts'
import { readsOf, writesOf } from './access.ts'
import { operandsOf, type Expression, type Kernel, type Scalar, type View } from './kernel.ts'
import type { Plan, PlanBuffer, PlanEntry, Slot } from './plan.ts'
import { printAval } from './print.ts'
import type { Aval, Equation, Primitive, Program, ValueId } from './program.ts'
import { inferShape, scanShapes, slide } from './shapes.ts'

/** How many operands each primitive takes; null for those that take any number of them. */
export const ARITY: { readonly [P in Primitive]: number | null } = {
  constant: 0,
  iota: 0,
  neg: 1,
  exp: 1,
  log: 1,
  tanh: 1,
  sqrt: 1,
  abs: 1,
  isFinite: 1,
  stopGradient: 1,
  convert: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  max: 2,
  min: 2,
  less: 2,
  equal: 2,
  select: 3,
  sum: 1,
  reduceMax: 1,
  argMax: 1,
  reshape: 1,
  transpose: 1,
  broadcast: 1,
  dot: 2,
  conv: 2,
  convInputGradient: 2,
  convWeightGradient: 2,
  maxPool: 1,
  maxPoolGradient: 2,
  maxPoolTangent: 2,
  sumPool: 1,
  sumPoolGradient: 1,
  slice: 1,
  pad: 1,
  concat: null,
  random: 3,
  scan: null,
  take: 2,
  scatterRows: 2,
}

export function verifyProgram(program: Program): string[] {
  const found: string[] = []
  const defined = new Set<ValueId>()
  const define = (id: ValueId, where: string): void => {
    if (program.values[id] === undefined) found.push(`${where} makes value ${id}, which has no shape`)
    if (defined.has(id)) found.push(`${where} makes value ${id} a second time`)
    defined.add(id)
  }
  for (const input of program.inputs) define(input.value, `input ${input.name}`)
  found.push(...duplicates('input', program.inputs))
  program.equations.forEach((equation, i) => {
    const where = `equation ${i} (${equation.primitive}${equation.path === '' ? '' : ` of ${equation.path}`})`
    const early = equation.inputs.filter((id) => !defined.has(id))
    if (early.length > 0) found.push(`${where} reads value ${early.join(', ')} before it is made`)
    const arity = ARITY[equation.primitive]
    if (arity !== null && equation.inputs.length !== arity)
      found.push(`${where} has ${equation.inputs.length} operands, not ${arity}`)
    else if (early.length === 0) found.push(...shapeComplaint(program, equation, where))
    if (equation.primitive === 'scan')
      found.push(...verifyProgram(equation.params.body).map((text) => `${where}, in its body: ${text}`))
    else if (equation.outputs.length !== 1) found.push(`${where} makes ${equation.outputs.length} values`)
    for (const id of equation.outputs) define(id, where)
  })
  for (const output of program.outputs) {
    const aval = program.values[output.value]
    if (!defined.has(output.value) || !aval) found.push(`output ${output.name} is value ${output.value}, never made`)
    else if (output.role === 'state') {
      const state = program.inputs.find((input) => input.name === output.name && input.role === 'state')
      const old = state && program.values[state.value]
      if (!old) found.push(`output ${output.name} has no state to write back to`)
      else if (!sameAval(old, aval))
        found.push(`state ${output.name} is ${printAval(old)}, but its next value ${printAval(aval)}`)
    }
  }
  for (const role of ['state', 'step'] as const)
    found.push(
      ...duplicates(
        `${role} output`,
        program.outputs.filter((output) => output.role === role),
      ),
    )
  return found
}

function sameAval(a: Aval, b: Aval): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape)
}

function duplicates(what: string, named: readonly { readonly name: string }[]): string[] {
  const seen = new Set<string>()
  return named.flatMap(({ name }) => {
    if (seen.has(name)) return [`two ${what}s are called ${name}`]
    seen.add(name)
    return []
  })
}

function shapeComplaint(program: Program, equation: Equation, where: string): string[] {
  const inputs = equation.inputs.map((id) => program.values[id]).filter((aval) => aval !== undefined)
  const outputs = equation.outputs.map((id) => program.values[id]).filter((aval) => aval !== undefined)
  if (outputs.length !== equation.outputs.length || inputs.length !== equation.inputs.length)
    return [`${where} has values without shapes`]
  try {
    const right =
      equation.primitive === 'scan'
        ? scanShapes(inputs, equation.params)
        : // Primitive and parameters belong together, which TypeScript can't see through a union.
          [inferShape(equation.primitive, inputs, equation.params as never)]
    const show = (avals: readonly Aval[]) => avals.map(printAval).join(' ')
    const fits = right.length === outputs.length && right.every((aval, i) => outputs[i] && sameAval(aval, outputs[i]))
    return fits ? [] : [`${where} gives ${show(right)}, but says ${show(outputs)}`]
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return [`${where}: ${error.message}`]
  }
}

const ALIGN = 64

/** Bytes of the arena that a buffer takes in all steps of a chunk: from, and up to but not including. */
interface Extent {
  readonly name: string
  readonly from: number
  readonly to: number
}

const extentOf = (buffer: PlanBuffer, rows: number, name: string): Extent => ({
  name,
  from: buffer.offset,
  to: buffer.offset + (rows - 1) * buffer.stepBytes + 4 * buffer.size,
})

const overlap = (a: Extent, b: Extent): boolean => a.from < b.to && b.from < a.to && a.from < a.to && b.from < b.to

export function verifyPlan(plan: Plan): string[] {
  const found: string[] = []
  const buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
  if (buffers.size !== plan.buffers.length) found.push('two buffers have the same number')
  const slots = new Map(plan.slots.map((slot) => [slot.buffer, slot]))
  const extents: Extent[] = []
  for (const buffer of plan.buffers) {
    const slot = slots.get(buffer.id)
    const extent = extentOf(buffer, slot?.rows ?? 1, slot?.name ?? `buffer ${buffer.id}`)
    if (buffer.offset % ALIGN !== 0) found.push(`${extent.name} starts at ${buffer.offset}, no multiple of ${ALIGN}`)
    if (buffer.offset < 0 || extent.to > plan.arenaBytes)
      found.push(`${extent.name} ends at ${extent.to}, behind the arena of ${plan.arenaBytes}`)
    if (slot) extents.push(extent)
    else if (buffer.stepBytes !== 0) found.push(`${extent.name} belongs to no slot, but moves from step to step`)
  }
  found.push(...slotComplaints(plan, buffers), ...duplicates('slot', plan.slots), ...duplicates('entry', plan.entries))
  found.push(...collisions(extents))
  for (const entry of plan.entries) {
    found.push(...verifyProgram(entry.program).map((text) => `entry ${entry.name}: ${text}`))
    found.push(...entryComplaints(plan, entry, buffers, slots, extents).map((text) => `entry ${entry.name}, ${text}`))
  }
  return found
}

function slotComplaints(plan: Plan, buffers: ReadonlyMap<number, PlanBuffer>): string[] {
  return plan.slots.flatMap((slot) => {
    const buffer = buffers.get(slot.buffer)
    if (!buffer) return [`slot ${slot.name} has no buffer`]
    const found: string[] = []
    const perStep = slot.role === 'step' || slot.role === 'result'
    const entry = plan.entries.find(({ name }) => slot.name.startsWith(`${name}/`))
    if (buffer.size !== sizeOf(slot.shape)) found.push(`slot ${slot.name} has ${buffer.size} elements`)
    if (buffer.dtype !== slot.dtype) found.push(`slot ${slot.name} holds ${buffer.dtype}, not ${slot.dtype}`)
    if (buffer.stepBytes !== (perStep ? 4 * buffer.size : 0))
      found.push(`slot ${slot.name} moves by ${buffer.stepBytes} bytes a step`)
    if (slot.rows !== (perStep ? entry?.chunk : 1)) found.push(`slot ${slot.name} has ${slot.rows} rows`)
    return found
  })
}

/** Pairs of byte ranges that share a byte. */
function collisions(extents: readonly Extent[]): string[] {
  const found: string[] = []
  const sorted = [...extents].sort((a, b) => a.from - b.from || a.to - b.to)
  let before: Extent | undefined
  for (const extent of sorted) {
    if (before && overlap(before, extent)) found.push(`${before.name} and ${extent.name} share memory`)
    if (!before || extent.to > before.to) before = extent
  }
  return found
}

function entryComplaints(
  plan: Plan,
  entry: PlanEntry,
  buffers: ReadonlyMap<number, PlanBuffer>,
  slots: ReadonlyMap<number, Slot>,
  fixed: readonly Extent[],
): string[] {
  const found: string[] = []
  const written = new Set<number>()
  const alive = new Map<number, { first: number; last: number }>()
  const filled = new Map<number, number>()
  const turns = entry.kernels.flatMap((kernel, i) =>
    kernel.kind === 'loop'
      ? kernel.kernels.map((inner) => ({ kernel: inner, i, turns: kernel.count }))
      : [{ kernel, i, turns: 1 }],
  )
  for (const { kernel, i, turns: count } of turns) {
    const complain = (text: string) =>
      found.push(`kernel ${i} (${kernel.kind}${kernel.path ? ` of ${kernel.path}` : ''}): ${text}`)
    for (const text of kernelComplaints(kernel, buffers, count)) complain(text)
    const { main, elementwise } = readsOf(kernel)
    for (const view of [...main, ...elementwise]) {
      const slot = slots.get(view.buffer)
      const foreign =
        slot && (slot.role === 'step' || slot.role === 'result') && !slot.name.startsWith(`${entry.name}/`)
      if (foreign) complain(`reads ${slot.name} of another entry`)
      if ((!slot || slot.role === 'result') && !written.has(view.buffer))
        complain(`reads ${slot?.name ?? `buffer ${view.buffer}`} before anything is written there`)
    }
    for (const view of writesOf(kernel)) {
      const slot = slots.get(view.buffer)
      if (slot && slot.role !== 'state' && slot.role !== 'result')
        complain(`writes to ${slot.name}, which is ${slot.role}`)
      written.add(view.buffer)
      const elements = stored(kernel, buffers) * (view.turn ? count : 1)
      filled.set(view.buffer, (filled.get(view.buffer) ?? 0) + elements)
    }
    for (const { buffer } of [...main, ...elementwise, ...writesOf(kernel)]) {
      if (slots.has(buffer)) continue
      const known = alive.get(buffer)
      if (known) known.last = i
      else alive.set(buffer, { first: i, last: i })
    }
  }
  for (const [id, elements] of filled) {
    const buffer = buffers.get(id)
    if (buffer && elements < buffer.size)
      found.push(`only ${elements} of ${buffer.size} elements of buffer ${id} are written`)
  }
  for (const output of entry.program.outputs) {
    const name = output.role === 'step' ? `${entry.name}/${output.name}` : output.name
    const slot = plan.slots.find((candidate) => candidate.name === name)
    if (!slot) found.push(`output ${output.name} has no slot`)
    else if (!written.has(slot.buffer)) found.push(`nothing is written to output ${output.name}`)
  }
  const passing = [...alive].flatMap(([id, life]) => {
    const buffer = buffers.get(id)
    return buffer ? [{ ...extentOf(buffer, 1, `buffer ${id}`), ...life }] : []
  })
  passing.forEach((one, i) => {
    for (const other of passing.slice(i + 1))
      if (one.first <= other.last && other.first <= one.last && overlap(one, other))
        found.push(`${one.name} and ${other.name} share memory while both are needed`)
    for (const slot of fixed) if (overlap(one, slot)) found.push(`${one.name} lies over ${slot.name}`)
  })
  return found
}

/** What each operand is walked by, and by how many elements it must be covered. */
function kernelComplaints(kernel: Kernel, buffers: ReadonlyMap<number, PlanBuffer>, turns: number): string[] {
  const found: string[] = []
  const inside = (view: View, space: Shape, what: string): void => {
    const buffer = buffers.get(view.buffer)
    if (!buffer) found.push(`${what} has no buffer ${view.buffer}`)
    else if (view.strides.length !== space.length)
      found.push(`${what} has ${view.strides.length} strides for ${space.length} axes`)
    else if (sizeOf(space) > 0) {
      let [low, high] = [view.offset, view.offset]
      view.strides.forEach((stride, axis) => {
        const reach = stride * ((space[axis] ?? 1) - 1)
        if (reach < 0) low += reach
        else high += reach
      })
      const moved = (view.turn ?? 0) * (turns - 1)
      if (moved < 0) low += moved
      else high += moved
      if (low < 0 || high >= buffer.size)
        found.push(`${what} reaches elements ${low} to ${high} of buffer ${view.buffer}, which has ${buffer.size}`)
    }
  }
  const operand = (view: View, size: number, what: string): void => inside({ ...view, strides: [1] }, [size], what)
  const expression = (e: Expression, space: Shape, epilogue: boolean): void => {
    e.loads.forEach((view, i) => inside(view, space, `load ${i}`))
    found.push(...bodyComplaints(e.body, e.loads.length, space, epilogue))
    e.stores.forEach(({ view, value }, i) => {
      inside(view, space, `store ${i}`)
      if (!e.body[value]) found.push(`store ${i} is of line ${value}, which does not exist`)
      else if (e.body[value].dtype !== buffers.get(view.buffer)?.dtype)
        found.push(`store ${i} puts ${e.body[value].dtype} where ${buffers.get(view.buffer)?.dtype} belongs`)
      if (!injective(view, space)) found.push(`store ${i} writes an element twice`)
    })
    if (e.stores.length === 0) found.push('stores nothing')
    e.loads.forEach((view, i) => {
      const line = e.body.find((scalar) => scalar.op === 'load' && scalar.load === i)
      if (line && line.dtype !== buffers.get(view.buffer)?.dtype) found.push(`load ${i} takes the wrong type`)
    })
  }
  switch (kernel.kind) {
    case 'map':
      expression(kernel.expression, kernel.shape, false)
      break
    case 'reduce': {
      const space = [...kernel.shape, ...kernel.over]
      kernel.loads.forEach((view, i) => inside(view, space, `operand ${i}`))
      found.push(...bodyComplaints(kernel.body, kernel.loads.length, space, false))
      if (!kernel.body[kernel.value]) found.push(`reduces line ${kernel.value}, which does not exist`)
      if (kernel.op === 'argMax' && kernel.over.length !== 1) found.push('argMax over more than one axis')
      if (kernel.op !== 'sum' && sizeOf(kernel.over) === 0) found.push(`${kernel.op} of nothing`)
      expression(kernel.epilogue, kernel.shape, true)
      break
    }
    case 'dot':
      inside(kernel.a, [kernel.batch, kernel.m, kernel.k], 'operand a')
      inside(kernel.b, [kernel.batch, kernel.k, kernel.n], 'operand b')
      expression(kernel.epilogue, [kernel.batch, kernel.m, kernel.n], true)
      break
    case 'conv': {
      const { stride, dilation, padding, groups } = kernel.geometry
      const rows = slide(kernel.x[1], kernel.w[0], stride[0], padding[0], dilation[0])
      const columns = slide(kernel.x[2], kernel.w[1], stride[1], padding[1], dilation[1])
      if (!sameShape(kernel.y, [kernel.x[0], rows, columns, kernel.w[3]])) found.push('x, w and y do not fit')
      if (kernel.w[2] * groups !== kernel.x[3] || kernel.w[3] % groups !== 0) found.push('the groups do not fit')
      const shapes: { readonly [V in typeof kernel.variant]: readonly [Shape, Shape, Shape] } = {
        forward: [kernel.x, kernel.w, kernel.y],
        inputGradient: [kernel.y, kernel.w, kernel.x],
        weightGradient: [kernel.x, kernel.y, kernel.w],
      }
      const [a, b, result] = shapes[kernel.variant]
      operand(kernel.a, sizeOf(a), 'operand a')
      operand(kernel.b, sizeOf(b), 'operand b')
      expression(kernel.epilogue, result, true)
      break
    }
    case 'pool': {
      const { size, stride, padding } = kernel.window
      const rows = slide(kernel.x[1], size[0], stride[0], padding[0])
      const columns = slide(kernel.x[2], size[1], stride[1], padding[1])
      if (!sameShape(kernel.y, [kernel.x[0], rows, columns, kernel.x[3]])) found.push('x and y do not fit')
      const shapes: { readonly [O in typeof kernel.op]: readonly [readonly Shape[], Shape] } = {
        max: [[kernel.x], kernel.y],
        maxGradient: [[kernel.x, kernel.y], kernel.x],
        maxTangent: [[kernel.x, kernel.x], kernel.y],
        sum: [[kernel.x], kernel.y],
        sumGradient: [[kernel.y], kernel.x],
      }
      const [inputs, output] = shapes[kernel.op]
      if (inputs.length !== kernel.inputs.length) found.push(`${kernel.inputs.length} operands`)
      kernel.inputs.forEach((view, i) => operand(view, sizeOf(inputs[i] ?? []), `operand ${i}`))
      operand(kernel.output, sizeOf(output), 'output')
      break
    }
    case 'rows': {
      const [from, to] = kernel.op === 'take' ? [kernel.rows, kernel.count] : [kernel.count, kernel.rows]
      operand(kernel.source, from * kernel.rowSize, 'source')
      inside(kernel.indices, [kernel.count], 'indices')
      operand(kernel.output, to * kernel.rowSize, 'output')
      if (buffers.get(kernel.indices.buffer)?.dtype !== 'int') found.push('the indices are no whole numbers')
      break
    }
    case 'loop':
      found.push('a loop within a loop')
      break
    default:
      kernel satisfies never
  }
  return [...found, ...hazards(kernel)]
}

/** Elements that each store of a kernel writes. */
function stored(kernel: Kernel, buffers: ReadonlyMap<number, PlanBuffer>): number {
  switch (kernel.kind) {
    case 'map':
    case 'reduce':
      return sizeOf(kernel.shape)
    case 'dot':
      return kernel.batch * kernel.m * kernel.n
    case 'conv':
      return sizeOf({ forward: kernel.y, inputGradient: kernel.x, weightGradient: kernel.w }[kernel.variant])
    case 'pool':
    case 'rows':
      return buffers.get(kernel.output.buffer)?.size ?? 0
    case 'loop':
      return 0
    default:
      return kernel satisfies never
  }
}

/** A kernel may write where it reads only element by element: the very element, and from its expression alone. */
function hazards(kernel: Kernel): string[] {
  const { main, elementwise } = readsOf(kernel)
  const stores = writesOf(kernel)
  return stores.flatMap((store, i) => {
    const found: string[] = []
    if (main.some((view) => view.buffer === store.buffer)) found.push(`store ${i} overwrites an operand`)
    if (stores.slice(0, i).some((other) => other.buffer === store.buffer))
      found.push(`store ${i} overwrites another store`)
    const same = (view: View) => view.offset === store.offset && sameShape(view.strides, store.strides)
    if (elementwise.some((view) => view.buffer === store.buffer && !same(view)))
      found.push(`store ${i} overwrites other elements than the ones that were loaded`)
    return found
  })
}

function bodyComplaints(body: readonly Scalar[], loads: number, space: Shape, epilogue: boolean): string[] {
  return body.flatMap((line, i) => {
    const found: string[] = []
    if (operandsOf(line).some((operand) => !(operand >= 0 && operand < i))) found.push(`line ${i} needs a later line`)
    if (line.op === 'load' && !(line.load >= 0 && line.load < loads)) found.push(`line ${i} has no load ${line.load}`)
    if (line.op === 'index' && !(line.axis >= 0 && line.axis < space.length))
      found.push(`line ${i} has no axis ${line.axis}`)
    if (line.op === 'result' && !epilogue) found.push(`line ${i} asks for a result outside of an epilogue`)
    return found
  })
}

/** Whether no two positions lie at the same element: each stride steps over all that the smaller ones reach. */
function injective(view: View, space: Shape): boolean {
  if (sizeOf(space) === 0) return true
  const axes = space
    .map((size, axis) => ({ size, stride: Math.abs(view.strides[axis] ?? 0) }))
    .filter(({ size }) => size > 1)
    .sort((p, q) => p.stride - q.stride)
  let reach = 0
  for (const { size, stride } of axes) {
    if (stride <= reach) return false
    reach += stride * (size - 1)
  }
  return true
}
