/**
 * Pictures in folders: each folder a class, or a table beside them that says what each shows. First all headers are read, for
 * the sizes that there are and for what the set will take; then one picture after the other is decoded and brought to one
 * size. What cannot be read is listed with its reason.
 */
import { at } from '../../base/assert.ts'
import { choice, pair } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import type { TargetDescription } from '../../document/types.ts'
import { HEAD, readWhole } from '../files.ts'
import { MAX_BAD, MAX_CATEGORIES, MAX_LISTED, MAX_PICTURE_BYTES } from '../limits.ts'
import { isSideways } from '../pictures/exif.ts'
import {
  count,
  extensions,
  isOdd,
  isPicture,
  isSystem,
  isTable,
  lookThrough,
  partedOnly,
  placesOf,
  some,
} from '../pictures/folder.ts'
import { partsBy } from '../parts.ts'
import { decodePicture, readHeader } from '../pictures/index.ts'
import { readLabels } from '../pictures/labels.ts'
import { fitInto, isGrey, type Target } from '../pictures/resize.ts'
import { formats, type Format, type Header } from '../pictures/types.ts'
import { limitOf, roomFor, type Limit } from '../room.ts'
import { numberIn } from '../table/cells.ts'
import { sortedCategories } from '../table/survey.ts'
import { defineReader, type DataFile, type Fact, type Job, type RawExamples } from '../types.ts'

/** Sides of examples that are proposed. */
const LARGEST_GUESS = 64
const LARGEST_SIDE = 1024
/** Pictures that are looked at to see whether all are grey. */
const SAMPLE = 50
/** How long others may have to wait for their turn, in ms. */
const TURN = 8

export default defineReader({
  type: 'pictures',
  title: 'Folder of pictures',
  doc: 'PNG, JPEG, WebP and BMP files in a folder for each class, or named with their labels by a CSV file beside them.',
  extensions,
  options: {
    size: pair({
      label: 'Size',
      doc: 'Pixels of each example, height and width; 0 proposes a size.',
      default: [0, 0],
      max: LARGEST_SIDE,
    }),
    colour: choice({
      label: 'Colour',
      doc: 'Whether examples have one channel or three.',
      default: 'auto',
      options: { auto: 'Grey if the pictures are', grey: 'Grey', rgb: 'RGB' },
    }),
    fit: choice({
      label: 'Other shapes',
      doc: 'What becomes of pictures that are wider or higher than the examples.',
      default: 'crop',
      options: { crop: 'Keep the middle', pad: 'Add a margin', stretch: 'Stretch' },
    }),
    background: choice({
      label: 'Background',
      doc: 'Colour behind what is transparent, and of a margin.',
      default: 'white',
      options: { white: 'White', grey: 'Grey', black: 'Black' },
    }),
    target: choice({
      label: 'Labels of a table',
      doc: 'Whether the labels in a CSV file are classes or numbers to predict.',
      default: 'auto',
      options: { auto: 'Guess', classes: 'Classes', numbers: 'Numbers' },
    }),
    bad: choice({
      label: 'Bad pictures',
      doc: 'What becomes of pictures that cannot be read.',
      default: 'skip',
      options: { skip: 'Leave them out', refuse: 'Refuse the folder' },
    }),
  },
  accepts(files) {
    const seen = files.filter(({ name }) => !isSystem(name) && !isTable(name))
    const pictures = seen.filter(isPicture).length
    return pictures > 0 && pictures * 2 > seen.length
  },
  async read(files, options, job) {
    const folder = lookThrough(files)
    const { pictures } = folder
    if (pictures.length === 0) {
      const message =
        'There is no picture among these files (PNG, JPEG, WebP or BMP); choose the folder that holds them.'
      throw new ProblemError(problem('pictures.none', message))
    }
    const [table, ...more] = folder.tables
    const byFolder = placesOf(pictures)
    const hasFolders = byFolder.places.some(({ label }) => label !== undefined)
    const labels =
      table && more.length === 0 ? await tryLabels(table, pictures, options.target, hasFolders, job) : undefined
    const isPlain = !labels && !hasFolders
    if (isPlain && (pictures.length === 1 || folder.tables.length > 0)) throw noClasses(pictures, folder.tables)
    const { places, parts } = labels || isPlain ? partedOnly(pictures) : byFolder

    const set: Item[] = []
    const problems: Problem[] = [...(labels?.bad ?? [])]
    const unnamed: string[] = []
    pictures.forEach(({ file, path }, i) => {
      const { name } = file
      const label = labels ? labels.of[i] : isPlain ? '' : at(places, i).label
      const refuse = (what: string) => problems.push(problem('pictures.place', `${name} ${what}`, { file: name }))
      if (isOdd(name)) refuse('has a path that no folder has; rename it.')
      else if (label !== undefined) set.push({ file, path, label, part: places[i]?.part })
      else if (labels) unnamed.push(name)
      else refuse('lies in no folder that names its class; move it into one.')
    })

    const turns = new Turns(job)
    const bad = new Bad(problems)
    const seen = await survey(set, bad, turns)
    if (seen.length === 0) throw allBad(bad)
    const sizes = sizesOf(seen)
    const target = await targetOf(seen, sizes, options, turns)
    checkSize(seen.length, target, await limitOf(job))
    const size = target.height * target.width * target.channels
    const room = await roomFor(job, 'bytes', seen.length, size)
    const picture = new Uint8Array(size)
    const taken: Seen[] = []
    const counts = { turned: 0, resized: 0 }
    const twins = new Twins()
    for (const [i, item] of seen.entries()) {
      await turns.pause(0.1 + (0.9 * i) / seen.length)
      const bytes = await bad.unless(item, async () => {
        const all = await readPicture(item.file)
        const { header, pixels } = await decodePicture({ file: item.file.name, bytes: all })
        fitInto(pixels, target, picture)
        if (header.orientation > 1) counts.turned++
        if (pixels.width !== target.width || pixels.height !== target.height) counts.resized++
        return all
      })
      if (!bytes) continue
      await room.write(picture)
      twins.add(bytes, item)
      taken.push(item)
    }
    job.progress(1)
    if (taken.length === 0 || (options.bad === 'refuse' && bad.skipped > 0)) throw allBad(bad)
    const { description, targets } = isPlain
      ? nothingTold
      : describe(taken, labels?.numeric ? labels.label : undefined, bad)
    const byPart = partsBy(
      taken.map(({ part = '' }) => part),
      parts,
    )
    const data: RawExamples = {
      count: taken.length,
      shape: [target.height, target.width, target.channels],
      features: await room.done(),
      target: description,
      targets,
      names: taken.map(({ path }) => path),
      ...(byPart && { parts: byPart }),
    }
    return {
      data,
      facts: factsOf(taken, description, { ...counts, target, sizes: sizesOf(taken), parts, labels, folder }),
      bad: bad.all(),
      warnings: [
        ...(isPlain ? [unlabelled(at(pictures, 0))] : []),
        ...warningsOf(taken, description, {
          set,
          folder,
          unnamed,
          labels,
          twins,
          target: labels?.numeric === true,
        }),
      ],
    }
  },
})

/** A table that cannot be read matters only where the folders say nothing. */
async function tryLabels(
  table: DataFile,
  pictures: Parameters<typeof readLabels>[1],
  target: Parameters<typeof readLabels>[2],
  hasFolders: boolean,
  job: Job,
): ReturnType<typeof readLabels> {
  try {
    return await readLabels(table, pictures, target, job)
  } catch (error) {
    if (
      !hasFolders ||
      !(error instanceof ProblemError) ||
      error.problems.some(({ place }) => place?.file !== table.name)
    )
      throw error
    return undefined
  }
}

interface Item {
  readonly file: DataFile
  readonly path: string
  readonly label: string
  readonly part: string | undefined
}
interface Seen extends Item {
  readonly header: Header
}

/** What reads a picture, and what was read before it was given up. */
class Bad {
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

function allBad(bad: Bad): ProblemError {
  const { skipped, problems } = bad.all()
  const more = skipped - MAX_LISTED
  const rest = more > 0 ? [problem('pictures.more', `${count(more, 'more picture')} cannot be read.`)] : []
  return new ProblemError(...problems.slice(0, MAX_LISTED), ...rest)
}

const WAYS = 'a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them'

function noClasses(pictures: readonly { readonly file: DataFile }[], tables: readonly DataFile[]): ProblemError {
  const name = at(pictures, 0).file.name
  if (tables.length > 1) {
    const names = some(tables.map((table) => table.name))
    return new ProblemError(
      problem('pictures.tables', `${names}: only one table may name the pictures; leave the others out.`),
    )
  }
  const [table] = tables
  if (table) {
    const message = `${table.name} has no column that names the ${count(pictures.length, 'picture')} beside it (such as ${name}) and another with labels; add them.`
    return new ProblemError(problem('pictures.table', message, { file: table.name }))
  }
  const message = `${name} is one picture, which is nothing to learn from; choose ${WAYS}.`
  return new ProblemError(problem('pictures.single', message, { file: name }))
}

/** What one can still do with pictures in one heap. */
function unlabelled({ file: { name } }: { readonly file: DataFile }): Problem {
  const folder = name.slice(0, name.lastIndexOf('/'))
  const where = name.includes('/') ? `All pictures lie in one folder (${folder})` : 'The pictures lie in no folder'
  const message = `${where}, so there are no classes to tell apart, and a network can only give them back; for classes choose ${WAYS}.`
  return problem('pictures.classes', message, undefined, 'warning')
}

/** Others get their turn between pictures, but not between all of them. */
class Turns {
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
async function survey(set: readonly Item[], bad: Bad, turns: Turns): Promise<Seen[]> {
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

function readPicture(file: DataFile): Promise<Uint8Array> {
  return readWhole(file, MAX_PICTURE_BYTES, 'a picture')
}

interface Sizes {
  /** By `height × width` as they are to be seen, the most frequent first. */
  readonly all: readonly { readonly height: number; readonly width: number; readonly count: number }[]
}

function sizesOf(seen: readonly Seen[]): Sizes {
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

async function targetOf(
  seen: readonly Seen[],
  sizes: Sizes,
  options: {
    readonly size: readonly [number, number]
    readonly colour: string
    readonly fit: Target['fit']
    readonly background: string
  },
  turns: Turns,
): Promise<Target> {
  const [height, width] = options.size
  if ((height === 0) !== (width === 0)) {
    const message = `Size is ${height} × ${width}: give both height and width, or 0 for both.`
    throw new ProblemError(problem('pictures.size', message, { field: 'size' }))
  }
  const [high, wide] = height === 0 ? guessSize(sizes, seen.length) : [height, width]
  const grey = options.colour === 'grey' || (options.colour === 'auto' && (await areGrey(seen, turns)))
  return { height: high, width: wide, channels: grey ? 1 : 3, ...fittingOf(options) }
}

/** What becomes of pictures of other shapes, and what stands where they have nothing. */
export function fittingOf({ fit, background }: { readonly fit: Target['fit']; readonly background: string }) {
  return { fit, background: { white: 255, grey: 128, black: 0 }[background] ?? 255 }
}

/** The size that half of the pictures have, if it is small; else a square as wide as the usual shorter side, up to 64. */
function guessSize({ all }: Sizes, pictures: number): readonly [number, number] {
  const most = at(all, 0)
  if (most.count * 2 >= pictures && most.height <= LARGEST_GUESS && most.width <= LARGEST_GUESS)
    return [most.height, most.width]
  const sides = all.map(({ height, width, count }) => ({ side: Math.min(height, width), count }))
  sides.sort((a, b) => a.side - b.side)
  let before = 0
  const median = sides.find(({ count }) => (before += count) * 2 >= pictures)
  const side = Math.min(LARGEST_GUESS, median?.side ?? LARGEST_GUESS)
  return [side, side]
}

async function areGrey(seen: readonly Seen[], turns: Turns): Promise<boolean> {
  const doubtful = seen.filter(({ header }) => !header.colour.startsWith('grey'))
  const step = Math.max(1, doubtful.length / SAMPLE)
  for (let i = 0; i < doubtful.length; i += step) {
    await turns.pause(0.1)
    const { file } = at(doubtful, Math.floor(i))
    try {
      const bytes = await readPicture(file)
      const { pixels } = await decodePicture({ file: file.name, bytes })
      if (!isGrey(pixels)) return false
    } catch (error) {
      // It is listed when its turn comes.
      if (!(error instanceof ProblemError)) throw error
    }
  }
  return true
}

function checkSize(pictures: number, { height, width, channels }: Target, limit: Limit): void {
  const bytes = pictures * height * width * channels
  if (bytes <= limit.bytes) return
  const scale = Math.sqrt(limit.bytes / bytes)
  const fits = [height, width].map((side) => Math.max(1, Math.floor(side * scale)))
  const message =
    `${count(pictures, 'picture')} of ${height} × ${width} with ${count(channels, 'channel')} take ${showBytes(bytes)}; a set may have ` +
    `${limit.shown} at most. Set Size to ${fits.join(' × ')} or less.`
  throw new ProblemError(problem('pictures.memory', message, { field: 'size' }))
}

/** Classes by name, numbers by size; or numbers, where `column` names the column that holds them. */
function describe(
  taken: readonly Seen[],
  column: string | undefined,
  bad: Bad,
): { description: TargetDescription; targets: Int32Array | Float32Array } {
  if (column !== undefined) {
    const targets = Float32Array.from(taken, ({ label }) => numberIn(label))
    return { description: { kind: 'numbers', names: [column] }, targets }
  }
  const names = sortedCategories(new Set(taken.map(({ label }) => label)))
  if (names.length < 2) {
    const message = `Every picture that can be read (${taken.length}) is of class ${names.join('')}; a network needs two classes or more to tell apart.`
    throw new ProblemError(problem('data.oneClass', message), ...bad.all().problems.slice(0, MAX_LISTED))
  }
  if (names.length > MAX_CATEGORIES) {
    const message = `There are ${names.length} classes (${some(names, 3)}); a network can tell ${MAX_CATEGORIES} apart at most. Choose a folder that holds a folder for each class.`
    throw new ProblemError(problem('data.classes', message))
  }
  const codes = new Map(names.map((name, code) => [name, code]))
  return {
    description: { kind: 'classes', names },
    targets: Int32Array.from(taken, ({ label }) => codes.get(label) ?? 0),
  }
}

/** Of pictures that have no label. */
const nothingTold = { description: { kind: 'numbers', names: [] } as const, targets: new Float32Array() }

/** Files with the same bytes. */
class Twins {
  readonly #first = new Map<string, Seen>()
  count = 0
  /** Those that say two things of one picture. */
  readonly apart: string[] = []

  add(bytes: Uint8Array, item: Seen): void {
    const key = fingerprint(bytes)
    const first = this.#first.get(key)
    if (!first) {
      this.#first.set(key, item)
      return
    }
    this.count++
    if (first.label !== item.label) this.apart.push(`${first.path} (${first.label}) = ${item.path} (${item.label})`)
  }
}

/** Two mixed 32-bit sums (after MurmurHash3) and the length. */
function fingerprint(bytes: Uint8Array): string {
  let a = 0x9e3779b9
  let b = 0x85ebca6b
  const { length } = bytes
  for (let i = 0; i < length; i += 4) {
    const word =
      (bytes[i] as number) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
    a = Math.imul(a ^ word, 0xcc9e2d51)
    a = (a << 15) | (a >>> 17)
    b = (Math.imul(b, 5) + Math.imul(word, 0x1b873593)) ^ (b >>> 13)
  }
  return `${length} ${a} ${b}`
}

interface Report {
  readonly turned: number
  readonly resized: number
  readonly target: Target
  readonly sizes: Sizes
  readonly parts: readonly string[]
  readonly labels: Awaited<ReturnType<typeof readLabels>>
  readonly folder: ReturnType<typeof lookThrough>
}

function factsOf(taken: readonly Seen[], description: TargetDescription, report: Report): Fact[] {
  const { turned, resized, target, sizes, parts, labels, folder } = report
  const facts: Fact[] = [{ label: 'Pictures', value: String(taken.length) }]
  if (description.kind === 'classes')
    facts.push({ label: 'Classes', value: `${description.names.length}: ${some(description.names, 10)}` })
  const labelled = labels
    ? `column "${labels.label}" of ${labels.file}, where column "${labels.names}" names the pictures`
    : description.names.length === 0
      ? 'none'
      : 'by folder'
  facts.push({ label: 'Labels', value: labelled })
  if (parts.length > 1) {
    const sums = parts.map((name) => `${name} ${taken.filter(({ part }) => part === name).length}`)
    facts.push({ label: 'Parts', value: sums.join(', ') })
  }
  facts.push({ label: 'Sizes', value: showSizes(sizes, taken.length) })
  const kinds = formats.map((format: Format) => ({
    format,
    number: taken.filter(({ header }) => header.format === format).length,
  }))
  facts.push({
    label: 'Formats',
    value: kinds
      .filter(({ number }) => number > 0)
      .map(({ format, number }) => `${format} ${number}`)
      .join(', '),
  })
  const colours = new Map<string, number>()
  for (const { header } of taken) colours.set(header.colour, (colours.get(header.colour) ?? 0) + 1)
  const shown = [...colours].sort((a, b) => b[1] - a[1]).map(([colour, number]) => `${colour} (${number})`)
  facts.push({ label: 'Colours', value: some(shown) })
  const { height, width, channels, fit } = target
  facts.push({ label: 'Read as', value: `${height} × ${width}, ${channels === 1 ? 'grey' : 'RGB'}` })
  const how = { crop: 'their middle is kept', pad: 'with a margin', stretch: 'stretched' }[fit]
  facts.push({ label: 'Resized', value: resized === 0 ? '0' : `${resized}, ${how}` })
  facts.push({ label: 'Turned by EXIF', value: String(turned) })
  if (folder.system.length > 0) {
    const names = new Set(folder.system.map((name) => name.slice(name.lastIndexOf('/') + 1)))
    facts.push({
      label: 'Passed over',
      value: `${count(folder.system.length, 'file')} of the system (${some([...names], 3)})`,
    })
  }
  return facts
}

function showSizes({ all }: Sizes, pictures: number): string {
  const most = at(all, 0)
  const usual = `${most.height} × ${most.width}`
  if (all.length === 1) return usual
  const areas = all.toSorted((a, b) => a.height * a.width - b.height * b.width)
  const [least, largest] = [at(areas, 0), at(areas, areas.length - 1)]
  const share = Math.round((100 * most.count) / pictures)
  return `${least.height} × ${least.width} … ${largest.height} × ${largest.width}; ${usual} is most frequent (${share} %)`
}

function warningsOf(
  taken: readonly Seen[],
  description: TargetDescription,
  more: {
    readonly set: readonly Item[]
    readonly folder: ReturnType<typeof lookThrough>
    readonly unnamed: readonly string[]
    readonly labels: Awaited<ReturnType<typeof readLabels>>
    readonly twins: Twins
    readonly target: boolean
  },
): Problem[] {
  const { set, folder, unnamed, labels, twins } = more
  const warnings: Problem[] = []
  const warn = (code: string, message: string) => warnings.push(problem(code, message, undefined, 'warning'))
  const unused = labels ? [] : folder.tables.map((table) => table.name)
  const others = [...folder.others, ...unused]
  if (others.length > 0)
    warn('pictures.others', `${count(others.length, 'file is no picture', 'files are no pictures')}: ${some(others)}.`)
  if (labels && unnamed.length > 0) {
    warn(
      'pictures.unnamed',
      `${labels.file} names no label for ${count(unnamed.length, 'picture')}, which are left out: ${some(unnamed)}.`,
    )
  }
  if (description.kind === 'classes') {
    const empty = emptyClasses(set, description.names, folder, labels !== undefined)
    if (empty.length > 0) {
      const what = empty.length === 1 ? 'Folder' : 'Folders'
      warn('pictures.emptyClass', `${what} without a picture that can be read, hence no class: ${some(empty)}.`)
    }
    const alike = new Map<string, string[]>()
    for (const name of description.names)
      alike.set(name.toLowerCase(), [...(alike.get(name.toLowerCase()) ?? []), name])
    for (const names of alike.values()) {
      if (names.length > 1)
        warn('pictures.case', `Classes ${names.join(' and ')} differ in capital letters only; are they one?`)
    }
  }
  const misnamed = taken.filter(({ path, header }) => {
    const named = /\.(png|jpe?g|jpe|jfif|webp|bmp|dib)$/i.exec(path)?.[1]?.toLowerCase()
    return named !== undefined && !endings[header.format].includes(named)
  })
  if (misnamed.length > 0) {
    const names = misnamed.map(({ path, header }) => `${path} (${header.format})`)
    warn(
      'pictures.ending',
      `${count(misnamed.length, 'picture is', 'pictures are')} of another format than the name says: ${some(names)}.`,
    )
  }
  if (twins.count > 0) {
    warn(
      'pictures.duplicates',
      `${count(twins.count, 'picture is an exact copy', 'pictures are exact copies')} of another one.`,
    )
  }
  if (twins.apart.length > 0) {
    warn(
      'pictures.contradiction',
      `${count(twins.apart.length, 'copy has', 'copies have')} another label than the picture itself: ${some(twins.apart, MAX_LISTED)}.`,
    )
  }
  return warnings
}

const endings: { readonly [F in Format]: readonly string[] } = {
  PNG: ['png'],
  JPEG: ['jpg', 'jpeg', 'jpe', 'jfif'],
  WebP: ['webp'],
  BMP: ['bmp', 'dib'],
}

/** Folders that hold files, but none that makes them a class. */
function emptyClasses(
  set: readonly Item[],
  names: readonly string[],
  folder: ReturnType<typeof lookThrough>,
  byTable: boolean,
): string[] {
  const empty = new Set(set.map(({ label }) => label).filter((label) => !names.includes(label)))
  if (!byTable) {
    const used = [...folder.pictures.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1))]
    for (const name of [...folder.others, ...folder.system]) {
      const path = name.slice(0, name.lastIndexOf('/') + 1)
      const inner = path.startsWith(folder.root) ? path.slice(folder.root.length) : ''
      if (inner !== '' && !used.some((one) => one.startsWith(inner)) && !isSystem(inner.slice(0, -1)))
        empty.add(inner.slice(0, -1))
    }
  }
  return [...empty].sort()
}
