/** What a Parquet file says about itself at its end: columns and where their pieces lie. */
import { at } from '../../base/assert.ts'
import { MAX_COLUMNS, MAX_PARQUET_CHUNKS } from '../limits.ts'
import { physicalTypes, type PhysicalType } from './parquet-pages.ts'
import { Damaged, ThriftReader } from './thrift.ts'

export interface Footer {
  readonly rows: number
  readonly columns: readonly ColumnSchema[]
  /** Columns that hold lists, maps or records, of which no chunk is among those of `groups`. */
  readonly nested: readonly string[]
  readonly groups: readonly RowGroup[]
  readonly writer: string
}

/** What the values of a column mean, beyond how they are stored. */
export type Meaning =
  | { readonly kind: 'plain' | 'text' | 'date' | 'uuid' | 'half' | 'null' }
  | { readonly kind: 'unsigned'; readonly bits: number }
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'time'; readonly unit: TimeUnit }
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly utc: boolean }
  | { readonly kind: 'other'; readonly name: string }

export type TimeUnit = 'milli' | 'micro' | 'nano'

export interface ColumnSchema {
  readonly name: string
  readonly type: PhysicalType
  readonly typeLength: number
  readonly isOptional: boolean
  readonly meaning: Meaning
}

export interface RowGroup {
  readonly rows: number
  readonly chunks: readonly Chunk[]
}

export interface Chunk {
  readonly type: PhysicalType | undefined
  readonly path: readonly string[]
  readonly codec: number
  readonly values: number
  readonly start: number
  readonly length: number
  readonly elsewhere: boolean
  readonly encrypted: boolean
}

interface Element {
  name: string
  type: number | undefined
  typeLength: number
  repetition: number
  children: number
  converted: number | undefined
  scale: number
  logical: Meaning | undefined
}

export function readFooter(bytes: Uint8Array): Footer {
  const thrift = new ThriftReader(bytes)
  const elements: Element[] = []
  const groups: RowGroup[] = []
  let rows = -1
  let writer = ''
  let chunks = 0
  thrift.struct((id) => {
    if (id === 2) {
      thrift.list(() => {
        elements.push(readElement(thrift))
      }, 4 * MAX_COLUMNS)
    } else if (id === 3) rows = thrift.int()
    else if (id === 4) {
      thrift.list(() => {
        const group = readGroup(thrift)
        chunks += 1 + group.chunks.length
        if (chunks > MAX_PARQUET_CHUNKS) throw new Damaged(`it lists more than ${MAX_PARQUET_CHUNKS} pieces of columns`)
        groups.push(group)
      }, MAX_PARQUET_CHUNKS)
    } else if (id === 6) writer = thrift.text()
    else return false
    return true
  })
  if (!Number.isSafeInteger(rows) || rows < 0) throw new Damaged('it does not say how many rows there are')
  const { columns, nested } = columnsOf(elements)
  const isNested = new Set(nested)
  const isPlain = ({ path: [name = ''] }: Chunk) => !isNested.has(name)
  const plain = groups.map((group) => ({ ...group, chunks: group.chunks.filter(isPlain) }))
  return { rows, columns, nested, groups: plain, writer }
}

function readElement(thrift: ThriftReader): Element {
  const element: Element = {
    name: '',
    type: undefined,
    typeLength: 0,
    repetition: 0,
    children: 0,
    converted: undefined,
    scale: 0,
    logical: undefined,
  }
  thrift.struct((id) => {
    if (id === 1) element.type = thrift.int()
    else if (id === 2) element.typeLength = thrift.int()
    else if (id === 3) element.repetition = thrift.int()
    else if (id === 4) element.name = thrift.text()
    else if (id === 5) element.children = thrift.int()
    else if (id === 6) element.converted = thrift.int()
    else if (id === 7) element.scale = thrift.int()
    else if (id === 10) element.logical = readLogical(thrift)
    else return false
    return true
  })
  return element
}

const unitNames: readonly TimeUnit[] = ['milli', 'micro', 'nano']
const logicalNames: ReadonlyMap<number, string> = new Map([
  [2, 'maps'],
  [3, 'lists'],
  [13, 'BSON documents'],
  [16, 'variants'],
  [17, 'geometries'],
  [18, 'geographies'],
])

function readLogical(thrift: ThriftReader): Meaning | undefined {
  let meaning: Meaning | undefined
  thrift.struct((id) => {
    let scale = 0
    let unit: TimeUnit = 'milli'
    let utc = false
    let bits = 32
    let signed = true
    const isTime = id === 7 || id === 8
    thrift.struct((inner, type) => {
      if (id === 5 && inner === 1) scale = thrift.int()
      else if (isTime && inner === 1) utc = thrift.truth(type)
      else if (isTime && inner === 2) {
        thrift.struct((which) => {
          unit = unitNames[which - 1] ?? unit
          return false
        })
      } else if (id === 10 && inner === 1) bits = thrift.byte()
      else if (id === 10 && inner === 2) signed = thrift.truth(type)
      else return false
      return true
    })
    const other = logicalNames.get(id)
    if (id === 1 || id === 4 || id === 12) meaning = { kind: 'text' }
    else if (id === 5) meaning = { kind: 'decimal', scale }
    else if (id === 6) meaning = { kind: 'date' }
    else if (id === 7) meaning = { kind: 'time', unit }
    else if (id === 8) meaning = { kind: 'timestamp', unit, utc }
    else if (id === 10) meaning = signed ? { kind: 'plain' } : { kind: 'unsigned', bits }
    else if (id === 11) meaning = { kind: 'null' }
    else if (id === 14) meaning = { kind: 'uuid' }
    else if (id === 15) meaning = { kind: 'half' }
    else if (other) meaning = { kind: 'other', name: other }
    return true
  })
  return meaning
}

/** The older way to say what values mean. */
function convertedMeaning({ converted, scale }: Element): Meaning {
  switch (converted) {
    case 0:
    case 4:
    case 19:
      return { kind: 'text' }
    case 5:
      return { kind: 'decimal', scale }
    case 6:
      return { kind: 'date' }
    case 7:
    case 8:
      return { kind: 'time', unit: converted === 7 ? 'milli' : 'micro' }
    case 9:
    case 10:
      return { kind: 'timestamp', unit: converted === 9 ? 'milli' : 'micro', utc: true }
    case 11:
    case 12:
    case 13:
    case 14:
      return { kind: 'unsigned', bits: 8 << (converted - 11) }
    case 20:
      return { kind: 'other', name: 'BSON documents' }
    case 21:
      return { kind: 'other', name: 'intervals' }
    default:
      return { kind: 'plain' }
  }
}

function readGroup(thrift: ThriftReader): RowGroup {
  const chunks: Chunk[] = []
  let rows = -1
  thrift.struct((id) => {
    if (id === 1) {
      thrift.list(() => {
        chunks.push(readChunk(thrift))
      }, 4 * MAX_COLUMNS)
    } else if (id === 3) rows = thrift.int()
    else return false
    return true
  })
  return { rows, chunks }
}

function readChunk(thrift: ThriftReader): Chunk {
  const path: string[] = []
  let type = -1
  let codec = 0
  let values = -1
  let length = -1
  let data = -1
  let dictionary = 0
  let elsewhere = false
  let encrypted = false
  thrift.struct((id) => {
    if (id === 1) elsewhere = thrift.binary().length > 0
    else if (id === 3) {
      thrift.struct((inner) => {
        if (inner === 1) type = thrift.int()
        else if (inner === 3) {
          thrift.list(() => {
            path.push(thrift.text())
          }, 64)
        } else if (inner === 4) codec = thrift.int()
        else if (inner === 5) values = thrift.int()
        else if (inner === 7) length = thrift.int()
        else if (inner === 9) data = thrift.int()
        else if (inner === 11) dictionary = thrift.int()
        else return false
        return true
      })
    } else if (id === 8 || id === 9) {
      encrypted = true
      return false
    } else return false
    return true
  })
  const start = dictionary > 0 && dictionary < data ? dictionary : data
  return { type: physicalTypes[type], path, codec, values, start, length, elsewhere, encrypted }
}

/** The tree of fields lies flat, each before what is in it; only leaves right below the root are columns here. */
function columnsOf(elements: readonly Element[]): Pick<Footer, 'columns' | 'nested'> {
  const [root] = elements
  if (!root) throw new Damaged('it names no columns')
  if (root.children > MAX_COLUMNS) throw new Damaged(`it has ${root.children} columns, and ${MAX_COLUMNS} are the most`)
  const columns: ColumnSchema[] = []
  const nested: string[] = []
  let i = 1
  for (let k = 0; k < root.children; k++) {
    const element = elements[i++]
    if (!element) throw new Damaged(`it promises ${root.children} columns and names ${k}`)
    const { name, repetition, typeLength } = element
    if (element.children > 0 || repetition === 2) nested.push(name)
    else
      columns.push({
        name,
        type: typeOf(element),
        typeLength,
        isOptional: repetition === 1,
        meaning: element.logical ?? convertedMeaning(element),
      })
    // Past whatever is in it.
    for (let below = element.children; below > 0; below--) {
      const inner = elements[i++]
      if (!inner) throw new Damaged('the fields within its columns are not all there')
      below += Math.max(0, inner.children)
    }
  }
  if (i < elements.length) throw new Damaged('it names fields that belong to no column')
  return { columns, nested }
}

function typeOf({ type, typeLength, name }: Element): PhysicalType {
  const found = type === undefined ? undefined : physicalTypes[type]
  if (!found)
    throw new Damaged(`column ${JSON.stringify(name.slice(0, 40))} is of type ${type ?? 'none'}, which there is not`)
  if (at(physicalTypes, 7) === found && (typeLength < 1 || typeLength > 10_000))
    throw new Damaged(`values of ${typeLength} bytes cannot be`)
  return found
}
