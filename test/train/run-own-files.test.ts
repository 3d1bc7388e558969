/** Pictures and recordings of a person's own, tried while a run trains on files of their kind. */
import { expect, test } from 'vitest'
import { prepare, prepareOwn, proposeSource, readFiles } from '../../src/data/index.ts'
import { memoryFile } from '../../src/data/files.ts'
import type { DataFile, PreparedData, RawExamples } from '../../src/data/types.ts'
import type { OwnExample } from '../../src/data/samples.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { greyPng } from '../data/pictures/make.ts'
import { pcm16, wavBytes } from '../data/sounds.ts'
import { drawn, node } from '../document/documents.ts'
import { cpu, open, outcomeOf, patient, train } from './runs.ts'

const pictures = Array.from({ length: 40 }, (_, i) => {
  const bytes = greyPng(11, 9, (p) => (i % 2 ? 30 + p : 200 - p) + ((i * 7 + p * 3) % 20))
  return memoryFile(`${i % 2 ? 'dawn' : 'dusk'}/${i}.png`, bytes)
})
const sounds = Array.from({ length: 40 }, (_, i) => {
  const samples = Array.from({ length: 800 + 10 * i }, (_, t) => 9000 * Math.sin(((i % 2 ? 0.5 : 1.4) + i / 400) * t))
  return memoryFile(
    `${i % 2 ? 'low' : 'high'}/${i}.wav`,
    wavBytes({ rate: i % 3 ? 8000 : 11025, body: pcm16(samples) }),
  )
})

type Options = { readonly [name: string]: string | number | readonly number[] }
interface Kind {
  readonly kind: string
  readonly files: readonly DataFile[]
  readonly options: Options
}

/** A small network for the files' classes, and their data. */
async function classes(
  files: readonly DataFile[],
  options: Options,
): Promise<{ document: GraphDocument; data: PreparedData }> {
  const opened = valueOf(await readFiles(files, { options }))
  const { source } = valueOf(proposeSource(opened, [{ name: 'set', size: 1, sha256: '0'.repeat(64) }]))
  const empty = emptyDocument()
  const from = {
    ...empty,
    data: { ...empty.data, source },
    training: { ...empty.training, epochs: 12, batchSize: 8, optimizer: { type: 'sgd', params: { rate: 0.01 } } },
  }
  const document = drawn(
    {
      in: node('input', 'files'),
      f: node('flatten', 'flat'),
      o: node('dense', 'out', { features: 2, init: 'glorotUniform' }),
      s: node('softmax', 'softmax'),
      t: node('target', 'target'),
      l: node('crossEntropy', 'loss'),
    },
    ['in.x > f.x', 'f.y > o.x', 'o.y > s.x', 's.y > l.prediction', 't.y > l.target'],
    from,
  )
  return { document, data: valueOf(prepare(opened.data as RawExamples, document.data)) }
}

const bytesOf = async (file: DataFile) => file.read(0, file.length ?? 0)

test.each<Kind>([
  { kind: 'pictures', files: pictures, options: { size: [6, 6] } },
  { kind: 'sounds', files: sounds, options: { as: 'spectrogram', mels: 10, frame: 16, hop: 8 } },
])('a run in which $kind are tried all the time is the same, bit for bit', async ({ files, options }) => {
  const { document, data } = await classes(files, options)
  const device = patient(await cpu())
  const alone = await train(document, data, device)
  // So much passes from look to look that chunks are single steps.
  let time = 0
  const { run } = await open(document, data, device, { now: () => (time += 100) })
  const own: OwnExample[] = await Promise.all(
    files.slice(0, 4).map(async (file) => ({ kind: 'file' as const, file: file.name, bytes: await bytesOf(file) })),
  )
  if (files === sounds)
    own.push({ kind: 'sound', samples: Float32Array.from([...Array(900).keys()], Math.sin), rate: 44100 })
  const steps = new Set<number>()
  run.start()
  for (let i = 0; run.progress().state === 'running'; i++) {
    const example = own[i % own.length]
    const first = example && valueOf(await run.answer(example))
    if (!first?.own) throw new Error('It has no looks.')
    const again = valueOf(await run.answer({ kind: 'again', id: first.own.id }))
    expect(again.own).toBeUndefined()
    steps.add(first.step).add(again.step)
  }
  expect(steps.size).toBeGreaterThan(4)
  const tried = await outcomeOf(run)
  expect(tried.curves).toEqual(alone.curves)
  expect(tried.weights).toEqual(alone.weights)
  // The control: one weight written in between is another run.
  const { run: other } = await open(document, data, device)
  await other.setWeight('out.bias', Float32Array.of(0.1, 0))
  other.start()
  await other.ended
  expect((await outcomeOf(other)).weights).not.toEqual(alone.weights)
})

test('the answer is that of the very numbers, again under its number only', async () => {
  const { document, data } = await classes(pictures, { size: [6, 6] })
  const { run } = await train(document, data, await cpu())
  const answers: (readonly number[])[] = []
  for (const file of pictures.slice(0, 2)) {
    const example = { kind: 'file', file: 'mine.png', bytes: await bytesOf(file) } as const
    const { features, looks } = valueOf(await prepareOwn(example, data, document.data))
    const said = valueOf(await run.answer(example))
    const raw = valueOf(await run.predict(features, 1))
    expect(said.kind === 'classes' && said.probabilities).toEqual([...raw])
    expect(said.own?.looks).toEqual(looks)
    const again = valueOf(await run.answer({ kind: 'again', id: said.own?.id ?? '' }))
    expect(again).toEqual({ ...said, own: undefined })
    answers.push([...raw])
  }
  expect(answers[0]).not.toEqual(answers[1])
  // Those before the last one, of another run, and made up ones are gone.
  const first = valueOf(await run.answer({ kind: 'file', file: 'a', bytes: await bytesOf(pictures[0] as DataFile) }))
  await run.answer({ kind: 'file', file: 'b', bytes: await bytesOf(pictures[1] as DataFile) })
  for (const id of [first.own?.id ?? '', '', 'test 999', '__proto__'])
    expect(await run.answer({ kind: 'again', id })).toMatchObject({ ok: false, problems: [{ code: 'own.gone' }] })
  // One that is refused leaves the last one there.
  const last = valueOf(await run.answer({ kind: 'file', file: 'c', bytes: await bytesOf(pictures[2] as DataFile) }))
  expect(await run.answer({ kind: 'file', file: 'd.png', bytes: new Uint8Array(9) })).toMatchObject({ ok: false })
  expect(valueOf(await run.answer({ kind: 'again', id: last.own?.id ?? '' })).step).toBe(last.step)
})
