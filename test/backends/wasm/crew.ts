/** Real threads for tests: as many as asked for, whatever this machine has. */
import { Worker } from 'node:worker_threads'
import { WorkerCrew } from '../../../src/node/crew.ts'
import { buildEntries } from '../../node/helpers/build.ts'

export interface TestCrew extends WorkerCrew {
  readonly workers: readonly Worker[]
  end(): Promise<void>
}

export async function startCrew(size: number): Promise<TestCrew> {
  const built = await buildEntries({ 'crew-worker': 'src/node/crew-worker.ts' })
  const workers: Worker[] = []
  const crew = new WorkerCrew(size, () => {
    const worker = new Worker(built.entry('crew-worker'))
    workers.push(worker)
    return worker
  })
  return Object.assign(crew, {
    workers,
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
      built.remove()
    },
  })
}
