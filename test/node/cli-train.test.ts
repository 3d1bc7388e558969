/** `train`: what it tells of a run, and how it ends. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { Rng } from '../../src/base/rng.ts'
import { formatDocument } from '../../src/document/file.ts'
import { MOST } from '../../src/document/training.ts'
import { shipped } from '../models/shipped.ts'
import { changed, commandLine, ended, example, linesOf, written } from './helpers/command-line.ts'

const { cli, inFolder, put, start } = commandLine()

test('for people it prints a line an epoch', async () => {
  const { code, out } = await cli('train', example('xor'), '--epochs', '3', '--device', 'reference')
  expect(code).toBe(0)
  const lines = out.trim().split('\n')
  expect(lines[0]).toMatch(/^Reference \(f64, slow\): \d+ examples to train on, \d+ to validate$/)
  expect(lines[1]).toMatch(
    /^epoch 1\/3 {2}loss \d\.\d{4} {2}validation \d\.\d{4} {2}accuracy \d\.\d{4} {2}[\d,]+ examples\/s$/,
  )
  expect(lines.at(-1)).toMatch(/^finished after \d+\.\d s$/)
  expect(lines).toHaveLength(5)
})

test('says what the loss is made of, and why it stopped', async () => {
  const iris = shipped('iris')
  const document = {
    ...iris,
    training: {
      ...iris.training,
      regularization: { l1: 0.002, l2: 0, mode: 'proximal', ratio: 0 },
      earlyStopping: { metric: 'loss', patience: 2, minDelta: 0.02, restoreBest: true },
    },
  } as const
  const path = put('stops-early.json', formatDocument(document))
  const said = await cli('train', path, '--lr', '0.05')
  expect(said.code).toBe(0)
  const lines = said.out.trim().split('\n')
  const figures = String.raw`\d+\.\d{4} \(cross entropy \d+\.\d{4}, penalty \d+\.\d{4}\)`
  expect(lines.find((line) => line.startsWith('epoch'))).toMatch(
    new RegExp(`^epoch 1/\\d+  loss ${figures}  validation ${figures}  accuracy `),
  )
  expect(lines.at(-2)).toMatch(
    /^Stopped early after epoch \d+: for 2 epochs the validation loss has not fallen below the [\d.]+ of epoch \d+ by more than 0\.02\. The weights of epoch \d+ are back\.$/,
  )
  const json = linesOf((await cli('train', path, '--lr', '0.05', '--json')).out)
  for (const line of json.filter(({ event }) => event === 'epoch'))
    for (const part of ['train', 'valid']) {
      const parts = line[`${part}Parts`] as { readonly [name: string]: number }
      expect(Object.keys(parts)).toEqual(['loss.loss', 'penalty'])
      const sum = Object.values(parts).reduce((total, value) => total + value, 0)
      expect(line[`${part}Loss`]).toBeCloseTo(sum, 5)
    }
  expect(json.at(-1)).toMatchObject({ event: 'done', state: 'finished', note: lines.at(-2) })
})

test('a table of other rows and other columns is looked at afresh', async () => {
  const rng = new Rng(1, 'cli rows')
  const rows = Array.from({ length: 200 }, () => {
    const [a, b] = [rng.normal(), rng.normal()]
    return [a.toFixed(3), b.toFixed(3), a > b ? 'above' : 'below'].join(',')
  })
  const path = put('rows.csv', `a,b,side\n${rows.join('\n')}\n`)
  const document = put('two-classes.json', changed(shipped('iris'), { b4: { params: { features: 2 } } }))
  const said = await cli('train', document, '--data', path, '--epochs', '80', '--json')
  expect([said.code, said.err]).toEqual([0, ''])
  const last = linesOf(said.out).at(-1)
  expect((last?.['metrics'] as { accuracy: number }).accuracy).toBeGreaterThan(0.9)
  // With three outputs for two classes it says what does not fit.
  const misfit = await cli('train', example('iris'), '--data', path)
  expect(misfit.code).toBe(1)
  expect(misfit.err).toContain('give the last layer 2 outputs, one for each class.')
})

describe('signals and pipes', () => {
  /** So much to do that it does not come to its end. */
  const endless = ['--epochs', `${MOST.epochs}`, '--batch', '1']

  test('an interrupted training stops before its end and still writes its folder', async () => {
    const out = inFolder('interrupted')
    const child = start('train', example('iris'), ...endless, '--out', out, '--json')
    const end = ended(child)
    await written(child, '"event":"epoch"')
    child.kill('SIGINT')
    const said = await end
    expect([said.code, said.err]).toEqual([0, ''])
    expect(linesOf(said.out).at(-1)).toMatchObject({ event: 'done', state: 'stopped' })
    for (const name of ['model.json', 'weights.safetensors', 'preparation.json', 'run.jsonl'])
      expect(existsSync(join(out, name)), name).toBe(true)
    const predicted = await cli('predict', out, '--data', join(root, 'models/data/iris.csv'))
    expect(predicted.code).toBe(0)
  })

  test('a reader that has seen enough ends it quietly', async () => {
    const child = start('train', example('iris'), ...endless, '--json')
    let err = ''
    child.stderr.on('data', (text: Buffer) => (err += text.toString()))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, err]).toEqual([0, ''])
  })
})
