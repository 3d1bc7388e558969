/**
 * What the window needs of the machine around it: dialogs, files, the draft, kept blocks. On the desktop Electron's main process does
 * it, in a browser the page and the loopback host together; the parts of the window cannot tell which.
 */
import type { Result } from '../../src/base/problem.ts'
import type { AnswerOf, OpenedDocument, PickedFile, PlatformCalls, SavedDocument } from '../../src/protocol/messages.ts'

export interface Platform {
  /** The document that was being edited when the window was last open, or null. */
  loadDraft(): Promise<{ readonly text: string } | null>
  /** Resolves once it is on disk. */
  saveDraft(text: string): Promise<Result<null>>
  /** Blocks that are kept for other drawings. */
  loadLibrary(): Promise<AnswerOf<PlatformCalls, 'library.load'>>
  /** One of them, see `library.save`. */
  saveLibrary(
    title: string,
    text: string | null,
    before: string | null,
  ): Promise<AnswerOf<PlatformCalls, 'library.save'>>
  restartEngine(): Promise<Result<null>>
  /** Lets the person choose a document; null when they thought better of it. */
  openDocument(): Promise<Result<{
    readonly handle: string | null
    readonly name: string
    readonly text: string
  }> | null>
  /** Writes to the file behind `handle`, or asks where to; null when the person thought better of it. */
  saveDocument(
    handle: string | null,
    name: string,
    text: string,
  ): Promise<Result<{ readonly handle: string | null; readonly name: string }> | null>
  /** Writes a table where the person wants it, whole or not at all; null when they thought better of it. */
  saveTable(name: string, parts: readonly Blob[]): Promise<Result<{ readonly name: string }> | null>
  /** Lets the person choose data files; an empty list when they thought better of it. */
  pickFiles(extensions: readonly string[]): Promise<Result<readonly PickedFile[]>>
  /** Lets the person choose a folder of data. */
  pickFolder(): Promise<Result<readonly PickedFile[]>>
  /** Files and folders that were dropped on the window, as the engine may read them; to be called within the event. */
  acceptDrop(transfer: DataTransfer): Promise<Result<readonly PickedFile[]>>
}

export type { OpenedDocument, PickedFile, SavedDocument }
