import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import type { Tensor } from '../../src/ir/builder.ts'
import type { Differentiable } from '../../src/ir/vjp.ts'
import { vjpRules } from '../../src/ir/vjp.ts'
import { gradientOf, Sheet, wrongGradient, type Make } from '../helpers/gradients.ts'
import { numbers } from '../helpers/random.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'
import { emit, primitiveCases, SHAPES, type Case, type Cases } from './primitive-cases.ts'

const table = Object.entries(primitiveCases) as unknown as [Differentiable, Cases][]
const withGradient = table.filter(([, { gradient }]) => gradient === 'checked')

const makeOf =
  (primitive: Differentiable, one: Case): Make =>
  (sheet, inputs) => [emit(sheet.g, primitive, one, inputs)]

const isEmpty = (one: Case) => one.inputs.every(({ data }) => data.length === 0)

type AnyRule = (...args: unknown[]) => readonly (Tensor | null)[]

/** Runs with another rule in the table. */
function withRule<T>(primitive: Differentiable, change: (rule: AnyRule) => AnyRule, work: () => T): T {
  const rules = vjpRules as unknown as Record<Differentiable, AnyRule>
  const right = rules[primitive]
  rules[primitive] = change(right)
  try {
    return work()
  } finally {
    rules[primitive] = right
  }
}

describe('the gradient of', () => {
  test.each(table.filter(([, { gradient }]) => gradient !== 'stopped'))(
    '%s is what central differences measure',
    (primitive, { cases }) => {
      for (const one of cases)
        expect(wrongGradient(makeOf(primitive, one), one.inputs), `${primitive} ${one.name}`).toBeUndefined()
    },
  )

  test('stopGradient is 0 although its value moves', () => {
    for (const one of primitiveCases.stopGradient.cases) {
      const sheet = new Sheet()
      const [x] = one.inputs.map((input) => sheet.given(input))
      const loss = sheet.weigh([sheet.g.stopGradient(x as Tensor)])
      const [gradient] = differentiate(sheet.g, loss, [x as Tensor])
      expectClose(
        sheet.run()((gradient as Tensor).id),
        (one.inputs[0]?.data ?? []).map(() => 0),
        TOLERANCE.f32.exact,
      )
      if (!isEmpty(one)) expect(wrongGradient(makeOf('stopGradient', one), one.inputs)).toBeDefined()
    }
  })

  test('every primitive has cases, at least a dozen where shapes matter', () => {
    expect(table.map(([primitive]) => primitive).sort()).toEqual(Object.keys(vjpRules).sort())
    for (const [primitive, { cases }] of table)
      if (primitive !== 'constant' && primitive !== 'iota')
        expect(cases.length, primitive).toBeGreaterThanOrEqual(primitive === 'reduceMax' ? 11 : 12)
  })
})

describe('the gradient of the gradient of', () => {
  test.each(withGradient)('%s is what central differences measure', (primitive, { cases }) => {
    for (const one of cases) {
      if (one.inputs.some(({ data }) => data.length > 80)) continue
      const make = gradientOf(makeOf(primitive, one))
      expect(wrongGradient(make, one.inputs), `${primitive} ${one.name}`).toBeUndefined()
    }
  })
})

describe('a wrong rule is noticed:', () => {
  const wrongs: readonly [string, (primitive: Differentiable) => (rule: AnyRule) => AnyRule][] = [
    [
      'one percent too much',
      () =>
        (rule) =>
        (...args) => {
          const g = args[0] as Sheet['g']
          return rule(...args).map((gradient) => gradient && g.mul(gradient, 1.01))
        },
    ],
    [
      'nothing at all',
      () =>
        (rule) =>
        (...args) =>
          rule(...args).map(() => null),
    ],
  ]
  for (const [name, wrong] of wrongs)
    test.each(withGradient)(`%s, ${name}`, (primitive, { cases }) => {
      const one = at(
        cases.filter((candidate) => !isEmpty(candidate)),
        1,
      )
      expect(withRule(primitive, wrong(primitive), () => wrongGradient(makeOf(primitive, one), one.inputs))).toMatch(
        /^input \d/,
      )
      expect(wrongGradient(makeOf(primitive, one), one.inputs)).toBeUndefined()
    })

  test('the derivative of tanh without the square', () => {
    const wrong = () => (g: Sheet['g'], dy: Tensor, _x: unknown, _p: unknown, y: Tensor) => [g.mul(dy, g.sub(1, y))]
    const one = at(primitiveCases.tanh.cases, 4)
    const check = () => wrongGradient(makeOf('tanh', one), one.inputs)
    expect(withRule('tanh', wrong as unknown as () => AnyRule, check)).toBeDefined()
  })
})

describe('linear primitives and their gradients are adjoint:', () => {
  /** <A x, y> - <x, Aᵀ y> for one operand, and the size of the products. */
  function gap(primitive: Differentiable, one: Case, operand: number): string | undefined {
    const rng = new Rng(3, primitive, one.name, operand)
    const sheet = new Sheet()
    const inputs = one.inputs.map((input) => sheet.given(input))
    const x = at(one.inputs, operand)
    const zero = sheet.given({ ...x, data: new Float64Array(x.data.length) })
    const full = emit(sheet.g, primitive, one, inputs)
    const none = emit(
      sheet.g,
      primitive,
      one,
      inputs.map((input, i) => (i === operand ? zero : input)),
    )
    const y = sheet.given({ shape: full.shape, dtype: 'float', data: numbers(rng, full.shape) })
    const left = sheet.g.sum(sheet.g.mul(sheet.g.sub(full, none), y))
    // The gradient of <A x, y> by x is Aᵀ y.
    const transposed = at(differentiate(sheet.g, sheet.g.sum(sheet.g.mul(full, y)), [at(inputs, operand)]), 0)
    const right = sheet.g.sum(sheet.g.mul(at(inputs, operand), transposed))
    const values = sheet.run()
    return difference(values(left.id), values(right.id), TOLERANCE.f64.same)
  }

  const linear = table.filter(([, cases]) => cases.linear.length > 0)
  test.each(linear)('%s', (primitive, { cases, linear: operands }) => {
    for (const one of cases)
      for (const operand of operands)
        expect(gap(primitive, one, operand), `${one.name}, operand ${operand}`).toBeUndefined()
  })

  test('and a function that is not linear is not', () => {
    expect(gap('exp', at(primitiveCases.exp.cases, 4), 0)).toBeDefined()
  })

  test('nearly all kinds of shapes are among the cases', () => {
    expect(SHAPES.length).toBeGreaterThanOrEqual(12)
    expect(SHAPES.some((shape) => shape.includes(0)) && SHAPES.some((shape) => shape.length === 0)).toBe(true)
  })
})

describe('differentiation', () => {
  test('adds up what comes back over several ways', () => {
    const inputs = [{ shape: [2, 3], dtype: 'float' as const, data: numbers(new Rng(1), [2, 3]) }]
    const make: Make = ({ g }, [x]) => {
      const a = g.tanh(x as Tensor)
      const b = g.exp(x as Tensor)
      return [g.mul(a, b), g.add(a, g.mul(a, x as Tensor)), x as Tensor]
    }
    expect(wrongGradient(make, inputs)).toBeUndefined()
    expect(wrongGradient(gradientOf(make), inputs)).toBeUndefined()
  })

  test('gives zeros for what the loss does not depend on', () => {
    const sheet = new Sheet()
    const given = { shape: [2], dtype: 'float' as const, data: Float64Array.of(1, 2) }
    const [x, other] = [sheet.given(given), sheet.given(given)]
    const gradients = differentiate(sheet.g, sheet.g.sum(sheet.g.mul(x, x)), [x, other])
    const values = sheet.run()
    expect(gradients.map(({ id }) => [...values(id)])).toEqual([
      [2, 4],
      [0, 0],
    ])
  })

  test('visits no equation that no weight flows through', () => {
    const sheet = new Sheet()
    const given = { shape: [2], dtype: 'float' as const, data: Float64Array.of(1, 2) }
    const [w, x] = [sheet.given(given), sheet.given(given)]
    const loss = sheet.g.sum(sheet.g.mul(w, sheet.g.exp(sheet.g.tanh(x))))
    const before = sheet.g.equations.length
    differentiate(sheet.g, loss, [w])
    const backward = sheet.g.equations.slice(before)
    expect(backward.some(({ primitive }) => primitive === 'sub')).toBe(false)
    expect(backward.length).toBeLessThan(6)
  })

  test('splits a greatest value that is reached twice evenly, as PyTorch does', () => {
    const sheet = new Sheet()
    const x = sheet.given({ shape: [3], dtype: 'float', data: Float64Array.of(5, 1, 5) })
    const [gradient] = differentiate(sheet.g, sheet.g.reduceMax(x), [x])
    expect([...sheet.run()((gradient as Tensor).id)]).toEqual([0.5, 0, 0.5])
  })

  test('gives max(x, 0) the gradient 0 at 0', () => {
    const sheet = new Sheet()
    const x = sheet.given({ shape: [3], dtype: 'float', data: Float64Array.of(-1, 0, 1) })
    const [gradient] = differentiate(sheet.g, sheet.g.sum(sheet.g.max(x, 0)), [x])
    expect([...sheet.run()((gradient as Tensor).id)]).toEqual([0, 0, 1])
  })
})
