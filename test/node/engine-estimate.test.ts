/** Estimates wait for nobody and hold up nobody: who wants to train ends them. */
import { expect, test } from 'vitest'
import { ok } from '../../src/base/problem.ts'
import { EngineService } from '../../src/node/engine/service.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { NetworkEstimate } from '../../src/protocol/messages.ts'
import { Peer, portPair } from '../../src/protocol/rpc.ts'
import type { EstimateQuestion } from '../../src/train/estimate.ts'
import { until } from '../helpers/until.ts'
import { document, fakeParts } from './helpers/fake-parts.ts'

const found: NetworkEstimate = {
  device: 'cpu',
  title: 'Fake',
  examples: { train: 3, validation: 0 },
  memoryBytes: 5,
  refusal: null,
  secondsPerEpoch: 1,
  secondsPerStep: 1,
}

/** Works until it is interrupted, or for good where it is not to be patient. */
function open(patient: boolean) {
  const questions: EstimateQuestion[] = []
  const estimate = async (question: EstimateQuestion) => {
    questions.push(question)
    const { interruption } = question
    if (patient && !interruption.asked) await new Promise<void>((resolve) => (interruption.act = resolve))
    return ok(interruption.asked ? null : found)
  }
  const service = new EngineService(fakeParts({ estimate }))
  const [near, far] = portPair()
  service.connect(near)
  return { questions, window: new Peer<WindowOfEngine>(far, { name: 'the engine' }) }
}

const ask = { document, device: 'cpu' } as const

test('what was found is told, on the device that was asked for', async () => {
  const { window, questions } = open(false)
  expect(await window.call('network.estimate', ask)).toEqual(ok(found))
  expect(questions.map(({ device }) => device.info.title)).toEqual(['Fake'])
})

test('a start ends it and does not wait for it', async () => {
  const { window, questions } = open(true)
  const estimate = window.call('network.estimate', ask)
  await until(() => questions.length === 1)
  expect(await window.call('run.start', ask)).toMatchObject({ ok: true, value: { progress: { state: 'running' } } })
  expect(await estimate).toEqual(ok(null))
})

test('a newer question ends an older one', async () => {
  const { window, questions } = open(true)
  const first = window.call('network.estimate', ask)
  await until(() => questions.length === 1)
  const second = window.call('network.estimate', ask)
  expect(await first).toEqual(ok(null))
  await until(() => questions.length === 2)
  questions[1]?.interruption.ask()
  expect(await second).toEqual(ok(null))
})

test('nothing is tried while something trains, and what is broken is no error', async () => {
  const { window, questions } = open(false)
  await window.call('run.start', ask)
  expect(await window.call('network.estimate', ask)).toEqual(ok(null))
  expect(questions).toEqual([])
  await window.call('run.stop', {})
  expect(await window.call('network.estimate', ask)).toEqual(ok(found))
  expect(
    await window.call('network.estimate', { ...ask, document: { ...document, format: 'x' } as never }),
  ).toMatchObject({ ok: false, problems: [{ code: 'document' }] })
})
