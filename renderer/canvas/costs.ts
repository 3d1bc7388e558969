/** What blocks and wires say of their shapes and costs, as words: for the canvas, its titles and who listens. */
import { showAxes, showBytes } from '../../src/base/shape.ts'
import type { BlockAnalysis, Costs } from '../../src/compiler/analyze.ts'
import { showCount, type Aval } from './looks.ts'

const BYTES = 4

/** Bytes that the outputs of a block take for so many examples. */
export const activationBytes = ({ activations }: Pick<Costs, 'activations'>, examples = 1): number =>
  BYTES * activations * examples

/** Its part of the work of the whole network, 0 to 1: of its multiply-adds, or of what is computed where there are none. */
export function shareOf(block: Costs, totals: Costs): number {
  const figure = totals.multiplyAdds > 0 ? 'multiplyAdds' : 'computed'
  return totals[figure] > 0 ? block[figure] / totals[figure] : 0
}

/** `12 %`, `<1 %`, empty for nothing. */
export function showShare(share: number): string {
  if (share === 0) return ''
  return share < 0.01 ? '<1 %' : `${Math.round(100 * share)} %`
}

export interface CostLine {
  /** `1,176 parameters · 12 %`; empty for a block that learns nothing and multiplies nothing. */
  readonly text: string
  /** One figure a line. */
  readonly title: string
}

/** The foot of a block. `batch`: examples in a batch. */
export function costLine(block: Costs, totals: Costs, batch: number): CostLine {
  const { parameters, multiplyAdds, activations } = block
  const share = shareOf(block, totals)
  const learned = parameters > 0 ? count(parameters, 'parameter') : ''
  const text = [learned, multiplyAdds > 0 ? showShare(share) : ''].filter((part) => part !== '').join(' · ')
  const title = [
    parameters > 0 ? `${count(parameters, 'parameter')}, ${showBytes(BYTES * parameters)}` : 'Nothing to learn',
    ...(multiplyAdds > 0
      ? [`${count(multiplyAdds, 'multiply-add')} for an example, ${showShare(share)} of the network's`]
      : []),
    ...(activations > 0
      ? [
          `${count(activations, 'number')} out for an example: ${showBytes(activationBytes(block))}, ` +
            `${showBytes(activationBytes(block, batch))} for a batch of ${showCount(batch)}`,
        ]
      : []),
  ].join('\n')
  return { text, title }
}

/** `1 parameter`, `12,345 parameters`. */
function count(n: number, what: string): string {
  return `${showCount(n)} ${what}${n === 1 ? '' : 's'}`
}

/** What a wire carries: axes by name, and bytes. */
export function wireTitle({ shape, dtype }: Aval, batch: number): string {
  const numbers = shape.slice(1).reduce((size, axis) => size * axis, 1)
  const kind = dtype === 'int' ? 'Whole numbers: ' : ''
  const memory =
    shape.length === 0
      ? ''
      : `\n${count(numbers, 'number')} for an example: ${showBytes(BYTES * numbers)}, ${showBytes(BYTES * numbers * batch)} for a batch of ${showCount(batch)}`
  return `${kind}${showAxes(shape)}${memory}`
}

/** For who listens: `conv1 gives batch × height 28 × width 28 × channels 8`. */
export function spokenOutput(name: string, { outputs }: Pick<BlockAnalysis, 'outputs'>): string {
  const given = Object.entries(outputs).flatMap(([port, aval]) => (aval ? [[port, showAxes(aval.shape)] as const] : []))
  if (given.length === 0) return `What ${name} gives is not known yet`
  const list = given.map(([port, axes]) => (given.length > 1 ? `${port}: ${axes}` : axes))
  return `${name} gives ${list.join('; ')}`
}
