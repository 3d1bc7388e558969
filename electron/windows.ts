/** Makes the one window, closed to everything that it does not need. */
import type { BrowserWindow, BrowserWindowConstructorOptions, Session } from 'electron'
import { mayNavigate, mayUse, PAGE, webPreferences } from './security.ts'

export function createAppWindow(
  BrowserWindow: new (options: BrowserWindowConstructorOptions) => BrowserWindow,
  preload: string,
): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    backgroundColor: '#111418',
    webPreferences: webPreferences(preload),
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(PAGE)
  return window
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
  session.setPermissionRequestHandler((contents, permission, answer) => answer(mayUse(permission, contents.getURL())))
  session.setPermissionCheckHandler((_contents, permission, origin) => mayUse(permission, origin))
  session.setDevicePermissionHandler(() => false)
}
