/** `train` varies pictures where the document says so. */
import { expect, test } from 'vitest'
import { formatDocument } from '../../src/document/file.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation } from '../../src/document/types.ts'
import { shipped } from '../models/shipped.ts'
import { commandLine, linesOf } from './helpers/command-line.ts'

const { cli, put } = commandLine()

/** Losses of training and validation, epoch by epoch. */
async function losses(name: string, augmentation?: Augmentation): Promise<number[][]> {
  const document = shipped('stroke-digits')
  const { data } = document
  if (data.source.kind !== 'generated') throw new Error('no generated set')
  const source = { ...data.source, params: { ...data.source.params, count: 100 } }
  const preparation = { ...data.preparation, ...(augmentation && { augmentation }) }
  const path = put(`${name}.json`, formatDocument({ ...document, data: { ...data, source, preparation } }))
  const { err, out } = await cli('train', path, '--epochs', '3', '--device', 'cpu', '--json')
  expect(err).toBe('')
  const lines = linesOf(out)
  // Nor that the threads which make them were not found.
  expect(lines.at(-1)).toMatchObject({ event: 'done', problems: [] })
  return lines
    .filter(({ event }) => event === 'epoch')
    .map(({ trainLoss, validLoss }) => [Number(trainLoss), Number(validLoss)])
}

test('the same each time, and otherwise than with pictures as they are', async () => {
  const first = await losses('varied', USUAL_AUGMENTATION)
  expect(first).toHaveLength(3)
  expect(await losses('again', USUAL_AUGMENTATION)).toEqual(first)
  expect(await losses('otherwise', { ...USUAL_AUGMENTATION, seed: 2 })).not.toEqual(first)
  expect(await losses('plain')).not.toEqual(first)
})
