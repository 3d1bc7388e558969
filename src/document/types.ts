/**
 * The document: what a person draws and decides, as plain JSON, immutable in memory. Nothing derived is in here: no
 * shapes, no selection, no view, no results of runs.
 */
import type { ParamValues } from '../base/params.ts'
import type { Shape } from '../base/shape.ts'

export const FORMAT = 'neuroloom'
export const VERSION = 1

export type BlockId = string
export type WireId = string

export interface GraphDocument {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly name: string
  /** Free text of its author. */
  readonly note: string
  /** Named numbers of which parameters can be computed, see expressions.ts. */
  readonly constants?: Constants
  readonly graph: Graph
  readonly data: DataSection
  readonly training: TrainingSection
}

export interface Constants {
  readonly [name: string]: number
}

export interface Graph {
  readonly blocks: { readonly [id: BlockId]: BlockNode }
  readonly wires: { readonly [id: WireId]: Wire }
  /** Frames and notes, which mean nothing to the network. No id is also that of a block or wire. */
  readonly annotations?: { readonly [id: AnnotationId]: Annotation }
}

export type AnnotationId = string

/** A frame stands behind blocks and carries those that lie in it; a note is text in Markdown. */
export interface Annotation {
  readonly kind: 'frame' | 'note'
  /** Title of a frame, text of a note. */
  readonly text: string
  readonly position: Position
  readonly size: Size
  readonly colour: AnnotationColour
}

export const annotationColours = ['grey', 'yellow', 'green', 'blue', 'purple', 'red'] as const
export type AnnotationColour = (typeof annotationColours)[number]

export interface Size {
  readonly width: number
  readonly height: number
}

export interface BlockNode {
  /** A type of the block registry, or `composite`. */
  readonly type: string
  /** Unique in its graph; with the names of the composites around it, separated by dots, the path of its weights. */
  readonly name: string
  readonly position: Position
  /**
   * Of a composite: values of the parameters that it exposes. Of another use of a block (`shares`): none. A number may be an
   * expression of constants, `=hidden*2`.
   */
  readonly params: ParamValues
  /** Only for type `composite`: the graph that it stands for. */
  readonly inside?: Inside
  /**
   * Only for a composite with one input and one output: so many copies in a chain, each with weights of its own, named
   * `stack.1.fc`, `stack.2.fc` and so on. 1 where absent.
   */
  readonly repeat?: number
  /**
   * Another block of the same graph, whose type, parameters, inside and weights this one uses: one set of weights in two
   * places. What is shared shares nothing itself.
   */
  readonly shares?: BlockId
  /** It is left out: what comes into its one input goes out of its first output. */
  readonly bypassed?: true
}

/** A composite's graph and its own ports, each tied to ports inside. */
export interface Inside extends Graph {
  readonly title: string
  /** One or two sentences on what it does. */
  readonly doc?: string
  /** Other names that people search for. */
  readonly aliases?: readonly string[]
  /** Parameters of the blocks inside that the composite shows as its own. */
  readonly params?: { readonly [name: string]: ExposedParam }
  readonly inputs: { readonly [port: string]: readonly Endpoint[] }
  readonly outputs: { readonly [port: string]: Endpoint }
}

/** Kind, bounds and help are those of the first target. Where the composite gives no value, the blocks' own ones hold. */
export interface ExposedParam {
  readonly label: string
  /** At least one; a block that is a composite itself is meant by a parameter that it exposes. */
  readonly targets: readonly ParamTarget[]
}

export interface ParamTarget {
  readonly block: BlockId
  readonly param: string
}

export interface Position {
  readonly x: number
  readonly y: number
}

export interface Endpoint {
  readonly block: BlockId
  readonly port: string
}

export interface Wire {
  readonly from: Endpoint
  readonly to: Endpoint
  /** Points that it is drawn through, in order; they mean nothing to the network. */
  readonly via?: readonly Position[]
}

/** What may be missing is off. The fields of the sections are declared in training.ts. */
export interface TrainingSection {
  readonly optimizer: { readonly type: string; readonly params: ParamValues }
  readonly batchSize: number
  readonly epochs: number
  /** Governs initial weights and the order of examples. */
  readonly seed: number
  /** How the learning rate changes in the course of a run. */
  readonly schedule?: { readonly type: string; readonly params: ParamValues }
  readonly clipping?: Clipping
  /** Penalties on all weights, beside those of each block. */
  readonly regularization?: Regularization
  readonly earlyStopping?: EarlyStopping
}

/** Bounds of the gradients; 0 is off. */
export interface Clipping {
  /** Of all gradients together; comes first. */
  readonly norm: number
  /** Of each element. */
  readonly value: number
}

export interface Regularization {
  readonly l1: number
  readonly l2: number
  /** How L1 acts: in the gradient, or as a threshold after each step that makes weights exactly 0. */
  readonly mode: 'subgradient' | 'proximal'
  /** γ of (1 - γ) loss + γ mean(w²). */
  readonly ratio: number
}

export interface EarlyStopping {
  /** What is watched in the validation part: `loss`, a metric, or a part of the loss. */
  readonly metric: string
  /** Epochs without progress after which training stops. */
  readonly patience: number
  readonly minDelta: number
  readonly restoreBest: boolean
}

/** Where the examples come from and everything that is done to them before they reach the network. */
export interface DataSection {
  readonly source: DataSource
  readonly preparation: PreparationRecipe
  readonly split: SplitRecipe
  /** Examples that the person has put right; of these data only, see corrections.ts. */
  readonly corrections?: Corrections
}

/** By the row of the source, or the place of the example in it, counted from 0; of a window that of its target. */
export interface Corrections {
  readonly [row: string]: Correction
}

/** The example is left out of both parts, or has another target: the name of its class, its number, or its numbers. */
export type Correction = { readonly exclude: true } | { readonly target: string | number | readonly number[] }

export type DataSource = GeneratedSource | TableSource | ExamplesSource

/** A set made from a seed by one of data/datasets. */
export interface GeneratedSource {
  readonly kind: 'generated'
  readonly generator: string
  readonly params: ParamValues
  readonly seed: number
  readonly features: Shape
  readonly target: TargetDescription
}

/** What files hold, as one of data/readers reads them. */
export interface FileSource {
  readonly reader: string
  /** Of the reader; what is left out has its default. */
  readonly options: ParamValues
  readonly files: readonly FileReference[]
}

/** A table of named columns, e.g. a CSV file. */
export interface TableSource extends FileSource {
  readonly kind: 'table'
  readonly columns: readonly Column[]
}

/** Examples of one shape with their targets, e.g. a folder of pictures. */
export interface ExamplesSource extends FileSource {
  readonly kind: 'examples'
  readonly features: Shape
  readonly target: TargetDescription
}

export type TargetDescription =
  | { readonly kind: 'classes'; readonly names: readonly string[] }
  /** None where nothing says what is to be told. `labels`: each is 0 or 1, and any number of them may hold at once. */
  | { readonly kind: 'numbers'; readonly names: readonly string[]; readonly labels?: true }

/** Names a file or a folder by what it holds; where it lies is the machine's business. */
export interface FileReference {
  /** Base name, for people and for looking beside the document. */
  readonly name: string
  readonly size: number
  /** Hex SHA-256 of the bytes; of a folder: of the names and bytes of all its files. */
  readonly sha256: string
  /** Of a folder: how many files lie in it. */
  readonly entries?: number
}

export interface Column {
  readonly name: string
  readonly role: ColumnRole
  readonly kind: 'numeric' | 'categorical'
  /** Of a categorical column: its values, in the order of their codes. One that is hashed needs none. */
  readonly categories?: readonly string[]
  /** Of numbers and ordinal codes; absent: what the recipe says for all. A target is never scaled by its logarithm. */
  readonly scale?: Scaling
  /** Quantiles of the training part, beyond which values of a feature are cut before they are scaled. */
  readonly clip?: readonly [number, number]
  /** Of a categorical feature: a place for each category (absent), its code as a number, or one of `buckets` places by hash. */
  readonly encoding?: Encoding
  /** Of a hashed column; absent: BUCKETS. */
  readonly buckets?: number
  /** What becomes of rows without a value; absent: what the recipe says for all. */
  readonly missing?: Missing
  /** What stands for a missing value where `missing` is `constant`: a number, or the text of a category. */
  readonly fill?: number | string
  /** One more place, 1 where the value is missing. */
  readonly flag?: true
  /** Of a numeric target: 0 or 1, and is never scaled. */
  readonly label?: true
}

/**
 * `group`: rows of one value stay together. `time`: a number or a date that orders the rows. `split`: tells whether a row
 * trains, validates or does neither.
 */
export const columnRoles = ['feature', 'target', 'ignore', 'group', 'time', 'split'] as const
export type ColumnRole = (typeof columnRoles)[number]

/**
 * All by what the training part holds. `standardise`: subtract the mean and divide by the standard deviation. `minMax`: the least
 * value becomes 0 and the greatest 1. `log`: sign(x) ln(1 + |x|), which is then standardised.
 */
export const scalings = ['standardise', 'minMax', 'log', 'none'] as const
export type Scaling = (typeof scalings)[number]

export const encodings = ['oneHot', 'ordinal', 'hash'] as const
export type Encoding = (typeof encodings)[number]

/** Statistics of the training part, a constant, or `skip`: the row is left out. */
export const missings = ['mean', 'median', 'mostFrequent', 'constant', 'skip'] as const
export type Missing = (typeof missings)[number]

/** Places of a hashed column that does not say how many. */
export const BUCKETS = 32

export interface PreparationRecipe {
  /** Of numeric columns, numeric targets and pixels that say nothing else; targets are standardised where this is `log`. */
  readonly scale: Scaling
  /** `fill`: mean of the training part, or its most frequent category; `skip`: leave such rows out. Rows without a target are always left out. */
  readonly missing: 'fill' | 'skip'
  /** Rows of a table in order become examples [length, features]. */
  readonly windows?: Windows
  /** Only of pictures: what they are in training; validation and use see each as it is. */
  readonly augmentation?: Augmentation
}

/**
 * What is done to a picture anew in each epoch, drawn evenly from all that lies within these bounds. A bound that is absent is 0:
 * nothing of the kind is done.
 */
export interface Augmentation {
  readonly seed: number
  /** Share of each side by which it moves, either way. */
  readonly shift?: number
  /** Half of the pictures are mirrored, left to right. */
  readonly flipHorizontal?: true
  /** Half of the pictures are mirrored, top to bottom. */
  readonly flipVertical?: true
  /** Degrees by which it turns, either way. */
  readonly rotate?: number
  /** It becomes up to 1 + zoom times as large, or as many times smaller. */
  readonly zoom?: number
  /** Standard deviation of what is added to each number, as a share of the range: 255 for bytes, 1 for other numbers. */
  readonly noise?: number
  /** Sides of a rectangle that is painted over with the picture's mean colour, as a share of its sides. */
  readonly cutOut?: number
}

/** In rows. Windows lie within a group, where there is a column of groups. */
export interface Windows {
  readonly length: number
  /** From the last row of a window to the one whose target it has; 0 is that row itself. */
  readonly horizon: number
  /** From the start of a window to that of the next. */
  readonly stride: number
  /** The targets' own past is given as features too; only where the horizon is 1 or more. */
  readonly past?: true
}

export interface SplitRecipe {
  /** Share of the examples that validate, 0 ≤ share < 1. */
  readonly validation: number
  readonly seed: number
  /** Absent: `ratio`. */
  readonly method?: SplitMethod
  /** Whether each class gives its share; absent: yes, where the target is classes. */
  readonly stratified?: boolean
  /** Equal examples stay on one side, for the methods `ratio` and `group`. */
  readonly together?: true
  /** For the method `file`: what parts are for whose names do not say it, or say something else. */
  readonly parts?: { readonly [name: string]: PartUse }
}

/** As data propose it: files that come in parts, or rows that come in the order of their times. */
export type SplitChoice = { readonly method: 'file' | 'time' } & Pick<SplitRecipe, 'parts'>

export const partUses = ['train', 'validation', 'none'] as const
export type PartUse = (typeof partUses)[number]

/**
 * `ratio`: drawn from a seed. `time`: the last ones validate. `group`: all rows of a group lie on one side. `column`: a column of the
 * file tells. `file`: the files or folders tell that the examples come from, by their names or by `parts`. Windows are cut by time where this is `ratio`, for neighbours share rows.
 */
export const splitMethods = ['ratio', 'time', 'group', 'column', 'file'] as const
export type SplitMethod = (typeof splitMethods)[number]
