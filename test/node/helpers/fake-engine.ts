/** An engine of a few lines in the test's own process, behind the same interface as a child. */
import type { EngineChild, ProcessEnded } from '../../../src/node/engine-process.ts'
import type { EngineOfParent } from '../../../src/node/engine/wire.ts'
import type { EngineOfWindow } from '../../../src/protocol/host-wire.ts'
import { Peer, portPair, type Port } from '../../../src/protocol/rpc.ts'

export interface FakeEngine extends EngineChild<Port> {
  readonly windows: Peer<EngineOfWindow>[]
  readonly granted: { handle: string; name: string; path: string }[]
  die(end: ProcessEnded): void
}

export function fakeEngine(pid: number): FakeEngine {
  const [control, inner] = portPair()
  const peer = new Peer<EngineOfParent>(inner, { name: 'the parent' })
  const exits: ((end: ProcessEnded) => void)[] = []
  let ended: ProcessEnded | null = null
  const ports: Port[] = []
  const engine: FakeEngine = {
    control,
    windows: [],
    granted: [],
    connect() {
      const [outside, inside] = portPair()
      ports.push(inside)
      const window = new Peer<EngineOfWindow>(inside, { name: 'the window' })
      window.handle('run.setLive', ({ value }) => ({ step: value }) as never)
      window.handle('run.current', () => null)
      engine.windows.push(window)
      return outside
    },
    kill: () => engine.die({ code: null, signal: 'SIGKILL' }),
    onExit: (listener) => void (ended ? listener(ended) : exits.push(listener)),
    die(end) {
      if (ended) return
      ended = end
      for (const port of ports) port.close()
      for (const listener of exits) listener(end)
    },
  }
  peer.handle('control.grant', (grant) => {
    engine.granted.push(grant)
    return null
  })
  peer.handle('control.revoke', () => null)
  peer.handle('control.shutdown', () => {
    setTimeout(() => engine.die({ code: 0, signal: null }))
    return null
  })
  setTimeout(() => peer.emit('control.ready', { process: pid }))
  return engine
}
