/**
 * Pooling windows over [n, h, w, c], four channels at a time, or a pair of fours where the engine below us makes one
 * instruction of both. Where every window lies inside of the image its taps are unrolled; else windows are cut to the part
 * inside, so padding costs nothing and never wins. A maximum is the first one in reading order; a NaN counts as greater
 * than every number, so it comes through and takes the gradient.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitLoad, emitStore, together, type Place, type Width } from './expression.ts'
import { NO_WORK, onePhase, type KernelEmitter, type KernelOf, type PhaseCode } from './kernel-code.ts'
import { eachInside, emitInside, type Inside } from './windows.ts'

type Pool = KernelOf<'pool'>

/** Most taps that are unrolled. */
const UNROLL = 16

/** One element of a window. */
interface Tap {
  /** Pushes its distance in bytes from the window's corner, in all lanes. */
  readonly distance: () => void
  /** Its place in the image, and in what lies like the image (see `other`). */
  readonly image: Place
  readonly other: Place
}

/** Windows that do not overlap write each element of their image at most once. */
function isApart({ window: { size, stride } }: Pool): boolean {
  return stride[0] >= size[0] && stride[1] >= size[1]
}

/** Whether they leave no element out either. */
function isTiled({ window: { size, stride, padding }, x, y }: Pool): boolean {
  return ([0, 1] as const).every(
    (axis) => size[axis] === stride[axis] && padding[axis][0] === 0 && at(y, axis + 1) * size[axis] === at(x, axis + 1),
  )
}

/** Channels that are computed together: `count` times so many lanes. */
class Channels {
  readonly #f: FunctionBuilder
  readonly #lanes: Width
  readonly #count: number

  constructor(f: FunctionBuilder, lanes: Width, count: number) {
    this.#f = f
    this.#lanes = lanes
    this.#count = count
  }

  get total(): number {
    return this.#lanes * this.#count
  }

  /** A local for each. */
  locals(): readonly Local[] {
    return Array.from({ length: this.#count }, () => this.#f.local('v128'))
  }

  /** Sets a local of each to what `push` pushes. */
  set(locals: readonly Local[], push: (i: number) => void): void {
    locals.forEach((local, i) => {
      push(i)
      this.#f.set(local)
    })
  }

  load(locals: readonly Local[], place: Place): void {
    this.set(locals, (i) => emitLoad(this.#f, this.#part(place, i), this.#lanes))
  }

  store(locals: readonly Local[], place: Place): void {
    locals.forEach((local, i) => emitStore(this.#f, this.#part(place, i), this.#lanes, () => this.#f.get(local)))
  }

  #part(place: Place, i: number): Place {
    return { ...place, offset: place.offset + 4 * this.#lanes * i }
  }
}

/** The images from … to. */
function emitPool(kernel: Pool, { f, pointers, from, to }: PhaseCode): void {
  const { op, window } = kernel
  const [, height, width, channels] = kernel.x
  const [, rows, columns] = kernel.y
  const likeX = 4 * height * width * channels
  const likeY = 4 * rows * columns * channels
  const output = at(pointers, kernel.inputs.length)
  const toInput = op === 'maxGradient' || op === 'sumGradient'

  // What lies like x: the image that is read (or dx of a sum), and beside it dx or t. What lies like y: dy, or the result.
  const image = op === 'sumGradient' ? output : at(pointers, 0)
  const other = op === 'maxGradient' ? output : op === 'maxTangent' ? at(pointers, 1) : image
  const alongY = op === 'sumGradient' ? at(pointers, 0) : op === 'maxGradient' ? at(pointers, 1) : output
  const y: Place = { pointer: alongY, offset: 0, stride: 1 }
  for (const pointer of other === image ? [image] : [image, other]) f.get(pointer).plusScaled(from, likeX).set(pointer)
  f.get(alongY).plusScaled(from, likeY).set(alongY)
  if (toInput && !isTiled(kernel)) {
    f.get(output).i32(0)
    f.get(to).get(from).op('i32.sub').i32(likeX).op('i32.mul').memoryFill()
  }
  if (likeX * likeY === 0) return

  const i32 = () => f.local('i32')
  const [corner, otherCorner, distance, lineDistance, imageAt, otherAt] = [i32(), i32(), i32(), i32(), i32(), i32()]
  const [pixel, line] = [4 * channels, 4 * channels * width]
  let down: Inside
  let right: Inside
  const unrolled = () => down === undefined && right === undefined && window.size[0] * window.size[1] <= UNROLL

  const offsets = Array.from({ length: window.size[0] * window.size[1] }, (_, i) => {
    const [ky, kx] = [Math.floor(i / window.size[1]), i % window.size[1]]
    return ky * line + kx * pixel
  })
  const unrolledTap = (offset: number): Tap => ({
    distance: () => f.lanes(offset),
    image: { pointer: corner, offset, stride: 1 },
    other: { pointer: otherCorner, offset, stride: 1 },
  })
  const eachTap = (body: (tap: Tap, first: boolean) => void) => {
    if (unrolled()) {
      offsets.forEach((offset, i) => body(unrolledTap(offset), i === 0))
      return
    }
    const tap: Tap = {
      distance: () => f.get(distance).op('i32x4.splat'),
      image: { pointer: imageAt, offset: 0, stride: 1 },
      other: { pointer: otherAt, offset: 0, stride: 1 },
    }
    pushFirst()
    f.set(lineDistance)
    eachInside(f, down, window.size[0], () => {
      f.get(lineDistance).set(distance)
      eachInside(f, right, window.size[1], () => {
        f.get(corner).get(distance).op('i32.add').set(imageAt)
        f.get(otherCorner).get(distance).op('i32.add').set(otherAt)
        body(tap, false)
        f.advance(distance, pixel)
      })
      f.advance(lineDistance, line)
    })
  }
  /** Pushes the distance of the first tap inside. */
  const pushFirst = () => {
    f.i32(0)
    if (down) f.plusScaled(down.from, line)
    if (right) f.plusScaled(right.from, pixel)
  }
  /** Runs `body` unless the window lies outside altogether. */
  const unlessEmpty = (body: () => void) => {
    f.i32(1)
    for (const inside of [down, right]) if (inside) f.get(inside.from).get(inside.to).op('i32.lt_s').op('i32.mul')
    f.if(body)
  }

  const work = (lanes: Width, count: number) => {
    const channel = new Channels(f, lanes, count)
    const [best, value, mask] = [channel.locals(), channel.locals(), channel.locals()]
    const of = (locals: readonly Local[], i: number) => f.get(at(locals, i))

    /** Sets `wins` where `value` is greater than `best`, or the first NaN. */
    const compare = (wins: readonly Local[]) => {
      channel.set(wins, (i) => {
        of(best, i)
        of(best, i).op('f32x4.eq')
        of(value, i)
        of(best, i).op('f32x4.le').op('v128.andnot')
      })
    }
    const select = (target: readonly Local[], wins: readonly Local[], push: (i: number) => void) => {
      channel.set(target, (i) => {
        push(i)
        of(target, i)
        of(wins, i).op('v128.bitselect')
      })
    }
    /** Adds to an element of dx, or sets the only share that it gets. */
    const give = (share: readonly Local[], place: Place) => {
      if (isApart(kernel)) return channel.store(share, place)
      const sum = channel.locals()
      channel.load(sum, place)
      channel.set(sum, (i) => {
        of(sum, i)
        of(share, i).op('f32x4.add')
      })
      channel.store(sum, place)
    }
    const maximum = () => {
      channel.set(best, () => f.splat(-Infinity))
      eachTap((tap, first) => {
        if (first) return channel.load(best, tap.image)
        channel.load(value, tap.image)
        compare(mask)
        select(best, mask, (i) => of(value, i))
      })
      channel.store(best, y)
    }
    const sum = () => {
      channel.set(best, () => f.splat(0))
      eachTap((tap) => {
        channel.load(value, tap.image)
        channel.set(best, (i) => {
          of(best, i)
          of(value, i).op('f32x4.add')
        })
      })
      channel.store(best, y)
    }
    /** Leaves the distance of the first maximum in `where`, and for the tangent what lies there in `taken`. */
    const findMaximum = (where: readonly Local[], taken: readonly Local[]) => {
      channel.set(best, () => f.splat(-Infinity))
      channel.set(taken, () => f.lanes(0))
      // Until something is greater than -infinity, the first element of the window stands.
      channel.set(where, () => {
        pushFirst()
        f.op('i32x4.splat')
      })
      if (op === 'maxTangent')
        unlessEmpty(() => {
          f.get(otherCorner)
          pushFirst()
          f.op('i32.add').set(otherAt)
          channel.load(taken, { pointer: otherAt, offset: 0, stride: 1 })
        })
      eachTap((tap) => {
        channel.load(value, tap.image)
        compare(mask)
        select(best, mask, (i) => of(value, i))
        if (op === 'maxGradient') return select(where, mask, tap.distance)
        channel.load(value, tap.other)
        select(taken, mask, (i) => of(value, i))
      })
    }
    /** Each tap that is greater than all before it wins over them; the last winner takes the gradient. */
    const giveUnrolled = () => {
      const [first = 0, ...others] = offsets
      channel.load(best, unrolledTap(first).image)
      const wins = others.map((offset) => {
        const winner = channel.locals()
        channel.load(value, unrolledTap(offset).image)
        compare(winner)
        select(best, winner, (i) => of(value, i))
        return winner
      })
      channel.load(value, y)
      const share = channel.locals()
      for (const [i, offset] of [...others.entries()].reverse()) {
        const winner = at(wins, i)
        channel.set(share, (j) => {
          of(value, j)
          of(winner, j).op('v128.and')
        })
        give(share, unrolledTap(offset).other)
        channel.set(value, (j) => {
          of(value, j)
          of(winner, j).op('v128.andnot')
        })
      }
      give(value, unrolledTap(first).other)
    }
    const ops: { readonly [Op in Pool['op']]: () => void } = {
      max: maximum,
      sum,
      maxTangent: () => {
        const [where, taken] = [channel.locals(), channel.locals()]
        findMaximum(where, taken)
        channel.store(taken, y)
      },
      maxGradient: () => {
        if (unrolled()) return giveUnrolled()
        const [where, share] = [channel.locals(), channel.locals()]
        findMaximum(where, share)
        channel.load(value, y)
        eachTap((tap) => {
          channel.set(share, (i) => {
            of(value, i)
            of(where, i)
            tap.distance()
            f.op('i32x4.eq').op('v128.and')
          })
          give(share, tap.other)
        })
      },
      sumGradient: () => {
        channel.load(value, y)
        eachTap((tap) => give(value, tap.image))
      },
    }
    ops[op]()
    for (const pointer of [corner, otherCorner, alongY]) f.advance(pointer, 4 * channel.total)
  }

  const [padDown, padRight] = [window.padding[0][0], window.padding[1][0]]
  f.range(from, to, 1, () => {
    f.repeat(rows, 1, (row) => {
      const ys = { start: -padDown, scale: window.stride[0], step: 1, count: window.size[0] }
      down = emitInside(f, ys, row, rows, height)
      f.repeat(columns, 1, (column) => {
        const xs = { start: -padRight, scale: window.stride[1], step: 1, count: window.size[1] }
        right = emitInside(f, xs, column, columns, width)
        for (const [pointer, target] of [
          [image, corner],
          [other, otherCorner],
        ] as const) {
          f.get(pointer).plus(-padDown * line - padRight * pixel)
          f.plusScaled(row, window.stride[0] * line)
            .plusScaled(column, window.stride[1] * pixel)
            .set(target)
        }
        const pair = together(f.variant)
        f.repeat(Math.floor(channels / 4 / pair), 1, () => work(4, pair))
        f.repeat(Math.floor(channels / 4) % pair, 1, () => work(4, 1))
        f.repeat(channels % 4, 1, () => work(1, 1))
      })
    })
    f.advance(image, likeX)
    if (other !== image) f.advance(other, likeX)
  })
}

export const pool: KernelEmitter<Pool> = {
  views: (kernel) => [...kernel.inputs, kernel.output],
  work: (kernel) => {
    const elements = sizeOf(kernel.x) + sizeOf(kernel.y)
    if (elements === 0) return NO_WORK
    return onePhase(kernel.x[0], elements / 8000, (code) => emitPool(kernel, code))
  },
}
