// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- an import cannot bring ambient modules
/// <reference path="./wasm.d.ts" />
/**
 * Pixels of WebP by libwebp, compiled to WebAssembly by the makers of Squoosh (package @jsquash/webp), where it sees nothing
 * but its own memory. Libwebp refuses what is cut off.
 */
import loadDecoder from '@jsquash/webp/codec/dec/webp_dec.js'
import wasm from '@jsquash/webp/codec/dec/webp_dec.wasm?url&inline'

type Decoder = Awaited<ReturnType<typeof loadDecoder>>

/** A decoder that has had a picture of more pixels than these is thrown away: its memory grows and never shrinks. */
const KEEP = 4_000_000

let module: Promise<WebAssembly.Module> | undefined
let decoder: Promise<Decoder> | undefined

/** Of a whole file, which says that it has so many pixels; null where it cannot be decoded. */
export async function decodeRgba(bytes: Uint8Array, pixels: number): Promise<ReturnType<Decoder['decode']>> {
  decoder ??= load()
  const ready = await decoder
  if (pixels > KEEP) decoder = undefined
  try {
    return ready.decode(bytes)
  } catch {
    // It ran out of memory, or into a trap; the next picture gets another decoder.
    decoder = undefined
    return null
  }
}

async function load(): Promise<Decoder> {
  module ??= WebAssembly.compile(fromBase64(wasm.slice(wasm.indexOf(',') + 1)))
  const compiled = await module
  return loadDecoder({
    noInitialRun: true,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(compiled, imports)
      done(instance)
      return instance.exports
    },
    print: () => undefined,
    printErr: () => undefined,
  })
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const values = new Map([...letters].map((letter, i) => [letter, i]))
  const plain = text.replace(/=+$/, '')
  const bytes = new Uint8Array(Math.floor((plain.length * 3) / 4))
  let hold = 0
  for (let i = 0, to = 0; i < plain.length; i++) {
    hold = ((hold << 6) | (values.get(plain.charAt(i)) ?? 0)) & 0xffffff
    if (i % 4 > 0) bytes[to++] = (hold >> (6 - 2 * (i % 4))) & 255
  }
  return bytes
}
