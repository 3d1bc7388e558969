/** The document that is being edited, kept after every edit so that nothing is lost when the power goes. */
import { join } from 'node:path'
import type { Result } from '../base/problem.ts'
import { sweepTemporary, type WriteOptions } from './atomic-file.ts'
import { SealedText, type LoadedText } from './sealed-text.ts'

export class DraftStore {
  readonly #folder: string
  readonly #file: SealedText
  readonly #now: () => Date

  constructor(folder: string, write: WriteOptions = {}, now = () => new Date()) {
    this.#folder = join(folder, 'draft')
    this.#now = now
    const names = { current: 'current.draft', previous: 'previous.draft' }
    this.#file = new SealedText({ folder: this.#folder, ...names, kind: 'draft', what: 'your last work', write, now })
  }

  async load(): Promise<LoadedText> {
    await sweepTemporary(this.#folder, this.#now().getTime())
    return this.#file.load()
  }

  save(text: string): Promise<Result<null>> {
    return this.#file.save(text)
  }
}
