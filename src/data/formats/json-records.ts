/** The pieces of a file that are one JSON record each: its lines, or the entries of the one list that it is. */
import { problem, type Problem } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_RECORD } from '../limits.ts'
import { clip } from '../table/records.ts'
import type { DataFile } from '../types.ts'
import { refuse } from './refuse.ts'

export interface RecordBytes {
  readonly bytes: Uint8Array
  /** On which it begins, counted from 1. */
  readonly line: number
  /** What messages call it. */
  readonly where: string
  /** It could not be kept. */
  readonly problem?: Problem
}

const LF = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN = 0x5b
const CLOSE = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === LF || byte === 0x0d

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** Whether the file is one list, by its first byte that is not blank. */
export function isList({ head }: DataFile): boolean {
  let i = hasMark(head) ? 3 : 0
  while (i < head.length && isBlank(head[i])) i++
  return head[i] === OPEN
}

/** Bytes of a record so far, over the ends of chunks. */
class Carry {
  #parts: Uint8Array[] = []
  length = 0

  add(bytes: Uint8Array): void {
    this.length += bytes.length
    // Of what is too long only its length is kept.
    if (this.length <= MAX_RECORD) this.#parts.push(bytes)
    else this.#parts = []
  }

  take(): Uint8Array | undefined {
    const { length } = this
    const parts = this.#parts
    this.#parts = []
    this.length = 0
    if (length > MAX_RECORD) return undefined
    if (parts.length === 1) return parts[0]
    const whole = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

export function recordsOf(file: DataFile): AsyncGenerator<RecordBytes, void, undefined> {
  return isList(file) ? entriesOf(file) : linesOf(file)
}

function recordFrom(file: DataFile, carry: Carry, line: number, where: string): RecordBytes {
  const { length } = carry
  const bytes = carry.take()
  if (bytes) return { bytes, line, where }
  const message = `${file.name} ${where} has ${showBytes(length)}; ${showBytes(MAX_RECORD)} are the most.`
  return { bytes: new Uint8Array(), line, where, problem: problem('json.long', message, { file: file.name, line }) }
}

/** Blank lines are left out. */
async function* linesOf(file: DataFile): AsyncGenerator<RecordBytes, void, undefined> {
  const carry = new Carry()
  let line = 1
  let isFirst = true
  for await (const chunk of file.chunks()) {
    let from = isFirst && hasMark(chunk) ? 3 : 0
    isFirst = false
    for (;;) {
      const end = chunk.indexOf(LF, from)
      if (end < 0) break
      carry.add(chunk.subarray(from, end))
      const record = recordFrom(file, carry, line, `line ${line}`)
      if (record.problem || !record.bytes.every(isBlank)) yield record
      from = end + 1
      line++
    }
    carry.add(chunk.subarray(from))
  }
  const record = recordFrom(file, carry, line, `line ${line}`)
  if (record.problem || !record.bytes.every(isBlank)) yield record
}

/** Entries are told apart by commas outside of texts and brackets; whether each is JSON is seen when it is parsed. */
async function* entriesOf(file: DataFile): AsyncGenerator<RecordBytes, void, undefined> {
  const carry = new Carry()
  let state = 'before' as 'before' | 'entry' | 'after'
  let depth = 0
  let inText = false
  let escaped = false
  let isEmpty = true
  let line = 1
  let began = 1
  let count = 0
  for await (const chunk of file.chunks()) {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number
      if (byte === LF) line++
      if (state === 'before') {
        if (byte !== OPEN) continue
        state = 'entry'
        from = i + 1
        began = line
        continue
      }
      if (state === 'after') {
        if (isBlank(byte)) continue
        const found = clip(new TextDecoder('latin1').decode(chunk.subarray(i, i + 20)))
        const message = `${file.name} line ${line}: ${found} follows the end of the list; remove it.`
        throw refuse('json.after', message, { file: file.name, line })
      }
      if (inText) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inText = false
        continue
      }
      if (isEmpty && !isBlank(byte)) {
        began = line
        isEmpty = byte === COMMA || byte === CLOSE
      }
      if (byte === QUOTE) inText = true
      else if (byte === OPEN || byte === OPEN_OBJECT) depth++
      else if (byte === CLOSE_OBJECT) depth--
      else if (byte === COMMA || byte === CLOSE) {
        if (byte === CLOSE && depth > 0) depth--
        else if (depth <= 0) {
          carry.add(chunk.subarray(from, i))
          from = i + 1
          if (byte === CLOSE) state = 'after'
          if (!isEmpty) yield recordFrom(file, carry, began, `record ${++count} (line ${began})`)
          else {
            carry.take()
            // An empty list, or a comma too many.
            if (byte === COMMA || count > 0) {
              const message = `${file.name} line ${line} has a comma with no record ${byte === COMMA ? 'before' : 'after'} it; remove it.`
              throw refuse('json.comma', message, { file: file.name, line })
            }
          }
          isEmpty = true
          depth = 0
        }
      }
    }
    if (state === 'entry') carry.add(chunk.subarray(from))
  }
  if (state !== 'after') {
    const message = `${file.name} ends on line ${line} within its list, after ${count} ${count === 1 ? 'record' : 'records'}; get the whole file.`
    throw refuse('json.end', message, { file: file.name, line })
  }
}
