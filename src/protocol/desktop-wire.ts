/**
 * How the window talks to Electron's main process: the functions that the preload script puts on `window.neuroloom`. The
 * page has them exactly where it runs on the desktop. The engine's port cannot come through them; it arrives as a message:
 *
 *   window.addEventListener('message', (event) => {
 *     if (event.source === window && event.data === ENGINE_PORT) new Peer<WindowOfEngine>(fromBrowserPort(event.ports[0]), …)
 *   })
 *   window.neuroloom.connectEngine()
 *
 * After `engine.started` the page calls `connectEngine` again; the port of an ended engine is closed.
 *
 * The hidden window of the GPU gets its ports by the same message, without asking and without functions.
 */
import type { AnswerOf, PlatformCalls, PlatformEvents } from './messages.ts'

export const BRIDGE = 'neuroloom'
export const ENGINE_PORT = 'neuroloom:engine-port'

export interface DesktopBridge {
  loadDraft(): Promise<AnswerOf<PlatformCalls, 'draft.load'>>
  saveDraft(text: string): Promise<AnswerOf<PlatformCalls, 'draft.save'>>
  loadLibrary(): Promise<AnswerOf<PlatformCalls, 'library.load'>>
  saveLibrary(
    title: string,
    text: string | null,
    before: string | null,
  ): Promise<AnswerOf<PlatformCalls, 'library.save'>>
  restartEngine(): Promise<AnswerOf<PlatformCalls, 'engine.restart'>>
  openDocument(): Promise<AnswerOf<PlatformCalls, 'document.open'>>
  saveDocument(handle: string | null, name: string, text: string): Promise<AnswerOf<PlatformCalls, 'document.save'>>
  writeTable(
    handle: string | null,
    name: string,
    text: string,
    last: boolean,
  ): Promise<AnswerOf<PlatformCalls, 'table.write'>>
  pickFiles(extensions: readonly string[]): Promise<AnswerOf<PlatformCalls, 'files.pick'>>
  pickFolder(): Promise<AnswerOf<PlatformCalls, 'files.pickFolder'>>
  /** Files of the browser's own, as they were dropped on the window; folders are among them. */
  acceptFiles(files: readonly unknown[]): Promise<AnswerOf<PlatformCalls, 'files.accept'>>
  /**
   * Asks for a port to the engine; it comes as a window message. Fails with a sentence when no engine runs; while one is
   * being started nothing comes, but `engine.started` follows.
   */
  connectEngine(): Promise<void>
  /** Each returns what ends the listening. */
  onEngineExited(listener: (event: PlatformEvents['engine.exited']) => void): () => void
  onEngineStarted(listener: (event: PlatformEvents['engine.started']) => void): () => void
  onMenuCommand(listener: (event: PlatformEvents['menu.command']) => void): () => void
  onNotice(listener: (event: PlatformEvents['notice']) => void): () => void
}
