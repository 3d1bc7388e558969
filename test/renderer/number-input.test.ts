/** A number's field: expressions, what it offers while one types, dragging. */
import { flushSync, mount, tick, unmount } from 'svelte'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bool, int, pair, real, type ParamSpec, type ParamValue } from '../../src/base/params.ts'
import { moved, nudge, offersFor, sayValue, shownOf } from '../../renderer/fields/number.ts'
import NumberInput from '../../renderer/fields/NumberInput.svelte'
import ParamField from '../../renderer/fields/ParamField.svelte'

let mounted: ReturnType<typeof mount>[] = []
afterEach(() => {
  for (const component of mounted) void unmount(component)
  mounted = []
  document.body.replaceChildren()
})

const spec = int({ label: 'Output features', default: 16, min: 1 })
const constants = { hidden: 64, height: 3 }

function show(props: object = {}) {
  const calls = {
    onvalue: vi.fn<(value: number, gesture: string) => void>(),
    onexpression: vi.fn<(text: string, gesture: string) => void>(),
    onconstant: vi.fn<(name: string, gesture: string) => void>(),
    oncancel: vi.fn<(gesture: string) => void>(),
    onwrong: vi.fn<(wrong: string | null) => void>(),
  }
  const all = { spec, value: 16, label: 'Output features', constants, ...calls, ...props }
  mounted.push(mount(NumberInput, { target: document.body, props: all }))
  flushSync()
  const field = document.querySelector('input') as HTMLInputElement
  // happy-dom has no pointer to capture.
  field.setPointerCapture = () => {}
  field.hasPointerCapture = () => false
  return { ...calls, field }
}
function type(field: HTMLInputElement, text: string) {
  field.focus()
  field.value = text
  field.setSelectionRange(text.length, text.length)
  field.dispatchEvent(new Event('input', { bubbles: true }))
  flushSync()
}
function press(field: HTMLElement, key: string, over = {}) {
  field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...over }))
  flushSync()
}
function point(field: HTMLElement, name: string, x: number, over = {}) {
  field.dispatchEvent(
    new PointerEvent(name, { pointerId: 1, button: 0, clientX: x, bubbles: true, cancelable: true, ...over }),
  )
  flushSync()
}
const offered = () => [...document.querySelectorAll('[role=option]')].map((option) => option.textContent.trim())
const chosen = () => document.querySelector('[role=option][aria-selected=true]')?.textContent.trim() ?? null

describe('an expression', () => {
  test('goes out as it was typed, with = in front', () => {
    const { field, onvalue, onexpression } = show()
    type(field, 'hidden * 2')
    expect(onexpression).toHaveBeenLastCalledWith('=hidden * 2', expect.any(String))
    type(field, '= height')
    expect(onexpression).toHaveBeenLastCalledWith('=height', expect.any(String))
    expect(onvalue).not.toHaveBeenCalled()
  })
  test('that names nothing is a number', () => {
    const { field, onvalue, onexpression } = show()
    type(field, '=8*8')
    expect(onvalue).toHaveBeenLastCalledWith(64, expect.any(String))
    expect(onexpression).not.toHaveBeenCalled()
  })
  test.each([
    ['hidden*', 'must be a number, not “hidden*”'],
    ['=gone', 'names “gone”, which is no constant of this document (it has hidden, height)'],
    ['hidden/100', 'must be a whole number, not 0.64'],
    ['height-3', 'must be at least 1, not 0'],
  ])('typed as %s stays in the field', (text, wrong) => {
    const { field, onvalue, onexpression, onwrong } = show()
    type(field, text)
    expect(onwrong).toHaveBeenLastCalledWith(wrong)
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect([onvalue.mock.calls, onexpression.mock.calls]).toEqual([[], []])
    field.blur()
    flushSync()
    expect(field.value).toBe('16')
  })
  test('is its number with a mark, and as it was typed with the keyboard in it', () => {
    const { field } = show({ value: 128, expression: '=hidden*2' })
    expect(field.value).toBe('128')
    expect(field.title).toBe('hidden*2 = 128')
    expect(document.querySelector('.mark')?.textContent).toBe('=')
    field.focus()
    flushSync()
    expect(field.value).toBe('hidden*2')
    expect(document.querySelector('.mark')).toBeNull()
    expect(document.querySelector('.result')?.textContent).toBe('= 128')
  })
  test('that gives no number is shown as it is', () => {
    const { field } = show({ value: 16, expression: '=gone*2', broken: true })
    expect(field.value).toBe('gone*2')
    expect(field.getAttribute('aria-invalid')).toBe('true')
  })
  test('becomes a number by the arrow keys', () => {
    const { field, onvalue } = show({ value: 128, expression: '=hidden*2' })
    field.focus()
    press(field, 'ArrowDown')
    expect(onvalue).toHaveBeenLastCalledWith(127, expect.any(String))
  })
  test('only its number is taken where none can be kept', () => {
    const { field, onvalue } = show({ onexpression: undefined })
    type(field, 'hidden/2')
    expect(onvalue).toHaveBeenLastCalledWith(32, expect.any(String))
    expect(offered()).toEqual([])
  })
})

describe('while one types', () => {
  test('constants that begin so are offered, and Enter takes one', async () => {
    const { field, onexpression } = show()
    type(field, '2*h')
    expect(offered()).toEqual(['hidden64', 'height3'])
    expect(chosen()).toBe('hidden64')
    expect(field.getAttribute('role')).toBe('combobox')
    expect(field.getAttribute('aria-expanded')).toBe('true')
    press(field, 'ArrowDown')
    expect(chosen()).toBe('height3')
    expect(field.getAttribute('aria-activedescendant')).toBe(document.querySelector('[aria-selected=true]')?.id)
    press(field, 'ArrowUp')
    press(field, 'ArrowUp')
    expect(chosen()).toBe('height3')
    press(field, 'Enter')
    await tick()
    expect(onexpression).toHaveBeenLastCalledWith('=2*height', expect.any(String))
    expect(field.value).toBe('2*height')
    expect(offered()).toEqual([])
  })
  test('what is half of a name is not called wrong yet', () => {
    const { field, onwrong } = show()
    type(field, 'hid')
    expect(onwrong).toHaveBeenLastCalledWith(null)
    type(field, 'hix')
    expect(onwrong).toHaveBeenLastCalledWith(expect.stringContaining('“hix”'))
  })
  test('a constant of the number is offered for an unknown name', () => {
    const { field, onconstant } = show()
    type(field, '=width')
    expect(offered()).toEqual(['Make width a constant (16)'])
    press(field, 'Enter')
    expect(onconstant).toHaveBeenCalledWith('width', expect.any(String))
  })
  test('without = nothing is made by Enter alone, and Escape leaves at once', () => {
    const { field, onconstant } = show()
    type(field, 'width')
    expect(offered()).toEqual(['Make width a constant (16)'])
    expect(chosen()).toBeNull()
    press(field, 'Escape')
    expect(field.value).toBe('16')
    type(field, 'width')
    press(field, 'Enter')
    expect(onconstant).not.toHaveBeenCalled()
  })
  test('Escape closes the list before it leaves the field', () => {
    const { field, oncancel } = show()
    type(field, 'h')
    press(field, 'Escape')
    expect(offered()).toEqual([])
    expect(oncancel).not.toHaveBeenCalled()
    press(field, 'Escape')
    expect(oncancel).toHaveBeenCalledTimes(1)
  })
  test.each([
    ['2*hi', 4, ['hidden']],
    ['2*hi', 3, ['hidden', 'height']],
    ['1e', 2, []],
    ['hidden', 6, []],
    ['=', 1, ['hidden', 'height']],
    ['', 0, []],
    ['2 + x', 5, []],
    ['x', 1, ['x']],
    ['toString', 8, []],
  ])('%j with the caret at %d offers %j', (text, caret, names) => {
    expect(offersFor(text, caret, constants, true).map(({ name }) => name)).toEqual(names)
  })
})

describe('dragging', () => {
  test('moves by steps of six pixels from where it began', () => {
    const { field, onvalue } = show()
    point(field, 'pointerdown', 100)
    point(field, 'pointermove', 102)
    expect(onvalue).not.toHaveBeenCalled()
    point(field, 'pointermove', 112)
    expect(onvalue).toHaveBeenLastCalledWith(18, expect.any(String))
    point(field, 'pointermove', 70)
    expect(onvalue).toHaveBeenLastCalledWith(11, expect.any(String))
    const keys = new Set(onvalue.mock.calls.map(([, gesture]) => gesture))
    expect(keys.size).toBe(1)
    point(field, 'pointerup', 70)
    expect(document.activeElement).not.toBe(field)
  })
  test('goes further with Shift and less far with Alt', () => {
    const coarse = show()
    point(coarse.field, 'pointerdown', 100)
    point(coarse.field, 'pointermove', 106, { shiftKey: true })
    expect(coarse.onvalue).toHaveBeenLastCalledWith(26, expect.any(String))
    point(coarse.field, 'pointerup', 106)
    document.body.replaceChildren()
    const fine = show({ spec: real({ label: 'R', default: 1 }), value: 1 })
    point(fine.field, 'pointerdown', 100)
    point(fine.field, 'pointermove', 112, { altKey: true })
    expect(fine.onvalue).toHaveBeenLastCalledWith(1.02, expect.any(String))
    point(fine.field, 'pointerup', 112)
  })
  test('is taken back by Escape, and what follows does nothing', () => {
    const { field, onvalue, oncancel } = show()
    point(field, 'pointerdown', 100)
    point(field, 'pointermove', 130)
    const [, key] = onvalue.mock.calls[0] ?? []
    press(field, 'Escape')
    expect(oncancel).toHaveBeenCalledExactlyOnceWith(key)
    onvalue.mockClear()
    point(field, 'pointermove', 190)
    point(field, 'pointerup', 190)
    expect(onvalue).not.toHaveBeenCalled()
  })
  test('less than three pixels is a click, which selects the text', () => {
    const { field, onvalue } = show()
    point(field, 'pointerdown', 100)
    point(field, 'pointermove', 102)
    point(field, 'pointerup', 102)
    expect(onvalue).not.toHaveBeenCalled()
    expect(document.activeElement).toBe(field)
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, 2])
  })
  test('in a field that is typed in is left to the text', () => {
    const { field, onvalue } = show()
    field.focus()
    point(field, 'pointerdown', 100)
    point(field, 'pointermove', 160)
    expect(onvalue).not.toHaveBeenCalled()
  })
  test('with the other button does nothing', () => {
    const { field, onvalue } = show()
    point(field, 'pointerdown', 100, { button: 2 })
    point(field, 'pointermove', 160)
    expect(onvalue).not.toHaveBeenCalled()
  })
})

describe('the field of a parameter', () => {
  function field(spec: ParamSpec, value: ParamValue, props: object = {}) {
    const onchange = vi.fn<(value: ParamValue, gesture: string) => void>()
    const all = { name: 'p', spec, value, onchange, ...props }
    mounted.push(mount(ParamField, { target: document.body, props: all }))
    flushSync()
    return { onchange, reset: document.querySelector<HTMLButtonElement>('.reset') }
  }
  test('leads back to the default once it is another value', () => {
    expect(field(spec, 16).reset).toBeNull()
    document.body.replaceChildren()
    const { reset, onchange } = field(spec, 20)
    expect(reset?.getAttribute('aria-label')).toBe('Back to 16')
    reset?.click()
    expect(onchange).toHaveBeenCalledWith(16, expect.any(String))
  })
  test('shows an expression, also of a pair', () => {
    field(pair({ label: 'Kernel', default: [3, 3], min: 1 }), '=height*2', { constants })
    expect([...document.querySelectorAll('input')].map(({ value, title }) => [value, title])).toEqual([
      ['6', 'height*2 = 6'],
    ])
  })
  test('keeps no expression where nobody says which constants there are', () => {
    const { onchange } = field(spec, 16)
    type(document.querySelector('input') as HTMLInputElement, 'hidden')
    expect(onchange).not.toHaveBeenCalled()
    expect(document.querySelector('.note')?.textContent).toBe('Output features must be a number, not “hidden”.')
  })
  test('of several values that differ shows none of them', () => {
    field(spec, 16, { mixed: true })
    const input = document.querySelector('input') as HTMLInputElement
    expect([input.value, input.placeholder]).toEqual(['', 'mixed'])
    document.body.replaceChildren()
    field(bool({ label: 'Bias', default: true }), true, { mixed: true })
    expect(document.querySelector('input')?.indeterminate).toBe(true)
  })
  test('its label is dragged, too', () => {
    const { onchange } = field(spec, 16)
    const label = document.querySelector('label') as HTMLElement
    label.setPointerCapture = () => {}
    label.hasPointerCapture = () => false
    point(label, 'pointerdown', 0)
    point(label, 'pointermove', 30)
    expect(onchange).toHaveBeenLastCalledWith(21, expect.any(String))
  })
})

test('numbers move by what their kind says, also both of a pair', () => {
  expect(nudge(spec, 16, -100)).toBe(1)
  expect(moved(pair({ label: 'K', default: [3, 3], min: 1 }), [3, 1], -1)).toEqual([2, 1])
  expect(moved(bool({ label: 'B', default: true }), true, 3)).toBe(true)
  // The default of what a composite shows may be an expression.
  const odd = { ...real({ label: 'R', default: 1 }), default: '=hidden' as unknown as number }
  expect(nudge(odd, 2, 1)).toBe(2.1)
  expect(shownOf(odd, '=gone', {})).toMatchObject({
    broken: true,
    expression: '=gone',
    value: expect.any(Number) as number,
  })
  expect(sayValue(odd, odd.default)).toBe('hidden')
})
