// Measures the training steps a second of our engine and, where they are installed, of its peers, in turns within one run:
// A B C A B C …, medians and ratios. First losses are compared, so that all do the same work.
//
//   npm run bench [-- --workload W3] [--seconds 1] [--rounds 5] [--node PATH] [--peers FOLDER]
//
// FOLDER holds programs that speak the protocol of bench/peer.ts: torch_peer.py and numpy_peer.py (with Debian's python3-torch
// and python3-numpy), and tfjs_peer.mjs and jaxjs_peer.mjs, which take their packages from the folder that the environment
// variable NODE_MODULES names. --node starts our engine and those on another version of Node.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { main, root, say } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    workload: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    node: { type: 'string', default: process.execPath },
    peers: { type: 'string', default: join(root, '..', 'shared', 'bench', 'peers') },
  },
})

const all = ['W1', 'W2_b32', 'W2_b256', 'W3', 'W4', 'W5', 'W6']
const perceptrons = all.slice(0, 3)
const python = (file, ...more) => ['python3', join(resolve(options.peers), file), '--threads', '1', ...more]
const node = (file, ...more) => [options.node, join(resolve(options.peers), file), ...more]
const peers = [
  { name: 'Neuroloom', command: [options.node, join(root, 'bench', 'peer.mjs')], on: all },
  { name: 'PyTorch', command: python('torch_peer.py'), on: all },
  { name: 'PyTorch, channels last', command: python('torch_peer.py', '--cl'), on: ['W3', 'W4', 'W6'] },
  { name: 'PyTorch, traced', command: python('torch_peer.py', '--jit'), on: all },
  { name: 'NumPy', command: python('numpy_peer.py'), on: perceptrons },
  ...(process.env.NODE_MODULES
    ? [
        { name: 'TensorFlow.js, wasm', command: node('tfjs_peer.mjs', '--backend', 'wasm', '--threads', '1'), on: all },
        { name: 'jax-js', command: node('jaxjs_peer.mjs'), on: [...perceptrons, 'W3', 'W5', 'W6'] },
      ]
    : []),
].filter(({ command }) => existsSync(command[1]))

/** A running peer: each question gets one line back. */
function start({ name, command, on }) {
  // Debian's own python has its packages; another one in front on the path has not.
  const [program, ...rest] = command[0] === 'python3' ? ['/usr/bin/python3', ...command.slice(1)] : command
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)))
  const gone = () => {
    for (const answer of waiting.splice(0)) answer({ ok: false, error: 'it ended' })
  }
  child.on('exit', gone).on('error', gone)
  child.stdin.on('error', gone)
  return {
    name,
    on,
    ask: (workload, seconds) =>
      new Promise((answer) => {
        if (child.exitCode !== null) return answer({ ok: false, error: 'it ended' })
        waiting.push(answer)
        child.stdin.write(`${JSON.stringify({ id: 0, workload, seconds })}\n`)
      }),
    stop: () => child.stdin.end('{"quit":1}\n'),
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
/** Steps for each second that the process really had a core: what compares on a machine that is shared. */
const rateOf = ({ steps, seconds, cpuSec }) => steps / Math.min(seconds, Math.max(cpuSec, 1e-6))
const show = (rate) => (rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toPrecision(3))

await main(async () => {
  const running = peers.map(start)
  const [seconds, rounds] = [Number(options.seconds), Number(options.rounds)]
  say(`${cpus()[0]?.model}, one thread each, steps per second of core time, median of ${rounds} rounds of ${seconds} s`)
  for (const workload of options.workload ?? all) {
    const live = running.filter(({ on }) => on.includes(workload))
    const found = new Map()
    for (const peer of live) found.set(peer, { rates: [], answer: await peer.ask(workload, 0.05) })
    for (let round = 0; round < rounds; round++)
      for (const peer of live) {
        const one = found.get(peer)
        if (!one.answer.ok) continue
        one.answer = await peer.ask(workload, seconds)
        if (one.answer.ok) one.rates.push(rateOf(one.answer))
      }
    const [ours, ...others] = live
    const { answer, rates } = found.get(ours)
    say(`${workload}: ${answer.ok ? `${show(median(rates))} (${answer.device})` : answer.error}`)
    for (const peer of others) {
      const one = found.get(peer)
      if (!one.answer.ok) {
        say(`  ${peer.name}: ${one.answer.error}`)
        continue
      }
      const apart = Math.max(...one.answer.check.map((loss, i) => Math.abs(loss - answer.check?.[i]) / Math.abs(loss)))
      const ratio = (median(rates) / median(one.rates)).toFixed(2)
      say(`  ${peer.name}: ${show(median(one.rates))}, ratio ${ratio}, first losses ${apart.toExponential(0)} apart`)
    }
  }
  for (const peer of running) peer.stop()
})
