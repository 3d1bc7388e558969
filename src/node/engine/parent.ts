/** The engine's side of the channel to whoever started it: Electron's utility process or a Node child. */
import type { Port } from '../../protocol/rpc.ts'
import { isParentMessage, windowPort, type ParentMessage, type WindowListeners } from './wire.ts'

export interface Parent {
  readonly control: Port
  /** A window was connected. */
  onWindow(listener: (port: Port) => void): void
  /** Asks for the GPU of a window, where the parent has windows: a port to whoever serves it there. */
  readonly gpu: (() => Promise<Port>) | null
  /** The parent is gone; nobody is left to work for. */
  onGone(listener: () => void): void
}

/** Electron's types belong to Electron's folder, so what is used of them is written here. */
interface UtilityPort {
  on(
    event: 'message' | 'close',
    listener: (event: { readonly data: unknown; readonly ports: UtilityPort[] }) => void,
  ): void
  postMessage(message: unknown): void
  start(): void
  close(): void
}

export function openParent(): Parent | null {
  const utility = (process as unknown as { readonly parentPort?: UtilityPort }).parentPort
  if (utility) return utilityParent(utility)
  return process.send ? forkParent(process) : null
}

export function utilityParent(utility: UtilityPort): Parent {
  let onWindow: (port: Port) => void = () => {}
  let onControl: (message: unknown) => void = () => {}
  const asking: ((port: Port) => void)[] = []
  utility.on('message', ({ data, ports }) => {
    if (!isParentMessage(data)) return
    if (data.to === 'control') onControl(data.message)
    if (data.to === 'open' && ports[0]) onWindow(utilityPort(ports[0], 'the window was closed'))
    if (data.to === 'gpu' && ports[0]) asking.shift()?.(utilityPort(ports[0], 'the process that held it ended'))
  })
  return {
    control: {
      post: (message) => utility.postMessage({ to: 'control', message } satisfies ParentMessage),
      onMessage: (listener) => (onControl = listener),
      onClose: () => {},
      close: () => {},
    },
    onWindow: (listener) => (onWindow = listener),
    gpu: () =>
      new Promise((resolve) => {
        asking.push(resolve)
        utility.postMessage({ to: 'gpu' } satisfies ParentMessage)
      }),
    // Electron ends the process with its parent.
    onGone: () => {},
  }
}

/** Ports that were garbage-collected close, so all are held here. */
const held = new Set<UtilityPort>()

/** `closed` is the end of a sentence: why it is when the port closes. */
function utilityPort(port: UtilityPort, closed: string): Port {
  held.add(port)
  port.on('close', () => held.delete(port))
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', ({ data }) => listener(data))
      // Messages wait until then.
      port.start()
    },
    onClose: (listener) => port.on('close', () => listener(closed)),
    close: () => port.close(),
  }
}

type ForkChannel = Pick<NodeJS.Process, 'send' | 'on' | 'connected'>

export function forkParent(channel: ForkChannel): Parent {
  let onWindow: (port: Port) => void = () => {}
  let onControl: (message: unknown) => void = () => {}
  const windows = new Map<number, WindowListeners>()
  // The callback takes the error of a parent that is gone; without it the error is thrown where nobody can catch it.
  const post = (message: ParentMessage) => void channel.send?.(message, undefined, undefined, () => {})

  channel.on('message', (data) => {
    if (!isParentMessage(data)) return
    if (data.to === 'control') return onControl(data.message)
    if (data.to === 'gpu') return
    if (data.to === 'open') return onWindow(windowPort(windows, data.window, post))
    const window = windows.get(data.window)
    if (data.to === 'window') return window?.message(data.message)
    windows.delete(data.window)
    window?.close('the window was closed')
  })
  return {
    control: {
      post: (message) => post({ to: 'control', message }),
      onMessage: (listener) => (onControl = listener),
      onClose: () => {},
      close: () => {},
    },
    onWindow: (listener) => (onWindow = listener),
    // The package for Node serves it, in the device thread.
    gpu: null,
    onGone: (listener) => void channel.on('disconnect', listener),
  }
}
