/** As much of Electron as the desktop program touches; it records what is done and in which order. */
import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type * as Electron from 'electron'

type Handler = (event: { senderFrame: unknown }, ...args: unknown[]) => unknown

export class FakeUtility extends EventEmitter {
  pid: number | undefined = 999_999_999
  readonly posted: {
    message: { to: string; message?: { kind: string; id: number; name: string; args: unknown } }
    ports: unknown[]
  }[] = []
  readonly killed: unknown[] = []
  readonly entry: string
  readonly options: { serviceName?: string; env?: NodeJS.ProcessEnv }
  constructor(entry: string, options: object) {
    super()
    this.entry = entry
    this.options = options
  }
  postMessage(message: never, ports: unknown[] = []): void {
    this.posted.push({ message, ports })
    const { message: inner } = message as FakeUtility['posted'][number]['message']
    if (inner?.name === 'control.shutdown') setTimeout(() => this.emit('exit', 0))
  }
  /** What the engine says of itself. */
  say(name: string, payload: unknown): void {
    this.emit('message', { to: 'control', message: { kind: 'event', name, payload, credit: false } })
  }
  kill(): boolean {
    this.killed.push('kill')
    setTimeout(() => this.emit('exit', 1))
    return true
  }
}

export class FakeContents extends EventEmitter {
  readonly sent: unknown[][] = []
  /** Channels of messages with ports, and the ports. */
  readonly posted: { channel: string; ports: MessagePort[] }[] = []
  openHandler: (() => { action: string }) | undefined
  send(...args: unknown[]): void {
    this.sent.push(args)
  }
  postMessage(channel: string, _message: unknown, ports: MessagePort[]): void {
    this.posted.push({ channel, ports })
  }
  setWindowOpenHandler(handler: () => { action: string }): void {
    this.openHandler = handler
  }
}

export interface FakeWindow extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions
  readonly webContents: FakeContents
  readonly urls: string[]
  /** As a person, or the program, closes it. */
  destroy(): void
  isDestroyed(): boolean
}

export class FakeElectron {
  readonly log: string[] = []
  readonly handlers = new Map<string, Handler>()
  readonly windows: FakeWindow[] = []
  /** How the loading of a page ends. */
  load: (url: string) => Promise<void> = async () => {}
  readonly utilities: FakeUtility[] = []
  readonly privileges: unknown[] = []
  template: Electron.MenuItemConstructorOptions[] = []
  respond: ((request: { url: string; method: string }) => Promise<Response>) | undefined
  permission: {
    request?: (...args: unknown[]) => void
    check?: (...args: unknown[]) => boolean
    device?: () => boolean
  } = {}
  openAnswer: { canceled: boolean; filePaths: string[] } = { canceled: true, filePaths: [] }
  saveAnswer: { canceled: boolean; filePath: string } = { canceled: true, filePath: '' }
  readonly dialogs: unknown[] = []
  lock = true
  isPackaged = false
  readonly app: EventEmitter & { isPackaged: boolean }
  readonly #data: string
  exited: number | undefined

  constructor(data: string) {
    this.#data = data
    this.app = Object.assign(new EventEmitter(), {
      enableSandbox: () => void this.log.push('enableSandbox'),
      requestSingleInstanceLock: () => (this.log.push('lock'), this.lock),
      whenReady: () => (this.log.push('whenReady'), Promise.resolve()),
      setPath: (name: string, path: string) => void this.log.push(`setPath ${name} ${path}`),
      getPath: () => this.#data,
      quit: () => {
        this.log.push('quit')
        this.app.emit('before-quit')
      },
      exit: (code: number) => {
        this.log.push('exit')
        this.exited = code
      },
      isPackaged: false,
    })
  }

  /** The namespace that main.ts hands in. */
  get module(): typeof Electron {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const fake = this
    this.app.isPackaged = this.isPackaged
    class BrowserWindow extends EventEmitter {
      readonly webContents = new FakeContents()
      readonly urls: string[] = []
      readonly options: Electron.BrowserWindowConstructorOptions
      constructor(options: Electron.BrowserWindowConstructorOptions) {
        super()
        this.options = options
        fake.log.push('new BrowserWindow')
        fake.windows.push(this)
        fake.app.emit('web-contents-created', {}, this.webContents)
      }
      #isDestroyed = false
      loadURL = (url: string) => {
        this.urls.push(url)
        return fake.load(url)
      }
      show() {
        fake.log.push(`show ${this.urls[0]}`)
      }
      destroy() {
        this.#isDestroyed = true
        this.emit('closed')
        if (fake.windows.every((window) => window.isDestroyed())) fake.app.emit('window-all-closed')
      }
      focus = () => void fake.log.push('focus')
      restore() {}
      isMinimized = () => false
      isDestroyed = () => this.#isDestroyed
    }
    const module = {
      app: this.app,
      BrowserWindow,
      MessageChannelMain: MessageChannel,
      Menu: {
        buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => (this.template = template),
        setApplicationMenu: () => {},
      },
      dialog: {
        showOpenDialog: async (options: unknown) => (this.dialogs.push(options), this.openAnswer),
        showSaveDialog: async (options: unknown) => (this.dialogs.push(options), this.saveAnswer),
      },
      ipcMain: { handle: (channel: string, handler: Handler) => void this.handlers.set(channel, handler) },
      protocol: {
        registerSchemesAsPrivileged: (schemes: unknown[]) => {
          this.log.push('privileges')
          this.privileges.push(...schemes)
        },
        handle: (_scheme: string, respond: FakeElectron['respond']) => void (this.respond = respond),
      },
      session: {
        defaultSession: {
          setPermissionRequestHandler: (handler: (...args: unknown[]) => void) =>
            void (this.permission.request = handler),
          setPermissionCheckHandler: (handler: (...args: unknown[]) => boolean) =>
            void (this.permission.check = handler),
          setDevicePermissionHandler: (handler: () => boolean) => void (this.permission.device = handler),
        },
      },
      utilityProcess: {
        fork: (entry: string, _args: string[], options: object) => {
          const utility = new FakeUtility(entry, options)
          this.utilities.push(utility)
          return utility
        },
      },
    }
    return module as unknown as typeof Electron
  }

  /** As the page's preload would; `frame` is who sends. */
  invoke(channel: string, frame: unknown, ...args: unknown[]): Promise<unknown> {
    const handler = this.handlers.get(channel)
    return handler
      ? Promise.resolve(handler({ senderFrame: frame }, ...args))
      : Promise.reject(new Error(`no handler for ${channel}`))
  }
}

export function ownFrame() {
  const posted: unknown[][] = []
  return {
    url: 'app://bundle/index.html',
    parent: null,
    detached: false,
    posted,
    postMessage: (...args: unknown[]) => void posted.push(args),
  }
}
