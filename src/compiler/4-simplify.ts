/**
 * Phase 4: rewrites that make a program smaller without changing what it computes: constants folded, identities removed,
 * equal equations merged, dead ones dropped. One forward pass does it, because every operand is already in its simplest
 * form when an equation is reached; one backward pass then drops what nobody reads.
 */
import { at } from '../base/assert.ts'
import { sameValue } from '../base/same.ts'
import { sameShape } from '../base/shape.ts'
import type { Aval, Equation, Program, ValueId } from '../ir/program.ts'

export function simplify(program: Program): Program {
  const pass = new Pass(program)
  for (const equation of program.equations) pass.visit(equation)
  const outputs = program.outputs.map((output) => ({ ...output, value: pass.current(output.value) }))
  return dropDead({ ...program, values: pass.values, equations: pass.equations, outputs })
}

class Pass {
  readonly values: Aval[]
  readonly equations: Equation[] = []
  readonly #replaced = new Map<ValueId, ValueId>()
  /** The equation that makes each value of the new program. */
  readonly #made = new Map<ValueId, Equation>()
  /** Equations by primitive and by first operand, constants by their value: few at each place. */
  readonly #known = new Map<Equation['primitive'], Map<number, Equation[]>>()

  constructor(program: Program) {
    this.values = [...program.values]
  }

  current(id: ValueId): ValueId {
    return this.#replaced.get(id) ?? id
  }

  visit(original: Equation): void {
    const equation = { ...original, inputs: original.inputs.map((id) => this.current(id)) } as Equation
    if (equation.primitive === 'scan') {
      this.equations.push(equation)
      return
    }
    const output = at(equation.outputs, 0)
    const simpler = this.#fold(equation) ?? this.#merge(equation) ?? equation
    const same = this.#identity(simpler)
    if (same !== undefined) {
      this.#replaced.set(output, same)
      return
    }
    const alike = this.#alike(simpler)
    const twin = alike.find((other) => sameWork(other, simpler))
    if (twin) {
      this.#replaced.set(output, at(twin.outputs, 0))
      return
    }
    alike.push(simpler)
    this.#made.set(output, simpler)
    this.equations.push(simpler)
  }

  /** Those equations before this one that may be equal to it. */
  #alike(equation: Equation): Equation[] {
    const { primitive, params, inputs } = equation
    const place = primitive === 'constant' ? params.value : (inputs[0] ?? -1)
    const known = this.#known.get(primitive) ?? new Map<number, Equation[]>()
    this.#known.set(primitive, known)
    const alike = known.get(place) ?? []
    known.set(place, alike)
    return alike
  }

  #shape(id: ValueId | undefined): readonly number[] {
    return this.values[id ?? -1]?.shape ?? []
  }

  /** The number that a value is made of throughout, if it is a constant or a repeated one. */
  #constant(id: ValueId | undefined): number | undefined {
    const maker = this.#made.get(id ?? -1)
    if (maker?.primitive === 'constant') return maker.params.value
    return maker?.primitive === 'broadcast' ? this.#constant(maker.inputs[0]) : undefined
  }

  /** An operand that equals the result, if there is one. */
  #identity(equation: Equation): ValueId | undefined {
    const [a, b] = equation.inputs
    const output = at(equation.outputs, 0)
    switch (equation.primitive) {
      case 'stopGradient':
        return a
      case 'add':
        return this.#constant(a) === 0 ? b : this.#constant(b) === 0 ? a : undefined
      case 'sub':
        return this.#constant(b) === 0 ? a : undefined
      case 'mul':
        return this.#constant(a) === 1 ? b : this.#constant(b) === 1 ? a : undefined
      case 'div':
        return this.#constant(b) === 1 ? a : undefined
      case 'neg': {
        const inner = this.#made.get(a ?? -1)
        return inner?.primitive === 'neg' ? inner.inputs[0] : undefined
      }
      case 'reshape':
      case 'slice':
      case 'broadcast':
        return sameShape(this.#shape(a), this.#shape(output)) ? a : undefined
      case 'transpose':
        return equation.params.order.every((axis, i) => axis === i) ? a : undefined
      default:
        return undefined
    }
  }

  /** Arithmetic on scalar constants. */
  #fold(equation: Equation): Equation | undefined {
    const output = at(equation.outputs, 0)
    const aval = this.values[output]
    if (aval?.dtype !== 'float' || aval.shape.length > 0) return undefined
    const [x, y] = equation.inputs.map((id) => this.#constant(id))
    const value = foldScalars(equation.primitive, x, y)
    if (value === undefined) return undefined
    return {
      primitive: 'constant',
      params: { value, dtype: 'float' },
      inputs: [],
      outputs: equation.outputs,
      path: equation.path,
    }
  }

  /** Two layout changes in a row are one. */
  #merge(equation: Equation): Equation | undefined {
    const inner = this.#made.get(equation.inputs[0] ?? -1)
    if (!inner) return undefined
    if (equation.primitive === 'reshape' && inner.primitive === 'reshape') return { ...equation, inputs: inner.inputs }
    if (equation.primitive === 'transpose' && inner.primitive === 'transpose') {
      const order = equation.params.order.map((axis) => at(inner.params.order, axis))
      return { ...equation, inputs: inner.inputs, params: { order } }
    }
    if (equation.primitive === 'broadcast' && inner.primitive === 'broadcast') {
      const axes = inner.params.axes.map((axis) => at(equation.params.axes, axis))
      return { ...equation, inputs: inner.inputs, params: { shape: equation.params.shape, axes } }
    }
    return undefined
  }
}

/** Of equations with the same primitive. */
function sameWork(a: Equation, b: Equation): boolean {
  return sameShape(a.inputs, b.inputs) && sameValue(a.params, b.params)
}

function foldScalars(
  primitive: Equation['primitive'],
  x: number | undefined,
  y: number | undefined,
): number | undefined {
  if (x === undefined) return undefined
  if (primitive === 'neg') return -x
  if (y === undefined) return undefined
  switch (primitive) {
    case 'add':
      return x + y
    case 'sub':
      return x - y
    case 'mul':
      return x * y
    case 'div':
      return x / y
    default:
      return undefined
  }
}

function dropDead(program: Program): Program {
  const wanted = new Set(program.outputs.map((output) => output.value))
  const kept: Equation[] = []
  for (const equation of [...program.equations].reverse()) {
    if (!equation.outputs.some((id) => wanted.has(id))) continue
    kept.push(equation)
    for (const id of equation.inputs) wanted.add(id)
  }
  return { ...program, equations: kept.reverse() }
}
