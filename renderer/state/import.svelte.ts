/**
 * Somebody's own data on their way into the drawing: sent to the engine, read, looked at by the person, and only then taken.
 * Until that last step nothing in the document has changed, so that a window that goes away in between loses nothing.
 */
import { dataFor, fitsAsItIs } from '../../src/compiler/fits.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { problem, type Problem } from '../../src/base/problem.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { namesTogether, withSource } from '../../src/document/parts.ts'
import { beginWith, starterFor, type Starter } from '../../src/document/starter.ts'
import type { Column, DataSection, DataSource, GraphDocument } from '../../src/document/types.ts'
import type { DataPreview, DataProgress, DataProposal, PickedFile } from '../../src/protocol/messages.ts'
import type { Result } from '../../src/base/problem.ts'
import { withColumns } from '../data/columns.ts'
import type { Engine } from './engine.ts'
import { messageOf } from './link.ts'
import type { Platform } from './platform.ts'

export type ImportState =
  | { readonly kind: 'none' }
  | { readonly kind: 'sending'; readonly name: string }
  /** `share`: how much is done, 0 … 1. */
  | ({ readonly kind: 'reading'; readonly name: string } & Pick<DataProgress, 'doing' | 'share'>)
  /** `options`: with which they were read. */
  | {
      readonly kind: 'refused'
      readonly name: string
      readonly problems: readonly Problem[]
      readonly options: ParamValues
    }
  | Found

export interface Found {
  readonly kind: 'found'
  readonly name: string
  readonly proposal: DataProposal
  readonly preview: DataPreview
  /** A network for these data. */
  readonly starter: Starter
  /** What is drawn can be trained on them as it is. */
  readonly fits: boolean
  /** They are being read once more, with other options. */
  readonly again: boolean
  /** Whether anything can be learnt from the columns as they are used now is being found out. */
  readonly checking: boolean
  /** Why that did not work; everything is as it was before. */
  readonly refusals: readonly Problem[]
}

export interface ImportHost {
  readonly engine: Engine
  readonly platform: Pick<Platform, 'pickFiles' | 'pickFolder' | 'acceptDrop'>
  document(): GraphDocument
  extensions(): readonly string[]
  /** The data of the open document become these. */
  use(data: DataSection): void
  /** A new document. */
  open(document: GraphDocument): void
}

interface Asking {
  readonly signal: AbortSignal
  readonly onProgress: (progress: DataProgress) => void
  /** Nothing was asked since. */
  readonly isLatest: () => boolean
}

const NONE: ImportState = { kind: 'none' }
const BEGUN = { doing: 'reading', share: 0 } as const

export class Import {
  state: ImportState = $state.raw(NONE)
  readonly #host: ImportHost
  #handles: readonly string[] = []
  /** The source that was proposed, before the person gave its columns other roles. */
  #proposed: DataSource | null = null
  #reading: AbortController | null = null
  /** What is answered to an older question is of no use any more. */
  #latest = 0

  constructor(host: ImportHost) {
    this.#host = host
  }

  pickFiles(): Promise<void> {
    return this.#take(() => this.#host.platform.pickFiles(this.#host.extensions()))
  }
  pickFolder(): Promise<void> {
    return this.#take(() => this.#host.platform.pickFolder())
  }
  drop(transfer: DataTransfer): Promise<void> {
    // At once: a browser forgets what was dropped as soon as the event is over.
    const accepting = this.#host.platform.acceptDrop(transfer)
    return this.#take(() => accepting)
  }

  /** Reads the same files with other options of their reader. */
  async again(options: ParamValues): Promise<void> {
    const { state } = this
    if (state.kind === 'found') this.state = { ...state, again: true, checking: false }
    else if (state.kind === 'refused') this.state = { kind: 'reading', name: state.name, ...BEGUN }
    await this.#read('name' in state ? state.name : '', options)
  }

  /** The same files with other roles and kinds for their columns; the engine says whether anything can be learnt by them. */
  async setColumns(columns: readonly Column[]): Promise<void> {
    const before = this.state
    if (before.kind !== 'found' || before.proposal.source.kind !== 'table') return
    const proposal = { ...before.proposal, source: { ...before.proposal.source, columns } }
    const asking = this.#ask()
    this.state = { ...before, proposal, again: false, checking: true, refusals: [] }
    try {
      const preview = await this.#look(proposal, asking)
      if (!asking.isLatest()) return
      if (preview.ok) this.state = { ...this.state, ...this.#offer(proposal, preview.value), checking: false }
      else this.state = { ...before, checking: false, refusals: preview.problems }
    } catch (error) {
      if (asking.isLatest())
        this.state = { ...before, checking: false, refusals: [problem('data.engine', messageOf(error))] }
    }
  }

  #look(proposal: DataProposal, { signal, onProgress }: Asking): Promise<Result<DataPreview>> {
    const data = withSource(this.#host.document().data, proposal)
    return this.#host.engine.call('data.preview', { data }, { signal, onProgress })
  }

  /** What can be done with these data. */
  #offer(proposal: DataProposal, preview: DataPreview): Pick<Found, 'proposal' | 'preview' | 'starter' | 'fits'> {
    const document = this.#host.document()
    const fits = preview.errors.length === 0 && fitsAsItIs({ ...document, data: dataFor(document, proposal) })
    const count = preview.kind === 'table' ? preview.rows : preview.count
    return { proposal, preview, starter: starterFor(withSource(document.data, proposal), count), fits }
  }

  /** A role that the person has given says how rows are split, as in the panel. */
  #splitByRoles(data: DataSection): DataSection {
    const proposed = this.#proposed
    if (data.source.kind !== 'table' || proposed?.kind !== 'table') return data
    return withColumns({ ...data, source: proposed }, data.source.columns)
  }

  /** Leaves everything as it is. */
  cancel(): void {
    this.#latest++
    this.state = NONE
    this.#reading?.abort()
  }

  /** Takes the data for what is drawn. */
  use(): void {
    if (this.state.kind !== 'found') return
    this.#host.use(this.#splitByRoles(dataFor(this.#host.document(), this.state.proposal)))
    this.state = NONE
  }

  /** Opens a new document with the data and a network for them. */
  begin(): void {
    if (this.state.kind !== 'found') return
    const { proposal, starter } = this.state
    const data = this.#splitByRoles(withSource(emptyDocument().data, proposal))
    this.#host.open(beginWith(data, starter))
    this.state = NONE
  }

  async #take(choose: () => Promise<Result<readonly PickedFile[]>>): Promise<void> {
    const own = ++this.#latest
    try {
      const before = this.state
      this.state = { kind: 'sending', name: '' }
      const picked = await choose()
      if (own !== this.#latest) return
      if (!picked.ok) return this.#refuse('', picked.problems)
      if (picked.value.length === 0) return void (this.state = before.kind === 'found' ? before : NONE)
      this.#handles = picked.value.map(({ handle }) => handle)
      const name = namesTogether(picked.value.map((file) => file.name))
      this.state = { kind: 'reading', name, ...BEGUN }
      await this.#read(name, null)
    } catch (error) {
      if (own === this.#latest) this.#refuse('', [problem('data.engine', messageOf(error))])
    }
  }

  /** A question that takes the place of the one before. */
  #ask(): Asking {
    const own = ++this.#latest
    this.#reading?.abort()
    const { signal } = (this.#reading = new AbortController())
    const isLatest = () => own === this.#latest
    const onProgress = ({ doing, share }: DataProgress) => {
      if (isLatest() && this.state.kind === 'reading') this.state = { ...this.state, doing, share }
    }
    return { signal, onProgress, isLatest }
  }

  async #read(name: string, options: ParamValues | null): Promise<void> {
    const asking = this.#ask()
    const { signal, onProgress, isLatest } = asking
    try {
      const { engine } = this.#host
      const proposal = await engine.call('data.open', { handles: this.#handles, options }, { signal, onProgress })
      if (!isLatest()) return
      if (!proposal.ok) return this.#refuse(name, proposal.problems, options)
      const preview = await this.#look(proposal.value, asking)
      if (!isLatest()) return
      if (!preview.ok) return this.#refuse(name, preview.problems, options)
      this.#proposed = proposal.value.source
      const offer = this.#offer(proposal.value, preview.value)
      this.state = { kind: 'found', name, ...offer, again: false, checking: false, refusals: [] }
    } catch (error) {
      if (isLatest()) this.#refuse(name, [problem('data.engine', messageOf(error))])
    }
  }

  #refuse(name: string, problems: readonly Problem[], options: ParamValues | null = null): void {
    const { state } = this
    this.state =
      state.kind === 'found' && state.again
        ? { ...state, again: false, refusals: problems }
        : { kind: 'refused', name, problems, options: options ?? {} }
  }
}
