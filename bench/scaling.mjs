// What several threads give: steps by the clock of one thread, of several, and of as many programs with one thread each at the
// same time, in turns. Programs that share nothing but the machine are its measure: caches, memory, what else it does.
import { join } from 'node:path'
import { root } from '../scripts/setup.mjs'
import { start } from './ask.mjs'

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/**
 * Prints a line for each workload.
 * @param {{ node: string, threads: number, workloads: readonly string[], seconds: number, rounds: number }} options
 */
export async function scaling({ node, threads, workloads, seconds, rounds }) {
  const engine = (count) => start([node, join(root, 'bench/peer.mjs'), '--threads', String(count)])
  const alone = Array.from({ length: threads }, () => engine(1))
  const team = engine(threads)
  const print = (line) => process.stdout.write(`${line}\n`)
  print(`Rates against one thread, medians of ${rounds} rounds of ${seconds} s`)
  print(
    `${''.padEnd(10)}${`${threads} threads`.padStart(14)}${`${threads} programs`.padStart(14)}${'threads by programs'.padStart(22)}`,
  )
  for (const workload of workloads) {
    const rate = async (program, time = seconds) => {
      const answer = await program.ask({ workload, seconds: time })
      if (!answer.ok) throw new Error(`${workload}: ${answer.error}`)
      return answer.stepsPerSec
    }
    for (const program of [...alone, team]) await rate(program, 0.3)
    const found = { threads: [], programs: [], both: [] }
    for (let round = 0; round < rounds; round++) {
      const one = await rate(alone[0])
      const several = await rate(team)
      const apart = (await Promise.all(alone.map((program) => rate(program)))).reduce((sum, each) => sum + each, 0)
      found.threads.push(several / one)
      found.programs.push(apart / one)
      found.both.push(several / apart)
    }
    const [a, b, c] = Object.values(found).map((ratios) => median(ratios).toFixed(2))
    print(`${workload.padEnd(10)}${a.padStart(14)}${b.padStart(14)}${c.padStart(22)}`)
  }
  for (const program of [...alone, team]) program.stop()
}
