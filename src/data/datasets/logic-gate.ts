import { choice, int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'

const gates = {
  and: (a: number, b: number) => a * b,
  or: (a: number, b: number) => a + b - a * b,
  xor: (a: number, b: number) => a + b - 2 * a * b,
}

export default defineDataset({
  type: 'logicGate',
  title: 'Logic gate',
  doc: 'Two inputs of about 0 or 1, and what a logic gate makes of them, as a number of about 0 or 1: all of them noisy. One layer learns AND and OR, XOR takes two (Minsky and Papert 1969).',
  params: {
    count: int({ label: 'Points', default: 400, min: 4, max: 100_000 }),
    gate: choice({ label: 'Gate', default: 'and', options: { and: 'AND', or: 'OR', xor: 'XOR' } }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation of both inputs and of the output around 0 and 1.',
      default: 0.05,
      min: 0,
      max: 1,
    }),
  },
  features: [2],
  target: { kind: 'numbers', names: ['y'] },
  generate({ count, gate, noise }, random) {
    const features = new Float32Array(2 * count)
    const targets = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      // The four corners take turns.
      const a = i & 1
      const b = (i >> 1) & 1
      const rng = random(i)
      features[2 * i] = a + rng.normal(0, noise)
      features[2 * i + 1] = b + rng.normal(0, noise)
      targets[i] = gates[gate](a, b) + rng.normal(0, noise)
    }
    return { count, shape: [2], features, target: this.target, targets }
  },
})
