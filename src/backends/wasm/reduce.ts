/**
 * Reductions, four elements at a time in one of two ways: `across` runs the lanes along the innermost reduced axis and
 * joins them at the end; `down` runs them along a kept axis, so that each lane has a result of its own (bias gradients:
 * sums over batch and pixels of [..., channels]).
 *
 * Long sums must stay accurate, so floats are first added in a small tree of the elements of one unrolled block, and the
 * trees are added in f64; the error does not grow with the length, and the f64 additions are too few to cost much.
 */
import { assert, at } from '../../base/assert.ts'
import { sizeOf, stridesOf } from '../../base/shape.ts'
import { indexedAxes, mergeAxes, type Axis } from '../axes.ts'
import { FunctionBuilder, type Local } from './emitter.ts'
import { emitStore, Lines, type Site, type Width } from './expression.ts'
import {
  copyOf,
  expressionViews,
  fixedLoads,
  NO_WORK,
  onePhase,
  type KernelEmitter,
  type KernelOf,
  type KernelWork,
  type Target,
} from './kernel-code.ts'
import { nest, pushIndex, type Counters, type Range } from './nest.ts'

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

function accumulator(f: FunctionBuilder, kernel: Reduce, long: boolean): Accumulator {
  const { dtype } = at(kernel.body, kernel.value)
  if (kernel.op === 'max')
    return dtype === 'float'
      ? folding(f, 'f32x4.max', () => f.splat(-Infinity))
      : folding(f, 'i32x4.max_s', () => f.lanes(-(2 ** 31)))
  if (dtype === 'int') return folding(f, 'i32x4.add', () => f.lanes(0))
  return long ? sumOfFloats(f) : folding(f, 'f32x4.add', () => f.splat(0))
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

/** How a reduction is done: which way its lanes run, and what it can be cut along. */
interface Cut {
  readonly spaces: Spaces
  readonly across: boolean
  /** So many are added up that rounding would show. */
  readonly long: boolean
  /** Vectors of results that are computed together where the lanes run down. */
  readonly together: number
  /** What the units are: places along the first kept axis, or blocks of vectors along the only one. */
  readonly along: 'shape' | 'blocks' | 'nothing'
  readonly units: number
}

function cutOf(kernel: Reduce, long = sizeOf(kernel.over) > 16): Cut {
  const whole = spaces(kernel)
  const { shape, over } = whole
  const lastOver = over.at(-1) ?? NO_AXIS
  const lastShape = shape.at(-1) ?? NO_AXIS
  const beside = (axis: Axis) => kernel.loads.every((_, load) => (axis.strides[load] ?? 0) <= 1)
  const across =
    kernel.op !== 'argMax' &&
    sizeOf(kernel.over) > 0 &&
    lastOver.size >= 4 &&
    (beside(lastOver) || !beside(lastShape) || lastShape.size < 4)
  // Four vectors are a cache line of each row.
  const together = costOf(kernel) <= 8 ? 4 : 1
  const common = { spaces: whole, across, together, long }
  if (shape.length > (across ? 0 : 1)) return { ...common, along: 'shape', units: at(shape, 0).size }
  const blocks = Math.floor(Math.floor(lastShape.size / 4) / together)
  return !across && blocks > 1
    ? { ...common, along: 'blocks', units: blocks }
    : { ...common, along: 'nothing', units: 1 }
}

function costOf(kernel: Reduce): number {
  return new Lines(new FunctionBuilder([]), kernel.body, [kernel.value]).cost
}

/** `range`: of the units, where not all are wanted. */
function emitReduce(
  f: FunctionBuilder,
  kernel: Reduce,
  { spaces: { shape, over }, across, together, along, long }: Cut,
  pointers: readonly Local[],
  range?: Range,
): void {
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
  const empty = sizeOf(kernel.over) === 0

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
    const state = accumulator(f, kernel, long)
    const tail = accumulator(f, kernel, long)
    const tailSize = lastOver.size % 4
    const tailValue = f.local('v128')
    const one = () => {
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
    }
    nest(f, shape, pointers, counters, one, range)
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
    while (states.length < count) states.push(accumulator(f, kernel, long))
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

  const vectors = Math.floor(lastShape.size / 4)
  const blocks = Math.floor(vectors / together)
  const step = 4 * together
  const row = () => {
    const move = (elements: number) => {
      for (let view = 0; view < views; view++)
        f.advance(at(pointers, view), 4 * elements * (lastShape.strides[view] ?? 0))
    }
    const block = (i: Local) => {
      counters.set(lastShape.axis, i)
      down(4, together, 0)
      move(step)
    }
    const inLoop = blocks > 1
    const done = inLoop ? blocks * step : 0
    const rest = () => {
      counters.set(lastShape.axis, done)
      let offset = 0
      while (done + offset + 4 <= lastShape.size) {
        const count = Math.min(together, Math.floor((lastShape.size - done - offset) / 4))
        down(4, count, offset)
        offset += 4 * count
      }
      for (; done + offset < lastShape.size; offset++) down(1, 1, offset)
    }
    if (range && along === 'blocks') {
      const [from, to] = [f.local('i32'), f.local('i32')]
      f.get(range.from).i32(step).op('i32.mul').set(from).get(range.to).i32(step).op('i32.mul').set(to)
      for (let view = 0; view < views; view++) {
        const pointer = at(pointers, view)
        f.get(pointer)
          .plusScaled(from, 4 * (lastShape.strides[view] ?? 0))
          .set(pointer)
      }
      f.range(from, to, step, block)
      // What is left over goes with the last block.
      f.get(to).i32(done).op('i32.eq').if(rest)
      return
    }
    if (inLoop) f.repeat(done, step, block)
    rest()
    move(-done)
  }
  nest(f, shape.slice(0, -1), pointers, counters, row, along === 'shape' ? range : undefined)
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

/** Kept elements from which on there are units enough without cutting what is reduced. */
const ENOUGH_UNITS = 8
/** Parts that a long reduction is cut into. */
const PARTS = [16, 8, 12, 10, 14, 9, 15, 4, 6, 5, 7]

/** A reduction of few results in two steps: parts along a reduced axis, then the parts. */
function inParts(kernel: Reduce): readonly [parts: Reduce, rest: Reduce] | undefined {
  const rank = kernel.shape.length
  const partsOf = (size: number) => PARTS.find((count) => size % count === 0 && size > count)
  const cut = kernel.over.findIndex((size) => partsOf(size) !== undefined)
  const size = kernel.over[cut] ?? 0
  const parts = partsOf(size)
  if (parts === undefined || kernel.op === 'argMax' || indexedAxes(kernel.body).has(rank + cut)) return undefined
  const length = size / parts
  const { dtype } = at(kernel.body, kernel.value)
  // The parts are the first kept axis, so all others move on by one.
  const body = kernel.body.map((line) => (line.op === 'index' ? { ...line, axis: line.axis + 1 } : line))
  const scratch = { buffer: -1, offset: 0 }
  const kept = stridesOf(kernel.shape)
  const results = sizeOf(kernel.shape)
  const first: Reduce = {
    ...kernel,
    shape: [parts, ...kernel.shape],
    over: kernel.over.map((each, axis) => (axis === cut ? length : each)),
    loads: kernel.loads.map((view) => ({
      ...view,
      strides: [length * (view.strides[rank + cut] ?? 0), ...view.strides],
    })),
    body,
    epilogue: {
      loads: [],
      body: [{ op: 'result', dtype }],
      stores: [{ view: { ...scratch, strides: [results, ...kept] }, value: 0 }],
    },
  }
  const second: Reduce = {
    ...kernel,
    over: [parts],
    loads: [{ ...scratch, strides: [...kept, results] }],
    body: [{ op: 'load', load: 0, dtype }],
    value: 0,
  }
  return [first, second]
}

function reduceWork(kernel: Reduce, { worth }: Target): KernelWork {
  if (sizeOf(kernel.shape) === 0) return NO_WORK
  const work = (sizeOf(kernel.shape) * sizeOf(kernel.over) * (kernel.loads.length + costOf(kernel) / 4)) / 10_000
  const cut = cutOf(kernel)
  const split = work >= worth && cut.units < ENOUGH_UNITS ? inParts(kernel) : undefined
  if (!split)
    return onePhase(work < worth ? 1 : cut.units, work, ({ f, pointers, from, to }) => {
      emitReduce(f, kernel, cut, pointers, work >= worth && cut.units > 1 ? { from, to } : undefined)
    })
  const [parts, rest] = split
  const loads = kernel.loads.length
  const [cutOfParts, cutOfRest] = [cutOf(parts), cutOf(rest, true)]
  return {
    phases: [
      {
        units: cutOfParts.units,
        work,
        emit: ({ f, pointers, shared, from, to }) => {
          const range = cutOfParts.units > 1 ? { from, to } : undefined
          emitReduce(f, parts, cutOfParts, [...pointers.slice(0, loads), copyOf(f, shared)], range)
        },
      },
      {
        units: 1,
        work: 0,
        emit: ({ f, pointers, shared }) =>
          emitReduce(f, rest, cutOfRest, [copyOf(f, shared), ...pointers.slice(loads)]),
      },
    ],
    sharedBytes: 4 * sizeOf(parts.shape),
  }
}

export const reduce: KernelEmitter<Reduce> = {
  views: (kernel) => [...kernel.loads, ...expressionViews(kernel.epilogue)],
  work: reduceWork,
}
