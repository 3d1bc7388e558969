/**
 * What the compiler makes of three small networks, kept as text: the training step as a program, its kernels and where
 * everything lies. A change of a phase shows here what it changes. After a change that is meant:
 *
 *     UPDATE_GOLDEN=1 npx vitest run --project core test/compiler/golden.test.ts
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { simplify } from '../../src/compiler/4-simplify.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { bufferNames, printKernel, printPlan, printProgram } from '../../src/ir/print.ts'
import { draw } from '../helpers/documents.ts'
import { networkOf } from '../helpers/train-steps.ts'

const folder = join(import.meta.dirname, 'golden')
const sgd = { optimizer: { type: 'sgd', params: {} }, batchSize: 4 }

const cases: { readonly [name: string]: GraphDocument } = {
  /** Two classes in a plane; the softmax is undone by the loss. */
  classes: draw(
    { features: [2], classes: 2 },
    {
      x: ['input'],
      hidden: ['dense', { features: 8 }, 'x.x'],
      tanh: ['tanh', {}, 'hidden.y'],
      out: ['dense', { features: 2 }, 'tanh.y'],
      softmax: ['softmax', {}, 'out.y'],
      t: ['target'],
      loss: ['crossEntropy', {}, 'softmax.y', 't.y'],
    },
    sgd,
  ),
  /** Numbers, with Adam. */
  numbers: draw(
    { features: [3], numbers: 1 },
    {
      x: ['input'],
      hidden: ['dense', { features: 4 }, 'x.x'],
      relu: ['relu', {}, 'hidden.y'],
      out: ['dense', { features: 1 }, 'relu.y'],
      t: ['target'],
      loss: ['rms', {}, 'out.y', 't.y'],
    },
    { batchSize: 4 },
  ),
  /** Pictures. */
  pictures: draw(
    { features: [6, 6, 1], classes: 3 },
    {
      x: ['input'],
      conv: ['conv2d', { filters: 2, padding: 'same' }, 'x.x'],
      relu: ['relu', {}, 'conv.y'],
      pool: ['pooling', {}, 'relu.y'],
      flat: ['flatten', {}, 'pool.y'],
      out: ['dense', { features: 3 }, 'flat.y'],
      t: ['target'],
      loss: ['crossEntropy', {}, 'out.y', 't.y'],
    },
    sgd,
  ),
}

function files(document: GraphDocument): { readonly [file: string]: string } {
  const { plan } = networkOf(document, { train: 12, validation: 4 })
  const step = at(plan.entries, 0)
  const figures = plan.entries.map(({ name, kernels }) => `${name}: ${kernels.length} kernels`)
  return {
    'program.txt': `${printProgram(simplify(step.program))}\n`,
    'kernels.txt': `${step.kernels.map((kernel) => printKernel(kernel, bufferNames(plan))).join('\n')}\n`,
    'figures.txt': `${[...figures, `arena: ${plan.arenaBytes} bytes`].join('\n')}\n`,
  }
}

describe('what becomes of the network of', () => {
  test.each(Object.entries(cases))('%s is what it was', (name, document) => {
    for (const [file, text] of Object.entries(files(document))) {
      const path = join(folder, name, file)
      if (process.env['UPDATE_GOLDEN']) {
        mkdirSync(join(folder, name), { recursive: true })
        writeFileSync(path, text)
      }
      expect(existsSync(path), `${name}/${file} is missing; UPDATE_GOLDEN=1 writes it`).toBe(true)
      expect(text).toBe(readFileSync(path, 'utf8'))
    }
  })

  test('and no folder is left of a case that is gone', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(cases).sort())
  })

  test('the same document gives the same plan, to the letter', () => {
    for (const document of Object.values(cases)) {
      const [one, other] = [0, 1].map(() => printPlan(networkOf(document, { train: 12, validation: 4 }).plan))
      expect(one).toBe(other)
    }
  })

  test('and a network that differs in one number has another', () => {
    const text = (features: number) =>
      files(
        draw(
          { features: [2], classes: 2 },
          {
            x: ['input'],
            a: ['dense', { features }, 'x.x'],
            out: ['dense', { features: 2 }, 'a.y'],
            t: ['target'],
            loss: ['crossEntropy', {}, 'out.y', 't.y'],
          },
        ),
      )
    const [one, other] = [text(4), text(5)]
    for (const file of ['program.txt', 'kernels.txt']) expect(one[file]).not.toBe(other[file])
  })
})
