import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { readParams } from '../../../src/base/params.ts'
import type { Problem } from '../../../src/base/problem.ts'
import { memoryFile, unwatched } from '../../../src/data/files.ts'
import { MAX_EXAMPLE_BYTES, MAX_TEXTS } from '../../../src/data/limits.ts'
import { decodePicture } from '../../../src/data/pictures/index.ts'
import { fitInto } from '../../../src/data/pictures/resize.ts'
import reader from '../../../src/data/readers/pictures.ts'
import type { DataFile, Job, RawExamples, ReadData } from '../../../src/data/types.ts'
import { fileFrom, unzippedFile } from '../reading.ts'
import { messageOf } from './ask.ts'
import { picture } from './fixtures.ts'
import { bmp, greyPng, patched, rgbPng } from './make.ts'

type Files = Readonly<Record<string, Uint8Array | string>>

const filesOf = (files: Files) =>
  Object.entries(files).map(([name, content]) =>
    typeof content === 'string' ? fileFrom(name, content) : memoryFile(name, content),
  )

function read(files: Files | readonly DataFile[], options: object = {}, job: Job = unwatched): Promise<ReadData> {
  const { values, problems } = readParams(reader.options, options as Record<string, unknown>, 'Pictures')
  expect(problems).toEqual([])
  return reader.read(Array.isArray(files) ? files : filesOf(files as Files), values, job)
}

async function examples(files: Files | readonly DataFile[], options?: object): Promise<RawExamples> {
  const { data } = await read(files, options)
  if ('columns' in data) throw new Error('expected examples')
  return data
}

const factsOf = ({ facts }: ReadData) => Object.fromEntries(facts.map(({ label, value }) => [label, value]))
const messages = (problems: readonly Problem[]) => problems.map(({ message }) => message)
/** Four pixels that say which picture it is. */
const small = (n: number) => greyPng(2, 2, (i) => 10 * n + i)
const pixels = (data: RawExamples, i: number) => {
  const size = data.features.length / data.count
  return Array.from(data.features.subarray(i * size, (i + 1) * size))
}

describe('folders', () => {
  const files = {
    'all/dogs/1.png': small(3),
    'all/cats/b.png': small(2),
    'all/cats/a.png': small(1),
    'all/cats/c.png': small(7),
  }

  test('are classes by name, their pictures in order', async () => {
    const data = await examples(files)
    expect(data).toMatchObject({ count: 4, shape: [2, 2, 1], target: { kind: 'classes', names: ['cats', 'dogs'] } })
    expect(data.names).toEqual(['cats/a.png', 'cats/b.png', 'cats/c.png', 'dogs/1.png'])
    expect(Array.from(data.targets)).toEqual([0, 0, 0, 1])
    expect(data.targets).toBeInstanceOf(Int32Array)
    expect(data.features).toBeInstanceOf(Uint8Array)
    expect([0, 1, 2, 3].map((i) => pixels(data, i))).toEqual(
      [1, 2, 7, 3].map((n) => [10 * n, 10 * n + 1, 10 * n + 2, 10 * n + 3]),
    )
    expect(data.parts).toBeUndefined()
  })

  test('may come in any order, and zipped', async () => {
    const expected = await examples(files)
    expect(await examples(filesOf(files).reverse())).toEqual(expected)
    expect(await examples(Object.entries(files).map(([name, bytes]) => unzippedFile(name, bytes, 7)))).toEqual(expected)
  })

  test('that are numbers stand by size', async () => {
    const data = await examples({ '10/a.png': small(1), '9/a.png': small(2), '0/a.png': small(3) })
    expect(data.target.names).toEqual(['0', '9', '10'])
    expect(Array.from(data.targets)).toEqual([0, 2, 1])
  })

  test('called train and test are parts', async () => {
    const data = await examples({
      'set/test/cats/1.png': small(1),
      'set/train/cats/1.png': small(2),
      'set/train/dogs/1.png': small(3),
      'set/validation/dogs/1.png': small(4),
    })
    expect(data.target.names).toEqual(['cats', 'dogs'])
    expect(data.parts).toEqual({ names: ['train', 'val', 'test'], of: Uint8Array.of(2, 0, 0, 1) })
  })

  test('within folders are classes by both names', async () => {
    const data = await examples({
      'pets/cats/1.png': small(1),
      'pets/dogs/1.png': small(2),
      'train/cats/1.png': small(3),
    })
    expect(data.target.names).toEqual(['pets/cats', 'pets/dogs', 'train/cats'])
    expect(data.parts).toBeUndefined()
  })
})

describe('tables', () => {
  const pictures = { 'set/img/1.png': small(1), 'set/img/2.png': small(2), 'set/img/3.png': small(3) }

  test.each([
    ['paths', 'file,label\nimg/1.png,cat\nimg/2.png,dog\nimg/3.png,cat\n'],
    ['names', 'file,label\n1.png,cat\n2.png,dog\n3.png,cat\n'],
    ['names without their ending', 'id;breed\n1;cat\n2;dog\n3;cat\n'],
    ['paths of Windows', 'file,label\nimg\\1.png,cat\nimg\\2.png,dog\nimg\\3.png,cat\n'],
    ['longer paths', 'file,label\n/home/me/img/1.png,cat\n/home/me/img/2.png,dog\n/home/me/img/3.png,cat\n'],
    ['a column among others', 'rating,file,x,label\n7,1.png,q,cat\n8,2.png,r,dog\n9,3.png,s,cat\n'],
    ['no header', '1.png,cat\n2.png,dog\n3.png,cat\n'],
  ])('name pictures by %s', async (_, table) => {
    const data = await examples({ ...pictures, 'set/labels.csv': table })
    expect(data.target).toEqual({ kind: 'classes', names: ['cat', 'dog'] })
    expect(Array.from(data.targets)).toEqual([0, 1, 0])
  })

  test('are named in what was found', async () => {
    const result = await read({ ...pictures, 'set/labels.csv': 'file,label\n1.png,cat\n2.png,dog\n' })
    expect(factsOf(result)['Labels']).toBe('column "label" of set/labels.csv, where column "file" names the pictures')
    expect(messages(result.warnings)).toEqual([
      'set/labels.csv names no label for 1 picture, which is left out: set/img/3.png.',
    ])
  })

  test('of amounts are numbers to predict', async () => {
    const table = 'file,age\n1.png,1.5\n2.png,-2\n3.png,40\n'
    const data = await examples({ ...pictures, 'set/labels.csv': table })
    expect(data.target).toEqual({ kind: 'numbers', names: ['age'] })
    expect(data.targets).toEqual(Float32Array.of(1.5, -2, 40))
    expect((await examples({ ...pictures, 'set/labels.csv': table }, { target: 'classes' })).target.names).toEqual([
      '-2',
      '1.5',
      '40',
    ])
    const whole = table.replace('1.5', '1')
    expect((await examples({ ...pictures, 'set/labels.csv': whole })).target.kind).toBe('classes')
    expect((await examples({ ...pictures, 'set/labels.csv': whole }, { target: 'numbers' })).targets).toEqual(
      Float32Array.of(1, -2, 40),
    )
  })

  test('beside folders that say the same more simply are passed over when they name nothing', async () => {
    const files = { 'cats/1.png': small(1), 'dogs/1.png': small(2), 'notes.csv': 'when,what\nmonday,rain\n' }
    const result = await read(files)
    expect(messages(result.warnings)).toEqual(['notes.csv names none of the pictures and is left out.'])
  })
})

describe('tables of more', () => {
  const names = ['1', '2', '3', '4', '5', '6']
  const pictures = (folder = '') => Object.fromEntries(names.map((name, i) => [`${folder}${name}.png`, small(i)]))
  const table = (head: string, row: (i: number) => string) => [head, ...names.map((_, i) => row(i))].join('\n')
  const target = async (files: Files, options?: object) => {
    const { data, warnings, ...rest } = await read(files, options)
    if ('columns' in data) throw new Error('expected examples')
    const { target, parts, targets } = data
    return { target, parts, targets: Array.from(targets), names: data.names, says: messages(warnings), ...rest }
  }

  test('say which columns are not used, and another one can be chosen', async () => {
    const files = { ...pictures(), 'l.csv': table('file,label,age', (i) => `${i + 1}.png,${i % 2 ? 'a' : 'b'},${i}.5`) }
    const guessed = await target(files)
    expect(guessed.target).toEqual({ kind: 'classes', names: ['a', 'b'] })
    expect(guessed.says).toEqual([
      'Column 3 "age" of l.csv is not used; the labels are those of "label". If it holds the labels, give its number as Label column.',
    ])
    const chosen = await target(files, { label: 3 })
    expect(chosen.target).toEqual({ kind: 'numbers', names: ['age'] })
    expect(chosen.targets).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    expect(await messageOf(read(files, { label: 1 }))).toBe(
      'Column 1 of l.csv names the pictures; its columns are 1 "file", 2 "label", 3 "age".',
    )
    expect(await messageOf(read(files, { label: 4 }))).toBe(
      'Column 4 of l.csv is not there; its columns are 1 "file", 2 "label", 3 "age".',
    )
  })

  test('of yes and no in several columns are labels of which any may hold', async () => {
    const row = (i: number) => `${i + 1}.png,${i % 2 ? 1 : -1},${i > 2 ? 1 : -1}`
    const {
      target: found,
      targets,
      says,
      facts,
    } = await target({ ...pictures(), 'l.csv': table('id,Smiling,Young', row) })
    expect(found).toEqual({ kind: 'numbers', names: ['Smiling', 'Young'], labels: true })
    expect(targets).toEqual([0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1])
    expect(says).toEqual([])
    expect(facts.find(({ label }) => label === 'Labels')?.value).toBe(
      'columns "Smiling", "Young", of which any may hold at once, of l.csv, where column "id" names the pictures',
    )
  })

  test('of several amounts are numbers to predict', async () => {
    const row = (i: number) => `${i + 1}.png,${i}.5,${-i}.25`
    const { target: found, targets } = await target({ ...pictures(), 'l.csv': table('image,x,y_pos', row) })
    expect(found).toEqual({ kind: 'numbers', names: ['x', 'y_pos'] })
    expect(targets).toEqual([0.5, 0.25, 1.5, -1.25, 2.5, -2.25, 3.5, -3.25, 4.5, -4.25, 5.5, -5.25])
  })

  test('with many whole numbers are amounts, unless a column of labels counts through them', async () => {
    const many = Array.from({ length: 60 }, (_, i) => i)
    const files = Object.fromEntries(many.map((i) => [`${i}.png`, small(i % 24)]))
    const of = (head: string) =>
      target({ ...files, 'l.csv': [head, ...many.map((i) => `${i}.png,${i % 25}`)].join('\n') })
    expect((await of('file,count')).target).toEqual({ kind: 'numbers', names: ['count'] })
    expect((await of('file,ClassId')).target.names).toHaveLength(25)
  })

  test('take no name of its own for a class where another column repeats', async () => {
    const many = Array.from({ length: 30 }, (_, i) => i)
    const files = Object.fromEntries(many.map((i) => [`${i}.png`, small(i % 24)]))
    const rows = many.map((i) => `${i}.png,person${i},${i % 3 ? 'well' : 'ill'}`)
    const found = await target({ ...files, 'l.csv': ['image,patient,dx', ...rows].join('\n') })
    expect(found.target).toEqual({ kind: 'classes', names: ['ill', 'well'] })
  })

  test('that name more pictures than a column holds say how many have no label', async () => {
    const more = Array.from({ length: MAX_TEXTS + 3 }, (_, i) => `x${i}.png,a`)
    const rows = ['1.png,a', '2.png,b', '3.png,b', ...more].join('\n')
    const { bad, names: taken } = await target({ ...pictures(), 'l.csv': `file,label\n${rows}\n` })
    expect(taken).toEqual(['1.png', '2.png', '3.png'])
    expect(messages(bad.problems.slice(0, 2))).toEqual([
      'l.csv names more pictures than the 100000 that a table can: 6 rows at its end give none a label. Use fewer pictures, or a folder for each class.',
      'l.csv line 5: there is no picture "x0.png".',
    ])
    // Each row that names no picture, and one problem for those at the end.
    expect(bad.skipped).toBe(MAX_TEXTS - 3 + 1)
  })

  test('of numbers are passed over where folders are classes, unless they are asked for', async () => {
    const row = (i: number) => `${i + 1}.png,${i}.5`
    const files = { ...pictures('cats/'), 'dogs/7.png': small(7), 'sizes.csv': table('file,width', row) }
    const found = await target(files)
    expect(found.target).toEqual({ kind: 'classes', names: ['cats', 'dogs'] })
    expect(found.says).toEqual([
      'sizes.csv names pictures, too, with numbers (1 column: 2 "width"), and is left out: the classes are the folders. To predict such a number give its column as Label column.',
    ])
    expect((await target(files, { label: 2 })).target).toEqual({ kind: 'numbers', names: ['width'] })
  })

  test('name pictures in the column that names the most of them, by texts rather than by numbers', async () => {
    // Widths name 1.png and 2.png again and again, ranks name all of them.
    const row = (i: number) => `${i % 2 ? 1 : 2},${6 - i},${i + 1}.png,${i % 2 ? 'a' : 'b'}`
    const found = await target({ ...pictures(), 'l.csv': table('width,rank,path,label', row) })
    expect(found.target).toEqual({ kind: 'classes', names: ['a', 'b'] })
    expect(found.targets).toEqual([1, 0, 1, 0, 1, 0])
  })

  test('may have a column with the part', async () => {
    const row = (i: number) => `${i + 1}.png,${i % 2 ? 'a' : 'b'},${['train', 'Valid', 'test'][i % 3]}`
    const found = await target({ ...pictures(), 'l.csv': table('file,label,split', row) })
    expect(found.parts).toEqual({ names: ['train', 'val', 'test'], of: Uint8Array.of(0, 1, 2, 0, 1, 2) })
    expect(found.says).toEqual([])
  })

  test('of tags say that each combination is a class', async () => {
    const tags = ['haze road', 'haze', 'road', 'haze road', 'road', 'haze']
    const found = await target({ ...pictures(), 'l.csv': table('file,tags', (i) => `${i + 1}.png,${tags[i]}`) })
    expect(found.target.names).toEqual(['haze', 'haze road', 'road'])
    expect(found.says).toEqual([
      'Labels such as "haze road" in column "tags" look like several tags, and each of the 3 combinations is a class of its own; to tell tag by tag, give each of the 2 a column of 0 and 1.',
    ])
  })

  const labelled = table('id,label', (i) => `${i + 1}.png,${i % 2 ? 'cat' : 'dog'}`)
  test('mean the pictures of their part where others have the same names', async () => {
    const files = { ...pictures('train_images/'), ...pictures('test_images/'), 'train.csv': labelled }
    const found = await target(files)
    expect(found.target).toEqual({ kind: 'classes', names: ['cat', 'dog'] })
    expect(found.names).toEqual(names.map((name) => `train_images/${name}.png`))
    expect(found.parts).toBeUndefined()
    expect(found.says).toEqual([
      'train.csv names no label for 6 pictures, which are left out: test_images/1.png, test_images/2.png, test_images/3.png, test_images/4.png, test_images/5.png and 1 more.',
    ])
    const beside = { ...pictures('a/'), ...pictures('b/'), 'b/labels.csv': labelled }
    expect((await target(beside)).names).toEqual(names.map((name) => `b/${name}.png`))
  })

  test('several: the one with labels is used, and of each other one it is said why not', async () => {
    const files = {
      ...pictures('train/'),
      'test/7.png': small(7),
      'train.csv': labelled,
      'test.csv': 'id\n7.png\n',
      'sample_submission.csv': 'id,label\n7.png,cat\n',
      'notes.csv': 'when,what\nmonday,rain\n',
    }
    const found = await target(files)
    expect(found.target).toEqual({ kind: 'classes', names: ['cat', 'dog'] })
    expect(found.names).toHaveLength(6)
    expect(found.parts).toBeUndefined()
    expect(found.says).toEqual([
      'notes.csv names none of the pictures and is left out.',
      'test.csv names pictures but has no column with labels, and is left out.',
      'sample_submission.csv is an example of answers by its name, so it is left out: the labels are those of train.csv.',
      'train.csv names no label for 1 picture, which is left out: test/7.png.',
    ])
  })

  test('of the same columns for several parts are used together', async () => {
    const rows = (label: (i: number) => string) => table('id,label', (i) => `${i + 1}.png,${label(i)}`)
    const found = await target({
      ...pictures('train/'),
      ...pictures('test/'),
      'train.csv': rows((i) => (i % 2 ? 'cat' : 'dog')),
      'test.csv': rows((i) => (i < 3 ? 'cat' : 'dog')),
    })
    expect(found.names?.[0]).toBe('test/1.png')
    expect(found.targets).toEqual([0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0])
    expect(found.parts).toEqual({ names: ['train', 'test'], of: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0) })
    expect(found.says).toEqual([
      '6 pictures are exact copies of another one.',
      expect.stringContaining('another label'),
    ])
  })
})

test('lists say the parts', async () => {
  const files = {
    'set/cats/1.png': small(1),
    'set/cats/2.png': small(2),
    'set/dogs/1.png': small(3),
    'set/dogs/2.png': small(4),
    'set/testing_list.txt': 'cats/1.png\ndogs/1.png\n',
    'set/test_notes.txt': 'this was\na fine day\n',
  }
  const { data, warnings, facts } = await read(files)
  expect((data as RawExamples).parts).toEqual({ names: ['train', 'test'], of: Uint8Array.of(1, 0, 1, 0) })
  expect(facts.find(({ label }) => label === 'Parts')?.value).toBe('train 2, test 2, by set/testing_list.txt')
  expect(messages(warnings)).toEqual(['1 file is no picture: set/test_notes.txt.'])
})

describe('sizes', () => {
  test('are proposed: that of half of the pictures, or a square', async () => {
    const of = (height: number, width: number, n: number) => greyPng(width, height, (i) => (i * n) & 255)
    expect(
      (await examples({ 'a/1.png': of(20, 30, 1), 'b/1.png': of(20, 30, 2), 'b/2.png': of(9, 9, 3) })).shape,
    ).toEqual([20, 30, 1])
    expect(
      (await examples({ 'a/1.png': of(20, 30, 1), 'b/1.png': of(22, 35, 2), 'b/2.png': of(40, 25, 3) })).shape,
    ).toEqual([22, 22, 1])
    expect((await examples({ 'a/1.png': of(200, 300, 1), 'b/1.png': of(200, 300, 2) })).shape).toEqual([64, 64, 1])
  })

  test('are as the person says', async () => {
    const bytes = picture('jpeg 2x2 33x35').bytes
    const data = await examples(
      { 'a/1.jpg': bytes, 'b/1.png': small(1) },
      { size: [8, 12], colour: 'rgb', fit: 'pad', background: 'grey' },
    )
    expect(data.shape).toEqual([8, 12, 3])
    const expected = new Uint8Array(8 * 12 * 3)
    const decoded = await decodePicture({ file: 'x', bytes })
    fitInto(decoded.pixels, { height: 8, width: 12, channels: 3, fit: 'pad', background: 128 }, expected)
    expect(pixels(data, 0)).toEqual(Array.from(expected))
    expect(pixels(data, 0).slice(0, 3)).toEqual([128, 128, 128])
  })

  test('need both numbers', async () => {
    const said = await messageOf(read({ 'a/1.png': small(1), 'b/1.png': small(2) }, { size: [8, 0] }))
    expect(said).toBe('Size is 8 × 0: give both height and width, or 0 for both.')
  })

  test('that take too much memory are refused before it is taken, with one that fits', async () => {
    const bytes = small(1)
    const files = Array.from({ length: 3000 }, (_, i) => memoryFile(`${i % 2}/${i}.png`, bytes))
    const said = await messageOf(read(files, { size: [1024, 1024], colour: 'rgb' }))
    expect(said).toBe(
      '3000 pictures of 1024 × 1024 with 3 channels take 9.44 GB; a set may have 2.15 GB at most. Set Size to 488 × 488 or less.',
    )
    expect(3000 * 488 * 488 * 3).toBeLessThanOrEqual(MAX_EXAMPLE_BYTES)
    expect(3000 * 489 * 489 * 3).toBeGreaterThan(MAX_EXAMPLE_BYTES)
  })
})

describe('colour', () => {
  const colourful = rgbPng(2, 2, (i) => i * 20)
  const grey = rgbPng(2, 2, (i) => Math.floor(i / 3) * 20)

  test('is grey where all pictures are', async () => {
    expect((await examples({ 'a/1.png': grey, 'b/1.png': small(1) })).shape).toEqual([2, 2, 1])
    expect((await examples({ 'a/1.png': colourful, 'b/1.png': small(1) })).shape).toEqual([2, 2, 3])
    expect((await examples({ 'a/1.png': colourful, 'b/1.png': small(1) }, { colour: 'grey' })).shape).toEqual([2, 2, 1])
    expect((await examples({ 'a/1.png': grey, 'b/1.png': small(1) }, { colour: 'rgb' })).shape).toEqual([2, 2, 3])
  })

  test('of a transparent picture is that of the background', async () => {
    const clear = picture('png rgba 8')
    const options = (background: string) => ({ size: [clear.height, clear.width], background, colour: 'rgb' })
    const files = { 'a/1.png': clear.bytes, 'b/1.png': small(1) }
    const white = pixels(await examples(files, options('white')), 0)
    const black = pixels(await examples(files, options('black')), 0)
    for (let i = 0; i < clear.width * clear.height; i++) {
      const alpha = at(clear.pixels, 4 * i + 3)
      expect(Math.abs(at(white, 3 * i) - at(black, 3 * i) - (255 - alpha))).toBeLessThanOrEqual(1)
    }
  })
})

describe('what is said', () => {
  test('of a set of all kinds', async () => {
    const result = await read({
      'cats/1.jpg': picture('jpeg orientation 6').bytes,
      'cats/2.png': picture('png orientation 1').bytes,
      'cats/.DS_Store': 'x',
      'dogs/1.webp': picture('webp lossy alpha').bytes,
      'dogs/2.bmp': bmp({ width: 20, height: 12, bits: 24 }),
      'dogs/3.png': picture('png orientation 1').bytes,
      'dogs/4.gif': 'GIF89a',
      'dogs/5.jpg': picture('jpeg orientation 6').bytes.subarray(0, 600),
    })
    expect(factsOf(result)).toEqual({
      Pictures: '5',
      Classes: '2: cats, dogs',
      Labels: 'by folder',
      Sizes: '12 × 20 … 20 × 25; 12 × 20 is most frequent (60 %)',
      Formats: 'PNG 2, JPEG 1, WebP 1, BMP 1',
      Colours: 'RGB (2), YCbCr (1), lossy with alpha (1), RGB, 24 bits (1)',
      'Read as': '12 × 20, RGB',
      Resized: '2, their middle is kept',
      'Turned by EXIF': '1',
      'Passed over': '1 file of the system (.DS_Store)',
    })
    expect(messages(result.bad.problems)).toHaveLength(2)
    expect(result.bad).toMatchObject({ skipped: 2, repaired: 0 })
    expect(result.bad.problems.map(({ place }) => place?.file)).toEqual(['dogs/4.gif', 'dogs/5.jpg'])
    expect(messages(result.warnings)).toEqual([
      '1 picture is an exact copy of another one.',
      '1 copy has another label than the picture itself: cats/2.png (cats) = dogs/3.png (dogs).',
    ])
  })

  test('bad pictures are listed in order, exactly, and the others are where they belong', async () => {
    const files: Record<string, Uint8Array> = {}
    const wrong: string[] = []
    for (let i = 100; i < 300; i++) {
      const name = `${i % 3}/${i}.png`
      const bytes = small(i % 24)
      const broken = [bytes.subarray(0, 50), new Uint8Array(), patched(bytes, 20, 9), patched(bytes, 43, 255, 1)]
      if (i % 7 === 0) wrong.push(name)
      files[name] = i % 7 === 0 ? at(broken, i % 4) : bytes
    }
    const { data, bad } = await read(files)
    if ('columns' in data) throw new Error('expected examples')
    expect(bad.problems.map(({ place }) => place?.file)).toEqual(wrong.sort())
    expect(bad.skipped).toBe(wrong.length)
    expect(data.count).toBe(200 - wrong.length)
    expect(data.features.length).toBe(data.count * 4)
    for (let i = 0; i < data.count; i++) {
      const n = Number(/(\d+)\.png/.exec(at(data.names ?? [], i))?.[1])
      expect(pixels(data, i)[0]).toBe(10 * (n % 24))
      expect(at(data.target.names, at(data.targets, i))).toBe(String(n % 3))
    }
  })
})

describe('a job', () => {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`${i % 2}/${i}.jpg`, picture('jpeg noise progressive').bytes]),
  )

  test('gets its turn and learns how much is done', async () => {
    const shares: number[] = []
    let pauses = 0
    const job: Job = {
      pause: () => {
        pauses++
        return Promise.resolve()
      },
      progress: (share) => shares.push(share),
    }
    await read(files, { size: [40, 40] }, job)
    expect(pauses).toBeGreaterThan(1)
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  })

  test('that is given up ends at once', async () => {
    // Every picture takes long.
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 100))
    onTestFinished(() => void vi.restoreAllMocks())
    let pauses = 0
    const job: Job = {
      pause: () => (++pauses > 2 ? Promise.reject(new Error('given up')) : Promise.resolve()),
      progress: () => undefined,
    }
    await expect(read(files, {}, job)).rejects.toThrow('given up')
    expect(pauses).toBe(3)
  })
})

test('no picture at all is said', async () => {
  const said = await messageOf(read({ 'a/notes.txt': 'x', 'a/.DS_Store': 'y' }))
  expect(said).toBe(
    'There is no picture among these files (PNG, JPEG, WebP, GIF or BMP); choose the folder that holds them.',
  )
})

test('folders and single pictures are for this reader, tables and sounds are not', () => {
  const accepts = (files: Files) => reader.accepts(filesOf(files))
  expect(accepts({ 'cats/1.png': small(1), 'dogs/1.png': small(2) })).toBe(true)
  expect(accepts({ 'a/1': small(1) })).toBe(true)
  expect(accepts({ 'a/1.jpg': '<html>' })).toBe(true)
  const tables = { 'labels.csv': 'a,b', 'other.csv': 'a,b' }
  expect(accepts({ '1.png': small(1), '2.png': small(2), ...tables, '.DS_Store': 'x', 'Thumbs.db': 'x' })).toBe(true)
  // Several tables, with a drawing beside them.
  expect(accepts({ '1.png': small(1), ...tables })).toBe(false)
  expect(accepts({ 'labels.csv': 'a,b' })).toBe(false)
  expect(accepts({ 'a/1.wav': 'RIFF', 'b/1.wav': 'RIFF', 'cover.png': small(1) })).toBe(false)
  expect(accepts({})).toBe(false)
})
