import { int } from '../../base/params.ts'
import { defineDataset } from '../types.ts'

export default defineDataset({
  type: 'adding',
  title: 'Adding problem',
  doc: 'Sequences of pairs: a number in 0 … 1 and a mark. Two numbers are marked, one in each half, and their sum is to be told at the end: a network must remember (Hochreiter and Schmidhuber 1997). Always answering 1 has a squared error of 1/6.',
  params: {
    count: int({ label: 'Sequences', default: 4000, min: 4, max: 100_000 }),
    length: int({ label: 'Length', doc: 'Pairs in each sequence.', default: 20, min: 2, max: 1000 }),
  },
  features: [20, 2],
  featuresFor: ({ length }) => [length, 2],
  target: { kind: 'numbers', names: ['sum'] },
  generate({ count, length }, random) {
    const features = new Float32Array(count * length * 2)
    const targets = new Float32Array(count)
    const half = Math.floor(length / 2)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const sequence = features.subarray(i * length * 2, (i + 1) * length * 2)
      const marked = [rng.integer(half), half + rng.integer(length - half)]
      for (let t = 0; t < length; t++) sequence[2 * t] = rng.uniform()
      for (const t of marked) {
        sequence[2 * t + 1] = 1
        targets[i] = (targets[i] as number) + (sequence[2 * t] as number)
      }
    }
    return { count, shape: [length, 2], features, target: this.target, targets }
  },
})
