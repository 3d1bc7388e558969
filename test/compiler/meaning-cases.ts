/** Programs whose meaning is easily lost on the way to kernels: outputs that share values and places, expressions of all kinds. */
import { Rng } from '../../src/base/rng.ts'
import type { Shape } from '../../src/base/shape.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { Dtype, InputRole } from '../../src/ir/program.ts'
import { numbers, type Kind } from '../helpers/random.ts'
import type { Given } from '../helpers/run-program.ts'

/** Inputs are called x0, x1, … in the order in which they are asked for. */
export type Write = (g: Builder, given: (shape: Shape, role?: InputRole, kind?: Kind, dtype?: Dtype) => Tensor) => void

export function programOf(write: Write): Given {
  const g = new Builder()
  const rng = new Rng(1, 'meaning')
  const inputs: { [name: string]: Float64Array } = {}
  let count = 0
  write(g, (shape, role = 'data', kind = 'normal', dtype = 'float') => {
    const name = `x${count++}`
    inputs[name] = numbers(rng, shape, kind)
    return g.input(name, role, shape, dtype)
  })
  return { program: g.build(), inputs }
}

export const outputs: readonly [string, Write][] = [
  [
    'when two have the same value',
    (g, x) => {
      const y = g.exp(x([3]))
      g.output('a', 'step', y)
      g.output('b', 'step', y)
      g.output('c', 'step', g.mul(y, 1))
    },
  ],
  [
    'when a result is also a new state',
    (g, x) => {
      const y = g.exp(x([3], 'state'))
      g.output('a', 'step', y)
      g.output('x0', 'state', y)
    },
  ],
  [
    'when a new state is also a result',
    (g, x) => {
      const y = g.exp(x([3], 'state'))
      g.output('x0', 'state', y)
      g.output('a', 'step', y)
    },
  ],
  [
    'when two states swap',
    (g, x) => {
      const [a, b] = [x([3], 'state'), x([3], 'state')]
      g.output('x0', 'state', b)
      g.output('x1', 'state', a)
    },
  ],
  [
    'when three states go round, one of them changed on the way',
    (g, x) => {
      const [a, b, c] = [x([2, 2], 'state'), x([2, 2], 'state'), x([2, 2], 'state')]
      g.output('x0', 'state', b)
      g.output('x1', 'state', g.tanh(c))
      g.output('x2', 'state', a)
    },
  ],
  [
    'when a state is turned over',
    (g, x) => {
      g.output('x0', 'state', g.transpose(x([3, 3], 'state'), [1, 0]))
    },
  ],
  [
    'when a state stays as it is and is recorded',
    (g, x) => {
      const a = x([3], 'state')
      g.output('x0', 'state', a)
      g.output('a', 'step', a)
    },
  ],
  [
    'when each of two states needs the old value of the other',
    (g, x) => {
      const [a, b] = [x([4], 'state'), x([4], 'state')]
      g.output('x0', 'state', g.add(a, g.exp(b)))
      g.output('x1', 'state', g.sub(b, g.exp(a)))
    },
  ],
  [
    'when the old state is needed after the new one is known',
    (g, x) => {
      const w = x([3, 3], 'state')
      const next = g.tanh(w)
      g.output('x0', 'state', next)
      g.output('product', 'step', g.dot(next, w))
      g.output('sum', 'step', g.sum(g.mul(w, next), [0]))
    },
  ],
  [
    'when a new state comes from a product with the old one',
    (g, x) => {
      const w = x([3, 3], 'state')
      g.output('x0', 'state', g.sub(w, g.dot(w, w)))
    },
  ],
  [
    'when a new state is a sum over the old one',
    (g, x) => {
      const w = x([3, 3], 'state')
      g.output('x0', 'state', g.add(w, g.sum(w, [0])))
    },
  ],
  [
    'when it is data, a constant or positions',
    (g, x) => {
      const a = x([3])
      g.output('a', 'step', a)
      g.output('b', 'step', a)
      g.output('c', 'step', g.fill([2, 2], 0.5))
      g.output('d', 'step', g.iota(4))
      g.output('e', 'step', g.broadcast(a, [2, 3], [1]))
    },
  ],
  [
    'when two views of one value are asked for',
    (g, x) => {
      const y = g.tanh(x([2, 3]))
      g.output('a', 'step', g.transpose(y, [1, 0]))
      g.output('b', 'step', g.reshape(y, [3, 2]))
      g.output('c', 'step', y)
    },
  ],
  [
    'when it is a loss of several parts',
    (g, x) => {
      const y = g.mean(g.exp(x([5, 2])))
      g.output('half', 'step', g.mul(y, 0.5))
      g.output('whole', 'step', y)
      g.output('both', 'step', g.add(y, g.mul(y, 0.5)))
    },
  ],
  [
    'when it is the first part of what was computed',
    (g, x) => {
      const y = g.tanh(x([5, 2]))
      g.output('first', 'step', g.slice(y, [0, 0], [2, 2]))
      g.output('rest', 'step', g.slice(y, [2, 0], [3, 2]))
    },
  ],
  [
    'when a new state is the first part of what was computed',
    (g, x) => {
      x([8, 4], 'state')
      const b = x([16, 4], 'state')
      g.output('x0', 'state', g.slice(g.exp(b), [0, 0], [8, 4]))
      g.output('x1', 'state', b)
    },
  ],
]

/** Which WGSL lets its implementations ignore. */
export const SIGNED_ZEROS = 'with zeros of both signs'

export const expressions: readonly [string, Write][] = [
  [
    'with constants that have no JSON',
    (g, x) => {
      const a = x([4])
      g.output('least', 'step', g.max(a, -Infinity))
      g.output('most', 'step', g.max(a, Infinity))
      g.output('none', 'step', g.add(a, NaN))
      g.output('both', 'step', g.select(g.less(a, 0), -Infinity, Infinity))
    },
  ],
  [
    SIGNED_ZEROS,
    (g, x) => {
      const a = x([4])
      g.output('zeros', 'step', g.select(g.less(a, 0), g.div(1, g.fill([4], -0)), g.div(1, g.fill([4], 0))))
    },
  ],
  [
    'with whole numbers',
    (g, x) => {
      const i = x([5], 'data', { below: 9 }, 'int')
      g.output('a', 'step', g.add(g.mul(i, i), g.iota(5)))
      g.output('b', 'step', g.equal(i, g.iota(5)))
      g.output('c', 'step', g.oneHot(i, 4))
      g.output('d', 'step', g.convert(g.mul(g.convert(i, 'float'), 0.7), 'int'))
    },
  ],
  [
    'after layout changes of all kinds',
    (g, x) => {
      const a = g.tanh(x([2, 3, 4]))
      const turned = g.transpose(a, [2, 0, 1])
      g.output('a', 'step', g.add(g.reshape(turned, [8, 3]), g.reshape(a, [8, 3])))
      g.output('b', 'step', g.sum(g.mul(turned, turned), [0, 2]))
      g.output('c', 'step', g.transpose(g.transpose(a, [1, 2, 0]), [2, 0, 1]))
      g.output('d', 'step', g.add(g.reshape(g.reshape(a, [6, 4]), [2, 3, 4]), a))
      g.output('e', 'step', g.reshape(g.transpose(g.reshape(a, [1, 2, 1, 12]), [3, 0, 2, 1]), [4, 3, 2]))
    },
  ],
  [
    'in a product with turned, repeated and grouped operands',
    (g, x) => {
      const [a, b] = [x([2, 3, 4]), x([4, 3])]
      g.output('a', 'step', g.dot(g.transpose(a, [1, 0, 2]), b))
      g.output(
        'b',
        'step',
        g.dot(a, b, {
          contract: [
            [1, 2],
            [1, 0],
          ],
          batch: [[], []],
        }),
      )
      g.output('c', 'step', g.dot(g.broadcast(x([4]), [5, 4], [1]), b))
      g.output('d', 'step', g.tanh(g.add(g.dot(b, b, { contract: [[0], [0]], batch: [[], []] }), x([3]))))
      g.output('e', 'step', g.dot(a, a, { contract: [[2], [2]], batch: [[0], [0]] }))
    },
  ],
  [
    'when a value meets itself turned over, or its own neighbour axis',
    (g, x) => {
      const y = g.tanh(x([3, 3]))
      g.output('y', 'step', y)
      g.output('even', 'step', g.add(y, g.transpose(y, [1, 0])))
      const z = g.exp(g.dot(y, x([3, 3])))
      g.output('z', 'step', z)
      g.output('odd', 'step', g.sub(z, g.transpose(z, [1, 0])))
      const w = g.abs(x([4]))
      g.output('w', 'step', w)
      g.output('table', 'step', g.mul(g.reshape(w, [4, 1]), g.reshape(w, [1, 4])))
    },
  ],
  [
    'when a sum, its root and the values themselves are all needed',
    (g, x) => {
      const a = x([3, 5], 'data', 'positive')
      const total = g.sum(a, [1])
      g.output('share', 'step', g.div(a, g.reshape(total, [3, 1])))
      g.output('root', 'step', g.sqrt(total))
      g.output('total', 'step', total)
      g.output('spread', 'step', g.sum(g.mul(g.sub(a, g.reshape(g.div(total, 5), [3, 1])), a), [1]))
    },
  ],
  [
    'on nothing',
    (g, x) => {
      const a = x([0, 3])
      g.output('a', 'step', g.tanh(a))
      g.output('b', 'step', g.sum(a, [0]))
      g.output('c', 'step', g.dot(x([2, 0]), a))
    },
  ],
]
