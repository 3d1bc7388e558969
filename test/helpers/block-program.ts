/**
 * One block as a program: its inputs and weights go in; its outputs come out, and the gradient of each input and weight of
 * the loss sum(r y), with r an input of its own.
 */
import { at } from '../../src/base/assert.ts'
import { readParams, type ParamValues } from '../../src/base/params.ts'
import type { Shape } from '../../src/base/shape.ts'
import { BlockBuilder, type BlockDefinition, type DataSignature, type Mode } from '../../src/blocks/define.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import type { Builder, Tensor } from '../../src/ir/builder.ts'
import type { Program } from '../../src/ir/program.ts'
import { FROZEN } from './random.ts'

export const PATH = 'block'
const someData: DataSignature = { features: [3], target: { kind: 'classes', classes: 3 } }

export function newBlockBuilder(signature: DataSignature = someData, batch = 2, mode: Mode = 'train'): BlockBuilder {
  const feed = (g: Builder) => ({
    features: g.input('features', 'data', [batch, ...signature.features]),
    target:
      signature.target.kind === 'classes'
        ? g.input('target', 'data', [batch], 'int')
        : g.input('target', 'data', [batch, signature.target.size]),
  })
  return new BlockBuilder(signature, feed, mode)
}

/** Checked parameters: defaults, and what is given. */
export function paramsOf(definition: BlockDefinition, given: ParamValues = {}): ParamValues {
  const { values, problems } = readParams(definition.params, given, definition.title)
  if (problems.length > 0) throw new Error(problems.map((p) => p.message).join())
  return values
}

export function place(
  g: BlockBuilder,
  definition: BlockDefinition,
  params: ParamValues,
  inputs: { readonly [port: string]: Tensor },
): { readonly [port: string]: Tensor } {
  g.path = PATH
  const outputs = definition.build(g, inputs, paramsOf(definition, params))
  g.path = ''
  return outputs
}

export interface BlockProgram {
  readonly program: Program
  /** Shapes of the inputs: ports, weights and buffers as `block.weight`, and `r.port` for each output. */
  readonly inputs: { readonly [name: string]: Shape }
}

/** Outputs are named by their port, gradients `d.` and the name of the input, what is kept by its own name. */
export function blockProgram(
  definition: BlockDefinition,
  params: ParamValues,
  shapes: { readonly [port: string]: Shape },
  mode: Mode = 'train',
): BlockProgram {
  const g = newBlockBuilder(someData, 2, mode)
  const ports = Object.fromEntries(Object.entries(shapes).map(([port, shape]) => [port, g.input(port, 'data', shape)]))
  const outputs = place(g, definition, params, ports)
  let loss = g.constant(0)
  for (const [port, y] of Object.entries(outputs)) {
    g.output(port, 'step', y)
    loss = g.add(loss, g.sum(g.mul(y, g.input(`r.${port}`, 'data', y.shape))))
  }
  const by: readonly (readonly [string, Tensor])[] = [
    ...Object.entries(ports),
    ...g.weights
      .filter(({ learned }) => learned)
      .map(({ name, shape }) => [name, g.input(name, 'state', shape)] as const),
  ]
  const gradients = differentiate(
    g,
    loss,
    by.map(([, tensor]) => tensor),
  )
  by.forEach(([name], i) => g.output(`d.${name}`, 'step', at(gradients, i)))
  const program = g.build()
  const given = program.inputs.filter(({ name }) => !(name in FROZEN))
  return {
    program,
    inputs: Object.fromEntries(given.map(({ name, value }) => [name, at(program.values, value).shape])),
  }
}
