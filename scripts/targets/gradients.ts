/** Every block's gradients against central differences in double precision, on the examples that its file names. */
import { at, get } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import type { BlockDefinition, BlockExample } from '../../src/blocks/define.ts'
import { blocks } from '../../src/blocks/index.ts'
import type { Program } from '../../src/ir/program.ts'
import { blockProgram } from '../../test/helpers/block-program.ts'
import { FROZEN, numbers } from '../../test/helpers/random.ts'

const STEP = 1e-5
/** Elements of one input that are measured. */
const MOST = 24
/** How far a point must lie from every kink. */
const CLEAR = 1e-3

type Values = Map<string, Float64Array>

/** Whether a comparison of the program would turn out otherwise a little aside. */
function nearKink(program: Program, given: Values): boolean {
  const value = evaluate(program, given)
  return program.equations.some(({ primitive, inputs: [a, b] }) => {
    if (!['abs', 'max', 'min', 'less'].includes(primitive) || a === undefined) return false
    if (at(program.values, a).dtype !== 'float') return false
    const other = b === undefined ? undefined : value(b).data
    return value(a).data.some((x, i) => Math.abs(x - (other ? at(other, i) : 0)) < CLEAR)
  })
}

function drawn(block: BlockDefinition, program: Program, attempt: number): Values {
  const rng = new Rng(attempt, 'targets', block.type)
  const given: Values = new Map(Object.entries(FROZEN).map(([name, data]) => [name, Float64Array.from(data)]))
  for (const { name, value } of program.inputs) {
    if (given.has(name)) continue
    const { shape, dtype } = at(program.values, value)
    const kept = /running(Mean|Variance)$/.test(name)
    const kind =
      dtype === 'int'
        ? { below: 2 }
        : block.family === 'loss' && !name.startsWith('r.')
          ? 'share'
          : kept
            ? 'positive'
            : 'distinct'
    given.set(
      name,
      numbers(rng, shape, kind).map((x) => (kind === 'distinct' ? x + 0.025 : x)),
    )
  }
  return given
}

/** The largest error of a gradient, relative to the largest gradient of the block. */
function errorOf(block: BlockDefinition, { params = {}, inputs }: BlockExample): number {
  const { program } = blockProgram(block, params, inputs)
  let given = drawn(block, program, 0)
  for (let attempt = 1; nearKink(program, given); attempt++) {
    if (attempt > 100) throw new Error(`${block.type} has a kink everywhere`)
    given = drawn(block, program, attempt)
  }
  const outputs = new Map(program.outputs.map(({ name, value }) => [name, value]))
  const loss = () => {
    const value = evaluate(program, given)
    let sum = 0
    for (const port of Object.keys(block.outputs)) {
      const r = get(given, `r.${port}`)
      value(get(outputs, port)).data.forEach((y, i) => (sum += y * at(r, i)))
    }
    return sum
  }
  let [worst, size] = [0, 0]
  for (const [name, value] of outputs) {
    if (!name.startsWith('d.')) continue
    const said = evaluate(program, given)(value).data
    const moved = get(given, name.slice(2))
    const chosen = [...new Rng(2, name).permutation(moved.length)].slice(0, MOST)
    const errors = chosen.map((element) => {
      const first = at(moved, element)
      const [up = NaN, down = NaN] = [STEP, -STEP].map((step) => {
        moved[element] = first + step
        return loss()
      })
      moved[element] = first
      return Math.abs(at(said, element) - (up - down) / (2 * STEP))
    })
    worst = Math.max(worst, ...errors)
    size = said.reduce((most, d) => Math.max(most, Math.abs(d)), size)
  }
  // A block without a slope has none to be relative to.
  return worst / (size || 1)
}

export interface GradientReport {
  readonly blocks: number
  readonly worst: number
  readonly worstBlock: string
}

export function checkGradients(chosen: readonly BlockDefinition[] = blocks): GradientReport {
  const computing = chosen.filter(({ family }) => family !== 'data')
  const errors = computing.map((block) => ({
    block: block.title,
    error: Math.max(
      ...block.examples
        // Ints have no gradient, and a slope that is pretended on purpose is not the function's.
        .filter(({ params }) => params?.['gradient'] !== 'straight')
        .map((example) => errorOf(block, example)),
    ),
  }))
  const worst = errors.reduce((most, one) => (one.error > most.error ? one : most))
  return { blocks: computing.length, worst: worst.error, worstBlock: worst.block }
}
