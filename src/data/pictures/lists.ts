/** Lists of names that say which part of a set a file is of, such as validation_list.txt and testing_list.txt. */
import { PART_NAMES, partIn } from '../../document/parts.ts'
import { readWhole } from '../files.ts'
import { MAX_PROSE_BYTES } from '../limits.ts'
import type { DataFile, Job } from '../types.ts'
import { FileNames } from './names.ts'

export interface Listed {
  /** By path. */
  readonly parts: readonly string[]
  /** Lists that name files of the set. */
  readonly files: readonly string[]
}

/** Whether its name says that it may be one. */
export function isList(name: string): boolean {
  return /\.(txt|lst|list)$/i.test(name) && partIn(name.slice(name.lastIndexOf('/') + 1)) !== undefined
}

/** What no list names is for training. Undefined where no list names at least half of its lines. */
export async function partsListed(
  lists: readonly DataFile[],
  paths: readonly string[],
  job: Job,
): Promise<Listed | undefined> {
  if (lists.length === 0) return undefined
  const names = new FileNames(paths)
  const parts = new Array<string>(paths.length).fill(PART_NAMES.train)
  const files: string[] = []
  for (const file of lists) {
    await job.pause()
    const part = partIn(file.name.slice(file.name.lastIndexOf('/') + 1))
    const text = new TextDecoder().decode(await readWhole(file, MAX_PROSE_BYTES, 'a list'))
    const lines = text.split('\n').flatMap((line) => line.trim() || [])
    const found = lines.flatMap((line) => names.find(line) ?? [])
    if (part === undefined || found.length === 0 || found.length * 2 < lines.length) continue
    for (const i of found) parts[i] = PART_NAMES[part]
    files.push(file.name)
  }
  return files.length > 0 ? { parts, files } : undefined
}
