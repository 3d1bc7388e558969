/** Where things lie on this machine. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Environment = { readonly [name: string]: string | undefined }

/** The app's data folder: what NEUROLOOM_DATA says, else the platform's usual place. */
export function dataFolder(env: Environment = process.env, platform = process.platform, home = homedir()): string {
  if (env.NEUROLOOM_DATA) return env.NEUROLOOM_DATA
  switch (platform) {
    case 'win32':
      return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Neuroloom')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Neuroloom')
    default:
      return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'neuroloom')
  }
}

/** The folder `models` that ships; in a packaged app it lies outside of the archive, and Electron says where. */
export function modelsFolder(env: Environment = process.env): string {
  return env.NEUROLOOM_MODELS || built('../../models')
}

/** The built window. */
export function rendererFolder(): string {
  return built('../renderer')
}

/** A path relative to the folder that the built programs lie in. */
export function built(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
