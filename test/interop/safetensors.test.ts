import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { readSafetensors, writeSafetensors, type NamedTensor } from '../../src/interop/safetensors.ts'
import { messages, valueOf } from '../data/files.ts'

const tensor = (shape: readonly number[], ...values: number[]): NamedTensor => ({
  shape,
  data: Float32Array.from(values),
})

const some: ReadonlyMap<string, NamedTensor> = new Map([
  ['fc.weight', tensor([2, 3], 1, -2, 3.5, NaN, Infinity, -0)],
  ['fc.bias', tensor([3], 1e-45, 3.4e38, 0.1)],
  ['nothing', tensor([0])],
  ['one', tensor([], 7)],
  ['größe.重み', tensor([1, 1, 2], 8, 9)],
])

/** A file with this header, word for word, and so many bytes of values. */
function fileOf(header: string | object, values = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + values)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

describe('weight files', () => {
  test('come back as they went, bit for bit', () => {
    const back = valueOf(readSafetensors(writeSafetensors(some, { format: 'x' }), 'w.safetensors'))
    expect([...back.keys()]).toEqual([...some.keys()])
    for (const [name, { shape, data }] of some) {
      expect(back.get(name)?.shape).toEqual(shape)
      expect(new Uint8Array(back.get(name)?.data.buffer ?? new ArrayBuffer())).toEqual(new Uint8Array(data.buffer))
    }
    expect(valueOf(readSafetensors(writeSafetensors(new Map()), 'w')).size).toBe(0)
  })

  test('lie as the format says: length, JSON padded with blanks, values from a multiple of 8', () => {
    for (let n = 0; n < 20; n++) {
      const bytes = writeSafetensors(new Map([['w'.repeat(n + 1), tensor([2], 1, -2)]]), { a: 'b' })
      const view = new DataView(bytes.buffer)
      const length = Number(view.getBigUint64(0, true))
      expect(length % 8).toBe(0)
      const text = new TextDecoder().decode(bytes.subarray(8, 8 + length))
      expect(text.startsWith('{')).toBe(true)
      expect(text).toMatch(/\} {0,7}$/)
      expect(JSON.parse(text)).toEqual({
        __metadata__: { a: 'b' },
        ['w'.repeat(n + 1)]: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      })
      expect(view.getFloat32(8 + length, true)).toBe(1)
      expect(view.getFloat32(12 + length, true)).toBe(-2)
      expect(bytes.length).toBe(8 + length + 8)
    }
  })

  test('are read from the middle of a larger buffer, and with tensors in any order', () => {
    const bytes = writeSafetensors(some)
    const larger = new Uint8Array(bytes.length + 13)
    larger.set(bytes, 5)
    expect(valueOf(readSafetensors(larger.subarray(5, 5 + bytes.length), 'w')).get('one')?.data[0]).toBe(7)
    const turned = fileOf(
      {
        b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
        a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      },
      8,
    )
    new DataView(turned.buffer).setFloat32(turned.length - 4, 5, true)
    expect([...(valueOf(readSafetensors(turned, 'w')).get('b')?.data ?? [])]).toEqual([5])
  })

  const f32 = (shape: unknown, offsets: unknown) => ({ dtype: 'F32', shape, data_offsets: offsets })
  const malformed: { readonly [name: string]: readonly [bytes: Uint8Array, message: string] } = {
    nothing: [new Uint8Array(), 'the file has 0 bytes; a weight file has at least 8.'],
    'seven bytes': [new Uint8Array(7), 'the file has 7 bytes; a weight file has at least 8.'],
    'only a length of 0': [new Uint8Array(8), 'its header is not a JSON object.'],
    'a header longer than the file': [
      Uint8Array.from([100, 0, 0, 0, 0, 0, 0, 0, 123, 125]),
      'its header claims 100 bytes, but the file has 2 after the length.',
    ],
    'a header of 2^64 bytes': [
      new Uint8Array(20).fill(255),
      'its header claims 18446744073709552000 bytes, but the file has 12 after the length.',
    ],
    'a header that is no JSON': [fileOf('{"a":'), 'its header is not a JSON object.'],
    'a header that is a list': [fileOf('[]'), 'its header is not a JSON object.'],
    'a header that is null': [fileOf('null'), 'its header is not a JSON object.'],
    'a tensor that is null': [fileOf({ a: null }), 'tensor a has type nothing; only F32 is read.'],
    'a tensor that is a number': [fileOf({ a: 3 }), 'tensor a has type nothing; only F32 is read.'],
    'another type': [
      fileOf({ a: { ...f32([1], [0, 2]), dtype: 'F16' } }, 2),
      'tensor a has type "F16"; only F32 is read.',
    ],
    'a type that is an object': [fileOf({ a: { dtype: {} } }), 'tensor a has type {}; only F32 is read.'],
    'no shape': [fileOf({ a: f32(undefined, [0, 4]) }, 4), 'tensor a has no proper shape and data_offsets.'],
    'a negative axis': [fileOf({ a: f32([-1], [0, 4]) }, 4), 'tensor a has no proper shape and data_offsets.'],
    'half an axis': [fileOf({ a: f32([0.5], [0, 2]) }, 4), 'tensor a has no proper shape and data_offsets.'],
    'an axis beyond all numbers': [
      fileOf('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4),
      'tensor a has no proper shape and data_offsets.',
    ],
    'offsets of three': [fileOf({ a: f32([1], [0, 4, 8]) }, 8), 'tensor a has no proper shape and data_offsets.'],
    'offsets in words': [fileOf({ a: f32([1], ['0', '4']) }, 4), 'tensor a has no proper shape and data_offsets.'],
    'offsets the wrong way round': [
      fileOf({ a: f32([1], [4, 0]) }, 4),
      'tensor a of shape [1] does not fit its bytes 4 to 0.',
    ],
    'too few bytes for the shape': [
      fileOf({ a: f32([2], [0, 4]) }, 4),
      'tensor a of shape [2] does not fit its bytes 0 to 4.',
    ],
    'bytes beyond the file': [
      fileOf({ a: f32([2], [0, 8]) }, 4),
      'tensor a of shape [2] does not fit its bytes 0 to 8.',
    ],
    'a shape of 10^18 elements': [
      fileOf({ a: f32([1e9, 1e9], [0, 8]) }, 8),
      'tensor a of shape [1000000000, 1000000000] does not fit its bytes 0 to 8.',
    ],
    'two tensors over the same bytes': [
      fileOf({ a: f32([1], [0, 4]), b: f32([1], [0, 4]) }, 4),
      'tensor b begins at byte 0 of the values, but 4 is next.',
    ],
    'a hole between tensors': [
      fileOf({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12),
      'tensor b begins at byte 8 of the values, but 4 is next.',
    ],
    'bytes that belong to nobody': [fileOf({ a: f32([1], [0, 4]) }, 9), '5 bytes after its tensors belong to none.'],
  }

  test.each(Object.entries(malformed))('%s is refused in a sentence', (_name, [bytes, message]) => {
    expect(messages(readSafetensors(bytes, 'w.safetensors'))).toEqual([`w.safetensors: ${message}`])
  })

  test('many names for the same bytes ask for no memory', () => {
    const header: { [name: string]: unknown } = {}
    for (let i = 0; i < 20_000; i++) header[`t${i}`] = f32([250_000], [0, 1_000_000])
    const before = process.memoryUsage().arrayBuffers
    expect(readSafetensors(fileOf(header, 1_000_000), 'w').ok).toBe(false)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6)
  })

  test('4,000 mutations give results, never exceptions', () => {
    const original = writeSafetensors(some)
    let read = 0
    let refused = 0
    for (let seed = 0; seed < 4000; seed++) {
      const rng = new Rng(seed, 'safetensors')
      let bytes = original.slice(0, rng.uniform() < 0.2 ? rng.integer(original.length) : undefined)
      for (let i = rng.integer(4); i >= 0 && bytes.length > 0; i--) {
        // Where the header is, much can go wrong; where the values are, nothing.
        const at = rng.integer(rng.uniform() < 0.5 ? Math.min(300, bytes.length) : bytes.length)
        if (rng.uniform() < 0.8) bytes[at] = rng.uniform() < 0.5 ? 48 + rng.integer(10) : rng.integer(256)
        else bytes = Uint8Array.from([...bytes.subarray(0, at), rng.integer(256), ...bytes.subarray(at)])
      }
      const result = readSafetensors(bytes, 'w')
      if (!result.ok) {
        refused++
        for (const { message } of result.problems) expect(message, `seed ${seed}`).toMatch(/^w: .*\.$/s)
        continue
      }
      read++
      for (const { shape, data } of result.value.values()) expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1))
    }
    expect(read).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(1500)
  })
})
