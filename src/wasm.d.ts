// WebAssembly is in every place that the engine runs in, but TypeScript declares it with the DOM only. This is the part
// that we use, for the programs that see no DOM.
declare namespace WebAssembly {
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table'
  type ImportValue = Memory | Global | Table | number | ((...args: never[]) => unknown)
  type Imports = Record<string, Record<string, ImportValue>>
  type ExportValue = Memory | Global | Table | ((...args: (number | bigint)[]) => unknown)
  type Exports = Record<string, ExportValue>

  interface MemoryDescriptor {
    initial: number
    maximum?: number
    shared?: boolean
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor)
    /** A SharedArrayBuffer where the memory was made with `shared`; declared as TypeScript's DOM does. */
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }

  class Global {
    constructor(descriptor: { value: 'i32' | 'i64' | 'f32' | 'f64'; mutable?: boolean }, value?: number | bigint)
    value: number | bigint
  }

  class Table {
    constructor(descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number })
    readonly length: number
    get(index: number): unknown
    set(index: number, value?: unknown): void
  }

  class Module {
    constructor(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>)
    static exports(module: Module): { name: string; kind: ImportExportKind }[]
    static imports(module: Module): { module: string; name: string; kind: ImportExportKind }[]
  }

  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Exports
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function validate(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): boolean
  function compile(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
}
