/** Expressions against JavaScript's own arithmetic, on random trees, with a control that must fail. */
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { int, pair, real, type ParamSpecs } from '../../src/base/params.ts'
import {
  constantNameProblem,
  evaluate,
  isExpression,
  namesIn,
  resolved,
  valueOf,
  withName,
} from '../../src/document/expressions.ts'
import type { Constants } from '../../src/document/types.ts'

/** Mulberry32: the seeds are kept by being counted. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Written {
  readonly text: string
  /** The same in JavaScript, every bracket written out. */
  readonly code: string
}
const constants: Constants = { hidden: 64, e: 2.5, x_1: 0.125, Größe: 3 }

function tree(random: () => number, depth: number): Written {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const space = () => pick(['', '', ' ', '  '])
  if (depth === 0 || random() < 0.15) {
    if (random() < 0.4) {
      const name = pick(Object.keys(constants))
      return { text: name, code: `(${constants[name]})` }
    }
    const text = pick(['7', '0.5', '.25', '12.', '1e-3', '2E2', '3e+1', '100'])
    return { text, code: `(${Number(text)})` }
  }
  const inner = tree(random, depth - 1)
  const kind = random()
  if (kind < 0.15) return { text: `-${space()}(${inner.text})`, code: `(-${inner.code})` }
  if (kind < 0.3) return { text: `(${space()}${inner.text})`, code: inner.code }
  const other = tree(random, depth - 1)
  const sign = pick(['+', '-', '*', '/', '×', '−'])
  const own = { '×': '*', '−': '-' }[sign] ?? sign
  // Without brackets on the left it is the reader's rules that decide what belongs together.
  return random() < 0.5
    ? { text: `(${inner.text})${space()}${sign}${space()}(${other.text})`, code: `(${inner.code}${own}${other.code})` }
    : { text: `${inner.text}${space()}${sign}${space()}${other.text}`, code: '' }
}

/** What the text means by JavaScript's rules, which are those of arithmetic. */
function byJavaScript(text: string): number {
  const code = text.replaceAll('×', '*').replaceAll('−', '-').replace(/--/g, '- -')
  return runInNewContext(code, { ...constants }) as number
}

describe('an expression', () => {
  test('means what it means in arithmetic, for 2,000 random ones', () => {
    let compared = 0
    for (let seed = 1; seed <= 2000; seed++) {
      const { text } = tree(randomFrom(seed), 4)
      const expected = byJavaScript(text)
      const found = evaluate(seed % 2 === 0 ? `=${text}` : text, constants)
      if (Number.isFinite(expected)) {
        expect(found, `seed ${seed}: ${text}`).toEqual({ value: expected })
        compared++
      } else expect(found, `seed ${seed}: ${text}`).toHaveProperty('wrong')
    }
    expect(compared).toBeGreaterThan(1500)
  })
  test('is told apart from one with another sign: the comparison can fail', () => {
    let different = 0
    for (let seed = 1; seed <= 200; seed++) {
      const { text } = tree(randomFrom(seed), 4)
      const found = evaluate(text.replaceAll('+', '-').replace('*', '/'), constants)
      if (!('value' in found) || found.value !== byJavaScript(text)) different++
    }
    expect(different).toBeGreaterThan(50)
  })
  test('agrees with a tree of which every bracket is written', () => {
    let compared = 0
    for (let seed = 1; seed <= 500; seed++) {
      const { text, code } = tree(randomFrom(seed), 1)
      if (code === '') continue
      const expected = byJavaScript(code)
      if (!Number.isFinite(expected)) continue
      expect(evaluate(text, constants), text).toEqual({ value: expected })
      compared++
    }
    expect(compared).toBeGreaterThan(200)
  })
  test.each([
    ['', 'needs a number'],
    ['2 *', 'must be a number, not “2 *”'],
    ['(2', 'must be a number, not “(2”'],
    ['1/0', 'must be a number, not “1/0”'],
    ['2 3', 'must be a number, not “2 3”'],
    ['=hidden*', 'must be a number, not “hidden*”'],
    ['hidden hidden', 'must be a number, not “hidden hidden”'],
    ['=width', 'names “width”, which is no constant of this document (it has hidden, e, x_1, Größe)'],
    ['hidden + toString', 'names “toString”, which is no constant of this document (it has hidden, e, x_1, Größe)'],
  ])('that is "%s" says why it is none', (text, wrong) => {
    expect(evaluate(text, constants)).toEqual({ wrong })
  })
  test('without any constants is a number or not', () => {
    expect(evaluate('many')).toEqual({ wrong: 'must be a number, not “many”' })
    expect(evaluate('=many')).toEqual({ wrong: 'names “many”, which is no constant of this document' })
    const twelve = Object.fromEntries([...'abcdefghijkl'].map((name) => [name, 1]))
    expect(evaluate('=many', twelve)).toHaveProperty('wrong', expect.stringMatching(/\(it has a, .*, h and 4 more\)$/))
  })
})

describe('names', () => {
  test('are found once each, and the e of a number is none', () => {
    expect(namesIn('=e*2e3 + e - hidden/(x_1)')).toEqual(['e', 'hidden', 'x_1'])
    expect(namesIn('1e-3 * 2.5E4')).toEqual([])
  })
  test('are replaced whole', () => {
    expect(withName('=e*2e3 + ee - e', 'e', 'width')).toBe('=width*2e3 + ee - width')
  })
  test('follow the rules of constants', () => {
    for (const name of ['hidden', 'n2', 'x_1', 'Größe', 'e']) expect(constantNameProblem(name), name).toBeNull()
    for (const name of ['', '2n', '_x', 'a b', 'a-b', 'x'.repeat(41), 'toString', 'constructor'])
      expect(constantNameProblem(name), name).not.toBeNull()
  })
})

describe('values', () => {
  const specs: ParamSpecs = {
    n: int({ label: 'N', default: 1 }),
    r: real({ label: 'R', default: 1 }),
    p: pair({ label: 'P', default: [1, 1] }),
    t: { kind: 'choice', label: 'T', default: '=n', options: [{ value: '=n', label: 'Odd' }] },
  }
  test('become numbers where they are expressions, both of a pair', () => {
    const { values, wrong } = resolved(specs, { n: '=hidden/2', r: 0.5, p: '=Größe' }, constants)
    expect(values).toEqual({ n: 32, r: 0.5, p: [3, 3] })
    expect(wrong).toEqual({})
  })
  test('that give nothing stay, with the reason', () => {
    const { values, wrong } = resolved(specs, { n: '=gone', r: '=hidden' }, constants)
    expect(values).toEqual({ n: '=gone', r: 64 })
    expect(Object.keys(wrong)).toEqual(['n'])
    expect(valueOf(specs['n'] as (typeof specs)[string], '=gone', constants)).toBeNull()
  })
  test('of a choice are never expressions', () => {
    expect(isExpression('=n')).toBe(true)
    expect(resolved(specs, { t: '=n' }, { n: 5 }).values).toEqual({ t: '=n' })
    expect(valueOf(specs['t'] as (typeof specs)[string], '=n', { n: 5 })).toBe('=n')
  })
})
