/** Makes the windows, closed to everything that they do not need: the one that people see, and the GPU's, which nobody does. */
import type { BrowserWindow, BrowserWindowConstructorOptions, Session } from 'electron'
import { GPU_PAGE, mayNavigate, mayUse, PAGE, webPreferences } from './security.ts'

type WindowClass = new (options: BrowserWindowConstructorOptions) => BrowserWindow

/** What it loads is the caller's to say: only then can it be told how that went. */
function createWindow(
  BrowserWindow: WindowClass,
  preload: string,
  looks: BrowserWindowConstructorOptions = {},
): BrowserWindow {
  return new BrowserWindow({ ...looks, show: false, webPreferences: webPreferences(preload) })
}

export function createAppWindow(BrowserWindow: WindowClass, preload: string): BrowserWindow {
  const window = createWindow(BrowserWindow, preload, {
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    backgroundColor: '#111418',
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(PAGE)
  return window
}

export interface GpuPage {
  readonly window: BrowserWindow
  /** Its page is there and listens. */
  readonly loaded: Promise<void>
}

export function createGpuWindow(BrowserWindow: WindowClass, preload: string): GpuPage {
  const window = createWindow(BrowserWindow, preload)
  return { window, loaded: window.loadURL(GPU_PAGE) }
}

type Contents = BrowserWindow['webContents']

/** For all contents that ever are, also those made in ways that nobody thought of. */
export function closeWaysOut(contents: Contents): void {
  const stay = (event: { preventDefault(): void; readonly url: string }) => {
    if (!mayNavigate(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** Without these handlers Electron grants whatever a page asks for. */
export function closePermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer, details) =>
    answer(mayUse(permission, contents.getURL(), 'mediaTypes' in details ? details.mediaTypes : [])),
  )
  session.setPermissionCheckHandler((contents, permission, origin, { mediaType }) =>
    // An origin does not tell the GPU's page from the one that people see.
    [origin, contents?.getURL() ?? origin].every((url) => mayUse(permission, url, [mediaType])),
  )
  session.setDevicePermissionHandler(() => false)
}
