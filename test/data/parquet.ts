/** Parquet files made by hand, so that each field can lie. */

/** A value in Thrift's compact protocol. */
export interface Thrift {
  readonly type: number
  readonly bytes: readonly number[]
}

export function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

export const int = (value: number): Thrift => ({ type: 6, bytes: varint(value < 0 ? -2 * value - 1 : 2 * value) })
export const text = (value: string): Thrift => {
  const bytes = [...new TextEncoder().encode(value)]
  return { type: 8, bytes: [...varint(bytes.length), ...bytes] }
}
export const truth = (value: boolean): Thrift => ({ type: value ? 1 : 2, bytes: [] })
export const list = (values: readonly Thrift[], count = values.length): Thrift => {
  const type = values[0]?.type ?? 12
  const head = count < 15 ? [(count << 4) | type] : [0xf0 | type, ...varint(count)]
  return { type: 9, bytes: [...head, ...values.flatMap((value) => value.bytes)] }
}
export const struct = (fields: { readonly [id: number]: Thrift | undefined }): Thrift => {
  const bytes: number[] = []
  for (const [id, value] of Object.entries(fields)) {
    if (value) bytes.push(value.type, ...int(Number(id)).bytes, ...value.bytes)
  }
  return { type: 12, bytes: [...bytes, 0] }
}

export interface Page {
  readonly body: readonly number[]
  /** 0 data, 2 dictionary, 3 data of the second kind. */
  readonly kind?: number
  readonly values?: number
  readonly encoding?: number
  /** Unpacked. */
  readonly size?: number
  readonly packed?: number
  /** Of the second kind. */
  readonly levels?: number
  /** CRC-32. */
  readonly sum?: number
}

export function page({
  body,
  kind = 0,
  values = 0,
  encoding = 0,
  size = body.length,
  packed = body.length,
  levels = 0,
  sum,
}: Page): number[] {
  const header = struct({
    1: int(kind),
    2: int(size),
    3: int(packed),
    4: sum === undefined ? undefined : int(sum | 0),
    5: kind === 0 ? struct({ 1: int(values), 2: int(encoding), 3: int(3), 4: int(3) }) : undefined,
    7: kind === 2 ? struct({ 1: int(values), 2: int(encoding) }) : undefined,
    8:
      kind === 3
        ? struct({ 1: int(values), 2: int(0), 3: int(values), 4: int(encoding), 5: int(levels), 6: int(0) })
        : undefined,
  })
  return [header.bytes, body].flat()
}

export interface Column {
  readonly name: string
  /** Physical type: 1 INT32, 2 INT64, 5 DOUBLE, 6 BYTE_ARRAY … */
  readonly type?: number
  readonly typeLength?: number
  /** 0 required, 1 optional, 2 repeated. */
  readonly repetition?: number
  readonly converted?: number
  readonly children?: number
  readonly scale?: number
  readonly pages?: readonly (readonly number[])[]
  readonly codec?: number
  readonly values?: number
  readonly start?: number
  readonly length?: number
  readonly path?: readonly string[]
  readonly elsewhere?: string
  readonly encrypted?: boolean
}

export interface Claims {
  readonly rows: number
  readonly groupRows?: number
  readonly children?: number
  /** Fields in the schema that have no pages. */
  readonly more?: readonly Column[]
  readonly footer?: readonly number[]
  readonly footerLength?: number
}

export const ascii = (value: string) => [...new TextEncoder().encode(value)]

export function parquetBytes(columns: readonly Column[], claims: Claims): Uint8Array {
  const { rows, groupRows = rows, children = columns.length } = claims
  const bytes = ascii('PAR1')
  const chunks = columns.map((column) => {
    const body = (column.pages ?? []).flat()
    const start = bytes.length
    for (const byte of body) bytes.push(byte)
    return struct({
      1: column.elsewhere === undefined ? undefined : text(column.elsewhere),
      2: int(0),
      3: struct({
        1: int(column.type ?? 1),
        2: list([int(0)]),
        3: list((column.path ?? [column.name]).map(text)),
        4: int(column.codec ?? 0),
        5: int(column.values ?? groupRows),
        6: int(body.length),
        7: int(column.length ?? body.length),
        9: int(column.start ?? start),
      }),
      8: column.encrypted ? struct({}) : undefined,
    })
  })
  const element = (column: Column) =>
    struct({
      1: column.children === undefined ? int(column.type ?? 1) : undefined,
      2: column.typeLength === undefined ? undefined : int(column.typeLength),
      3: int(column.repetition ?? 0),
      4: text(column.name),
      5: column.children === undefined ? undefined : int(column.children),
      6: column.converted === undefined ? undefined : int(column.converted),
      7: column.scale === undefined ? undefined : int(column.scale),
    })
  const made = struct({
    1: int(1),
    2: list([
      struct({ 4: text('schema'), 5: int(children) }),
      ...columns.map(element),
      ...(claims.more ?? []).map(element),
    ]),
    3: int(rows),
    4: list([struct({ 1: list(chunks), 2: int(0), 3: int(groupRows) })]),
    6: text('by hand'),
  })
  const footer = claims.footer ?? made.bytes
  const length = claims.footerLength ?? footer.length
  const end = [length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, (length >>> 24) & 0xff, ...ascii('PAR1')]
  for (const part of [footer, end]) for (const byte of part) bytes.push(byte)
  return Uint8Array.from(bytes)
}

export const int32 = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)]
export const int64 = (...values: bigint[]) => [...new Uint8Array(BigInt64Array.from(values).buffer)]
export const double = (...values: number[]) => [...new Uint8Array(Float64Array.from(values).buffer)]
export const byteArray = (...values: (string | number[])[]) =>
  values.flatMap((value) => {
    const bytes = typeof value === 'string' ? ascii(value) : value
    return [...int32(bytes.length), ...bytes]
  })
