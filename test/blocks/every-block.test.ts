/**
 * What every block must keep, found through the registry: a new block is tested here without a line written for it.
 */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import { misfit, type ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import {
  families,
  type BlockBuilder,
  type BlockDefinition,
  type BlockExample,
  type Mode,
} from '../../src/blocks/define.ts'
import { blocks, findBlock } from '../../src/blocks/index.ts'
import type { Backend } from '../../src/backends/types.ts'
import { differentiate } from '../../src/compiler/3-differentiate.ts'
import type { Tensor } from '../../src/ir/builder.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import type { Program } from '../../src/ir/program.ts'
import { vjpRules } from '../../src/ir/vjp.ts'
import { blockProgram, newBlockBuilder, paramsOf, PATH, place } from '../helpers/block-program.ts'
import {
  kindOf,
  nameOf,
  SHAPES,
  shapesIn,
  shapesOf,
  trialProgram,
  trials,
  weightKind,
} from '../helpers/block-trials.ts'
import { Sheet, wrongGradient, type Input, type Make } from '../helpers/gradients.ts'
import { FROZEN, numbers } from '../helpers/random.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'

/** Blocks that mix the examples of a batch while they train, or give each random numbers of its own. */
const mixing = ['batchNorm', 'dropout', 'gaussianNoise', 'sample']

/** What a block hands back on purpose is then not its derivative. */
const pretends = (block: BlockDefinition, params: ParamValues = {}) =>
  paramsOf(block, params)['gradient'] === 'straight'

/** How far a point must lie from every kink and jump; the differences take steps of a hundredth of it. */
const CLEAR = 1e-3

/** Whether a comparison of the program would turn out otherwise a little aside. */
function nearKink(program: Program, data: ReadonlyMap<string, Float64Array>): boolean {
  const frozen = Object.entries(FROZEN).map(([name, numbers]) => [name, Float64Array.from(numbers)] as const)
  const value = evaluate(program, new Map([...frozen, ...data]))
  // What random numbers or positions alone decide stays decided.
  const moving = new Set(
    program.inputs.flatMap(({ value: id }) => (at(program.values, id).dtype === 'float' ? [id] : [])),
  )
  for (const { inputs, outputs } of program.equations)
    if (inputs.some((id) => moving.has(id))) for (const id of outputs) moving.add(id)
  return program.equations.some(({ primitive, inputs: [a, b] }) => {
    if (!['abs', 'max', 'min', 'less'].includes(primitive) || a === undefined) return false
    if (!moving.has(a) && (b === undefined || !moving.has(b))) return false
    const other = b === undefined ? undefined : value(b).data
    return value(a).data.some((x, i) => Math.abs(x - (other ? at(other, i) : 0)) < CLEAR)
  })
}

/** The block as a function of its inputs and weights, weights last. */
function asFunction(
  block: BlockDefinition,
  { params = {}, inputs }: BlockExample,
  mode: Mode = 'train',
): { make: Make; inputs: Input[] } {
  const g = newSheet(mode).g as BlockBuilder
  const ports = Object.entries(inputs)
  const dtypeOf = (port: string) => (typeof kindOf(block, params, port) === 'object' ? 'int' : 'float')
  const placed = ports.map(([port, shape]) => [port, g.input(port, 'data', shape, dtypeOf(port))] as const)
  place(g, block, params, Object.fromEntries(placed))
  const program = g.build()
  const names = [...ports.map(([port]) => port), ...g.weights.map(({ name }) => name)]
  const drawn = (attempt: number): Input[] => {
    const rng = new Rng(3, block.type, JSON.stringify([params, inputs]), attempt)
    const values = ports.map(([port, shape]): Input => {
      const kind = kindOf(block, params, port)
      const data = numbers(rng, shape, kind)
      if (dtypeOf(port) === 'int') return { shape, dtype: 'int', data }
      // Half a step aside, so that no value is 0.
      return { shape, dtype: 'float', data: data.map((x) => x + 0.025) }
    })
    const weights = g.weights.map((weight): Input => {
      return { shape: weight.shape, dtype: 'float', data: numbers(rng, weight.shape, weightKind(weight)) }
    })
    return [...values, ...weights]
  }
  let given = drawn(0)
  for (let attempt = 1; nearKink(program, new Map(names.map((name, i) => [name, at(given, i).data]))); attempt++) {
    if (attempt > 100) throw new Error(`${block.type} has a kink everywhere`)
    given = drawn(attempt)
  }
  const make: Make = (sheet, tensors) => {
    const builder = sheet.g as BlockBuilder
    // The weights are inputs already: `weight` finds them by their name.
    g.weights.forEach(({ name }, i) => {
      const input = builder.inputs.find(({ value }) => value === at(tensors, ports.length + i).id)
      if (input) builder.inputs.push({ ...input, name })
    })
    const given = Object.fromEntries(ports.map(([port], i) => [port, at(tensors, i)]))
    const outputs = Object.values(place(builder, block, params, given))
    // What it keeps is no result.
    builder.outputs.length = 0
    for (const { name } of g.weights)
      builder.inputs.splice(
        builder.inputs.findIndex((input) => input.name === name),
        1,
      )
    return outputs
  }
  return { make, inputs: given }
}

/** Blocks whose true gradient is 0 everywhere. */
const flat = ['step']

function gradientsOf(make: Make, inputs: readonly Input[]): number[][] {
  const sheet = newSheet()
  const given = inputs.map((input) => sheet.given(input))
  const floats = given.filter(({ dtype }) => dtype === 'float')
  const gradients = differentiate(sheet.g, sheet.weigh(make(sheet, given)), floats)
  const values = sheet.run()
  return gradients.map(({ id }) => [...values(id)])
}

const isFlat = (make: Make, inputs: readonly Input[]) =>
  gradientsOf(make, inputs)
    .flat()
    .every((x) => x === 0)

const newSheet = (mode: Mode = 'train') => new Sheet(newBlockBuilder(undefined, undefined, mode))
const computing = blocks.filter((block) => block.family !== 'data')

describe.each(blocks.map((block) => [block.type, block] as const))('%s', (_type, block) => {
  test('says what it is', () => {
    expect(findBlock(block.type)).toBe(block)
    expect(families).toContain(block.family)
    expect(block.title.length).toBeGreaterThan(1)
    expect(block.doc).toMatch(/^[A-Z].{20,}\.$/)
    expect(block.source.length).toBeGreaterThan(3)
    if (block.family !== 'data') expect(block.formula).toMatch(/^.{4,}$/)
    for (const port of [...Object.values(block.inputs), ...Object.values(block.outputs)])
      expect(port.doc.length).toBeGreaterThan(3)
    for (const spec of Object.values(block.params)) {
      expect(spec.label).toMatch(/^[A-Z]/)
      expect(misfit(spec, spec.default)).toBeNull()
      if (spec.kind === 'choice') expect(spec.options.every(({ label }) => label.length > 0)).toBe(true)
    }
  })

  test('has examples, also of every choice', () => {
    expect(block.examples.length > 0 || block.family === 'data').toBe(true)
    if (block.family !== 'data') expect(shapesIn(trials(block)).size).toBeGreaterThanOrEqual(SHAPES)
  })
})

describe.each(computing.map((block) => [block.type, block] as const))('%s', (_type, block) => {
  const all = trials(block)

  test.each(block.examples.map((example) => [nameOf(example), example] as const))(
    'gives the shapes of %s',
    (_n, one) => {
      expect(shapesOf(block, one.params ?? {}, one.inputs)).toEqual(one.outputs)
      const ports = Object.keys(block.inputs)
      expect(Object.keys(one.inputs)).toEqual(
        ports.filter((port) => block.inputs[port]?.optional !== true || port in one.inputs),
      )
      expect(Object.keys(one.outputs)).toEqual(Object.keys(block.outputs))
    },
  )

  test('has the gradient that differences measure, by inputs and weights', () => {
    for (const one of all) {
      if (pretends(block, one.params)) continue
      const { make, inputs } = asFunction(block, one)
      expect(wrongGradient(make, inputs, newSheet), nameOf(one)).toBeUndefined()
    }
  }, 300_000)

  test('and a wrong gradient would be seen', () => {
    const { make, inputs } = asFunction(block, at(all, 0))
    // Through a comparison alone nothing flows that could be wrong; a test of its own looks after that.
    if (isFlat(make, inputs)) return expect(flat).toContain(block.type)
    const sheet = newSheet()
    make(
      sheet,
      inputs.map((input) => sheet.given(input)),
    )
    // The rule of the first primitive that a gradient goes through gets one percent too much.
    const rules = vjpRules as unknown as Record<string, (...args: unknown[]) => readonly (Tensor | null)[]>
    const seen = new Set(
      sheet.g.equations
        .flatMap((one) => (one.primitive === 'scan' ? one.params.body.equations : [one]))
        .map(({ primitive }) => primitive as string),
    )
    if (seen.size === 0) seen.add('add') // it hands its input on; the loss that is put behind it adds
    const caught = [...seen].some((primitive) => {
      const right = get(new Map(Object.entries(rules)), primitive)
      rules[primitive] = (...args) =>
        right(...args).map((gradient) => gradient && (args[0] as Sheet['g']).mul(gradient, 1.01))
      try {
        return wrongGradient(make, inputs, newSheet) !== undefined
      } finally {
        rules[primitive] = right
      }
    })
    expect(caught).toBe(true)
    expect(flat).not.toContain(block.type)
  })

  test('gives the same on the CPU engine as on the reference, forward and backward', async () => {
    for (const one of all) {
      const { program, inputs } = trialProgram(block, one)
      const right = await runProgram(reference, program, inputs)
      const found = await runProgram(wasm, program, inputs)
      expect([...found.keys()]).toEqual([...right.keys()])
      for (const [name, expected] of right)
        expect(
          difference(found.get(name) ?? [], expected, TOLERANCE.f32.product),
          `${nameOf(one)} ${name}`,
        ).toBeUndefined()
    }
  })

  test('treats each example of a batch by itself', () => {
    for (const one of all) {
      const mode = mixing.includes(block.type) ? 'evaluate' : 'train'
      if (one.params?.['evaluation'] === 'draw') continue
      const { make, inputs } = asFunction(block, one, mode)
      const ports = Object.keys(one.inputs).length
      const batch = at(at(inputs, 0).shape, 0)
      const run = (values: readonly Input[]) => {
        const sheet = newSheet(mode)
        const outputs = make(
          sheet,
          values.map((input) => sheet.given(input)),
        )
        const result = sheet.run()
        return outputs.map(({ id }) => result(id))
      }
      const together = run(inputs)
      const single = Array.from({ length: batch }, (_, n) =>
        run(
          inputs.map((input, i) => {
            if (i >= ports) return input
            const size = sizeOf(input.shape.slice(1))
            return { ...input, shape: [1, ...input.shape.slice(1)], data: input.data.slice(n * size, (n + 1) * size) }
          }),
        ),
      )
      together.forEach((value, k) => {
        const parts = single.map((outputs) => at(outputs, k))
        // A loss is the mean over the batch; everything else stands one below the other.
        const expected =
          block.family === 'loss'
            ? [parts.reduce((sum, part) => sum + at(part, 0), 0) / batch]
            : parts.flatMap((part) => [...part])
        expectClose(value, expected, TOLERANCE.f64.same, nameOf(one))
      })
    }
  })

  test('names its weights after the block, and only once', () => {
    for (const one of all) {
      const g = newBlockBuilder()
      const ports = Object.entries(one.inputs).map(([port, shape]) => [port, g.input(port, 'data', shape)] as const)
      place(g, block, one.params ?? {}, Object.fromEntries(ports))
      const names = g.weights.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      for (const name of names) expect(name.startsWith(`${PATH}.`)).toBe(true)
    }
  })
})

describe('input and target', () => {
  const outputOf = (type: string, params: ParamValues, classes?: number) => {
    const target = classes === undefined ? { kind: 'numbers' as const, size: 2 } : { kind: 'classes' as const, classes }
    const g = newBlockBuilder({ features: [2, 3], target }, 2)
    const block = findBlock(type)
    if (!block) throw new Error(type)
    const output = at(Object.values(place(g, block, params, {})), 0)
    const data = new Map<string, Float64Array>()
    for (const { name, value } of g.inputs)
      data.set(
        name,
        Float64Array.from({ length: sizeOf(g.tensor(value).shape) }, (_, i) =>
          name === 'target' && classes ? classes - 1 - i : i,
        ),
      )
    return { shape: output.shape, values: [...evaluate(g.build(), data)(output.id).data] }
  }
  const counted = (n: number) => [...new Array(n).keys()]

  test('hand over what the batch holds', () => {
    expect(outputOf('input', {})).toEqual({ shape: [2, 2, 3], values: counted(12) })
    expect(outputOf('input', { flat: true })).toEqual({ shape: [2, 6], values: counted(12) })
    expect(outputOf('target', {})).toEqual({ shape: [2, 2], values: counted(4) })
    expect(outputOf('target', {}, 3)).toEqual({ shape: [2, 3], values: [0, 0, 1, 0, 1, 0] })
    expect(outputOf('target', { encoding: 'number' }, 3)).toEqual({ shape: [2, 1], values: [2, 1] })
  })
})

/** Outputs and gradients of sum(r y) by everything that goes in; weights and r that are not given are 1. */
function valuesOf(
  type: string,
  params: ParamValues,
  given: { readonly [input: string]: readonly (readonly number[])[] },
  backend: Backend = reference,
): Promise<Map<string, number[]>> {
  const block = findBlock(type)
  if (!block) throw new Error(type)
  const shapes = Object.keys(block.inputs).map((port) => {
    const rows = given[port] ?? []
    return [port, [rows.length, at(rows, 0).length]] as const
  })
  const { program, inputs } = blockProgram(block, params, Object.fromEntries(shapes))
  const filled = Object.entries(inputs).map(
    ([name, shape]) => [name, given[name]?.flat() ?? new Array<number>(sizeOf(shape)).fill(1)] as const,
  )
  return runProgram(backend, program, Object.fromEntries(filled))
}

const onEach = describe.each([reference, wasm].map((backend) => [backend.title, backend] as const))

describe('a step', () => {
  const x = [[-2, -0.1, 0, 0.3, 0.5, 7]]

  test('is 1 from its threshold on', async () => {
    expect((await valuesOf('step', {}, { x })).get('y')).toEqual([0, 0, 1, 1, 1, 1])
    expect((await valuesOf('step', { threshold: 0.5 }, { x })).get('y')).toEqual([0, 0, 0, 0, 1, 1])
    expect((await valuesOf('step', { threshold: 0.5, gradient: 'straight' }, { x })).get('y')).toEqual([
      0, 0, 0, 0, 1, 1,
    ])
  })

  onEach('on the %s', (_title, backend) => {
    test('hands back nothing, or all as the identity does', async () => {
      const r = [[1, -2, 3, 0.25, 5, -6]]
      const zero = await valuesOf('step', {}, { x, 'r.y': r }, backend)
      expect(zero.get('d.x')).toEqual([0, 0, 0, 0, 0, 0])
      const straight = await valuesOf('step', { gradient: 'straight' }, { x, 'r.y': r }, backend)
      const identity = await valuesOf('linear', {}, { x, 'r.y': r }, backend)
      expect(straight.get('d.x')).toEqual(identity.get('d.x'))
      expect(straight.get('d.x')).toEqual(at(r, 0))
      expect(straight.get('y')).toEqual(zero.get('y'))
    })
  })

  test('whose way back is another than the identity would be seen', async () => {
    const rules = vjpRules as { sub: typeof vjpRules.sub }
    const right = rules.sub
    rules.sub = (g, dy, inputs, params, y) => right(g, dy, inputs, params, y).map((d) => d && g.mul(d, 1.01))
    try {
      const straight = await valuesOf('step', { gradient: 'straight' }, { x })
      expect(straight.get('d.x')).not.toEqual([1, 1, 1, 1, 1, 1])
    } finally {
      rules.sub = right
    }
  })
})

onEach('at the ends of their range, on the %s,', (_title, backend) => {
  const ends = [[-1e4, 0, 1e4]]
  const has = async (
    type: string,
    params: ParamValues,
    given: { readonly [input: string]: readonly (readonly number[])[] },
    expected: { readonly [result: string]: readonly number[] },
  ) => {
    const found = await valuesOf(type, params, given, backend)
    for (const values of found.values()) expect(values.every(Number.isFinite)).toBe(true)
    for (const [name, values] of Object.entries(expected))
      expectClose(get(found, name), values, TOLERANCE.f32.chain, `${type} ${name}`)
  }

  test('functions and their gradients stay finite and right', async () => {
    await has('sigmoid', {}, { x: ends }, { y: [0, 0.5, 1], 'd.x': [0, 0.25, 0] })
    await has('softplus', {}, { x: ends }, { y: [0, Math.LN2, 1e4], 'd.x': [0, 0.5, 1] })
    await has('softplus', {}, { x: [[800, -800]] }, { y: [800, 0], 'd.x': [1, 0] })
    await has('softplus', { beta: 2 }, { x: ends }, { y: [0, Math.LN2 / 2, 1e4], 'd.x': [0, 0.5, 1] })
    await has('swish', {}, { x: ends }, { y: [0, 0, 1e4], 'd.x': [0, 0.5, 1] })
    await has('gelu', {}, { x: ends }, { y: [0, 0, 1e4], 'd.x': [0, 0.5, 1] })
    await has('elu', { alpha: 0.5 }, { x: ends }, { y: [-0.5, 0, 1e4], 'd.x': [0, 0.5, 1] })
    await has('leakyRelu', {}, { x: ends }, { y: [-100, 0, 1e4], 'd.x': [0.01, 0.01, 1] })
    await has(
      'prelu',
      {},
      { x: ends, [`${PATH}.slope`]: [[0.25]] },
      { y: [-2500, 0, 1e4], 'd.x': [0.25, 0.25, 1], [`d.${PATH}.slope`]: [-1e4] },
    )
  })

  test('so do losses of yes and no', async () => {
    const target = [[0, 1, 1, 0]]
    const prediction = [[-1e4, 1e4, -1e4, 1e4]]
    const wrong = { loss: [5e3], 'd.prediction': [0, 0, -0.25, 0.25] }
    await has('binaryCrossEntropy', {}, { prediction, target }, wrong)
    await has('binaryCrossEntropy', { expects: 'logits' }, { prediction, target }, wrong)
    await has(
      'binaryCrossEntropy',
      {},
      { prediction: [[0, 0]], target: [[1, 0.5]] },
      { loss: [Math.LN2], 'd.prediction': [-0.25, 0] },
    )
    const sure = { prediction: [[0, 1, 0, 1]], target }
    // Two of four are wrong with certainty, which counts as 1e-7.
    await has('binaryCrossEntropy', { expects: 'probabilities' }, sure, { loss: [-Math.log(1e-7) / 2] })
  })

  test('and losses of distances', async () => {
    const given = { prediction: [[-1e4, 0, 1e4, 0.5]], target: [[0, 0, 0, 0]] }
    await has('l1', {}, given, { loss: [20000.5 / 4], 'd.prediction': [-0.25, 0, 0.25, 0.25] })
    await has('huber', {}, given, { loss: [(2e4 - 1 + 0.125) / 4], 'd.prediction': [-0.25, 0, 0.25, 0.125] })
    await has('huber', { delta: 0.5 }, given, {
      loss: [(1e4 - 0.25 + 0.125) / 4],
      'd.prediction': [-0.125, 0, 0.125, 0.125],
    })
  })
})

describe('numbers that closed forms give', () => {
  const valueOf = (
    type: string,
    params: ParamValues,
    inputs: { readonly [port: string]: readonly (readonly number[])[] },
  ) => {
    const block = findBlock(type)
    if (!block) throw new Error(type)
    const g = newBlockBuilder()
    const data = new Map<string, Float64Array>()
    const ports = Object.entries(inputs).map(([port, rows]) => {
      data.set(port, Float64Array.from(rows.flat()))
      return [port, g.input(port, 'data', [rows.length, at(rows, 0).length])] as const
    })
    const output = at(Object.values(place(g, block, params, Object.fromEntries(ports))), 0)
    return [...evaluate(g.build(), data)(output.id).data]
  }

  test('an even guess among K classes costs ln K', () => {
    for (const k of [2, 3, 10]) {
      const prediction = [new Array<number>(k).fill(1.7)]
      const target = [[1, ...new Array<number>(k - 1).fill(0)]]
      expect(valueOf('crossEntropy', {}, { prediction, target })[0]).toBeCloseTo(Math.log(k), 12)
    }
  })

  test('huge logits stay finite', () => {
    const target = [
      [1, 0],
      [1, 0],
    ]
    const [loss = NaN] = valueOf(
      'crossEntropy',
      {},
      {
        prediction: [
          [1e4, -1e4],
          [-1e4, 1e4],
        ],
        target,
      },
    )
    expect(loss).toBe(1e4)
    expect(valueOf('softmax', {}, { x: [[1e4, -1e4, 1e4]] })).toEqual([0.5, 0, 0.5])
    expect(valueOf('sigmoid', {}, { x: [[-1e4, 0, 1e4]] })).toEqual([0, 0.5, 1])
    expect(valueOf('tanh', {}, { x: [[-1e4, 1e4]] })).toEqual([-1, 1])
  })

  test('squared differences, whole and half', () => {
    const given = {
      prediction: [
        [1, 2],
        [3, 4],
      ],
      target: [
        [0, 2],
        [3, 2],
      ],
    }
    expect(valueOf('rms', {}, given)).toEqual([5 / 4])
    expect(valueOf('rms', { form: 'half' }, given)).toEqual([5 / 8])
  })

  test('a sum and a product', () => {
    const given = { a: [[1, -2, 3]], b: [[4, 5, -6]] }
    expect(valueOf('add', {}, given)).toEqual([5, 3, -3])
    expect(valueOf('multiply', {}, given)).toEqual([4, -10, -18])
  })

  test('a layer norm that nothing has taught yet gives mean 0 and variance 1', async () => {
    const shift = { [`${PATH}.scale`]: [[1, 1, 1, 1]], [`${PATH}.shift`]: [[0, 0, 0, 0]] }
    const y = get(await valuesOf('layerNorm', { epsilon: 0 }, { x: [[1, 3, 3, 1]], ...shift }), 'y')
    expect(y).toEqual([-1, 1, 1, -1])
    const same = await valuesOf('layerNorm', {}, { x: [[7, 7, 7, 7]], ...shift })
    expect(get(same, 'y')).toEqual([0, 0, 0, 0])
    expect(get(same, 'd.x').every(Number.isFinite)).toBe(true)
  })

  test('a loss of yes and no finds the sigmoid by itself, and says so in its answer', () => {
    const block = findBlock('binaryCrossEntropy')
    if (!block?.answer) throw new Error('no answer')
    const g = newBlockBuilder()
    const logits = g.input('x', 'data', [2, 1])
    const [before, after] = [g.sigmoid(logits), logits].map((prediction) => {
      const { loss } = place(g, block, {}, { prediction, target: g.input('t', 'data', [2, 1]) })
      const answer = block.answer?.(g, prediction, paramsOf(block))
      return [get(new Map([['loss', loss]]), 'loss'), answer] as const
    })
    const data = new Map([
      ['x', Float64Array.of(-800, 3)],
      ['t', Float64Array.of(1, 1)],
    ])
    const values = evaluate(g.build(), data)
    const read = (pair: typeof before) => pair?.map((tensor) => tensor && [...values(tensor.id).data])
    expect(read(before)).toEqual(read(after))
    expect(at(read(before)?.[0] ?? [], 0)).toBeCloseTo((800 + Math.log1p(Math.exp(-3))) / 2, 12)
  })

  test('probabilities of 0 cost as much as 1e-7, and no more', () => {
    const given = { prediction: [[0, 1]], target: [[1, 0]] }
    expect(valueOf('crossEntropy', { expects: 'probabilities' }, given)[0]).toBeCloseTo(-Math.log(1e-7), 12)
  })
})
