// Brings a checkout to the state that a command needs: Node new enough, modules installed, builds fresh. Runs on bare
// Node, does nothing and says nothing when all is in place, and speaks on stderr only, so that a command's own output
// stays clean.
//
//   node scripts/setup.mjs [--force] [renderer] [node] [electron]
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parts } from './parts.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const minutes = 60_000
const stamps = 'out/.built'
const lock = join(root, 'out/.lock')

/** A reason to stop that is told to the user as it is, without a stack. */
export class SetupError extends Error {}

export const say = (message) => process.stderr.write(`${message}\n`)

/** Runs `body` and turns a SetupError into its message and exit code 1. */
export async function main(body) {
  try {
    await body()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  }
}

/** The environment without what npm adds for the script that it is running, which confuses a second npm. */
export function cleanEnv(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|package)_/.test(name))
  return { ...Object.fromEntries(kept), ...extra }
}

/** Runs a program to its end and collects what it says. */
export function run(command, args, { timeout, env, ...options } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    // What is said may be printed into a file.
    env: cleanEnv({ NO_COLOR: '1', ...env }),
    ...options,
  })
  const timedOut = result.error?.code === 'ETIMEDOUT'
  const trouble = timedOut ? `stopped after ${timeout / 1000} s\n` : result.error ? `${result.error.message}\n` : ''
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}${trouble}`, timedOut }
}

export const runNode = (args, options) => run(process.execPath, args, options)

export function ensureNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '')
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  throw new SetupError(`Neuroloom needs Node ${wanted} or newer; this is ${process.versions.node}.`)
}

export function ensureModules() {
  ensureNode()
  if (modulesFresh()) return
  withLock(() => {
    if (modulesFresh()) return
    say('Installing modules (half a minute, once) ...')
    // Not the `npm` in PATH, which need not be the one that was called, nor exist.
    const npm = process.env.npm_execpath
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    const result = npm?.endsWith('js')
      ? runNode([npm, ...args], { timeout: 10 * minutes })
      : run('npm', args, { timeout: 10 * minutes, shell: process.platform === 'win32' })
    if (!result.ok) throw new SetupError(`${result.output.trim()}\nInstalling the modules failed (npm ci).`)
    writeFileSync(join(root, modulesStamp), lockHash())
  })
}

const modulesStamp = 'node_modules/.lock-hash'

function modulesFresh() {
  if (readText(modulesStamp) === lockHash()) return true
  // npm keeps its own record of what it installed. Reading it saves a second install after a plain `npm install`.
  const installed = readText('node_modules/.package-lock.json')
  if (!installed) return false
  const has = JSON.parse(installed).packages
  const wanted = Object.entries(JSON.parse(readText('package-lock.json')).packages).filter(([path]) => path !== '')
  const fresh = wanted.every(([path, entry]) => has[path]?.version === entry.version || (entry.optional && !has[path]))
  if (fresh) writeFileSync(join(root, modulesStamp), lockHash())
  return fresh
}

const lockHash = () => hash([readText('package-lock.json'), process.platform, process.arch, process.versions.modules])

/** Builds those of the named parts that are older than what they are made of. */
export function ensureBuild(names = Object.keys(parts), { force = false, quiet = false } = {}) {
  if (!force && names.every(isFresh)) return
  withLock(() => {
    for (const name of names) {
      if (!force && isFresh(name)) continue
      const part = parts[name]
      const missing = part.entries.filter((path) => !existsSync(join(root, path)))
      if (missing.length > 0) throw new SetupError(`Cannot build ${name}: ${missing.join(', ')} not found.`)
      // Taken before the build, so that an edit made while it runs counts as a change.
      const stamp = fingerprint(part)
      const started = Date.now()
      for (const args of part.vite) {
        const result = runNode(['node_modules/vite/bin/vite.js', 'build', ...args], { timeout: 5 * minutes })
        if (!result.ok) throw new SetupError(`${result.output.trim()}\nBuilding ${name} failed.`)
      }
      if (!quiet) say(`Built ${name} (${((Date.now() - started) / 1000).toFixed(1)} s).`)
      writeFileSync(join(root, stamps), JSON.stringify({ ...readStamps(), [name]: stamp }))
    }
  })
}

function isFresh(name) {
  const part = parts[name]
  return part.products.every((path) => existsSync(join(root, path))) && readStamps()[name] === fingerprint(part)
}

const readStamps = () => JSON.parse(readText(stamps) || '{}')

/**
 * Names, times and sizes of all files of a part. The newest time alone would miss a deleted file and a file that came
 * back with an older time.
 */
function fingerprint({ sources }) {
  const left = new Set(sources.filter((path) => path.startsWith('!')).map((path) => path.slice(1)))
  const lines = []
  const visit = (path) => {
    if (left.has(path)) return
    const info = statSync(join(root, path), { throwIfNoEntry: false })
    if (info?.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`)
    else if (info) lines.push(`${path} ${info.mtimeMs} ${info.size}`)
  }
  for (const path of sources) visit(path)
  return hash(lines)
}

const hash = (lines) => createHash('sha256').update(lines.join('\n')).digest('hex')

function readText(path) {
  const full = join(root, path)
  return existsSync(full) ? readFileSync(full, 'utf8') : ''
}

/** Two commands started at once must not install or build over each other: the second waits, then finds all done. */
function withLock(task) {
  mkdirSync(dirname(lock), { recursive: true })
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  try {
    return task()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const owner = Number(readText('out/.lock'))
    // An owner that was killed leaves its lock behind. Right after its making the file is still empty.
    if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true })
    return false
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(() => {
    const args = process.argv.slice(2)
    const names = args.filter((arg) => !arg.startsWith('-'))
    const unknown = names.filter((name) => !(name in parts))
    if (unknown.length > 0) throw new SetupError(`No such part: ${unknown.join(', ')}`)
    ensureModules()
    ensureBuild(names.length > 0 ? names : undefined, { force: args.includes('--force') })
  })
}
