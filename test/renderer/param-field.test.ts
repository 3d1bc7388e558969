import { flushSync, mount, unmount } from 'svelte'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bool, choice, formula, int, list, pair, real, type ParamSpec, type ParamValue } from '../../src/base/params.ts'
import ParamField from '../../renderer/fields/ParamField.svelte'

let mounted: ReturnType<typeof mount>[] = []
afterEach(() => {
  for (const component of mounted) void unmount(component)
  mounted = []
  document.body.replaceChildren()
})

function show(spec: ParamSpec, value: ParamValue) {
  const onchange = vi.fn<(value: ParamValue, gesture: string) => void>()
  mounted.push(mount(ParamField, { target: document.body, props: { name: 'p', spec, value, onchange } }))
  flushSync()
  const field = document.querySelector<HTMLInputElement>('input, select') as HTMLInputElement
  return { onchange, field, note: () => document.querySelector('.note')?.textContent ?? '' }
}
function type(field: HTMLInputElement, text: string) {
  field.dispatchEvent(new Event('focus'))
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  flushSync()
}
function press(field: HTMLInputElement, key: string, over = {}) {
  field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...over }))
  flushSync()
}
const features = int({ label: 'Output features', default: 16, min: 1 })

describe('a number', () => {
  test('goes out at once when it fits', () => {
    const { onchange, field, note } = show(features, 16)
    type(field, '32')
    expect(onchange).toHaveBeenLastCalledWith(32, expect.any(String))
    expect(note()).toBe('')
    expect(field.getAttribute('aria-invalid')).toBe('false')
  })
  test.each([
    ['', 'Output features needs a number.'],
    ['many', 'Output features must be a number, not “many”.'],
    ['0', 'Output features must be at least 1, not 0.'],
    ['2.5', 'Output features must be a whole number, not 2.5.'],
  ])('typed as "%s" stays in the field, with the reason', (text, reason) => {
    const { onchange, field, note } = show(features, 16)
    type(field, text)
    expect(onchange).not.toHaveBeenCalled()
    expect(field.value).toBe(text)
    expect(note()).toBe(reason)
    expect(field.getAttribute('aria-invalid')).toBe('true')
  })
  test('that does not fit gives way to the last one that did when the field is left', () => {
    const { field, note } = show(features, 16)
    type(field, 'many')
    field.dispatchEvent(new Event('blur'))
    flushSync()
    expect(field.value).toBe('16')
    expect(note()).toBe('')
  })
  test('may be a sum', () => {
    const { onchange, field } = show(features, 16)
    type(field, '28 * 28')
    expect(onchange).toHaveBeenLastCalledWith(784, expect.any(String))
  })
  test('moves by the arrow keys, ten times as far with Shift, and not past its bounds', () => {
    const { onchange, field } = show(int({ label: 'N', default: 5, min: 1, max: 12 }), 5)
    press(field, 'ArrowUp')
    expect(onchange).toHaveBeenLastCalledWith(6, expect.any(String))
    press(field, 'ArrowDown', { shiftKey: true })
    expect(onchange).toHaveBeenLastCalledWith(1, expect.any(String))
  })
  test('moves by factors where its scale is logarithmic', () => {
    const { onchange, field } = show(real({ label: 'Rate', default: 0.001, min: 0, logarithmic: true }), 0.001)
    press(field, 'ArrowUp', { shiftKey: true })
    expect(onchange).toHaveBeenLastCalledWith(0.01, expect.any(String))
  })
  test('is one gesture from focus to blur', () => {
    const { onchange, field } = show(features, 16)
    type(field, '3')
    field.value = '32'
    field.dispatchEvent(new Event('input', { bubbles: true }))
    const [first, second] = onchange.mock.calls
    expect(first?.[1]).toBe(second?.[1])
  })
})

test('a pair shows one number while both agree, and changes both', () => {
  const { onchange, field } = show(pair({ label: 'Kernel', default: [3, 3], min: 1 }), [3, 3])
  expect(document.querySelectorAll('input')).toHaveLength(1)
  type(field, '5')
  expect(onchange).toHaveBeenLastCalledWith([5, 5], expect.any(String))
})

test('a pair of two numbers shows both', () => {
  const { onchange } = show(pair({ label: 'Kernel', default: [3, 3], min: 1 }), [3, 2])
  const [, width] = [...document.querySelectorAll('input')]
  type(width as HTMLInputElement, '7')
  expect(onchange).toHaveBeenLastCalledWith([3, 7], expect.any(String))
})

test('a list is typed with commas, and a wrong entry is named', () => {
  const { onchange, field, note } = show(list({ label: 'Shape', default: [-1], min: -1 }), [4, -1])
  expect(field.value).toBe('4, -1')
  type(field, '28 / 2, 7,-1')
  expect(onchange).toHaveBeenLastCalledWith([14, 7, -1], expect.any(String))
  onchange.mockClear()
  type(field, '4, many')
  expect(note()).toBe('Shape must be whole numbers with commas between them, not “many”.')
  type(field, '4,')
  expect(note()).toBe('Shape needs a number before and after each comma.')
  type(field, '4, -2')
  expect(note()).toBe('Shape must be at least -1, not -2.')
  expect(onchange).not.toHaveBeenCalled()
  expect(field.value).toBe('4, -2')
  press(field, 'Enter')
  expect(field.value).toBe('4, -1')
})

test('a switch and a choice say what was chosen', () => {
  const on = show(bool({ label: 'Bias', default: true }), true)
  on.field.click()
  expect(on.onchange).toHaveBeenLastCalledWith(false, expect.any(String))
  document.body.replaceChildren()
  const padding = choice({ label: 'Padding', default: 'same', options: { same: 'Same', valid: 'Valid' } })
  const { onchange, field } = show(padding, 'same')
  field.value = 'valid'
  field.dispatchEvent(new Event('change', { bubbles: true }))
  expect(onchange).toHaveBeenLastCalledWith('valid', expect.any(String))
})

test('what the analysis says of a field stands below it', () => {
  const component = mount(ParamField, {
    target: document.body,
    props: { name: 'p', spec: features, value: 16, problem: 'Too many.', onchange: () => {} },
  })
  mounted.push(component)
  flushSync()
  expect(document.querySelector('.note')?.textContent).toBe('Too many.')
})

describe('a formula', () => {
  const spec = formula({ label: 'Formula', default: 'x^2', variables: ['x'] })

  test('goes out as it is typed, one step of undoing for all that is typed', () => {
    const { onchange, field, note } = show(spec, 'x^2')
    type(field, 'x^2 + 1')
    const [, gesture] = onchange.mock.lastCall ?? []
    field.value = 'x^2 + 12'
    field.dispatchEvent(new Event('input', { bubbles: true }))
    flushSync()
    expect(onchange).toHaveBeenLastCalledWith('x^2 + 12', gesture)
    expect(note()).toBe('')
  })

  test('that cannot be read stays in the field with the reason, until the field is left', () => {
    const { onchange, field, note } = show(spec, 'x^2')
    type(field, 'sin(x')
    expect(onchange).not.toHaveBeenCalled()
    expect(note()).toBe('Formula ends where “)” is missing.')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    field.dispatchEvent(new Event('blur'))
    flushSync()
    expect(field.value).toBe('x^2')
    expect(note()).toBe('')
  })
})
