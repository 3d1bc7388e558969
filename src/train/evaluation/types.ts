/** What an evaluation says; plain data of bounded size that survives crossing to another process. */
import type { Samples } from '../../data/samples.ts'

export type Part = 'train' | 'validation'
export const parts: readonly Part[] = ['validation', 'train']

export type Evaluation = (ClassEvaluation | LabelsEvaluation | NumberEvaluation | ReconstructionEvaluation) & {
  readonly run: string
  readonly part: Part
  /** Batches that the weights had seen. */
  readonly step: number
  readonly epoch: number
  /** Examples of the part. */
  readonly count: number
  /** Of these were looked at, evenly spread; fewer only where there are more than `MOST_LOOKED_AT`. */
  readonly looked: number
  /** Of these have an answer that is not a number; they count nowhere else. */
  readonly undecided: number
  /** The first of them, by index. */
  readonly undecidedSamples: readonly number[]
}

/** An example of the part by its index, and how it fared. */
export interface Ranked {
  readonly index: number
  /** The example's loss, or the margin between the two likeliest classes. */
  readonly value: number
}

export interface ClassEvaluation {
  readonly kind: 'classes'
  readonly names: readonly string[]
  readonly accuracy: number
  /** [true class × predicted class], row-major; null for more classes than `MOST_IN_MATRIX`. */
  readonly matrix: Uint32Array | null
  /** What was taken for something else most often, most often first. */
  readonly mistakes: readonly Mistake[]
  /** One for each class. */
  readonly classes: readonly ClassScore[]
  /** Means over the classes that have examples: each counts alike, or as often as it has examples. */
  readonly macro: MeanScore
  readonly weighted: MeanScore
  /** Of the most frequent classes, each against all others. */
  readonly curves: readonly ClassCurves[]
  /** Null where the answers are no probabilities. */
  readonly calibration: Calibration | null
  /** Largest loss first. */
  readonly worst: readonly Ranked[]
  /** Smallest margin first. */
  readonly leastCertain: readonly Ranked[]
}

export interface Mistake {
  readonly truth: number
  readonly predicted: number
  readonly count: number
}

export interface ClassScore {
  /** Examples of the class. */
  readonly support: number
  /** Null where the class was never predicted. */
  readonly precision: number | null
  /** Null where the class has no example. */
  readonly recall: number | null
  /** Null where both are. */
  readonly f1: number | null
  /** Area under the ROC curve; null where all examples are of the class, or none, or there are too many classes for a matrix. */
  readonly auc: number | null
  readonly averagePrecision: number | null
}

export interface MeanScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface ClassCurves {
  readonly code: number
  /** False positive rate and true positive rate, from (0, 0) to (1, 1). */
  readonly roc: Curve
  /** Recall and precision, as recall rises. */
  readonly precisionRecall: Curve
}

export interface Curve {
  readonly x: Float64Array
  readonly y: Float64Array
}

export interface Calibration {
  /** Equal parts of 0 … 1 by the probability of the predicted class. */
  readonly bins: readonly { readonly count: number; readonly confidence: number; readonly accuracy: number }[]
  /** Expected calibration error: the mean distance of confidence and accuracy. */
  readonly error: number
}

/** Examples with any number of labels, each of which holds where the answer is above one half. */
export interface LabelsEvaluation {
  readonly kind: 'labels'
  readonly names: readonly string[]
  /** Share of the labels that are rightly given or not given, and of the examples of which all are. */
  readonly accuracy: number
  readonly exact: number
  /** Of the `MOST_LABELS` most frequent, in their order. */
  readonly labels: readonly LabelEvaluation[]
  /** Largest binary cross-entropy first, which is the mean over the labels. */
  readonly worst: readonly Ranked[]
  /** Smallest margin first, of the label that is least certain. */
  readonly leastCertain: readonly Ranked[]
}

/** That a label does not hold, and that it does, as two classes. */
export interface LabelEvaluation extends ClassEvaluation {
  /** Which label it is. */
  readonly code: number
}

export interface NumberEvaluation {
  readonly kind: 'numbers'
  readonly targets: readonly TargetScore[]
  /** Largest error first, measured as in training. */
  readonly worst: readonly Ranked[]
}

/** In the target's own units. */
export interface TargetScore {
  readonly name: string
  readonly mae: number
  readonly rmse: number
  /** Null where all true values are equal. */
  readonly r2: number | null
  /** Mean of the residuals, which are true minus predicted. */
  readonly bias: number
  readonly truth: Float64Array
  readonly predicted: Float64Array
  /** Which example each point is. */
  readonly indices: Uint32Array
  readonly residuals: Histogram
}

export interface Histogram {
  readonly low: number
  readonly high: number
  readonly counts: Uint32Array
}

/** The target is the example itself. */
export interface ReconstructionEvaluation {
  readonly kind: 'reconstruction'
  /** Mean squared error over numbers and examples, in the units that the network sees. */
  readonly mse: number
  /** Of the examples' errors. */
  readonly errors: Histogram
  readonly worst: readonly Ranked[]
  /** Smallest error first. */
  readonly best: readonly Ranked[]
}

/** Examples that a person wants to see. */
export type SampleChoice =
  | { readonly kind: 'indices'; readonly indices: readonly number[] }
  | ({ readonly kind: 'cell' } & Cell)
  /** As `cell`, of one label: 0 where it does not hold, and 1 where it does. */
  | ({ readonly kind: 'labelCell'; readonly label: number } & Cell)

/** Of the matrix: those in it, without the first `skip`. */
export interface Cell {
  readonly truth: number
  readonly predicted: number
  readonly skip: number
}

/** How an example fared in the last evaluation of its part. */
export interface Judged {
  readonly index: number
  /** Which row or example of the source it is. */
  readonly row: number
  /** The code of its class, or its numbers in their own units, or 1 for each label that holds; empty for a reconstruction. */
  readonly truth: readonly number[]
  /** The code of the predicted class, or the predicted numbers; the reconstruction in its own units. */
  readonly answer: readonly number[] | Float32Array
  /** Of the predicted class. */
  readonly confidence: number | null
}

export interface Chosen {
  readonly step: number
  /** How many there are in all. */
  readonly total: number
  readonly samples: readonly Judged[]
}

/** What the network makes of an example of the person's own. */
export type Answer = {
  readonly step: number
  readonly names: readonly string[]
  /** Of a file or a sound: how to ask about it again, and how it looks to the network. */
  readonly own?: { readonly id: string; readonly looks: Samples }
} & (
  | { readonly kind: 'classes'; readonly probabilities: readonly number[] }
  | { readonly kind: 'numbers'; readonly values: readonly number[] }
  | { readonly kind: 'reconstruction'; readonly values: Float32Array }
)

/** Examples that one evaluation looks at: what is trained waits for it. */
export const MOST_LOOKED_AT = 20_000
/** Classes of a matrix that one can still read. */
export const MOST_IN_MATRIX = 64
/** Labels that are looked at one by one. */
export const MOST_LABELS = 64
export const MOST_MISTAKES = 100
/** Samples of a ranking, and of one answer with samples. */
export const MOST_SAMPLES = 100
/** Classes with curves of their own, and points of each. */
export const MOST_CURVES = 12
export const MOST_CURVE_POINTS = 100
/** Points of the true over the predicted. */
export const MOST_POINTS = 1000
export const BINS = 31
export const CALIBRATION_BINS = 10
