/** The first look at all pictures: what their headers say, and which of them cannot be read. */
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { HEAD, readWhole } from '../files.ts'
import { MAX_BAD, MAX_LISTED, MAX_PICTURE_BYTES } from '../limits.ts'
import type { DataFile, Job } from '../types.ts'
import { isSideways } from './exif.ts'
import { count } from './folder.ts'
import { readHeader } from './index.ts'
import type { Header } from './types.ts'

/** How long others may have to wait for their turn, in ms. */
const TURN = 8

/** A picture that is to be read, and what it is said to show. */
export interface Item {
  readonly file: DataFile
  readonly path: string
  readonly label: string
  /** Where the labels are numbers: one for each. */
  readonly values: readonly number[]
  readonly part: string | undefined
}
export interface Seen extends Item {
  readonly header: Header
}

/** Pictures that are left out, and why. */
export class Bad {
  readonly #problems: Problem[]
  /** By path of the picture, since headers are all read before the first picture is decoded. */
  readonly #late: { readonly path: string; readonly problems: readonly Problem[] }[] = []
  #skipped: number

  constructor(problems: Problem[]) {
    this.#problems = problems
    this.#skipped = problems.length
  }

  get skipped(): number {
    return this.#skipped
  }

  /** What `work` gives; undefined where it found the picture to be bad. */
  async unless<T>({ file, path }: Item, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      // What is not about this picture ends all.
      if (!(error instanceof ProblemError) || error.problems.some(({ place }) => place?.file !== file.name)) throw error
      this.#skipped++
      this.#late.push({ path, problems: error.problems })
      return undefined
    }
  }

  all() {
    const late = this.#late.toSorted((a, b) => (a.path < b.path ? -1 : 1)).flatMap(({ problems }) => problems)
    return { skipped: this.#skipped, repaired: 0, problems: [...this.#problems, ...late].slice(0, MAX_BAD) }
  }
}

export function allBad(bad: Bad): ProblemError {
  const { skipped, problems } = bad.all()
  const more = skipped - MAX_LISTED
  const rest = more > 0 ? [problem('pictures.more', `${count(more, 'more picture')} cannot be read.`)] : []
  return new ProblemError(...problems.slice(0, MAX_LISTED), ...rest)
}

/** Others get their turn between pictures, but not between all of them. */
export class Turns {
  readonly #job: Job
  #last = performance.now()

  constructor(job: Job) {
    this.#job = job
  }

  async pause(done: number): Promise<void> {
    if (performance.now() - this.#last < TURN) return
    this.#job.progress(done)
    await this.#job.pause()
    this.#last = performance.now()
  }
}

/** All headers; of the pictures that are to be had. */
export async function survey(set: readonly Item[], bad: Bad, turns: Turns): Promise<Seen[]> {
  const seen: Seen[] = []
  for (const [i, item] of set.entries()) {
    await turns.pause((0.1 * i) / set.length)
    const { file } = item
    const header = await bad.unless(item, async () => {
      // Not its `head`, which a file keeps: of many files that would be a lot.
      const bytes = await file.read(0, HEAD)
      const source = { file: file.name, bytes }
      if (bytes.length < HEAD) return readHeader(source)
      if (file.length !== undefined && file.length > MAX_PICTURE_BYTES) await readPicture(file)
      return readHeader(source, 'start') ?? readHeader({ file: file.name, bytes: await readPicture(file) })
    })
    if (header) seen.push({ ...item, header })
  }
  return seen
}

export function readPicture(file: DataFile): Promise<Uint8Array> {
  return readWhole(file, MAX_PICTURE_BYTES, 'a picture')
}

export interface Sizes {
  /** By `height × width` as they are to be seen, the most frequent first. */
  readonly all: readonly { readonly height: number; readonly width: number; readonly count: number }[]
}

export function sizesOf(seen: readonly Seen[]): Sizes {
  const all = new Map<string, { height: number; width: number; count: number }>()
  for (const { header } of seen) {
    const [height, width] = isSideways(header.orientation)
      ? [header.width, header.height]
      : [header.height, header.width]
    const key = `${height} ${width}`
    const known = all.get(key)
    if (known) known.count++
    else all.set(key, { height, width, count: 1 })
  }
  return { all: [...all.values()].sort((a, b) => b.count - a.count || a.height - b.height || a.width - b.width) }
}
