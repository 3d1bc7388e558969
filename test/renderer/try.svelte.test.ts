/** Files, sounds and points: what is tried on a network from the window. */
import { flushSync, mount, tick, unmount } from 'svelte'
import { afterEach, describe, expect, test } from 'vitest'
import LowerPanel from '../../renderer/evaluate/LowerPanel.svelte'
import { exampleOf } from '../../renderer/evaluate/own-file.ts'
import { pointBeside } from '../../renderer/evaluate/plot.ts'
import { levelOf, Recorder, type Microphone } from '../../renderer/evaluate/recorder.svelte.ts'
import { Trial } from '../../renderer/evaluate/trial.svelte.ts'
import { RunView } from '../../renderer/state/run.svelte.ts'
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { MAX_PICTURE_BYTES } from '../../src/data/limits.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { DataSection } from '../../src/document/types.ts'
import { MAX_OWN_BYTES } from '../../src/protocol/arguments.ts'
import type { Answer, AskedExample, Evaluation, OwnExample, Samples } from '../../src/protocol/messages.ts'
import { evaluateNumbers } from '../../src/train/evaluation/numbers.ts'
import { FakeEngine, progressOf, snapshotOf, telemetryOf } from './run-fakes.ts'

let panel: ReturnType<typeof mount> | undefined
afterEach(() => {
  if (panel) void unmount(panel)
  panel = undefined
})
const settle = async () => {
  for (let i = 0; i < 20; i++) await tick()
  flushSync()
}
const text = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')

const looks: Samples = { kind: 'pictures', shape: [1, 2, 1], pictures: [Uint8Array.of(0, 255)], names: ['7.png'] }
const said = (step: number, id?: string): Result<Answer> =>
  ok({ kind: 'classes', step, names: ['cat', 'dog'], probabilities: [0.25, 0.75], ...(id && { own: { id, looks } }) })
const file = (name = '7.png'): OwnExample => ({ kind: 'file', file: name, bytes: Uint8Array.of(1, 2, 3) })

describe('a question', () => {
  const trialWith = (answer: (example: AskedExample, count: number) => Result<Answer>) => {
    const asked: AskedExample[] = []
    const engine = new FakeEngine({
      'run.predict': ({ example }) => {
        asked.push(example)
        return answer(example, asked.length)
      },
    })
    return { asked, trial: new Trial(engine.peer) }
  }

  test('sends a file once, and then its number', async () => {
    const { asked, trial } = trialWith((example, count) => said(count, example.kind === 'file' ? 'a 1' : undefined))
    const own = file()
    for (let i = 0; i < 3; i++) {
      trial.ask(own)
      await settle()
      expect(trial.looks).toBe(looks)
    }
    expect(asked).toEqual([own, { kind: 'again', id: 'a 1' }, { kind: 'again', id: 'a 1' }])
    expect(trial.answer?.step).toBe(3)
    // What is typed has no looks, and another file is sent.
    trial.ask({ kind: 'values', values: [1] })
    await settle()
    expect(trial.looks).toBeNull()
    const other = file('8.png')
    trial.ask(other)
    await settle()
    expect(asked.at(-1)).toBe(other)
  })

  test('sends it anew where the engine knows it no more', async () => {
    const { asked, trial } = trialWith((example, count) =>
      example.kind === 'again' ? fail(problem('own.gone', 'Gone.')) : said(count, `a ${count}`),
    )
    const own = file()
    trial.ask(own)
    await settle()
    trial.ask(own)
    await settle()
    expect(asked).toEqual([own, { kind: 'again', id: 'a 1' }, own])
    expect(trial.failures).toEqual([])
    expect(trial.answer?.step).toBe(3)
  })

  test('is not asked again and again about a file that is refused', async () => {
    const { asked, trial } = trialWith(() => fail(problem('picture.text', '7.png is text and no picture.')))
    const own = file()
    for (let i = 0; i < 3; i++) {
      trial.ask(own)
      await settle()
    }
    expect(asked).toEqual([own])
    expect(trial.failures.map(({ code }) => code)).toEqual(['picture.text'])
    // For another network it may be one.
    trial.clear()
    trial.ask(own)
    await settle()
    expect(asked).toHaveLength(2)
  })

  test('whose example has gone meanwhile changes nothing', async () => {
    const { trial } = trialWith((_, count) => said(count, 'a 1'))
    trial.ask(file())
    trial.clear()
    await settle()
    expect([trial.answer, trial.looks, trial.failures]).toEqual([null, null, []])
  })
})

describe('the panel', () => {
  const base = emptyDocument().data
  const target = { kind: 'classes', names: ['cat', 'dog'] } as const
  const files = { kind: 'examples', options: {}, files: [], target } as const
  const show = async (engine: FakeEngine, data: DataSection) => {
    const run = new RunView(engine.peer)
    await run.connect()
    panel = mount(LowerPanel, { target: document.body, props: { run, engine: engine.peer, data } })
    flushSync()
    const tab = [...document.body.querySelectorAll('label')].find((one) => one.textContent?.trim() === 'Try it')
    tab?.querySelector('input')?.click()
    await settle()
  }
  const running = { 'run.current': () => snapshotOf({ progress: progressOf({ state: 'running' }) }) }
  const section = () => document.body.querySelector('section[aria-label="Try it"]')
  function give(type: 'drop' | 'dragover', ...given: readonly File[]): Event {
    const event = new Event(type, { bubbles: true, cancelable: true })
    Object.assign(event, { dataTransfer: { types: ['Files'], files: given } })
    section()?.dispatchEvent(event)
    return event
  }

  test('takes a picture that is dropped on it, follows training with it, and says what is wrong', async () => {
    const asked: AskedExample[] = []
    const engine = new FakeEngine({
      ...running,
      'run.predict': ({ example }) => {
        asked.push(example)
        if (example.kind === 'file' && example.file === 'bad.png') return fail(problem('picture.text', 'It is text.'))
        return said(10 + asked.length, example.kind === 'file' ? 'a 1' : undefined)
      },
    })
    await show(engine, { ...base, source: { ...files, reader: 'pictures', features: [70, 70, 3] } })
    expect(section()?.hasAttribute('data-takes-files')).toBe(true)
    expect(give('dragover').defaultPrevented).toBe(true)
    expect(give('drop', new File([Uint8Array.of(5, 6)], '7.png')).defaultPrevented).toBe(true)
    await settle()
    expect(asked).toEqual([{ kind: 'file', file: '7.png', bytes: Uint8Array.of(5, 6) }])
    expect(text()).toContain('dog 75.0')
    expect(document.body.querySelector('figure')?.getAttribute('aria-label')).toBe(
      '7.png as the network sees it, 1 × 2 × 1',
    )
    engine.tell(telemetryOf({ progress: progressOf({ step: 200 }) }))
    await settle()
    expect(asked.slice(1)).toEqual([{ kind: 'again', id: 'a 1' }])
    expect(text()).toContain('As of step 12')
    give('drop', new File(['text'], 'bad.png'))
    await settle()
    expect(text()).toContain('It is text.')
    expect(document.body.querySelector('figure')).toBeNull()
    give('drop', new File(['a'], 'a.png'), new File(['b'], 'b.png'))
    await settle()
    expect(text()).toContain('2 files were given. Try one at a time.')
    expect(asked).toHaveLength(3)
  })

  test('of a table takes none: they are data to train on', async () => {
    const column = { name: 'x', role: 'feature', kind: 'numeric' } as const
    const engine = new FakeEngine({
      ...running,
      'data.preview': () => fail(problem('x', 'None.')),
      'run.predict': () => said(1),
    })
    const source = { kind: 'table', reader: 'csv', options: {}, files: [], columns: [column] } as const
    await show(engine, { ...base, source })
    expect(section()?.hasAttribute('data-takes-files')).toBe(false)
    expect(give('drop', new File(['a'], 'a.png')).defaultPrevented).toBe(false)
    expect(
      engine.calls.some(({ name, args }) => name === 'run.predict' && JSON.stringify(args).includes('a.png')),
    ).toBe(false)
  })

  test('of sounds records as long as the examples are', async () => {
    const preview = { kind: 'pictures', facts: [], warnings: [], recorded: { rate: 8000, samples: 12_000 } }
    const engine = new FakeEngine({
      ...running,
      'data.preview': () => ok(preview as never),
      'run.predict': () => said(1),
    })
    await show(engine, { ...base, source: { ...files, reader: 'sound', features: [30, 40, 1] } })
    expect(text()).toContain('1.5 s, as long as the examples are')
    expect(document.body.querySelector('canvas')).toBeNull()
    // Here there is none.
    const record = [...document.body.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Record')
    record?.click()
    await settle()
    expect(text()).toContain('The microphone may not be used. Allow it')
  })
})

describe('a recording', () => {
  /** A microphone that one speaks into by hand. */
  function studio(rate = 1000) {
    const state = { block: (_: Float32Array) => {}, lost: () => {}, open: false }
    const microphone: Microphone = {
      rate,
      listen: (block, lost) => Object.assign(state, { block, lost, open: true }),
      close: () => void (state.open = false),
    }
    return { state, recorder: new Recorder(() => Promise.resolve(microphone)) }
  }
  const messages = ({ failures }: Recorder) => failures.map(({ message }) => message).join(' ')

  test('ends when it is long enough, with what was heard in order', async () => {
    const { state, recorder } = studio()
    const clip = recorder.record(0.25)
    await settle()
    expect(recorder.state).toBe('recording')
    state.block(Float32Array.from({ length: 200 }, (_, i) => i / 1000))
    expect(recorder.seconds).toBeCloseTo(0.2)
    expect(recorder.level).toBeCloseTo(levelOf(0.199))
    state.block(Float32Array.from({ length: 200 }, (_, i) => (200 + i) / 1000))
    const heard = await clip
    // A little more than asked for, which resampling looks at.
    expect(heard?.rate).toBe(1000)
    expect(heard?.samples).toEqual(Float32Array.from({ length: 300 }, (_, i) => i / 1000))
    expect([recorder.state, recorder.level, state.open]).toEqual(['idle', 0, false])
  })

  test('ends when it is stopped, or is thrown away', async () => {
    const { state, recorder } = studio()
    const stopped = recorder.record(5)
    await settle()
    expect(await recorder.record(1)).toBeNull()
    state.block(Float32Array.of(0.5, -0.25))
    recorder.stop()
    expect((await stopped)?.samples).toEqual(Float32Array.of(0.5, -0.25))
    const cancelled = recorder.record(5)
    await settle()
    recorder.cancel()
    expect(await cancelled).toBeNull()
    expect([state.open, recorder.failures]).toEqual([false, []])
    // Before the microphone is there.
    const early = recorder.record(5)
    recorder.cancel()
    expect(await early).toBeNull()
    expect([state.open, recorder.state]).toEqual([false, 'idle'])
  })

  test('never asks for more than may be sent', async () => {
    const { state, recorder } = studio(192_000)
    const clip = recorder.record(3600)
    await settle()
    state.block(new Float32Array(5_000_000).fill(0.1))
    expect((await clip)?.samples.byteLength).toBe(MAX_OWN_BYTES)
  })

  test('that is silence, or cannot be, says so', async () => {
    const { state, recorder } = studio()
    for (const [loudness, heard] of [
      [0, false],
      [0.0009, false],
      [0.01, true],
    ] as const) {
      const clip = recorder.record(0.1)
      await settle()
      state.block(new Float32Array(200).fill(loudness))
      expect((await clip) !== null).toBe(heard)
      expect(messages(recorder)).toBe(
        heard ? '' : 'Nothing was heard. Check that the microphone is on and not muted, and record again.',
      )
    }
    const lost = recorder.record(1)
    await settle()
    state.lost()
    expect(await lost).toBeNull()
    expect(messages(recorder)).toBe('The microphone went away. Connect it and record again.')
    const says: readonly (readonly [string, RegExp])[] = [
      ['NotAllowedError', /^The microphone may not be used\. Allow it/],
      ['NotFoundError', /^There is no microphone\. Connect one/],
      ['NotReadableError', /^The microphone does not answer; another program/],
      ['Error', /^Nothing can be recorded: Broken\. Record again/],
    ]
    for (const [name, pattern] of says) {
      const error = Object.assign(new Error('Broken'), { name })
      const broken = new Recorder(() => Promise.reject(error))
      expect(await broken.record(1)).toBeNull()
      expect(messages(broken)).toMatch(pattern)
      expect([broken.state, messages(broken).endsWith('or choose a WAV file instead.')]).toEqual(['idle', true])
    }
  })
})

test('a file is looked at before it is read', async () => {
  const messageOf = async (...files: readonly File[]) => {
    const found = await exampleOf(files)
    return found.ok ? found.value : found.problems[0]?.message
  }
  expect(MAX_OWN_BYTES).toBeLessThanOrEqual(MAX_PICTURE_BYTES)
  expect(await messageOf(new File([Uint8Array.of(7)], `${'a'.repeat(300)}.png`))).toEqual({
    kind: 'file',
    file: `${'a'.repeat(96)}.png`,
    bytes: Uint8Array.of(7),
  })
  const large = Object.defineProperty(new File([], 'large.bmp'), 'size', { value: MAX_OWN_BYTES + 5e6 })
  expect(await messageOf(large)).toBe('large.bmp has 21.0 MB; what is tried may have 16.0 MB. Make it smaller.')
  expect(await messageOf()).toBe('There is no file in it. Choose one.')
  const gone = Object.assign(new File([], 'gone.png'), { arrayBuffer: () => Promise.reject(new Error('It moved')) })
  expect(await messageOf(gone)).toBe('gone.png could not be read: It moved. Choose a file that is there.')
})

describe('points', () => {
  const x = [3, 1, 2, 2, 5]
  const y = [1, 4, 0, 7, 1]

  test('are all reached by arrow keys, there and back', () => {
    for (const [forth, back, first] of [
      ['ArrowRight', 'ArrowLeft', 1],
      ['ArrowUp', 'ArrowDown', 2],
    ] as const) {
      const walk: number[] = [first]
      for (let i = 0; i < 4; i++) walk.push(pointBeside(forth, walk.at(-1) ?? 0, x, y) ?? -1)
      expect(new Set(walk)).toEqual(new Set([0, 1, 2, 3, 4]))
      const [way, along] = forth === 'ArrowRight' ? [x, walk] : [y, walk]
      for (let i = 1; i < 5; i++) expect(way[along[i] ?? -1]).toBeGreaterThanOrEqual(way[along[i - 1] ?? -1] ?? NaN)
      // At the end it stays where it is.
      expect(pointBeside(forth, walk[4] ?? -1, x, y)).toBe(walk[4])
      for (let i = 4; i > 0; i--) expect(pointBeside(back, walk[i] ?? -1, x, y)).toBe(walk[i - 1])
    }
    expect(['Home', 'End', 'x', 'Enter'].map((key) => pointBeside(key, 3, x, y))).toEqual([1, 4, null, null])
    expect(pointBeside('Home', 0, [], [])).toBeNull()
  })

  test('of an evaluation say what they are, and Enter opens the sample', async () => {
    const score = evaluateNumbers({
      predicted: [1, 2, 4],
      truths: [3, 2, 1],
      names: ['price'],
      deviations: [1],
      indices: [0, 1, 2],
    })
    const evaluation: Evaluation = {
      ...score,
      run: '7.1',
      part: 'validation',
      step: 10,
      epoch: 1,
      count: 3,
      looked: 3,
      undecided: 0,
      undecidedSamples: [],
    }
    const opened: unknown[] = []
    const engine = new FakeEngine({
      'run.current': () => snapshotOf({ progress: progressOf({ state: 'running' }) }),
      'run.evaluate': () => ok(evaluation),
      'run.samples': ({ choice }) => {
        opened.push(choice)
        return fail(problem('x', 'None.'))
      },
    })
    const run = new RunView(engine.peer)
    await run.connect()
    panel = mount(LowerPanel, {
      target: document.body,
      props: { run, engine: engine.peer, data: emptyDocument().data },
    })
    flushSync()
    const tab = [...document.body.querySelectorAll('label')].find((one) => one.textContent?.trim() === 'Evaluate')
    tab?.querySelector('input')?.click()
    await settle()
    const point = () => document.body.querySelector<HTMLButtonElement>('.plane button')
    const press = async (key: string) => {
      point()?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
      await settle()
      return point()?.getAttribute('aria-label')
    }
    point()?.focus()
    expect(point()?.getAttribute('aria-label')).toBe('True 3, predicted 1')
    expect(await press('ArrowLeft')).toBe('True 2, predicted 2')
    expect(document.activeElement).toBe(point())
    expect(await press('ArrowUp')).toBe('True 1, predicted 4')
    expect(await press('q')).toBe('True 1, predicted 4')
    point()?.click()
    await settle()
    expect(opened.at(-1)).toEqual({ kind: 'indices', indices: [2] })
  })
})
