/** What ships, trained for some steps on the GPU from given weights and data: losses and weights are those of the reference. */
import { describe, expect, test } from 'vitest'
import { get } from '../../../src/base/assert.ts'
import type { Backend } from '../../../src/backends/types.ts'
import reference from '../../../src/backends/reference/index.ts'
import type { Network } from '../../../src/train/network.ts'
import { difference, TOLERANCE } from '../../helpers/tolerance.ts'
import { networkOf, rowsOf, runEntry, start, startValues } from '../../helpers/train-steps.ts'
import { shipped, shippedDocuments } from '../../models/shipped.ts'
import { missing, titled, webgpu } from './gpu.ts'

const STEPS = 5
/** Where the reference, or a GPU that is none, takes its time. */
const FEWER: { readonly [name: string]: number } = {
  inception: 1,
  residual: 1,
  'lenet-5': 2,
  autoencoder: 2,
  'stroke-digits': 2,
  'gru-adding': 2,
  'lstm-adding': 2,
}
const BATCH = 4
const COUNTS = { train: 2 * BATCH + 1, validation: 1 }

type Values = Map<string, Float32Array>

/** A document's training entry alone, and what its weights and data are at first. */
function trainingOf(name: string): { readonly network: Network; readonly values: Values } {
  const document = shipped(name)
  const small = { ...document, training: { ...document.training, batchSize: BATCH } }
  const network = networkOf(small, COUNTS)
  const entries = network.plan.entries.filter((entry) => entry.name === 'train')
  return { network: { ...network, plan: { ...network.plan, entries } }, values: startValues(small, network) }
}

/** Results of the steps, and the weights afterwards. */
async function train(backend: Backend, { plan, weights }: Network, values: Values, steps: number) {
  const executable = await start(backend, plan, values)
  const found = await runEntry(executable, plan, 'train', rowsOf(COUNTS.train, BATCH, steps))
  for (const { name } of weights) found.set(name, [...(await executable.read(name))])
  executable.dispose()
  return found
}

type Results = Awaited<ReturnType<typeof train>>

const differences = (found: Results, right: Results): readonly string[] =>
  [...right].flatMap(([slot, expected]) => {
    const wrong = difference(get(found, slot), expected, TOLERANCE.f32.trained)
    return wrong === undefined ? [] : [`${slot}: ${wrong}`]
  })

describe.skipIf(missing)(titled('shipped documents'), { timeout: 120_000 }, () => {
  test.each(shippedDocuments.map(({ name }) => name))('%s', async (name) => {
    const { network, values } = trainingOf(name)
    const steps = FEWER[name] ?? STEPS
    const found = await train(webgpu, network, values, steps)
    expect(differences(found, await train(reference, network, values, steps))).toEqual([])
  })

  test('the comparison sees a weight that is wrong by a thousandth', async () => {
    const { network, values } = trainingOf('xor')
    const right = await train(reference, network, values, STEPS)
    const [name = ''] = network.weights.map((weight) => weight.name)
    const wrong = get(values, name).map((value, i) => (i === 0 ? value * 1.001 : value))
    const found = await train(webgpu, network, new Map([...values, [name, wrong]]), STEPS)
    expect(differences(found, right)).not.toEqual([])
  })
})
