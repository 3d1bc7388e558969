/**
 * What main.ts starts, with Electron handed in, so that the order of things is tested without it: what must happen before
 * the app is ready, who answers which call, and how everything ends.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type * as Electron from 'electron'
import { DraftStore } from '../src/node/draft-store.ts'
import { EngineSupervisor } from '../src/node/engine-process.ts'
import { LibraryStore } from '../src/node/library-store.ts'
import { listFiles } from '../src/node/static-files.ts'
import { platformChecks } from '../src/protocol/arguments.ts'
import type { AnswerOf, ArgumentsOf, CallName, PlatformCalls, PlatformEvents } from '../src/protocol/messages.ts'
import { SERVICE_NAME, UtilityEngine } from './engine.ts'
import { Files } from './files.ts'
import { GpuWindow } from './gpu-window.ts'
import { handleTrusted, nothing } from './ipc-validation.ts'
import { appMenu, toTemplate } from './menu.ts'
import { resolve } from './protocol-resolver.ts'
import {
  callChannels,
  ENGINE_CONNECT,
  ENGINE_PORT_CHANNEL,
  eventChannels,
  SCHEME,
  schemePrivileges,
} from './security.ts'
import { closePermissions, closeWaysOut, createAppWindow, createGpuWindow } from './windows.ts'

export interface AppOptions {
  readonly electron: typeof Electron
  /** The folder out/, where everything that was built lies. */
  readonly out: string
  readonly env: NodeJS.ProcessEnv
  readonly platform: NodeJS.Platform
  /** Of a packaged app; holds `models`. */
  readonly resources: string
}

export async function runApp(options: AppOptions): Promise<void> {
  const { electron, env } = options
  const { app } = electron
  // All three must come before the app is ready.
  app.enableSandbox()
  electron.protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: schemePrivileges }])
  if (env.NEUROLOOM_DATA) app.setPath('userData', env.NEUROLOOM_DATA)
  // Two programs over one draft would each undo what the other saved.
  if (!app.requestSingleInstanceLock()) return app.quit()
  app.on('web-contents-created', (_event, contents) => closeWaysOut(contents))
  await app.whenReady()
  new DesktopApp(options).start()
}

type Handlers = {
  readonly [N in CallName<PlatformCalls>]: (
    args: ArgumentsOf<PlatformCalls, N>,
  ) => AnswerOf<PlatformCalls, N> | Promise<AnswerOf<PlatformCalls, N>>
}

class DesktopApp {
  readonly #options: AppOptions
  readonly #drafts: DraftStore
  readonly #library: LibraryStore
  readonly #files: Files
  readonly #supervisor: EngineSupervisor<Electron.MessagePortMain>
  readonly #gpu: GpuWindow
  #engine: UtilityEngine | null = null
  #window: Electron.BrowserWindow | null = null
  /** Writes that must be on the disk before the program ends. */
  readonly #writing = new Set<Promise<unknown>>()
  #isEnding = false

  constructor(options: AppOptions) {
    const { electron, out } = options
    this.#options = options
    const data = electron.app.getPath('userData')
    this.#gpu = new GpuWindow(() => createGpuWindow(electron.BrowserWindow, join(out, 'electron', 'gpu-preload.cjs')))
    this.#drafts = new DraftStore(data)
    this.#library = new LibraryStore(data)
    this.#supervisor = new EngineSupervisor(
      () =>
        (this.#engine = new UtilityEngine({
          utilityProcess: electron.utilityProcess,
          MessageChannelMain: electron.MessageChannelMain,
          entry: join(out, 'node', 'engine-main.js'),
          env: { ...options.env, NEUROLOOM_DATA: data, ...this.#models() },
          serveGpu: (port) => this.#gpu.serve(port),
        })),
      {
        started: (process) => this.#tell('engine.started', { process }),
        exited: (reason) => {
          // What it had on the GPU is nobody's any more.
          this.#gpu.close()
          this.#tell('engine.exited', { reason })
        },
      },
    )
    this.#files = new Files(electron.dialog, (grant) => this.#supervisor.grant(grant))
  }

  start(): void {
    const { electron, out, platform } = this.#options
    const { app } = electron
    this.#serveBundle(join(out, 'renderer'))
    closePermissions(electron.session.defaultSession)
    this.#answerWindow()
    const menu = toTemplate(appMenu(platform, app.isPackaged), platform, (command) =>
      this.#tell('menu.command', { command }),
    )
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menu))
    app.on('child-process-gone', (_event, details) => {
      if (details.name === SERVICE_NAME) this.#engine?.gone(details.reason)
    })
    app.on('second-instance', () => this.#show())
    app.on('activate', () => this.#show())
    // Never while the GPU's window is open; the one that people see decides, see #show.
    app.on('window-all-closed', () => {})
    app.on('before-quit', () => this.#gpu.stop())
    app.on('will-quit', (event) => this.#end(event))
    void this.#supervisor.start()
    this.#show()
  }

  #models(): NodeJS.ProcessEnv {
    const { electron, resources, env } = this.#options
    // In a packaged app they lie outside of the archive that the program is in.
    return electron.app.isPackaged && !env.NEUROLOOM_MODELS ? { NEUROLOOM_MODELS: join(resources, 'models') } : {}
  }

  #serveBundle(folder: string): void {
    const manifest = listFiles(folder)
    this.#options.electron.protocol.handle(SCHEME, async (request) => {
      const { status, headers, path } = resolve(manifest, request.method, request.url)
      const body = path === null || request.method === 'HEAD' ? null : new Uint8Array(await readFile(path))
      return new Response(body, { status, headers: { ...headers } })
    })
  }

  #answerWindow(): void {
    const handlers: Handlers = {
      'draft.load': async () => {
        const { text, problems } = await this.#drafts.load()
        if (problems.length > 0) this.#tell('notice', { problems })
        return text === null ? null : { text }
      },
      'draft.save': ({ text }) => this.#keep(this.#drafts.save(text)),
      'library.load': async () => {
        const { blocks, problems } = await this.#library.load()
        if (problems.length > 0) this.#tell('notice', { problems })
        return blocks
      },
      'library.save': ({ title, text, before }) => this.#keep(this.#library.save(title, text, before)),
      'engine.restart': () => this.#supervisor.restart(),
      'document.open': () => this.#files.openDocument(),
      'document.save': ({ handle, name, text }) => this.#keep(this.#files.saveDocument(handle, name, text)),
      'table.write': ({ handle, name, text, last }) => this.#keep(this.#files.writeTable(handle, name, text, last)),
      'files.pick': ({ extensions }) => this.#files.pickFiles(extensions),
      'files.pickFolder': () => this.#files.pickFolder(),
      'files.accept': ({ paths }) => this.#files.accept(paths),
    }
    const ipc = this.#options.electron.ipcMain
    for (const name of Object.keys(handlers) as CallName<PlatformCalls>[])
      handleTrusted(ipc, callChannels[name], platformChecks[name], handlers[name])
    handleTrusted(ipc, ENGINE_CONNECT, nothing, (_args, frame) => {
      const { reason } = this.#supervisor
      if (reason !== null) throw new Error(reason)
      const port = this.#supervisor.connect()
      if (port) frame.postMessage(ENGINE_PORT_CHANNEL, null, [port])
    })
  }

  #tell<N extends keyof PlatformEvents>(name: N, payload: PlatformEvents[N]): void {
    if (this.#window && !this.#window.isDestroyed()) this.#window.webContents.send(eventChannels[name], payload)
  }

  #show(): void {
    const { electron, out, platform } = this.#options
    if (this.#window && !this.#window.isDestroyed()) {
      if (this.#window.isMinimized()) this.#window.restore()
      return this.#window.focus()
    }
    this.#window = createAppWindow(electron.BrowserWindow, join(out, 'electron', 'preload.cjs'))
    this.#window.on('closed', () => {
      if (platform !== 'darwin') electron.app.quit()
    })
  }

  #keep<T>(work: Promise<T>): Promise<T> {
    this.#writing.add(work)
    void work.finally(() => this.#writing.delete(work)).catch(() => {})
    return work
  }

  #end(event: { preventDefault(): void }): void {
    if (this.#isEnding) return
    this.#isEnding = true
    event.preventDefault()
    void Promise.allSettled([...this.#writing, this.#supervisor.stop()]).then(() => this.#options.electron.app.exit(0))
  }
}
