/** Each block on the GPU against the reference, forward and backward, with what every-block.test.ts tries it with on the CPU. */
import { describe, expect, test } from 'vitest'
import { blocks } from '../../../src/blocks/index.ts'
import type { BlockDefinition, BlockExample } from '../../../src/blocks/define.ts'
import { disagreements, type Named } from '../../helpers/agreement.ts'
import { nameOf, trialProgram, trials } from '../../helpers/block-trials.ts'
import { aThousandthOff } from '../../helpers/wrong-plan.ts'
import { missing, titled, webgpu } from './gpu.ts'

/** A software adapter takes some milliseconds for each shader, of which each trial needs some. */
const MOST = 3

/** Other parameters before the same on more shapes. */
function some(block: BlockDefinition): readonly BlockExample[] {
  const all = trials(block)
  const seen = new Set<string>()
  const first = all.filter(({ params }) => !seen.has(JSON.stringify(params)) && seen.add(JSON.stringify(params)))
  return [...first, ...all.filter((one) => !first.includes(one))].slice(0, MOST)
}

const programsOf = (block: BlockDefinition): Named[] =>
  some(block).map((one) => ({ name: nameOf(one), ...trialProgram(block, one) }))

const computing = blocks.filter(({ family }) => family !== 'data')

describe.skipIf(missing)(titled('the block'), { timeout: 120_000 }, () => {
  test.each(computing.map((block) => [block.type, block] as const))('%s', async (_type, block) => {
    expect(await disagreements(webgpu, programsOf(block))).toEqual([])
  })

  test('whose kernel is a thousandth off is noticed', async () => {
    for (const type of ['dense', 'conv2d', 'sigmoid', 'crossEntropy']) {
      const block = computing.find((one) => one.type === type)
      if (!block) throw new Error(type)
      const given = programsOf(block)
      // Not the greatest of a row, which a softmax takes away from all and which changes nothing.
      const found = await disagreements(webgpu, given, (plan) => aThousandthOff(plan, ['map', 'dot', 'conv']))
      const noticed = given.filter(({ name }) => found.some((line) => line.startsWith(`${name},`)))
      expect(noticed.length, type).toBeGreaterThanOrEqual(given.length - 1)
    }
  })
})
