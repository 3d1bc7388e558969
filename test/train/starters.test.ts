/** From files to a network that is proposed for them and learns from them. */
import { expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { asSource, prepare, proposeSource, readFiles } from '../../src/data/index.ts'
import type { DataFile } from '../../src/data/types.ts'
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { withSource } from '../../src/document/parts.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { DataSection, GraphDocument } from '../../src/document/types.ts'
import { fileOf, valueOf } from '../data/files.ts'
import { npyBytes } from '../data/npy.ts'
import { greyPng } from '../data/pictures/make.ts'
import { cpu, oracle, train } from './runs.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const COUNT = 60
const random = new Rng(3, 'starters')
const points = upTo(COUNT).map(() => [random.uniform(-1, 1), random.uniform(-1, 1)] as const)

/** Which of two lines each point lies above, and whether it is right of the middle. */
const labelled = `east,north,tag_up,tag_left,tag_right\n${points
  .map(([x, y]) => [x, y, Number(y > x), Number(y > -x), Number(x > 0)].join(','))
  .join('\n')}\n`
const csv = (text: string) => [fileOf('points.csv', text)]
const numpy = [
  fileOf('x.npy', npyBytes('<f4', [COUNT, 2], points.flat())),
  fileOf(
    'y.npy',
    npyBytes(
      '|u1',
      [COUNT, 2],
      points.flatMap(([x, y]) => [Number(y > x), Number(x > 0)]),
    ),
  ),
]
/** Bars at any height. */
const pictures = upTo(COUNT).map((n) =>
  fileOf(
    `heap/${n}.png`,
    greyPng(8, 8, (i) => (i >> 3 === n % 8 ? 255 - n : n)),
  ),
)
const series = `t,price,wave\n${upTo(90)
  .map((t) => [t, 20_000 + 100 * t, Math.sin(t / 3)].join(','))
  .join('\n')}\n`

interface Trained {
  readonly document: GraphDocument
  readonly task: string
  readonly losses: readonly number[]
  readonly metrics: readonly string[]
  readonly warnings: readonly string[]
  readonly evaluation: Awaited<ReturnType<Awaited<ReturnType<typeof train>>['run']['evaluate']>>
}

async function trained(
  files: readonly DataFile[],
  change: (data: DataSection) => DataSection = (data) => data,
  epochs = 8,
): Promise<Trained> {
  const opened = valueOf(await readFiles(files))
  const references = [{ name: 'data', size: 1, sha256: 'a'.repeat(64) }]
  const proposal = valueOf(proposeSource(opened, references))
  const data = change(withSource(emptyDocument().data, proposal))
  const { source } = data
  if (source.kind === 'generated') throw new Error('not a file')
  const loaded = valueOf(asSource(source, opened))
  const { graph, training, task } = starterFor(data, COUNT)
  // As it is saved and opened again.
  const drawn = { ...emptyDocument(), graph, training: { ...training, epochs }, data }
  const document = valueOf(parseDocument(formatDocument(drawn), 'x.json'))
  const prepared = valueOf(prepare(loaded.data, document.data))
  const { run, curves } = await train(document, prepared, await cpu())
  const single = await train({ ...document, training: { ...document.training, epochs: 1 } }, prepared, await oracle())
  const losses = (curves['validation.loss'] ?? []).map(([, loss]) => loss)
  // Another backend says the same of the first epoch.
  expect(single.curves['validation.loss']?.at(-1)?.[1]).toBeCloseTo(
    curves['validation.loss']?.find(([step]) => step === single.curves['validation.loss']?.at(-1)?.[0])?.[1] ?? NaN,
    3,
  )
  return {
    document,
    task,
    losses,
    metrics: Object.keys(curves).sort(),
    warnings: proposal.warnings.map(({ message }) => message),
    evaluation: await run.evaluate('validation'),
  }
}

const falls = (losses: readonly number[]) => expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] ?? 0))

test('columns of 0 and 1 that are called alike are labels', { timeout: 300_000 }, async () => {
  const { document, task, losses, metrics, evaluation } = await trained(csv(labelled), undefined, 40)
  expect(task).toBe('labels')
  const { source } = document.data
  expect(source.kind === 'table' && source.columns.map(({ role, label }) => [role, label])).toEqual([
    ['feature', undefined],
    ['feature', undefined],
    ['target', true],
    ['target', true],
    ['target', true],
  ])
  falls(losses)
  expect(metrics).toContain('validation.labelAccuracy')
  expect(metrics).toContain('validation.exactMatch')
  expect(metrics).not.toContain('validation.meanAbsoluteError')
  const found = valueOf(evaluation)
  if (found.kind !== 'labels') throw new Error('no labels')
  expect(found.names).toEqual(['tag_up', 'tag_left', 'tag_right'])
  for (const { accuracy, classes, calibration } of found.labels) {
    // Whatever holds for some and not for others is told better than by always saying the same.
    expect(classes.every(({ support }) => support > 0)).toBe(true)
    expect(classes.reduce((sum, { support }) => sum + support, 0)).toBe(found.looked)
    expect(accuracy).toBeGreaterThan(0.6)
    // Answers are probabilities.
    expect(calibration).not.toBeNull()
  }
})

test('rows of 0 and 1 beside examples are labels', { timeout: 300_000 }, async () => {
  const { document, task, losses } = await trained(numpy, undefined, 20)
  expect(task).toBe('labels')
  expect(document.data.source).toMatchObject({ target: { kind: 'numbers', names: ['y1', 'y2'], labels: true } })
  falls(losses)
})

test('pictures in one heap are given back', { timeout: 300_000 }, async () => {
  const { document, task, losses, warnings, evaluation } = await trained(pictures)
  expect(task).toBe('reconstruction')
  expect(document.data.source).toMatchObject({ features: [8, 8, 1], target: { kind: 'numbers', names: [] } })
  expect(warnings).toEqual([
    'All pictures lie in one folder (heap), so there are no classes to tell apart, and a network can only give them back; for classes choose a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them.',
  ])
  falls(losses)
  expect(valueOf(evaluation).kind).toBe('reconstruction')
})

test('a table of which nothing is the target is given back', { timeout: 300_000 }, async () => {
  const { task, losses } = await trained(
    csv(labelled),
    ({ source, ...rest }) => {
      if (source.kind !== 'table') throw new Error('not a table')
      const columns = source.columns.map(({ label: _, ...column }) => ({ ...column, role: 'feature' as const }))
      return { ...rest, source: { ...source, columns } }
    },
    20,
  )
  expect(task).toBe('reconstruction')
  falls(losses)
})

test('windows over rows have a network for sequences', { timeout: 300_000 }, async () => {
  const { task, document, losses } = await trained(csv(series), (data) => {
    const windows = { length: 6, horizon: 1, stride: 1 }
    return { ...data, preparation: { ...data.preparation, windows } }
  })
  expect(task).toBe('sequenceNumbers')
  expect(Object.values(document.graph.blocks).map(({ type }) => type)).toContain('gru')
  expect(losses.every(Number.isFinite)).toBe(true)
})
