import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import DataPanel from '../../renderer/data/DataPanel.svelte'
import type { Platform } from '../../renderer/state/platform.ts'
import { int } from '../../src/base/params.ts'
import { fail, ok, problem } from '../../src/base/problem.ts'
import type { Edit } from '../../src/document/edits.ts'
import type { Column, DataSection, GraphDocument } from '../../src/document/types.ts'
import type { DataPreview, EngineInfo } from '../../src/protocol/messages.ts'
import { FakeEngine } from './run-fakes.ts'

const columns: readonly Column[] = [
  { name: 'length', role: 'feature', kind: 'numeric' },
  { name: 'species', role: 'target', kind: 'categorical', categories: ['a', 'b'] },
]
const file = { name: 'iris.csv', size: 20, sha256: 'f'.repeat(64) }
const table: DataSection = {
  source: { kind: 'table', reader: 'csv', file, columns },
  preparation: { scale: 'standardise', missing: 'fill' },
  split: { validation: 0.2, seed: 1 },
}
const moons = {
  kind: 'generated',
  generator: 'moons',
  params: { points: 500 },
  seed: 1,
  features: [2],
  target: { kind: 'classes', names: ['upper', 'lower'] },
} as const
const preview: DataPreview = {
  kind: 'table',
  file: 'iris.csv',
  rows: 10,
  header: ['length', 'species'],
  head: [
    ['5.1', 'a'],
    ['', 'b'],
  ],
  lines: [2, 3],
  columns: [
    { name: 'length', missing: 1, numbers: { min: 4, max: 6, mean: 5 }, top: [], categories: ['4', '5', '6'] },
    { name: 'species', missing: 0, numbers: undefined, top: [{ name: 'a', count: 5 }], categories: ['a', 'b'] },
  ],
  classes: [
    { name: 'a', count: 6 },
    { name: 'b', count: 4 },
  ],
}
const info = {
  extensions: ['.csv'],
  generators: [
    {
      type: 'moons',
      title: 'Two moons',
      doc: 'Two half circles.',
      params: { points: int({ label: 'Points', default: 500 }) },
      source: moons,
    },
  ],
} as unknown as EngineInfo

/** An editor that holds what it is told and remembers the edits. */
class FakeEditor {
  document = $state.raw({ data: table } as GraphDocument)
  readonly edits: { readonly edit: Edit; readonly gesture: string | undefined }[] = []
  edit(edit: Edit, gesture?: string): boolean {
    this.edits.push({ edit, gesture })
    if (edit.kind === 'setData') this.document = { ...this.document, data: edit.data }
    return true
  }
  get last(): DataSection {
    const edit = this.edits.at(-1)?.edit
    if (edit?.kind !== 'setData') throw new Error('no setData')
    return edit.data
  }
}

let editor: FakeEditor
let engine: FakeEngine
let platform: Pick<Platform, 'pickFiles'>
let panel: ReturnType<typeof mount>

beforeEach(async () => {
  editor = new FakeEditor()
  engine = new FakeEngine({ 'engine.info': () => info, 'data.preview': () => ok(preview) })
  platform = { pickFiles: vi.fn(async () => ok([{ handle: 'h1', name: 'iris.csv', size: 20 }])) }
  panel = mount(DataPanel, { target: document.body, props: { editor, engine: engine.peer, platform } })
  await settle()
})
afterEach(() => unmount(panel))

/** Longer than the panel waits for a hand to come to rest. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200))
  flushSync()
}
function field<T extends HTMLElement>(label: string): T {
  const found = document.body.querySelector<T>(`[aria-label="${label}"]`)
  if (!found) throw new Error(`no field called ${label}`)
  return found
}
function choose(label: string, value: string): void {
  const select = field<HTMLSelectElement>(label)
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
  flushSync()
}
function press(text: string): void {
  const button = [...document.body.querySelectorAll('button')].find((one) => one.textContent.includes(text))
  if (!button) throw new Error(`no button called ${text}`)
  button.click()
}
const text = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')

test('shows the columns with what is in them, the first rows, and the balance of classes', () => {
  expect(text()).toContain('4 … 6, mean 5 · 1 missing')
  expect(text()).toContain('2 values: a, b')
  expect([...document.body.querySelectorAll('td.line')].map((cell) => cell.textContent)).toEqual(['2', '3'])
  expect(text()).toContain('missing')
  expect(text()).toContain('60.0 %')
  expect(engine.calls.filter((call) => call.name === 'data.preview')).toHaveLength(1)
})

describe('an edit', () => {
  test('of a role changes that column in the document, and nothing else', () => {
    choose('Role of length', 'ignore')
    expect(editor.edits).toHaveLength(1)
    expect(editor.last).toEqual({
      ...table,
      source: { ...table.source, columns: [{ ...columns[0], role: 'ignore' }, columns[1]] },
    })
  })

  test('of a role to target frees the target before, in the same step', () => {
    choose('Role of length', 'target')
    expect(editor.edits).toHaveLength(1)
    const { source } = editor.last
    expect(source.kind === 'table' && source.columns.map((column) => column.role)).toEqual(['target', 'feature'])
  })

  test('of a kind brings the categories that the file has', () => {
    choose('Kind of length', 'categorical')
    const { source } = editor.last
    expect(source.kind === 'table' && source.columns[0]).toEqual({
      name: 'length',
      role: 'feature',
      kind: 'categorical',
      categories: ['4', '5', '6'],
    })
    expect(field<HTMLSelectElement>('Kind of species').disabled).toBe(true)
  })

  test('makes the engine look again, once for many in a row', async () => {
    const looks = () => engine.calls.filter((call) => call.name === 'data.preview').length
    choose('Role of length', 'ignore')
    choose('Role of length', 'feature')
    choose('Role of length', 'ignore')
    await settle()
    expect(looks()).toBe(2)
    expect(engine.calls.at(-1)?.args).toEqual({ data: editor.document.data })
  })

  test('of the share is one step for one drag, and another for the next', () => {
    const slider = document.body.querySelector<HTMLInputElement>('input[type=range]') as HTMLInputElement
    const drag = (...values: readonly number[]) => {
      for (const value of values) {
        slider.value = String(value)
        slider.dispatchEvent(new Event('input', { bubbles: true }))
      }
      slider.dispatchEvent(new Event('change', { bubbles: true }))
    }
    drag(25, 30)
    drag(40)
    const gestures = editor.edits.map((edit) => edit.gesture)
    expect(gestures[0]).toBe(gestures[1])
    expect(gestures[2]).not.toBe(gestures[0])
    expect(editor.last.split).toEqual({ validation: 0.4, seed: 1 })
  })

  test('to a generated set takes its source and keeps the preparation', () => {
    const radios = [...document.body.querySelectorAll<HTMLInputElement>('input[type=radio]')]
    radios.at(-1)?.click()
    flushSync()
    expect(editor.last).toEqual({ ...table, source: moons })
    expect(text()).toContain('Two half circles.')
    expect(text()).toContain('Points')
  })
})

describe('opening a file', () => {
  const other = { ...file, name: 'wine.csv', sha256: 'e'.repeat(64) }
  const proposal = { kind: 'table', reader: 'csv', file: other, columns } as const

  test('puts the proposal into the document and shows the warnings for as long as that file is used', async () => {
    const warning = problem('csv.missing', 'Column length has 1 missing value.', { file: 'wine.csv' }, 'warning')
    engine.answers['data.open'] = () => ok({ source: proposal, warnings: [warning] })
    press('Open a file')
    await settle()
    expect(platform.pickFiles).toHaveBeenCalledWith(['.csv'])
    expect(engine.calls).toContainEqual({ name: 'data.open', args: { handles: ['h1'] } })
    expect(editor.last).toEqual({ ...table, source: proposal })
    expect(text()).toContain('Column length has 1 missing value. wine.csv')
    editor.document = { ...editor.document, data: table }
    flushSync()
    expect(text()).not.toContain('1 missing value')
  })

  test('that cannot be read leaves the data and says why and where', async () => {
    engine.answers['data.open'] = () =>
      fail(problem('csv.ragged', 'This row has 3 cells, the header 2.', { file: 'bad.csv', line: 4 }))
    press('Open a file')
    await settle()
    expect(editor.edits).toEqual([])
    expect(document.body.querySelector('[role=alert]')?.textContent).toContain('This row has 3 cells, the header 2.')
    expect(text()).toContain('bad.csv, line 4')
    expect(text()).toContain('as they were before')
  })

  test('and thinking better of it changes nothing', async () => {
    platform.pickFiles = async () => ok([])
    press('Open a file')
    await settle()
    expect(editor.edits).toEqual([])
    expect(document.body.querySelector('[role=alert]')).toBeNull()
  })
})

test('a panel that is opened again still has what was seen and said, and does not ask twice', async () => {
  const warning = problem('csv.missing', 'Column length has 1 missing value.', { file: 'iris.csv' }, 'warning')
  engine.answers['data.open'] = () => ok({ source: table.source, warnings: [warning] })
  press('Open a file')
  await settle()
  const asked = engine.calls.length
  await unmount(panel)
  panel = mount(DataPanel, { target: document.body, props: { editor, engine: engine.peer, platform } })
  await settle()
  expect(text()).toContain('Column length has 1 missing value.')
  expect(text()).toContain('mean 5')
  expect(engine.calls).toHaveLength(asked)
})

test('an engine that does not answer is a sentence and a way to try again', async () => {
  engine.answers['data.preview'] = () => fail(problem('data.gone', 'iris.csv is not here any more; choose it again.'))
  choose('Role of length', 'ignore')
  await settle()
  expect(text()).toContain('iris.csv is not here any more')
  engine.answers['data.preview'] = () => ok(preview)
  press('Look again')
  await settle()
  expect(text()).not.toContain('not here any more')
})
