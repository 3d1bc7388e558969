/**
 * The room for data as the engine uses it: the files that a source names are fetched first. What was read last is kept,
 * because a preview is asked for again with every change of a column's role, and a start follows a preview. What several wait for
 * at the same time is read and prepared once.
 */
import { canonicalJson } from '../../base/hash.ts'
import { attemptAsync, ok, type Result } from '../../base/problem.ts'
import {
  asSource,
  generatedSource,
  expectedColumns,
  learn,
  loadGenerated,
  previewInTurns,
  proposeSource,
  readAsked,
  readFiles,
  samplesOf,
  toAnswer,
  variedOf,
  type LearntData,
  type OpenedFiles,
} from '../../data/index.ts'
import { saidOf } from '../../data/bad-records.ts'
import { bytesHeld, inTurns } from '../../data/numbers.ts'
import { questionsOf } from '../../data/predictions.ts'
import { bytesInMemory } from '../../data/table/stored.ts'
import type { Makers } from '../../data/preparation/made.ts'
import { surveyColumns } from '../../data/table/survey.ts'
import type { DataItem, Job, LoadedSource, NumberStore, PreparedData } from '../../data/types.ts'
import type { FeatureChoice } from '../../document/signature.ts'
import type { DataSection, DataSource, FileReference, FileSource } from '../../document/types.ts'
import type { ParamValues } from '../../base/params.ts'
import { withPassedOver } from '../data-store.ts'
import type { Scratch, SetStore } from '../scratch.ts'
import { listed, nameOf, Reading, type Watch } from './reading.ts'
import type { DataRoom, Load } from './service.ts'
import { Together } from './together.ts'

/** Sets that are kept. */
const MOST_KEPT = 2

interface Opened {
  readonly key: string
  readonly files: OpenedFiles
  readonly store: SetStore
}

/** What does not change with how pictures vary, which is tried again and again. */
interface Learnt {
  readonly key: string
  readonly data: LearntData
  /** Of reading. */
  readonly warnings: PreparedData['warnings']
}

/** `scratch`: where sets go that are more than memory is to hold. `makers`: threads that make examples which vary. */
export function dataRoom(scratch: Pick<Scratch, 'budget' | 'open'>, makers?: Makers): DataRoom {
  const opened: Opened[] = []
  /** The generated set whose examples were shown last. */
  let shown: { readonly key: string; readonly loaded: LoadedSource } | undefined
  let learnt: Learnt | undefined
  let prepared: { readonly key: string; readonly data: PreparedData } | undefined
  const reading = new Together<Result<OpenedFiles>>()
  const preparing = new Together<Result<PreparedData>>()

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
  const readInto = async <T>(
    files: readonly { readonly name: string }[],
    watch: Watch,
    read: (job: Job, store: SetStore) => Promise<Result<T>>,
  ): Promise<Result<T>> => {
    const store = scratch.open()
    watch.begin({ doing: 'reading', file: listed(files) })
    try {
      const found = await read(jobOf(watch, store), store)
      if (!found.ok) store.forget()
      return found
    } catch (error) {
      store.forget()
      throw error
    }
  }

  const loadFrom = async (data: DataSection, load: Load, watch: Watch): Promise<Result<LoadedSource>> => {
    const { source, preparation } = data
    if (source.kind === 'generated') return loadGenerated(source)
    const key = keyOf(source.files, source.reader, source.options)
    const known = opened.find((one) => one.key === key)
    if (known) return asSource(source, known.files)
    const read = await reading.do(key, watch, (all) => readSource({ source, preparation }, load, all))
    return read.ok ? asSource(source, read.value) : read
  }

  const readSource = async (
    data: FeatureChoice<FileSource & DataSource>,
    load: Load,
    watch: Watch,
  ): Promise<Result<OpenedFiles>> => {
    const { source } = data
    const items: DataItem[] = []
    for (const reference of source.files) {
      watch.begin({ doing: 'checking', file: reference.name })
      const item = await load(reference, jobOf(watch))
      if (!item.ok) return item
      items.push(item.value)
    }
    const expected = expectedColumns(data)
    const files = items.flatMap((item) => item.files)
    const { reader, options } = source
    return readInto(source.files, watch, async (job, store) => {
      const found = withPassedOver(items, await readFiles(files, { reader, options, job: { ...job, expected } }))
      if (found.ok) keep(source.files, found.value, store)
      return found
    })
  }

  /** What is looked at again and again, a few examples at a time. */
  const loadShown = async (data: DataSection, load: Load, watch: Watch): Promise<Result<LoadedSource>> => {
    const key = canonicalJson(data.source)
    if (shown?.key === key) return ok(shown.loaded)
    const loaded = await loadFrom(data, load, watch)
    // Files are kept as they were read.
    if (loaded.ok) shown = data.source.kind === 'generated' ? { key, loaded: loaded.value } : undefined
    return loaded
  }

  const learnFrom = async (data: DataSection, load: Load, watch: Watch): Promise<Result<Learnt>> => {
    const { augmentation: _, ...preparation } = data.preparation
    const key = canonicalJson({ ...data, preparation })
    const stage = { doing: 'preparing', file: nameOf(data.source) } as const
    if (learnt?.key === key) {
      watch.begin(stage)
      return ok(learnt)
    }
    const loaded = await loadFrom(data, load, watch)
    if (!loaded.ok) return loaded
    watch.begin(stage)
    const found = await learn(loaded.value.data, data, scratch.budget, jobOf(watch), makers)
    if (!found.ok) return found
    learnt = { key, data: found.value, warnings: loaded.value.warnings }
    return ok(learnt)
  }

  return {
    async propose(items, { reader, options, watch = unseen() }) {
      const files = items.flatMap((item) => item.files)
      const references = items.map(({ reference }) => reference)
      const read = await readInto(references, watch, async (job, store) => {
        const found = withPassedOver(items, await readFiles(files, { reader, options, job }))
        if (found.ok) keep(references, found.value, store)
        return found
      })
      if (!read.ok) return read
      const { data } = read.value
      if ('columns' in data) await inTurns(surveyColumns(data), quiet(watch), 1)
      return proposeSource(read.value, references)
    },
    generated: generatedSource,
    async preview(data, load, watch = unseen()) {
      const loaded = await loadFrom(data, load, watch)
      if (!loaded.ok) return loaded
      watch.begin({ doing: 'preparing', file: nameOf(data.source) })
      return attemptAsync(() => previewInTurns(loaded.value, jobOf(watch), data.preparation.windows))
    },
    async samples(data, rows, load, watch = unseen()) {
      const loaded = await loadShown(data, load, watch)
      return loaded.ok ? ok(samplesOf(loaded.value.data, rows)) : loaded
    },
    async varied(data, load, watch = unseen()) {
      const loaded = await loadShown(data, load, watch)
      if (!loaded.ok) return loaded
      watch.begin({ doing: 'preparing', file: nameOf(data.source) })
      return attemptAsync(() => variedOf(loaded.value.data, data, jobOf(watch)))
    },
    async questions({ data, fitted, items }, load, watch = unseen()) {
      const loaded = await (items.length === 0
        ? loadFrom(data, load, watch)
        : readInto(
            items.map(({ reference }) => reference),
            watch,
            async (job, store) => {
              const files = items.flatMap((item) => item.files)
              const read = await readAsked(toAnswer(data), fitted, files, job)
              // Whoever asks may read on until the answers are written; nobody asks for this file again.
              store.forget()
              return read
            },
          ))
      if (!loaded.ok) return loaded
      const { data: raw, warnings, bad } = loaded.value
      const made = questionsOf(fitted, raw, data)
      if (!made.ok) return made
      return ok({ questions: made.value, problems: [...warnings, ...saidOf(bad), ...made.value.warnings] })
    },
    async prepare(data, load, watch = unseen()) {
      const key = canonicalJson(data)
      if (prepared?.key === key) return ok(prepared.data)
      return preparing.do(key, watch, async (all) => {
        const found = await learnFrom(data, load, all)
        if (!found.ok) return found
        const made = await found.value.data.vary(data, jobOf(all))
        if (!made.ok) return made
        const warnings = [...found.value.warnings, ...made.value.warnings]
        prepared = { key, data: { ...made.value, warnings } }
        return ok(prepared.data)
      })
    },
  }
}

/** For work that nobody watches: others still have their turn. */
const unseen = (): Watch => new Reading({ now: () => performance.now() })

/** For a part of it whose share is not known. */
const quiet = ({ pause }: Watch): Job => ({ pause, progress: () => undefined })

function jobOf({ pause, progress }: Watch, store?: NumberStore): Job {
  return { pause, progress, ...(store && { store }) }
}

/** Bytes in memory. */
function heldIn({ data }: OpenedFiles): number {
  return 'columns' in data ? bytesInMemory(data) : bytesHeld(data.features)
}
