// A file's bytes as a `data:` address, which Vite puts into the bundle.
declare module '*.wasm?url&inline' {
  const address: string
  export default address
}

// What we use of it; its own types ask for the DOM.
declare module '@jsquash/webp/codec/dec/webp_dec.js' {
  interface Options {
    readonly noInitialRun: boolean
    readonly instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => unknown
    readonly print: () => void
    readonly printErr: () => void
  }
  interface Decoder {
    /** RGBA; null where it cannot be decoded. */
    decode(
      bytes: Uint8Array,
    ): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null
  }
  export default function load(options: Options): Promise<Decoder>
}
