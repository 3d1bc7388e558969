/** What kernels read and write, whatever their kind. */
import type { Expression, Kernel, View } from './kernel.ts'

export function epilogueOf(kernel: Kernel): Expression | undefined {
  return kernel.kind === 'map' ? kernel.expression : 'epilogue' in kernel ? kernel.epilogue : undefined
}

/** Everything that a kernel reads: main operands and the loads of its expression. */
export function readsOf(kernel: Kernel): { readonly main: readonly View[]; readonly elementwise: readonly View[] } {
  switch (kernel.kind) {
    case 'map':
      return { main: [], elementwise: kernel.expression.loads }
    case 'reduce':
      return { main: kernel.loads, elementwise: kernel.epilogue.loads }
    case 'dot':
    case 'conv':
      return { main: [kernel.a, kernel.b], elementwise: kernel.epilogue.loads }
    case 'pool':
      return { main: kernel.inputs, elementwise: [] }
    case 'rows':
      return { main: [kernel.source, kernel.indices], elementwise: [] }
    case 'loop':
      // What one turn reads, another may have written: nothing here is read at the very element that is written.
      return {
        main: kernel.kernels.flatMap((inner) => Object.values(readsOf(inner)).flat()),
        elementwise: [],
      }
    default:
      return kernel satisfies never
  }
}

export function writesOf(kernel: Kernel): readonly View[] {
  if (kernel.kind === 'loop') return kernel.kernels.flatMap(writesOf)
  const expression = epilogueOf(kernel)
  if (expression) return expression.stores.map((store) => store.view)
  return kernel.kind === 'pool' || kernel.kind === 'rows' ? [kernel.output] : []
}

export function mapViews(kernel: Kernel, change: (view: View) => View): Kernel {
  const expression = (e: Expression): Expression => ({
    loads: e.loads.map(change),
    body: e.body,
    stores: e.stores.map((store) => ({ ...store, view: change(store.view) })),
  })
  switch (kernel.kind) {
    case 'map':
      return { ...kernel, expression: expression(kernel.expression) }
    case 'reduce':
      return { ...kernel, loads: kernel.loads.map(change), epilogue: expression(kernel.epilogue) }
    case 'dot':
    case 'conv':
      return { ...kernel, a: change(kernel.a), b: change(kernel.b), epilogue: expression(kernel.epilogue) }
    case 'pool':
      return { ...kernel, inputs: kernel.inputs.map(change), output: change(kernel.output) }
    case 'rows':
      return {
        ...kernel,
        source: change(kernel.source),
        indices: change(kernel.indices),
        output: change(kernel.output),
      }
    case 'loop':
      return { ...kernel, kernels: kernel.kernels.map((inner) => mapViews(inner, change)) }
    default:
      return kernel satisfies never
  }
}
