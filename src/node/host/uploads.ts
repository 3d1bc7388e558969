/**
 * Files that come up from a browser, which has no paths to give. They lie in a folder of this process's own until it ends;
 * what is opened as data is kept by the engine under its content.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PickedFile } from '../../protocol/messages.ts'
import { decodeFolderPart } from '../../protocol/folder-part.ts'
import { FOLDER_PART } from '../../protocol/host-wire.ts'
import { atomicWrite, codeOf } from '../atomic-file.ts'
import type { Grant } from '../engine/wire.ts'
import { sizeOf } from '../gunzip.ts'
import type { Refused } from './guard.ts'

const DAY = 24 * 3600 * 1000
/** Folders within folders. */
const MAX_DEPTH = 16
/** A single file may be larger than a part, and is then one by itself. */
const MAX_UPLOAD_PART = 256 * 1024 * 1024

export class Uploads {
  readonly #parent: string
  readonly #folder: string
  readonly #most: number
  /** Folders that have begun to come, and their bytes so far. */
  readonly #folders = new Map<string, { readonly handle: string; readonly size: number }>()

  constructor(dataFolder: string, most: number) {
    this.#parent = join(dataFolder, 'incoming')
    this.#folder = join(this.#parent, `${process.pid}-${randomBytes(6).toString('hex')}`)
    this.#most = most
  }

  async receive(
    request: IncomingMessage,
    name: string | null,
  ): Promise<{ readonly grant: Grant; readonly file: PickedFile } | Refused> {
    if (name === null || !isFileName(name))
      return { status: 400, message: 'The file has no proper name. Rename it and choose it again.' }
    const tooLarge: Refused = {
      status: 413,
      message: `"${name}" is larger than ${sizeOf(this.#most)}. Use a part of it.`,
    }
    if (Number(request.headers['content-length'] ?? 0) > this.#most) return tooLarge
    const handle = randomBytes(16).toString('base64url')
    const path = join(this.#folder, handle)
    let size = 0
    let over = false
    const most = this.#most
    async function* limited(): AsyncGenerator<Uint8Array> {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length
        over = size > most
        if (over) throw new Error('too large')
        yield chunk
      }
      // A connection that was cut ends the loop without an error in some versions of Node.
      if (!request.complete) throw new Error('the connection was cut')
    }
    const written = await atomicWrite(path, limited())
    if (over) return tooLarge
    if (!written.ok) {
      const [first] = written.problems
      return { status: 507, message: (first?.message ?? '').replace(handle, name) }
    }
    return { grant: { handle, name, path }, file: { handle, name, size } }
  }

  /** A part of a folder; `handle` names what came before it. */
  async receiveFolder(
    request: IncomingMessage,
    name: string,
    handle: string | null,
  ): Promise<{ readonly grant: Grant; readonly file: PickedFile } | Refused> {
    if (!isFileName(name))
      return { status: 400, message: 'The folder has no proper name. Rename it and choose it again.' }
    const known =
      handle === null ? { handle: randomBytes(16).toString('base64url'), size: 0 } : this.#folders.get(handle)
    if (!known) return { status: 404, message: `The folder "${name}" was not begun. Choose it again.` }
    const path = join(this.#folder, known.handle)
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length
      if (length > 2 * FOLDER_PART.bytes + MAX_UPLOAD_PART) break
      pieces.push(piece)
    }
    if (!request.complete)
      return { status: 400, message: `The folder "${name}" did not arrive whole. Choose it again.` }
    const files = decodeFolderPart(Buffer.concat(pieces))
    if (!files) return { status: 400, message: `The folder "${name}" arrived damaged. Choose it again.` }
    const size = known.size + files.reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (size > this.#most)
      return { status: 413, message: `"${name}" is larger than ${sizeOf(this.#most)}. Use a part of it.` }
    try {
      await mkdir(path, { recursive: true })
      for (const file of files) {
        const parts = file.path.split('/')
        if (parts.length > MAX_DEPTH || !parts.every(isFileName))
          return {
            status: 400,
            message: `"${name}" holds a file without a proper name. Rename it and choose it again.`,
          }
        await mkdir(join(path, ...parts.slice(0, -1)), { recursive: true })
        await writeFile(join(path, ...parts), file.bytes)
      }
    } catch (error) {
      return {
        status: 507,
        message: `"${name}" could not be kept: the disk said ${codeOf(error) || 'no'}. Make room and try again.`,
      }
    }
    this.#folders.set(known.handle, { handle: known.handle, size })
    return { grant: { handle: known.handle, name, path }, file: { handle: known.handle, name, size } }
  }

  /** Removes what other hosts left behind when they were killed. */
  async sweep(now: number): Promise<void> {
    for (const name of await readdir(this.#parent).catch(() => [])) {
      const path = join(this.#parent, name)
      const info = await stat(path).catch(() => null)
      if (info && now - info.mtimeMs > DAY) await rm(path, { recursive: true, force: true }).catch(() => {})
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {})
  }
}

/** Only a label, never a path; what could be mistaken for one is refused all the same. */
function isFileName(name: string): boolean {
  if (name.length === 0 || name.length > 255 || name === '.' || name === '..') return false
  return !/[/\\\p{Cc}]/u.test(name)
}
