/**
 * What the data panel knows beyond the document: which sets can be made, how the data look, and what went wrong with a
 * file. The document's data section itself lives in the editor and changes through its one door.
 */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { DataSection, DataSource } from '../../src/document/types.ts'
import type { DataPreview, GeneratorDescription } from '../../src/protocol/messages.ts'
import type { Editor } from '../state/editor.svelte.ts'
import type { Engine } from '../state/engine.ts'
import type { Platform } from '../state/platform.ts'

/** A pause in typing or dragging before the engine is asked to look again. */
const PAUSE = 120

/** One for an editor, however often its panel is opened: what was seen and said of a file is still there. */
export function dataViewOf(editor: DataEditor, engine: Engine, platform: Pick<Platform, 'pickFiles'>): DataView {
  const view = views.get(editor) ?? new DataView(editor, engine, platform)
  views.set(editor, view)
  return view
}
const views = new WeakMap<DataEditor, DataView>()

export type DataEditor = Pick<Editor, 'document' | 'edit'>

export class DataView {
  generators = $state.raw<readonly GeneratorDescription[]>([])
  preview = $state.raw<DataPreview | null>(null)
  /** The preview is of an older state of the data. */
  stale = $state(false)
  /** A file is being read. */
  opening = $state(false)
  /** Why a file could not be opened; the data are as before. */
  refusals = $state.raw<readonly Problem[]>([])
  /** Why the data cannot be shown. */
  failures = $state.raw<readonly Problem[]>([])
  #warnings = $state.raw<{ readonly file: string; readonly problems: readonly Problem[] } | null>(null)

  readonly #editor: DataEditor
  readonly #engine: Engine
  readonly #platform: Pick<Platform, 'pickFiles'>
  #extensions: readonly string[] = []
  #shown: DataSource | null = null
  #latest = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(editor: DataEditor, engine: Engine, platform: Pick<Platform, 'pickFiles'>) {
    this.#editor = editor
    this.#engine = engine
    this.#platform = platform
  }

  /** What the reader of the file that is in use had to say of it. */
  readonly warnings: readonly Problem[] = $derived.by(() => {
    const { source } = this.#editor.document.data
    return this.#warnings !== null && this.#warnings.file === fileOf(source) ? this.#warnings.problems : []
  })

  async load(): Promise<void> {
    if (this.generators.length > 0) return
    try {
      const info = await this.#engine.call('engine.info', {})
      this.generators = info.generators
      this.#extensions = info.extensions
    } catch (error) {
      this.failures = [unanswered(error)]
    }
  }

  /** Shows these data after a short pause; the newest request wins. */
  show(data: DataSection): void {
    if (this.#shown === data.source) return
    const first = this.#shown === null
    // What is on the screen says nothing about another file or another set.
    if (this.#shown && nameOf(this.#shown) !== nameOf(data.source)) this.preview = null
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

  /** Nobody looks any more: what was not answered yet is asked again when somebody does. */
  close(): void {
    clearTimeout(this.#timer)
    this.#latest++
    if (this.stale) this.#shown = null
  }

  async openFile(): Promise<void> {
    this.refusals = []
    this.opening = true
    try {
      const picked = await this.#platform.pickFiles(this.#extensions)
      if (!picked.ok) {
        this.refusals = picked.problems
        return
      }
      if (picked.value.length === 0) return
      const proposal = await this.#engine.call('data.open', { handles: picked.value.map((file) => file.handle) })
      if (!proposal.ok) {
        this.refusals = proposal.problems
        return
      }
      const { source, warnings } = proposal.value
      this.#warnings = { file: fileOf(source), problems: warnings }
      this.change({ source })
    } catch (error) {
      this.refusals = [unanswered(error)]
    } finally {
      this.opening = false
    }
  }

  /** Changes some of the data section, as one edit; edits with the same gesture in a row are one step to undo. */
  change(part: Partial<DataSection>, gesture?: string): void {
    this.#editor.edit({ kind: 'setData', data: { ...this.#editor.document.data, ...part } }, gesture)
  }

  async #ask(data: DataSection): Promise<void> {
    const request = ++this.#latest
    try {
      const answer = await this.#engine.call('data.preview', { data })
      if (request !== this.#latest) return
      if (answer.ok) this.preview = answer.value
      this.failures = answer.ok ? [] : answer.problems
    } catch (error) {
      if (request !== this.#latest) return
      this.failures = [unanswered(error)]
    }
    this.stale = false
  }
}

function unanswered(error: unknown): Problem {
  return problem('data.engine', error instanceof Error ? error.message : String(error))
}

/** Names the content of a file, so that warnings return with it when an edit is undone. */
function fileOf(source: DataSource): string {
  if (source.kind === 'table') return source.file.sha256
  return source.kind === 'images' ? source.images.sha256 + source.labels.sha256 : ''
}

function nameOf(source: DataSource): string {
  return source.kind === 'generated' ? source.generator : fileOf(source)
}
