/** The entries that a run's plan is made of, where a network is more than one chain. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { draw, type Data, type Drawn } from '../helpers/documents.ts'
import { backends } from '../helpers/run-program.ts'
import { networkOf, runEntry, start, startValues } from '../helpers/train-steps.ts'

const planar: Data = { features: [2], classes: 3 }

/** A loss of a part stands in front of the loss that compares with the truth. */
const twoLosses: GraphDocument = draw(planar, {
  x: ['input'],
  code: ['dense', { features: 2 }, 'x.x'],
  again: ['rms', {}, 'code.y', 'x.x'],
  out: ['dense', { features: 3 }, 'code.y'],
  t: ['target'],
  loss: ['crossEntropy', {}, 'out.y', 't.y'],
})

describe.each(backends.map((backend) => [backend.title, backend] as const))('on %s', (_title, backend) => {
  test('metrics and predictions belong to the loss that compares with the target', async () => {
    const network = networkOf(twoLosses, { train: 8, validation: 0 })
    expect(network.metrics.map(({ name }) => name)).toEqual(['accuracy'])
    const values = startValues(twoLosses, network)
    // With these weights every row is taken for class 1.
    for (const name of ['code.weight', 'out.weight']) get(values, name).fill(0)
    get(values, 'out.bias').set([0, 5, 0])
    const classes = Float32Array.of(1, 1, 1, 0, 2, 1, 0, 1)
    values.set('train/targets', classes)
    const executable = await start(backend, network.plan, values)
    const results = await runEntry(executable, network.plan, 'train', [[0, 1, 2, 3, 4, 5, 6, 7]])
    expect(get(results, 'train/accuracy')[0]).toBeCloseTo(5 / 8, 6)
    // Both losses are in the total: here the squares of x, and what the true classes cost.
    const x = get(values, 'train/features')
    const squares = x.reduce((sum, v) => sum + v * v, 0) / x.length
    const total = Math.log(2 + Math.exp(5))
    const surprise = classes.reduce((sum, k) => sum + total - (k === 1 ? 5 : 0), 0) / 8
    expect(get(results, 'train/loss')[0]).toBeCloseTo(squares + surprise, 5)
    // The answer is a probability for each class.
    await executable.write('out.bias', Float32Array.of(0, 5, 0))
    await executable.run([{ entry: 'predict', steps: 1 }])
    const answer = await executable.read('predict/prediction', 3)
    expect(at(answer, 0) + at(answer, 1) + at(answer, 2)).toBeCloseTo(1, 5)
    expect(at(answer, 1)).toBeGreaterThan(0.9)
  })

  test('the search for a value that is not finite names the first block, also behind blocks that change nothing', async () => {
    const chain: { readonly [name: string]: Drawn } = {
      x: ['input'],
      same: ['linear', {}, 'x.x'],
      first: ['dense', { features: 4 }, 'same.y'],
      again: ['linear', {}, 'first.y'],
      second: ['dense', { features: 3 }, 'again.y'],
      t: ['target'],
      loss: ['crossEntropy', {}, 'second.y', 't.y'],
    }
    const document = draw(planar, chain)
    const network = networkOf(document, { train: 4, validation: 0 })
    const flagged = async (break_: string | null) => {
      const values = startValues(document, network)
      if (break_) get(values, break_)[0] = Infinity
      const executable = await start(backend, network.plan, values)
      const results = await runEntry(executable, network.plan, 'probe', [[0, 1, 2, 3]])
      return network.probes
        .filter(({ output }) => get(results, `probe/${output}`)[0] === 1)
        .map(({ path, what }) => `${path} ${what}`)
    }
    expect(network.probes.length).toBeGreaterThanOrEqual(9)
    expect(await flagged(null)).toEqual([])
    expect(await flagged('second.weight')).toEqual(['second weights', 'second output', 'loss output'])
    expect(await flagged('first.bias')).toEqual([
      'first weights',
      'first output',
      'again output',
      'second output',
      'loss output',
    ])
  })

  test('a ragged last batch counts only its own rows', async () => {
    const document = draw(
      planar,
      {
        x: ['input'],
        out: ['dense', { features: 3 }, 'x.x'],
        t: ['target'],
        loss: ['crossEntropy', {}, 'out.y', 't.y'],
      },
      { batchSize: 4 },
    )
    const network = networkOf(document, { train: 7, validation: 0 })
    expect(network.batch.train).toEqual({ count: 7, size: 4, tail: 3, rows: 7 })
    const values = startValues(document, network)
    get(values, 'out.weight').fill(0)
    get(values, 'out.bias').set([0, 0, 9])
    values.set('train/targets', Float32Array.of(0, 0, 0, 0, 2, 2, 0))
    const executable = await start(backend, network.plan, values)
    const results = await runEntry(executable, network.plan, 'trainTail', [[4, 5, 6]])
    expect(get(results, 'trainTail/accuracy')[0]).toBeCloseTo(2 / 3, 6)
  })
})
