/** Mistakes in separable and temporal convolutions, networks of words, wide and deep ones, and answers that are pictures. */
import type { GraphDocument } from '../../../src/document/types.ts'
import { example, inside, type Data, type Drawn } from '../../helpers/documents.ts'
import {
  connect,
  deleted,
  draw,
  either,
  fedWith,
  gathered,
  insert,
  only,
  remove,
  replace,
  rewired,
  set,
  valued,
  type Mistake,
} from './mistake.ts'

const { all, mistake } = gathered()

const judged = (from: string, type = 'crossEntropy'): { readonly [name: string]: Drawn } => ({
  truth: ['target'],
  loss: [type, {}, from, 'truth.y'],
})

// A separable network, as phones have them.
const mobile = (own: { [block: string]: object } = {}): GraphDocument =>
  draw(
    { features: [32, 32, 3], classes: 5 },
    {
      x: ['input'],
      stem: ['conv2d', { filters: 16, stride: [2, 2], padding: 'same', ...own['stem'] }, 'x.x'],
      norm: ['batchNorm', {}, 'stem.y'],
      relu: ['relu', {}, 'norm.y'],
      deep: ['depthwiseConv2d', { padding: 'same', ...own['deep'] }, 'relu.y'],
      mix: ['conv2d', { filters: 16, kernel: [1, 1], ...own['mix'] }, 'deep.y'],
      sum: ['add', {}, 'mix.y', 'relu.y'],
      mean: ['globalPooling', {}, 'sum.y'],
      out: ['dense', { features: 5, ...own['out'] }, 'mean.y'],
      soft: ['softmax', {}, 'out.y'],
      ...judged('soft.y'),
    },
  )
mistake('separable: the mix has 24 channels', mobile({ mix: { filters: 24 } }), [
  [set('mix', 'filters', 16)],
  [insert('conv2d', { after: 'relu.y', before: 'sum.b', params: { filters: 24, kernel: [1, 1] } })],
])
mistake(
  'separable: the depthwise part loses its rim',
  mobile({ deep: { padding: 'valid' } }),
  only(set('deep', 'padding', 'same')),
)
mistake('separable: the depthwise part halves', mobile({ deep: { padding: 'same', stride: [2, 2] } }), [
  [set('deep', 'stride', [1, 1])],
  [insert('conv2d', { after: 'relu.y', before: 'sum.b', params: { filters: 16, kernel: [1, 1], stride: [2, 2] } })],
])
mistake(
  'separable: groups of 5',
  mobile({ mix: { filters: 16, kernel: [1, 1], groups: 5 } }),
  only(set('mix', 'groups', 4, 8, 1)),
)
mistake('separable: six outputs', mobile({ out: { features: 6 } }), only(set('out', 'features', 5)))
mistake('separable: no mean at the end', rewired(deleted(mobile(), 'mean'), [], ['sum.y>out.x']), [
  [insert('globalPooling', { after: 'sum.y', before: 'out.x' })],
  [insert('flatten', { after: 'sum.y', before: 'out.x' })],
])
mistake('separable: softmax deleted', deleted(mobile(), 'soft'), only(connect('out.y>loss.prediction')))
mistake('separable: norm deleted', deleted(mobile(), 'norm'), only(connect('stem.y>relu.x')))
mistake('separable: the skip deleted', rewired(mobile(), ['relu.y>sum.b'], []), [
  [connect('relu.y>sum.b')],
  [remove('sum'), connect('mix.y>mean.x')],
])
mistake('separable: no depthwise part', deleted(mobile(), 'deep'), only(connect('relu.y>mix.x')))

// A convolution over time.
const temporal = (
  own: { [block: string]: object } = {},
  data: Data = { features: [40, 4], classes: 6 },
): GraphDocument =>
  draw(data, {
    x: ['input', { ...own['x'] }],
    one: ['conv1d', { filters: 16, padding: 'causal', ...own['one'] }, 'x.x'],
    relu1: ['relu', {}, 'one.y'],
    two: ['conv1d', { filters: 16, padding: 'causal', dilation: 2, ...own['two'] }, 'relu1.y'],
    relu2: ['relu', {}, 'two.y'],
    sum: ['add', {}, 'relu2.y', 'relu1.y'],
    mean: ['globalPooling', {}, 'sum.y'],
    out: ['dense', { features: 6 }, 'mean.y'],
    ...judged('out.y'),
  })
mistake(
  'temporal: no padding in the second',
  temporal({ two: { padding: 'valid' } }),
  only(set('two', 'padding', 'same', 'causal')),
)
mistake('temporal: a stride in the second', temporal({ two: { stride: 2 } }), only(set('two', 'stride', 1)))
mistake('temporal: 20 filters in the second', temporal({ two: { filters: 20 } }), [
  [set('two', 'filters', 16)],
  [insert('dense', { before: 'sum.b', params: { features: 20 } })],
  [insert('conv1d', { before: 'sum.b', params: { filters: 20, kernel: 1 } })],
])
mistake('temporal: handed over flat', temporal({ x: { flat: true } }), only(set('x', 'flat', false)))
mistake(
  'temporal: rows of samples',
  temporal({}, { features: [160], classes: 6 }),
  only(insert('reshape', { before: 'one.x', params: { shape: [160, 1] } })),
)
mistake(
  'temporal: pictures',
  temporal({}, { features: [28, 28, 1], classes: 6 }),
  only(insert('reshape', { before: 'one.x', params: { shape: [28, 28] } })),
)
mistake('temporal: other classes', fedWith(temporal(), { classes: 9 }), only(set('out', 'features', 9)))
mistake('temporal: far gaps without padding', temporal({ one: { padding: 'valid', dilation: 30 }, two: {} }), [
  [set('one', 'dilation', 1)],
  [set('one', 'padding', 'same')],
  [set('one', 'padding', 'causal')],
])

// Words.
const words = (own: { [block: string]: object } = {}): GraphDocument =>
  draw(
    { features: [12], classes: 3 },
    {
      x: ['input'],
      word: ['embedding', { rows: 50, features: 8 }, 'x.x'],
      lstm: ['lstm', { hidden: 16, ...own['lstm'] }, 'word.y'],
      out: ['dense', { features: 3, ...own['out'] }, 'lstm.y'],
      soft: ['softmax', {}, 'out.y'],
      ...judged('soft.y'),
    },
  )
mistake('words: all states go on', words({ lstm: { output: 'sequence' } }), only(set('lstm', 'output', 'last')))
mistake(
  'words: all states go on, in both directions',
  words({ lstm: { output: 'sequence', bidirectional: true } }),
  only(set('lstm', 'output', 'last')),
)
mistake('words: no embedding', rewired(deleted(words(), 'word'), [], ['x.x>lstm.x']), [
  [insert('reshape', { after: 'x.x', before: 'lstm.x', params: { shape: [12, 1] } })],
  [insert('embedding', { after: 'x.x', before: 'lstm.x' })],
])
mistake('words: two outputs', words({ out: { features: 2 } }), only(set('out', 'features', 3)))
mistake(
  'words: a bag without a mean',
  draw(
    { features: [12], classes: 3 },
    {
      x: ['input'],
      word: ['embedding', { rows: 50 }, 'x.x'],
      out: ['dense', { features: 3 }, 'word.y'],
      ...judged('out.y'),
    },
  ),
  either(
    insert('globalPooling', { after: 'word.y', before: 'out.x' }),
    insert('flatten', { after: 'word.y', before: 'out.x' }),
  ),
)
mistake(
  'words: two GRUs, the first ends early',
  draw(
    { features: [12], classes: 3 },
    {
      x: ['input'],
      word: ['embedding', { rows: 50 }, 'x.x'],
      one: ['gru', { hidden: 8, bidirectional: true }, 'word.y'],
      drop: ['dropout', {}, 'one.y'],
      two: ['gru', { hidden: 8 }, 'drop.y'],
      out: ['dense', { features: 3 }, 'two.y'],
      ...judged('out.y'),
    },
  ),
  only(set('one', 'output', 'sequence')),
)

// Wide and deep, and two towers.
const wide = (own: { [block: string]: object } = {}): GraphDocument =>
  draw(
    { features: [10], numbers: 2 },
    {
      x: ['input'],
      fc1: ['dense', { features: 24 }, 'x.x'],
      relu: ['relu', {}, 'fc1.y'],
      fc2: ['dense', { features: 2, ...own['fc2'] }, 'relu.y'],
      line: ['dense', { features: 2, ...own['line'] }, 'x.x'],
      sum: ['add', {}, 'fc2.y', 'line.y'],
      ...judged('sum.y', 'rms'),
    },
  )
mistake('wide and deep: the deep part is 4 wide', wide({ fc2: { features: 4 } }), only(set('fc2', 'features', 2)))
mistake('wide and deep: the wide part is 5 wide', wide({ line: { features: 5 } }), only(set('line', 'features', 2)))
mistake('wide and deep: both are 3 wide', wide({ line: { features: 3 }, fc2: { features: 3 } }), [
  [set('fc2', 'features', 2), set('line', 'features', 2)],
  [insert('dense', { after: 'sum.y', before: 'loss.prediction', params: { features: 2 } })],
])
mistake('wide and deep: the deep part not joined', rewired(wide(), ['fc2.y>sum.a'], []), only(connect('fc2.y>sum.a')))
mistake('wide and deep: no loss', deleted(wide(), 'loss'), only(insert('rms', { after: 'sum.y' })), {
  code: 'graph.loss',
})
mistake('wide and deep: no input', deleted(wide(), 'x'), only(insert('input', { before: 'fc1.x' })), {
  code: 'port.open',
})

// Each pixel has a class; and answers that are pictures.
const pixels = (own: { [block: string]: object } = {}): GraphDocument =>
  draw(
    { features: [16, 16, 1], classes: 2 },
    {
      x: ['input'],
      down: ['conv2d', { filters: 8, stride: [2, 2], padding: 'same', ...own['down'] }, 'x.x'],
      relu: ['relu', {}, 'down.y'],
      up: ['upconv2d', { filters: 4, ...own['up'] }, 'relu.y'],
      relu2: ['relu', {}, 'up.y'],
      last: ['conv2d', { filters: 1, padding: 'same', ...own['last'] }, 'relu2.y'],
      original: ['input'],
      loss: ['l1', {}, 'last.y', 'original.x'],
    },
  )
mistake('pictures: four maps at the end', pixels({ last: { filters: 4 } }), only(set('last', 'filters', 1)))
mistake('pictures: rim lost at the end', pixels({ last: { padding: 'valid' } }), only(set('last', 'padding', 'same')))
mistake('pictures: not made smaller', pixels({ down: { stride: [1, 1] } }), [[set('down', 'stride', [2, 2])]])
mistake('pictures: not made larger', pixels({ up: { stride: [1, 1], outputPadding: [0, 0] } }), [
  [set('down', 'stride', [1, 1])],
  [set('up', 'stride', [2, 2]), set('up', 'outputPadding', [1, 1])],
])
mistake(
  'pictures: one row too few',
  pixels({ up: { outputPadding: [0, 0] } }),
  only(set('up', 'outputPadding', [1, 1])),
)
mistake('pictures: a window of 4', pixels({ up: { kernel: [4, 4] } }), [
  [set('up', 'outputPadding', [0, 0])],
  [set('up', 'kernel', [3, 3])],
])
mistake('pictures: upconv deleted', deleted(pixels(), 'up'), [
  [insert('upconv2d', { after: 'relu.y', before: 'relu2.x' })],
  [insert('upsampling', { after: 'relu.y', before: 'relu2.x', params: { factor: [2, 2] } })],
])
mistake(
  'pictures: the original is flat',
  valued(pixels(), 'original', { flat: true }),
  only(set('original', 'flat', false)),
)

// A tower used twice, and composites.
const tower = inside(
  { fc: ['dense', { features: 8 }], tanh: ['tanh', {}, 'fc.y'], last: ['dense', { features: 6 }, 'tanh.y'] },
  { x: ['fc.x'] },
  { y: 'last.y' },
)
mistake(
  'a tower of pictures',
  draw(
    { features: [6, 6, 2], classes: 6 },
    { x: ['input'], tower: { inside: tower, from: { x: 'x.x' } }, ...judged('tower.y') },
  ),
  either(insert('flatten', { after: 'x.x', before: 'tower.x' }), set('x', 'flat', true)),
)
mistake(
  'a tower that ends with 6 of 5 classes',
  draw(
    { features: [7], classes: 5 },
    { x: ['input'], tower: { inside: tower, from: { x: 'x.x' } }, ...judged('tower.y') },
  ),
  [
    [set('last', 'features', 5)],
    [insert('dense', { after: 'tower.y', before: 'loss.prediction', params: { features: 5 } })],
  ],
  { path: ['tower'] },
)
mistake('lenet-5: a window of 6 in the middle', valued(example('lenet-5'), 'b5', { kernel: [6, 6] }), [
  [set('b5', 'kernel', [5, 5])],
  [set('b8', 'kernel', [4, 4])],
  [set('b8', 'padding', 'same')],
])
mistake(
  'residual: pictures of 8 × 8 as rows',
  fedWith(example('residual'), { features: [64] }),
  only(insert('reshape', { before: 'b2.x', params: { shape: [8, 8, 1] } })),
)
mistake('inception: data of 3 classes', fedWith(example('inception'), { classes: 3 }), only(set('b10', 'features', 3)))
mistake('gru-adding: 7 classes', fedWith(example('gru-adding'), { classes: 7 }), [
  [set('b3', 'features', 7), replace('b4', 'crossEntropy')],
])

export const inFurtherNetworks: readonly Mistake[] = all
