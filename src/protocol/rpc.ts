/**
 * The only code that knows ports. A port moves plain messages between two places (a MessagePort, a WebSocket, a process
 * channel); a Peer on each end makes them calls, which are answered once, and events, which announce.
 *
 * Whatever arrives is treated as hostile: its envelope, name and size are checked before anything looks inside, and what
 * does not fit is answered with an error, never with made-up data, and never ends the process. Errors cross as
 * `{ message, code }`.
 *
 * An event that may come faster than the other side can draw is sent by `flow`: each one must be acknowledged (a credit),
 * and while too many are out, newer ones are merged into one that waits. Calls, answers and plain events are never
 * dropped or merged.
 *
 * Whoever calls may take the call back, which asks the other side to end it, and may be told how far it is. It is answered all
 * the same.
 */
import type { AnswerOf, ArgumentsOf, CallName, ProgressOf } from './messages.ts'

export interface Port {
  post(message: unknown): void
  /** Called once, by the peer that takes the port; messages that came before are delivered then. */
  onMessage(listener: (message: unknown) => void): void
  /** `reason` is the end of a sentence, e.g. `the engine process ended`. */
  onClose(listener: (reason: string) => void): void
  close(): void
}

/** Seen from one end: what it may call, what it answers, what it announces and what it hears. */
export interface Contract {
  readonly calls: object
  readonly handles: object
  readonly emits: object
  readonly hears: object
}

type Nothing = Record<never, never>

/** The end of a connection that calls and is told. */
export interface Caller<Calls extends object, Events extends object = Nothing> {
  readonly calls: Calls
  readonly handles: Nothing
  readonly emits: Nothing
  readonly hears: Events
}
/** The same connection from the end that answers and tells. */
export interface Answerer<Calls extends object, Events extends object = Nothing> {
  readonly calls: Nothing
  readonly handles: Calls
  readonly emits: Events
  readonly hears: Nothing
}

export class RpcError extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.name = 'RpcError'
    this.code = code
  }
}

export interface PeerOptions {
  /** Who is at the other end, for sentences: `the engine`. */
  readonly name: string
  /** Largest message that is looked at, in bytes as estimated by `weigh`; `Infinity` inside one process. */
  readonly maxBytes?: number
  /** Calls of the other side that may wait for an answer at the same time. */
  readonly maxPending?: number
  /** Told of what was malformed; for logs and tests. */
  readonly onTrouble?: (sentence: string) => void
}

/** As much of an AbortSignal as is needed here, where nothing of browsers or Node is known. */
export interface Signal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
}

class TakenBack implements Signal {
  aborted = false
  #listeners: (() => void)[] = []

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }
  abort(): void {
    this.aborted = true
    for (const listener of this.#listeners.splice(0)) listener()
  }
}

/** What a caller wants of a call beside its answer. */
export interface Asking<Progress> {
  /** Aborted, it takes the call back: its answer says so, or comes none the less. */
  readonly signal?: Signal
  readonly onProgress?: (progress: Progress) => void
}

/** A call as the one who answers it sees it. */
export interface Asked<Progress> {
  /** Aborted where nobody waits for the answer any more: the call was taken back, or the other side is gone. */
  readonly signal: Signal
  /** Says how far it is; nothing once it is answered. For what is said some hundred times at most. */
  readonly tell: (progress: Progress) => void
}

/** What is wrong with a call's arguments, as a sentence; null when they fit. */
export type Check = (args: unknown) => string | null

const DEFAULT_BYTES = 16 * 1024 * 1024
const DEFAULT_PENDING = 256
const MAX_NAME = 64

type Envelope =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'progress'; readonly id: number; readonly payload: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number | null; readonly error: { message: string; code: string } }
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown; readonly credit: boolean }
  | { readonly kind: 'credit'; readonly name: string }

interface Pending {
  readonly name: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly onProgress: ((progress: never) => void) | undefined
}
interface Handler {
  readonly work: (args: unknown, call: Asked<unknown>) => unknown
  readonly check: Check | undefined
}
interface Flow {
  out: number
  held: { readonly payload: unknown } | null
  readonly most: number
}

export interface FlowOf<T> {
  send(payload: T): void
  /** Drops what waits, because the other side is being told everything in another way. */
  forget(): void
}

export class Peer<C extends Contract> {
  /** Resolves with the reason once the port is closed, from either end. */
  readonly closed: Promise<string>
  readonly #port: Port
  readonly #options: PeerOptions
  readonly #handlers = new Map<string, Handler>()
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>()
  readonly #pending = new Map<number, Pending>()
  readonly #flows = new Map<string, Flow>()
  /** Calls of the other side that wait for an answer. */
  readonly #asked = new Map<number, TakenBack>()
  readonly #resolveClosed: (reason: string) => void
  #nextId = 1
  #answering = 0
  #closedBy: string | null = null

  constructor(port: Port, options: PeerOptions) {
    this.#port = port
    this.#options = options
    let resolve: (reason: string) => void = () => {}
    this.closed = new Promise((done) => (resolve = done))
    this.#resolveClosed = resolve
    port.onClose((reason) => this.#end(reason))
    port.onMessage((message) => this.#receive(message))
  }

  call<N extends CallName<C['calls']>>(
    name: N,
    args: ArgumentsOf<C['calls'], N>,
    { signal, onProgress }: Asking<ProgressOf<C['calls'], N>> = {},
  ): Promise<AnswerOf<C['calls'], N>> {
    if (this.#closedBy !== null) return Promise.reject(this.#gone(name))
    const id = this.#nextId++
    return new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { name, resolve, reject, onProgress })
      try {
        this.#port.post({ kind: 'call', id, name, args } satisfies Envelope)
      } catch (error) {
        this.#pending.delete(id)
        return reject(new RpcError(`"${name}" could not be sent: ${textOf(error)}`, 'rpc.send'))
      }
      const takeBack = () => {
        if (this.#pending.has(id)) this.#post({ kind: 'cancel', id })
      }
      if (signal?.aborted) takeBack()
      else signal?.addEventListener('abort', takeBack)
    }) as Promise<AnswerOf<C['calls'], N>>
  }

  /** `check` looks at the arguments before `work` gets them; a port without it trusts the other side's types. */
  handle<N extends CallName<C['handles']>>(
    name: N,
    work: (
      args: ArgumentsOf<C['handles'], N>,
      call: Asked<ProgressOf<C['handles'], N>>,
    ) => AnswerOf<C['handles'], N> | Promise<AnswerOf<C['handles'], N>>,
    check?: Check,
  ): void {
    this.#handlers.set(name, { work: work as Handler['work'], check })
  }

  emit<N extends keyof C['emits'] & string>(name: N, payload: C['emits'][N]): void {
    this.#post({ kind: 'event', name, payload, credit: false })
  }

  /** Returns what ends the listening. */
  on<N extends keyof C['hears'] & string>(name: N, listener: (payload: C['hears'][N]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set)
    const own = (payload: unknown) => listener(payload as C['hears'][N])
    set.add(own)
    return () => void set.delete(own)
  }

  /**
   * A way to emit that never has more than `most` events unacknowledged: newer payloads are merged into the one that
   * waits.
   */
  flow<N extends keyof C['emits'] & string>(
    name: N,
    merge: (older: C['emits'][N], newer: C['emits'][N]) => C['emits'][N],
    most = 2,
  ): FlowOf<C['emits'][N]> {
    const flow: Flow = { out: 0, held: null, most }
    this.#flows.set(name, flow)
    return {
      send: (payload) => {
        if (this.#closedBy !== null) return
        const merged = flow.held ? merge(flow.held.payload as C['emits'][N], payload) : payload
        flow.held = { payload: merged }
        this.#push(name, flow)
      },
      forget: () => void (flow.held = null),
    }
  }

  close(reason = 'the connection was closed'): void {
    if (this.#closedBy !== null) return
    this.#end(reason)
    this.#port.close()
  }

  #push(name: string, flow: Flow): void {
    if (!flow.held || flow.out >= flow.most) return
    const { payload } = flow.held
    flow.held = null
    flow.out++
    this.#post({ kind: 'event', name, payload, credit: true })
  }

  #post(envelope: Envelope): void {
    if (this.#closedBy !== null) return
    try {
      this.#port.post(envelope)
    } catch (error) {
      this.#trouble(`A message could not be sent: ${textOf(error)}`)
    }
  }

  #receive(message: unknown): void {
    if (this.#closedBy !== null) return
    const envelope = readEnvelope(message, this.#options.maxBytes ?? DEFAULT_BYTES)
    if (typeof envelope === 'string') {
      this.#trouble(envelope)
      // An answer to a malformed answer could go to and fro for ever, so only what may have been a call is answered.
      const { kind, id } = (typeof message === 'object' && message !== null ? message : {}) as {
        [key: string]: unknown
      }
      if (['answer', 'error', 'cancel', 'progress', 'credit', 'event'].includes(kind as string)) return
      return this.#post({
        kind: 'error',
        id: isId(id) ? id : null,
        error: { message: envelope, code: 'rpc.malformed' },
      })
    }
    switch (envelope.kind) {
      case 'call':
        return void this.#answer(envelope.id, envelope.name, envelope.args)
      case 'cancel':
        // One that has just been answered needs no end.
        return this.#asked.get(envelope.id)?.abort()
      case 'progress':
        return this.#hear(envelope.id, envelope.payload)
      case 'answer':
        return this.#settle(envelope.id, (pending) => pending.resolve(envelope.value))
      case 'error': {
        const { message: text, code } = envelope.error
        if (envelope.id === null) return this.#trouble(`The other side refused a message: ${text}`)
        return this.#settle(envelope.id, (pending) => pending.reject(new RpcError(text, code)))
      }
      case 'event':
        this.#announce(envelope.name, envelope.payload)
        if (envelope.credit) this.#post({ kind: 'credit', name: envelope.name })
        return
      case 'credit': {
        const flow = this.#flows.get(envelope.name)
        if (!flow || flow.out === 0) return this.#trouble(`A credit came for "${envelope.name}", of which none is out.`)
        flow.out--
        return this.#push(envelope.name, flow)
      }
      default:
        return envelope satisfies never
    }
  }

  async #answer(id: number, name: string, args: unknown): Promise<void> {
    const refuse = (message: string, code: string) => {
      this.#trouble(message)
      this.#post({ kind: 'error', id, error: { message, code } })
    }
    const handler = this.#handlers.get(name)
    if (!handler) return refuse(`There is no call "${name}".`, 'rpc.unknown')
    if (this.#answering >= (this.#options.maxPending ?? DEFAULT_PENDING))
      return refuse(`Too many calls wait for an answer; "${name}" was refused.`, 'rpc.busy')
    const wrong = handler.check?.(args)
    if (wrong) return refuse(`"${name}" was refused: ${wrong}`, 'rpc.arguments')
    this.#answering++
    const signal = new TakenBack()
    this.#asked.set(id, signal)
    const isOpen = () => this.#asked.get(id) === signal
    const tell = (payload: unknown) => {
      if (isOpen()) this.#post({ kind: 'progress', id, payload })
    }
    try {
      const value = await handler.work(args, { signal, tell })
      if (this.#closedBy === null) this.#port.post({ kind: 'answer', id, value } satisfies Envelope)
    } catch (error) {
      this.#post({ kind: 'error', id, error: { message: textOf(error), code: codeOf(error) } })
    } finally {
      this.#answering--
      if (isOpen()) this.#asked.delete(id)
    }
  }

  #hear(id: number, progress: unknown): void {
    const pending = this.#pending.get(id)
    if (!pending) return this.#trouble(`Call ${id} is said to go on, but is not waiting for an answer.`)
    try {
      pending.onProgress?.(progress as never)
    } catch (error) {
      this.#trouble(`A listener to the progress of "${pending.name}" failed: ${textOf(error)}`)
    }
  }

  #settle(id: number, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id)
    if (!pending) return this.#trouble(`An answer came to call ${id}, which is not waiting for one.`)
    this.#pending.delete(id)
    how(pending)
  }

  #announce(name: string, payload: unknown): void {
    const listeners = this.#listeners.get(name)
    if (!listeners) return this.#trouble(`Nobody listens to "${name}".`)
    for (const listener of listeners) {
      try {
        listener(payload)
      } catch (error) {
        this.#trouble(`A listener to "${name}" failed: ${textOf(error)}`)
      }
    }
  }

  #end(reason: string): void {
    if (this.#closedBy !== null) return
    this.#closedBy = reason
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of waiting) pending.reject(this.#gone(pending.name))
    for (const asked of this.#asked.values()) asked.abort()
    this.#resolveClosed(reason)
  }

  #gone(name: string): RpcError {
    return new RpcError(`"${name}" got no answer from ${this.#options.name}: ${this.#closedBy ?? ''}.`, 'rpc.closed')
  }

  #trouble(sentence: string): void {
    this.#options.onTrouble?.(sentence)
  }
}

/** Two ports whose messages go to each other, one turn later; for two parts of one process, and for tests. */
export function portPair(): [Port, Port] {
  const ends = [end(), end()] as const
  function end() {
    return {
      queue: [] as unknown[],
      listener: null as ((message: unknown) => void) | null,
      closers: [] as ((reason: string) => void)[],
    }
  }
  let open = true
  const deliver = (to: ReturnType<typeof end>) => {
    while (open && to.listener && to.queue.length > 0) to.listener(to.queue.shift())
  }
  const port = (own: ReturnType<typeof end>, other: ReturnType<typeof end>): Port => ({
    post(message) {
      if (!open) return
      other.queue.push(structuredClone(message))
      void Promise.resolve().then(() => deliver(other))
    },
    onMessage(listener) {
      own.listener = listener
      void Promise.resolve().then(() => deliver(own))
    },
    onClose: (listener) => void own.closers.push(listener),
    close() {
      if (!open) return
      open = false
      for (const closer of other.closers) closer('the other side closed the connection')
    },
  })
  return [port(ends[0], ends[1]), port(ends[1], ends[0])]
}

/** The envelope, or the sentence that refuses it. */
function readEnvelope(message: unknown, maxBytes: number): Envelope | string {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return 'A message must be an object with a kind.'
  const heavy = weigh(message, maxBytes)
  if (heavy) return heavy
  const { kind, id, name, error, credit } = message as { [key: string]: unknown }
  switch (kind) {
    case 'call':
      if (!isId(id)) return 'A call needs a number of its own.'
      if (!isName(name)) return 'A call needs a name.'
      return message as Envelope
    case 'cancel':
      return isId(id) ? (message as Envelope) : 'Who takes a call back must say which.'
    case 'progress':
      return isId(id) ? (message as Envelope) : 'Progress must say which call it belongs to.'
    case 'answer':
      return isId(id) ? (message as Envelope) : 'An answer must say which call it belongs to.'
    case 'error':
      if (id !== null && !isId(id)) return 'An error must say which call it belongs to.'
      return isErrorBody(error) ? (message as Envelope) : 'An error needs a message and a code.'
    case 'event':
      if (!isName(name)) return 'An event needs a name.'
      return typeof credit === 'boolean' ? (message as Envelope) : 'An event must say whether it wants a credit.'
    case 'credit':
      return isName(name) ? (message as Envelope) : 'A credit needs the name of its event.'
    default:
      return 'A message must be a call, its answer, error, progress or end, an event or a credit.'
  }
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}
function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME
}
function isErrorBody(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { message, code } = value as { [key: string]: unknown }
  return typeof message === 'string' && typeof code === 'string'
}

const MAX_DEPTH = 64
const MAX_VALUES = 1_000_000

/** Refuses what is too large, too deep or goes round in circles, as a sentence; null when it may be looked at. */
export function weigh(message: unknown, maxBytes: number): string | null {
  if (maxBytes === Infinity) return null
  let bytes = 0
  let values = 0
  // A list instead of recursion: depth is what a hostile message would use.
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: message, depth: 0 }]
  for (let item = open.pop(); item; item = open.pop()) {
    const { value, depth } = item
    if (depth > MAX_DEPTH) return `The message is nested more than ${MAX_DEPTH} levels deep.`
    if (++values > MAX_VALUES) return `The message holds more than ${MAX_VALUES} values.`
    if (typeof value === 'string') bytes += 2 * value.length
    else if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) bytes += value.byteLength
    else if (typeof value === 'object' && value !== null) {
      bytes += 16
      if (Array.isArray(value) && value.length > MAX_VALUES) return `The message holds more than ${MAX_VALUES} values.`
      for (const [key, inner] of Object.entries(value)) {
        bytes += 2 * key.length
        open.push({ value: inner, depth: depth + 1 })
      }
    } else bytes += 8
    if (bytes > maxBytes) return `The message is larger than ${maxBytes} bytes.`
  }
  return null
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : 'internal'
}
