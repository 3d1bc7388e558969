/** What ships must work: it is the first thing that a newcomer trains. */
import { describe, expect, test } from 'vitest'
import { analyze } from '../../src/compiler/analyze.ts'
import { applyEdit } from '../../src/document/edits.ts'
import { formatDocument, parseComposite, parseDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { messages, valueOf } from '../data/files.ts'
import { drawn, edited, node, wire, withComposite } from '../document/documents.ts'
import { cpu, curvesOf, dataFor, open, oracle, train } from '../train/runs.ts'
import { preparedFor, shipped, shippedBlocks, shippedDocuments } from './shipped.ts'

/** Differences that f32 explains in a few steps; see the control below for one that it doesn't. */
const NEAR = 2e-4

function withEpochs(document: GraphDocument, epochs: number): GraphDocument {
  return { ...document, training: { ...document.training, epochs } }
}

/** Fewer examples, where the reference would take its time. */
function smaller(document: GraphDocument): GraphDocument {
  const { source } = document.data
  if (source.kind !== 'generated' || source.generator !== 'strokeDigits') return document
  return {
    ...document,
    data: { ...document.data, source: { ...source, params: { ...source.params, count: 20 } } },
    training: { ...document.training, batchSize: 2 },
  }
}

describe.each(shippedDocuments.map(({ name }) => name))('the example %s', (name) => {
  const document = shipped(name)

  test('opens, is saved as it is in the repository, and has no problem', () => {
    const { text } = shippedDocuments.find((one) => one.name === name) ?? { text: '' }
    expect(JSON.parse(formatDocument(document))).toEqual(JSON.parse(text))
    expect(valueOf(parseDocument(formatDocument(document), name))).toEqual(document)
    const { problems, totals } = analyze(document)
    expect(problems).toEqual([])
    expect(totals.parameters).toBeGreaterThan(0)
    expect(document.note.length).toBeGreaterThan(20)
  })

  test('learns in two epochs', async () => {
    const { run, curves } = await train(withEpochs(document, 2), preparedFor(document), await cpu())
    expect(run.progress()).toMatchObject({ state: 'finished', epoch: 2, problems: [] })
    const losses = (curves['train.loss'] ?? []).map(([, value]) => value)
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const part = Math.max(1, Math.floor(losses.length / 4))
    expect(losses.every(Number.isFinite)).toBe(true)
    expect(mean(losses.slice(-part))).toBeLessThan(mean(losses.slice(0, part)))
    const [first, second] = (curves['validation.loss'] ?? []).map(([, value]) => value)
    expect(second).toBeLessThan(first ?? NaN)
  })

  test('gives the same first five losses on the CPU engine and on the reference', async () => {
    const small = smaller(document)
    const data = preparedFor(small)
    const losses = async (device: Awaited<ReturnType<typeof cpu>>, of = small) => {
      const { run } = await open(of, data, device)
      for (let i = 0; i < 5; i++) await run.step()
      return (curvesOf(run)['train.loss'] ?? []).map(([, value]) => value)
    }
    const exact = await losses(await oracle())
    const found = await losses(await cpu())
    expect(found).toHaveLength(5)
    found.forEach((value, i) => expect(Math.abs(value - (exact[i] ?? NaN))).toBeLessThan(NEAR))
    // The control: another seed is further off.
    const other = await losses(await cpu(), { ...small, training: { ...small.training, seed: 77 } })
    expect(other.some((value, i) => Math.abs(value - (exact[i] ?? NaN)) > NEAR)).toBe(true)
  })
})

describe('with their own settings', () => {
  test.each([
    ['iris', 0.93],
    ['stroke-digits', 0.97],
  ] as const)('%s ends above %d validation accuracy', { timeout: 90_000 }, async (name, least) => {
    const document = shipped(name)
    const started = performance.now()
    const { curves } = await train(document, preparedFor(document), await cpu())
    expect(curves['validation.accuracy']?.at(-1)?.[1]).toBeGreaterThan(least)
    expect(performance.now() - started).toBeLessThan(60_000)
  })
})

describe('the composite blocks that ship', () => {
  test('are there', () => expect(shippedBlocks.length).toBeGreaterThan(0))

  test.each(shippedBlocks.map(({ name }) => name))('%s opens and fits into a network', async (name) => {
    const { text } = shippedBlocks.find((one) => one.name === name) ?? { text: '' }
    const block = valueOf(parseComposite(JSON.parse(text), `${name}.json`))
    const [input = ''] = Object.keys(block.inside?.inputs ?? {})
    const [output = ''] = Object.keys(block.inside?.outputs ?? {})
    const digits = shipped('stroke-digits')
    const document = drawn(
      {
        in: node('input', 'pictures'),
        c: block,
        f: node('flatten', 'flatten'),
        d: node('dense', 'classes', { features: 10 }),
        t: node('target', 'target'),
        l: node('crossEntropy', 'loss'),
      },
      [`in.x > c.${input}`, `c.${output} > f.x`, 'f.y > d.x', 'd.y > l.prediction', 't.y > l.target'],
      { ...digits, graph: { blocks: {}, wires: {} } },
    )
    expect(analyze(document).problems).toEqual([])
    expect(analyze(document).blocks.get('c')?.parameters).toBeGreaterThan(0)

    const unpacked = edited(document, { kind: 'unpack', block: 'c' })
    expect(analyze(unpacked).problems).toEqual([])
    expect(analyze(unpacked).totals).toEqual(analyze(document).totals)
  })

  test('a composite trains as its unpacked blocks do: the same losses from the same weights, to the last bit', async () => {
    const document = withComposite()
    const unpacked = edited(document, { kind: 'unpack', block: 'c1' })
    const data = dataFor(document, 50, 12)
    for (const device of [cpu, oracle]) {
      const packed = await open(document, data, await device())
      const plain = await open(unpacked, data, await device())
      for (const [weight, values] of await packed.run.weights())
        await plain.run.setWeight(weight.replace('layer.', ''), values)
      for (const { run } of [packed, plain]) for (let i = 0; i < 10; i++) await run.step()
      const losses = curvesOf(packed.run)
      expect(losses['train.loss']).toHaveLength(10)
      expect(losses['validation.loss']).toHaveLength(5)
      expect(curvesOf(plain.run)).toEqual(losses)
      // The control: from weights of its own it is another run.
      const own = await open(unpacked, data, await device())
      await own.run.step()
      expect(curvesOf(own.run)['train.loss']?.[0]).not.toEqual(losses['train.loss']?.[0])
    }
  })

  test('a file that is damaged is refused', () => {
    const { text } = shippedBlocks[0] ?? { text: '' }
    const damaged = text.replace('"block": "b1"', '"block": "b9"')
    expect(messages(parseComposite(JSON.parse(damaged), 'c.json')).join()).toContain(
      'leads to a block "b9" that does not exist.',
    )
  })
})

test('the control: an example with a wire to the wrong place has a problem', () => {
  const document = edited(shipped('iris'), { kind: 'connect', id: 'w9', wire: wire('b1.x > b6.prediction') })
  expect(analyze(document).problems.length).toBeGreaterThan(0)
  expect(applyEdit(document, { kind: 'unpack', block: 'b1' }).ok).toBe(false)
})
