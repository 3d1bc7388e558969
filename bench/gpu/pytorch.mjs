// PyTorch on CUDA as a peer of the comparison. What computes is pytorch.py, in the first Python here whose PyTorch finds a GPU.
import { join } from 'node:path'
import { root } from '../../scripts/setup.mjs'
import { start } from '../ask.mjs'
import { serve } from '../serve.ts'
import { once } from './packages.mjs'
import { taskOf } from './task.ts'

const device = process.argv.includes('--cpu') ? ['--device', 'cpu'] : []

const started = once(async () => {
  const reasons = []
  // Debian's own has its packages; another one in front on the path may have others.
  for (const python of ['python3', '/usr/bin/python3']) {
    const program = start([python, join(root, 'bench/gpu/pytorch.py'), ...device])
    const answer = await program.ask({ device: true })
    if (answer.ok) return { device: answer.device, program }
    program.stop()
    reasons.push(`${python}: ${answer.error}`)
  }
  throw new Error(`No Python here has a PyTorch that finds a GPU (${reasons.join('; ')}).`)
})

/** Numbers as their bytes. */
const wired = ({ shape, values }) => ({
  shape,
  type: values instanceof Int32Array ? 'int32' : 'float32',
  values: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
})

const demand = async (program, question) => {
  const answer = await program.ask(question)
  if (!answer.ok) throw new Error(answer.error)
  return answer
}

async function open(workload, data) {
  const { program } = await started()
  const task = taskOf(workload, data)
  const layers = task.layers.map((layer) => ({ ...layer, weights: layer.weights.map(wired) }))
  const batches = task.batches.map(({ x, y }) => ({ x: wired(x), y: wired(y) }))
  await demand(program, { open: { ...task, layers, batches } })
  let last = NaN
  return {
    facts: {},
    most: Infinity,
    run: async (_, steps) => {
      last = (await demand(program, { steps })).loss
    },
    loss: async () => last,
  }
}

export const main = () => serve({ device: async () => (await started()).device, open }).then(() => process.exit(0))
