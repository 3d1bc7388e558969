/** What the engine and the place where its devices are say to each other. Both are ours, so nothing is checked. */
import type { Answerer, Caller } from '../../protocol/rpc.ts'
import { at, get } from '../../base/assert.ts'
import type { Problem, Result } from '../../base/problem.ts'
import type { BackendName, DeviceInfo, HostArray, Pass } from '../types.ts'
import type { Plan } from '../../ir/plan.ts'
import type { Call } from '../../protocol/messages.ts'

export type Order =
  | { readonly kind: 'write'; readonly slot: string; readonly data: HostArray }
  | { readonly kind: 'run'; readonly passes: Passes }
  | { readonly kind: 'read'; readonly slot: string; readonly count: number | undefined }

/** Many passes of few entries: of each the number of its entry, and its steps. A thousand objects would take a while to cross. */
export interface Passes {
  readonly entries: readonly string[]
  readonly passes: Int32Array
}

export function packed(passes: readonly Pass[]): Passes {
  const entries = [...new Set(passes.map(({ entry }) => entry))]
  const numbers = new Map(entries.map((entry, i) => [entry, i]))
  const all = new Int32Array(2 * passes.length)
  for (const [i, { entry, steps }] of passes.entries()) {
    all[2 * i] = get(numbers, entry)
    all[2 * i + 1] = steps
  }
  return { entries, passes: all }
}

export function unpacked({ entries, passes }: Passes): readonly Pass[] {
  return Array.from({ length: passes.length / 2 }, (_, i) => ({
    entry: at(entries, at(passes, 2 * i)),
    steps: at(passes, 2 * i + 1),
  }))
}

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
