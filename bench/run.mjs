// Measures the training steps a second of our engine and, where they are installed, of its peers, in turns within one run:
// A B C A B C …, medians and ratios. First losses are compared, so that all do the same work.
//
//   npm run bench [-- --workload W3] [--seconds 1] [--rounds 5] [--threads 1] [--markdown] [--node PATH] [--peers FOLDER]
//   npm run bench -- --webgpu [--workload W3] [--seconds 1] [--rounds 5] [--markdown] [--peak GFLOPS]      the same on a GPU
//   npm run bench -- --kernels [--seconds 0.1] [--rounds 5] [--node PATH]       single kernels, see kernels.ts
//   npm run bench -- --kernels --webgpu [--seconds 0.1] [--rounds 5] [--peak GFLOPS]    matrix products, see products.ts
//   npm run bench -- --compile [--workload W1] [--rounds 3] [--phases]         time to the first step, see compile-time.mjs
//   npm run bench -- --analyze                                                 the editor's analysis, see analyze.ts
//   npm run bench -- --estimate [--rounds 3]                                  estimates of an epoch's time, see estimate.ts
//   npm run bench -- --feed [--rounds 3]                                      the share of a step that is feeding, see feed.ts
//   npm run bench -- --canvas [--rounds 5]                                    frames of 1,000 blocks, see test/e2e/stress.pw.ts
//   npm run bench -- --data [--rounds 3] [--python PATH] [--node PATH]         tables and pictures read, see data.mjs
//   npm run bench -- --stored [--megabytes 640] [--text 300] [--memory 64,2048]   sets larger than memory, see stored.mjs
//   npm run bench -- --scaling [--threads 2] [--workload W3] [--node PATH]      what threads give, see scaling.mjs
//   npm run bench -- --soak MINUTES [--workload W1] [--webgpu] [--node PATH]    memory over time, see soak.ts
//
// FOLDER holds programs that speak the protocol of bench/serve.ts: torch_peer.py and numpy_peer.py (with Debian's python3-torch
// and python3-numpy), and tfjs_peer.mjs and jaxjs_peer.mjs, which take their packages from the folder that the environment
// variable NODE_MODULES names. The peers on a GPU are in bench/gpu, and take theirs from there too: @jax-js/jax,
// @tensorflow/tfjs and @tensorflow/tfjs-backend-webgpu; all compute on the GPU that Dawn finds, and PyTorch on CUDA's. --node
// starts our engine and those on another version of Node. --markdown ends with the table of docs/performance.md, with --webgpu
// that of matrix products too.
import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { ensureBuild, main, root } from '../scripts/setup.mjs'
import { start } from './ask.mjs'
import { optionsOf, workloads } from './options.mjs'
import { peersOf } from './peers.mjs'
import { scaling } from './scaling.mjs'

/** First losses that are further apart come of other work. */
const APART = 1e-3

const print = (line) => process.stdout.write(`${line}\n`)
const bench = (file) => join(root, 'bench', file)

/** A program of ours that prints its findings itself. */
const show = (program, ...args) =>
  new Promise((done) => spawn(program, args, { stdio: 'inherit' }).on('exit', (code) => done(code ?? 1)))

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const digits = (rate) => (rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toPrecision(3))
const megabytes = (bytes) => `${(bytes / 1e6).toPrecision(3)} MB`
const apart = (check, losses) => Math.max(...check.map((loss, i) => Math.abs(loss - losses[i]) / Math.abs(loss)))

class Comparison {
  #options
  #peers
  #ours
  /** On what each computes, of those that can tell and can compute. */
  #devices = new Map()
  #programs = new Map()
  #results = new Map()

  constructor(options) {
    this.#options = options
    this.#peers = peersOf(options)
    this.#ours = this.#peers[0]
  }

  async run() {
    const { threads, webgpu, rounds, seconds = '1', workload = workloads, markdown } = this.#options
    const what = webgpu
      ? 'steps per second by the clock'
      : threads === 1
        ? 'one thread each, steps per second of core time'
        : `${threads} threads each, steps per second by the clock`
    const name = `${cpus()[0]?.model}`.trim()
    print(`${name}, ${cpus().length} cores; ${what}, median of ${rounds} rounds of ${seconds} s`)
    await this.#introduce()
    for (const one of workload) {
      this.#results.set(one, await this.#measure(one, Number(seconds), rounds))
      this.#printWorkload(one)
    }
    for (const program of this.#programs.values()) program.stop()
    if (markdown) this.#printMarkdown()
  }

  #ask(peer, question) {
    // One that fell silent was stopped; it may do better now.
    if (this.#programs.get(peer)?.ended() ?? true) this.#programs.set(peer, start(peer.command))
    return this.#programs.get(peer).ask(question)
  }

  /** Says on what each computes; who can't takes no part. */
  async #introduce() {
    const asked = this.#peers.filter(({ introduces }) => introduces)
    const answers = await Promise.all(asked.map((peer) => this.#ask(peer, { device: true })))
    for (const [i, peer] of asked.entries()) {
      const { ok, device, error } = answers[i]
      if (ok) this.#devices.set(peer, device)
      print(`${peer.name.padEnd(25)}${ok ? device : `left out: ${error}`}`)
    }
    this.#peers = this.#peers.filter((peer) => !peer.introduces || this.#devices.has(peer))
  }

  /** One workload on all that can do it: peer → { answer, rate }. */
  async #measure(workload, seconds, rounds) {
    const found = new Map()
    for (const peer of this.#peers.filter(({ on }) => on.includes(workload))) {
      const answer = await this.#ask(peer, { workload, seconds: 0.05 })
      found.set(peer, { rates: [], spent: 0, answer })
    }
    // Our own on the CPU is what everything here is tested against.
    const [, right] = [...found].find(([{ kind }]) => kind === 'CPU') ?? [...found][0] ?? []
    for (const one of found.values()) {
      if (!one.answer.ok || !right?.answer.ok) continue
      one.apart = apart(right.answer.check, one.answer.check)
      if (!(one.apart < APART))
        one.answer = { ok: false, error: `does other work: its first losses are ${one.apart.toExponential(0)} apart` }
    }
    for (let round = 0; round < rounds; round++)
      for (const [peer, one] of found) {
        // Who takes much longer than it should for a step or two does not hold up everybody in each round.
        if (!one.answer.ok || one.spent > 4 * rounds * seconds) continue
        one.answer = await this.#ask(peer, { workload, seconds })
        if (!one.answer.ok) continue
        one.rates.push(this.#rateOf(one.answer))
        one.spent += one.answer.seconds
      }
    for (const one of found.values()) one.rate = one.answer.ok ? median(one.rates) : undefined
    return found
  }

  /**
   * Of one thread the steps for each second that it really had a core: what compares on a machine that is shared. Of several,
   * and of a GPU, by the clock.
   */
  #rateOf({ steps, seconds, cpuSec }) {
    const { threads, webgpu } = this.#options
    return steps / (threads === 1 && !webgpu ? Math.min(seconds, Math.max(cpuSec, 1e-6)) : seconds)
  }

  /** Our rate divided by that of the fastest of a kind. */
  #lead(found, kind) {
    const rivals = [...found].filter(([peer, { rate }]) => peer.kind === kind && rate)
    const mine = found.get(this.#ours)?.rate
    if (!mine || rivals.length === 0) return undefined
    const [best, { rate }] = rivals.reduce((a, b) => (b[1].rate > a[1].rate ? b : a))
    return { best: best.name, ratio: (mine / rate).toPrecision(3) }
  }

  get #kinds() {
    return [...new Set(this.#peers.map(({ kind }) => kind))].filter((kind) => kind !== 'ours')
  }

  #titleOf(found) {
    return [...found.values()].find(({ answer }) => answer.title)?.answer.title ?? ''
  }

  #printWorkload(workload) {
    const found = this.#results.get(workload)
    print(`\n${workload}: ${this.#titleOf(found)}`)
    for (const [peer, { answer, rate, apart }] of found) {
      const mine = found.get(this.#ours)?.rate
      const ratio = peer === this.#ours || !rate || !mine ? '' : (mine / rate).toPrecision(3)
      print(
        `  ${peer.name.padEnd(24)}${(rate ? digits(rate) : '–').padStart(10)}${ratio.padStart(10)}  ${remark(answer, apart)}`,
      )
    }
    const leads = this.#kinds.flatMap((kind) => {
      const one = this.#lead(found, kind)
      return one ? [`${one.ratio} to the best ${kind} one, ${one.best}`] : []
    })
    if (leads.length > 0) print(`  ratio ${leads.join('; ')}`)
  }

  /** Rows are workloads, columns are peers. */
  #printMarkdown() {
    const results = [...this.#results]
    const columns = this.#peers.filter((peer) => results.some(([, found]) => found.get(peer)?.rate))
    const kinds = this.#kinds.filter((kind) => columns.some((peer) => peer.kind === kind))
    const row = (cells) => print(`| ${cells.join(' | ')} |`)
    const heading = (peer) =>
      peer.kind === 'ours' && this.#options.webgpu ? `${peer.name} (${this.#devices.get(peer)})` : peer.name
    print('')
    row(['workload', ...columns.map(heading), ...kinds.map((kind) => `ratio to the best ${kind} one`)])
    row(['---', ...columns.map(() => '--:'), ...kinds.map(() => '--:')])
    for (const [workload, found] of results) {
      const rates = columns.map((peer) => {
        const rate = found.get(peer)?.rate
        return rate ? digits(rate) : ''
      })
      const ratios = kinds.map((kind) => this.#lead(found, kind)?.ratio ?? '')
      row([`${workload} ${this.#titleOf(found)}`, ...rates, ...ratios])
    }
    const furthest = Math.max(...results.flatMap(([, found]) => [...found.values()].map(({ apart = 0 }) => apart)))
    if (furthest > 0) print(`\nFirst ten losses agree to ${furthest.toExponential(0)}.`)
  }
}

/** What is to be said of an answer beside its rate. */
function remark({ ok, error, setupMs, arenaBytes, launches }, apart) {
  if (!ok) return error
  return [
    `first step after ${Math.round(setupMs)} ms`,
    ...(arenaBytes === undefined ? [] : [`arena ${megabytes(arenaBytes)}`]),
    ...(launches === undefined ? [] : [`${launches} launches a step`]),
    ...(apart ? [`first losses ${apart.toExponential(0)} apart`] : []),
  ].join(', ')
}

await main(async () => {
  const options = optionsOf(process.argv.slice(2))
  const { node, threads, rounds, seconds, workload, webgpu, peak } = options
  const kernels = () => {
    const gpu = [...(webgpu ? ['--webgpu'] : []), ...(peak ? ['--peak', peak] : [])]
    return show(node, bench('kernels.mjs'), '--rounds', String(rounds), '--seconds', seconds ?? '0.1', ...gpu)
  }
  const compare = async () => {
    await new Comparison(options).run()
    if (webgpu && options.markdown) {
      print('')
      await kernels()
    }
  }
  const soak = () => {
    const on = webgpu ? ['--webgpu'] : ['--threads', String(threads)]
    return show(node, bench('peer.mjs'), ...on, '--soak', options.soak, '--workload', workload?.[0] ?? 'W1')
  }
  const canvas = () => {
    ensureBuild(['renderer', 'node'])
    Object.assign(process.env, { STRESS_ROUNDS: String(rounds), STRESS_STEPS: '60', STRESS_PRINT: '1' })
    const playwright = join(root, 'node_modules/@playwright/test/cli.js')
    return show(process.execPath, playwright, 'test', 'stress', '--project', 'browser-host', '--reporter', 'line')
  }
  const code = await (options.kernels
    ? kernels()
    : options.analyze || options.estimate || options.feed
      ? show(process.execPath, bench('analyze.mjs'), ...process.argv.slice(2))
      : options.data
        ? show(process.execPath, bench('data.mjs'), ...process.argv.slice(2))
        : options.stored
          ? show(process.execPath, bench('stored.mjs'), ...process.argv.slice(2))
          : options.compile
            ? show(process.execPath, bench('compile-time.mjs'), ...process.argv.slice(2))
            : options.soak
              ? soak()
              : options.canvas
                ? canvas()
                : options.scaling
                  ? scaling({
                      node,
                      threads: Math.max(threads, 2),
                      workloads: workload ?? workloads,
                      seconds: Number(seconds ?? 0.08),
                      rounds: 8 * rounds,
                    })
                  : compare())
  process.exitCode = code ?? 0
})
