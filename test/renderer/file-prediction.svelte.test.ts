import { expect, test } from 'vitest'
import { FilePrediction } from '../../renderer/evaluate/file-prediction.svelte.ts'
import { fail, ok, problem } from '../../src/base/problem.ts'
import type { PredictedPart } from '../../src/protocol/messages.ts'
import { until } from '../helpers/until.ts'
import { FakeEngine } from './run-fakes.ts'

const start = { id: 7, name: 'new.csv', count: 5, step: 40, problems: [] }
const lines = ['row,class', '2,a', '3,"b, c"', '4,a', '5,a', '6,a']
const partOf = (from: number, to: number): PredictedPart => {
  const own = [...(from === 0 ? lines.slice(0, 1) : []), ...lines.slice(from + 1, to + 1)]
  return { text: own.map((line) => `${line}\n`).join(''), done: to }
}
const picked = ok([{ handle: 'h', name: 'new.csv', size: 3 }])

function host(engine: FakeEngine, saved: { name: string; text: string }[] = []) {
  return new FilePrediction({
    engine: engine.peer,
    extensions: () => ['.csv'],
    platform: {
      pickFiles: async () => picked,
      pickFolder: async () => ok([]),
      acceptDrop: async () => picked,
      saveTable: async (name, parts) => {
        saved.push({ name, text: (await Promise.all(parts.map((part) => part.text()))).join('') })
        return ok({ name })
      },
    },
  })
}
/** Two examples at a time. */
function answering() {
  let done = 0
  return new FakeEngine({
    'predict.begin': () => {
      done = 0
      return ok(start)
    },
    'predict.next': () => {
      const from = done
      done = Math.min(5, done + 2)
      return ok(partOf(from, done))
    },
    'predict.end': () => null,
  })
}

test('part after part comes, is shown, and is saved whole', async () => {
  const engine = answering()
  const saved: { name: string; text: string }[] = []
  const prediction = host(engine, saved)
  expect(prediction.isOpen).toBe(false)
  prediction.ask()
  expect(prediction.state).toEqual({ kind: 'asking' })
  await prediction.pickFiles()
  expect(prediction.state).toMatchObject({ kind: 'answered', start, head: lines, saved: null })
  expect(engine.calls.map(({ name, args }) => [name, args])).toEqual([
    ['predict.begin', { handles: ['h'] }],
    ...Array.from({ length: 3 }, () => ['predict.next', { id: 7 }]),
    ['predict.end', { id: 7 }],
  ])
  await prediction.save()
  expect(saved).toEqual([{ name: 'new predictions.csv', text: `${lines.join('\n')}\n` }])
  expect(prediction.state).toMatchObject({ saved: 'new predictions.csv' })
  prediction.close()
  expect(prediction.isOpen).toBe(false)
})

test('cancelled, the engine is told, and what still comes is not shown', async () => {
  const engine = answering()
  let go: (part: PredictedPart) => void = () => undefined
  engine.answers['predict.next'] = () => new Promise((resolve) => (go = (part) => resolve(ok(part))))
  const prediction = host(engine)
  const all = prediction.own()
  await until(() => prediction.state.kind === 'answering')
  prediction.close()
  go(partOf(0, 2))
  await all
  expect(prediction.state).toEqual({ kind: 'closed' })
  expect(engine.calls.map(({ name }) => name)).toEqual(['predict.begin', 'predict.next', 'predict.end'])
  expect(engine.calls[0]?.args).toEqual({ handles: [] })
})

test('while it reads, the reading is ended; what was begun all the same is ended as well', async () => {
  const engine = answering()
  let go: () => void = () => undefined
  engine.answers['predict.begin'] = () => new Promise((resolve) => (go = () => resolve(ok(start))))
  const prediction = host(engine)
  const all = prediction.pickFiles()
  await until(() => engine.calls.length === 1)
  const [asking] = engine.askings
  asking?.onProgress?.({ doing: 'reading', file: 'new.csv', share: 0.4 })
  expect(prediction.state).toEqual({ kind: 'reading', share: 0.4 })
  expect(asking?.signal?.aborted).toBe(false)
  prediction.close()
  expect(asking?.signal?.aborted).toBe(true)
  asking?.onProgress?.({ doing: 'reading', file: 'new.csv', share: 0.5 })
  expect(prediction.state).toEqual({ kind: 'closed' })
  go()
  await all
  expect(engine.calls.map(({ name }) => name)).toEqual(['predict.begin', 'predict.end'])
  expect(prediction.state).toEqual({ kind: 'closed' })
})

test('refusals are said; a choice that was thought better of asks again; a failed save keeps the answers', async () => {
  const engine = answering()
  const prediction = host(engine)
  prediction.ask()
  await prediction.pickFolder()
  expect(prediction.state).toEqual({ kind: 'asking' })
  engine.answers['predict.begin'] = () => fail(problem('data.column', 'new.csv has no column size.'))
  await prediction.pickFiles()
  expect(prediction.state).toMatchObject({ kind: 'refused', problems: [{ message: 'new.csv has no column size.' }] })
  delete engine.answers['predict.begin']
  await prediction.pickFiles()
  expect(prediction.state).toMatchObject({ kind: 'refused', problems: [{ code: 'predict.engine' }] })
  engine.answers['predict.begin'] = () => ok(start)
  const full = new FilePrediction({
    engine: answering().peer,
    extensions: () => [],
    platform: {
      pickFiles: async () => picked,
      pickFolder: async () => picked,
      acceptDrop: async () => picked,
      saveTable: async () => fail(problem('table.save', 'The disk is full.')),
    },
  })
  await full.pickFiles()
  await full.save()
  expect(full.failures).toMatchObject([{ message: 'The disk is full.' }])
  expect(full.state).toMatchObject({ kind: 'answered', saved: null })
})
