/** Entry of the desktop program. Only wires; everything that decides is in the modules beside it. */
import { fileURLToPath } from 'node:url'
import * as electron from 'electron'
import { runApp } from './app.ts'

// Not awaited: Electron is ready only after this file has ended.
void runApp({
  electron,
  out: fileURLToPath(new URL('..', import.meta.url)),
  env: process.env,
  platform: process.platform,
  resources: process.resourcesPath,
})
