import { expect, test } from 'vitest'
import { costLine, shareOf, showShare, spokenOutput, wireTitle } from '../../renderer/canvas/costs.ts'
import { get } from '../../src/base/assert.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { draw } from '../helpers/documents.ts'

const { blocks, totals } = analyze(
  draw(
    { features: [8, 8, 1], classes: 2 },
    {
      x: ['input'],
      c: ['conv2d', { filters: 4, kernel: [3, 3], padding: 'same' }, 'x.x'],
      r: ['relu', {}, 'c.y'],
      flat: ['flatten', {}, 'r.y'],
      out: ['dense', { features: 2 }, 'flat.y'],
      t: ['target'],
      loss: ['crossEntropy', {}, 'out.y', 't.y'],
    },
  ),
)

test('a block says what it learns and its share of the work', () => {
  const line = costLine(get(blocks, 'c'), totals, 10)
  // 64 places, 4 filters of 9 weights: 2304 of 2304 + 512.
  expect(line.text).toBe('40 parameters · 82 %')
  expect(line.title.split('\n')).toEqual([
    '40 parameters, 160 bytes',
    "2,304 multiply-adds for an example, 82 % of the network's",
    '256 numbers out for an example: 1.02 kB, 10.2 kB for a batch of 10',
  ])
  expect(costLine(get(blocks, 'r'), totals, 10)).toEqual({
    text: '',
    title: 'Nothing to learn\n256 numbers out for an example: 1.02 kB, 10.2 kB for a batch of 10',
  })
  const shares = [...blocks.values()].map((block) => shareOf(block, totals))
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  expect([0, 0.004, 0.126].map(showShare)).toEqual(['', '<1 %', '13 %'])
})

test('a wire names its axes, for eyes and for ears', () => {
  const aval = get(blocks, 'c').outputs['y']
  if (!aval) throw new Error('a convolution of a picture has an output')
  expect(wireTitle(aval, 10)).toBe(
    'batch × height 8 × width 8 × channels 4\n256 numbers for an example: 1.02 kB, 10.2 kB for a batch of 10',
  )
  expect(wireTitle({ shape: [2], dtype: 'int' }, 10)).toMatch(/^Whole numbers: batch\n1 number for/)
  expect(spokenOutput('conv', get(blocks, 'c'))).toBe('conv gives batch × height 8 × width 8 × channels 4')
  expect(spokenOutput('conv', { outputs: { y: undefined } })).toBe('What conv gives is not known yet')
})
