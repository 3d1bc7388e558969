/**
 * IDX, the format of the MNIST files (LeCun, Cortes & Burges): two zero bytes, a byte for the type of the elements, a
 * byte for the number of dimensions, each dimension as a big-endian 32-bit number, then the elements. A data set is a
 * pair of files, pictures and labels, told apart by that number; everything that the header claims is compared with the
 * length of the file before anything is made of it.
 */
import { attempt, problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showShape, type Shape } from '../../base/shape.ts'
import type { FileReference, ImageSource } from '../../document/types.ts'
import type { RawExamples, Reader, SourceFile } from '../types.ts'

const extensions = ['.idx', '.idx1-ubyte', '.idx3-ubyte', '-idx1-ubyte', '-idx3-ubyte', '-ubyte', '.ubyte', '.gz']

/** Names of the element types, for refusing all but the first by name. */
const types: ReadonlyMap<number, string> = new Map([
  [0x08, 'unsigned bytes'],
  [0x09, 'signed bytes'],
  [0x0b, '16-bit integers'],
  [0x0c, '32-bit integers'],
  [0x0d, '32-bit floats'],
  [0x0e, '64-bit floats'],
])

export default {
  type: 'idx',
  title: 'Pictures (IDX, as MNIST)',
  extensions,
  accepts(files) {
    return files.length > 0 && files.every((file) => hasMagic(file.bytes) || hasName(file.name))
  },
  inspect(files) {
    return attempt(() => {
      const { images, labels } = pairOf(files)
      const { names, warnings } = classesOf(labels)
      const source: ImageSource = {
        kind: 'images',
        reader: 'idx',
        images: referenceTo(images.file),
        labels: referenceTo(labels.file),
        features: shapeOf(images),
        target: { kind: 'classes', names },
      }
      return { source, warnings }
    })
  },
  read(files, source) {
    return attempt(() => {
      if (source.kind !== 'images') {
        const message = `The document's data are ${source.kind === 'table' ? 'a table' : 'generated'}, not pictures; choose the data again.`
        throw new ProblemError(problem('data.kind', message))
      }
      const { images, labels } = pairOf(files)
      const shape = shapeOf(images)
      if (showShape(shape) !== showShape(source.features)) {
        const message = `${images.file.name} has pictures of ${showShape(shape)}, but the document expects ${showShape(source.features)}; choose the data again.`
        throw new ProblemError(problem('idx.shape', message, { file: images.file.name }))
      }
      const classes = source.target.names.length
      const wrong = labels.body.findIndex((label) => label >= classes)
      if (wrong >= 0) {
        const byte = labels.file.bytes.length - labels.body.length + wrong
        const message =
          `${labels.file.name} byte ${byte}: label ${labels.body[wrong]} of picture ${wrong + 1} is not among the ` +
          `${classes} classes of the document; choose the data again.`
        throw new ProblemError(problem('idx.label', message, { file: labels.file.name, byte }))
      }
      const data: RawExamples = {
        count: labels.body.length,
        shape,
        features: images.body,
        target: source.target,
        targets: Int32Array.from(labels.body),
      }
      return { data, warnings: [] }
    })
  },
} satisfies Reader

interface IdxFile {
  readonly file: SourceFile
  readonly dims: readonly number[]
  /** The elements: a view of the file, not a copy. */
  readonly body: Uint8Array
}

function hasMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && types.has(bytes[2] ?? 0) && (bytes[3] ?? 0) > 0
}

function hasName(name: string): boolean {
  return /(\.idx|ubyte|idx\d)(\.gz)?$/i.test(name)
}

function referenceTo(file: SourceFile): FileReference {
  return { name: file.name, size: file.size, sha256: file.sha256 }
}

/** The two files, whichever came first; one alone says which is missing. */
function pairOf(files: readonly SourceFile[]): { images: IdxFile; labels: IdxFile } {
  if (files.length === 0 || files.length > 2) {
    const message = `IDX data are two files, pictures and labels, but ${files.length} were given; choose both together.`
    throw new ProblemError(problem('idx.files', message))
  }
  const read = files.map(readIdx)
  const images = read.filter((one) => one.dims.length > 1)
  const labels = read.filter((one) => one.dims.length === 1)
  const [picture] = images
  const [label] = labels
  if (!label || !picture) {
    const found = label ? 'labels' : 'pictures'
    const lacking = label ? 'pictures (such as train-images-idx3-ubyte)' : 'labels (such as train-labels-idx1-ubyte)'
    const names = files.map((file) => file.name).join(' and ')
    const message = `${names} ${files.length === 1 ? 'holds' : 'hold'} ${found}; the file with the ${lacking} is missing, choose both together.`
    throw new ProblemError(problem('idx.pair', message, { file: files[0]?.name ?? '' }))
  }
  const [pictures = 0] = picture.dims
  if (pictures !== label.body.length) {
    const message =
      `${picture.file.name} has ${pictures} pictures, but ${label.file.name} has ${label.body.length} labels; ` +
      `choose two files that belong together.`
    throw new ProblemError(problem('idx.count', message, { file: label.file.name, byte: 4 }))
  }
  return { images: picture, labels: label }
}

function readIdx(file: SourceFile): IdxFile {
  const { name, bytes } = file
  const refuse = (code: string, message: string, byte: number): ProblemError => {
    return new ProblemError(problem(code, `${name} ${message}`, { file: name, byte }))
  }
  if (bytes.length === 0) throw refuse('idx.empty', 'is empty; download it again.', 0)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw refuse('idx.gzip', 'is still gzipped; unzip it first.', 0)
  if (bytes.length < 4) {
    throw refuse(
      'idx.header',
      `has ${bytes.length} bytes, too few for the header of an IDX file; download it again.`,
      0,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = `0x${view.getUint32(0).toString(16).padStart(8, '0').toUpperCase()}`
  const type = types.get(view.getUint8(2))
  const rank = view.getUint8(3)
  if (view.getUint16(0) !== 0 || !type || rank === 0) {
    const expected = '0x00000803 (pictures) or 0x00000801 (labels)'
    throw refuse('idx.magic', `begins with ${magic}, but an IDX file begins with ${expected}; choose another file.`, 0)
  }
  if (view.getUint8(2) !== 0x08) {
    throw refuse('idx.type', `holds ${type} (${magic}), but only unsigned bytes can be read; convert it.`, 2)
  }
  if (rank > 4) {
    throw refuse('idx.rank', `has ${rank} dimensions (${magic}), but pictures have 2 to 4 and labels have 1.`, 3)
  }
  const start = 4 + 4 * rank
  if (bytes.length < start) {
    const message = `has ${bytes.length} bytes, but its header of ${rank} dimensions alone takes ${start}; download it again.`
    throw refuse('idx.header', message, bytes.length)
  }
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const zero = dims.indexOf(0)
  if (zero === 0) throw refuse('idx.zero', `holds no ${rank === 1 ? 'labels' : 'pictures'}: its count is 0.`, 4)
  if (zero > 0)
    throw refuse('idx.zero', `says that its pictures are ${showShape(dims.slice(1))}: no pixel at all.`, 4 + 4 * zero)
  // Four numbers of 32 bits can multiply beyond 2^53, and a lie must not be rounded into the truth.
  const promised = dims.reduce((product, dim) => product * BigInt(dim), 1n)
  const found = bytes.length - start
  if (promised > BigInt(found)) {
    const message = `promises ${promised} bytes ${showShape(dims)}, but ${found} follow its header; download it again.`
    throw refuse('idx.length', message, bytes.length)
  }
  if (promised < BigInt(found)) {
    const surplus = BigInt(found) - promised
    const message = `promises ${promised} bytes ${showShape(dims)}, but ${found} follow its header: ${surplus} too many; download it again.`
    throw refuse('idx.trailing', message, start + Number(promised))
  }
  return { file, dims, body: bytes.subarray(start) }
}

/** [height, width, channels] of one picture; two dimensions mean rows of values, four mean colours. */
function shapeOf(images: IdxFile): Shape {
  const [, first = 1, second, third = 1] = images.dims
  return second === undefined ? [1, first, 1] : [first, second, third]
}

/** Class names '0' … by the largest label. Labels that never occur are classes all the same, and said. */
function classesOf(labels: IdxFile): { names: string[]; warnings: Problem[] } {
  const counts = new Array<number>(256).fill(0)
  for (const label of labels.body) counts[label] = (counts[label] ?? 0) + 1
  const largest = counts.findLastIndex((count) => count > 0)
  const file = labels.file.name
  if (counts.filter((count) => count > 0).length === 1) {
    const message = `${file}: every label is ${largest}; a network needs two classes or more to tell apart.`
    throw new ProblemError(problem('data.oneClass', message, { file }))
  }
  const names = Array.from({ length: largest + 1 }, (_, i) => String(i))
  const unused = names.filter((_, i) => counts[i] === 0)
  if (unused.length === 0) return { names, warnings: [] }
  const message = `${file}: no picture has the label ${unused.slice(0, 10).join(', ')}${unused.length > 10 ? ', …' : ''}, so the network cannot learn ${unused.length === 1 ? 'it' : 'them'}.`
  return { names, warnings: [problem('idx.unused', message, { file }, 'warning')] }
}
