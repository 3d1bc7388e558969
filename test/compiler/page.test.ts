/**
 * Keeps the printed forms in docs/how-a-model-becomes-kernels.md fresh. To write them anew after a change that is meant:
 *
 *     UPDATE_GOLDEN=1 npx vitest run --project core test/compiler/page.test.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { simplify } from '../../src/compiler/4-simplify.ts'
import { bufferNames, printKernel, printPlan, printProgram } from '../../src/ir/print.ts'
import { draw } from '../helpers/documents.ts'
import { networkOf } from '../helpers/train-steps.ts'

const page = join(import.meta.dirname, '../../docs/how-a-model-becomes-kernels.md')

const document = draw(
  { features: [2], classes: 2 },
  {
    points: ['input'],
    hidden: ['dense', { features: 3 }, 'points.x'],
    tanh: ['tanh', {}, 'hidden.y'],
    classes: ['dense', { features: 2 }, 'tanh.y'],
    softmax: ['softmax', {}, 'classes.y'],
    truth: ['target'],
    loss: ['crossEntropy', {}, 'softmax.y', 'truth.y'],
  },
  { optimizer: { type: 'sgd', params: {} }, batchSize: 4 },
)

function sections(): Map<string, string> {
  const { plan } = networkOf(document, { train: 12, validation: 4 })
  const step = at(plan.entries, 0)
  const program = printProgram(step.program).split('\n')
  const simple = printProgram(simplify(step.program)).split('\n')
  const isEquation = (line: string) => / = (?!state|data|step|live)/.test(line)
  const of = (path: string) => (line: string) => line.endsWith(` @${path}`)
  // The loss itself is the last equation of the forward pass.
  const turn = program.findIndex((line) => / = neg .*@loss$/.test(line) && line.includes(':float = '))
  const forward = program.slice(0, turn + 1)
  const backward = program.slice(turn + 1)
  const nameOf = bufferNames(plan)
  const kernels = step.kernels.map((kernel) => printKernel(kernel, nameOf))
  const chosen = ['@hidden @tanh', '@classes @tanh', '@hidden @hidden.weight'].map((path) =>
    kernels.find((text) => text.startsWith('dot') && text.split('\n')[0]?.endsWith(path)),
  )
  const all = kernels.join('\n')
  // Of the training step: the other entries' values lie behind its own, or share memory with them.
  const map = printPlan(plan)
    .split('\n')
    .filter((line) => !/ (evaluate|validation|probe|predict)\//.test(line))
    .filter((line) => !/^ +\d+ t\d+ /.test(line) || all.includes(`${line.trim().split(' ')[1]}(`))
  const entries = plan.entries.map(
    ({ name, chunk, kernels }) => `entry ${name} chunk=${chunk} kernels=${kernels.length}`,
  )
  return new Map([
    [
      'flatten',
      flatten(document)
        .blocks.map(({ path, definition, params, inputs }) => {
          const from = Object.entries(inputs).map(([port, source]) => `${port}=${source?.key}.${source?.port}`)
          return [path, definition.type, JSON.stringify(params), ...from].join(' ')
        })
        .join('\n'),
    ],
    ['trace', forward.filter((line) => !/ = (live|state .*(velocity|step)$)/.test(line)).join('\n')],
    ['differentiate', backward.filter((line) => of('tanh')(line) || of('hidden')(line)).join('\n')],
    [
      'update',
      [
        ...program.filter(of('hidden.weight')),
        ...program.filter((line) => line.startsWith('state hidden.weight')),
      ].join('\n'),
    ],
    ['simplify', `${program.filter(isEquation).length} equations before, ${simple.filter(isEquation).length} after`],
    ['kernels', chosen.map((text) => text ?? 'none').join('\n')],
    [
      'plan',
      [
        ...map.slice(
          0,
          map.findIndex((line) => line.startsWith('entry')),
        ),
        ...entries,
      ].join('\n'),
    ],
  ])
}

test('the page shows what the phases really print', () => {
  const text = readFileSync(page, 'utf8')
  let fresh = text
  for (const [name, content] of sections()) {
    expect(content).not.toMatch(/none|undefined|\?/)
    expect(content.length).toBeGreaterThan(20)
    expect(text).toContain(`<!-- ${name} -->\n`)
    fresh = fresh.replace(
      new RegExp(`<!-- ${name} -->\n(\n\`\`\`text\n[^\`]*\`\`\`\n)?`),
      () => `<!-- ${name} -->\n\n\`\`\`text\n${content}\n\`\`\`\n`,
    )
  }
  if (process.env['UPDATE_GOLDEN']) writeFileSync(page, fresh)
  else expect(text).toBe(fresh)
})
