/**
 * The engine as Electron's utility process. A window's port goes straight to it: the main process makes a channel, gives
 * one end to the engine and the other to the window, and relays nothing. So does the port to the GPU, when the engine asks.
 */
import type { MessageChannelMain, MessagePortMain, UtilityProcess, utilityProcess } from 'electron'
import type { EngineChild, ProcessEnded } from '../src/node/engine-process.ts'
import { isParentMessage, type ParentMessage } from '../src/node/engine/wire.ts'

export const SERVICE_NAME = 'Neuroloom engine'

export interface UtilityOptions {
  readonly utilityProcess: Pick<typeof utilityProcess, 'fork'>
  readonly MessageChannelMain: new () => MessageChannelMain
  readonly entry: string
  readonly env: NodeJS.ProcessEnv
  /** The engine wants the GPU; it is at the other end of this port. */
  readonly serveGpu: (port: MessagePortMain) => void
}

/** Electron says why a process went in an event of the app, shortly before or after the exit. */
const REASON_WITHIN = 100
const reasons: { readonly [reason: string]: ProcessEnded['cause'] } = {
  oom: 'memory',
  'memory-eviction': 'memory',
  crashed: 'crash',
}

export class UtilityEngine implements EngineChild<MessagePortMain> {
  readonly control: EngineChild<MessagePortMain>['control']
  readonly #child: UtilityProcess
  readonly #options: UtilityOptions
  readonly #exits: ((end: ProcessEnded) => void)[] = []
  #windows = 0
  #cause: ProcessEnded['cause'] | undefined
  #detail: string | undefined
  #ended: ProcessEnded | null = null

  constructor(options: UtilityOptions) {
    this.#options = options
    this.#child = options.utilityProcess.fork(options.entry, [], {
      serviceName: SERVICE_NAME,
      stdio: 'inherit',
      env: options.env,
    })
    let onControl: (message: unknown) => void = () => {}
    this.control = {
      post: (message) => this.#post({ to: 'control', message }),
      onMessage: (listener) => (onControl = listener),
      onClose: () => {},
      close: () => {},
    }
    this.#child.on('message', (message: unknown) => {
      if (!isParentMessage(message)) return
      if (message.to === 'control') onControl(message.message)
      if (message.to === 'gpu') options.serveGpu(this.#channel({ to: 'gpu' }))
    })
    this.#child.on('error', (_type, location) => {
      this.#cause = /heap|memory/i.test(location) ? 'memory' : 'crash'
    })
    this.#child.on('exit', (code) => void setTimeout(() => this.#finish(code), REASON_WITHIN))
  }

  /** What the app heard of a process with our name. */
  gone(reason: string): void {
    this.#cause ??= reasons[reason]
    if (reason === 'launch-failed' || reason === 'integrity-failure')
      this.#detail = 'its program is missing or damaged. Install Neuroloom again'
  }

  connect(): MessagePortMain {
    return this.#channel({ to: 'open', window: ++this.#windows })
  }

  kill(): void {
    // A process that hangs in a loop takes no polite signal.
    const { pid } = this.#child
    if (pid === undefined) return void this.#child.kill()
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      this.#child.kill()
    }
  }

  onExit(listener: (end: ProcessEnded) => void): void {
    if (this.#ended) listener(this.#ended)
    else this.#exits.push(listener)
  }

  /** The engine gets one end with the message, and the caller the other. */
  #channel(message: ParentMessage): MessagePortMain {
    const { port1, port2 } = new this.#options.MessageChannelMain()
    this.#post(message, [port1])
    return port2
  }

  #post(message: ParentMessage, ports: MessagePortMain[] = []): void {
    if (!this.#ended) this.#child.postMessage(message, ports)
  }

  #finish(code: number): void {
    if (this.#ended) return
    this.#ended = {
      code,
      signal: null,
      ...(this.#cause ? { cause: this.#cause } : {}),
      ...(this.#detail ? { detail: this.#detail } : {}),
    }
    for (const listener of this.#exits) listener(this.#ended)
  }
}
