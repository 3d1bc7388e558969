/**
 * NumPy arrays: one NPY file, several of them, or an NPZ archive. What an array means is told by its name (x and y,
 * images and labels, x_train …), its shape and its type; a single array of two dimensions is a table.
 */
import { at } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { sameShape, showBytes, showShape, sizeOf, type Shape } from '../../base/shape.ts'
import type { TargetDescription } from '../../document/types.ts'
import { classesOf } from '../formats/classes.ts'
import {
  elementReader,
  isNpy,
  readNpyBody,
  readNpyHeader,
  readNpyPieces,
  showArray,
  stridesIn,
  type NpyHeader,
  type NpySource,
} from '../formats/npy.ts'
import { Pace } from '../formats/pace.ts'
import { listed, refuse } from '../formats/refuse.ts'
import { isZip, listZip, unzip } from '../formats/zip.ts'
import { MAX_AXES, MAX_CATEGORIES, MAX_COLUMNS, MAX_EXAMPLE_BYTES } from '../limits.ts'
import { partsInTurn } from '../parts.ts'
import { BLOCK } from '../numbers.ts'
import { limitOf, roomFor, type Limit } from '../room.ts'
import { TableBuilder } from '../table/builder.ts'
import { tableLimit, tooMany } from '../table/limit.ts'
import {
  defineReader,
  NO_BAD,
  NO_TARGET,
  type DataFile,
  type Fact,
  type Job,
  type NumberSink,
  type ReadData,
} from '../types.ts'

const extensions = ['.npy', '.npz']

/** An array and what its name makes of it. */
interface Named {
  readonly header: NpyHeader
  readonly name: string
  readonly part: Part
  readonly role: 'features' | 'labels' | undefined
}

type Part = 'all' | 'train' | 'validation' | 'test'

/** Features, and their labels where these are needed. */
interface Arrays {
  readonly part: Part
  readonly features: NpyHeader
  readonly labels?: NpyHeader
}

type Pair = Arrays & { readonly labels: NpyHeader }

export default defineReader({
  type: 'numpy',
  title: 'Arrays (NumPy)',
  doc: 'An NPZ archive with arrays x and y (or images and labels, data and target, x_train, y_train, x_test and y_test), two files x.npy and y.npy, one array of rows and columns, or pictures without labels, which a network can learn to give back.',
  extensions,
  options: {},
  accepts(files) {
    if (files.length === 0) return false
    const [first] = files
    if (files.length === 1 && first && isZip(first.head)) return hasEnding(first, '.npz') || holdsNpy(first.head)
    if (files.length === 1 && first && hasEnding(first, '.npz')) return true
    return files.every((file) => isNpy(file.head) || hasEnding(file, '.npy'))
  },
  async read(files, _options, job) {
    const limit = await limitOf(job)
    const { headers, compression } = await open(files, limit)
    const named = headers.map(nameOf)
    const isAlone = job.asked?.shape !== undefined || areUnlabelled(named)
    const { pairs, left } = isAlone ? askedOf(named, files) : pairsOf(named, files)
    const data = pairs.length === 0 ? await readTable(at(headers, 0), job) : await readExamples(pairs, limit, job)
    const unused = left.map(({ header }) => {
      const { name } = header.source
      const message = `${name} ${showShape(header.shape)} is neither features nor labels by its name and is left out.`
      return problem('numpy.unused', message, { file: name }, 'warning')
    })
    const facts = [{ label: 'Format', value: isArchive(files) ? 'NPZ' : 'NPY' }, ...data.facts]
    if (compression) facts.push({ label: 'Compression', value: compression })
    return { ...data, facts, warnings: [...data.warnings, ...unused] }
  },
})

function hasEnding(file: DataFile, ending: string): boolean {
  const name = file.name.toLowerCase()
  return name.endsWith(ending) || name.endsWith(`${ending}.gz`)
}

/** Whether the archive's first entry is an array, by its name. */
function holdsNpy(head: Uint8Array): boolean {
  const length = (head[26] ?? 0) | ((head[27] ?? 0) << 8)
  return new TextDecoder('latin1').decode(head.subarray(30, 30 + length)).endsWith('.npy')
}

function isArchive(files: readonly DataFile[]): boolean {
  const [file] = files
  return files.length === 1 && file !== undefined && !isNpy(file.head) && (isZip(file.head) || hasEnding(file, '.npz'))
}

async function open(
  files: readonly DataFile[],
  limit: Limit,
): Promise<{ headers: NpyHeader[]; compression: string | undefined }> {
  const [file] = files
  const headers: NpyHeader[] = []
  if (file && isArchive(files)) {
    if (!isZip(file.head)) {
      const what = file.head.length === 0 ? 'is empty' : 'is not a zip archive, as .npz files are'
      throw refuse('numpy.archive', `${file.name} ${what}; save it with numpy.savez.`, { file: file.name, byte: 0 })
    }
    const entries = await listZip(
      file,
      /^[\w.-]+\.npy$/,
      'an NPZ archive holds arrays called like x.npy, without folders',
    )
    for (const entry of entries) {
      const packed = entry.method === 'deflated' ? file.size : undefined
      const source = {
        name: `${file.name}/${entry.name}`,
        length: entry.size,
        packed,
        chunks: () => unzip(file, entry),
      }
      headers.push(await readNpyHeader(source, limit))
    }
    return { headers, compression: entries.some((entry) => entry.method === 'deflated') ? 'zip (deflated)' : undefined }
  }
  if (files.length > 6) {
    const message = `${files.length} NumPy files were given; choose features and labels (x.npy and y.npy), or those of training and test.`
    throw refuse('numpy.files', message, {})
  }
  for (const one of files) {
    const packed = one.length === undefined ? one.size : undefined
    const source: NpySource = { name: one.name, length: one.length, packed, chunks: () => one.chunks() }
    headers.push(await readNpyHeader(source, limit))
  }
  return { headers, compression: files.some((one) => one.length === undefined) ? 'gzip' : undefined }
}

const features: ReadonlySet<string> = new Set([
  'x',
  'images',
  'image',
  'data',
  'features',
  'inputs',
  'input',
  'samples',
])
const labels: ReadonlySet<string> = new Set([
  'y',
  'labels',
  'label',
  'target',
  'targets',
  'classes',
  'outputs',
  'output',
])
const parts: ReadonlyMap<string, Part> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
])

/** `x_train`, `train-images`, `folder/y.npy`: the words that are known, in any order. */
function nameOf(header: NpyHeader): Named {
  const name = header.source.name
    .replace(/^.*\//, '')
    .replace(/\.gz$/i, '')
    .replace(/\.npy$/i, '')
  const words = name.toLowerCase().split(/[_.\- ]+/)
  const part = words.map((word) => parts.get(word)).find((one) => one !== undefined) ?? 'all'
  const isFeatures = words.some((word) => features.has(word))
  const isLabels = words.some((word) => labels.has(word))
  return { header, name, part, role: isLabels ? 'labels' : isFeatures ? 'features' : undefined }
}

/** Features with their labels, training first; none where there is a single array. */
function pairsOf(named: readonly Named[], files: readonly DataFile[]): { pairs: Pair[]; left: readonly Named[] } {
  const file = files[0]?.name ?? ''
  if (named.length === 1) return { pairs: [], left: [] }
  const pairs: Pair[] = []
  const used = new Set<Named>()
  for (const part of ['train', 'validation', 'test', 'all'] as const) {
    const own = named.filter((one) => one.part === part)
    const x = own.filter((one) => one.role === 'features')
    const y = own.filter((one) => one.role === 'labels')
    const [first, second] = [x[0], y[0]]
    // With parts by name, what belongs to none of them is something else.
    if (!first || !second || (part === 'all' && pairs.length > 0)) continue
    if (x.length > 1) throw tooMuch(x, 'features', file)
    if (y.length > 1) throw tooMuch(y, 'labels', file)
    pairs.push({ part, features: first.header, labels: second.header })
    used.add(first).add(second)
  }
  if (pairs.length === 0 && named.length === 2) {
    // Names that say nothing: the array of fewer dimensions holds the labels.
    const [a, b] = [at(named, 0), at(named, 1)]
    const [x, y] = a.header.shape.length >= b.header.shape.length ? [a, b] : [b, a]
    const isPlain =
      y.header.shape.length === 1 && x.header.shape.length > 1 && x.role !== 'labels' && y.role !== 'features'
    if (isPlain) return { pairs: [{ part: 'all', features: x.header, labels: y.header }], left: [] }
  }
  if (pairs.length === 0) throw untold(named, files)
  return { pairs, left: named.filter((one) => !used.has(one)) }
}

/** Pictures, or whatever else has several axes an example, without any labels: a network can learn to give them back. */
function areUnlabelled(named: readonly Named[]): boolean {
  const isAlone = named.length === 1
  const isKnown = ({ role }: Named) => role === 'features' || (isAlone && role === undefined)
  return named.every((one) => one.header.shape.length > 2 && isKnown(one))
}

/** Features without labels, or that a network is asked about, in the same order; labels beside them are not needed, and a single array is features. */
function askedOf(named: readonly Named[], files: readonly DataFile[]): { pairs: Arrays[]; left: readonly Named[] } {
  const file = files[0]?.name ?? ''
  const rest = named.length === 1 ? named : named.filter(({ role }) => role !== 'labels')
  const called = rest.length === 1 ? rest : rest.filter(({ role }) => role === 'features')
  const ofParts = called.filter(({ part }) => part !== 'all')
  const pairs: Arrays[] = []
  const used = new Set<Named>()
  for (const part of ['train', 'validation', 'test', 'all'] as const) {
    const own = (ofParts.length > 0 ? ofParts : called).filter((one) => one.part === part)
    const [first] = own
    if (!first) continue
    if (own.length > 1) throw tooMuch(own, 'features', file)
    pairs.push({ part, features: first.header })
    used.add(first)
  }
  if (pairs.length > 0) return { pairs, left: rest.filter((one) => !used.has(one)) }
  if (rest.length === 0) {
    const message = `${file}: ${listed(named.map(({ name }) => name))} are all labels by their names, and a network is asked about features; choose these.`
    throw refuse('numpy.names', message, { file })
  }
  // Names that say nothing, as two files have that were trained on.
  const [{ features }] = pairsOf(named, files).pairs as [Pair]
  return { pairs: [{ part: 'all', features }], left: [] }
}

function tooMuch(same: readonly Named[], role: 'features' | 'labels', file: string): Error {
  const names = same.map(({ name }) => name)
  const message = `${file}: ${listed(names)} are ${names.length === 2 ? 'both' : 'all'} ${role} by their names; keep one of them.`
  return refuse('numpy.names', message, { file })
}

function untold(named: readonly Named[], files: readonly DataFile[]): Error {
  const file = files[0]?.name ?? ''
  const found = listed(named.map(({ name, header }) => `${name} ${showShape(header.shape)}`))
  const message = `${named.length === files.length ? 'The files hold' : `${file} holds`} ${found}; which of them are features and which labels cannot be told. Call them x and y (or x_train, y_train, x_test and y_test).`
  return refuse('numpy.names', message, { file })
}

/** One array alone: rows and columns of a table. */
async function readTable(header: NpyHeader, job: Job): Promise<ReadData> {
  const { shape, source, bytes, kind } = header
  const file = source.name
  const wrong = (code: string, message: string) => refuse(code, `${file} ${message}`, { file })
  if (shape.length === 0) throw wrong('numpy.scalar', 'holds a single number; save an array of examples.')
  if (shape.length > 2) {
    const message = `is ${showArray(shape)} and called labels, of which an example has one number or a row of them; call it x if a network is to give it back, or add its features.`
    throw wrong('numpy.noFeatures', message)
  }
  const [rows = 0, columns = 1] = shape
  if (rows === 0 || columns === 0)
    throw wrong('numpy.zero', `is ${showShape(shape)}: there is nothing in it. Save it with examples.`)
  if (columns > MAX_COLUMNS) {
    throw wrong('numpy.columns', `has ${columns} columns; a table may have ${MAX_COLUMNS} at most. Leave some out.`)
  }
  const limit = await tableLimit(job, [{ size: source.packed ?? source.length ?? 0 }])
  const many = tooMany(limit, rows, columns)
  if (many !== undefined) {
    const least = many.replace(' cells', '')
    throw wrong(
      'numpy.cells',
      `has ${header.count} cells; a table may have ${least} at most. Use fewer rows or columns.`,
    )
  }
  const names = Array.from({ length: columns }, (_, i) => `col${i + 1}`)
  const builder = new TableBuilder(file, names, 'row', job.store)
  const pace = new Pace(builder.settling(job), 2 * header.count * bytes)
  for await (const { body, from } of readNpyPieces(header, BLOCK, pace)) {
    const valueAt = elementReader(header, body)
    for (let byte = 0; byte < body.length; byte += bytes) {
      const place = (from + byte) / bytes
      // Rows come one after the other, or columns do.
      const row = header.fortran ? place % rows : Math.floor(place / columns)
      const column = header.fortran ? Math.floor(place / rows) : place % columns
      const value = valueAt(byte)
      const cells = at(builder.columns, column)
      if (Number.isNaN(value) && kind !== 'f')
        throw tooLarge(header, from + byte, `row ${row + 1}, column ${column + 1}`)
      // Infinity is no number to learn from, and is shown as what it is.
      if (Math.abs(value) === Infinity) cells.text(String(value))
      else cells.number(value)
      if ((place & 0xfff) === 0 && pace.did(0x1000 * bytes)) await pace.rest()
    }
  }
  for (let row = 0; row < rows; row++) builder.endRow()
  await builder.settle()
  const facts = [
    { label: 'Shape', value: showShape(shape) },
    { label: 'Type', value: showType(header) },
  ]
  return { data: builder.finish(), facts, bad: NO_BAD, warnings: [] }
}

async function readExamples(pairs: readonly Arrays[], limit: Limit, job: Job): Promise<ReadData> {
  const layouts = pairs.map(({ features }) => layoutOf(features, job.asked?.shape))
  const { shape, channelsFirst, isBytes } = at(layouts, 0)
  const labelled = pairs.filter((pair): pair is Pair => pair.labels !== undefined)
  labelled.forEach(checkPair)
  let count = 0
  pairs.forEach((pair, i) => {
    const own = at(layouts, i)
    if (!sameShape(own.shape, shape) || own.isBytes !== isBytes) {
      const [a, b] = [at(pairs, 0).features, pair.features]
      const message = `${a.source.name} has examples of ${showShape(shape)} (${showType(a)}), but ${b.source.name} of ${showShape(own.shape)} (${showType(b)}); save them alike.`
      throw refuse('numpy.shapes', message, { file: b.source.name })
    }
    count += at(pair.features.shape, 0)
  })
  const size = sizeOf(shape)
  const needed = count * size * (isBytes ? 1 : 4)
  if (needed > limit.bytes) {
    const { name } = at(pairs, 0).features.source
    const message = `${name}: the examples take ${showBytes(needed)}; ${limit.shown} are the most. Use a part of them.`
    throw refuse('numpy.large', message, { file: name })
  }
  const arrays = pairs.flatMap(({ features, labels }) => (labels ? [features, labels] : [features]))
  const total = arrays.reduce((sum, one) => sum + 2 * one.count * one.bytes, 0)
  const pace = new Pace(job, total)

  // Labels first: they are small, and most of what is wrong is wrong with them.
  const numbers = await Promise.all(labelled.map(({ labels }) => numbersOf(labels, pace)))
  const { target, targets, warnings } =
    labelled.length > 0 ? targetsOf(labelled, numbers, count) : { ...NO_TARGET, warnings: [] }

  const room = await roomFor(job, isBytes ? 'bytes' : 'floats', count, size)
  let rounded: Problem | undefined
  for (const { features } of pairs) {
    const warning = await copyFeatures(features, room, isBytes, channelsFirst ? shape : undefined, pace)
    rounded ??= warning
  }
  const parts = partsInTurn(pairs.map(({ part, features }) => ({ name: part, count: at(features.shape, 0) })))
  const data = { count, shape, features: await room.done(), target, targets, ...(parts && { parts }) }
  const facts = factsOf(pairs, data.count, shape, target, channelsFirst)
  return { data, facts, bad: NO_BAD, warnings: rounded ? [...warnings, rounded] : warnings }
}

interface Layout {
  /** Of one example, channels last. */
  readonly shape: Shape
  readonly channelsFirst: boolean
  /** Pictures of bytes stay bytes. */
  readonly isBytes: boolean
}

/** `asked`: what an example is to be, where that is known: what an array's own axes leave open is told by it. */
function layoutOf(header: NpyHeader, asked?: Shape): Layout {
  const own = guessLayout(header)
  const [, ...axes] = header.shape
  if (!asked || sameShape(own.shape, asked)) return own
  const [height = 0, width = 0, channels = 0] = asked
  if (sameShape(axes, asked) || sameShape([...axes, 1], asked) || sameShape(axes, [...asked, 1]))
    return { ...own, shape: asked, channelsFirst: false }
  if (asked.length === 3 && sameShape(axes, [channels, height, width]))
    return { ...own, shape: asked, channelsFirst: true }
  return own
}

function guessLayout(header: NpyHeader): Layout {
  const { shape, kind, bytes, source } = header
  const file = source.name
  if (shape.length === 0)
    throw refuse('numpy.scalar', `${file} holds a single number; save an array of examples.`, { file })
  if (shape.length > MAX_AXES) {
    const message = `${file} has ${shape.length} dimensions; the examples may have ${MAX_AXES - 1} at most, [height, width, channels]. Reshape it.`
    throw refuse('numpy.rank', message, { file })
  }
  if (shape.includes(0)) {
    throw refuse('numpy.zero', `${file} is ${showShape(shape)}: there is nothing in it. Save it with examples.`, {
      file,
    })
  }
  const [, first = 1, second = 1, third = 1] = shape
  const isByte = kind === 'u' && bytes === 1
  if (shape.length === 4) {
    const channelsFirst = (first === 1 || first === 3) && second > 4 && third > 4
    const own = channelsFirst ? [second, third, first] : [first, second, third]
    return { shape: own, channelsFirst, isBytes: isByte && at(own, 2) <= 4 }
  }
  // A third axis of bytes or of yes and no are pixels; of other numbers they are what belongs to a moment.
  if (shape.length === 3 && (isByte || kind === 'b'))
    return { shape: [first, second, 1], channelsFirst: false, isBytes: isByte }
  return { shape: shape.length === 1 ? [1] : shape.slice(1), channelsFirst: false, isBytes: false }
}

function checkPair({ features, labels }: Pair): void {
  const file = labels.source.name
  if (labels.shape.length === 0 || labels.shape.length > 2) {
    const message = `${file} has ${labels.shape.length} dimensions, but labels are one number, or a row of numbers, for each example; reshape it.`
    throw refuse('numpy.labelRank', message, { file })
  }
  if (labels.shape.includes(0)) {
    throw refuse('numpy.zero', `${file} is ${showShape(labels.shape)}: there is nothing in it. Save it with labels.`, {
      file,
    })
  }
  if (labels.count * 8 > MAX_EXAMPLE_BYTES) {
    const message = `${file} takes ${showBytes(labels.count * 8)} as labels; ${showBytes(MAX_EXAMPLE_BYTES)} are the most. Use a part of it.`
    throw refuse('numpy.large', message, { file })
  }
  const width = labels.shape[1] ?? 1
  if (width > MAX_COLUMNS) {
    throw refuse(
      'numpy.labelWidth',
      `${file} has ${width} numbers for each example; ${MAX_COLUMNS} are the most. Save fewer.`,
      { file },
    )
  }
  const [examples, count] = [at(features.shape, 0), at(labels.shape, 0)]
  if (examples !== count) {
    const message = `${features.source.name} has ${examples} ${examples === 1 ? 'example' : 'examples'}, but ${file} has ${count} ${count === 1 ? 'label' : 'labels'}; save arrays that belong together.`
    throw refuse('numpy.count', message, { file })
  }
}

/** Labels as numbers, row after row. */
async function numbersOf(header: NpyHeader, pace: Pace): Promise<Float64Array> {
  const { count, bytes, kind, shape } = header
  const body = await readNpyBody(header, pace)
  const valueAt = elementReader(header, body)
  const width = shape[1] ?? 1
  const [down = 0, across = 0] = stridesIn(header)
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const byte = (Math.floor(i / width) * down + (i % width) * across) * bytes
    const value = valueAt(byte)
    if (!Number.isFinite(value)) {
      if (kind !== 'f') throw tooLarge(header, byte, `label ${Math.floor(i / width) + 1}`)
      throw noNumber(header, byte, `label ${Math.floor(i / width) + 1}`, value)
    }
    values[i] = value
    if ((i & 0xfff) === 0xfff && pace.did(0x1000 * bytes)) await pace.rest()
  }
  return values
}

/** Classes where each label is a whole number of a class, or a row with a single 1; numbers otherwise, which rows of 0 and 1 say of labels. */
function targetsOf(
  pairs: readonly Pair[],
  numbers: readonly Float64Array[],
  count: number,
): { target: TargetDescription; targets: Int32Array | Float32Array; warnings: readonly Problem[] } {
  const { labels: first } = at(pairs, 0)
  const width = first.shape[1] ?? 1
  for (const { labels } of pairs) {
    if ((labels.shape[1] ?? 1) === width) continue
    const message = `${first.source.name} has ${width} ${width === 1 ? 'number' : 'numbers'} for each example, but ${labels.source.name} has ${labels.shape[1] ?? 1}; save them alike.`
    throw refuse('numpy.labelWidth', message, { file: labels.source.name })
  }
  const file = listed(pairs.map(({ labels }) => labels.source.name))
  const all = new Float64Array(count * width)
  let done = 0
  for (const part of numbers) {
    all.set(part, done)
    done += part.length
  }
  if (
    width === 1 &&
    pairs.every(({ labels }) => labels.kind !== 'f') &&
    all.every((value) => value >= 0 && value < MAX_CATEGORIES)
  ) {
    const targets = Int32Array.from(all)
    const { names, warnings } = classesOf(targets, file, 'example')
    return { target: { kind: 'classes', names }, targets, warnings }
  }
  const hot = width > 1 && width <= MAX_CATEGORIES ? oneHot(all, width) : undefined
  if (hot) {
    const names = Array.from({ length: width }, (_, i) => String(i))
    // All classes have their column, whether they occur or not.
    return { target: { kind: 'classes', names }, targets: hot, warnings: classesOf(hot, file, 'example').warnings }
  }
  const targets = new Float32Array(all.length)
  all.forEach((value, i) => {
    targets[i] = value
    if (Number.isFinite(targets[i])) return
    const message = `${file}: label ${Math.floor(i / width) + 1} is ${value}, beyond what 32-bit floats hold; scale the labels down.`
    throw refuse('numpy.value', message, { file })
  })
  const names = width === 1 ? ['y'] : Array.from({ length: width }, (_, i) => `y${i + 1}`)
  const areLabels = width > 1 && all.every((value) => value === 0 || value === 1)
  return { target: { kind: 'numbers', names, ...(areLabels && { labels: true }) }, targets, warnings: [] }
}

/** The column of the 1 in each row; undefined where there is a row that does not have exactly one, and zeros else. */
function oneHot(values: Float64Array, width: number): Int32Array | undefined {
  const classes = new Int32Array(values.length / width)
  for (let row = 0; row < classes.length; row++) {
    let found = -1
    for (let i = 0; i < width; i++) {
      const value = values[row * width + i]
      if (value === 0) continue
      if (value !== 1 || found >= 0) return undefined
      found = i
    }
    if (found < 0) return undefined
    classes[row] = found
  }
  return classes
}

/**
 * Row-major; of channels-first pictures (`picture`: their shape with channels last) with the channels moved to the end. What
 * is to be said of numbers that were rounded.
 */
async function copyFeatures(
  header: NpyHeader,
  room: NumberSink,
  isBytes: boolean,
  picture: Shape | undefined,
  pace: Pace,
): Promise<Problem | undefined> {
  const { shape, count, bytes, kind, fortran } = header
  const examples = at(shape, 0)
  const size = count / examples
  const isPlain = !fortran && !picture
  const inPiece = Math.max(1, Math.floor(BLOCK / (size * bytes)))
  const strides = stridesIn(header)
  const [step0, step1 = 0, step2 = 0, step3 = 0] = strides
  // Of one example: how many steps along each axis of what is given to the network, and how far each goes in the file.
  const [axes, steps] = picture
    ? [picture, [step2, step3, step1]]
    : [
        [shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1],
        [step1, step2, step3],
      ]
  const [n1 = 1, n2 = 1, n3 = 1] = axes
  const [s1 = 0, s2 = 0, s3 = 0] = steps
  let rounded: Problem | undefined
  // The first axis of Fortran order goes through the whole file.
  for await (const { body, from } of readNpyPieces(header, fortran ? Infinity : inPiece * size * bytes, pace)) {
    if (isPlain && isBytes) {
      await room.write(body)
      continue
    }
    const valueAt = elementReader(header, body)
    const first = from / (size * bytes)
    const end = fortran ? examples : first + body.length / (size * bytes)
    for (let start = first; start < end; start += inPiece) {
      const next = Math.min(end, start + inPiece)
      const values = isBytes ? new Uint8Array((next - start) * size) : new Float32Array((next - start) * size)
      let i = 0
      for (let example = start; example < next; example++) {
        const before = isPlain ? (example - first) * size : (example - first) * (step0 ?? 0)
        let plain = 0
        for (let a = 0; a < n1; a++) {
          for (let b = 0; b < n2; b++) {
            for (let c = 0; c < n3; c++) {
              const byte = (before + (isPlain ? plain++ : a * s1 + b * s2 + c * s3)) * bytes
              const value = valueAt(byte)
              values[i] = value
              if (!Number.isFinite(values[i])) {
                if (kind !== 'f') throw tooLarge(header, from + byte, `example ${example + 1}`)
                throw noNumber(header, from + byte, `example ${example + 1}`, value)
              }
              if (kind !== 'f' && values[i] !== value) rounded ??= roundedAt(header, value, example)
              i++
            }
          }
          if (pace.did((size / n1) * bytes)) await pace.rest()
        }
      }
      await room.write(values)
    }
  }
  return rounded
}

function roundedAt({ source }: NpyHeader, value: number, example: number): Problem {
  const message = `${source.name}: example ${example + 1} holds ${value}, which 32-bit floats hold only rounded, to ${Math.fround(value)}.`
  return problem('numpy.rounded', message, { file: source.name }, 'warning')
}

function tooLarge({ source, start }: NpyHeader, byte: number, where: string): Error {
  const message = `${source.name}: ${where} holds a whole number beyond 2^53, which cannot be held exactly; divide the numbers, or save texts.`
  return refuse('numpy.integer', message, { file: source.name, byte: start + byte })
}

function noNumber({ source, start }: NpyHeader, byte: number, where: string, value: number): Error {
  const what = Number.isFinite(value)
    ? `${value}, beyond what 32-bit floats hold`
    : `${value}, which is no number to learn from`
  const message = `${source.name}: ${where} holds ${what}; replace it before saving.`
  return refuse('numpy.value', message, { file: source.name, byte: start + byte })
}

function showType({ kind, bytes, littleEndian, fortran }: NpyHeader): string {
  const names = {
    b: 'booleans',
    i: `${8 * bytes}-bit integers`,
    u: `unsigned ${8 * bytes}-bit integers`,
    f: `${8 * bytes}-bit floats`,
  }
  const name = kind === 'u' && bytes === 1 ? 'bytes' : names[kind]
  return `${name}${!littleEndian && bytes > 1 ? ', big-endian' : ''}${fortran ? ', Fortran order' : ''}`
}

function factsOf(
  pairs: readonly Arrays[],
  count: number,
  shape: Shape,
  target: TargetDescription,
  channelsFirst: boolean,
): Fact[] {
  const { features, labels } = at(pairs, 0)
  const what = shape.length === 3 ? 'Pictures' : shape.length === 2 ? 'Sequences' : 'Points'
  const facts = [
    { label: 'Examples', value: String(count) },
    { label: what, value: `${showShape(shape)}, ${showType(features)}` },
  ]
  if (labels)
    facts.push({
      label: 'Labels',
      value: `${target.names.length} ${target.kind === 'classes' ? 'classes' : target.names.length === 1 ? 'number' : 'numbers'}, ${showType(labels)}`,
    })
  if (channelsFirst)
    facts.push({ label: 'Channels', value: `first in the file ${showShape(features.shape)}, moved to the end` })
  const joined = pairs.map((pair) => `${at(pair.features.shape, 0)} from ${pair.features.source.name}`)
  if (joined.length > 1) facts.push({ label: 'Parts', value: listed(joined) })
  return facts
}
