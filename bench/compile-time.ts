/**
 * One measurement of the way from a document to its first training step, in a process of its own: three times over, so that
 * the second shows what is left when V8 knows the code, and the third what a person waits who starts again. The starter has
 * put `timed` around the functions of each phase.
 */
import type { Executable } from '../src/backends/types.ts'
import wasm from '../src/backends/wasm/index.ts'
import type { PreparedData } from '../src/data/types.ts'
import type { GraphDocument } from '../src/document/types.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { load } from '../src/train/load.ts'
import { Stepper } from '../src/train/stepper.ts'
import { exampleOf } from './examples.ts'
import { clock, coreTime, time, type Phases } from './phases.ts'
import { dataOf, documentOf, valueOf, workloads } from './workloads.ts'

/** A workload by its name, or a document of models/examples by its file. */
async function subject(
  name: string,
  models: string,
): Promise<{ readonly document: GraphDocument; readonly data: PreparedData<Float32Array> }> {
  const workload = new Map(Object.entries(workloads)).get(name)
  if (workload) return { document: documentOf(workload), data: dataOf(workload) }
  return exampleOf(models, `${name}.json`)
}

function renamed(document: GraphDocument): GraphDocument {
  const [id = '', node] = Object.entries(document.graph.blocks)[0] ?? []
  const blocks = { ...document.graph.blocks, ...(node && { [id]: { ...node, name: `${node.name}2` } }) }
  return { ...document, graph: { ...document.graph, blocks } }
}

export interface Measured {
  /** Milliseconds; the device is opened once a process, before any document is there. */
  readonly device: number
  readonly cold: Phases
  readonly warm: Phases
  /** Started again after a run of the same. */
  readonly again: Phases
  readonly moduleBytes: number
  /** Not wall clock. */
  readonly coreTime: boolean
}

export async function measure(name: string, models: string): Promise<Measured> {
  allowWideVectors()
  const { document, data } = await subject(name, models)
  const opening = time()
  const device = valueOf(await wasm.open())
  const opened = time() - opening
  let moduleBytes = 0
  const compile = WebAssembly.compile.bind(WebAssembly)
  const instantiate = WebAssembly.instantiate.bind(WebAssembly) as (...given: unknown[]) => Promise<unknown>
  Object.assign(WebAssembly, {
    compile: (bytes: Uint8Array<ArrayBuffer>) => {
      moduleBytes = bytes.length
      return clock.wait('V8', () => compile(bytes))
    },
    instantiate: (...given: unknown[]) => clock.wait('V8', () => instantiate(...given)),
  })
  const executables: Executable[] = []
  const once = async (of: GraphDocument): Promise<Phases> => {
    clock.start()
    const { network, executable } = valueOf(await load(of, data, device))
    const stepper = new Stepper(network, of.training, executable, data)
    await clock.wait('first step', () => stepper.go({ steps: 1 }))
    executables.push(executable)
    return clock.stop()
  }
  const cold = await once(document)
  // Under another name nothing is known of it, as long as nobody has given back what was compiled.
  const warm = await once(renamed(document))
  for (const executable of executables) executable.dispose()
  return { device: opened, cold, warm, again: await once(document), moduleBytes, coreTime }
}

const [name = '', models = ''] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(await measure(name, models))}\n`)
