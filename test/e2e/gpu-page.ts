/**
 * The page of the desktop's hidden window, in a browser, with the test in the engine's place. What is between them is as on
 * the desktop: the built page under its content policy, and a MessagePort that another page of ours holds the other end of.
 */
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { RemoteDevices } from '../../src/backends/remote/client.ts'
import { securityHeaders } from '../../src/node/content-policy.ts'
import { listFiles, lookUp } from '../../src/node/static-files.ts'
import { ENGINE_PORT } from '../../src/protocol/desktop-wire.ts'
import type { Port } from '../../src/protocol/rpc.ts'
import { root } from './fixtures.ts'

/** What the engine's page keeps on its window. */
interface EngineWindow extends Window {
  ports: MessagePort[]
  popup: Window | null
  fromGpu(port: number, messages: readonly unknown[]): Promise<void>
  portClosed(port: number): Promise<void>
}

/** The page of the GPU, with the port that it is about to be handed. */
interface GivenWindow extends Window {
  readonly given: MessagePort
}

interface Listeners {
  message: (message: unknown) => void
  close: (reason: string) => void
}

export class GpuPage {
  readonly devices = new RemoteDevices('the page of the GPU', () => this.connect())
  readonly page: Page
  /** What the page complained about. */
  readonly errors: string[] = []
  readonly #engine: Page
  readonly #context: BrowserContext
  readonly #server: Server
  readonly #listeners: Listeners[] = []
  /** Messages leave in the order in which they were posted, as many at a time as there are by then. */
  #outbox: (readonly [port: number, message: unknown])[] = []
  #posting: Promise<unknown> = Promise.resolve()

  private constructor(server: Server, context: BrowserContext, engine: Page, page: Page) {
    this.#server = server
    this.#context = context
    this.#engine = engine
    this.page = page
    page.on('console', (message) => void (message.type() === 'error' && this.errors.push(message.text())))
    page.on('pageerror', (error) => void this.errors.push(error.message))
  }

  static async open(browser: Browser): Promise<GpuPage> {
    const server = await serve()
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const context = await browser.newContext()
    const engine = await context.newPage()
    await engine.goto(`${origin}/engine.html`)
    const popup = engine.waitForEvent('popup')
    await engine.evaluate(() => {
      Object.assign(window, { ports: [], popup: window.open('/gpu/index.html') })
    })
    const gpu = new GpuPage(server, context, engine, await popup)
    await engine.exposeFunction('fromGpu', (port: number, messages: readonly unknown[]) => {
      for (const message of messages) gpu.#listeners[port]?.message(message)
    })
    await engine.exposeFunction('portClosed', (port: number) => gpu.#listeners[port]?.close('its page is gone'))
    await gpu.page.waitForLoadState()
    return gpu
  }

  /** Hands the page a port, as the preload script does: by a message of its own window to itself; `by` another is none. */
  async connect(message: string = ENGINE_PORT, by: 'itself' | 'another window' = 'itself'): Promise<Port> {
    const listeners: Listeners = { message: () => {}, close: () => {} }
    const number = this.#listeners.push(listeners) - 1
    await this.#engine.evaluate(() => {
      const engine = window as unknown as EngineWindow
      const { port1, port2 } = new MessageChannel()
      const own = engine.ports.push(port1) - 1
      let inbox: unknown[] = []
      port1.addEventListener('message', (event) => {
        if (inbox.push(event.data) > 1) return
        setTimeout(() => {
          void engine.fromGpu(own, inbox)
          inbox = []
        })
      })
      port1.addEventListener('close', () => void engine.portClosed(own))
      port1.start()
      Object.assign(engine.popup ?? {}, { given: port2 })
    })
    if (by === 'itself')
      await this.page.evaluate((data) => {
        const { given } = window as unknown as GivenWindow
        window.postMessage(data, window.location.origin, [given])
      }, message)
    else
      await this.#engine.evaluate((data) => {
        const popup = (window as unknown as EngineWindow).popup as GivenWindow | null
        if (popup) popup.postMessage(data, window.location.origin, [popup.given])
      }, message)
    return {
      post: (message) => this.#post(number, message),
      onMessage: (listener) => (listeners.message = listener),
      onClose: (listener) => (listeners.close = listener),
      close: () => void this.#engine.evaluate((i) => (window as unknown as EngineWindow).ports[i]?.close(), number),
    }
  }

  #post(number: number, message: unknown): void {
    if (this.#outbox.push([number, message]) > 1) return
    this.#posting = this.#posting.then(() => {
      const messages = this.#outbox
      this.#outbox = []
      return this.#engine.evaluate((all) => {
        for (const [i, data] of all) (window as unknown as EngineWindow).ports[i]?.postMessage(data)
      }, messages)
    })
  }

  async close(): Promise<void> {
    this.devices.close()
    await this.#posting.catch(() => {})
    await this.#context.close()
    this.#server.close()
  }
}

/** The built window as the host and the desktop serve it, and an empty page beside it. */
async function serve(): Promise<Server> {
  const manifest = listFiles(join(root, 'out/renderer'))
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const file = lookUp(manifest, request.url ?? '')
    const isEngine = request.url === '/engine.html'
    response.writeHead(file || isEngine ? 200 : 404, { 'Content-Type': file?.type ?? 'text/html; charset=utf-8' })
    response.end(file ? readFileSync(file.path) : '<!doctype html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
