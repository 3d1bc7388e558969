/** Where the engine's devices are: on the desktop the GPU is in a window's process, everything else in the device thread. */
import { fail, problem, type Result } from '../../base/problem.ts'
import type { BackendName, Device } from '../../backends/types.ts'
import { RemoteDevices, type Devices } from '../../backends/remote/client.ts'
import type { Port } from '../../protocol/rpc.ts'

/** Milliseconds for a window to be made and its GPU to be opened; a driver that hangs must not take the engine with it. */
const OPEN_WITHIN = 20_000

export class EngineDevices implements Devices {
  readonly #thread: Devices
  readonly #gpu: Devices | null
  readonly #within: number

  /** `askGpu`: for a port to the window of the GPU; null where the thread has the GPU too. */
  constructor(thread: Devices, askGpu: (() => Promise<Port>) | null, within = OPEN_WITHIN) {
    this.#thread = thread
    this.#gpu = askGpu && new RemoteDevices('the process of the GPU', askGpu)
    this.#within = within
  }

  open(name: BackendName): Promise<Result<Device>> {
    return name === 'webgpu' && this.#gpu ? this.#openWithin(this.#gpu) : this.#thread.open(name)
  }

  close(): void {
    this.#thread.close()
    this.#gpu?.close()
  }

  async #openWithin(gpu: Devices): Promise<Result<Device>> {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<Result<Device>>((resolve) => {
      timer = setTimeout(() => {
        const seconds = this.#within / 1000
        const message = `The GPU did not answer within ${seconds} seconds.`
        resolve(fail(problem('gpu.silent', message)))
        // Whoever asks again gets another port.
        gpu.close()
      }, this.#within)
    })
    try {
      return await Promise.race([gpu.open('webgpu'), silence])
    } finally {
      clearTimeout(timer)
    }
  }
}
