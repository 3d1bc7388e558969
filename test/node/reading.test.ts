import { expect, test } from 'vitest'
import { attemptAsync } from '../../src/base/problem.ts'
import { Reading } from '../../src/node/engine/reading.ts'
import type { DataProgress } from '../../src/protocol/messages.ts'
import { messages } from '../data/files.ts'

test('gives others their turn when it has had its own, not before', async () => {
  let now = 0
  let turns = 0
  const reading = new Reading({ now: () => now })
  const pause = async (): Promise<boolean> => {
    const before = turns
    const other = new Promise<void>((resolve) => setImmediate(() => resolve(void turns++)))
    await reading.pause()
    const waited = turns > before
    await other
    return waited
  }
  expect(await pause()).toBe(false)
  now = 12
  expect(await pause()).toBe(false)
  now = 13
  expect(await pause()).toBe(true)
  // Its next turn began just then.
  expect(await pause()).toBe(false)
  now = 20
  expect(await pause()).toBe(false)
  now = 26
  expect(await pause()).toBe(true)
})

test('is ended with a sentence, also while others have their turn', async () => {
  let now = 0
  const controller = new AbortController()
  const reading = new Reading({ now: () => now, signal: controller.signal })
  expect((await attemptAsync(reading.pause)).ok).toBe(true)
  now = 100
  const pausing = attemptAsync(reading.pause)
  controller.abort()
  expect(messages(await pausing)).toEqual(['Reading was ended before all was read; the data are as they were.'])
  expect((await attemptAsync(reading.pause)).ok).toBe(false)
})

test('says how far it is once for each percent of each stage', () => {
  const told: DataProgress[] = []
  const { begin, progress } = new Reading({ now: () => 0, tell: (one) => void told.push(one) })
  for (const doing of ['reading', 'preparing'] as const) {
    begin({ doing, file: 'a.csv' })
    for (let i = 0; i <= 10_000; i++) progress(i / 10_000)
  }
  expect(told).toHaveLength(202)
  expect([told[0], told[100], told[101], told[201]]).toEqual([
    { doing: 'reading', file: 'a.csv', share: 0 },
    { doing: 'reading', file: 'a.csv', share: 1 },
    { doing: 'preparing', file: 'a.csv', share: 0 },
    { doing: 'preparing', file: 'a.csv', share: 1 },
  ])
})
