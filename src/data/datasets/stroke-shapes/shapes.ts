/** Outlines of shapes in the box that glyphs.ts describes, with proportions that differ from one to the next. */
import type { Hand, Point, Stroke } from '../stroke-digits/hand.ts'

type Shape = (hand: Hand) => Stroke[]

/** Corners joined by straight lines, the last with the first, exactly. */
function closed(hand: Hand, corners: readonly Point[]): Stroke {
  const line = hand.lines(...corners)
  return [...line, line[0] as Point]
}

/** Points on a circle around the middle, the first one at the top. */
function around(count: number, radius: (i: number) => number): Point[] {
  return Array.from({ length: count }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2
    return [0.5 + radius(i) * Math.cos(angle), 0.5 + radius(i) * Math.sin(angle)]
  })
}

export const shapes: { readonly [name: string]: Shape } = {
  circle: (hand) => {
    // Two slow waves along the ring, so that it closes without a corner.
    const [a, b] = hand.near([0, 0])
    const [p, q] = [hand.rng.uniform(0, 7), hand.rng.uniform(0, 7)]
    const ring = Array.from({ length: 49 }, (_, i): Point => {
      const angle = (2 * Math.PI * i) / 48
      const radius = 0.46 * (1 + 1.5 * a * Math.cos(2 * angle + p) + b * Math.cos(3 * angle + q))
      return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)]
    })
    return [ring]
  },
  square: (hand) => [
    closed(hand, [
      [0.1, 0.1],
      [0.9, 0.1],
      [0.9, 0.9],
      [0.1, 0.9],
    ]),
  ],
  triangle: (hand) => [
    closed(hand, [
      [hand.rng.uniform(0.4, 0.6), 0.05],
      [0.98, 0.9],
      [0.02, 0.9],
    ]),
  ],
  star: (hand) => {
    const depth = hand.rng.uniform(0.19, 0.25)
    return [
      closed(
        hand,
        around(10, (i) => (i % 2 === 0 ? 0.54 : depth)),
      ),
    ]
  },
  cross: (hand) => {
    const half = hand.rng.uniform(0.11, 0.18)
    const [a, b] = [0.5 - half, 0.5 + half]
    const corners: Point[] = [
      [a, 0],
      [b, 0],
      [b, a],
      [1, a],
      [1, b],
      [b, b],
      [b, 1],
      [a, 1],
      [a, b],
      [0, b],
      [0, a],
      [a, a],
    ]
    return [closed(hand, corners)]
  },
  arrow: (hand) => {
    const head = hand.rng.uniform(0.26, 0.4)
    const tip: Point = [0.5, 0]
    return [hand.lines([0.5, 1], tip), hand.lines([0.5 - head, head + 0.02], tip, [0.5 + head, head + 0.02])]
  },
  heart: (hand) => {
    const right: Point[] = [
      [0.5, 0.34],
      [0.57, 0.13],
      [0.78, 0.02],
      [0.98, 0.19],
      [0.94, 0.44],
      [0.76, 0.7],
      [0.5, 0.98],
    ]
    const half = hand.curve(...right)
    const left = hand.curve(...right.map(([x, y]): Point => [1 - x, y])).slice(1, -1)
    return [[...half, ...left.reverse(), half[0] as Point]]
  },
  moon: (hand) => {
    const hollow = hand.rng.uniform(0.3, 0.44)
    const outer = hand.curve(
      [0.7, 0.03],
      [0.4, 0.02],
      [0.13, 0.22],
      [0.05, 0.5],
      [0.13, 0.78],
      [0.4, 0.98],
      [0.7, 0.97],
    )
    const tips = [outer[0] as Point, outer.at(-1) as Point] as const
    const inner = hand.curve([0.5, 0.87], [hollow + 0.02, 0.68], [hollow, 0.5], [hollow + 0.02, 0.32], [0.5, 0.13])
    return [[...outer, ...inner, tips[0]]]
  },
}
