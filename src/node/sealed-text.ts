/**
 * A text that must not be lost, in a file of its own: a line that says how long the rest is and what its hash is, and then
 * the text, so that an empty or torn file is recognised as such. The version before is kept beside it; what can't be read
 * is set aside under a name of its own and said, never deleted and never written over.
 */
import { createHash } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fail, problem, type Problem, type Result } from '../base/problem.ts'
import { atomicWrite, codeOf, type WriteOptions } from './atomic-file.ts'

export interface LoadedText {
  readonly text: string | null
  /** What happened to a file that could not be read. */
  readonly problems: readonly Problem[]
}

export interface SealedTextOptions {
  readonly folder: string
  /** Names in the folder. */
  readonly current: string
  readonly previous: string
  /** Stands in the first line, so that files of one kind are not taken for those of another; begins the problems' codes. */
  readonly kind: string
  /** For sentences, e.g. `your last work`. */
  readonly what: string
  /** Whether an intact text is one that belongs here; by default any is. */
  readonly accepts?: (text: string) => boolean
  readonly write?: WriteOptions
  readonly now?: () => Date
}

export class SealedText {
  readonly #options: SealedTextOptions
  #last: string | null = null
  #loading: Promise<LoadedText> | null = null
  /** Why the current file must not be written over. */
  #blocked: Problem | null = null

  constructor(options: SealedTextOptions) {
    this.#options = options
  }

  load(): Promise<LoadedText> {
    this.#loading = this.#load()
    return this.#loading
  }

  async #load(): Promise<LoadedText> {
    const problems: Problem[] = []
    const { current, previous } = this.#options
    const text = (await this.#read(current, problems)) ?? (await this.#read(previous, problems))
    this.#last = text
    this.#blocked = problems.find(({ severity }) => severity === 'error') ?? null
    return { text, problems }
  }

  async save(text: string): Promise<Result<null>> {
    // What lies there must have been looked at before it is written over, and again when it could not be set aside.
    if (this.#loading && this.#blocked) void this.load()
    await (this.#loading ?? this.load())
    if (this.#blocked) return fail(this.#blocked)
    const { folder, current, previous, write } = this.#options
    // Written anew instead of renamed, so that there is no moment without a current one. Should it fail, the current one
    // matters more.
    if (this.#last !== null && this.#last !== text)
      await atomicWrite(join(folder, previous), this.#seal(this.#last), write)
    const saved = await atomicWrite(join(folder, current), this.#seal(text), write)
    if (saved.ok) this.#last = text
    return saved
  }

  async #read(name: string, problems: Problem[]): Promise<string | null> {
    const { folder, kind, what, now } = this.#options
    const path = join(folder, name)
    let why = 'A damaged copy'
    try {
      const text = this.#unseal(await readFile(path))
      if (text !== null) return text
    } catch (error) {
      const code = codeOf(error)
      if (code === 'ENOENT') return null
      why = `A copy that could not be read (${code})`
    }
    const time = (now?.() ?? new Date()).toISOString().replaceAll(':', '-')
    const aside = join(folder, `damaged-${time}-${basename(path)}`)
    try {
      await rename(path, aside)
      const message = `${why} of ${what} was set aside as "${aside}". An older one is used where there is one.`
      problems.push(problem(`${kind}.damaged`, message, { file: aside }, 'warning'))
    } catch {
      const message = `${why} of ${what} is in "${path}", which is not written over. Move it to another place.`
      problems.push(problem(`${kind}.damaged`, message, { file: path }))
    }
    return null
  }

  #seal(text: string): string {
    const bytes = Buffer.from(text, 'utf8')
    const head = { format: `neuroloom-${this.#options.kind}`, bytes: bytes.length, sha256: hashOf(bytes) }
    return `${JSON.stringify(head)}\n${text}`
  }

  /** The text of an intact file, else null. */
  #unseal(raw: Buffer): string | null {
    const end = raw.indexOf(10)
    if (end < 0 || end > 500) return null
    try {
      const head = JSON.parse(raw.subarray(0, end).toString('utf8')) as {
        format?: unknown
        bytes?: unknown
        sha256?: unknown
      } | null
      const body = raw.subarray(end + 1)
      const { kind } = this.#options
      const intact = head?.format === `neuroloom-${kind}` && head.bytes === body.length && head.sha256 === hashOf(body)
      const text = body.toString('utf8')
      return intact && (this.#options.accepts?.(text) ?? true) ? text : null
    } catch {
      return null
    }
  }
}

export function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
