/** Single examples as they stand in the data: those that a person wants to see, and one that a person makes up. */
import { attemptAsync, problem, ProblemError, type Result } from '../base/problem.ts'
import { showShape, sizeOf, type Shape } from '../base/shape.ts'
import type { DataSection } from '../document/types.ts'
import { pictureOf, type Drawing } from './drawing.ts'
import { MAX_SHOWN_VALUES } from './limits.ts'
import { exampleOfFile, exampleOfSound, type OwnFile, type OwnSound } from './own-file.ts'
import { applyPreparation, isTable } from './prepare.ts'
import { asBytes } from './preview.ts'
import { cellOf, fileOf, namesOf, placeOf } from './table/table.ts'
import type { LoadedTable, PreparedData, RawExamples, Table } from './types.ts'

/** Examples to be looked at, in the order in which they were asked for; as many of them as fit (`MAX_SHOWN_VALUES`). */
export type Samples =
  | {
      readonly kind: 'table'
      readonly header: readonly string[]
      readonly unit: 'line' | 'row'
      /** Line or number of each, and its cells as they stand in the file; '' is missing. */
      readonly lines: readonly number[]
      /** Of a table of several files: the file of each. */
      readonly files?: readonly string[]
      readonly cells: readonly (readonly string[])[]
    }
  | {
      readonly kind: 'pictures'
      readonly shape: Shape
      readonly pictures: readonly Uint8Array[]
      readonly names: readonly string[]
    }
  | {
      readonly kind: 'values'
      readonly shape: Shape
      readonly values: readonly Float32Array[]
      readonly names: readonly string[]
    }

export function samplesOf(raw: RawExamples | LoadedTable, rows: readonly number[]): Samples {
  if (isTable(raw)) {
    const { table } = raw
    const shown = fitting(rows, table.columns.length).filter((row) => row < table.rows)
    return {
      kind: 'table',
      header: namesOf(table),
      unit: table.places.unit,
      lines: shown.map((row) => placeOf(table, row)),
      ...(table.parts && { files: shown.map((row) => fileOf(table, row)) }),
      cells: shown.map((row) => table.columns.map((column) => cellOf(column, row))),
    }
  }
  const { shape, features } = raw
  const size = sizeOf(shape)
  const shown = fitting(rows, size).filter((row) => row < raw.count)
  const names = shown.map((row) => raw.names?.[row] ?? `Example ${row + 1}`)
  const valuesOf = (row: number) => features.subarray(row * size, (row + 1) * size)
  if (shape.length > 2) return { kind: 'pictures', shape, names, pictures: shown.map((row) => asBytes(valuesOf(row))) }
  return { kind: 'values', shape, names, values: shown.map((row) => Float32Array.from(valuesOf(row))) }
}

function fitting(rows: readonly number[], size: number): readonly number[] {
  return rows.slice(0, Math.max(1, Math.floor(MAX_SHOWN_VALUES / Math.max(1, size))))
}

/** An example of a person's own: a row's cells by the names of their columns, all numbers of a picture, sequence or point, … */
export type OwnExample =
  | { readonly kind: 'row'; readonly cells: { readonly [column: string]: string } }
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | ({ readonly kind: 'drawing' } & Drawing)
  /** A picture or a WAV file. */
  | ({ readonly kind: 'file' } & OwnFile)
  | ({ readonly kind: 'sound' } & OwnSound)

/** One, or once more the one whose answer had this number: a file is sent and read once. */
export type AskedExample = OwnExample | { readonly kind: 'again'; readonly id: string }

export interface PreparedOwn {
  readonly features: Float32Array
  /** A file or a sound as the network sees it. */
  readonly looks?: Samples
}

/** As the network takes it, with what training has learnt about the data. */
export function prepareOwn(
  example: OwnExample,
  data: PreparedData,
  section: DataSection,
): Promise<Result<PreparedOwn>> {
  return attemptAsync(async (): Promise<PreparedOwn> => {
    switch (example.kind) {
      case 'drawing':
        return { features: await pictureOf(example, data) }
      case 'row':
        return { features: featuresOf(rowOf(example.cells, section), data, section) }
      case 'values':
        return { features: featuresOf(valuesOf(example.values, data), data, section) }
      case 'file': {
        const found = await exampleOfFile(example, data, section)
        if ('raw' in found) return seen(found.raw, data, section)
        const { shape } = data
        const pictures = [asBytes(found.features)]
        return { features: found.features, looks: { kind: 'pictures', shape, pictures, names: [example.file] } }
      }
      case 'sound':
        return seen(await exampleOfSound(example, data, section), data, section)
      default:
        return example satisfies never
    }
  })
}

function seen(raw: RawExamples, data: PreparedData, section: DataSection): PreparedOwn {
  return { features: featuresOf(raw, data, section), looks: samplesOf(raw, [0]) }
}

function featuresOf(raw: RawExamples | LoadedTable, data: PreparedData, section: DataSection): Float32Array {
  const made = applyPreparation(data.fitted, raw, section)
  // There is but one row, and it is in no file.
  const isLeftOut = !made.ok && made.problems[0]?.code === 'data.empty'
  if (!made.ok && !isLeftOut)
    throw new ProblemError(
      ...made.problems.map((one) => ({ ...one, message: one.message.replace(/^Your row 1, column /, 'Column ') })),
    )
  if (made.ok && made.value.count === 1) return made.value.features
  const said = made.ok ? made.value.warnings : made.problems.slice(1)
  const why = said.map(({ message }) => message).join(' ')
  throw new ProblemError(
    problem('own.row', `This row is left out: ${why || 'a value is missing.'} Fill in every cell.`),
  )
}

function rowOf(cells: { readonly [column: string]: string }, { source }: DataSection): LoadedTable {
  if (source.kind !== 'table')
    throw new ProblemError(problem('own.kind', 'A row was given, but the data are no table; give the numbers instead.'))
  const columns = source.columns.map(({ name }): Table['columns'][number] => {
    const text = Object.hasOwn(cells, name) ? (cells[name] ?? '').trim() : ''
    return { kind: 'texts', name, codes: Int32Array.of(text === '' ? -1 : 0), texts: [text] }
  })
  return { table: { file: 'Your', rows: 1, columns, places: { unit: 'row', first: 1 } }, source }
}

function valuesOf(values: readonly number[], { shape, target }: PreparedData): RawExamples {
  const size = sizeOf(shape)
  if (values.length !== size) {
    const message = `${values.length} numbers were given, but an example is ${showShape(shape)}, which makes ${size}; give them all.`
    throw new ProblemError(problem('own.size', message))
  }
  const isClasses = target.kind === 'classes'
  const targets = isClasses ? new Int32Array(1) : new Float32Array(target.names.length)
  return { count: 1, shape, features: Float32Array.from(values), target, targets }
}
