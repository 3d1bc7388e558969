/** How the capital letters are written, as glyphs.ts has the digits; some have several ways. */
import { join, turn, type Hand, type Point, type Stroke } from '../stroke-digits/hand.ts'

type Letter = (hand: Hand) => Stroke[]

/** Two bowls or one beside a stem, as B, P and R have them: from the stem, around, and back to it. */
function bowl(hand: Hand, top: number, bottom: number, width: number): Stroke {
  const middle = (top + bottom) / 2
  const right = 0.22 + width
  return hand.curve(
    [0.22, top],
    [0.22 + width * 0.6, top + 0.01],
    [right - 0.02, top + (middle - top) * 0.5],
    [right, middle],
    [right - 0.03, bottom - (bottom - middle) * 0.45],
    [0.22 + width * 0.58, bottom - 0.01],
    [0.23, bottom],
  )
}

const stem = (hand: Hand, x = 0.22) => hand.lines([x, 0], [x, 1])

/** The open round of C and G. */
const round: readonly Point[] = [
  [0.82, 0.2],
  [0.68, 0.05],
  [0.48, 0],
  [0.28, 0.1],
  [0.16, 0.34],
  [0.15, 0.62],
  [0.27, 0.89],
  [0.48, 1],
]

export const letters: { readonly [letter: string]: Letter } = {
  A: (hand) => {
    const bar = hand.rng.uniform(0.56, 0.7)
    const apex = hand.rng.uniform(0.46, 0.54)
    return [hand.lines([0.12, 1], [apex, 0], [0.88, 1]), hand.lines([0.25, bar], [0.75, bar])]
  },
  B: (hand) => {
    const waist = hand.rng.uniform(0.44, 0.52)
    return [stem(hand), bowl(hand, 0, waist, 0.46), bowl(hand, waist, 1, 0.56)]
  },
  C: (hand) => [hand.curve(...round, [0.69, 0.95], [0.84, 0.8])],
  D: (hand) => [
    stem(hand),
    hand.curve([0.22, 0], [0.52, 0.03], [0.77, 0.2], [0.85, 0.5], [0.76, 0.82], [0.5, 0.97], [0.22, 1]),
  ],
  E: (hand) => {
    if (hand.chance(0.15)) {
      const upper = hand.curve([0.78, 0.1], [0.5, 0], [0.28, 0.12], [0.3, 0.36], [0.55, 0.47])
      return [turn(upper, hand.curve([0.52, 0.48], [0.24, 0.58], [0.18, 0.82], [0.42, 1], [0.82, 0.88]))]
    }
    const bar = hand.rng.uniform(0.45, 0.54)
    return [hand.lines([0.78, 0.01], [0.22, 0], [0.22, 1], [0.8, 0.99]), hand.lines([0.22, bar], [0.68, bar])]
  },
  F: (hand) => {
    const bar = hand.rng.uniform(0.42, 0.52)
    return [hand.lines([0.8, 0], [0.22, 0.01], [0.22, 1]), hand.lines([0.22, bar], [0.68, bar])]
  },
  G: (hand) => {
    const bar = hand.rng.uniform(0.54, 0.6)
    const side = turn(hand.curve(...round, [0.7, 0.94], [0.83, 0.76]), hand.lines([0.83, bar]))
    return [side, hand.lines([0.84, bar], [0.54, bar])]
  },
  H: (hand) => {
    const bar = hand.rng.uniform(0.44, 0.56)
    return [stem(hand, 0.18), stem(hand, 0.82), hand.lines([0.18, bar], [0.82, bar])]
  },
  I: (hand) => {
    const upright = hand.lines([0.5, 0], [0.5, 1])
    if (hand.chance(0.4)) return [upright]
    return [upright, hand.lines([0.3, 0], [0.7, 0]), hand.lines([0.3, 1], [0.7, 1])]
  },
  J: (hand) => {
    const hook = hand.curve([0.68, 0], [0.68, 0.45], [0.67, 0.75], [0.55, 0.97], [0.34, 0.99], [0.2, 0.82], [0.18, 0.7])
    return hand.chance(0.4) ? [hook, hand.lines([0.44, 0], [0.88, 0])] : [hook]
  },
  K: (hand) => {
    const knee: Point = [0.24, hand.rng.uniform(0.52, 0.62)]
    return [stem(hand), hand.lines([0.8, 0.02], knee), hand.lines([0.4, 0.44], [0.84, 1])]
  },
  L: (hand) => [hand.lines([0.24, 0], [0.24, 1], [0.8, 0.99])],
  M: (hand) => {
    const dip = hand.rng.uniform(0.5, 0.85)
    return [hand.lines([0.1, 1], [0.16, 0], [0.5, dip], [0.84, 0], [0.9, 1])]
  },
  N: (hand) => [hand.lines([0.18, 1], [0.18, 0], [0.82, 1], [0.82, 0])],
  O: (hand) => {
    const start = hand.rng.uniform(-120, -60)
    return [hand.arc([0.5, 0.5], [hand.rng.uniform(0.33, 0.42), 0.5], start, start - hand.rng.uniform(350, 375))]
  },
  P: (hand) => [stem(hand), bowl(hand, 0, hand.rng.uniform(0.5, 0.6), 0.54)],
  Q: (hand) => {
    const start = hand.rng.uniform(-120, -60)
    const tail = hand.curve([0.56, 0.66], [0.72, 0.84], [0.94, hand.rng.uniform(1, 1.1)])
    return [hand.arc([0.48, 0.48], [0.37, 0.48], start, start - 362), tail]
  },
  R: (hand) => {
    const waist = hand.rng.uniform(0.48, 0.56)
    return [stem(hand), bowl(hand, 0, waist, 0.52), hand.lines([0.46, waist], [0.84, 1])]
  },
  S: (hand) => [
    hand.curve(
      [0.79, 0.16],
      [0.64, 0.02],
      [0.4, 0.01],
      [0.23, 0.15],
      [0.27, 0.36],
      [0.52, 0.49],
      [0.76, 0.64],
      [0.78, 0.86],
      [0.58, 0.99],
      [0.34, 0.98],
      [0.18, 0.83],
    ),
  ],
  T: (hand) => [hand.lines([0.12, 0.02], [0.88, 0]), hand.lines([0.5, 0.01], [0.5, 1])],
  U: (hand) => [
    hand.curve(
      [0.18, 0],
      [0.18, 0.4],
      [0.19, 0.7],
      [0.32, 0.95],
      [0.5, 1],
      [0.68, 0.95],
      [0.81, 0.7],
      [0.82, 0.4],
      [0.82, 0],
    ),
  ],
  V: (hand) => [hand.lines([0.13, 0], [hand.rng.uniform(0.46, 0.54), 1], [0.87, 0])],
  W: (hand) => {
    const peak = hand.rng.uniform(0.15, 0.45)
    return [hand.lines([0.06, 0], [0.27, 1], [0.5, peak], [0.73, 1], [0.94, 0])]
  },
  X: (hand) => [hand.lines([0.15, 0], [0.85, 1]), hand.lines([0.85, 0], [0.15, 1])],
  Y: (hand) => {
    const fork: Point = [0.5, hand.rng.uniform(0.44, 0.56)]
    return [join(hand.lines([0.14, 0], fork), hand.lines(fork, [0.5, 1])), hand.lines([0.86, 0], fork)]
  },
  Z: (hand) => {
    const line = hand.lines([0.16, 0.02], [0.84, 0], [0.15, 1], [0.86, 0.98])
    return hand.chance(0.25) ? [line, hand.lines([0.3, 0.52], [0.7, 0.48])] : [line]
  },
}
