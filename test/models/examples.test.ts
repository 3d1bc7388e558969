/** What ships must work: it is the first thing that a newcomer trains. */
import { describe, expect, test } from 'vitest'
import type { ParamValues } from '../../src/base/params.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { generatedSource } from '../../src/data/index.ts'
import { applyEdit } from '../../src/document/edits.ts'
import { formatDocument, parseComposite, parseDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { messages, valueOf } from '../data/files.ts'
import { drawn, edited, node, wire, withComposite } from '../document/documents.ts'
import { computing } from '../helpers/computing.ts'
import { cpu, curvesOf, dataFor, open, oracle, train } from '../train/runs.ts'
import { preparedFor, shipped, shippedBlocks, shippedDocuments } from './shipped.ts'

/** Differences that f32 explains in a few steps; see the control below for one that it doesn't. */
const NEAR = 2e-4

/** Fewer and shorter examples, where the reference would take its time, and how many steps. */
const FEW: { readonly [generator: string]: readonly [params: ParamValues, steps: number] } = {
  strokeDigits: [{ count: 20 }, 2],
  adding: [{ count: 10, length: 6 }, 3],
  icons3x3: [{ count: 20 }, 5],
  waves: [{ count: 20, length: 6 }, 3],
}

function smaller(document: GraphDocument): { readonly small: GraphDocument; readonly steps: number } {
  const { source } = document.data
  const few = source.kind === 'generated' ? FEW[source.generator] : undefined
  if (source.kind !== 'generated' || !few) return { small: document, steps: 5 }
  const small = {
    ...document,
    data: { ...document.data, source: valueOf(generatedSource(source.generator, { ...source.params, ...few[0] })) },
    training: { ...document.training, batchSize: 2 },
  }
  return { small, steps: few[1] }
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

  test('gives the same first losses on the CPU engine and on the reference', { timeout: 300_000 }, async () => {
    const { small, steps } = smaller(document)
    const data = await preparedFor(small)
    const losses = async (device: Awaited<ReturnType<typeof cpu>>, of = small) => {
      const { run } = await open(of, data, device)
      for (let i = 0; i < steps; i++) await run.step()
      return (curvesOf(run)['train.loss'] ?? []).map(([, value]) => value)
    }
    const exact = await losses(await oracle())
    const found = await losses(await cpu())
    expect(found).toHaveLength(steps)
    found.forEach((value, i) => expect(Math.abs(value - (exact[i] ?? NaN))).toBeLessThan(NEAR))
    // The control: another seed is further off.
    const other = await losses(await cpu(), { ...small, training: { ...small.training, seed: 77 } })
    expect(other.some((value, i) => Math.abs(value - (exact[i] ?? NaN)) > NEAR)).toBe(true)
  })
})

/** What each note promises: a curve of the validation part, and what its last point must be above or below. */
const PROMISES: { readonly [name: string]: readonly [curve: string, side: 'above' | 'below', bound: string] } = {
  and: ['loss', 'below', '0.0025'],
  autoencoder: ['loss', 'below', '0.05'],
  'gru-adding': ['loss', 'below', '0.005'],
  'icon-autoencoder': ['loss', 'below', '0.001'],
  'icons-4x4': ['accuracy', 'above', '99 %'],
  'icons-8x8': ['accuracy', 'above', '99 %'],
  inception: ['accuracy', 'above', '96 %'],
  iris: ['accuracy', 'above', '93 %'],
  'lenet-5': ['accuracy', 'above', '96 %'],
  'linear-regression': ['loss', 'below', '0.055'],
  'lstm-adding': ['loss', 'below', '0.005'],
  residual: ['accuracy', 'above', '97 %'],
  'rnn-forecast': ['loss', 'below', '0.006'],
  sine: ['meanAbsoluteError', 'below', '0.11'],
  'sine-leaky-relu': ['loss', 'below', '0.0105'],
  'sine-swish': ['loss', 'below', '0.0105'],
  'sine-tanh': ['loss', 'below', '0.0105'],
  'softmax-regression': ['accuracy', 'above', '90 %'],
  spiral: ['accuracy', 'above', '97 %'],
  'stroke-digits': ['accuracy', 'above', '97 %'],
  'variational-autoencoder': ['loss.reconstruction', 'below', '0.01'],
  xor: ['accuracy', 'above', '99 %'],
  'xor-binary': ['accuracy', 'above', '99 %'],
  'xor-regression': ['loss', 'below', '0.002'],
}

describe('with their own settings', () => {
  test('every example promises something', () => {
    expect(Object.keys(PROMISES).sort()).toEqual(shippedDocuments.map(({ name }) => name).sort())
  })

  test.each(Object.entries(PROMISES))(
    '%s ends as well as its note says',
    { timeout: 300_000 },
    async (name, promise) => {
      const document = shipped(name)
      const [curve, side, bound] = promise
      expect(document.note).toMatch(new RegExp(`(above|below|passes) ${bound.replace('.', '\\.')}`))
      const took = computing()
      const { run, curves } = await train(document, await preparedFor(document), await cpu())
      expect(run.progress()).toMatchObject({ state: 'finished', problems: [] })
      const points = curves[`validation.${curve}`] ?? []
      const value = bound.endsWith('%') ? parseFloat(bound) / 100 : Number(bound)
      const away = (reached = NaN) => (side === 'above' ? reached - value : value - reached)
      expect(away(points.at(-1)?.[1])).toBeGreaterThan(0)
      // The control: it was not as good from the start.
      expect(away(points[0]?.[1])).toBeLessThan(0)
      expect(took()).toBeLessThan(120_000)
    },
  )
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
