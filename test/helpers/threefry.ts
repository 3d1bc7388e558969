/**
 * Threefry-2x32 with 20 rounds once more, on whole numbers of any size: four times five rounds of mixing, each of which adds,
 * rotates and combines, with the next part of the key between every four (Salmon et al. 2011, section 3).
 */
const WORD = 2n ** 32n
const word = (x: bigint) => ((x % WORD) + WORD) % WORD
const rotate = (x: bigint, by: bigint) => word(x << by) + (x >> (32n - by))

export function firstWord(counter: readonly [number, number], key: readonly [number, number]): number {
  const [k0, k1] = [word(BigInt(key[0])), word(BigInt(key[1]))]
  const keys = [k0, k1, 0x1bd11bdan ^ k0 ^ k1]
  let [a, b] = [word(BigInt(counter[0]) + k0), word(BigInt(counter[1]) + k1)]
  for (let part = 0; part < 5; part++) {
    for (const by of part % 2 === 0 ? [13n, 15n, 26n, 6n] : [17n, 29n, 16n, 24n]) {
      a = word(a + b)
      b = rotate(b, by) ^ a
    }
    a = word(a + (keys[(part + 1) % 3] ?? 0n))
    b = word(b + (keys[(part + 2) % 3] ?? 0n) + BigInt(part + 1))
  }
  return Number(a)
}
