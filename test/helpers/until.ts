import { vi } from 'vitest'

/** Waits for what must come, however busy the machine is: only what does not come in the time of a whole test fails. */
export const until = (condition: () => boolean): Promise<boolean> =>
  vi.waitUntil(condition, { timeout: 290_000, interval: 5 })
