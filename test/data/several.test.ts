/** Tables that come in several files: they are the same rows in one file, and each row is still found in its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { unwatched } from '../../src/data/files.ts'
import {
  applyPreparation,
  asSource,
  findReader,
  isTable,
  prepare,
  preview,
  proposeSource,
  readFiles,
  samplesOf,
} from '../../src/data/index.ts'
import { PredictionLines, questionsOf } from '../../src/data/predictions.ts'
import { naturalOrder } from '../../src/data/table/files.ts'
import { fileOf as fileOfRow } from '../../src/data/table/table.ts'
import type { DataFile, Job, LoadedTable, PreparedData, Proposal } from '../../src/data/types.ts'
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { withSource } from '../../src/document/parts.ts'
import type { DataSection, SplitRecipe, TableSource } from '../../src/document/types.ts'
import { Scratch } from '../../src/node/scratch.ts'
import { cellsOf, fileOf, messages, placesOf, referenceOf, sectionOf, valueOf } from './files.ts'
import { byteArray, double, page, parquetBytes } from './parquet.ts'
import { greyPng } from './pictures/make.ts'

interface Opened {
  readonly proposal: Proposal
  readonly loaded: LoadedTable
  readonly source: TableSource
}

async function open(files: readonly DataFile[], options = {}, job: Job = unwatched): Promise<Opened> {
  const opened = valueOf(await readFiles(files, { options, job }))
  const proposal = valueOf(proposeSource(opened, files.map(referenceOf)))
  const loaded = valueOf(asSource(proposal.source, opened)).data
  if (!isTable(loaded) || proposal.source.kind !== 'table') throw new Error('no table')
  return { proposal, loaded, source: proposal.source }
}

/** Flowers that follow a rule of ours, so that none is like another. */
const rows = Array.from({ length: 30 }, (_, i) => ({
  height: Math.round(1000 * Math.sin(i + 1)) / 100,
  soil: ['sand', 'clay', 'loam'][i % 3] ?? '',
  y: (i * 7) % 5 < 2 ? 'a' : 'b',
}))
type Row = (typeof rows)[number]

const csv = (some: readonly Row[]) =>
  ['height,soil,y', ...some.map(({ height, soil, y }) => `${height},${soil},${y}`)].join('\n')
/** The same in other signs and in another order. */
const other = (some: readonly Row[]) =>
  ['y;height;soil', ...some.map(({ height, soil, y }) => `${y};${String(height).replace('.', ',')};${soil}`)].join(
    '\r\n',
  )
const lines = (some: readonly Row[]) => some.map((row) => JSON.stringify(row)).join('\n')
const turned = (some: readonly Row[]) => JSON.stringify(some.map(({ height, soil, y }) => ({ y, soil, height })))
const parquet = (some: readonly Row[], order: readonly (keyof Row)[]) =>
  parquetBytes(
    order.map((name) => {
      const isNumber = name === 'height'
      const body = isNumber
        ? double(...some.map(({ height }) => height))
        : byteArray(...some.map((row) => `${row[name]}`))
      const kind = isNumber ? { type: 5 } : { type: 6, converted: 0 }
      return { name, ...kind, pages: [page({ body, values: some.length })] }
    }),
    { rows: some.length },
  )

const cut = [rows.slice(0, 13), rows.slice(13, 14), rows.slice(14)] as const
const ways: readonly [string, readonly DataFile[], DataFile][] = [
  [
    'CSV',
    [fileOf('s/10.csv', other(cut[2])), fileOf('s/2.csv', other(cut[1])), fileOf('s/1.csv', csv(cut[0]))],
    fileOf('all.csv', csv(rows)),
  ],
  [
    'JSON',
    [fileOf('s/10.json', turned(cut[2])), fileOf('s/2.jsonl', lines(cut[1])), fileOf('s/1.jsonl', lines(cut[0]))],
    fileOf('all.jsonl', lines(rows)),
  ],
  [
    'Parquet',
    [
      fileOf('s/10.parquet', parquet(cut[2], ['y', 'height', 'soil'])),
      fileOf('s/2.parquet', parquet(cut[1], ['soil', 'y', 'height'])),
      fileOf('s/1.parquet', parquet(cut[0], ['height', 'soil', 'y'])),
    ],
    fileOf('all.parquet', parquet(rows, ['height', 'soil', 'y'])),
  ],
]

/** Everything that training gets. */
const feed = ({ train, validation, fitted, target, shape }: PreparedData) => {
  const part = ({ features, targets, rows = new Uint32Array() }: PreparedData['train']) => ({
    features: [...(features as Float32Array)],
    targets: [...targets],
    rows: [...rows],
  })
  // Files may each write their numbers in a way of their own.
  const { decimal: _, ...learnt } = fitted
  return { train: part(train), validation: part(validation), fitted: learnt, target, shape }
}

describe.each(ways)('several files: %s', (_, files, one) => {
  test('are the same table, split and statistics as one file with their rows', async () => {
    const [many, single] = [await open(files), await open([one])]
    expect(cellsOf(many.loaded.table)).toEqual(cellsOf(single.loaded.table))
    expect(many.source.columns).toEqual(single.source.columns)
    const fed = (section: DataSection, { loaded }: Opened) => feed(valueOf(prepare(loaded, section)))
    for (const split of [
      { validation: 0.25, seed: 3 },
      { validation: 0.3, seed: 1, method: 'time' },
    ] as const) {
      const expected = fed(sectionOf(single.source, { split }), single)
      expect(fed(sectionOf(many.source, { split }), many)).toEqual(expected)
    }
    // Rows in another order would be seen.
    const wrong = await open([fileOf('s/1.csv', csv(cut[1])), fileOf('s/2.csv', csv([...cut[0], ...cut[2]]))])
    expect(cellsOf(wrong.loaded.table)).not.toEqual(cellsOf(single.loaded.table))
    expect(fed(sectionOf(wrong.source), wrong)).not.toEqual(fed(sectionOf(single.source), single))
  })

  test('leave each row with its own file and place, in whatever order they were given', async () => {
    const { loaded, proposal } = await open(files)
    const { table } = loaded
    const first = table.places.unit === 'line' ? 2 : 1
    const [a, b, c] = table.parts?.names ?? []
    expect([a, b, c].map((name) => name?.replace(/\..*/, ''))).toEqual(['1', '2', '10'])
    const found = placesOf(table).map((place, row) => [fileOfRow(table, row), place])
    const expected = cut.flatMap((some, i) => some.map((_, k) => [[a, b, c][i], k + first]))
    expect(found).toEqual(expected)
    expect(proposal.facts[0]).toEqual({ label: 'Files', value: `3: ${a} 13 rows, ${b} 1 row, ${c} 16 rows` })
    const turned = await open([...files].reverse())
    expect(cellsOf(turned.loaded.table)).toEqual(cellsOf(table))
    expect(turned.loaded.table.parts).toEqual(table.parts)
  })
})

test('are the same where memory does not hold them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'neuroloom-several-'))
  const store = new Scratch({ folder, budget: 0 }).open()
  try {
    const many = [1, 2, 3].map((i) =>
      fileOf(`${i}.csv`, csv(Array.from({ length: 20_000 }, (_, k) => rows[(k * i) % 30]!))),
    )
    const [held, stored] = [await open(many), await open(many, {}, { ...unwatched, store })]
    expect(stored.proposal.facts.map(({ label }) => label)).not.toEqual(held.proposal.facts.map(({ label }) => label))
    expect(cellsOf(stored.loaded.table)).toEqual(cellsOf(held.loaded.table))
    const { places, parts } = held.loaded.table
    expect(stored.loaded.table).toMatchObject({ places, parts })
    const split = {
      validation: 0.25,
      seed: 1,
      method: 'file',
      parts: { '1.csv': 'train', '2.csv': 'validation' },
    } as const
    const fed = ({ loaded, source }: Opened) =>
      feed(
        valueOf(
          prepare(loaded, sectionOf(source, { split: { ...split, parts: { ...split.parts, '3.csv': 'none' } } })),
        ),
      )
    expect(fed(stored)).toEqual(fed(held))
  } finally {
    store.forget()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('lines of CSV and of JSON count on their own', async () => {
  const { loaded } = await open([
    fileOf('1.jsonl', '{"a":1,"b":2}\n\n{"a":2,"b":3}'),
    fileOf('2.jsonl', '\n{"a":3,"b":4}'),
  ])
  expect(placesOf(loaded.table)).toEqual([1, 3, 2])
})

test('names are ordered as people count', () => {
  const names = ['part10.csv', 'b.csv', 'part2.csv', 'Part1.csv', 'part02.csv', '9', '10', 'a/2', 'a', 'part2b.csv']
  expect([...names].sort(naturalOrder)).toEqual([
    '9',
    '10',
    'a',
    'a/2',
    'b.csv',
    'Part1.csv',
    'part02.csv',
    'part2.csv',
    'part2b.csv',
    'part10.csv',
  ])
  const long = ['x99999999999999999999.csv', 'x100000000000000000000.csv']
  expect([...long].reverse().sort(naturalOrder)).toEqual(long)
})

describe('which files belong together', () => {
  const table = (name: string) => fileOf(name, csv(rows.slice(0, 4)))
  const type = (...files: readonly DataFile[]) => {
    const found = findReader(files)
    return found.ok ? found.value.type : messages(found)[0]
  }

  test('tables of one format, with a few other things beside them', () => {
    expect(type(table('a.csv'), table('b.tsv'))).toBe('csv')
    expect(type(table('f/a.csv'), table('f/b.csv'), fileOf('f/x.bin', [0, 1]))).toBe('csv')
    expect(type(table('f/a.csv'), fileOf('f/README.md', '# Flowers'), fileOf('f/LICENSE', 'Mine.'))).toBe('csv')
    expect(type(table('f/a.csv'), fileOf('f/.DS_Store', [0, 0]), fileOf('f/Thumbs.db', [1]))).toBe('csv')
    expect(type(table('f/part-0'), table('f/part-1'))).toBe('csv')
    expect(type(fileOf('1.jsonl', '{"a":1}'), fileOf('2.ndjson', '{"a":1}'))).toBe('jsonl')
    expect(type(fileOf('1.parquet', 'PAR1'), fileOf('2.pq', 'PAR1'))).toBe('parquet')
    expect(type(fileOf('a.txt', 'a,b\n1,2\n3,4\n'), fileOf('b.txt', 'a,b\n1,2\n3,4\n'))).toBe('csv')
  })

  test('not those of two formats, and nothing that is something else already', () => {
    expect(type(table('a.csv'), fileOf('b.jsonl', '{"a":1}'))).toBe(
      'a.csv and b.jsonl do not belong together; choose tables of one format, or the pictures and labels of one set.',
    )
    const picture = (name: string) => fileOf(name, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    expect(type(picture('f/1.png'), picture('f/2.png'), table('f/labels.csv'))).toBe('pictures')
    expect(type(picture('1.png'), table('labels.csv'))).toBe('pictures')
    expect(type(picture('f/plot.png'), table('f/a.csv'), table('f/b.csv'))).toBe('csv')
    expect(type(fileOf('a.txt', 'Once upon a time.\n'), fileOf('b.txt', 'There was a hen.\n'))).toBe('text')
  })

  test('as many single files as a document names', async () => {
    const pictures = Array.from({ length: 257 }, (_, i) =>
      fileOf(
        `${i}.png`,
        greyPng(1, 1, () => i % 256),
      ),
    )
    const opened = valueOf(await readFiles(pictures))
    const proposed = (count: number) => proposeSource(opened, pictures.slice(0, count).map(referenceOf))
    expect(messages(proposed(257))).toEqual([
      '257 files were given one by one, and a document names 256 at most; put them into a folder and choose that.',
    ])
    const { source } = valueOf(proposed(256))
    if (source.kind === 'table') throw new Error('a table')
    const named = { ...source, files: source.files.map((file) => ({ ...file, sha256: 'e'.repeat(64) })) }
    const document = { ...emptyDocument(), data: sectionOf(named) }
    expect(valueOf(parseDocument(formatDocument(document), 'd.json')).data.source).toEqual(named)
  })

  test('of very many only names are looked at', () => {
    let looked = 0
    const file = (name: string): DataFile => ({
      ...fileOf(name, 'x'),
      get head() {
        looked++
        return new Uint8Array()
      },
    })
    const folder = Array.from({ length: 2000 }, (_, i) => file(`f/${i}`))
    expect(findReader(folder.map((one, i) => ({ ...one, name: `f/${i}.csv` }))).ok).toBe(true)
    looked = 0
    const csv = findReader(Array.from({ length: 2000 }, (_, i) => file(`f/${i}.csv`)))
    expect(csv.ok && csv.value.type).toBe('csv')
    // Whether something is a picture, of which there are none.
    expect(looked).toBeLessThanOrEqual(3 * 2000)
  })
})

describe('a split by files', () => {
  const named = (a: string, b: string, c?: string) => [
    fileOf(a, csv(rows.slice(0, 18))),
    fileOf(b, csv(rows.slice(18, 26))),
    ...(c === undefined ? [] : [fileOf(c, csv(rows.slice(26)))]),
  ]
  const sides = (data: PreparedData, { table }: LoadedTable) => {
    const of = ({ rows = new Uint32Array() }: PreparedData['train']) => [
      ...new Set([...rows].map((row) => fileOfRow(table, row))),
    ]
    return { train: of(data.train), validation: of(data.validation) }
  }

  test('is proposed where their names tell it, and said', async () => {
    const { proposal, loaded, source } = await open(named('train.csv', 'test.csv'))
    expect(proposal.split).toEqual({ method: 'file', parts: { 'test.csv': 'validation' } })
    expect(proposal.facts.at(-1)).toEqual({ label: 'Split', value: 'train.csv trains, test.csv validates' })
    const section = withSource(sectionOf(source), proposal)
    const data = valueOf(prepare(loaded, section))
    expect(sides(data, loaded)).toEqual({ train: ['train.csv'], validation: ['test.csv'] })
    expect([data.train.count, data.validation.count]).toEqual([18, 8])
    expect((await open(named('jan.csv', 'feb.csv'))).proposal.split).toBeUndefined()
  })

  test('learns from what trains alone, as from that file by itself', async () => {
    const { proposal, loaded, source } = await open(named('train.csv', 'val.csv', 'test.csv'))
    const data = valueOf(prepare(loaded, withSource(sectionOf(source), proposal)))
    expect(sides(data, loaded)).toEqual({ train: ['train.csv'], validation: ['val.csv'] })
    expect(data.warnings.map(({ message }) => message)).toEqual([
      '4 examples of "test.csv" neither train nor validate.',
    ])
    const alone = await open([fileOf('alone.csv', csv(rows.slice(0, 18)))])
    const own = valueOf(prepare(alone.loaded, sectionOf(source, { split: { validation: 0, seed: 1 } })))
    expect(data.fitted).toEqual(own.fitted)
    expect([...data.train.features]).toEqual([...own.train.features])
    const drawn = valueOf(prepare(loaded, sectionOf(source)))
    expect(drawn.fitted).not.toEqual(own.fitted)
  })

  test('is what the document says, file by file', async () => {
    const { loaded, source } = await open(named('a.csv', 'b.csv', 'c.csv'))
    const splitBy = (parts: SplitRecipe['parts']) =>
      prepare(
        loaded,
        sectionOf(source, { split: { validation: 0.25, seed: 1, method: 'file', ...(parts && { parts }) } }),
      )
    const data = valueOf(splitBy({ 'a.csv': 'validation', 'b.csv': 'train', 'c.csv': 'train' }))
    expect(sides(data, loaded)).toEqual({ train: ['b.csv', 'c.csv'], validation: ['a.csv'] })
    expect(messages(splitBy(undefined))).toEqual([
      '"a.csv", "b.csv", "c.csv" do not say by their names whether they train or validate; set it in the split.',
    ])
    expect(messages(splitBy({ 'a.csv': 'none', 'b.csv': 'none', 'c.csv': 'validation' }))).toEqual([
      'No part with examples is for training; set in the split which of "a.csv", "b.csv", "c.csv" trains.',
    ])
  })

  test('counts rows that can be used, says what is equal on both sides, and keeps windows on one', async () => {
    const gone = ['height,soil,y', ',sand,a', ',clay,b'].join('\n')
    const files = [
      ...named('train.csv', 'valid.csv'),
      fileOf('test.csv', `${gone}\n`),
      fileOf('val.csv', csv([rows[3]!])),
    ]
    const { loaded, source } = await open(files)
    const section = sectionOf(source, {
      preparation: { scale: 'standardise', missing: 'skip' },
      split: { validation: 0.25, seed: 1, method: 'file' },
    })
    expect(valueOf(prepare(loaded, section)).warnings.map(({ message }) => message)).toEqual([
      'The table of 4 files: 2 rows lack a feature and are left out (test.csv line 2 and test.csv line 3).',
      'The table of 4 files: 1 of 9 validation rows equals a training row (val.csv line 2), so that learning by heart looks like understanding; keep equal rows together when splitting.',
    ])
    const windows = { length: 3, horizon: 0, stride: 1 }
    const { train, validation } = valueOf(
      prepare(loaded, { ...section, preparation: { scale: 'none', missing: 'fill', windows } }),
    )
    // The file of one row is too short for a window.
    expect([train.count, validation.count]).toEqual([18 - 2, 8 - 2])
  })
})

describe('windows over several files', () => {
  /** Days of three months; each value names its file and place. */
  const lengths = [12, 9, 16]
  const valueAt = (file: number, place: number) => 100 * (file + 1) + place
  const series = lengths.map((length, file) =>
    Array.from({ length }, (_, place) => ({ day: place + 1, month: file + 1, value: valueAt(file, place) })),
  )
  const two = (number: number) => String(number).padStart(2, '0')
  const months = (hasTime: boolean) =>
    series.map((rows, file) => {
      // With a time rows may come in any order.
      const ordered = hasTime ? [...rows].reverse() : rows
      const lines = ordered.map(({ day, month, value }) => `2024-${two(month)}-${two(day)},${value},${value / 10}`)
      return fileOf(`${file + 1}.csv`, ['day,x,y', ...lines].join('\n'))
    })
  const windows = { length: 3, horizon: 2, stride: 1 }
  const asSeries = ({ source }: Opened, hasTime: boolean): DataSection =>
    sectionOf(
      {
        ...source,
        columns: source.columns.map((column, i) => ({
          name: column.name,
          role: i > 1 ? ('target' as const) : i > 0 ? ('feature' as const) : hasTime ? ('time' as const) : 'ignore',
          kind: i === 0 ? ('categorical' as const) : ('numeric' as const),
        })),
      },
      { preparation: { scale: 'none', missing: 'fill', windows }, split: { validation: 0, seed: 1 } },
    )
  /** By loops over each of these runs of rows. */
  const naive = (runs: readonly (readonly { readonly value: number }[])[]) =>
    runs.flatMap((run) =>
      run.slice(0, Math.max(0, run.length - 4)).map((_, from) => {
        const inside = run.slice(from, from + 3).map(({ value }) => value)
        return { inside, target: Math.fround((run[from + 4]?.value ?? NaN) / 10) }
      }),
    )
  const foundIn = ({ features, targets, count }: PreparedData['train']) =>
    Array.from({ length: count }, (_, i) => ({
      inside: [...(features as Float32Array).subarray(3 * i, 3 * i + 3)],
      target: targets[i],
    }))

  test.each([true, false])(
    'hold no rows of two files (time: %s), where one file of all rows has such',
    async (hasTime) => {
      const many = await open(months(hasTime))
      const { train } = valueOf(prepare(many.loaded, asSeries(many, hasTime)))
      expect(foundIn(train)).toEqual(naive(series))
      // The control: the same rows in one file go on across the months.
      const lines = series
        .flat()
        .map(({ day, month, value }) => `2024-${two(month)}-${two(day)},${value},${value / 10}`)
      const one = await open([fileOf('all.csv', ['day,x,y', ...lines].join('\n'))])
      const whole = foundIn(valueOf(prepare(one.loaded, asSeries(one, hasTime))).train)
      expect(whole).toEqual(naive([series.flat()]))
      expect(whole.length).toBe(train.count + 2 * 4)
    },
  )

  test('nor of two groups within a file, nor does one group go on in the next file', async () => {
    const text = (file: number) => [
      'g,x,y',
      ...Array.from({ length: 12 }, (_, i) => `${i % 2 ? 'p' : 'q'},${valueAt(file, i)},${valueAt(file, i) / 10}`),
    ]
    const many = await open([fileOf('1.csv', text(0).join('\n')), fileOf('2.csv', text(1).join('\n'))])
    const section = asSeries(many, false)
    const columns = section.source.kind === 'table' ? section.source.columns.slice(1) : []
    const source: TableSource = {
      ...many.source,
      columns: [{ name: 'g', role: 'group', kind: 'categorical', categories: ['p', 'q'] }, ...columns],
    }
    const { train } = valueOf(prepare({ ...many.loaded, source }, { ...section, source }))
    const runs = [0, 1].flatMap((file) =>
      [0, 1].map((first) => Array.from({ length: 6 }, (_, i) => ({ value: valueAt(file, first + 2 * i) }))),
    )
    expect(foundIn(train)).toEqual(naive(runs))
  })

  test('are asked about, and refused where all files are too short, in the same way', async () => {
    const many = await open(months(true))
    const section = asSeries(many, true)
    const { fitted } = valueOf(prepare(many.loaded, section))
    const asked = valueOf(applyPreparation(fitted, many.loaded, section))
    // Also those whose target lies in the future.
    expect(asked.count).toBe(lengths.reduce((sum, length) => sum + length - 2, 0))
    const inside = Array.from({ length: asked.count }, (_, i) => [...asked.features.subarray(3 * i, 3 * i + 3)])
    expect(inside.every((values) => new Set(values.map((value) => Math.floor(value / 100))).size === 1)).toBe(true)
    const long = { ...section, preparation: { ...section.preparation, windows: { length: 16, horizon: 1, stride: 1 } } }
    expect(messages(prepare(many.loaded, long))).toEqual([
      'The table of 3 files: no series has the 17 rows that a window takes, as each ends with its file; choose shorter windows.',
    ])
  })

  test('are proposed as long as the shortest file allows', async () => {
    const opened = await open(months(true))
    expect(opened.proposal.windows?.length).toBe(Math.floor((12 + 9 + 16) / 8))
    const short = await open([...months(true), fileOf('4.csv', 'day,x,y\n2024-04-01,1,2\n2024-04-02,3,4\n')])
    expect(short.proposal.windows?.length).toBe(1)
    const single = await open([...months(true), fileOf('4.csv', 'day,x,y\n2024-04-01,1,2\n')])
    expect(single.proposal.windows).toBeUndefined()
  })
})

describe('what is said of a row names its file', () => {
  test('a correction, a cell that misfits, a time that is none', async () => {
    const { loaded, source } = await open([fileOf('1.csv', csv(cut[0])), fileOf('2.csv', csv(cut[2]))])
    const corrected = sectionOf(source, { corrections: { '13': { exclude: true }, '2': { target: 'a' } } })
    expect(valueOf(prepare(loaded, corrected)).warnings.map(({ message }) => message)).toEqual([
      'The table of 1.csv and 2.csv: 1 row is left out, as it was corrected by hand (2.csv line 2).',
      'The table of 1.csv and 2.csv: 1 row has another target, given by hand (1.csv line 4).',
    ])
    const kinds = source.columns.map((column) =>
      column.name === 'soil' ? { ...column, categories: ['sand', 'clay'] } : column,
    )
    expect(messages(prepare({ ...loaded, source: { ...source, columns: kinds } }, sectionOf(source)))).toEqual([
      `1.csv line 4, column soil: "loam" is not among the column's categories ("sand", "clay"); correct the cell or read the columns again.`,
    ])
    const times = source.columns.map((column) =>
      column.name === 'soil' ? { ...column, role: 'time' as const } : column,
    )
    const split = { validation: 0.25, seed: 1, method: 'time' } as const
    expect(
      messages(prepare({ ...loaded, source: { ...source, columns: times } }, sectionOf(source, { split }))),
    ).toEqual([
      '1.csv line 2, column soil: "sand" is not a time; write numbers, or dates such as 2024-05-31 or 2024-05-31T12:30:00.',
    ])
  })

  test('previews, samples and predictions', async () => {
    const files = [fileOf('1.csv', csv(cut[0])), fileOf('2.csv', csv(cut[2]))]
    const { loaded, source } = await open(files)
    const shown = preview({ data: loaded, facts: [], bad: { skipped: 0, repaired: 0, problems: [] }, warnings: [] })
    if (shown.kind !== 'table') throw new Error('no table')
    const four = (name: string) => Array.from({ length: 4 }, () => name)
    expect(shown.files).toEqual([...four('1.csv'), ...four('2.csv')])
    expect(shown.lines).toEqual([2, 3, 4, 5, 2, 3, 4, 5])
    expect(shown.head[4]).toEqual(cellsOf(loaded.table)[13])
    expect(shown.parts).toEqual([
      { name: '1.csv', count: 13 },
      { name: '2.csv', count: 16 },
    ])
    expect(samplesOf(loaded, [14, 1])).toMatchObject({ files: ['2.csv', '1.csv'], lines: [3, 3] })
    expect(samplesOf((await open(files.slice(0, 1))).loaded, [1])).not.toHaveProperty('files')

    const section = sectionOf(source)
    const { fitted } = valueOf(prepare(loaded, section))
    const questions = valueOf(questionsOf(fitted, loaded, section))
    const answers = new PredictionLines(section, fitted, questions, 2)
    expect(answers.header).toBe('file,row,class,a,b')
    expect(answers.csv(questions.place(13), Float32Array.of(0.25, 0.75))).toBe('2.csv,2,b,0.25,0.75')
    expect(answers.json(questions.place(0), Float32Array.of(1, 0))).toEqual({
      file: '1.csv',
      row: 2,
      class: 'a',
      scores: { a: 1, b: 0 },
    })
  })
})

test('one file of several that is the table is that table, and the rest is said', async () => {
  const { loaded, proposal } = await open([fileOf('f/a.csv', csv(rows)), fileOf('f/README.md', '# Flowers')])
  expect(loaded.table).toMatchObject({ file: 'a.csv', rows: 30, places: { unit: 'line', first: 2 } })
  expect(loaded.table.parts).toBeUndefined()
  expect(proposal.warnings.map(({ message }) => message)).toEqual([
    '1 file is no part of the table and is left out: f/README.md.',
  ])
})

test('what is said of reading goes for all files: options, progress, and a stop between any two', async () => {
  const bare = (some: readonly Row[]) => csv(some).slice('height,soil,y\n'.length)
  const files = [fileOf('1.csv', bare(cut[0])), fileOf('2.csv', bare(cut[2]))]
  const { loaded } = await open(files, { header: 'data' })
  expect(loaded.table.columns.map(({ name }) => name)).toEqual(['col1', 'col2', 'col3'])
  expect(cellsOf(loaded.table)[13]).toEqual([String(rows[14]?.height), rows[14]?.soil, rows[14]?.y])

  const long = (i: number) => fileOf(`${i}.csv`, csv(Array.from({ length: 60_000 }, (_, k) => rows[k % 30]!)))
  const seen: number[] = []
  await readFiles([long(1), long(2)], { job: { ...unwatched, progress: (share) => seen.push(share) } })
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.some((share) => share > 0 && share < 0.5)).toBe(true)
  expect(seen.some((share) => share > 0.5 && share < 1)).toBe(true)

  let pauses = 0
  const stop = new Error('stopped')
  const job: Job = {
    pause: () => (++pauses === 2 ? Promise.reject(stop) : Promise.resolve()),
    progress: () => undefined,
  }
  await expect(readFiles(files, { job })).rejects.toBe(stop)
})
