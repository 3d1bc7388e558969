/**
 * Programs on the GPU against the reference, of the same generators as those of the CPU engine: every primitive with its
 * gradients, what is easily lost on the way to kernels, loops, and random programs.
 */
import { describe, expect, test } from 'vitest'
import { vjpRules, type Differentiable } from '../../../src/ir/vjp.ts'
import { expressions, outputs, programOf, SIGNED_ZEROS } from '../../compiler/meaning-cases.ts'
import { disagreements, type Named } from '../../helpers/agreement.ts'
import { randomProgram } from '../../helpers/random-program.ts'
import { aThousandthOff } from '../../helpers/wrong-plan.ts'
import { primitivePrograms } from '../../ir/primitive-programs.ts'
import { elmanProgram, SIZES } from '../../ir/scan-cases.ts'
import { missing, titled, webgpu } from './gpu.ts'

/** A software adapter takes some milliseconds for each shader. */
const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1)
/** Programs in a plan. */
const TOGETHER = 20

function random(seeds: readonly number[]): Named[] {
  return seeds.map((seed) => {
    const { program, data } = randomProgram(seed)
    return { name: `seed ${seed}`, program, inputs: data }
  })
}

const primitives = Object.keys(vjpRules) as Differentiable[]

describe.skipIf(missing)(titled('programs'), { timeout: 120_000 }, () => {
  test.each(primitives)('the primitive %s and its gradients', async (primitive) => {
    expect(await disagreements(webgpu, primitivePrograms(primitive))).toEqual([])
  })

  test('outputs that share values and places, and expressions of all kinds', async () => {
    const kept = [...outputs, ...expressions].filter(([name]) => name !== SIGNED_ZEROS)
    const given = kept.map(([name, write]) => ({ name, ...programOf(write) }))
    expect(await disagreements(webgpu, given)).toEqual([])
  })

  test('loops, forward and backward', async () => {
    const given = [false, true].flatMap((reverse) => SIZES.map((sizes) => elmanProgram(sizes, reverse)))
    expect(await disagreements(webgpu, given)).toEqual([])
  })

  const parts = SEEDS.filter((_, i) => i % TOGETHER === 0).map((first) => [first, first + TOGETHER - 1] as const)
  test.each(parts)('random ones, %i to %i', async (first, last) => {
    expect(await disagreements(webgpu, random(SEEDS.slice(first - 1, last)))).toEqual([])
  })

  test('and a kernel that is a thousandth off is noticed', async () => {
    const given = random(SEEDS.slice(0, 10))
    const found = await disagreements(webgpu, given, (plan) => aThousandthOff(plan))
    const noticed = given.filter(({ name }) => found.some((line) => line.startsWith(`${name},`)))
    expect(noticed.length).toBeGreaterThanOrEqual(8)
  })
})
