/**
 * The page of the hidden window that has the GPU on the desktop. It knows plans and kernels, no documents and no data of a
 * person's: for each port that the preload script hands to it, it does what the engine at the other end asks.
 */
import { serveDevices } from '../../src/backends/remote/server.ts'
import { webgpuBackend } from '../../src/backends/webgpu/index.ts'
import { ENGINE_PORT } from '../../src/protocol/desktop-wire.ts'
import { fromBrowserPort } from '../../src/protocol/message-port.ts'

const backend = webgpuBackend({
  // Typed as always there, which it is not: an old driver, or a switch, may have taken it away.
  openGpu: async () => navigator.gpu ?? null,
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds)
    return () => clearTimeout(timer)
  },
})

let serving: ReturnType<typeof serveDevices> | undefined

window.addEventListener('message', (event) => {
  const [port] = event.ports
  if (event.source !== window || event.data !== ENGINE_PORT || !port) return
  // The engine has one port at a time, and a page is not told of one that closed: what was held for it is freed now.
  serving?.close()
  serving = serveDevices(fromBrowserPort(port, 'the engine closed the connection'), { webgpu: async () => backend })
})
