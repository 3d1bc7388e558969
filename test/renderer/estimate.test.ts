/** What the foot of the window says of memory and time, and when the engine is asked. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  Asker,
  bytesOf,
  limitOf,
  outlookOf,
  showDuration,
  type Found,
  type Question,
} from '../../renderer/state/estimate.ts'
import { showBytes } from '../../src/base/shape.ts'
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { MOST_BYTES, prognosis, trainingWork } from '../../src/compiler/costs-training.ts'
import type { GeneratedSource, GraphDocument } from '../../src/document/types.ts'
import type { DeviceDescription, NetworkEstimate } from '../../src/protocol/messages.ts'
import { draw } from '../helpers/documents.ts'

const network = (features: number, batchSize = 32): GraphDocument =>
  draw(
    { features: [100], classes: 2 },
    {
      x: ['input'],
      a: ['dense', { features }, 'x.x'],
      r: ['relu', {}, 'a.y'],
      out: ['dense', { features: 2 }, 'r.y'],
      t: ['target'],
      loss: ['crossEntropy', {}, 'out.y', 't.y'],
    },
    { batchSize },
  )

const about = (document: GraphDocument, hash = 'a', device: Question['device'] = 'auto'): Question => ({
  hash,
  document,
  device,
  costs: analyze(document).totals,
})

const estimateOf = (found: Partial<NetworkEstimate> = {}): NetworkEstimate => ({
  device: 'cpu',
  title: 'CPU, WebAssembly SIMD',
  examples: { train: 4000, validation: 1000 },
  memoryBytes: 10_000_000,
  refusal: null,
  secondsPerEpoch: 14,
  secondsPerStep: 0.11,
  ...found,
})

const here = { devices: [], optimizers: [] }

describe('the outlook', () => {
  const found: Found = { question: about(network(64)), estimate: estimateOf() }

  test('before anything was measured knows memory, and no time', () => {
    const { memory, fits, time } = outlookOf(about(network(64)), null, here)
    expect(memory).toMatch(/^≈ [\d.]+ [kM]B$/)
    expect([fits, time]).toEqual([true, null])
  })

  test('of what was measured is what was measured', () => {
    expect(outlookOf(about(network(64)), found, here)).toEqual({
      memory: '10.0 MB',
      fits: true,
      memoryTitle: 'Training needs 10.0 MB of memory; the CPU engine has 3.76 GB.',
      time: '≈ 14 s per epoch',
      timeTitle: 'Measured on CPU, WebAssembly SIMD: 14 s for an epoch with its validation',
    })
  })

  test('changes at once with the drawing, in the way of the model', () => {
    const seconds = (features: number) => {
      const { time, timeTitle } = outlookOf(about(network(features), `of ${features}`), found, here)
      expect(timeTitle).toMatch(/^Estimated on CPU.* from the last measurement/)
      return Number(/≈ (.*) s per/.exec(time ?? '')?.[1] ?? NaN)
    }
    expect(seconds(65)).toBeCloseTo(14, 0)
    expect(seconds(32)).toBeLessThan(14)
    expect(seconds(128)).toBeGreaterThan(20)
    expect(seconds(128)).toBeLessThan(30)
    expect(outlookOf(about(network(640), 'b'), found, here).memory).toMatch(/^≈ /)
  })

  test('forgets what was measured on other data or another device', () => {
    const other = network(64)
    const data = { ...other.data, split: { ...other.data.split, validation: 0.5 } }
    expect(outlookOf(about({ ...other, data }, 'b'), found, here).time).toBeNull()
    expect(outlookOf(about(other, 'a', 'webgpu'), found, here).time).toBeNull()
  })

  test('reckons with the model alone where nothing could be timed, but not for a GPU', () => {
    const untimed = (device: NetworkEstimate['device']): Found => ({
      question: found.question,
      estimate: estimateOf({ secondsPerEpoch: null, device }),
    })
    expect(outlookOf(found.question, untimed('cpu'), here)).toMatchObject({
      time: expect.stringMatching(/^≈ .* per epoch$/) as string,
      timeTitle: expect.stringMatching(/^Estimated .* from the size of the network/) as string,
    })
    expect(outlookOf(found.question, untimed('webgpu'), here).time).toBeNull()
    expect(outlookOf(found.question, untimed('reference'), here).time).not.toMatch(/ 0 /)
  })

  test('of what is too large says so, with a batch that fits', () => {
    const question = about(network(1_000_000, 2000), 'b')
    const { fits, memoryTitle } = outlookOf(question, found, here)
    expect(fits).toBe(false)
    expect(memoryTitle).toMatch(
      /^Training needs about [\d.]+ GB of memory and the CPU engine has 3.76 GB. A batch of \d+ fits.$/,
    )
    const refusal = problem('plan.memory', 'This network needs 40 GB. A batch of 7 fits.')
    const refused = { question, estimate: estimateOf({ refusal, memoryBytes: null, secondsPerEpoch: null }) }
    expect(outlookOf(question, refused, here)).toMatchObject({ fits: false, memoryTitle: refusal.message })
  })

  test('the batch that fits does, and one more does not', () => {
    const work = trainingWork(
      network(1_000_000, 2000),
      analyze(network(1_000_000)).totals,
      { train: 4000, validation: 0 },
      1,
    )
    const of = (batch: number) =>
      prognosis({ ...work, batch }, { limit: MOST_BYTES, kind: 'cpu', measured: null, here: false })
    const batch = of(2000).fittingBatch ?? 0
    expect(batch).toBeGreaterThan(10)
    expect([of(batch).fits, of(batch + 2).fits]).toEqual([true, false])
  })

  test('a GPU has what its largest buffer has', () => {
    const gpu: DeviceDescription = {
      name: 'webgpu',
      title: 'GPU',
      available: true,
      facts: { 'largest buffer': '2.15 GB', 'largest binding': '134 MB' },
    }
    expect(limitOf('webgpu', [gpu])).toBe(134e6)
    expect(limitOf('cpu', [gpu])).toBe(MOST_BYTES)
    for (const bytes of [7, 1500, 134e6, 2.15e9]) expect(bytesOf(showBytes(bytes))).toBe(bytes)
    expect(bytesOf('a lot')).toBe(0)
  })
})

test.each([
  [0.000001, '<0.01 ms'],
  [0.000142, '0.14 ms'],
  [0.0567, '57 ms'],
  [1.234, '1.2 s'],
  [14.4, '14 s'],
  [125, '2 min 10 s'],
  [3600, '1 h'],
  [12_300, '3 h 30 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(showDuration(seconds)).toBe(text)
})

describe('the engine is asked', () => {
  const asked: string[] = []
  const told: string[] = []
  let answer: (result: Result<NetworkEstimate | null>) => void = () => undefined
  let asker: Asker
  const signals: AbortSignal[] = []
  const question = (hash: string) => about(network(4), hash)

  beforeEach(() => {
    vi.useFakeTimers()
    asked.length = told.length = signals.length = 0
    asker = new Asker(
      ({ hash }, signal) => {
        asked.push(hash)
        signals.push(signal)
        return new Promise((resolve) => (answer = resolve))
      },
      (found) => told.push(found.question.hash),
    )
  })
  afterEach(() => {
    asker.close()
    vi.useRealTimers()
  })

  test('after a rest, of the newest drawing, once', async () => {
    asker.look(question('a'))
    await vi.advanceTimersByTimeAsync(500)
    asker.look(question('b'))
    await vi.advanceTimersByTimeAsync(500)
    expect(asked).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    answer(ok(estimateOf()))
    asker.look(question('b'))
    await vi.advanceTimersByTimeAsync(5000)
    expect([asked, told]).toEqual([['b'], ['b']])
  })

  test('not while its last answer is out, but afterwards; what came meanwhile is told as what it was asked of', async () => {
    asker.look(question('a'))
    await vi.advanceTimersByTimeAsync(800)
    asker.look(question('b'))
    await vi.advanceTimersByTimeAsync(5000)
    expect(asked).toEqual(['a'])
    answer(ok(estimateOf()))
    await vi.advanceTimersByTimeAsync(800)
    expect([asked, told]).toEqual([['a', 'b'], ['a']])
  })

  test('again after it was interrupted, but not where the network is wrong', async () => {
    asker.look(question('a'))
    await vi.advanceTimersByTimeAsync(800)
    answer(ok(null))
    await vi.advanceTimersByTimeAsync(5000)
    asker.look(null)
    asker.look(question('a'))
    await vi.advanceTimersByTimeAsync(800)
    expect(asked).toEqual(['a', 'a'])
    answer(fail(problem('data.empty', 'There is nothing.')))
    await vi.advanceTimersByTimeAsync(800)
    asker.look(question('a'))
    await vi.advanceTimersByTimeAsync(5000)
    expect([asked.length, told]).toEqual([2, []])
  })

  test('gives up what is read for nothing: when somebody trains, and when other data are drawn for', async () => {
    const withData = (hash: string, seed: number): Question => {
      const { document, ...rest } = question(hash)
      const source: GeneratedSource = { ...(document.data.source as GeneratedSource), seed }
      return { ...rest, document: { ...document, data: { ...document.data, source } } }
    }
    asker.look(withData('a', 1))
    await vi.advanceTimersByTimeAsync(800)
    // The same data for another network are wanted all the same.
    asker.look(withData('b', 1))
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    asker.look(withData('c', 2))
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    answer(fail(problem('data.cancelled', 'Ended.')))
    await vi.advanceTimersByTimeAsync(800)
    expect(asked).toEqual(['a', 'c'])
    asker.look(null)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    answer(fail(problem('data.cancelled', 'Ended.')))
    await vi.advanceTimersByTimeAsync(5000)
    expect(asked).toEqual(['a', 'c'])
    // It was not answered, so it is asked again.
    asker.look(withData('c', 2))
    await vi.advanceTimersByTimeAsync(800)
    expect(asked).toEqual(['a', 'c', 'c'])
  })
})
