/**
 * The thread that devices live in. There is one for the life of the process: making and ending many of them is known to
 * crash Electron.
 */
import { Worker } from 'node:worker_threads'
import { RemoteDevices } from '../backends/remote/client.ts'
import { built } from './folders.ts'
import { fromWorker } from './ports.ts'

export const deviceThread = (): RemoteDevices =>
  new RemoteDevices('the device thread', () => fromWorker(new Worker(built('./device-worker.js'))))
