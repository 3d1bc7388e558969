/** When a loss stops being a number, the run pauses at a state from which it can go on, and says where it began. */
import { describe, expect, test } from 'vitest'
import { MOST } from '../../src/document/training.ts'
import type { Run } from '../../src/train/run.ts'
import { edited } from '../document/documents.ts'
import { computing } from '../helpers/computing.ts'
import { until } from '../helpers/until.ts'
import {
  classifier,
  CountingDevice,
  cpu,
  curvesOf,
  dataFor,
  open,
  oracle,
  outcomeOf,
  patient,
  regression,
  type Outcome,
} from './runs.ts'

const settled = async (run: Run) => {
  while (run.progress().state === 'running') await new Promise((resolve) => setTimeout(resolve, 1))
  return run.progress()
}
const finite = ({ weights }: Outcome) => Object.values(weights).every((values) => values.every(Number.isFinite))
const sentence = (run: Run) =>
  run
    .progress()
    .problems.map((one) => one.message)
    .join(' | ')

describe('a loss that is no number', () => {
  test('a rate that is far too large pauses the run; with a lower one it goes on and learns', async () => {
    const document = regression({ batchSize: 8, epochs: 60, params: { rate: 1e30, momentum: 0 } })
    const { run } = await open(document, dataFor(document, 40, 8), await cpu())
    run.start()
    const progress = await settled(run)
    expect(progress.state).toBe('paused')
    expect(progress.problems[0]?.code).toBe('run.nonFinite')
    expect(progress.problems[0]?.place?.block).toMatch(/^[ol]$/)
    expect(sentence(run)).toMatch(
      /^The loss stopped being a number in epoch \d+, batch \d+\. .*The run has paused before that, with its last good weights: lower the learning rate, or look for extreme values in the data\.$/,
    )
    const before = await outcomeOf(run)
    expect(finite(before)).toBe(true)
    for (const points of Object.values(before.curves))
      for (const [step, value] of points) {
        expect(step).toBeLessThanOrEqual(progress.step)
        expect(Number.isFinite(value)).toBe(true)
      }
    // It is the very state that an undisturbed run has at this step.
    const same = await open(document, dataFor(document, 40, 8), await cpu())
    for (let i = 0; i < progress.step; i++) await same.run.step()
    expect((await outcomeOf(same.run)).weights).toEqual(before.weights)

    await run.setLive('rate', 0.1)
    expect((await run.resume()).problems).toEqual([])
    expect((await settled(run)).state).toBe('finished')
    const after = await outcomeOf(run)
    expect(finite(after)).toBe(true)
    expect(after.curves['train.loss']?.at(-1)?.[1]).toBeLessThan(0.1)
  })

  test('a rate raised in the middle costs one step, not all since the last checkpoint', async () => {
    const document = regression({ batchSize: 8, epochs: 2000, params: { rate: 0.05, momentum: 0 } })
    const data = dataFor(document, 40, 8)
    const { run } = await open(document, data, await cpu())
    for (let i = 0; i < 203; i++) await run.step()
    await run.setLive('rate', 0.01)
    for (let i = 0; i < 50; i++) await run.step()
    const good = await outcomeOf(run)
    await run.setLive('rate', 3e38)
    const took = computing()
    run.start()
    const progress = await settled(run)
    expect(progress.state).toBe('paused')
    expect(progress.step).toBe(253)
    expect((await outcomeOf(run)).weights, 'as before the rate was raised').toEqual(good.weights)
    expect(curvesOf(run)).toEqual(good.curves)
    expect(took()).toBeLessThan(3000)
    expect(sentence(run)).toMatch(/epoch 51, batch [45]\./)

    // Still too high: the same again. Then low: it goes on from here as if nothing had been.
    await run.resume()
    expect((await settled(run)).step).toBe(253)
    await run.setLive('rate', 0.01)
    for (let i = 0; i < 10; i++) await run.step()
    const calm = await open(document, data, await cpu())
    for (let i = 0; i < 203; i++) await calm.run.step()
    await calm.run.setLive('rate', 0.01)
    for (let i = 0; i < 60; i++) await calm.run.step()
    expect(await outcomeOf(run)).toEqual(await outcomeOf(calm.run))
  })
})

describe('the first block with a non-finite value is named', () => {
  test.each([
    ['wasm', cpu],
    ['reference', oracle],
  ] as const)('on %s an infinite number among the data is found at the input', async (_name, device) => {
    const document = classifier({ batchSize: 4, epochs: 3, seed: 3 })
    const data = dataFor(document, 20, 4)
    data.train.features[2 * 13] = Infinity
    const { run } = await open(document, data, await device())
    run.start()
    const progress = await settled(run)
    expect(progress.state).toBe('paused')
    expect(progress.problems[0]?.place).toEqual({ block: 'in' })
    expect(sentence(run)).toContain('. The first is the output of Input points. The run has paused before that,')
    expect(finite(await outcomeOf(run))).toBe(true)
    // Tanh hides the infinity from the loss of its batch, so that the weights break and then the next loss. The run stands
    // before the batch that holds it.
    const { seen } = await seenBy(document)
    const batch = seen.findIndex((examples) => examples.includes(13))
    expect(progress.step).toBe(batch)
    expect(sentence(run)).toContain(batch === 4 ? 'in epoch 2, batch 1.' : `in epoch 1, batch ${batch + 2}.`)
  })

  async function seenBy(document: Parameters<typeof open>[0]) {
    const device = new CountingDevice()
    const { run } = await open(document, dataFor(document, 20, 4), device)
    run.start()
    await run.ended
    return device
  }

  test('weights that overflow are named as such', async () => {
    const document = regression({ batchSize: 8, epochs: 60, params: { rate: 3e38, momentum: 0 } })
    const data = dataFor(document, 40, 8)
    for (let i = 0; i < data.train.features.length; i++) data.train.features[i] = (data.train.features[i] ?? 0) * 1000
    const { run } = await open(document, data, await cpu())
    run.start()
    await settled(run)
    expect(sentence(run)).toContain('. The first are the weights of Dense out. The run')
    expect(finite(await outcomeOf(run))).toBe(true)
  })

  test('a block deep inside is named by its path, and its place is the block that is drawn', async () => {
    const document = classifier({ batchSize: 8, epochs: 3, params: { rate: 0.1, momentum: 0 } })
    const data = dataFor(document, 20, 4)
    const { run } = await open(document, data, await cpu())
    await run.setWeight('out.bias', Float32Array.of(NaN, 0))
    // The state before is unknown to the run, so it goes back to its start.
    run.start()
    await settled(run)
    expect(run.progress().state).toBe('paused')
    expect(finite(await outcomeOf(run))).toBe(true)
  })

  test('the control: nothing is found where all is finite', async () => {
    const document = classifier({ batchSize: 8, epochs: 3 })
    const { run } = await open(document, dataFor(document, 20, 4), await cpu())
    run.start()
    expect(await settled(run)).toMatchObject({ state: 'finished', problems: [] })
  })

  test('weights that broke long before the loss are found in a few replays', async () => {
    // A ReLU hides a weight of minus infinity: its unit is off for ever, and the loss stays finite.
    const base = classifier({ batchSize: 8, epochs: MOST.epochs, params: { rate: 0.05, momentum: 0 } })
    const graph = { ...base.graph, blocks: { ...base.graph.blocks } }
    const tanh = graph.blocks['a']
    if (tanh) graph.blocks['a'] = { ...tanh, type: 'relu', name: 'relu' }
    const document = edited({ ...base, graph }, { kind: 'setDocument', note: 'relu' })
    const { run } = await open(document, dataFor(document, 400, 0), patient(await cpu()))
    for (let i = 0; i < 3; i++) await run.step()
    run.start()
    await until(() => run.progress().step > 50)
    await run.setLive('rate', 1e38)
    const took = computing()
    const progress = await settled(run)
    expect(progress.state).toBe('paused')
    expect(finite(await outcomeOf(run))).toBe(true)
    expect(took()).toBeLessThan(5000)
    await run.setLive('rate', 0.01)
    await run.step()
    expect(run.progress().problems).toEqual([])
  })
})
