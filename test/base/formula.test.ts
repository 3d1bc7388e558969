import { describe, expect, test } from 'vitest'
import { MAX_FORMULA, readFormula } from '../../src/base/formula.ts'
import { formula, misfit, readParams } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'

const variables = ['x', 'y']
function value(text: string, x = 3, y = -2): number {
  const read = readFormula(text, variables)
  if ('wrong' in read) throw new Error(read.wrong)
  return read.compute([x, y])
}
function wrong(text: string): string {
  const read = readFormula(text, variables)
  return 'wrong' in read ? read.wrong : 'nothing'
}

describe('formulas', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['24 / 4 / 2', 3],
    ['2^3^2', 512],
    ['-x^2', -9],
    ['(-x)^2', 9],
    ['2^-1', 0.5],
    ['x**2', 9],
    ['2x', 6],
    ['2 x y', -12],
    ['3(x + y)', 3],
    ['(x)(y)', -6],
    ['x^2y', -18],
    ['2 sin(pi / 6)', 1],
    ['ln(e)', 1],
    ['log10(1e3)', 3],
    ['max(x, y) - min(x, y)', 5],
    ['abs(y) × 1.5e1 − .5', 29.5],
    ['sqrt(x^2 + 4^2)', 5],
    ['step(x) + step(y)', 1],
    ['--x', 3],
    ['+x', 3],
  ])('%s is %d', (text, expected) => {
    expect(value(text)).toBeCloseTo(expected, 12)
  })

  test('name the variables that they use, in order', () => {
    const read = readFormula('y + x y', variables)
    expect('variables' in read && read.variables).toEqual(['x', 'y'])
    const one = readFormula('exp(2 y)', variables)
    expect('variables' in one && one.variables).toEqual(['y'])
  })

  test.each([
    ['', 'needs a formula, such as x^2'],
    ['1 +', 'ends where a number or a variable is missing'],
    ['sin x', 'has “x” where “(” is missing'],
    ['sin(x', 'ends where “)” is missing'],
    ['max(x)', 'has “)” where “,” is missing'],
    ['x)', 'has “)” where nothing more can follow'],
    ['x $ 2', 'has “$” where nothing more can follow'],
    ['* x', 'has “*” where a number or a variable is missing'],
    ['.', 'has “.” where a number or a variable is missing'],
    ['a', 'names “a”, which is no variable (x, y)'],
    ['constructor(x)', 'names “constructor”, which is no variable (x, y)'],
    ['__proto__', 'has “_” where a number or a variable is missing'],
    ['x'.repeat(MAX_FORMULA + 1), `must have at most ${MAX_FORMULA} characters, not ${MAX_FORMULA + 1}`],
  ])('%s: %s', (text, reason) => {
    expect(wrong(text)).toContain(reason)
  })

  test('of brackets within brackets, and of anything typed, are read or refused', () => {
    expect(value(`${'('.repeat(240)}x${')'.repeat(240)}`)).toBe(3)
    expect(wrong('('.repeat(500))).toContain('ends where')
    const pieces = ['x', 'y', '1', '.5', '+', '-', '*', '/', '^', '(', ')', 'sin', ',', 'max', ' ', 'e', '=', '"', '2e']
    let fine = 0
    for (let seed = 0; seed < 3000; seed++) {
      const rng = new Rng(seed, 'formula')
      const text = Array.from({ length: 1 + rng.integer(7) }, () => pieces[rng.integer(pieces.length)] ?? '').join('')
      const read = readFormula(text, variables)
      if ('wrong' in read) expect(read.wrong).toMatch(/\S/)
      else {
        fine++
        expect(typeof read.compute([1, 2])).toBe('number')
      }
    }
    expect(fine).toBeGreaterThan(200)
    expect(fine).toBeLessThan(2500)
  })
})

test('a formula as a parameter', () => {
  const specs = { f: formula({ label: 'Formula', default: 'x', variables }) }
  expect(misfit(specs.f, 'x + y')).toBeNull()
  expect(misfit(specs.f, 3)).toBe('must be a formula, not 3')
  expect(misfit(specs.f, 'x +')).toBe('ends where a number or a variable is missing')
  expect(readParams(specs, { f: '2 +' }, 'Set').problems.map(({ message }) => message)).toEqual([
    'Set: Formula ends where a number or a variable is missing.',
  ])
})
