/**
 * Messages as binary frames, for a WebSocket, which unlike a MessagePort knows only bytes. A frame is exact where JSON is
 * not: typed arrays travel as their bytes, and NaN, the infinities, -0 and undefined are kept wherever they stand.
 *
 *   bytes 0–3    the letters NLF1
 *   bytes 4–7    length of the JSON text in bytes, little-endian as all numbers here
 *   bytes 8–15   zero
 *   then         the JSON text {"value": …, "marks": […]}, padded with zeros to a multiple of 8
 *   then         the bytes of the typed arrays, each padded to a multiple of 8
 *
 * What JSON cannot say stands as null in `value`, and a mark says what belongs there: [path, kind] or, for a typed array,
 * [path, kind, offset in the frame, elements]. Being outside of the value, a mark cannot be faked by data.
 */
import type { Result } from '../base/problem.ts'

const MAGIC = 0x31464c4e
const HEAD = 16

const arrayKinds = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
} as const
type ArrayKind = keyof typeof arrayKinds
type TypedArray = InstanceType<(typeof arrayKinds)[ArrayKind]>

const scalars: { readonly [kind: string]: number | undefined } = {
  nan: NaN,
  inf: Infinity,
  '-inf': -Infinity,
  '-0': -0,
  undefined: undefined,
}

type Path = readonly (string | number)[]
type Mark = readonly [Path, string] | readonly [Path, ArrayKind, number, number]

/** Throws on what no message may hold (functions, maps, class instances): that is a bug of ours. */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { readonly path: Path; readonly kind: ArrayKind; readonly array: TypedArray }[] = []
  const marks: Mark[] = []
  const value = plain(message, [])

  function plain(item: unknown, path: Path): unknown {
    switch (typeof item) {
      case 'string':
      case 'boolean':
        return item
      case 'undefined':
        marks.push([path, 'undefined'])
        return null
      case 'number': {
        if (Number.isFinite(item) && !Object.is(item, -0)) return item
        marks.push([path, Number.isNaN(item) ? 'nan' : item === 0 ? '-0' : item > 0 ? 'inf' : '-inf'])
        return null
      }
      case 'object':
        break
      default:
        throw new TypeError(`A message cannot hold a ${typeof item} (at ${path.join('.')}).`)
    }
    if (item === null) return null
    if (Array.isArray(item)) return item.map((inner: unknown, i) => plain(inner, [...path, i]))
    if (ArrayBuffer.isView(item)) {
      const kind = kindOf(item)
      if (!kind) throw new TypeError(`A message cannot hold this kind of binary data (at ${path.join('.')}).`)
      arrays.push({ path, kind, array: item as TypedArray })
      return null
    }
    const prototype: unknown = Object.getPrototypeOf(item)
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError(`A message can hold plain data only (at ${path.join('.')}).`)
    // fromEntries makes own properties even of a key like __proto__.
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, plain(inner, [...path, key])]))
  }

  // Offsets count from the end of the text, whose length they would otherwise change.
  let size = 0
  for (const { path, kind, array } of arrays) {
    marks.push([path, kind, size, array.length])
    size = align(size + array.byteLength)
  }
  const text = new TextEncoder().encode(JSON.stringify({ value, marks }))
  const body = align(HEAD + text.length)
  const frame = new Uint8Array(body + size)
  const view = new DataView(frame.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, text.length, true)
  frame.set(text, HEAD)
  let offset = body
  for (const { array } of arrays) {
    frame.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset)
    offset = align(offset + array.byteLength)
  }
  return frame
}

/** The message, or why these bytes are none. Its typed arrays own their memory, so that they can be sent on one by one. */
export function decodeFrame(frame: Uint8Array): Result<unknown> {
  if (frame.byteLength < HEAD) return malformed(`it has ${frame.byteLength} bytes, fewer than its head`)
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== MAGIC) return malformed('it does not begin with NLF1')
  const length = view.getUint32(4, true)
  if (view.getUint32(8, true) !== 0 || view.getUint32(12, true) !== 0)
    return malformed('its head is not as it should be')
  if (length > frame.byteLength - HEAD)
    return malformed(`its text should have ${length} bytes, but the frame ends before`)
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(HEAD, HEAD + length)))
  } catch {
    return malformed('its text is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, 'value'))
    return malformed('it has no value')
  const holder = parsed as { value: unknown; marks?: unknown }
  if (!Array.isArray(holder.marks)) return malformed('it has no list of marks')
  const body = align(HEAD + length)
  // Arrays lie one after the other, so that no frame can name the same bytes often and grow while it is read.
  let next = body
  for (const mark of holder.marks as readonly unknown[]) {
    const wrong = restore(mark)
    if (wrong) return malformed(wrong)
  }
  if (next !== Math.max(frame.byteLength, body)) return malformed('it has bytes that belong to nothing')
  return { ok: true, value: holder.value }

  function restore(mark: unknown): string | null {
    if (!Array.isArray(mark) || !Array.isArray(mark[0]) || typeof mark[1] !== 'string') return 'a mark is not a list'
    const [path, kind, offset, count] = mark as [unknown[], string, unknown, unknown]
    // The place must be there already and empty: a mark fills a gap, it never overwrites.
    let parent: object = holder
    let key: string | number = 'value'
    for (const step of path) {
      const inner: unknown = (parent as { [key: string | number]: unknown })[key]
      const fits = typeof step === 'number' ? Array.isArray(inner) : typeof step === 'string' && isPlain(inner)
      if (!fits || !Object.hasOwn(inner as object, step as string)) return 'a mark points to no place of the value'
      parent = inner as object
      key = step as string | number
    }
    const slot = parent as { [key: string | number]: unknown }
    if (slot[key] !== null) return 'a mark points to a place that is taken'
    if (Object.hasOwn(scalars, kind)) {
      slot[key] = scalars[kind]
      return null
    }
    if (!Object.hasOwn(arrayKinds, kind)) return 'a mark is of no known kind'
    const make = arrayKinds[kind as ArrayKind]
    if (!isCount(count) || !isCount(offset)) return 'a typed array has no place or length'
    const bytes = count * make.BYTES_PER_ELEMENT
    if (body + offset !== next) return 'a typed array is not where it should be'
    if (bytes > frame.byteLength - next) return 'a typed array goes beyond its end'
    // The copy begins at 0 of its own buffer, so it is aligned whatever the frame's own place in memory. (Not `slice`:
    // a Node Buffer's does not copy.)
    const own = new Uint8Array(bytes)
    own.set(frame.subarray(next, next + bytes))
    slot[key] = new make(own.buffer)
    next = align(next + bytes)
    return null
  }
}

function malformed(why: string): Result<never> {
  const message = `A message could not be read: ${why}.`
  return { ok: false, problems: [{ code: 'frame.malformed', severity: 'error', message }] }
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
function kindOf(view: ArrayBufferView): ArrayKind | undefined {
  return (Object.keys(arrayKinds) as ArrayKind[]).find((kind) => view instanceof arrayKinds[kind])
}
