/**
 * What the engine process and its parent say to each other. A Node child has one channel, so each message says whom it is
 * for; in Electron a window's port comes along with `open`, the GPU's with `gpu`, and their messages never pass here.
 */
import type { Answerer, Caller, Port } from '../../protocol/rpc.ts'
import type { Call } from '../../protocol/messages.ts'

export type ParentMessage =
  | { readonly to: 'control'; readonly message: unknown }
  | { readonly to: 'open'; readonly window: number }
  | { readonly to: 'close'; readonly window: number }
  | { readonly to: 'window'; readonly window: number; readonly message: unknown }
  /** From the engine: it wants the GPU of a window. To the engine: the port that comes along leads there. */
  | { readonly to: 'gpu' }

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

export type ParentSide = Caller<ControlCalls, ControlEvents>
export type EngineOfParent = Answerer<ControlCalls, ControlEvents>

export function isParentMessage(value: unknown): value is ParentMessage {
  if (typeof value !== 'object' || value === null) return false
  const { to, window } = value as { to?: unknown; window?: unknown }
  if (to === 'control' || to === 'gpu') return true
  return (to === 'open' || to === 'close' || to === 'window') && typeof window === 'number'
}

/** What a window's port listens with. */
export interface WindowListeners {
  message: (message: unknown) => void
  close: (reason: string) => void
}

/** The port of one window of several that share a channel; the same at both of its ends. */
export function windowPort(
  windows: Map<number, WindowListeners>,
  window: number,
  post: (message: ParentMessage) => void,
): Port {
  const listeners: WindowListeners = { message: () => {}, close: () => {} }
  windows.set(window, listeners)
  return {
    post: (message) => post({ to: 'window', window, message }),
    onMessage: (listener) => (listeners.message = listener),
    onClose: (listener) => (listeners.close = listener),
    close: () => {
      windows.delete(window)
      post({ to: 'close', window })
    },
  }
}
