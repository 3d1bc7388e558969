/** What the window's parts need of the engine: two verbs, whatever carries them and however often it is started again. */
import type { Peer } from '../../src/protocol/rpc.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'

export type Engine = Pick<Peer<WindowOfEngine>, 'call' | 'on'>
