/** How much room the values of a step get, beside what they could not do without. */
import { describe, expect, test } from 'vitest'
import { documentOf, workloads } from '../../bench/workloads.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { readsOf, writesOf } from '../../src/ir/access.ts'
import { lines, memoryOf, mostAlive } from '../../src/ir/memory.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { verifyPlan } from '../../src/ir/verify.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { examples } from '../helpers/documents.ts'
import { randomDocument } from '../helpers/random-graph.ts'
import { networkOf } from '../helpers/train-steps.ts'

/** Of what is alive at once: more than the placement may take. */
const MOST = 1.5

const planOf = (document: GraphDocument): Plan => networkOf(document, { train: 130, validation: 20 }).plan

function wasteful(plan: Plan): string | undefined {
  const { passing, bound } = memoryOf(plan)
  return passing > MOST * bound ? `${passing} bytes where ${bound} are alive` : undefined
}

/** Each value in a place of its own. */
function apart(plan: Plan): Plan {
  const homes = new Set(plan.slots.map(({ buffer }) => buffer))
  let end = plan.arenaBytes
  const buffers = plan.buffers.map((buffer) => {
    if (homes.has(buffer.id)) return buffer
    const offset = end
    end += lines(4 * buffer.size)
    return { ...buffer, offset }
  })
  return { ...plan, buffers, arenaBytes: end }
}

/** The bound once more, by looking at each moment for each value. */
function naiveBound({ slots, buffers, entries }: Plan): number {
  const homes = new Set(slots.map(({ buffer }) => buffer))
  let most = 0
  for (const { kernels } of entries) {
    const touched = kernels.map((kernel) => {
      const { main, elementwise } = readsOf(kernel)
      return new Set([...writesOf(kernel), ...main, ...elementwise].map(({ buffer }) => buffer))
    })
    for (let now = 0; now < kernels.length; now++) {
      const alive = buffers.filter(
        ({ id }) =>
          !homes.has(id) &&
          touched.slice(0, now + 1).some((some) => some.has(id)) &&
          touched.slice(now).some((some) => some.has(id)),
      )
      most = Math.max(
        most,
        alive.reduce((sum, { size }) => sum + Math.ceil(size / 16) * 64, 0),
      )
    }
  }
  return most
}

const shippedDocuments = [...examples]
const measured = Object.entries(workloads).map(([name, workload]) => [name, documentOf(workload)] as const)
const random = Array.from({ length: 50 }, (_, i) => [`random ${i + 1}`, randomDocument(i + 1)] as const)

describe('what passes takes at most 1.5 times what is alive at once', () => {
  test.each([...shippedDocuments, ...measured])('in %s', (_name, document) => {
    const plan = planOf(document)
    expect(wasteful(plan)).toBeUndefined()
    const { arena, lasting, passing, bound } = memoryOf(plan)
    expect(bound).toBe(naiveBound(plan))
    expect(bound).toBeGreaterThan(0)
    expect(passing).toBeGreaterThanOrEqual(bound)
    expect(arena).toBe(plan.arenaBytes)
    expect(lasting + passing).toBe(arena)
    const held = plan.slots.reduce((sum, { shape, rows }) => sum + 4 * sizeOf(shape) * rows, 0)
    expect(lasting).toBeGreaterThanOrEqual(held)
  })

  test('in 50 random networks', () => {
    for (const [name, document] of random) expect([name, wasteful(planOf(document))]).toEqual([name, undefined])
  })

  test('and values that share nothing take too much', () => {
    for (const [, document] of measured) {
      const plan = apart(planOf(document))
      expect(verifyPlan(plan)).toEqual([])
      expect(wasteful(plan)).toMatch(/bytes where/)
    }
  })
})

test('what is read later is alive for longer', () => {
  const of = (last: number) =>
    mostAlive([
      { id: 0, bytes: 64, first: 0, last: 2 },
      { id: 1, bytes: 128, first: 1, last },
      { id: 2, bytes: 256, first: 2, last: 3 },
    ])
  expect([of(1), of(2), of(3), mostAlive([])]).toEqual([320, 448, 448, 0])
})
