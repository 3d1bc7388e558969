/** What the engine trains on, and what readers and generators give. */
import type { ParamSpecs, ParamValues, ValuesOf } from '../base/params.ts'
import type { Problem, Result } from '../base/problem.ts'
import type { Rng } from '../base/rng.ts'
import type { Shape } from '../base/shape.ts'
import type { Column, DataSource, TargetDescription } from '../document/types.ts'

/** Examples in order, before any preparation. */
export interface RawExamples {
  readonly count: number
  /** One example's shape. */
  readonly shape: Shape
  /** count × shape, row-major; bytes 0 … 255 stay bytes. */
  readonly features: Float32Array | Uint8Array
  readonly target: TargetDescription
  /** Class indices, or count × numbers. */
  readonly targets: Int32Array | Float32Array
}

/** A generated set: one file each in data/datasets. */
export interface DatasetDefinition {
  readonly type: string
  readonly title: string
  readonly doc: string
  readonly params: ParamSpecs
  /** Known without making it, for the editor. */
  readonly features: Shape
  /** Where parameters decide the shape: it; `features` is then that of the defaults. */
  featuresFor?(params: ParamValues): Shape
  readonly target: TargetDescription
  /** Example i comes from its own random stream, so that the first n of m > n examples are the same n. */
  generate(params: ParamValues, random: (example: number) => Rng): RawExamples
}

export function defineDataset<const P extends ParamSpecs>(
  definition: Omit<DatasetDefinition, 'params' | 'featuresFor' | 'generate'> & {
    readonly params: P
    featuresFor?(params: ValuesOf<P>): Shape
    generate(params: ValuesOf<P>, random: (example: number) => Rng): RawExamples
  },
): DatasetDefinition {
  return definition
}

/** A file as a reader gets it: whole, in memory, unzipped where it was gzipped. */
export interface SourceFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly size: number
  readonly sha256: string
}

/** Cells of a table as they stand in the file. */
export interface RawTable {
  readonly file: string
  readonly header: readonly string[]
  /** cells[row][column], trimmed; '' is missing. */
  readonly cells: readonly (readonly string[])[]
  /** Physical line of each row, counted from 1. */
  readonly lines: readonly number[]
}

/** A file format: one file each in data/readers. */
export interface Reader {
  readonly type: string
  readonly title: string
  /** Endings that the file picker offers, with the dot. */
  readonly extensions: readonly string[]
  /** Whether this reader knows these files, by their first bytes and names. */
  accepts(files: readonly SourceFile[]): boolean
  /** Looks at the files and proposes a source: column roles and kinds guessed, shapes and classes found. */
  inspect(files: readonly SourceFile[]): Result<{ readonly source: DataSource; readonly warnings: readonly Problem[] }>
  /** Reads the examples that the source describes. */
  read(
    files: readonly SourceFile[],
    source: DataSource,
  ): Result<{ readonly data: RawTable | RawExamples; readonly warnings: readonly Problem[] }>
}

/** Statistics learnt from the training part; they travel with the weights and are applied again to every new example. */
export interface FittedPreparation {
  /** Tables: one for each feature column. Points: one for each number. Pictures: one for all pixels. */
  readonly columns: readonly FittedColumn[]
  /** For numeric targets: one for each number. */
  readonly targets: readonly { readonly mean: number; readonly deviation: number }[]
}
export interface FittedColumn {
  /** Undefined for pictures, where one entry serves all pixels. */
  readonly column?: Column
  readonly mean: number
  /** 1 where nothing is scaled or all values are equal; 255 for bytes that are not standardised, so that they lie in 0 … 1. */
  readonly deviation: number
  /** What stands for a missing value: the mean, or the index of the most frequent category. */
  readonly fill: number
}

/** One part (training or validation) as the engine takes it. */
export interface Examples {
  readonly count: number
  /** count × features */
  readonly features: Float32Array
  /** Class indices [count], or numbers [count × size]. */
  readonly targets: Int32Array | Float32Array
}

export interface PreparedData {
  readonly train: Examples
  readonly validation: Examples
  readonly shape: Shape
  readonly target: TargetDescription
  readonly fitted: FittedPreparation
  readonly warnings: readonly Problem[]
}
