/** The GPU of a process that has no window: the package `webgpu`, a binding of Dawn for Node. */
import type { Backend } from '../backends/types.ts'
import { webgpuBackend, type After, type GPU } from '../backends/webgpu/index.ts'

/** Without the library that all graphics drivers are reached through, Dawn would only complain to the terminal. */
function hasVulkan(): boolean {
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1')
  } catch (error) {
    // It is no addon, so this is where it ends even where the library is there.
    return !/cannot open shared object/.test(String(error))
  }
  return true
}

/**
 * Null where the package, which is optional, or a graphics driver is missing, and in Electron, where reading results back would
 * end the process.
 * `options`: Dawn's own, e.g. `enable-dawn-features=…`.
 */
export async function openDawn(options: readonly string[] = []): Promise<GPU | null> {
  if ('electron' in process.versions || (process.platform === 'linux' && !hasVulkan())) return null
  // Not written where it is imported: neither the type checker nor the bundler shall ask for what may be missing.
  const name = 'webgpu'
  try {
    const { create } = (await import(name)) as { create: (options: readonly string[]) => GPU }
    return create(options)
  } catch {
    return null
  }
}

export const after: After = (milliseconds, work) => {
  const timer = setTimeout(work, milliseconds)
  return () => clearTimeout(timer)
}

export const dawnBackend = (options?: readonly string[]): Backend =>
  webgpuBackend({ openGpu: () => openDawn(options), after })
