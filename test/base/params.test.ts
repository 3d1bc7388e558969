import { describe, expect, test } from 'vitest'
import { bool, choice, int, list, misfit, pair, readParams, real, type ParamSpec } from '../../src/base/params.ts'

const specs = {
  count: int({ label: 'Count', default: 3, min: 1, max: 9 }),
  rate: real({ label: 'Rate', default: 0.1, min: 0, max: 1 }),
  bias: bool({ label: 'Bias', default: true }),
  mode: choice({ label: 'Mode', default: 'same', options: { same: 'Same', valid: 'Valid' } }),
  kernel: pair({ label: 'Kernel', default: [3, 3], min: 1, max: 7 }),
}
const shape = list({ label: 'Shape', default: [-1], min: -1 })
const shares = list({ label: 'Shares', default: [], real: true, least: 0, most: 3 })

describe('a value fits or says why not:', () => {
  const cases: readonly [ParamSpec, unknown, string | null][] = [
    [specs.count, 1, null],
    [specs.count, 9, null],
    [specs.count, 0, 'must be at least 1, not 0'],
    [specs.count, 10, 'must be at most 9, not 10'],
    [specs.count, 2.5, 'must be a whole number, not 2.5'],
    [specs.count, '3', 'must be a whole number, not "3"'],
    [specs.count, NaN, 'must be a whole number, not null'],
    [specs.count, undefined, 'must be a whole number, not nothing'],
    [specs.count, () => 3, 'must be a whole number, not function'],
    [specs.rate, 0, null],
    [specs.rate, 1, null],
    [specs.rate, -0.01, 'must be at least 0, not -0.01'],
    [specs.rate, 1.01, 'must be at most 1, not 1.01'],
    [specs.rate, Infinity, 'must be a number, not null'],
    [specs.rate, null, 'must be a number, not null'],
    [specs.bias, false, null],
    [specs.bias, 1, 'must be on or off, not 1'],
    [specs.mode, 'valid', null],
    [specs.mode, 'full', 'must be one of same, valid, not "full"'],
    [specs.mode, 'toString', 'must be one of same, valid, not "toString"'],
    [specs.kernel, [1, 7], null],
    [specs.kernel, [0, 3], 'must be at least 1, not 0'],
    [specs.kernel, [3, 8], 'must be at most 7, not 8'],
    [specs.kernel, [3], 'must be two whole numbers (height, width), not [3]'],
    [specs.kernel, [3, 1.5], 'must be two whole numbers (height, width), not [3,1.5]'],
    [shape, [4, 7, -1], null],
    [shape, [], 'must have 1 to 8 entries, not 0'],
    [shape, new Array(9).fill(1), 'must have 1 to 8 entries, not 9'],
    [shape, [4, -2], 'must be at least -1, not -2'],
    [shape, [4, 0.5], 'must be whole numbers with commas between them, not [4,0.5]'],
    [shares, [], null],
    [shares, [0.5, 2], null],
    [shares, [1, 2, 3, 4], 'must have 0 to 3 entries, not 4'],
    [shares, [0.5, -2], 'must be at least 0, not -2'],
    [shares, [0.5, null], 'must be numbers with commas between them, not [0.5,null]'],
    [shape, 4, 'must be whole numbers with commas between them, not 4'],
    [specs.kernel, 3, 'must be two whole numbers (height, width), not 3'],
    [specs.count, 'x'.repeat(100), `must be a whole number, not "${'x'.repeat(39)}…`],
  ]
  test.each(cases)('%o %j', (spec, value, expected) => {
    expect(misfit(spec, value)).toBe(expected)
  })
})

describe('parameters', () => {
  test('are filled with their defaults', () => {
    expect(readParams(specs, {}, 'Dense fc')).toEqual({
      values: { count: 3, rate: 0.1, bias: true, mode: 'same', kernel: [3, 3] },
      problems: [],
    })
    expect(readParams(specs, { count: 5, kernel: [1, 2] }, 'Dense fc').values).toMatchObject({
      count: 5,
      kernel: [1, 2],
    })
  })

  test('that do not fit are named with their owner, and the default stands in', () => {
    const { values, problems } = readParams(specs, { count: 0, mode: 7 }, 'Dense fc')
    expect(values).toMatchObject({ count: 3, mode: 'same' })
    expect(problems).toEqual([
      {
        code: 'param.value',
        severity: 'error',
        message: 'Dense fc: Count must be at least 1, not 0.',
        place: { field: 'count' },
      },
      {
        code: 'param.value',
        severity: 'error',
        message: 'Dense fc: Mode must be one of same, valid, not 7.',
        place: { field: 'mode' },
      },
    ])
  })

  test('that nobody knows are a warning, also those that every object has', () => {
    const { values, problems } = readParams(specs, { cuont: 4, toString: 1 }, 'Dense fc')
    expect(problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: Dense fc has no parameter called "cuont".',
      'warning: Dense fc has no parameter called "toString".',
    ])
    expect(Object.keys(values)).toEqual(Object.keys(specs))
  })
})
