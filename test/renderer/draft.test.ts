import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { emptyDocument, formatDocument } from '../../src/document/file.ts'
import { DraftKeeper } from '../../renderer/state/draft.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const named = (name: string) => ({ ...emptyDocument(), name })
const writer = () => vi.fn<(text: string) => Promise<Result<null>>>(async () => ok(null))

test('an edit is on disk within half a second, and edits in between are one write', async () => {
  const saveDraft = writer()
  const keeper = new DraftKeeper({ saveDraft }, formatDocument)
  keeper.begin(named('a'))
  for (const name of ['b', 'bc', 'bcd']) {
    keeper.keep(named(name))
    await vi.advanceTimersByTimeAsync(60)
  }
  expect(keeper.state.kind).toBe('pending')
  await vi.advanceTimersByTimeAsync(320)
  expect(saveDraft).toHaveBeenCalledOnce()
  expect(saveDraft.mock.lastCall?.[0]).toContain('"bcd"')
  expect(keeper.state.kind).toBe('kept')
})

test('what is on disk already is not written again', async () => {
  const saveDraft = writer()
  const keeper = new DraftKeeper({ saveDraft }, formatDocument)
  const document = named('a')
  keeper.begin(document)
  keeper.keep(document)
  await vi.advanceTimersByTimeAsync(1000)
  expect(saveDraft).not.toHaveBeenCalled()
})

test('a failure is told and tried again with what is newest', async () => {
  const saveDraft = writer()
  saveDraft.mockResolvedValueOnce(fail(problem('draft', 'The disk is full.')))
  const keeper = new DraftKeeper({ saveDraft }, formatDocument)
  keeper.keep(named('a'))
  await vi.advanceTimersByTimeAsync(400)
  expect(keeper.state).toEqual({ kind: 'failed', reason: 'The disk is full.' })
  keeper.keep(named('newest'))
  await vi.advanceTimersByTimeAsync(4000)
  expect(saveDraft.mock.lastCall?.[0]).toContain('"newest"')
  expect(keeper.state.kind).toBe('kept')
})

test('an edit during a write is written after it', async () => {
  let finish = (_: Result<null>) => {}
  const saveDraft = writer()
  saveDraft.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)))
  const keeper = new DraftKeeper({ saveDraft }, formatDocument)
  keeper.keep(named('first'))
  await vi.advanceTimersByTimeAsync(400)
  keeper.keep(named('second'))
  await vi.advanceTimersByTimeAsync(400)
  expect(saveDraft).toHaveBeenCalledOnce()
  finish(ok(null))
  await vi.advanceTimersByTimeAsync(400)
  expect(saveDraft.mock.lastCall?.[0]).toContain('"second"')
  expect(keeper.state.kind).toBe('kept')
})
