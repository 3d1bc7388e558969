/**
 * All that the hidden window of the GPU gets from outside: ports to the engine, handed on to its own page. It can ask for
 * nothing, so nothing is exposed. One bundled file, because the sandbox can load no other.
 */
import { ipcRenderer } from 'electron'
import { ENGINE_PORT } from '../src/protocol/desktop-wire.ts'

ipcRenderer.on('engine:port', (event) => window.postMessage(ENGINE_PORT, window.location.origin, event.ports))
