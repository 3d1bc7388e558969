/**
 * The GPU of the tests: Dawn's binding for Node on the software adapter that comes with Debian's chromium. Where either is
 * missing there is a reason instead, which goes into the name of what is skipped.
 */
import { existsSync } from 'node:fs'
import { webgpuBackend, type GPU } from '../../../src/backends/webgpu/index.ts'
import type { Backend, Device } from '../../../src/backends/types.ts'
import { after, openDawn } from '../../../src/node/dawn.ts'

const FOLDER = '/usr/lib/chromium'

/** The driver is chosen before anything asks for one. */
function chooseSoftware(): void {
  const driver = `${FOLDER}/vk_swiftshader_icd.json`
  if (!existsSync(driver) || process.env['VK_ICD_FILENAMES']) return
  process.env['VK_ICD_FILENAMES'] = driver
  // Chromium's copy of the loader serves where the system has none: whoever opens a library of this name later finds the one
  // that is there. It is no addon, so the call ends with an error; the flags (now, and never again out) keep it anyway.
  try {
    process.dlopen({ exports: {} }, `${FOLDER}/libvulkan.so.1`, 0x2 | 0x1000)
  } catch {
    // As it should.
  }
}

async function open(): Promise<{ readonly gpu?: GPU; readonly missing: string }> {
  chooseSoftware()
  // Clearing workgroup memory, which our shaders never count on, takes this adapter a second for each that has much of it.
  const gpu = await openDawn(['enable-dawn-features=disable_workgroup_init'])
  if (!gpu) return { missing: 'the package webgpu is not installed or does not load' }
  if (!(await gpu.requestAdapter())) return { missing: 'there is no adapter, not even the software one of chromium' }
  return { gpu, missing: '' }
}

const opened = await open()

/** A reason, or nothing. */
export const missing = opened.missing

export const gpu = opened.gpu

/** One device for the whole file: shaders that were compiled once are not compiled again. */
const opening = webgpuBackend({ openGpu: async () => opened.gpu ?? null, after }).open()

export const webgpu: Backend = { name: 'webgpu', title: 'GPU', open: () => opening }

export async function openDevice(): Promise<Device> {
  const result = await opening
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join())
  return result.value
}

/** Title of a group of tests, with the reason where they are skipped. */
export const titled = (title: string) => (missing ? `${title} (skipped: ${missing})` : title)
