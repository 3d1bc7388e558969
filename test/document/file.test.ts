import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { documentHash, emptyDocument, formatDocument, parseComposite, parseDocument } from '../../src/document/file.ts'
import { signatureOf, targetOf } from '../../src/document/signature.ts'
import type { Column, DataSection, GraphDocument } from '../../src/document/types.ts'
import { messages, valueOf } from '../data/files.ts'
import { computing } from '../helpers/computing.ts'
import { shipped, shippedDocuments } from '../models/shipped.ts'
import { drawn, edited, node, refusal, wire, withComposite } from './documents.ts'

type Json = { [key: string]: unknown }

/** The parsed JSON of a small document, to be damaged. */
function json(): Json {
  const text = formatDocument(drawn({ a: node('input', 'a'), b: node('dense', 'b', { features: 3 }) }, ['a.x > b.x']))
  return JSON.parse(text) as Json
}

/** The document with something else at a path; `undefined` takes it away. */
function changed(path: string, value: unknown, root = json()): Json {
  const keys = path.split('/')
  let at = root
  for (const key of keys.slice(0, -1)) at = at[key] as Json
  const last = keys.at(-1) ?? ''
  if (value === undefined) delete at[last]
  // Assigning __proto__ would set the prototype.
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true })
  return root
}

function nested(depth: number): Json {
  let inside: Json = { title: 'd', blocks: {}, wires: {}, inputs: {}, outputs: {} }
  const composite = (inner: Json): Json => ({
    type: 'composite',
    name: 'c',
    position: { x: 0, y: 0 },
    params: {},
    inside: inner,
  })
  for (let i = 1; i < depth; i++)
    inside = { title: 'd', blocks: { c: composite(inside) }, wires: {}, inputs: {}, outputs: {} }
  return changed('graph/blocks/c', composite(inside))
}

const table = (file: unknown): Json =>
  changed('data/source', { kind: 'table', reader: 'csv', options: {}, files: [file], columns: [] })
const sha256 = '0'.repeat(64)

const hostile: { readonly [name: string]: readonly [text: string | Json, message: string] } = {
  'an empty file': ['', 'x.json: the file is empty. If it was a document, open an older copy of it.'],
  'only blanks': [' \n\t ', 'x.json: the file is empty. If it was a document, open an older copy of it.'],
  'a cut file': [formatDocument(emptyDocument()).slice(0, 200), 'x.json: the file is damaged or not JSON ('],
  'no JSON at all': ['PK\u0003\u0004', 'x.json: the file is damaged or not JSON ('],
  'a list': ['[]', 'x.json: the document must be an object, not a list.'],
  null: ['null', 'x.json: the document must be an object, not null.'],
  'another format': [
    '{"format":"onnx","version":1}',
    'x.json: the document is not a Neuroloom document: its first field must be "format": "neuroloom".',
  ],
  'no format': [
    '{"version":1}',
    'x.json: the document is not a Neuroloom document: its first field must be "format": "neuroloom".',
  ],
  'a newer version': [
    changed('version', 2),
    'x.json was written by a newer Neuroloom (format 2; this one reads up to 1). It was left untouched; update Neuroloom to open it.',
  ],
  'a newer version of another shape': [
    '{"format":"neuroloom","version":7,"pages":[]}',
    'x.json was written by a newer Neuroloom (format 7; this one reads up to 1). It was left untouched; update Neuroloom to open it.',
  ],
  'a version in words': [changed('version', 'one'), 'x.json: version must be a number, not the text "one".'],
  'a version between versions': [changed('version', 1.5), 'x.json: version must be a whole number, not 1.5.'],
  'version 0': [changed('version', 0), 'x.json: version must be between 1 and 9007199254740991, not 0.'],
  'depth 100,000 of lists': [
    '['.repeat(100_000),
    'x.json: brackets are nested more than 64 deep; this is not a document of ours.',
  ],
  'depth 100,000 of objects': [
    `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    'x.json: brackets are nested more than 64 deep; this is not a document of ours.',
  ],
  'more characters than any document has': [
    ' '.repeat(20_000_001),
    'x.json: the file has 20000001 characters; a document has at most 20000000.',
  ],
  '__proto__ as a block': [
    changed('graph/blocks/__proto__', { type: 'relu' }),
    'x.json: graph.blocks.__proto__ is a name that no document may use.',
  ],
  'constructor as a field': [
    changed('training/constructor', {}),
    'x.json: training.constructor is a name that no document may use.',
  ],
  'prototype as a parameter': [
    changed('graph/blocks/b/params/prototype', 1),
    'x.json: graph.blocks.b.params.prototype is a name that no document may use.',
  ],
  '__proto__ at the top': [changed('__proto__', { bad: 1 }), 'x.json: .__proto__ is a name that no document may use.'],
  'a port that every object has': [
    changed('graph/wires/w1/from/port', 'toString'),
    'x.json: graph.wires.w1.from.port is called "toString", a name that no document may use.',
  ],
  'two blocks of one name': [
    changed('graph/blocks/b/name', 'a'),
    'x.json: graph.blocks has two blocks called "a": a and b.',
  ],
  'an id that would break keys': [
    changed('graph/blocks/b.c', node('relu', 'r')),
    'x.json: graph has the id "b.c"; an id is made of letters, digits, _ and -.',
  ],
  'an id as long as a book': [
    changed(`graph/blocks/${'i'.repeat(201)}`, {}),
    'x.json: graph.blocks has a name of more than 200 characters.',
  ],
  'a dangling wire': [
    changed('graph/wires/w1/from/block', 'gone'),
    'x.json: graph.wires.w1 leads to a block "gone" that does not exist.',
  ],
  'a wire to what every object has': [
    changed('graph/wires/w1/to/block', 'toString'),
    'x.json: graph.wires.w1 leads to a block "toString" that does not exist.',
  ],
  'a wire without an end': [
    changed('graph/wires/w1/to', undefined),
    'x.json: graph.wires.w1.to must be an object, not missing.',
  ],
  'two wires into one input': [
    changed('graph/wires/w2', wire('b.y > b.x')),
    'x.json: graph.wires w1 and w2 both end at b.x; an input takes one wire.',
  ],
  'a parameter of 1e999': [
    JSON.stringify(json()).replace('"features":3', '"features":1e999'),
    'x.json: graph.blocks.b.params.features must be a number, not Infinity.',
  ],
  'NaN, which JSON does not have': [
    JSON.stringify(json()).replace('"features":3', '"features":NaN'),
    'x.json: the file is damaged or not JSON (',
  ],
  'a parameter that is null': [
    changed('graph/blocks/b/params/features', null),
    'x.json: graph.blocks.b.params.features must be a number, not null.',
  ],
  'a parameter that is a program': [
    changed('graph/blocks/b/params/features', { $eval: '1' }),
    'x.json: graph.blocks.b.params.features must be a number, not an object.',
  ],
  'a list of very many': [
    changed('graph/blocks/b/params/features', new Array(1001).fill(1)),
    'x.json: graph.blocks.b.params.features has 1001 entries; at most 1000 are read.',
  ],
  'a pair of texts': [
    changed('graph/blocks/b/params/features', ['1', 2]),
    'x.json: graph.blocks.b.params.features[0] must be a number, not the text "1".',
  ],
  'no position': [
    changed('graph/blocks/b/position', undefined),
    'x.json: graph.blocks.b.position must be an object, not missing.',
  ],
  'a position of null': [
    changed('graph/blocks/b/position/x', null),
    'x.json: graph.blocks.b.position.x must be a number, not null.',
  ],
  'a position out of sight': [
    changed('graph/blocks/b/position/y', 1e308),
    'x.json: graph.blocks.b.position.y must be between -1000000 and 1000000, not 1e+308.',
  ],
  'a position as text': [
    changed('graph/blocks/b/position/x', '4'),
    'x.json: graph.blocks.b.position.x must be a number, not the text "4".',
  ],
  'a label of 10 MB': [
    changed('graph/blocks/b/name', 'n'.repeat(10_000_000)),
    'x.json: graph.blocks.b.name has 10000000 characters; at most 100000 are read.',
  ],
  'a huge text somewhere else': [
    changed('note', 'n'.repeat(100_001)),
    'x.json: note has 100001 characters; at most 100000 are read.',
  ],
  'a name with a bidi override': [
    changed('graph/blocks/b/name', 'a\u202eb'),
    "x.json: graph.blocks.b.name can't be used. A name can't hold dots, slashes or invisible characters.",
  ],
  'a name with a path': [
    changed('graph/blocks/b/name', '../b'),
    "x.json: graph.blocks.b.name can't be used. A name can't hold dots, slashes or invisible characters.",
  ],
  'a file name with folders': [
    table({ name: '../../etc/passwd', size: 1, sha256 }),
    'x.json: data.source.files[0].name must be the bare name of a file, without folders.',
  ],
  'a file name of a share': [
    table({ name: '\\\\server\\share', size: 1, sha256 }),
    'x.json: data.source.files[0].name must be the bare name of a file, without folders.',
  ],
  'a hidden file name': [
    table({ name: '.ssh', size: 1, sha256 }),
    'x.json: data.source.files[0].name must be the bare name of a file, without folders.',
  ],
  'a hash that is none': [
    table({ name: 'a.csv', size: 1, sha256: '../x' }),
    'x.json: data.source.files[0].sha256 must be 64 hexadecimal digits.',
  ],
  'a file of negative size': [
    table({ name: 'a.csv', size: -1, sha256 }),
    'x.json: data.source.files[0].size must be between 0 and 9007199254740991, not -1.',
  ],
  'composites 13 deep': [
    nested(13),
    `x.json: ${'graph.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside.blocks.c.inside'.replace('graph.', 'graph.')} is nested more than 12 composites deep.`,
  ],
  'a composite whose ports share an input': [
    changed('graph/blocks/c', {
      ...node('composite', 'c'),
      inside: {
        title: 'c',
        blocks: { r: node('relu', 'r') },
        wires: {},
        inputs: { p: [{ block: 'r', port: 'x' }], q: [{ block: 'r', port: 'x' }] },
        outputs: {},
      },
    }),
    'x.json: graph.blocks.c.inside.inputs leads to r.x, which is taken; an input takes one wire.',
  ],
  'a composite port to nowhere': [
    changed('graph/blocks/c', {
      ...node('composite', 'c'),
      inside: { title: 'c', blocks: {}, wires: {}, inputs: {}, outputs: { y: { block: 'q', port: 'y' } } },
    }),
    'x.json: graph.blocks.c.inside.outputs.y leads to a block "q" that does not exist.',
  ],
  '10,001 blocks': [
    changed('graph/blocks', Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`b${i}`, null]))),
    'x.json: graph.blocks has 10001 entries; at most 10000 are read.',
  ],
  '50,001 wires': [
    changed('graph/wires', Object.fromEntries(Array.from({ length: 50_001 }, (_, i) => [`w${i}`, null]))),
    'x.json: graph.wires has 50001 entries; at most 50000 are read.',
  ],
  'a batch of nothing': [
    changed('training/batchSize', 0),
    'x.json: training.batchSize must be between 1 and 1000000, not 0.',
  ],
  'half an epoch': [
    changed('training/epochs', 0.5),
    'x.json: training.epochs must be between 1 and 10000000, not 0.5.',
  ],
  'a seed of -0.5': [
    changed('training/seed', -0.5),
    'x.json: training.seed must be between 0 and 2147483647, not -0.5.',
  ],
  'a shape of nine axes': [
    changed('data/source/features', Array(9).fill(1)),
    'x.json: data.source.features has 9 entries; at most 8 are read.',
  ],
  'a shape of -1': [
    changed('data/source/features', [-1]),
    'x.json: data.source.features[0] must be between 0 and 2147483647, not -1.',
  ],
  'an unknown kind of data': [
    changed('data/source/kind', 'url'),
    'x.json: data.source.kind must be one of generated, table, examples, images, not the text "url".',
  ],
}

describe('opening hostile files', () => {
  test.each(Object.entries(hostile))('%s is refused by name and reason', (_name, [given, message]) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    const took = computing()
    const [found] = messages(parseDocument(text, 'x.json'))
    if (message.endsWith('(')) {
      expect(found?.startsWith(message)).toBe(true)
      expect(found?.endsWith('). Nothing was changed; open an older copy.')).toBe(true)
    } else expect(found).toBe(message)
    expect(took()).toBeLessThan(1000)
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Json)['bad']).toBeUndefined()
  })

  test('the document that they were made from is fine', () => {
    expect(parseDocument(JSON.stringify(json()), 'x.json').ok).toBe(true)
    expect(parseDocument(JSON.stringify(nested(12)), 'x.json').ok).toBe(true)
  })

  test('an unknown block is kept word for word and called a problem', () => {
    const odd = changed('graph/blocks/b/type', 'attentionFromTheFuture')
    const document = valueOf(parseDocument(JSON.stringify(odd), 'x.json'))
    expect(valueOf(parseDocument(formatDocument(document), 'x.json'))).toEqual(document)
    expect(analyze(document).problems.map((one) => one.message)).toContain(
      'b: this version knows no block of type "attentionFromTheFuture"; it may come from a newer one. Replace or delete it.',
    )
  })

  test('fields that are not ours are left behind', () => {
    const document = valueOf(parseDocument(JSON.stringify(changed('script', 'alert(1)')), 'x.json'))
    expect(Object.keys(document)).toEqual(['format', 'version', 'name', 'note', 'graph', 'data', 'training'])
  })

  test('a huge layer opens, and the analysis names it with the bytes it would need', () => {
    const document = valueOf(
      parseDocument(JSON.stringify(changed('graph/blocks/b/params/features', 2 ** 31 - 1)), 'x.json'),
    )
    const found = analyze(document).problems.find((one) => one.place?.block === 'b')
    expect(found?.message).toMatch(/^Dense b: .*\d+(\.\d+)? GB/)
  })

  test('a wire at a port that does not exist is a problem, not a silent gap', () => {
    const of = (document: GraphDocument) => {
      const { problems } = analyze(document)
      expect(problems.length === 0 || problems.some((one) => one.severity === 'error')).toBe(true)
      return problems.map((one) => one.message)
    }
    const document = withComposite()
    expect(of(document)).toEqual([])
    const from = edited(document, { kind: 'connect', id: 'w1', wire: wire('in.y > c1.x') })
    expect(of(from)).toContain('points has no output called "y", it has x. Delete the wire there and draw it anew.')
    const to = edited(document, { kind: 'connect', id: 'w9', wire: wire('in.x > out.z') })
    expect(of(to)).toContain('classes has no input called "z", it has x. Delete the wire there and draw it anew.')
    const composite = edited(document, { kind: 'connect', id: 'w2', wire: wire('c1.q > out.x') })
    expect(of(composite)).toContain('layer has no output called "q", it has y. Delete the wire there and draw it anew.')
    const text = formatDocument(document).replace(
      /"y": \{\s*"block": "b2",\s*"port": "y"/,
      '"y": {"block": "b2", "port": "q"',
    )
    expect(text).not.toBe(formatDocument(document))
    expect(of(valueOf(parseDocument(text, 'x.json')))).toContain(
      'layer.tanh has no output called "q", it has y. Delete the wire there and draw it anew.',
    )
  })

  test('a composite file that is none is refused', () => {
    for (const bad of [null, 1, 'text', [], {}, { type: 'composite', name: '__proto__/' }])
      expect(parseComposite(bad, 'c.json').ok, JSON.stringify(bad)).toBe(false)
    expect(refusal(parseComposite({ type: 'composite', name: 'c', inside: 3 }, 'c.json'))).toBe(
      'c.json: composite.inside must be an object, not 3.',
    )
  })
})

describe('mutated documents', () => {
  const MUTATIONS = 5000
  const nasty: readonly unknown[] = [
    null,
    -1,
    0,
    1e308,
    2 ** 31,
    0.1,
    '',
    '__proto__',
    'toString',
    'a/b',
    'x'.repeat(300),
    [],
    {},
    [[]],
    true,
    { __proto__: null },
  ]

  function mutateBytes(text: string, rng: Rng): string {
    const bytes = new TextEncoder().encode(text)
    let out = bytes
    for (let i = 0, n = 1 + rng.integer(4); i < n; i++) {
      const at = rng.integer(out.length)
      const length = rng.integer(30)
      const kind = rng.integer(4)
      if (kind === 0) out = Uint8Array.from([...out.subarray(0, at), rng.integer(256), ...out.subarray(at)])
      else if (kind === 1) out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(at + length)])
      else if (kind === 2) {
        out = out.slice()
        out[at] = rng.integer(256)
      } else out = Uint8Array.from([...out.subarray(0, at + length), ...out.subarray(at)])
    }
    return new TextDecoder().decode(out)
  }

  function mutateTree(text: string, rng: Rng): string {
    const root = JSON.parse(text) as Json
    const places: { readonly at: Json; readonly key: string }[] = []
    const visit = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return
      for (const key of Object.keys(value)) {
        places.push({ at: value as Json, key })
        visit((value as Json)[key])
      }
    }
    visit(root)
    const place = () => places[rng.integer(places.length)] as (typeof places)[number]
    for (let i = 0, n = 1 + rng.integer(3); i < n; i++) {
      const { at, key } = place()
      const kind = rng.integer(5)
      if (kind === 0) delete at[key]
      else if (kind === 1) at[key] = structuredClone(nasty[rng.integer(nasty.length)])
      else if (kind === 2) {
        const other = place()
        at[key] = JSON.parse(JSON.stringify(other.at[other.key] ?? null)) as unknown
      } else if (kind === 3) {
        const name = ['', '__proto__', 'toString', 'a/b', 'constructor', 'x'.repeat(300)][rng.integer(6)] ?? ''
        Object.defineProperty(at, name, { value: at[key], enumerable: true, configurable: true, writable: true })
      } else if (typeof at[key] === 'number') at[key] = at[key] * rng.integer(1000) - 5
    }
    return JSON.stringify(root)
  }

  test(`${MUTATIONS} of them give results, never exceptions, hangs or changed prototypes`, () => {
    const texts = [...shippedDocuments.map((one) => one.text), formatDocument(withComposite())]
    const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort())
    let opened = 0
    let refused = 0
    let slowest = 0
    const codes = new Set<string>()
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const rng = new Rng(seed, 'document mutation')
      const text = texts[seed % texts.length] ?? ''
      const mutant = seed % 2 === 0 ? mutateBytes(text, rng) : mutateTree(text, rng)
      const took = computing()
      const result = parseDocument(mutant, 'x.json')
      if (result.ok) {
        opened++
        // What opens can be saved, and opened, and looked at.
        expect(valueOf(parseDocument(formatDocument(result.value), 'x.json')), `seed ${seed}`).toEqual(result.value)
        if (opened % 3 === 0) expect(() => analyze(result.value), `seed ${seed}`).not.toThrow()
      } else {
        refused++
        for (const { code, message } of result.problems) {
          codes.add(code)
          expect(message, `seed ${seed}`).toMatch(/^x\.json/)
          expect(message, `seed ${seed}`).not.toMatch(/undefined|\[object|internal/)
        }
      }
      slowest = Math.max(slowest, took())
    }
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort())).toBe(before)
    expect(slowest).toBeLessThan(2000)
    // It was work: many of both, and many reasons.
    expect(opened).toBeGreaterThan(500)
    expect(refused).toBeGreaterThan(1500)
    expect(codes.size).toBeGreaterThanOrEqual(7)
  })
})

describe('files of older documents', () => {
  const bare = { name: 'a.csv', size: 1, sha256 }
  const other = { name: 'b', size: 2, sha256: 'f'.repeat(64) }
  const sourceOf = (source: Json) =>
    valueOf(parseDocument(JSON.stringify(changed('data/source', source)), 'x.json')).data.source

  test('of a table, which had one, are a list of it', () => {
    const source = sourceOf({ kind: 'table', reader: 'csv', file: bare, columns: [] })
    expect(source).toEqual({ kind: 'table', reader: 'csv', options: {}, files: [bare], columns: [] })
  })

  test('of pictures with labels are a list of both, in that order', () => {
    const target = { kind: 'classes', names: ['0', '1'] }
    const features = [28, 28, 1]
    expect(sourceOf({ kind: 'images', reader: 'idx', images: bare, labels: other, features, target })).toEqual({
      kind: 'examples',
      reader: 'idx',
      options: {},
      files: [bare, other],
      features,
      target,
    })
  })

  test('are written as such a list, which opens as the same', () => {
    const old = changed('data/source', { kind: 'table', reader: 'csv', file: bare, columns: [] })
    const document = valueOf(parseDocument(JSON.stringify(old), 'x.json'))
    const text = formatDocument(document)
    const { source } = (JSON.parse(text) as GraphDocument).data
    expect(Object.keys(source)).toEqual(['kind', 'reader', 'options', 'files', 'columns'])
    expect(valueOf(parseDocument(text, 'x.json'))).toEqual(document)
  })

  test('are refused by their old names', () => {
    const pictures = {
      kind: 'images',
      reader: 'idx',
      images: bare,
      features: [1],
      target: { kind: 'numbers', names: ['y'] },
    }
    expect(messages(parseDocument(JSON.stringify(changed('data/source', pictures)), 'x.json'))).toEqual([
      'x.json: data.source.labels must be an object, not missing.',
    ])
    const none = { kind: 'table', reader: 'csv', columns: [] }
    expect(messages(parseDocument(JSON.stringify(changed('data/source', none)), 'x.json'))).toEqual([
      'x.json: data.source.file must be an object, not missing.',
    ])
  })

  test('that are a folder say how many lie in it, and options stay', () => {
    const folder = { ...other, entries: 3 }
    const source = {
      kind: 'examples',
      reader: 'idx',
      options: { rows: 5, strict: true, way: 'text' },
      files: [folder, bare],
      features: [2],
      target: { kind: 'numbers', names: ['y'] },
    }
    expect(sourceOf(source)).toEqual(source)
    for (const [entries, says] of [
      [-1, 'must be between 0 and'],
      [0.5, 'must be a whole number'],
      ['3', 'must be a number'],
    ] as const)
      expect(
        messages(
          parseDocument(
            JSON.stringify(changed('data/source', { ...source, files: [{ ...folder, entries }] })),
            'x.json',
          ),
        )[0],
      ).toContain(`data.source.files[0].entries ${says}`)
    const many = changed('data/source', { ...source, files: Array(257).fill(bare) })
    expect(messages(parseDocument(JSON.stringify(many), 'x.json'))[0]).toBe(
      'x.json: data.source.files has 257 entries; at most 256 are read.',
    )
  })
})

describe('what a document says of the preparation', () => {
  const file = { name: 'a.csv', size: 1, sha256 }
  const columns = [
    { name: 'a', role: 'feature', kind: 'numeric', scale: 'log', clip: [0.01, 0.99], missing: 'constant', fill: -1 },
    { name: 'b', role: 'feature', kind: 'categorical', encoding: 'hash', buckets: 64, missing: 'skip', flag: true },
    { name: 'c', role: 'feature', kind: 'categorical', categories: ['x', 'y'], missing: 'constant', fill: 'y' },
    { name: 'd', role: 'feature', kind: 'categorical', categories: ['x', 'y'], scale: 'minMax', encoding: 'ordinal' },
    { name: 'who', role: 'group', kind: 'categorical' },
    { name: 'when', role: 'time', kind: 'numeric' },
    { name: 'part', role: 'split', kind: 'numeric' },
    { name: 'y', role: 'target', kind: 'numeric', scale: 'none' },
  ]
  const preparation = { scale: 'minMax', missing: 'skip', windows: { length: 5, horizon: 0, stride: 2 } }
  const split = { validation: 0.3, seed: 4, method: 'group', stratified: false, together: true }
  const sectionOf = (change: Json) => ({
    source: { kind: 'table', reader: 'csv', options: {}, files: [file], columns },
    preparation,
    split,
    ...change,
  })
  const opened = (change: Json) => parseDocument(JSON.stringify(changed('data', sectionOf(change))), 'x.json')

  test('stays as it is, and gives the features their places', () => {
    const document = valueOf(opened({}))
    expect(document.data).toEqual(sectionOf({}))
    expect(valueOf(parseDocument(formatDocument(document), 'x.json'))).toEqual(document)
    expect(signatureOf(document.data).features).toEqual([5, 1 + 65 + 2 + 1])
    // What is not said is not written.
    const plain = { preparation: { scale: 'none', missing: 'fill' }, split: { validation: 0.2, seed: 1 } }
    expect(valueOf(opened(plain)).data).toEqual(sectionOf(plain))
    expect(signatureOf(valueOf(opened(plain)).data).features).toEqual([69])
  })

  test('is refused where it makes no sense, by its field', () => {
    const column = (change: Json) => ({ name: 'q', role: 'feature', kind: 'numeric', ...change })
    const listed = (change: Json) => column({ kind: 'categorical', categories: ['x', 'y'], ...change })
    const wrong: readonly (readonly [Json, string])[] = [
      [column({ scale: 'cube' }), 'scale must be one of standardise, minMax, log, none'],
      [column({ role: 'target', scale: 'log' }), "scale can't be log for a target"],
      [column({ role: 'target', clip: [0, 0.5] }), 'clip is only for features, and the column is a target (column q).'],
      [column({ role: 'target', flag: true }), 'flag is only for features'],
      [column({ role: 'king' }), 'role must be one of feature, target, ignore, group, time, split'],
      [column({ clip: [0.5] }), 'clip must be two quantiles'],
      [column({ clip: [0.9, 0.1] }), 'clip must be two quantiles, the lower one first'],
      [column({ clip: [0, 2] }), 'clip[1] must be between 0 and 1'],
      [column({ encoding: 'ordinal' }), 'encoding is only for categories'],
      [listed({ buckets: 5 }), 'buckets is only for the encoding hash'],
      [listed({ encoding: 'hash', buckets: 1e6 }), 'buckets must be between 2 and 4096'],
      [listed({ scale: 'log' }), 'scale is only for numbers and for the encoding ordinal'],
      [listed({ missing: 'mean' }), "missing can't be mean, which categories have none of"],
      [column({ missing: 'constant' }), 'fill is what missing values become; give it'],
      [column({ fill: 3 }), 'fill is only for missing: constant'],
      [column({ missing: 'constant', fill: 'x' }), 'fill must be a number'],
      [listed({ missing: 'constant', fill: 3 }), 'fill must be a text'],
      [listed({ missing: 'constant', fill: 'z' }), "fill must be one of the column's categories"],
      [column({ flag: false }), 'flag must be true where it is given'],
    ]
    for (const [one, says] of wrong) {
      const source = { kind: 'table', reader: 'csv', options: {}, files: [file], columns: [one] }
      expect(messages(opened({ source }))[0]).toContain(`x.json: data.source.columns[0].${says}`)
    }
    expect(messages(opened({ split: { ...split, method: 'luck' } }))[0]).toContain(
      'data.split.method must be one of ratio',
    )
    expect(messages(opened({ split: { ...split, stratified: 1 } }))[0]).toContain(
      'data.split.stratified must be true or',
    )
    expect(messages(opened({ split: { ...split, together: false } }))[0]).toContain('data.split.together must be true')
    const byFile = (parts: unknown) => opened({ split: { validation: 0.2, seed: 1, method: 'file', parts } })
    expect(valueOf(byFile({ t10k: 'validation', more: 'none' })).data.split.parts).toEqual({
      t10k: 'validation',
      more: 'none',
    })
    expect(messages(byFile(['t10k']))[0]).toContain('data.split.parts must be an object, not a list')
    expect(messages(byFile({ t10k: 'test' }))[0]).toContain(
      'data.split.parts.t10k must be one of train, validation, none, not the text "test"',
    )
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`p${i}`, 'none']))
    expect(messages(byFile(many))[0]).toContain('data.split.parts has 257 entries; at most 256 are read')
    expect(messages(opened({ split: { ...split, parts: { a: 'none' } } }))[0]).toContain(
      'data.split.parts is only for the method file',
    )
    for (const [field, value] of [
      ['length', 0],
      ['horizon', -1],
      ['stride', 1e9],
    ] as const)
      expect(
        messages(opened({ preparation: { ...preparation, windows: { ...preparation.windows, [field]: value } } }))[0],
      ).toContain(`data.preparation.windows.${field} must be between`)
  })

  test('has windows with the past of the target, and only of later targets', () => {
    const windowed = (change: Json) => opened({ preparation: { ...preparation, windows: { ...windows, ...change } } })
    const windows = { ...preparation.windows, horizon: 1 }
    const document = valueOf(windowed({ past: true }))
    expect(document.data.preparation.windows).toEqual({ ...windows, past: true })
    expect(valueOf(parseDocument(formatDocument(document), 'x.json'))).toEqual(document)
    // y stands behind the features.
    expect(signatureOf(document.data).features).toEqual([5, 1 + 65 + 2 + 1 + 1])
    expect(signatureOf(valueOf(windowed({})).data).features).toEqual([5, 1 + 65 + 2 + 1])
    expect(messages(windowed({ past: true, horizon: 0 }))).toEqual([
      'x.json: data.preparation.windows.past is only for a horizon of 1 or more; with 0 the answer would stand in the window.',
    ])
    expect(messages(windowed({ past: false }))[0]).toContain('data.preparation.windows.past must be true')
  })
})

describe('the hash of a document', () => {
  const iris = shipped('iris')
  const hash = documentHash(iris)

  test('ignores where blocks lie, what the document is called, and notes', () => {
    const moved = edited(
      iris,
      { kind: 'moveBlocks', positions: { b1: { x: 77, y: -3 }, b2: { x: 0.5, y: 9 } } },
      { kind: 'setDocument', name: 'Other', note: 'Else' },
    )
    expect(documentHash(moved)).toBe(hash)
    const composite = withComposite()
    const text = formatDocument(composite).replaceAll(/"x": \d+, "y": \d+/g, '"x": 5, "y": 5')
    expect(text).not.toBe(formatDocument(composite))
    expect(documentHash(valueOf(parseDocument(text, 'x.json')))).toBe(documentHash(composite))
  })

  test('is the same after saving and opening', () => {
    expect(documentHash(valueOf(parseDocument(formatDocument(iris), 'x.json')))).toBe(hash)
  })

  test('notices everything else', () => {
    const seen = new Map<string, string>([[hash, 'iris']])
    let leaves = 0
    for (const from of [iris, withComposite()]) {
      const root = JSON.parse(formatDocument(from)) as Json
      if (from !== iris) seen.set(documentHash(from), 'composite')
      const visit = (value: Json, path: string) => {
        for (const key of Object.keys(value)) {
          const here = `${path}/${key}`
          const inner = value[key]
          if (typeof inner === 'object' && inner !== null) {
            visit(inner as Json, here)
            continue
          }
          if (/\/position\/|^\/(name|note|format|version)$|\/title$/.test(here)) continue
          leaves++
          value[key] =
            typeof inner === 'number' ? inner + 0.125 : typeof inner === 'boolean' ? !inner : `${String(inner)}'`
          const other = documentHash(root as unknown as GraphDocument)
          expect(seen.get(other), here).toBeUndefined()
          seen.set(other, here)
          value[key] = inner
        }
      }
      visit(root, '')
    }
    expect(leaves).toBeGreaterThan(100)
  })

  test('notices a wire that is gone and a block that is gone', () => {
    expect(documentHash(edited(iris, { kind: 'removeItems', blocks: [], wires: ['w1'] }))).not.toBe(hash)
    expect(documentHash(edited(iris, { kind: 'removeItems', blocks: ['b3'], wires: [] }))).not.toBe(hash)
  })

  test('does not notice that a wire was taken away and drawn again', () => {
    const { wires } = iris.graph
    const [id, wire] = Object.entries(wires)[0] ?? []
    if (id === undefined || !wire) throw new Error('iris has wires')
    const without = edited(iris, { kind: 'removeItems', blocks: [], wires: [id] })
    const again = edited(without, { kind: 'connect', id, wire })
    expect(Object.keys(again.graph.wires)).not.toEqual(Object.keys(wires))
    expect(documentHash(again)).toBe(hash)
    expect(documentHash(without)).not.toBe(hash)
  })
})

describe('the data signature', () => {
  const column = (name: string, role: Column['role'], categories?: readonly string[]): Column => ({
    name,
    role,
    kind: categories ? 'categorical' : 'numeric',
    ...(categories ? { categories } : {}),
  })
  const tableOf = (...columns: Column[]): DataSection => ({
    ...emptyDocument().data,
    source: { kind: 'table', reader: 'csv', options: {}, files: [{ name: 'a.csv', size: 1, sha256 }], columns },
  })

  test('of a table counts a place for each number and each category, and leaves the ignored out', () => {
    const data = tableOf(
      column('a', 'feature'),
      column('b', 'feature', ['x', 'y', 'z']),
      column('c', 'ignore'),
      column('d', 'ignore', ['p']),
      column('e', 'target', ['no', 'yes']),
    )
    expect(signatureOf(data)).toEqual({ features: [4], target: { kind: 'classes', classes: 2 } })
    expect(targetOf(data)).toEqual({ kind: 'classes', names: ['no', 'yes'] })
  })

  test('of a table with numeric targets names them', () => {
    const data = tableOf(column('a', 'feature'), column('u', 'target'), column('v', 'target'))
    expect(signatureOf(data)).toEqual({ features: [1], target: { kind: 'numbers', size: 2 } })
    expect(targetOf(data)).toEqual({ kind: 'numbers', names: ['u', 'v'] })
  })

  test('of generated sets and pictures is what they say', () => {
    expect(signatureOf(shipped('stroke-digits').data)).toEqual({
      features: [28, 28, 1],
      target: { kind: 'classes', classes: 10 },
    })
    expect(signatureOf(shipped('sine').data)).toEqual({ features: [1], target: { kind: 'numbers', size: 1 } })
  })

  test('of a table without features or target is empty, which the analysis says', () => {
    const data = tableOf(column('c', 'ignore'))
    expect(signatureOf(data)).toEqual({ features: [0], target: { kind: 'numbers', size: 0 } })
    const found = analyze({ ...withComposite(), data }).problems.map((one) => one.code)
    expect(found).toContain('data.features')
  })
})
