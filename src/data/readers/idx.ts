/**
 * IDX, the format of the MNIST files (LeCun, Cortes & Burges): two zero bytes, a byte for the type of the elements, a
 * byte for the number of dimensions, each dimension as a big-endian 32-bit number, then the elements. A data set is a
 * pair of files, pictures and labels, told apart by that number, or two such pairs, as MNIST is handed out; everything
 * that the header claims is compared with what follows it before anything is made of it.
 */
import { at } from '../../base/assert.ts'
import { sameShape, showBytes, showShape, sizeOf, type Shape } from '../../base/shape.ts'
import { classesOf } from '../formats/classes.ts'
import { Pace } from '../formats/pace.ts'
import { listed, refuse } from '../formats/refuse.ts'
import { ByteStream } from '../formats/stream.ts'
import { MAX_CATEGORIES, MAX_UNZIPPED } from '../limits.ts'
import { BLOCK } from '../numbers.ts'
import { partsInTurn } from '../parts.ts'
import { HELD, limitOf, roomFor, type Limit } from '../room.ts'
import { defineReader, NO_BAD, NO_TARGET, type DataFile, type Fact, type RawExamples } from '../types.ts'

const extensions = ['.idx', '.idx1-ubyte', '.idx3-ubyte', '-idx1-ubyte', '-idx3-ubyte', '-ubyte', '.ubyte', '.gz']

interface Element {
  readonly name: string
  readonly bytes: number
  readonly whole: boolean
  read(view: DataView, byte: number): number
}

const elements: ReadonlyMap<number, Element> = new Map([
  [0x08, { name: 'unsigned bytes', bytes: 1, whole: true, read: (view, byte) => view.getUint8(byte) }],
  [0x09, { name: 'signed bytes', bytes: 1, whole: true, read: (view, byte) => view.getInt8(byte) }],
  [0x0b, { name: '16-bit integers', bytes: 2, whole: true, read: (view, byte) => view.getInt16(byte) }],
  [0x0c, { name: '32-bit integers', bytes: 4, whole: true, read: (view, byte) => view.getInt32(byte) }],
  [0x0d, { name: '32-bit floats', bytes: 4, whole: false, read: (view, byte) => view.getFloat32(byte) }],
  [0x0e, { name: '64-bit floats', bytes: 8, whole: false, read: (view, byte) => view.getFloat64(byte) }],
] as const)

interface Header {
  readonly file: DataFile
  readonly element: Element
  readonly dims: readonly number[]
  /** Where the elements begin. */
  readonly start: number
  /** Bytes that they take. */
  readonly length: number
}

/** Pictures, and their labels where these are needed. */
interface Pictures {
  readonly images: Header
  readonly labels?: Header
}

type Pair = Pictures & { readonly labels: Header }

export default defineReader({
  type: 'idx',
  title: 'Pictures (IDX, as MNIST)',
  doc: 'Pairs of IDX files, pictures and labels, plain or gzipped. Of the four files of MNIST the training pictures come first.',
  extensions,
  options: {},
  accepts(files) {
    return files.length > 0 && files.every((file) => hasMagic(file.head) || hasName(file.name))
  },
  async read(files, _options, job) {
    const limit = await limitOf(job)
    const headers = files.map((file) => readHeader(file, limit))
    const pairs = job.asked ? askedOf(headers) : pairsOf(headers)
    const shape = shapeOf(at(pairs, 0).images)
    checkAlike(pairs, shape, limit)
    const count = pairs.reduce((sum, { images }) => sum + at(images.dims, 0), 0)
    const total = pairs.reduce((sum, { images, labels }) => sum + images.length + (labels?.length ?? 0), 0)
    const pace = new Pace(job, total)

    const bytes = pairs.every(({ images }) => images.element.bytes === 1 && images.element.name === 'unsigned bytes')
    const room = await roomFor(job, bytes ? 'bytes' : 'floats', count, sizeOf(shape))
    const targets = new Int32Array(count)
    let done = 0
    for (const { images, labels } of pairs) {
      // Labels first: they are small, and most of what is wrong is wrong with them.
      if (labels) targets.set(await labelsOf(labels, pace), done)
      for await (const { body, from } of piecesOf(images, pace)) {
        await room.write(bytes ? body : floatsOf(images, body, from))
      }
      done += at(images.dims, 0)
    }
    const named = pairs.flatMap(({ labels }) => (labels ? [labels.file.name] : []))
    const { warnings, ...told } = named.length > 0 ? classesIn(targets, named) : { ...NO_TARGET, warnings: [] }
    const parts = partsInTurn(pairs.map(({ images }) => ({ name: partOf(images), count: at(images.dims, 0) })))
    const data: RawExamples = {
      count,
      shape,
      features: await room.done(),
      ...told,
      ...(parts && { parts }),
    }
    return { data, facts: factsOf(pairs, data), bad: NO_BAD, warnings }
  },
})

function hasMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && elements.has(bytes[2] ?? 0) && (bytes[3] ?? 0) > 0
}

function hasName(name: string): boolean {
  return /(\.idx|ubyte|idx\d)(\.gz)?$/i.test(name)
}

function readHeader(file: DataFile, limit: Limit): Header {
  const { name, head, length } = file
  const wrong = (code: string, message: string, byte: number) =>
    refuse(code, `${name} ${message}`, { file: name, byte })
  if (head.length === 0) throw wrong('idx.empty', 'is empty; download it again.', 0)
  if (head[0] === 0x1f && head[1] === 0x8b) throw wrong('idx.gzip', 'is still gzipped; unzip it first.', 0)
  if (head.length < 4) {
    const message = `has ${head.length} bytes, too few for the header of an IDX file; download it again.`
    throw wrong('idx.header', message, 0)
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const magic = `0x${view.getUint32(0).toString(16).padStart(8, '0').toUpperCase()}`
  const element = elements.get(view.getUint8(2))
  const rank = view.getUint8(3)
  if (view.getUint16(0) !== 0 || !element || rank === 0) {
    const expected = '0x00000803 (pictures) or 0x00000801 (labels)'
    throw wrong('idx.magic', `begins with ${magic}, but an IDX file begins with ${expected}; choose another file.`, 0)
  }
  if (rank > 4) {
    throw wrong('idx.rank', `has ${rank} dimensions (${magic}), but pictures have 2 to 4 and labels have 1.`, 3)
  }
  const start = 4 + 4 * rank
  if (head.length < start) {
    const message = `has ${head.length} bytes, but its header of ${rank} dimensions alone takes ${start}; download it again.`
    throw wrong('idx.header', message, head.length)
  }
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const zero = dims.indexOf(0)
  if (zero === 0) throw wrong('idx.zero', `holds no ${rank === 1 ? 'labels' : 'pictures'}: its count is 0.`, 4)
  if (zero > 0)
    throw wrong('idx.zero', `says that its pictures are ${showShape(dims.slice(1))}: no pixel at all.`, 4 + 4 * zero)
  // Four numbers of 32 bits can multiply beyond 2^53, and a lie must not be rounded into the truth.
  const count = dims.reduce((product, dim) => product * BigInt(dim), 1n)
  const promised = count * BigInt(element.bytes)
  if (length !== undefined) {
    const found = length - start
    if (promised > BigInt(found)) {
      const message = `promises ${promised} bytes ${showShape(dims)}, but ${found} follow its header; download it again.`
      throw wrong('idx.length', message, length)
    }
    if (promised < BigInt(found)) {
      const surplus = BigInt(found) - promised
      const message = `promises ${promised} bytes ${showShape(dims)}, but ${found} follow its header: ${surplus} too many; download it again.`
      throw wrong('idx.trailing', message, start + Number(promised))
    }
  }
  const needed = element.name === 'unsigned bytes' ? promised : count * 4n
  // Labels are held in memory, and what is unzipped for a file on the disk must have some size of its own.
  const isHeld = rank === 1 || (length === undefined && promised > BigInt(file.size * MAX_UNZIPPED))
  const { bytes, shown } = isHeld ? HELD : limit
  if (promised > BigInt(bytes) || needed > BigInt(bytes)) {
    const most = promised > needed ? promised : needed
    const message = `promises ${showShape(dims)}, which takes ${showBytes(Number(most))}; ${shown} are the most that examples may take. Use a part of it.`
    throw wrong('idx.large', message, 4)
  }
  return { file, element, dims, start, length: Number(promised) }
}

/** The elements' bytes; of a file that is unzipped on the way only now known to be as many as promised. */
async function bodyOf(header: Header, pace: Pace): Promise<Uint8Array<ArrayBuffer>> {
  const { file, start, length } = header
  const stream = new ByteStream(file.chunks())
  try {
    await stream.take(start)
    const body = await stream.take(length, pace)
    if (body.length < length) throw notAsPromised(header, body.length)
    if (!(await stream.isAtEnd())) throw notAsPromised(header, undefined)
    return body
  } finally {
    await stream.close()
  }
}

async function labelsOf(labels: Header, pace: Pace): Promise<Int32Array> {
  const { file, element, start } = labels
  if (!element.whole) {
    const message = `${file.name} holds ${element.name}, but labels are whole numbers from 0 to ${MAX_CATEGORIES - 1}; convert it.`
    throw refuse('idx.labelType', message, { file: file.name, byte: 2 })
  }
  const body = await bodyOf(labels, pace)
  const view = new DataView(body.buffer)
  const targets = new Int32Array(body.length / element.bytes)
  for (let i = 0; i < targets.length; i++) {
    const label = element.read(view, i * element.bytes)
    if (label < 0 || label >= MAX_CATEGORIES) {
      const byte = start + i * element.bytes
      const message = `${file.name} byte ${byte}: label ${label} of picture ${i + 1} is not one of the classes 0 to ${MAX_CATEGORIES - 1}; correct it.`
      throw refuse('idx.label', message, { file: file.name, byte })
    }
    targets[i] = label
  }
  return targets
}

function classesIn(targets: Int32Array, files: readonly string[]) {
  const { names, warnings } = classesOf(targets, listed(files), 'picture')
  return { target: { kind: 'classes', names } as const, targets, warnings }
}

/** The elements' bytes in pieces, each with its place among them. */
async function* piecesOf(
  header: Header,
  pace: Pace,
): AsyncGenerator<{ readonly body: Uint8Array<ArrayBuffer>; readonly from: number }> {
  const { file, start, length } = header
  const stream = new ByteStream(file.chunks())
  try {
    await stream.take(start)
    for (let from = 0; from < length; from += BLOCK) {
      const wanted = Math.min(BLOCK, length - from)
      const body = await stream.take(wanted, pace)
      if (body.length < wanted) throw notAsPromised(header, from + body.length)
      yield { body, from }
    }
    if (!(await stream.isAtEnd())) throw notAsPromised(header, undefined)
  } finally {
    await stream.close()
  }
}

/** `found`: how many bytes there are; undefined where there are more than promised. */
function notAsPromised({ file: { name }, dims, start, length }: Header, found: number | undefined): Error {
  const message = `${name} promises ${length} bytes ${showShape(dims)}, but ${found ?? 'more'} follow its header; download it again.`
  return found === undefined
    ? refuse('idx.trailing', message, { file: name, byte: start + length })
    : refuse('idx.length', message, { file: name, byte: start + found })
}

/** Doubles are rounded, as 32 bits are what a network computes with; whole numbers mean something else when rounded. */
function floatsOf({ file, element, start }: Header, body: Uint8Array<ArrayBuffer>, from: number): Float32Array {
  const view = new DataView(body.buffer)
  const values = new Float32Array(body.length / element.bytes)
  for (let i = 0; i < values.length; i++) {
    const value = element.read(view, i * element.bytes)
    values[i] = value
    if (!Number.isFinite(values[i]) || (element.whole && values[i] !== value)) {
      const byte = start + from + i * element.bytes
      const why = Number.isFinite(value) ? 'which 32-bit floats cannot hold' : 'which is no number to learn from'
      throw refuse('idx.value', `${file.name} byte ${byte} holds ${value}, ${why}; correct it.`, {
        file: file.name,
        byte,
      })
    }
  }
  return values
}

/** Pictures with their labels, whichever came first: of four files training before test. One alone says which is missing. */
function pairsOf(headers: readonly Header[]): readonly Pair[] {
  if (headers.length !== 4 && (headers.length === 0 || headers.length > 2)) {
    const message = `IDX data are two files, pictures and labels, or four, of training and test; but ${headers.length} were given. Choose the ones that belong together.`
    throw refuse('idx.files', message, {})
  }
  const images = headers.filter((one) => one.dims.length > 1)
  const labels = headers.filter((one) => one.dims.length === 1)
  if (images.length !== labels.length) {
    const found = images.length > labels.length ? 'pictures' : 'labels'
    const lacking =
      found === 'labels' ? 'pictures (such as train-images-idx3-ubyte)' : 'labels (such as train-labels-idx1-ubyte)'
    const names = (found === 'labels' ? labels : images).map(({ file }) => file.name)
    const message = `${listed(names)} ${names.length === 1 ? 'holds' : 'hold'} ${found}; the file with the ${lacking} is missing, choose both together.`
    throw refuse('idx.pair', message, { file: names[0] ?? '' })
  }
  const pairs = images.length === 1 ? [{ images: at(images, 0), labels: at(labels, 0) }] : matched(images, labels)
  for (const pair of pairs) {
    const pictures = at(pair.images.dims, 0)
    const count = at(pair.labels.dims, 0)
    if (pictures === count) continue
    const file = pair.labels.file.name
    const message = `${pair.images.file.name} has ${pictures} ${pictures === 1 ? 'picture' : 'pictures'}, but ${file} has ${count} ${count === 1 ? 'label' : 'labels'}; choose two files that belong together.`
    throw refuse('idx.count', message, { file, byte: 4 })
  }
  return pairs
}

/** Pictures that a network is asked about, training before test; labels beside them are not needed. */
function askedOf(headers: readonly Header[]): readonly Pictures[] {
  const images = headers.filter((one) => one.dims.length > 1)
  return images.length > 0 ? inTurn(images.map((one) => ({ images: one }))) : pairsOf(headers)
}

/** What stands in a name before `images` or `labels`. */
function stem({ file }: Header): string | undefined {
  return /^(.*?)[-_.]?(?:images|labels)/i.exec(file.name)?.[1]?.toLowerCase()
}

/** What tells the pictures of one pair from those of another. */
function partOf(images: Header): string {
  return stem(images) || images.file.name
}

/** By their names; where these do not tell, by how many there are. */
function matched(images: readonly Header[], labels: readonly Header[]): readonly Pair[] {
  const fits = [
    (picture: Header, label: Header) => stem(picture) !== undefined && stem(picture) === stem(label),
    (picture: Header, label: Header) => picture.dims[0] === label.dims[0],
  ]
  for (const fit of fits) {
    const pairs = images.flatMap((picture) => {
      const own = labels.filter((label) => fit(picture, label))
      return own.length === 1 ? [{ images: picture, labels: at(own, 0) }] : []
    })
    const used = new Set(pairs.map((pair) => pair.labels))
    if (used.size !== images.length) continue
    return inTurn(pairs)
  }
  const names = [...images, ...labels].map(({ file }) => file.name)
  const message = `${listed(names)}: which labels belong to which pictures cannot be told; name them as MNIST does, train-images, train-labels, t10k-images and t10k-labels.`
  throw refuse('idx.match', message, { file: names[0] ?? '' })
}

/** Training before test, by their names. */
function inTurn<P extends Pictures>(sets: readonly P[]): readonly P[] {
  const isTest = ({ images: { file } }: P) => Number(/t10k|test|val/i.test(file.name))
  const isTraining = ({ images: { file } }: P) => Number(/train/i.test(file.name))
  return sets.toSorted((a, b) => isTraining(b) - isTraining(a) || isTest(a) - isTest(b))
}

function checkAlike(pairs: readonly Pictures[], shape: Shape, limit: Limit): void {
  const first = at(pairs, 0).images
  let bytes = 0
  for (const { images } of pairs) {
    const file = images.file.name
    if (!sameShape(shapeOf(images), shape)) {
      const message = `${first.file.name} has pictures of ${showShape(shape)}, but ${file} of ${showShape(shapeOf(images))}; choose files of one set.`
      throw refuse('idx.shape', message, { file, byte: 4 })
    }
    if (images.element !== first.element) {
      const message = `${first.file.name} holds ${first.element.name}, but ${file} ${images.element.name}; choose files of one set.`
      throw refuse('idx.types', message, { file, byte: 2 })
    }
    bytes += images.element.name === 'unsigned bytes' ? images.length : (images.length / images.element.bytes) * 4
  }
  if (bytes > limit.bytes) {
    const message = `${listed(pairs.map(({ images }) => images.file.name))} take ${showBytes(bytes)} together; ${limit.shown} are the most that examples may take. Use one pair.`
    throw refuse('idx.large', message, { file: first.file.name, byte: 4 })
  }
}

/** [height, width, channels] of one picture; two dimensions mean rows of values, four mean colours. */
function shapeOf(images: Header): Shape {
  const [, first = 1, second, third = 1] = images.dims
  return second === undefined ? [1, first, 1] : [first, second, third]
}

function factsOf(pairs: readonly Pictures[], data: RawExamples): Fact[] {
  const { images } = at(pairs, 0)
  const facts = [
    { label: 'Format', value: 'IDX' },
    { label: 'Examples', value: String(data.count) },
    { label: 'Shape of one', value: showShape(data.shape) },
    { label: 'Elements', value: images.element.name },
  ]
  if (data.target.kind === 'classes') facts.push({ label: 'Classes', value: String(data.target.names.length) })
  const parts = pairs.map((pair) => `${at(pair.images.dims, 0)} from ${pair.images.file.name}`)
  if (parts.length > 1) facts.push({ label: 'Parts', value: listed(parts) })
  if (images.file.length === undefined) facts.push({ label: 'Compression', value: 'gzip' })
  return facts
}
