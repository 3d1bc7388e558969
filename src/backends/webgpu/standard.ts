/**
 * The part of the WebGPU standard (W3C, "WebGPU") that we use, under its own names. Whoever has a GPU, a browser or a
 * package for Node, hands in objects that fit; TypeScript itself declares them with the DOM only.
 */
export interface GPU {
  requestAdapter(options?: {
    readonly powerPreference?: 'low-power' | 'high-performance'
    readonly forceFallbackAdapter?: boolean
  }): Promise<GPUAdapter | null>
}

export interface GPULimits {
  readonly maxStorageBufferBindingSize: number
  readonly maxBufferSize: number
  readonly maxComputeWorkgroupStorageSize: number
  readonly maxComputeInvocationsPerWorkgroup: number
}

export interface GPUAdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
  readonly isFallbackAdapter?: boolean
}

export interface GPUAdapter {
  readonly limits: GPULimits
  readonly features: { has(name: string): boolean }
  readonly info: GPUAdapterInfo
  requestDevice(descriptor: {
    readonly requiredFeatures: 'subgroups'[]
    readonly requiredLimits: { readonly [limit: string]: number }
  }): Promise<GPUDevice>
}

export interface GPUError {
  readonly message: string
}

/** Handed back to the device, so said in full: what a browser hands in then fits without a cast. */
export interface GPUBuffer {
  readonly label: string
  readonly mapState: 'mapped' | 'pending' | 'unmapped'
  readonly size: number
  readonly usage: number
  mapAsync(mode: number, offset?: number, size?: number): Promise<void>
  getMappedRange(offset?: number, size?: number): ArrayBuffer
  unmap(): void
  destroy(): void
}

export interface GPUShaderModule {
  readonly label: string
  getCompilationInfo(): Promise<{
    readonly messages: readonly {
      readonly type: string
      readonly message: string
      readonly lineNum: number
      readonly linePos: number
    }[]
  }>
}

/** Made here and handed back; what is in them is not for us. */
export interface GPUComputePipeline {
  readonly label: string
}
export interface GPUBindGroupLayout {
  readonly label: string
}
export interface GPUPipelineLayout {
  readonly label: string
}
export interface GPUBindGroup {
  readonly label: string
}
export interface GPUCommandBuffer {
  readonly label: string
}

export interface GPUComputePassEncoder {
  setPipeline(pipeline: GPUComputePipeline): void
  setBindGroup(index: number, group: GPUBindGroup, offsets: Uint32Array, start: number, length: number): void
  dispatchWorkgroups(x: number, y: number): void
  end(): void
}

export interface GPUCommandEncoder {
  beginComputePass(): GPUComputePassEncoder
  copyBufferToBuffer(source: GPUBuffer, from: number, target: GPUBuffer, to: number, size: number): void
  finish(): GPUCommandBuffer
}

export interface GPUQueue {
  writeBuffer(buffer: GPUBuffer, offset: number, data: ArrayBufferView<ArrayBuffer>): void
  submit(commands: GPUCommandBuffer[]): void
}

export interface GPUDevice {
  readonly features: { has(name: string): boolean }
  readonly limits: GPULimits
  readonly queue: GPUQueue
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): GPUBuffer
  createBindGroupLayout(descriptor: {
    readonly entries: {
      readonly binding: number
      readonly visibility: number
      readonly buffer: { readonly type: 'uniform' | 'storage'; readonly hasDynamicOffset?: boolean }
    }[]
  }): GPUBindGroupLayout
  createPipelineLayout(descriptor: { readonly bindGroupLayouts: GPUBindGroupLayout[] }): GPUPipelineLayout
  createBindGroup(descriptor: {
    readonly layout: GPUBindGroupLayout
    readonly entries: {
      readonly binding: number
      readonly resource: { readonly buffer: GPUBuffer; readonly size: number }
    }[]
  }): GPUBindGroup
  createShaderModule(descriptor: { readonly code: string }): GPUShaderModule
  createComputePipelineAsync(descriptor: {
    readonly layout: GPUPipelineLayout
    readonly compute: { readonly module: GPUShaderModule; readonly entryPoint: string }
  }): Promise<GPUComputePipeline>
  createCommandEncoder(): GPUCommandEncoder
  pushErrorScope(filter: 'validation' | 'out-of-memory' | 'internal'): void
  popErrorScope(): Promise<GPUError | null>
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: GPUError }) => void): void
  destroy(): void
}

/** Bits of GPUBufferUsage, GPUMapMode and GPUShaderStage, which the standard fixes. */
export const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const
export const MAP_READ = 0x1
export const COMPUTE = 0x4
