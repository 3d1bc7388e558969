/** What is said of data that one waits for, and how they are given up. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Wait } from '../../renderer/state/wait.svelte.ts'
import type { DataProgress } from '../../src/protocol/messages.ts'
import { sayDoing, sayProgress } from '../../src/protocol/progress.ts'
import type { Asking } from '../../src/protocol/rpc.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const reading = (share: number, file = 'a.csv'): DataProgress => ({ doing: 'reading', file, share })

/** A question that is answered when the test says so. */
function question(wait: Wait) {
  let asked: Asking<DataProgress> = {}
  let answer: (value: string) => void = () => undefined
  const all = wait.for((asking) => {
    asked = asking
    return new Promise<string>((resolve) => (answer = resolve))
  })
  return {
    asked,
    answer: (value: string) => (answer(value), all),
    tell: (one: DataProgress) => asked.onProgress?.(one),
  }
}

test('words name the file, and the share where it is known', () => {
  expect(sayProgress(reading(0.409))).toBe('Reading a.csv… 40\u202f%')
  expect(sayProgress({ ...reading(1), doing: 'preparing' })).toBe('Preparing a.csv… 100\u202f%')
  expect(sayProgress({ doing: 'starting', file: 'Spiral', share: 0 })).toBe('Starting Spiral…')
  expect(sayDoing({ ...reading(0.4), doing: 'checking' })).toBe('Checking a.csv…')
})

describe('waiting', () => {
  test('is not mentioned as long as it is short', async () => {
    const wait = new Wait()
    const one = question(wait)
    one.tell(reading(0.5))
    await vi.advanceTimersByTimeAsync(299)
    expect(wait.progress).toBe(null)
    expect(await one.answer('there')).toBe('there')
    await vi.advanceTimersByTimeAsync(1000)
    expect(wait.progress).toBe(null)
  })

  test('says how far it is once it is long, until the answer is there', async () => {
    const wait = new Wait()
    const one = question(wait)
    one.tell(reading(0.1))
    one.tell(reading(0.2))
    await vi.advanceTimersByTimeAsync(300)
    expect(wait.progress).toEqual(reading(0.2))
    one.tell(reading(0.3))
    expect(wait.progress).toEqual(reading(0.3))
    await one.answer('there')
    expect(wait.progress).toBe(null)
  })

  test('for nothing that is told has nothing to say', async () => {
    const wait = new Wait()
    question(wait)
    await vi.advanceTimersByTimeAsync(1000)
    expect(wait.progress).toBe(null)
  })

  test('is given up, and says so to the engine alone', async () => {
    const wait = new Wait()
    const one = question(wait)
    expect(one.asked.signal?.aborted).toBe(false)
    wait.stop()
    expect(one.asked.signal?.aborted).toBe(true)
    expect(await one.answer('ended')).toBe('ended')
    // Nothing is waited for now.
    wait.stop()
  })

  test('for something newer gives up the older, once the newer is asked for', async () => {
    const wait = new Wait()
    const old = question(wait)
    old.tell(reading(0.9, 'old.csv'))
    await vi.advanceTimersByTimeAsync(300)
    let wasAborted: boolean | undefined
    const answer = wait.for(() => {
      wasAborted = old.asked.signal?.aborted
      return Promise.resolve('newer')
    })
    expect([wasAborted, old.asked.signal?.aborted]).toEqual([false, true])
    old.tell(reading(1, 'old.csv'))
    expect(wait.progress).toEqual(reading(0.9, 'old.csv'))
    expect(await answer).toBe('newer')
    expect(wait.progress).toBe(null)
    expect(await old.answer('ended')).toBe('ended')
  })

  test('that fails is over', async () => {
    const wait = new Wait()
    await expect(wait.for(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(wait.progress).toBe(null)
  })
})
