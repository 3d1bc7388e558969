/** Entry of the engine process, in Electron's utility process and in a Node child alike. */
import { EngineDevices } from './engine/devices.ts'
import { openParent } from './engine/parent.ts'
import { engineParts } from './engine/parts.ts'
import { serveEngine } from './engine/serve.ts'
import { EngineService } from './engine/service.ts'
import { deviceThread } from './device-thread.ts'
import { dataFolder, modelsFolder } from './folders.ts'

const parent = openParent()
if (parent) {
  const parts = engineParts({
    devices: new EngineDevices(deviceThread(), parent.gpu),
    dataFolder: dataFolder(),
    modelsFolder: modelsFolder(),
    process: process.pid,
  })
  serveEngine(parent, new EngineService(parts), process, process.pid)
} else {
  console.error('The engine is started by the program, not by hand. Run "npm start".')
  process.exitCode = 2
}
