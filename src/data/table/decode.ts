/**
 * Bytes of a text file to characters, or a sentence that says which byte is wrong. UTF-8 with or without a byte order
 * mark; little-endian UTF-16 when its mark says so (what spreadsheets call "Unicode text").
 */
import { problem, ProblemError } from '../../base/problem.ts'
import { MAX_TEXT_BYTES } from '../limits.ts'
import { showBytes } from '../../base/shape.ts'
import { countLines } from './records.ts'

export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length === 0) {
    throw new ProblemError(problem('csv.empty', `${file} is empty; choose a file with a header and rows.`, { file }))
  }
  if (bytes.length > MAX_TEXT_BYTES) {
    const sizes = `${showBytes(bytes.length)}; a table may have ${showBytes(MAX_TEXT_BYTES)} at most`
    throw new ProblemError(problem('csv.size', `${file} has ${sizes}, so split it or leave columns out.`, { file }))
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new ProblemError(problem('csv.gzip', `${file} is still gzipped; unzip it first.`, { file, byte: 0 }))
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const message = `${file} is encoded as UTF-16 (big-endian); save it as UTF-8.`
    throw new ProblemError(problem('csv.encoding', message, { file, byte: 0 }))
  }
  const text = bytes[0] === 0xff && bytes[1] === 0xfe ? decodeUtf16(bytes, file) : decodeUtf8(bytes, file)
  const zero = text.indexOf('\0')
  if (zero >= 0) {
    const line = countLines(text, 0, zero) + 1
    const message = `${file} has a NUL character on line ${line}, so it is not a text file; choose a CSV file.`
    throw new ProblemError(problem('csv.nul', message, { file, line }))
  }
  return text
}

function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    // Drops a byte order mark, which would otherwise stick to the first column's name.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const byte = firstBadByte(bytes)
    const shown = (bytes[byte] ?? 0).toString(16).toUpperCase().padStart(2, '0')
    const message = `${file} is not UTF-8: byte ${byte} is 0x${shown}; save the file with UTF-8 encoding.`
    throw new ProblemError(problem('csv.encoding', message, { file, byte }))
  }
}

function decodeUtf16(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-16le', { fatal: true }).decode(bytes)
  } catch {
    const message = `${file} begins as UTF-16 and is damaged further on; save it as UTF-8.`
    throw new ProblemError(problem('csv.encoding', message, { file }))
  }
}

/** Offset of the first byte that no well-formed UTF-8 text has there (Unicode standard, table 3-7); the length if none. */
export function firstBadByte(bytes: Uint8Array): number {
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i] as number
    let more = 0
    let low = 0x80
    let high = 0xbf
    if (lead >= 0x80) {
      if (lead < 0xc2 || lead > 0xf4) return i
      more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
      if (lead === 0xe0) low = 0xa0
      if (lead === 0xed) high = 0x9f
      if (lead === 0xf0) low = 0x90
      if (lead === 0xf4) high = 0x8f
    }
    for (let k = 1; k <= more; k++) {
      const next = bytes[i + k]
      if (next === undefined || next < low || next > high) return i
      low = 0x80
      high = 0xbf
    }
    i += more + 1
  }
  return i
}
