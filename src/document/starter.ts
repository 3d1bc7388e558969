/**
 * A network to begin with on data that were just opened: small enough to train at once, of the kind that the field takes for
 * such data, and like one of the examples that ship, so that whoever knows those finds their way in it.
 */
import type { ParamValues } from '../base/params.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import { signatureOf, targetOf } from './signature.ts'
import type { BlockNode, DataSection, Graph, TrainingSection, Wire } from './types.ts'

/** What a network is to make of the data. */
export type Task = 'binary' | 'classes' | 'numbers' | 'sequenceClasses' | 'sequenceNumbers' | 'nextToken'

export interface Starter {
  readonly task: Task
  /** The task in a sentence, with the names that the data have. */
  readonly says: string
  /** What the network is called in the field. */
  readonly title: string
  readonly graph: Graph
  readonly training: TrainingSection
}

export function taskOf(data: DataSection): Task {
  const { source } = data
  const target = targetOf(data)
  const isSequence = source.kind !== 'table' && source.features.length === 2
  if (source.kind === 'examples' && source.reader === 'text') return 'nextToken'
  if (target.kind === 'numbers') return isSequence ? 'sequenceNumbers' : 'numbers'
  if (isSequence) return 'sequenceClasses'
  return target.names.length === 2 ? 'binary' : 'classes'
}

/** `examples`: how many there are, where that is known. */
export function starterFor(data: DataSection, examples = 1000): Starter {
  const task = taskOf(data)
  const { features, target } = signatureOf(data)
  const outputs = target.kind === 'classes' ? target.classes : target.size
  const { title, body } = bodyFor(task, features, data)
  const head: Step[] = [['dense', 'answer', { features: outputs, init: 'glorotUniform' }]]
  if (target.kind === 'classes') head.push(['softmax', 'softmax', {}])
  const loss: Step = target.kind === 'classes' ? ['crossEntropy', 'loss', {}] : ['rms', 'loss', {}]
  return {
    task,
    says: sentence(task, data),
    title,
    graph: chain([...body, ...head], loss),
    training: {
      optimizer: {
        type: 'adam',
        params: { rate: task === 'numbers' || task === 'binary' || features.length === 1 ? 0.01 : 0.001 },
      },
      batchSize: examples < 500 ? 16 : examples < 20_000 ? 32 : 128,
      epochs: examples < 500 ? 60 : examples < 20_000 ? 20 : 5,
      seed: 1,
    },
  }
}

/** Type, name, parameters. */
type Step = readonly [type: string, name: string, params: ParamValues]

/** The longest sequence that a recurrent block steps through at a pace that one can watch. */
const RECURRENT = 256

function bodyFor(task: Task, shape: Shape, data: DataSection): { readonly title: string; readonly body: Step[] } {
  if (task === 'nextToken') {
    const rows = targetOf(data).kind === 'classes' ? targetOf(data).names.length : 1
    const body: Step[] = [
      ['embedding', 'letters', { rows, features: 16 }],
      ['gru', 'memory', { hidden: 64 }],
    ]
    return { title: 'recurrent network (embedding and GRU)', body }
  }
  if (shape.length === 3) return pictureBody(shape)
  if (shape.length === 2) return sequenceBody(shape)
  if (shape.length > 3)
    return { title: 'multilayer perceptron', body: [['flatten', 'flat', {}], ...denseBody(sizeOf(shape))] }
  return { title: 'multilayer perceptron', body: denseBody(shape[0] ?? 1) }
}

function denseBody(width: number): Step[] {
  const hidden = width <= 8 ? 16 : width <= 64 ? 64 : 128
  const first: Step[] = [
    ['dense', 'hidden', { features: hidden }],
    ['relu', 'relu', {}],
  ]
  if (hidden === 16) return first
  return [...first, ['dense', 'hidden 2', { features: hidden / 2 }], ['relu', 'relu 2', {}]]
}

/** Halves height and width for as long as there is something to halve, as LeNet does; then all places count alike. */
function pictureBody([height = 1, width = 1]: Shape): { readonly title: string; readonly body: Step[] } {
  const body: Step[] = []
  let side = Math.min(height, width)
  const stages = side >= 48 ? 3 : side >= 12 ? 2 : 1
  for (let stage = 1; stage <= stages; stage++) {
    body.push(
      ['conv2d', `features ${stage}`, { filters: 4 * 2 ** stage, kernel: [3, 3], padding: 'same' }],
      ['relu', `relu ${stage}`, {}],
    )
    if (side < 4) break
    body.push(['pooling', `smaller ${stage}`, {}])
    side = Math.floor(side / 2)
  }
  body.push(['flatten', 'flat', {}], ['dense', 'hidden', { features: 64 }], ['relu', 'relu', {}])
  return { title: 'convolutional network', body }
}

function sequenceBody([time = 1]: Shape): { readonly title: string; readonly body: Step[] } {
  if (time <= RECURRENT) return { title: 'recurrent network (GRU)', body: [['gru', 'memory', { hidden: 32 }]] }
  const body: Step[] = []
  let left = time
  for (let stage = 1; left > 32 && stage <= 6; stage++) {
    const filters = Math.min(64, 8 * 2 ** (stage - 1))
    body.push(
      ['conv1d', `features ${stage}`, { filters, kernel: 9, stride: 4, padding: 'same' }],
      ['relu', `relu ${stage}`, {}],
    )
    left = Math.ceil(left / 4)
  }
  body.push(['flatten', 'flat', {}], ['dense', 'hidden', { features: 32 }], ['relu', 'relu', {}])
  return { title: 'convolutional network over time', body }
}

const COLUMNS = 250
const ROWS = 210
/** Most blocks in a row before the next one begins below. */
const IN_A_ROW = 4

/** The data through these steps to a loss, in even rows like lines of text; the target before and below the loss. */
function chain(steps: readonly Step[], loss: Step): Graph {
  const blocks: Record<string, BlockNode> = {}
  const wires: Record<string, Wire> = {}
  const all: Step[] = [['input', 'data', {}], ...steps, loss]
  const inARow = Math.ceil(all.length / Math.ceil(all.length / IN_A_ROW))
  const place = (i: number) => ({ x: (i % inARow) * COLUMNS, y: Math.floor(i / inARow) * ROWS })
  all.forEach(([type, name, params], i) => {
    blocks[`b${i + 1}`] = { type, name, position: place(i), params }
    if (i === 0) return
    const from = { block: `b${i}`, port: i === 1 ? 'x' : 'y' }
    wires[`w${i}`] = { from, to: { block: `b${i + 1}`, port: i === all.length - 1 ? 'prediction' : 'x' } }
  })
  const end = place(all.length - 1)
  const target = `b${all.length + 1}`
  blocks[target] = { type: 'target', name: 'target', position: { x: end.x - COLUMNS, y: end.y + ROWS }, params: {} }
  wires[`w${all.length}`] = { from: { block: target, port: 'y' }, to: { block: `b${all.length}`, port: 'target' } }
  return { blocks, wires }
}

function sentence(task: Task, data: DataSection): string {
  const { source } = data
  const target = targetOf(data)
  const columns = source.kind === 'table' ? source.columns.filter(({ role }) => role === 'target') : []
  const what = columns.length > 0 ? columns.map(({ name }) => name).join(', ') : undefined
  switch (task) {
    case 'binary':
      return `Tell ${target.names.join(' from ')}${what === undefined ? '' : ` (${what})`}.`
    case 'classes':
    case 'sequenceClasses':
      return `Tell ${target.names.length} classes apart${what === undefined ? '' : ` (${what})`}.`
    case 'numbers':
    case 'sequenceNumbers':
      return `Predict ${what ?? (target.names.length === 1 ? target.names[0] : `${target.names.length} numbers`)}.`
    case 'nextToken':
      return 'Predict what comes next in the text.'
    default:
      return task satisfies never
  }
}
