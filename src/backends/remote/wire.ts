/** What the engine and the place where its devices are say to each other. Both are ours, so nothing is checked. */
import type { Answerer, Caller } from '../../protocol/rpc.ts'
import type { Problem, Result } from '../../base/problem.ts'
import type { BackendName, DeviceInfo, HostArray } from '../types.ts'
import type { Plan } from '../../ir/plan.ts'
import type { Call } from '../../protocol/messages.ts'

export type Order =
  | { readonly kind: 'write'; readonly slot: string; readonly data: HostArray }
  | { readonly kind: 'run'; readonly entry: string; readonly steps: number }
  | { readonly kind: 'read'; readonly slot: string; readonly count: number | undefined }

export interface DeviceCalls {
  'device.open': Call<{ readonly backend: BackendName }, Result<DeviceInfo>>
  /** The flag lies in memory that both sides see; null where `device.stop` gets through while it computes. */
  'device.compile': Call<
    { readonly backend: BackendName; readonly plan: Plan },
    Result<{ readonly executable: number; readonly stopFlag: Int32Array | null }>
  >
  /** What compiling would refuse for its size. */
  'device.refusal': Call<{ readonly backend: BackendName; readonly plan: Plan }, Problem | null>
  /** What was asked of an executable at once, in that order. */
  'device.do': Call<
    { readonly executable: number; readonly orders: readonly Order[] },
    readonly Result<HostArray | number | null>[]
  >
  'device.stop': Call<{ readonly executable: number }, null>
  'device.free': Call<{ readonly executable: number }, null>
  'device.dispose': Call<{ readonly backend: BackendName }, null>
}
export interface DeviceEvents {
  'device.lost': { readonly backend: BackendName; readonly reason: string }
}

export type DeviceSide = Answerer<DeviceCalls, DeviceEvents>
export type EngineSide = Caller<DeviceCalls, DeviceEvents>
