import { at } from '../../base/assert.ts'
import { choice } from '../../base/params.ts'
import type { Tensor } from '../../ir/builder.ts'
import { gatesOf, recurrent, recurrentInputs, recurrentOutputs, recurrentParams, type Cell } from '../_recurrent.ts'
import { defineBlock } from '../define.ts'

const cell = (reset: 'after' | 'before'): Cell => ({
  gates: 3,
  states: 1,
  bias: [0, 0, 0],
  recurrentBias: reset === 'after',
  step(g, input, [h], recurrentOf) {
    if (!h) throw new Error('internal: a GRU carries one state')
    const hidden = at(h.shape, 1)
    const own = (i: number) => gatesOf(g, input, hidden, i)
    const mix = (r: (i: number) => Tensor, candidate: (opened: Tensor) => Tensor) => {
      const update = g.sigmoid(g.add(own(1), r(1)))
      const n = g.tanh(g.add(own(2), candidate(g.sigmoid(g.add(own(0), r(0))))))
      return [g.add(g.mul(g.sub(1, update), n), g.mul(update, h))]
    }
    if (reset === 'after') {
      const z = recurrentOf(h, 0, 3)
      const gate = (i: number) => gatesOf(g, z, hidden, i)
      return mix(gate, (opened) => g.mul(opened, gate(2)))
    }
    const z = recurrentOf(h, 0, 2)
    return mix(
      (i) => gatesOf(g, z, hidden, i),
      (opened) => recurrentOf(g.mul(opened, h), 2, 1),
    )
  },
})

export default defineBlock({
  type: 'gru',
  family: 'complex',
  title: 'GRU',
  doc: 'Reads a sequence time by time and carries one state along: a reset gate opens the past to the new candidate, an update gate mixes both. Three quarters of an LSTM’s weights.',
  formula: 'r, z = σ(x W + h U + b); n = tanh(x W + b + r (h U + b′)); h ← (1 - z) n + z h',
  source: 'torch.nn.GRU, Keras GRU; Cho et al. 2014',
  aliases: ['gated recurrent unit', 'recurrent', 'RNN', 'sequence', 'time series'],
  params: {
    ...recurrentParams,
    reset: choice({
      label: 'Reset',
      doc: 'After the recurrent product, as PyTorch and Keras do today, or before it, as in the paper.',
      default: 'after',
      options: { after: 'After the product', before: 'Before the product' },
      advanced: true,
    }),
  },
  inputs: recurrentInputs,
  outputs: recurrentOutputs,
  build(g, { x, h0 }, p) {
    const { y, last } = recurrent(g, x, [h0], p, cell(p.reset))
    return { y, h: at(last, 0) }
  },
  examples: [
    { params: { hidden: 3 }, inputs: { x: [2, 4, 2] }, outputs: { y: [2, 3], h: [2, 3] } },
    {
      params: { hidden: 2, output: 'sequence', bidirectional: true, reset: 'before' },
      inputs: { x: [2, 3, 1] },
      outputs: { y: [2, 3, 4], h: [2, 4] },
    },
    {
      params: { hidden: 2, layers: 2, bias: false },
      inputs: { x: [1, 1, 3], h0: [1, 4] },
      outputs: { y: [1, 2], h: [1, 4] },
    },
  ],
})
