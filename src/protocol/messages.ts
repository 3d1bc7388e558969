/**
 * Everything that crosses between the window, the engine and the machine, as types. Two verbs: a call is answered once, an
 * event announces. All payloads survive structured cloning (no functions, no class instances); typed arrays are copied.
 */
import type { ParamSpecs, ParamValues } from '../base/params.ts'
import type { Problem, Result } from '../base/problem.ts'
import type { Preview as DataPreview } from '../data/preview.ts'
import type { AskedExample, Samples } from '../data/samples.ts'
import type { Proposal } from '../data/types.ts'
import type { Varied } from '../data/varied.ts'
import type { DataSection, DataSource, FileSource, GraphDocument } from '../document/types.ts'
import type { DeviceChoice } from '../train/device.ts'
import type { Estimate as NetworkEstimate } from '../train/estimate.ts'
import type { Answer, Chosen, Evaluation, Part, SampleChoice } from '../train/evaluation/types.ts'
import type { MetricDescription, RunProgress, RunSnapshot, RunTelemetry } from '../train/types.ts'

// The window and the engine

export interface EngineCalls {
  'engine.info': Call<Record<string, never>, EngineInfo>
  /** What there is to train on. Asked by itself, because a graphics driver may take its time. */
  'engine.devices': Call<Record<string, never>, readonly DeviceDescription[]>
  /** Reads files that the person picked and proposes a source; sees to it that a later session finds them. */
  'data.open': DataCall<
    { readonly handles: readonly string[]; readonly options: ParamValues | null },
    Result<DataProposal>
  >
  /** Reads a document's files again, with other options of their reader. */
  'data.read': DataCall<{ readonly source: FileSource }, Result<DataProposal>>
  /** The source of a generated set with these parameters, which may decide shapes and classes. */
  'data.generated': Call<
    { readonly generator: string; readonly params: ParamValues; readonly seed: number },
    Result<DataSource>
  >
  /** Examples of the document's data by their rows, as they stand there. */
  'data.samples': DataCall<{ readonly data: DataSection; readonly rows: readonly number[] }, Result<Samples>>
  /** What the document's data looks like, without changing it. */
  'data.preview': DataCall<{ readonly data: DataSection }, Result<DataPreview>>
  /** Some pictures of the training part, as they are and as training will vary them. */
  'data.varied': DataCall<{ readonly data: DataSection }, Result<Varied>>
  /** Compiles and starts a run, ending the one before. One that is taken back leaves all as it was while the data are read. */
  'run.start': DataCall<{ readonly document: GraphDocument; readonly device: DeviceChoice }, Result<RunSnapshot>>
  /**
   * Gets ready on a GPU what `run.start` of this document would take long for there, as far as nothing else is being trained.
   * Nothing is said about what goes wrong: the start will say it.
   */
  'run.prepare': DataCall<{ readonly document: GraphDocument; readonly device: DeviceChoice }, null>
  /**
   * What training this document takes on this device, found out by training it for a moment, while nothing else is being trained.
   * Null where something is, and where another question or a start came in between.
   */
  'network.estimate': DataCall<
    { readonly document: GraphDocument; readonly device: DeviceChoice },
    Result<NetworkEstimate | null>
  >
  'run.pause': Call<Record<string, never>, RunProgress>
  'run.resume': Call<Record<string, never>, RunProgress>
  /** One batch, then paused. Starts nothing: the run must be paused. */
  'run.step': Call<Record<string, never>, RunProgress>
  'run.stop': Call<Record<string, never>, RunProgress>
  /** Changes a live parameter of the optimizer (e.g. `rate`) or of a block (`encoder.loss.weight`) from the next chunk on. */
  'run.setLive': Call<{ readonly name: string; readonly value: number }, RunProgress>
  /** How the network of the run fares on a part of its data, with the weights of this moment; training waits meanwhile. */
  'run.evaluate': Call<{ readonly part: Part }, Result<Evaluation>>
  /** Examples that the last evaluation of a part has looked at, as they stand in the data; `MOST_SAMPLES` at a time. */
  'run.samples': DataCall<{ readonly part: Part; readonly choice: SampleChoice }, Result<ChosenSamples>>
  /** What the network makes of an example of the person's own, with the weights of this moment. */
  'run.predict': Call<{ readonly example: AskedExample }, Result<Answer>>
  /**
   * Reads files of the form of the run's data, or with no handle those data themselves, and makes ready to answer all their
   * examples with the weights of this moment. Ends what was begun before.
   */
  'predict.begin': DataCall<{ readonly handles: readonly string[] }, Result<PredictionStart>>
  /** The next lines of CSV; the first ones begin with the names of the columns. Training waits for a part at a time. */
  'predict.next': Call<{ readonly id: number }, Result<PredictedPart>>
  /** No more of it is wanted. */
  'predict.end': Call<{ readonly id: number }, null>
  /** The run that the engine holds, with its whole history: for a window that was reloaded. */
  'run.current': Call<Record<string, never>, RunSnapshot | null>
}

export interface EngineEvents {
  /** Progress, new points and histograms, coalesced; at most 30 a second. */
  'run.telemetry': RunTelemetry
}

export interface Call<Arguments, Answer, Progress = never> {
  readonly arguments: Arguments
  readonly answer: Answer
  readonly progress?: Progress
}

/** One that may have to wait for data. Taken back meanwhile, its answer says so (DATA_CANCELLED). */
export type DataCall<Arguments, Answer> = Call<Arguments, Answer, DataProgress>

export const DATA_CANCELLED = 'data.cancelled'

/** How far the data are that somebody waits for. Whoever waits for the same hears the same. */
export interface DataProgress {
  /** What a person calls them. */
  readonly file: string
  /**
   * Checking: whether they are those that the document means. Starting: they are there, and `file` is the document whose network is
   * made ready.
   */
  readonly doing: 'checking' | 'reading' | 'preparing' | 'starting'
  /** How much of that is done, 0 … 1. */
  readonly share: number
}

export interface EngineInfo {
  readonly version: string
  /** Name for people: `Engine process 4711`. */
  readonly process: number
  readonly optimizers: readonly OptimizerDescription[]
  /** Of the learning rate. */
  readonly schedules: readonly OptimizerDescription[]
  /** All that there are; which of them a network has depends on its data and its losses. */
  readonly metrics: readonly MetricDescription[]
  readonly generators: readonly GeneratorDescription[]
  readonly readers: readonly ReaderDescription[]
}

export interface DeviceDescription {
  readonly name: Exclude<DeviceChoice, 'auto'>
  readonly title: string
  readonly available: boolean
  /** Why not, when it is not available. */
  readonly reason?: string
  readonly facts: { readonly [name: string]: string }
}

/** An optimizer or a schedule, without what it computes. */
export interface OptimizerDescription {
  readonly type: string
  readonly title: string
  readonly doc: string
  readonly source: string
  readonly params: ParamSpecs
  /** Numbers that an optimizer keeps for each parameter. */
  readonly memories?: number
}

export interface ReaderDescription {
  readonly type: string
  readonly title: string
  readonly doc: string
  /** Endings of its files, with the dot. */
  readonly extensions: readonly string[]
  readonly options: ParamSpecs
}

export interface GeneratorDescription {
  readonly type: string
  readonly title: string
  readonly doc: string
  readonly params: ParamSpecs
  /** A source with default parameters, ready to be put into a document. */
  readonly source: DataSource
}

export type DataProposal = Proposal

export interface ChosenSamples extends Chosen {
  /** What each sample looks like, in the same order; fewer of them where they are very large. */
  readonly looks: Samples
  /** Of which rows they are samples (`rowsKey`), and by which corrections the run has learnt (`correctionsKey`). */
  readonly rowsKey: string
  readonly correctionsKey: string
}

export interface PredictionStart {
  readonly id: number
  /** What is asked about: the files' names. */
  readonly name: string
  /** Examples that get an answer. */
  readonly count: number
  /** Batches that the weights had seen. */
  readonly step: number
  /** What was left out, and whatever else there is to say. */
  readonly problems: readonly Problem[]
}

export interface PredictedPart {
  /** Whole lines. */
  readonly text: string
  /** Examples that have been answered so far. */
  readonly done: number
}

// The window and the machine (Electron's main process or the loopback host)

export interface PlatformCalls {
  /** The document that was being edited when the window was last open, or null. */
  'draft.load': Call<Record<string, never>, { readonly text: string } | null>
  /** Kept after every edit, so that nothing is lost; resolves once it is on disk. */
  'draft.save': Call<{ readonly text: string }, Result<null>>
  /** Blocks that the person keeps for other drawings, each as a document that holds nothing else. */
  'library.load': Call<Record<string, never>, readonly KeptBlock[]>
  /**
   * Keeps one block, or with `text` null no longer keeps it; the others stay as they are. `before` is the version that the
   * window knows, null for none: where another is kept by now nothing is written, and the problem's code is
   * LIBRARY_CHANGED. Resolves once it is on disk.
   */
  'library.save': Call<
    { readonly title: string; readonly text: string | null; readonly before: string | null },
    Result<{ readonly version: string | null }>
  >
  /** Starts a new engine process after the last one ended. */
  'engine.restart': Call<Record<string, never>, Result<null>>
  /** Desktop only: dialogs and files; the browser window does these by itself. */
  'document.open': Call<Record<string, never>, Result<OpenedDocument> | null>
  'document.save': Call<
    { readonly handle: string | null; readonly name: string; readonly text: string },
    Result<SavedDocument> | null
  >
  /**
   * Writes a table for the person part by part, asking where to before the first one (handle null); null when they thought
   * better of it. There is a file of that name once the last part is written, and not before.
   */
  'table.write': Call<
    { readonly handle: string | null; readonly name: string; readonly text: string; readonly last: boolean },
    Result<SavedDocument> | null
  >
  'files.pick': Call<{ readonly extensions: readonly string[] }, Result<readonly PickedFile[]>>
  'files.pickFolder': Call<Record<string, never>, Result<readonly PickedFile[]>>
  /** What was dropped on the window; only the preload script can name the paths of such files. */
  'files.accept': Call<{ readonly paths: readonly string[] }, Result<readonly PickedFile[]>>
}

export interface PlatformEvents {
  'engine.exited': { readonly reason: string }
  'engine.started': { readonly process: number }
  /** A menu item was chosen; the name is one of the window's commands. */
  'menu.command': { readonly command: string }
  /** Something that the person should know, e.g. that a damaged draft was set aside. */
  notice: { readonly problems: readonly Problem[] }
}

export const LIBRARY_CHANGED = 'library.changed'

export interface KeptBlock {
  /** No two have the same. */
  readonly title: string
  readonly text: string
  /** Changes with the text. */
  readonly version: string
}

export interface OpenedDocument {
  /** Opaque; saves to the same file. */
  readonly handle: string
  readonly name: string
  readonly text: string
}
export interface SavedDocument {
  readonly handle: string
  readonly name: string
}
/** A file that the engine may read under this handle; its path stays with the machine. */
export interface PickedFile {
  readonly handle: string
  readonly name: string
  readonly size: number
}

export type CallName<C> = keyof C & string
export type ArgumentsOf<C, N extends keyof C> = C[N] extends Call<infer A, unknown, unknown> ? A : never
export type AnswerOf<C, N extends keyof C> =
  C[N] extends Call<never, infer R, unknown> ? R : C[N] extends Call<infer _A, infer R, unknown> ? R : never
export type ProgressOf<C, N extends keyof C> = C[N] extends { readonly progress?: infer P }
  ? Exclude<P, undefined>
  : never

export type { Preview as DataPreview } from '../data/preview.ts'
export type { AskedExample, OwnExample, Samples } from '../data/samples.ts'
export type { Varied } from '../data/varied.ts'
export type {
  Answer,
  ClassEvaluation,
  Evaluation,
  Judged,
  LabelsEvaluation,
  NumberEvaluation,
  Part,
  Ranked,
  ReconstructionEvaluation,
  SampleChoice,
  TargetScore,
} from '../train/evaluation/types.ts'
export type {
  MetricDescription,
  RunProgress,
  RunSnapshot,
  RunState,
  RunTelemetry,
  SeriesPoints,
  WeightHistogram,
} from '../train/types.ts'
export type { DeviceChoice } from '../train/device.ts'
export type { Estimate as NetworkEstimate } from '../train/estimate.ts'
