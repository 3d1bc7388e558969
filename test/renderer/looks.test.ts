import { expect, test } from 'vitest'
import { isAdvanced, mainParams, sourceName } from '../../renderer/canvas/looks.ts'
import { blocks, findBlock } from '../../src/blocks/index.ts'
import type { GeneratedSource } from '../../src/document/types.ts'

const shown = (type: string) => mainParams({ type }).map(([name]) => name)

test('what is rarely changed is not on the canvas, and stands folded away', () => {
  for (const { type, params } of blocks)
    for (const name of shown(type)) expect(params[name]?.advanced, `${type}.${name}`).toBeFalsy()
  const { params = {} } = findBlock('lstm') ?? {}
  const folded = Object.entries(params).filter(([, spec]) => isAdvanced({}, spec))
  expect(folded.map(([name]) => name)).toEqual(
    expect.arrayContaining(['truncate', 'init', 'initScale', 'l1', 'l2', 'recurrentInit']),
  )
  expect(shown('lstm')).toEqual(['hidden', 'output'])
  expect(shown('dense')).toEqual(['features'])
})

test('what a composite shows is never folded away', () => {
  const spec = findBlock('dense')?.params['init']
  if (!spec) throw new Error('Dense has no initial weights.')
  const inside = { title: 'Layer', blocks: {}, wires: {}, inputs: {}, outputs: {} }
  expect(isAdvanced({}, spec)).toBe(true)
  expect(isAdvanced({ inside }, spec)).toBe(false)
})

test('until the engine has told its title, generated data is named by its type', () => {
  const source: GeneratedSource = {
    kind: 'generated',
    generator: 'strokeDigits',
    params: {},
    seed: 1,
    features: [28, 28, 1],
    target: { kind: 'numbers', names: ['y'] },
  }
  const told = { type: 'strokeDigits', title: 'Digits', doc: '', params: {}, source }
  expect(sourceName(source, [])).toBe('Stroke digits')
  expect(sourceName(source, [told])).toBe('Digits')
})
