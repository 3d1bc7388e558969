/**
 * Reductions, four elements at a time in one of two ways: `across` runs the lanes along the innermost reduced axis and
 * joins them at the end; `down` runs them along a kept axis, so that each lane has a result of its own (bias gradients:
 * sums over batch and pixels of [..., channels]).
 *
 * Long sums must stay accurate, so floats are first added in a small tree of the elements of one unrolled block, and the
 * trees are added in f64; the error does not grow with the length, and the f64 additions are too few to cost much.
 */
import { assert, at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitStore, Lines, type Site, type Width } from './expression.ts'
import { expressionViews, fixedLoads, type KernelCode, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { indexedAxes, mergeAxes, nest, pushIndex, type Axis, type Counters } from './nest.ts'

type Reduce = KernelOf<'reduce'>

/** Running state of one vector of results. */
interface Accumulator {
  readonly clear: () => void
  /** Takes in some vectors at once. */
  readonly take: (vectors: readonly Local[]) => void
  /** Leaves one value a lane in the local. */
  readonly finish: (into: Local) => void
  /** Leaves the value of all lanes, and of lane 0 of `rest`, in all lanes of the local. */
  readonly join: (into: Local, rest?: Local) => void
}

function pairwise(f: FunctionBuilder, vectors: readonly Local[], push: () => void): void {
  if (vectors.length === 1) {
    f.get(at(vectors, 0))
    return
  }
  const middle = vectors.length >> 1
  pairwise(f, vectors.slice(0, middle), push)
  pairwise(f, vectors.slice(middle), push)
  push()
}

function sumOfFloats(f: FunctionBuilder): Accumulator {
  const [low, high, tree] = [f.local('v128'), f.local('v128'), f.local('v128')]
  return {
    clear: () => f.lanes(0).tee(low).set(high),
    take: (vectors) => {
      pairwise(f, vectors, () => f.op('f32x4.add'))
      f.tee(tree).op('f64x2.promote_low_f32x4').get(low).op('f64x2.add').set(low)
      f.get(tree).get(tree).shuffle(2, 3, 2, 3).op('f64x2.promote_low_f32x4').get(high).op('f64x2.add').set(high)
    },
    finish: (into) => {
      f.get(low).op('f32x4.demote_f64x2_zero').get(high).op('f32x4.demote_f64x2_zero').shuffle(0, 1, 4, 5).set(into)
    },
    join: (into, rest) => {
      f.get(low).get(high).op('f64x2.add').tee(low).extract('f64x2.extract_lane', 0)
      f.get(low).extract('f64x2.extract_lane', 1).op('f64.add')
      if (rest) f.get(rest).extract('f32x4.extract_lane', 0).op('f64.promote_f32').op('f64.add')
      f.op('f32.demote_f64').op('f32x4.splat').set(into)
    },
  }
}

type Folding = 'i32x4.add' | 'f32x4.add' | 'f32x4.max' | 'i32x4.max_s'

function folding(f: FunctionBuilder, op: Folding, start: () => void): Accumulator {
  const state = f.local('v128')
  return {
    clear: () => {
      start()
      f.set(state)
    },
    take: (vectors) => {
      pairwise(f, vectors, () => f.op(op))
      f.get(state).op(op).set(state)
    },
    finish: (into) => f.get(state).set(into),
    join: (into, rest) => {
      f.get(state).get(state).get(state).shuffle(2, 3, 2, 3).op(op).tee(state)
      f.get(state).get(state).shuffle(1, 1, 1, 1).op(op)
      if (rest) f.get(rest).op(op)
      f.tee(state).get(state).shuffle(0, 0, 0, 0).set(into)
    },
  }
}

function accumulator(f: FunctionBuilder, kernel: Reduce): Accumulator {
  const { dtype } = at(kernel.body, kernel.value)
  if (kernel.op === 'max')
    return dtype === 'float'
      ? folding(f, 'f32x4.max', () => f.splat(-Infinity))
      : folding(f, 'i32x4.max_s', () => f.lanes(-(2 ** 31)))
  if (dtype === 'int') return folding(f, 'i32x4.add', () => f.lanes(0))
  return sizeOf(kernel.over) <= 16 ? folding(f, 'f32x4.add', () => f.splat(0)) : sumOfFloats(f)
}

interface Spaces {
  readonly shape: readonly Axis[]
  readonly over: readonly Axis[]
}

function spaces(kernel: Reduce): Spaces {
  const rank = kernel.shape.length
  const all = [...kernel.loads, ...expressionViews(kernel.epilogue)].map((view) => view.strides)
  const pinned = new Set([...indexedAxes(kernel.body), ...indexedAxes(kernel.epilogue.body)])
  const over = kernel.loads.map((view) => view.strides.slice(rank))
  return {
    shape: mergeAxes(kernel.shape, all, pinned),
    over: mergeAxes(kernel.over, over, pinned, rank),
  }
}

const NO_AXIS: Axis = { size: 1, axis: -1, strides: [] }

function emitReduce({ f, kernel, pointers }: KernelCode<Reduce>): void {
  if (sizeOf(kernel.shape) === 0) return
  const { shape, over } = spaces(kernel)
  const loads = kernel.loads.length
  const views = pointers.length
  const lines = new Lines(f, kernel.body, [kernel.value]).hoist(fixedLoads(kernel.loads, pointers))
  const roots = kernel.epilogue.stores.map((store) => store.value)
  const epilogue = new Lines(f, kernel.epilogue.body, roots)
  epilogue.hoist(fixedLoads(kernel.epilogue.loads, pointers.slice(loads)))
  const counters: Counters = new Map()
  const bodyPointers = pointers.slice(0, loads)

  const lastOver = over.at(-1) ?? NO_AXIS
  const lastShape = shape.at(-1) ?? NO_AXIS
  const beside = (axis: Axis) => kernel.loads.every((_, load) => (axis.strides[load] ?? 0) <= 1)
  const empty = sizeOf(kernel.over) === 0
  const across =
    kernel.op !== 'argMax' &&
    !empty &&
    lastOver.size >= 4 &&
    (beside(lastOver) || !beside(lastShape) || lastShape.size < 4)

  /** Evaluates the body at `offset` along the lanes' axis and `step` along the last reduced one; the value goes to a local. */
  const values: Local[] = []
  const evaluate = (width: Width, slot: number, lane: Axis, offset: number, step: number): Local => {
    const site: Site = {
      width,
      load: (load) => {
        const stride = lane.strides[load] ?? 0
        const down = lane === lastOver ? 0 : (lastOver.strides[load] ?? 0) * step
        return { pointer: at(pointers, load), offset: 4 * (stride * offset + down), stride }
      },
      index: (axis) => {
        const alongLanes = axis === lane.axis
        const moved = alongLanes ? offset : axis === lastOver.axis ? step : 0
        pushIndex(f, counters.get(axis), moved, alongLanes && width === 4)
      },
    }
    lines.emit(site)
    const value = (values[slot] ??= f.local('v128'))
    lines.push(kernel.value)
    f.set(value)
    return value
  }

  const result = f.local('v128')
  const finish = (width: Width, lane: Axis, offset: number) => {
    const place = (view: number) => {
      const stride = lane === lastShape ? (lane.strides[loads + view] ?? 0) : 0
      return { pointer: at(pointers, loads + view), offset: 4 * stride * offset, stride }
    }
    epilogue.emit({
      width,
      load: place,
      index: (axis) => {
        const alongLanes = lane === lastShape && axis === lane.axis
        pushIndex(f, counters.get(axis), alongLanes ? offset : 0, alongLanes && width === 4)
      },
      result,
    })
    kernel.epilogue.stores.forEach((store, i) => {
      emitStore(f, place(kernel.epilogue.loads.length + i), width, () => epilogue.push(store.value))
    })
  }

  /** Runs along the last reduced axis in blocks: `block(unroll, first)` with the pointers and counters moved there. */
  const sweep = (size: number, step: number, unroll: number, block: (unroll: number, offset: number) => void) => {
    const move = (elements: number) => {
      bodyPointers.forEach((pointer, load) => f.advance(pointer, 4 * elements * (lastOver.strides[load] ?? 0)))
    }
    const each = step * unroll
    const blocks = Math.floor(size / each)
    const inLoop = blocks > 1
    if (inLoop)
      f.repeat(blocks * each, each, (i) => {
        counters.set(lastOver.axis, i)
        block(unroll, 0)
        move(each)
      })
    const done = inLoop ? blocks * each : 0
    counters.set(lastOver.axis, done)
    const rest = Math.floor((size - done) / step)
    for (let first = 0; first < rest; first += unroll) block(Math.min(unroll, rest - first), first * step)
    return { done, rewind: () => move(-done) }
  }
  const cheap = lines.cost <= 8

  if (across) {
    const state = accumulator(f, kernel)
    const tail = accumulator(f, kernel)
    const tailSize = lastOver.size % 4
    const tailValue = f.local('v128')
    nest(f, shape, pointers, counters, () => {
      state.clear()
      if (tailSize > 0) tail.clear()
      nest(f, over.slice(0, -1), bodyPointers, counters, () => {
        const { done, rewind } = sweep(lastOver.size, 4, cheap ? 8 : 2, (unroll, first) => {
          const vectors: Local[] = []
          for (let u = 0; u < unroll; u++) vectors.push(evaluate(4, u, lastOver, first + 4 * u, 0))
          state.take(vectors)
        })
        const rest: Local[] = []
        for (let i = lastOver.size - tailSize; i < lastOver.size; i++)
          rest.push(evaluate(1, rest.length, lastOver, i - done, 0))
        if (rest.length > 0) tail.take(rest)
        rewind()
      })
      if (tailSize > 0) tail.finish(tailValue)
      state.join(result, tailSize > 0 ? tailValue : undefined)
      finish(1, NO_AXIS, 0)
    })
    return
  }

  /** `count` vectors (or single elements) of results side by side, from `offset` along the last kept axis. */
  const states: Accumulator[] = []
  const down = (width: Width, count: number, offset: number) => {
    if (kernel.op === 'argMax') {
      for (let v = 0; v < count; v++) {
        emitArgMax(f, kernel, lastOver, bodyPointers, counters, result, () =>
          evaluate(width, 0, lastShape, offset + width * v, 0),
        )
        finish(width, lastShape, offset + width * v)
      }
      return
    }
    while (states.length < count) states.push(accumulator(f, kernel))
    for (const state of states.slice(0, count)) state.clear()
    if (!empty)
      nest(f, over.slice(0, -1), bodyPointers, counters, () => {
        const { rewind } = sweep(lastOver.size, 1, cheap ? (count > 2 ? 4 : 8) : 1, (unroll, first) => {
          for (let v = 0; v < count; v++) {
            const vectors: Local[] = []
            for (let u = 0; u < unroll; u++) vectors.push(evaluate(width, u, lastShape, offset + width * v, first + u))
            at(states, v).take(vectors)
          }
        })
        rewind()
      })
    for (let v = 0; v < count; v++) {
      at(states, v).finish(result)
      finish(width, lastShape, offset + width * v)
    }
  }

  // Four vectors are a cache line of each row.
  const together = cheap ? 4 : 1
  const vectors = Math.floor(lastShape.size / 4)
  const blocks = Math.floor(vectors / together)
  nest(f, shape.slice(0, -1), pointers, counters, () => {
    const move = (elements: number) => {
      for (let view = 0; view < views; view++)
        f.advance(at(pointers, view), 4 * elements * (lastShape.strides[view] ?? 0))
    }
    const inLoop = blocks > 1
    if (inLoop)
      f.repeat(blocks * together * 4, together * 4, (i) => {
        counters.set(lastShape.axis, i)
        down(4, together, 0)
        move(together * 4)
      })
    const done = inLoop ? blocks * together * 4 : 0
    counters.set(lastShape.axis, done)
    let offset = 0
    while (done + offset + 4 <= lastShape.size) {
      const count = Math.min(together, Math.floor((lastShape.size - done - offset) / 4))
      down(4, count, offset)
      offset += 4 * count
    }
    for (; done + offset < lastShape.size; offset++) down(1, 1, offset)
    move(-done)
  })
}

/** Leaves in `result` the position of the first greatest element along the one reduced axis; NaN is never greater. */
function emitArgMax(
  f: FunctionBuilder,
  kernel: Reduce,
  over: Axis,
  pointers: readonly Local[],
  counters: Counters,
  result: Local,
  evaluate: () => Local,
): void {
  assert(kernel.over.length === 1, 'argMax runs along one axis')
  const float = at(kernel.body, kernel.value).dtype === 'float'
  const [best, mask] = [f.local('v128'), f.local('v128')]
  f.lanes(0).set(result)
  if (over.size === 0) return
  counters.set(over.axis, 0)
  f.get(evaluate()).set(best)
  if (over.size === 1) return
  f.repeat(over.size, 1, (i) => {
    counters.set(over.axis, i)
    const value = evaluate()
    f.get(value).get(best)
    f.op(float ? 'f32x4.gt' : 'i32x4.gt_s').set(mask)
    f.get(value).get(best).get(mask).op('v128.bitselect').set(best)
    f.get(i).op('i32x4.splat').get(result).get(mask).op('v128.bitselect').set(result)
    pointers.forEach((pointer, load) => f.advance(pointer, 4 * (over.strides[load] ?? 0)))
  })
  pointers.forEach((pointer, load) => f.advance(pointer, -4 * over.size * (over.strides[load] ?? 0)))
}

export const reduce: KernelEmitter<Reduce> = {
  views: (kernel) => [...kernel.loads, ...expressionViews(kernel.epilogue)],
  emit: emitReduce,
}
