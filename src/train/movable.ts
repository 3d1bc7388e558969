/** The executable of a run, which may go on on another device: whoever holds this need not know. */
import type { Executable, HostArray, Pass } from '../backends/types.ts'

export class MovableExecutable implements Executable {
  #now: Executable

  constructor(first: Executable) {
    this.#now = first
  }

  get now(): Executable {
    return this.#now
  }

  /** Everything goes to the other one from here on; what the first one held is gone. */
  moveTo(next: Executable): void {
    this.#now.dispose()
    this.#now = next
  }

  write(slot: string, data: HostArray): Promise<void> {
    return this.#now.write(slot, data)
  }
  run(passes: readonly Pass[]): Promise<number> {
    return this.#now.run(passes)
  }
  stop(): void {
    this.#now.stop()
  }
  read(slot: string, count?: number): Promise<HostArray> {
    return this.#now.read(slot, count)
  }
  dispose(): void {
    this.#now.dispose()
  }
}
