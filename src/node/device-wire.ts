/** What the engine's main thread and its device thread say to each other. Both are ours, so nothing is checked. */
import type { Answerer, Caller } from '../protocol/rpc.ts'
import type { Result } from '../base/problem.ts'
import type { BackendName, DeviceInfo, HostArray } from '../backends/types.ts'
import type { Plan } from '../ir/plan.ts'
import type { Call } from '../protocol/messages.ts'

export interface DeviceCalls {
  'device.open': Call<{ readonly backend: BackendName }, Result<DeviceInfo>>
  /** The flag lies in memory that both threads see. */
  'device.compile': Call<
    { readonly backend: BackendName; readonly plan: Plan },
    Result<{ readonly executable: number; readonly stopFlag: Int32Array }>
  >
  'device.write': Call<{ readonly executable: number; readonly slot: string; readonly data: HostArray }, null>
  'device.run': Call<{ readonly executable: number; readonly entry: string; readonly steps: number }, number>
  'device.read': Call<{ readonly executable: number; readonly slot: string; readonly count: number | null }, HostArray>
  'device.free': Call<{ readonly executable: number }, null>
  'device.dispose': Call<{ readonly backend: BackendName }, null>
}
export interface DeviceEvents {
  'device.lost': { readonly backend: BackendName; readonly reason: string }
}

export type ThreadSide = Answerer<DeviceCalls, DeviceEvents>
export type EngineSide = Caller<DeviceCalls, DeviceEvents>
