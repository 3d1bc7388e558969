/** Tidying: the layout, computed in a worker so that the window never waits for it, and the movement to it. */
import type { Drawing, Layout } from '../../src/document/layout.ts'
import type { BlockId, Position } from '../../src/document/types.ts'
import type { TidyOptions, TidyRequest } from './tidy-worker.ts'

export type { Drawing, DrawnBlock, Layout } from '../../src/document/layout.ts'

export type Places = ReadonlyMap<BlockId, Position>

const startWorker = () => new Worker(new URL('./tidy-worker.ts', import.meta.url), { type: 'module', name: 'tidy' })

/**
 * Rejects with the signal's reason when that is aborted, and with an Error where the worker fails. `drawing` must be plain
 * data (no proxies of Svelte).
 */
export function tidy(
  drawing: Drawing,
  options: TidyOptions = {},
  signal?: AbortSignal,
  start: () => Worker = startWorker,
): Promise<Layout> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const worker = start()
    const end = () => {
      signal?.removeEventListener('abort', stop)
      worker.terminate()
    }
    const fail = (reason: unknown) => {
      end()
      reject(reason instanceof Error ? reason : new Error(String(reason)))
    }
    const stop = () => fail(signal?.reason)
    signal?.addEventListener('abort', stop)
    worker.onmessage = ({ data }: MessageEvent<Layout>) => {
      end()
      resolve(data)
    }
    worker.onerror = ({ message }) =>
      fail(`The layout could not be computed: ${message || 'its worker did not start'}.`)
    worker.onmessageerror = () => fail('The layout could not be read.')
    worker.postMessage({ drawing, options } satisfies TidyRequest)
  })
}

export interface Glide {
  /** True when it came to its end, false when it was stopped. */
  readonly done: Promise<boolean>
  /** No more frames. To be called by whatever edit or gesture comes next. */
  stop(): void
}

export interface Frames {
  now(): number
  next(frame: () => void): number
  cancel(frame: number): void
}

const screenFrames: Frames = {
  now: () => performance.now(),
  next: (frame) => requestAnimationFrame(frame),
  cancel: (frame) => cancelAnimationFrame(frame),
}

/**
 * Calls `onframe` with places on the way, for each frame of the screen, the last time with exactly `to`. Only ids in `to`
 * occur; one that has no place in `from` is at its goal. `reduced`: the person wants no motion, so there is one frame, now.
 */
export function glide(
  from: Places,
  to: Places,
  milliseconds: number,
  onframe: (places: Map<BlockId, Position>) => void,
  reduced = false,
  frames: Frames = screenFrames,
): Glide {
  if (reduced || milliseconds <= 0 || to.size === 0) {
    onframe(new Map(to))
    return { done: Promise.resolve(true), stop: () => undefined }
  }
  const began = frames.now()
  let finish: (whole: boolean) => void = () => undefined
  const done = new Promise<boolean>((resolve) => (finish = resolve))
  let state: 'on' | 'arrived' | 'stopped' = 'on'
  const is = (one: typeof state) => state === one
  let waiting = 0
  const frame = () => {
    const share = Math.min(1, (frames.now() - began) / milliseconds)
    if (share === 1) state = 'arrived'
    onframe(share === 1 ? new Map(to) : between(from, to, eased(share)))
    if (is('arrived')) finish(true)
    // What was called may have stopped it.
    else if (is('on')) waiting = frames.next(frame)
  }
  waiting = frames.next(frame)
  return {
    done,
    stop: () => {
      if (!is('on')) return
      state = 'stopped'
      frames.cancel(waiting)
      finish(false)
    },
  }
}

/** Slow at both ends: from 0 to 1, level there, the same backwards. */
export function eased(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - 4 * (1 - share) ** 3
}

function between(from: Places, to: Places, share: number): Map<BlockId, Position> {
  const places = new Map<BlockId, Position>()
  for (const [id, goal] of to) {
    const { x, y } = from.get(id) ?? goal
    places.set(id, { x: x + (goal.x - x) * share, y: y + (goal.y - y) * share })
  }
  return places
}
