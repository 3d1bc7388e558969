/**
 * How fast a GPU multiplies matrices with our kernel: squares, each beside the peak of the device where that is given. Some rows
 * of each result are compared with naive loops; of all rounds the best counts. Sizes end where one product would take longer
 * than anybody wants to wait for.
 */
import { parseArgs } from 'node:util'
import { ProblemError } from '../src/base/problem.ts'
import type { Device } from '../src/backends/types.ts'
import { openGpuDevice } from './gpu/dawn.ts'
import { best, product, ready } from './kernels.ts'

const SIZES = [256, 512, 1024, 2048, 4096]
/** Seconds that one product may take. */
const LIMIT = 1
/** Rows that are compared. */
const ROWS = 16
/** Long enough for a submission to cost nothing, but not so long that a slow adapter counts as lost. */
const SAMPLE = { least: 0.05, most: 4096 }

export interface Effort {
  readonly rounds: number
  /** Of a round. */
  readonly seconds: number
}

/** Seconds of one product of that size. */
export async function secondsOf(device: Device, size: number, { rounds, seconds }: Effort): Promise<number> {
  const sample = product(`${size} × ${size} × ${size}`, [size, size, size])
  const { runs, check, dispose } = await ready(sample, device, { chunk: SAMPLE.most, rows: ROWS })
  try {
    await check()
    let least = Infinity
    for (let round = 0; round < rounds; round++) least = Math.min(least, await best(runs, seconds, SAMPLE))
    await check()
    return least
  } finally {
    dispose()
  }
}

/** A table of all sizes, line by line; `peak` in GFLOP/s. */
export async function* table(device: Device, effort: Effort, peak?: number, sizes = SIZES): AsyncGenerator<string> {
  const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const columns = ['matrix product, f32', 'GFLOP/s', ...(peak ? [`share of ${peak}`] : [])]
  yield row(...columns)
  yield row(...columns.map((_, i) => (i === 0 ? '---' : '--:')))
  let slowest = 0
  for (const size of sizes) {
    const name = `${size} × ${size} × ${size}`
    const blank = columns.slice(2).map(() => '')
    // Twice the size is eight times the work.
    if (8 * slowest > LIMIT) {
      yield row(name, 'takes too long', ...blank)
      continue
    }
    try {
      slowest = await secondsOf(device, size, effort)
      const rate = (2 * size ** 3) / slowest / 1e9
      yield row(name, rate.toPrecision(3), ...(peak ? [`${((100 * rate) / peak).toFixed(0)} %`] : []))
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      yield row(name, error.message, ...blank)
    }
  }
}

/** Measures and prints; `--rounds` turns of `--seconds` each. */
export async function report(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.1' },
      peak: { type: 'string' },
      webgpu: { type: 'boolean' },
    },
  })
  const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)]
  const print = (line: string) => process.stdout.write(`${line}\n`)
  try {
    const device = await openGpuDevice()
    print(`${device.info.title}, Node ${process.versions.node}; best of ${rounds} rounds of ${seconds} s`)
    print('')
    const peak = options.peak === undefined ? undefined : Number(options.peak)
    for await (const line of table(device, { rounds, seconds }, peak)) print(line)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    print(`Matrix products are left out: ${error.message}`)
  }
}
