/** The way to the machine, in one of its two forms (desktop-link, browser-link), and what comes in on it. */
import type { Problem } from '../../src/base/problem.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { Peer } from '../../src/protocol/rpc.ts'
import type { Platform } from './platform.ts'

export interface LinkEvents {
  /** The machine can be talked to. */
  open(): void
  /** It can't; `final` when trying again is of no use. `reason` is a sentence. */
  lost(reason: string, final: boolean): void
  engineHere(peer: Peer<WindowOfEngine>): void
  /** `reason` is a sentence. */
  engineGone(reason: string): void
  menuCommand(command: string): void
  notice(problems: readonly Problem[]): void
}

export interface Link {
  readonly platform: Platform
  start(): void
}

/** Makes a sentence of what another process or library said. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return 'It gave no reason.'
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?…]$/.test(first) ? first : `${first}.`
}

export function messageOf(error: unknown): string {
  return sentence(error instanceof Error ? error.message : String(error))
}
