/** What the engine and the place where its devices are say to each other. Both are ours, so nothing is checked. */
import type { Answerer, Caller } from '../../protocol/rpc.ts'
import type { Problem, Result } from '../../base/problem.ts'
import type { BackendName, DeviceInfo, HostArray } from '../types.ts'
import type { Plan } from '../../ir/plan.ts'
import type { Call } from '../../protocol/messages.ts'

export interface DeviceCalls {
  'device.open': Call<{ readonly backend: BackendName }, Result<DeviceInfo>>
  /** The flag lies in memory that both sides see; null where `device.stop` gets through while it computes. */
  'device.compile': Call<
    { readonly backend: BackendName; readonly plan: Plan },
    Result<{ readonly executable: number; readonly stopFlag: Int32Array | null }>
  >
  /** What compiling would refuse for its size. */
  'device.refusal': Call<{ readonly backend: BackendName; readonly plan: Plan }, Problem | null>
  'device.write': Call<{ readonly executable: number; readonly slot: string; readonly data: HostArray }, Result<null>>
  'device.run': Call<{ readonly executable: number; readonly entry: string; readonly steps: number }, Result<number>>
  'device.stop': Call<{ readonly executable: number }, null>
  'device.read': Call<
    { readonly executable: number; readonly slot: string; readonly count: number | null },
    Result<HostArray>
  >
  'device.free': Call<{ readonly executable: number }, null>
  'device.dispose': Call<{ readonly backend: BackendName }, null>
}
export interface DeviceEvents {
  'device.lost': { readonly backend: BackendName; readonly reason: string }
}

export type DeviceSide = Answerer<DeviceCalls, DeviceEvents>
export type EngineSide = Caller<DeviceCalls, DeviceEvents>
