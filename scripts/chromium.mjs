// The browser that the end-to-end tests run in: the one named by CHROMIUM_PATH, one of the system, or Playwright's own.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, runNode, say } from './setup.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const minutes = 60_000

/** The system's browser; undefined where there is none (Playwright then uses its own). */
export function systemChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** Makes sure that there is a browser, installing one where that is possible. Says what to do where it is not. */
export async function ensureChromium() {
  if (await hasChromium()) return true
  if (isDebian()) {
    const sudo = process.getuid() === 0 ? [] : ['sudo', '-n']
    if (sudo.length === 0 || run('sudo', ['-n', 'true']).ok) {
      say("Installing Debian's chromium (once) ...")
      const apt = (...args) => {
        const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
        return run(command, rest, { timeout: 10 * minutes })
      }
      // Without the update a fresh machine knows no packages, and an old one asks for versions that are gone.
      apt('update')
      // A browser without any font draws no text.
      apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core')
      if (await hasChromium()) return true
    }
  }
  say("Fetching Playwright's own browser (once) ...")
  runNode(['node_modules/@playwright/test/cli.js', 'install', 'chromium'], { timeout: 5 * minutes })
  if (await hasChromium()) return true
  const how = isDebian() ? 'apt-get install chromium' : 'npx playwright install chromium'
  say(`There is no browser to test in. Install one (${how}) or name one in CHROMIUM_PATH.`)
  return false
}

async function hasChromium() {
  const system = systemChromium()
  if (system) return isExecutable(system)
  const { chromium } = await import('@playwright/test')
  return existsSync(chromium.executablePath())
}

/** Debian itself: Ubuntu's chromium package is a door to another package system that containers do not have. */
function isDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
