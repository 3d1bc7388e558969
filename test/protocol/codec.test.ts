import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src/protocol/codec.ts'
import { isChannelFrame, isHello, isWelcome } from '../../src/protocol/host-wire.ts'

function round(value: unknown): unknown {
  const result = decodeFrame(encodeFrame(value))
  if (!result.ok) throw new Error(result.problems[0]?.message)
  return result.value
}

function lcg(seed: number) {
  let state = seed
  return (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % n
  }
}

test('plain data comes back as it was', () => {
  const values = [
    null,
    true,
    0,
    1.5,
    'text ü 漢 😀',
    [],
    {},
    [1, [2, { a: 'b' }]],
    { marks: [[['value'], 'nan']], value: null, $: 1 },
    { nested: { deep: { er: [null, null] } } },
  ]
  for (const value of values) expect(round(value)).toEqual(value)
})

test('numbers that JSON does not know come back exactly', () => {
  const value = { a: NaN, b: [Infinity, -Infinity, -0, 0], c: { d: undefined } }
  const back = round(value) as typeof value
  expect(back.a).toBeNaN()
  expect(back.b.map((x) => Object.is(x, -0))).toEqual([false, false, true, false])
  expect(back.b.slice(0, 2)).toEqual([Infinity, -Infinity])
  expect('d' in back.c && back.c.d === undefined).toBe(true)
})

test('typed arrays of every kind come back bit for bit, in memory of their own', () => {
  const f64 = Float64Array.of(NaN, Infinity, -Infinity, -0, 1e-320, Math.PI)
  const f32 = new Float32Array([NaN, Infinity, -Infinity, -0, 1e-45])
  // A NaN with a payload: bits must not be normalised.
  new Uint32Array(f32.buffer)[0] = 0x7fc12345
  const value = {
    f64,
    f32,
    i8: Int8Array.of(-1),
    u8: Uint8Array.of(1, 2, 3),
    i16: Int16Array.of(-300),
    u16: Uint16Array.of(65535),
    list: [Int32Array.of(-5, 5), Uint32Array.of(2 ** 32 - 1)],
    empty: new Float32Array(0),
    part: new Float32Array([1, 2, 3, 4]).subarray(1, 3),
  }
  const back = round(value) as typeof value
  for (const name of ['f64', 'f32', 'i8', 'u8', 'i16', 'u16', 'empty', 'part'] as const) {
    expect(back[name].constructor).toBe(value[name].constructor)
    expect(bytesOf(back[name])).toEqual(bytesOf(value[name]))
    expect(back[name].buffer.byteLength).toBe(back[name].byteLength)
  }
  expect(back.list).toEqual(value.list)
  expect(round(new Float32Array([1, 2]))).toEqual(new Float32Array([1, 2]))
})

test('a frame may lie anywhere in memory', () => {
  const value = { a: Float64Array.of(1, 2), b: Uint8Array.of(9) }
  const frame = encodeFrame(value)
  for (let shift = 0; shift < 9; shift++) {
    const room = Buffer.alloc(frame.length + 16)
    room.set(frame, shift)
    const result = decodeFrame(room.subarray(shift, shift + frame.length))
    expect(result).toEqual({ ok: true, value })
    // Later changes of the frame's memory (a pool that is used again) do not reach the message.
    room.fill(255)
    expect(result).toEqual({ ok: true, value })
  }
})

test('keys that are dangerous elsewhere are plain data here', () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}') as object
  const back = round({ value, x: NaN }) as { value: object }
  expect(Object.keys(back.value)).toEqual(['__proto__', 'constructor'])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  const array = round(JSON.parse('{"__proto__": null}')) as object
  expect(Object.hasOwn(array, '__proto__')).toBe(true)
})

test('what is not plain data is not sent', () => {
  for (const value of [() => 1, 1n, Symbol('s'), new Map(), new Date(), new DataView(new ArrayBuffer(8))])
    expect(() => encodeFrame({ value })).toThrow(/A message can/)
})

test('random messages come back as they were', () => {
  const random = lcg(7)
  const make = (depth: number): unknown => {
    switch (random(depth > 0 ? 9 : 6)) {
      case 0:
        return null
      case 1:
        return random(1000) / 7
      case 2:
        return ['a', '', '€', 'x'.repeat(random(50))][random(4)]
      case 3:
        return random(2) === 0
      case 4:
        return [NaN, Infinity, -Infinity][random(3)]
      case 5:
        return new Float32Array(Array.from({ length: random(9) }, () => random(9)))
      case 6:
        return Array.from({ length: random(5) }, () => make(depth - 1))
      default:
        return Object.fromEntries(Array.from({ length: random(5) }, (_, i) => [`k${i}`, make(depth - 1)]))
    }
  }
  for (let i = 0; i < 300; i++) {
    const value = make(4)
    expect(round(value)).toEqual(value)
  }
})

test('5,000 malformed frames are refused with a sentence and end nothing', () => {
  const random = lcg(11)
  const good = encodeFrame({
    channel: 'engine',
    message: { a: new Float32Array(20), b: [NaN, 'text', { c: Int32Array.of(1) }] },
  })
  let refused = 0
  for (let i = 0; i < 5000; i++) {
    const frame = i % 5 === 0 ? Uint8Array.from({ length: random(200) }, () => random(256)) : good.slice()
    if (i % 5 === 1) frame[random(frame.length)] = random(256)
    if (i % 5 === 2) for (let k = 0; k < 8; k++) frame[16 + random(120)] = random(256)
    const cut =
      i % 5 === 3 ? frame.subarray(0, random(frame.length)) : i % 5 === 4 ? Buffer.concat([frame, frame]) : frame
    const result = decodeFrame(cut)
    if (result.ok) continue
    refused++
    expect(result.problems[0]?.message).toMatch(/^A message could not be read: .+\.$/)
  }
  expect(refused).toBeGreaterThan(3500)
})

test('marks cannot reach outside of the value or use bytes twice', () => {
  const forge = (body: unknown, attachments = 0) => {
    const text = new TextEncoder().encode(JSON.stringify(body))
    const frame = new Uint8Array(Math.ceil((16 + text.length) / 8) * 8 + attachments)
    frame.set([0x4e, 0x4c, 0x46, 0x31])
    new DataView(frame.buffer).setUint32(4, text.length, true)
    frame.set(text, 16)
    return decodeFrame(frame)
  }
  expect(forge({ value: { a: null }, marks: [[['a'], 'f32', 0, 2]] }, 8).ok).toBe(true)
  const bad = [
    forge({ value: { a: 1 }, marks: [[['a'], 'nan']] }),
    forge({ value: {}, marks: [[['__proto__'], 'nan']] }),
    forge({ value: {}, marks: [[['__proto__', 'x'], 'nan']] }),
    forge({ value: [], marks: [[['length'], 'nan']] }),
    forge({ value: [null], marks: [[[1], 'nan']] }),
    forge({ value: 'text', marks: [[[0], 'nan']] }),
    forge({ value: null, marks: [[[], 'constructor', 0, 1]] }),
    forge({ value: null, marks: [[[], 'f32', -8, 1]] }, 8),
    forge({ value: null, marks: [[[], 'f32', 0, 1e9]] }, 8),
    forge({ value: null, marks: [[[], 'f32', 0, 1.5]] }, 8),
    forge(
      {
        value: [null, null],
        marks: [
          [[0], 'f32', 0, 2],
          [[1], 'f32', 0, 2],
        ],
      },
      8,
    ),
    forge({ value: null, marks: [] }, 8),
    forge({ value: null, marks: 'none' }),
    forge({ marks: [] }),
    forge([1]),
  ]
  expect(bad.map((result) => result.ok)).toEqual(bad.map(() => false))
})

test('only frames of the wire are taken for such', () => {
  expect(isChannelFrame({ channel: 'engine', message: 1 })).toBe(true)
  for (const value of [null, 1, {}, { channel: 'engine' }, { channel: 'other', message: 1 }])
    expect(isChannelFrame(value)).toBe(false)
  expect(isHello({ hello: 'x' })).toBe(true)
  expect(isHello({ hello: 1 })).toBe(false)
  expect(isWelcome({ welcome: {} })).toBe(true)
})

function bytesOf(view: ArrayBufferView): number[] {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)]
}
