import { describe, expect, test } from 'vitest'
import { hash32 } from '../../src/base/hash.ts'
import { Rng } from '../../src/base/rng.ts'

const WORD = 0xffffffffn

/** Philox-2x32 (Salmon et al. 2011), written from the paper in whole numbers of any size. */
function philox(rounds: number, counter: readonly [bigint, bigint], firstKey: bigint): [bigint, bigint] {
  let [left, right] = counter
  let key = firstKey
  for (let round = 0; round < rounds; round++) {
    const product = 0xd256d193n * left
    ;[left, right] = [(product >> 32n) ^ key ^ right, product & WORD]
    key = (key + 0x9e3779b9n) & WORD
  }
  return [left, right]
}

/** MurmurHash3's mixing of 16-bit units, in whole numbers of any size. */
function murmur(text: string, seed: bigint): bigint {
  const multiply = (a: bigint, b: bigint) => (a * b) & WORD
  const turn = (x: bigint, by: bigint) => ((x << by) | (x >> (32n - by))) & WORD
  let hash = seed
  for (let i = 0; i < text.length; i++) {
    hash ^= multiply(turn(multiply(BigInt(text.charCodeAt(i)), 0xcc9e2d51n), 15n), 0x1b873593n)
    hash = (multiply(turn(hash, 13n), 5n) + 0xe6546b64n) & WORD
  }
  hash ^= BigInt(text.length)
  hash = multiply(hash ^ (hash >> 16n), 0x85ebca6bn)
  hash = multiply(hash ^ (hash >> 13n), 0xc2b2ae35n)
  return hash ^ (hash >> 16n)
}

describe('random numbers', () => {
  test('the independent Philox gives the published answers', () => {
    // kat_vectors of Random123 for philox2x32 with 10 rounds.
    const hex = (words: readonly bigint[]) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ')
    expect(hex(philox(10, [0n, 0n], 0n))).toBe('ff1dae59 6cd10df2')
    expect(hex(philox(10, [WORD, WORD], WORD))).toBe('2c3f628b ab4fd7ad')
    expect(hex(philox(10, [0x243f6a88n, 0x85a308d3n], 0x13198a2en))).toBe('dd7ce038 f62a4c12')
  })

  test.each([
    [1, []],
    [7, ['shuffle', 3]],
    [2 ** 31 - 1, ['init', 'encoder.fc1.weight']],
    [-5, ['ünïcode ✓']],
  ] as [number, (string | number)[]][])('of seed %i and path %j are those of Philox', (seed, path) => {
    const name = `${seed}/${path.join('/')}`
    const [key, high] = [murmur(name, 0n), murmur(name, 0x5bd1e995n)]
    expect(BigInt(hash32(name))).toBe(key)
    const rng = new Rng(seed, ...path)
    for (let i = 0; i < 200; i++) expect(BigInt(rng.bits())).toBe(philox(10, [BigInt(i), high], key)[0])
  })

  test('are the same for the same stream, and others for another seed or path', () => {
    const draw = (seed: number, ...path: (string | number)[]) => {
      const rng = new Rng(seed, ...path)
      return Array.from({ length: 8 }, () => rng.bits()).join()
    }
    const streams = [draw(1), draw(2), draw(1, 'a'), draw(1, 'b'), draw(1, 'a', 1), draw(1, 'a', 2), draw(11)]
    expect(new Set(streams).size).toBe(streams.length)
    expect(draw(1, 'a', 2)).toBe(draw(1, 'a', 2))
  })

  /** Of n draws: whether the mean and the variance lie within three standard errors of what they should be. */
  function moments(n: number, draw: () => number, mean: number, variance: number, fourth: number): void {
    const x = Array.from({ length: n }, draw)
    const m = x.reduce((sum, v) => sum + v, 0) / n
    const v = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n
    expect(Math.abs(m - mean)).toBeLessThan(3 * Math.sqrt(variance / n))
    expect(Math.abs(v - variance)).toBeLessThan(3 * Math.sqrt((fourth - variance ** 2) / n))
  }

  test('are uniform and normal where they should be', () => {
    const rng = new Rng(4, 'moments')
    moments(1e5, () => rng.uniform(), 0.5, 1 / 12, 1 / 80)
    moments(1e5, () => rng.uniform(-3, 1), -1, 16 / 12, 256 / 80)
    moments(1e5, () => rng.normal(), 0, 1, 3)
    moments(1e5, () => rng.normal(2, 0.5), 2, 0.25, 3 / 16)
  })

  test('are whole and below the limit, each as often as the others', () => {
    const rng = new Rng(5)
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 70_000; i++) {
      const drawn = rng.integer(7)
      counts[drawn] = (counts[drawn] ?? NaN) + 1
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chiSquare).toBeLessThan(22.5) // 0.1 % of fair sixes of freedom lie above
  })

  test('permute every number to every place', () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 300; seed++) {
      const order = new Rng(seed, 'order').permutation(4)
      expect([...order].sort()).toEqual([0, 1, 2, 3])
      seen.add(order.join())
    }
    expect(seen.size).toBe(24)
    expect([...new Rng(1).permutation(0)]).toEqual([])
  })

  test('a list of uniform ones is what they are one by one, of any length, and the next ones follow', () => {
    for (const size of [0, 1, 2, 7, 64]) {
      const [single, many] = [new Rng(5, 'list', size), new Rng(5, 'list', size)]
      const values = new Float64Array(size)
      many.fillUniform(values, -0.3, 1.7)
      expect([...values]).toEqual(Array.from(values, () => single.uniform(-0.3, 1.7)))
      expect(many.bits()).toBe(single.bits())
    }
  })
})
