/**
 * Devices at the other end of a port: in a thread, so that the engine answers while they compute, or in another process.
 * There is one port for the life of this process; only when it closed is there another.
 */
import { at } from '../../base/assert.ts'
import { fail, ok, problem, ProblemError, type Problem, type Result } from '../../base/problem.ts'
import type { Plan } from '../../ir/plan.ts'
import type { AnswerOf, ArgumentsOf, CallName } from '../../protocol/messages.ts'
import { Peer, RpcError, type Port } from '../../protocol/rpc.ts'
import type { BackendName, Device, DeviceInfo, Executable, HostArray, Pass } from '../types.ts'
import { own } from './server.ts'
import { packed, type EngineSide, type Order } from './wire.ts'

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

interface Asked {
  readonly order: Order
  readonly resolve: (value: HostArray | number | null) => void
  readonly reject: (reason: unknown) => void
}

/** What is asked in one breath goes there in one message, and comes back in one. */
class RemoteExecutable implements Executable {
  readonly #peer: DevicePeer
  readonly #info: DeviceInfo
  readonly #number: number
  readonly #stopFlag: Int32Array | null
  #running = 0
  #asked: Asked[] = []

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
    await this.#ask({ kind: 'write', slot, data: own(data) })
  }

  async run(passes: readonly Pass[]): Promise<number> {
    // All that it was meant for have returned.
    if (this.#running === 0 && this.#stopFlag) Atomics.store(this.#stopFlag, 0, 0)
    this.#running++
    try {
      return (await this.#ask({ kind: 'run', passes: packed(passes) })) as number
    } finally {
      this.#running--
    }
  }

  stop(): void {
    if (this.#running === 0) return
    if (this.#stopFlag) return void Atomics.store(this.#stopFlag, 0, 1)
    // After the run that it is meant for.
    this.#send()
    this.#peer.call('device.stop', { executable: this.#number }).catch(() => {})
  }

  async read(slot: string, count?: number): Promise<HostArray> {
    return (await this.#ask({ kind: 'read', slot, count })) as HostArray
  }

  dispose(): void {
    this.#send()
    this.#peer.call('device.free', { executable: this.#number }).catch(() => {})
  }

  #ask(order: Order): Promise<HostArray | number | null> {
    if (this.#asked.length === 0) void Promise.resolve().then(() => this.#send())
    return new Promise((resolve, reject) => this.#asked.push({ order, resolve, reject }))
  }

  #send(): void {
    const all = this.#asked
    if (all.length === 0) return
    this.#asked = []
    const orders = all.map(({ order }) => order)
    asked(this.#peer, this.#info, 'device.do', { executable: this.#number, orders }).then(
      (results) =>
        all.forEach(({ resolve, reject }, i) => {
          const result = at(results, i)
          if (result.ok) resolve(result.value)
          else reject(new ProblemError(...result.problems))
        }),
      (reason: unknown) => all.forEach(({ reject }) => reject(reason)),
    )
  }
}
