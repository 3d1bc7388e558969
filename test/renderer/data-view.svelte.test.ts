/** Data that the panel waits for: how far they are, what is given up when, and what is said then. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DataView, type DataEditor } from '../../renderer/data/data-view.svelte.ts'
import { fail, ok, problem } from '../../src/base/problem.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { DataSection, TableSource } from '../../src/document/types.ts'
import type { DataPreview } from '../../src/protocol/messages.ts'
import { FakeEngine } from './run-fakes.ts'

const source: TableSource = {
  kind: 'table',
  reader: 'csv',
  options: {},
  files: [{ name: 'big.csv', size: 9, sha256: 'e'.repeat(64) }],
  columns: [{ name: 'a', role: 'feature', kind: 'numeric' }],
}
const sectionOf = (change: Partial<TableSource> = {}): DataSection => ({
  ...emptyDocument().data,
  source: { ...source, ...change },
})
const preview = { kind: 'table', rows: 3 } as unknown as DataPreview
const ended = fail(problem('data.cancelled', 'Reading was ended.'))

let engine: FakeEngine
let editor: DataEditor
let view: DataView
/** Of each question, in order. */
let answers: ((value: never) => void)[]

beforeEach(() => {
  vi.useFakeTimers()
  answers = []
  const later = () => new Promise<never>((resolve) => answers.push(resolve))
  engine = new FakeEngine({ 'data.preview': later, 'data.read': later })
  editor = { document: { ...emptyDocument(), data: sectionOf() }, edit: vi.fn(() => true) }
  view = new DataView(editor, engine.peer)
})
afterEach(() => vi.useRealTimers())

const aborted = () => engine.askings.map(({ signal }) => signal?.aborted)
const tell = (k: number, share: number) => engine.askings[k]?.onProgress?.({ doing: 'reading', file: 'big.csv', share })
const answer = async (k: number, value: unknown) => {
  answers[k]?.(value as never)
  await vi.advanceTimersByTimeAsync(0)
}

test('turns to other rows, a hundred at a time; a look at other data goes back to the first ones', async () => {
  const asked: unknown[] = []
  engine.answers['data.samples'] = ({ rows }) => {
    asked.push([rows[0], rows.length])
    return ok({ kind: 'table', header: ['a'], unit: 'line', lines: [...rows], cells: [] })
  }
  view.show(sectionOf())
  await vi.advanceTimersByTimeAsync(0)
  await answer(0, ok(preview))
  expect(view.page).toBeNull()
  await view.turn(200)
  expect([asked, view.page?.first]).toEqual([[[200, 100]], 200])
  // What comes after the data have changed is of others.
  const late = view.turn(300)
  editor = Object.assign(editor, { document: { ...editor.document, data: sectionOf({ options: { header: 'none' } }) } })
  await late
  expect(view.page?.first).toBe(200)
  view.show(editor.document.data)
  await vi.advanceTimersByTimeAsync(500)
  await answer(1, ok({ ...preview, rows: 4 } as unknown as DataPreview))
  expect(view.page).toBeNull()
  engine.answers['data.samples'] = () => fail(problem('data.gone', 'big.csv is gone.'))
  await view.turn(0)
  expect([view.page, view.failures.map(({ message }) => message)]).toEqual([null, ['big.csv is gone.']])
})

test('says how far the data are, and can be stopped; then they can be looked at again', async () => {
  view.show(sectionOf())
  await vi.advanceTimersByTimeAsync(0)
  tell(0, 0.3)
  await vi.advanceTimersByTimeAsync(500)
  expect(view.progress).toEqual({ doing: 'reading', file: 'big.csv', share: 0.3 })
  view.stop()
  expect(aborted()).toEqual([true])
  await answer(0, ended)
  expect([view.progress, view.failures.map(({ message }) => message)]).toEqual([null, ['Reading was ended.']])
  view.retry()
  await vi.advanceTimersByTimeAsync(500)
  expect(engine.calls.filter(({ name }) => name === 'data.preview')).toHaveLength(2)
})

test('newer data give up the older, once they are asked for; a closed panel gives up all', async () => {
  view.show(sectionOf())
  await vi.advanceTimersByTimeAsync(0)
  view.show(sectionOf({ options: { bad: 'skip' } }))
  expect(aborted()).toEqual([false])
  await vi.advanceTimersByTimeAsync(500)
  expect(aborted()).toEqual([true, false])
  await answer(0, ended)
  expect(view.failures).toEqual([])
  await answer(1, ok(preview))
  expect([view.preview, view.stale]).toEqual([preview, false])
  view.show(sectionOf({ options: { bad: 'repair' } }))
  await vi.advanceTimersByTimeAsync(500)
  view.close()
  expect(aborted()).toEqual([true, false, true])
})

test('other options while the file is read with some give up the reading, which says nothing more', async () => {
  void view.readAgain({ delimiter: 'tab' }, 'one')
  void view.readAgain({ delimiter: 'bar' }, 'two')
  expect(aborted()).toEqual([true, false])
  await answer(0, ended)
  expect(view.failures).toEqual([])
  const fresh = { ...source, options: { delimiter: 'bar' } }
  await answer(1, ok({ source: fresh, errors: [] }))
  expect(editor.edit).toHaveBeenCalledWith({ kind: 'setData', data: { ...editor.document.data, source: fresh } }, 'two')
})
