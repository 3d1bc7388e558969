/**
 * Pooling windows over [n, h, w, c], four channels at a time. Where every window lies inside of the image its taps are
 * unrolled; else windows are cut to the part inside, so padding costs nothing and never wins. A maximum is the first one
 * in reading order; a NaN counts as greater than every number, so it comes through and takes the gradient.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import { emitLoad, emitStore, type Place, type Width } from './expression.ts'
import type { KernelCode, KernelEmitter, KernelOf } from './kernel-code.ts'
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

function emitPool({ f, kernel, pointers }: KernelCode<Pool>): void {
  const { op, window } = kernel
  const [batch, height, width, channels] = kernel.x
  const [, rows, columns] = kernel.y
  const output = at(pointers, kernel.inputs.length)
  const toInput = op === 'maxGradient' || op === 'sumGradient'
  if (toInput && sizeOf(kernel.x) > 0)
    f.get(output)
      .i32(0)
      .i32(4 * sizeOf(kernel.x))
      .memoryFill()
  if (sizeOf(kernel.y) === 0 || sizeOf(kernel.x) === 0) return

  // What lies like x: the image that is read (or dx of a sum), and beside it dx or t. What lies like y: dy, or the result.
  const image = op === 'sumGradient' ? output : at(pointers, 0)
  const other = op === 'maxGradient' ? output : op === 'maxTangent' ? at(pointers, 1) : image
  const alongY = op === 'sumGradient' ? at(pointers, 0) : op === 'maxGradient' ? at(pointers, 1) : output
  const y: Place = { pointer: alongY, offset: 0, stride: 1 }

  const i32 = () => f.local('i32')
  const [corner, otherCorner, distance, lineDistance, imageAt, otherAt] = [i32(), i32(), i32(), i32(), i32(), i32()]
  const v128 = () => f.local('v128')
  const [best, mask, where, value, taken] = [v128(), v128(), v128(), v128(), v128()]
  const [pixel, line] = [4 * channels, 4 * channels * width]
  let down: Inside
  let right: Inside
  const unrolled = () => down === undefined && right === undefined && window.size[0] * window.size[1] <= UNROLL

  const eachTap = (body: (tap: Tap) => void) => {
    if (unrolled()) {
      for (let ky = 0; ky < window.size[0]; ky++)
        for (let kx = 0; kx < window.size[1]; kx++) {
          const offset = ky * line + kx * pixel
          body({
            distance: () => f.lanes(offset),
            image: { pointer: corner, offset, stride: 1 },
            other: { pointer: otherCorner, offset, stride: 1 },
          })
        }
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
        body(tap)
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

  /** Leaves the distance of the first maximum in `where`, and for the tangent what lies there in `taken`. */
  const findMaximum = (lanes: Width) => {
    f.splat(-Infinity).set(best)
    f.lanes(0).set(taken)
    // Until something is greater than -infinity, the first element of the window stands.
    pushFirst()
    f.op('i32x4.splat').set(where)
    if (op === 'maxTangent')
      unlessEmpty(() => {
        f.get(otherCorner)
        pushFirst()
        f.op('i32.add').set(otherAt)
        emitLoad(f, { pointer: otherAt, offset: 0, stride: 1 }, lanes)
        f.set(taken)
      })
    eachTap((tap) => {
      emitLoad(f, tap.image, lanes)
      f.set(value)
      f.get(value).get(best).op('f32x4.le').op('v128.not').get(best).get(best).op('f32x4.eq').op('v128.and').set(mask)
      f.get(value).get(best).get(mask).op('v128.bitselect').set(best)
      if (op === 'maxGradient') {
        tap.distance()
        f.get(where).get(mask).op('v128.bitselect').set(where)
      } else {
        emitLoad(f, tap.other, lanes)
        f.get(taken).get(mask).op('v128.bitselect').set(taken)
      }
    })
  }
  const fold = (lanes: Width, start: number, add: 'f32x4.max' | 'f32x4.add') => {
    f.splat(start).set(best)
    eachTap((tap) => {
      f.get(best)
      emitLoad(f, tap.image, lanes)
      f.op(add).set(best)
    })
    emitStore(f, y, lanes, () => f.get(best))
  }
  const work: { readonly [Op in Pool['op']]: (lanes: Width) => void } = {
    max: (lanes) => fold(lanes, -Infinity, 'f32x4.max'),
    sum: (lanes) => fold(lanes, 0, 'f32x4.add'),
    maxTangent: (lanes) => {
      findMaximum(lanes)
      emitStore(f, y, lanes, () => f.get(taken))
    },
    maxGradient: (lanes) => {
      findMaximum(lanes)
      emitLoad(f, y, lanes)
      f.set(value)
      eachTap((tap) => {
        emitStore(f, tap.other, lanes, () => {
          emitLoad(f, tap.other, lanes)
          f.get(value).get(where)
          tap.distance()
          f.op('i32x4.eq').op('v128.and').op('f32x4.add')
        })
      })
    },
    sumGradient: (lanes) => {
      emitLoad(f, y, lanes)
      f.set(value)
      eachTap((tap) => {
        emitStore(f, tap.image, lanes, () => {
          emitLoad(f, tap.image, lanes)
          f.get(value).op('f32x4.add')
        })
      })
    },
  }

  const [padDown, padRight] = [window.padding[0][0], window.padding[1][0]]
  f.repeat(batch, 1, () => {
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
        const along = (count: number, lanes: Width) => {
          f.repeat(count, 1, () => {
            work[op](lanes)
            for (const pointer of [corner, otherCorner, alongY]) f.advance(pointer, 4 * lanes)
          })
        }
        along(Math.floor(channels / 4), 4)
        along(channels % 4, 1)
      })
    })
    f.advance(image, line * height)
    if (other !== image) f.advance(other, line * height)
  })
}

export const pool: KernelEmitter<Pool> = {
  views: (kernel) => [...kernel.inputs, kernel.output],
  emit: emitPool,
}
