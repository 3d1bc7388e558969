// Measures the training steps a second of our engine and, where they are installed, of its peers, in turns within one run:
// A B C A B C …, medians and ratios. First losses are compared, so that all do the same work.
//
//   npm run bench [-- --workload W3] [--seconds 1] [--rounds 5] [--threads 1] [--markdown] [--node PATH] [--peers FOLDER]
//   npm run bench -- --kernels [--seconds 0.1] [--rounds 5] [--node PATH]       single kernels, see kernels.ts
//   npm run bench -- --compile [--workload W1] [--rounds 3] [--phases]         time to the first step, see compile-time.mjs
//   npm run bench -- --scaling [--threads 2] [--workload W3] [--node PATH]      what threads give, see scaling.mjs
//   npm run bench -- --soak MINUTES [--workload W1] [--node PATH]               memory over time, see soak.ts
//
// FOLDER holds programs that speak the protocol of bench/peer.ts: torch_peer.py and numpy_peer.py (with Debian's python3-torch
// and python3-numpy), and tfjs_peer.mjs and jaxjs_peer.mjs, which take their packages from the folder that the environment
// variable NODE_MODULES names. --node starts our engine and those on another version of Node. --markdown ends with the table
// of docs/performance.md.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { main, root, SetupError } from '../scripts/setup.mjs'
import { start } from './ask.mjs'
import { scaling } from './scaling.mjs'

const { values: options } = parseArgs({
  options: {
    workload: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
    markdown: { type: 'boolean', default: false },
    kernels: { type: 'boolean', default: false },
    compile: { type: 'boolean', default: false },
    phases: { type: 'boolean' },
    bundle: { type: 'string' },
    scaling: { type: 'boolean', default: false },
    soak: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    peers: { type: 'string', default: join(root, '..', 'shared', 'bench', 'peers') },
  },
})

const print = (line) => process.stdout.write(`${line}\n`)
const bench = (file) => join(root, 'bench', file)

/** A program of ours that prints its findings itself. */
const show = (program, ...args) =>
  new Promise((done) => spawn(program, args, { stdio: 'inherit' }).on('exit', (code) => done(code ?? 1)))

const threads = Number(options.threads)
const all = ['W1', 'W2_b32', 'W2_b256', 'W3', 'W4', 'W5', 'W6']
const perceptrons = all.slice(0, 3)
// Debian's own python has its packages; another one in front on the path has not.
const python = (file, ...more) => [
  '/usr/bin/python3',
  join(resolve(options.peers), file),
  '--threads',
  options.threads,
  ...more,
]
const node = (file, ...more) => [options.node, join(resolve(options.peers), file), ...more]
const ours = {
  name: 'Neuroloom',
  kind: 'ours',
  command: [options.node, bench('peer.mjs'), '--threads', options.threads],
  on: all,
}
const natives = [
  { name: 'PyTorch', command: python('torch_peer.py'), on: all },
  { name: 'PyTorch, channels last', command: python('torch_peer.py', '--cl'), on: ['W3', 'W4', 'W6'] },
  { name: 'PyTorch, traced', command: python('torch_peer.py', '--jit'), on: all },
  { name: 'NumPy', command: python('numpy_peer.py'), on: perceptrons },
].map((peer) => ({ ...peer, kind: 'native' }))
const scripts = [
  { name: 'TensorFlow.js, wasm', command: node('tfjs_peer.mjs', '--backend', 'wasm', '--threads', '1'), on: all },
  // On W4 a step takes it 8 seconds, after more than a minute of preparation.
  { name: 'jax-js', command: node('jaxjs_peer.mjs'), on: all.filter((workload) => workload !== 'W4') },
].map((peer) => ({ ...peer, kind: 'JavaScript' }))

/** In Node both JavaScript peers have one thread only. */
const peers = [ours, ...natives, ...(threads === 1 && process.env.NODE_MODULES ? scripts : [])].filter(({ command }) =>
  command.slice(0, 2).every((path) => existsSync(path)),
)

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
/**
 * Of one thread the steps for each second that it really had a core: what compares on a machine that is shared. Of several, by
 * the clock.
 */
const rateOf = ({ steps, seconds, cpuSec }) =>
  steps / (threads === 1 ? Math.min(seconds, Math.max(cpuSec, 1e-6)) : seconds)
const digits = (rate) => (rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toPrecision(3))
const megabytes = (bytes) => `${(bytes / 1e6).toPrecision(3)} MB`
const apart = (check, losses) => Math.max(...check.map((loss, i) => Math.abs(loss - losses[i]) / Math.abs(loss)))

/** One workload on all that can do it: name → { answer, rate }. */
async function measure(workload, programs, seconds, rounds) {
  const live = peers.filter(({ on }) => on.includes(workload))
  const found = new Map()
  for (const peer of live) {
    // One that fell silent was stopped; it may do better here.
    if (programs.get(peer)?.ended() ?? true) programs.set(peer, start(peer.command))
    found.set(peer, { rates: [], answer: await programs.get(peer).ask({ workload, seconds: 0.05 }) })
  }
  for (let round = 0; round < rounds; round++)
    for (const [peer, one] of found) {
      if (!one.answer.ok) continue
      one.answer = await programs.get(peer).ask({ workload, seconds })
      if (one.answer.ok) one.rates.push(rateOf(one.answer))
    }
  for (const one of found.values()) one.rate = one.answer.ok ? median(one.rates) : undefined
  return found
}

/** Our rate divided by that of the fastest of a kind. */
function lead(found, kind) {
  const rivals = [...found].filter(([peer, { rate }]) => peer.kind === kind && rate)
  const mine = found.get(ours)?.rate
  if (!mine || rivals.length === 0) return undefined
  const [best, { rate }] = rivals.reduce((a, b) => (b[1].rate > a[1].rate ? b : a))
  return { best: best.name, ratio: (mine / rate).toPrecision(3) }
}

function printWorkload(workload, found) {
  const { answer: mine, rate: mineRate } = found.get(ours)
  print(`\n${workload}: ${mine.title ?? ''}`)
  for (const [{ name, kind }, { answer, rate }] of found) {
    const ratio = kind === 'ours' || !rate || !mineRate ? '' : (mineRate / rate).toPrecision(3)
    const remark = !answer.ok
      ? answer.error
      : kind === 'ours'
        ? `first step after ${Math.round(answer.setupMs)} ms, arena ${megabytes(answer.arenaBytes)}, ${answer.device}`
        : mine.ok
          ? `first losses ${apart(answer.check, mine.check).toExponential(0)} apart`
          : ''
    print(`  ${name.padEnd(24)}${(rate ? digits(rate) : '–').padStart(10)}${ratio.padStart(8)}  ${remark}`)
  }
  const leads = ['native', 'JavaScript'].flatMap((kind) => {
    const one = lead(found, kind)
    return one ? [`${one.ratio} to the best ${kind} one, ${one.best}`] : []
  })
  if (leads.length > 0) print(`  ratio ${leads.join('; ')}`)
}

/** Rows are workloads, columns are peers. */
function printMarkdown(results) {
  const columns = peers.filter((peer) => [...results.values()].some((found) => found.get(peer)?.rate))
  const kinds = ['native', 'JavaScript'].filter((kind) => columns.some((peer) => peer.kind === kind))
  const row = (cells) => print(`| ${cells.join(' | ')} |`)
  print('')
  row(['workload', ...columns.map(({ name }) => name), ...kinds.map((kind) => `ratio to the best ${kind} one`)])
  row(['---', ...columns.map(() => '--:'), ...kinds.map(() => '--:')])
  for (const [workload, found] of results) {
    const rates = columns.map((peer) => {
      const rate = found.get(peer)?.rate
      return rate ? digits(rate) : ''
    })
    const title = found.get(ours).answer.title ?? ''
    row([`${workload} ${title}`, ...rates, ...kinds.map((kind) => lead(found, kind)?.ratio ?? '')])
  }
}

async function compare() {
  const [seconds, rounds] = [Number(options.seconds ?? 1), Number(options.rounds)]
  const what =
    threads === 1
      ? 'one thread each, steps per second of core time'
      : `${threads} threads each, steps per second by the clock`
  const name = `${cpus()[0]?.model}`.trim()
  print(`${name}, ${cpus().length} cores; ${what}, median of ${rounds} rounds of ${seconds} s`)
  const programs = new Map()
  const results = new Map()
  for (const workload of options.workload ?? all) {
    const found = await measure(workload, programs, seconds, rounds)
    results.set(workload, found)
    printWorkload(workload, found)
  }
  for (const program of programs.values()) program.stop()
  if (options.markdown) printMarkdown(results)
}

await main(async () => {
  if (!Number.isInteger(threads) || threads < 1) throw new SetupError('--threads takes a whole number from 1 on.')
  const unknown = (options.workload ?? []).filter((workload) => !all.includes(workload))
  // That one knows documents as well.
  if (unknown.length > 0 && !options.compile)
    throw new SetupError(`No such workload: ${unknown.join(', ')}. There are ${all.join(', ')}.`)
  const code = await (options.kernels
    ? show(options.node, bench('kernels.mjs'), '--rounds', options.rounds, '--seconds', options.seconds ?? '0.1')
    : options.compile
      ? show(process.execPath, bench('compile-time.mjs'), ...process.argv.slice(2))
      : options.soak
        ? show(...ours.command, '--soak', options.soak, '--workload', options.workload?.[0] ?? 'W1')
        : options.scaling
          ? scaling({
              node: options.node,
              threads: Math.max(threads, 2),
              workloads: options.workload ?? all,
              seconds: Number(options.seconds ?? 0.08),
              rounds: 8 * Number(options.rounds),
            })
          : compare())
  process.exitCode = code ?? 0
})
