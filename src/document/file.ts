/**
 * The document as a file. Opening trusts nothing: a file that is not ours, is damaged, or was written by a newer version is
 * refused by name and reason, and is never written to.
 */
import type { ParamValue, ParamValues } from '../base/params.ts'
import { attempt, fail, ok, problem, ProblemError, type Result } from '../base/problem.ts'
import { canonicalJson, contentHash } from '../base/hash.ts'
import type { Shape } from '../base/shape.ts'
import { arranged, MAX_REPEAT } from './composites.ts'
import { MAX_CONSTANTS } from './constants.ts'
import { readCorrections } from './corrections.ts'
import { constantNameProblem } from './expressions.ts'
import { nameProblem } from './names.ts'
import { bracketDepth, JsonReader, type Fields } from './read.ts'
import { MAX_PARTS, readColumn, readPreparation, readSplit } from './recipes.ts'
import { readTraining } from './training.ts'
import {
  annotationColours,
  FORMAT,
  VERSION,
  type Annotation,
  type BlockId,
  type BlockNode,
  type Constants,
  type DataSection,
  type DataSource,
  type Endpoint,
  type FileReference,
  type FileSource,
  type Graph,
  type GraphDocument,
  type Inside,
  type Position,
  type TargetDescription,
  type Wire,
} from './types.ts'

/** Blocks of one graph. */
export const MOST_BLOCKS = 10_000

const LIMITS = {
  characters: 20_000_000,
  depth: 64,
  blocks: MOST_BLOCKS,
  wires: 50_000,
  columns: 16_384,
  names: 100_000,
  nesting: 12,
  annotations: 10_000,
  points: 100,
  files: MAX_PARTS,
  constants: MAX_CONSTANTS,
}

/** How far from the origin a block may lie. */
export const MAX_PLACE = 1e6
/** Entries of a parameter that is a list; how many a block takes, it says itself. */
const MAX_LIST = 1000

export function parseDocument(text: string, fileName: string): Result<GraphDocument> {
  const refuse = (code: string, message: string) => fail(problem(code, `${fileName}: ${message}`, { file: fileName }))
  if (text.length > LIMITS.characters)
    return refuse(
      'document.large',
      `the file has ${text.length} characters; a document has at most ${LIMITS.characters}.`,
    )
  if (text.trim() === '')
    return refuse('document.empty', 'the file is empty. If it was a document, open an older copy of it.')
  if (bracketDepth(text) > LIMITS.depth)
    return refuse(
      'document.depth',
      `brackets are nested more than ${LIMITS.depth} deep; this is not a document of ours.`,
    )
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable'
    return refuse(
      'document.json',
      `the file is damaged or not JSON (${reason}). Nothing was changed; open an older copy.`,
    )
  }
  return attempt(() => readDocument(new JsonReader(fileName), json, fileName))
}

/** Key order is fixed and lines are short, so that two versions of a file compare well. */
export function formatDocument(document: GraphDocument): string {
  const text = JSON.stringify(document, null, 2)
  // Short lists of numbers and positions read better on one line. A line break never occurs inside a JSON string, so
  // looking for line breaks touches structure only.
  const item = String.raw`(?:"\w+": )?-?[\w.+-]+`
  const short = new RegExp(String.raw`([[{])\n\s+(${item}(?:,\n\s+${item})*)\n\s+([\]}])`, 'g')
  return `${text.replace(short, (_whole, open: string, inner: string, close: string) => {
    const line = inner.replace(/\n\s+/g, ' ')
    return open === '[' ? `[${line}${close}` : `{ ${line} ${close}`
  })}\n`
}

/** Equal for documents that mean the same computation: positions, notes and the title do not count. */
export function documentHash(document: GraphDocument): string {
  const bare = (graph: Graph): unknown => ({
    // A wire that was drawn again comes last; which one came first means nothing.
    wires: Object.values(graph.wires)
      .map(({ from, to }) => canonicalJson({ from, to }))
      .sort(),
    blocks: Object.fromEntries(
      Object.entries(graph.blocks).map(([id, { position: _position, inside, ...rest }]) => [
        id,
        inside
          ? {
              ...rest,
              inside: {
                ...(bare(inside) as object),
                inputs: inside.inputs,
                outputs: inside.outputs,
                params: Object.entries(inside.params ?? {}).map(([name, { targets }]) => [name, targets]),
              },
            }
          : rest,
      ]),
    ),
  })
  const { constants = {}, data, training } = document
  const named = Object.keys(constants).length > 0 ? { constants } : {}
  return contentHash({ graph: bare(document.graph), data, training, ...named })
}

export function emptyDocument(): GraphDocument {
  return {
    format: FORMAT,
    version: VERSION,
    name: 'Untitled',
    note: '',
    graph: { blocks: {}, wires: {} },
    data: {
      source: {
        kind: 'generated',
        generator: 'spiral',
        params: {},
        seed: 1,
        features: [2],
        target: { kind: 'classes', names: ['first', 'second'] },
      },
      preparation: { scale: 'standardise', missing: 'fill' },
      split: { validation: 0.2, seed: 1 },
    },
    training: { optimizer: { type: 'adam', params: {} }, batchSize: 32, epochs: 20, seed: 1 },
  }
}

/** Whether a document in memory would open again if it were saved now: it itself, or the reasons why not. */
export function checkDocument(document: GraphDocument): Result<GraphDocument> {
  const read = attempt(() => readDocument(new JsonReader(''), document, 'the document'))
  return read.ok ? ok(document) : read
}

function readDocument(r: JsonReader, json: unknown, fileName: string): GraphDocument {
  const fields = r.object(json, '')
  if (fields['format'] !== FORMAT)
    r.refuse('', 'is not a Neuroloom document: its first field must be "format": "neuroloom".', 'document.format')
  const version = r.whole(fields['version'], 'version', 1, Number.MAX_SAFE_INTEGER)
  if (version > VERSION)
    throw new ProblemError(
      problem(
        'document.newer',
        `${fileName} was written by a newer Neuroloom (format ${version}; this one reads up to ${VERSION}). It was left untouched; update Neuroloom to open it.`,
        { file: fileName, field: 'version' },
      ),
    )
  return {
    format: FORMAT,
    version: VERSION,
    name: r.string(fields['name'], 'name'),
    note: r.string(fields['note'] ?? '', 'note'),
    ...(fields['constants'] === undefined ? {} : { constants: readConstants(r, fields['constants']) }),
    graph: readGraph(r, fields['graph'], 'graph', 0),
    data: readData(r, fields['data']),
    training: readTraining(r, fields['training'], readParamValues),
  }
}

function readConstants(r: JsonReader, value: unknown): Constants {
  return r.entries(value, 'constants', LIMITS.constants, (inner, at, name) => {
    const wrong = constantNameProblem(name)
    if (wrong !== null) r.refuse('constants', `has "${name}", which can't be used. ${wrong}`)
    return r.number(inner, at)
  })
}

function readGraph(r: JsonReader, value: unknown, path: string, nesting: number): Graph {
  if (nesting > LIMITS.nesting) r.refuse(path, `is nested more than ${LIMITS.nesting} composites deep.`)
  const fields = r.object(value, path)
  const blocks = r.entries(fields['blocks'], `${path}.blocks`, LIMITS.blocks, (inner, at) =>
    readBlock(r, inner, at, nesting),
  )
  const wires = r.entries(fields['wires'], `${path}.wires`, LIMITS.wires, (inner, at) => {
    const wire = r.object(inner, at)
    const read: Wire = {
      from: readEndpoint(r, wire['from'], `${at}.from`),
      to: readEndpoint(r, wire['to'], `${at}.to`),
      ...(wire['via'] === undefined
        ? {}
        : {
            via: r
              .array(wire['via'], `${at}.via`, LIMITS.points)
              .map((point, i) => readPosition(r, point, `${at}.via[${i}]`)),
          }),
    }
    for (const end of [read.from, read.to])
      if (!Object.hasOwn(blocks, end.block))
        r.refuse(at, `leads to a block "${end.block}" that does not exist.`, 'wire.block')
    return read
  })
  const annotations =
    fields['annotations'] === undefined
      ? undefined
      : r.entries(fields['annotations'], `${path}.annotations`, LIMITS.annotations, (inner, at) =>
          readAnnotation(r, inner, at),
        )
  // Ids are joined to keys with dots, slashes and spaces.
  for (const id of [...Object.keys(blocks), ...Object.keys(wires), ...Object.keys(annotations ?? {})])
    if (!/^[\w-]+$/.test(id)) r.refuse(path, `has the id "${id}"; an id is made of letters, digits, _ and -.`)
  for (const id of Object.keys(annotations ?? {}))
    if (Object.hasOwn(blocks, id) || Object.hasOwn(wires, id))
      r.refuse(`${path}.annotations`, `has the id "${id}", which a block or a wire has as well.`)
  const names = new Map<string, string>()
  for (const [id, node] of Object.entries(blocks)) {
    const twin = names.get(node.name)
    if (twin !== undefined)
      r.refuse(`${path}.blocks`, `has two blocks called "${node.name}": ${twin} and ${id}.`, 'block.name')
    names.set(node.name, id)
    checkShare(r, blocks, id, `${path}.blocks.${id}.shares`)
  }
  const ends = new Map<string, string>()
  for (const [id, wire] of Object.entries(wires)) {
    const key = `${wire.to.block}.${wire.to.port}`
    const twin = ends.get(key)
    if (twin !== undefined)
      r.refuse(`${path}.wires`, `${twin} and ${id} both end at ${key}; an input takes one wire.`, 'wire.twice')
    ends.set(key, id)
  }
  return { blocks, wires, ...(annotations === undefined ? {} : { annotations }) }
}

function readAnnotation(r: JsonReader, value: unknown, path: string): Annotation {
  const fields = r.object(value, path)
  const size = r.object(fields['size'], `${path}.size`)
  return {
    kind: r.choice(fields['kind'], `${path}.kind`, ['frame', 'note']),
    text: r.string(fields['text'], `${path}.text`),
    position: readPosition(r, fields['position'], `${path}.position`),
    size: {
      width: r.number(size['width'], `${path}.size.width`, 0, MAX_PLACE),
      height: r.number(size['height'], `${path}.size.height`, 0, MAX_PLACE),
    },
    colour: r.choice(fields['colour'], `${path}.colour`, annotationColours),
  }
}

function readPosition(r: JsonReader, value: unknown, path: string): Position {
  const position = r.object(value, path)
  return {
    x: r.number(position['x'], `${path}.x`, -MAX_PLACE, MAX_PLACE),
    y: r.number(position['y'], `${path}.y`, -MAX_PLACE, MAX_PLACE),
  }
}

function readBlock(r: JsonReader, value: unknown, path: string, nesting: number): BlockNode {
  const fields = r.object(value, path)
  const name = r.string(fields['name'], `${path}.name`)
  const wrong = nameProblem(name)
  if (wrong) r.refuse(`${path}.name`, `can't be used. ${wrong}`, 'block.name')
  const node: BlockNode = {
    type: r.string(fields['type'], `${path}.type`),
    name,
    position: readPosition(r, fields['position'], `${path}.position`),
    params: readParamValues(r, fields['params'] ?? {}, `${path}.params`),
  }
  const inside =
    fields['inside'] === undefined ? undefined : readInside(r, fields['inside'], `${path}.inside`, nesting + 1)
  const repeat = fields['repeat'] === undefined ? undefined : r.whole(fields['repeat'], `${path}.repeat`, 1, MAX_REPEAT)
  if (repeat !== undefined && node.type !== 'composite') r.refuse(`${path}.repeat`, 'is only for composites.')
  const shares = fields['shares'] === undefined ? undefined : r.string(fields['shares'], `${path}.shares`)
  const { bypassed } = fields
  if (bypassed !== undefined && bypassed !== true) r.refuse(`${path}.bypassed`, 'must be true where it is given.')
  return {
    ...node,
    ...(inside === undefined ? {} : { inside }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(shares === undefined ? {} : { shares }),
    ...(bypassed === undefined ? {} : { bypassed }),
  }
}

/** A second use of a block says only which one it is; what it is stands there. */
function checkShare(r: JsonReader, blocks: Graph['blocks'], id: BlockId, path: string): void {
  const node = blocks[id]
  if (node?.shares === undefined) return
  const refuse = (message: string) => r.refuse(path, message, 'block.shares')
  if (node.shares === id) refuse('names the block itself; a block can share only another one.')
  const original = Object.hasOwn(blocks, node.shares) ? blocks[node.shares] : undefined
  if (!original) return refuse(`names a block "${node.shares}" that does not exist.`)
  if (original.shares !== undefined)
    refuse(`names ${original.name}, which is itself another use of "${original.shares}"; name that one.`)
  if (original.type !== node.type)
    refuse(`names ${original.name} of type "${original.type}"; "${node.type}" is something else.`)
  if (Object.keys(node.params).length > 0 || node.inside !== undefined || node.repeat !== undefined)
    refuse(`can't stand beside params, inside or repeat of its own; it has those of ${original.name}.`)
}

function readInside(r: JsonReader, value: unknown, path: string, nesting: number): Inside {
  const fields = r.object(value, path)
  const graph = readGraph(r, value, path, nesting)
  const endpoint = (inner: unknown, at: string): Endpoint => {
    const end = readEndpoint(r, inner, at)
    if (!Object.hasOwn(graph.blocks, end.block))
      r.refuse(at, `leads to a block "${end.block}" that does not exist.`, 'wire.block')
    return end
  }
  const inputs = r.entries(fields['inputs'], `${path}.inputs`, 100, (inner, at) =>
    r.array(inner, at, 1000).map((end, i) => endpoint(end, `${at}[${i}]`)),
  )
  const taken = new Set(Object.values(graph.wires).map((wire) => `${wire.to.block}.${wire.to.port}`))
  for (const { block, port } of Object.values(inputs).flat()) {
    const key = `${block}.${port}`
    if (taken.has(key))
      r.refuse(`${path}.inputs`, `leads to ${key}, which is taken; an input takes one wire.`, 'wire.twice')
    taken.add(key)
  }
  const { aliases, params } = fields
  return arranged({
    title: r.string(fields['title'], `${path}.title`),
    ...(fields['doc'] === undefined ? {} : { doc: r.string(fields['doc'], `${path}.doc`) }),
    ...(aliases === undefined
      ? {}
      : { aliases: r.array(aliases, `${path}.aliases`, 100).map((one, i) => r.string(one, `${path}.aliases[${i}]`)) }),
    ...(params === undefined ? {} : { params: readExposed(r, params, `${path}.params`, graph) }),
    ...graph,
    inputs,
    outputs: r.entries(fields['outputs'], `${path}.outputs`, 100, endpoint),
  })
}

/** Which parameters a block has is checked where blocks are known; here, that the block is there and set only once. */
function readExposed(r: JsonReader, value: unknown, path: string, graph: Graph): NonNullable<Inside['params']> {
  const taken = new Set<string>()
  return r.entries(value, path, 100, (inner, at, name) => {
    const wrong = nameProblem(name)
    if (wrong) r.refuse(path, `has a name "${name}" that can't be used. ${wrong}`)
    const fields = r.object(inner, at)
    const targets = r.array(fields['targets'], `${at}.targets`, 1000).map((one, i) => {
      const where = `${at}.targets[${i}]`
      const target = r.object(one, where)
      const read = {
        block: r.string(target['block'], `${where}.block`),
        param: r.string(target['param'], `${where}.param`),
      }
      const node = Object.hasOwn(graph.blocks, read.block) ? graph.blocks[read.block] : undefined
      if (!node) return r.refuse(where, `leads to a block "${read.block}" that does not exist.`)
      if (node.shares !== undefined)
        r.refuse(where, `leads to ${node.name}, which is another use of "${node.shares}"; name that one.`)
      if (read.param in Object.prototype)
        r.refuse(`${where}.param`, `is called "${read.param}", a name that no document may use.`)
      if (node.inside && !Object.hasOwn(node.inside.params ?? {}, read.param))
        r.refuse(where, `leads to a parameter "${read.param}" that ${node.name} does not expose.`)
      const key = `${read.block} ${read.param}`
      if (taken.has(key)) r.refuse(where, `sets ${read.param} of ${node.name}, which is set already.`)
      taken.add(key)
      return read
    })
    if (targets.length === 0) r.refuse(`${at}.targets`, 'must name at least one parameter of a block inside.')
    return { label: r.string(fields['label'], `${at}.label`), targets }
  })
}

function readEndpoint(r: JsonReader, value: unknown, path: string): Endpoint {
  const fields = r.object(value, path)
  const port = r.string(fields['port'], `${path}.port`)
  // Such a name would be found on every object.
  if (port in Object.prototype) r.refuse(`${path}.port`, `is called "${port}", a name that no document may use.`)
  return { block: r.string(fields['block'], `${path}.block`), port }
}

/** A composite from a file of its own: a block without a place on any canvas. */
export function parseComposite(value: unknown, fileName: string): Result<BlockNode> {
  return attempt(() =>
    readBlock(new JsonReader(fileName), { ...(value as Fields), position: { x: 0, y: 0 } }, 'composite', 0),
  )
}

/** Kinds of values only; which parameters a block has and what they may be is checked where the block is known. */
function readParamValues(r: JsonReader, value: unknown, path: string): ParamValues {
  return r.entries(value, path, 200, (inner, at): ParamValue => {
    if (typeof inner === 'boolean') return inner
    if (typeof inner === 'string') return r.string(inner, at)
    if (Array.isArray(inner)) return r.array(inner, at, MAX_LIST).map((one, i) => r.number(one, `${at}[${i}]`))
    return r.number(inner, at)
  })
}

function readData(r: JsonReader, value: unknown): DataSection {
  const fields = r.object(value, 'data')
  const preparation = r.object(fields['preparation'], 'data.preparation')
  const split = r.object(fields['split'], 'data.split')
  const data: DataSection = {
    source: readSource(r, fields['source']),
    preparation: readPreparation(r, preparation, 'data.preparation'),
    split: readSplit(r, split, 'data.split'),
  }
  const { corrections } = fields
  if (corrections === undefined) return data
  return { ...data, corrections: readCorrections(r, corrections, 'data.corrections', data) }
}

function readSource(r: JsonReader, value: unknown): DataSource {
  const path = 'data.source'
  const fields = r.object(value, path)
  const kind = r.choice(fields['kind'], `${path}.kind`, ['generated', 'table', 'examples', 'images'])
  switch (kind) {
    case 'generated':
      return {
        kind,
        generator: r.string(fields['generator'], `${path}.generator`),
        params: readParamValues(r, fields['params'], `${path}.params`),
        seed: r.whole(fields['seed'], `${path}.seed`, 0, 2 ** 31 - 1),
        features: readShape(r, fields['features'], `${path}.features`),
        target: readTarget(r, fields['target']),
      }
    case 'table':
      return {
        kind,
        ...readFileSource(r, fields, path, ['file']),
        columns: r
          .array(fields['columns'], `${path}.columns`, LIMITS.columns)
          .map((column, i) => readColumn(r, column, `${path}.columns[${i}]`, LIMITS.names)),
      }
    // What examples were called when there were only pictures.
    case 'images':
    case 'examples':
      return {
        kind: 'examples',
        ...readFileSource(r, fields, path, ['images', 'labels']),
        features: readShape(r, fields['features'], `${path}.features`),
        target: readTarget(r, fields['target']),
      }
    default:
      return kind satisfies never
  }
}

/** `older`: fields that named a file each before there was a list of them. */
function readFileSource(r: JsonReader, fields: Fields, path: string, older: readonly string[]): FileSource {
  const files =
    fields['files'] === undefined
      ? older.map((name) => readFileReference(r, fields[name], `${path}.${name}`))
      : r
          .array(fields['files'], `${path}.files`, LIMITS.files)
          .map((file, i) => readFileReference(r, file, `${path}.files[${i}]`))
  return {
    reader: r.string(fields['reader'], `${path}.reader`),
    options: readParamValues(r, fields['options'] ?? {}, `${path}.options`),
    files,
  }
}

function readShape(r: JsonReader, value: unknown, path: string): Shape {
  return r.array(value, path, 8).map((axis, i) => r.whole(axis, `${path}[${i}]`, 0, 2 ** 31 - 1))
}

function readNames(r: JsonReader, value: unknown, path: string): readonly string[] {
  return r.array(value, path, LIMITS.names).map((name, i) => r.string(name, `${path}[${i}]`))
}

function readTarget(r: JsonReader, value: unknown): TargetDescription {
  const fields = r.object(value, 'data.source.target')
  const kind = r.choice(fields['kind'], 'data.source.target.kind', ['classes', 'numbers'])
  const names = readNames(r, fields['names'], 'data.source.target.names')
  const { labels } = fields
  if (labels !== undefined && (labels !== true || kind === 'classes'))
    r.refuse('data.source.target.labels', 'must be true where it is given, and is only for numbers.')
  return kind === 'numbers' && labels === true ? { kind, names, labels } : { kind, names }
}

function readFileReference(r: JsonReader, value: unknown, path: string): FileReference {
  const fields = r.object(value, path)
  const name = r.string(fields['name'], `${path}.name`)
  // Only a base name: a document must never lead the program to a place on somebody's disk.
  if (/[/\\]/.test(name) || name === '' || name.startsWith('.'))
    r.refuse(`${path}.name`, 'must be the bare name of a file, without folders.')
  const sha256 = r.string(fields['sha256'], `${path}.sha256`)
  if (!/^[0-9a-f]{64}$/.test(sha256)) r.refuse(`${path}.sha256`, 'must be 64 hexadecimal digits.')
  const size = r.whole(fields['size'], `${path}.size`, 0, Number.MAX_SAFE_INTEGER)
  if (fields['entries'] === undefined) return { name, size, sha256 }
  return { name, size, sha256, entries: r.whole(fields['entries'], `${path}.entries`, 0, Number.MAX_SAFE_INTEGER) }
}
