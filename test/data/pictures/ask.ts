import { ProblemError } from '../../../src/base/problem.ts'

/** What a refusal says; anything but a ProblemError is a bug, and so is being taken. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return error.message
  }
  throw new Error('it was taken')
}
