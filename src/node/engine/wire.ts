/**
 * What the engine process and its parent say to each other. A Node child has one channel, so each message says whom it is
 * for; in Electron a window's port comes along with `open` and its messages never pass here.
 */
import type { Call } from '../../protocol/messages.ts'

export type ParentMessage =
  | { readonly to: 'control'; readonly message: unknown }
  | { readonly to: 'open'; readonly window: number }
  | { readonly to: 'close'; readonly window: number }
  | { readonly to: 'window'; readonly window: number; readonly message: unknown }

/** A file that the person chose, which the engine may read under the handle. */
export interface Grant {
  readonly handle: string
  readonly name: string
  readonly path: string
}

export interface ControlCalls {
  'control.grant': Call<Grant, null>
  'control.revoke': Call<{ readonly handle: string }, null>
  /** Ends runs and threads, and then the process. */
  'control.shutdown': Call<Record<string, never>, null>
}
export interface ControlEvents {
  'control.ready': { readonly process: number }
  /** A bug of ours that ends the engine. */
  'control.fault': { readonly message: string }
}

export interface ParentSide {
  readonly calls: ControlCalls
  readonly handles: Record<never, never>
  readonly emits: Record<never, never>
  readonly hears: ControlEvents
}
export interface EngineOfParent {
  readonly calls: Record<never, never>
  readonly handles: ControlCalls
  readonly emits: ControlEvents
  readonly hears: Record<never, never>
}

export function isParentMessage(value: unknown): value is ParentMessage {
  if (typeof value !== 'object' || value === null) return false
  const { to, window } = value as { to?: unknown; window?: unknown }
  if (to === 'control') return true
  return (to === 'open' || to === 'close' || to === 'window') && typeof window === 'number'
}
