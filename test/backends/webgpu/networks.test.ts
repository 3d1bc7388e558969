/**
 * Random networks on the GPU, and what ships, trained there: for some steps from given weights and random data, where losses
 * and weights are those of the reference, and for a hundred steps as a run does it, where the losses are those of the CPU
 * engine. `npm run curves:gpu` does the latter at the documents' own batches.
 */
import { describe, expect, test } from 'vitest'
import { get } from '../../../src/base/assert.ts'
import reference from '../../../src/backends/reference/index.ts'
import type { Plan } from '../../../src/ir/plan.ts'
import { curveOf, parted, spreadOf, type Setting } from '../../helpers/curves.ts'
import { randomDocument } from '../../helpers/random-graph.ts'
import { disagreement } from '../../helpers/random-networks.ts'
import { aThousandthOff } from '../../helpers/wrong-plan.ts'
import { preparedFor, shippedDocuments } from '../../models/shipped.ts'
import { differences, shippedWith, startOf, trainFrom } from '../../models/train-shipped.ts'
import { cpu } from '../../train/runs.ts'
import { missing, openDevice, titled, webgpu } from './gpu.ts'

interface Amount {
  readonly batch: number
  /** Against the reference. */
  readonly steps: number
  /** Of the loss curve. */
  readonly curve: number
}

const USUAL: Amount = { batch: 4, steps: 5, curve: 100 }
/** Less where the reference, or a GPU that is none, takes its time. */
const LESS: { readonly [name: string]: Partial<Amount> } = {
  inception: { steps: 1, curve: 3 },
  residual: { steps: 1, curve: 5 },
  'lenet-5': { steps: 2, curve: 10 },
  autoencoder: { steps: 2, curve: 10 },
  'stroke-digits': { steps: 2, curve: 10 },
  'gru-adding': { steps: 2, curve: 10 },
  'lstm-adding': { steps: 2, curve: 10 },
  // Of four examples it makes a network that no two runs would agree on for long.
  'variational-autoencoder': { batch: 8 },
}
const amountOf = (name: string): Amount => ({ ...USUAL, ...LESS[name] })

const settingOf = async (name: string): Promise<Setting> => {
  const document = shippedWith(name, amountOf(name).batch)
  return { document, data: await preparedFor(document) }
}

/** Rather not a convolution, whose scale a normalisation behind it may take away. */
function wrongProduct(plan: Plan): Plan {
  const dense = plan.entries.some(({ kernels }) => kernels.some(({ kind }) => kind === 'dot'))
  return aThousandthOff(plan, [dense ? 'dot' : 'conv'])
}

/** Of the same generator as the CPU engine's. */
const SEEDS = [1, 2, 3, 4, 5, 6]

describe.skipIf(missing)(titled('random networks'), { timeout: 120_000 }, () => {
  test.each(SEEDS)('number %i has in every entry what the reference has', async (seed) => {
    expect(await disagreement(webgpu, randomDocument(seed))).toBeUndefined()
  })
})

describe.skipIf(missing)(titled('shipped documents'), { timeout: 120_000 }, () => {
  describe.each(shippedDocuments.map(({ name }) => [name, amountOf(name)] as const))('%s', (name, amount) => {
    test(`has the losses and weights of the reference after ${amount.steps} steps`, async () => {
      const from = startOf(shippedWith(name, amount.batch), amount.steps)
      expect(differences(await trainFrom(from, webgpu), await trainFrom(from, reference))).toEqual([])
    })

    test(`has the losses of the CPU engine for ${amount.curve} steps, which a product that is a thousandth off has not`, async () => {
      const setting = await settingOf(name)
      const right = await curveOf(setting, await cpu(), amount.curve)
      const found = await curveOf(setting, await openDevice(), amount.curve)
      // What the network does by itself is only measured where it is needed.
      const spread = parted(found, right) === undefined ? [] : await spreadOf(setting, await cpu(), right)
      expect(parted(found, right, spread)).toBeUndefined()
      const wrong = await curveOf(setting, await cpu(), amount.curve, { plan: wrongProduct })
      expect(parted(wrong, right, spread)).toBeDefined()
    })
  })

  test('the comparison with the reference sees a weight that is wrong by a thousandth', async () => {
    const from = startOf(shippedWith('xor', USUAL.batch), USUAL.steps)
    const [name = ''] = from.network.weights.map((weight) => weight.name)
    const wrong = get(from.values, name).map((value, i) => (i === 0 ? value * 1.001 : value))
    const found = await trainFrom({ ...from, values: new Map([...from.values, [name, wrong]]) }, webgpu)
    expect(differences(found, await trainFrom(from, reference))).not.toEqual([])
  })

  test('that with the CPU engine sees a product of the GPU that is wrong by a thousandth', async () => {
    const setting = await settingOf('xor')
    const right = await curveOf(setting, await cpu(), 10)
    expect(parted(await curveOf(setting, await openDevice(), 10, { plan: wrongProduct }), right)).toBeDefined()
  })
})
