/**
 * Differentiation of a loop: a loop that runs the other way. What its steps need of the forward steps, the forward loop
 * keeps; what can be had from that for nothing, or by one operation with a number, is made again, which costs less than
 * memory. A gradient of something given to all steps is a sum over the steps: where each step's share is a product, its
 * factors are kept instead and multiplied once for all steps, so that a recurrent weight's gradient is one large product
 * rather than many small ones.
 */
import { at, get } from '../base/assert.ts'
import { Builder, type Tensor } from '../ir/builder.ts'
import type { Equation, Primitive, ValueId } from '../ir/program.ts'
import { pullBack } from './3-differentiate.ts'

/** Primitives that are only another view of their operand, or a number. */
const FREE = new Set<Primitive>(['constant', 'iota', 'reshape', 'transpose', 'broadcast', 'slice', 'stopGradient'])

/** One operation with a number, as the two that make a sigmoid of a tanh. */
const LIGHT = new Set<Primitive>(['neg', 'add', 'sub', 'mul'])

/** A sum over all steps, made outside of the loop from stacks of `factors`. */
interface Hoisted {
  readonly factors: readonly ValueId[]
  readonly sum: (g: Builder, stackOf: (id: ValueId) => Tensor) => Tensor
}

/**
 * Gradients of the operands of the loop at `position`, where `wanted`, from those of its results; undefined stands for zeros.
 * The loop itself is made to keep more.
 */
export function differentiateScan(
  outer: Builder,
  position: number,
  gradients: readonly (Tensor | undefined)[],
  wanted: readonly boolean[],
): (Tensor | undefined)[] {
  const equation = outer.equations[position]
  if (equation?.primitive !== 'scan') throw new Error('internal: only a loop is differentiated here')
  const { length, reverse, given, carried } = equation.params
  const step = new Step(equation, gradients, wanted)

  // Shares of what is given to all steps: hoisted out of the loop, or added up by carrying the sum.
  const hoisted = new Map<number, Hoisted>()
  const sums: { readonly operand: number; readonly share: Tensor }[] = []
  for (let i = 0; i < given; i++) {
    const share = step.gradientOf(i)
    const whole = share && step.hoist(share.id)
    if (whole) hoisted.set(i, whole)
    else if (share) sums.push({ operand: i, share })
  }
  const factors = [...new Set([...hoisted.values()].flatMap((whole) => whole.factors))]
  const along = step.inputs.map((_, i) => i).filter((i) => i >= given + carried && step.gradientOf(i))
  const carriedBack = step.inputs.slice(given, given + carried).map((_, i) => get(step.gradients, given + i))
  const alongBack = along.map((i) => get(step.gradients, i))
  // What is kept of the steps back: gradients along the sequence, which may be factors as well, and the other factors.
  const back = [...new Set([...alongBack.map(({ id }) => id), ...factors.filter((id) => !step.isForward(id))])]

  const roots = [...carriedBack, ...sums.map(({ share }) => share)].map(({ id }) => id)
  const forwardFactors = factors.filter((id) => step.isForward(id))
  const comes = (id: ValueId) => step.isStacked(id) && (!step.isLight(id) || step.isKept(id) || factors.includes(id))
  const needs = step.needs([...roots, ...back], comes)
  const stacked = [...needs].filter(comes)
  const stacks = step.stacks(outer, position, [...stacked, ...forwardFactors])
  const givens = step.inputs.slice(0, given).flatMap((x, i) => (needs.has(x.id) ? [i] : []))
  const operand = (i: number) => outer.tensor(at(equation.inputs, i))

  const results = outer.scan(
    {
      length,
      reverse: !reverse,
      given: givens.map(operand),
      carried: [
        ...carriedBack.map((x, i) => gradients[i] ?? outer.fill(x.shape, 0)),
        ...sums.map(({ share }) => outer.fill(share.shape, 0)),
      ],
      over: [...stacked.map((id) => get(stacks, id)), ...step.above.map(({ gradient }) => gradient)],
    },
    (g, of) => {
      const image = new Map<ValueId, Tensor>()
      givens.forEach((i, j) => image.set(at(step.inputs, i).id, at(of.given, j)))
      step.behind.forEach((x, i) => image.set(x.id, at(of.carried, i)))
      stacked.forEach((id, i) => image.set(id, at(of.over, i)))
      step.above.forEach(({ input }, i) => image.set(input.id, at(of.over, stacked.length + i)))
      step.repeat(g, needs, image)
      const made = (x: Tensor) => get(image, x.id)
      return {
        carried: [
          ...carriedBack.map(made),
          ...sums.map(({ share }, i) => g.add(at(of.carried, carried + i), made(share))),
        ],
        kept: back.map((id) => get(image, id)),
      }
    },
  )

  const stackOf = (id: ValueId): Tensor => {
    const place = back.indexOf(id)
    return place < 0 ? get(stacks, id) : at(results.kept, place)
  }
  return equation.inputs.map((_, i) => {
    if (!wanted[i]) return undefined
    if (i >= given + carried) return along.includes(i) ? stackOf(get(step.gradients, i).id) : undefined
    if (i >= given) return results.carried[i - given]
    const sum = sums.findIndex((one) => one.operand === i)
    return sum < 0 ? hoisted.get(i)?.sum(outer, stackOf) : results.carried[carried + sum]
  })
}

/** One step forward and back again, as one program. */
class Step {
  readonly #g = new Builder()
  readonly #equation: Equation<'scan'>
  /** The program's values for those of the loop's body, and the other way round. */
  readonly #images = new Map<ValueId, Tensor>()
  readonly #originals = new Map<ValueId, ValueId>()
  readonly #makers = new Map<ValueId, Equation>()
  /** Those of the body, in its order. */
  readonly inputs: readonly Tensor[]
  /** Gradients of the carried results: they come from the step behind. */
  readonly behind: readonly Tensor[]
  /** Gradients of what is kept: they come from outside, as stacks. */
  readonly above: readonly { readonly input: Tensor; readonly gradient: Tensor }[]
  /** Of the body's inputs, by position, where something flows there. */
  readonly gradients: ReadonlyMap<number, Tensor>

  constructor(equation: Equation<'scan'>, gradients: readonly (Tensor | undefined)[], wanted: readonly boolean[]) {
    this.#equation = equation
    const { given, carried, body } = equation.params
    const g = this.#g
    this.inputs = body.inputs.map(({ name, role, value }) => {
      const { shape, dtype } = at(body.values, value)
      const input = g.input(name, role, shape, dtype)
      this.#images.set(value, input)
      return input
    })
    for (const one of body.equations) {
      if (one.primitive === 'scan') throw new Error('internal: a loop within a loop')
      g.path = one.path
      const operands = one.inputs.map((id) => get(this.#images, id))
      this.#images.set(at(one.outputs, 0), g.emit(one.primitive, operands, one.params))
    }
    for (const [original, { id }] of this.#images) if (!this.#originals.has(id)) this.#originals.set(id, original)

    const carriedInputs = this.inputs.slice(given, given + carried)
    this.behind = carriedInputs.map((x, i) => g.input(`behind${i}`, 'state', x.shape))
    const stacked = body.outputs.filter(({ role }) => role === 'step')
    const above = stacked.flatMap(({ value }, i) => {
      const gradient = gradients[carried + i]
      if (!gradient) return []
      return [{ value, gradient, input: g.input(`above${i}`, 'step', gradient.shape.slice(1)) }]
    })
    this.above = above
    const next = carriedInputs.map((_, i) => {
      const { name, value } = at(body.inputs, given + i)
      return get(this.#images, body.outputs.find((output) => output.name === name)?.value ?? value)
    })
    const places = this.inputs
      .map((_, i) => i)
      .filter((i) => (i >= given && i < given + carried) || (wanted[i] && this.inputs[i]?.dtype === 'float'))
    const found = pullBack(
      g,
      [
        ...next.map((x, i): [Tensor, Tensor] => [x, at(this.behind, i)]),
        ...above.map(({ value, input }): [Tensor, Tensor] => [get(this.#images, value), input]),
      ],
      places.map((i) => at(this.inputs, i)),
    )
    this.gradients = new Map(places.map((place, i) => [place, at(found, i)]))
    for (const one of g.equations) for (const id of one.outputs) this.#makers.set(id, one)
  }

  gradientOf(input: number): Tensor | undefined {
    return this.gradients.get(input)
  }

  isForward(id: ValueId): boolean {
    return this.#originals.has(id)
  }

  #isGiven(id: ValueId): boolean {
    return this.inputs.slice(0, this.#equation.params.given).some((x) => x.id === id)
  }

  /** A value of the forward step that comes to the step back as an element of a stack. */
  isStacked(id: ValueId): boolean {
    const maker = this.#makers.get(id)
    return this.isForward(id) && !this.#isGiven(id) && !(maker && FREE.has(maker.primitive))
  }

  /** A value that one light operation makes of another. */
  isLight(id: ValueId): boolean {
    const maker = this.#makers.get(id)
    return (
      maker !== undefined && LIGHT.has(maker.primitive) && maker.inputs.filter((x) => !this.#isNumber(x)).length === 1
    )
  }

  #isNumber(id: ValueId): boolean {
    const maker = this.#makers.get(id)
    return maker !== undefined && FREE.has(maker.primitive) && maker.inputs.every((x) => this.#isNumber(x))
  }

  /** A result of the forward step that the loop keeps of all steps. */
  isKept(id: ValueId): boolean {
    const original = this.#originals.get(id)
    return this.#equation.params.body.outputs.some(({ role, value }) => role === 'step' && value === original)
  }

  /** What a step back must know or make for the roots; `comes` says what comes to it as an element of a stack. */
  needs(roots: readonly ValueId[], comes: (id: ValueId) => boolean): Set<ValueId> {
    const needs = new Set(roots)
    for (const id of needs) {
      if (comes(id)) continue
      for (const input of this.#makers.get(id)?.inputs ?? []) needs.add(input)
    }
    return needs
  }

  /** Writes the equations of what is needed and not known yet. */
  repeat(g: Builder, needs: ReadonlySet<ValueId>, image: Map<ValueId, Tensor>): void {
    for (const { primitive, inputs, params, outputs, path } of this.#g.equations) {
      const id = at(outputs, 0)
      if (!needs.has(id) || image.has(id) || primitive === 'scan') continue
      g.path = path
      const operands = inputs.map((input) => get(image, input))
      image.set(id, g.emit(primitive, operands, params))
    }
  }

  /** All steps' values, stacked: operands of the loop, what it keeps, and what it is made to keep from now on. */
  stacks(outer: Builder, position: number, ids: readonly ValueId[]): Map<ValueId, Tensor> {
    const { given, carried, body } = this.#equation.params
    const stacks = new Map<ValueId, Tensor>()
    const missing: ValueId[] = []
    const kept = body.outputs.filter(({ role }) => role === 'step')
    for (const id of new Set(ids)) {
      const over = this.inputs.findIndex((x, i) => i >= given + carried && x.id === id)
      const place = kept.findIndex(({ value }) => value === this.#originals.get(id))
      if (over >= 0) stacks.set(id, outer.tensor(at(this.#equation.inputs, over)))
      else if (place >= 0) stacks.set(id, outer.tensor(at(this.#equation.outputs, carried + place)))
      else missing.push(id)
    }
    outer
      .keepMore(
        position,
        missing.map((id) => get(this.#originals, id)),
      )
      .forEach((stack, i) => stacks.set(at(missing, i), stack))
    return stacks
  }

  /** How the sum over all steps of a value can be had without adding up step by step. */
  hoist(id: ValueId): Hoisted | undefined {
    const maker = this.#makers.get(id)
    if (!maker) return undefined
    const [a, b] = maker.inputs
    switch (maker.primitive) {
      case 'dot': {
        const { contract, batch } = maker.params
        if (batch[0].length > 0 || !this.#canStack(a) || !this.#canStack(b)) return undefined
        const params = { contract: [later(contract[0]), later(contract[1])] as const, batch: [[], []] as const }
        return { factors: [a, b], sum: (g, stackOf) => g.dot(stackOf(a), stackOf(b), params) }
      }
      case 'sum': {
        const { axes } = maker.params
        if (!this.#canStack(a)) return undefined
        return { factors: [a], sum: (g, stackOf) => g.sum(stackOf(a), later(axes)) }
      }
      case 'transpose': {
        const { order } = maker.params
        const inner = a === undefined ? undefined : this.hoist(a)
        return inner && { ...inner, sum: (g, stackOf) => g.transpose(inner.sum(g, stackOf), order) }
      }
      case 'add': {
        const [left, right] = [a, b].map((part) => (part === undefined ? undefined : this.hoist(part)))
        if (!left || !right) return undefined
        return {
          factors: [...left.factors, ...right.factors],
          sum: (g, stackOf) => g.add(left.sum(g, stackOf), right.sum(g, stackOf)),
        }
      }
      default:
        return undefined
    }
  }

  #canStack(id: ValueId | undefined): id is ValueId {
    return id !== undefined && !this.#isGiven(id) && (this.isStacked(id) || !this.isForward(id))
  }
}

/** Axes of a value in the stack of all steps; the steps themselves are summed over as well. */
function later(axes: readonly number[]): number[] {
  return [0, ...axes.map((axis) => axis + 1)]
}
