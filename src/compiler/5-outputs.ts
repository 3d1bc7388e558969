/**
 * The end of phase 5: stores that nobody reads are dropped, and each output of the program gets its place. A new weight is
 * written over the old one where nothing reads the old one any more.
 */
import { assert, at, get } from '../base/assert.ts'
import { sameShape, sizeOf, type Shape } from '../base/shape.ts'
import { epilogueOf, mapViews, readsOf, writesOf } from '../ir/access.ts'
import {
  operandsOf,
  renameOperands,
  type BufferId,
  type Expression,
  type Kernel,
  type Scalar,
  type View,
} from '../ir/kernel.ts'
import type { Aval, Dtype, Program } from '../ir/program.ts'
import { denseView, isDense } from './views.ts'

/** A value's place before the arena exists. */
export interface SymbolicBuffer {
  readonly id: BufferId
  readonly dtype: Dtype
  readonly shape: Shape
  /** Name of the program input or output that lives here; undefined for what only kernels see. */
  slot?: string
}

export interface Fused {
  readonly kernels: readonly Kernel[]
  readonly buffers: readonly SymbolicBuffer[]
}

/** A store that no other kernel reads and nobody asked for is dropped; so are the lines that only it needed. */
export function dropDeadStores(kernels: readonly Kernel[], wanted: readonly BufferId[]): Kernel[] {
  const read = new Set(wanted)
  const kept: Kernel[] = []
  for (const kernel of [...kernels].reverse()) {
    const expression = epilogueOf(kernel)
    let live = kernel
    if (expression) {
      const stores = expression.stores.filter((store) => read.has(store.view.buffer))
      if (stores.length === 0) continue
      live = withExpression(kernel, prune({ ...expression, stores }))
    } else if (!writesOf(kernel).some((view) => read.has(view.buffer))) continue
    const { main, elementwise } = readsOf(live)
    for (const view of [...main, ...elementwise]) read.add(view.buffer)
    kept.push(live)
  }
  return kept.reverse()
}

function withExpression(kernel: Kernel, expression: Expression): Kernel {
  if (kernel.kind === 'map') return { ...kernel, expression }
  if ('epilogue' in kernel) return { ...kernel, epilogue: expression }
  return kernel
}

/** Drops lines and loads that no store depends on. */
function prune(expression: Expression): Expression {
  const needed = new Set(expression.stores.map((store) => store.value))
  // Operands come before the lines that need them.
  for (let line = expression.body.length - 1; line >= 0; line--)
    if (needed.has(line)) for (const operand of operandsOf(at(expression.body, line))) needed.add(operand)
  if (needed.size === expression.body.length) return expression
  const lines = [...needed].sort((p, q) => p - q)
  const renumber = new Map(lines.map((line, i) => [line, i]))
  const loads: View[] = []
  const body = lines.map((line): Scalar => {
    const scalar = at(expression.body, line)
    if (scalar.op === 'load') return { ...scalar, load: loads.push(at(expression.loads, scalar.load)) - 1 }
    return renameOperands(scalar, (operand) => get(renumber, operand))
  })
  return { loads, body, stores: expression.stores.map((store) => ({ ...store, value: get(renumber, store.value) })) }
}

/**
 * Gives each output its place. A value that was computed into a buffer of its own is computed into the output's instead;
 * for a state that means in place, which is right only if nothing reads the old value afterwards. Else it is copied.
 */
export function placeOutputs(
  program: Program,
  outputs: readonly { readonly output: Program['outputs'][number]; readonly view: View }[],
  kernels: readonly Kernel[],
  buffers: SymbolicBuffer[],
): Fused {
  const renamed = new Map<BufferId, BufferId>()
  const homes = new Map(buffers.flatMap((buffer) => (buffer.slot === undefined ? [] : [[buffer.slot, buffer]])))
  const states = new Set(program.inputs.map(({ name }) => name))
  const access = new Access(kernels)
  const snapshots: Kernel[] = []
  const copies: Kernel[] = []
  const given = new Set(buffers.filter((buffer) => buffer.slot !== undefined).map((buffer) => buffer.id))
  for (const { output, view: computed } of outputs) {
    let view = computed
    const aval = at(program.values, output.value)
    const state = output.role === 'state'
    assert(!state || states.has(output.name), `output ${output.name} has no state to write back to`)
    const home = state ? get(homes, output.name) : undefined
    const source = at(buffers, view.buffer)
    // Not the first part of something larger.
    const whole = sizeOf(source.shape) === sizeOf(aval.shape) && isDense(view, aval.shape)
    const free = whole && source.slot === undefined && !renamed.has(view.buffer)
    if (free && !home) source.slot = output.name
    else if (free && home && access.inPlace(view.buffer, home.id)) renamed.set(view.buffer, home.id)
    else {
      if (given.has(source.id) && !(source.id === home?.id && isDense(view, aval.shape))) {
        // The old value of a state, which may be overwritten before the copies at the end: kept from the start.
        const kept: SymbolicBuffer = { id: buffers.length, dtype: aval.dtype, shape: aval.shape }
        buffers.push(kept)
        snapshots.push(copyKernel(aval, view, kept.id))
        view = denseView(kept.id, aval.shape)
      }
      const target = home ?? { id: buffers.length, dtype: aval.dtype, shape: aval.shape, slot: output.name }
      if (!home) buffers.push(target)
      copies.push(copyKernel(aval, view, target.id))
    }
  }
  const rename = (view: View): View => ({ ...view, buffer: renamed.get(view.buffer) ?? view.buffer })
  return { kernels: [...snapshots, ...kernels, ...copies].map((kernel) => mapViews(kernel, rename)), buffers }
}

function copyKernel(aval: Aval, from: View, to: BufferId): Kernel {
  return {
    kind: 'map',
    shape: aval.shape,
    expression: {
      loads: [from],
      body: [{ op: 'load', load: 0, dtype: aval.dtype }],
      stores: [{ view: denseView(to, aval.shape), value: 0 }],
    },
    path: '',
  }
}

/** Who reads and writes each buffer, kernels by position. */
class Access {
  readonly #writers = new Map<BufferId, { readonly kernel: number; readonly view: View }>()
  readonly #main = new Map<BufferId, number>()
  readonly #elementwise = new Map<BufferId, { readonly kernel: number; readonly view: View }[]>()

  constructor(kernels: readonly Kernel[]) {
    kernels.forEach((kernel, position) => {
      const { main, elementwise } = readsOf(kernel)
      for (const view of writesOf(kernel))
        if (!this.#writers.has(view.buffer)) this.#writers.set(view.buffer, { kernel: position, view })
      for (const view of main) this.#main.set(view.buffer, position)
      for (const view of elementwise) {
        const known = this.#elementwise.get(view.buffer)
        if (known) known.push({ kernel: position, view })
        else this.#elementwise.set(view.buffer, [{ kernel: position, view }])
      }
    })
  }

  /** Whether a value may be written straight over the old one: no later kernel, and no main operand of the same, reads it. */
  inPlace(fresh: BufferId, old: BufferId): boolean {
    const writer = this.#writers.get(fresh)
    const { kernel = -1, view: store } = writer ?? {}
    if ((this.#main.get(old) ?? -2) >= kernel) return false
    return (this.#elementwise.get(old) ?? []).every(
      (load) =>
        load.kernel < kernel ||
        (load.kernel === kernel && load.view.offset === store?.offset && sameShape(load.view.strides, store.strides)),
    )
  }
}
