import { expect, test } from 'vitest'
import { loadGenerated, prepare } from '../../src/data/index.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { GeneratedSource } from '../../src/document/types.ts'

const { data } = emptyDocument()
const source = data.source as GeneratedSource

// The document names the generator's classes, because the editor must know them without the generator.
test('the data of a new document are as the document says', () => {
  const loaded = loadGenerated(source)
  expect(loaded).toMatchObject({ ok: true, value: { warnings: [] } })
  if (!loaded.ok) return
  const prepared = prepare(loaded.value.data, data)
  expect(prepared).toMatchObject({ ok: true, value: { shape: [2], target: { names: ['first', 'second'] } } })
})

test('data that are not as the document says are refused', () => {
  const target = { kind: 'classes', names: ['a', 'b'] } as const
  expect(loadGenerated({ ...source, target }).ok).toBe(false)
})
