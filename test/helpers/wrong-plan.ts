/** Plans that are a little wrong, for controls: whoever compares results must notice. */
import type { Expression, Kernel } from '../../src/ir/kernel.ts'
import type { Plan } from '../../src/ir/plan.ts'

function scaled(expression: Expression, factor: number): Expression {
  const { body, stores } = expression
  const floats = stores.filter(({ value }) => body[value]?.dtype === 'float')
  const by = { op: 'constant', value: factor, dtype: 'float' } as const
  const products = floats.map(({ value }) => ({ op: 'mul', a: value, b: body.length, dtype: 'float' }) as const)
  return {
    ...expression,
    body: [...body, by, ...products],
    stores: stores.map((store) => {
      const place = floats.indexOf(store)
      return place < 0 ? store : { ...store, value: body.length + 1 + place }
    }),
  }
}

type Scalable = Extract<Kernel, { kind: 'map' | 'reduce' | 'dot' | 'conv' }>

function scaledKernel(kernel: Kernel, factor: number): Kernel {
  if (kernel.kind === 'map') return { ...kernel, expression: scaled(kernel.expression, factor) }
  return 'epilogue' in kernel ? { ...kernel, epilogue: scaled(kernel.epilogue, factor) } : kernel
}

/** In each entry, what the first kernel of such a kind writes is a thousandth too large. */
export function aThousandthOff(
  plan: Plan,
  kinds: readonly Scalable['kind'][] = ['map', 'reduce', 'dot', 'conv'],
): Plan {
  const entries = plan.entries.map((entry) => {
    let done = false
    const change = (kernel: Kernel): Kernel => {
      if (kernel.kind === 'loop') return { ...kernel, kernels: kernel.kernels.map(change) }
      if (done || !kinds.some((kind) => kind === kernel.kind)) return kernel
      done = true
      return scaledKernel(kernel, 1.001)
    }
    return { ...entry, kernels: entry.kernels.map(change) }
  })
  return { ...plan, entries }
}
