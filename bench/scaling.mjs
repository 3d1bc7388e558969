// What several threads give: steps by the clock of one thread, of several, and of as many programs with one thread each at the
// same time, in turns. Programs that share nothing but the machine are its measure: caches, memory, what else it does.
import { join } from 'node:path'
import { root } from '../scripts/setup.mjs'
import { start } from './ask.mjs'

/**
 * Prints a line for each workload.
 * @param {{ node: string, threads: number, workloads: readonly string[], seconds: number, rounds: number }} options
 */
export async function scaling({ node, threads, workloads, seconds, rounds }) {
  const engine = (count) => start([node, join(root, 'bench/peer.mjs'), '--threads', String(count)])
  const alone = Array.from({ length: threads }, () => engine(1))
  const team = engine(threads)
  const print = (line) => process.stdout.write(`${line}\n`)
  print(`Steps by the clock against one thread, ${rounds} rounds of ${seconds} s`)
  const row = (...cells) => print(cells.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(22))).join(''))
  row('', `${threads} threads`, `${threads} programs`, 'threads by programs')
  for (const workload of workloads) {
    const steps = async (program, time = seconds) => {
      const answer = await program.ask({ workload, seconds: time })
      if (!answer.ok) throw new Error(`${workload}: ${answer.error}`)
      return answer.stepsPerSec * time
    }
    for (const program of [...alone, team]) await steps(program, 0.3)
    // Sums, not medians: a core that is shared with others changes its speed from one window to the next.
    let [one, several, apart] = [0, 0, 0]
    for (let round = 0; round < rounds; round++) {
      one += await steps(alone[round % threads])
      several += await steps(team)
      apart += (await Promise.all(alone.map((program) => steps(program)))).reduce((sum, each) => sum + each, 0)
    }
    row(workload, ...[several / one, apart / one, several / apart].map((ratio) => ratio.toFixed(2)))
  }
  for (const program of [...alone, team]) program.stop()
}
