/**
 * Lets V8 make 256-bit instructions of pairs of 128-bit ones, where its version can and the processor is an x64. Off by default
 * in V8; the CPU engine checks at its start whether it is right and faster here. Must come before the engine's first module.
 */
import { setFlagsFromString } from 'node:v8'

/** Below 13, V8 knows the flag but not what our code needs of it. */
const FIRST_VERSION = 13

export function allowWideVectors(): void {
  if (process.arch !== 'x64' || Number.parseInt(process.versions.v8, 10) < FIRST_VERSION) return
  // Its name has changed where Chromium, and so Electron, is ahead of Node.
  setFlagsFromString(process.versions['electron'] ? '--wasm-revectorize' : '--experimental-wasm-revectorize')
}
