/** What examples of pictures are to be: their size, their colour, and what becomes of those of another shape. */
import { at } from '../../base/assert.ts'
import { problem, ProblemError } from '../../base/problem.ts'
import { showBytes, showShape, type Shape } from '../../base/shape.ts'
import type { Limit } from '../room.ts'
import { count } from './folder.ts'
import { decodePicture } from './index.ts'
import { isGrey, type Target } from './resize.ts'
import { readPicture, type Seen, type Sizes, type Turns } from './survey.ts'

/** Sides of examples that are proposed. */
const LARGEST_GUESS = 64
/** Pictures that are looked at to see whether all are grey. */
const SAMPLE = 50

interface Fitting {
  readonly fit: Target['fit']
  readonly background: string
}

/** What all pictures become, by what the person says and what they are. */
export async function targetOf(
  seen: readonly Seen[],
  sizes: Sizes,
  options: Fitting & { readonly size: readonly [number, number]; readonly colour: string },
  turns: Turns,
): Promise<Target> {
  const [height, width] = options.size
  if ((height === 0) !== (width === 0)) {
    const message = `Size is ${height} × ${width}: give both height and width, or 0 for both.`
    throw new ProblemError(problem('pictures.size', message, { field: 'size' }))
  }
  const [high, wide] = height === 0 ? guessSize(sizes, seen.length) : [height, width]
  const grey = options.colour === 'grey' || (options.colour === 'auto' && (await areGrey(seen, turns)))
  return { height: high, width: wide, channels: grey ? 1 : 3, ...fittingOf(options) }
}

/** What pictures become that a network takes in this shape. `file`: one of them. */
export function targetLike(shape: Shape, options: Fitting, file: string): Target {
  const [height = 0, width = 0, channels] = shape
  if (shape.length === 3 && (channels === 1 || channels === 3))
    return { height, width, channels, ...fittingOf(options) }
  const message = `${file} was given, but an example is ${showShape(shape)}, which no picture has; give its numbers instead.`
  throw new ProblemError(problem('own.kind', message, { file }))
}

/** What becomes of pictures of other shapes, and what stands where they have nothing. */
function fittingOf({ fit, background }: Fitting) {
  return { fit, background: { white: 255, grey: 128, black: 0 }[background] ?? 255 }
}

/** The size that half of the pictures have, if it is small; else a square as wide as the usual shorter side, up to 64. */
function guessSize({ all }: Sizes, pictures: number): readonly [number, number] {
  const most = at(all, 0)
  if (most.count * 2 >= pictures && most.height <= LARGEST_GUESS && most.width <= LARGEST_GUESS)
    return [most.height, most.width]
  const sides = all.map(({ height, width, count }) => ({ side: Math.min(height, width), count }))
  sides.sort((a, b) => a.side - b.side)
  let before = 0
  const median = sides.find(({ count }) => (before += count) * 2 >= pictures)
  const side = Math.min(LARGEST_GUESS, median?.side ?? LARGEST_GUESS)
  return [side, side]
}

async function areGrey(seen: readonly Seen[], turns: Turns): Promise<boolean> {
  const doubtful = seen.filter(({ header }) => !header.colour.startsWith('grey'))
  const step = Math.max(1, doubtful.length / SAMPLE)
  for (let i = 0; i < doubtful.length; i += step) {
    await turns.pause(0.1)
    const { file } = at(doubtful, Math.floor(i))
    try {
      const bytes = await readPicture(file)
      const { pixels } = await decodePicture({ file: file.name, bytes })
      if (!isGrey(pixels)) return false
    } catch (error) {
      // It is listed when its turn comes.
      if (!(error instanceof ProblemError)) throw error
    }
  }
  return true
}

/** Before there is room made for them. */
export function checkSize(pictures: number, { height, width, channels }: Target, limit: Limit): void {
  const bytes = pictures * height * width * channels
  if (bytes <= limit.bytes) return
  const scale = Math.sqrt(limit.bytes / bytes)
  const fits = [height, width].map((side) => Math.max(1, Math.floor(side * scale)))
  const message =
    `${count(pictures, 'picture')} of ${height} × ${width} with ${count(channels, 'channel')} take ${showBytes(bytes)}; a set may have ` +
    `${limit.shown} at most. Set Size to ${fits.join(' × ')} or less.`
  throw new ProblemError(problem('pictures.memory', message, { field: 'size' }))
}
