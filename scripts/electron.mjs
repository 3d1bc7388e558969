// Is there an Electron to open a window with? Found out by looking at files: asking the npm package, even by importing
// it, would start a download.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, runNode, say } from './setup.mjs'

const executable = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
  mas: 'Electron.app/Contents/MacOS/Electron',
}

export function electronBinary() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH || join(root, 'node_modules/electron/dist')
  const path = join(folder, executable[process.platform] ?? 'electron')
  return existsSync(path) ? path : undefined
}

/** Why no window can be opened on this machine whatever is installed, or undefined. */
export function noWindowReason() {
  if (process.platform !== 'linux') return undefined
  if (!hasDisplay()) return 'there is no display'
  if (process.getuid() === 0) return 'Electron does not run as root'
  return undefined
}

export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

const failure = join(root, 'node_modules/.cache/neuroloom/electron-fetch-failed')
const day = 24 * 3600 * 1000

/** Downloads the binary unless that failed within the last day, so that a second start does not wait in vain again. */
export function fetchElectron() {
  const version = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')).version
  if (existsSync(failure)) {
    const last = JSON.parse(readFileSync(failure, 'utf8'))
    if (last.version === version && Date.now() - last.at < day) return undefined
  }
  say(`Fetching Electron ${version} (about 100 MB, once) ...`)
  const result = runNode(['node_modules/electron/install.js'], { timeout: 60_000 })
  if (result.ok && electronBinary()) return electronBinary()
  mkdirSync(dirname(failure), { recursive: true })
  writeFileSync(failure, JSON.stringify({ version, at: Date.now() }))
  return undefined
}
