/**
 * Loops (recurrences) over a batch. The turns come one after the other, but where no example has to do with another one, a
 * part of the batch can go through all turns by itself: a thread or a workgroup then meets the others at the end of the loop
 * instead of several times in each turn. Whether it is so can be read off the views: what the loop writes must be read and
 * written at the example that it belongs to.
 */
import { readsOf, writesOf } from '../ir/access.ts'
import type { BufferId, Kernel, LoopKernel, View } from '../ir/kernel.ts'
import { indexedAxes } from './axes.ts'

export type Loop = LoopKernel & { readonly path: string }

/** The number of examples that have nothing to do with each other, or undefined where the loop is not of this kind. */
export function examplesOf(loop: Loop): number | undefined {
  const batch = batchOf(loop.kernels[0])
  if (!batch || !loop.kernels.every((kernel) => isApart(kernel, batch))) return undefined
  const stretches = new Map<BufferId, number>()
  for (const kernel of loop.kernels)
    for (const view of writesOf(kernel)) stretches.set(view.buffer, exampleStride(kernel, view))
  for (const kernel of loop.kernels)
    for (const view of [...Object.values(readsOf(kernel)).flat(), ...writesOf(kernel)]) {
      const stretch = stretches.get(view.buffer)
      if (stretch === undefined) continue
      if (exampleStride(kernel, view) !== stretch || !isOwn(kernel, view, batch, loop.count)) return undefined
    }
  return batch
}

function batchOf(kernel: Kernel | undefined): number | undefined {
  return kernel?.kind === 'dot' ? kernel.m : kernel && 'shape' in kernel ? kernel.shape[0] : undefined
}

/** One result for each example, whose position nothing asks for. */
function isApart(kernel: Kernel, batch: number): boolean {
  switch (kernel.kind) {
    case 'map':
      return kernel.shape[0] === batch && !indexedAxes(kernel.expression.body).has(0)
    case 'reduce':
      return kernel.shape[0] === batch && !indexedAxes(kernel.body).has(0) && !indexedAxes(kernel.epilogue.body).has(0)
    case 'dot':
      return kernel.batch === 1 && kernel.m === batch && !indexedAxes(kernel.epilogue.body).has(1)
    default:
      return false
  }
}

/** Elements of a view from one example to the next; a product's right side belongs to all of them. */
export function exampleStride(kernel: Kernel, view: View): number {
  if (kernel.kind !== 'dot') return view.strides[0] ?? 0
  return view === kernel.b ? 0 : (view.strides[1] ?? 0)
}

/**
 * Every element of the view, in any turn, lies in the stretch of its example: the buffer is blocks of `batch` stretches, one
 * or many, and what is not the example's axis stays within a stretch or goes from block to block.
 */
function isOwn(kernel: Kernel, view: View, batch: number, turns: number): boolean {
  const stretch = exampleStride(kernel, view)
  const block = stretch * batch
  if (stretch <= 0) return false
  const axis = kernel.kind === 'dot' ? 1 : 0
  let [low, high] = [view.offset % block, view.offset % block]
  const move = (by: number, times: number) => {
    if (times <= 0 || by % block === 0) return
    if (by < 0) low += by * times
    else high += by * times
  }
  sizesOf(kernel, view)?.forEach((size, i) => {
    if (i !== axis) move(view.strides[i] ?? 0, size - 1)
  })
  move(view.turn ?? 0, turns - 1)
  return low >= 0 && high < stretch
}

/** The sizes of the axes that a view has strides for; undefined where it is one stretch of a kernel's own. */
export function sizesOf(kernel: Kernel, view: View): readonly number[] | undefined {
  switch (kernel.kind) {
    case 'map':
      return kernel.shape
    case 'reduce':
      return kernel.loads.includes(view) ? [...kernel.shape, ...kernel.over] : kernel.shape
    case 'dot':
      if (view === kernel.a) return [kernel.batch, kernel.m, kernel.k]
      return [kernel.batch, view === kernel.b ? kernel.k : kernel.m, kernel.n]
    default:
      return undefined
  }
}

/** The same kernel for the first `size` examples. */
export function forExamples(kernel: Kernel, size: number): Kernel {
  if (kernel.kind === 'dot') return { ...kernel, m: size }
  if (kernel.kind === 'map' || kernel.kind === 'reduce') return { ...kernel, shape: [size, ...kernel.shape.slice(1)] }
  return kernel
}
