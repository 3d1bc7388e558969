/**
 * Phase 3: appends the backward pass. Walking the equations in reverse, each one turns the gradient of its output into
 * gradients of its inputs by its vjp rule; gradients that meet at a value are added. Equations that the loss does not
 * depend on, or that depend on no weight, are not visited.
 */
import { at } from '../base/assert.ts'
import { sameShape } from '../base/shape.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import type { Equation, ValueId } from '../ir/program.ts'
import { vjpRules } from '../ir/vjp.ts'
import { differentiateScan } from './3-recurrence.ts'

/** Gradients of the scalar `loss` by each of `by`; zeros where it does not depend on one. */
export function differentiate(builder: Builder, loss: Tensor, by: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) throw new Error('internal: only a scalar can be differentiated')
  return pullBack(builder, [[loss, builder.constant(1)]], by)
}

/** What of a value's gradient one of its users gives. */
interface Contribution {
  readonly gradient: Tensor
  /** For a user that took a part of the value: how; the gradient is then that of the part. */
  readonly part?: Equation<'slice'>
}

/** Gradients by each of `by` of the sum of value times weight over all `seeds`, which are pairs of those. */
export function pullBack(
  builder: Builder,
  seeds: readonly (readonly [value: Tensor, weight: Tensor])[],
  by: readonly Tensor[],
): Tensor[] {
  const { equations } = builder
  const moving = reachable(equations, new Set(by.map((tensor) => tensor.id)))
  const contributions = new Map<ValueId, Contribution[]>()
  const contribute = (id: ValueId, contribution: Contribution) => {
    contributions.set(id, [...(contributions.get(id) ?? []), contribution])
  }
  const gradientOf = (id: ValueId): Tensor | undefined => {
    const found = contributions.get(id)
    if (!found) return undefined
    const gradient = total(builder, builder.tensor(id), found)
    contributions.set(id, gradient ? [{ gradient }] : [])
    return gradient
  }
  for (const [value, weight] of seeds) contribute(value.id, { gradient: weight })
  const path = builder.path
  for (let position = equations.length - 1; position >= 0; position--) {
    const equation = at(equations, position)
    if (!equation.outputs.some((id) => moving.has(id) && contributions.has(id))) continue
    builder.path = equation.path
    const gradients = equation.outputs.map(gradientOf)
    if (equation.primitive === 'scan') {
      const wanted = equation.inputs.map((id) => moving.has(id))
      differentiateScan(builder, position, gradients, wanted).forEach((gradient, i) => {
        if (gradient) contribute(at(equation.inputs, i), { gradient })
      })
      continue
    }
    const gradient = gradients[0]
    if (!gradient) continue
    if (equation.primitive === 'slice') {
      contribute(at(equation.inputs, 0), { gradient, part: equation })
      continue
    }
    applyRule(builder, gradient, equation).forEach((contribution, i) => {
      const id = at(equation.inputs, i)
      if (contribution && moving.has(id)) contribute(id, { gradient: contribution })
    })
  }
  builder.path = path
  return by.map((tensor) => gradientOf(tensor.id) ?? builder.fill(tensor.shape, 0))
}

/** Parts that lie side by side and make up the whole are joined; any other is surrounded by zeros and added. */
function total(builder: Builder, value: Tensor, contributions: readonly Contribution[]): Tensor | undefined {
  const joined = tiling(value, contributions)
  if (joined)
    return builder.concat(
      joined.parts.map(({ gradient }) => gradient),
      joined.axis,
    )
  return contributions
    .map(({ gradient, part }) => {
      if (!part) return gradient
      builder.path = part.path
      return applyRule(builder, gradient, part)[0]
    })
    .reduce<Tensor | undefined>(
      (sum, gradient) => (sum && gradient ? builder.add(sum, gradient) : (gradient ?? sum)),
      undefined,
    )
}

/** The axis along which parts follow each other from the first element of the value to its last, and the parts in order. */
function tiling(
  value: Tensor,
  contributions: readonly Contribution[],
): { readonly axis: number; readonly parts: readonly Contribution[] } | undefined {
  if (contributions.length < 2) return undefined
  const axis = value.shape.findIndex((size, i) => size !== contributions[0]?.gradient.shape[i])
  const others = (shape: readonly number[]) => shape.filter((_, i) => i !== axis)
  const parts = [...contributions].sort((a, b) => startOf(a, axis) - startOf(b, axis))
  let reached = 0
  for (const contribution of parts) {
    const { gradient, part } = contribution
    const follows = startOf(contribution, axis) === reached && sameShape(others(gradient.shape), others(value.shape))
    if (!part || !follows) return undefined
    reached += at(gradient.shape, axis)
  }
  return reached === value.shape[axis] ? { axis, parts } : undefined
}

const startOf = ({ part }: Contribution, axis: number): number => part?.params.start[axis] ?? 0

function applyRule(
  builder: Builder,
  gradient: Tensor,
  equation: Exclude<Equation, { primitive: 'scan' }>,
): readonly (Tensor | null)[] {
  // Table and equation are indexed by the same primitive, which TypeScript can't see through a union.
  const rule = vjpRules[equation.primitive] as (...args: unknown[]) => readonly (Tensor | null)[]
  const inputs = equation.inputs.map((id) => builder.tensor(id))
  return rule(builder, gradient, inputs, equation.params, builder.tensor(at(equation.outputs, 0)))
}

/** Values that depend on the roots. */
function reachable(equations: readonly Equation[], roots: ReadonlySet<ValueId>): Set<ValueId> {
  const moving = new Set(roots)
  for (const equation of equations) {
    if (equation.primitive === 'stopGradient' || !equation.inputs.some((id) => moving.has(id))) continue
    for (const id of equation.outputs) moving.add(id)
  }
  return moving
}
