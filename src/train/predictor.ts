/**
 * A network that only answers, with weights of its own: those of a file, or those that a run had at one moment. However long
 * its questions take, all answers are of the same weights, and no run is disturbed.
 */
import { fail, ok, problem, type Problem, type Result } from '../base/problem.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import type { Device, HostArray } from '../backends/types.ts'
import type { FittedPreparation, PreparedData } from '../data/types.ts'
import { targetOf } from '../document/signature.ts'
import type { GraphDocument } from '../document/types.ts'
import { Run } from './run.ts'

export interface PredictorOptions {
  readonly document: GraphDocument
  readonly fitted: FittedPreparation
  /** Of one example. */
  readonly shape: Shape
  /** By name. */
  readonly weights: ReadonlyMap<string, HostArray>
  /** Where the weights are from, for the sentence that refuses them: `The weights in runs/iris`. */
  readonly origin: string
  readonly device: Device
  readonly fallback?: (() => Promise<Result<Device>>) | undefined
  readonly reason?: string | undefined
}

export interface Predictor {
  /** Numbers of one answer. */
  readonly width: number
  /** What the person should know of it, such as another device. */
  readonly problems: readonly Problem[]
  /** Answers for prepared examples: [count × width]. */
  predict(features: Float32Array, count: number): Promise<Result<Float32Array>>
  /** When nothing is asked any more. */
  dispose(): void
}

export async function openPredictor(options: PredictorOptions): Promise<Result<Predictor>> {
  const { document, fitted, shape, weights, origin, ...device } = options
  const target = targetOf(document.data)
  // A run is opened for its network only; one example of zeros stands in for data that nobody trains on.
  const one = {
    count: 1,
    features: new Float32Array(sizeOf(shape)),
    targets: target.kind === 'classes' ? new Int32Array(1) : new Float32Array(target.names.length),
  }
  const data: PreparedData = { train: one, validation: { ...one, count: 0 }, shape, target, fitted, warnings: [] }
  const opened = await Run.open({
    id: 'predict',
    document,
    data,
    ...device,
    now: () => performance.now(),
    onTelemetry: () => undefined,
  })
  if (!opened.ok) return opened
  const run = opened.value
  for (const { name, shape: wanted } of run.network.weights) {
    const value = weights.get(name)
    if (value?.length !== sizeOf(wanted)) {
      run.dispose()
      const found = value?.length ?? 'none'
      const message = `${origin} do not belong to its document: ${name} should have ${sizeOf(wanted)} values and has ${found}. Train again with --out.`
      return fail(problem('model.weights', message))
    }
    await run.setWeight(name, value)
  }
  const slot = run.network.plan.slots.find(({ name }) => name === 'predict/prediction')
  return ok({
    width: slot ? sizeOf(slot.shape) / run.network.batch.predict : 0,
    problems: run.progress().problems,
    predict: (features, count) => run.predict(features, count),
    dispose: () => run.dispose(),
  })
}
