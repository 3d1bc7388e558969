/** Runs whose pictures are others in each epoch: the same bits each time, and validation as it is. */
import { expect, test } from 'vitest'
import { problem, ProblemError } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { generatedSource, prepareFeed } from '../../src/data/index.ts'
import type { Makers } from '../../src/data/preparation/made.ts'
import type { PreparedData } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation, GraphDocument } from '../../src/document/types.ts'
import { examplesOf, valueOf } from '../data/files.ts'
import { drawn, node } from '../document/documents.ts'
import { classifier, cpu, interrupted, open, outcomeOf, patient, train } from './runs.ts'

const source = valueOf(generatedSource('strokeDigits', { count: 40 }))
const raw = examplesOf(source)
const everything: Augmentation = { ...USUAL_AUGMENTATION, flipVertical: true, noise: 0.05, cutOut: 0.2 }

/** Ten digits told apart by one layer. */
function digits(augmentation?: Augmentation): GraphDocument {
  const empty = emptyDocument()
  const preparation = { ...empty.data.preparation, ...(augmentation && { augmentation }) }
  const document = drawn(
    {
      in: node('input', 'pixels'),
      f: node('flatten', 'flatten'),
      o: node('dense', 'digits', { features: 10, init: 'glorotUniform' }),
      s: node('softmax', 'softmax'),
      t: node('target', 'target'),
      l: node('crossEntropy', 'loss'),
    },
    ['in.x > f.x', 'f.y > o.x', 'o.y > s.x', 's.y > l.prediction', 't.y > l.target'],
    { ...empty, data: { ...empty.data, source, preparation } },
  )
  const { training } = classifier({ batchSize: 7, epochs: 4, params: { rate: 0.01, momentum: 0.5 } })
  return { ...document, training }
}
const dataOf = async (document: GraphDocument, budget = 2 ** 30): Promise<PreparedData> =>
  valueOf(await prepareFeed(raw, document.data, budget))
async function trained(document: GraphDocument, budget?: number) {
  const { weights, curves } = await train(document, await dataOf(document, budget), await cpu())
  return { weights, curves }
}

test('two runs are equal to the last bit, and others by another seed or with pictures as they are', async () => {
  const first = await trained(digits(everything))
  expect(await trained(digits(everything))).toEqual(first)
  const { weights } = first
  for (const other of [digits({ ...everything, seed: 2 }), digits()])
    expect((await trained(other)).weights).not.toEqual(weights)
  // What does nothing is nothing.
  expect(await trained(digits({ seed: 2, shift: 0 }))).toEqual(await trained(digits()))
})

test('pauses, single steps and chunks of any length change no bit', async () => {
  const document = digits(everything)
  const right = await trained(document)
  let pauses = 0
  for (let seed = 0; seed < 4; seed++) {
    const rng = new Rng(seed, 'pauses')
    const device = interrupted(patient(await cpu()), (steps) => (rng.uniform() < 0.4 ? rng.integer(steps + 1) : steps))
    // By its own clock, so that chunks are as long on any machine: from single steps to whole epochs.
    let time = 0
    const now = () => (time += 30 * (seed % 3))
    const { run } = await open(document, await dataOf(document), device, { now })
    run.start()
    while (run.progress().state !== 'finished') {
      for (let i = rng.integer(60); i > 0; i--) await Promise.resolve()
      if ((await run.pause()).state === 'paused') pauses++
      if (rng.uniform() < 0.5) await run.step()
      await run.resume()
    }
    expect(await outcomeOf(run), `seed ${seed}`).toEqual(right)
  }
  expect(pauses).toBeGreaterThan(8)
})

test('threads that fail are said once in each run, and change no bit', async () => {
  const document = digits(everything)
  const right = await trained(document)
  const gone = problem('data.makers', 'A thread is gone.', undefined, 'warning')
  const makers: Makers = { most: 2, make: () => Promise.reject(new ProblemError(gone)) }
  const data = valueOf(await prepareFeed(raw, document.data, 2 ** 30, undefined, makers))
  for (let i = 0; i < 2; i++) {
    const { run } = await open(document, data, await cpu())
    expect(run.progress().problems).toEqual([])
    run.start()
    expect((await run.ended).problems).toEqual([gone])
    expect(await outcomeOf(run)).toEqual(right)
  }
  // Nobody is asked for pictures as they are.
  const plain = digits()
  const { run } = await open(plain, valueOf(await prepareFeed(raw, plain.data, 0, undefined, makers)), await cpu())
  run.start()
  expect((await run.ended).problems).toEqual([])
})

test('validation sees pictures as they are: with weights that stand still its loss is that of a plain run', async () => {
  const still = (document: GraphDocument): GraphDocument => ({
    ...document,
    training: { ...document.training, optimizer: { type: 'sgd', params: { rate: 0, momentum: 0 } } },
  })
  const [plain, varied] = [await trained(still(digits())), await trained(still(digits(everything)))]
  expect(plain.weights).toEqual(varied.weights)
  expect(varied.curves['validation.loss']).toEqual(plain.curves['validation.loss'])
  expect(varied.curves['train.loss']).not.toEqual(plain.curves['train.loss'])
  // With one set of weights an epoch's loss is that of its pictures: the same ones in a plain run, in whatever order.
  const { train: part } = await dataOf(digits())
  const spread = (losses: readonly (readonly [number, number])[] = []) => {
    const steps = Math.ceil(part.count / 7)
    const sums = losses.reduce<number[]>((sums, [, loss], i) => {
      const epoch = Math.floor(i / steps)
      sums[epoch] = (sums[epoch] ?? 0) + loss * Math.min(7, part.count - (i % steps) * 7)
      return sums
    }, [])
    expect(sums).toHaveLength(4)
    return (Math.max(...sums) - Math.min(...sums)) / part.count
  }
  expect(spread(plain.curves['train.loss'])).toBeLessThan(1e-5)
  expect(spread(varied.curves['train.loss'])).toBeGreaterThan(0.01)
})
