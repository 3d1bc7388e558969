import { expect, test } from 'vitest'
import { isOfData } from '../../renderer/data/places.ts'
import { problem } from '../../src/base/problem.ts'

test('what keeps a run from starting leads to the data where it is of them', () => {
  const isOf = (code: string, place?: object) => isOfData(problem(code, 'It is wrong.', place))
  expect([isOf('data.noFeature'), isOf('csv.ragged', { file: 'a.csv', line: 2 }), isOf('split.time')]).toEqual([
    true,
    true,
    true,
  ])
  expect(isOf('param.range', { field: 'data.split.validation' })).toBe(true)
  expect([isOf('database.x'), isOf('run.device'), isOf('param.range', { field: 'training.epochs' })]).toEqual([
    false,
    false,
    false,
  ])
})
