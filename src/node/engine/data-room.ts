/**
 * The room for data as the engine uses it: the files that a source names are fetched first. What was read last is kept,
 * because a preview is asked for again with every change of a column's role, and a start follows a preview.
 */
import { canonicalJson } from '../../base/hash.ts'
import { ok, type Result } from '../../base/problem.ts'
import {
  asSource,
  generatedSource,
  expectedColumns,
  loadGenerated,
  prepare,
  preview,
  proposeSource,
  readFiles,
  samplesOf,
  type OpenedFiles,
} from '../../data/index.ts'
import { unwatched } from '../../data/files.ts'
import type { DataItem, Job, LoadedSource, PreparedData } from '../../data/types.ts'
import type { DataSection, FileReference } from '../../document/types.ts'
import type { ParamValues } from '../../base/params.ts'
import type { DataRoom, Load } from './service.ts'

/** Sets that are kept in memory. */
const MOST_KEPT = 2

export function dataRoom(): DataRoom {
  const opened: { readonly key: string; readonly files: OpenedFiles }[] = []
  /** The generated set whose examples were shown last. */
  let shown: { readonly key: string; readonly loaded: LoadedSource } | undefined
  let prepared: { readonly key: string; readonly data: PreparedData } | undefined

  const keyOf = (files: readonly FileReference[], reader: string, options: ParamValues) =>
    canonicalJson({ files: files.map(({ sha256, name }) => [sha256, name]), reader, options })

  const keep = (files: readonly FileReference[], found: OpenedFiles): void => {
    opened.unshift({ key: keyOf(files, found.reader, found.options), files: found })
    opened.length = Math.min(opened.length, MOST_KEPT)
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
    const watched = { pause: job?.pause ?? unwatched.pause, progress: job?.progress ?? unwatched.progress }
    const read = await readFiles(files, { reader, options, job: { ...watched, expected } })
    if (!read.ok) return read
    keep(source.files, read.value)
    return asSource(source, read.value)
  }

  return {
    async propose(items, { reader, options, job }) {
      const read = await readFiles(
        items.flatMap(({ files }) => files),
        { reader, options, job },
      )
      if (!read.ok) return read
      const references = items.map(({ reference }) => reference)
      keep(references, read.value)
      return proposeSource(read.value, references)
    },
    generated: generatedSource,
    async preview(data, load, job) {
      const loaded = await loadFrom(data, load, job)
      return loaded.ok ? ok(preview(loaded.value)) : loaded
    },
    async samples(data, rows, load) {
      const key = canonicalJson(data.source)
      if (shown?.key === key) return ok(samplesOf(shown.loaded.data, rows))
      const loaded = await loadFrom(data, load)
      if (!loaded.ok) return loaded
      // Files are kept as they were read.
      shown = data.source.kind === 'generated' ? { key, loaded: loaded.value } : undefined
      return ok(samplesOf(loaded.value.data, rows))
    },
    async prepare(data, load, job) {
      const key = canonicalJson(data)
      if (prepared?.key === key) return ok(prepared.data)
      const loaded = await loadFrom(data, load, job)
      if (!loaded.ok) return loaded
      const made = prepare(loaded.value.data, data)
      if (!made.ok) return made
      const warnings = [...loaded.value.warnings, ...made.value.warnings]
      prepared = { key, data: { ...made.value, warnings } }
      return ok(prepared.data)
    },
  }
}
