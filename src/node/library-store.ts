/**
 * Blocks that the person keeps for other drawings, each in a file of its own that is named by the hash of its title. What
 * is saved is one block, so windows, also those of two programs over one folder, leave each other's blocks alone; and
 * whoever saves says which version it knew, so that of two with one title none is written over unseen. One that is no
 * longer kept is said to be so in its file; as always, the version before lies beside it.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, ok, problem, type Problem, type Result } from '../base/problem.ts'
import { LIBRARY_CHANGED, type KeptBlock } from '../protocol/messages.ts'
import { codeOf, sweepTemporary, type WriteOptions } from './atomic-file.ts'
import { sizeOf } from './gunzip.ts'
import { hashOf, SealedText } from './sealed-text.ts'

export interface LoadedLibrary {
  readonly blocks: readonly KeptBlock[]
  /** What could not be read. */
  readonly problems: readonly Problem[]
}

/** What a file holds; `text` is null once it is no longer kept. */
interface Entry {
  readonly title: string
  readonly text: string | null
}

/** All of them together go over a WebSocket in one frame. */
const MAX_BYTES = 6 * 1024 * 1024
const FILE = /^([0-9a-f]{64})\.(block|previous)$/

export class LibraryStore {
  readonly #folder: string
  readonly #write: WriteOptions
  readonly #now: () => Date
  /** One after the other: what was looked at must still be so when it is written. */
  #work: Promise<unknown> = Promise.resolve()

  constructor(folder: string, write: WriteOptions = {}, now = () => new Date()) {
    this.#folder = join(folder, 'library')
    this.#write = write
    this.#now = now
  }

  load(): Promise<LoadedLibrary> {
    return this.#inTurn(() => this.#load())
  }

  /** Null for a block that is no longer to be kept. Answers with the version that the next save must know. */
  save(
    title: string,
    text: string | null,
    before: string | null,
  ): Promise<Result<{ readonly version: string | null }>> {
    return this.#inTurn(() => this.#save(title, text, before))
  }

  async #load(): Promise<LoadedLibrary> {
    await sweepTemporary(this.#folder, this.#now().getTime())
    const blocks: KeptBlock[] = []
    const problems: Problem[] = []
    let bytes = 0
    for (const id of await this.#ids()) {
      const loaded = await this.#file(id).load()
      problems.push(...loaded.problems)
      const { title, text } = (loaded.text === null ? null : readEntry(loaded.text)) ?? { title: '', text: null }
      if (text === null) continue
      bytes += Buffer.byteLength(loaded.text ?? '', 'utf8')
      if (bytes <= MAX_BYTES) blocks.push({ title, text, version: hashOf(text) })
      else problems.push(this.#tooMuch(title, `It is still in "${join(this.#folder, `${id}.block`)}".`))
    }
    return { blocks, problems }
  }

  async #save(title: string, text: string | null, before: string | null): Promise<Result<{ version: string | null }>> {
    const id = hashOf(JSON.stringify(title))
    const file = this.#file(id, `"${title}"`)
    const { text: found, problems } = await file.load()
    // Told before anything is written; the next attempt meets what is left.
    if (problems.length > 0) return fail(...problems)
    const now = found === null ? null : (readEntry(found)?.text ?? null)
    const version = versionOf(text)
    if (now === text) return ok({ version })
    if (versionOf(now) !== before)
      return fail(problem(LIBRARY_CHANGED, `"${title}" was changed in another window and is left as it is there.`))
    const entry = JSON.stringify({ title, text } satisfies Entry)
    if (text !== null && (await this.#bytesBeside(id)) + Buffer.byteLength(entry, 'utf8') > MAX_BYTES)
      return fail(this.#tooMuch(title, 'Take one that you no longer need out of the palette.'))
    const saved = await file.save(entry)
    return saved.ok ? ok({ version }) : saved
  }

  #file(id: string, what = 'a block that you keep in the palette'): SealedText {
    return new SealedText({
      folder: this.#folder,
      current: `${id}.block`,
      previous: `${id}.previous`,
      kind: 'library',
      what,
      accepts: (text) => hashOf(JSON.stringify(readEntry(text)?.title ?? null)) === id,
      write: this.#write,
      now: this.#now,
    })
  }

  async #ids(): Promise<ReadonlySet<string>> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []
      // None is not what a window may take this for.
      throw new Error(
        `The blocks that you keep in the palette could not be read (${codeOf(error)}); they are in "${this.#folder}".`,
      )
    })
    return new Set(names.flatMap((name) => FILE.exec(name)?.[1] ?? []).sort())
  }

  async #bytesBeside(id: string): Promise<number> {
    let bytes = 0
    for (const other of await this.#ids()) {
      const info = other === id ? null : await stat(join(this.#folder, `${other}.block`)).catch(() => null)
      bytes += info?.size ?? 0
    }
    return bytes
  }

  #tooMuch(title: string, todo: string): Problem {
    return problem(
      'library.full',
      `"${title}" is more than the ${sizeOf(MAX_BYTES)} that the palette can hold. ${todo}`,
    )
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const own = this.#work.then(work)
    this.#work = own.catch(() => {})
    return own
  }
}

const versionOf = (text: string | null) => (text === null ? null : hashOf(text))

function readEntry(body: string): Entry | null {
  try {
    const { title, text } = JSON.parse(body) as { title?: unknown; text?: unknown }
    return typeof title === 'string' && (typeof text === 'string' || text === null) ? { title, text } : null
  } catch {
    return null
  }
}
