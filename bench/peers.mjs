// Who takes part in the comparison, and how each is started. Of a `kind` other than ours the best counts.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from '../scripts/setup.mjs'
import { workloads } from './options.mjs'

/**
 * `introduces`: it can say what it computes on, or why it can't.
 * @typedef {{ name: string, kind: string, command: string[], on: readonly string[], introduces?: boolean }} Peer
 */

const perceptrons = workloads.filter((name) => /^W[12]/.test(name))

/** @returns {Peer[]} */
export function peersOf(options) {
  const program = (name, kind, ...args) => ({
    name,
    kind,
    command: [options.node, join(root, 'bench/peer.mjs'), ...args],
    on: workloads,
    introduces: true,
  })
  const processor = ['--threads', String(options.threads)]
  if (!options.webgpu) return [program('Neuroloom', 'ours', ...processor), ...processorPeers(options)]
  return [
    program('Neuroloom on WebGPU', 'ours', '--webgpu'),
    program('Neuroloom on the CPU', 'CPU', ...processor),
    program('jax-js on WebGPU', 'JavaScript', '--engine', 'jax-js'),
    program('TensorFlow.js on WebGPU', 'JavaScript', '--engine', 'tensorflow'),
    program('PyTorch on CUDA', 'native', '--engine', 'pytorch'),
  ]
}

/** Those that are installed. */
function processorPeers({ node, peers, threads }) {
  const file = (name) => join(resolve(peers), name)
  // Debian's own python has its packages; another one in front on the path has not.
  const python = (name, ...more) => ['/usr/bin/python3', file(name), '--threads', String(threads), ...more]
  const natives = [
    { name: 'PyTorch', command: python('torch_peer.py'), on: workloads },
    { name: 'PyTorch, channels last', command: python('torch_peer.py', '--cl'), on: ['W3', 'W4', 'W6'] },
    { name: 'PyTorch, traced', command: python('torch_peer.py', '--jit'), on: workloads },
    { name: 'NumPy', command: python('numpy_peer.py'), on: perceptrons },
  ].map((peer) => ({ ...peer, kind: 'native' }))
  const tensorflow = [node, file('tfjs_peer.mjs'), '--backend', 'wasm', '--threads', '1']
  const scripts = [
    { name: 'TensorFlow.js, wasm', command: tensorflow, on: workloads },
    // On W4 a step takes it 8 seconds, after more than a minute of preparation.
    { name: 'jax-js', command: [node, file('jaxjs_peer.mjs')], on: workloads.filter((name) => name !== 'W4') },
  ].map((peer) => ({ ...peer, kind: 'JavaScript' }))
  // In Node both JavaScript peers have one thread only.
  return [...natives, ...(threads === 1 && process.env.NODE_MODULES ? scripts : [])].filter(({ command }) =>
    command.slice(0, 2).every((path) => existsSync(path)),
  )
}
