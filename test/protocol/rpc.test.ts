import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Peer, RpcError, portPair, weigh, type Port, type Signal } from '../../src/protocol/rpc.ts'
import { fromMessagePort } from '../../src/node/ports.ts'

interface Shop {
  readonly calls: {
    double: { readonly arguments: { readonly x: number }; readonly answer: number }
    fail: { readonly arguments: Record<string, never>; readonly answer: null }
    never: { readonly arguments: Record<string, never>; readonly answer: null }
    count: {
      readonly arguments: Record<string, never>
      readonly answer: string
      readonly progress?: { readonly at: number }
    }
  }
  readonly hears: { tick: { readonly values: readonly number[] }; news: string }
}
interface Customer {
  readonly calls: Shop['calls']
  readonly handles: Record<never, never>
  readonly emits: Record<never, never>
  readonly hears: Shop['hears']
}
interface Keeper {
  readonly calls: Record<never, never>
  readonly handles: Shop['calls']
  readonly emits: Shop['hears']
  readonly hears: Record<never, never>
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

function open(options: { maxBytes?: number; maxPending?: number } = {}) {
  const { port1, port2 } = new MessageChannel()
  closers.push(() => port1.close())
  const raw = fromMessagePort(port1, 'the port was closed')
  const trouble: string[] = []
  const customer = new Peer<Customer>(raw, { name: 'the shop' })
  const keeper = new Peer<Keeper>(fromMessagePort(port2, 'the customer went away'), {
    name: 'the customer',
    onTrouble: (sentence) => trouble.push(sentence),
    ...options,
  })
  keeper.handle(
    'double',
    ({ x }) => 2 * x,
    (args) => (typeof (args as { x?: unknown } | null)?.x === 'number' ? null : 'x must be a number.'),
  )
  keeper.handle('fail', () => {
    throw Object.assign(new Error('The drawer is empty.'), { code: 'drawer.empty' })
  })
  keeper.handle('never', () => new Promise(() => {}))
  return { customer, keeper, raw, trouble, port1, port2 }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20))

/** Messages keep their order, so what was sent before has arrived after this. */
async function arrived(customer: Peer<Customer>): Promise<void> {
  // Twice: hostile messages may have used the number of the first call, whose answer then is theirs.
  for (let i = 0; i < 2; i++) await customer.call('double', { x: 0 }).catch(() => {})
}

test('a call is answered', async () => {
  const { customer } = open()
  expect(await customer.call('double', { x: 21 })).toBe(42)
})

test('many calls are answered each with its own answer', async () => {
  const { customer } = open()
  const answers = await Promise.all(Array.from({ length: 100 }, (_, x) => customer.call('double', { x })))
  expect(answers).toEqual(Array.from({ length: 100 }, (_, x) => 2 * x))
})

describe('a call that takes its time', () => {
  /** Counts on as it is told, until it is taken back. */
  function counting(keeper: Peer<Keeper>) {
    const asked: { signal: Signal; tell: (progress: { readonly at: number }) => void; end: () => void }[] = []
    keeper.handle('count', (_, { signal, tell }) => {
      return new Promise((resolve) => {
        asked.push({ signal, tell, end: () => resolve('all') })
        signal.addEventListener('abort', () => resolve('taken back'))
      })
    })
    return asked
  }

  test('says how far it is, to the one who asked', async () => {
    const { customer, keeper, trouble } = open()
    const asked = counting(keeper)
    const heard: [string, number][] = []
    const ask = (who: string) => customer.call('count', {}, { onProgress: ({ at }) => heard.push([who, at]) })
    const [first, second] = [ask('first'), ask('second')]
    const alone = customer.call('count', {})
    await arrived(customer)
    asked[1]?.tell({ at: 1 })
    asked[0]?.tell({ at: 2 })
    asked[2]?.tell({ at: 3 })
    asked[1]?.tell({ at: 4 })
    asked.forEach(({ end }) => end())
    expect(await Promise.all([first, second, alone])).toEqual(['all', 'all', 'all'])
    // Answered, it has no more to say.
    asked[0]?.tell({ at: 5 })
    await arrived(customer)
    expect(heard).toEqual([
      ['second', 1],
      ['first', 2],
      ['second', 4],
    ])
    expect(trouble).toEqual([])
  })

  test('can be taken back, at once or later, and others go on', async () => {
    const { customer, keeper } = open()
    const asked = counting(keeper)
    const controllers = [new AbortController(), new AbortController()]
    const [now, later] = controllers
    now?.abort()
    const calls = controllers.map(({ signal }) => customer.call('count', {}, { signal }))
    const other = customer.call('count', {})
    await arrived(customer)
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false, false])
    later?.abort()
    expect(await Promise.all(calls)).toEqual(['taken back', 'taken back'])
    expect(asked[2]?.signal.aborted).toBe(false)
    asked[2]?.end()
    expect(await other).toBe('all')
  })

  test('after its answer can’t be taken back; nor can one that there is not', async () => {
    const { customer, keeper, raw, trouble } = open()
    const asked = counting(keeper)
    const controller = new AbortController()
    const call = customer.call('count', {}, { signal: controller.signal })
    await arrived(customer)
    asked[0]?.end()
    await call
    controller.abort()
    for (const id of [1, 77]) raw.post({ kind: 'cancel', id })
    raw.post({ kind: 'cancel', id: 'x' })
    await arrived(customer)
    expect(asked[0]?.signal.aborted).toBe(false)
    expect(trouble).toEqual(['Who takes a call back must say which.'])
  })

  test('is wanted no more when the one who asked is gone', async () => {
    const { customer, keeper } = open()
    const asked = counting(keeper)
    const call = customer.call('count', {}).catch((error: unknown) => error)
    await arrived(customer)
    customer.close()
    await keeper.closed
    expect(asked[0]?.signal.aborted).toBe(true)
    expect(await call).toMatchObject({ code: 'rpc.closed' })
  })

  test('whose listener fails is answered all the same; progress of nothing is trouble', async () => {
    const trouble: string[] = []
    const [near, far] = portPair()
    const keeper = new Peer<Keeper>(near, { name: 'the customer' })
    const customer = new Peer<Customer>(far, { name: 'the shop', onTrouble: (sentence) => trouble.push(sentence) })
    const asked = counting(keeper)
    const onProgress = () => {
      throw new Error('No.')
    }
    const call = customer.call('count', {}, { onProgress })
    await settle()
    asked[0]?.tell({ at: 1 })
    asked[0]?.end()
    expect(await call).toBe('all')
    near.post({ kind: 'progress', id: 9, payload: null })
    near.post({ kind: 'progress', id: 0, payload: null })
    await settle()
    expect(trouble).toEqual([
      'A listener to the progress of "count" failed: No.',
      'Call 9 is said to go on, but is not waiting for an answer.',
      'Progress must say which call it belongs to.',
    ])
  })
})

test('an error crosses as its message and code', async () => {
  const { customer } = open()
  const error = await customer.call('fail', {}).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(RpcError)
  expect(error).toMatchObject({ message: 'The drawer is empty.', code: 'drawer.empty' })
})

test('wrong arguments and unknown calls are refused with a sentence', async () => {
  const { customer } = open()
  await expect(customer.call('double', { x: 'much' } as never)).rejects.toMatchObject({ code: 'rpc.arguments' })
  await expect(customer.call('toString' as 'never', {})).rejects.toMatchObject({
    code: 'rpc.unknown',
    message: 'There is no call "toString".',
  })
  await expect(customer.call('__proto__' as 'never', {})).rejects.toMatchObject({ code: 'rpc.unknown' })
})

test('what cannot be sent fails its call and nothing else', async () => {
  const { customer } = open()
  await expect(customer.call('double', { x: (() => 1) as never })).rejects.toMatchObject({ code: 'rpc.send' })
  expect(await customer.call('double', { x: 1 })).toBe(2)
})

test('an answer that cannot be sent becomes an error', async () => {
  const { customer, keeper } = open()
  keeper.handle('fail', () => (() => 1) as never)
  await expect(customer.call('fail', {})).rejects.toMatchObject({ code: expect.any(String) })
})

test('pending and later calls fail with the reason when the port closes', async () => {
  const { customer, port2 } = open()
  const pending = customer.call('never', {})
  port2.close()
  await expect(pending).rejects.toMatchObject({
    code: 'rpc.closed',
    message: '"never" got no answer from the shop: the port was closed.',
  })
  await expect(customer.call('double', { x: 1 })).rejects.toMatchObject({ code: 'rpc.closed' })
  expect(await customer.closed).toBe('the port was closed')
})

test('too large a message is refused', async () => {
  const { customer } = open({ maxBytes: 1000 })
  await expect(customer.call('double', { x: 1, note: 'x'.repeat(2000) } as never)).rejects.toMatchObject({
    code: 'rpc.malformed',
  })
  expect(await customer.call('double', { x: 1 })).toBe(2)
})

test('more waiting calls than allowed are refused, and none is lost', async () => {
  const { customer } = open({ maxPending: 3 })
  for (let i = 0; i < 3; i++) customer.call('never', {}).catch(() => {})
  await expect(customer.call('double', { x: 1 })).rejects.toMatchObject({ code: 'rpc.busy' })
})

test('events reach every listener until it stops listening', async () => {
  const { customer, keeper } = open()
  const first = vi.fn()
  const second = vi.fn()
  const stop = customer.on('news', first)
  customer.on('news', second)
  keeper.emit('news', 'one')
  await arrived(customer)
  stop()
  keeper.emit('news', 'two')
  await arrived(customer)
  expect(first.mock.calls).toEqual([['one']])
  expect(second.mock.calls).toEqual([['one'], ['two']])
})

test('a listener that throws hinders no other', async () => {
  const { customer, keeper } = open()
  const good = vi.fn()
  customer.on('news', () => {
    throw new Error('no')
  })
  customer.on('news', good)
  keeper.emit('news', 'one')
  await arrived(customer)
  expect(good).toHaveBeenCalledOnce()
})

test('a flow merges what the other side has no room for, loses nothing and lets calls pass', async () => {
  const [near, far] = portPair()
  const keeper = new Peer<Keeper>(near, { name: 'the customer' })
  const seen: { kind: string; name: string; payload: { values: number[] } }[] = []
  far.onMessage((message) => seen.push(message as (typeof seen)[number]))
  const { send } = keeper.flow('tick', (a, b) => ({ values: [...a.values, ...b.values] }), 2)
  for (let i = 0; i < 10; i++) send({ values: [i] })
  keeper.emit('news', 'not held back')
  await settle()
  expect(seen.map((m) => m.name)).toEqual(['tick', 'tick', 'news'])
  far.post({ kind: 'credit', name: 'tick' })
  await settle()
  expect(seen.filter((m) => m.name === 'tick').flatMap((m) => m.payload.values)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(seen.filter((m) => m.name === 'tick')).toHaveLength(3)
})

test('what waits in a flow can be forgotten', async () => {
  const [near, far] = portPair()
  const keeper = new Peer<Keeper>(near, { name: 'the customer' })
  const seen: { payload: { values: number[] } }[] = []
  far.onMessage((message) => seen.push(message as (typeof seen)[number]))
  const { send, forget } = keeper.flow('tick', (a, b) => ({ values: [...a.values, ...b.values] }), 1)
  for (let i = 0; i < 5; i++) send({ values: [i] })
  forget()
  send({ values: [5] })
  far.post({ kind: 'credit', name: 'tick' })
  await settle()
  expect(seen.map((m) => m.payload.values)).toEqual([[0], [5]])
})

test('a peer that listens gives its credits by itself', async () => {
  const { customer, keeper } = open()
  const values: number[] = []
  customer.on('tick', (tick) => values.push(...tick.values))
  const { send } = keeper.flow('tick', (a, b) => ({ values: [...a.values, ...b.values] }))
  for (let i = 0; i < 50; i++) send({ values: [i] })
  await arrived(customer)
  expect(values).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

test('a credit that was never owed does not open the gate', async () => {
  const [near, far] = portPair()
  const keeper = new Peer<Keeper>(near, { name: 'the customer' })
  const seen: unknown[] = []
  far.onMessage((message) => seen.push(message))
  for (let i = 0; i < 100; i++) far.post({ kind: 'credit', name: 'tick' })
  await settle()
  const { send } = keeper.flow('tick', (_, b) => b, 2)
  for (let i = 0; i < 10; i++) send({ values: [i] })
  await settle()
  expect(seen).toHaveLength(2)
})

test('malformed messages are answered with an error and change nothing', async () => {
  const { customer, keeper, port1, trouble } = open()
  const circle: { [key: string]: unknown } = { kind: 'call', id: 1, name: 'double' }
  circle.args = circle
  let deep: unknown = 1
  for (let i = 0; i < 1000; i++) deep = [deep]
  const bad: unknown[] = [
    null,
    7,
    'call',
    [],
    {},
    { kind: 'call' },
    { kind: 'call', id: 'one', name: 'double', args: {} },
    { kind: 'call', id: -1, name: 'double', args: {} },
    { kind: 'call', id: 1, name: 7, args: {} },
    { kind: 'call', id: 1, name: 'x'.repeat(100), args: {} },
    { kind: 'call', id: 1, name: 'double', args: deep },
    { kind: 'call', id: 1, name: 'double', args: null },
    { kind: 'answer' },
    { kind: 'answer', id: 999, value: 1 },
    { kind: 'error', id: 1, error: 'text' },
    { kind: 'event', name: 'news' },
    { kind: 'event', name: 'constructor', payload: 1, credit: false },
    { kind: 'credit', name: '__proto__' },
    circle,
  ]
  const answers: unknown[] = []
  port1.on('message', (message: { error?: { code: string } }) => answers.push(message.error?.code))
  for (const message of bad) port1.postMessage(message)
  await arrived(customer)
  expect(trouble.length).toBe(bad.length)
  // What could have been a call is answered; nothing is answered to what only looks like an answer.
  const codes = answers.filter((code) => code !== undefined)
  const noCalls = bad.filter((message) =>
    /answer|error|event|credit/.test(String((message as { kind?: string } | null)?.kind)),
  )
  expect(codes.length).toBe(bad.length - noCalls.length)
  expect(await customer.call('double', { x: 4 })).toBe(8)
  keeper.emit('news', 'still here')
})

test('2,000 messages of random shape end nothing', async () => {
  const { customer, port1 } = open()
  let state = 1
  const random = (n: number) => (state = Math.imul(state, 48271) >>> 1) % n
  const make = (depth: number): unknown => {
    const pick = [
      null,
      undefined,
      NaN,
      -1,
      1,
      2 ** 53,
      '',
      'call',
      'double',
      true,
      new Float32Array(3),
      new Map(),
      new Date(0),
    ]
    const n = random(pick.length + (depth > 0 ? 3 : 0))
    if (n < pick.length) return pick[n]
    const keys = ['kind', 'id', 'name', 'args', 'value', 'error', 'payload', 'credit', '__proto__']
    return Object.fromEntries(
      Array.from({ length: random(6) }, () => [keys[random(keys.length)], random(3) === 0 ? 'call' : make(depth - 1)]),
    )
  }
  for (let i = 0; i < 2000; i++) port1.postMessage(make(3))
  await arrived(customer)
  expect(await customer.call('double', { x: 5 })).toBe(10)
})

test('a hostile getter or a failing post does not escape', async () => {
  const port: Port = {
    post: () => {
      throw new Error('broken pipe')
    },
    onMessage: () => {},
    onClose: () => {},
    close: () => {},
  }
  const trouble: string[] = []
  const peer = new Peer<Keeper>(port, { name: 'nobody', onTrouble: (sentence) => trouble.push(sentence) })
  peer.emit('news', 'x')
  expect(trouble).toEqual(['A message could not be sent: broken pipe'])
})

test('weigh counts binary data, text and depth', () => {
  expect(weigh({ a: new Float32Array(1000) }, 3999)).toMatch(/larger/)
  expect(weigh({ a: new Float32Array(1000) }, 5000)).toBeNull()
  expect(weigh('x'.repeat(600), 1000)).toMatch(/larger/)
  expect(weigh({ a: new Float32Array(1000) }, Infinity)).toBeNull()
})
