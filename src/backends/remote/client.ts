/**
 * Devices at the other end of a port: in a thread, so that the engine answers while they compute, or in another process.
 * There is one port for the life of this process; only when it closed is there another.
 */
import { fail, ok, problem, ProblemError, type Problem, type Result } from '../../base/problem.ts'
import type { Plan } from '../../ir/plan.ts'
import type { AnswerOf, ArgumentsOf, CallName } from '../../protocol/messages.ts'
import { Peer, RpcError, type Port } from '../../protocol/rpc.ts'
import type { BackendName, Device, DeviceInfo, Executable, HostArray } from '../types.ts'
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
      void peer.closed.then((reason) => resolve(goneSentence(info, reason)))
    })
  }

  async compile(plan: Plan): Promise<Executable> {
    const { info } = this
    const made = await asked(this.#peer, info, 'device.compile', { backend: info.backend, plan })
    return new RemoteExecutable(this.#peer, info, valueOf(made))
  }

  refusal(plan: Plan): Promise<Problem | null> {
    return asked(this.#peer, this.info, 'device.refusal', { backend: this.info.backend, plan })
  }

  dispose(): void {
    this.#peer.call('device.dispose', { backend: this.info.backend }).catch(() => {})
  }
}

const goneSentence = (info: DeviceInfo, reason: string) =>
  `${info.title} stopped working: ${reason}. Start the training again.`

/** A call that gets no answer any more is a problem of the device, not a bug. */
async function asked<N extends CallName<EngineSide['calls']>>(
  peer: DevicePeer,
  info: DeviceInfo,
  name: N,
  args: ArgumentsOf<EngineSide['calls'], N>,
): Promise<AnswerOf<EngineSide['calls'], N>> {
  try {
    return await peer.call(name, args)
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== 'rpc.closed') throw error
    throw new ProblemError(problem('device.lost', goneSentence(info, await peer.closed)))
  }
}

/** As the device itself would have said it. */
function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new ProblemError(...result.problems)
  return result.value
}

class RemoteExecutable implements Executable {
  readonly #peer: DevicePeer
  readonly #info: DeviceInfo
  readonly #number: number
  readonly #stopFlag: Int32Array | null
  #running = 0

  constructor(
    peer: DevicePeer,
    info: DeviceInfo,
    made: { readonly executable: number; readonly stopFlag: Int32Array | null },
  ) {
    this.#peer = peer
    this.#info = info
    this.#number = made.executable
    this.#stopFlag = made.stopFlag
  }

  async write(slot: string, data: HostArray): Promise<void> {
    const executable = this.#number
    valueOf(await asked(this.#peer, this.#info, 'device.write', { executable, slot, data: own(data) }))
  }

  async run(entry: string, steps: number): Promise<number> {
    // A flag that came just as the run before it returned is none for this one.
    if (this.#running === 0 && this.#stopFlag) Atomics.store(this.#stopFlag, 0, 0)
    this.#running++
    try {
      const executable = this.#number
      return valueOf(await asked(this.#peer, this.#info, 'device.run', { executable, entry, steps }))
    } finally {
      this.#running--
    }
  }

  stop(): void {
    if (this.#running === 0) return
    if (this.#stopFlag) Atomics.store(this.#stopFlag, 0, 1)
    else this.#peer.call('device.stop', { executable: this.#number }).catch(() => {})
  }

  async read(slot: string, count?: number): Promise<HostArray> {
    const executable = this.#number
    return valueOf(await asked(this.#peer, this.#info, 'device.read', { executable, slot, count: count ?? null }))
  }

  dispose(): void {
    this.#peer.call('device.free', { executable: this.#number }).catch(() => {})
  }
}
