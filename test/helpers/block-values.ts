/** Numbers in, numbers out of one block: outputs, gradients of sum(r y) and what it keeps, with r and weights 1 unless given. */
import type { ParamValues } from '../../src/base/params.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import type { Backend } from '../../src/backends/types.ts'
import type { BlockDefinition, Mode } from '../../src/blocks/define.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { blockProgram } from './block-program.ts'
import { reference, runProgram } from './run-program.ts'

/** Nested lists, which have their shape with them. */
export type Nested = number | readonly Nested[]

export function blockNamed(type: string): BlockDefinition {
  const block = findBlock(type)
  if (!block) throw new Error(`no block ${type}`)
  return block
}

export function shapeOf(value: Nested): Shape {
  return typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0] ?? 0)]
}

export const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat))

export interface Given {
  readonly params?: ParamValues
  readonly ports: { readonly [port: string]: Nested }
  /** Weights and buffers as `block.weight`, `r.y`, `random/step` and `random/seed`. */
  readonly more?: { readonly [input: string]: readonly number[] }
  readonly mode?: Mode
  readonly backend?: Backend
}

export function blockValues(
  type: string,
  { params = {}, ports, more = {}, mode = 'train', backend = reference }: Given,
): Promise<Map<string, number[]>> {
  const shapes = Object.fromEntries(Object.entries(ports).map(([port, value]) => [port, shapeOf(value)]))
  const { program, inputs } = blockProgram(blockNamed(type), params, shapes, mode)
  const filled = Object.entries(inputs).map(([name, shape]) => {
    const port = ports[name]
    return [name, port === undefined ? new Array<number>(sizeOf(shape)).fill(1) : flat(port)] as const
  })
  return runProgram(backend, program, { ...Object.fromEntries(filled), ...more })
}
