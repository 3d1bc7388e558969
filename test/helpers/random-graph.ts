/** Seeded random networks of all blocks there are, as far as the editor accepts them. */
import { at } from '../../src/base/assert.ts'
import type { ParamSpec, ParamValue, ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import type { BlockDefinition } from '../../src/blocks/define.ts'
import { blocks } from '../../src/blocks/index.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { draw, inside, type Data, type Drawn } from './documents.ts'

/** Blocks that take only some numbers, and the function that makes such numbers of any. */
const TAMED: { readonly [type: string]: string | undefined } = {
  embedding: 'step',
  klGaussian: 'tanh',
  kullbackLeibler: 'sigmoid',
  sample: 'tanh',
}

const usable = blocks.filter(({ family }) => family !== 'data')

function randomValue(rng: Rng, spec: ParamSpec): ParamValue {
  // Defaults fit one another, which few random numbers do.
  if (rng.integer(2) === 0) return spec.default
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
    case 'list':
      return Array.from({ length: (spec.least ?? 1) + rng.integer(3) }, () => spec.min + rng.integer(5))
    case 'formula':
      return spec.default
    default:
      return spec satisfies never
  }
}

function randomParams(rng: Rng, { type, params }: BlockDefinition): ParamValues {
  const values: { [name: string]: ParamValue } = {}
  for (const [name, spec] of Object.entries(params))
    // Weights that are all 0 would hide the blocks in front of them.
    values[name] = name === 'init' ? at(['heNormal', 'glorotUniform'], rng.integer(2)) : randomValue(rng, spec)
  // What a step passes straight through is no derivative, nor what is cut off after some steps of a sequence: no difference
  // could measure it.
  if (values['gradient'] === 'straight') values['gradient'] = 'zero'
  if ('truncate' in values) values['truncate'] = 0
  // Both answers of the step in front of it are rows.
  if (type === 'embedding') values['rows'] = Math.max(2, Number(values['rows']))
  return values
}

/** What a network of such a name may be fed with, and some blocks, wired from whatever is there already. */
export function randomDocument(seed: number): GraphDocument {
  const rng = new Rng(seed, 'random graph')
  const size = () => 1 + rng.integer(6)
  // A list, a sequence or a picture.
  const drawFeatures = () =>
    Array.from({ length: 1 + rng.integer(3) }, (_, axis) => (axis === 2 ? 1 + rng.integer(3) : size() + 2))
  let data: Data = {
    features: drawFeatures(),
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
  // Of the seven examples that training is tested with, no batch may hold a single one where batches are normalised.
  const batchSize = () =>
    JSON.stringify(drawn).includes('"batchNorm"') ? 4 + (training.batchSize % 2) : training.batchSize
  const write = () => draw(data, drawn, { ...training, batchSize: batchSize() })
  /** Where the inputs of a block come from, behind the functions that they need. */
  const tame = ({ type }: BlockDefinition, name: string, sources: readonly string[]): string[] => {
    const by = TAMED[type]
    // A class as its position would be any number.
    if (type === 'crossEntropy') return sources.map(() => at(sources, 0))
    return sources.map((source, i) => {
      if (by === undefined || source === '') return source
      drawn = { ...drawn, [`${name}in${i}`]: [by, {}, source] }
      return `${name}in${i}.y`
    })
  }
  const fits = (name: string) => analyze(write()).problems.every(({ place }) => place?.block !== name)

  // Each block opens a document of its own, on data that it takes: chance alone would leave some out.
  const opener = at(usable, seed % usable.length)
  if (opener.family !== 'loss') {
    const ports = Object.values(opener.inputs).map(({ optional }) => (optional ? '' : 'x.x'))
    const bare = drawn
    for (let tried = 0; tried < 20; tried++, data = { ...data, features: drawFeatures() }) {
      const from = tame(opener, 'opener', ports)
      drawn = { ...drawn, opener: [opener.type, {}, ...from] }
      if (fits('opener')) break
      drawn = bare
    }
    if (drawn !== bare) values.push(`opener.${at(Object.keys(opener.outputs), 0)}`)
  }

  const count = 4 + rng.integer(7)
  for (let tried = 0; tried < 60 && values.length < count; tried++) {
    const block = at(usable, rng.integer(usable.length))
    const name = `b${tried}`
    const before = drawn
    // What may stay open mostly does.
    const chosen = Object.values(block.inputs).map(({ optional }) =>
      optional && rng.integer(3) > 0 ? '' : at(values, rng.integer(values.length)),
    )
    const sources = tame(block, name, chosen)
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
