/** Runs the code of a single kernel by hand, so that tests can say how it is cut, and where its buffers begin. */
import { at } from '../../../src/base/assert.ts'
import type { KernelCode, Target } from '../../../src/backends/webgpu/kernel-code.ts'
import { gridOf } from '../../../src/backends/webgpu/shader.ts'
import {
  COMPUTE,
  MAP_READ,
  USAGE,
  type GPUDevice,
  type GPUPipelineLayout,
  type GPUBindGroupLayout,
} from '../../../src/backends/webgpu/standard.ts'
import type { View } from '../../../src/ir/kernel.ts'
import type { Buffer } from '../oracle.ts'

const HEADER = 64
/** A NaN: whatever is computed with what lies beside the buffers shows. */
const GUARD = 0x7fc0dead

/** Where each buffer begins, in words: behind a guard, and `shift` more than a multiple of sixteen. */
function placesOf(buffers: readonly Buffer[], shift: number) {
  let end = HEADER
  const places = buffers.map(({ data }) => {
    const place = Math.ceil((end + 8) / 16) * 16 + shift
    end = place + data.length
    return place
  })
  return { places, end: Math.ceil((end + 8) / 64) * 64 }
}

export function targetOf(buffers: readonly Buffer[], shift: number, features: readonly string[] = []): Target {
  const { places } = placesOf(buffers, shift)
  const aligned = (view: View) => (at(places, view.buffer) + view.offset) % 4 === 0
  return { aligned, features: new Set(features), narrow: false }
}

interface Layouts {
  readonly group: GPUBindGroupLayout
  readonly pipeline: GPUPipelineLayout
}

const layouts = new WeakMap<GPUDevice, Layouts>()

function layoutsOf(device: GPUDevice): Layouts {
  const known = layouts.get(device)
  if (known) return known
  const group = device.createBindGroupLayout({
    entries: [0, 1, 2, 3].map((binding) => ({
      binding,
      visibility: COMPUTE,
      buffer: binding === 0 ? { type: 'storage' } : { type: 'uniform', hasDynamicOffset: true },
    })),
  })
  const made = { group, pipeline: device.createPipelineLayout({ bindGroupLayouts: [group] }) }
  layouts.set(device, made)
  return made
}

/** What is in the buffers afterwards; throws where something was written elsewhere. */
export async function runCode(
  device: GPUDevice,
  { passes, scratch }: KernelCode,
  views: readonly View[],
  buffers: readonly Buffer[],
  shift: number,
): Promise<number[][]> {
  const { places, end } = placesOf(buffers, shift)
  const words = Math.ceil((end + scratch) / 64) * 64
  const before = new Uint32Array(words).fill(GUARD)
  buffers.forEach(({ data }, i) => new Float32Array(before.buffer).set(data, at(places, i)))
  const rows = [...views.map((view) => at(places, view.buffer) + view.offset), end]
  const table = new Int32Array(Math.ceil(rows.length / 16) * 64)
  rows.forEach((row, i) => (table[4 * i] = row))
  const counters = Uint32Array.of(0, 0x7f800000, 0x7fc00000, 0)

  const filled = (
    data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
    usage: number,
  ) => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: usage | USAGE.copyTarget })
    device.queue.writeBuffer(buffer, 0, data)
    return buffer
  }
  const arena = filled(before, USAGE.storage | USAGE.copySource)
  const uniforms = [filled(table, USAGE.uniform), filled(counters, USAGE.uniform), filled(counters, USAGE.uniform)]
  const layout = layoutsOf(device)
  const group = device.createBindGroup({
    layout: layout.group,
    entries: [arena, ...uniforms].map((buffer, binding) => ({
      binding,
      resource: { buffer, size: [4 * words, table.byteLength, 16, 16][binding] ?? 0 },
    })),
  })
  const pipelines = await Promise.all(
    passes.map(({ code }) =>
      device.createComputePipelineAsync({
        layout: layout.pipeline,
        compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
      }),
    ),
  )
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  passes.forEach(({ groups }, i) => {
    const { x, y } = gridOf(groups)
    pass.setPipeline(at(pipelines, i))
    pass.setBindGroup(0, group, new Uint32Array(3), 0, 3)
    pass.dispatchWorkgroups(x, y)
  })
  pass.end()
  const staging = device.createBuffer({ size: 4 * words, usage: USAGE.mapRead | USAGE.copyTarget })
  encoder.copyBufferToBuffer(arena, 0, staging, 0, 4 * words)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(MAP_READ)
  const bits = new Uint32Array(staging.getMappedRange().slice(0))
  const after = new Float32Array(bits.buffer)
  for (const buffer of [arena, staging, ...uniforms]) buffer.destroy()
  const inside = (word: number) =>
    word >= end || buffers.some(({ data }, i) => word >= at(places, i) && word < at(places, i) + data.length)
  bits.forEach((value, word) => {
    if (!inside(word) && value !== GUARD) throw new Error(`something was written outside of the buffers, at ${word}`)
  })
  return buffers.map(({ data }, i) => [...after.subarray(at(places, i), at(places, i) + data.length)])
}
