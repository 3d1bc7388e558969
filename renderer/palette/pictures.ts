/** Which small picture a block has: the true curve of a function, or a schematic of what its kind does. */
import type { BlockDefinition } from '../../src/blocks/define.ts'
import { curves } from './curves.gen.ts'

export const schematics = [
  'input',
  'target',
  'dense',
  'convolution',
  'upconvolution',
  'pooling',
  'unpooling',
  'merge',
  'norm',
  'recurrent',
  'attention',
  'dropout',
  'embedding',
  'reshape',
  'latent',
  'waves',
  'bars',
  'curve',
  'loss',
  'composite',
] as const
export type SchematicKind = (typeof schematics)[number]

/** By words of the title and type, the more particular first. */
const byWord: readonly (readonly [RegExp, SchematicKind])[] = [
  [/upconv|transposed?\b/, 'upconvolution'],
  [/conv/, 'convolution'],
  [/unpool|upsampl|resize/, 'unpooling'],
  [/pool/, 'pooling'],
  [/norm|response/, 'norm'],
  [/lstm|gru|rnn|recurrent|elman|jordan/, 'recurrent'],
  [/attention|transformer/, 'attention'],
  [/dropout|noise/, 'dropout'],
  [/encoding|positional/, 'waves'],
  [/embed/, 'embedding'],
  [/flatten|reshape|crop|pad|slice|split|unflatten|permute/, 'reshape'],
  [/latent|sampl|variational|kl\b/, 'latent'],
  [/softmax|maxout/, 'bars'],
]

export function schematicOf(definition: BlockDefinition): SchematicKind {
  const { family, type, title } = definition
  if (family === 'data') return Object.keys(definition.outputs).length > 0 && type !== 'target' ? 'input' : 'target'
  const words = `${type} ${title}`.toLowerCase()
  const named = byWord.find(([pattern]) => pattern.test(words))?.[1]
  if (named === 'latent' || (named && family !== 'loss')) return named
  if (family === 'loss') return 'loss'
  if (family === 'function') return 'curve'
  if (family === 'connect' && Object.keys(definition.inputs).length > 1) return 'merge'
  return family === 'connect' ? 'dense' : 'composite'
}

/** The sign in the middle of what joins several inputs. */
export function signOf(type: string): string {
  if (/add|sum/.test(type)) return '+'
  if (/sub|diff/.test(type)) return '−'
  if (/mul|prod|gate/.test(type)) return '×'
  if (/concat/.test(type)) return '⧺'
  return '·'
}

const WIDTH = 120
const HEIGHT = 72
const REACH = 4

export interface CurvePicture {
  readonly value: string
  readonly slope: string
  /** Where 0 lies. */
  readonly axis: number
  /** Levels with a name: −1 and 1, where the function stays so near that they mean something. */
  readonly levels: readonly { readonly label: string; readonly y: number }[]
}

/** The picture of a function over [-4, 4] on 120 × 72; null where the block is none that acts on each number alone. */
export function curvePicture(type: string): CurvePicture | null {
  const curve = curves[type]
  if (!curve) return null
  const heights = curve.value.filter((_, i) => i % 2 === 1)
  const low = Math.max(-REACH, Math.min(-0.35, ...heights))
  const high = Math.min(REACH, Math.max(1, ...heights))
  const pad = 0.1 * (high - low)
  const y = (value: number) => HEIGHT * (1 - (value - low + pad) / (high - low + 2 * pad))
  const x = (value: number) => (WIDTH * (value + REACH)) / (2 * REACH)
  const path = (line: readonly number[]) => {
    const points: string[] = []
    for (let i = 0; i + 1 < line.length; i += 2)
      points.push(`${round(x(line[i] as number))} ${round(y(line[i + 1] as number))}`)
    return `M${points.join('L')}`
  }
  const levels = [-1, 1].filter((level) => level >= low && level <= high && high - low < 4.5)
  return {
    value: path(curve.value),
    slope: path(curve.slope),
    axis: round(y(0)),
    levels: levels.map((level) => ({ label: level < 0 ? '−1' : '1', y: round(y(level)) })),
  }
}

const round = (value: number) => Math.round(value * 10) / 10
