/** Which changes of a drawing a run can be told of while it goes on. */
import { expect, test } from 'vitest'
import type { Edit } from '../../src/document/edits.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import optimizers from '../../src/train/optimizers/index.gen.ts'
import { liveChanges, liveOf } from '../../renderer/state/live.ts'
import { drawn, edited, node } from '../document/documents.ts'

const document = drawn(
  {
    in: node('input', 'points'),
    o: node('dense', 'out', { features: 2 }),
    t: node('target', 'target'),
    l: node('crossEntropy', 'loss'),
  },
  ['in.x > o.x', 'o.y > l.prediction', 't.y > l.target'],
)
const described = optimizers.map((one) => ({ ...one, memories: one.memories.length }))
const changes = (before: GraphDocument, after: GraphDocument) =>
  liveChanges(liveOf(before, described), liveOf(after, described))
const changed = (...edits: readonly Edit[]) => changes(document, edited(document, ...edits))
const weight = { kind: 'setParam', block: 'l', name: 'weight', value: 0.5 } as const
const { training } = document
const withOptimizer = (params: GraphDocument['training']['optimizer']['params'], type = 'adam'): Edit => {
  return { kind: 'setTraining', training: { ...training, optimizer: { type, params } } }
}

test("a loss' weight and the optimizer's parameters are told by name, in both directions", () => {
  expect(changed(weight)).toEqual([['loss.weight', 0.5]])
  expect(changes(edited(document, weight), document)).toEqual([['loss.weight', 1]])
  expect(changed(withOptimizer({ rate: 0.5 }))).toEqual([['rate', 0.5]])
  expect(changed(weight, withOptimizer({ beta1: 0.5 }))).toEqual([
    ['beta1', 0.5],
    ['loss.weight', 0.5],
  ])
  const sgd = edited(document, withOptimizer({}, 'sgd'))
  expect(changes(sgd, edited(sgd, withOptimizer({ nesterov: true }, 'sgd')))).toEqual([['nesterov', 1]])
})

test('nothing is told when nothing changed, or when anything else did', () => {
  expect(changed()).toEqual([])
  expect(changed({ kind: 'moveBlocks', positions: { l: { x: 5, y: 5 } } })).toEqual([])
  expect(changed(withOptimizer({ rate: 0.001 }))).toEqual([])
  for (const other of [
    { kind: 'setParam', block: 'o', name: 'features', value: 3 },
    { kind: 'renameBlock', block: 'l', name: 'cost' },
    { kind: 'removeItems', blocks: [], wires: ['w1'] },
    { kind: 'setTraining', training: { ...training, epochs: 7 } },
    { kind: 'setTraining', training: { ...training, clipping: { norm: 1, value: 0 } } },
  ] as const)
    expect(changed(weight, other), JSON.stringify(other)).toEqual([])
  expect(changed(withOptimizer({}, 'sgd'))).toEqual([])
})

test('a weight inside of a composite is known by its path', () => {
  const inside = {
    title: 'Judge',
    blocks: { l: node('crossEntropy', 'loss') },
    wires: {},
    inputs: { prediction: [{ block: 'l', port: 'prediction' }], target: [{ block: 'l', port: 'target' }] },
    outputs: {},
  }
  const deep = drawn(
    {
      in: node('input', 'points'),
      o: node('dense', 'out', { features: 2 }),
      t: node('target', 'target'),
      c: { ...node('composite', 'judge'), inside },
    },
    ['in.x > o.x', 'o.y > c.prediction', 't.y > c.target'],
  )
  expect(liveOf(deep, described).values.get('judge.loss.weight')).toBe(1)
})
