/** The half where the devices are: holds them and their executables by number and does what it is asked. */
import { assert, get } from '../../base/assert.ts'
import type { Backend, BackendName, Device, Executable, HostArray } from '../types.ts'
import { attemptAsync, ok, type Result } from '../../base/problem.ts'
import { Peer, type Port } from '../../protocol/rpc.ts'
import { unpacked, type DeviceSide, type Order } from './wire.ts'

/** Those that this place has, loaded when first asked for. */
export type Backends = { readonly [N in BackendName]?: () => Promise<Backend> }

export function serveDevices(port: Port, backends: Backends): Peer<DeviceSide> {
  const peer = new Peer<DeviceSide>(port, { name: 'the engine', maxBytes: Infinity, maxPending: Infinity })
  const devices = new Map<BackendName, Promise<Result<Device>>>()
  const executables = new Map<number, Executable>()
  const lost = new Set<BackendName>()
  let next = 1

  const open = async (name: BackendName): Promise<Result<Device>> => {
    const backend = backends[name]
    assert(backend, `there is no backend ${name} here`)
    const opened = await (await backend()).open()
    if (opened.ok)
      void opened.value.lost.then((reason) => {
        lost.add(name)
        peer.emit('device.lost', { backend: name, reason })
      })
    return opened
  }
  const deviceOf = async (name: BackendName): Promise<Device> => {
    const opened = await devices.get(name)
    if (!opened?.ok) throw new Error(`the device ${name} is not open`)
    return opened.value
  }

  peer.handle('device.open', async ({ backend }) => {
    // One that is gone stays gone; who opens it again gets another.
    const known = lost.delete(backend) ? undefined : devices.get(backend)
    const opened = known ?? open(backend)
    devices.set(backend, opened)
    const result = await opened
    if (result.ok) return ok(result.value.info)
    devices.delete(backend)
    return result
  })
  peer.handle('device.compile', async ({ backend, plan }) => {
    const device = await deviceOf(backend)
    const made = await attemptAsync(() => device.compile(plan))
    if (!made.ok) return made
    executables.set(next, made.value)
    return ok({ executable: next++, stopFlag: made.value.stopFlag ?? null })
  })
  peer.handle('device.refusal', async ({ backend, plan }) => (await (await deviceOf(backend)).refusal?.(plan)) ?? null)
  // What a device refuses is no bug: it crosses as the problem that it is.
  peer.handle('device.do', ({ executable, orders }) => {
    const one = get(executables, executable)
    return Promise.all(orders.map((order) => attemptAsync(() => follow(one, order))))
  })
  peer.handle('device.stop', ({ executable }) => {
    executables.get(executable)?.stop()
    return null
  })
  peer.handle('device.free', ({ executable }) => {
    executables.get(executable)?.dispose()
    executables.delete(executable)
    return null
  })
  peer.handle('device.dispose', async ({ backend }) => {
    const opened = await devices.get(backend)
    devices.delete(backend)
    if (opened?.ok) opened.value.dispose()
    return null
  })
  // Nobody is left to free them.
  void peer.closed.then(async () => {
    for (const executable of executables.values()) executable.dispose()
    for (const opened of await Promise.all(devices.values())) if (opened.ok) opened.value.dispose()
  })
  return peer
}

async function follow(executable: Executable, order: Order): Promise<HostArray | number | null> {
  switch (order.kind) {
    case 'write':
      await executable.write(order.slot, order.data)
      return null
    case 'run':
      return executable.run(unpacked(order.passes))
    case 'read':
      return own(await executable.read(order.slot, order.count))
    default:
      return order satisfies never
  }
}

/** A view into the arena would send the whole arena, or share it: what crosses is a copy of just this. */
export function own(data: HostArray): HostArray {
  const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
  return whole ? data : data.slice()
}
