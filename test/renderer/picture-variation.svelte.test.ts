import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, test } from 'vitest'
import PictureVariation from '../../renderer/data/PictureVariation.svelte'
import { ok, fail, problem, type Result } from '../../src/base/problem.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation, DataSection } from '../../src/document/types.ts'
import type { Varied } from '../../src/protocol/messages.ts'
import { FakeEngine } from './run-fakes.ts'

const digits = { ...emptyDocument().data.source, features: [2, 2, 1] } as DataSection['source']
const points = { ...emptyDocument().data.source, features: [2] } as DataSection['source']
const picture = { label: 'seven', looks: [0, 1, 2, 3].map((grey) => new Uint8Array(4).fill(grey)) }
const varied: Varied = { shape: [2, 2, 1], pictures: [picture, { ...picture, label: 'one' }] }

let engine: FakeEngine
let shown: ReturnType<typeof mount>
let changes: { readonly augmentation: Augmentation | undefined; readonly gesture: string | undefined }[]
let section: DataSection = $state.raw(emptyDocument().data)

beforeEach(() => {
  engine = new FakeEngine({ 'data.varied': () => ok(varied) })
  changes = []
  show(undefined)
  shown = mount(PictureVariation, {
    target: document.body,
    props: {
      get data() {
        return section
      },
      engine: engine.peer,
      onchange: (augmentation: Augmentation | undefined, gesture?: string) => {
        changes.push({ augmentation, gesture })
        show(augmentation)
      },
    },
  })
  flushSync()
})
afterEach(() => unmount(shown))

function show(augmentation: Augmentation | undefined, source = digits): void {
  const { preparation, ...rest } = emptyDocument().data
  section = { ...rest, source, preparation: { ...preparation, ...(augmentation && { augmentation }) } }
  flushSync()
}
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve))
  flushSync()
}
function control(label: string): HTMLInputElement {
  const found = [...document.body.querySelectorAll('label')].find((one) => one.textContent === label)
  const input = found && document.getElementById(found.htmlFor)
  if (!input) throw new Error(`no ${label}`)
  return input as HTMLInputElement
}
function turn(label: string, on: boolean): void {
  const input = control(label)
  input.checked = on
  input.dispatchEvent(new Event('change', { bubbles: true }))
  flushSync()
}
function type(label: string, text: string): void {
  const input = control(label)
  input.value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
  flushSync()
}
const now = () => changes.at(-1)?.augmentation
const text = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')
const asked = () => engine.calls.map(({ args }) => (args as { data: DataSection }).data.preparation.augmentation)

test('is off, asks nothing, and begins with a little of what does no harm', async () => {
  expect(() => control('Rotate, °')).toThrow()
  await settle()
  expect(engine.calls).toEqual([])
  turn('Vary', true)
  expect(now()).toEqual(USUAL_AUGMENTATION)
  expect([control('Shift, %').value, control('Rotate, °').value, control('Noise, %').value]).toEqual(['10', '10', '0'])
  expect([control('Mirror').checked, control('Upside down').checked]).toEqual([false, false])
  turn('Vary', false)
  expect(now()).toBeUndefined()
})

test('changes one bound at a time, in percent, and forgets what is 0', () => {
  turn('Vary', true)
  type('Noise, %', '7')
  expect(now()).toEqual({ ...USUAL_AUGMENTATION, noise: 0.07 })
  type('Shift, %', '0')
  turn('Mirror', true)
  expect(now()).toEqual({ seed: 1, rotate: 10, zoom: 0.1, noise: 0.07, flipHorizontal: true })
  turn('Mirror', false)
  type('Rotate, °', '181')
  expect(now()).toEqual({ seed: 1, rotate: 10, zoom: 0.1, noise: 0.07 })
  expect(text()).toContain('Rotate, ° must be')
  // A document may say what no whole percent is.
  control('Shift, %').dispatchEvent(new FocusEvent('blur'))
  show({ seed: 1, shift: 0.125 })
  expect(control('Shift, %').value).toBe('12.5')
})

test('is one gesture, and so one step to undo, for as long as one types in one field', () => {
  turn('Vary', true)
  control('Zoom, %').dispatchEvent(new FocusEvent('focus'))
  type('Zoom, %', '2')
  type('Zoom, %', '25')
  expect(now()?.zoom).toBe(0.25)
  const [first, second] = changes.slice(-2)
  expect(first?.gesture).toBe(second?.gesture)
  type('Noise, %', '3')
  expect(changes.at(-1)?.gesture).not.toBe(second?.gesture)
})

test('shows pictures as they are and in the first epochs, and draws anew by another seed', async () => {
  turn('Vary', true)
  await settle()
  const table = document.body.querySelector('table') as HTMLTableElement
  expect(table.getAttribute('aria-label')).toBe('Pictures as training sees them')
  expect([...table.querySelectorAll('thead th')].map((one) => one.textContent)).toEqual([
    'As it is',
    'Epoch 1',
    'Epoch 2',
    'Epoch 3',
  ])
  expect([...table.querySelectorAll('tbody th')].map((one) => one.textContent)).toEqual(['seven', 'one'])
  expect(table.querySelectorAll('canvas')).toHaveLength(8)
  expect(table.textContent).toContain('seven in epoch 3')
  const button = [...document.body.querySelectorAll('button')].find((one) => one.textContent.includes('Draw anew'))
  button?.click()
  button?.click()
  expect(now()).toEqual({ ...USUAL_AUGMENTATION, seed: 3 })
  expect(changes.at(-1)?.gesture).not.toBe(changes.at(-2)?.gesture)
})

test('asks one question at a time while a bound is dragged, and the newest last', async () => {
  const answers: ((answer: Result<Varied>) => void)[] = []
  engine.answers['data.varied'] = () => new Promise((resolve) => answers.push(resolve))
  turn('Vary', true)
  await settle()
  for (const percent of ['11', '12', '13']) type('Zoom, %', percent)
  await settle()
  expect(asked()).toEqual([USUAL_AUGMENTATION])
  answers[0]?.(ok(varied))
  await settle()
  expect(asked()).toEqual([USUAL_AUGMENTATION, { ...USUAL_AUGMENTATION, zoom: 0.13 }])
  answers[1]?.(fail(problem('x', 'They are gone.')))
  await settle()
  expect(text()).toContain('They are gone.')
  expect(answers).toHaveLength(2)
})

test('says that only pictures vary, where the data became something else', async () => {
  show(USUAL_AUGMENTATION, points)
  await settle()
  expect(text()).toContain('Only pictures can be varied.')
  expect(engine.calls).toEqual([])
  turn('Vary', false)
  expect(now()).toBeUndefined()
  expect(text()).not.toContain('Only pictures can be varied.')
})
