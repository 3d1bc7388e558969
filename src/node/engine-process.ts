/**
 * The parent's side of the engine process. An EngineChild is one process with a channel; Node's child is made here and
 * Electron's utility process in electron/engine.ts. The supervisor knows neither: it starts one, says when and why it
 * ended, and starts the next with everything that the last one was allowed to read.
 */
import { fork } from 'node:child_process'
import { fail, ok, problem, type Result } from '../base/problem.ts'
import { Peer, type Port } from '../protocol/rpc.ts'
import {
  isParentMessage,
  windowPort,
  type Grant,
  type ParentMessage,
  type ParentSide,
  type WindowListeners,
} from './engine/wire.ts'
import { built } from './folders.ts'

/** `W` is what a window gets: a Port to relay to, or Electron's own port to hand on. */
export interface EngineChild<W> {
  readonly control: Port
  connect(): W
  /** At once, whatever it is doing. */
  kill(): void
  /** Once: how it ended. */
  onExit(listener: (end: ProcessEnded) => void): void
}
export interface ProcessEnded {
  readonly code: number | null
  readonly signal: string | null
  /** What else is known: that memory ran out, or why it could not be started. */
  readonly cause?: 'memory' | 'crash'
  readonly detail?: string
}
export interface EngineListener {
  started(process: number): void
  exited(reason: string): void
}

const READY_WITHIN = 20_000
const SHUTDOWN_WITHIN = 3000

export class EngineSupervisor<W> {
  readonly #launch: () => EngineChild<W>
  readonly #listener: EngineListener
  readonly #grants = new Map<string, Grant>()
  #running: Running<W> | null = null
  /** Why there is none. */
  #reason = 'The engine was not started yet.'

  constructor(launch: () => EngineChild<W>, listener: EngineListener) {
    this.#launch = launch
    this.#listener = listener
  }

  get process(): number | null {
    return this.#running?.process ?? null
  }
  /** Why there is no engine; null when one runs or is on its way. */
  get reason(): string | null {
    return this.#running ? null : this.#reason
  }

  /** Starts the engine unless one runs; the problem says why it could not. */
  async start(): Promise<Result<null>> {
    const running = this.#running ?? this.#spawn()
    return running.ready
  }

  async restart(): Promise<Result<null>> {
    const { process } = this
    // One that hangs is why a person asks.
    if (process !== null) await this.stop()
    return this.start()
  }

  /** A window's way to the running engine, or null. */
  connect(): W | null {
    return this.#running?.process == null ? null : this.#running.child.connect()
  }

  grant(grant: Grant): void {
    this.#grants.set(grant.handle, grant)
    this.#running?.control.call('control.grant', grant).catch(() => {})
  }
  revoke(handle: string): void {
    this.#grants.delete(handle)
    this.#running?.control.call('control.revoke', { handle }).catch(() => {})
  }

  /** Asks the engine to end and, when it does not, ends it. */
  async stop(): Promise<void> {
    const running = this.#running
    if (!running) return
    running.asked = true
    running.control.call('control.shutdown', {}).catch(() => {})
    const timer = setTimeout(() => running.child.kill(), SHUTDOWN_WITHIN)
    await running.ended
    clearTimeout(timer)
  }

  #spawn(): Running<W> {
    const running = new Running(this.#launch(), [...this.#grants.values()])
    this.#running = running
    void running.ready.then((ready) => {
      if (ready.ok && running.process !== null) this.#listener.started(running.process)
    })
    void running.ended.then((reason) => {
      if (this.#running === running) this.#running = null
      this.#reason = reason
      this.#listener.exited(reason)
    })
    return running
  }
}

/** One process from its start to its end. */
class Running<W> {
  readonly child: EngineChild<W>
  readonly control: Peer<ParentSide>
  readonly ready: Promise<Result<null>>
  readonly ended: Promise<string>
  process: number | null = null
  asked = false
  #fault: string | null = null

  constructor(child: EngineChild<W>, grants: readonly Grant[]) {
    this.child = child
    this.control = new Peer<ParentSide>(child.control, { name: 'the engine', maxBytes: Infinity })
    this.control.on('control.fault', ({ message }) => (this.#fault = message))
    this.ended = new Promise((resolve) =>
      child.onExit((end) => {
        this.process = null
        const reason = this.asked ? 'The engine was ended.' : exitReason(end, this.#fault)
        this.control.close('the engine ended')
        resolve(reason)
      }),
    )
    this.ready = new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#fault ??= `it did not answer within ${READY_WITHIN / 1000} seconds`
        child.kill()
      }, READY_WITHIN)
      this.control.on('control.ready', ({ process }) => {
        clearTimeout(timer)
        this.process = process
        resolve(ok(null))
      })
      void this.ended.then((reason) => {
        clearTimeout(timer)
        resolve(fail(problem('engine.start', reason)))
      })
    })
    for (const grant of grants) this.control.call('control.grant', grant).catch(() => {})
  }
}

/** Why a process ended, for a person. */
export function exitReason(end: ProcessEnded, fault: string | null): string {
  if (fault !== null)
    return `The engine stopped because of an error of its own: ${fault.replace(/\.$/, '')}. Start it again.`
  if (end.detail) return `The engine could not be started: ${end.detail.replace(/\.$/, '')}.`
  if (end.cause === 'memory')
    return 'The engine ran out of memory. Start it again, with a smaller network or smaller batches.'
  if (end.cause === 'crash') return 'The engine crashed. Start it again.'
  switch (end.signal) {
    case 'SIGKILL':
      return 'The engine was ended by the system, perhaps because memory ran out. Start it again, with a smaller network or smaller batches.'
    case 'SIGSEGV':
    case 'SIGABRT':
    case 'SIGBUS':
    case 'SIGILL':
    case 'SIGTRAP':
      return `The engine crashed (${end.signal}). Start it again.`
    case null:
      break
    default:
      return `The engine was ended from outside (${end.signal}). Start it again.`
  }
  // V8 ends a process that is out of memory with 134 where there are no signals.
  if (end.code === 134)
    return 'The engine crashed, perhaps because memory ran out. Start it again, with a smaller network or smaller batches.'
  return `The engine ended with code ${end.code ?? 'unknown'}. Start it again.`
}

export interface ForkOptions {
  readonly entry?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Node's own child process. Its one channel carries all windows, by number. */
export function forkEngine(options: ForkOptions = {}): EngineChild<Port> {
  // JSON, the default, would take a hundred times as long and lose typed arrays.
  const child = fork(options.entry ?? built('./engine-main.js'), [], {
    serialization: 'advanced',
    env: options.env ?? process.env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const windows = new Map<number, WindowListeners>()
  let next = 1
  let onControl: (message: unknown) => void = () => {}
  let ended: ProcessEnded | null = null
  const exits: ((end: ProcessEnded) => void)[] = []
  const post = (message: ParentMessage) => {
    if (child.connected) child.send(message, () => {})
  }

  child.on('message', (data: unknown) => {
    if (!isParentMessage(data)) return
    if (data.to === 'control') onControl(data.message)
    else if (data.to === 'window') windows.get(data.window)?.message(data.message)
    else if (data.to === 'close') end(data.window, 'the engine closed the connection')
  })
  const end = (window: number, reason: string) => {
    const listeners = windows.get(window)
    windows.delete(window)
    listeners?.close(reason)
  }
  const finish = (how: ProcessEnded) => {
    if (ended) return
    ended = how
    for (const window of [...windows.keys()]) end(window, 'the engine ended')
    for (const listener of exits) listener(how)
  }
  child.on('exit', (code, signal) => finish({ code, signal }))
  child.on('error', (error) => {
    // Also said of a message that could not be sent to a living process.
    if (child.pid === undefined) finish({ code: null, signal: null, detail: error.message })
  })

  return {
    control: {
      post: (message) => post({ to: 'control', message }),
      onMessage: (listener) => (onControl = listener),
      onClose: () => {},
      close: () => {},
    },
    connect() {
      const window = next++
      const port = windowPort(windows, window, post)
      post({ to: 'open', window })
      return port
    },
    kill: () => void child.kill('SIGKILL'),
    onExit(listener) {
      if (ended) listener(ended)
      else exits.push(listener)
    },
  }
}
