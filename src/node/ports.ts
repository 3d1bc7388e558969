/** Node's two kinds of message ports as the Port that peers speak over. */
import type { MessagePort, Worker } from 'node:worker_threads'
import type { Port } from '../protocol/rpc.ts'

/** `closed` is the end of a sentence: why it is when the port closes. */
export function fromMessagePort(port: MessagePort, closed: string): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.on('close', () => listener(closed)),
    close: () => port.close(),
  }
}

/** The main side of a worker; it closes with the worker. */
export function fromWorker(worker: Worker): Port {
  let why: string | null = null
  worker.on('error', (error) => (why = error instanceof Error ? error.message : String(error)))
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onClose: (listener) =>
      void worker.on('exit', (code) =>
        listener(why === null ? `its thread ended with code ${code}` : `its thread failed (${why})`),
      ),
    close: () => void worker.terminate(),
  }
}
