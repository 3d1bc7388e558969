/** Functions and losses at logits that overflow a naive formula: values and gradients on the CPU engine. */
import { get } from '../../src/base/assert.ts'
import { sizeOf } from '../../src/base/shape.ts'
import wasm from '../../src/backends/wasm/index.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { blockProgram } from '../../test/helpers/block-program.ts'
import { runProgram } from '../../test/helpers/run-program.ts'

const LOGITS = [-1e4, -1e3, -100, -30, -1, 0, 1, 30, 100, 1e3, 1e4]
const BLOCKS = ['crossEntropy', 'binaryCrossEntropy', 'softplus', 'softmax', 'sigmoid']

export interface NumericsReport {
  /** How many values and gradients were looked at. */
  readonly looked: number
  readonly nonFinite: number
}

/** Every pair of logits as the scores of two classes, with the truth on either side. */
export async function checkNumerics(): Promise<NumericsReport> {
  const pairs = LOGITS.flatMap((a) => LOGITS.map((b) => [a, b]))
  const shape = [2 * pairs.length, 2]
  const logits = [...pairs, ...pairs].flat()
  const target = [...pairs.map(() => [1, 0]), ...pairs.map(() => [0, 1])].flat()
  let [looked, nonFinite] = [0, 0]
  for (const type of BLOCKS) {
    const block = findBlock(type)
    if (!block) throw new Error(`no block ${type}`)
    const isLoss = block.family === 'loss'
    const ports: { [port: string]: readonly number[] } = isLoss ? { prediction: shape, target: shape } : { x: shape }
    const { program, inputs } = blockProgram(block, isLoss ? { expects: 'logits' } : {}, ports)
    const given: { [name: string]: readonly number[] } = isLoss ? { prediction: logits, target } : { x: logits }
    for (const [name, of] of Object.entries(inputs)) given[name] ??= new Array<number>(sizeOf(of)).fill(1)
    const results = await runProgram(wasm, program, given)
    const wanted = isLoss ? ['loss', 'd.prediction'] : ['y', 'd.x']
    for (const name of wanted) {
      const values = get(results, name)
      looked += values.length
      nonFinite += values.filter((value) => !Number.isFinite(value)).length
    }
  }
  return { looked, nonFinite }
}
