/**
 * The room for data as the engine uses it: the files that a source names are fetched first. What was read last is kept,
 * because a preview is asked for again with every change of a column's role, and a start follows a preview.
 */
import { canonicalJson } from '../../base/hash.ts'
import { attemptAsync, fail, ok, problem, type Result } from '../../base/problem.ts'
import {
  asSource,
  generatedSource,
  expectedColumns,
  loadGenerated,
  prepareFeed,
  preview,
  proposeSource,
  readFiles,
  readLike,
  samplesOf,
  variedOf,
  type OpenedFiles,
} from '../../data/index.ts'
import { saidOf } from '../../data/bad-records.ts'
import { isStored } from '../../data/numbers.ts'
import { questionsOf } from '../../data/predictions.ts'
import type { DataItem, Job, LoadedSource, PreparedData } from '../../data/types.ts'
import type { DataSection, FileReference } from '../../document/types.ts'
import type { ParamValues } from '../../base/params.ts'
import type { Scratch, SetStore } from '../scratch.ts'
import type { DataRoom, Load } from './service.ts'

/** Sets that are kept. */
const MOST_KEPT = 2

interface Opened {
  readonly key: string
  readonly files: OpenedFiles
  readonly store: SetStore
}

/** `scratch`: where sets go that are more than memory is to hold. */
export function dataRoom(scratch: Pick<Scratch, 'budget' | 'open'>): DataRoom {
  const opened: Opened[] = []
  /** The generated set whose examples were shown last. */
  let shown: { readonly key: string; readonly loaded: LoadedSource } | undefined
  let prepared: { readonly key: string; readonly data: PreparedData } | undefined

  const keyOf = (files: readonly FileReference[], reader: string, options: ParamValues) =>
    canonicalJson({ files: files.map(({ sha256, name }) => [sha256, name]), reader, options })

  const keep = (files: readonly FileReference[], found: OpenedFiles, store: SetStore): void => {
    const key = keyOf(files, found.reader, found.options)
    const before = opened.filter((one) => one.key !== key)
    // Memory is for one set, or for several small ones.
    const room = scratch.budget - heldIn(found)
    const kept = before.filter(({ files: own }, i) => i < MOST_KEPT - 1 && heldIn(own) <= room)
    opened.filter((one) => !kept.includes(one)).forEach((one) => one.store.forget())
    opened.splice(0, opened.length, { key, files: found, store }, ...kept)
  }

  /** With room for numbers that memory does not hold, which is given back where nothing is read. */
  const readInto = async (
    job: Job | undefined,
    read: (job: Job, store: SetStore) => Promise<Result<OpenedFiles>>,
  ): Promise<Result<OpenedFiles>> => {
    const store = scratch.open()
    const { pause, progress } = job ?? inTurn
    try {
      const found = await read({ pause, progress, store }, store)
      if (!found.ok) store.forget()
      return found
    } catch (error) {
      store.forget()
      throw error
    }
  }

  const loadFrom = async ({ source }: DataSection, load: Load, job?: Job): Promise<Result<LoadedSource>> => {
    if (source.kind === 'generated') return loadGenerated(source)
    const key = keyOf(source.files, source.reader, source.options)
    const known = opened.find((one) => one.key === key)
    if (known) return asSource(source, known.files)
    const items: DataItem[] = []
    for (const reference of source.files) {
      const item = await load(reference)
      if (!item.ok) return item
      items.push(item.value)
    }
    const expected = expectedColumns(source)
    const files = items.flatMap((item) => item.files)
    const { reader, options } = source
    const read = await readInto(job, async (watched, store) => {
      const found = await readFiles(files, { reader, options, job: { ...watched, expected } })
      if (found.ok) keep(source.files, found.value, store)
      return found
    })
    return read.ok ? asSource(source, read.value) : read
  }

  /** What is looked at again and again, a few examples at a time. */
  const loadShown = async (data: DataSection, load: Load): Promise<Result<LoadedSource>> => {
    const key = canonicalJson(data.source)
    if (shown?.key === key) return ok(shown.loaded)
    const loaded = await loadFrom(data, load)
    // Files are kept as they were read.
    if (loaded.ok) shown = data.source.kind === 'generated' ? { key, loaded: loaded.value } : undefined
    return loaded
  }

  return {
    async propose(items, { reader, options, job }) {
      const files = items.flatMap((item) => item.files)
      const references = items.map(({ reference }) => reference)
      const read = await readInto(job, async (watched, store) => {
        const found = await readFiles(files, { reader, options, job: watched })
        if (found.ok) keep(references, found.value, store)
        return found
      })
      return read.ok ? proposeSource(read.value, references) : read
    },
    generated: generatedSource,
    async preview(data, load, job) {
      const loaded = await loadFrom(data, load, job)
      return loaded.ok ? ok(preview(loaded.value)) : loaded
    },
    async samples(data, rows, load) {
      const loaded = await loadShown(data, load)
      return loaded.ok ? ok(samplesOf(loaded.value.data, rows)) : loaded
    },
    async varied(data, load) {
      const loaded = await loadShown(data, load)
      if (!loaded.ok) return loaded
      return attemptAsync(() => variedOf(loaded.value.data, data, inTurn))
    },
    async questions({ data, fitted, items }, load, job) {
      const { source } = data
      if (items.length > 0 && source.kind === 'generated')
        return fail(
          problem(
            'predict.generated',
            'The network was trained on a generated set, and no file has its form; predict the set itself.',
          ),
        )
      const loaded = await (source.kind === 'generated' || items.length === 0
        ? loadFrom(data, load, job)
        : readInto(job, async (watched, store) => {
            const files = items.flatMap((item) => item.files)
            const read = await readLike(source, files, watched)
            // Whoever asks may read on until the answers are written; nobody asks for this file again.
            store.forget()
            return read
          }).then((read) => (read.ok ? asSource(source, read.value) : read)))
      if (!loaded.ok) return loaded
      const { data: raw, warnings, bad } = loaded.value
      const made = questionsOf(fitted, raw, data)
      if (!made.ok) return made
      return ok({ questions: made.value, problems: [...warnings, ...saidOf(bad), ...made.value.warnings] })
    },
    async prepare(data, load, job) {
      const key = canonicalJson(data)
      if (prepared?.key === key) return ok(prepared.data)
      const loaded = await loadFrom(data, load, job)
      if (!loaded.ok) return loaded
      const made = await prepareFeed(loaded.value.data, data, scratch.budget, job ?? inTurn)
      if (!made.ok) return made
      const warnings = [...loaded.value.warnings, ...made.value.warnings]
      prepared = { key, data: { ...made.value, warnings } }
      return ok(prepared.data)
    },
  }
}

/** For work that nobody watches: others still have their turn. */
const inTurn: Job = { pause: () => new Promise((resolve) => setImmediate(resolve)), progress: () => undefined }

/** Bytes of examples in memory; tables take less than their files. */
function heldIn({ data }: OpenedFiles): number {
  return 'columns' in data || isStored(data.features) ? 0 : data.features.byteLength
}
