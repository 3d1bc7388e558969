/**
 * What the data panel knows beyond the document: which sets can be made, how the data look, and what went wrong with a
 * file. The document's data section itself lives in the editor and changes through its one door.
 */
import type { ParamValues } from '../../src/base/params.ts'
import { problem, type Problem } from '../../src/base/problem.ts'
import { followData } from '../../src/document/starter.ts'
import type { DataSection, DataSource, GeneratedSource } from '../../src/document/types.ts'
import {
  DATA_CANCELLED,
  type DataPreview,
  type DataProgress,
  type GeneratorDescription,
  type Samples,
} from '../../src/protocol/messages.ts'
import type { Editor } from '../state/editor.svelte.ts'
import type { Engine } from '../state/engine.ts'
import { Wait } from '../state/wait.svelte.ts'

/** Examples that are asked for at once. */
export const PAGE = 100

/** Examples that the person has turned to, which are neighbours. */
export interface Page {
  readonly first: number
  readonly looks: Samples
}

/** A pause in typing or dragging before the engine is asked to look again. */
const PAUSE = 120

/** One for an editor, however often its panel is opened: what was seen and said of a file is still there. */
export function dataViewOf(editor: DataEditor, engine: Engine): DataView {
  const view = views.get(editor) ?? new DataView(editor, engine)
  views.set(editor, view)
  return view
}
const views = new WeakMap<DataEditor, DataView>()

export type DataEditor = Pick<Editor, 'document' | 'edit'>

export class DataView {
  generators = $state.raw<readonly GeneratorDescription[]>([])
  preview = $state.raw<DataPreview | null>(null)
  /** Null while those of the preview are shown. */
  page = $state.raw<Page | null>(null)
  /** The preview is of an older state of the data. */
  stale = $state(false)
  /** Why the data cannot be shown. */
  failures = $state.raw<readonly Problem[]>([])
  readonly #looking = new Wait()
  readonly #rereading = new Wait()
  readonly #turning = new Wait()
  /** How far the data are that are waited for. */
  readonly progress: DataProgress | null = $derived(
    this.#rereading.progress ?? this.#looking.progress ?? this.#turning.progress,
  )

  readonly #editor: DataEditor
  readonly #engine: Engine
  #shown: DataSource | null = null
  #latest = 0
  #generated = 0
  #reread = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(editor: DataEditor, engine: Engine) {
    this.#editor = editor
    this.#engine = engine
  }

  async load(): Promise<void> {
    if (this.generators.length > 0) return
    try {
      const info = await this.#engine.call('engine.info', {})
      this.generators = info.generators
    } catch (error) {
      this.failures = [unanswered(error)]
    }
  }

  /** Shows these data after a short pause; the newest request wins. */
  show(data: DataSection): void {
    if (this.#shown === data.source) return
    const first = this.#shown === null
    // What is on the screen says nothing about another file or another set.
    if (this.#shown && nameOf(this.#shown) !== nameOf(data.source)) this.preview = this.page = null
    this.#shown = data.source
    this.stale = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(data), first ? 0 : PAUSE)
  }

  retry(): void {
    this.#shown = null
    void this.load()
    this.show(this.#editor.document.data)
  }

  /** Gives up what is being read; what is shown stays. */
  stop(): void {
    if (this.#rereading.progress) this.#rereading.stop()
    else if (this.#looking.progress) this.#looking.stop()
    else this.#turning.stop()
  }

  /** Shows the examples from `first` on, as they stand in the data. */
  async turn(first: number): Promise<void> {
    const { data } = this.#editor.document
    const { preview } = this
    const rows = Array.from({ length: PAGE }, (_, i) => first + i)
    const isWanted = () => this.preview === preview && this.#editor.document.data.source === data.source
    try {
      const answer = await this.#turning.for((asking) => this.#engine.call('data.samples', { data, rows }, asking))
      if (!isWanted()) return
      if (answer.ok) this.page = { first, looks: answer.value }
      this.failures = answer.ok ? [] : said(answer.problems)
    } catch (error) {
      if (isWanted()) this.failures = [unanswered(error)]
    }
  }

  /** Nobody looks any more: what was not answered yet is asked again when somebody does. */
  close(): void {
    clearTimeout(this.#timer)
    this.#latest++
    this.#looking.stop()
    this.#turning.stop()
    if (this.stale) this.#shown = null
  }

  /**
   * Reads the files of the document again, with other options of their reader. Columns of the same name keep the roles that
   * they have.
   */
  async readAgain(options: ParamValues, gesture: string): Promise<void> {
    const { source } = this.#editor.document.data
    if (source.kind === 'generated') return
    const own = ++this.#reread
    try {
      const wanted = { ...source, options }
      const answer = await this.#rereading.for((asking) => this.#engine.call('data.read', { source: wanted }, asking))
      // The person has gone on to something else.
      if (own !== this.#reread || this.#editor.document.data.source !== source) return
      if (!answer.ok) return void (this.failures = said(answer.problems))
      const { source: fresh, errors } = answer.value
      const kept = withRoles(fresh, source)
      // Why roles that were guessed anew don't do says nothing of others.
      if (kept === fresh && errors.length > 0) return void (this.failures = errors)
      this.change({ source: kept }, gesture)
    } catch (error) {
      this.failures = [unanswered(error)]
    }
  }

  /** Another set, or the same with other parameters, which may change the shape of the examples and their classes. */
  async generate(source: GeneratedSource, gesture?: string): Promise<void> {
    const own = ++this.#generated
    try {
      const { generator, params, seed } = source
      const answer = await this.#engine.call('data.generated', { generator, params, seed })
      if (own !== this.#generated) return
      if (!answer.ok) return void (this.failures = answer.problems)
      this.change({ source: answer.value }, gesture)
    } catch (error) {
      this.failures = [unanswered(error)]
    }
  }

  /**
   * Changes some of the data section, as one edit; edits with the same gesture in a row are one step to undo. A network that was
   * proposed and is as it was follows.
   */
  change(part: Partial<DataSection>, gesture?: string): void {
    const { document } = this.#editor
    const data = { ...document.data, ...part }
    const change = { kind: 'setData', data } as const
    const more = followData(document, data)
    if (more.length === 0) this.#editor.edit(change, gesture)
    else this.#editor.edit({ kind: 'several', label: 'Change data and network', edits: [change, ...more] }, gesture)
  }

  async #ask(data: DataSection): Promise<void> {
    const request = ++this.#latest
    try {
      const answer = await this.#looking.for((asking) => this.#engine.call('data.preview', { data }, asking))
      if (request !== this.#latest) return
      if (answer.ok) [this.preview, this.page] = [answer.value, null]
      this.failures = answer.ok ? [] : said(answer.problems)
    } catch (error) {
      if (request !== this.#latest) return
      this.failures = [unanswered(error)]
    }
    this.stale = false
  }
}

/** What the person has stopped is no error. */
function said(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((one) => (one.code === DATA_CANCELLED ? { ...one, severity: 'warning' } : one))
}

function unanswered(error: unknown): Problem {
  return problem('data.engine', error instanceof Error ? error.message : String(error))
}

/** `fresh` itself where no column has a name that is known. */
function withRoles(fresh: DataSource, old: DataSource): DataSource {
  if (fresh.kind !== 'table' || old.kind !== 'table') return fresh
  const roles = new Map(old.columns.map(({ name, role }) => [name, role]))
  if (!fresh.columns.some(({ name }) => roles.has(name))) return fresh
  return { ...fresh, columns: fresh.columns.map((one) => ({ ...one, role: roles.get(one.name) ?? one.role })) }
}

function nameOf(source: DataSource): string {
  return source.kind === 'generated' ? source.generator : source.files.map(({ sha256 }) => sha256).join(' ')
}
