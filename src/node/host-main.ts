/**
 * Entry of the loopback host: `host-main [--port N]`. Prints `READY http://127.0.0.1:PORT/#t=…`, which is all that a
 * launcher needs; the engine is a child that ends with it.
 */
import { parseArgs } from 'node:util'
import { forkEngine } from './engine-process.ts'
import { dataFolder, rendererFolder } from './folders.ts'
import { startHost, type Host } from './host/server.ts'

const { values } = parseArgs({ options: { port: { type: 'string' } }, strict: false })
const port = Number(values.port ?? 0)

if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`--port must be a number from 0 to 65535, not ${String(values.port)}.`)
  process.exitCode = 2
} else {
  try {
    run(
      await startHost({
        port,
        rendererFolder: rendererFolder(),
        dataFolder: dataFolder(),
        launchEngine: () => forkEngine(),
        onNewAddress: (address) => console.log(`For another browser: ${address}`),
        ...(process.env.NEUROLOOM_TOKEN ? { token: process.env.NEUROLOOM_TOKEN } : {}),
      }),
    )
  } catch (error) {
    console.error(whyNot(error))
    process.exitCode = 1
  }
}

function run(host: Host): void {
  let ending = false
  const end = () => {
    // A second signal means now; the engine notices that its parent is gone.
    if (ending) process.exit(1)
    ending = true
    void host.close().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  console.log(`READY ${host.address}`)
}

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Choose another with --port, or leave it out.`
  if (code === 'EACCES') return `Port ${port} may not be used by this user. Choose one above 1023, or leave it out.`
  if (code === 'ENOENT') return 'The window is not built yet. Run "npm run build".'
  return `The host could not be started: ${message}`
}
