/**
 * How the ten digits are written: each a few strokes in a box from (0, 0) at the upper left to (1, 1) at the lower right,
 * given by points that the pen passes. Points are moved a little at random before the curve is laid through them, so that
 * the form itself varies as a hand's does, and some digits have several ways of being written.
 */
import type { Rng } from '../../../base/rng.ts'
import { Hand, join, TREMBLE, turn, type Point, type Stroke } from './hand.ts'

export function glyph(digit: number, rng: Rng, variety: number): Stroke[] {
  const hand = new Hand(rng, TREMBLE * variety)
  switch (digit) {
    case 0:
      return zero(hand)
    case 1:
      return one(hand)
    case 2:
      return two(hand)
    case 3:
      return three(hand)
    case 4:
      return four(hand)
    case 5:
      return five(hand)
    case 6:
      return six(hand)
    case 7:
      return seven(hand)
    case 8:
      return eight(hand)
    default:
      return nine(hand)
  }
}

function zero(hand: Hand): Stroke[] {
  const start = hand.rng.uniform(-125, -55)
  const full = hand.rng.uniform(345, 385)
  return [hand.arc([0.5, 0.5], [hand.rng.uniform(0.22, 0.36), 0.5], start, start - full)]
}

function one(hand: Hand): Stroke[] {
  const bow = hand.rng.normal(0, 0.02)
  const stem = hand.curve([0.53, 0], [0.52 + bow, 0.5], [0.51, 1])
  const form = hand.rng.uniform()
  if (form < 0.5) return [stem]
  const flag = hand.lines([hand.rng.uniform(0.26, 0.36), hand.rng.uniform(0.17, 0.28)], [0.53, 0])
  const strokes = [turn(flag, stem)]
  if (form > 0.85) strokes.push(hand.lines([0.28, 1], [0.75, 1]))
  return strokes
}

function two(hand: Hand): Stroke[] {
  const top: Point[] = [
    [0.18, 0.24],
    [0.3, 0.06],
    [0.53, 0],
    [0.75, 0.1],
    [0.77, 0.31],
  ]
  if (hand.chance(0.35)) {
    const loop: Point[] = [
      [0.6, 0.58],
      [0.38, 0.88],
      [0.21, 0.97],
      [0.16, 0.85],
      [0.3, 0.79],
      [0.52, 0.92],
      [0.84, 0.97],
    ]
    return [hand.curve(...top, ...loop)]
  }
  const down = hand.curve(...top, [0.56, 0.59], [0.34, 0.81], [0.16, 0.98])
  return [turn(down, hand.curve([0.17, 0.98], [0.5, hand.rng.uniform(0.93, 0.99)], [0.84, 0.97]))]
}

function three(hand: Hand): Stroke[] {
  const bowl: Point[] = [
    [0.65, 0.5],
    [0.8, 0.69],
    [0.71, 0.92],
    [0.44, 1],
    [0.17, 0.88],
  ]
  if (hand.chance(0.25)) {
    const flat = hand.lines([0.2, 0.03], [0.74, 0.02], [0.46, 0.41])
    return [turn(flat, hand.curve([0.46, 0.41], ...bowl))]
  }
  const top = hand.curve([0.2, 0.13], [0.43, 0], [0.67, 0.06], [0.72, 0.25], [0.58, 0.42], [0.39, 0.46])
  return [turn(top, hand.curve([0.4, 0.47], ...bowl))]
}

function four(hand: Hand): Stroke[] {
  const bar = hand.rng.uniform(0.56, 0.7)
  const stem = hand.rng.uniform(0.6, 0.7)
  if (hand.chance(0.4)) {
    const closed = hand.lines([stem, 0], [0.13, bar], [0.88, bar - 0.01])
    return [closed, hand.curve([stem, 0], [stem, 0.5], [stem - 0.01, 1])]
  }
  const left = hand.curve([0.27, 0.02], [0.22, 0.3], [0.16, bar - 0.05])
  const open = turn(left, hand.curve([0.18, bar], [0.5, bar + 0.01], [0.87, bar - 0.04]))
  return [open, hand.curve([stem + 0.05, hand.rng.uniform(0, 0.2)], [stem + 0.01, 0.5], [stem - 0.03, 1])]
}

function five(hand: Hand): Stroke[] {
  const bowl: Point[] = [
    [0.5, 0.37],
    [0.75, 0.48],
    [0.78, 0.73],
    [0.6, 0.96],
    [0.36, 0.99],
    [0.17, 0.88],
  ]
  if (hand.chance(0.3)) {
    const whole = hand.curve([0.78, 0.02], [0.46, 0.03], [0.31, 0.14], [0.32, 0.36], [0.58, 0.44], ...bowl.slice(2))
    return [whole]
  }
  const down = hand.lines([0.3, 0.02], [0.26, 0.44])
  return [turn(down, hand.curve([0.27, 0.43], ...bowl)), hand.lines([0.3, 0.02], [0.8, 0.01])]
}

function six(hand: Hand): Stroke[] {
  const lean = hand.rng.uniform(0.5, 0.72)
  const loop = hand.rng.uniform(0.48, 0.58)
  return [
    hand.curve(
      [lean, 0.01],
      [0.38, 0.22],
      [0.23, 0.5],
      [0.21, 0.76],
      [0.34, 0.97],
      [0.58, 0.98],
      [0.76, 0.8],
      [0.7, loop + 0.06],
      [0.48, loop],
      [0.29, loop + 0.12],
      [0.22, 0.8],
    ),
  ]
}

function seven(hand: Hand): Stroke[] {
  const top = hand.lines([0.17, 0.05], [0.81, 0.03])
  const stem = hand.curve([0.81, 0.04], [0.6, 0.42], [hand.rng.uniform(0.36, 0.5), 1])
  const serif = hand.chance(0.2) ? hand.lines([0.19, 0.17], [0.17, 0.05]) : []
  const strokes: Stroke[] = [join(turn(serif, top), stem)]
  if (hand.chance(0.35)) strokes.push(hand.lines([0.36, 0.51], [0.76, 0.48]))
  return strokes
}

function eight(hand: Hand): Stroke[] {
  if (hand.chance(0.3)) {
    const waist = hand.rng.uniform(0.43, 0.5)
    const top = hand.arc([0.5, waist / 2], [hand.rng.uniform(0.17, 0.24), waist / 2], 90, -275)
    const bottom = hand.arc([0.5, (1 + waist) / 2], [hand.rng.uniform(0.22, 0.3), (1 - waist) / 2], -90, 275)
    return [join(top, bottom)]
  }
  return [
    hand.curve(
      [0.7, 0.13],
      [0.49, 0],
      [0.27, 0.14],
      [0.34, 0.36],
      [0.6, 0.54],
      [0.77, 0.77],
      [0.5, 1],
      [0.22, 0.79],
      [0.38, 0.55],
      [0.65, 0.36],
      [0.71, 0.14],
    ),
  ]
}

function nine(hand: Hand): Stroke[] {
  const loop: Point[] = [
    [0.72, 0.16],
    [0.51, 0.01],
    [0.27, 0.16],
    [0.28, 0.4],
    [0.5, 0.5],
    [0.69, 0.35],
  ]
  if (hand.chance(0.45)) return [hand.curve(...loop, [0.75, 0.14], [0.76, 0.5], [0.66, 0.87], [0.42, 1], [0.2, 0.9])]
  const head = hand.curve(...loop, [0.74, 0.13])
  return [turn(head, hand.curve([0.74, 0.15], [0.71, 0.52], [hand.rng.uniform(0.5, 0.7), 1]))]
}
