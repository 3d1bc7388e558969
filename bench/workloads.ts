/**
 * What speed is measured on: documents as people draw them, with data and first weights that every peer makes alike from a
 * counter (uniform numbers from the 32-bit finalizer of MurmurHash3). W1 spiral, W2 and W3 pictures of digits, W4 a larger
 * convolutional network, W5 an LSTM, W6 a convolutional autoencoder.
 */
import { at, get } from '../src/base/assert.ts'
import type { ParamValues } from '../src/base/params.ts'
import { ProblemError, type Result } from '../src/base/problem.ts'
import { sizeOf, type Shape } from '../src/base/shape.ts'
import type { PreparedData } from '../src/data/types.ts'
import { findBlock } from '../src/blocks/index.ts'
import { emptyDocument } from '../src/document/file.ts'
import type { BlockNode, GraphDocument, TargetDescription, Wire } from '../src/document/types.ts'
import { buildNetwork, type Network } from '../src/train/network.ts'

/** Blocks in a chain: type, name, parameters. */
export type Chain = readonly (readonly [type: string, name: string, params?: ParamValues])[]

export interface Workload {
  readonly title: string
  readonly batch: number
  /** Batches of different examples. */
  readonly batches: number
  readonly features: Shape
  readonly target: 'one' | 'classes' | 'itself'
  readonly optimizer: 'sgd' | 'adam'
  readonly chain: Chain
  readonly loss: readonly [type: string, params?: ParamValues]
  /** Weights in the order in which peers number them, and the bound of their first uniform values. */
  readonly weights: readonly (readonly [name: string, bound: number])[]
}

const glorot = (fanIn: number, fanOut: number, window = 1) => Math.sqrt(6 / (window * (fanIn + fanOut)))
const layer = (name: string, bound: number) =>
  [
    [`${name}.weight`, bound],
    [`${name}.bias`, 0],
  ] as const

const perceptron = {
  title: 'perceptron 784-128-64-10, Adam',
  features: [784],
  target: 'classes',
  optimizer: 'adam',
  chain: [
    ['dense', 'a', { features: 128 }],
    ['relu', 'relu1'],
    ['dense', 'b', { features: 64 }],
    ['relu', 'relu2'],
    ['dense', 'c', { features: 10 }],
  ],
  loss: ['crossEntropy', { expects: 'logits' }],
  weights: [...layer('a', glorot(784, 128)), ...layer('b', glorot(128, 64)), ...layer('c', glorot(64, 10))],
} as const

const pooling = ['pooling', { kind: 'max', size: [2, 2], stride: [2, 2] }] as const
const around = { kernel: [3, 3], padding: 'explicit', paddingAmount: [1, 1] } as const
const half = { ...around, stride: [2, 2] } as const
const twice = { kernel: [3, 3], stride: [2, 2], padding: [1, 1], outputPadding: [1, 1] } as const

export const workloads: { readonly [name: string]: Workload } = {
  W1: {
    title: 'perceptron 2-16-16-1 with Tanh, SGD',
    batch: 16,
    batches: 32,
    features: [2],
    target: 'one',
    optimizer: 'sgd',
    chain: [
      ['dense', 'a', { features: 16 }],
      ['tanh', 'tanh1'],
      ['dense', 'b', { features: 16 }],
      ['tanh', 'tanh2'],
      ['dense', 'c', { features: 1 }],
    ],
    loss: ['binaryCrossEntropy', { expects: 'logits' }],
    weights: [...layer('a', glorot(2, 16)), ...layer('b', glorot(16, 16)), ...layer('c', glorot(16, 1))],
  },
  W2_b32: { ...perceptron, batch: 32, batches: 64 },
  W2_b256: { ...perceptron, batch: 256, batches: 8 },
  W3: {
    title: 'LeNet on 28 × 28, Adam',
    batch: 64,
    batches: 16,
    features: [28, 28, 1],
    target: 'classes',
    optimizer: 'adam',
    chain: [
      ['conv2d', 'a', { filters: 8, kernel: [5, 5] }],
      ['relu', 'relu1'],
      [pooling[0], 'pool1', pooling[1]],
      ['conv2d', 'b', { filters: 16, kernel: [5, 5] }],
      ['relu', 'relu2'],
      [pooling[0], 'pool2', pooling[1]],
      ['flatten', 'flatten'],
      ['dense', 'c', { features: 128 }],
      ['relu', 'relu3'],
      ['dense', 'd', { features: 10 }],
    ],
    loss: ['crossEntropy', { expects: 'logits' }],
    weights: [
      ...layer('a', glorot(1, 8, 25)),
      ...layer('b', glorot(8, 16, 25)),
      ...layer('c', glorot(256, 128)),
      ...layer('d', glorot(128, 10)),
    ],
  },
  W4: {
    title: 'three convolutions on 32 × 32 × 3, Adam',
    batch: 32,
    batches: 8,
    features: [32, 32, 3],
    target: 'classes',
    optimizer: 'adam',
    chain: [
      ...[32, 64, 128].flatMap((filters, i): Chain => {
        const name = at(['a', 'b', 'c'], i)
        return [
          ['conv2d', name, { filters, ...around }],
          ['relu', `relu${i}`],
          [pooling[0], `pool${i}`, pooling[1]],
        ]
      }),
      ['flatten', 'flatten'],
      ['dense', 'd', { features: 10 }],
    ],
    loss: ['crossEntropy', { expects: 'logits' }],
    weights: [
      ...layer('a', glorot(3, 32, 9)),
      ...layer('b', glorot(32, 64, 9)),
      ...layer('c', glorot(64, 128, 9)),
      ...layer('d', glorot(2048, 10)),
    ],
  },
  W5: {
    title: 'LSTM of 64 over 32 times of 16, Adam',
    batch: 32,
    batches: 8,
    features: [32, 16],
    target: 'one',
    optimizer: 'adam',
    chain: [
      ['lstm', 'a', { hidden: 64, output: 'last' }],
      ['dense', 'b', { features: 1 }],
    ],
    loss: ['rms', { form: 'mean' }],
    weights: [['a.inputWeight', 0.125], ['a.recurrentWeight', 0.125], ['a.bias', 0], ...layer('b', glorot(64, 1))],
  },
  W6: {
    title: 'convolutional autoencoder on 28 × 28, Adam',
    batch: 32,
    batches: 8,
    features: [28, 28, 1],
    target: 'itself',
    optimizer: 'adam',
    chain: [
      ['conv2d', 'a', { filters: 16, ...half }],
      ['relu', 'relu1'],
      ['conv2d', 'b', { filters: 32, ...half }],
      ['relu', 'relu2'],
      ['upconv2d', 'c', { filters: 16, ...twice }],
      ['relu', 'relu3'],
      ['upconv2d', 'd', { filters: 1, ...twice }],
    ],
    loss: ['binaryCrossEntropy', { expects: 'logits' }],
    weights: [
      ...layer('a', glorot(1, 16, 9)),
      ...layer('b', glorot(16, 32, 9)),
      ...layer('c', glorot(32, 16, 9)),
      ...layer('d', glorot(16, 1, 9)),
    ],
  },
}

export function workloadOf(name: string): Workload {
  return get(new Map(Object.entries(workloads)), name)
}

/** What a benchmark can't do without. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new ProblemError(...result.problems)
  return result.value
}

export function networkOf(workload: Workload): Network {
  return valueOf(buildNetwork(documentOf(workload), { train: workload.batch * workload.batches, validation: 0 }))
}

export function documentOf({ chain, loss, target, optimizer, batch, features }: Workload): GraphDocument {
  const blocks: { [id: string]: BlockNode } = {}
  const wires: { [id: string]: Wire } = {}
  const add = (type: string, name: string, params: ParamValues = {}) => {
    blocks[name] = { type, name, params, position: { x: 0, y: 0 } }
  }
  const connect = (from: string, to: string, port: string) => {
    const output = Object.keys(findBlock(blocks[from]?.type ?? '')?.outputs ?? {})[0] ?? ''
    wires[`${from}>${to}.${port}`] = { from: { block: from, port: output }, to: { block: to, port } }
  }
  add('input', 'input')
  let last = 'input'
  for (const [type, name, params] of chain) {
    add(type, name, params)
    connect(last, name, 'x')
    last = name
  }
  add(loss[0], 'loss', loss[1])
  connect(last, 'loss', 'prediction')
  if (target === 'itself') connect('input', 'loss', 'target')
  else {
    add('target', 'target')
    connect('target', 'loss', 'target')
  }
  const base = emptyDocument()
  return {
    ...base,
    graph: { blocks, wires },
    data: {
      ...base.data,
      source: { kind: 'generated', generator: 'bench', params: {}, seed: 0, features, target: describe(target) },
    },
    training: {
      ...base.training,
      batchSize: batch,
      optimizer: { type: optimizer, params: optimizer === 'sgd' ? { rate: 0.1, momentum: 0 } : { rate: 0.001 } },
    },
  }
}

const describe = (target: Workload['target']): TargetDescription =>
  target === 'classes'
    ? { kind: 'classes', names: Array.from({ length: 10 }, (_, i) => String(i)) }
    : { kind: 'numbers', names: ['y'] }

/** Number i of a stream. */
function uniform(stream: number, count: number, low = 0, high = 1): Float32Array {
  const offset = Math.imul(stream, 0x85ebca77)
  return Float32Array.from({ length: count }, (_, i) => {
    let bits = (Math.imul(i, 0x9e3779b1) + offset) >>> 0
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
    return low + (high - low) * (((bits ^ (bits >>> 16)) >>> 8) / 2 ** 24)
  })
}

export function firstWeights(workload: Workload, sizeOfWeight: (name: string) => number): Map<string, Float32Array> {
  return new Map(
    workload.weights.map(([name, bound], i) => {
      const size = sizeOfWeight(name)
      return [name, bound === 0 ? new Float32Array(size) : uniform(100 + i, size, -bound, bound)]
    }),
  )
}

export function dataOf({ features, target, batch, batches }: Workload): PreparedData<Float32Array> {
  const count = batch * batches
  const size = sizeOf(features)
  const values = new Float32Array(count * size)
  let targets: Float32Array | Int32Array = new Float32Array(count)
  if (features.length === 1 && size === 2) {
    // Two arms of a spiral.
    const [along, noise] = [uniform(1, count), uniform(2, 2 * count, -0.05, 0.05)]
    for (let i = 0; i < count; i++) {
      const arm = i % 2
      const angle = 1.5 * Math.PI * at(along, i) + arm * Math.PI
      values[2 * i] = at(along, i) * Math.cos(angle) + at(noise, 2 * i)
      values[2 * i + 1] = at(along, i) * Math.sin(angle) + at(noise, 2 * i + 1)
      targets[i] = arm
    }
  } else if (features.length === 2) {
    // A sum over time of one feature, and a little of another at the end.
    values.set(uniform(3, count * size, -1, 1))
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let time = 0; time < 32; time++) sum += at(values, i * size + time * 16)
      targets[i] = sum / 8 + 0.5 * at(values, i * size + 31 * 16 + 1)
    }
  } else {
    // Ten patterns under noise.
    const [patterns, noise] = [uniform(4, 10 * size), uniform(5, count * size)]
    targets = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const pattern = (i * 7 + (i >> 4)) % 10
      targets[i] = pattern
      for (let k = 0; k < size; k++)
        values[i * size + k] = 0.5 * at(patterns, pattern * size + k) + 0.5 * at(noise, i * size + k)
    }
    if (target === 'itself') targets = new Float32Array(count)
  }
  const none = { count: 0, features: new Float32Array(), targets: new Float32Array() }
  return {
    train: { count, features: values, targets },
    validation: none,
    shape: features,
    target: describe(target),
    fitted: { columns: [], targets: [{ mean: 0, deviation: 1 }] },
    warnings: [],
  }
}
