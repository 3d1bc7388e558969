/**
 * Rows by number. A take copies. A scatter has no two invocations add to one place: either each element of the result looks
 * through all numbers for its own, or, where rows are many, they are cleared and the first value of each row gathers the others.
 */
import { NO_CODE, type KernelCode, type KernelEmitter, type KernelOf, type Pass } from './kernel-code.ts'
import { INVOCATIONS } from './map.ts'
import { Library, shader } from './shader.ts'

type Rows = KernelOf<'rows'>

const [SOURCE, INDICES, OUTPUT] = ['p0', 'p1', 'p2']

function pass(size: number, body: readonly string[]): Pass {
  const groups = Math.ceil(size / INVOCATIONS)
  const lines = [`let i = group * ${INVOCATIONS} + lane;`, `if (i >= ${size}) { return; }`, ...body]
  return { code: shader({ places: 3, invocations: INVOCATIONS, groups, library: new Library(), body: lines }), groups }
}

/** Adds up the values, from number `from` on, that go to `row`. */
function gather(kernel: Rows, from: string): string[] {
  const { count, rowSize, dtype } = kernel
  const type = dtype === 'float' ? 'f32' : 'i32'
  return [
    `var total = ${type}(0);`,
    `for (var n = ${from}; n < ${count}; n++) {`,
    `  if (${indexAt(kernel, 'n')} == row) {`,
    `    total += bitcast<${type}>(arena[${SOURCE} + n * ${rowSize} + column]);`,
    '  }',
    '}',
    `arena[${OUTPUT} + row * ${rowSize} + column] = bitcast<u32>(total);`,
  ]
}

/** Row number n of the numbers. */
const indexAt = ({ indices }: Rows, n: string) => `i32(arena[${INDICES} + ${n} * ${indices.strides[0] ?? 1}])`

/** Elements of the result. */
export const rowsSize = ({ op, rows, rowSize, count }: Rows): number => (op === 'take' ? count : rows) * rowSize

/** Computes element `i` of the result. */
export function rowsLines(kernel: Rows): string[] {
  const { op, rowSize } = kernel
  const column = `let column = i % ${rowSize};`
  if (op === 'scatter') return [column, `let row = i / ${rowSize};`, ...gather(kernel, '0')]
  return [
    column,
    `let row = ${indexAt(kernel, `(i / ${rowSize})`)};`,
    `arena[${OUTPUT} + i] = arena[${SOURCE} + row * ${rowSize} + column];`,
  ]
}

function code(kernel: Rows): KernelCode {
  const { op, rows, rowSize, count } = kernel
  const size = rowsSize(kernel)
  if (size === 0) return NO_CODE
  if (op === 'take' || rows <= count) return { passes: [pass(size, rowsLines(kernel))], scratch: 0 }
  const clear = pass(size, [`arena[${OUTPUT} + i] = 0u;`])
  if (count === 0) return { passes: [clear], scratch: 0 }
  const gathered = pass(count * rowSize, [
    `let column = i % ${rowSize};`,
    `let first = i / ${rowSize};`,
    `let row = ${indexAt(kernel, 'first')};`,
    `for (var n = 0; n < first; n++) { if (${indexAt(kernel, 'n')} == row) { return; } }`,
    ...gather(kernel, 'first'),
  ])
  return { passes: [clear, gathered], scratch: 0 }
}

export const rows: KernelEmitter<Rows> = {
  views: (kernel) => [kernel.source, kernel.indices, kernel.output],
  emit: code,
}
