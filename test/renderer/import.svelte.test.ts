import { beforeEach, describe, expect, test } from 'vitest'
import { setRole } from '../../renderer/data/columns.ts'
import { Import, type ImportHost } from '../../renderer/state/import.svelte.ts'
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { NO_BAD } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { DataSection, GraphDocument, TableSource } from '../../src/document/types.ts'
import type { DataPreview, DataProposal, PickedFile } from '../../src/protocol/messages.ts'
import { FakeEngine } from './run-fakes.ts'

const source: TableSource = {
  kind: 'table',
  reader: 'csv',
  options: {},
  files: [{ name: 'wine.csv.gz', size: 9, sha256: 'e'.repeat(64) }],
  columns: [
    { name: 'acid', role: 'feature', kind: 'numeric' },
    { name: 'sugar', role: 'feature', kind: 'numeric' },
    { name: 'kind', role: 'target', kind: 'categorical', categories: ['red', 'white'] },
  ],
}
const proposal: DataProposal = { source, facts: [], bad: NO_BAD, warnings: [], errors: [] }
const preview = { kind: 'table', rows: 600, errors: [] } as unknown as DataPreview
const picked: PickedFile = { handle: 'h1', name: 'wine.csv.gz', size: 9 }

let engine: FakeEngine
let drawn: GraphDocument
let used: DataSection[]
let opened: GraphDocument[]
let choice: Result<readonly PickedFile[]>
let importing: Import

beforeEach(() => {
  engine = new FakeEngine({
    'data.open': () => ok(proposal),
    'data.preview': () => ok(preview),
  })
  drawn = emptyDocument()
  used = []
  opened = []
  choice = ok([picked])
  const host: ImportHost = {
    engine: engine.peer,
    platform: {
      pickFiles: async () => choice,
      pickFolder: async () => choice,
      acceptDrop: async () => choice,
    },
    document: () => drawn,
    extensions: () => ['.csv'],
    use: (data) => void used.push(data),
    open: (document) => void opened.push(document),
  }
  importing = new Import(host)
})

const found = () => {
  if (importing.state.kind !== 'found') throw new Error(`it is ${importing.state.kind}`)
  return importing.state
}

test('files are read and looked at before anything changes', async () => {
  await importing.pickFiles()
  expect(engine.calls.map(({ name }) => name)).toEqual(['data.open', 'data.preview'])
  expect(engine.calls[0]?.args).toEqual({ handles: ['h1'], options: null })
  expect(found()).toMatchObject({ name: 'wine.csv.gz', fits: false, starter: { task: 'binary' } })
  expect(used).toEqual([])
  expect(opened).toEqual([])
})

test('a new drawing has the data, a network for them and their name', async () => {
  await importing.pickFolder()
  importing.begin()
  expect(opened).toMatchObject([{ name: 'wine', data: { source } }])
  expect(Object.values(opened[0]?.graph.blocks ?? {}).map(({ type }) => type)).toContain('crossEntropy')
  expect(used).toEqual([])
  expect(importing.state.kind).toBe('none')
})

test('a series is a forecast in a new drawing, and in one that takes it; a drawing that takes rows is given rows', async () => {
  const columns: TableSource['columns'] = [
    { name: 'date', role: 'time', kind: 'categorical' },
    { name: 'price', role: 'feature', kind: 'numeric' },
    { name: 'sales', role: 'target', kind: 'numeric' },
  ]
  const windows = { length: 16, horizon: 1, stride: 1, past: true } as const
  const series: DataProposal = { ...proposal, source: { ...source, columns }, windows }
  engine.answers['data.open'] = () => ok(series)
  await importing.pickFiles()
  expect(found().starter).toMatchObject({ task: 'sequenceNumbers', says: 'Forecast sales from the last 16 rows.' })
  importing.begin()
  const [forecast] = opened
  expect(forecast?.data.preparation.windows).toEqual(windows)
  const taken = async (drawing: GraphDocument | undefined) => {
    drawn = { ...emptyDocument(), graph: drawing?.graph ?? emptyDocument().graph }
    await importing.pickFiles()
    const { fits } = found()
    importing.use()
    return { fits, windows: used.at(-1)?.preparation.windows }
  }
  expect(await taken(forecast)).toEqual({ fits: true, windows })
  const rows = { ...emptyDocument(), graph: starterFor({ ...drawn.data, source: series.source }).graph }
  expect(await taken(rows)).toEqual({ fits: true, windows: undefined })
  expect(await taken(undefined)).toEqual({ fits: false, windows })
  // Without another feature there are no rows to learn from.
  engine.answers['data.open'] = () =>
    ok({ ...series, source: { ...source, columns: columns.filter((_, i) => i !== 1) } })
  expect(await taken(rows)).toEqual({ fits: false, windows })
})

test('for the drawing that is open they keep its preparation and its split', async () => {
  drawn = { ...drawn, data: { ...drawn.data, split: { validation: 0.4, seed: 9 } } }
  await importing.drop({} as DataTransfer)
  importing.use()
  expect(used).toEqual([{ ...drawn.data, source }])
  expect(opened).toEqual([])
})

test('several files have one name together', async () => {
  const namedAfter = async (...names: readonly string[]) => {
    const files = names.map((name) => ({ ...source.files[0]!, name }))
    engine.answers['data.open'] = () => ok({ ...proposal, source: { ...source, files } })
    await importing.pickFiles()
    importing.begin()
    return opened.at(-1)?.name
  }
  expect(await namedAfter('train.csv', 'test.csv.gz')).toBe('train, test')
  expect(await namedAfter('jan.csv', 'feb.csv', 'mar.csv', 'apr.csv')).toBe('jan and 3 more')
})

test('files that come in parts are split by them', async () => {
  const split = { method: 'file', parts: { test: 'validation' } } as const
  engine.answers['data.open'] = () => ok({ ...proposal, split })
  await importing.pickFiles()
  importing.begin()
  expect(opened[0]?.data.split).toEqual({ ...drawn.data.split, ...split })
  drawn = opened[0] ?? drawn
  await importing.pickFiles()
  importing.use()
  expect(used).toEqual([drawn.data])
  // Data that do not come so are split as before.
  engine.answers['data.open'] = () => ok(proposal)
  await importing.pickFiles()
  importing.use()
  expect(used[1]?.split).toEqual(emptyDocument().data.split)
})

test('columns can be given other roles before they are taken', async () => {
  const crowded = { name: 'remark', role: 'ignore', kind: 'categorical' } as const
  engine.answers['data.open'] = () => ok({ ...proposal, source: { ...source, columns: [...source.columns, crowded] } })
  await importing.pickFiles()
  const { columns } = found().proposal.source as TableSource
  await importing.setColumns(setRole(columns, 'remark', 'feature'))
  importing.begin()
  const taken = opened[0]?.data.source as TableSource
  expect(taken.columns.at(-1)).toEqual({ name: 'remark', role: 'feature', kind: 'categorical', encoding: 'hash' })
  // No target: the network proposed is another one.
  await importing.pickFiles()
  await importing.setColumns(
    columns.map((column) => (column.role === 'target' ? { ...column, role: 'ignore' } : column)),
  )
  expect(found().starter.task).toBe('reconstruction')
})

test('a role by which rows are split splits them, in both ways of taking the data', async () => {
  await importing.pickFiles()
  const { columns } = found().proposal.source as TableSource
  await importing.setColumns(setRole(columns, 'acid', 'group'))
  importing.begin()
  expect(opened[0]?.data.split.method).toBe('group')
  await importing.pickFiles()
  await importing.setColumns(setRole(columns, 'sugar', 'time'))
  importing.use()
  expect(used[0]?.split.method).toBe('time')
  await importing.pickFiles()
  importing.use()
  expect(used[1]?.split).toEqual(drawn.data.split)
})

describe('columns from which nothing can be learnt', () => {
  const why = problem('data.oneClass', 'wine.csv, column kind: every row is red.', { column: 'kind' })
  const hopeless = { ...preview, errors: [why] }
  /** Nothing is learnt as long as the kind is the target. */
  const judge = ({ data }: { data: DataSection }) =>
    ok(
      data.source.kind === 'table' && data.source.columns.some(({ name, role }) => name === 'kind' && role === 'target')
        ? hopeless
        : preview,
    )

  test('are shown, and others are asked about until they do', async () => {
    engine.answers['data.preview'] = judge
    drawn = { ...emptyDocument(), graph: starterFor({ ...emptyDocument().data, source }).graph }
    await importing.pickFiles()
    expect(found()).toMatchObject({ proposal, preview: { errors: [why] }, fits: false, checking: false })
    const { columns } = found().proposal.source as TableSource
    const asking = importing.setColumns(setRole(columns, 'sugar', 'target'))
    // At once, so that the list shows what was chosen; whether it will do is not known yet.
    expect(found()).toMatchObject({ checking: true, preview: { errors: [why] } })
    expect((found().proposal.source as TableSource).columns[1]?.role).toBe('target')
    await asking
    expect(found()).toMatchObject({ checking: false, preview: { errors: [] }, starter: { says: 'Predict sugar.' } })
    await importing.setColumns(columns)
    expect(found().preview.errors).toEqual([why])
    expect(used).toEqual([])
  })

  test('of the answers only that about the last choice counts', async () => {
    const answers: ((value: Result<DataPreview>) => void)[] = []
    await importing.pickFiles()
    const { columns } = found().proposal.source as TableSource
    engine.answers['data.preview'] = () => new Promise((resolve) => answers.push(resolve))
    const first = importing.setColumns(setRole(columns, 'sugar', 'target'))
    const second = importing.setColumns(setRole(columns, 'acid', 'target'))
    expect(engine.askings.at(-2)?.signal?.aborted).toBe(true)
    answers[1]?.(ok(preview))
    await second
    answers[0]?.(ok(hopeless))
    await first
    expect(found()).toMatchObject({ checking: false, preview: { errors: [] }, starter: { says: 'Predict acid.' } })
  })

  test('are as they were where nobody can say', async () => {
    await importing.pickFiles()
    const { columns } = found().proposal.source as TableSource
    engine.answers['data.preview'] = () => fail(why)
    await importing.setColumns(setRole(columns, 'sugar', 'target'))
    expect(found()).toMatchObject({ proposal, checking: false, refusals: [why] })
    delete engine.answers['data.preview']
    await importing.setColumns(setRole(columns, 'sugar', 'target'))
    expect(found()).toMatchObject({ proposal, refusals: [{ message: expect.stringContaining('ended') }] })
  })
})

test('whether the drawing fits is found out by analysing it with them', async () => {
  await importing.pickFiles()
  importing.begin()
  drawn = { ...(opened[0] ?? drawn), data: emptyDocument().data }
  await importing.pickFiles()
  expect(found().fits).toBe(true)
})

describe('what is refused', () => {
  const bad = problem('csv.ragged', 'wine.csv line 3 has 1 cell, but the header has 2.', { file: 'wine.csv', line: 3 })

  test('is said, and can be tried with other options', async () => {
    engine.answers['data.open'] = () => fail(bad)
    await importing.pickFiles()
    expect(importing.state).toEqual({ kind: 'refused', name: 'wine.csv.gz', problems: [bad], options: {} })
    await importing.again({ delimiter: 'tab' })
    expect(importing.state).toMatchObject({ kind: 'refused', options: { delimiter: 'tab' } })
    engine.answers['data.open'] = () => ok({ ...proposal, bad: { skipped: 1, repaired: 0, problems: [bad] } })
    await importing.again({ bad: 'skip' })
    expect(engine.calls.findLast(({ name }) => name === 'data.open')?.args).toEqual({
      handles: ['h1'],
      options: { bad: 'skip' },
    })
    expect(found().proposal.bad.skipped).toBe(1)
    expect(used).toEqual([])
  })

  test('once more with other options leaves what was found', async () => {
    await importing.pickFiles()
    engine.answers['data.open'] = () => fail(bad)
    await importing.again({ delimiter: 'tab' })
    expect(found()).toMatchObject({ proposal, again: false, refusals: [bad] })
    engine.answers['data.open'] = () => ok(proposal)
    await importing.again({})
    expect(found().refusals).toEqual([])
  })

  test('an engine that ends while it reads is a sentence', async () => {
    delete engine.answers['data.open']
    await importing.pickFiles()
    expect(importing.state).toMatchObject({
      kind: 'refused',
      problems: [{ message: expect.stringContaining('ended') }],
    })
  })

  test('a file that does not arrive is a sentence', async () => {
    choice = fail(problem('files.upload', 'wine.csv: too large.'))
    await importing.pickFiles()
    expect(importing.state).toMatchObject({ kind: 'refused', problems: [{ message: 'wine.csv: too large.' }] })
  })
})

test('thinking better of it in the dialog changes nothing', async () => {
  choice = ok([])
  await importing.pickFiles()
  expect(importing.state.kind).toBe('none')
  expect(engine.calls).toEqual([])
})

test('what is cancelled is ended in the engine, and its answer comes too late', async () => {
  let answer: (value: Result<DataProposal>) => void = () => undefined
  engine.answers['data.open'] = () => new Promise((resolve) => (answer = resolve))
  const taking = importing.pickFiles()
  await new Promise((resolve) => setTimeout(resolve))
  const [asking] = engine.askings
  asking?.onProgress?.({ doing: 'checking', file: 'wine.csv.gz', share: 0.25 })
  expect(importing.state).toEqual({ kind: 'reading', name: 'wine.csv.gz', doing: 'checking', share: 0.25 })
  expect(asking?.signal?.aborted).toBe(false)
  importing.cancel()
  expect(asking?.signal?.aborted).toBe(true)
  asking?.onProgress?.({ doing: 'reading', file: 'wine.csv.gz', share: 0.5 })
  expect(importing.state.kind).toBe('none')
  answer(ok(proposal))
  await taking
  expect(importing.state.kind).toBe('none')
})

test('other options while it is read end the reading with the old ones', async () => {
  await importing.pickFiles()
  engine.answers['data.open'] = () => new Promise(() => undefined)
  void importing.again({ delimiter: 'tab' })
  void importing.again({ delimiter: 'bar' })
  const [, , tab, bar] = engine.askings
  expect([tab?.signal?.aborted, bar?.signal?.aborted]).toEqual([true, false])
})
