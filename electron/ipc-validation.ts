/**
 * The only door for messages from the window: who sends is looked at first, then what is sent, and only then is anything
 * done. Refusals are sentences; nothing of the event reaches the handler.
 */
import type { IpcMain, IpcMainInvokeEvent, WebFrameMain } from 'electron'
import { MAX_FRAME } from '../src/protocol/host-wire.ts'
import { weigh, type Check } from '../src/protocol/rpc.ts'
import { mayAsk } from './security.ts'

type Frame = Pick<WebFrameMain, 'url' | 'parent' | 'detached'>

/** Documents are larger than what else crosses. */
const MAX_BYTES = 8 * MAX_FRAME

/** Why this sender is not our page, or null. The frame is null once it has gone. */
export function refuseSender(frame: Frame | null): string | null {
  if (frame === null || frame.detached) return 'The window that asked is gone.'
  if (frame.parent !== null) return 'Only the window itself may ask, not a frame inside it.'
  return mayAsk(frame.url) ? null : 'Only the window itself may ask.'
}

/** `work` gets the checked arguments and the frame to answer to. */
export function handleTrusted(
  ipc: Pick<IpcMain, 'handle'>,
  channel: string,
  check: Check,
  work: (args: never, frame: WebFrameMain) => unknown,
): void {
  ipc.handle(channel, async (event: IpcMainInvokeEvent, ...given: unknown[]) => {
    // Read at once: after an await the frame may be another one.
    const frame = event.senderFrame
    const refused = refuseSender(frame) ?? refuseArguments(given, check)
    if (refused || !frame) throw new Error(`${channel} was refused: ${refused ?? ''}`)
    return work(given[0] as never, frame)
  })
}

export function refuseArguments(given: readonly unknown[], check: Check): string | null {
  if (given.length !== 1) return `one argument is expected, not ${given.length}.`
  return weigh(given[0], MAX_BYTES) ?? check(given[0])
}

/** For calls that take nothing. */
export const nothing: Check = (args) =>
  typeof args === 'object' && args !== null && Object.keys(args).length === 0 ? null : 'it takes no arguments.'
