/** When the engine is asked to get ready: once the drawing rests, once for each drawing, one at a time. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { emptyDocument } from '../../src/document/file.ts'
import { WarmUp, type Wish } from '../../renderer/state/warm-up.ts'

const asked: string[] = []
const signals: AbortSignal[] = []
let answer: () => void = () => undefined
let warmUp: WarmUp
const wish = (hash: string): Wish => ({ hash, document: emptyDocument(), device: 'auto' })

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = signals.length = 0
  warmUp = new WarmUp(({ hash }, signal) => {
    asked.push(hash)
    signals.push(signal)
    return new Promise<void>((resolve) => (answer = resolve))
  })
})
afterEach(() => {
  warmUp.close()
  vi.useRealTimers()
})

test('after a rest, the newest drawing, once', async () => {
  warmUp.look(wish('a'))
  await vi.advanceTimersByTimeAsync(600)
  warmUp.look(wish('b'))
  await vi.advanceTimersByTimeAsync(600)
  expect(asked).toEqual([])
  await vi.advanceTimersByTimeAsync(600)
  expect(asked).toEqual(['b'])
  answer()
  warmUp.look(wish('b'))
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toEqual(['b'])
})

test('not while the last answer is out, but afterwards', async () => {
  warmUp.look(wish('a'))
  await vi.advanceTimersByTimeAsync(1100)
  warmUp.look(wish('b'))
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toEqual(['a'])
  answer()
  await vi.advanceTimersByTimeAsync(1100)
  expect(asked).toEqual(['a', 'b'])
})

test('given up when somebody trains, and asked for again afterwards', async () => {
  warmUp.look(wish('a'))
  await vi.advanceTimersByTimeAsync(1100)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  warmUp.look(null)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  answer()
  await vi.advanceTimersByTimeAsync(5000)
  warmUp.look(wish('a'))
  await vi.advanceTimersByTimeAsync(1100)
  expect(asked).toEqual(['a', 'a'])
})

test('nothing while nothing can be trained, and a failure asks nobody', async () => {
  warmUp.look(wish('a'))
  warmUp.look(null)
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toEqual([])
  const failing = new WarmUp(() => Promise.reject(new Error('gone')))
  failing.look(wish('a'))
  await vi.advanceTimersByTimeAsync(5000)
  failing.close()
})
