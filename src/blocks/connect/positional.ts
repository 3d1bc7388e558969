import { at } from '../../base/assert.ts'
import { choice } from '../../base/params.ts'
import { showBatch } from '../../base/shape.ts'
import type { Tensor } from '../../ir/builder.ts'
import { defineBlock, weightParams, type BlockBuilder } from '../define.ts'

/** Wavelengths go from 2 π to this many times as much. */
const LONGEST = 10_000
/** Terms of the sine's series that doubles can tell from none between -π and π. */
const TERMS = 14

export default defineBlock({
  type: 'positional',
  family: 'connect',
  title: 'Positional Encoding',
  doc: 'Tells each step of a sequence where it stands, which Attention could not see otherwise: adds a fixed pattern of waves, or one that is learned.',
  formula: 'y = x + P; waves: P[t, 2i] = sin(t / 10000^(2i / features)), P[t, 2i + 1] = cos of the same',
  source: 'Vaswani et al. 2017',
  aliases: ['position embedding', 'sinusoidal', 'time', 'transformer'],
  params: {
    kind: choice({
      label: 'Pattern',
      default: 'waves',
      options: { waves: 'Waves', learned: 'Learned' },
    }),
    ...weightParams({ default: 'normal' }),
  },
  inputs: { x: { doc: '[batch, time, features]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    g.require(
      x.shape.length === 3,
      'x',
      `input x must be a sequence [batch, time, features], but has shape ${showBatch(x.shape)}.`,
    )
    const [time, features] = [at(x.shape, 1), at(x.shape, 2)]
    return { y: g.add(x, p.kind === 'learned' ? g.weight('weight', [time, features], p) : waves(g, time, features)) }
  },
  examples: [
    { inputs: { x: [2, 3, 4] }, outputs: { y: [2, 3, 4] } },
    { params: { kind: 'learned' }, inputs: { x: [2, 5, 3] }, outputs: { y: [2, 5, 3] } },
  ],
})

/** [time, features] */
function waves(g: BlockBuilder, time: number, features: number): Tensor {
  const column = g.convert(g.iota(features), 'float')
  // 2 i for a pair of columns; the second of them is a cosine, a quarter of a turn ahead.
  const pair = g.mul(g.convert(g.convert(g.mul(column, 0.5), 'int'), 'float'), 2)
  const frequency = g.exp(g.mul(pair, -Math.log(LONGEST) / features))
  const ahead = g.mul(g.sub(column, pair), Math.PI / 2)
  const angle = g.add(g.mul(g.reshape(g.convert(g.iota(time), 'float'), [time, 1]), frequency), ahead)
  return sine(g, angle)
}

/** Of angles from 0 on: whole turns are taken off, and what is left between -π and π goes into the Taylor series. */
function sine(g: BlockBuilder, angle: Tensor): Tensor {
  const turns = g.convert(g.convert(g.add(g.mul(angle, 1 / (2 * Math.PI)), 0.5), 'int'), 'float')
  const x = g.sub(angle, g.mul(turns, 2 * Math.PI))
  const square = g.mul(x, x)
  // x (1 - x²/(2·3) (1 - x²/(4·5) (1 - …)))
  let series: Tensor = g.fill(x.shape, 1)
  for (let n = TERMS; n >= 1; n--) series = g.sub(1, g.mul(g.mul(square, 1 / (2 * n * (2 * n + 1))), series))
  return g.mul(x, series)
}
