import { expect, test } from 'vitest'
import { loadSource, prepare } from '../../src/data/index.ts'
import { emptyDocument } from '../../src/document/file.ts'

// The document names the generator's classes, because the editor must know them without the generator.
test('the data of a new document are as the document says', () => {
  const { data } = emptyDocument()
  const loaded = loadSource(data)
  expect(loaded).toMatchObject({ ok: true, value: { warnings: [] } })
  if (!loaded.ok) return
  const prepared = prepare(loaded.value.data, data)
  expect(prepared).toMatchObject({ ok: true, value: { shape: [2], target: { names: ['first', 'second'] } } })
})

test('data that are not as the document says are refused', () => {
  const { data } = emptyDocument()
  const wrong = { ...data, source: { ...data.source, target: { kind: 'classes' as const, names: ['a', 'b'] } } }
  expect(loadSource(wrong as typeof data).ok).toBe(false)
})
