/** Mistakes in the examples that ship and in some small drawings. */
import type { ParamValue } from '../../../src/base/params.ts'
import type { BlockNode, GraphDocument, Inside } from '../../../src/document/types.ts'
import { example, inside, type Data, type Drawn } from '../../helpers/documents.ts'
import {
  added,
  altered,
  connect,
  cut,
  deleted,
  draw,
  either,
  fedWith,
  gathered,
  insert,
  only,
  remove,
  rename,
  repeat,
  replace,
  rewired,
  set,
  valued,
  type Change,
  type Expected,
  type Mistake,
} from './mistake.ts'

const { all, mistake } = gathered()

// Units of the last layer that are not what the target has.
const lastUnits: readonly (readonly [string, string, number, readonly number[]])[] = [
  ['and', 'b2', 1, [2]],
  ['gru-adding', 'b3', 1, [4]],
  ['icons-4x4', 'b6', 2, [3, 8]],
  ['icons-8x8', 'b8', 4, [3, 16]],
  ['inception', 'b10', 10, [9]],
  ['iris', 'b4', 3, [2, 4]],
  ['lenet-5', 'b13', 10, [9, 84]],
  ['linear-regression', 'b2', 1, [3]],
  ['lstm-adding', 'b3', 1, [2]],
  ['residual', 'b12', 10, [16]],
  ['rnn-forecast', 'b3', 1, [20]],
  ['sine', 'b6', 1, [32]],
  ['sine-leaky-relu', 'b16', 1, [10]],
  ['sine-swish', 'b16', 1, [2]],
  ['sine-tanh', 'b16', 1, [5]],
  ['softmax-regression', 'b2', 3, [1, 4]],
  ['spiral', 'b6', 2, [3, 32]],
  ['stroke-digits', 'b11', 10, [1, 64]],
  ['xor', 'b4', 2, [3]],
  ['xor-binary', 'b4', 1, [2]],
  ['xor-regression', 'b4', 1, [2]],
]
for (const [name, block, right, wrong] of lastUnits)
  for (const units of wrong)
    mistake(
      `${name}: ${units} units at the end`,
      valued(example(name), block, { features: units }),
      only(set(block, 'features', right)),
    )

// A Flatten that is not there: wired past it, its gap, and a wire that is tried across the gap.
const flattens: readonly (readonly [string, string, string, string])[] = [
  ['icons-4x4', 'b5', 'b4.y', 'b6.x'],
  ['icons-8x8', 'b7', 'b6.y', 'b8.x'],
  ['inception', 'b7', 'b6.y', 'b8.x'],
  ['lenet-5', 'b10', 'b9.y', 'b11.x'],
  ['stroke-digits', 'b8', 'b7.y', 'b9.x'],
  ['variational-autoencoder', 'b4', 'b3.y', 'b5.x'],
]
for (const [name, block, from, to] of flattens) {
  const gap = deleted(example(name), block)
  const expected = only(insert('flatten', { after: from, before: to }))
  mistake(`${name}: wired past the Flatten`, rewired(gap, [], [`${from}>${to}`]), expected)
  mistake(`${name}: Flatten deleted, its gap open`, gap, expected, { code: 'port.open' })
  mistake(`${name}: Flatten deleted, a wire tried across the gap`, gap, expected, { wire: `${from}>${to}` })
}
{
  const gap = deleted(example('residual'), 'b11')
  const place = { after: 'b10.y', before: 'b12.x' }
  const expected = either(insert('flatten', place), insert('globalPooling', place))
  mistake('residual: wired past the Global Pooling', rewired(gap, [], ['b10.y>b12.x']), expected)
  mistake('residual: Global Pooling deleted, its gap open', gap, expected, { code: 'port.open' })
  mistake('residual: Global Pooling deleted, a wire tried across the gap', gap, expected, { wire: 'b10.y>b12.x' })
}

// A block deleted together with its wires.
const gaps: readonly (readonly [string, string, string])[] = [
  ['iris', 'b3', 'b2.y>b4.x'],
  ['iris', 'b5', 'b4.y>b6.prediction'],
  ['lenet-5', 'b6', 'b5.y>b7.x'],
  ['lenet-5', 'b12', 'b11.y>b13.x'],
  ['stroke-digits', 'b3', 'b2.y>b4.x'],
  ['stroke-digits', 'b12', 'b11.y>b13.prediction'],
  ['spiral', 'b3', 'b2.y>b4.x'],
  ['spiral', 'b7', 'b6.y>b8.prediction'],
  ['sine', 'b5', 'b4.y>b6.x'],
  ['sine-tanh', 'b9', 'b8.y>b10.x'],
  ['residual', 'b4', 'b3.y>b5.x'],
  ['icons-8x8', 'b5', 'b4.y>b6.x'],
  ['autoencoder', 'b5', 'b4.y>b6.x'],
  ['xor', 'b3', 'b2.y>b4.x'],
  ['xor-binary', 'b5', 'b4.y>b6.prediction'],
  ['variational-autoencoder', 'b9', 'b8.y>b10.x'],
]
for (const [name, block, wire] of gaps)
  mistake(
    `${name}: ${example(name).graph.blocks[block]?.name} deleted`,
    deleted(example(name), block),
    only(connect(wire)),
  )

// A wire cut.
const cuts: readonly (readonly [string, string])[] = [
  ['lenet-5', 'b8.y>b9.x'],
  ['sine', 'b4.y>b5.x'],
  ['stroke-digits', 'b1.x>b2.x'],
  ['residual', 'b10.y>b11.x'],
  ['inception', 'b4.y>b5.x'],
  ['iris', 'b7.y>b6.target'],
  ['sine', 'b8.y>b7.target'],
  ['xor-binary', 'b7.y>b6.target'],
  ['autoencoder', 'b10.x>b9.target'],
  ['variational-autoencoder', 'b5.mean>b6.mean'],
  ['variational-autoencoder', 'b5.logVariance>b7.logVariance'],
]
for (const [name, wire] of cuts)
  mistake(`${name}: ${wire} cut`, rewired(example(name), [wire], []), only(connect(wire)))

// Ends of the drawing that are gone.
for (const [name, block, loss] of [
  ['iris', 'b7', 'b6.target'],
  ['sine', 'b8', 'b7.target'],
  ['lenet-5', 'b16', 'b15.target'],
] as const)
  mistake(`${name}: no Target`, deleted(example(name), block), only(insert('target', { before: loss })))
mistake(
  'xor-binary: no Target',
  deleted(example('xor-binary'), 'b7'),
  only(insert('target', { before: 'b6.target', params: { encoding: 'number' } })),
)
mistake('autoencoder: nothing to compare with', deleted(example('autoencoder'), 'b10'), [
  [connect('b1.x>b9.target')],
  [insert('input', { before: 'b9.target' })],
])
for (const [name, first] of [
  ['iris', 'b2.x'],
  ['sine', 'b2.x'],
  ['lenet-5', 'b2.x'],
  ['gru-adding', 'b2.x'],
] as const)
  mistake(`${name}: no Input`, deleted(example(name), 'b1'), only(insert('input', { before: first })))

// No loss.
for (const [name, loss, type, from] of [
  ['iris', 'b6', 'crossEntropy', 'b5.y'],
  ['lenet-5', 'b15', 'crossEntropy', 'b14.y'],
  ['spiral', 'b8', 'crossEntropy', 'b7.y'],
  ['sine', 'b7', 'rms', 'b6.y'],
  ['linear-regression', 'b3', 'rms', 'b2.y'],
  ['gru-adding', 'b4', 'rms', 'b3.y'],
  ['xor-binary', 'b6', 'binaryCrossEntropy', 'b5.y'],
] as const)
  mistake(`${name}: no loss`, deleted(example(name), loss), only(insert(type, { after: from })), { code: 'graph.loss' })

// Windows, strides and paddings.
const windows: readonly (readonly [string, string, { readonly [param: string]: ParamValue }, Expected])[] = [
  ['lenet-5', 'b8', { kernel: [7, 7] }, either(set('b8', 'kernel', [5, 5]), set('b8', 'padding', 'same'))],
  ['lenet-5', 'b8', { kernel: [9, 3] }, either(set('b8', 'kernel', [5, 3]), set('b8', 'padding', 'same'))],
  [
    'lenet-5',
    'b2',
    { padding: 'valid' },
    either(set('b8', 'kernel', [4, 4]), set('b8', 'padding', 'same'), set('b2', 'padding', 'same')),
  ],
  ['lenet-5', 'b7', { size: [20, 20], stride: [20, 20] }, only(set('b7', 'size', [2, 2]), set('b7', 'stride', [2, 2]))],
  [
    'stroke-digits',
    'b5',
    { kernel: [15, 15] },
    either(set('b5', 'kernel', [12, 12], [11, 11]), set('b5', 'padding', 'same')),
  ],
  ['stroke-digits', 'b7', { size: [9, 9] }, either(set('b7', 'size', [8, 8]))],
  ['icons-8x8', 'b6', { size: [8, 8], stride: [8, 8] }, either(set('b6', 'size', [6, 6]))],
  ['icons-4x4', 'b4', { size: [5, 5] }, either(set('b4', 'size', [4, 4]))],
  [
    'icons-8x8',
    'b2',
    { kernel: [9, 9] },
    either(set('b2', 'kernel', [3, 3], [8, 8], [7, 7]), set('b2', 'padding', 'same')),
  ],
  ['autoencoder', 'b4', { stride: [1, 1] }, either(set('b4', 'stride', [2, 2]))],
  ['autoencoder', 'b2', { stride: [4, 4] }, either(set('b2', 'stride', [2, 2]))],
  ['autoencoder', 'b8', { stride: [1, 1] }, either(set('b8', 'stride', [2, 2]))],
  ['autoencoder', 'b8', { filters: 3 }, either(set('b8', 'filters', 1))],
  ['autoencoder', 'b8', { outputPadding: [0, 0] }, either(set('b8', 'outputPadding', [1, 1]))],
  ['autoencoder', 'b8', { padding: [0, 0] }, either(set('b8', 'padding', [1, 1]))],
  ['autoencoder', 'b8', { outputPadding: [2, 2] }, either(set('b8', 'outputPadding', [1, 1]))],
  ['icon-autoencoder', 'b7', { filters: 8 }, either(set('b7', 'filters', 1))],
  ['icon-autoencoder', 'b7', { kernel: [3, 3] }, either(set('b7', 'kernel', [2, 2]))],
  ['icon-autoencoder', 'b7', { stride: [2, 2] }, either(set('b7', 'stride', [1, 1]))],
  [
    'icon-autoencoder',
    'b2',
    { kernel: [3, 3] },
    either(set('b4', 'kernel', [1, 1]), set('b4', 'padding', 'same'), set('b2', 'kernel', [2, 2])),
  ],
  ['variational-autoencoder', 'b13', { kernel: [3, 3] }, either(set('b13', 'kernel', [2, 2]))],
  ['variational-autoencoder', 'b13', { filters: 2 }, either(set('b13', 'filters', 1))],
  [
    'variational-autoencoder',
    'b10',
    { shape: [1, 1, 32] },
    either(set('b10', 'shape', [1, 1, 64], [1, 1, -1]), set('b8', 'features', 32)),
  ],
  [
    'variational-autoencoder',
    'b8',
    { features: 60 },
    either(set('b10', 'shape', [1, 1, 60], [1, 1, -1]), set('b8', 'features', 64)),
  ],
  ['stroke-digits', 'b5', { groups: 3 }, either(set('b5', 'groups', 1, 2, 4))],
  ['lenet-5', 'b5', { groups: 4 }, either(set('b5', 'groups', 1, 2))],
]
for (const [name, block, params, expected] of windows)
  mistake(
    `${name}: ${example(name).graph.blocks[block]?.name} with ${JSON.stringify(params)}`,
    valued(example(name), block, params),
    expected,
  )

// Pictures handed over as a list, and other orders.
for (const [name, ids] of [
  ['autoencoder', ['b1', 'b10']],
  ['icon-autoencoder', ['b1', 'b9']],
  ['icons-4x4', ['b1']],
  ['icons-8x8', ['b1']],
  ['inception', ['b1']],
  ['lenet-5', ['b1']],
  ['residual', ['b1']],
  ['stroke-digits', ['b1']],
  ['variational-autoencoder', ['b1', 'b15']],
  ['gru-adding', ['b1']],
  ['lstm-adding', ['b1']],
  ['rnn-forecast', ['b1']],
] as const)
  for (const id of ids)
    mistake(
      `${name}: ${example(name).graph.blocks[id]?.name} handed over flat`,
      valued(example(name), id, { flat: true }),
      only(set(id, 'flat', false)),
    )
mistake(
  'stroke-digits: Flatten before the pooling',
  rewired(example('stroke-digits'), ['b6.y>b7.x', 'b7.y>b8.x', 'b8.y>b9.x'], ['b6.y>b8.x', 'b8.y>b7.x', 'b7.y>b9.x']),
  only(connect('b6.y>b7.x'), connect('b7.y>b8.x'), connect('b8.y>b9.x')),
)
mistake(
  'lenet-5: Flatten before the last convolution',
  rewired(example('lenet-5'), ['b7.y>b8.x', 'b9.y>b10.x', 'b10.y>b11.x'], ['b7.y>b10.x', 'b10.y>b8.x', 'b9.y>b11.x']),
  only(connect('b7.y>b8.x'), connect('b9.y>b10.x'), connect('b10.y>b11.x')),
)
mistake(
  'icons-8x8: Flatten before the pooling',
  rewired(example('icons-8x8'), ['b5.y>b6.x', 'b6.y>b7.x', 'b7.y>b8.x'], ['b5.y>b7.x', 'b7.y>b6.x', 'b6.y>b8.x']),
  only(connect('b5.y>b6.x'), connect('b6.y>b7.x'), connect('b7.y>b8.x')),
)
for (const [name, from, to] of [
  ['stroke-digits', 'b4.y', 'b5.x'],
  ['icons-8x8', 'b3.y', 'b4.x'],
  ['lenet-5', 'b1.x', 'b2.x'],
] as const)
  mistake(
    `${name}: a second Flatten too early`,
    rewired(added(example(name), 'early', 'flatten'), [`${from}>${to}`], [`${from}>early.x`, `early.y>${to}`]),
    only(remove('early'), connect(`${from}>${to}`)),
  )

// A whole sequence where its end was meant, and the other way round.
for (const name of ['gru-adding', 'lstm-adding', 'rnn-forecast'])
  mistake(
    `${name}: the whole sequence goes on`,
    valued(example(name), 'b2', { output: 'sequence' }),
    only(set('b2', 'output', 'last')),
  )
const sequences: Data = { features: [12, 3], numbers: 1 }
const pictures: Data = { features: [8, 8, 3], classes: 4 }
const lists: Data = { features: [16], classes: 4 }
const judged = (from: string, type = 'crossEntropy'): { readonly [name: string]: Drawn } => ({
  truth: ['target'],
  loss: [type, {}, from, 'truth.y'],
})
for (const type of ['lstm', 'gru', 'rnn'])
  mistake(
    `two ${type} in a row, the first gives its last state only`,
    draw(sequences, {
      x: ['input'],
      first: [type, { hidden: 8 }, 'x.x'],
      second: [type, { hidden: 8 }, 'first.y'],
      out: ['dense', { features: 1 }, 'second.y'],
      ...judged('out.y', 'rms'),
    }),
    only(set('first', 'output', 'sequence')),
  )
mistake(
  'attention after the last state of a GRU',
  draw(sequences, {
    x: ['input'],
    gru: ['gru', { hidden: 8 }, 'x.x'],
    look: ['attention', {}, 'gru.y'],
    mean: ['globalPooling', {}, 'look.y'],
    out: ['dense', { features: 1 }, 'mean.y'],
    ...judged('out.y', 'rms'),
  }),
  only(set('gru', 'output', 'sequence')),
)
mistake(
  'attention of a sequence straight into the answer',
  draw(sequences, {
    x: ['input'],
    up: ['dense', { features: 8 }, 'x.x'],
    look: ['attention', { heads: 2 }, 'up.y'],
    out: ['dense', { features: 1 }, 'look.y'],
    ...judged('out.y', 'rms'),
  }),
  [
    [insert('globalPooling', { after: 'look.y', before: 'out.x' })],
    [insert('flatten', { after: 'look.y', before: 'out.x' })],
  ],
)
mistake(
  'a Conv1D straight into the answer',
  draw(sequences, {
    x: ['input'],
    conv: ['conv1d', { filters: 6 }, 'x.x'],
    relu: ['relu', {}, 'conv.y'],
    out: ['dense', { features: 1 }, 'relu.y'],
    ...judged('out.y', 'rms'),
  }),
  [
    [insert('globalPooling', { after: 'relu.y', before: 'out.x' })],
    [insert('flatten', { after: 'relu.y', before: 'out.x' })],
  ],
)

// Another data set under the same drawing.
for (const [name, block, classes] of [
  ['stroke-digits', 'b11', 26],
  ['lenet-5', 'b13', 47],
  ['residual', 'b12', 2],
  ['icons-8x8', 'b8', 6],
  ['spiral', 'b6', 5],
  ['iris', 'b4', 4],
] as const)
  mistake(
    `${name}: data of ${classes} classes`,
    fedWith(example(name), { classes }),
    only(set(block, 'features', classes)),
  )
for (const [name, block, numbers] of [
  ['sine', 'b6', 3],
  ['linear-regression', 'b2', 2],
  ['gru-adding', 'b3', 2],
] as const)
  mistake(
    `${name}: data of ${numbers} targets`,
    fedWith(example(name), { numbers }),
    only(set(block, 'features', numbers)),
  )
mistake('sine: data of 3 classes', fedWith(example('sine'), { classes: 3 }), [
  [set('b6', 'features', 3), replace('b7', 'crossEntropy')],
])
mistake('rnn-forecast: data of 5 classes', fedWith(example('rnn-forecast'), { classes: 5 }), [
  [set('b3', 'features', 5), replace('b4', 'crossEntropy')],
])
mistake('linear-regression: data of 2 classes', fedWith(example('linear-regression'), { classes: 2 }), [
  [set('b2', 'features', 2), replace('b3', 'crossEntropy')],
  [replace('b3', 'binaryCrossEntropy'), set('b4', 'encoding', 'number')],
])
for (const [name, units, softmax, loss] of [
  ['iris', 'b4', 'b5', 'b6'],
  ['spiral', 'b6', 'b7', 'b8'],
  ['stroke-digits', 'b11', 'b12', 'b13'],
] as const)
  mistake(`${name}: data of 4 numbers`, fedWith(example(name), { numbers: 4 }), [
    [set(units, 'features', 4), replace(loss, 'rms'), remove(softmax)],
    [set(units, 'features', 4), replace(loss, 'rms'), replace(softmax, 'linear')],
  ])
mistake(
  'autoencoder: pictures of 30 × 30',
  fedWith(example('autoencoder'), { features: [30, 30, 1] }),
  either(set('b6', 'outputPadding', [0, 0])),
)
mistake(
  'autoencoder: pictures with colours',
  fedWith(example('autoencoder'), { features: [28, 28, 3] }),
  either(set('b8', 'filters', 3)),
)
mistake(
  'icon-autoencoder: pictures with colours',
  fedWith(example('icon-autoencoder'), { features: [3, 3, 3] }),
  either(set('b7', 'filters', 3)),
)
mistake(
  'lenet-5: pictures of 12 × 12',
  fedWith(example('lenet-5'), { features: [12, 12, 1] }),
  either(set('b8', 'kernel', [1, 1]), set('b8', 'padding', 'same'), set('b5', 'padding', 'same')),
)
mistake(
  'stroke-digits: pictures of 8 × 8',
  fedWith(example('stroke-digits'), { features: [8, 8, 1] }),
  either(set('b5', 'kernel', [2, 2], [1, 1]), set('b5', 'padding', 'same'), set('b2', 'padding', 'same')),
)
mistake(
  'icons-8x8: pictures of 6 × 6',
  fedWith(example('icons-8x8'), { features: [6, 6, 1] }),
  either(set('b6', 'size', [4, 4])),
)
mistake(
  'icons-4x4: pictures of 3 × 3',
  fedWith(example('icons-4x4'), { features: [3, 3, 1] }),
  either(set('b4', 'size', [3, 3])),
)
for (const [name, first, features, shape] of [
  ['stroke-digits', 'b2.x', [784], [28, 28, 1]],
  ['lenet-5', 'b2.x', [784], [28, 28, 1]],
  ['residual', 'b2.x', [784], [28, 28, 1]],
  ['icons-8x8', 'b2.x', [64], [8, 8, 1]],
  ['icons-4x4', 'b2.x', [16], [4, 4, 1]],
] as const)
  mistake(
    `${name}: pictures as rows of ${features[0]} numbers`,
    fedWith(example(name), { features }),
    only(insert('reshape', { after: 'b1.x', before: first, params: { shape } })),
  )
mistake(
  'gru-adding: the sequence as a row of numbers',
  fedWith(example('gru-adding'), { features: [100] }),
  only(insert('reshape', { after: 'b1.x', before: 'b2.x' })),
)
mistake(
  'lstm-adding: pictures',
  fedWith(example('lstm-adding'), { features: [28, 28, 1] }),
  either(
    insert('reshape', { after: 'b1.x', before: 'b2.x', params: { shape: [28, 28] } }),
    insert('reshape', { after: 'b1.x', before: 'b2.x', params: { shape: [28, -1] } }),
  ),
)
for (const [name, features] of [
  ['spiral', [8, 8, 1]],
  ['xor', [4, 4, 3]],
  ['sine', [20, 2]],
] as const)
  mistake(
    `${name}: ${features.length === 3 ? 'pictures' : 'sequences'}`,
    fedWith(example(name), { features }),
    either(insert('flatten', { after: 'b1.x', before: 'b2.x' }), set('b1', 'flat', true)),
  )

// Losses that don't go with the target.
mistake('xor-binary: the target as one-hot', valued(example('xor-binary'), 'b7', { encoding: 'oneHot' }), [
  [set('b7', 'encoding', 'number')],
])
mistake(
  'xor-binary: Cross Entropy of one output',
  altered(example('xor-binary'), 'b6', { type: 'crossEntropy', params: {} }),
  [[replace('b6', 'binaryCrossEntropy')]],
)
mistake(
  'xor: one output with a Sigmoid before Cross Entropy',
  altered(valued(example('xor'), 'b4', { features: 1 }), 'b5', { type: 'sigmoid' }),
  [[replace('b6', 'binaryCrossEntropy'), set('b7', 'encoding', 'number')]],
)
for (const [name, loss] of [
  ['sine', 'b7'],
  ['linear-regression', 'b3'],
  ['rnn-forecast', 'b4'],
  ['gru-adding', 'b4'],
] as const)
  mistake(
    `${name}: Cross Entropy of numbers`,
    altered(example(name), loss, { type: 'crossEntropy', params: {} }),
    either(replace(loss, 'rms')),
  )
mistake(
  'iris: one output with a Sigmoid and Binary Cross Entropy for three classes',
  altered(altered(valued(example('iris'), 'b4', { features: 1 }), 'b5', { type: 'sigmoid' }), 'b6', {
    type: 'binaryCrossEntropy',
    params: {},
  }),
  [
    [set('b4', 'features', 3), replace('b5', 'softmax'), replace('b6', 'crossEntropy')],
    [set('b4', 'features', 3), remove('b5'), replace('b6', 'crossEntropy')],
  ],
)
mistake(
  'lenet-5: RMS of too few outputs',
  altered(valued(example('lenet-5'), 'b13', { features: 1 }), 'b15', { type: 'rms', params: {} }),
  [[set('b13', 'features', 10), replace('b15', 'crossEntropy')]],
)
mistake(
  'stroke-digits: two class weights for ten classes',
  valued(example('stroke-digits'), 'b13', { classWeights: [1, 2] }),
  either(set('b13', 'classWeights', [], [1, 2, 1, 1, 1, 1, 1, 1, 1, 1])),
)
mistake(
  'xor-binary: two weights of yes for one output',
  valued(example('xor-binary'), 'b6', { positiveWeight: [1, 2] }),
  either(set('b6', 'positiveWeight', [1])),
)

// Wires at the wrong place.
mistake(
  'iris: the features as the target',
  rewired(example('iris'), ['b7.y>b6.target'], ['b1.x>b6.target']),
  only(connect('b7.y>b6.target')),
)
mistake(
  'lenet-5: the features as the target',
  rewired(example('lenet-5'), ['b16.y>b15.target'], ['b1.x>b15.target']),
  only(connect('b16.y>b15.target')),
)
mistake(
  'stroke-digits: the hidden layer as the prediction',
  rewired(example('stroke-digits'), ['b12.y>b13.prediction'], ['b10.y>b13.prediction']),
  only(connect('b12.y>b13.prediction')),
)
mistake(
  'iris: the features as the prediction',
  rewired(example('iris'), ['b5.y>b6.prediction'], ['b1.x>b6.prediction']),
  only(connect('b5.y>b6.prediction')),
)
mistake(
  'stroke-digits: a convolution behind the Flatten',
  rewired(
    example('stroke-digits'),
    ['b4.y>b5.x', 'b7.y>b8.x', 'b8.y>b9.x', 'b6.y>b7.x'],
    ['b4.y>b7.x', 'b7.y>b8.x', 'b8.y>b5.x', 'b6.y>b9.x'],
  ),
  only(connect('b7.y>b5.x'), connect('b6.y>b8.x'), connect('b8.y>b9.x')),
)
for (const [name, gone, wrong, right] of [
  ['iris', 'b5.y>b6.prediction', 'b5.y>b6.input', 'b5.y>b6.prediction'],
  ['lenet-5', 'b16.y>b15.target', 'b16.y>b15.label', 'b16.y>b15.target'],
  ['sine', 'b2.y>b3.x', 'b2.y>b3.input', 'b2.y>b3.x'],
  ['spiral', 'b4.y>b5.x', 'b4.out>b5.x', 'b4.y>b5.x'],
  ['rnn-forecast', 'b2.y>b3.x', 'b2.sequence>b3.x', 'b2.y>b3.x'],
] as const)
  mistake(
    `${name}: a wire ${wrong} at a port that is not there`,
    rewired(example(name), [gone], [wrong]),
    only(connect(right), cut(wrong)),
    { code: 'port.unknown' },
  )

// Circles.
for (const [name, gone, back] of [
  ['lenet-5', 'b1.x>b2.x', 'b4.y>b2.x'],
  ['sine', 'b1.x>b2.x', 'b5.y>b2.x'],
  ['stroke-digits', 'b1.x>b2.x', 'b10.y>b2.x'],
] as const) {
  mistake(`${name}: ${back} closes a circle`, rewired(example(name), [gone], [back]), only(connect(gone), cut(back)), {
    code: 'graph.cycle',
  })
}
const looped = {
  x: ['input'],
  first: ['dense', { features: 16 }, 'x.x'],
  sum: ['add', {}, 'x.x', 'first.y'],
  relu: ['relu', {}, 'sum.y'],
  second: ['dense', { features: 16 }, 'relu.y'],
  out: ['dense', { features: 4 }, 'second.y'],
  ...judged('out.y'),
} as const
for (const from of ['relu.y', 'second.y'])
  mistake(
    `${from} fed back into an Add`,
    rewired(draw(lists, looped), [], [`${from}>sum.c`]),
    only(cut(`${from}>sum.c`)),
    { code: 'graph.cycle' },
  )

// Skips.
const skip = (hidden: number, units: number, type = 'add'): GraphDocument =>
  draw(lists, {
    x: ['input'],
    fc1: ['dense', { features: hidden }, 'x.x'],
    relu: ['relu', {}, 'fc1.y'],
    fc2: ['dense', { features: units }, 'relu.y'],
    join: [type, {}, 'fc2.y', 'x.x'],
    out: ['dense', { features: 4 }, 'join.y'],
    ...judged('out.y'),
  })
const projection = (filters: number): Change =>
  insert('dense', { after: 'x.x', before: 'join.b', params: { features: filters } })
for (const type of ['add', 'multiply']) {
  mistake(
    `${type}: a branch of 20 and a skip of 16`,
    skip(16, 20, type),
    either(set('fc2', 'features', 16), projection(20)),
  )
  mistake(
    `${type}: a whole branch of 32 and a skip of 16`,
    skip(32, 32, type),
    either(projection(32), set('fc2', 'features', 16)),
  )
}
const bottleneck = (first: object, second: object, type = 'add'): GraphDocument =>
  draw(pictures, {
    x: ['input'],
    stem: ['conv2d', { filters: 8, padding: 'same' }, 'x.x'],
    conv1: ['conv2d', { filters: 8, padding: 'same', ...first }, 'stem.y'],
    relu: ['relu', {}, 'conv1.y'],
    conv2: ['conv2d', { filters: 8, padding: 'same', ...second }, 'relu.y'],
    join: [type, {}, 'conv2.y', 'stem.y'],
    mean: ['globalPooling', {}, 'join.y'],
    out: ['dense', { features: 4 }, 'mean.y'],
    ...judged('out.y'),
  })
const project = (params: { readonly [name: string]: ParamValue } = {}): Change =>
  insert('conv2d', { after: 'stem.y', before: 'join.b', params: { kernel: [1, 1], ...params } })
for (const type of ['add', 'multiply'])
  mistake(
    `${type}: a branch of 16 channels and a skip of 8`,
    bottleneck({ filters: 16 }, { filters: 16 }, type),
    only(project({ filters: 16 })),
  )
mistake(
  'add: the last convolution has 12 channels, the skip 8',
  bottleneck({}, { filters: 12 }),
  either(set('conv2', 'filters', 8), project({ filters: 12 })),
)
mistake(
  'add: the branch is half as large',
  bottleneck({ stride: [2, 2] }, {}),
  either(set('conv1', 'stride', [1, 1]), project({ filters: 8, stride: [2, 2] })),
)
mistake(
  'add: the branch is half as large and twice as deep',
  bottleneck({ stride: [2, 2], filters: 16 }, { filters: 16 }),
  only(project({ filters: 16, stride: [2, 2] })),
)
mistake('add: the branch loses its rim', bottleneck({ padding: 'valid' }, {}), either(set('conv1', 'padding', 'same')))
mistake(
  'add: the branch loses its rim late',
  bottleneck({}, { padding: 'valid' }),
  either(set('conv2', 'padding', 'same')),
)
mistake('concat: the branch is half as large', bottleneck({ stride: [2, 2] }, {}, 'concat'), [
  [set('conv1', 'stride', [1, 1])],
  [insert('pooling', { after: 'stem.y', before: 'join.b' })],
])
mistake(
  'concat: along the batch',
  draw(lists, {
    x: ['input'],
    left: ['dense', { features: 5 }, 'x.x'],
    right: ['dense', { features: 7 }, 'x.x'],
    join: ['concat', { axis: 0 }, 'left.y', 'right.y'],
    out: ['dense', { features: 4 }, 'join.y'],
    ...judged('out.y'),
  }),
  either(set('join', 'axis', -1, 1)),
)
mistake(
  'concat: along an axis that lists don’t have',
  draw(lists, {
    x: ['input'],
    left: ['dense', { features: 5 }, 'x.x'],
    right: ['dense', { features: 7 }, 'x.x'],
    join: ['concat', { axis: 3 }, 'left.y', 'right.y'],
    out: ['dense', { features: 4 }, 'join.y'],
    ...judged('out.y'),
  }),
  either(set('join', 'axis', -1, 1)),
)
mistake(
  'concat: channels of different number along the height',
  draw(pictures, {
    x: ['input'],
    left: ['conv2d', { filters: 5, padding: 'same' }, 'x.x'],
    right: ['conv2d', { filters: 7, padding: 'same' }, 'x.x'],
    join: ['concat', { axis: 1 }, 'left.y', 'right.y'],
    mean: ['globalPooling', {}, 'join.y'],
    out: ['dense', { features: 4 }, 'mean.y'],
    ...judged('out.y'),
  }),
  either(set('join', 'axis', -1, 3)),
)
mistake(
  'concat: a picture with a list',
  draw(pictures, {
    x: ['input'],
    conv: ['conv2d', { filters: 5 }, 'x.x'],
    flat: ['flatten', {}, 'x.x'],
    fc: ['dense', { features: 7 }, 'flat.y'],
    join: ['concat', {}, 'conv.y', 'fc.y'],
    out: ['dense', { features: 4 }, 'join.y'],
    ...judged('out.y'),
  }),
  [
    [insert('flatten', { after: 'conv.y', before: 'join.a' })],
    [insert('globalPooling', { after: 'conv.y', before: 'join.a' })],
  ],
)

// The same within composites.
const branches: readonly (readonly [string, string, { readonly [param: string]: ParamValue }, Change])[] = [
  ['b2', 'b11', { padding: 'valid' }, set('b11', 'padding', 'same')],
  ['b2', 'b5', { padding: 'valid' }, set('b5', 'padding', 'same')],
  ['b2', 'b9', { padding: 'valid' }, set('b9', 'padding', 'same')],
  ['b4', 'b11', { stride: [2, 2] }, set('b11', 'stride', [1, 1])],
  ['b4', 'b9', { stride: [2, 2] }, set('b9', 'stride', [1, 1])],
  ['b4', 'b1', { stride: [2, 2] }, set('b1', 'stride', [1, 1])],
  ['b6', 'b7', { stride: [2, 2] }, set('b7', 'stride', [1, 1])],
]
for (const [composite, block, params, right] of branches)
  mistake(
    `inception: ${block} within ${composite} with ${JSON.stringify(params)}`,
    valued(example('inception'), block, params, [composite]),
    [[right]],
    { path: [composite] },
  )
mistake(
  'residual: channels within a composite',
  valued(example('residual'), 'b4', { filters: 16 }, ['b6']),
  [[set('b4', 'filters', 8)], [insert('conv2d', { after: ' in.x', before: 'b6.b', params: { filters: 16 } })]],
  { path: ['b6'] },
)
mistake(
  'residual: wide branch within a composite',
  valued(valued(example('residual'), 'b1', { filters: 32 }, ['b10']), 'b4', { filters: 32 }, ['b10']),
  [[insert('conv2d', { after: ' in.x', before: 'b6.b', params: { filters: 32, kernel: [1, 1] } })]],
  { path: ['b10'] },
)
// What comes next wants 8 channels as well, so that no projection of the skip would do.
mistake(
  'residual: wide branch within a composite before another',
  valued(valued(example('residual'), 'b1', { filters: 16 }, ['b6']), 'b4', { filters: 16 }, ['b6']),
  [
    [set('b4', 'filters', 8)],
    [insert('conv2d', { after: 'b5.y', before: 'b6.a', params: { filters: 8, kernel: [1, 1] } })],
  ],
  { path: ['b6'] },
)
mistake(
  'residual: stride within a composite',
  valued(example('residual'), 'b1', { stride: [2, 2] }, ['b7']),
  [
    [set('b1', 'stride', [1, 1])],
    [insert('conv2d', { after: ' in.x', before: 'b6.b', params: { filters: 8, stride: [2, 2] } })],
  ],
  { path: ['b7'] },
)
mistake(
  'residual: rim lost within a composite',
  valued(example('residual'), 'b4', { padding: 'valid' }, ['b10']),
  [[set('b4', 'padding', 'same')]],
  { path: ['b10'] },
)
mistake(
  'residual: a shortcut that keeps the size',
  valued(example('residual'), 'b6', { stride: [2, 2] }, ['b9']),
  [[set('b6', 'stride', [1, 1])]],
  { path: ['b9'] },
)
mistake(
  'residual: a norm deleted within a composite',
  deleted(example('residual'), 'b2', ['b6']),
  only(connect('b1.y>b3.x')),
  { path: ['b6'] },
)
mistake(
  'residual: the branch of a composite cut before the Add',
  rewired(example('residual'), ['b5.y>b6.a'], [], ['b7']),
  only(connect('b5.y>b6.a')),
  { path: ['b7'] },
)
mistake(
  'inception: a branch cut before the Concat',
  rewired(example('inception'), ['b6.y>b14.b'], [], ['b4']),
  only(connect('b6.y>b14.b')),
  { path: ['b4'] },
)
const halves: Inside = inside(
  { a: ['dense', { features: 8 }], b: ['dense', { features: 8 }], join: ['add', {}, 'a.y', 'b.y'] },
  { left: ['a.x'], right: ['b.x'] },
  { y: 'join.y' },
)
{
  const twice = draw(lists, {
    x: ['input'],
    pair: { inside: halves, from: { left: 'x.x', right: 'x.x' } },
    out: ['dense', { features: 4 }, 'pair.y'],
    ...judged('out.y'),
  })
  mistake('a composite with two inputs repeated', altered(twice, 'pair', { repeat: 3 }), only(repeat('pair', 1)))
  const { inside: _gone, ...hollow } = twice.graph.blocks['pair'] as BlockNode
  const once = draw(lists, {
    x: ['input'],
    hidden: ['dense', { features: 8 }, 'x.x'],
    pair: ['relu', {}, 'hidden.y'],
    out: ['dense', { features: 4 }, 'hidden.y'],
    ...judged('out.y'),
  })
  mistake(
    'a composite that holds nothing',
    rewired(
      { ...once, graph: { ...once.graph, blocks: { ...once.graph.blocks, pair: hollow } } },
      ['hidden.y>out.x', 'hidden.y>pair.x'],
      ['hidden.y>pair.x', 'pair.y>out.x'],
    ),
    only(remove('pair'), connect('hidden.y>out.x')),
    { code: 'composite.empty' },
  )
}

// Values that are out of range.
const ranges: readonly (readonly [string, string, { readonly [param: string]: ParamValue }, Change])[] = [
  ['iris', 'b4', { features: 0 }, set('b4', 'features', 3)],
  ['lenet-5', 'b13', { features: -10 }, set('b13', 'features', 10)],
  ['sine', 'b6', { features: 0 }, set('b6', 'features', 1)],
  ['iris', 'b2', { features: 0 }, set('b2', 'features', 1, 16)],
  ['stroke-digits', 'b9', { features: 12.5 }, set('b9', 'features', 12, 13)],
  ['stroke-digits', 'b2', { stride: [0, 0] }, set('b2', 'stride', [1, 1])],
  ['stroke-digits', 'b2', { padding: 'full' }, set('b2', 'padding', 'valid', 'same')],
  ['icons-8x8', 'b6', { size: [0, 6] }, set('b6', 'size', [1, 6], [2, 2], [6, 6])],
  ['gru-adding', 'b2', { dropout: 1.5 }, set('b2', 'dropout', 0.999, 0)],
  ['gru-adding', 'b2', { layers: 40 }, set('b2', 'layers', 16)],
  ['icon-autoencoder', 'b3', { slope: 'steep' }, set('b3', 'slope')],
]
for (const [name, block, params, right] of ranges)
  mistake(
    `${name}: ${example(name).graph.blocks[block]?.name} with ${JSON.stringify(params)}`,
    valued(example(name), block, params),
    [[right]],
    { code: 'param.value' },
  )
const steps = (block: string, type: string, params: object): GraphDocument =>
  draw(sequences, {
    x: ['input'],
    up: ['dense', { features: 12 }, 'x.x'],
    [block]: [type, { ...params }, 'up.y'],
    mean: ['globalPooling', {}, `${block}.y`],
    out: ['dense', { features: 1 }, 'mean.y'],
    ...judged('out.y', 'rms'),
  })
mistake(
  'attention: 5 heads for 12 features',
  steps('look', 'attention', { heads: 5 }),
  either(set('look', 'heads', 4, 6)),
)
mistake(
  'groupNorm: 8 groups of 12 channels',
  steps('norm', 'groupNorm', { groups: 8 }),
  either(set('norm', 'groups', 6, 12)),
)
mistake(
  'permute: an order of three axes for two',
  steps('turn', 'permute', { order: [3, 1, 2] }),
  either(set('turn', 'order', [2, 1])),
)
mistake(
  'conv1d: a window longer than the sequence',
  steps('conv', 'conv1d', { kernel: 20 }),
  either(set('conv', 'kernel', 12, 11), set('conv', 'padding', 'same', 'causal')),
)
mistake(
  'pooling1d: a window longer than the sequence',
  steps('pool', 'pooling1d', { size: 13 }),
  either(set('pool', 'size', 12)),
)
mistake(
  'softmax: along an axis that is not there',
  steps('soft', 'softmax', { axis: 5 }),
  either(set('soft', 'axis', -1, 2)),
)

// Blocks that nobody knows, and names.
for (const [name, block, type, expected] of [
  ['iris', 'b3', 'maxout', either(remove('b3'), replace('b3', 'relu'))],
  ['iris', 'b3', 'ReLU', either(replace('b3', 'relu'))],
  ['sine', 'b2', 'Linear', either(replace('b2', 'dense'), replace('b2', 'linear'))],
  ['lenet-5', 'b5', 'Conv2D', either(replace('b5', 'conv2d'))],
  ['lenet-5', 'b4', 'MaxPooling2D', either(replace('b4', 'pooling'))],
  ['iris', 'b4', 'fully connected', either(replace('b4', 'dense'))],
  [
    'stroke-digits',
    'b8',
    'unroller',
    [[replace('b8', 'flatten')], [remove('b8'), insert('flatten', { after: 'b7.y', before: 'b9.x' })]],
  ],
] as const)
  mistake(`${name}: a block of type ${type}`, altered(example(name), block, { type }), expected, {
    code: 'block.unknown',
  })
mistake(
  'iris: two blocks of one name',
  altered(example('iris'), 'b4', { name: 'hidden' }),
  either(rename('b4'), rename('b2')),
)
mistake(
  'lenet-5: two blocks of one name',
  altered(example('lenet-5'), 'b8', { name: 'c3' }),
  either(rename('b8'), rename('b5')),
)
mistake(
  'iris: another use of a block that is gone',
  altered(example('iris'), 'b3', { type: 'relu', shares: 'b99' }),
  either(remove('b3'), replace('b3', 'relu')),
  { code: 'block.shares' },
)

// Wires that are tried.
mistake(
  'stroke-digits: the hidden layer tried as the prediction',
  rewired(example('stroke-digits'), ['b12.y>b13.prediction'], []),
  [[insert('dense', { after: 'b10.y', before: 'b13.prediction', params: { features: 10 } })]],
  { wire: 'b10.y>b13.prediction' },
)
mistake(
  'iris: the features tried as the prediction',
  rewired(example('iris'), ['b5.y>b6.prediction'], []),
  [[insert('dense', { after: 'b1.x', before: 'b6.prediction', params: { features: 3 } })]],
  { wire: 'b1.x>b6.prediction' },
)
mistake(
  'a picture tried at a Dense',
  draw(pictures, {
    x: ['input'],
    conv: ['conv2d', { filters: 8 }, 'x.x'],
    relu: ['relu', {}, 'conv.y'],
    out: ['dense', { features: 4 }],
    ...judged('out.y'),
  }),
  either(
    insert('flatten', { after: 'relu.y', before: 'out.x' }),
    insert('globalPooling', { after: 'relu.y', before: 'out.x' }),
  ),
  { wire: 'relu.y>out.x' },
)
mistake(
  'a list tried at a convolution',
  draw(
    { features: [784], classes: 10 },
    {
      x: ['input'],
      conv: ['conv2d', { filters: 8 }],
      flat: ['flatten', {}, 'conv.y'],
      out: ['dense', { features: 10 }, 'flat.y'],
      ...judged('out.y'),
    },
  ),
  only(insert('reshape', { after: 'x.x', before: 'conv.x', params: { shape: [28, 28, 1] } })),
  { wire: 'x.x>conv.x' },
)
mistake(
  'a list of colours tried at a convolution',
  draw(
    { features: [3072], classes: 10 },
    {
      x: ['input'],
      conv: ['conv2d', { filters: 8 }],
      flat: ['flatten', {}, 'conv.y'],
      out: ['dense', { features: 10 }, 'flat.y'],
      ...judged('out.y'),
    },
  ),
  only(insert('reshape', { after: 'x.x', before: 'conv.x', params: { shape: [32, 32, 3] } })),
  { wire: 'x.x>conv.x' },
)
mistake(
  'a picture tried at an LSTM',
  draw(pictures, {
    x: ['input'],
    lstm: ['lstm', { hidden: 8 }],
    out: ['dense', { features: 4 }, 'lstm.y'],
    ...judged('out.y'),
  }),
  either(
    insert('reshape', { after: 'x.x', before: 'lstm.x', params: { shape: [8, 24] } }),
    insert('reshape', { after: 'x.x', before: 'lstm.x', params: { shape: [8, -1] } }),
  ),
  { wire: 'x.x>lstm.x' },
)
mistake(
  'the code of a decoder tried at its first UpConv2D',
  deleted(example('variational-autoencoder'), 'b10'),
  only(insert('reshape', { after: 'b9.y', before: 'b11.x', params: { shape: [1, 1, 64] } })),
  { wire: 'b9.y>b11.x' },
)
mistake('a skip of lists tried at an Add', rewired(skip(32, 32), ['x.x>join.b'], []), only(projection(32)), {
  wire: 'x.x>join.b',
})
mistake(
  'a skip of pictures tried at an Add',
  rewired(bottleneck({ filters: 16 }, { filters: 16 }), ['stem.y>join.b'], []),
  only(project({ filters: 16 })),
  { wire: 'stem.y>join.b' },
)
mistake(
  'a skip of larger pictures tried at an Add',
  rewired(bottleneck({ filters: 16, stride: [2, 2] }, { filters: 16 }), ['stem.y>join.b'], []),
  only(project({ filters: 16, stride: [2, 2] })),
  { wire: 'stem.y>join.b' },
)
mistake(
  'larger pictures tried at a Concat',
  rewired(bottleneck({ stride: [2, 2] }, {}, 'concat'), ['stem.y>join.b'], []),
  either(
    insert('pooling', { after: 'stem.y', before: 'join.b' }),
    project({ stride: [2, 2] }),
    insert('upsampling', { after: 'conv2.y', before: 'join.a' }),
  ),
  { wire: 'stem.y>join.b' },
)
mistake(
  'a picture tried at a Concat of lists',
  rewired(
    draw(pictures, {
      x: ['input'],
      conv: ['conv2d', { filters: 5 }, 'x.x'],
      flat: ['flatten', {}, 'x.x'],
      fc: ['dense', { features: 7 }, 'flat.y'],
      join: ['concat', {}, 'fc.y', 'conv.y'],
      out: ['dense', { features: 4 }, 'join.y'],
      ...judged('out.y'),
    }),
    ['conv.y>join.b'],
    [],
  ),
  either(
    insert('flatten', { after: 'conv.y', before: 'join.b' }),
    insert('globalPooling', { after: 'conv.y', before: 'join.b' }),
  ),
  { wire: 'conv.y>join.b' },
)
mistake(
  'a picture tried as the answer to a list of classes',
  rewired(
    draw(pictures, {
      x: ['input'],
      conv: ['conv2d', { filters: 4 }, 'x.x'],
      ...judged('conv.y'),
    }),
    ['conv.y>loss.prediction'],
    [],
  ),
  either(insert('globalPooling', { after: 'conv.y', before: 'loss.prediction' })),
  { wire: 'conv.y>loss.prediction' },
)
mistake(
  'lenet-5: the target tried from the features',
  rewired(example('lenet-5'), ['b16.y>b15.target'], []),
  only(connect('b16.y>b15.target')),
  { wire: 'b1.x>b15.target' },
)
mistake(
  'the last state tried at a second LSTM',
  rewired(
    draw(sequences, {
      x: ['input'],
      first: ['lstm', { hidden: 8 }, 'x.x'],
      second: ['lstm', { hidden: 8 }, 'first.y'],
      out: ['dense', { features: 1 }, 'second.y'],
      ...judged('out.y', 'rms'),
    }),
    ['first.y>second.x'],
    [],
  ),
  only(set('first', 'output', 'sequence')),
  { wire: 'first.y>second.x' },
)

export const inExamples: readonly Mistake[] = all
