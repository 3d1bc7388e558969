/**
 * What the engine does for its windows: says what it has, looks at files, and holds one run at a time. It sees rooms, not
 * machines: where devices, files and runs come from is handed in.
 */
import type { BackendName, Device, HostArray } from '../../backends/types.ts'
import { attemptAsync, fail, ok, problem, type Problem, type Result } from '../../base/problem.ts'
import type { ParamValues } from '../../base/params.ts'
import type { AskedExample, Samples } from '../../data/samples.ts'
import type { Questions } from '../../data/predictions.ts'
import type { DataItem, FittedPreparation, Job, PreparedData } from '../../data/types.ts'
import { correctionsKey, rowsKey } from '../../document/corrections.ts'
import type { DataSection, DataSource, FileReference, FileSource, GraphDocument } from '../../document/types.ts'
import { engineChecks } from '../../protocol/arguments.ts'
import type { EngineOfWindow } from '../../protocol/host-wire.ts'
import {
  DATA_CANCELLED,
  type ChosenSamples,
  type DataPreview,
  type DataProgress,
  type DataProposal,
  type Varied,
  type DeviceChoice,
  type DeviceDescription,
  type EngineInfo,
  type NetworkEstimate,
  type PredictionStart,
  type RunProgress,
  type RunSnapshot,
  type RunTelemetry,
} from '../../protocol/messages.ts'
import { Peer, RpcError, type Asked, type FlowOf, type Port } from '../../protocol/rpc.ts'
import { deviceFor } from '../../train/device.ts'
import type { Answer, Chosen, Evaluation, Part, SampleChoice } from '../../train/evaluation/types.ts'
import { Interruption, type EstimateQuestion } from '../../train/estimate.ts'
import type { Predictor, PredictorOptions } from '../../train/predictor.ts'
import type { RunOptions } from '../../train/run.ts'
import type { Devices } from '../../backends/remote/client.ts'
import { FilePredictions } from './file-predictions.ts'
import { Reading, type Watch } from './reading.ts'
import { mergeTelemetry } from './telemetry.ts'
import type { Grant } from './wire.ts'

export type Load = (reference: FileReference, job?: Job) => Promise<Result<DataItem>>

/** What the engine needs of the room for data. */
export interface DataRoom {
  /** Reads with the given reader, or the one that knows the files. */
  propose(
    items: readonly DataItem[],
    how: Partial<FileSource> & { readonly watch?: Watch },
  ): Promise<Result<DataProposal>>
  generated(generator: string, params: ParamValues, seed: number): Result<DataSource>
  preview(data: DataSection, load: Load, watch?: Watch): Promise<Result<DataPreview>>
  varied(data: DataSection, load: Load, watch?: Watch): Promise<Result<Varied>>
  prepare(data: DataSection, load: Load, watch?: Watch): Promise<Result<PreparedData>>
  /** All examples of the files, or where there are none of the data themselves, with what there is to say of them. */
  questions(
    of: { readonly data: DataSection; readonly fitted: FittedPreparation; readonly items: readonly DataItem[] },
    load: Load,
    watch?: Watch,
  ): Promise<Result<{ readonly questions: Questions; readonly problems: readonly Problem[] }>>
  /** Examples by their rows in the source, as they stand there. */
  samples(data: DataSection, rows: readonly number[], load: Load, watch?: Watch): Promise<Result<Samples>>
}
/** What it needs of a run; see train/run.ts. */
export interface RunLike {
  start(): void
  pause(): Promise<RunProgress>
  resume(): Promise<RunProgress>
  step(): Promise<RunProgress>
  stop(): Promise<RunProgress>
  setLive(name: string, value: number): Promise<RunProgress>
  snapshot(): RunSnapshot
  readonly document: GraphDocument
  evaluate(part: Part): Promise<Result<Evaluation>>
  choose(part: Part, choice: SampleChoice): Result<Chosen>
  answer(example: AskedExample): Promise<Result<Answer>>
  progress(): RunProgress
  weights(): Promise<ReadonlyMap<string, HostArray>>
  /** Does something between two chunks; training waits for it. */
  between<T>(work: () => Promise<T>): Promise<T>
  /** The next run may take what this one compiled. */
  offer(): void
  readonly executable: { dispose(): void }
}
export interface FileRoom {
  import(path: string, name: string, job?: Job): Promise<Result<DataItem>>
  find: Load
  /** The file as it is, not kept for another session. */
  read(path: string, name: string, job?: Job): Promise<Result<DataItem>>
}

export interface EngineParts {
  readonly info: Omit<EngineInfo, 'process'>
  readonly process: number
  /** In the order in which they are shown. */
  readonly backends: readonly { readonly name: BackendName; readonly title: string }[]
  readonly devices: Devices
  readonly files: FileRoom
  readonly data: DataRoom
  /** A document from a window is somebody else's text until it was read. */
  readonly readDocument: (document: GraphDocument) => Result<GraphDocument>
  readonly readData: (data: DataSection) => Result<DataSection>
  readonly readSource: (source: FileSource) => Result<FileSource>
  readonly openRun: (options: RunOptions) => Promise<Result<RunLike>>
  readonly openPredictor: (options: PredictorOptions) => Promise<Result<Predictor>>
  /** Compiles what a run would compile, for the next one to take. */
  readonly warmUp: (training: Pick<RunOptions, 'document' | 'data' | 'device'>) => Promise<void>
  readonly estimate: (question: EstimateQuestion) => Promise<Result<NetworkEstimate | null>>
  readonly now: () => number
}

interface Training {
  readonly document: GraphDocument
  readonly data: PreparedData
}

interface Window {
  readonly peer: Peer<EngineOfWindow>
  readonly telemetry: FlowOf<RunTelemetry>
}

export class EngineService {
  readonly #parts: EngineParts
  readonly #windows = new Set<Window>()
  readonly #grants = new Map<string, Grant>()
  readonly #devices = new Map<BackendName, Promise<Result<Device>>>()
  #run: RunLike | null = null
  /** What the run has learnt of its data, and where it was begun. */
  #trained: { readonly fitted: FittedPreparation; readonly device: Device } | undefined
  readonly #predictions: FilePredictions
  #runs = 0
  /** Starting takes a while, and two starts at once would leave a run that nobody holds. */
  #starting: Promise<unknown> = Promise.resolve()
  /** Starts that were asked for, and the last of them that had its data. */
  #asked = 0
  #begun = 0
  /** What became of the files behind handles: some are moved to where they are kept. */
  readonly #imported = new Map<string, DataItem>()
  /** Of the estimate that was asked for last. */
  #interruption = new Interruption()

  constructor(parts: EngineParts) {
    this.#parts = parts
    this.#predictions = new FilePredictions(parts.now, (work) => this.#run?.between(work) ?? work())
  }

  grant(grant: Grant): void {
    this.#grants.set(grant.handle, grant)
  }
  revoke(handle: string): void {
    this.#imported.delete(handle)
    this.#grants.delete(handle)
  }

  /** A window speaks on this port from now on. */
  connect(port: Port): void {
    const peer = new Peer<EngineOfWindow>(port, { name: 'the window' })
    const window: Window = {
      peer,
      telemetry: peer.flow('run.telemetry', mergeTelemetry),
    }
    this.#windows.add(window)
    void peer.closed.then(() => this.#windows.delete(window))

    peer.handle(
      'engine.info',
      () => ({ ...this.#parts.info, process: this.#parts.process }),
      engineChecks['engine.info'],
    )
    peer.handle('engine.devices', () => this.#devicesHere(), engineChecks['engine.devices'])
    peer.handle(
      'data.open',
      ({ handles, options }, call) => this.#openData(handles, options ?? {}, this.#watch(call)),
      engineChecks['data.open'],
    )
    peer.handle(
      'data.read',
      ({ source }, call) => this.#readAgain(source, this.#watch(call)),
      engineChecks['data.read'],
    )
    peer.handle(
      'data.generated',
      ({ generator, params, seed }) => this.#parts.data.generated(generator, params, seed),
      engineChecks['data.generated'],
    )
    peer.handle(
      'data.samples',
      ({ data, rows }, call) =>
        this.#look(data, (own) => this.#parts.data.samples(own, rows, this.#load, this.#watch(call))),
      engineChecks['data.samples'],
    )
    peer.handle(
      'data.preview',
      ({ data }, call) => this.#look(data, (own) => this.#parts.data.preview(own, this.#load, this.#watch(call))),
      engineChecks['data.preview'],
    )
    peer.handle(
      'data.varied',
      ({ data }, call) => this.#look(data, (own) => this.#parts.data.varied(own, this.#load, this.#watch(call))),
      engineChecks['data.varied'],
    )
    peer.handle(
      'run.start',
      ({ document, device }, call) => this.#start(document, device, this.#watch(call)),
      engineChecks['run.start'],
    )
    peer.handle(
      'run.prepare',
      ({ document, device }, call) => this.#prepare(document, device, this.#watch(call)).catch(() => null),
      engineChecks['run.prepare'],
    )
    peer.handle(
      'network.estimate',
      ({ document, device }, call) => this.#estimate(document, device, this.#watch(call)),
      engineChecks['network.estimate'],
    )
    peer.handle('run.pause', () => this.#current().pause(), engineChecks['run.pause'])
    peer.handle('run.resume', () => this.#current().resume(), engineChecks['run.resume'])
    peer.handle('run.step', () => this.#current().step(), engineChecks['run.step'])
    peer.handle('run.stop', () => this.#current().stop(), engineChecks['run.stop'])
    peer.handle('run.setLive', ({ name, value }) => this.#current().setLive(name, value), engineChecks['run.setLive'])
    peer.handle(
      'run.evaluate',
      async ({ part }) => (await this.#settled()).evaluate(part),
      engineChecks['run.evaluate'],
    )
    peer.handle(
      'run.samples',
      ({ part, choice }, call) => this.#samples(part, choice, this.#watch(call)),
      engineChecks['run.samples'],
    )
    peer.handle(
      'run.predict',
      async ({ example }) => (await this.#settled()).answer(example),
      engineChecks['run.predict'],
    )
    peer.handle(
      'predict.begin',
      ({ handles }, call) => this.#predict(handles, this.#watch(call)),
      engineChecks['predict.begin'],
    )
    peer.handle('predict.next', ({ id }) => this.#predictions.next(id), engineChecks['predict.next'])
    peer.handle(
      'predict.end',
      ({ id }) => {
        this.#predictions.end(id)
        return null
      },
      engineChecks['predict.end'],
    )
    peer.handle(
      'run.current',
      () => {
        // The snapshot holds everything so far; what still waits would come twice.
        window.telemetry.forget()
        return this.#run?.snapshot() ?? null
      },
      engineChecks['run.current'],
    )
  }

  /** Ends what runs. The process may end afterwards. */
  async shutdown(): Promise<void> {
    await this.#run?.stop().catch(() => {})
    for (const { peer } of this.#windows) peer.close('the engine ended')
    this.#parts.devices.close()
  }

  #devicesHere(): Promise<readonly DeviceDescription[]> {
    return Promise.all(
      this.#parts.backends.map(async ({ name, title }): Promise<DeviceDescription> => {
        const opened = await this.#open(name)
        if (opened.ok) return { name, title: opened.value.info.title, available: true, facts: opened.value.info.facts }
        return { name, title, available: false, reason: sentences(opened.problems), facts: {} }
      }),
    )
  }

  #watch({ tell, signal }: Asked<DataProgress>): Reading {
    return new Reading({ now: this.#parts.now, tell, signal })
  }

  async #openData(handles: readonly string[], options: ParamValues, watch: Watch): Promise<Result<DataProposal>> {
    const items: DataItem[] = []
    for (const handle of handles) {
      const grant = this.#grants.get(handle)
      if (!grant) return fail(problem('file.handle', 'This file was not chosen in this session. Choose it again.'))
      const known = this.#imported.get(handle)
      watch.begin({ doing: 'checking', file: grant.name })
      const item = known ? ok(known) : await this.#parts.files.import(grant.path, grant.name, watch)
      if (!item.ok) return item
      this.#imported.set(handle, item.value)
      items.push(item.value)
    }
    if (items.length === 0) return fail(problem('file.none', 'No file was chosen. Choose one.'))
    return this.#propose(items, { options, watch })
  }

  async #readAgain(source: FileSource, watch: Watch): Promise<Result<DataProposal>> {
    const read = this.#parts.readSource(source)
    if (!read.ok) return read
    const items: DataItem[] = []
    for (const reference of read.value.files) {
      watch.begin({ doing: 'checking', file: reference.name })
      const item = await this.#load(reference, watch)
      if (!item.ok) return item
      items.push(item.value)
    }
    return this.#propose(items, { ...read.value, watch })
  }

  async #propose(
    items: readonly DataItem[],
    { reader, options, watch }: Partial<FileSource> & { readonly watch: Watch },
  ): Promise<Result<DataProposal>> {
    return attemptAsync(() =>
      this.#parts.data.propose(items, { ...(reader && { reader }), ...(options && { options }), watch }),
    ).then(flat)
  }

  async #look<T>(data: DataSection, how: (data: DataSection) => Promise<Result<T>>): Promise<Result<T>> {
    const read = this.#parts.readData(data)
    return read.ok ? attemptAsync(() => how(read.value)).then(flat) : read
  }

  /** Begins at once, so that the same data that others give up meanwhile are read on. */
  async #trainingOf(document: GraphDocument, watch: Watch): Promise<Result<Training>> {
    const read = this.#parts.readDocument(document)
    if (!read.ok) return read
    const data = await attemptAsync(() => this.#parts.data.prepare(read.value.data, this.#load, watch)).then(flat)
    return data.ok ? ok({ document: read.value, data: data.value }) : data
  }

  async #start(document: GraphDocument, choice: DeviceChoice, watch: Watch): Promise<Result<RunSnapshot>> {
    const number = ++this.#asked
    const training = await this.#trainingOf(document, watch)
    if (!training.ok) return training
    this.#interruption.ask()
    return this.#inTurn(async () => {
      if (number < this.#begun) return fail(problem(DATA_CANCELLED, 'Another training was begun meanwhile.'))
      this.#begun = number
      return this.#startNow(training.value, choice, watch)
    })
  }

  /** One start after the other, with whatever else needs the device. What reads data waits outside, since that may take long. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const own = this.#starting.then(work)
    this.#starting = own.catch(() => undefined)
    return own
  }

  /** In turn with starts, so that one that comes meanwhile takes what was made. */
  async #prepare(document: GraphDocument, choice: DeviceChoice, watch: Watch): Promise<null> {
    const gpu = choice === 'auto' || choice === 'webgpu' ? await this.#open('webgpu') : null
    // The CPU's code is made before anybody has waited for it.
    if (!gpu?.ok || gpu.value.info.facts['software'] === 'yes' || this.#isTraining()) return null
    const training = await this.#trainingOf(document, watch)
    if (!training.ok) return null
    await this.#inTurn(async () => {
      if (!this.#isTraining()) await this.#parts.warmUp({ ...training.value, device: gpu.value })
    })
    return null
  }

  /** In turn with starts, which do not wait for it; nor does another question. */
  async #estimate(
    document: GraphDocument,
    choice: DeviceChoice,
    watch: Watch,
  ): Promise<Result<NetworkEstimate | null>> {
    this.#interruption.ask()
    const interruption = (this.#interruption = new Interruption())
    if (this.#isTraining()) return ok(null)
    const training = await this.#trainingOf(document, watch)
    if (!training.ok) return training
    return this.#inTurn(() => this.#estimateNow(training.value, choice, interruption)).catch(() => ok(null))
  }

  async #estimateNow(
    training: Training,
    choice: DeviceChoice,
    interruption: Interruption,
  ): Promise<Result<NetworkEstimate | null>> {
    if (this.#isTraining() || interruption.asked) return ok(null)
    const chosen = await deviceFor({ choice, training, open: (name) => this.#open(name), now: this.#parts.now })
    if (!chosen.ok) return chosen
    if (interruption.asked) return ok(null)
    const { device } = chosen.value
    return this.#parts.estimate({ ...training, device, now: this.#parts.now, interruption })
  }

  async #samples(part: Part, choice: SampleChoice, watch: Watch): Promise<Result<ChosenSamples>> {
    const run = await this.#settled()
    const chosen = run.choose(part, choice)
    if (!chosen.ok) return chosen
    const rows = chosen.value.samples.map(({ row }) => row)
    const looks = await attemptAsync(() => this.#parts.data.samples(run.document.data, rows, this.#load, watch)).then(
      flat,
    )
    if (!looks.ok) return looks
    const { data } = run.document
    return ok({
      ...chosen.value,
      looks: looks.value,
      rowsKey: rowsKey(data.source),
      correctionsKey: correctionsKey(data),
    })
  }

  async #predict(handles: readonly string[], watch: Watch): Promise<Result<PredictionStart>> {
    const run = await this.#settled()
    const { fitted, device } = this.#trained ?? {}
    if (!fitted || !device) throw new RpcError('Nothing has been trained. Press Train to begin.', 'run.none')
    this.#predictions.end()
    const items: DataItem[] = []
    for (const handle of handles) {
      const grant = this.#grants.get(handle)
      if (!grant) return fail(problem('file.handle', 'This file was not chosen in this session. Choose it again.'))
      watch.begin({ doing: 'checking', file: grant.name })
      const item = await this.#parts.files.read(grant.path, grant.name, watch)
      if (!item.ok) return item
      items.push(item.value)
    }
    const { document } = run
    const { data } = document
    const read = await attemptAsync(() => this.#parts.data.questions({ data, fitted, items }, this.#load, watch)).then(
      flat,
    )
    if (!read.ok) return read
    const { questions, problems } = read.value
    const moment = await attemptAsync(() =>
      run.between(async () => ({ weights: await run.weights(), step: run.progress().step })),
    )
    if (!moment.ok) return moment
    const predictor = await this.#parts.openPredictor({
      document,
      fitted,
      shape: questions.shape,
      weights: moment.value.weights,
      origin: 'The weights of the run',
      device,
      fallback: () => this.#open('cpu'),
    })
    if (!predictor.ok) return predictor
    const id = this.#predictions.begin({ predictor: predictor.value, questions, data, fitted })
    return ok({
      id,
      name: [...items.map(({ reference }) => reference.name)].join(', ') || nameOf(data.source),
      count: questions.count,
      step: moment.value.step,
      problems: [...problems, ...predictor.value.problems],
    })
  }

  #isTraining(): boolean {
    const state = this.#run?.snapshot().progress.state
    return state === 'running' || state === 'paused' || state === 'preparing'
  }

  async #startNow(training: Training, choice: DeviceChoice, { begin, pause }: Watch): Promise<Result<RunSnapshot>> {
    const { data } = training
    const wanted = await attemptAsync(pause)
    if (!wanted.ok) return wanted
    begin({ doing: 'starting', file: training.document.name })
    // Not before, so that one that is taken back while the data are read ends nothing.
    const before = this.#run
    await before?.stop().catch(() => {})
    before?.offer()
    const chosen = await deviceFor({ choice, training, open: (name) => this.#open(name), now: this.#parts.now })
    if (!chosen.ok) return chosen
    const run = await this.#parts.openRun({
      ...training,
      ...chosen.value,
      // What was put right by hand and changes nothing would go unseen otherwise.
      notices: [...chosen.value.notices, ...data.warnings.filter(({ code }) => code === 'data.correction')],
      id: `${this.#parts.process}.${++this.#runs}`,
      now: this.#parts.now,
      onTelemetry: (telemetry) => this.#tell(telemetry),
    })
    if (!run.ok) return run
    const stillWanted = await attemptAsync(pause)
    if (!stillWanted.ok) {
      run.value.executable.dispose()
      return stillWanted
    }
    // Kept until now, so that a start that failed takes nothing away.
    before?.executable.dispose()
    this.#run = run.value
    this.#trained = { fitted: data.fitted, device: chosen.value.device }
    run.value.start()
    return ok(run.value.snapshot())
  }

  /** Opened once: what was compiled for a device is only kept with it. */
  #open(name: BackendName): Promise<Result<Device>> {
    const known = this.#devices.get(name)
    if (known) return known
    const opening = this.#parts.devices.open(name)
    this.#devices.set(name, opening)
    const forget = () => {
      if (this.#devices.get(name) === opening) this.#devices.delete(name)
    }
    void opening.then((opened) => (opened.ok ? opened.value.lost.then(forget) : forget()), forget)
    return opening
  }

  #tell(telemetry: RunTelemetry): void {
    for (const window of this.#windows) window.telemetry.send(telemetry)
  }

  /** The run, once none is about to take its place: its network would be taken from under whoever asks it. */
  async #settled(): Promise<RunLike> {
    await this.#starting
    return this.#current()
  }

  #current(): RunLike {
    if (!this.#run) throw new RpcError('Nothing is being trained. Press Train to begin.', 'run.none')
    return this.#run
  }

  readonly #load: Load = (reference, job) => this.#parts.files.find(reference, job)
}

function flat<T>(result: Result<Result<T>>): Result<T> {
  return result.ok ? result.value : result
}

function nameOf(source: DataSource): string {
  return source.kind === 'generated' ? source.generator : source.files.map(({ name }) => name).join(', ')
}

function sentences(problems: readonly Problem[]): string {
  return problems.map((p) => p.message).join(' ')
}
