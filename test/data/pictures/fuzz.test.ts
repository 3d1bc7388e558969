import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { ProblemError } from '../../../src/base/problem.ts'
import { Rng } from '../../../src/base/rng.ts'
import { decodePicture } from '../../../src/data/pictures/index.ts'
import { computing } from '../../helpers/computing.ts'
import { cases } from './fixtures.ts'

/** Mutations of each format. */
const ROUNDS = Number(process.env['FUZZ'] ?? 400)
const nasty = [0, 1, 2, 3, 4, 8, 16, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xc4, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdd, 0xfe, 0xff]

/** Bytes changed, put in, taken out, doubled or cut off; mostly a few, and often near the beginning. */
function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  const all = [...bytes]
  for (let k = 1 + rng.integer(5); k > 0; k--) {
    const reach = rng.integer(2) ? all.length : Math.min(all.length, 200)
    const i = rng.integer(reach + 1)
    const value = rng.integer(2) ? at(nasty, rng.integer(nasty.length)) : rng.integer(256)
    switch (rng.integer(8)) {
      case 0:
        all.splice(i, 0, value)
        break
      case 1:
        all.splice(i, 1 + rng.integer(8))
        break
      case 2:
        all.splice(i, 0, ...all.slice(i, i + 1 + rng.integer(40)))
        break
      case 3:
        if (rng.integer(4) === 0) all.length = i
        break
      case 4:
        for (let j = i; j < Math.min(all.length, i + 4); j++) all[j] = value
        break
      default:
        if (i < all.length) all[i] = value
    }
  }
  return Uint8Array.from(all)
}

describe('mutated pictures are taken whole, or refused in words:', () => {
  test.each(['png', 'jpeg', 'webp', 'gif', 'bmp'])(
    '%s',
    async (format) => {
      const sources = cases.filter(({ name }) => name.startsWith(format))
      let taken = 0
      const codes = new Set<string>()
      for (let round = 0; round < ROUNDS; round++) {
        const rng = new Rng(round, 'picture', format)
        const source = at(sources, rng.integer(sources.length))
        const bytes = mutate(source.bytes, rng)
        const took = computing()
        try {
          const { pixels } = await decodePicture({ file: 'x', bytes })
          expect(pixels.data.length).toBe(pixels.width * pixels.height * pixels.channels)
          taken++
        } catch (error) {
          if (!(error instanceof ProblemError)) throw new Error(`round ${round}: ${String(error)}`, { cause: error })
          expect(error.message).toMatch(/^x [a-z].*\.$/)
          codes.add(at(error.problems, 0).code)
        }
        expect(took()).toBeLessThan(5000)
      }
      // Both happen, or the mutations are too wild or too tame.
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(ROUNDS)
      expect(codes.size).toBeGreaterThan(2)
      expect(process.memoryUsage().rss).toBeLessThan(1.5e9)
    },
    300_000,
  )
})
