/**
 * The document that is being edited, kept after every edit so that nothing is lost when the power goes. A draft is a line
 * that says how long the rest is and what its hash is, and then the text: an empty or torn file is recognised as such.
 * The version before is kept; a damaged draft is set aside under a name of its own and said, never deleted.
 */
import { createHash } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { problem, type Problem, type Result } from '../base/problem.ts'
import { atomicWrite, codeOf, sweepTemporary, type WriteOptions } from './atomic-file.ts'

export interface LoadedDraft {
  readonly text: string | null
  /** What happened to a draft that could not be read. */
  readonly problems: readonly Problem[]
}

export class DraftStore {
  readonly #folder: string
  readonly #options: WriteOptions
  readonly #now: () => Date
  #last: string | null = null
  #loading: Promise<LoadedDraft> | null = null

  constructor(folder: string, options: WriteOptions = {}, now = () => new Date()) {
    this.#folder = join(folder, 'draft')
    this.#options = options
    this.#now = now
  }

  load(): Promise<LoadedDraft> {
    this.#loading = this.#load()
    return this.#loading
  }

  async #load(): Promise<LoadedDraft> {
    await sweepTemporary(this.#folder, this.#now().getTime())
    const problems: Problem[] = []
    for (const path of [this.#path('current'), this.#path('previous')]) {
      const found = await this.#read(path, problems)
      if (found === null) continue
      this.#last = found
      return { text: found, problems }
    }
    return { text: null, problems }
  }

  async save(text: string): Promise<Result<null>> {
    // What lies there must have been looked at before it is written over.
    await (this.#loading ?? this.load())
    // Written anew instead of renamed, so that there is no moment without a current draft. Should it fail, the current
    // one matters more.
    if (this.#last !== null && this.#last !== text)
      await atomicWrite(this.#path('previous'), seal(this.#last), this.#options)
    const saved = await atomicWrite(this.#path('current'), seal(text), this.#options)
    if (saved.ok) this.#last = text
    return saved
  }

  #path(which: 'current' | 'previous'): string {
    return join(this.#folder, `${which}.draft`)
  }

  async #read(path: string, problems: Problem[]): Promise<string | null> {
    let raw: Buffer
    try {
      raw = await readFile(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT')
        problems.push(
          problem('draft.read', `Your last work could not be read (${codeOf(error)}); it is still in "${path}".`, {
            file: path,
          }),
        )
      return null
    }
    const text = unseal(raw)
    if (text !== null) return text
    const aside = join(this.#folder, `damaged-${this.#now().toISOString().replaceAll(':', '-')}-${basename(path)}`)
    try {
      await rename(path, aside)
    } catch {
      problems.push(
        problem('draft.damaged', `A damaged copy of your last work is in "${path}". Copy it if you need it.`, {
          file: path,
        }),
      )
      return null
    }
    problems.push(
      problem(
        'draft.damaged',
        `A damaged copy of your last work was set aside as "${aside}". Older work is used where there is some.`,
        { file: aside },
        'warning',
      ),
    )
    return null
  }
}

function seal(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  return `${JSON.stringify({ format: 'neuroloom-draft', bytes: bytes.length, sha256: hashOf(bytes) })}\n${text}`
}

/** The text of an intact draft, else null. */
function unseal(raw: Buffer): string | null {
  const end = raw.indexOf(10)
  if (end < 0 || end > 500) return null
  try {
    const head = JSON.parse(raw.subarray(0, end).toString('utf8')) as {
      format?: unknown
      bytes?: unknown
      sha256?: unknown
    } | null
    const body = raw.subarray(end + 1)
    const intact = head?.format === 'neuroloom-draft' && head.bytes === body.length && head.sha256 === hashOf(body)
    return intact ? body.toString('utf8') : null
  } catch {
    return null
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
