import { expect, test } from 'vitest'
import { analyze } from '../../src/compiler/analyze.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { DataSection, DataSource, TargetDescription } from '../../src/document/types.ts'
import { buildNetwork } from '../../src/train/network.ts'

const classes = (count: number): TargetDescription => {
  return { kind: 'classes', names: Array.from({ length: count }, (_, i) => `c${i}`) }
}
const numbers: TargetDescription = { kind: 'numbers', names: ['a', 'b'] }
const nothing: TargetDescription = { kind: 'numbers', names: [] }
const labels: TargetDescription = { kind: 'numbers', names: ['sea', 'sky', 'sun'], labels: true }
const examples = (features: readonly number[], target: TargetDescription, reader = 'numpy'): DataSource => {
  return { kind: 'examples', reader, options: {}, files: [], features, target }
}

const cases: [what: string, source: DataSource, task: string, has: string][] = [
  ['two numbers', examples([2], classes(2)), 'binary', 'dense'],
  ['many numbers', examples([300], classes(7)), 'classes', 'dense'],
  ['numbers to numbers', examples([13], numbers), 'numbers', 'rms'],
  ['tiny pictures', examples([4, 4, 1], classes(3)), 'classes', 'conv2d'],
  ['a line of pixels', examples([1, 3, 1], classes(3)), 'classes', 'conv2d'],
  ['small pictures', examples([28, 28, 1], classes(10)), 'classes', 'conv2d'],
  ['colour pictures', examples([64, 48, 3], classes(2)), 'binary', 'conv2d'],
  ['pictures to numbers', examples([16, 16, 3], numbers), 'numbers', 'conv2d'],
  ['short sequences', examples([20, 3], classes(4)), 'sequenceClasses', 'gru'],
  ['sequences to numbers', examples([20, 3], numbers), 'sequenceNumbers', 'gru'],
  ['sound', examples([16000, 1], classes(2)), 'sequenceClasses', 'conv1d'],
  ['text', examples([40], classes(60), 'text'), 'nextToken', 'embedding'],
  ['four axes', examples([3, 4, 4, 2], classes(2)), 'binary', 'flatten'],
  ['labels', examples([5], labels), 'labels', 'binaryCrossEntropy'],
  ['pictures with labels', examples([8, 8, 3], labels), 'labels', 'conv2d'],
  ['no target: pictures', examples([28, 28, 1], nothing), 'reconstruction', 'upconv2d'],
  ['no target: pictures of an odd size', examples([5, 7, 3], nothing), 'reconstruction', 'reshape'],
  ['no target: numbers', examples([6], nothing), 'reconstruction', 'dense'],
  ['no target: one number', examples([1], nothing), 'reconstruction', 'dense'],
  ['no target: sequences', examples([12, 2], nothing), 'reconstruction', 'reshape'],
]

const sectionOf = (source: DataSource): DataSection => ({ ...emptyDocument().data, source })

test.each(cases)('%s: a network that compiles as it stands', (_what, source, task, has) => {
  const data = sectionOf(source)
  const { graph, training, ...starter } = starterFor(data)
  expect(starter.task).toBe(task)
  const types = Object.values(graph.blocks).map(({ type }) => type)
  expect(types).toContain(has)
  const document = { ...emptyDocument(), data, graph, training }
  expect(analyze(document).problems).toEqual([])
  expect(buildNetwork(document, { train: 100, validation: 20 }).ok).toBe(true)
  if (task === 'reconstruction') return
  // The same network for other answers does not.
  const other = source.kind === 'examples' ? source.target.names.length + 1 : 0
  const wrong = { ...document, data: sectionOf({ ...source, target: classes(other) } as DataSource) }
  expect(analyze(wrong).problems.length).toBeGreaterThan(0)
})

test('a network with a target says that there is none', () => {
  const { graph } = starterFor(sectionOf(examples([6], numbers)))
  const document = { ...emptyDocument(), graph, data: sectionOf(examples([6], nothing)) }
  expect(analyze(document).problems.map(({ message }) => message)).toEqual([
    'Target target: the data have no target; give a column that role, or compare with the Input itself.',
  ])
})

test('names of blocks are free, and no two stand in one place', () => {
  for (const [, source] of cases) {
    const blocks = Object.values(starterFor(sectionOf(source)).graph.blocks)
    expect(new Set(blocks.map(({ name }) => name)).size).toBe(blocks.length)
    expect(new Set(blocks.map(({ position: { x, y } }) => `${x} ${y}`)).size).toBe(blocks.length)
  }
})

test('the task is said with the names of the data', () => {
  const column = (name: string, role: 'feature' | 'target', kind: 'numeric' | 'categorical', categories?: string[]) => {
    return { name, role, kind, ...(categories && { categories }) }
  }
  const table = (target: ReturnType<typeof column>): DataSource => {
    return {
      kind: 'table',
      reader: 'csv',
      options: {},
      files: [],
      columns: [column('x', 'feature', 'numeric'), target],
    }
  }
  const says = (source: DataSource) => starterFor(sectionOf(source)).says
  expect(says(table(column('price', 'target', 'numeric')))).toBe('Predict price.')
  expect(says(table(column('kind', 'target', 'categorical', ['cat', 'dog'])))).toBe('Tell cat from dog (kind).')
  expect(says(table(column('kind', 'target', 'categorical', ['a', 'b', 'c'])))).toBe('Tell 3 classes apart (kind).')
  expect(says(examples([40], classes(60), 'text'))).toBe('Predict what comes next in the text.')
  expect(says(examples([4], labels))).toBe('Say which of 3 labels hold: sea, sky, sun.')
  expect(says(examples([4], nothing))).toContain('Give each example back as it is')
})
