// What browsers and Node have in common and the language does not have: the whole world of the pure folders. A name that
// is missing here is missing on purpose (no console, no timers, no fetch): what the core needs it is handed.
interface TextDecoder {
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string
}
declare const TextDecoder: new (
  label?: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1' | 'windows-1252',
  options?: { fatal?: boolean; ignoreBOM?: boolean },
) => TextDecoder

interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}
declare const TextEncoder: new () => TextEncoder

declare const performance: { now(): number }

declare function structuredClone<T>(value: T): T
