/**
 * A long training whose memory is watched: it should not grow, whatever the number of steps.
 *
 *   npm run bench -- --soak MINUTES [--workload W1]
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MEASURES = { rss: 'resident set', heapUsed: 'JavaScript heap', external: 'external' } as const
const MB = 1e6
const SAMPLE_MS = 5000

/** Least squares: by how much y grows for each unit of x. Keeps sums, not points, so that it takes no memory itself. */
export class Trend {
  #count = 0
  #x = 0
  #y = 0
  #variance = 0
  #covariance = 0

  add(x: number, y: number): void {
    this.#count++
    const apart = x - this.#x
    this.#x += apart / this.#count
    this.#y += (y - this.#y) / this.#count
    this.#variance += apart * (x - this.#x)
    this.#covariance += apart * (y - this.#y)
  }

  get slope(): number {
    return this.#covariance / this.#variance
  }
}

/** What of a trainer is looked at. */
interface Soaked {
  readonly title: string
  readonly steps: number
  trainFor(ms: number): Promise<unknown>
  loss(): Promise<number>
}

/**
 * Trains for that long, prints memory each minute and its trend in the end. The resident set is what it is; of the heap and of
 * what lies outside only that counts which is still there after a collection, or the trend would be that of garbage.
 */
export async function soak(name: string, trainer: Soaked, minutes: number): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const names = Object.keys(MEASURES) as (keyof typeof MEASURES)[]
  const line = (cells: readonly string[]) => print(cells.map((cell) => cell.padStart(18)).join(''))
  print(`${name}: ${trainer.title}; ${minutes} minutes, memory in MB`)
  line(['minute', ...Object.values(MEASURES), 'steps', 'loss'])
  const trends = names.map((name) => ({ name, trend: new Trend() }))
  const started = performance.now()
  for (let [minute, shown] = [0, -1]; minute < minutes;) {
    await trainer.trainFor(SAMPLE_MS)
    const loss = await trainer.loss()
    minute = (performance.now() - started) / 60_000
    const rss = process.memoryUsage.rss()
    collectGarbage()
    // The first may still be giving back what it found; this one waits for that.
    collectGarbage()
    const memory = { ...process.memoryUsage(), rss }
    if (minute > minutes / 2) for (const { name, trend } of trends) trend.add(minute / 60, memory[name] / MB)
    if (Math.floor(minute) === shown) continue
    shown = Math.floor(minute)
    const sizes = names.map((name) => (memory[name] / MB).toFixed(2))
    line([String(shown), ...sizes, String(trainer.steps), loss.toExponential(3)])
  }
  const slopes = trends.map(({ name, trend }) => `${MEASURES[name]} ${trend.slope.toFixed(2)}`)
  print(`MB per hour, fitted over the second half: ${slopes.join(', ')}`)
}
