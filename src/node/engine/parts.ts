/** The engine made of the real rooms. */
import { ok, type Result } from '../../base/problem.ts'
import { describeDatasets, generatedSource, readers } from '../../data/index.ts'
import { emptyDocument, parseDocument } from '../../document/file.ts'
import type { DataSection, FileSource, GraphDocument, TableSource } from '../../document/types.ts'
import type { GeneratorDescription, OptimizerDescription } from '../../protocol/messages.ts'
import metrics from '../../train/metrics/index.gen.ts'
import optimizers from '../../train/optimizers/index.gen.ts'
import { estimate } from '../../train/estimate.ts'
import { warmUp } from '../../train/load.ts'
import { openPredictor } from '../../train/predictor.ts'
import { Run } from '../../train/run.ts'
import schedules from '../../train/schedules/index.gen.ts'
import { DataStore } from '../data-store.ts'
import { MakerThreads } from '../makers.ts'
import { Scratch } from '../scratch.ts'
import type { Devices } from '../../backends/remote/client.ts'
import { version } from '../version.ts'
import { dataRoom } from './data-room.ts'
import type { EngineParts } from './service.ts'

export interface PartsOptions {
  readonly devices: Devices
  readonly dataFolder: string
  readonly modelsFolder: string
  readonly process: number
}

export function engineParts(options: PartsOptions): EngineParts {
  return {
    info: {
      version,
      optimizers: optimizers.map((one) => ({ ...described(one), memories: one.memories.length })),
      schedules: schedules.map(described),
      metrics: metrics.map(({ name, title, better, percent }) => ({ name, title, better, percent })),
      generators: describeGenerators(),
      readers: [...readers.values()].map(({ type, title, doc, extensions, options }) => {
        return { type, title, doc, extensions, options }
      }),
    },
    process: options.process,
    backends: [
      { name: 'cpu', title: 'CPU' },
      { name: 'webgpu', title: 'GPU' },
      { name: 'reference', title: 'Reference (slow, exact)' },
    ],
    devices: options.devices,
    files: new DataStore({ folder: options.dataFolder, beside: [`${options.modelsFolder}/data`] }),
    data: dataRoom(new Scratch({ folder: options.dataFolder }), new MakerThreads()),
    readDocument,
    readData,
    readSource,
    openRun: (runOptions) => Run.open(runOptions),
    openPredictor,
    warmUp,
    estimate,
    now: () => performance.now(),
  }
}

function described({
  type,
  title,
  doc,
  source,
  params,
}: Omit<OptimizerDescription, 'memories'>): Omit<OptimizerDescription, 'memories'> {
  return { type, title, doc, source, params }
}

function describeGenerators(): GeneratorDescription[] {
  return describeDatasets().flatMap(({ type, title, doc, params }) => {
    const source = generatedSource(type)
    return source.ok ? [{ type, title, doc, params, source: source.value }] : []
  })
}

/** A window's document is read like a file's, so that nothing gets in that no file could bring. */
export function readDocument(document: GraphDocument): Result<GraphDocument> {
  const name = typeof document.name === 'string' && document.name !== '' ? document.name.slice(0, 100) : 'The document'
  return parseDocument(JSON.stringify(document), name)
}

export function readSource(source: FileSource): Result<FileSource> {
  const { reader, options, files } = source
  const table: TableSource = { kind: 'table', reader, options, files, columns: [] }
  const read = readData({ ...emptyDocument().data, source: table })
  return read.ok ? ok(read.value.source as TableSource) : read
}

export function readData(data: DataSection): Result<DataSection> {
  const read = parseDocument(JSON.stringify({ ...emptyDocument(), data }), 'The data')
  return read.ok ? ok(read.value.data) : read
}
