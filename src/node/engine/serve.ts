/** Ties the engine to its parent: control calls, windows, and an end that is always said. */
import { Peer } from '../../protocol/rpc.ts'
import type { Parent } from './parent.ts'
import type { EngineService } from './service.ts'
import type { EngineOfParent } from './wire.ts'

export interface ProcessEnd {
  exit(code: number): void
  on(event: 'unhandledRejection' | 'uncaughtException', listener: (reason: unknown) => void): unknown
}

/** Time for the last message to leave. */
const FLUSH = 100

export function serveEngine(parent: Parent, service: EngineService, end: ProcessEnd, pid: number): void {
  const control = new Peer<EngineOfParent>(parent.control, { name: 'the program', maxBytes: Infinity })
  const leave = (code: number) => void setTimeout(() => end.exit(code), FLUSH)

  control.handle('control.grant', (grant) => {
    service.grant(grant)
    return null
  })
  control.handle('control.revoke', ({ handle }) => {
    service.revoke(handle)
    return null
  })
  control.handle('control.shutdown', async () => {
    await service.shutdown()
    leave(0)
    return null
  })
  parent.onWindow((port) => service.connect(port))
  parent.onGone(() => end.exit(0))

  // A promise that nobody waits for ends the process nowhere by itself (in Electron it only warns), and an engine in an
  // unknown state is worse than none: the window keeps everything and offers a new one.
  const fault = (reason: unknown) => {
    const message = reason instanceof Error ? reason.message : String(reason)
    console.error(reason)
    control.emit('control.fault', { message })
    leave(1)
  }
  end.on('unhandledRejection', fault)
  end.on('uncaughtException', fault)
  control.emit('control.ready', { process: pid })
}
