/**
 * The window's connection to the machine: which of the two it is, whether it stands, and whether an engine runs behind
 * it. The engine and the platform that it hands out stay the same objects for as long as the window is open.
 */
import type { Problem } from '../../src/base/problem.ts'
import { BRIDGE, type DesktopBridge } from '../../src/protocol/desktop-wire.ts'
import type { DeviceDescription, EngineInfo } from '../../src/protocol/messages.ts'
import { BrowserLink } from './browser-link.ts'
import { DesktopLink } from './desktop-link.ts'
import { EngineLine } from './engine-line.ts'
import type { Engine } from './engine.ts'
import { messageOf, type Link, type LinkEvents } from './link.ts'
import type { Platform } from './platform.ts'

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly reason: string; readonly final: boolean }

export type EngineState =
  { readonly kind: 'starting' } | { readonly kind: 'running' } | { readonly kind: 'ended'; readonly reason: string }

export interface ConnectionEvents {
  menuCommand(command: string): void
  notice(problems: readonly Problem[]): void
  engineStarted(): void
  engineEnded(reason: string): void
}

export class Connection {
  link = $state.raw<LinkState>({ kind: 'connecting' })
  engineState = $state.raw<EngineState>({ kind: 'starting' })
  /** What the engine can do; the last answer stays while it is away. */
  info = $state.raw<EngineInfo | null>(null)
  /** What it can train on; asked for after everything else. */
  devices = $state.raw<readonly DeviceDescription[]>([])
  readonly engine: Engine
  readonly platform: Platform
  /** Resolves once the machine answers, or once it is clear that it does not. */
  readonly settled: Promise<void>
  readonly #line = new EngineLine()
  readonly #events: ConnectionEvents
  readonly #way: Link

  constructor(events: ConnectionEvents) {
    this.#events = events
    this.engine = this.#line
    let settle = () => {}
    this.settled = new Promise((resolve) => (settle = resolve))
    const incoming: LinkEvents = {
      open: () => {
        this.link = { kind: 'open' }
        settle()
      },
      lost: (reason, final) => {
        this.link = { kind: 'lost', reason, final }
        this.#engineGone(reason)
        settle()
      },
      engineHere: (peer) => {
        this.#line.attach(peer)
        this.engineState = { kind: 'running' }
        void this.#greet()
        this.#events.engineStarted()
      },
      engineGone: (reason) => this.#engineGone(reason),
      menuCommand: (command) => this.#events.menuCommand(command),
      notice: (problems) => this.#events.notice(problems),
    }
    const bridge = (globalThis as { readonly [BRIDGE]?: DesktopBridge })[BRIDGE]
    this.#way = bridge ? new DesktopLink(bridge, incoming) : new BrowserLink(incoming)
    this.platform = this.#way.platform
  }

  start(): void {
    this.#way.start()
  }

  /** Null when it went well, else the sentence why it did not. */
  async restartEngine(): Promise<string | null> {
    const before = this.engineState
    this.engineState = { kind: 'starting' }
    try {
      const result = await this.platform.restartEngine()
      if (result.ok) return null
      this.engineState = before
      return result.problems[0]?.message ?? 'The engine could not be started.'
    } catch (error) {
      this.engineState = before
      return messageOf(error)
    }
  }

  #engineGone(reason: string): void {
    const was = this.engineState.kind
    this.#line.attach(null)
    this.engineState = { kind: 'ended', reason }
    if (was !== 'ended') this.#events.engineEnded(reason)
  }

  async #greet(): Promise<void> {
    try {
      this.info = await this.engine.call('engine.info', {})
      this.devices = await this.engine.call('engine.devices', {})
    } catch {
      // An engine that ends before it has said what it can do is reported by its end.
    }
  }
}
