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
  readonly graph: Graph
  readonly data: DataSection
  readonly training: TrainingSection
}

export interface Graph {
  readonly blocks: { readonly [id: BlockId]: BlockNode }
  readonly wires: { readonly [id: WireId]: Wire }
}

export interface BlockNode {
  /** A type of the block registry, or `composite`. */
  readonly type: string
  /** Unique in its graph; with the names of the composites around it, separated by dots, the path of its weights. */
  readonly name: string
  readonly position: Position
  readonly params: ParamValues
  /** Only for type `composite`: the graph that it stands for. */
  readonly inside?: Inside
}

/** A composite's graph and its own ports, each tied to ports inside. */
export interface Inside extends Graph {
  readonly title: string
  readonly inputs: { readonly [port: string]: readonly Endpoint[] }
  readonly outputs: { readonly [port: string]: Endpoint }
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
}

export interface TrainingSection {
  readonly optimizer: { readonly type: string; readonly params: ParamValues }
  readonly batchSize: number
  readonly epochs: number
  /** Governs initial weights and the order of examples. */
  readonly seed: number
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
