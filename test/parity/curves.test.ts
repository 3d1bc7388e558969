/**
 * The loss curves of the shipped examples against PyTorch's, which make-curves.py has written to fixtures/curves.json: the
 * same first weights, batches, rates and noise, a hundred steps, never more than one per cent apart.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { cpu, oracle } from '../train/runs.ts'
import { lossesOf, names, settingOf, STEPS, withRate, type Setting } from './curves.ts'

const curves = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/curves.json'), 'utf8')) as {
  readonly [name: string]: { readonly hash: string; readonly losses: readonly number[] }
}

const NEAR = 0.01
/** Rounding of single precision, where a loss is next to nothing. */
const NOTHING = 1e-6
/** Small enough for the interpreter. */
const SMALL = ['and', 'icon-autoencoder', 'icons-4x4', 'iris', 'linear-regression', 'sine', 'softmax-regression', 'xor', 'xor-binary', 'xor-regression']
/** The control's rate is so much greater. */
const OFF = 1.05

const expected = (name: string) => curves[name]?.losses ?? []

/** The first step at which two curves are further apart than they may be. */
function parted(losses: readonly number[], from: readonly number[]): number | undefined {
  const step = losses.findIndex((loss, i) => !(Math.abs(loss - at(from, i)) <= NEAR * at(from, i) + NOTHING))
  return step < 0 ? undefined : step
}

test('every example has a curve', () => {
  expect(Object.keys(curves).sort()).toEqual([...names].sort())
})

/** Made once; data take longer than training. */
const settings = new Map<string, Promise<Setting>>()
function setting(name: string): Promise<Setting> {
  const made = settings.get(name) ?? settingOf(name)
  settings.set(name, made)
  return made
}

describe.each(names)('%s', { timeout: 300_000 }, (name) => {
  test('starts from the weights, batches and noise that PyTorch had', async () => {
    expect((await setting(name)).hash).toBe(curves[name]?.hash)
    expect(expected(name)).toHaveLength(STEPS)
  })

  test('learns as PyTorch does, for a hundred steps', async () => {
    const losses = await lossesOf(await setting(name), await cpu())
    expect(losses).toHaveLength(STEPS)
    expect(parted(losses, expected(name))).toBeUndefined()
  })

  test('and not with a rate that is a twentieth off', async () => {
    const { document, data } = await setting(name)
    const curve = expected(name)
    const other = { document: withRate(document, OFF), data }
    const losses = await lossesOf(other, await cpu(), (so) => parted(so, curve) !== undefined)
    expect(parted(losses, curve)).toBeGreaterThan(0)
  })
})

test.each(SMALL)('%s learns so on the reference too', { timeout: 300_000 }, async (name) => {
  const losses = await lossesOf(await setting(name), await oracle())
  expect(losses).toHaveLength(STEPS)
  expect(parted(losses, expected(name))).toBeUndefined()
})
