/** `predict FOLDER --data FILE`: answers of a trained network for new examples, one line each. */
import { sizeOf } from '../../base/shape.ts'
import { problem } from '../../base/problem.ts'
import { applyPreparation, isTable, restoreTargets } from '../../data/index.ts'
import { placeOf } from '../../data/table/table.ts'
import type { PreparedData } from '../../data/types.ts'
import { targetOf } from '../../document/signature.ts'
import { Run } from '../../train/run.ts'
import { deviceThread } from '../device-thread.ts'
import { CommandEnd, complain, orEnd, print, printJson, saidOf, type ExitCode } from './console.ts'
import { openModel } from './model.ts'
import { chooseDevice, loadExamples, openItems } from './open.ts'

export interface PredictOptions {
  readonly data: readonly string[]
  readonly device: string
  readonly json: boolean
}

export async function predict(folder: string, options: PredictOptions): Promise<ExitCode> {
  const { document, weights, fitted } = orEnd(await openModel(folder))
  const loaded = await loadExamples(document.data, folder, await openItems(options.data))
  const examples = orEnd(applyPreparation(fitted, loaded.data, document.data))
  complain([...loaded.warnings, ...saidOf(loaded.bad)])
  const target = targetOf(document.data)
  const thread = deviceThread()
  try {
    const chosen = await chooseDevice(thread, options.device, null)
    // A run is opened for its network only; one example of zeros stands in for data that nobody trains on.
    const one = {
      count: 1,
      features: new Float32Array(sizeOf(examples.shape)),
      targets: target.kind === 'classes' ? new Int32Array(1) : new Float32Array(target.names.length),
    }
    const data: PreparedData = {
      train: one,
      validation: { ...one, count: 0 },
      shape: examples.shape,
      target,
      fitted,
      warnings: [],
    }
    const run = orEnd(
      await Run.open({
        id: 'predict',
        document,
        data,
        ...chosen,
        now: () => performance.now(),
        onTelemetry: () => undefined,
      }),
    )
    complain(run.progress().problems)
    for (const { name, shape } of run.network.weights) {
      const tensor = weights.get(name)
      if (!tensor || tensor.data.length !== sizeOf(shape))
        throw new CommandEnd(1, [
          problem(
            'model.weights',
            `The weights in ${folder} do not belong to its document: ${name} should have ${sizeOf(shape)} values and has ${tensor?.data.length ?? 'none'}. Train again with --out.`,
          ),
        ])
      await run.setWeight(name, tensor.data)
    }
    const predicted = await run.predict(examples.features, examples.count)
    if (!predicted.ok) throw new CommandEnd(1, predicted.problems)
    const answers = predicted.value
    const width = answers.length / Math.max(examples.count, 1)
    const values = target.kind === 'numbers' ? restoreTargets(fitted, answers) : answers
    const { data: raw } = loaded
    const placeOfRow = (row: number) => (isTable(raw) ? placeOf(raw.table, row) : row + 1)
    if (!options.json)
      print(
        [
          'row',
          target.kind === 'classes' ? 'class' : '',
          ...(width === target.names.length ? target.names : ['output']),
        ]
          .filter((name) => name !== '')
          .map(quote)
          .join(','),
      )
    for (let i = 0; i < examples.count; i++) {
      const row = [...values.subarray(i * width, (i + 1) * width)]
      const source = examples.rows[i] ?? i
      const number = placeOfRow(source)
      if (target.kind === 'numbers') {
        if (options.json)
          printJson({
            row: number,
            values: Object.fromEntries(row.map((value, j) => [target.names[j] ?? `output${j + 1}`, value])),
          })
        else print([number, ...row].join(','))
        continue
      }
      // A single output is the probability of the second of two classes.
      const best = width === 1 ? Number((row[0] ?? 0) > 0.5) : row.indexOf(Math.max(...row))
      const name = target.names[best] ?? String(best)
      if (options.json)
        printJson({
          row: number,
          class: name,
          scores: Object.fromEntries(
            row.map((value, j) => [width === target.names.length ? (target.names[j] ?? j) : 'output', value]),
          ),
        })
      else print([number, quote(name), ...row].join(','))
    }
    return 0
  } finally {
    thread.close()
  }
}

/** A CSV cell. One that a spreadsheet would take for a formula is marked as text (OWASP, "CSV Injection"). */
function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
