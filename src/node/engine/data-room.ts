/** The room for data as the engine uses it: the files that a source names are fetched first. */
import { fail, ok, type Result } from '../../base/problem.ts'
import { inspectFiles, loadSource, prepare, preview, type LoadedSource } from '../../data/index.ts'
import type { SourceFile } from '../../data/types.ts'
import type { DataSection, DataSource, FileReference } from '../../document/types.ts'
import type { DataRoom, Load } from './service.ts'

export const dataRoom: DataRoom = {
  propose: (files) => inspectFiles(files),
  async preview(data, load) {
    const loaded = await loadFrom(data, load)
    return loaded.ok ? ok(preview(loaded.value.data)) : loaded
  },
  async prepare(data, load) {
    const loaded = await loadFrom(data, load)
    if (!loaded.ok) return loaded
    const prepared = prepare(loaded.value.data, data)
    if (!prepared.ok) return prepared
    return ok({ ...prepared.value, warnings: [...loaded.value.warnings, ...prepared.value.warnings] })
  },
}

async function loadFrom(data: DataSection, load: Load): Promise<Result<LoadedSource>> {
  const files: SourceFile[] = []
  for (const reference of filesOf(data.source)) {
    const file = await load(reference)
    if (!file.ok) return fail(...file.problems)
    files.push(file.value)
  }
  return loadSource(data, files)
}

export function filesOf(source: DataSource): readonly FileReference[] {
  switch (source.kind) {
    case 'generated':
      return []
    case 'table':
      return [source.file]
    case 'images':
      return [source.images, source.labels]
    default:
      return source satisfies never
  }
}
