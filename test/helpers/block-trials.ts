/** What each block is tried with, on whatever it is tried: parameters and shapes, and numbers that fit them. */
import { at } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { attempt } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import type { Shape } from '../../src/base/shape.ts'
import { initializers, type BlockDefinition, type BlockExample, type WeightSpec } from '../../src/blocks/define.ts'
import { blockProgram, newBlockBuilder, paramsOf, place } from './block-program.ts'
import { numbers, type Kind } from './random.ts'
import type { Given } from './run-program.ts'

/** Distinct shapes that every gradient is measured over, at least. */
export const SHAPES = 12

/** The examples, the same parameters and every choice on other shapes, and one-sized, empty and odd shapes, as far as the block takes them. */
export function trials(block: BlockDefinition): BlockExample[] {
  const rng = new Rng(1, 'trials', block.type)
  const found: BlockExample[] = [...block.examples]
  const seen = new Set(found.map(nameOf))
  const attemptOne = (params: ParamValues, batch: number, sizes: readonly number[]): boolean => {
    const example = at(block.examples, rng.integer(block.examples.length))
    // Equal sizes stay equal, so that a prediction still fits its target.
    const chosen = new Map<number, number>()
    const other = (size: number, axis: number) => {
      if (axis === 0) return batch
      if (!chosen.has(size)) chosen.set(size, at(sizes, rng.integer(sizes.length)))
      return chosen.get(size) ?? 1
    }
    const inputs = Object.fromEntries(Object.entries(example.inputs).map(([port, shape]) => [port, shape.map(other)]))
    const outputs = attempt(() => shapesOf(block, params, inputs))
    const trial = { params, inputs, outputs: outputs.ok ? outputs.value : {} }
    if (!outputs.ok || seen.has(nameOf(trial))) return false
    seen.add(nameOf(trial))
    found.push(trial)
    return true
  }
  // The sizes of the first example instead of the defaults, which differences would take long over.
  const small = block.examples[0]?.params ?? {}
  const params = [
    ...block.examples.map((example) => example.params ?? {}),
    ...choices(block).map((chosen) => ({ ...small, ...chosen })),
  ]
  for (const given of params)
    for (let tried = 0, fits = 0; tried < 12 && fits < 2; tried++)
      if (attemptOne(given, 1 + rng.integer(4), [1, 2, 3, 4, 5, 6])) fits++
  const pickParams = () => at(params, rng.integer(params.length))
  // Nothing but ones; one example; an axis without elements; no example at all, where that means something.
  const special: readonly (readonly [batch: number, sizes: readonly number[]])[] = [
    [1, [1]],
    [1, [2, 3, 5, 7]],
    [2, [0, 2]],
    [0, [2, 3]],
  ]
  for (const [batch, sizes] of special) {
    if ((batch === 0 || sizes.includes(0)) && averaging(block)) continue
    for (let tried = 0; tried < 40; tried++) if (attemptOne(pickParams(), batch, sizes)) break
  }
  for (let tried = 0; tried < 400 && shapesIn(found).size < SHAPES; tried++)
    attemptOne(pickParams(), 1 + rng.integer(4), tried % 2 === 0 ? [1, 3, 5, 7] : [2, 4, 6, 8, 9])
  return found
}

export const nameOf = (trial: BlockExample) => JSON.stringify([trial.params ?? {}, trial.inputs])
export const shapesIn = (found: readonly BlockExample[]) => new Set(found.map(({ inputs }) => JSON.stringify(inputs)))

/** The mean of nothing does not exist. */
const averaging = ({ family, type }: BlockDefinition) => family === 'loss' || /norm|pooling|attention/i.test(type)

/** Every value of every choice and switch, one at a time. */
function choices(block: BlockDefinition): ParamValues[] {
  return Object.entries(block.params).flatMap(([name, spec]): ParamValues[] => {
    if (spec.kind === 'bool') return [{ [name]: !spec.default }]
    // How weights start is nothing to what is done with them.
    const starts = spec.kind === 'choice' && spec.options.some(({ value }) => value in initializers)
    return spec.kind === 'choice' && !starts ? spec.options.map(({ value }) => ({ [name]: value })) : []
  })
}

type Shapes = { readonly [port: string]: Shape }

export function shapesOf(block: BlockDefinition, params: ParamValues, inputs: Shapes): Shapes {
  const g = newBlockBuilder()
  const ports = Object.fromEntries(Object.entries(inputs).map(([port, shape]) => [port, g.input(port, 'data', shape)]))
  return Object.fromEntries(Object.entries(place(g, block, params, ports)).map(([port, { shape }]) => [port, shape]))
}

/** Numbers that a port may get: apart from each other and from 0, and probabilities where a loss wants them. */
export function kindOf(block: BlockDefinition, params: ParamValues, port: string): Kind {
  // Scores of tens would leave one share of 1 and no gradient.
  if (block.type === 'attention') return 'share'
  if (block.type === 'embedding') return { below: Number(paramsOf(block, params)['rows']) }
  if (block.family !== 'loss') return 'distinct'
  const { expects } = paramsOf(block, params)
  if (expects === 'probabilities') return 'share'
  if (port !== 'target') return 'distinct'
  return expects === undefined ? 'positive' : 'share'
}

/** Numbers that a weight may have, and a buffer, such as a variance. */
export const weightKind = ({ learned }: WeightSpec): Kind => (learned ? 'normal' : 'positive')

/** A trial as a program with its inputs, for two backends to be compared by: outputs, gradients, what is kept. */
export function trialProgram(block: BlockDefinition, trial: BlockExample): Given {
  const params = trial.params ?? {}
  const { program, inputs } = blockProgram(block, params, trial.inputs)
  const rng = new Rng(5, block.type, nameOf(trial))
  const kindOfInput = (name: string): Kind => {
    if (name in block.inputs) return kindOf(block, params, name)
    return /running/.test(name) ? 'positive' : 'normal'
  }
  const values = Object.entries(inputs).map(
    ([name, shape]) => [name, Float64Array.from(numbers(rng, shape, kindOfInput(name)), Math.fround)] as const,
  )
  return { program, inputs: Object.fromEntries(values) }
}
