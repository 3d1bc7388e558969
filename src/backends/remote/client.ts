/**
 * Devices at the other end of a port: in a thread, so that the engine answers while they compute, or in another process.
 * There is one port for the life of this process; only when it closed is there another.
 */
import { fail, ok, problem, ProblemError, type Result } from '../../base/problem.ts'
import type { Plan } from '../../ir/plan.ts'
import { Peer, type Port } from '../../protocol/rpc.ts'
import type { BackendName, Device, DeviceInfo, Executable } from '../types.ts'
import { own } from './server.ts'
import type { EngineSide } from './wire.ts'

type DevicePeer = Peer<EngineSide>

/** Whatever can open devices by name; tests put something simpler here. */
export interface Devices {
  open(name: BackendName): Promise<Result<Device>>
  close(): void
}

export class RemoteDevices implements Devices {
  readonly #name: string
  readonly #connect: () => Port | Promise<Port>
  #peer: Promise<DevicePeer> | null = null

  /** `name`: what is at the other end, for sentences: `the device thread`. */
  constructor(name: string, connect: () => Port | Promise<Port>) {
    this.#name = name
    this.#connect = connect
  }

  async open(name: BackendName): Promise<Result<Device>> {
    try {
      const peer = await (this.#peer ??= this.#start())
      const opened = await peer.call('device.open', { backend: name })
      return opened.ok ? ok(new RemoteDevice(peer, opened.value)) : opened
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return fail(problem('device.open', `The device "${name}" could not be started: ${why}`))
    }
  }

  close(): void {
    void this.#peer?.then((peer) => peer.close('the engine ended')).catch(() => {})
    this.#peer = null
  }

  #start(): Promise<DevicePeer> {
    const starting = this.#open()
    const forget = () => {
      if (this.#peer === starting) this.#peer = null
    }
    void starting.then((peer) => peer.closed).then(forget, forget)
    return starting
  }

  async #open(): Promise<DevicePeer> {
    return new Peer<EngineSide>(await this.#connect(), { name: this.#name, maxBytes: Infinity })
  }
}

class RemoteDevice implements Device {
  readonly info: DeviceInfo
  readonly lost: Promise<string>
  readonly #peer: DevicePeer

  constructor(peer: DevicePeer, info: DeviceInfo) {
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
    return new RemoteExecutable(this.#peer, made.value.executable, made.value.stopFlag)
  }

  dispose(): void {
    this.#peer.call('device.dispose', { backend: this.info.backend }).catch(() => {})
  }
}

class RemoteExecutable implements Executable {
  readonly #stopFlag: Int32Array | null
  readonly #peer: DevicePeer
  readonly #number: number
  #running = 0

  constructor(peer: DevicePeer, number: number, stopFlag: Int32Array | null) {
    this.#peer = peer
    this.#number = number
    this.#stopFlag = stopFlag
  }

  async write(...[slot, data]: Parameters<Executable['write']>): Promise<void> {
    await this.#peer.call('device.write', { executable: this.#number, slot, data: own(data) })
  }

  async run(entry: string, steps: number): Promise<number> {
    // A flag that came just as the run before it returned is none for this one.
    if (this.#running === 0 && this.#stopFlag) Atomics.store(this.#stopFlag, 0, 0)
    this.#running++
    try {
      return await this.#peer.call('device.run', { executable: this.#number, entry, steps })
    } finally {
      this.#running--
    }
  }

  stop(): void {
    if (this.#running === 0) return
    if (this.#stopFlag) Atomics.store(this.#stopFlag, 0, 1)
    else this.#peer.call('device.stop', { executable: this.#number }).catch(() => {})
  }

  read(slot: string, count?: number): ReturnType<Executable['read']> {
    return this.#peer.call('device.read', { executable: this.#number, slot, count: count ?? null })
  }

  dispose(): void {
    this.#peer.call('device.free', { executable: this.#number }).catch(() => {})
  }
}
