/**
 * The one thing that is taken from EXIF: how the camera was held. EXIF is a TIFF file without pixels; the orientation is
 * tag 274 of its first directory. What makes no sense there says nothing, as if it were not there.
 */
import type { Orientation, Pixels } from './types.ts'

const ORIENTATION = 0x0112
const SHORT = 3

export function readOrientation(tiff: Uint8Array): Orientation {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (tiff.length < 8) return 1
  const order = view.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return 1
  const little = order === 0x4949
  const directory = view.getUint32(4, little)
  if (view.getUint16(2, little) !== 42 || directory + 2 > tiff.length) return 1
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > tiff.length) return 1
    if (view.getUint16(entry, little) !== ORIENTATION) continue
    const value = view.getUint16(entry + 8, little)
    return view.getUint16(entry + 2, little) === SHORT && value >= 1 && value <= 8 ? (value as Orientation) : 1
  }
  return 1
}

/** Whether width and height change places. */
export function isSideways(orientation: Orientation): boolean {
  return orientation >= 5
}

/** The picture as it is to be seen. */
export function turn(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels
  const { width, height, channels, data } = pixels
  const sideways = isSideways(orientation)
  const [wide, high] = sideways ? [height, width] : [width, height]
  const flipX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
  const flipY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
  const turned = new Uint8Array(data.length)
  let to = 0
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const column = sideways ? y : x
      const row = sideways ? x : y
      const from = ((flipY ? height - 1 - row : row) * width + (flipX ? width - 1 - column : column)) * channels
      for (let c = 0; c < channels; c++) turned[to++] = data[from + c] as number
    }
  }
  return { width: wide, height: high, channels, data: turned }
}
