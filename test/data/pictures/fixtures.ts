/** Pictures and their pixels by Pillow; see ../fixtures/pictures/make.py. */
import { readFileSync } from 'node:fs'
import { at } from '../../../src/base/assert.ts'

export interface Case {
  readonly name: string
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly pixels: Uint8Array
  readonly orientation?: number
}
export interface Resized {
  readonly from: readonly [height: number, width: number, channels: 1 | 3]
  readonly to: readonly [height: number, width: number]
  readonly pixels: Uint8Array
  readonly small: Uint8Array
}

const path = new URL('../fixtures/pictures/pictures.json', import.meta.url)
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

const stored = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) => {
  return ['bytes', 'pixels', 'small', 'rgb', 'grey'].includes(key) ? bytesOf(value as string) : value
})
export const cases = stored.cases as readonly Case[]
export const sizes = stored.sizes as readonly Resized[]
export const luma = stored.luma as { readonly rgb: Uint8Array; readonly grey: Uint8Array }

/** A picture that Pillow or a program of the IJG's wrote. */
export function picture(name: string): Case {
  return at(
    cases.filter((one) => one.name === name),
    0,
  )
}
