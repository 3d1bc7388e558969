/** IDX: headers that lie, files that do not belong together. */
import { idxBytes } from '../idx.ts'
import type { HostileCase } from './case.ts'

type Files = HostileCase['files']

const images = (n: number, h = 2, w = 2) => idxBytes([n, h, w], new Uint8Array(n * h * w).fill(7))
const labels = (...values: number[]) => idxBytes([values.length], values)
/** Big-endian, as IDX has it. */
const floats = (bytes: 4 | 8, ...values: number[]) => {
  const view = new DataView(new ArrayBuffer(bytes * values.length))
  values.forEach((value, i) => {
    if (bytes === 4) view.setFloat32(4 * i, value)
    else view.setFloat64(8 * i, value)
  })
  return new Uint8Array(view.buffer)
}
const ints = (...values: number[]) => {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, i) => {
    view.setInt32(4 * i, value)
  })
  return new Uint8Array(view.buffer)
}
const ascii = (text: string) => new TextEncoder().encode(text)

/** Pictures with two good labels. */
const pictures = (bytes: Uint8Array): Files => [
  { name: 'x.idx', bytes },
  { name: 'y.idx', bytes: labels(0, 1) },
]
const labelled = (bytes: Uint8Array): Files => [
  { name: 'x.idx', bytes: images(2) },
  { name: 'y.idx', bytes },
]
const mnist = (train: Uint8Array, trainLabels: Uint8Array, t10k: Uint8Array, t10kLabels: Uint8Array): Files => [
  { name: 'train-images-idx3-ubyte', bytes: train },
  { name: 'train-labels-idx1-ubyte', bytes: trainLabels },
  { name: 't10k-images-idx3-ubyte', bytes: t10k },
  { name: 't10k-labels-idx1-ubyte', bytes: t10kLabels },
]

export const cases: readonly HostileCase[] = [
  { name: 'no bytes', files: pictures(new Uint8Array()), says: ['x.idx is empty; download it again.'] },
  {
    name: 'three bytes',
    files: pictures(Uint8Array.of(0, 0, 8)),
    says: ['x.idx has 3 bytes, too few for the header of an IDX file; download it again.'],
  },
  {
    name: 'a cut header',
    files: pictures(Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0)),
    says: ['x.idx has 9 bytes, but its header of 3 dimensions alone takes 16; download it again.'],
  },
  {
    name: 'a PNG file',
    files: pictures(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)),
    says: [
      'x.idx begins with 0x89504E47, but an IDX file begins with 0x00000803 (pictures) or 0x00000801 (labels); choose another file.',
    ],
  },
  {
    name: 'a text file',
    files: pictures(ascii('a,b\n1,2\n')),
    says: [
      'x.idx begins with 0x612C620A, but an IDX file begins with 0x00000803 (pictures) or 0x00000801 (labels); choose another file.',
    ],
  },
  {
    name: 'gzipped twice',
    files: pictures(Uint8Array.of(0x1f, 0x8b, 8, 0)),
    says: ['x.idx is still gzipped; unzip it first.'],
  },
  {
    name: 'no dimensions',
    files: pictures(Uint8Array.of(0, 0, 8, 0, 0, 0, 0, 1)),
    says: [
      'x.idx begins with 0x00000800, but an IDX file begins with 0x00000803 (pictures) or 0x00000801 (labels); choose another file.',
    ],
  },
  {
    name: 'a type that there is not',
    files: pictures(idxBytes([2, 1, 1], [1, 2], 0x0a)),
    says: [
      'x.idx begins with 0x00000A03, but an IDX file begins with 0x00000803 (pictures) or 0x00000801 (labels); choose another file.',
    ],
  },
  {
    name: 'five dimensions',
    files: pictures(idxBytes([2, 1, 1, 1, 1], [1, 2])),
    says: ['x.idx has 5 dimensions (0x00000805), but pictures have 2 to 4 and labels have 1.'],
  },
  {
    name: '255 dimensions',
    files: pictures(Uint8Array.of(0, 0, 8, 255, ...new Uint8Array(1100))),
    says: ['x.idx has 255 dimensions (0x000008FF), but pictures have 2 to 4 and labels have 1.'],
  },
  {
    name: 'a length that lies',
    files: pictures(idxBytes([60000, 28, 28], new Uint8Array(784))),
    says: ['x.idx promises 47040000 bytes [60000, 28, 28], but 784 follow its header; download it again.'],
  },
  {
    name: 'dimensions in the wrong order of bytes',
    files: pictures(idxBytes([0x02000000, 0x02000000, 0x02000000], new Uint8Array(8))),
    says: [
      'x.idx promises 37778931862957161709568 bytes [33554432, 33554432, 33554432], but 8 follow its header; download it again.',
    ],
  },
  {
    name: 'dimensions beyond counting',
    files: pictures(idxBytes([0xffffffff, 0xffffffff, 0xffffffff], [1, 2])),
    says: [
      'x.idx promises 79228162458924105385300197375 bytes [4294967295, 4294967295, 4294967295], but 2 follow its header; download it again.',
    ],
  },
  {
    name: 'dimensions whose product wraps to 0',
    files: pictures(idxBytes([65536, 65536, 1], [])),
    says: ['x.idx promises 4294967296 bytes [65536, 65536, 1], but 0 follow its header; download it again.'],
  },
  {
    name: 'dimensions whose product wraps to what is there',
    files: pictures(idxBytes([0x80000001, 2, 1], [1, 2])),
    says: ['x.idx promises 4294967298 bytes [2147483649, 2, 1], but 2 follow its header; download it again.'],
  },
  {
    name: 'doubles of which half are there',
    files: pictures(idxBytes([2, 1, 1], new Uint8Array(8), 0x0e)),
    says: ['x.idx promises 16 bytes [2, 1, 1], but 8 follow its header; download it again.'],
  },
  {
    name: 'trailing bytes',
    files: labelled(idxBytes([2], [0, 1, 1, 1])),
    says: ['y.idx promises 2 bytes [2], but 4 follow its header: 2 too many; download it again.'],
  },
  {
    name: 'trailing bytes of pictures',
    files: pictures(idxBytes([2, 1, 1], [1, 2, 3])),
    says: ['x.idx promises 2 bytes [2, 1, 1], but 3 follow its header: 1 too many; download it again.'],
  },
  { name: 'no picture', files: pictures(images(0)), says: ['x.idx holds no pictures: its count is 0.'] },
  { name: 'no label', files: labelled(labels()), says: ['y.idx holds no labels: its count is 0.'] },
  {
    name: 'pictures without pixels',
    files: pictures(idxBytes([2, 0, 2], [])),
    says: ['x.idx says that its pictures are [0, 2]: no pixel at all.'],
  },
  {
    name: 'fewer labels than pictures',
    files: pictures(images(3)),
    says: ['x.idx has 3 pictures, but y.idx has 2 labels; choose two files that belong together.'],
  },
  {
    name: 'more labels than pictures',
    files: labelled(labels(0, 1, 0)),
    says: ['x.idx has 2 pictures, but y.idx has 3 labels; choose two files that belong together.'],
  },
  {
    name: 'pictures alone',
    files: [{ name: 'x.idx', bytes: images(2) }],
    says: [
      'x.idx holds pictures; the file with the labels (such as train-labels-idx1-ubyte) is missing, choose both together.',
    ],
  },
  {
    name: 'labels alone',
    files: [{ name: 'y.idx', bytes: labels(0, 1) }],
    says: [
      'y.idx holds labels; the file with the pictures (such as train-images-idx3-ubyte) is missing, choose both together.',
    ],
  },
  {
    name: 'pictures twice',
    files: [
      { name: 'a.idx', bytes: images(2) },
      { name: 'b.idx', bytes: images(2) },
    ],
    says: [
      'a.idx and b.idx hold pictures; the file with the labels (such as train-labels-idx1-ubyte) is missing, choose both together.',
    ],
  },
  {
    name: 'labels twice',
    files: [
      { name: 'a.idx', bytes: labels(0, 1) },
      { name: 'b.idx', bytes: labels(0, 1) },
    ],
    says: [
      'a.idx and b.idx hold labels; the file with the pictures (such as train-images-idx3-ubyte) is missing, choose both together.',
    ],
  },
  {
    name: 'three files',
    files: [...pictures(images(2)), { name: 'z.idx', bytes: labels(0, 1) }],
    says: [
      'IDX data are two files, pictures and labels, or four, of training and test; but 3 were given. Choose the ones that belong together.',
    ],
  },
  {
    name: 'five files',
    files: [...mnist(images(2), labels(0, 1), images(2), labels(0, 1)), { name: 'z.idx', bytes: labels(0, 1) }],
    says: [
      'IDX data are two files, pictures and labels, or four, of training and test; but 5 were given. Choose the ones that belong together.',
    ],
  },
  {
    name: 'labels of floats',
    files: labelled(idxBytes([2], floats(4, 0, 1), 0x0d)),
    says: ['y.idx holds 32-bit floats, but labels are whole numbers from 0 to 999; convert it.'],
  },
  {
    name: 'a label below zero',
    files: labelled(idxBytes([2], Uint8Array.of(0, 255), 0x09)),
    says: ['y.idx byte 9: label -1 of picture 2 is not one of the classes 0 to 999; correct it.'],
  },
  {
    name: 'a label beyond the classes',
    files: labelled(idxBytes([2], ints(1, 1000), 0x0c)),
    says: ['y.idx byte 12: label 1000 of picture 2 is not one of the classes 0 to 999; correct it.'],
  },
  {
    name: 'a single class',
    files: labelled(labels(3, 3)),
    says: ['y.idx: every label is 3; a network needs two classes or more to tell apart.'],
  },
  {
    name: 'whole numbers that 32 bits cannot hold',
    files: pictures(idxBytes([2, 1], ints(5, 16777217), 0x0c)),
    says: ['x.idx byte 16 holds 16777217, which 32-bit floats cannot hold; correct it.'],
  },
  {
    name: 'pixels that are no numbers',
    files: pictures(idxBytes([2, 1], floats(4, 1, NaN), 0x0d)),
    says: ['x.idx byte 16 holds NaN, which is no number to learn from; correct it.'],
  },
  {
    name: 'pixels beyond all numbers',
    files: pictures(idxBytes([2, 1], floats(8, 1e300, 0), 0x0e)),
    says: ['x.idx byte 12 holds 1e+300, which 32-bit floats cannot hold; correct it.'],
  },
  {
    name: 'training and test of different sizes',
    files: mnist(images(2), labels(0, 1), images(2, 3, 3), labels(0, 1)),
    says: [
      'train-images-idx3-ubyte has pictures of [2, 2, 1], but t10k-images-idx3-ubyte of [3, 3, 1]; choose files of one set.',
    ],
  },
  {
    name: 'training and test of different types',
    files: mnist(images(2), labels(0, 1), idxBytes([2, 2, 2], floats(4, 1, 2, 3, 4, 5, 6, 7, 8), 0x0d), labels(0, 1)),
    says: [
      'train-images-idx3-ubyte holds unsigned bytes, but t10k-images-idx3-ubyte 32-bit floats; choose files of one set.',
    ],
  },
  {
    name: 'test with too few labels',
    files: mnist(images(2), labels(0, 1), images(2), labels(0)),
    says: [
      't10k-images-idx3-ubyte has 2 pictures, but t10k-labels-idx1-ubyte has 1 label; choose two files that belong together.',
    ],
  },
  {
    name: 'four files of pictures',
    files: mnist(images(2), images(2), images(2), images(2)),
    says: [
      'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte hold pictures; the file with the labels (such as train-labels-idx1-ubyte) is missing, choose both together.',
    ],
  },
  {
    name: 'labels with the names of pictures',
    files: [
      { name: 'a-images', bytes: images(2) },
      { name: 'a-images-2', bytes: images(2) },
      { name: 'b-ubyte', bytes: labels(0, 1) },
      { name: 'c-ubyte', bytes: labels(0, 1) },
    ],
    says: [
      'a-images, a-images-2, b-ubyte and c-ubyte: which labels belong to which pictures cannot be told; name them as MNIST does, train-images, train-labels, t10k-images and t10k-labels.',
    ],
  },
]
