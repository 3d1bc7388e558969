/**
 * The hidden window that has the GPU: Chromium's own WebGPU, in a sandbox, where a driver that fails takes neither the engine
 * nor the person's window with it. (A package for Node would end Electron's process as it reads results back.) It is made when
 * the engine first asks. Ports go to its page, which serves devices over them; nothing of that passes here.
 *
 * No switch of Chromium's is set for it. Windows and macOS have WebGPU as they are. On Linux Chromium itself gives it where it
 * trusts the driver: since version 144 to Intel's graphics of the 12th generation and newer, since 147 to NVIDIA's with a driver
 * from 535 on, both under Wayland. `enable-unsafe-webgpu` would give it to the rest by no longer asking which drivers are known
 * to compute wrongly or to crash, by a software adapter too, and would open to pages what is not finished yet;
 * `enable-features=Vulkan` would make every window draw through Vulkan, which is not made for Wayland. So elsewhere the CPU
 * trains, and who knows their driver gives the program a switch themselves when they start it (docs/architecture.md).
 */
import type { MessagePortMain } from 'electron'
import { ENGINE_PORT_CHANNEL } from './security.ts'
import type { GpuPage } from './windows.ts'

interface Opened {
  readonly window: GpuPage['window']
  /** Ports that came before the page could take them; null once it can. */
  waiting: MessagePortMain[] | null
}

export class GpuWindow {
  readonly #create: () => GpuPage
  #opened: Opened | null = null
  #stopped = false

  constructor(create: () => GpuPage) {
    this.#create = create
  }

  /** Gives the port to the page. One that cannot have it is closed, which is what the engine hears. */
  serve(port: MessagePortMain): void {
    if (this.#stopped) return port.close()
    const opened = (this.#opened ??= this.#open())
    if (opened.waiting) opened.waiting.push(port)
    else opened.window.webContents.postMessage(ENGINE_PORT_CHANNEL, null, [port])
  }

  /** The next port gets a new window. */
  close(): void {
    if (this.#opened) this.#end(this.#opened)
  }

  /** Nor is there another: a window that is made while all are being closed would keep the program from ending. */
  stop(): void {
    this.#stopped = true
    this.close()
  }

  #open(): Opened {
    const { window, loaded } = this.#create()
    const opened: Opened = { window, waiting: [] }
    const end = () => this.#end(opened)
    window.webContents.on('render-process-gone', end)
    window.on('closed', end)
    loaded.then(() => {
      if (this.#opened !== opened) return
      const ports = opened.waiting ?? []
      opened.waiting = null
      for (const port of ports) this.serve(port)
    }, end)
    return opened
  }

  #end(opened: Opened): void {
    if (this.#opened !== opened) return
    this.#opened = null
    for (const port of opened.waiting ?? []) port.close()
    // Not within the event that tells of its end.
    setImmediate(() => {
      if (!opened.window.isDestroyed()) opened.window.destroy()
    })
  }
}
