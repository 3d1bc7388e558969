/** Seeded random networks of all blocks there are, as far as the editor accepts them. */
import { at } from '../../src/base/assert.ts'
import type { ParamSpec, ParamValue, ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import type { BlockDefinition } from '../../src/blocks/define.ts'
import { blocks } from '../../src/blocks/index.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { draw, inside, type Data, type Drawn } from './documents.ts'

const usable = blocks.filter(({ family }) => family !== 'data')

function randomValue(rng: Rng, spec: ParamSpec): ParamValue {
  switch (spec.kind) {
    case 'int':
      return spec.min + rng.integer(Math.min(6, spec.max - spec.min + 1))
    case 'real':
      return rng.uniform(Math.max(spec.min, -2), Math.min(spec.max, 2))
    case 'bool':
      return rng.integer(2) === 0
    case 'choice':
      return at(spec.options, rng.integer(spec.options.length)).value
    case 'pair':
      return [spec.min + rng.integer(3), spec.min + rng.integer(3)]
    default:
      return spec satisfies never
  }
}

function randomParams(rng: Rng, { params }: BlockDefinition): ParamValues {
  const values: { [name: string]: ParamValue } = {}
  for (const [name, spec] of Object.entries(params))
    // Weights that are all 0 would hide the blocks in front of them.
    values[name] = name === 'init' ? at(['heNormal', 'glorotUniform'], rng.integer(2)) : randomValue(rng, spec)
  // What a step passes straight through is no derivative, so that no difference could measure it.
  if (values['gradient'] === 'straight') values['gradient'] = 'zero'
  return values
}

/** What a network of such a name may be fed with, and some blocks, wired from whatever is there already. */
export function randomDocument(seed: number): GraphDocument {
  const rng = new Rng(seed, 'random graph')
  const size = () => 1 + rng.integer(6)
  const data: Data = {
    features: rng.integer(2) === 0 ? [size() + 1] : [size() + 2, size() + 2, 1 + rng.integer(3)],
    ...(rng.integer(3) > 0 ? { classes: 2 + rng.integer(4) } : { numbers: size() }),
  }
  const width = data.classes ?? data.numbers ?? 1
  const training = {
    optimizer: { type: 'sgd', params: { rate: 0.05, momentum: rng.integer(2) * 0.5 } },
    batchSize: 1 + rng.integer(5),
    seed,
  }
  let drawn: { [name: string]: Drawn } = { x: ['input'], t: ['target'] }
  const values = ['x.x']
  const write = () => draw(data, drawn, training)
  const fits = (name: string) => analyze(write()).problems.every(({ place }) => place?.block !== name)

  const count = 3 + rng.integer(7)
  for (let tried = 0; tried < 60 && values.length < count; tried++) {
    const block = at(usable, rng.integer(usable.length))
    const name = `b${tried}`
    const sources = Object.keys(block.inputs).map(() => at(values, rng.integer(values.length)))
    const before = drawn
    const alone: Drawn = [block.type, randomParams(rng, block), ...sources]
    // Now and then the block comes in a composite of its own.
    const wrapped = Object.keys(block.inputs).length === 1 && rng.integer(4) === 0
    const box = wrapped
      ? {
          inside: inside({ core: [block.type, alone[1]] }, { in: ['core.x'] }, { out: 'core.y' }),
          from: { in: at(sources, 0) },
        }
      : alone
    drawn = { ...drawn, [name]: box }
    if (!fits(name)) drawn = before
    else if (block.family !== 'loss') values.push(`${name}.${wrapped ? 'out' : at(Object.keys(block.outputs), 0)}`)
  }
  // The last value is what the network answers, one list of numbers for each example.
  drawn = {
    ...drawn,
    list: ['flatten', {}, at(values, values.length - 1)],
    answer: ['dense', { features: width }, 'list.y'],
    ...(rng.integer(2) === 0 && data.classes !== undefined
      ? { softmax: ['softmax', {}, 'answer.y'], loss: ['crossEntropy', {}, 'softmax.y', 't.y'] }
      : { loss: [data.classes === undefined ? 'rms' : 'crossEntropy', {}, 'answer.y', 't.y'] }),
  }
  return write()
}
