/** Trains the shipped documents on the GPU and on the CPU engine, and says how far apart their losses come. */
import { parseArgs } from 'node:util'
import wasm from '../../src/backends/wasm/index.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { dawnBackend } from '../../src/node/dawn.ts'
import { curveOf, distance, parted, spreadOf } from '../../test/helpers/curves.ts'
import { preparedFor, shipped, shippedDocuments } from '../../test/models/shipped.ts'
import { valueOf } from './train.ts'

// While this module is imported: Vite's runner, which knows TypeScript, imports nothing afterwards.
const opened = await dawnBackend().open()

const TITLES = ['document', 'batch', 'steps', 'apart', 'CPU by itself', 's/step', '']
const WIDTHS = [24, 6, 6, 10, 14, 8, 0]

const line = (cells: readonly string[]) =>
  cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd()
const print = (text: string) => process.stdout.write(`${text}\n`)

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { steps: { type: 'string', default: '100' }, batch: { type: 'string' }, names: { type: 'string' } },
  })
  const steps = Number(values.steps)
  const names = values.names?.split(',') ?? shippedDocuments.map(({ name }) => name)
  const gpu = valueOf(opened)
  const cpu = valueOf(await wasm.open())
  print(`${gpu.info.title} beside ${cpu.info.title}`)
  print(
    'The greatest difference between their losses, and between curves of the CPU engine whose first weights differ in the',
  )
  print('last digit, as multiples of what trained values may differ by.\n')
  print(line(TITLES))
  let bad = 0
  for (const name of names) {
    const document = withBatch(shipped(name), values.batch)
    const setting = { document, data: await preparedFor(document) }
    const right = await curveOf(setting, cpu, steps)
    const spread = await spreadOf(setting, cpu, right)
    // Compiled before the time counts.
    await curveOf(setting, gpu, 1)
    const started = performance.now()
    const found = await curveOf(setting, gpu, steps)
    const seconds = (performance.now() - started) / 1000 / steps
    const step = parted(found, right, spread)
    if (step !== undefined) bad++
    print(
      line([
        name,
        String(document.training.batchSize),
        String(steps),
        distance(found, right).toFixed(2),
        distance(
          right.map((loss, i) => loss + (spread[i] ?? 0)),
          right,
        ).toFixed(2),
        seconds.toFixed(3),
        step === undefined ? 'the same' : `PARTED at step ${step + 1}`,
      ]),
    )
  }
  return bad > 0 ? 1 : 0
}

function withBatch(document: GraphDocument, batch: string | undefined): GraphDocument {
  const { training } = document
  return { ...document, training: { ...training, batchSize: batch === undefined ? training.batchSize : Number(batch) } }
}
