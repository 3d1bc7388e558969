import { expect, test } from 'vitest'
import { ok } from '../../src/base/problem.ts'
import type { PreparedData } from '../../src/data/types.ts'
import { MOST } from '../../src/document/training.ts'
import { Asides } from '../../src/train/asides.ts'
import { Examiner } from '../../src/train/evaluation/examiner.ts'
import type { Run } from '../../src/train/run.ts'
import { valueOf } from '../data/files.ts'
import { classifier, cpu, dataFor, open, oracle, outcomeOf, patient, regression, train } from './runs.ts'

/** Of which an example of one's own can be prepared as well. */
function pointsFor(...given: Parameters<typeof dataFor>): PreparedData<Float32Array> {
  const data = dataFor(...given)
  const column = { mean: 0, deviation: 1, fill: 0 }
  return { ...data, fitted: { ...data.fitted, columns: [column, column] } }
}

const settings = { epochs: 6, batchSize: 8 }

/** Asks again and again until the run has ended. */
async function pestered(run: Run, ask: (run: Run) => Promise<unknown>): Promise<number> {
  let asked = 0
  run.start()
  while (run.progress().state === 'running') {
    await ask(run)
    asked++
  }
  return asked
}

test('a run that is looked at all the time is the same, bit for bit', async () => {
  const document = classifier(settings)
  const data = pointsFor(document, 61, 37)
  const device = patient(await cpu())
  const alone = await train(document, data, device)
  // So much passes from look to look that chunks are single steps.
  let time = 0
  const { run } = await open(document, data, device, { now: () => (time += 100) })
  const steps = new Set<number>()
  const asked = await pestered(run, async () => {
    const found = valueOf(await run.evaluate(steps.size % 2 === 0 ? 'validation' : 'train'))
    steps.add(found.step)
    valueOf(await run.answer({ kind: 'values', values: [0.3, -0.2] }))
  })
  expect(asked).toBeGreaterThan(3)
  expect(steps.size).toBeGreaterThan(3)
  const looked = await outcomeOf(run)
  expect(looked.curves).toEqual(alone.curves)
  expect(looked.weights).toEqual(alone.weights)
  // The control: one weight written in between is another run.
  const { run: other } = await open(document, data, device)
  let written = false
  await pestered(other, async () => {
    await other.evaluate('validation')
    if (!written) await other.setWeight('out.bias', Float32Array.of(0.1, 0))
    written = true
  })
  expect((await outcomeOf(other)).weights).not.toEqual(alone.weights)
})

test('what is counted is what the weights of that moment say, in batches and by the oracle', async () => {
  const document = classifier(settings)
  const data = pointsFor(document, 50, 131)
  const { run } = await train(document, data, await cpu())
  const found = valueOf(await run.evaluate('validation'))
  if (found.kind !== 'classes') throw new Error('no classes')
  const { run: exact } = await open(document, data, await oracle())
  for (const [name, value] of await run.weights()) await exact.setWeight(name, value)
  const answers = valueOf(await exact.predict(data.validation.features, 131))
  const naive = [0, 0, 0, 0]
  for (let i = 0; i < 131; i++) {
    const guess = Number((answers[2 * i + 1] ?? 0) > (answers[2 * i] ?? 0))
    const cell = 2 * (data.validation.targets[i] ?? 0) + guess
    naive[cell] = (naive[cell] ?? 0) + 1
  }
  expect([...(found.matrix ?? [])]).toEqual(naive)
  const recorded = run.snapshot().points.find(({ name }) => name === 'validation.accuracy')
  expect(found.accuracy).toBeCloseTo(recorded?.values.at(-1) ?? NaN, 6)
  expect(found).toMatchObject({ run: 'test', part: 'validation', count: 131, looked: 131, undecided: 0 })
  expect(structuredClone(found)).toEqual(found)
})

test('the samples of a cell are those that it counted, also when training has gone on', async () => {
  const document = classifier({ ...settings, epochs: 40 })
  const data = pointsFor(document, 60, 40)
  const { run } = await open(document, withRows(data), await cpu())
  expect(run.choose('validation', { kind: 'indices', indices: [0] })).toMatchObject({
    ok: false,
    problems: [{ code: 'samples.none' }],
  })
  await run.step()
  const before = valueOf(await run.evaluate('validation'))
  if (before.kind !== 'classes') throw new Error('no classes')
  run.start()
  await run.ended
  let total = 0
  for (const truth of [0, 1])
    for (const predicted of [0, 1]) {
      const chosen = valueOf(run.choose('validation', { kind: 'cell', truth, predicted, skip: 0 }))
      expect(chosen.total).toBe(before.matrix?.[2 * truth + predicted])
      expect(chosen.step).toBe(1)
      for (const sample of chosen.samples) {
        expect([data.validation.targets[sample.index], sample.truth, sample.answer]).toEqual([
          truth,
          [truth],
          [predicted],
        ])
        expect(sample.row).toBe(1000 + 3 * sample.index)
        expect(sample.confidence).toBeGreaterThan(0.5)
      }
      total += chosen.total
      const rest = valueOf(run.choose('validation', { kind: 'cell', truth, predicted, skip: 1 }))
      expect(rest.samples).toEqual(chosen.samples.slice(1))
    }
  expect(total).toBe(40)
  // The control: the network has learnt, so that its matrix is another one by now.
  const after = valueOf(await run.evaluate('validation'))
  expect(after.kind === 'classes' && [...(after.matrix ?? [])]).not.toEqual([...(before.matrix ?? [])])
  for (const choice of [
    { kind: 'indices', indices: [40] },
    { kind: 'cell', truth: 2, predicted: 0, skip: 0 },
  ] as const)
    expect(run.choose('validation', choice)).toMatchObject({ ok: false })
})

test('the cells of each label open the very examples that they count', async () => {
  const names = ['sea', 'sky']
  const data = dataFor(regression(settings), 20, 6)
  const truths = [1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1]
  const answers = Float32Array.of(0.9, 0.6, 0.2, 0.7, 0.4, 0.8, 0.6, 0.1, NaN, 0.3, 0.5, 0.2)
  const identity = { mean: 0, deviation: 1 }
  const examiner = new Examiner('r', {
    ...data,
    target: { kind: 'numbers', names, labels: true },
    fitted: { ...data.fitted, targets: [identity, identity] },
    validation: { ...data.validation, targets: Float32Array.from(truths), rows: undefined },
  })
  const moment = { step: 3, epoch: 1, compared: 'target' } as const
  const found = valueOf(
    await examiner.judge('validation', Uint32Array.from(answers, (_, i) => i).subarray(0, 6), answers, moment),
  )
  if (found.kind !== 'labels') throw new Error('no labels')
  expect(found.undecidedSamples).toEqual([4])
  const opened: number[] = []
  for (const [label, { matrix }] of found.labels.entries())
    for (const truth of [0, 1])
      for (const predicted of [0, 1]) {
        const cell = { kind: 'labelCell', label, truth, predicted, skip: 0 } as const
        const { total, samples } = valueOf(examiner.choose('validation', cell))
        expect(total).toBe(matrix?.[2 * truth + predicted])
        for (const { index, truth: own, answer } of samples) {
          opened.push(index)
          expect([own[label], Number((answer[label] ?? NaN) > 0.5)]).toEqual([truth, predicted])
          expect([...own]).toEqual(truths.slice(2 * index, 2 * index + 2))
        }
      }
  // Each example is in one cell of each label.
  expect(opened.sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 5, 5])
  for (const choice of [
    { kind: 'labelCell', label: 2, truth: 0, predicted: 0, skip: 0 },
    { kind: 'labelCell', label: 0, truth: 2, predicted: 0, skip: 0 },
    { kind: 'cell', truth: 0, predicted: 0, skip: 0 },
  ] as const)
    expect(examiner.choose('validation', choice)).toMatchObject({ ok: false })
})

test('numbers are in their own units, for a part and for an example of one’s own', async () => {
  const document = regression({ ...settings, epochs: 30 })
  const data = pointsFor(document, 60, 20)
  const { run } = await train(document, data, await cpu())
  const found = valueOf(await run.evaluate('validation'))
  if (found.kind !== 'numbers') throw new Error('no numbers')
  const [target] = found.targets
  expect([...(target?.truth ?? [])]).toEqual(Array.from(data.validation.targets, (y) => y * 2.5 + 3))
  expect(target?.r2).toBeGreaterThan(0.9)
  const raw = valueOf(await run.predict(Float32Array.of(0.5, -0.5), 1))
  const own = valueOf(await run.answer({ kind: 'values', values: [0.5, -0.5] }))
  expect(own).toMatchObject({ kind: 'numbers', names: ['y'] })
  expect(own.kind === 'numbers' && own.values[0]).toBeCloseTo((raw[0] ?? 0) * 2.5 + 3, 5)
  expect(await run.answer({ kind: 'values', values: [1] })).toMatchObject({
    ok: false,
    problems: [{ code: 'own.size' }],
  })
  expect(await run.answer({ kind: 'row', cells: { x: '1' } })).toMatchObject({ problems: [{ code: 'own.kind' }] })
})

test('without a validation part it says so, and looks at the training part', async () => {
  const document = classifier(settings)
  const { run } = await open(document, pointsFor(document, 20, 0), await cpu())
  expect(await run.evaluate('validation')).toMatchObject({ ok: false, problems: [{ code: 'evaluate.empty' }] })
  expect(valueOf(await run.evaluate('train'))).toMatchObject({ part: 'train', looked: 20, step: 0 })
})

test('weights that are no numbers give no scores', async () => {
  const document = classifier(settings)
  const { run } = await open(document, pointsFor(document, 20, 6), await cpu())
  await run.setWeight('out.bias', Float32Array.of(NaN, 0))
  const found = valueOf(await run.evaluate('validation'))
  expect(found).toMatchObject({ undecided: 6, undecidedSamples: [0, 1, 2, 3, 4, 5] })
  expect(found.kind === 'classes' && [...(found.matrix ?? [1])]).toEqual([0, 0, 0, 0])
})

test('a pause does not wait for a look, and the look still ends', async () => {
  const document = classifier({ ...settings, epochs: MOST.epochs })
  const { run } = await open(document, pointsFor(document, 200, 5000), patient(await cpu()))
  run.start()
  const looking = run.evaluate('validation')
  const paused = await run.pause()
  expect(paused.state).toBe('paused')
  expect(valueOf(await looking).looked).toBe(5000)
  run.start()
  expect(run.progress().state).toBe('running')
  expect((await run.stop()).state).toBe('stopped')
  expect(valueOf(await run.evaluate('validation')).step).toBeGreaterThan(0)
})

test('asides: in turn, at once where nobody trains, and a failure is its own', async () => {
  let free = true
  const asides = new Asides(() => free)
  await asides.go()
  const order: string[] = []
  const one = asides.add(async () => {
    await Promise.resolve()
    order.push('one')
    return 1
  })
  const bad = asides.add(async () => Promise.reject(new Error('bad')))
  expect(asides.busy).toBe(true)
  await expect(bad).rejects.toThrow('bad')
  expect(await one).toBe(1)
  await asides.go()
  expect(asides.busy).toBe(false)
  free = false
  const waiting = asides.add(async () => ok(order.push('two')))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(order).toEqual(['one'])
  await asides.goOrLeave()
  await waiting
  expect(order).toEqual(['one', 'two'])
})

function withRows(data: PreparedData<Float32Array>): PreparedData<Float32Array> {
  const rows = Uint32Array.from({ length: data.validation.count }, (_, i) => 1000 + 3 * i)
  return { ...data, validation: { ...data.validation, rows } }
}
