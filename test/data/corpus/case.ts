export interface HostileFile {
  readonly name: string
  readonly bytes: Uint8Array
  /** It is gzipped: `size` bytes that unzip to `bytes`, so many times over. */
  readonly zipped?: { readonly size: number; readonly times: number }
}

/** A file that somebody could have, or could make to do harm, and what the app says to it. */
export interface HostileCase {
  /** Says what is wrong with it. */
  readonly name: string
  readonly files: readonly HostileFile[]
  /** Of the reader; its defaults where nothing is said. */
  readonly options?: { readonly [name: string]: boolean | number | string }
  /** All that is said, in order: the sentences that refuse it, or where it is taken with something left out, those. */
  readonly says: readonly string[]
  /** It is taken, with as many records left out or mended. */
  readonly taken?: { readonly examples: number; readonly skipped?: number; readonly repaired?: number }
  /** Of a table: what is said of its columns when roles are proposed for them, mistakes first. */
  readonly proposes?: readonly string[]
}

const encoder = new TextEncoder()

/** One file of text. */
export function textFile(name: string, text: string): HostileCase['files'] {
  return [{ name, bytes: encoder.encode(text) }]
}
