/** Predictions of a whole file: what the window gets of the engine as it ships is what the command line writes. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuild, root } from '../../scripts/setup.mjs'
import { Rng } from '../../src/base/rng.ts'
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { Corrections, DataSection, GraphDocument } from '../../src/document/types.ts'
import { EngineSupervisor, forkEngine } from '../../src/node/engine-process.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { PredictionStart, RunTelemetry } from '../../src/protocol/messages.ts'
import { Peer, type Port } from '../../src/protocol/rpc.ts'
import { messages, valueOf } from '../data/files.ts'
import { idxBytes } from '../data/idx.ts'
import { npyBytes } from '../data/npy.ts'
import { greyPng } from '../data/pictures/make.ts'
import { pcm16, wavBytes } from '../data/sounds.ts'

let folder = ''
let supervisor: EngineSupervisor<Port>
let window: Peer<WindowOfEngine>
let telemetry: RunTelemetry[] = []
const csv = join(root, 'models/data/iris.csv')
const rows = readFileSync(csv, 'utf8').trim().split('\n')

beforeAll(async () => {
  ensureBuild(['node'], { quiet: true })
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-predict-'))
  const env = { ...process.env, NEUROLOOM_DATA: folder, NEUROLOOM_MODELS: join(root, 'models') }
  supervisor = new EngineSupervisor<Port>(() => forkEngine({ entry: join(root, 'out/node/engine-main.js'), env }), {
    started: () => {},
    exited: () => {},
  })
  valueOf(await supervisor.start())
  const port = supervisor.connect()
  if (!port) throw new Error('no engine')
  window = new Peer<WindowOfEngine>(port, { name: 'the engine' })
  window.on('run.telemetry', (one) => telemetry.push(one))
}, 300_000)
afterAll(async () => {
  await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
})

function cli(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const env = { ...process.env, NEUROLOOM_DATA: folder }
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'out/node/cli-main.js'), ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )
}

function iris(epochs: number, corrections?: Corrections): GraphDocument {
  const file = join(root, 'models/examples/iris.json')
  const document = valueOf(parseDocument(readFileSync(file, 'utf8'), 'iris.json'))
  const data = corrections ? { ...document.data, corrections } : document.data
  return { ...document, data, training: { ...document.training, epochs } }
}

async function trained(document: GraphDocument, meanwhile?: () => Promise<unknown>): Promise<RunTelemetry[]> {
  telemetry = []
  const { progress } = valueOf(await window.call('run.start', { document, device: 'cpu' }))
  await meanwhile?.()
  await expect
    .poll(() => telemetry.some((one) => one.progress.run === progress.run && one.progress.state === 'finished'), {
      timeout: 300_000,
    })
    .toBe(true)
  return telemetry
}

function put(name: string, text: string): { readonly handles: readonly string[]; readonly path: string } {
  const path = join(folder, name)
  writeFileSync(path, text)
  supervisor.grant({ handle: name, name, path })
  return { handles: [name], path }
}

async function predicted(handles: readonly string[]): Promise<{ start: PredictionStart; text: string; parts: number }> {
  const start = valueOf(await window.call('predict.begin', { handles }))
  let text = ''
  let parts = 0
  for (let done = 0; done < start.count; parts++) {
    const part = valueOf(await window.call('predict.next', { id: start.id }))
    expect(part.done).toBeGreaterThan(done)
    done = part.done
    text += part.text
  }
  await window.call('predict.end', { id: start.id })
  return { start, text, parts }
}

test(
  'corrections are trained with, and both faces write the same predictions, byte by byte',
  { timeout: 300_000 },
  async () => {
    const corrections: Corrections = { 0: { exclude: true }, 70: { target: 'virginica' }, 120: { exclude: true } }
    const document = iris(20, corrections)
    const { path } = put('net.json', formatDocument(document))
    const out = join(folder, 'model')
    const said = await cli('train', path, '--device', 'cpu', '--out', out, '--json')
    expect([said.code, said.err]).toEqual([
      0,
      'warning: iris.csv: 2 rows are left out, as they were corrected by hand (lines 2 and 122).\n' +
        'warning: iris.csv: 1 row has another target, given by hand (line 72).\n',
    ])
    const first = JSON.parse(said.out.split('\n')[0] ?? '') as { trainExamples: number; validExamples: number }
    expect(first.trainExamples + first.validExamples).toBe(148)
    expect(valueOf(parseDocument(readFileSync(join(out, 'model.json'), 'utf8'), 'm')).data.corrections).toEqual(
      corrections,
    )

    await trained(document)
    // With the target and without it, in another order, and with rows that can't be answered.
    const cells = rows.map((row) => row.split(','))
    const files = {
      'same.csv': rows.join('\n'),
      'turned.csv': cells.map((row) => row.slice(0, 4).reverse().join(';')).join('\n'),
    }
    for (const [name, text] of Object.entries(files)) {
      const { handles, path } = put(name, `${text}\n`)
      const plain = await cli('predict', out, '--data', path, '--device', 'cpu')
      const { start, text: ours } = await predicted(handles)
      expect(plain.code).toBe(0)
      expect(start).toMatchObject({ name, count: 150, step: 20 * Math.ceil(first.trainExamples / 16) })
      expect(ours).toBe(plain.out)
      expect(ours.split('\n')).toHaveLength(152)
    }
    // The data themselves: also the rows that training left out.
    const own = await predicted([])
    expect(own.text).toBe((await cli('predict', out, '--device', 'cpu')).out)
    expect(own.start.name).toBe('iris.csv')
    // A control: the same network without the corrections says something else.
    await trained(iris(20))
    expect((await predicted([])).text).not.toBe(own.text)
  },
)

test('what has to be left out is named, and a bad file gets its reader’s sentence', { timeout: 300_000 }, async () => {
  const document = iris(2)
  await trained({
    ...document,
    data: { ...document.data, preparation: { ...document.data.preparation, missing: 'skip' } },
  })
  const holes = [rows[0], '5.1,,1.4,0.2,setosa', rows[2], '1,2,3,,'].join('\n')
  const { start, text } = await predicted(put('holes.csv', holes).handles)
  expect(start.problems.map(({ message }) => message)).toEqual([
    'holes.csv: 2 rows lack a feature and are left out (lines 2 and 4).',
  ])
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(',')[0]),
  ).toEqual(['row', '3'])
  for (const [name, content, says] of [
    [
      'letters.csv',
      `${rows[0]}\nlong,1,2,3,setosa\n`,
      /letters\.csv line 2, column sepal_length: "long" is not a number/,
    ],
    ['other.csv', 'a,b\n1,2\n', /other\.csv has no column sepal_length/],
    ['empty.csv', '', /empty/],
  ] as const) {
    const begun = await window.call('predict.begin', { handles: put(name, content).handles })
    expect([name, messages(begun).join(' ')]).toEqual([name, expect.stringMatching(says)])
  }
})

test(
  'training is neither changed nor stopped by it, and all answers are of one moment',
  { timeout: 300_000 },
  async () => {
    const many = put('many.csv', [rows[0], ...Array.from({ length: 60 }, () => rows.slice(1)).flat()].join('\n'))
    // Far more than it gets to do: it is paused once the answers are there, and led to the end of an epoch.
    valueOf(await window.call('run.start', { document: iris(10_000_000), device: 'cpu' }))
    const asked = await predicted(many.handles)
    let progress = await window.call('run.pause', {})
    expect(progress).toMatchObject({ state: 'paused' })
    expect(progress.step).toBeGreaterThan(asked.start.step)
    const steps = progress.stepsPerEpoch
    while (progress.step % steps !== 0) progress = await window.call('run.step', {})
    const disturbed = (await predicted([])).text
    await window.call('run.stop', {})
    // The same epochs, alone: what the network says, to the last digit.
    await trained(iris(progress.step / steps))
    expect((await predicted([])).text).toBe(disturbed)
    // A control: one epoch more says something else.
    await trained(iris(progress.step / steps + 1))
    expect((await predicted([])).text).not.toBe(disturbed)
    const [, ...lines] = asked.text.trim().split('\n')
    expect(lines).toHaveLength(9000)
    // The same flower has the same answer in every repetition.
    const answers = lines.map((line) => line.slice(line.indexOf(',')))
    answers.forEach((answer, i) => expect(answer).toBe(answers[i % 150]))
  },
)

test('who ends it, or begins another, gets no more of it', { timeout: 300_000 }, async () => {
  await trained(iris(1))
  const begin = async () => valueOf(await window.call('predict.begin', { handles: [] })).id
  const over = { ok: false, problems: [{ code: 'predict.over' }] }
  const first = await begin()
  await window.call('predict.end', { id: first })
  expect(await window.call('predict.next', { id: first })).toMatchObject(over)
  const second = await begin()
  const third = await begin()
  expect(await window.call('predict.next', { id: second })).toMatchObject(over)
  // Ending what is over ends nothing else.
  await window.call('predict.end', { id: second })
  expect(await window.call('predict.next', { id: third })).toMatchObject({ ok: true, value: { done: 150 } })
  expect(await window.call('predict.begin', { handles: ['never chosen'] })).toMatchObject({
    ok: false,
    problems: [{ code: 'file.handle' }],
  })
})

/** The document that is proposed for files, and its first network, trained in the engine and by the command line. */
async function trainedBoth(name: string, handles: readonly string[]): Promise<string> {
  const opened = valueOf(await window.call('data.open', { handles, options: null }))
  const { data: section, ...empty } = emptyDocument()
  const data: DataSection = {
    ...section,
    source: opened.source,
    ...(opened.split && { split: { ...section.split, ...opened.split } }),
  }
  const { graph, training } = starterFor(data, 40)
  const document = { ...empty, graph, training: { ...training, epochs: 4 }, data }
  const path = put(`${name}.json`, formatDocument(document)).path
  const out = join(folder, `${name}-model`)
  const said = await cli('train', path, '--device', 'cpu', '--out', out)
  expect([name, said.code]).toEqual([name, 0])
  await trained(document)
  return out
}

/** Files in folders of their own, for both faces. */
function place(name: string, files: Readonly<Record<string, Uint8Array>>): { handle: string; path: string } {
  const path = join(folder, name)
  for (const [inner, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, inner)), { recursive: true })
    writeFileSync(join(path, inner), bytes)
  }
  supervisor.grant({ handle: name, name, path })
  return { handle: name, path }
}

/** What both faces write of the same files, which has to be the same to the last byte. */
async function both(model: string, ...given: readonly { handle: string; path: string }[]): Promise<string> {
  const { start, text } = await predicted(given.map(({ handle }) => handle))
  const plain = await cli('predict', model, ...given.flatMap(({ path }) => ['--data', path]), '--device', 'cpu')
  expect([plain.code, plain.err]).toEqual([0, start.problems.map(({ message }) => `warning: ${message}\n`).join('')])
  expect(text).toBe(plain.out)
  return text
}

const linesOf = (text: string) => text.trim().split('\n')
/** Answers by the last part of their file's name. */
const byFile = (text: string) =>
  new Map(
    linesOf(text)
      .slice(1)
      .map((line) => {
        const [file = '', , ...answer] = line.split(',')
        return [file.replace(/^.*\//, ''), answer.join(',')] as const
      }),
  )

test(
  'sounds are heard as those that were trained on, whatever their rate and folders',
  { timeout: 120_000 },
  async () => {
    const tone = (i: number, rate: number) =>
      wavBytes({
        rate,
        body: pcm16(
          Array.from({ length: rate / 4 }, (_, k) => {
            const [time, pitch] = [k / rate, (i % 2 ? 700 : 300) + 4 * i]
            return 16_000 * Math.sin(2 * Math.PI * pitch * time) * Math.sin(4 * Math.PI * time) ** 2
          }),
        ),
      })
    const tones = (rate: number, folderOf: (i: number) => string) =>
      Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`${folderOf(i)}${i}.wav`, tone(i, rate)]))
    const classOf = (i: number) => (i % 2 ? 'high/' : 'low/')
    const own = place('tones', tones(16_000, classOf))
    const model = await trainedBoth('tones', [own.handle])
    const labelled = await both(model, own)
    expect(linesOf(labelled)[0]).toBe('file,row,class,high,low')
    expect(linesOf(labelled)[1]).toMatch(/^high\/1\.wav,1,high,/)
    // Without folders, in another order, and one alone: the same bytes.
    const loose = await both(
      model,
      place(
        'loose',
        tones(16_000, () => ''),
      ),
    )
    expect([...byFile(loose)].sort()).toEqual([...byFile(labelled)].sort())
    const alone = place('alone', { '5.wav': tone(5, 16_000) })
    expect(byFile(await both(model, { handle: 'alone', path: alone.path })).get('5.wav')).toBe(
      byFile(labelled).get('5.wav'),
    )
    for (const rate of [8000, 48_000]) {
      const other = byFile(await both(model, place(`tones${rate}`, tones(rate, classOf))))
      for (const [file, answer] of byFile(labelled)) {
        const [now, then] = [other.get(file)?.split(',') ?? [], answer.split(',')]
        expect([rate, file, now[0]]).toEqual([rate, file, then[0]])
        expect(Math.abs(Number(now[1]) - Number(then[1]))).toBeLessThan(0.05)
      }
    }
    // The control: what differs for ears is answered otherwise.
    expect(new Set([...byFile(labelled).values()].map((answer) => answer.split(',')[0]))).toEqual(
      new Set(['high', 'low']),
    )
  },
)

test('pictures, arrays and IDX need no labels to be answered', { timeout: 240_000 }, async () => {
  const random = new Rng(5, 'pictures')
  const pixels = (i: number) =>
    Array.from({ length: 64 }, (_, k) => (k % 8 < 4 === (i % 2 === 0) ? 200 : 20) + random.integer(30))
  const all = Array.from({ length: 20 }, (_, i) => pixels(i))
  const png = (i: number) => greyPng(8, 8, (k) => all[i]?.[k] ?? 0)
  const pictures = (folderOf: (i: number) => string) =>
    Object.fromEntries(all.map((_, i) => [`${folderOf(i)}${i}.png`, png(i)]))
  const own = place(
    'shots',
    pictures((i) => (i % 2 ? 'b/' : 'a/')),
  )
  const ofPictures = await trainedBoth('shots', [own.handle])
  const labelled = await both(ofPictures, own)
  const flat = await both(
    ofPictures,
    place(
      'flat',
      pictures(() => ''),
    ),
  )
  expect(linesOf(flat).slice(0, 2)).toEqual(['file,row,class,a,b', expect.stringMatching(/^0\.png,1,/)])
  expect([...byFile(flat)].sort()).toEqual([...byFile(labelled)].sort())
  // The control: the pictures are not all answered alike.
  expect(new Set(byFile(labelled).values()).size).toBeGreaterThan(2)

  const labels = all.map((_, i) => i % 2)
  const sets = {
    idx: {
      x: ['all-images-idx3-ubyte', idxBytes([20, 8, 8], all.flat())],
      y: ['all-labels-idx1-ubyte', idxBytes([20], labels)],
    },
    npy: { x: ['x.npy', npyBytes('|u1', [20, 8, 8], all.flat())], y: ['y.npy', npyBytes('|u1', [20], labels)] },
  } as const
  for (const [kind, { x, y }] of Object.entries(sets)) {
    const [images, classes] = [x, y].map(([name, bytes]) => {
      const { path } = place(kind, { [name]: bytes })
      supervisor.grant({ handle: name, name, path: join(path, name) })
      return { handle: name, path: join(path, name) }
    }) as [{ handle: string; path: string }, { handle: string; path: string }]
    const model = await trainedBoth(kind, [images.handle, classes.handle])
    const bare = await both(model, images)
    expect(bare).toBe(await both(model, images, classes))
    expect(linesOf(bare)).toHaveLength(21)
    expect(new Set(linesOf(bare).map((line) => line.slice(line.indexOf(',')))).size).toBeGreaterThan(2)
  }
})
