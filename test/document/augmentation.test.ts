import { expect, test } from 'vitest'
import { documentHash, emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { MAX_AUGMENTATION, USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation, GraphDocument } from '../../src/document/types.ts'
import { messages, valueOf } from '../data/files.ts'

const everything: Augmentation = {
  seed: 7,
  shift: 0.2,
  flipHorizontal: true,
  flipVertical: true,
  rotate: 45,
  zoom: 0.3,
  noise: 0.01,
  cutOut: 0.25,
}

function withAugmentation(augmentation: unknown): GraphDocument {
  const empty = emptyDocument()
  const preparation = { ...empty.data.preparation, augmentation }
  return { ...empty, data: { ...empty.data, preparation } } as GraphDocument
}
const opened = (augmentation: unknown) => parseDocument(JSON.stringify(withAugmentation(augmentation)), 'x.json')

test('how pictures vary stays as it is said, and what is not said is not written', () => {
  for (const augmentation of [everything, USUAL_AUGMENTATION, { seed: 0 }]) {
    const document = valueOf(opened(augmentation))
    expect(document.data.preparation.augmentation).toEqual(augmentation)
    expect(valueOf(parseDocument(formatDocument(document), 'x.json'))).toEqual(document)
  }
  expect('augmentation' in valueOf(parseDocument(formatDocument(emptyDocument()), 'x.json')).data.preparation).toBe(
    false,
  )
  expect(documentHash(withAugmentation(everything))).not.toBe(
    documentHash(withAugmentation({ ...everything, seed: 8 })),
  )
})

test('and is refused by its field where it makes no sense', () => {
  const path = 'data.preparation.augmentation'
  for (const [name, most] of Object.entries(MAX_AUGMENTATION))
    for (const wrong of [-0.01, most + 0.01])
      expect(messages(opened({ ...everything, [name]: wrong }))[0]).toContain(
        `${path}.${name} must be between 0 and ${most}`,
      )
  for (const [augmentation, words] of [
    [true, ' must be'],
    [{ ...everything, seed: undefined }, '.seed must be'],
    [{ ...everything, seed: 1.5 }, '.seed must be a whole number'],
    [{ ...everything, seed: -1 }, '.seed must be between 0 and'],
    [{ ...everything, rotate: '90' }, '.rotate must be a number'],
    [{ ...everything, flipVertical: 0.5 }, '.flipVertical must be true where it is given.'],
    [{ ...everything, flipHorizontal: false }, '.flipHorizontal must be true where it is given.'],
  ] as const)
    expect(messages(opened(augmentation))[0]).toContain(`${path}${words}`)
})
