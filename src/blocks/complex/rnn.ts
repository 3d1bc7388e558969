import { at } from '../../base/assert.ts'
import { choice } from '../../base/params.ts'
import { recurrent, recurrentInputs, recurrentOutputs, recurrentParams, type Cell } from '../_recurrent.ts'
import { defineBlock } from '../define.ts'

const cell = (activation: 'tanh' | 'relu'): Cell => ({
  gates: 1,
  states: 1,
  bias: [0],
  recurrentBias: false,
  step(g, input, [h], recurrentOf) {
    if (!h) throw new Error('internal: an RNN carries one state')
    const z = g.add(input, recurrentOf(h, 0, 1))
    return [activation === 'tanh' ? g.tanh(z) : g.max(z, 0)]
  },
})

export default defineBlock({
  type: 'rnn',
  family: 'complex',
  title: 'RNN',
  doc: 'Reads a sequence time by time: each state is made of the input and of the state before, with the same weights at all times. What lies far back fades; LSTM and GRU hold it longer.',
  formula: 'h ← tanh(x W + h U + b)',
  source: 'torch.nn.RNN, Keras SimpleRNN; Elman 1990',
  aliases: ['recurrent', 'simple RNN', 'Elman', 'sequence', 'time series', 'BPTT'],
  params: {
    ...recurrentParams,
    activation: choice({
      label: 'Activation',
      doc: 'What is applied to the sum of input and state.',
      default: 'tanh',
      options: { tanh: 'Tanh', relu: 'ReLU' },
    }),
  },
  inputs: recurrentInputs,
  outputs: recurrentOutputs,
  build(g, { x, h0 }, p) {
    const { y, last } = recurrent(g, x, [h0], p, cell(p.activation))
    return { y, h: at(last, 0) }
  },
  examples: [
    { params: { hidden: 3 }, inputs: { x: [2, 4, 2] }, outputs: { y: [2, 3], h: [2, 3] } },
    {
      params: { hidden: 2, output: 'sequence', bidirectional: true },
      inputs: { x: [2, 3, 1] },
      outputs: { y: [2, 3, 4], h: [2, 4] },
    },
    {
      params: { hidden: 2, layers: 2, bias: false, activation: 'relu' },
      inputs: { x: [1, 1, 3], h0: [1, 4] },
      outputs: { y: [1, 2], h: [1, 4] },
    },
  ],
})
