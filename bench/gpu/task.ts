/** What a peer is told of a workload: a chain of layers, the numbers that it starts from and its batches. */
import { get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import type { PreparedData } from '../../src/data/types.ts'
import { firstWeights, networkOf, type Workload } from '../workloads.ts'

interface Numbers<T = Float32Array | Int32Array> {
  readonly shape: Shape
  readonly values: T
}

interface Layer {
  readonly type: string
  readonly params: ParamValues
  /** In the order of the workload; shapes are [in, out], [height, width, in, out], of an upconv2d [height, width, out, in]. */
  readonly weights: readonly Numbers<Float32Array>[]
}

export interface Task {
  readonly layers: readonly Layer[]
  readonly loss: string
  readonly target: Workload['target']
  readonly optimizer: Workload['optimizer']
  /** y: classes by number; one value each; or x again. */
  readonly batches: readonly { readonly x: Numbers; readonly y: Numbers }[]
}

export function taskOf(workload: Workload, { train }: PreparedData<Float32Array>): Task {
  const { batch, batches, chain, features, loss, target, optimizer } = workload
  const shapes = new Map(networkOf(workload).weights.map(({ name, shape }) => [name, shape]))
  const first = firstWeights(workload, (name) => sizeOf(get(shapes, name)))
  const layers = chain.map(([type, name, params = {}]): Layer => {
    const own = workload.weights.filter(([weight]) => weight.startsWith(`${name}.`))
    return {
      type,
      params,
      weights: own.map(([weight]) => ({ shape: get(shapes, weight), values: get(first, weight) })),
    }
  })
  const size = batch * sizeOf(features)
  return {
    layers,
    loss: loss[0],
    target,
    optimizer,
    batches: Array.from({ length: batches }, (_, i) => {
      const x = { shape: [batch, ...features], values: train.features.slice(i * size, (i + 1) * size) }
      if (target === 'itself') return { x, y: x }
      const shape = target === 'classes' ? [batch] : [batch, 1]
      return { x, y: { shape, values: train.targets.slice(i * batch, (i + 1) * batch) } }
    }),
  }
}
