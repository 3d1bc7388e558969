/**
 * Some files of a folder as one run of bytes: for each, little-endian, 4 bytes for the length of its path, 4 for its own, then
 * both. Paths are below the folder, with `/` between names.
 */
export interface FolderFile {
  readonly path: string
  readonly bytes: Uint8Array
}

const HEAD = 8

export function encodeFolderPart(files: readonly FolderFile[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const paths = files.map(({ path }) => encoder.encode(path))
  const length = files.reduce((sum, { bytes }, i) => sum + HEAD + (paths[i]?.length ?? 0) + bytes.length, 0)
  const part = new Uint8Array(length)
  const view = new DataView(part.buffer)
  let at = 0
  files.forEach(({ bytes }, i) => {
    const path = paths[i] ?? new Uint8Array()
    view.setUint32(at, path.length, true)
    view.setUint32(at + 4, bytes.length, true)
    part.set(path, at + HEAD)
    part.set(bytes, at + HEAD + path.length)
    at += HEAD + path.length + bytes.length
  })
  return part
}

/** Null for bytes that are no such part. */
export function decodeFolderPart(part: Uint8Array): FolderFile[] | null {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const files: FolderFile[] = []
  let at = 0
  while (at < part.length) {
    if (at + HEAD > part.length) return null
    const path = view.getUint32(at, true)
    const length = view.getUint32(at + 4, true)
    const from = at + HEAD + path
    if (from + length > part.length) return null
    try {
      files.push({ path: decoder.decode(part.subarray(at + HEAD, from)), bytes: part.slice(from, from + length) })
    } catch {
      return null
    }
    at = from + length
  }
  return files
}
