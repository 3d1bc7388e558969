/**
 * Elementwise kernels: loops over the merged axes, four elements at a time along the innermost one. The order of the
 * elements is free, so a very short last axis gives way to a longer one.
 */
import { at } from '../../base/assert.ts'
import { sizeOf, stridesOf, type Shape } from '../../base/shape.ts'
import type { Expression } from '../../ir/kernel.ts'
import { indexedAxes, mergeAxes, type Axis } from '../axes.ts'
import { FunctionBuilder, type Local } from './emitter.ts'
import { LinePair, Lines, type Site, type Spot, type Width } from './expression.ts'
import {
  divisorFrom,
  expressionViews,
  fixedLoads,
  NO_WORK,
  onePhase,
  type KernelEmitter,
  type KernelOf,
  type KernelWork,
  type PhaseCode,
  type Target,
} from './kernel-code.ts'
import { nest, pushIndex, type Counters, type Range } from './nest.ts'

/** Least elements in a row of a unit, and least units for which an axis is taken as it is. */
const UNIT_ROW = 256
const ENOUGH_UNITS = 8

/** Axes in the order of looping; the last one runs along the lanes. */
function order(axes: readonly Axis[]): readonly Axis[] {
  const last = axes.at(-1)
  if (!last || last.size >= 4) return axes
  const longest = axes.reduce((best, axis) => (axis.size > best.size ? axis : best), last)
  return longest.size < 4 ? axes : [...axes.filter((axis) => axis !== longest), longest]
}

export function emitMap(f: FunctionBuilder, shape: Shape, expression: Expression, pointers: readonly Local[]): void {
  if (sizeOf(shape) > 0) emitAxes(f, axesOf(shape, expression), expression, pointers)
}

function axesOf(shape: Shape, expression: Expression): readonly Axis[] {
  const strides = expressionViews(expression).map((view) => view.strides)
  return order(mergeAxes(shape, strides, indexedAxes(expression.body)))
}

/** The same axes, the first of them one to cut into units along, where there is one of some length. */
function forUnits(axes: readonly Axis[], pinned: ReadonlySet<number>): readonly Axis[] {
  const lane = axes.at(-1)
  const outer = axes
    .slice(0, -1)
    .reduce<Axis | undefined>((best, axis) => (best && best.size >= axis.size ? best : axis), undefined)
  if (outer && outer.size >= ENOUGH_UNITS) return [outer, ...axes.filter((axis) => axis !== outer)]
  if (!lane || pinned.has(lane.axis)) return axes
  const row = divisorFrom(lane.size, UNIT_ROW)
  if (row === lane.size) return axes
  const rows: Axis = { size: lane.size / row, axis: -1, strides: lane.strides.map((stride) => stride * row) }
  return [rows, ...axes.slice(0, -1), { ...lane, size: row }]
}

/** Nanoseconds for one element of a view that lies beside the last one, of one that does not, and for one instruction. */
const COST = { beside: 0.1, apart: 0.6, instruction: 0.04 }

/** Microseconds that an expression takes along these axes: what it moves and what it computes. */
function workOf(axes: readonly Axis[], { body, stores }: Expression): number {
  const elements = axes.reduce((product, { size }) => product * size, 1)
  const moved = (axes.at(-1)?.strides ?? []).map((stride) => (stride === 0 || stride === 1 ? COST.beside : COST.apart))
  const roots = stores.map((store) => store.value)
  const { cost } = new Lines(new FunctionBuilder([]), body, roots)
  return (elements * (moved.reduce((sum, one) => sum + one, 0) + COST.instruction * cost)) / 1000
}

/** An elementwise pass as one phase. */
export function mapWork(
  shape: Shape,
  expression: Expression,
  { worth }: Target,
  pointersOf: (code: PhaseCode) => readonly Local[] = ({ pointers }) => pointers,
): KernelWork {
  if (sizeOf(shape) === 0) return NO_WORK
  const axes = axesOf(shape, expression)
  const work = workOf(axes, expression)
  const cut = work < worth ? axes : forUnits(axes, indexedAxes(expression.body))
  const units = work < worth || cut.length < 2 ? 1 : (cut[0]?.size ?? 1)
  return onePhase(units, work, (code) => {
    emitAxes(code.f, cut, expression, pointersOf(code), units > 1 ? code : undefined)
  })
}

/** `range`: of the first axis, where not all. */
function emitAxes(
  f: FunctionBuilder,
  axes: readonly Axis[],
  expression: Expression,
  pointers: readonly Local[],
  range?: Range,
): void {
  const lane: Axis = axes.at(-1) ?? { size: 1, axis: -1, strides: pointers.map(() => 0) }
  const lines = new LinePair(f, expression, fixedLoads(expression.loads, pointers))
  const counters: Counters = new Map()

  const spot = (width: Width, offset: number): Spot => {
    const place = (view: number) => {
      const stride = at(lane.strides, view)
      return { pointer: at(pointers, view), offset: 4 * stride * offset, stride }
    }
    const site: Site = {
      width,
      load: place,
      index: (axis) => {
        const alongLanes = axis === lane.axis
        pushIndex(f, counters.get(axis), alongLanes ? offset : 0, alongLanes && width === 4)
      },
    }
    return { site, store: (i) => place(expression.loads.length + i) }
  }

  const vectors = Math.floor(lane.size / 4)
  const unroll =
    lines.cost > 40
      ? Math.min(lines.together, Math.max(vectors, 1))
      : vectors >= 8
        ? 4
        : vectors <= 4
          ? Math.max(vectors, 1)
          : 2
  const blocks = Math.floor(vectors / unroll)
  const body = () => {
    const move = (elements: number) => {
      pointers.forEach((pointer, view) => f.advance(pointer, 4 * elements * at(lane.strides, view)))
    }
    const inLoop = blocks > 1
    if (inLoop)
      f.repeat(blocks * unroll * 4, unroll * 4, (i) => {
        counters.set(lane.axis, i)
        lines.emitRow(unroll, (u) => spot(4, 4 * u))
        move(unroll * 4)
      })
    const done = inLoop ? blocks * unroll * 4 : 0
    counters.set(lane.axis, done)
    const rest = Math.floor((lane.size - done) / 4)
    lines.emitRow(rest, (i) => spot(4, 4 * i))
    for (let offset = 4 * rest; done + offset < lane.size; offset++) lines.emit([spot(1, offset)])
    move(-done)
  }
  nest(f, axes.slice(0, -1), pointers, counters, body, range)
}

/** The same expression with its `result` read from memory, a dense array of the index space's shape; its load comes last. */
export function loadResult(expression: Expression, shape: Shape): Expression {
  const load = expression.loads.length
  return {
    loads: [...expression.loads, { buffer: -1, offset: 0, strides: stridesOf(shape) }],
    body: expression.body.map((line) => (line.op === 'result' ? { op: 'load', load, dtype: line.dtype } : line)),
    stores: expression.stores,
  }
}

/** An epilogue as a pass of its own, over results that lie dense at `result`. */
export function epilogueWork(
  shape: Shape,
  epilogue: Expression,
  target: Target,
  result: (code: PhaseCode) => { readonly views: readonly Local[]; readonly result: Local },
): KernelWork {
  const loads = epilogue.loads.length
  return mapWork(shape, loadResult(epilogue, shape), target, (code) => {
    const { views, result: dense } = result(code)
    return [...views.slice(0, loads), dense, ...views.slice(loads)]
  })
}

export const map: KernelEmitter<KernelOf<'map'>> = {
  views: (kernel) => expressionViews(kernel.expression),
  work: (kernel, target) => mapWork(kernel.shape, kernel.expression, target),
}
