/**
 * A network to begin with on data that were just opened: small enough to train at once, of the kind that the field takes for
 * such data, and like one of the examples that ship, so that whoever knows those finds their way in it.
 */
import type { ParamValues } from '../base/params.ts'
import { sameValue } from '../base/same.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import type { Edit } from './edits.ts'
import { emptyDocument } from './file.ts'
import { namesTogether } from './parts.ts'
import { signatureOf, targetOf } from './signature.ts'
import type { BlockNode, DataSection, Graph, GraphDocument, TrainingSection, Windows, Wire } from './types.ts'

/** What a network is to make of the data. */
export type Task =
  'reconstruction' | 'binary' | 'classes' | 'labels' | 'numbers' | 'sequenceClasses' | 'sequenceNumbers' | 'nextToken'

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
  const isSequence = signatureOf(data).features.length === 2
  if (source.kind === 'examples' && source.reader === 'text') return 'nextToken'
  if (target.kind === 'numbers' && target.names.length === 0) return 'reconstruction'
  if (target.kind === 'numbers' && target.labels) return 'labels'
  if (target.kind === 'numbers') return isSequence ? 'sequenceNumbers' : 'numbers'
  if (isSequence) return 'sequenceClasses'
  return target.names.length === 2 ? 'binary' : 'classes'
}

/** `examples`: how many there are, where that is known. */
export function starterFor(data: DataSection, examples = 1000): Starter {
  const task = taskOf(data)
  const { features, target } = signatureOf(data)
  const outputs = target.kind === 'classes' ? target.classes : target.size
  if (task === 'reconstruction')
    return {
      task,
      says: sentence(task, data),
      title: 'autoencoder',
      graph: autoencoder(features),
      training: trainingFor(0.003, examples),
    }
  const { title, body } = bodyFor(task, features, data)
  const head: Step[] = [['dense', 'answer', { features: outputs, init: 'glorotUniform' }]]
  if (target.kind === 'classes') head.push(['softmax', 'softmax', {}])
  if (task === 'labels') head.push(['sigmoid', 'sigmoid', {}])
  // Of the sigmoid it takes the logits.
  const loss: Step = [
    { classes: 'crossEntropy', numbers: task === 'labels' ? 'binaryCrossEntropy' : 'rms' }[target.kind],
    'loss',
    {},
  ]
  return {
    task,
    says: sentence(task, data),
    title,
    graph: chain([...body, ...head], loss),
    training: trainingFor(
      task === 'numbers' || task === 'labels' || task === 'binary' || features.length === 1 ? 0.01 : 0.001,
      examples,
    ),
  }
}

/** A new document with these data and the network to begin with, called by the names of their files. */
export function beginWith(data: DataSection, { graph, training }: Pick<Starter, 'graph' | 'training'>): GraphDocument {
  const { source } = data
  const files = source.kind === 'generated' ? [] : source.files
  const names = files.map(({ name }) => name.replace(/(\.\w{1,8}){1,2}$/, '') || name)
  return { ...emptyDocument(), name: namesTogether(names), graph, training, data }
}

function trainingFor(rate: number, examples: number): TrainingSection {
  return {
    optimizer: { type: 'adam', params: { rate } },
    batchSize: examples < 500 ? 16 : examples < 20_000 ? 32 : 128,
    epochs: examples < 500 ? 60 : examples < 20_000 ? 20 : 5,
    seed: 1,
  }
}

/**
 * Edits that go with other data while what is drawn is what was proposed for those before: then a network for the new ones is
 * drawn instead. None where the person has made it their own, or where it is the same network.
 */
export function followData({ data: old, graph, training }: GraphDocument, data: DataSection): readonly Edit[] {
  const [before, after] = [starterFor(old), starterFor(data)]
  const isOwn = !sameValue(graph, before.graph, 'position')
  if (isOwn || sameValue(before.graph, after.graph, 'position')) return []
  const isSetSo = sameValue(training.optimizer, before.training.optimizer)
  return [
    { kind: 'removeItems', blocks: Object.keys(graph.blocks), wires: [] },
    { kind: 'insert', graph: after.graph },
    ...(isSetSo
      ? [{ kind: 'setTraining', training: { ...training, optimizer: after.training.optimizer } } as const]
      : []),
  ]
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

/** Through a narrow middle and back to what came in. */
function autoencoder(shape: Shape): Graph {
  const size = sizeOf(shape)
  const [height = 0, width = 0, channels = 1] = shape
  const relu = (name: string): Step => ['relu', name, {}]
  // Halved twice and doubled twice a picture has its own size again.
  if (shape.length === 3 && height % 4 === 0 && width % 4 === 0) {
    const half = { stride: [2, 2], padding: 'same' }
    const body: Step[] = [
      ['conv2d', 'shrink 1', { filters: 16, ...half }],
      relu('relu 1'),
      ['conv2d', 'shrink 2', { filters: 4 * channels, ...half }],
      relu('relu 2'),
      ['upconv2d', 'grow 1', { filters: 16 }],
      relu('relu 3'),
      ['upconv2d', 'grow 2', { filters: channels }],
    ]
    return chain(body, ['rms', 'loss', {}], 'input')
  }
  const hidden = Math.min(256, Math.max(8, 2 ** Math.ceil(Math.log2(size))))
  const body: Step[] = [
    ...(shape.length > 1 ? [['flatten', 'flat', {}] as const] : []),
    ['dense', 'hidden 1', { features: hidden }],
    relu('relu 1'),
    ['dense', 'code', { features: Math.max(1, Math.min(32, Math.floor(size / 2))) }],
    relu('relu 2'),
    ['dense', 'hidden 2', { features: hidden }],
    relu('relu 3'),
    ['dense', 'answer', { features: size, init: 'glorotUniform' }],
    ...(shape.length > 1 ? [['reshape', 'as it was', { shape: [...shape] }] as const] : []),
  ]
  return chain(body, ['rms', 'loss', {}], 'input')
}

const COLUMNS = 250
const ROWS = 210
/** Most blocks in a row before the next one begins below. */
const IN_A_ROW = 4

/** The data through these steps to a loss, in even rows like lines of text; what is true, or once more the data, before and below it. */
function chain(steps: readonly Step[], loss: Step, truth: 'target' | 'input' = 'target'): Graph {
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
  const position = { x: end.x - COLUMNS, y: end.y + ROWS }
  blocks[target] = { type: truth, name: truth === 'input' ? 'original' : 'target', position, params: {} }
  wires[`w${all.length}`] = {
    from: { block: target, port: truth === 'input' ? 'x' : 'y' },
    to: { block: `b${all.length}`, port: 'target' },
  }
  return { blocks, wires }
}

const ahead = ({ horizon }: Windows) => (horizon > 1 ? `, ${horizon} rows ahead,` : '')

function sentence(task: Task, data: DataSection): string {
  const { source, preparation } = data
  const { windows } = preparation
  const target = targetOf(data)
  const columns = source.kind === 'table' ? source.columns.filter(({ role }) => role === 'target') : []
  const what = columns.length > 0 ? columns.map(({ name }) => name).join(', ') : undefined
  switch (task) {
    case 'binary':
      return `Tell ${target.names.join(' from ')}${what === undefined ? '' : ` (${what})`}.`
    case 'classes':
    case 'sequenceClasses':
      return `Tell ${target.names.length} classes apart${what === undefined ? '' : ` (${what})`}.`
    case 'reconstruction':
      return 'Give each example back as it is, from fewer numbers: no target says what else to tell.'
    case 'labels':
      return `Say which of ${target.names.length} labels hold: ${listed(target.names)}.`
    case 'numbers':
    case 'sequenceNumbers':
      if (windows?.past) return `Forecast ${what}${ahead(windows)} from the last ${windows.length} rows.`
      return `Predict ${what ?? (target.names.length === 1 ? target.names[0] : `${target.names.length} numbers`)}.`
    case 'nextToken':
      return 'Predict what comes next in the text.'
    default:
      return task satisfies never
  }
}

function listed(names: readonly string[], most = 8): string {
  return names.slice(0, most).join(', ') + (names.length > most ? ', …' : '')
}
