/** What the engine trains on, and what readers and generators give. */
import type { ParamSpecs, ParamValues, ValuesOf } from '../base/params.ts'
import type { Problem } from '../base/problem.ts'
import type { Rng } from '../base/rng.ts'
import type { Shape } from '../base/shape.ts'
import type {
  Column,
  ExamplesSource,
  FileReference,
  SplitChoice,
  TableSource,
  TargetDescription,
  Windows,
} from '../document/types.ts'
import type { DateForm } from './table/dates.ts'

/** Examples of one shape in order, before any preparation. */
export interface RawExamples<N extends Numbers = Numbers> {
  readonly count: number
  /** One example's shape. */
  readonly shape: Shape
  /** count × shape, row-major; bytes 0 … 255 stay bytes. */
  readonly features: N
  /** The features are positions in the list of the target's names, as an embedding reads them; they are never scaled. */
  readonly codes?: true
  readonly target: TargetDescription
  /** Class indices, or count × numbers. */
  readonly targets: Int32Array | Float32Array
  /** Where each example comes from, for people: its file, its row. Without it they are numbered. */
  readonly names?: readonly string[]
  /** Where each example is a file of its own: that file's name. */
  readonly files?: readonly string[]
  /** Where they come from several files, or from folders such as train and test. */
  readonly parts?: Parts
  /** Of recordings. */
  readonly recorded?: Recorded
}

export interface Parts {
  readonly names: readonly string[]
  /** Of each example its index in `names`. */
  readonly of: Uint8Array
}

/** What each recording has become before it was made an example of. */
export interface Recorded {
  /** Samples a second, and of each recording. */
  readonly rate: number
  readonly samples: number
}

/** Numbers of examples one after the other: in memory, or in a file where they are too many for it. */
export type Numbers = HeldNumbers | StoredNumbers
export type HeldNumbers = Float32Array | Uint8Array
export type HeldExamples = RawExamples<HeldNumbers>

export interface StoredNumbers {
  readonly kind: 'bytes' | 'floats'
  /** How many numbers there are. */
  readonly length: number
  readonly byteLength: number
  /** The numbers [from, to), read while the caller waits: for single examples and for passes over all of them. */
  subarray(from: number, to: number): HeldNumbers
  /** The same, read while others work. */
  read(from: number, to: number): Promise<HeldNumbers>
  /** Where examples overlap: what they are cut from, which is what `byteLength` counts. */
  readonly cut?: {
    readonly values: Numbers
    /** Numbers of an example, and from the beginning of one to that of the next. */
    readonly size: number
    readonly step: number
  }
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
  /** Where parameters decide the target: it; `target` is then that of the defaults. */
  targetFor?(params: ParamValues): TargetDescription
  /** Example i comes from its own random stream, so that the first n of m > n examples are the same n. */
  generate(params: ParamValues, random: (example: number) => Rng): HeldExamples
}

export function defineDataset<const P extends ParamSpecs>(
  definition: Omit<DatasetDefinition, 'params' | 'featuresFor' | 'targetFor' | 'generate'> & {
    readonly params: P
    featuresFor?(params: ValuesOf<P>): Shape
    targetFor?(params: ValuesOf<P>): TargetDescription
    generate(params: ValuesOf<P>, random: (example: number) => Rng): HeldExamples
  },
): DatasetDefinition {
  return definition
}

/** A file as a reader gets it: its bytes come when they are asked for, unzipped where it was gzipped. */
export interface DataFile {
  /** For people; `/` parts it from the folders that it lies in, e.g. `cats/7.png`. */
  readonly name: string
  /** Bytes on the disk. */
  readonly size: number
  /** Bytes that can be read; undefined where only unzipping all of it would tell. */
  readonly length: number | undefined
  /** The first bytes, 4096 at most. */
  readonly head: Uint8Array
  /** Everything in order, in pieces that are the reader's to keep. Leaving the loop closes the file. */
  chunks(): AsyncIterable<Uint8Array>
  /** Bytes [from, to), fewer where the file ends. */
  read(from: number, to: number): Promise<Uint8Array>
}

/** A file or a folder that a document can name, with what a reader gets of it. */
export interface DataItem {
  readonly reference: FileReference
  /** The file, or all that lie in the folder. */
  readonly files: readonly DataFile[]
  /** What else lies in the folder, as warnings. */
  readonly passedOver?: readonly Problem[]
}

/** Columns of one length, as they stand in the file: numbers, or texts with a code each. */
export interface Table {
  /** Its file, for messages; of several a few words that stand for all. */
  readonly file: string
  readonly rows: number
  readonly columns: readonly TableColumn[]
  /** Of several files: which row is of which. Places are then those in a row's own file. */
  readonly parts?: Parts
  /** What a message calls the place of a row, and the number that it has there, counted from 1. */
  readonly places: RowPlaces
  /** Of texts whose numbers show it without doubt, and all alike. */
  readonly decimal?: DecimalSign
  /** Of a table that is more than memory is to hold. */
  readonly stored?: StoredRows
}

export type DecimalSign = '.' | ','

/** How rows lie in a file. */
export interface StoredRows {
  readonly byteLength: number
  /** Rows of one block, which lie together. */
  readonly rows: number
  /** The cells of these columns in the rows of a block, of which the last one has fewer. Read while others work. */
  read(columns: readonly TableColumn[], block: number): Promise<HeldCells[]>
}

export interface RowPlaces {
  readonly unit: 'line' | 'row'
  /** Of the first row; the others follow in order unless `numbers` says otherwise, as it does of several files. */
  readonly first: number
  readonly numbers?: Uint32Array
}

export type TableColumn = NumberColumn | TextColumn

/** Numbers, of which there are more different ones than a categorical column may have, or which need no spelling. */
export interface NumberColumn {
  readonly kind: 'numbers'
  readonly name: string
  /** NaN where there is no value, or none that is a number. */
  readonly values: Cells<Float64Array>
  /** Cells that hold something else, by their row. */
  readonly slips: Slips
  /** The numbers are the milliseconds of dates that are written in this way: whoever reads the cells reads texts. */
  readonly dates?: DateForm
}

export type Slips = Pick<ReadonlyMap<number, string>, 'get' | 'has' | 'size' | typeof Symbol.iterator>

/** Cells by what is written in them; numbers too, while there are few different ones. */
export interface TextColumn {
  readonly kind: 'texts'
  readonly name: string
  /** Index in `texts`; -1 where there is no value. */
  readonly codes: Cells<Int32Array>
  /** Different texts in order of appearance. */
  readonly texts: readonly string[]
  /** There were too many to keep (`MAX_TEXTS`, `MAX_TEXT_BYTES`): the last text is `OTHER_TEXTS` and stands for all others. */
  readonly hasOthers?: true
  /** Where it says by 1 and 0 whether a field's list of texts holds one of them: the field. */
  readonly list?: string
}

/** Cells of one column: in memory, or in a file where the table is more than that is to hold. */
export type Cells<A extends HeldCells> = A | StoredCells<A>
export type HeldCells = Int32Array | Float64Array

export interface StoredCells<A extends HeldCells> {
  readonly length: number
  /** Those of the rows [from, to), read while the caller waits. */
  subarray(from: number, to: number): A
  /** That of one row; its neighbours are kept for the next call. */
  at(row: number): number
}

/** What a reader is told while it reads. */
export interface Job {
  /** Throws when the person does not want it any more, and lets others have their turn. Called every few milliseconds. */
  readonly pause: () => Promise<void>
  /** How much is done, 0 … 1. */
  readonly progress: (share: number) => void
  /** Names of the columns that a document wants, which tell a header from a row. */
  readonly expected?: readonly string[]
  /** The files are for a trained network to answer: what is said here is not guessed from them, and they need no target. */
  readonly asked?: Asked
  /** Takes the numbers of sets that are more than memory is to hold; without it there are no such sets. */
  readonly store?: NumberStore
}

/** What is known of examples that a trained network is asked about. */
export interface Asked extends LearntReading {
  /** Of an example; undefined of rows of a table, whose columns are expected by name. */
  readonly shape?: Shape
}

/** What the training files have decided of how files are read, where no option does. */
export interface LearntReading {
  /** Of recordings. */
  readonly recorded?: Recorded
  /** Of tables of text. */
  readonly decimal?: DecimalSign
}

/** Where numbers of examples go that are more than memory is to hold. */
export interface NumberStore {
  /** Bytes of one set's numbers that are held in memory. */
  readonly budget: number
  /** Bytes that there is room for at present. */
  free(): Promise<number>
  /** Room for so many numbers. */
  create(kind: StoredNumbers['kind'], length: number): Promise<NumberSink>
  /** Room for the cells of a table. */
  cells(): Promise<CellFile>
}

/** Takes cells of tables, and gives them back while it grows. */
export interface CellFile {
  /** Bytes that are best read together. */
  readonly block: number
  /** Puts bytes at the end and tells where they begin; the caller may write over its own afterwards. */
  write(bytes: Uint8Array): Promise<number>
  /** Fills `bytes` with those from a place on. */
  read(place: number, bytes: Uint8Array): Promise<void>
  /** The same while the caller waits. */
  readNow(place: number, bytes: Uint8Array): void
  /** Puts other bytes in the place of some, while the caller waits. */
  rewrite(place: number, bytes: Uint8Array): void
  /** Nothing will be written any more. */
  close(): void
}

/** Takes numbers one after the other. */
export interface NumberSink {
  /** The caller may write over `values` afterwards. */
  write(values: HeldNumbers): Promise<void>
  /** All that was written, which may be less than there is room for. */
  done(): Promise<Numbers>
}

/** What a reader found. */
export interface ReadData {
  readonly data: Table | RawExamples
  /** What was found out about the file, in the order in which it is shown, e.g. `Delimiter`: `semicolon`. */
  readonly facts: readonly Fact[]
  /** Records that were left out or mended, in order. */
  readonly bad: BadRecords
  readonly warnings: readonly Problem[]
}

export interface Fact {
  readonly label: string
  readonly value: string
}

/** Rows or pictures that could not be taken as they are. Each problem says file, place and reason, not what was done. */
export interface BadRecords {
  readonly skipped: number
  readonly repaired: number
  /** The first ones, `MAX_BAD` at most. */
  readonly problems: readonly Problem[]
}

export const NO_BAD: BadRecords = { skipped: 0, repaired: 0, problems: [] }

/** Of examples of which nothing is said, or needed. */
export const NO_TARGET = { target: { kind: 'numbers', names: [] }, targets: new Float32Array() } as const

/** What a document is offered for some files, and what there is to say of them. */
export interface Proposal {
  readonly source: TableSource | ExamplesSource
  /** Where the files tell it. */
  readonly split?: SplitChoice
  /** Where the table is a series, whose target is told from its own past. */
  readonly windows?: Windows
  readonly facts: readonly Fact[]
  readonly bad: BadRecords
  readonly warnings: readonly Problem[]
  /** Why nothing can be learnt from the columns as they are proposed: no others would do better, but a person may know more. */
  readonly errors: readonly Problem[]
}

/** A table with the columns that the document gives it. */
export interface LoadedTable {
  readonly table: Table
  readonly source: TableSource
}

/** The examples that a document's source names. */
export interface LoadedSource<D extends RawExamples | LoadedTable = RawExamples | LoadedTable> {
  readonly data: D
  readonly facts: readonly Fact[]
  readonly bad: BadRecords
  readonly warnings: readonly Problem[]
}

/** A file format: one file each in data/readers. */
export interface Reader {
  readonly type: string
  readonly title: string
  readonly doc: string
  /** Endings that the file picker offers, with the dot. */
  readonly extensions: readonly string[]
  /** What the person may say where the reader would guess. */
  readonly options: ParamSpecs
  /** Whether these files are for this reader, by their first bytes and names. */
  accepts(files: readonly DataFile[]): boolean
  /** Reads everything; throws ProblemError. */
  read(files: readonly DataFile[], options: ParamValues, job: Job): Promise<ReadData>
}

/** A reader whose options are known by name. */
export function defineReader<const P extends ParamSpecs>(
  reader: Omit<Reader, 'options' | 'read'> & {
    readonly options: P
    read(files: readonly DataFile[], options: ValuesOf<P>, job: Job): Promise<ReadData>
  },
): Reader {
  return reader
}

/** What is learnt of the data: statistics of the training part; they travel with the weights and are applied again to every new example. */
export interface FittedPreparation extends LearntReading {
  /** Tables: one for each feature column. Points: one for each number. Sequences: one for each feature. Pictures: one for all pixels. */
  readonly columns: readonly FittedColumn[]
  /** For numeric targets: one for each number. */
  readonly targets: readonly { readonly mean: number; readonly deviation: number }[]
}
/** A number becomes (cut to `clip`, then its signed logarithm, minus mean) / deviation; see scaling.ts. */
export interface FittedColumn {
  /** Undefined for pictures, where one entry serves all pixels. */
  readonly column?: Column
  /** Bounds of the column's own numbers. */
  readonly clip?: readonly [number, number]
  readonly log?: true
  readonly mean: number
  /** 1 where nothing is scaled or all values are equal; 255 for bytes that are not scaled, so that they lie in 0 … 1. */
  readonly deviation: number
  /** What stands for a missing value before it is scaled: a number, the code of a category, or a bucket. */
  readonly fill: number
}

/** Features of a part, count × size: in memory, or made when they are asked for. */
export type Features = Float32Array | MadeFeatures

/** Features that are more than memory holds, or others in each epoch. */
export interface MadeFeatures {
  /** How many numbers there are in one epoch. */
  readonly length: number
  /** Examples that had better be asked for together, because they lie together in a file; 0: in any order. */
  readonly neighbours: number
  /**
   * Writes the examples at `places` of the part one after the other into `out`, as they are in `epoch` (counted from 1), or
   * as nothing random has been done to them (0). The same places and epoch give the same numbers.
   */
  write(out: Float32Array, places: ArrayLike<number>, epoch: number): Promise<void>
  /** What went otherwise than it should since it was asked last; the numbers are right all the same. */
  takeProblems?(): readonly Problem[]
}

/** One part (training or validation) as the engine takes it. */
export interface Examples<F extends Features = Features> {
  readonly count: number
  /** count × features */
  readonly features: F
  /** Class indices [count], or numbers [count × size]. */
  readonly targets: Int32Array | Float32Array
  /** Which row or example of the source each one is, of a window that of its target; without it they are those of the source in order. */
  readonly rows?: Uint32Array
}

export interface PreparedData<F extends Features = Features> {
  readonly train: Examples<F>
  readonly validation: Examples<F>
  readonly shape: Shape
  readonly target: TargetDescription
  readonly fitted: FittedPreparation
  readonly warnings: readonly Problem[]
}
