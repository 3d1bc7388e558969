/**
 * What feeding costs: of the time that steps take, the share in which the device waits to be told which examples come next
 * (the order of an epoch, the indices of a chunk, its random numbers). The examples themselves are on the device from the
 * start. Chunks are as long as a run makes them, about 30 ms.
 */
import wasm from '../src/backends/wasm/index.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { load } from '../src/train/load.ts'
import { MovableExecutable } from '../src/train/movable.ts'
import { Stepper } from '../src/train/stepper.ts'
import { dataOf, documentOf, valueOf, workloads } from './workloads.ts'

const [, rounds = '3'] = process.argv.slice(2)
/** Milliseconds of a round, of its beginning that does not count, and of a chunk. */
const TIME = 2000
const BEGINNING = 500
const CHUNK = 30

/** Knows for how long it ran. */
class Watched extends MovableExecutable {
  busy = 0
  override async run(entry: string, steps: number): Promise<number> {
    const began = performance.now()
    const done = await super.run(entry, steps)
    this.busy += performance.now() - began
    return done
  }
}

async function shareOf(name: string): Promise<{ readonly share: number; readonly steps: number }> {
  const workload = workloads[name]
  if (!workload) throw new Error(`there is no workload ${name}`)
  const document = documentOf(workload)
  const device = valueOf(await wasm.open())
  const { network, executable } = valueOf(await load(document, dataOf(workload), device))
  const watched = new Watched(executable)
  const stepper = new Stepper(network, document.training, watched)
  let most = 8
  let steps = 0
  let began = performance.now()
  const start = began
  for (let counts = false; ;) {
    const before = performance.now()
    if (stepper.epochIsOver) stepper.closeEpoch()
    const { done } = await stepper.train(most)
    const now = performance.now()
    steps += done
    most = Math.max(1, Math.round((most * CHUNK) / Math.max(1, now - before)))
    if (!counts && now - start > BEGINNING) {
      counts = true
      steps = 0
      began = now
      watched.busy = 0
    }
    if (now - start > TIME) {
      watched.dispose()
      return { share: 1 - watched.busy / (now - began), steps: (1000 * steps) / (now - began) }
    }
  }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

allowWideVectors()
process.stdout.write('workload    steps/s   share of the time that is feeding\n')
for (const name of Object.keys(workloads)) {
  const found = []
  for (let round = 0; round < Number(rounds); round++) found.push(await shareOf(name))
  const share = 100 * median(found.map((one) => one.share))
  process.stdout.write(
    `${name.padEnd(8)}${median(found.map(({ steps }) => steps))
      .toFixed(0)
      .padStart(10)}   ${share.toFixed(2).padStart(6)} %\n`,
  )
}
