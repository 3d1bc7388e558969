import { describe, expect, test } from 'vitest'
import jsonl from '../../src/data/readers/jsonl.ts'
import { cellsOf, fileFrom, readWith, sentencesOf, tableWith, unzippedFile } from './reading.ts'

const read = async (text: string, name = 'a.jsonl', options = {}) =>
  cellsOf(await tableWith(jsonl, [fileFrom(name, text)], options))

/** The same file by the simplest means, without nesting or lists: what is read must be this. */
function naive(text: string): { [column: string]: string[] } {
  const records = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { [field: string]: string | number | boolean | null })
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))]
  const shown = (value: string | number | boolean | null | undefined) =>
    value === undefined || value === null ? '' : typeof value === 'string' ? value.trim() : String(value)
  return Object.fromEntries(names.map((name) => [name, records.map((record) => shown(record[name]))]))
}

describe('records are rows', () => {
  const text = `{"a": 1, "b": "x y", "c": true}\r
{"a": 2.5, "b": null, "d": "late"}

{"c": false, "a": -3e2, "b": "\\u00fc \\"q\\"", "e": " trimmed "}`

  test('fields are columns, also those that come late or not at all', async () => {
    expect(await read(text)).toEqual({
      a: ['1', '2.5', '-300'],
      b: ['x y', '', 'ü "q"'],
      c: ['true', '', 'false'],
      d: ['', 'late', ''],
      e: ['', '', 'trimmed'],
    })
    expect(await read(text)).toEqual(naive(text))
    // The other way of reading tells files apart.
    expect(await read(text)).not.toEqual(naive(text.replace('2.5', '2.25')))
  })

  test('rows keep the line that they stand on', async () => {
    const { places } = await tableWith(jsonl, [fileFrom('a.jsonl', text)])
    expect(places).toEqual({ unit: 'line', first: 1, numbers: Uint32Array.of(1, 2, 4) })
  })

  test('a list of objects is the same, however it is laid out', async () => {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    for (const list of [`[${lines.join(',')}]`, `\n [\n${lines.join(' ,\n\n')}\n]\n`]) {
      expect(await read(list, 'a.json')).toEqual(await read(text))
    }
    const nested = await read('[{"a": [1, 2], "b": {"c": "],}\\\\\\"[{"}}, {"b": {"c": "y"}}]', 'a.json')
    expect(nested).toEqual({ 'a.0': ['1', ''], 'a.1': ['2', ''], 'b.c': ['],}\\"[{', 'y'] })
  })

  test('objects in objects and lists of numbers become columns', async () => {
    expect(await read('{"p": {"x": 1, "q": {"y": "u"}}, "v": [1, null, 3]}\n{"p": {"x": 2}, "v": [4, 5, 6]}')).toEqual({
      'p.x': ['1', '2'],
      'p.q.y': ['u', ''],
      'v.0': ['1', '4'],
      'v.1': ['', '5'],
      'v.2': ['3', '6'],
    })
  })

  test('the last of two equal fields counts, as in JSON.parse', async () => {
    expect(await read('{"a": 1, "a": 2}')).toEqual({ a: ['2'] })
  })

  test('a mark of the byte order at the beginning is no part of a name', async () => {
    expect(await read('\ufeff{"a": 1}')).toEqual({ a: ['1'] })
    expect(await read('\ufeff[{"a": 1}]', 'a.json')).toEqual({ a: ['1'] })
  })

  test('whole numbers beyond 2^53 are rounded, and said', async () => {
    const { warnings } = await readWith(jsonl, [
      fileFrom('a.jsonl', '{"id": 12345678901234567890}\n{"id": 12345678901234567891}'),
    ])
    expect(warnings.map(({ message }) => message)).toEqual([
      'a.jsonl line 1: field "id" holds a whole number beyond 2^53, which is rounded to 12345678901234567000; write such numbers in quotes to keep them.',
    ])
  })

  test('more different numbers than a category has stay numbers', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `{"n": ${i / 8}, "t": "${i % 7}"}`).join('\n')
    const table = await tableWith(jsonl, [fileFrom('a.jsonl', lines)])
    expect(table.columns.map(({ kind }) => kind)).toEqual(['numbers', 'texts'])
    expect(cellsOf(table)).toEqual(naive(lines))
  })

  test('it makes no difference where the pieces of a file end', async () => {
    const whole = new TextEncoder().encode(`${text}\n`.repeat(3))
    const list = new TextEncoder().encode(`[{"a": "x,]}"},\n{"a": [1, 2], "ü": "\\""}]`)
    for (const bytes of [whole, list]) {
      const expected = cellsOf(await tableWith(jsonl, [unzippedFile('a.json', bytes, 1000)]))
      for (const piece of [1, 2, 3, 7]) {
        expect(cellsOf(await tableWith(jsonl, [unzippedFile('a.json', bytes, piece)]))).toEqual(expected)
      }
    }
  })
})

describe('bad records', () => {
  const text = '{"a": 1}\n{"a": 2\n{"a": 3}\nno\n5\n{"a": {}}\n{"a": 4}'

  test('refuse the file; the first three are told', async () => {
    expect(await sentencesOf(readWith(jsonl, [fileFrom('a.jsonl', text)]))).toEqual([
      'a.jsonl line 2 is not JSON: "{\\"a\\": 2".',
      'a.jsonl line 4 is not JSON: "no".',
      'a.jsonl line 5 is a number, not an object with fields.',
      'a.jsonl: 1 more record cannot be read; correct them, or choose to leave bad records out.',
    ])
  })

  test('or are left out, all of them told', async () => {
    const { bad, data } = await readWith(jsonl, [fileFrom('a.jsonl', text)], { bad: 'skip' })
    expect('columns' in data && cellsOf(data)).toEqual({ a: ['1', '3', '4'] })
    expect('places' in data && data.places).toEqual({ unit: 'line', first: 1, numbers: Uint32Array.of(1, 3, 7) })
    expect(bad.skipped).toBe(4)
    expect(bad.problems.map(({ place }) => place?.line)).toEqual([2, 4, 5, 6])
  })

  test('leave no trace in the columns', async () => {
    expect(await read('{"a": 1}\n{"new": 1, "a": [[]]}\n{"a": 2}', 'a.jsonl', { bad: 'skip' })).toEqual({
      a: ['1', '2'],
    })
  })
})

test('files are known by their names or by how they begin', () => {
  const accepts = (name: string, text: string) => jsonl.accepts([fileFrom(name, text)])
  expect(accepts('a.ndjson', '')).toBe(true)
  expect(accepts('a.jsonl.gz', '')).toBe(true)
  expect(accepts('data', ' [ {"a": 1}')).toBe(true)
  expect(accepts('data', '{"a"')).toBe(true)
  expect(accepts('a.csv', 'a,b')).toBe(false)
  expect(accepts('a.txt', '{a, b}')).toBe(false)
})
