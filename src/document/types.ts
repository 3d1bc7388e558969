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
}

export type DataSource = GeneratedSource | TableSource | ImageSource

/** A set made from a seed by one of data/datasets. */
export interface GeneratedSource {
  readonly kind: 'generated'
  readonly generator: string
  readonly params: ParamValues
  readonly seed: number
  readonly features: Shape
  readonly target: TargetDescription
}

/** A table of named columns, e.g. a CSV file. */
export interface TableSource {
  readonly kind: 'table'
  readonly reader: string
  readonly file: FileReference
  readonly columns: readonly Column[]
}

/** Pictures with labels, e.g. a pair of IDX files. */
export interface ImageSource {
  readonly kind: 'images'
  readonly reader: string
  readonly images: FileReference
  readonly labels: FileReference
  /** [height, width, channels] */
  readonly features: Shape
  readonly target: TargetDescription
}

export type TargetDescription =
  | { readonly kind: 'classes'; readonly names: readonly string[] }
  | { readonly kind: 'numbers'; readonly names: readonly string[] }

/** Names a file by what it holds; where it lies is the machine's business. */
export interface FileReference {
  /** Base name, for people and for looking beside the document. */
  readonly name: string
  readonly size: number
  /** Hex SHA-256 of the bytes. */
  readonly sha256: string
}

export interface Column {
  readonly name: string
  readonly role: 'feature' | 'target' | 'ignore'
  readonly kind: 'numeric' | 'categorical'
  /** Of a categorical column: its values, in the order of their codes. */
  readonly categories?: readonly string[]
}

export interface PreparationRecipe {
  /** `standardise`: subtract the mean and divide by the standard deviation of the training part (numeric columns, numeric targets, pixels). */
  readonly scale: 'standardise' | 'none'
  /** `fill`: mean of the training part, or its most frequent category; `skip`: leave such rows out. Rows without a target are always left out. */
  readonly missing: 'fill' | 'skip'
}

export interface SplitRecipe {
  /** Share of the examples that validate, 0 ≤ share < 1. */
  readonly validation: number
  readonly seed: number
}
