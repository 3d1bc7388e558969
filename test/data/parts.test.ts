import { describe, expect, test } from 'vitest'
import { isTable, prepare, preview, readFiles, asSource, proposeSource } from '../../src/data/index.ts'
import { atOnce } from '../../src/data/numbers.ts'
import { learnExamples } from '../../src/data/preparation/examples.ts'
import type { DataFile, HeldExamples, LoadedSource, Proposal } from '../../src/data/types.ts'
import { variedOf } from '../../src/data/varied.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { partIn, splitByAnyParts, splitByParts, withSource } from '../../src/document/parts.ts'
import type { DataSection, ExamplesSource, SplitRecipe } from '../../src/document/types.ts'
import { fileOf, idxBytes, messages, referenceOf, sectionOf, tableOf, valueOf } from './files.ts'
import { npyBytes } from './npy.ts'
import { greyPng } from './pictures/make.ts'
import { pcm16, wavBytes } from './sounds.ts'

async function open(files: readonly DataFile[]): Promise<{ proposal: Proposal; loaded: LoadedSource }> {
  const opened = valueOf(await readFiles(files))
  const proposal = valueOf(proposeSource(opened, files.map(referenceOf)))
  return { proposal, loaded: valueOf(asSource(proposal.source, opened)) }
}

/** Of each example, in which pixel it has its number. */
const picture = (n: number) => greyPng(2, 2, (i) => 4 * n + i)
const folder = (...paths: readonly string[]) => paths.map((path, i) => fileOf(`set/${path}`, picture(i)))
/** `count` pictures of one pixel from `first` on, and labels that alternate. */
const pair = (name: string, count: number, first = 0) => [
  fileOf(
    `${name}-images-idx3-ubyte`,
    idxBytes(
      [count, 1, 1],
      Array.from({ length: count }, (_, i) => first + i),
    ),
  ),
  fileOf(
    `${name}-labels-idx1-ubyte`,
    idxBytes(
      [count],
      Array.from({ length: count }, (_, i) => i % 2),
    ),
  ),
]

const says = ({ facts }: Proposal) => facts.find(({ label }) => label === 'Split')?.value
const rowsOf = (loaded: LoadedSource, section: DataSection) => {
  const { train, validation, warnings } = valueOf(prepare(loaded.data, section))
  return { train: [...(train.rows ?? [])], validation: [...(validation.rows ?? [])], warnings }
}
const splitWith = ({ source }: Proposal, split: Partial<SplitRecipe>) =>
  sectionOf(source, { split: { validation: 0.25, seed: 1, ...split } })

describe('names', () => {
  test.each([
    ['train', 'train'],
    ['Training', 'train'],
    ['x_train.npy', 'train'],
    ['t10k', 'test'],
    ['cats-validation', 'validation'],
    ['val', 'validation'],
    ['my.test.idx', 'test'],
    ['training_set', 'train'],
    ['val2017', 'validation'],
    ['publicTest', 'test'],
    ['restrained', undefined],
    ['2017', undefined],
    ['part-0', undefined],
    ['train and test', undefined],
    ['', undefined],
  ])('%s: %s', (name, part) => expect(partIn(name)).toBe(part))

  test('propose a split where one trains and another one is not to be learnt from', () => {
    expect(splitByParts(['train', 'val', 'test'])).toEqual({ method: 'file' })
    expect(splitByParts(['train', 'test'])).toEqual({ method: 'file', parts: { test: 'validation' } })
    expect(splitByParts(['train', 'val', 'more'])).toEqual({ method: 'file', parts: { more: 'none' } })
    expect(splitByParts(['train', 'more'])).toBeUndefined()
    expect(splitByParts(['a', 'b'])).toBeUndefined()
    expect(splitByAnyParts(['a', 'b', 'c'])).toEqual({
      method: 'file',
      parts: { a: 'train', b: 'validation', c: 'validation' },
    })
    expect(splitByAnyParts(['train', 'b'])).toEqual({ method: 'file', parts: { b: 'validation' } })
    expect(splitByAnyParts(['a', 'test'])).toEqual({ method: 'file', parts: { a: 'train', test: 'validation' } })
  })

  test('go with the data that have them', () => {
    const { data } = emptyDocument()
    const { source } = data
    const parted = withSource(data, { source, split: { method: 'file', parts: { test: 'validation' } } })
    expect(parted.split).toEqual({ ...data.split, method: 'file', parts: { test: 'validation' } })
    expect(withSource(parted, { source, split: { method: 'file' } }).split).toEqual({ ...data.split, method: 'file' })
    expect(withSource(parted, { source })).toEqual(data)
    const timed: DataSection = { ...data, split: { ...data.split, method: 'time' } }
    const column = { name: 'when', role: 'time', kind: 'categorical' } as const
    const table = { kind: 'table', reader: 'csv', options: {}, files: [], columns: [column] } as const
    expect(withSource(timed, { source: table }).split).toEqual(timed.split)
    expect(withSource(timed, { source }).split).toEqual(data.split)
  })
})

describe('readers tell the parts', () => {
  test('of a folder of pictures; what is for validation keeps the test out', async () => {
    const { proposal, loaded } = await open(
      folder('test/a/0.png', 'train/a/1.png', 'train/b/2.png', 'val/a/3.png', 'val/b/4.png', 'train/a/5.png'),
    )
    expect(proposal.split).toEqual({ method: 'file' })
    expect(says(proposal)).toBe('train trains, val validates, test is left out')
    const { train, validation, warnings } = rowsOf(loaded, splitWith(proposal, proposal.split ?? {}))
    const { names } = loaded.data as HeldExamples
    expect(train.map((i) => names?.[i])).toEqual(['train/a/1.png', 'train/a/5.png', 'train/b/2.png'])
    expect(validation.map((i) => names?.[i])).toEqual(['val/a/3.png', 'val/b/4.png'])
    expect(warnings.map(({ message }) => message)).toEqual(['1 example of "test" neither trains nor validates.'])
    expect(preview(loaded).parts).toEqual([
      { name: 'train', count: 3 },
      { name: 'val', count: 2 },
      { name: 'test', count: 1 },
    ])
    // Pictures that are shown varied are those that train.
    const { pictures } = await variedOf(loaded.data, splitWith(proposal, { method: 'file' }))
    expect(pictures.map(({ looks }) => looks[0]?.[0])).toEqual([4, 20, 8])
  })

  test('of folders beside a table with the labels', async () => {
    const labels = fileOf('set/labels.csv', 'file,label\ntrain/1.png,x\ntrain/2.png,y\ntest/3.png,x\n')
    const { proposal } = await open([...folder('train/1.png', 'train/2.png', 'test/3.png'), labels])
    expect(says(proposal)).toBe('train trains, test validates')
  })

  test('of the four files of MNIST', async () => {
    const { proposal, loaded } = await open([...pair('t10k', 3, 100), ...pair('train', 5)])
    expect(proposal.split).toEqual({ method: 'file', parts: { t10k: 'validation' } })
    expect(says(proposal)).toBe('train trains, t10k validates')
    const { train, validation, warnings } = rowsOf(loaded, splitWith(proposal, proposal.split ?? {}))
    expect([train, validation]).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7],
    ])
    expect(warnings).toEqual([])
  })

  test('of arrays by their names', async () => {
    const x = (part: string, count: number) =>
      fileOf(
        `x_${part}.npy`,
        npyBytes(
          '<f4',
          [count, 2],
          Array.from({ length: 2 * count }, (_, i) => i + count),
        ),
      )
    const y = (part: string, count: number) =>
      fileOf(
        `y_${part}.npy`,
        npyBytes(
          '<i4',
          [count],
          Array.from({ length: count }, (_, i) => i % 2),
        ),
      )
    const { proposal, loaded } = await open([x('val', 2), y('val', 2), x('train', 4), y('train', 4)])
    expect(proposal.split).toEqual({ method: 'file' })
    expect(rowsOf(loaded, splitWith(proposal, { method: 'file' }))).toMatchObject({
      train: [0, 1, 2, 3],
      validation: [4, 5],
    })
  })

  test('of sounds by lists of names; folders that begin with _ are no classes', async () => {
    const sound = (path: string, i: number) => fileOf(`set/${path}`, wavBytes({ body: pcm16([i + 1, 2, 3]) }))
    const lists = [
      fileOf('set/validation_list.txt', 'yes/1.wav\nno/1.wav\n'),
      fileOf('set/testing_list.txt', 'no/2.wav\n'),
    ]
    const paths = ['yes/1.wav', 'yes/2.wav', 'no/1.wav', 'no/2.wav', 'no/3.wav', '_noise_/a.wav']
    const { proposal, loaded } = await open([...paths.map(sound), ...lists])
    const { target, names, parts } = loaded.data as HeldExamples
    expect(target.names).toEqual(['no', 'yes'])
    expect(names).toEqual(['no/1.wav', 'no/2.wav', 'no/3.wav', 'yes/1.wav', 'yes/2.wav'].map((name) => `set/${name}`))
    expect(parts).toEqual({ names: ['train', 'val', 'test'], of: Uint8Array.of(1, 2, 0, 1, 0) })
    expect(proposal.facts).toContainEqual({
      label: 'Parts',
      value: 'by set/testing_list.txt, set/validation_list.txt',
    })
    expect(proposal.warnings.map(({ message }) => message)).toEqual([
      'The folder set/_noise_ is no class, since its name begins with _; its 1 recording is left out. Rename it if it is one.',
    ])
  })

  test('of folders of sounds around those of the classes', async () => {
    const sound = (path: string) => fileOf(`words/${path}`, wavBytes())
    const { proposal } = await open(['train/no/1.wav', 'train/yes/1.wav', 'test/no/2.wav'].map(sound))
    expect(proposal.split).toEqual({ method: 'file', parts: { test: 'validation' } })
    // These are classes, but sound like parts.
    const classes = await open(['train/1.wav', 'test/1.wav'].map(sound))
    expect(classes.proposal.split).toBeUndefined()
    expect(classes.proposal.warnings[0]?.message).toMatch(/^Classes test, train sound like parts of the set/)
  })

  test('and one pair alone has none', async () => {
    const { proposal, loaded } = await open(pair('train', 6))
    expect(proposal.split).toBeUndefined()
    expect(says(proposal)).toBeUndefined()
    expect(preview(loaded).parts).toBeUndefined()
  })
})

describe('a split by parts', () => {
  const given = () => open([...pair('first', 4), ...pair('second', 3, 50)])

  test('goes by the recipe where names say nothing', async () => {
    const { proposal, loaded } = await given()
    expect(proposal.split).toBeUndefined()
    const recipe = { method: 'file', parts: { first: 'validation', second: 'train' } } as const
    expect(rowsOf(loaded, splitWith(proposal, recipe))).toMatchObject({ train: [4, 5, 6], validation: [0, 1, 2, 3] })
  })

  test('says what it lacks', async () => {
    const { proposal, loaded } = await given()
    const refusal = (split: Partial<SplitRecipe>) => messages(prepare(loaded.data, splitWith(proposal, split)))
    expect(refusal({ method: 'file' })).toEqual([
      '"first", "second" do not say by their names whether they train or validate; set it in the split.',
    ])
    expect(refusal({ method: 'file', parts: { first: 'train' } })).toEqual([
      '"second" does not say by its name whether it trains or validates; set it in the split.',
    ])
    expect(refusal({ method: 'file', parts: { first: 'validation', second: 'none' } })).toEqual([
      'No part with examples is for training; set in the split which of "first", "second" trains.',
    ])
    const parts = { first: 'train', second: 'none', third: 'validation' } as const
    const { warnings } = rowsOf(loaded, splitWith(proposal, { method: 'file', parts }))
    expect(warnings.map(({ message }) => message)).toEqual([
      '3 examples of "second" neither train nor validate.',
      'The split says what "third" is for, but the parts of the data are "first", "second".',
      'No part validates, so nothing tells how good the network is on what it has not seen; set one in the split.',
    ])
  })

  test('is refused of data without parts', async () => {
    const { proposal, loaded } = await open(pair('train', 6))
    const split = { validation: 0.2, seed: 1, method: 'file' } as const
    expect(messages(prepare(loaded.data, splitWith(proposal, split)))).toEqual([
      'The split is by files or folders, and train-images-idx3-ubyte has no parts such as train and test; split in another way.',
    ])
    const table = await tableOf('a,b\n1,x\n2,y\n3,x\n4,y\n')
    expect(messages(prepare(table, sectionOf(table.source, { split })))).toEqual([
      'The split is by files or folders, and data.csv has no parts such as train and test; split in another way.',
    ])
  })

  test('names parts that have become empty', async () => {
    const { proposal, loaded } = await given()
    const { data } = loaded
    if (isTable(data) || !data.parts) throw new Error('no parts')
    const raw = { ...data, parts: { names: ['train', 'val', 'test'], of: data.parts.of.map((code) => 2 * code) } }
    const section = splitWith(proposal, { method: 'file' })
    const { warnings } = atOnce(learnExamples(raw, section, 1e9)).data
    expect(warnings.map(({ message }) => message)).toEqual([
      '3 examples of "test" neither train nor validate.',
      '"val" has no example that can be used.',
      'No part validates, so nothing tells how good the network is on what it has not seen; set one in the split.',
    ])
  })

  test('says what stands on both sides', async () => {
    const { proposal, loaded } = await open([...pair('train', 5), ...pair('val', 3, 4)])
    const { warnings } = rowsOf(loaded, splitWith(proposal, proposal.split ?? {}))
    expect(warnings.map(({ code }) => code)).toEqual(['split.leak'])
    expect(warnings[0]?.message).toContain('1 of 3 validation examples equals a training example (example 6)')
    // Control: the next picture on is another one.
    const apart = await open([...pair('train', 5), ...pair('val', 3, 5)])
    expect(rowsOf(apart.loaded, splitWith(apart.proposal, apart.proposal.split ?? {})).warnings).toEqual([])
  })

  test('learns nothing from what it leaves out', async () => {
    const section = (source: ExamplesSource) =>
      sectionOf(source, { split: { validation: 0.2, seed: 1, method: 'file' } })
    const meanOf = async (files: readonly DataFile[]) => {
      const { proposal, loaded } = await open(files)
      return valueOf(prepare(loaded.data, section(proposal.source as ExamplesSource))).fitted.columns[0]?.mean
    }
    const train = pair('train', 4)
    const mean = await meanOf([...train, ...pair('test', 4, 100)])
    expect(mean).toBe(1.5)
    expect(await meanOf([...train, ...pair('test', 4, 200)])).toBe(mean)
    expect(await meanOf([...pair('train', 4, 1), ...pair('test', 4, 100)])).toBe(2.5)
  })
})
