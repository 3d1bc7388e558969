/** What the recurrent blocks have in common: layers and directions around a loop over time. */
import { at } from '../base/assert.ts'
import { bool, choice, int, real } from '../base/params.ts'
import { sameShape, showBatch } from '../base/shape.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import { initializers, weightParams, type BlockBuilder, type InitName } from './define.ts'

export const recurrentParams = {
  hidden: int({
    label: 'Hidden features',
    doc: 'How many numbers are carried from one time to the next.',
    default: 32,
    min: 1,
  }),
  output: choice({
    label: 'Output',
    doc: 'The hidden features at every time, or only those after the last one.',
    default: 'last',
    options: { last: 'Last state', sequence: 'Whole sequence' },
  }),
  layers: int({
    label: 'Layers',
    doc: 'Each further layer reads the whole sequence of the one before.',
    default: 1,
    min: 1,
    max: 16,
  }),
  bidirectional: bool({
    label: 'Both directions',
    doc: 'Reads the sequence from its end as well, with weights of its own, and joins both results: twice as many features come out.',
    default: false,
  }),
  dropout: real({
    label: 'Dropout',
    doc: 'Share of the numbers between two layers that is left out in training.',
    default: 0,
    min: 0,
    max: 0.999,
  }),
  truncate: int({
    label: 'Truncate after',
    doc: 'Gradients flow back over at most this many times (truncated back-propagation through time); 0 for all.',
    default: 0,
    advanced: true,
  }),
  bias: bool({ label: 'Bias', doc: 'Adds learned numbers to each gate.', default: true }),
  ...weightParams({ default: 'glorotUniform' }),
  recurrentInit: choice<InitName>({
    label: 'Recurrent weights',
    doc: 'Random scheme for the weights from one time to the next; Orthogonal neither shrinks nor grows what is carried.',
    default: 'orthogonal',
    options: initializers,
    advanced: true,
  }),
}

interface Params {
  readonly hidden: number
  readonly output: 'last' | 'sequence'
  readonly layers: number
  readonly bidirectional: boolean
  readonly dropout: number
  readonly truncate: number
  readonly bias: boolean
  readonly init: InitName
  readonly initScale: number
  readonly l1: number
  readonly l2: number
  readonly recurrentInit: InitName
}

/** One kind of cell. */
export interface Cell {
  /** The input and recurrent weights are this many times as wide as the hidden features. */
  readonly gates: number
  /** States carried from time to time, each [batch, hidden]; the first is what comes out. */
  readonly states: number
  /** First values of the biases, one a gate. */
  readonly bias: readonly number[]
  /** Whether the recurrent product has biases of its own. */
  readonly recurrentBias: boolean
  /**
   * One time: `input` is x W + b, [batch, gates · hidden]; `recurrent` gives h U (+ b') for the gates from `first` on, `count` of
   * them, of the h that it is handed.
   */
  step(
    g: Builder,
    input: Tensor,
    states: readonly Tensor[],
    recurrent: (h: Tensor, first: number, count: number) => Tensor,
  ): readonly Tensor[]
}

/** Columns first · hidden … (first + count) · hidden of the last axis. */
export function gatesOf(g: Builder, x: Tensor, hidden: number, first: number, count = 1): Tensor {
  const start = x.shape.map((_, i) => (i === x.shape.length - 1 ? first * hidden : 0))
  return g.slice(x, start, [...x.shape.slice(0, -1), count * hidden])
}

/**
 * Runs a sequence [batch, time, in] through all layers and directions. `first` are the states before the sequence, each
 * [batch, layers · directions · hidden] (zeros where undefined); `last` those after it. Names of the weights:
 * `inputWeight` [in, gates · hidden], `recurrentWeight` [hidden, gates · hidden], `bias`, `recurrentBias`, with `layer2.` for the
 * second layer and `reverse.` for the other direction in front.
 */
export function recurrent(
  g: BlockBuilder,
  x: Tensor,
  first: readonly (Tensor | undefined)[],
  p: Params,
  cell: Cell,
): { readonly y: Tensor; readonly last: readonly Tensor[] } {
  g.require(
    x.shape.length === 3,
    'x',
    `input x must be a sequence [batch, time, features], but has shape ${showBatch(x.shape)}; put a Reshape before it, or give the data a time axis.`,
  )
  const batch = at(x.shape, 0)
  const { hidden } = p
  const directions = p.bidirectional ? [false, true] : [false]
  const runs = p.layers * directions.length
  for (const state of first)
    g.require(
      !state || sameShape(state.shape, [batch, runs * hidden]),
      'state',
      `a first state has shape ${showBatch(state?.shape ?? [])}, but must be ${showBatch([batch, runs * hidden])}: ${hidden} hidden features for each of ${runs} passes over the sequence.`,
    )

  const last: Tensor[][] = []
  // Time goes first, so that each time is one stretch of memory.
  let sequence = g.transpose(x, [1, 0, 2])
  for (let layer = 1; layer <= p.layers; layer++) {
    const outputs = directions.map((reverse) => {
      const name = (what: string) => `${layer > 1 ? `layer${layer}.` : ''}${reverse ? 'reverse.' : ''}${what}`
      const run = last.length
      const states = Array.from({ length: cell.states }, (_, i) => {
        const given = first[i]
        return given ? gatesOf(g, given, hidden, run) : g.fill([batch, hidden], 0)
      })
      const result = pass(g, sequence, states, reverse, name, p, cell)
      last.push([...result.states])
      return result.sequence
    })
    sequence = g.concat(outputs, -1)
    if (p.dropout > 0 && layer < p.layers && g.mode === 'train') {
      const kept = g.less(p.dropout, g.uniform(`dropout${layer}`, sequence.shape))
      sequence = g.div(g.mul(sequence, kept), 1 - p.dropout)
    }
  }
  const ends = last.slice(-directions.length).map((states) => at(states, 0))
  return {
    y: p.output === 'sequence' ? g.transpose(sequence, [1, 0, 2]) : g.concat(ends, -1),
    last: Array.from({ length: cell.states }, (_, i) =>
      g.concat(
        last.map((states) => at(states, i)),
        -1,
      ),
    ),
  }
}

/** One layer in one direction over a sequence [time, batch, in]. */
function pass(
  g: BlockBuilder,
  xs: Tensor,
  states: readonly Tensor[],
  reverse: boolean,
  name: (what: string) => string,
  p: Params,
  cell: Cell,
): { readonly sequence: Tensor; readonly states: readonly Tensor[] } {
  const length = at(xs.shape, 0)
  const width = cell.gates * p.hidden
  const recurrentWeight = g.weight(name('recurrentWeight'), [p.hidden, width], { ...p, init: p.recurrentInit })
  // The product of all times at once; only what depends on the time before is left to the loop.
  const product = g.dot(xs, g.weight(name('inputWeight'), [at(xs.shape, 2), width], p))
  const inputs = p.bias ? g.add(product, g.weight(name('bias'), [width], cell.bias)) : product
  const added = p.bias && cell.recurrentBias ? [g.weight(name('recurrentBias'), [width], 0)] : []
  const cut = p.truncate > 0 && p.truncate < length ? [boundaries(g, length, p.truncate, reverse)] : []
  const result = g.scan(
    { length, reverse, given: [recurrentWeight, ...added], carried: states, over: [inputs, ...cut] },
    (body, { given: [u, b], carried, over: [input, boundary] }) => {
      if (!u || !input) throw new Error('internal: a recurrent step without its operands')
      const before = carried.map((state) => (boundary ? body.select(boundary, body.stopGradient(state), state) : state))
      const next = cell.step(body, input, before, (h, first, count) => {
        const y = body.dot(h, gatesOf(body, u, p.hidden, first, count))
        return b ? body.add(y, gatesOf(body, b, p.hidden, first, count)) : y
      })
      return { carried: next, kept: [at(next, 0)] }
    },
  )
  return { sequence: at(result.kept, 0), states: result.carried }
}

/** [time, 1, 1]: 1 where a stretch of `every` times begins, seen in the direction of reading. */
function boundaries(g: Builder, length: number, every: number, reverse: boolean): Tensor {
  const positions = g.convert(g.iota(length), 'float')
  const turns = reverse ? g.sub(length - 1, positions) : positions
  // Half a turn more, so that no rounding of the quotient falls below a whole number.
  const stretch = g.convert(g.convert(g.div(g.add(turns, 0.5), every), 'int'), 'float')
  return g.reshape(g.equal(g.mul(stretch, every), turns), [length, 1, 1])
}

/** Ports of a block that carries one state; another state more is another port on each side. */
export const recurrentInputs = {
  x: { doc: '[batch, time, features]' },
  h0: { doc: '[batch, layers × directions × hidden]: the state before the sequence; zeros when open', optional: true },
} as const
export const recurrentOutputs = {
  y: { doc: '[batch, hidden], or [batch, time, hidden] for the whole sequence; twice as wide in both directions' },
  h: { doc: '[batch, layers × directions × hidden]: the state after the sequence' },
} as const
