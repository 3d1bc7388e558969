import { at } from '../../base/assert.ts'
import { real } from '../../base/params.ts'
import { gatesOf, recurrent, recurrentInputs, recurrentOutputs, recurrentParams, type Cell } from '../_recurrent.ts'
import { defineBlock } from '../define.ts'

const cell = (forgetBias: number): Cell => ({
  gates: 4,
  states: 2,
  bias: [0, forgetBias, 0, 0],
  recurrentBias: false,
  step(g, input, [h, c], recurrentOf) {
    if (!h || !c) throw new Error('internal: an LSTM carries two states')
    const hidden = at(h.shape, 1)
    const z = g.add(input, recurrentOf(h, 0, 4))
    const gate = (i: number) => gatesOf(g, z, hidden, i)
    const kept = g.add(g.mul(g.sigmoid(gate(1)), c), g.mul(g.sigmoid(gate(0)), g.tanh(gate(2))))
    return [g.mul(g.sigmoid(gate(3)), g.tanh(kept)), kept]
  },
})

export default defineBlock({
  type: 'lstm',
  family: 'complex',
  title: 'LSTM',
  doc: 'Reads a sequence time by time and carries two states along: gates decide what its memory forgets, takes in and shows, so that gradients live over long stretches.',
  formula: 'i, f, o = σ(x W + h U + b); g = tanh(x W + h U + b); c ← f c + i g; h ← o tanh c',
  source: 'torch.nn.LSTM, Keras LSTM; Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000',
  aliases: ['long short-term memory', 'recurrent', 'RNN', 'sequence', 'time series', 'memory'],
  params: {
    ...recurrentParams,
    forgetBias: real({
      label: 'Forget bias',
      doc: 'First value of the forget gate’s bias; 1 keeps the memory open at the start.',
      default: 1,
      advanced: true,
    }),
  },
  inputs: {
    ...recurrentInputs,
    c0: { doc: 'the same shape: the memory before the sequence; zeros when open', optional: true },
  },
  outputs: { ...recurrentOutputs, c: { doc: 'the same shape: the memory after the sequence' } },
  build(g, { x, h0, c0 }, p) {
    const { y, last } = recurrent(g, x, [h0, c0], p, cell(p.forgetBias))
    return { y, h: at(last, 0), c: at(last, 1) }
  },
  examples: [
    { params: { hidden: 3 }, inputs: { x: [2, 4, 2] }, outputs: { y: [2, 3], h: [2, 3], c: [2, 3] } },
    {
      params: { hidden: 2, output: 'sequence', bidirectional: true },
      inputs: { x: [2, 3, 1] },
      outputs: { y: [2, 3, 4], h: [2, 4], c: [2, 4] },
    },
    {
      params: { hidden: 2, layers: 2, bias: false },
      inputs: { x: [1, 1, 3], h0: [1, 4], c0: [1, 4] },
      outputs: { y: [1, 2], h: [1, 4], c: [1, 4] },
    },
  ],
})
