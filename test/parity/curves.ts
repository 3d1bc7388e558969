/**
 * A hundred steps of each shipped example, for curves.test.ts and for those who make its fixture: the first weights, the
 * batches, the learning rate of each step and the random numbers that the network draws, all as a run of ours has them.
 */
import { createHash } from 'node:crypto'
import { at, get } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import type { Device } from '../../src/backends/types.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import { batches, epochOrder } from '../../src/data/index.ts'
import type { PreparedData } from '../../src/data/types.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { initialWeight } from '../../src/train/initialize.ts'
import { networkOf } from '../helpers/train-steps.ts'
import { newBlockBuilder } from '../helpers/block-program.ts'
import { preparedFor, shipped, shippedDocuments } from '../models/shipped.ts'
import { curvesOf, open } from '../train/runs.ts'

export const STEPS = 100
export const names = shippedDocuments.map(({ name }) => name)

/** An array as it is given to the other side. */
export interface Given {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface Setting {
  readonly document: GraphDocument
  readonly data: PreparedData<Float32Array>
  /** First weights by their names, then for each step `features.7`, `targets.7` and, where there is one, `noise.7`. */
  readonly arrays: readonly Given[]
  /** Of names, shapes and bits of all arrays. */
  readonly hash: string
}

export async function settingOf(name: string): Promise<Setting> {
  const document = shipped(name)
  const data = await preparedFor(document)
  const { train } = data
  const network = networkOf(document, { train: train.count, validation: data.validation.count })
  const { seed, batchSize } = document.training
  const arrays: Given[] = network.weights.map((weight) => ({
    name: weight.name,
    shape: weight.shape,
    data: Float32Array.from(initialWeight(weight, new Rng(seed, 'init', weight.name))),
  }))
  const size = sizeOf(data.shape)
  const width = train.targets.length / train.count
  let step = 0
  for (let epoch = 1; step < STEPS; epoch++) {
    for (const rows of batches(epochOrder(seed, epoch, train.count), batchSize)) {
      if (step === STEPS) break
      const pick = (values: ArrayLike<number>, each: number) =>
        Float32Array.from({ length: rows.length * each }, (_, i) =>
          at(values, at(rows, Math.floor(i / each)) * each + (i % each)),
        )
      arrays.push({ name: `features.${step}`, shape: [rows.length, ...data.shape], data: pick(train.features, size) })
      arrays.push({ name: `targets.${step}`, shape: [rows.length, width], data: pick(train.targets, width) })
      for (const [block, latent] of samples(document))
        arrays.push({ name: `noise.${step}`, shape: [rows.length, latent], data: noiseOf(block, [rows.length, latent], step, seed) })
      step++
    }
  }
  const hash = createHash('sha256')
  for (const { name: of, shape, data: values } of arrays) {
    hash.update(`${of} ${shape.join()}\n`)
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
  return { document, data, arrays, hash: hash.digest('hex') }
}

/** Blocks that draw standard normal numbers, with how many they draw for each example. */
function samples({ graph }: GraphDocument): [block: string, latent: number][] {
  const blocks = Object.values(graph.blocks)
  const latent = Number(blocks.find(({ type }) => type === 'latent')?.params['size'] ?? 0)
  return blocks.filter(({ type }) => type === 'sample').map(({ name }) => [name, latent])
}

/** What a block `sample` draws at a step, from the generator itself. */
function noiseOf(block: string, shape: readonly number[], step: number, seed: number): Float32Array {
  const g = newBlockBuilder()
  g.path = block
  const noise = g.normal('noise', shape)
  const inputs = new Map([
    ['random/step', Float64Array.of(step)],
    ['random/seed', Float64Array.of(seed)],
  ])
  return Float32Array.from(evaluate(g.build(), inputs)(noise.id).data)
}

/** Our losses of the first steps, by a run as the window makes it; ends early where `enough` says so. */
export async function lossesOf(
  { document, data }: Pick<Setting, 'document' | 'data'>,
  device: Device,
  enough: (losses: readonly number[]) => boolean = () => false,
): Promise<number[]> {
  const { run } = await open(document, data, device)
  const losses: number[] = []
  while (losses.length < STEPS && !enough(losses)) {
    await run.step()
    losses.push(at(at(get(new Map(Object.entries(curvesOf(run))), 'train.loss'), losses.length), 1))
  }
  run.dispose()
  return losses
}

export function withRate(document: GraphDocument, factor: number): GraphDocument {
  const { optimizer } = document.training
  const params = { ...optimizer.params, rate: Number(optimizer.params['rate']) * factor }
  return { ...document, training: { ...document.training, optimizer: { ...optimizer, params } } }
}
