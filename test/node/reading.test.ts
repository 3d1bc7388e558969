import { expect, test } from 'vitest'
import { attemptAsync } from '../../src/base/problem.ts'
import { Reading } from '../../src/node/engine/reading.ts'
import { messages } from '../data/files.ts'

test('gives others their turn when it has had its own, not before', async () => {
  let now = 0
  let turns = 0
  const reading = new Reading(
    () => now,
    () => undefined,
  )
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
  const reading = new Reading(
    () => now,
    () => undefined,
  )
  expect((await attemptAsync(reading.pause)).ok).toBe(true)
  now = 100
  const pausing = attemptAsync(reading.pause)
  reading.cancel()
  expect(messages(await pausing)).toEqual(['Reading was ended before all was read; the data are as they were.'])
  expect((await attemptAsync(reading.pause)).ok).toBe(false)
})

test('says how far it is once for each percent', () => {
  const told: number[] = []
  const { progress } = new Reading(
    () => 0,
    (share) => void told.push(share),
  )
  for (let i = 0; i <= 10_000; i++) progress(i / 10_000)
  expect(told).toHaveLength(101)
  expect([told[0], told.at(-1)]).toEqual([0, 1])
})
