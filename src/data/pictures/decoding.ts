/** The second look: one picture after the other is decoded and brought to the size of the examples. */
import { roomFor } from '../room.ts'
import type { Job, Numbers } from '../types.ts'
import { decodePicture } from './index.ts'
import { fitInto, type Target } from './resize.ts'
import { readPicture, type Bad, type Seen, type Turns } from './survey.ts'

export interface Decoding {
  /** Those that could be decoded, in order. */
  readonly taken: readonly Seen[]
  /** Their pixels. */
  readonly features: Numbers
  readonly turned: number
  readonly resized: number
  /** Those whose checksum is wrong. */
  readonly doubtful: readonly string[]
  readonly twins: Twins
}

export async function decodeAll(
  seen: readonly Seen[],
  target: Target,
  bad: Bad,
  turns: Turns,
  job: Job,
): Promise<Decoding> {
  const size = target.height * target.width * target.channels
  const room = await roomFor(job, 'bytes', seen.length, size)
  const picture = new Uint8Array(size)
  const taken: Seen[] = []
  let [turned, resized] = [0, 0]
  const doubtful: string[] = []
  const twins = new Twins()
  for (const [i, item] of seen.entries()) {
    await turns.pause(0.1 + (0.9 * i) / seen.length)
    const bytes = await bad.unless(item, async () => {
      const all = await readPicture(item.file)
      const { header, pixels, wrongSum } = await decodePicture({ file: item.file.name, bytes: all })
      fitInto(pixels, target, picture)
      if (wrongSum) doubtful.push(item.file.name)
      if (header.orientation > 1) turned++
      if (pixels.width !== target.width || pixels.height !== target.height) resized++
      return all
    })
    if (!bytes) continue
    await room.write(picture)
    twins.add(bytes, item)
    taken.push(item)
  }
  job.progress(1)
  return { taken, features: await room.done(), turned, resized, doubtful, twins }
}

/** Files with the same bytes. */
export class Twins {
  readonly #first = new Map<string, Seen>()
  count = 0
  /** Those that say two things of one picture. */
  readonly apart: string[] = []

  add(bytes: Uint8Array, item: Seen): void {
    const key = fingerprint(bytes)
    const first = this.#first.get(key)
    if (!first) {
      this.#first.set(key, item)
      return
    }
    this.count++
    if (first.label !== item.label)
      this.apart.push(`${first.file.name} (${first.label}) = ${item.file.name} (${item.label})`)
  }
}

/** Two mixed 32-bit sums (after MurmurHash3) and the length. */
function fingerprint(bytes: Uint8Array): string {
  let a = 0x9e3779b9
  let b = 0x85ebca6b
  const { length } = bytes
  for (let i = 0; i < length; i += 4) {
    const word =
      (bytes[i] as number) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
    a = Math.imul(a ^ word, 0xcc9e2d51)
    a = (a << 15) | (a >>> 17)
    b = (Math.imul(b, 5) + Math.imul(word, 0x1b873593)) ^ (b >>> 13)
  }
  return `${length} ${a} ${b}`
}
