/**
 * The gradient check: what `differentiate` says against central differences in f64, through the loss
 * sum(r y + y² / 2) with random r, so that linear functions have a second derivative too.
 */
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { sameShape } from '../../src/base/shape.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { Aval, ValueId } from '../../src/ir/program.ts'
import { verifyProgram } from '../../src/ir/verify.ts'
import { difference, TOLERANCE } from './tolerance.ts'
import { FROZEN, numbers } from './random.ts'

export interface Input extends Aval {
  readonly data: Float64Array
}

/** A builder together with the values of its inputs. */
export class Sheet {
  readonly g: Builder
  readonly data = new Map<string, Float64Array>()

  constructor(g: Builder = new Builder()) {
    this.g = g
  }

  given({ shape, dtype, data }: Input, name = `given${this.data.size}`): Tensor {
    this.data.set(name, data)
    return this.g.input(name, 'data', shape, dtype)
  }

  /** sum(r y + y² / 2) over all outputs; the n-th call of a sheet draws the same r each time. */
  weigh(outputs: readonly Tensor[]): Tensor {
    const rng = new Rng(1, 'weigh', this.data.size)
    return outputs.reduce((loss, output) => {
      const y = this.g.convert(output, 'float')
      const r = this.given({ shape: y.shape, dtype: 'float', data: numbers(rng, y.shape) })
      return this.g.add(loss, this.g.sum(this.g.add(this.g.mul(r, y), this.g.mul(this.g.mul(y, y), 0.5))))
    }, this.g.constant(0))
  }

  run(): (id: ValueId) => Float64Array {
    const frozen = Object.entries(FROZEN).map(([name, data]) => [name, Float64Array.from(data)] as const)
    const values = evaluate(this.g.build(), new Map([...frozen, ...this.data]))
    return (id) => values(id).data
  }
}

export type Make = (sheet: Sheet, inputs: readonly Tensor[]) => readonly Tensor[]

const STEP = 1e-5
/** Elements of one input that are measured. */
const MOST = 24

/** Undefined when every gradient is right, else which input's is wrong and by how much. */
export function wrongGradient(make: Make, inputs: readonly Input[], sheet = () => new Sheet()): string | undefined {
  const whole = sheet()
  const xs = inputs.map((input) => whole.given(input))
  const loss = whole.weigh(make(whole, xs))
  const floats = xs.filter((x) => x.dtype === 'float')
  const gradients = differentiate(whole.g, loss, floats)
  const broken = verifyProgram(whole.g.build())
  if (broken.length > 0) return broken.join('\n')
  const values = whole.run()
  // Rounding of the loss, seen through a difference of two of them.
  const rounding = (4 * Number.EPSILON * Math.abs(at(values(loss.id), 0))) / STEP
  const { absolute, relative } = TOLERANCE.f64.differences

  const forward = sheet()
  const again = forward.weigh(
    make(
      forward,
      inputs.map((input) => forward.given({ ...input, data: Float64Array.from(input.data) })),
    ),
  )
  const order = new Rng(2, 'elements')
  let f = 0
  for (const [i, { dtype, data, shape }] of inputs.entries()) {
    if (dtype !== 'float') continue
    const gradient = at(gradients, f++)
    if (!sameShape(gradient.shape, shape)) return `gradient of input ${i} has shape ${gradient.shape.join()}`
    const chosen = [...order.permutation(data.length)].slice(0, MOST)
    const moved = at([...forward.data.values()], i)
    const measured = chosen.map((element) => {
      const around = [STEP, -STEP].map((step) => {
        moved[element] = at(data, element) + step
        return at(forward.run()(again.id), 0)
      })
      moved[element] = at(data, element)
      return (at(around, 0) - at(around, 1)) / (2 * STEP)
    })
    const said = values(gradient.id)
    const found = difference(
      chosen.map((element) => at(said, element)),
      measured,
      { absolute: absolute + rounding, relative },
    )
    if (found !== undefined) return `input ${i}: ${found}`
  }
  return undefined
}

/** The gradients of `make` as a function of its own, for second derivatives. */
export function gradientOf(make: Make): Make {
  return (sheet, inputs) =>
    differentiate(
      sheet.g,
      sheet.weigh(make(sheet, inputs)),
      inputs.filter((x) => x.dtype === 'float'),
    )
}
