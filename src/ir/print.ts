/**
 * Programs, kernels and plans as text: for tests that compare what the compiler makes, and for people who want to see it.
 * The forms are stable; everything that decides what is computed is in them.
 */
import { at } from '../base/assert.ts'
import { showNumber } from '../base/hash.ts'
import type { Shape } from '../base/shape.ts'
import type { Expression, Kernel, Scalar, View } from './kernel.ts'
import type { Plan } from './plan.ts'
import type { Aval, Equation, Program, ValueId } from './program.ts'

/** `float[32,16]`; `float` alone is a scalar. */
export function printAval({ dtype, shape }: Aval): string {
  return shape.length === 0 ? dtype : `${dtype}[${shape.join(',')}]`
}

/** One line an input, equation and output; values are numbered anew in the order of their appearance. */
export function printProgram(program: Program): string {
  const names = new Map<ValueId, string>()
  const define = (id: ValueId): string => {
    names.set(id, `%${names.size}`)
    return `${names.get(id)}:${printAval(at(program.values, id))}`
  }
  const use = (id: ValueId): string => names.get(id) ?? `%?${id}`
  return [
    ...program.inputs.map(({ name, role, value }) => `${define(value)} = ${role} ${name}`),
    ...program.equations.map((equation) => {
      const operands = equation.inputs.map(use)
      const words = [equation.primitive, ...operands, ...printParams(equation)]
      if (equation.path !== '') words.push(`@${equation.path}`)
      return `${equation.outputs.map(define).join(' ')} = ${words.join(' ')}`
    }),
    ...program.outputs.map(({ name, role, value }) => `${role} ${name} <- ${use(value)}`),
  ].join('\n')
}

function printParams(equation: Equation): string[] {
  if (equation.primitive === 'constant') return [showNumber(equation.params.value)]
  if (equation.primitive === 'scan') {
    const { body, ...others } = equation.params
    return [...Object.entries(others).map(([name, value]) => `${name}=${value}`), `{\n${indent(printProgram(body))}\n}`]
  }
  const words = Object.entries(equation.params).map(([name, value]) => `${name}=${printValue(value)}`)
  // No axes at all say nothing.
  return words.filter((word) => !/=x?$/.test(word))
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** `3`, `1,2`, `1,1x0,0`: lists by commas, lists of lists by x. */
function printValue(value: unknown): string {
  if (!Array.isArray(value)) return String(value)
  return value.map(printValue).join(value.some(Array.isArray) ? 'x' : ',')
}

/** `name` of a buffer, then where its elements lie: `hidden1.weight(16,1)`, `rows+4(1)`. */
function printView(view: View, nameOf: (buffer: number) => string): string {
  const offset = view.offset === 0 ? '' : `+${view.offset}`
  const turn = view.turn ? ` turn ${view.turn}` : ''
  return `${nameOf(view.buffer)}${offset}(${view.strides.join(',')}${turn})`
}

function printScalar(line: Scalar, loads: readonly string[]): string {
  const v = (operand: number) => `v${operand}`
  switch (line.op) {
    case 'load':
      return `load ${loads[line.load] ?? '?'}`
    case 'constant':
      return showNumber(line.value)
    case 'index':
      return `index ${line.axis}`
    case 'result':
      return 'result'
    case 'random':
      return `random stream=${line.stream} ${v(line.position)} ${v(line.step)} ${v(line.seed)}`
    case 'select':
      return `select ${v(line.condition)} ${v(line.a)} ${v(line.b)}`
    default:
      return 'b' in line ? `${line.op} ${v(line.a)} ${v(line.b)}` : `${line.op} ${v(line.a)}`
  }
}

function printBody(body: readonly Scalar[], loads: readonly string[]): string[] {
  return body.map((line, i) => `v${i} = ${printScalar(line, loads)}`)
}

function printExpression({ loads, body, stores }: Expression, nameOf: (buffer: number) => string): string[] {
  const views = loads.map((view) => printView(view, nameOf))
  return [...printBody(body, views), ...stores.map(({ view, value }) => `${printView(view, nameOf)} <- v${value}`)]
}

const by = (shape: Shape): string => `[${shape.join(',')}]`

/** What a kernel is, what it reads, its expression line by line, and its stores. */
export function printKernel(kernel: Kernel, nameOf: (buffer: number) => string = (id) => `b${id}`): string {
  const view = (v: View) => printView(v, nameOf)
  const place = kernel.path === '' ? '' : ` @${kernel.path.split(' ').join(' @')}`
  const lines = ((): readonly [string, ...string[]] => {
    switch (kernel.kind) {
      case 'map':
        return [`map ${by(kernel.shape)}`, ...printExpression(kernel.expression, nameOf)]
      case 'reduce':
        return [
          `reduce ${kernel.op} ${by(kernel.shape)} over ${by(kernel.over)}`,
          ...printBody(kernel.body, kernel.loads.map(view)).map((line) => `| ${line}`),
          `| ${kernel.op} v${kernel.value}`,
          ...printExpression(kernel.epilogue, nameOf),
        ]
      case 'dot':
        return [
          `dot batch=${kernel.batch} m=${kernel.m} n=${kernel.n} k=${kernel.k} ${view(kernel.a)} ${view(kernel.b)}`,
          ...printExpression(kernel.epilogue, nameOf),
        ]
      case 'conv': {
        const { stride, dilation, padding, groups } = kernel.geometry
        return [
          `conv ${kernel.variant} x=${by(kernel.x)} w=${by(kernel.w)} y=${by(kernel.y)} stride=${printValue(stride)} ` +
            `dilation=${printValue(dilation)} padding=${printValue(padding)} groups=${groups} ` +
            `${view(kernel.a)} ${view(kernel.b)}`,
          ...printExpression(kernel.epilogue, nameOf),
        ]
      }
      case 'pool': {
        const { size, stride, padding } = kernel.window
        return [
          `pool ${kernel.op} x=${by(kernel.x)} y=${by(kernel.y)} size=${printValue(size)} stride=${printValue(stride)} ` +
            `padding=${printValue(padding)} ${kernel.inputs.map(view).join(' ')}`,
          `${view(kernel.output)} <- all`,
        ]
      }
      case 'rows':
        return [
          `rows ${kernel.op} rows=${kernel.rows} size=${kernel.rowSize} count=${kernel.count} ` +
            `${view(kernel.source)} ${view(kernel.indices)}`,
          `${view(kernel.output)} <- all`,
        ]
      case 'loop':
        return [`loop ${kernel.count}`, ...kernel.kernels.flatMap((inner) => printKernel(inner, nameOf).split('\n'))]
      default:
        return kernel satisfies never
    }
  })()
  return [`${lines[0]}${place}`, ...lines.slice(1).map((line) => `  ${line}`)].join('\n')
}

/** What `printKernel` calls a plan's buffers: slots by their names, passing values by number within their entry. */
export function bufferNames(plan: Plan): (buffer: number) => string {
  const names = new Map(plan.slots.map((slot) => [slot.buffer, slot.name]))
  let passing = 0
  for (const buffer of plan.buffers) if (!names.has(buffer.id)) names.set(buffer.id, `t${passing++}`)
  return (id) => names.get(id) ?? `?${id}`
}

/** The arena's map: slots, then each entry's kernels. */
export function printPlan(plan: Plan): string {
  const nameOf = bufferNames(plan)
  const slots = plan.slots.map((slot) => {
    const { offset } = at(plan.buffers, slot.buffer)
    return `  ${offset} ${slot.name} ${slot.role} ${printAval(slot)}${slot.rows === 1 ? '' : ` x${slot.rows}`}`
  })
  const homes = new Set(plan.slots.map((slot) => slot.buffer))
  const passing = plan.buffers
    .filter((buffer) => !homes.has(buffer.id))
    .map((buffer) => `  ${buffer.offset} ${nameOf(buffer.id)} ${buffer.dtype} ${buffer.size}`)
  const entries = plan.entries.map((entry) =>
    [
      `entry ${entry.name} chunk=${entry.chunk} kernels=${entry.kernels.length}`,
      ...entry.kernels.map((kernel) => printKernel(kernel, nameOf)),
    ].join('\n'),
  )
  return [`arena ${plan.arenaBytes} bytes`, 'slots', ...slots, 'passing', ...passing, ...entries].join('\n')
}
