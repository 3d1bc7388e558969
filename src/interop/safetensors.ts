/**
 * Weights as a safetensors file: 8 bytes with the length of a JSON header (little-endian), the header, the values. The
 * header is padded with spaces so that values begin at a multiple of 8 bytes. Source: the safetensors format description.
 */
import { attempt, problem, ProblemError, type Result } from '../base/problem.ts'
import { sizeOf, type Shape } from '../base/shape.ts'

export interface NamedTensor {
  readonly shape: Shape
  readonly data: Float32Array
}

const MOST_HEADER = 16_000_000

export function writeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: { readonly [name: string]: string } = {},
): Uint8Array {
  const header: { [name: string]: unknown } = { __metadata__: metadata }
  let end = 0
  for (const [name, { shape, data }] of tensors)
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * data.length)] }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const length = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + length + end)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(length), true)
  bytes.fill(0x20, 8, 8 + length)
  bytes.set(text, 8)
  let offset = 8 + length
  for (const { data } of tensors.values()) {
    for (let i = 0; i < data.length; i++) view.setFloat32(offset + 4 * i, data[i] ?? 0, true)
    offset += 4 * data.length
  }
  return bytes
}

/** Reads f32 tensors; everything about the file is checked before anything is made. */
export function readSafetensors(bytes: Uint8Array, file: string): Result<ReadonlyMap<string, NamedTensor>> {
  return attempt(() => {
    const refuse = (message: string): never => {
      throw new ProblemError(problem('safetensors', `${file}: ${message}`, { file }))
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length < 8) refuse(`the file has ${bytes.length} bytes; a weight file has at least 8.`)
    const length = Number(view.getBigUint64(0, true))
    if (length > MOST_HEADER || 8 + length > bytes.length)
      refuse(`its header claims ${length} bytes, but the file has ${bytes.length - 8} after the length.`)
    const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    if (!header) return refuse('its header is not a JSON object.')
    const start = 8 + length
    const tensors = new Map<string, NamedTensor>()
    const parts: { readonly name: string; readonly shape: Shape; readonly first: number; readonly last: number }[] = []
    for (const [name, entry] of Object.entries(header) as [string, unknown][]) {
      if (name === '__metadata__') continue
      const {
        dtype,
        shape,
        data_offsets: offsets,
      } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
      if (dtype !== 'F32') refuse(`tensor ${name} has type ${JSON.stringify(dtype) ?? 'nothing'}; only F32 is read.`)
      if (!isNaturals(shape) || !isNaturals(offsets) || offsets.length !== 2)
        return refuse(`tensor ${name} has no proper shape and data_offsets.`)
      const [first, last] = offsets as [number, number]
      if (last - first !== 4 * sizeOf(shape) || start + last > bytes.length)
        refuse(`tensor ${name} of shape [${shape.join(', ')}] does not fit its bytes ${first} to ${last}.`)
      parts.push({ name, shape, first, last })
    }
    // Without this, a small file could name the same bytes many times and ask for any amount of memory.
    let end = 0
    for (const { name, first, last } of parts.toSorted((a, b) => a.first - b.first || a.last - b.last)) {
      if (first !== end) refuse(`tensor ${name} begins at byte ${first} of the values, but ${end} is next.`)
      end = last
    }
    if (start + end !== bytes.length) refuse(`${bytes.length - start - end} bytes after its tensors belong to none.`)
    for (const { name, shape, first } of parts) {
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => view.getFloat32(start + first + 4 * i, true))
      tensors.set(name, { shape, data })
    }
    return tensors
  })
}

function parseHeader(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && (one as number) >= 0)
}
