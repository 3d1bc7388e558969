import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import DataPanel from '../../renderer/data/DataPanel.svelte'
import type { Import } from '../../renderer/state/import.svelte.ts'
import { choice, int } from '../../src/base/params.ts'
import { fail, ok, problem } from '../../src/base/problem.ts'
import { applyEdit, type Edit } from '../../src/document/edits.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { Column, DataSection, GraphDocument } from '../../src/document/types.ts'
import { NO_BAD } from '../../src/data/types.ts'
import type { DataPreview, EngineInfo, ReaderDescription } from '../../src/protocol/messages.ts'
import { FakeEngine } from './run-fakes.ts'

const columns: readonly Column[] = [
  { name: 'length', role: 'feature', kind: 'numeric' },
  { name: 'species', role: 'target', kind: 'categorical', categories: ['a', 'b'] },
]
const file = { name: 'iris.csv', size: 20, sha256: 'f'.repeat(64) }
const source = { kind: 'table', reader: 'csv', options: {}, files: [file], columns } as const
const table: DataSection = {
  source,
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
  unit: 'line',
  lines: [2, 3],
  duplicates: 0,
  columns: [
    {
      name: 'length',
      missing: 1,
      numbers: { min: 4, max: 6, mean: 5, deviation: 1, bins: [3, 0, 6] },
      top: [],
      categories: ['4', '5', '6'],
    },
    { name: 'species', missing: 0, numbers: undefined, top: [{ name: 'a', count: 5 }], categories: ['a', 'b'] },
  ],
  classes: [
    { name: 'a', count: 6 },
    { name: 'b', count: 4 },
  ],
  facts: [{ label: 'Delimiter', value: 'comma' }],
  bad: NO_BAD,
  warnings: [],
  errors: [],
}
const readers: readonly ReaderDescription[] = [
  {
    type: 'csv',
    title: 'Table',
    doc: '',
    extensions: ['.csv'],
    options: {
      delimiter: choice({ label: 'Delimiter', default: 'auto', options: { auto: 'Guess', semicolon: 'Semicolon' } }),
    },
  },
]
const info = {
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
  document = $state.raw<GraphDocument>({ ...emptyDocument(), data: table })
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
let importing: Pick<Import, 'pickFiles' | 'pickFolder'>
let panel: ReturnType<typeof mount>

beforeEach(async () => {
  editor = new FakeEditor()
  engine = new FakeEngine({ 'engine.info': () => info, 'data.preview': () => ok(preview) })
  importing = { pickFiles: vi.fn(async () => undefined), pickFolder: vi.fn(async () => undefined) }
  open()
  await settle()
})
afterEach(() => unmount(panel))

function open(): void {
  panel = mount(DataPanel, { target: document.body, props: { editor, engine: engine.peer, importing, readers } })
}

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
/** The one option of the reader. */
function readWith(value: string): void {
  const select = document.body.querySelector<HTMLSelectElement>('details select') as HTMLSelectElement
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

test('draws how the numbers of a column spread', () => {
  const bars = [...document.body.querySelectorAll<HTMLElement>('[aria-label=length] i')]
  expect(bars.map((bar) => bar.style.height)).toEqual(['50%', '0%', '100%'])
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

  test('to a generated set takes its source as the engine has it and keeps the preparation', async () => {
    const made = { ...moons, features: [3] }
    engine.answers['data.generated'] = () => ok(made)
    const radios = [...document.body.querySelectorAll<HTMLInputElement>('input[type=radio]')]
    radios.at(-1)?.click()
    await settle()
    expect(engine.calls).toContainEqual({
      name: 'data.generated',
      args: { generator: 'moons', params: { points: 500 }, seed: 1 },
    })
    expect(editor.last).toEqual({ ...table, source: made })
    expect(text()).toContain('Two half circles.')
    expect(text()).toContain('Points')
  })
})

describe('how a column is prepared', () => {
  /** A field of the group or section of that name, by its label. */
  function within(part: string, label: string): HTMLElement {
    const group = field(part)
    const found = [...group.querySelectorAll('label')].find((one) => one.textContent === label)
    const control = found && document.getElementById(found.htmlFor)
    if (!control) throw new Error(`no ${label} in ${part}`)
    return control
  }
  function set(part: string, label: string, value: string | boolean): void {
    const control = within(part, label) as HTMLInputElement
    if (typeof value === 'boolean') control.checked = value
    else control.value = value
    // Of a number each stroke counts.
    for (const event of ['input', 'change']) control.dispatchEvent(new Event(event, { bubbles: true }))
    flushSync()
  }
  const columnNow = () => {
    const { source } = editor.last
    return source.kind === 'table' ? source.columns[0] : undefined
  }

  test('is chosen column by column, and said beside what is in it', () => {
    set('Preparation of length', 'Scale', 'log')
    expect(columnNow()).toEqual({ ...columns[0], scale: 'log' })
    set('Preparation of length', 'Cut extremes', true)
    expect(columnNow()).toEqual({ ...columns[0], scale: 'log', clip: [0.01, 0.99] })
    set('Preparation of length', 'Missing', 'constant')
    set('Preparation of length', 'Flag missing', true)
    expect(columnNow()).toMatchObject({ missing: 'constant', fill: 0, flag: true })
    expect(text()).toContain('logarithm, cut, filled by 0, flagged')
    expect((within('Preparation of length', 'Constant') as HTMLInputElement).value).toBe('0')
    set('Preparation of length', 'Missing', 'all')
    set('Preparation of length', 'Flag missing', false)
    set('Preparation of length', 'Cut extremes', false)
    set('Preparation of length', 'Scale', 'all')
    expect(editor.last).toEqual(table)
    expect(document.querySelector('[aria-label="Preparation of species"]')).toBeNull()
  })

  test('of categories has an encoding instead', () => {
    choose('Kind of length', 'categorical')
    expect(() => within('Preparation of length', 'Scale')).toThrow()
    set('Preparation of length', 'Encoding', 'hash')
    expect(columnNow()).toMatchObject({ encoding: 'hash' })
    expect((within('Preparation of length', 'Places') as HTMLInputElement).value).toBe('32')
    set('Preparation of length', 'Encoding', 'ordinal')
    set('Preparation of length', 'Scale', 'none')
    expect(columnNow()).toMatchObject({ encoding: 'ordinal', scale: 'none' })
  })

  test('and how all are, with windows over their rows', () => {
    set('Preparation', 'Scale', 'minMax')
    set('Preparation', 'Windows', true)
    expect(editor.last.preparation).toEqual({
      scale: 'minMax',
      missing: 'fill',
      windows: { length: 10, horizon: 1, stride: 1 },
    })
    expect((within('Preparation', 'Stride') as HTMLInputElement).value).toBe('1')
    // Neighbouring windows share rows: none are drawn.
    expect((within('Split', 'Method') as HTMLSelectElement).value).toBe('time')
    set('Preparation', 'Windows', false)
    expect(editor.last.preparation).toEqual({ scale: 'minMax', missing: 'fill' })
  })

  test('and with the past of the target, as long as that is not the answer', () => {
    const windowsNow = () => editor.last.preparation.windows
    set('Preparation', 'Windows', true)
    set('Preparation', 'Past of the target', true)
    expect(windowsNow()).toEqual({ length: 10, horizon: 1, stride: 1, past: true })
    expect(text()).toContain('1 target with its past')
    set('Preparation', 'Horizon', '0')
    expect(windowsNow()?.horizon).toBe(1)
    set('Preparation', 'Horizon', '3')
    expect(windowsNow()).toEqual({ length: 10, horizon: 3, stride: 1, past: true })
    set('Preparation', 'Past of the target', false)
    expect(windowsNow()).toEqual({ length: 10, horizon: 3, stride: 1 })
    expect(text()).not.toContain('with its past')
    set('Preparation', 'Horizon', '0')
    expect(windowsNow()?.horizon).toBe(0)
    expect(() => within('Preparation', 'Past of the target')).toThrow()
  })

  test('and where nothing else is a feature windows begin with it', () => {
    for (const { name, role } of table.source.kind === 'table' ? table.source.columns : [])
      if (role === 'feature') choose(`Role of ${name}`, 'ignore')
    set('Preparation', 'Windows', true)
    expect(editor.last.preparation.windows).toEqual({ length: 10, horizon: 1, stride: 1, past: true })
  })

  test('and which examples validate', () => {
    set('Split', 'Equal together', true)
    set('Split', 'Stratified', false)
    expect(editor.last.split).toEqual({ ...table.split, together: true, stratified: false })
    set('Split', 'Method', 'group')
    expect(editor.last.split).toMatchObject({ method: 'group', together: true })
    expect(text()).toContain('No column has the role Group; give it to one.')
    choose('Role of length', 'group')
    expect(text()).not.toContain('No column has the role')
    set('Split', 'Method', 'column')
    expect(editor.last.split).toEqual({ ...table.split, stratified: false, method: 'column' })
    expect(document.querySelector('input[type=range]')).toBeNull()
    set('Split', 'Method', 'ratio')
    expect(editor.last.split).toEqual({ ...table.split, stratified: false })
    // These data are one file.
    expect(within('Split', 'Method').textContent).not.toContain('By files')
  })

  test('and a network that was proposed follows, until it is one\u2019s own', () => {
    const { graph, training } = starterFor(table)
    editor.document = { ...editor.document, graph, training }
    set('Preparation', 'Windows', true)
    const edit = editor.edits.at(-1)?.edit
    if (edit?.kind !== 'several') throw new Error('the network stays')
    expect(edit.edits.map(({ kind }) => kind)).toEqual(['setData', 'removeItems', 'insert', 'setTraining'])
    const windows = edit.edits.flatMap((one) => (one.kind === 'setData' ? [one.data] : []))[0] ?? table
    const result = applyEdit(editor.document, edit)
    if (!result.ok) throw new Error(result.problems[0]?.message)
    const { graph: own } = result.value
    expect(own).toEqual(starterFor(windows).graph)
    expect(Object.values(own.blocks).map(({ type }) => type)).toContain('gru')
    // Moved is not changed, but another block is.
    const [id = '', block] = Object.entries(graph.blocks)[1] ?? []
    const changed = (change: object) => ({ ...graph, blocks: { ...graph.blocks, [id]: { ...block, ...change } } })
    editor.document = { ...editor.document, data: table, graph: changed({ position: { x: 9, y: 9 } }) as typeof graph }
    set('Preparation', 'Windows', true)
    expect(editor.edits.at(-1)?.edit.kind).toBe('several')
    editor.document = { ...editor.document, data: table, graph: changed({ params: { features: 5 } }) as typeof graph }
    flushSync()
    set('Preparation', 'Windows', true)
    expect(editor.edits.at(-1)?.edit.kind).toBe('setData')
  })

  test('and by the files of a table, which each row tells', async () => {
    expect(document.querySelector('td.file')).toBeNull()
    const parts = [
      { name: 'train.csv', count: 7 },
      { name: 'test.csv', count: 3 },
    ]
    const files = parts.map(({ name }) => name)
    engine.answers['data.preview'] = () => ok({ ...preview, lines: [2, 2], files, parts })
    editor.edit({ kind: 'setData', data: { ...table, source: { ...source, files: [file, file] } } })
    await settle()
    const cells = (kind: string) => [...document.querySelectorAll(`td.${kind}`)].map((cell) => cell.textContent)
    expect([cells('file'), cells('line')]).toEqual([files, ['2', '2']])
    set('Split', 'Method', 'file')
    expect(editor.last.split).toEqual({ ...table.split, method: 'file', parts: { 'test.csv': 'validation' } })
    expect(within('Split', 'test.csv (3)').textContent).toContain('Validates')
  })

  test('and by files, where there are several', async () => {
    const target = { kind: 'classes', names: ['a', 'b'] } as const
    const points: DataSection = {
      ...table,
      source: { kind: 'examples', reader: 'idx', options: {}, files: [file], features: [2], target },
    }
    const parts = [
      { name: 'train', count: 60_000 },
      { name: 't10k', count: 10_000 },
      { name: 'more', count: 7 },
    ]
    const { facts, bad, warnings } = preview
    const seen = { kind: 'points', count: 70_007, axes: ['x', 'y'], facts, bad, warnings, errors: [], parts } as const
    const none = { x: new Float32Array(), y: new Float32Array(), codes: undefined, classes: undefined }
    engine.answers['data.preview'] = () => ok({ ...seen, ...none })
    editor.edit({ kind: 'setData', data: points })
    await settle()
    set('Split', 'Method', 'file')
    expect(editor.last.split).toEqual({
      ...table.split,
      method: 'file',
      parts: { t10k: 'validation', more: 'none' },
    })
    expect(document.querySelector('input[type=range]')).toBeNull()
    set('Split', 't10k (10,000)', 'none')
    expect(editor.last.split.parts).toEqual({ more: 'none' })
    expect(text()).toContain('No part validates')
    set('Split', 'more (7)', 'validation')
    set('Split', 'train (60,000)', 'none')
    expect(text()).toContain('No part trains.')
    set('Split', 'train (60,000)', 'train')
    expect(editor.last.split.parts).toEqual({ more: 'validation' })
    set('Split', 'Method', 'ratio')
    expect(editor.last.split).toEqual(table.split)
  })
})

test('files and folders are opened by the two buttons, and taken elsewhere', () => {
  press('Open files')
  press('Open folder')
  expect(importing.pickFiles).toHaveBeenCalledOnce()
  expect(importing.pickFolder).toHaveBeenCalledOnce()
  expect(editor.edits).toEqual([])
})

describe('how a file is read', () => {
  const bare = problem('data.noFeature', 'iris.csv has no column left to learn from.')

  test('is said, with what was wrong', async () => {
    const skipped = problem('csv.ragged', 'iris.csv line 4 has 3 cells, but the header has 2.', {
      file: 'iris.csv',
      line: 4,
    })
    const warning = problem('csv.missing', 'Column length has 1 missing value.', { file: 'iris.csv' }, 'warning')
    const bad = { skipped: 1, repaired: 0, problems: [skipped] }
    engine.answers['data.preview'] = () => ok({ ...preview, bad, warnings: [warning] })
    choose('Role of length', 'ignore')
    await settle()
    expect(text()).toContain('Delimiter comma')
    expect(text()).toContain('Bad records: 1 left out')
    expect(text()).toContain('iris.csv line 4 has 3 cells')
    expect(text()).toContain('Column length has 1 missing value.')
  })

  test('can be said; columns of the same name keep their roles', async () => {
    choose('Role of length', 'ignore')
    const fresh = [columns[0], columns[1], { name: 'more', role: 'feature', kind: 'numeric' }] as readonly Column[]
    const options = { delimiter: 'semicolon' }
    engine.answers['data.read'] = () =>
      ok({ source: { ...source, options, columns: fresh }, facts: [], bad: NO_BAD, warnings: [], errors: [bare] })
    readWith('semicolon')
    await settle()
    expect(engine.calls.find(({ name }) => name === 'data.read')?.args).toMatchObject({
      source: { options, files: [file] },
    })
    const after = editor.last.source
    expect(after.kind === 'table' && after.columns.map(({ role }) => role)).toEqual(['ignore', 'target', 'feature'])
    expect(after).toMatchObject({ options })
  })

  test('in a way that leaves nothing to learn from says so, where no column has a name that is known', async () => {
    const columns: readonly Column[] = [{ name: 'length;species', role: 'target', kind: 'numeric' }]
    engine.answers['data.read'] = () =>
      ok({ source: { ...source, columns }, facts: [], bad: NO_BAD, warnings: [], errors: [bare] })
    readWith('semicolon')
    await settle()
    expect(editor.edits).toEqual([])
    expect(document.body.querySelector('[role=alert]')?.textContent).toContain(bare.message)
  })

  test('that does not work leaves the data and says why', async () => {
    engine.answers['data.read'] = () =>
      fail(problem('csv.ragged', 'iris.csv line 3 has 1 cell.', { file: 'iris.csv', line: 3 }))
    readWith('semicolon')
    await settle()
    expect(editor.edits).toEqual([])
    expect(document.body.querySelector('[role=alert]')?.textContent).toContain('iris.csv line 3 has 1 cell.')
  })
})

test('a panel that is opened again still has what was seen and said, and does not ask twice', async () => {
  const asked = engine.calls.length
  await unmount(panel)
  open()
  await settle()
  expect(text()).toContain('Delimiter comma')
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
