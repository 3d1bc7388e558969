/**
 * One engine for the window, though engines come and go: who listens stays subscribed when the next process takes over,
 * and who calls while there is none gets an error with a sentence.
 */
import { RpcError, type Peer } from '../../src/protocol/rpc.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { EngineEvents } from '../../src/protocol/messages.ts'
import type { Engine } from './engine.ts'

type EnginePeer = Peer<WindowOfEngine>
type Subscribe = (peer: EnginePeer) => () => void

export class EngineLine implements Engine {
  #peer: EnginePeer | null = null
  #ends = new Map<Subscribe, () => void>()
  #subscriptions = new Set<Subscribe>()

  get call(): EnginePeer['call'] {
    const peer = this.#peer
    if (peer) return (name, args, asking) => peer.call(name, args, asking)
    return () => Promise.reject(new RpcError('The engine is not running. Start it again to go on.', 'rpc.closed'))
  }

  on<N extends keyof EngineEvents>(name: N, listener: (payload: EngineEvents[N]) => void): () => void {
    const subscribe: Subscribe = (peer) => peer.on(name, listener)
    this.#subscriptions.add(subscribe)
    if (this.#peer) this.#ends.set(subscribe, subscribe(this.#peer))
    return () => {
      this.#subscriptions.delete(subscribe)
      this.#ends.get(subscribe)?.()
      this.#ends.delete(subscribe)
    }
  }

  /** The next engine; calls that wait on the one before are told. Null when there is none. */
  attach(peer: EnginePeer | null, reason = 'the engine ended'): void {
    this.#peer?.close(reason)
    this.#ends.clear()
    this.#peer = peer
    if (peer) for (const subscribe of this.#subscriptions) this.#ends.set(subscribe, subscribe(peer))
  }
}
