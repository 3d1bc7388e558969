/** NPY files made by hand, also wrong ones. */
import { halfOf } from '../../src/data/formats/npy.ts'

const encoder = new TextEncoder()

/** The magic word, version 1, a header of this text, and what follows. */
export function npyWith(
  header: string,
  body: ArrayLike<number> = [],
  version = 1,
  length = header.length,
): Uint8Array<ArrayBuffer> {
  const wide = version === 1 ? 2 : 4
  const bytes = new Uint8Array(8 + wide + header.length + body.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  const view = new DataView(bytes.buffer)
  if (wide === 2) view.setUint16(8, length, true)
  else view.setUint32(8, length, true)
  bytes.set(encoder.encode(header), 8 + wide)
  bytes.set(Array.from(body), 8 + wide + header.length)
  return bytes
}

export function npyHeader(descr: string, shape: readonly number[], fortran = false): string {
  const axes = shape.length === 1 ? `${shape.join('')},` : shape.join(', ')
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${axes}), }`
  return `${text.padEnd(117)}\n`
}

/** Little-endian or big-endian by `descr`, as NumPy would write it. */
export function npyBytes(
  descr: string,
  shape: readonly number[],
  values: readonly number[],
  fortran = false,
): Uint8Array<ArrayBuffer> {
  const width = Number(descr.slice(2))
  const body = new Uint8Array(width * values.length)
  const view = new DataView(body.buffer)
  const little = !descr.startsWith('>')
  values.forEach((value, i) => {
    const at = i * width
    switch (descr.slice(1)) {
      case 'b1':
      case 'u1':
        view.setUint8(at, value)
        break
      case 'i1':
        view.setInt8(at, value)
        break
      case 'i2':
      case 'u2':
        view.setInt16(at, value, little)
        break
      case 'i4':
      case 'u4':
        view.setInt32(at, value, little)
        break
      case 'i8':
      case 'u8':
        view.setBigInt64(at, BigInt(value), little)
        break
      case 'f2': {
        const bits = Array.from({ length: 0x10000 }, (_, bits) => bits).find((bits) => Object.is(halfOf(bits), value))
        view.setUint16(at, bits ?? 0, little)
        break
      }
      case 'f4':
        view.setFloat32(at, value, little)
        break
      default:
        view.setFloat64(at, value, little)
    }
  })
  return npyWith(npyHeader(descr, shape, fortran), body)
}
