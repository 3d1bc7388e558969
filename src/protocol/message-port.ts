/** A browser's MessagePort as the Port that peers speak over. */
import type { Port } from './rpc.ts'

/** What is used of it; the DOM belongs to the window's folder. */
interface StandardPort {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'close', listener: (event: { readonly data?: unknown }) => void): void
  start(): void
  close(): void
}

/**
 * `closed` is the end of a sentence: why it is when the port closes. Chromium tells a page so only where its feature
 * MessagePortCloseEvent is on, so nothing may depend on it.
 */
export function fromBrowserPort(port: StandardPort, closed: string): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.addEventListener('message', (event) => listener(event.data))
      // Messages wait until then.
      port.start()
    },
    onClose: (listener) => port.addEventListener('close', () => listener(closed)),
    close: () => port.close(),
  }
}
