/** The sections of training that may be missing: read, refused, kept, and part of the hash. */
import { describe, expect, test } from 'vitest'
import { applyEdit } from '../../src/document/edits.ts'
import { documentHash, emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { clippingParams, earlyStoppingParams, regularizationParams } from '../../src/document/training.ts'
import type { GraphDocument, TrainingSection } from '../../src/document/types.ts'
import { messages, valueOf } from '../data/files.ts'

const sections = {
  schedule: { type: 'step', params: { every: 3, gamma: 0.5 } },
  clipping: { norm: 1, value: 0.5 },
  regularization: { l1: 0.001, l2: 0.01, mode: 'proximal', ratio: 0.25 },
  earlyStopping: { metric: 'accuracy', patience: 4, minDelta: 0.01, restoreBest: false },
} as const satisfies Partial<TrainingSection>

function withTraining(training: object): GraphDocument {
  const document = emptyDocument()
  return { ...document, training: { ...document.training, ...training } }
}
const opened = (document: GraphDocument) => parseDocument(formatDocument(document), 'x.json')

test('a document without them reads as it always did, and is written without them', () => {
  const document = emptyDocument()
  expect(valueOf(opened(document))).toEqual(document)
  expect(Object.keys(valueOf(opened(document)).training)).toEqual(['optimizer', 'batchSize', 'epochs', 'seed'])
})

test('all of them together survive saving and opening', () => {
  const document = withTraining(sections)
  expect(valueOf(opened(document))).toEqual(document)
  expect(documentHash(valueOf(opened(document)))).toBe(documentHash(document))
})

test('each of their fields is in the hash', () => {
  const hashes = new Set([documentHash(emptyDocument()), documentHash(withTraining(sections))])
  let count = 2
  for (const [name, section] of Object.entries(sections)) {
    hashes.add(documentHash(withTraining({ [name]: section })))
    count++
    for (const field of Object.keys(section)) {
      hashes.add(documentHash(withTraining({ [name]: { ...section, [field]: 'other' } })))
      count++
    }
  }
  expect(hashes.size).toBe(count)
})

test('what a section leaves out has its default', () => {
  const { training } = valueOf(
    opened(
      withTraining({ schedule: { type: 'constant' }, clipping: { norm: 2 }, regularization: {}, earlyStopping: {} }),
    ),
  )
  const defaults = (specs: { readonly [name: string]: { readonly default: unknown } }) =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]))
  expect(training.schedule).toEqual({ type: 'constant', params: {} })
  expect(training.clipping).toEqual({ ...defaults(clippingParams), norm: 2 })
  expect(training.regularization).toEqual(defaults(regularizationParams))
  expect(training.earlyStopping).toEqual({ ...defaults(earlyStoppingParams), metric: 'loss' })
})

describe('what they may not be is refused by name', () => {
  test.each([
    [{ clipping: { norm: -1 } }, 'training.clipping.norm must be at least 0, not -1.'],
    [{ clipping: { value: '1' } }, 'training.clipping.value must be a number, not "1".'],
    [{ clipping: 3 }, 'training.clipping must be an object, not 3.'],
    [{ clipping: null }, 'training.clipping must be an object, not null.'],
    [
      { regularization: { mode: 'magic' } },
      'training.regularization.mode must be one of subgradient, proximal, not "magic".',
    ],
    [{ regularization: { ratio: 1.5 } }, 'training.regularization.ratio must be at most 1, not 1.5.'],
    [{ earlyStopping: { patience: 0 } }, 'training.earlyStopping.patience must be at least 1, not 0.'],
    [{ earlyStopping: { patience: 2.5 } }, 'training.earlyStopping.patience must be a whole number, not 2.5.'],
    [{ earlyStopping: { metric: 7 } }, 'training.earlyStopping.metric must be text, not 7.'],
    [{ earlyStopping: { restoreBest: 1 } }, 'training.earlyStopping.restoreBest must be on or off, not 1.'],
    [{ schedule: {} }, 'training.schedule.type must be text, not missing.'],
    [
      { schedule: { type: 'step', params: { every: null } } },
      'training.schedule.params.every must be a number, not null.',
    ],
    [{ earlyStopping: { constructor: 1 } }, 'training.earlyStopping.constructor is a name that no document may use.'],
  ])('%j', (training, message) => {
    expect(messages(opened(withTraining(training)))).toEqual([`x.json: ${message}`])
    // The window's own edit goes through the same door.
    const edit = applyEdit(emptyDocument(), { kind: 'setTraining', training: withTraining(training).training })
    expect(messages(edit)).toEqual([message])
  })
})
