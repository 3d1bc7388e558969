/**
 * Pooling windows over [n, h, w, c], four channels at a time. Windows are cut to the part that lies inside the image, so
 * padding costs nothing and never wins. A maximum is the first one in reading order; a NaN counts as greater than every
 * number, so it comes through and takes the gradient.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Pair } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitLoad, emitStore, type Place, type Width } from './expression.ts'
import type { KernelCode, KernelEmitter, KernelOf } from './kernel-code.ts'

type Pool = KernelOf<'pool'>

/** Part of one axis's window that lies inside: rows first … end-1 of the image. */
interface Cut {
  readonly first: Local
  readonly end: Local
}

function cut(
  f: FunctionBuilder,
  position: Local,
  size: number,
  stride: number,
  padding: Pair,
  length: number,
  into: Cut,
): void {
  const start = f.local('i32')
  f.get(position).i32(stride).op('i32.mul').i32(padding[0]).op('i32.sub').set(start)
  f.get(start).i32(0).get(start).i32(0).op('i32.gt_s').op('select').set(into.first)
  f.get(start).plus(size).tee(start).i32(length)
  f.get(start).i32(length).op('i32.lt_s').op('select').set(into.end)
}

function emitPool({ f, kernel, pointers }: KernelCode<Pool>): void {
  const { op, window } = kernel
  const [batch, height, width, channels] = kernel.x
  const [, rows, columns] = kernel.y
  const toInput = op === 'maxGradient' || op === 'sumGradient'
  const output = at(pointers, kernel.inputs.length)
  if (toInput && sizeOf(kernel.x) > 0)
    f.get(output)
      .i32(0)
      .i32(4 * sizeOf(kernel.x))
      .memoryFill()
  if (sizeOf(kernel.y) === 0 || sizeOf(kernel.x) === 0) return

  // What lies like x: the image read, or dx. What lies like y: dy, or the result.
  const image = op === 'sumGradient' ? output : at(pointers, 0)
  const alongX = op === 'maxGradient' ? output : op === 'maxTangent' ? at(pointers, 1) : undefined
  const alongY = op === 'sumGradient' ? at(pointers, 0) : op === 'maxGradient' ? at(pointers, 1) : output
  const xPointers = alongX ? [image, alongX] : [image]

  const down: Cut = { first: f.local('i32'), end: f.local('i32') }
  const right: Cut = { first: f.local('i32'), end: f.local('i32') }
  const [best, mask, where, value, taken] = [
    f.local('v128'),
    f.local('v128'),
    f.local('v128'),
    f.local('v128'),
    f.local('v128'),
  ]
  const rowBytes = 4 * width * channels
  const spot = f.local('i32')
  const element = (pointer: Local): Place => ({ pointer, offset: 0, stride: 1 })
  const xAt = f.local('i32')
  const x2At = f.local('i32')
  const channel = f.local('i32')

  /** For each element of the window: its distance in bytes from the image's start goes to `spot`, its addresses to xAt, x2At. */
  const eachTap = (body: () => void) => {
    f.range(down.first, down.end, 1, (y) => {
      f.get(y)
        .i32(width)
        .op('i32.mul')
        .get(right.first)
        .op('i32.add')
        .i32(4 * channels)
        .op('i32.mul')
      f.get(channel).op('i32.add').set(spot)
      f.get(image).get(spot).op('i32.add').set(xAt)
      if (alongX) f.get(alongX).get(spot).op('i32.add').set(x2At)
      f.range(right.first, right.end, 1, () => {
        body()
        f.advance(spot, 4 * channels).advance(xAt, 4 * channels)
        if (alongX) f.advance(x2At, 4 * channels)
      })
    })
  }
  /** Leaves the maximum in `best`, the distance of the first one in `where`, and what `alongX` has there in `taken`. */
  const findMaximum = (lanes: Width) => {
    f.splat(-Infinity).set(best)
    f.lanes(0).set(taken)
    // Until something is greater than -infinity, the first element of the window stands.
    f.get(down.first)
      .i32(width)
      .op('i32.mul')
      .get(right.first)
      .op('i32.add')
      .i32(4 * channels)
      .op('i32.mul')
    f.get(channel).op('i32.add').tee(spot).op('i32x4.splat').set(where)
    if (op === 'maxTangent' && alongX) {
      f.get(down.first).get(down.end).op('i32.lt_s').get(right.first).get(right.end).op('i32.lt_s').op('i32.mul')
      f.if(() => {
        f.get(alongX).get(spot).op('i32.add').set(x2At)
        emitLoad(f, element(x2At), lanes)
        f.set(taken)
      })
    }
    eachTap(() => {
      emitLoad(f, element(xAt), lanes)
      f.set(value)
      f.get(value).get(best).op('f32x4.le').op('v128.not').get(best).get(best).op('f32x4.eq').op('v128.and').set(mask)
      f.get(value).get(best).get(mask).op('v128.bitselect').set(best)
      if (op === 'maxGradient') f.get(spot).op('i32x4.splat').get(where).get(mask).op('v128.bitselect').set(where)
      if (op === 'maxTangent') {
        emitLoad(f, element(x2At), lanes)
        f.get(taken).get(mask).op('v128.bitselect').set(taken)
      }
    })
  }
  const work: { readonly [Op in Pool['op']]: (lanes: Width) => void } = {
    max: (lanes) => {
      f.splat(-Infinity).set(best)
      eachTap(() => {
        f.get(best)
        emitLoad(f, element(xAt), lanes)
        f.op('f32x4.max').set(best)
      })
      emitStore(f, element(alongY), lanes, () => f.get(best))
    },
    maxGradient: (lanes) => {
      findMaximum(lanes)
      emitLoad(f, element(alongY), lanes)
      f.set(value)
      eachTap(() => {
        emitStore(f, element(x2At), lanes, () => {
          emitLoad(f, element(x2At), lanes)
          f.get(value).get(where).get(spot).op('i32x4.splat').op('i32x4.eq').op('v128.and').op('f32x4.add')
        })
      })
    },
    maxTangent: (lanes) => {
      findMaximum(lanes)
      emitStore(f, element(alongY), lanes, () => f.get(taken))
    },
    sum: (lanes) => {
      f.splat(0).set(best)
      eachTap(() => {
        f.get(best)
        emitLoad(f, element(xAt), lanes)
        f.op('f32x4.add').set(best)
      })
      emitStore(f, element(alongY), lanes, () => f.get(best))
    },
    sumGradient: (lanes) => {
      emitLoad(f, element(alongY), lanes)
      f.set(value)
      eachTap(() => {
        emitStore(f, element(xAt), lanes, () => {
          emitLoad(f, element(xAt), lanes)
          f.get(value).op('f32x4.add')
        })
      })
    },
  }

  f.repeat(batch, 1, () => {
    f.repeat(rows, 1, (row) => {
      cut(f, row, window.size[0], window.stride[0], window.padding[0], height, down)
      f.repeat(columns, 1, (column) => {
        cut(f, column, window.size[1], window.stride[1], window.padding[1], width, right)
        f.i32(0).set(channel)
        const along = (count: number, lanes: Width) => {
          if (count > 0)
            f.repeat(count, 1, () => {
              work[op](lanes)
              f.advance(channel, 4 * lanes).advance(alongY, 4 * lanes)
            })
        }
        along(Math.floor(channels / 4), 4)
        along(channels % 4, 1)
      })
    })
    for (const pointer of xPointers) f.advance(pointer, rowBytes * height)
  })
}

export const pool: KernelEmitter<Pool> = {
  views: (kernel) => [...kernel.inputs, kernel.output],
  emit: emitPool,
}
