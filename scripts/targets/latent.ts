/** What happens in the middle of the icon autoencoders. */
import { at } from '../../src/base/assert.ts'
import { ProblemError } from '../../src/base/problem.ts'
import { sizeOf } from '../../src/base/shape.ts'
import type { Examples } from '../../src/data/types.ts'
import type { GraphDocument, Wire } from '../../src/document/types.ts'
import type { Run } from '../../src/train/run.ts'
import { open, type Trained } from './train.ts'

/** The first validation example of each class. */
function oneOfEach({ data }: Trained): Examples<Float32Array> {
  const { features, targets } = data.validation
  const size = sizeOf(data.shape)
  const rows = data.target.names.map((_, code) => Array.from(targets).indexOf(code))
  return {
    count: rows.length,
    features: Float32Array.from(rows.flatMap((row) => Array.from(features.subarray(row * size, (row + 1) * size)))),
    targets: Int32Array.from(rows.keys()),
  }
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.hypot(...Array.from(a, (x, i) => x - at(b, i)))

function rowsOf(values: Float32Array, count: number): Float32Array[] {
  const width = values.length / count
  return Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width))
}

async function answersOf(run: Run, { features, count }: Examples<Float32Array>): Promise<Float32Array> {
  const answers = await run.predict(features, count)
  if (!answers.ok) throw new ProblemError(...answers.problems)
  return answers.value
}

/** How many icons come back nearer to themselves than to any other. */
export async function toldApart(trained: Trained): Promise<number> {
  const icons = oneOfEach(trained)
  const drawn = rowsOf(await answersOf(trained.run, icons), icons.count)
  const own = rowsOf(icons.features, icons.count)
  return drawn.filter((picture, i) => {
    const distances = own.map((icon) => distance(picture, icon))
    return distances.indexOf(Math.min(...distances)) === i
  }).length
}

/** A document that answers with one of the outputs of its Latent block instead of a picture. */
function answering(document: GraphDocument, port: 'mean' | 'logVariance'): GraphDocument {
  const { blocks, wires } = document.graph
  const idOf = (type: string) => Object.keys(blocks).find((id) => blocks[id]?.type === type) ?? ''
  const [latent, loss] = [idOf('latent'), idOf('rms')]
  const changed: { [id: string]: Wire } = {}
  for (const [id, wire] of Object.entries(wires))
    changed[id] = wire.to.block === loss ? { ...wire, from: { block: latent, port } } : wire
  return { ...document, graph: { blocks, wires: changed } }
}

/**
 * How far apart the clouds of the classes lie in the latent space: of all pairs the least distance of means, in units of
 * the clouds' standard deviations (root of their mean variance along the line between the means).
 */
export async function separation(trained: Trained): Promise<number> {
  const icons = oneOfEach(trained)
  const weights = await trained.run.weights()
  const ask = async (port: 'mean' | 'logVariance') => {
    const run = await open(answering(trained.document, port), trained.data)
    for (const { name } of run.network.weights) {
      const values = weights.get(name)
      if (!values) throw new Error(`no weight ${name}`)
      await run.setWeight(name, values)
    }
    const rows = rowsOf(await answersOf(run, icons), icons.count)
    run.dispose()
    return rows
  }
  const [means, logVariances] = [await ask('mean'), await ask('logVariance')]
  let least = Infinity
  for (let i = 0; i < icons.count; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [at(means, i), at(means, j)]
      const length = distance(a, b)
      // Variance along the line: each axis counts with the square of its share.
      const along = (k: number) =>
        at(logVariances, k).reduce(
          (sum, log, axis) => sum + ((at(a, axis) - at(b, axis)) / length) ** 2 * Math.exp(log),
          0,
        )
      least = Math.min(least, length / Math.sqrt((along(i) + along(j)) / 2))
    }
  }
  return least
}
