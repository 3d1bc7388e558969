/** `check`: what a network is, without training it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandLine, example, linesOf, type Line } from './helpers/command-line.ts'

const { cli, put } = commandLine()

test('prints a table of blocks, shapes, parameters and multiply-adds', async () => {
  const { code, out, err } = await cli('check', example('iris'))
  expect([code, err]).toEqual([0, ''])
  expect(out.split('\n').map((line) => line.trimEnd().replace(/\s{2,}/g, '|'))).toEqual([
    'block|type|shape|parameters|multiply-adds',
    'measures|Input|B × 4|0|0',
    'hidden|Dense|B × 16|80|64',
    'relu|ReLU|B × 16|0|0',
    'species|Dense|B × 3|51|48',
    'softmax|Softmax|B × 3|0|0',
    'loss|Cross Entropy|0|0',
    'target|Target|B × 3|0|0',
    'total|131|112',
    '',
  ])
})

test('as JSON is one object with the same figures', async () => {
  const { code, out } = await cli('check', example('iris'), '--json')
  expect(code).toBe(0)
  const [found] = linesOf(out)
  expect(found).toMatchObject({ works: true, totals: { parameters: 131, multiplyAdds: 112 }, problems: [] })
  const { arena, lasting, passing, bound } = found?.['memory'] as { readonly [part: string]: number }
  expect(arena).toBe(Number(lasting) + Number(passing))
  expect(passing).toBeGreaterThanOrEqual(Number(bound))
  expect(bound).toBeGreaterThan(4 * 16 * 16)
  expect((found?.['blocks'] as Line[])[1]).toEqual({
    id: 'b2',
    name: 'hidden',
    type: 'dense',
    title: 'Dense',
    outputs: { y: 'B × 16' },
    parameters: 80,
    multiplyAdds: 64,
  })
})

test('leaves a document of a newer version untouched, byte for byte', async () => {
  const text = readFileSync(example('iris'), 'utf8').replace('"version": 1', '"version": 99')
  const path = put('newer.json', text)
  for (const args of [
    ['check', path],
    ['train', path],
  ]) {
    const said = await cli(...args)
    expect(said.code).toBe(1)
    expect(said.err).toBe(
      'error: newer.json was written by a newer Neuroloom (format 99; this one reads up to 1). It was left untouched; update Neuroloom to open it.\n',
    )
  }
  expect(readFileSync(path, 'utf8')).toBe(text)
})
