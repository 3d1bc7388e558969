// What `npm run bench` can be told.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, SetupError } from '../scripts/setup.mjs'

export const workloads = ['W1', 'W2_b32', 'W2_b256', 'W3', 'W4', 'W5', 'W6']

/**
 * Throws a SetupError for what makes no sense.
 * @param {readonly string[]} args
 */
export function optionsOf(args) {
  const { values } = parse(args)
  const threads = Number(values.threads)
  const [rounds, peak] = [Number(values.rounds), Number(values.peak ?? 1)]
  const refuse = (message) => {
    throw new SetupError(message)
  }
  if (!Number.isInteger(threads) || threads < 1) refuse('--threads takes a whole number from 1 on.')
  if (!Number.isInteger(rounds) || rounds < 1) refuse('--rounds takes a whole number from 1 on.')
  if (values.seconds !== undefined && !(Number(values.seconds) > 0)) refuse('--seconds takes a number above 0.')
  if (!(peak > 0)) refuse('--peak takes the billions of f32 operations that the device can do in a second.')
  if (values.peak !== undefined && !values.webgpu)
    refuse('--peak needs --webgpu: that of a processor core is measured.')
  if (values.webgpu && (values.compile || values.scaling)) refuse('--webgpu goes with nothing, --kernels or --soak.')
  const unknown = (values.workload ?? []).filter((workload) => !workloads.includes(workload))
  // Compiling is measured of documents as well.
  if (unknown.length > 0 && !values.compile)
    refuse(`No such workload: ${unknown.join(', ')}. There are ${workloads.join(', ')}.`)
  return { ...values, threads, rounds }
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        workload: { type: 'string', multiple: true },
        seconds: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        threads: { type: 'string', default: '1' },
        markdown: { type: 'boolean', default: false },
        webgpu: { type: 'boolean', default: false },
        peak: { type: 'string' },
        kernels: { type: 'boolean', default: false },
        analyze: { type: 'boolean', default: false },
        estimate: { type: 'boolean', default: false },
        feed: { type: 'boolean', default: false },
        data: { type: 'boolean', default: false },
        stored: { type: 'boolean', default: false },
        megabytes: { type: 'string' },
        text: { type: 'string' },
        memory: { type: 'string' },
        epochs: { type: 'string' },
        python: { type: 'string' },
        canvas: { type: 'boolean', default: false },
        compile: { type: 'boolean', default: false },
        phases: { type: 'boolean' },
        bundle: { type: 'string' },
        scaling: { type: 'boolean', default: false },
        soak: { type: 'string' },
        node: { type: 'string', default: process.execPath },
        peers: { type: 'string', default: join(root, '..', 'shared', 'bench', 'peers') },
      },
    })
  } catch (error) {
    throw new SetupError(error instanceof Error ? error.message : String(error))
  }
}
