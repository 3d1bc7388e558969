/**
 * Reads untrusted JSON field by field. Every accessor says what it expected, what it found and at which path; nothing is
 * merged or copied wholesale, so no foreign key ever reaches our objects.
 */
import { problem, ProblemError } from '../base/problem.ts'

export interface Fields {
  readonly [name: string]: unknown
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])
export const MAX_STRING = 100_000

export class JsonReader {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  refuse(path: string, message: string, code = 'document.field'): never {
    const text = `${path === '' ? 'the document' : path} ${message}`
    throw new ProblemError(
      this.#file === ''
        ? problem(code, text, { field: path })
        : problem(code, `${this.#file}: ${text}`, { file: this.#file, field: path }),
    )
  }

  object(value: unknown, path: string): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.refuse(path, `must be an object, not ${kindOf(value)}.`)
    for (const key of Object.keys(value))
      if (FORBIDDEN.has(key)) this.refuse(`${path}.${key}`, 'is a name that no document may use.')
    return value as Fields
  }

  array(value: unknown, path: string, most: number): readonly unknown[] {
    if (!Array.isArray(value)) this.refuse(path, `must be a list, not ${kindOf(value)}.`)
    if (value.length > most) this.refuse(path, `has ${value.length} entries; at most ${most} are read.`)
    return value as readonly unknown[]
  }

  /** Each entry of an object used as a table. */
  entries<T>(
    value: unknown,
    path: string,
    most: number,
    read: (value: unknown, path: string, key: string) => T,
  ): { readonly [key: string]: T } {
    const entries = Object.entries(this.object(value, path))
    if (entries.length > most) this.refuse(path, `has ${entries.length} entries; at most ${most} are read.`)
    return Object.fromEntries(
      entries.map(([key, inner]) => {
        if (key.length > 200) this.refuse(path, 'has a name of more than 200 characters.')
        return [key, read(inner, path === '' ? key : `${path}.${key}`, key)]
      }),
    )
  }

  string(value: unknown, path: string): string {
    if (typeof value !== 'string') this.refuse(path, `must be text, not ${kindOf(value)}.`)
    if (value.length > MAX_STRING) this.refuse(path, `has ${value.length} characters; at most ${MAX_STRING} are read.`)
    return value
  }

  number(value: unknown, path: string, low = -1e300, high = 1e300): number {
    if (typeof value !== 'number' || !Number.isFinite(value))
      this.refuse(path, `must be a number, not ${kindOf(value)}.`)
    if (value < low || value > high) this.refuse(path, `must be between ${low} and ${high}, not ${value}.`)
    return value
  }

  whole(value: unknown, path: string, low: number, high: number): number {
    const number = this.number(value, path, low, high)
    if (!Number.isInteger(number)) this.refuse(path, `must be a whole number, not ${number}.`)
    return number
  }

  choice<T extends string>(value: unknown, path: string, options: readonly T[]): T {
    const found = options.find((option) => option === value)
    if (found === undefined) this.refuse(path, `must be one of ${options.join(', ')}, not ${kindOf(value)}.`)
    return found
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`
  if (typeof value === 'number') return String(value)
  return typeof value === 'boolean' ? `${value}` : 'an object'
}

/** Deepest nesting of brackets, found before parsing, so that a hostile file can't exhaust the parser. */
export function bracketDepth(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (quoted) {
      if (unit === 0x5c) i++
      else if (unit === 0x22) quoted = false
    } else if (unit === 0x22) quoted = true
    else if (unit === 0x7b || unit === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (unit === 0x7d || unit === 0x5d) depth--
  }
  return deepest
}
