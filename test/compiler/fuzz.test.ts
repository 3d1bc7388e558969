/** Random networks: what the editor accepts compiles, keeps every rule, and trains the same on every backend. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { blocks } from '../../src/blocks/index.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import { analyze, traceForward } from '../../src/compiler/analyze.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { mapViews } from '../../src/ir/access.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { verifyPlan } from '../../src/ir/verify.ts'
import { examples } from '../helpers/documents.ts'
import { numbers } from '../helpers/random.ts'
import { randomDocument } from '../helpers/random-graph.ts'
import { disagreement } from '../helpers/random-networks.ts'
import { wasm } from '../helpers/run-program.ts'
import { difference, TOLERANCE } from '../helpers/tolerance.ts'
import { networkOf } from '../helpers/train-steps.ts'

const SEEDS = Array.from({ length: 80 }, (_, i) => i + 1)
const documents = SEEDS.map((seed): [number, GraphDocument] => [seed, randomDocument(seed)])
describe('random networks', () => {
  test.each(documents)('number %i trains on the CPU engine as on the reference', async (_seed, document) => {
    expect(analyze(document).problems).toEqual([])
    expect(await disagreement(wasm, document)).toBeUndefined()
  })

  test('and a changed kernel would be noticed', async () => {
    let noticed = 0
    for (const [, document] of documents.slice(0, 6)) {
      const change = (plan: Plan): Plan => ({
        ...plan,
        entries: plan.entries.map((entry) => ({
          ...entry,
          kernels: entry.kernels.map((kernel) =>
            kernel.kind === 'dot' && kernel.k > 1 ? { ...kernel, k: kernel.k - 1 } : kernel,
          ),
        })),
      })
      if ((await disagreement(wasm, document, change)) !== undefined) noticed++
    }
    expect(noticed).toBeGreaterThanOrEqual(5)
  })

  test('use every block, share values, join them, and nest', () => {
    const used = new Set(documents.flatMap(([, { graph }]) => Object.values(graph.blocks).map(({ type }) => type)))
    for (const type of [...blocks.map((block) => block.type), 'composite']) expect(used).toContain(type)
    const shared = documents.filter(([, { graph }]) => {
      const from = Object.values(graph.wires).map((wire) => `${wire.from.block}.${wire.from.port}`)
      return new Set(from).size < from.length
    })
    expect(shared.length).toBeGreaterThan(30)
    const losses = ({ graph }: GraphDocument) =>
      Object.values(graph.blocks).filter(({ type }) => type === 'rms' || type === 'crossEntropy')
    expect(documents.filter(([, document]) => losses(document).length > 1).length).toBeGreaterThan(10)
  })
})

describe('gradients of whole random networks', () => {
  /** By every weight and by the features, at some elements each. */
  function wrong(document: GraphDocument, seed: number, factor = 1): string | undefined {
    const { builder, losses } = traceForward(document, flatten(document))
    const loss = losses
      .map(({ outputs }) => outputs['loss'])
      .reduce((sum, one) => (sum && one ? builder.add(sum, one) : (sum ?? one)))
    if (!loss) throw new Error('a random network has a loss')
    const forward = { ...builder.build(), equations: [...builder.equations] }
    const by = builder.inputs.filter(
      ({ value }) => builder.tensor(value).dtype === 'float' && builder.inputs.length > 0,
    )
    const gradients = differentiate(
      builder,
      loss,
      by.map(({ value }) => builder.tensor(value)),
    )
    const rng = new Rng(seed, 'point')
    const data = new Map(
      builder.inputs.map(({ name, value }) => {
        const { shape, dtype } = builder.tensor(value)
        return [name, numbers(rng, shape, dtype === 'int' ? { below: 2 } : 'normal')]
      }),
    )
    const values = evaluate(builder.build(), data)
    const at0 = () => at(evaluate(forward, data)(loss.id).data, 0)
    // Some of them are enough in a large network, always others.
    for (const i of [...rng.permutation(by.length)].slice(0, 8)) {
      const { name } = at(by, i)
      const moved = data.get(name)
      if (!moved || moved.length === 0) continue
      for (let n = 0; n < 2; n++) {
        const element = rng.integer(moved.length)
        const old = at(moved, element)
        moved[element] = old + 1e-5
        const above = at0()
        moved[element] = old - 1e-5
        const measured = (above - at0()) / 2e-5
        moved[element] = old
        const said = factor * at(values(at(gradients, i).id).data, element)
        const { absolute, relative } = TOLERANCE.f64.differences
        const rounding = (4 * Number.EPSILON * Math.abs(above)) / 1e-5
        const found = difference([said], [measured], { absolute: absolute + rounding, relative: 10 * relative })
        if (found !== undefined) return `${name}: ${found}`
      }
    }
    return undefined
  }

  test('are what differences measure', () => {
    for (const [seed, document] of documents) {
      // A point may lie on a kink of ReLU or between two maxima; two such points in a row are a wrong gradient.
      const found = wrong(document, seed) && wrong(document, seed + 1000)
      expect(found, `seed ${seed}`).toBeUndefined()
    }
  }, 300_000)

  test('and are noticed when they are a thousandth too large', () => {
    const noticed = documents.slice(0, 20).filter(([seed, document]) => wrong(document, seed, 1.001) !== undefined)
    // Where a softmax is sure of itself, next to nothing flows back that could be too large.
    expect(noticed.length).toBeGreaterThanOrEqual(18)
  }, 300_000)
})

describe('the shipped examples', () => {
  test.each([...examples])('%s has a plan that keeps every rule', (_name, document) => {
    const { plan } = networkOf(document, { train: 130, validation: 20 })
    expect(plan.entries.length).toBeGreaterThanOrEqual(4)
    // Liveness must really share memory, or the rule about sharing says nothing.
    const homes = new Set(plan.slots.map(({ buffer }) => buffer))
    const passing = plan.buffers.filter(({ id }) => !homes.has(id))
    expect(new Set(passing.map(({ offset }) => offset)).size).toBeLessThan(passing.length)
  })

  test('and a plan whose passing values all lie at one place does not', () => {
    const { plan } = networkOf(at([...examples.values()], 0), { train: 130, validation: 20 })
    const homes = new Set(plan.slots.map(({ buffer }) => buffer))
    const passing = plan.buffers.filter(({ id }) => !homes.has(id))
    const buffers = plan.buffers.map((buffer) =>
      homes.has(buffer.id) ? buffer : { ...buffer, offset: at(passing, 0).offset },
    )
    expect(verifyPlan({ ...plan, buffers, arenaBytes: plan.arenaBytes * 4 }).join()).toMatch(
      /share memory while both are needed/,
    )
    const entries = plan.entries.map((entry) => ({
      ...entry,
      kernels: entry.kernels.map((kernel) => mapViews(kernel, (view) => ({ ...view, offset: view.offset + 1e6 }))),
    }))
    expect(verifyPlan({ ...plan, entries }).join()).toMatch(/reaches elements/)
  })
})
