/**
 * From a document and the size of its data to the one Plan that a run needs: a training step and an evaluation step (each
 * once more for a ragged last batch), a step that finds the first non-finite value, and one that predicts. All share
 * weights and data.
 */
import { at } from '../base/assert.ts'
import { attempt, fail, ok, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import { showBytes } from '../base/shape.ts'
import type { BlockBuilder, DataSignature, Feed, Mode, WeightSpec } from '../blocks/define.ts'
import { flatten, usedByLosses, type FlatGraph } from '../compiler/1-flatten.ts'
import { trace, type Trace, type TracedBlock } from '../compiler/2-trace.ts'
import { differentiate } from '../compiler/3-differentiate.ts'
import { schedule as planOf, type EntrySource } from '../compiler/6-schedule.ts'
import { analyze } from '../compiler/analyze.ts'
import { cut, MOST_BYTES, stepsAtOnce, VALIDATION_BATCH, type Cut } from '../compiler/costs-training.ts'
import { signatureOf } from '../document/signature.ts'
import type { GraphDocument, TrainingSection } from '../document/types.ts'
import type { Builder, Tensor } from '../ir/builder.ts'
import type { Plan } from '../ir/plan.ts'
import type { ValueId } from '../ir/program.ts'
import { chooseOptimizer, chooseSchedule, type Chosen } from './choose.ts'
import { clip } from './clipping.ts'
import { watchGradients } from './gradient-watch.ts'
import metrics from './metrics/index.gen.ts'
import type { MetricDefinition } from './metrics/_define.ts'
import { objectiveOf, penaltiesOf, threshold, type Objective } from './objective.ts'
import type { OptimizerDefinition } from './optimizers/_define.ts'
import type { ScheduleDefinition } from './schedules/_define.ts'
import type { MetricDescription } from './types.ts'

export interface Network {
  readonly plan: Plan
  /** Each training step says how its gradients are. */
  readonly watched: boolean
  readonly weights: readonly WeightSpec[]
  /** State slots beside the weights: the optimizer's memories and its step count; all start at 0. */
  readonly memories: readonly { readonly name: string; readonly size: number }[]
  readonly metrics: readonly MetricDefinition[]
  /** What the loss is made of, where it is more than a single loss. */
  readonly parts: readonly MetricDescription[]
  readonly schedule: Chosen<ScheduleDefinition> | undefined
  /** Live slots and their first values. */
  readonly live: ReadonlyMap<string, number>
  /** In order of computation: what `probe` looks at. */
  readonly probes: readonly Probe[]
  readonly batch: { readonly train: Batches; readonly validation: Batches; readonly predict: number }
  /** Whether a loss holds the network's answer against the target, or only against something else: its own input. */
  readonly compared: 'target' | 'itself'
}

export interface Batches extends Cut {
  /** Examples that are on the device at once. */
  readonly rows: number
}

/** Examples in each part, and how many of them are on the device at once: all, where `rows` does not say otherwise. */
export interface Counts {
  readonly train: number
  readonly validation: number
  readonly rows?: { readonly train: number; readonly validation: number }
}

export interface Probe {
  readonly path: string
  readonly title: string
  readonly block: string
  readonly what: 'weights' | 'output'
  /** Step output of the entry: 1 where something is not finite. */
  readonly output: string
}

/** `watched`: each training step also says how its gradients are; see gradient-watch. */
export function buildNetwork(document: GraphDocument, counts: Counts, watched = false): Result<Network> {
  const built = attempt(() => build(document, counts, watched))
  return built.ok ? built.value : built
}

function build(document: GraphDocument, counts: Counts, watched: boolean): Result<Network> {
  const errors = analyze(document).problems.filter((p) => p.severity === 'error')
  if (errors.length > 0) return fail(...errors)
  const optimizer = chooseOptimizer(document)
  if (!optimizer.ok) return optimizer
  const schedule = chooseSchedule(document)
  if (!schedule.ok) return schedule
  const { rows = counts } = counts
  const train = { ...cut(counts.train, document.training.batchSize), rows: rows.train }
  const validation = { ...cut(counts.validation, VALIDATION_BATCH), rows: rows.validation }
  const predict = 64
  const assembly = new Assembly(document, {
    optimizer: optimizer.value,
    scheduled: schedule.value !== undefined,
    counts,
    watched,
  })

  const chunks = stepsAtOnce(train, validation)
  const entries: EntrySource[] = [assembly.train('train', train.size, chunks.train)]
  if (train.tail > 0) entries.push(assembly.train('trainTail', train.tail, chunks.trainTail))
  if (counts.validation > 0) {
    entries.push(assembly.evaluate('evaluate', validation.size, chunks.evaluate))
    if (validation.tail > 0) entries.push(assembly.evaluate('evaluateTail', validation.tail, chunks.evaluateTail))
  }
  const probed = assembly.probe('probe', train.size)
  entries.push(probed.entry)
  if (train.tail > 0) entries.push(assembly.probe('probeTail', train.tail).entry)
  entries.push(assembly.predict('predict', predict))

  const unwatched = watchProblem(document, assembly, schedule.value?.definition, counts)
  if (unwatched) return fail(unwatched)
  const plan = planOf(entries)
  const tooLarge = memoryProblem(plan, document)
  if (tooLarge) return fail(tooLarge)
  return ok({
    plan,
    watched,
    weights: assembly.weights,
    memories: assembly.memories,
    metrics: assembly.metrics,
    parts: assembly.parts,
    schedule: schedule.value,
    live: assembly.live,
    probes: probed.probes,
    batch: { train, validation, predict },
    compared: assembly.compared,
  })
}

/** What is watched must be there to be watched. */
function watchProblem(
  { training }: GraphDocument,
  { metrics, parts }: Pick<Network, 'metrics' | 'parts'>,
  schedule: ScheduleDefinition | undefined,
  counts: Counts,
): Problem | null {
  const { earlyStopping } = training
  const lacking = (who: string, instead: string, field: string) =>
    problem(
      'training.validation',
      `${who} watches how the validation part fares, and there is none. Give it a share of the examples, or ${instead}.`,
      { field },
    )
  if (schedule?.watch && counts.validation === 0)
    return lacking(`The schedule ${schedule.title}`, 'choose another schedule', 'training.schedule')
  if (!earlyStopping) return null
  if (counts.validation === 0) return lacking('Early stopping', 'turn it off', 'training.earlyStopping')
  const names = ['loss', ...[...parts, ...metrics].map(({ name }) => name)]
  if (names.includes(earlyStopping.metric)) return null
  return problem(
    'training.metric',
    `Early stopping watches "${earlyStopping.metric}", which this network does not have. It has: ${names.join(', ')}.`,
    { field: 'training.earlyStopping.metric' },
  )
}

function memoryProblem(plan: Plan, document: GraphDocument): Problem | null {
  if (plan.arenaBytes <= MOST_BYTES) return null
  const largest = [...plan.buffers].sort((a, b) => b.size - a.size)[0]
  const slot = plan.slots.find((candidate) => candidate.buffer === largest?.id)
  const what = slot ? `, most of it for ${slot.name}` : ''
  return problem(
    'plan.memory',
    `This network needs ${showBytes(plan.arenaBytes)} at a batch of ${document.training.batchSize}${what}; at most ${showBytes(MOST_BYTES)} can be had. Use a smaller batch, fewer features or fewer examples.`,
    { field: 'training.batchSize' },
  )
}

interface AssemblyOptions {
  readonly optimizer: Chosen<OptimizerDefinition>
  readonly scheduled: boolean
  readonly counts: Counts
  readonly watched: boolean
}

/** Collects what the entries have in common while they are built one after the other. */
class Assembly {
  readonly #graph: FlatGraph
  readonly #signature: DataSignature
  readonly #training: TrainingSection
  readonly #optimizer: Chosen<OptimizerDefinition>
  readonly #scheduled: boolean
  readonly #counts: Counts
  readonly #watched: boolean
  weights: readonly WeightSpec[] = []
  metrics: readonly MetricDefinition[] = []
  parts: readonly MetricDescription[] = []
  readonly memories: { name: string; size: number }[] = []
  readonly live = new Map<string, number>()
  compared: Network['compared'] = 'target'

  constructor(document: GraphDocument, { optimizer, scheduled, counts, watched }: AssemblyOptions) {
    this.#graph = usedForTraining(flatten(document))
    this.#signature = signatureOf(document.data)
    this.#training = document.training
    this.#optimizer = optimizer
    this.#scheduled = scheduled
    this.#counts = counts
    this.#watched = watched
  }

  /** Forward pass on the rows of one part that `indices` names. */
  #forward(part: 'train' | 'validation', batch: number, mode: Mode): Trace {
    const { features, target } = this.#signature
    const rows = this.#counts.rows?.[part] ?? this.#counts[part]
    const feed = (g: Builder): Feed => {
      const indices = g.input('indices', 'step', [batch], 'int')
      const targets =
        target.kind === 'classes'
          ? g.input(`${part}/targets`, 'data', [rows], 'int')
          : g.input(`${part}/targets`, 'data', [rows, target.size])
      return {
        features: g.take(g.input(`${part}/features`, 'data', [rows, ...features]), indices),
        target: g.take(targets, indices),
      }
    }
    return whole(this.#graph, this.#signature, feed, mode)
  }

  /** `chunk`: most steps at once. */
  train(name: string, batch: number, chunk: number): EntrySource {
    const traced = this.#forward('train', batch, 'train')
    const { builder } = traced
    const { smooth } = this.#judge(traced)
    this.weights = builder.weights
    const learned = builder.weights.filter((weight) => weight.learned)
    const weights = learned.map((weight) => builder.input(weight.name, 'state', weight.shape))
    const gradients = differentiate(builder, smooth, weights)
    const clipped = clip(builder, gradients, this.#training.clipping ?? { norm: 0, value: 0 })
    if (this.#watched) watchGradients(builder, gradients, clipped)
    this.#update(builder, learned, weights, clipped)
    return { name, chunk, program: builder.build() }
  }

  #update(
    builder: Builder,
    learned: readonly WeightSpec[],
    weights: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void {
    const { definition, params } = this.#optimizer
    const scalars: { [name: string]: Tensor } = {}
    for (const [name, value] of Object.entries(params)) {
      const slot = `optimizer/${name}`
      scalars[name] = builder.input(slot, 'live', [])
      this.live.set(slot, Number(value))
    }
    const { rate } = scalars
    if (rate && this.#scheduled) scalars['rate'] = builder.mul(rate, builder.input('rate/factor', 'step', []))
    const memory = (name: string, shape: readonly number[]): Tensor => {
      if (!this.memories.some((known) => known.name === name))
        this.memories.push({ name, size: shape.reduce((a, b) => a * b, 1) })
      return builder.input(name, 'state', shape)
    }
    const step = builder.add(memory('optimizer/step', []), 1)
    builder.output('optimizer/step', 'state', step)
    learned.forEach((spec, i) => {
      const { name, shape } = spec
      builder.path = name
      const names = definition.memories.map((kind) => `${name}/${kind}`)
      const memories = names.map((slot) => memory(slot, shape))
      const next = definition.update(
        builder,
        { weight: at(weights, i), gradient: at(gradients, i), memories, step },
        scalars,
      )
      const { l1 } = penaltiesOf(spec, this.#training)
      const { rate: size } = scalars
      const sparse = l1 > 0 && size && this.#training.regularization?.mode === 'proximal'
      builder.output(name, 'state', sparse ? threshold(builder, next.weight, size, l1) : next.weight)
      names.forEach((slot, j) => builder.output(slot, 'state', at(next.memories, j)))
    })
    builder.path = ''
  }

  evaluate(name: string, batch: number, chunk: number): EntrySource {
    const traced = this.#forward('validation', batch, 'evaluate')
    this.#judge(traced)
    return { name, chunk, program: traced.builder.build() }
  }

  /** Loss, its parts and metrics: what is recorded of each step. */
  #judge(traced: Trace): Objective {
    const { builder } = traced
    const objective = objectiveOf(traced, this.#training, this.live)
    this.parts = objective.parts.map(({ description }) => description)
    this.#measure(traced)
    builder.output('loss', 'step', objective.total)
    for (const { description, value } of objective.parts) builder.output(description.name, 'step', value)
    return objective
  }

  /** The metrics that fit the network's answer. */
  #measure(traced: Trace): void {
    const { builder } = traced
    const loss = answeringLoss(traced)
    const answer = loss && answerOf(builder, loss)
    const target = loss?.inputs['target']
    if (!answer || !target) return
    this.metrics = metrics.filter((metric) => metric.fits(this.#signature, answer, target))
    for (const metric of this.metrics)
      builder.output(metric.name, 'step', metric.build(builder, answer, target, this.#deviation(builder)))
  }

  #deviation(builder: Builder): Tensor | undefined {
    const { target } = this.#signature
    return target.kind === 'numbers' ? builder.input('target/deviation', 'live', [target.size]) : undefined
  }

  /** Says for each block in order whether its weights and its outputs are finite. */
  probe(name: string, batch: number): { entry: EntrySource; probes: Probe[] } {
    const traced = this.#forward('train', batch, 'train')
    const { builder } = traced
    const probes: Probe[] = []
    const look = (value: Tensor, probe: Omit<Probe, 'output'>) => {
      if (value.dtype !== 'float') return
      const output = `probe${probes.length}`
      probes.push({ ...probe, output })
      builder.output(output, 'step', builder.reduceMax(builder.sub(1, builder.isFinite(value))))
    }
    for (const { flat, weights, outputs } of traced.blocks.values()) {
      const block = { path: flat.path, title: flat.definition.title, block: flat.top }
      for (const weight of weights)
        look(builder.input(weight.name, 'state', weight.shape), { ...block, what: 'weights' })
      for (const value of Object.values(outputs)) if (value) look(value, { ...block, what: 'output' })
    }
    // Looking must not change what blocks keep from step to step.
    const program = builder.build()
    const outputs = program.outputs.filter(({ role }) => role === 'step')
    return { entry: { name, chunk: 1, program: { ...program, outputs } }, probes }
  }

  predict(name: string, batch: number): EntrySource {
    const { features, target } = this.#signature
    const feed = (g: Builder): Feed => ({
      features: g.input('features', 'step', [batch, ...features]),
      target:
        target.kind === 'classes'
          ? g.input('target', 'step', [batch], 'int')
          : g.input('target', 'step', [batch, target.size]),
    })
    const traced = whole(this.#graph, this.#signature, feed, 'evaluate')
    const { builder } = traced
    const answering = answeringLoss(traced)
    this.compared = answering ? 'target' : 'itself'
    const loss = answering ?? traced.losses.find(({ inputs }) => inputs['prediction'])
    const answer = loss && answerOf(builder, loss)
    if (answer) builder.output('prediction', 'step', answer)
    return { name, chunk: 1, program: builder.build() }
  }
}

/** What a person reads of the network's prediction: probabilities, where the loss works on logits. */
function answerOf(builder: BlockBuilder, { flat, inputs }: TracedBlock): Tensor | undefined {
  const { prediction } = inputs
  return prediction && (flat.definition.answer?.(builder, prediction, flat.params) ?? prediction)
}

/** The editor's small batch fitted; one of this size may not, and a network without some blocks would learn nonsense. */
function whole(...given: Parameters<typeof trace>): Trace {
  const traced = trace(...given)
  if (traced.problems.length > 0) throw new ProblemError(...traced.problems)
  return traced
}

/** The loss that holds the network's answer against the truth; any other only adds to the total. */
function answeringLoss({ blocks, losses }: Trace): TracedBlock | undefined {
  const truths = new Set<ValueId | undefined>()
  for (const { flat, outputs } of blocks.values())
    if (flat.definition.type === 'target') for (const value of Object.values(outputs)) truths.add(value?.id)
  return losses.find(({ inputs: { prediction, target } }) => prediction && target && truths.has(target.id))
}

/** Without the blocks that lead to no loss: they may be unfinished, and take no part. */
function usedForTraining(graph: FlatGraph): FlatGraph {
  const used = usedByLosses(graph)
  return { ...graph, blocks: graph.blocks.filter((block) => used.has(block.key)) }
}
