import { flushSync, mount, unmount } from 'svelte'
import { afterEach, expect, test } from 'vitest'
import ChartsPanel from '../../renderer/charts/ChartsPanel.svelte'
import { RunView } from '../../renderer/state/run.svelte.ts'
import { FakeEngine, histogramOf, pointsOf, progressOf, snapshotOf } from './run-fakes.ts'

let panel: ReturnType<typeof mount> | undefined
afterEach(() => panel && unmount(panel))

const text = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')
function show(run: RunView): void {
  panel = mount(ChartsPanel, { target: document.body, props: { run } })
  flushSync()
}

test('before the first run it says what will appear', () => {
  show(new RunView(new FakeEngine().peer))
  expect(text()).toContain('Press Train and the curves appear here')
  expect(text()).toContain('No training curves yet.')
  expect(document.body.querySelectorAll('canvas')).toHaveLength(0)
})

test('shows a chart for the loss and one for the metric, a picture for each weight, and says all of it in words', async () => {
  const engine = new FakeEngine({
    'run.current': () =>
      snapshotOf({
        points: [pointsOf('validation.loss', [10, 20], [0.4, 0.3])],
        histograms: [histogramOf('conv1.weight', 20), histogramOf('dense1.weight', 20)],
      }),
  })
  const run = new RunView(engine.peer)
  show(run)
  await run.connect()
  flushSync()
  expect([...document.body.querySelectorAll('figure h3')].map((title) => title.textContent)).toEqual([
    'Loss',
    'Accuracy',
  ])
  expect(text()).toContain('validation loss 0.3, best 0.3 at epoch 2.')
  const cards = [...document.body.querySelectorAll<HTMLButtonElement>('li > button')]
  const words = (card: Element) => document.getElementById(card.getAttribute('aria-describedby') ?? '')?.textContent
  expect(cards.map(words)).toEqual([
    'conv1.weight at step 20: 4 values, mean 0, standard deviation 0.5, from −1 to 1.',
    'dense1.weight at step 20: 4 values, mean 0, standard deviation 0.5, from −1 to 1.',
  ])
})

test('every metric and the learning rate can have a chart, not only the first metric', async () => {
  const metric = (name: string, title: string) => ({ name, title, better: 'lower' as const, percent: false })
  const metrics = [metric('mae', 'Mean absolute error'), metric('r2', 'R²')]
  const engine = new FakeEngine({ 'run.current': () => snapshotOf({ metrics, scheduled: true }) })
  const run = new RunView(engine.peer)
  show(run)
  await run.connect()
  flushSync()
  const titles = () => [...document.body.querySelectorAll('figure h3')].map((title) => title.textContent)
  expect(titles()).toEqual(['Loss', 'Mean absolute error'])
  const button = [...document.body.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Charts')
  button?.click()
  flushSync()
  const boxes = [...document.body.querySelectorAll<HTMLInputElement>('input[type=checkbox]')]
  expect(boxes.map((box) => [box.closest('label')?.textContent?.trim(), box.checked])).toEqual([
    ['Mean absolute error', true],
    ['R²', false],
    ['Learning rate', false],
  ])
  for (const box of boxes) box.click()
  flushSync()
  expect(titles()).toEqual(['Loss', 'R²', 'Learning rate'])
})

test('a weight opens large and closes again, also when the run goes on', async () => {
  const engine = new FakeEngine({ 'run.current': () => snapshotOf({ histograms: [histogramOf('dense1.weight', 20)] }) })
  const run = new RunView(engine.peer)
  show(run)
  await run.connect()
  flushSync()
  document.body.querySelector<HTMLButtonElement>('li > button')?.click()
  flushSync()
  expect(text()).toContain('All weights')
  engine.tell({ progress: progressOf({ step: 30 }), points: [], histograms: [histogramOf('dense1.weight', 30)] })
  flushSync()
  expect(document.body.querySelector('dl')?.textContent).toContain('30')
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  flushSync()
  expect(text()).not.toContain('All weights')
})
