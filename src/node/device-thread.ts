/**
 * Devices that live in a thread of their own, so that the engine answers while they compute. There is one thread for the
 * life of the process (making and ending many of them is known to crash Electron); only when it died is there another.
 * Interrupting needs no message: the stop flag is memory that both threads see.
 */
import { Worker } from 'node:worker_threads'
import type { Backend, BackendName, Device, DeviceInfo, Executable } from '../backends/types.ts'
import { fail, ok, problem, ProblemError, type Result } from '../base/problem.ts'
import type { Plan } from '../ir/plan.ts'
import { Peer, type Port } from '../protocol/rpc.ts'
import { own } from './device-server.ts'
import type { EngineSide } from './device-wire.ts'
import { built } from './folders.ts'
import { fromWorker } from './ports.ts'

type ThreadPeer = Peer<EngineSide>

/** Whatever can open devices by name; tests put something simpler here. */
export interface Devices {
  open(name: BackendName): Promise<Result<Device>>
  close(): void
}

export class DeviceThread implements Devices {
  readonly #start: () => Port
  #peer: ThreadPeer | null = null

  constructor(start: () => Port = () => fromWorker(new Worker(built('./device-worker.js')))) {
    this.#start = start
  }

  async open(name: BackendName): Promise<Result<Device>> {
    try {
      const peer = this.#connect()
      const opened = await peer.call('device.open', { backend: name })
      return opened.ok ? ok(new ThreadDevice(peer, opened.value)) : opened
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return fail(problem('device.open', `The device "${name}" could not be started: ${why}`))
    }
  }

  close(): void {
    this.#peer?.close('the engine ended')
    this.#peer = null
  }

  #connect(): ThreadPeer {
    if (this.#peer) return this.#peer
    const peer: ThreadPeer = new Peer<EngineSide>(this.#start(), { name: 'the device thread', maxBytes: Infinity })
    this.#peer = peer
    void peer.closed.then(() => {
      if (this.#peer === peer) this.#peer = null
    })
    return peer
  }
}

/** A backend of this process whose device is in the thread. */
export function inThread(thread: DeviceThread, backend: Pick<Backend, 'name' | 'title'>): Backend {
  return { name: backend.name, title: backend.title, open: () => thread.open(backend.name) }
}

class ThreadDevice implements Device {
  readonly info: DeviceInfo
  readonly lost: Promise<string>
  readonly #peer: ThreadPeer

  constructor(peer: ThreadPeer, info: DeviceInfo) {
    this.info = info
    this.#peer = peer
    this.lost = new Promise((resolve) => {
      peer.on('device.lost', ({ backend, reason }) => {
        if (backend === info.backend) resolve(reason)
      })
      void peer.closed.then((reason) => resolve(`${info.title} stopped working: ${reason}. Start the training again.`))
    })
  }

  async compile(plan: Plan): Promise<Executable> {
    const made = await this.#peer.call('device.compile', { backend: this.info.backend, plan })
    // As the device itself would have said it: not enough memory is no bug.
    if (!made.ok) throw new ProblemError(...made.problems)
    return new ThreadExecutable(this.#peer, made.value.executable, made.value.stopFlag)
  }

  dispose(): void {
    this.#peer.call('device.dispose', { backend: this.info.backend }).catch(() => {})
  }
}

class ThreadExecutable implements Executable {
  readonly stopFlag: Int32Array
  readonly #peer: ThreadPeer
  readonly #number: number

  constructor(peer: ThreadPeer, number: number, stopFlag: Int32Array) {
    this.#peer = peer
    this.#number = number
    this.stopFlag = stopFlag
  }

  async write(...[slot, data]: Parameters<Executable['write']>): Promise<void> {
    await this.#peer.call('device.write', { executable: this.#number, slot, data: own(data) })
  }
  run(entry: string, steps: number): Promise<number> {
    return this.#peer.call('device.run', { executable: this.#number, entry, steps })
  }
  read(slot: string, count?: number): ReturnType<Executable['read']> {
    return this.#peer.call('device.read', { executable: this.#number, slot, count: count ?? null })
  }
  dispose(): void {
    this.#peer.call('device.free', { executable: this.#number }).catch(() => {})
  }
}
