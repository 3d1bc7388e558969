/** Starting again without compiling again: which edits do, which don't, and that nothing of the run before is left. */
import { describe, expect, test } from 'vitest'
import type { Device, HostArray } from '../../src/backends/types.ts'
import { problem, ProblemError } from '../../src/base/problem.ts'
import { sizeOf } from '../../src/base/shape.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Plan } from '../../src/ir/plan.ts'
import { executableFor, offer } from '../../src/train/executables.ts'
import { load } from '../../src/train/load.ts'
import { buildNetwork } from '../../src/train/network.ts'
import optimizers from '../../src/train/optimizers/index.gen.ts'
import { valueOf } from '../data/files.ts'
import { edited } from '../document/documents.ts'
import { preparedFor, shipped, shippedDocuments } from '../models/shipped.ts'
import { classifier, cpu, dataFor, open, oracle, outcomeOf } from './runs.ts'

interface Account {
  readonly device: Device
  compiled: number
  disposed: number
  stopped: number
  /** Most elements written of each slot before the first step. */
  readonly written: Map<string, number>
  /** Compiling fails while as many executables are there. */
  room: number
}

/** The CPU engine, with an account of what it is asked. */
async function accounted(inner?: Device, lost?: Promise<string>): Promise<Account> {
  const real = inner ?? (await cpu())
  const account: Account = {
    compiled: 0,
    disposed: 0,
    stopped: 0,
    written: new Map(),
    room: Infinity,
    device: {
      info: real.info,
      lost: lost ?? real.lost,
      dispose: () => undefined,
      async compile(plan: Plan) {
        if (account.compiled - account.disposed >= account.room)
          throw new ProblemError(problem('cpu.memory', 'There is no memory left.'))
        account.compiled++
        const executable = await real.compile(plan)
        return {
          stop: () => {
            account.stopped++
            executable.stop()
          },
          write: (slot: string, data: HostArray) => {
            account.written.set(slot, Math.max(account.written.get(slot) ?? 0, data.length))
            return executable.write(slot, data)
          },
          run: (passes) => executable.run(passes),
          read: (slot, count) => executable.read(slot, count),
          dispose: () => {
            account.disposed++
            executable.dispose()
          },
        }
      },
    },
  }
  return account
}

const settings = { batchSize: 4, epochs: 2 }
const document = classifier(settings)
const data = dataFor(document, 10, 5)

/** Trains to the end and lets the executable go. */
async function trained(of: GraphDocument, device: Device, given = data) {
  const { run } = await open(of, given, device)
  run.start()
  await run.ended
  const outcome = await outcomeOf(run)
  run.dispose()
  return outcome
}

const renamed = edited(document, { kind: 'renameBlock', block: 'h', name: 'first' })
const withTraining = (changes: Partial<GraphDocument['training']>): GraphDocument => ({
  ...document,
  training: { ...document.training, ...changes },
})
const withSgd = (params: GraphDocument['training']['optimizer']['params']) =>
  withTraining({ optimizer: { type: 'sgd', params: { ...document.training.optimizer.params, ...params } } })
const withParams = (block: string, params: object): GraphDocument => {
  const node = document.graph.blocks[block]
  if (!node) throw new Error(`no block ${block}`)
  const blocks = { ...document.graph.blocks, [block]: { ...node, params: { ...node.params, ...params } } }
  return { ...document, graph: { ...document.graph, blocks } }
}

describe('nothing is compiled again', () => {
  test.each<readonly [string, GraphDocument, typeof data]>([
    ['nothing changed', document, data],
    ['a block was moved', edited(document, { kind: 'moveBlocks', positions: { h: { x: 700, y: 7 } } }), data],
    ['a block was renamed', renamed, data],
    ['the learning rate is another', withSgd({ rate: 0.02 }), data],
    ['the momentum is another', withSgd({ momentum: 0.1 }), data],
    ['the seed is another', withTraining({ seed: 99 }), data],
    ['there are more epochs', withTraining({ epochs: 3 }), data],
    ['weights start otherwise', withParams('h', { init: 'heNormal', initScale: 0.5 }), data],
    ['a block has its own weight of the loss', withParams('l', { weight: 2 }), data],
    ['the examples are others', document, dataFor(document, 10, 5, 2)],
  ])('where %s, and the run is what it is without a run before', async (_what, changed, given) => {
    const account = await accounted()
    await trained(document, account.device)
    const again = await trained(changed, account.device, given)
    expect(account.compiled).toBe(1)
    const fresh = await accounted()
    expect(again).toEqual(await trained(changed, fresh.device, given))
  })

  test('and the control: the run before would show', async () => {
    const { device } = await accounted()
    const first = await trained(document, device)
    for (const other of [withSgd({ rate: 0.02 }), withTraining({ seed: 99 }), withParams('h', { init: 'heNormal' })])
      expect((await trained(other, device)).weights).not.toEqual(first.weights)
  })

  test('where any number of any optimizer is another', async () => {
    for (const { type, params } of optimizers) {
      const account = await accounted()
      const withParam = (changes: object) => withTraining({ epochs: 1, optimizer: { type, params: { ...changes } } })
      await trained(withParam({}), account.device)
      for (const [name, spec] of Object.entries(params))
        if (spec.kind === 'real') await trained(withParam({ [name]: 0.5 * spec.default + 0.01 }), account.device)
      expect([type, account.compiled]).toEqual([type, 1])
    }
  })
})

test('where blocks stand does not count, but one that is called `position` does', async () => {
  const named = (width: number) => {
    const { h, ...blocks } = withParams('h', { features: width }).graph.blocks
    const wires = Object.fromEntries(
      Object.entries(document.graph.wires).map(([id, { from, to }]) => {
        const end = ({ block, port }: typeof from) => ({ block: block === 'h' ? 'position' : block, port })
        return [id, { from: end(from), to: end(to) }]
      }),
    )
    return { ...document, graph: { blocks: { ...blocks, ...(h && { position: h }) }, wires } }
  }
  const account = await accounted()
  for (const width of [3, 4]) await trained(named(width), account.device)
  expect(account.compiled).toBe(2)
})

describe('it is compiled again', () => {
  test.each<readonly [string, GraphDocument, typeof data]>([
    ['a block has another width', withParams('h', { features: 4 }), data],
    ['the batch has another size', withTraining({ batchSize: 5 }), data],
    ['weights are penalised', withParams('h', { l2: 0.1 }), data],
    ['gradients are clipped', withTraining({ clipping: { norm: 1, value: 0 } }), data],
    ['the optimizer is another', withTraining({ optimizer: { type: 'adam', params: {} } }), data],
    ['there are more examples', document, dataFor(document, 11, 5)],
  ])('where %s', async (_what, changed, given) => {
    const account = await accounted()
    await trained(document, account.device)
    await trained(changed, account.device, given)
    expect(account.compiled).toBe(2)
    // Both are kept.
    await trained(document, account.device)
    expect(account.compiled).toBe(2)
  })
})

describe('an executable', () => {
  const network = valueOf(buildNetwork(document, { train: 10, validation: 5 }))
  const other = valueOf(buildNetwork(withParams('h', { features: 4 }), { train: 10, validation: 5 }))
  const third = valueOf(buildNetwork(withParams('h', { features: 5 }), { train: 10, validation: 5 }))

  test('is lent to one run at a time', async () => {
    const account = await accounted()
    const first = await executableFor(account.device, network.plan)
    const second = await executableFor(account.device, network.plan)
    expect(account.compiled).toBe(2)
    first.dispose()
    await expect(first.run([{ entry: 'train', steps: 1 }])).rejects.toThrow('after dispose')
    await expect(first.read('optimizer/step')).rejects.toThrow('after dispose')
    expect(await second.run([{ entry: 'train', steps: 1 }])).toBe(1)
    first.dispose()
    await executableFor(account.device, network.plan)
    expect([account.compiled, account.disposed]).toEqual([2, 0])
  })

  test('is kept with one other, and the older of three is given back', async () => {
    const account = await accounted()
    for (const { plan } of [network, other, third]) (await executableFor(account.device, plan)).dispose()
    expect([account.compiled, account.disposed]).toEqual([3, 1])
    await executableFor(account.device, other.plan)
    expect(account.compiled).toBe(3)
    await executableFor(account.device, network.plan)
    expect(account.compiled).toBe(4)
  })

  test('that is offered goes to the next run that can use it, and stays where none can', async () => {
    const account = await accounted()
    const first = await executableFor(account.device, network.plan)
    await first.write('train/indices', new Int32Array([1, 2]))
    offer(first)
    const second = await executableFor(account.device, other.plan)
    expect(account.compiled).toBe(2)
    expect([...(await first.read('train/indices', 2))]).toEqual([1, 2])
    first.dispose()
    const third = await executableFor(account.device, network.plan)
    expect(account.compiled).toBe(2)
    offer(third)
    const fourth = await executableFor(account.device, network.plan)
    expect([account.compiled, account.disposed]).toEqual([2, 0])
    await expect(third.read('train/indices', 2)).rejects.toThrow('used after dispose')
    third.dispose()
    expect(await fourth.run([{ entry: 'train', steps: 1 }])).toBe(1)
    second.dispose()
    expect(account.disposed).toBe(0)
  })

  test('that is only offered makes no room', async () => {
    const account = await accounted()
    account.room = 1
    const first = await executableFor(account.device, network.plan)
    offer(first)
    await expect(executableFor(account.device, other.plan)).rejects.toThrow('no memory left')
    expect(await first.run([{ entry: 'train', steps: 1 }])).toBe(1)
  })

  test('of an arena that is too large is not kept', async () => {
    const account = await accounted()
    const large = { ...network.plan, arenaBytes: 2 ** 28 + 64 }
    ;(await executableFor(account.device, large)).dispose()
    expect(account.disposed).toBe(1)
  })

  test('that is only kept makes room where there is none', async () => {
    const account = await accounted()
    account.room = 1
    const first = await executableFor(account.device, network.plan)
    await expect(executableFor(account.device, other.plan)).rejects.toThrow('no memory left')
    first.dispose()
    await executableFor(account.device, other.plan)
    expect([account.compiled, account.disposed]).toEqual([2, 1])
  })

  test('whose stop came too late does not stop the next run', async () => {
    const account = await accounted()
    const { device } = account
    const first = await executableFor(device, network.plan)
    first.dispose()
    const second = await executableFor(device, network.plan)
    const running = second.run([{ entry: 'train', steps: 2 }])
    first.stop()
    expect(account.stopped).toBe(0)
    second.stop()
    expect(account.stopped).toBe(1)
    expect(await running).toBe(2)
  })

  test('of a device that is lost is not kept, nor one of the reference', async () => {
    let lose: (why: string) => void = () => undefined
    const account = await accounted(await cpu(), new Promise((resolve) => (lose = resolve)))
    const first = await executableFor(account.device, network.plan)
    lose('gone')
    await Promise.resolve()
    first.dispose()
    expect(account.disposed).toBe(1)

    const exact = await accounted(await oracle())
    ;(await executableFor(exact.device, network.plan)).dispose()
    expect(exact.disposed).toBe(1)
  })
})

test.each(shippedDocuments.map(({ name }) => name))(
  'the example %s leaves nothing of the run before: all that lasts is written before the first step',
  async (name) => {
    const account = await accounted()
    const { network } = valueOf(await load(shipped(name), await preparedFor(shipped(name)), account.device))
    const lasting = network.plan.slots.filter(({ role }) => role !== 'step' && role !== 'result')
    expect(lasting.length).toBeGreaterThan(3)
    for (const slot of lasting)
      expect([slot.name, account.written.get(slot.name)]).toEqual([slot.name, sizeOf(slot.shape)])
  },
)
