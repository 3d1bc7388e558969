import { describe, expect, test } from 'vitest'
import { attempt, attemptAsync, fail, ok, problem, ProblemError } from '../../src/base/problem.ts'

const cold = problem('tea.cold', 'The tea is cold.', { block: 'b1', port: 'x' })

describe('problems', () => {
  test('are plain values with a place where there is one', () => {
    expect(cold).toEqual({
      code: 'tea.cold',
      severity: 'error',
      message: 'The tea is cold.',
      place: { block: 'b1', port: 'x' },
    })
    expect(problem('tea.late', 'The tea is late.')).toEqual({
      code: 'tea.late',
      severity: 'error',
      message: 'The tea is late.',
    })
    expect(problem('tea.late', 'Late.', {}, 'warning').severity).toBe('warning')
    expect(structuredClone(cold)).toEqual(cold)
  })

  test('come out of deep code as a result, and everything else goes on as it is', async () => {
    const throwing = (error: unknown) => (): never => {
      throw error
    }
    expect(attempt(() => 3)).toEqual(ok(3))
    expect(attempt(throwing(new ProblemError(cold, cold)))).toEqual(fail(cold, cold))
    expect(() => attempt(throwing(new TypeError('a bug')))).toThrow('a bug')
    expect(await attemptAsync(async () => 3)).toEqual(ok(3))
    expect(await attemptAsync(async () => throwing(new ProblemError(cold))())).toEqual(fail(cold))
    await expect(attemptAsync(async () => throwing(new TypeError('a bug'))())).rejects.toThrow('a bug')
  })

  test('read as sentences where an error is all that one gets', () => {
    expect(new ProblemError(cold, problem('tea.late', 'And late.')).message).toBe('The tea is cold. And late.')
  })
})
