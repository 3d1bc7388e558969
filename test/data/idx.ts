/** An IDX file: magic number, dimensions, elements. */
export function idxBytes(dims: readonly number[], body: ArrayLike<number>, type = 0x08): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * dims.length + body.length)
  bytes[2] = type
  bytes[3] = dims.length
  const view = new DataView(bytes.buffer)
  dims.forEach((dim, i) => {
    view.setUint32(4 + 4 * i, dim)
  })
  bytes.set(Array.from(body), 4 + 4 * dims.length)
  return bytes
}
