/**
 * What every block must keep, found through the registry: a new block is tested here without a line written for it.
 */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import { misfit, type ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { families, type BlockDefinition, type BlockExample } from '../../src/blocks/define.ts'
import { blocks, findBlock } from '../../src/blocks/index.ts'
import { attempt } from '../../src/base/problem.ts'
import type { Tensor } from '../../src/ir/builder.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import { vjpRules } from '../../src/ir/vjp.ts'
import { blockProgram, newBlockBuilder, paramsOf, PATH, place } from '../helpers/block-program.ts'
import { Sheet, wrongGradient, type Input, type Make } from '../helpers/gradients.ts'
import { numbers, type Kind } from '../helpers/random.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'

/** The examples, and for each the same parameters on other shapes where the block takes them. */
function trials(block: BlockDefinition): BlockExample[] {
  const rng = new Rng(1, 'trials', block.type)
  const params = [{}, ...block.examples.map((example) => example.params ?? {}), ...choices(block)]
  const more = params.flatMap((given): BlockExample[] => {
    const found: BlockExample[] = []
    for (let tried = 0; tried < 12 && found.length < 3; tried++) {
      const example = at(block.examples, rng.integer(block.examples.length))
      // Equal sizes stay equal, so that a prediction still fits its target.
      const sizes = new Map<number, number>()
      const other = (size: number) => {
        if (!sizes.has(size)) sizes.set(size, 1 + rng.integer(6))
        return sizes.get(size) ?? 1
      }
      const inputs = Object.fromEntries(Object.entries(example.inputs).map(([port, shape]) => [port, shape.map(other)]))
      const outputs = attempt(() => shapesOf(block, given, inputs))
      if (outputs.ok) found.push({ params: given, inputs, outputs: outputs.value })
    }
    return found
  })
  return [...block.examples, ...more]
}

/** Every value of every choice and switch, one at a time. */
function choices(block: BlockDefinition): ParamValues[] {
  return Object.entries(block.params).flatMap(([name, spec]): ParamValues[] => {
    if (spec.kind === 'bool') return [{ [name]: !spec.default }]
    return spec.kind === 'choice' && name !== 'init' ? spec.options.map(({ value }) => ({ [name]: value })) : []
  })
}

type Shapes = { readonly [port: string]: Shape }

function shapesOf(block: BlockDefinition, params: ParamValues, inputs: Shapes): Shapes {
  const g = newBlockBuilder()
  const ports = Object.fromEntries(Object.entries(inputs).map(([port, shape]) => [port, g.input(port, 'data', shape)]))
  return Object.fromEntries(Object.entries(place(g, block, params, ports)).map(([port, { shape }]) => [port, shape]))
}

/** Numbers that a port may get: apart from each other and from 0, and probabilities where a loss wants them. */
function kindOf(block: BlockDefinition, params: ParamValues, port: string): Kind {
  if (block.family === 'loss' && paramsOf(block, params)['expects'] === 'probabilities') return 'positive'
  return block.family === 'loss' && port === 'target' ? 'positive' : 'distinct'
}

/** The block as a function of its inputs and weights, weights last. */
function asFunction(block: BlockDefinition, { params = {}, inputs }: BlockExample): { make: Make; inputs: Input[] } {
  const rng = new Rng(3, block.type, JSON.stringify([params, inputs]))
  const g = newBlockBuilder()
  const ports = Object.entries(inputs)
  place(g, block, params, Object.fromEntries(ports.map(([port, shape]) => [port, g.input(port, 'data', shape)])))
  const values = ports.map(([port, shape]): Input => {
    const data = numbers(rng, shape, kindOf(block, params, port))
    // Half a step aside, so that no value is 0.
    return { shape, dtype: 'float', data: data.map((x) => x + 0.025) }
  })
  const weights = g.weights.map(({ shape }): Input => ({ shape, dtype: 'float', data: numbers(rng, shape) }))
  const make: Make = (sheet, tensors) => {
    const builder = sheet.g as ReturnType<typeof newBlockBuilder>
    // The weights are inputs already: `weight` finds them by their name.
    g.weights.forEach(({ name }, i) => {
      const input = builder.inputs.find(({ value }) => value === at(tensors, ports.length + i).id)
      if (input) builder.inputs.push({ ...input, name })
    })
    const given = Object.fromEntries(ports.map(([port], i) => [port, at(tensors, i)]))
    const outputs = Object.values(place(builder, block, params, given))
    for (const { name } of g.weights)
      builder.inputs.splice(
        builder.inputs.findIndex((input) => input.name === name),
        1,
      )
    return outputs
  }
  return { make, inputs: [...values, ...weights] }
}

const newSheet = () => new Sheet(newBlockBuilder())
const computing = blocks.filter((block) => block.family !== 'data')
const nameOf = (trial: BlockExample) => JSON.stringify([trial.params ?? {}, trial.inputs])

describe.each(blocks.map((block) => [block.type, block] as const))('%s', (_type, block) => {
  test('says what it is', () => {
    expect(findBlock(block.type)).toBe(block)
    expect(families).toContain(block.family)
    expect(block.title.length).toBeGreaterThan(1)
    expect(block.doc).toMatch(/^[A-Z].{20,}\.$/)
    expect(block.source.length).toBeGreaterThan(3)
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
    if (block.family !== 'data') expect(trials(block).length).toBeGreaterThanOrEqual(3)
  })
})

describe.each(computing.map((block) => [block.type, block] as const))('%s', (_type, block) => {
  const all = trials(block)

  test.each(block.examples.map((example) => [nameOf(example), example] as const))(
    'gives the shapes of %s',
    (_n, one) => {
      expect(shapesOf(block, one.params ?? {}, one.inputs)).toEqual(one.outputs)
      expect(Object.keys(one.inputs)).toEqual(Object.keys(block.inputs))
      expect(Object.keys(one.outputs)).toEqual(Object.keys(block.outputs))
    },
  )

  test('has the gradient that differences measure, by inputs and weights', () => {
    for (const one of all) {
      const { make, inputs } = asFunction(block, one)
      expect(wrongGradient(make, inputs, newSheet), nameOf(one)).toBeUndefined()
    }
  })

  test('and a wrong gradient would be seen', () => {
    const { make, inputs } = asFunction(block, at(all, 0))
    const sheet = newSheet()
    make(
      sheet,
      inputs.map((input) => sheet.given(input)),
    )
    // The rule of the first primitive that a gradient goes through gets one percent too much.
    const rules = vjpRules as unknown as Record<string, (...args: unknown[]) => readonly (Tensor | null)[]>
    const seen = new Set(sheet.g.equations.map(({ primitive }) => primitive as string))
    if (seen.size === 0) seen.add('add') // it hands its input on; the loss that is put behind it adds
    const caught = [...seen].filter((primitive) => {
      const right = get(new Map(Object.entries(rules)), primitive)
      rules[primitive] = (...args) =>
        right(...args).map((gradient) => gradient && (args[0] as Sheet['g']).mul(gradient, 1.01))
      try {
        return wrongGradient(make, inputs, newSheet) !== undefined
      } finally {
        rules[primitive] = right
      }
    })
    expect(caught.length).toBeGreaterThan(0)
  })

  test('gives the same on the CPU engine as on the reference, forward and backward', async () => {
    for (const one of all) {
      const { program, inputs } = blockProgram(block, one.params ?? {}, one.inputs)
      const rng = new Rng(5, block.type, nameOf(one))
      const values = Object.fromEntries(
        Object.entries(inputs).map(([name, shape]) => {
          const port = Object.keys(block.inputs).includes(name)
          return [
            name,
            Float64Array.from(
              numbers(rng, shape, port ? kindOf(block, one.params ?? {}, name) : 'normal'),
              Math.fround,
            ),
          ]
        }),
      )
      const right = await runProgram(reference, program, values)
      const found = await runProgram(wasm, program, values)
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
      const { make, inputs } = asFunction(block, one)
      const ports = Object.keys(one.inputs).length
      const batch = at(at(inputs, 0).shape, 0)
      const run = (values: readonly Input[]) => {
        const sheet = newSheet()
        const outputs = make(
          sheet,
          values.map((input) => sheet.given(input)),
        )
        const result = evaluate(sheet.g.build(), sheet.data)
        return outputs.map(({ id }) => result(id).data)
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

  test('probabilities of 0 cost as much as 1e-7, and no more', () => {
    const given = { prediction: [[0, 1]], target: [[1, 0]] }
    expect(valueOf('crossEntropy', { expects: 'probabilities' }, given)[0]).toBeCloseTo(-Math.log(1e-7), 12)
  })
})
