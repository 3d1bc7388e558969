/** 32-bit hash of a string's UTF-16 units: MurmurHash3's mixing (Appleby 2008). For streams and caches, not for secrets. */
export function hash32(text: string, seed = 0): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) {
    let block = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    block = Math.imul((block << 15) | (block >>> 17), 0x1b873593)
    hash ^= block
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  hash ^= text.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A number's own text, also of those that JSON has no words for: NaN, the infinities, -0. */
export function showNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** JSON with sorted keys, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  })
}

/** Name of a value for caches: equal values, equal names; 64 bits, so chance collisions are out of reach of one session. */
export function contentHash(value: unknown): string {
  const text = canonicalJson(value)
  const part = (seed: number) => hash32(text, seed).toString(16).padStart(8, '0')
  return part(0) + part(0x9747b28c)
}
