// `npm start`: installs, builds and opens what is missing to a running app. The window is Electron's where that is
// possible; otherwise a host on the loopback address serves the same window to a browser.
//
//   npm start [-- --browser] [--no-open] [more for the app]
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { electronBinary, fetchElectron, hasDisplay, noWindowReason } from './electron.mjs'
import { cleanEnv, ensureBuild, ensureModules, main, root, say } from './setup.mjs'

const args = process.argv.slice(2)
const own = ['--browser', '--no-open']
const rest = args.filter((arg) => !own.includes(arg))

await main(async () => {
  ensureModules()
  let reason = args.includes('--browser') ? '' : noWindowReason()
  const electron = reason === undefined ? (electronBinary() ?? fetchElectron()) : undefined
  if (electron) {
    ensureBuild()
    const { code, seconds, asked } = await follow(
      spawn(electron, [root, ...rest], { stdio: 'inherit', env: cleanEnv() }),
    )
    // Some Linux systems forbid the sandbox to programs that were not installed by their package manager.
    if (code === 0 || asked || seconds > 10) return void (process.exitCode = code)
    reason = `Electron ended at once with code ${code}`
  }
  if (reason !== '')
    say(`No window of its own: ${reason ?? "Electron's binary could not be fetched"}. Serving a browser instead.`)
  ensureBuild(['renderer', 'node'])
  const host = spawn(process.execPath, [join(root, 'out/node/host-main.js'), ...rest], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: cleanEnv(),
  })
  createInterface({ input: host.stdout }).on('line', (line) => {
    console.log(line)
    const address = /^READY (http:\S+)/.exec(line)?.[1]
    if (address && hasDisplay() && !args.includes('--no-open')) openBrowser(address)
  })
  process.exitCode = (await follow(host)).code
})

/** Waits for a child's end, handing on the signals that would otherwise end only this process. */
function follow(child) {
  const started = Date.now()
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      asked = true
      child.kill(signal)
    })
  }
  return new Promise((resolve) => {
    const end = (code) => resolve({ code: asked ? 0 : (code ?? 1), asked, seconds: (Date.now() - started) / 1000 })
    child.on('error', (error) => {
      say(error.message)
      end(1)
    })
    child.on('exit', end)
  })
}

function openBrowser(address) {
  const openers = { win32: ['rundll32', 'url.dll,FileProtocolHandler'], darwin: ['open'] }
  const [command, ...before] = openers[process.platform] ?? ['xdg-open']
  // The address is on the screen already; a desktop without the opener is no reason to stop.
  spawn(command, [...before, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
