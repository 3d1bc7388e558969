import { defineBlock } from '../define.ts'

/** sqrt(2 / pi) and the cubic's factor of the paper's approximation. */
const SCALE = Math.sqrt(2 / Math.PI)
const CUBIC = 0.044715

export default defineBlock({
  type: 'gelu',
  family: 'function',
  title: 'GELU',
  doc: 'Weighs its input by the share of a normal distribution below it: f(x) = x Φ(x), here ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).',
  source: "torch.nn.GELU(approximate='tanh'); Hendrycks & Gimpel 2016",
  aliases: ['gaussian error linear unit', 'activation'],
  params: {},
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }) {
    const cubed = g.mul(g.mul(g.mul(x, x), x), CUBIC)
    const share = g.add(g.tanh(g.mul(g.add(x, cubed), SCALE)), 1)
    return { y: g.mul(g.mul(x, 0.5), share) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { inputs: { x: [3, 2, 4] }, outputs: { y: [3, 2, 4] } },
  ],
})
