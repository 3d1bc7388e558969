import { flushSync, mount, tick, unmount } from 'svelte'
import { afterEach, expect, test } from 'vitest'
import { readTarget, type Correcting } from '../../renderer/evaluate/corrections.ts'
import LowerPanel from '../../renderer/evaluate/LowerPanel.svelte'
import { inkOf, step } from '../../renderer/evaluate/matrix.ts'
import { pathOf, placeOn, scaleOver } from '../../renderer/evaluate/plot.ts'
import { verdictsOf } from '../../renderer/evaluate/verdict.ts'
import { RunView } from '../../renderer/state/run.svelte.ts'
import { correctionsKey, rowsKey } from '../../src/document/corrections.ts'
import { ok } from '../../src/base/problem.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { Column, DataSection } from '../../src/document/types.ts'
import type { Answer, AskedExample, Evaluation, SampleChoice } from '../../src/protocol/messages.ts'
import { evaluateClasses } from '../../src/train/evaluation/classes.ts'
import { evaluateLabels } from '../../src/train/evaluation/labels.ts'
import { evaluateNumbers } from '../../src/train/evaluation/numbers.ts'
import { valueOf } from '../data/files.ts'
import { FakeEngine, progressOf, snapshotOf, telemetryOf } from './run-fakes.ts'

let panel: ReturnType<typeof mount> | undefined
afterEach(() => {
  if (panel) void unmount(panel)
  panel = undefined
})

const names = ['cat', 'dog', 'owl']
const truths = [0, 0, 0, 1, 1, 2]
const guesses = [0, 0, 1, 1, 2, 2]
const common = {
  run: '7.1',
  part: 'validation',
  step: 10,
  epoch: 1,
  count: 6,
  looked: 6,
  undecidedSamples: [],
} as const
const classes: Evaluation = {
  ...evaluateClasses({
    scores: guesses.flatMap((guess) => names.map((_, k) => (k === guess ? 0.8 : 0.1))),
    truths,
    names,
    indices: [0, 1, 2, 3, 4, 5],
  }),
  ...common,
  undecided: 0,
}
const numbers: Evaluation = {
  ...evaluateNumbers({
    predicted: [1, 2, 4],
    truths: [1, 2, 3],
    names: ['price'],
    deviations: [1],
    indices: [0, 1, 2],
  }),
  ...common,
  count: 3,
  looked: 3,
  undecided: 0,
}

function samplesFor(choice: SampleChoice) {
  const indices =
    choice.kind === 'indices'
      ? choice.indices
      : truths.flatMap((truth, i) => (truth === choice.truth && guesses[i] === choice.predicted ? [i] : []))
  const samples = indices.map((index) => {
    return { index, row: index, truth: [truths[index] ?? 0], answer: [guesses[index] ?? 0], confidence: 0.8 }
  })
  const looks = {
    kind: 'table',
    header: ['size'],
    unit: 'line',
    lines: indices.map((index) => index + 2),
    cells: indices.map((index) => [`${index}.5`]),
  } as const
  return ok({ step: 10, total: indices.length, samples, looks, rowsKey: rowsKey(table.source), correctionsKey: learnt })
}

const base = emptyDocument().data
const column = (name: string, role: 'feature' | 'target') => ({ name, role, kind: 'numeric' }) as const
const source = {
  kind: 'table',
  reader: 'csv',
  options: {},
  files: [],
  columns: [column('size', 'feature'), column('age', 'feature'), column('price', 'target')],
} as const

const kind: Column = { name: 'kind', role: 'target', kind: 'categorical', categories: names }
/** What the samples below are rows of. */
const table: DataSection = { ...base, source: { ...source, columns: [...source.columns.slice(0, 2), kind] } }
const learnt = correctionsKey(table)

async function show(
  engine: FakeEngine,
  connected = true,
  data: DataSection = base,
  correcting?: Correcting,
): Promise<RunView> {
  const run = new RunView(engine.peer)
  if (connected) await run.connect()
  const props = { run, engine: engine.peer, data, ...(correcting && { correcting }) }
  panel = mount(LowerPanel, { target: document.body, props })
  flushSync()
  return run
}
const settle = async () => {
  for (let i = 0; i < 10; i++) await tick()
  flushSync()
}
async function choose(label: string): Promise<void> {
  const radio = [...document.body.querySelectorAll('label')].find((one) => one.textContent?.trim() === label)
  radio?.querySelector('input')?.click()
  await settle()
}
const text = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')
const cells = () => [...document.body.querySelectorAll<HTMLButtonElement>('button[data-cell]')]
const rows = () => [...document.body.querySelectorAll('[role=region] tbody tr')].map((row) => row.textContent?.trim())
const looking = (answer: Evaluation) =>
  new FakeEngine({
    'run.current': () => snapshotOf({ progress: progressOf({ state: 'running' }) }),
    'run.evaluate': () => ok(answer),
    'run.samples': ({ choice }) => samplesFor(choice),
  })

test('before the first run it says what there will be, and asks nothing', async () => {
  const engine = new FakeEngine()
  await show(engine, false)
  await choose('Evaluate')
  expect(text()).toContain('see here what it gets right and wrong')
  await choose('Try it')
  expect(text()).toContain('try it here on an example of your own')
  expect(engine.calls).toEqual([])
})

test('the matrix counts, and each cell opens as many samples as it says', async () => {
  await show(looking(classes))
  await choose('Evaluate')
  expect(text()).toContain('After step 10')
  expect(cells().map((cell) => cell.textContent)).toEqual(['2', '1', '0', '0', '1', '1', '0', '0', '1'])
  expect(cells().map((cell) => cell.ariaLabel ?? cell.getAttribute('aria-label'))[1]).toBe('cat taken for dog: 1 of 3')
  for (const cell of cells()) {
    if (cell.textContent === '0') continue
    cell.click()
    await settle()
    expect(rows()).toHaveLength(Number(cell.textContent))
  }
  cells()[1]?.click()
  await settle()
  expect(rows()[0]?.replaceAll(/\s+/g, ' ')).toBe('4catdog 80 %2.5')
  // A cell without samples opens nothing.
  const before = rows()
  cells()[2]?.click()
  await settle()
  expect(rows()).toEqual(before)
})

test('labels: each has a matrix of its own, whose cells ask for its samples; the words say which hold', async () => {
  const labels: Evaluation = {
    ...evaluateLabels({
      scores: [0.9, 0.8, 0.2, 0.7, 0.4, 0.1],
      truths: [1, 1, 0, 0, 1, 0],
      names: ['sea', 'sky'],
      indices: [0, 1, 2],
    }),
    ...common,
    undecided: 0,
  }
  const engine = looking(labels)
  const asked: SampleChoice[] = []
  engine.answers['run.samples'] = ({ choice }) => {
    asked.push(choice)
    return samplesFor({ kind: 'indices', indices: [1] })
  }
  await show(engine)
  await choose('Evaluate')
  expect(text()).toMatch(/33(\.3)? % wholly right/)
  expect(cells().map((cell) => cell.textContent)).toEqual(['1', '0', '1', '1'])
  const select = document.body.querySelector<HTMLSelectElement>('.scores select')
  if (!select) throw new Error('There is no list of labels.')
  expect([...select.options].map((option) => option.textContent)).toEqual(['sea', 'sky'])
  select.value = '1'
  select.dispatchEvent(new Event('change', { bubbles: true }))
  await settle()
  expect(cells().map((cell) => cell.textContent)).toEqual(['1', '1', '0', '1'])
  expect(cells()[1]?.getAttribute('aria-label')).toBe('not sky taken for sky: 1 of 2')
  cells()[1]?.click()
  await settle()
  expect(asked.at(-1)).toEqual({ kind: 'labelCell', label: 1, truth: 0, predicted: 1, skip: 0 })
  const judged = { index: 0, row: 0, confidence: null }
  expect(
    verdictsOf(labels, [
      { ...judged, truth: [0, 0], answer: [0.2, 0.7] },
      { ...judged, truth: [1, 1], answer: [0.9, 0.8] },
    ]).map(({ truth, answer, right }) => [truth, answer, right]),
  ).toEqual([
    ['none', 'sky', false],
    ['sea, sky', 'sea, sky', true],
  ])
})

test('arrows walk about in the matrix, and only one cell is a stop for Tab', async () => {
  await show(looking(classes))
  await choose('Evaluate')
  const stops = () => cells().flatMap((cell, i) => (cell.tabIndex === 0 ? [i] : []))
  expect(stops()).toEqual([0])
  cells()[0]?.focus()
  for (const key of ['ArrowDown', 'ArrowRight'])
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  flushSync()
  expect(cells().indexOf(document.activeElement as HTMLButtonElement)).toBe(4)
  expect(stops()).toEqual([4])
  expect(['Home', 'End', 'ArrowLeft', 'ArrowUp', 'x'].map((key) => step(key, 4, 3))).toEqual([3, 5, 3, 1, null])
  expect([step('ArrowRight', 8, 3), step('ArrowDown', 8, 3)]).toEqual([8, 8])
})

test('looks by itself when a run ends, on demand, and forgets what a new run makes old', async () => {
  const engine = looking(classes)
  await show(engine)
  await choose('Evaluate')
  const looks = () => engine.calls.filter(({ name }) => name === 'run.evaluate').length
  expect(looks()).toBe(1)
  engine.tell(telemetryOf({ progress: progressOf({ step: 20 }) }))
  await settle()
  expect(looks()).toBe(1)
  expect(text()).toContain('10 steps ago')
  const again = [...document.body.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Look again')
  again?.click()
  await settle()
  expect(looks()).toBe(2)
  engine.tell(telemetryOf({ progress: progressOf({ state: 'finished' }) }))
  await settle()
  expect(looks()).toBe(3)
})

test('numbers: a point for each, and what is off is said; a failed look is told', async () => {
  const engine = looking(numbers)
  await show(engine)
  await choose('Evaluate')
  expect(document.body.querySelectorAll('circle')).toHaveLength(3)
  expect(text()).toContain('RMSE 0.5774')
  engine.answers['run.evaluate'] = () => ({
    ok: false,
    problems: [{ code: 'evaluate.empty', severity: 'error', message: 'There is no validation part to look at.' }],
  })
  const again = [...document.body.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Look again')
  again?.click()
  await settle()
  expect(text()).toContain('There is no validation part to look at.')
})

test('a typed row is asked about as it is typed, the newest last', async () => {
  const asked: AskedExample[] = []
  const engine = new FakeEngine({
    'run.current': () => snapshotOf({ progress: progressOf({ state: 'finished' }) }),
    'data.preview': () => ({ ok: false, problems: [] }),
    'run.predict': ({ example }) => {
      asked.push(example)
      const size = example.kind === 'row' ? Number(example.cells['size']) : NaN
      return ok({ kind: 'numbers', step: 10, names: ['price'], values: [2 * size] } satisfies Answer)
    },
  })
  await show(engine, true, { ...base, source })
  await choose('Try it')
  const fields = [...document.body.querySelectorAll<HTMLInputElement>('form input')]
  expect(fields).toHaveLength(2)
  for (const value of ['1', '12', '123']) {
    if (!fields[0]) continue
    fields[0].value = value
    fields[0].dispatchEvent(new Event('input', { bubbles: true }))
    flushSync()
  }
  await settle()
  expect(asked.at(-1)).toEqual({ kind: 'row', cells: { size: '123' } })
  expect(text()).toContain('price 246')
  expect(text()).toContain('As of step 10')
})

test('colours leave words readable, and points find their places', () => {
  const shares = Array.from({ length: 101 }, (_, i) => inkOf(i / 100))
  expect(shares[0]).toEqual({ percent: 0, light: false })
  for (const { percent, light } of shares) expect(light ? percent >= 88 && percent <= 100 : percent <= 40).toBe(true)
  const scale = scaleOver([1, 3], [2, 5])
  expect([placeOn(scale, scale.low), placeOn(scale, scale.high), placeOn(scale, 3)]).toEqual([0, 100, 50])
  expect(scaleOver([])).toEqual({ low: 0, high: 1 })
  expect(pathOf([0, 1], [0, 1])).toBe('M0.00 100.00L100.00 0.00')
})

/** The document as the window holds it, with what was done to it. */
class Corrected implements Correcting {
  data = $state.raw(table)
  readonly labels: string[] = []
  trained = 0
  edit = (label: string, data: DataSection): void => {
    this.labels.push(label)
    this.data = data
  }
  train = () => void this.trained++
}
const button = (name: string) =>
  [...document.body.querySelectorAll('button')].find(
    (one) => (one.ariaLabel ?? one.getAttribute('aria-label') ?? one.textContent?.trim()) === name,
  )
async function press(name: string): Promise<void> {
  const found = button(name)
  if (!found) throw new Error(`There is no button ${name}.`)
  found.click()
  await settle()
}

test('a sample is given another label, left out and put back, each as one step that says which', async () => {
  const corrected = new Corrected()
  const engine = looking(classes)
  await show(engine, true, table, corrected)
  await choose('Evaluate')
  cells()[1]?.click()
  await settle()
  expect(text()).not.toContain('corrected')
  await press('Correct line 4')
  const select = document.body.querySelector<HTMLSelectElement>('[role=dialog] select')
  if (!select) throw new Error('There is no list of labels.')
  expect([select.value, [...select.options].map(({ value }) => value)]).toEqual(['cat', names])
  expect(button('Set this label')?.disabled).toBe(true)
  select.value = 'dog'
  select.dispatchEvent(new Event('change', { bubbles: true }))
  flushSync()
  // Nothing is done while one goes through the list.
  expect(corrected.labels).toEqual([])
  await press('Set this label')
  expect(corrected.data.corrections).toEqual({ 2: { target: 'dog' } })
  expect(document.body.querySelector('[role=dialog]')).toBeNull()
  expect(button('Correct line 4, now dog')).toBeDefined()
  expect(text()).toContain('1 sample is corrected; it counts from the next training.')

  await press('Correct line 4, now dog')
  await press('Leave out')
  expect(corrected.data.corrections).toEqual({ 2: { exclude: true } })
  await press('Correct line 4, now left out')
  expect(button('Leave out')).toBeUndefined()
  await press('Put back')
  expect(corrected.data).not.toHaveProperty('corrections')
  expect(text()).not.toContain('corrected')
  expect(corrected.labels).toEqual(['Label line 4 as dog', 'Leave out line 4', 'Put line 4 back'])
  // What the run shows is as it was.
  expect(engine.calls.filter(({ name }) => name === 'run.evaluate')).toHaveLength(1)
  expect(rows()[0]?.replaceAll(/\s+/g, ' ')).toBe('4catdog 80 %2.5')
})

test('all corrections are shown, taken back as one step, and count with the next training', async () => {
  const corrected = new Corrected()
  corrected.data = { ...table, corrections: { 1: { target: 'owl' }, 5: { exclude: true } } }
  const engine = looking(classes)
  engine.answers['data.samples'] = ({ rows }) =>
    ok({
      kind: 'table',
      header: ['size'],
      unit: 'line',
      files: rows.map((row) => (row < 3 ? 'jan.csv' : 'feb.csv')),
      lines: rows.map((row) => row + 2),
      cells: rows.map(() => ['1']),
    })
  await show(engine, true, table, corrected)
  await choose('Evaluate')
  expect(text()).toContain('2 samples are corrected; they count from the next training.')
  await press('Corrected')
  expect(rows().map((row) => row?.replaceAll(/\s+/g, ' '))).toEqual(['jan.csv3owl1', 'feb.csv7left out1'])
  await press('Train again')
  expect(corrected.trained).toBe(1)
  await press('Take all back')
  expect(corrected.labels).toEqual(['Take back 2 corrections'])
  expect(corrected.data).not.toHaveProperty('corrections')
})

test('a hundred corrections are shown at a time, and all can be reached', async () => {
  const corrected = new Corrected()
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, row) => [row, { exclude: true as const }]))
  corrected.data = { ...table, corrections: many }
  const engine = looking(classes)
  engine.answers['data.samples'] = ({ rows: wanted }) => {
    const cells = wanted.map(() => ['1'])
    return ok({ kind: 'table', header: ['size'], unit: 'line', lines: wanted.map((row) => row + 2), cells })
  }
  await show(engine, true, table, corrected)
  await choose('Evaluate')
  await press('Corrected')
  const lines = () => [rows()[0], rows().at(-1)].map((row) => parseInt(row ?? '', 10))
  expect([rows().length, ...lines()]).toEqual([100, 2, 101])
  expect(text()).toContain('1 to 100 of 250')
  expect(button('Back')?.disabled).toBe(true)
  await press('More')
  await press('More')
  expect([rows().length, ...lines()]).toEqual([50, 202, 251])
  expect(text()).toContain('201 to 250 of 250')
  expect(button('More')?.disabled).toBe(true)
  await press('Back')
  expect(lines()).toEqual([102, 201])
  await press('Correct line 102, now left out')
  await press('Put back')
  expect(corrected.data.corrections).toMatchObject({ 99: { exclude: true }, 101: { exclude: true } })
  expect(corrected.data.corrections).not.toHaveProperty('100')
})

test('where the run has learnt by them that is said; other data can’t be corrected by its samples', async () => {
  const corrected = new Corrected()
  const engine = looking(classes)
  corrected.data = { ...table, corrections: { 1: { target: 'owl' } } }
  const said = correctionsKey(corrected.data)
  engine.answers['run.samples'] = ({ choice }) => ok({ ...valueOf(samplesFor(choice)), correctionsKey: said })
  await show(engine, true, table, corrected)
  await choose('Evaluate')
  expect(text()).toContain('1 sample is corrected; this network was trained that way.')
  expect(button('Train again')).toBeUndefined()
  corrected.data = table
  flushSync()
  expect(text()).toContain('All corrections are taken back; that counts from the next training.')
  corrected.data = base
  await settle()
  expect(text()).toContain('The document has other data now')
  expect(button('Correct line 4')).toBeUndefined()
})

test('numbers are typed, and only numbers are taken', async () => {
  const corrected = new Corrected()
  corrected.data = { ...base, source }
  const engine = looking(numbers)
  engine.answers['run.samples'] = ({ choice }) => ok({ ...valueOf(samplesFor(choice)), rowsKey: rowsKey(source) })
  await show(engine, true, corrected.data, corrected)
  await choose('Evaluate')
  await press('Correct line 4')
  const field = document.body.querySelector<HTMLInputElement>('[role=dialog] input')
  const type = (value: string) => {
    if (!field) throw new Error('There is no field.')
    field.value = value
    field.dispatchEvent(new Event('input', { bubbles: true }))
    flushSync()
  }
  expect(field?.value).toBe('0')
  for (const wrong of ['', 'many', '1 2', 'Infinity']) {
    type(wrong)
    expect([wrong, button('Set this number')?.disabled]).toEqual([wrong, true])
  }
  type(' 2,5 ')
  expect(button('Set this number')?.disabled).toBe(false)
  document.body
    .querySelector('[role=dialog] form')
    ?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await settle()
  expect(corrected.labels).toEqual(['Label line 4 as 2.5'])
  expect(corrected.data.corrections).toEqual({ 2: { target: 2.5 } })
  expect(readTarget(['1', '-2e3'])).toEqual([1, -2000])
  expect(readTarget(['1', ''])).toBeNull()
})
