/**
 * What a person draws with a pen becomes a picture like those that the network was trained on: of their size, in their colours
 * of ground and ink, and as large and where the ink lies in them on average.
 */
import { at } from '../base/assert.ts'
import { problem, ProblemError } from '../base/problem.ts'
import { showShape } from '../base/shape.ts'
import { featuresAt } from './features.ts'
import type { PreparedData } from './types.ts'

/** Ink from 0 to 255, row by row. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly ink: Uint8Array
}

/** Where ink lies, in shares of a picture's sides. */
interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What the pictures of a training part have in common, as the network sees them. */
export interface Manner {
  readonly ground: number
  readonly ink: number
  /** Of all numbers the share that is nearly the ground's. */
  readonly bare: number
  /** Middle of the box around the ink, and its longer side. */
  readonly x: number
  readonly y: number
  readonly size: number
}

/** Training pictures that are looked at, and numbers of them. */
const LOOKED_AT = 500
const MOST_NUMBERS = 1 << 24
const known = new WeakMap<PreparedData, Manner>()

/** The picture as the network takes it. */
export async function pictureOf({ width, height, ink }: Drawing, data: PreparedData): Promise<Float32Array> {
  const [rows = 0, columns = 0, channels = 0] = data.shape
  if (data.shape.length !== 3 || channels !== 1)
    throw new ProblemError(
      problem('own.kind', `A drawing was given, but an example is ${showShape(data.shape)}; give its numbers instead.`),
    )
  if (ink.length !== width * height)
    throw new ProblemError(
      problem(
        'own.size',
        `A drawing of ${height} × ${width} was given with ${ink.length} points; give ${width * height}.`,
      ),
    )
  const manner = await mannerOf(data)
  const out = new Float32Array(rows * columns).fill(manner.ground)
  const box = boxAround((x, y) => at(ink, y * width + x) > 127, width, height)
  if (!box) return out
  // A pixel of the picture covers a rectangle of the drawing, whose mean it takes.
  const longer = Math.max(box.width * width, box.height * height)
  const scale = longer / (manner.size * Math.max(rows, columns))
  const left = (box.x + box.width / 2) * width - manner.x * columns * scale
  const top = (box.y + box.height / 2) * height - manner.y * rows * scale
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const share = meanOf({ width, height, ink }, left + column * scale, top + row * scale, scale) / 255
      out[row * columns + column] = manner.ground + share * (manner.ink - manner.ground)
    }
  }
  return out
}

export async function mannerOf(data: PreparedData): Promise<Manner> {
  const manner = known.get(data) ?? (await look(data))
  known.set(data, manner)
  return manner
}

async function look({ train, shape }: PreparedData): Promise<Manner> {
  const [rows = 1, columns = 1, channels = 1] = shape
  const fitting = Math.max(1, Math.floor(MOST_NUMBERS / (rows * columns)))
  const count = Math.min(LOOKED_AT, fitting, train.count)
  // Evenly over the part, whose order may be that of the classes.
  const places = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * train.count) / count))
  const features = await featuresAt(train.features, places, rows * columns * channels)
  let [low, high, sum] = [Infinity, -Infinity, 0]
  for (const value of features) {
    low = Math.min(low, value)
    high = Math.max(high, value)
    sum += value
  }
  // There is more ground than ink.
  const isDark = sum / Math.max(1, features.length) <= (low + high) / 2
  const [ground, ink] = isDark ? [low, high] : [high, low]
  const middle = (low + high) / 2
  let bare = 0
  for (const value of features) if (Math.abs(value - ground) <= (high - low) / 8) bare++
  const boxes: Box[] = []
  // Of colours nothing is known that would be ink.
  for (let example = 0; example < (channels === 1 ? count : 0); example++) {
    const isInk = (x: number, y: number) => {
      const value = at(features, (example * rows + y) * columns + x)
      return isDark ? value > middle : value < middle
    }
    const box = boxAround(isInk, columns, rows)
    if (box) boxes.push(box)
  }
  const mean = (of: (box: Box) => number, none: number) =>
    boxes.length > 0 ? boxes.reduce((total, box) => total + of(box), 0) / boxes.length : none
  return {
    ground,
    ink,
    bare: bare / Math.max(1, features.length),
    x: mean((box) => box.x + box.width / 2, 0.5),
    y: mean((box) => box.y + box.height / 2, 0.5),
    size: mean((box) => Math.max(box.width * columns, box.height * rows) / Math.max(rows, columns), 0.7),
  }
}

function boxAround(isInk: (x: number, y: number) => boolean, width: number, height: number): Box | null {
  let [left, right, top, bottom] = [width, -1, height, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isInk(x, y)) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  if (right < left) return null
  return { x: left / width, y: top / height, width: (right - left + 1) / width, height: (bottom - top + 1) / height }
}

/** Mean ink of a square, by the share of each point that lies in it; outside there is none. */
function meanOf({ width, height, ink }: Drawing, left: number, top: number, side: number): number {
  let sum = 0
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + side); y++) {
    const tall = Math.min(y + 1, top + side) - Math.max(y, top)
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + side); x++)
      sum += at(ink, y * width + x) * tall * (Math.min(x + 1, left + side) - Math.max(x, left))
  }
  return sum / side ** 2
}
