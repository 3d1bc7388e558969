import { describe, expect, test } from 'vitest'
import { readParams } from '../../src/base/params.ts'
import { attemptAsync } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { memoryFile, unwatched } from '../../src/data/files.ts'
import textReader from '../../src/data/readers/text.ts'
import { looksLikeTable } from '../../src/data/text/looks-like-table.ts'
import { TextPieces } from '../../src/data/text/pieces.ts'
import { Tokens, vocabularyOf, type Unit } from '../../src/data/text/tokens.ts'
import type { DataFile, HeldExamples, RawExamples } from '../../src/data/types.ts'

type Options = { [name: string]: number | boolean | string }

const bytesOf = (text: string) => new TextEncoder().encode(text)
const fileOf = (text: string, name = 'a.txt') => memoryFile(name, bytesOf(text))
async function read(file: DataFile, options: Options = {}) {
  const { values, problems } = readParams(textReader.options, options, 'Text')
  expect(problems).toEqual([])
  return attemptAsync(() => textReader.read([file], values, unwatched))
}
async function taken(content: string | DataFile, options: Options = {}) {
  const result = await read(typeof content === 'string' ? fileOf(content) : content, options)
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join(' | '))
  const { facts, warnings } = result.value
  const raw = result.value.data as RawExamples
  const data: HeldExamples = { ...raw, features: raw.features.subarray(0, raw.features.length) }
  return { data, facts: Object.fromEntries(facts.map(({ label, value }) => [label, value])), warnings }
}
/** Each window and what follows it, as people would see them. */
function windows({ features, targets, target, shape, count }: HeldExamples): string[] {
  const length = shape[0] ?? 0
  const name = (code: number) => target.names[code] ?? '?'
  return Array.from({ length: count }, (_, i) => {
    const known = Array.from(features.subarray(i * length, (i + 1) * length), name)
    return `${known.join(' ')} > ${name(targets[i] ?? -1)}`
  })
}

const prose = 'The cat, tired of rain,\nsleeps. The "dog" isn\'t; it barks\tat 3 am!\n'

describe('windows', () => {
  test('of characters move along the text', async () => {
    const { data, facts } = await taken('abcab\tc a\n', { length: 3, stride: 2 })
    expect(windows(data)).toEqual(['a b c > a', 'c a b > ⇥', 'b ⇥ c > ␣', 'c ␣ a > ↵'])
    expect(data.target.names).toEqual(['⇥', '↵', '␣', 'a', 'b', 'c'])
    expect(data.shape).toEqual([3])
    expect(facts).toEqual({ Encoding: 'UTF-8', Characters: '10', Vocabulary: '6', Windows: '4 of 3, 2 apart' })
  })

  test('of words have marks and line ends as words, and no space', async () => {
    const { data, facts } = await taken(prose, { unit: 'word', length: 5 })
    const all = [
      'The',
      'cat',
      ',',
      'tired',
      'of',
      'rain',
      ',',
      '↵',
      'sleeps',
      '.',
      'The',
      '"',
      'dog',
      '"',
      "isn't",
      ';',
    ]
    all.push('it', 'barks', 'at', '3', 'am', '!', '↵')
    expect(windows(data)).toEqual(
      Array.from({ length: all.length - 5 }, (_, i) => `${all.slice(i, i + 5).join(' ')} > ${all[i + 5]}`),
    )
    expect(facts['Words and marks']).toBe('23')
    // The most frequent first, then by the alphabet.
    expect(data.target.names.slice(0, 6)).toEqual(['↵', '"', ',', 'The', '!', '.'])
  })

  test.each(['character', 'word'] as const)(
    'of one %s each hold all of the text but the first and nothing else',
    async (unit) => {
      const { data } = await taken(prose, { unit, length: 1, stride: 1, lowercase: true })
      const list = windows(data)
      list.slice(1).forEach((window, i) => expect(window.split(' > ')[0]).toBe(list[i]?.split(' > ')[1]))
      expect(data.target.names.join('')).not.toMatch(/[A-Z]/)
      expect(list.join('')).toContain(unit === 'word' ? 'the > cat' : 't > h')
    },
  )

  test('say on which line they begin', async () => {
    const { data } = await taken('ab\ncd\n\nef\n', { length: 2, stride: 1 })
    expect(data.names).toEqual(['line 1', 'line 1', 'line 1', 'line 2', 'line 2', 'line 2', 'line 3', 'line 4'])
  })

  test('say where in the text they begin where it has a single line', async () => {
    const { data } = await taken('abcdefgh', { length: 2, stride: 2 })
    expect(data.names).toEqual(['character 1', 'character 3', 'character 5'])
    const words = await taken('a b c d e f\n', { unit: 'word', length: 2, stride: 2 })
    expect(words.data.names).toEqual(['word 1', 'word 3', 'word 5'])
  })

  test('are whole numbers that the block Embedding can look up', async () => {
    const { data } = await taken(prose.repeat(9), {})
    expect(data.features.every((code) => Number.isInteger(code) && code >= 0 && code < data.target.names.length)).toBe(
      true,
    )
    expect(data.features).toBeInstanceOf(Uint8Array)
    expect(data.shape).toEqual([40])
    expect(data.count).toBe(Math.floor((9 * prose.length - 41) / 3) + 1)
  })
})

describe('the vocabulary', () => {
  test('has the most frequent tokens, and one for all others', async () => {
    const { data, facts } = await taken('aaaabbbccd…d…xyz', { length: 2, stride: 1, most: 4 })
    // Four a, three b; c, d and … twice, of which … is that of the rare ones and c comes before d.
    expect(data.target.names).toEqual(['a', 'b', 'c', '…'])
    expect(windows(data).at(-1)).toBe('… … > …')
    expect(facts).toMatchObject({ Vocabulary: '4 of 8; the others are “…”', 'Taken as rare': '7 (43.8 %)' })
  })

  test('is that of a count by hand, for texts made at random', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = new Rng(seed, 'vocabulary')
      const texts = Array.from({ length: 300 }, () => `w${Math.floor(rng.uniform() ** 2 * 40)}`)
      const tokens = new Tokens('word')
      tokens.push(texts.join(' '), true)
      const { names, texts: kept } = vocabularyOf(tokens, 10, 'word')
      const count = (word: string) => texts.filter((text) => text === word).length
      const order = [...new Set(texts)].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))
      expect(names).toEqual([...order.slice(0, 9), '…'])
      expect(Array.from(tokens.counts)).toEqual(tokens.texts.map(count))
      const known = new Tokens('word', false, kept)
      expect(Array.from(known.push(texts.join(' '), true), (code) => names[code])).toEqual(
        texts.map((text) => (order.indexOf(text) < 9 ? text : '…')),
      )
    }
  })

  test('shows what cannot be seen, each by a name of its own', async () => {
    const odd = '\u00a0\u200b\u0301␣ ↵\n😀é'
    const { data } = await taken(odd.repeat(2), { length: 2, stride: 1 })
    expect([...data.target.names].sort()).toEqual(
      ['U+00A0', 'U+200B', 'U+0301', 'U+2423', '␣', 'U+21B5', '↵', '😀', 'é'].sort(),
    )
  })
})

describe('bytes', () => {
  const text = 'Grüße, 😀 – naïve\r\nline\rline\n\r\nend\r'
  const tidy = text.replace(/\r\n?/g, '\n')

  test('may come in pieces of any size', () => {
    const bytes = bytesOf(text)
    for (let size = 1; size <= bytes.length; size++) {
      const pieces = new TextPieces('a.txt', 0)
      let all = ''
      for (let at = 0; at < bytes.length; at += size) all += pieces.push(bytes.subarray(at, at + size))
      expect(all + pieces.end()).toBe(tidy)
    }
  })

  test('that are wrong are named, whatever the pieces', () => {
    const bytes = bytesOf(text)
    for (const bad of [2, 9, 20]) {
      const broken = Uint8Array.from(bytes)
      broken[bad] = 0xff
      const byte = Array.from(broken).findIndex((_, i) => {
        // The first place from which no prefix can be read.
        const decoder = new TextDecoder('utf-8', { fatal: true })
        try {
          decoder.decode(broken.subarray(0, i + 1), { stream: true })
          return false
        } catch {
          return true
        }
      })
      for (let size = 1; size <= bytes.length; size++) {
        const pieces = new TextPieces('a.txt', 3)
        let found: unknown
        try {
          for (let at = 0; at < broken.length; at += size) pieces.push(broken.subarray(at, at + size))
        } catch (error) {
          found = error
        }
        const place = (found as { problems: { place: { byte: number } }[] }).problems[0]?.place.byte ?? NaN
        // A character that is broken in its middle is named by its first byte.
        expect(byte + 3 - place).toBeGreaterThanOrEqual(0)
        expect(byte + 3 - place).toBeLessThan(4)
        expect(broken.subarray(0, place - 3)).toEqual(bytes.subarray(0, place - 3))
      }
    }
  })

  test.each(['character', 'word'] as const)('words and lines do not break where pieces do: %s', (unit: Unit) => {
    const whole = new Tokens(unit, true)
    const codes = Array.from(whole.push(tidy + prose, true))
    const texts = codes.map((code) => whole.texts[code])
    for (let size = 1; size < 30; size++) {
      const tokens = new Tokens(unit, true)
      const all = [...(tidy + prose)]
      const found: number[] = []
      for (let at = 0; at < all.length; at += size) found.push(...tokens.push(all.slice(at, at + size).join('')))
      found.push(...tokens.push('', true))
      expect(found.map((code) => tokens.texts[code])).toEqual(texts)
      expect(tokens.total).toBe(texts.length)
    }
  })

  test.each([
    ['utf-16le', [0xff, 0xfe], 'UTF-16 (little-endian)'],
    ['utf-16be', [0xfe, 0xff], 'UTF-16 (big-endian)'],
    ['utf-8', [0xef, 0xbb, 0xbf], 'UTF-8'],
  ] as const)('a byte order mark says %s', async (encoding, mark, title) => {
    const units = Array.from({ length: prose.length }, (_, i) => prose.charCodeAt(i))
    const body =
      encoding === 'utf-8'
        ? bytesOf(prose)
        : units.flatMap((unit) => (encoding === 'utf-16le' ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255]))
    const { data, facts } = await taken(memoryFile('a.txt', Uint8Array.from([...mark, ...body])), { length: 4 })
    expect(facts['Encoding']).toBe(title)
    expect(data).toEqual((await taken(prose, { length: 4 })).data)
  })

  test('that are no UTF-16 are named, whatever the pieces', async () => {
    // Beyond the bytes from which the encoding is guessed; pairs of units everywhere.
    const units = Array.from({ length: 140_000 }, (_, i) => [0x61, 0xd83d, 0xde00][i % 3] ?? 0)
    for (const [unit, wrong] of [
      [133_333, 0xdfff],
      [133_334, 0x61],
      [133_335, 0x61],
      [139_999, 0xd800],
    ] as const) {
      const broken = units.with(unit, wrong)
      // The first unit of a pair without a second one, or the other way round.
      const bad = broken.findIndex((one, i) => {
        const [before = 0, after = 0] = [broken[i - 1], broken[i + 1]]
        const isFirst = (value: number) => value >= 0xd800 && value < 0xdc00
        const isSecond = (value: number) => value >= 0xdc00 && value < 0xe000
        return (isFirst(one) && !isSecond(after)) || (isSecond(one) && !isFirst(before))
      })
      for (const big of [false, true])
        for (const size of [65_536, 65_537, 33_333, 131]) {
          const bytes = new Uint8Array(2 + 2 * broken.length)
          const view = new DataView(bytes.buffer)
          ;[0xfeff, ...broken].forEach((one, i) => view.setUint16(2 * i, one, !big))
          const file: DataFile = {
            ...memoryFile('a.txt', bytes),
            async *chunks() {
              for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
            },
          }
          expect(await read(file)).toMatchObject({ problems: [{ code: 'csv.encoding', place: { byte: 2 + 2 * bad } }] })
        }
    }
  })

  test('an older text is read as Windows-1252, which is said', async () => {
    const bytes = Uint8Array.from([...bytesOf('na'), 0xef, ...bytesOf('ve, caf'), 0xe9, 0x85, ...bytesOf(' or so')])
    const { data, warnings } = await taken(memoryFile('a.txt', bytes), { length: 2, stride: 1 })
    expect(windows(data).slice(0, 2)).toEqual(['n a > ï', 'a ï > v'])
    expect(data.target.names).toContain('…')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.message).toContain('byte 2 is 0xEF')
    const asked = await taken(memoryFile('a.txt', bytes), { length: 2, stride: 1, encoding: 'windows-1252' })
    expect(asked.data).toEqual(data)
    expect(asked.warnings).toEqual([])
  })
})

describe('a table or not', () => {
  const tables = {
    commas: 'a,b,c\n1,2,3\n4,5,6\n',
    'commas without numbers': 'name,colour\nrose,red\nlily,white\niris,blue\n',
    'decimal commas': 'x;y\n1,5;2\n2,5;3\n',
    tabs: 'name\tremark\nrose\tsmells sweet in May\nlily\tis for the quiet\n',
    bars: 'x|y\n1|2\n3|4\n',
    quotes: 'a,b\n"x, y, z",1\n"two\nlines",2\n',
    'a column of numbers': '1.5\n2\n-3e4\n',
    'columns of numbers with spaces': '  1.0  2.0\n  3.5  4.0\n',
    'a ragged row': `${'a,b,c\n'.repeat(9)}a,b\n`,
    'windows line ends': 'a,b\r\n1,2\r\n3,4\r\n',
  }
  test.each(Object.entries(tables))('%s: a table', (_, text) => {
    expect(looksLikeTable(bytesOf(text))).toBe(true)
    expect(textReader.accepts([fileOf(text)])).toBe(false)
  })

  const texts = {
    prose,
    'one line': 'a,b,c',
    nothing: '',
    'a comma in each line': 'When winds are loud,\nand nights are long,\nthe lamps are lit,\nthe fires are strong,\n',
    'sentences with a comma': 'We came, we saw.\nThey ran, they hid.\nYou sang, we wept.\n',
    'long lines with as many commas': `${'so it went on and on, as things like that often do, until nobody cared any more\n'.repeat(5)}`,
    code: 'let x = 1\nfor (const y of z) {\n  f(x, y)\n}\n',
    'a list of words': 'rose\nlily\niris\n',
    'verses with bars of different numbers': 'a | b\nc\nd | e | f\n',
  }
  test.each(Object.entries(texts))('%s: none', (_, text) => {
    expect(looksLikeTable(bytesOf(text))).toBe(false)
    expect(textReader.accepts([fileOf(text)])).toBe(true)
  })

  test('by the lines that are whole', () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `${i},${i * 2},x`).join('\n')
    expect(looksLikeTable(bytesOf(lines).subarray(0, 4096))).toBe(true)
    expect(looksLikeTable(bytesOf('a,b\n1,2\n3'), true)).toBe(false)
    expect(looksLikeTable(bytesOf('a,b\n1,2\n3'), false)).toBe(true)
  })

  test('in UTF-16 as well', () => {
    const text = 'a\tb\n1\t2\n'
    const bytes = Uint8Array.from([0xff, 0xfe, ...Array.from(text).flatMap((letter) => [letter.charCodeAt(0), 0])])
    expect(looksLikeTable(bytes)).toBe(true)
  })
})

describe('long texts', () => {
  const long = 'ab cd\n'.repeat(2_900_000)

  test('have windows far enough apart, where nobody says how far', async () => {
    const { facts } = await taken(long, { length: 5 })
    // 17,400,000 characters.
    expect(facts['Windows']).toBe('3479999 of 5, 5 apart')
  })

  test('may have 16 million windows', async () => {
    expect(await read(fileOf(long), { length: 5, stride: 1 })).toMatchObject({
      problems: [
        {
          message: 'a.txt gives 17399995 windows, 1 apart; 16000000 are the most. Choose a stride of 2 or more.',
        },
      ],
    })
  })

  test('are not read on where they are unzipped from hardly anything', async () => {
    async function* chunks() {
      for (let i = 0; i < 1000; i++) yield new Uint8Array(1 << 20).fill(97 + (i % 20))
    }
    const file: DataFile = { ...fileOf('a'), name: 'a.txt.gz', length: undefined, size: 1_000_000, chunks }
    expect(await read(file)).toMatchObject({
      problems: [
        {
          message:
            'a.txt.gz has more than 100 MB when it is unzipped, which is hardly a text; unzip it, and choose what comes out.',
        },
      ],
    })
  })

  test('of words forget the rarest where there are too many, and still know the frequent ones', () => {
    const tokens = new Tokens('word', false, undefined, 5000)
    const naive = new Map<string, number>()
    const rng = new Rng(9, 'lossy')
    for (let piece = 0; piece < 40; piece++) {
      const words = Array.from({ length: 1000 }, (_, i) =>
        i % 4 > 0 ? `w${Math.floor(rng.uniform() ** 3 * 300)}` : `rare${piece}x${i}`,
      )
      for (const word of words) naive.set(word, (naive.get(word) ?? 0) + 1)
      tokens.push(`${words.join(' ')} `)
    }
    tokens.push('', true)
    expect(naive.size).toBeGreaterThan(10_000)
    expect(tokens.total).toBe(40_000)
    expect(tokens.texts.length).toBeLessThan(5000)
    expect(tokens.dropped).toBeGreaterThan(5000)
    const frequent = [...naive].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 99)
    const { names } = vocabularyOf(tokens, 100, 'word')
    expect(names).toEqual([...frequent.map(([word]) => word), '…'])
  })

  test('of words that come once each are no texts of words', async () => {
    const words = Array.from({ length: 1_000_001 }, (_, i) => i.toString(36)).join(' ')
    expect(await read(fileOf(words), { unit: 'word' })).toMatchObject({
      problems: [
        {
          message:
            'a.txt has more than 1000000 different words, none of which is frequent, so it is hardly a text of words; read it as characters.',
        },
      ],
    })
  })

  test('that change between the two times they are read are refused', async () => {
    for (const other of [prose.replace('cat', 'owl'), `${prose}more`, prose.replace('cat', 'Kat')]) {
      let times = 0
      const file: DataFile = {
        ...fileOf(prose),
        async *chunks() {
          yield bytesOf(times++ === 0 ? prose : other)
        },
      }
      expect(await read(file, { length: 5 })).toMatchObject({ problems: [{ code: 'file.changed' }] })
    }
  })
})

test('who accepts what', () => {
  expect(textReader.accepts([fileOf(prose, 'a.md')])).toBe(true)
  expect(textReader.accepts([fileOf(prose, 'A.TXT')])).toBe(true)
  expect(textReader.accepts([fileOf(prose, 'a.txt'), fileOf(prose, 'b.txt')])).toBe(true)
  expect(textReader.accepts([fileOf(prose, 'a.csv')])).toBe(false)
  expect(textReader.accepts([fileOf(prose, 'a')])).toBe(false)
  expect(textReader.accepts([])).toBe(false)
})

test('a long text takes no time to speak of', async () => {
  for (const piece of ['a', 'a b', '\n', '\r', 'é', '😀', '-', "'", 'x-', '\u0301']) {
    const { ok } = await read(fileOf(`${piece.repeat(300_000)}end of it`), { unit: 'word', length: 2 })
    expect(typeof ok).toBe('boolean')
  }
})
