/** What readers share: files in memory, whole files with an end to how much may come, and jobs that nobody watches. */
import { problem, ProblemError } from '../base/problem.ts'
import { showBytes } from '../base/shape.ts'
import type { DataFile, Job } from './types.ts'

export const HEAD = 4096
const PIECE = 1 << 20

/** A file whose bytes are there already. */
export function memoryFile(name: string, bytes: Uint8Array, size = bytes.length): DataFile {
  return {
    name,
    size,
    length: bytes.length,
    head: bytes.subarray(0, HEAD),
    async *chunks() {
      for (let from = 0; from < bytes.length; from += PIECE) yield bytes.slice(from, from + PIECE)
    },
    read: (from, to) => Promise.resolve(bytes.slice(from, to)),
  }
}

/** All bytes of a file that has at most `most`; `what` names such files in the sentence that refuses more. */
export async function readWhole(file: DataFile, most: number, what: string): Promise<Uint8Array> {
  if (file.length !== undefined && file.length > most) throw tooLarge(file.name, showBytes(file.length), most, what)
  if (file.length !== undefined) return file.read(0, file.length)
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of file.chunks()) {
    length += piece.length
    if (length > most) throw tooLarge(file.name, `more than ${showBytes(most)} when it is unzipped`, most, what)
    pieces.push(piece)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function tooLarge(file: string, found: string, most: number, what: string): ProblemError {
  const message = `${file} has ${found}; ${what} may have ${showBytes(most)} at most. Use a part of it.`
  return new ProblemError(problem('file.large', message, { file }))
}

/** For callers that wait until all is read. */
export const unwatched: Job = { pause: () => Promise.resolve(), progress: () => undefined }
