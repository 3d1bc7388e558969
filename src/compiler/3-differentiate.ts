/**
 * Phase 3: appends the backward pass. Walking the equations in reverse, each one turns the gradient of its output into
 * gradients of its inputs by its vjp rule; gradients that meet at a value are added. Equations that the loss does not
 * depend on, or that depend on no weight, are not visited.
 */
import { at } from '../base/assert.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import type { Equation, ValueId } from '../ir/program.ts'
import { vjpRules } from '../ir/vjp.ts'

/** Gradients of the scalar `loss` by each of `by`; zeros where it does not depend on one. */
export function differentiate(builder: Builder, loss: Tensor, by: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) throw new Error('internal: only a scalar can be differentiated')
  const equations = [...builder.equations]
  const moving = reachable(equations, new Set(by.map((tensor) => tensor.id)))
  const gradients = new Map<ValueId, Tensor>([[loss.id, builder.constant(1)]])
  const path = builder.path
  for (const equation of equations.reverse()) {
    const output = at(equation.outputs, 0)
    const gradient = gradients.get(output)
    if (!gradient || !moving.has(output)) continue
    builder.path = equation.path
    const contributions = applyRule(builder, gradient, equation)
    equation.inputs.forEach((input, i) => {
      const contribution = contributions[i]
      if (!contribution || !moving.has(input)) return
      const known = gradients.get(input)
      gradients.set(input, known ? builder.add(known, contribution) : contribution)
    })
  }
  builder.path = path
  return by.map((tensor) => gradients.get(tensor.id) ?? builder.fill(tensor.shape, 0))
}

function applyRule(builder: Builder, gradient: Tensor, equation: Equation): readonly (Tensor | null)[] {
  // Table and equation are indexed by the same primitive, which TypeScript can't see through a union.
  const rule = vjpRules[equation.primitive] as (...args: unknown[]) => readonly (Tensor | null)[]
  const inputs = equation.inputs.map((id) => builder.tensor(id))
  return rule(builder, gradient, inputs, equation.params, builder.tensor(at(equation.outputs, 0)))
}

/** Values that depend on the roots. */
function reachable(equations: readonly Equation[], roots: ReadonlySet<ValueId>): Set<ValueId> {
  const moving = new Set(roots)
  for (const equation of equations) {
    if (equation.primitive !== 'stopGradient' && equation.inputs.some((id) => moving.has(id)))
      moving.add(at(equation.outputs, 0))
  }
  return moving
}
