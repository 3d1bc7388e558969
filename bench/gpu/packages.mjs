// Packages of peers, which are none of ours: from the folder that the environment variable NODE_MODULES names.
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

/**
 * Loads one; fails with a sentence where it is missing.
 * @param {string} name
 */
export function packageOf(name) {
  const folder = process.env.NODE_MODULES
  if (!folder) throw new Error(`NODE_MODULES names no folder to take ${name} from.`)
  const require = createRequire(join(resolve(folder), 'package.json'))
  try {
    require.resolve(name)
  } catch {
    throw new Error(`${name} is not installed in ${folder}.`)
  }
  return require(name)
}

/** The packages of a peer and what it needs of them, once they are asked for. */
export function once(make) {
  let made
  return () => (made ??= make())
}
