/**
 * Convolution and the gradient of its input as sweeps: a row of result pixels is a product in which the rows of A are
 * places of the image that is read, a pixel apart, and B is the weights, packed into panels of channels. No matrix of
 * patches is made. Where the channels of neighbouring taps lie side by side (one group, no dilation), a whole row of taps
 * is one run of the register tile.
 *
 * The gradient of the input reads the gradient of the output with turned weights; with stride s it falls into s × s
 * phases, one for each remainder of the position, each with the taps that reach it.
 */
import { at } from '../../base/assert.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import {
  copyOf,
  expressionViews,
  movedBy,
  onePhase,
  productWork,
  type KernelWork,
  type PhaseCode,
  type Target,
} from './kernel-code.ts'
import { emitNarrow, isNarrow } from './narrow.ts'
import { pushIndex } from './nest.ts'
import { cutColumns, cutRows, eachPanel, emitPack, Tile, TileEpilogue, type Panels } from './tile.ts'
import {
  Bordered,
  eachInside,
  emitInside,
  forwardLine,
  grouping,
  multiplyAdds,
  phaseLines,
  type Conv,
  type Grouping,
  type Line,
} from './windows.ts'

interface Sweep {
  readonly rows: Line
  readonly columns: Line
  readonly panels: Panels
  /** Rows of the packed weights. */
  readonly depth: number
  /** Where the packed weights lie in shared scratch memory. */
  readonly weights: number
}

/** Channels of one group on the side that is read and on the side that is written. */
interface Channels extends Grouping {
  readonly read: number
  readonly written: number
}

/** More phases than this would be too much code. */
const MOST_PHASES = 9

/** The units are images. */
export function sweepWork(kernel: Conv, { variant }: Target): KernelWork {
  const forward = kernel.variant === 'forward'
  const rowLines = forward ? [forwardLine(kernel, 0)] : phaseLines(kernel, 0)
  const columnLines = forward ? [forwardLine(kernel, 1)] : phaseLines(kernel, 1)
  const pixelwise = rowLines.length * columnLines.length > MOST_PHASES
  const { groups, wide } = pixelwise ? { groups: kernel.geometry.groups, wide: false } : grouping(kernel)
  const [readShape, writtenShape] = forward ? [kernel.x, kernel.y] : [kernel.y, kernel.x]
  const [images, height, width] = readShape
  const channels: Channels = { groups, wide, read: wide ? 1 : readShape[3] / groups, written: writtenShape[3] / groups }
  const work = productWork(multiplyAdds(kernel))
  const lines = pixelwise
    ? [{ rows: forwardLine(kernel, 0), columns: forwardLine(kernel, 1) }]
    : rowLines.flatMap((rows) => columnLines.map((columns) => ({ rows, columns })))
  if (!pixelwise && isNarrow(kernel, lines)) return onePhase(images, work, (code) => emitNarrow(code, kernel, lines))

  let sharedBytes = 0
  const sweeps = lines.map(({ rows, columns }): Sweep => {
    const panels = cutColumns(channels.written, pixelwise ? 1 : columns.outputs, variant)
    const depth = rows.taps * columns.taps * channels.read
    const sweep = { rows, columns, panels, depth, weights: sharedBytes }
    sharedBytes += 4 * groups * panels.total * depth
    return sweep
  })
  const pack = ({ f, pointers, shared }: PhaseCode) => {
    for (const sweep of sweeps) {
      const weights = copyOf(f, shared)
      f.advance(weights, sweep.weights)
      packWeights(f, kernel, channels, sweep, weights, at(pointers, 1))
    }
  }
  const sweepImages = (code: PhaseCode) => {
    const { f, pointers, shared, from, to } = code
    const views = pointers.slice(2)
    const epilogue = new TileEpilogue(f, kernel.epilogue, views)
    const spot = views.map(() => f.local('i32'))
    const weights = sweeps.map((sweep) => {
      const start = copyOf(f, shared)
      f.advance(start, sweep.weights)
      return start
    })
    const source = new Bordered(f, columnLines, [height, width], readShape[3])
    const border = code.scratch(source.bytes)
    source.clear(border)
    f.range(from, to, 1, (batch) => {
      const image = movedBy(f, at(pointers, 0), batch, 4 * height * width * readShape[3])
      const origin = source.take(image, border)
      const sweepCode = { f, kernel, channels, source, height, origin, batch, epilogue, views, spot }
      sweeps.forEach((sweep, i) => emitSweep(sweepCode, sweep, at(weights, i)))
    })
  }
  const sweepPixels = (code: PhaseCode) => emitPixels(code, kernel, channels, at(sweeps, 0))
  return {
    phases: [
      { units: 1, work: sharedBytes / 4000, emit: pack },
      { units: images, work, emit: pixelwise ? sweepPixels : sweepImages },
    ],
    sharedBytes,
  }
}

/** Taps × channels read × channels written, in the order in which a sweep meets them. */
function packWeights(
  f: FunctionBuilder,
  kernel: Conv,
  channels: Channels,
  { rows, columns, panels, depth }: Sweep,
  packed: Local,
  weights: Local,
): void {
  const [, kernelWidth, perGroup, filters] = kernel.w
  const turned = kernel.variant === 'inputGradient' && !channels.wide
  const [rowStride, columnStride] = turned ? [1, filters] : [filters, 1]
  const [from, row] = [f.local('i32'), f.local('i32')]
  const group = copyOf(f, packed)
  const tapBytes = 4 * perGroup * filters
  f.repeat(channels.groups, 1, (g) => {
    f.i32(0).set(row)
    f.repeat(rows.taps, 1, (ky) => {
      f.repeat(columns.taps, 1, (kx) => {
        f.get(weights).plusScaled(g, (4 * filters) / channels.groups)
        f.plus((rows.tap * kernelWidth + columns.tap) * tapBytes)
        f.plusScaled(ky, rows.tapNumberStep * kernelWidth * tapBytes)
        f.plusScaled(kx, columns.tapNumberStep * tapBytes).set(from)
        emitPack(f, { pointer: from, rowStride, columnStride }, channels.read, panels, group, depth, row)
        f.advance(row, channels.read)
      })
    })
    f.advance(group, 4 * panels.total * depth)
  })
}

interface SweepCode {
  readonly f: FunctionBuilder
  readonly kernel: Conv
  readonly channels: Channels
  readonly source: Bordered
  /** Rows of the image that is read. */
  readonly height: number
  readonly origin: Local
  readonly batch: Local
  readonly epilogue: TileEpilogue
  /** Pointers of the epilogue's views. */
  readonly views: readonly Local[]
  readonly spot: readonly Local[]
}

function emitSweep(code: SweepCode, { rows, columns, panels, depth }: Sweep, weights: Local): void {
  const { f, kernel, channels, source, origin, batch, epilogue, views, spot } = code
  const { groups, wide } = channels
  const strides = expressionViews(kernel.epilogue).map((view) => view.strides)
  const rowStrides = strides.map((view) => (view[2] ?? 0) * columns.targetStep)
  const columnStrides = strides.map((view) => view[3] ?? 0)
  const joined = groups === 1 && !wide && columns.tapStep === 1
  const runs = joined ? 1 : columns.taps
  const run = joined ? columns.taps * channels.read : channels.read
  const [a, b, line] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const [y, x, filter] = [f.local('i32'), f.local('i32'), f.local('i32')]

  f.repeat(groups, 1, (group) => {
    eachPanel(f, panels, (first, used, width) => {
      f.repeat(rows.outputs, 1, (outputRow) => {
        const taps = { start: rows.start, scale: rows.outputStep, step: rows.tapStep, count: rows.taps }
        const inside = emitInside(f, taps, outputRow, rows.outputs, code.height)

        const emitTile = (count: number, pixel: Local) => {
          const tile = new Tile(f, count, width, wide)
          tile.clear()
          // The first pixel of the tile for the first tap inside, and the weights of that tap.
          f.get(origin).plus(rows.start * source.row + columns.start * source.pixel)
          f.plusScaled(outputRow, rows.outputStep * source.row).plusScaled(pixel, columns.outputStep * source.pixel)
          f.plusScaled(group, 4 * channels.read)
          if (wide) f.plusScaled(first, 4)
          if (inside) f.plusScaled(inside.from, rows.tapStep * source.row)
          f.set(line)
          f.get(weights)
            .plusScaled(first, 4 * depth)
            .plusScaled(group, 4 * panels.total * depth)
          if (inside) f.plusScaled(inside.from, 4 * width * columns.taps * channels.read)
          f.set(b)
          eachInside(f, inside, rows.taps, () => {
            f.get(line).set(a)
            const tap = () => {
              tile.run(run, a, columns.outputStep * source.pixel, 4, b, 4 * width)
              f.advance(a, columns.tapStep * source.pixel - 4 * run)
            }
            // Single steps are too short for a loop around each.
            if (run === 1 && runs <= 8) for (let kx = 0; kx < runs; kx++) tap()
            else f.repeat(runs, 1, tap)
            f.advance(line, rows.tapStep * source.row)
          })
          f.i32(rows.target).plusScaled(outputRow, rows.targetStep).set(y)
          f.i32(columns.target).plusScaled(pixel, columns.targetStep).set(x)
          f.get(first).plusScaled(group, channels.written).set(filter)
          strides.forEach((view, i) => {
            f.get(at(views, i))
            ;[batch, y, x, filter].forEach((position, axis) => f.plusScaled(position, 4 * (view[axis] ?? 0)))
            f.set(at(spot, i))
          })
          epilogue.apply(tile, used, spot, {
            rowStrides,
            columnStrides,
            index: (axis, r, c, lanes) => {
              if (axis === 3) pushIndex(f, filter, c, lanes === 4)
              else if (axis === 2) pushIndex(f, x, r * columns.targetStep, false)
              else pushIndex(f, axis === 1 ? y : batch, 0, false)
            },
          })
        }
        const { height, full, edge } = cutRows(columns.outputs, f.variant)
        f.repeat(height * full, height, (pixel) => emitTile(height, pixel))
        if (edge === 0) return
        const pixel = f.local('i32')
        f.i32(height * full).set(pixel)
        emitTile(edge, pixel)
      })
    })
  })
}

/**
 * The gradient of the input pixel by pixel, for strides with too many phases: each pixel goes through all taps and takes
 * those that reach it. The weights are packed as for one phase that has all taps.
 */
function emitPixels(code: PhaseCode, kernel: Conv, channels: Channels, { rows, columns, panels, depth }: Sweep): void {
  const { f, pointers, shared: weights } = code
  const { stride, dilation, padding, groups } = kernel.geometry
  const [, height, width] = kernel.x
  const [, yRows, yColumns, read] = kernel.y

  const views = pointers.slice(2)
  const strides = expressionViews(kernel.epilogue).map((view) => view.strides)
  const epilogue = new TileEpilogue(f, kernel.epilogue, views)
  const spot = views.map(() => f.local('i32'))
  const [a, b, filter] = [f.local('i32'), f.local('i32'), f.local('i32')]
  /** Runs `body` with the position that tap `k` of this axis comes from, where there is one. */
  const source = (axis: 0 | 1, position: Local, k: Local, size: number, body: (from: Local) => void) => {
    const [from, scaled] = [f.local('i32'), f.local('i32')]
    f.get(position).plus(padding[axis][0]).plusScaled(k, -dilation[axis]).tee(scaled)
    f.i32(stride[axis]).op('i32.div_s').tee(from)
    f.i32(stride[axis]).op('i32.mul').get(scaled).op('i32.eq')
    f.get(scaled).i32(0).op('i32.ge_s').op('i32.mul').get(from).i32(size).op('i32.lt_s').op('i32.mul')
    f.if(() => body(from))
  }
  f.range(code.from, code.to, 1, (batch) => {
    const image = movedBy(f, at(pointers, 0), batch, 4 * yRows * yColumns * read)
    f.repeat(groups, 1, (group) => {
      eachPanel(f, panels, (first, used, panelWidth) => {
        f.get(first).plusScaled(group, channels.written).set(filter)
        f.repeat(height, 1, (y) => {
          f.repeat(width, 1, (x) => {
            const tile = new Tile(f, 1, panelWidth)
            tile.clear()
            f.repeat(rows.taps, 1, (ky) => {
              source(0, y, ky, yRows, (yFrom) => {
                f.repeat(columns.taps, 1, (kx) => {
                  source(1, x, kx, yColumns, (xFrom) => {
                    f.get(image)
                      .plusScaled(yFrom, 4 * yColumns * read)
                      .plusScaled(xFrom, 4 * read)
                    f.plusScaled(group, 4 * channels.read).set(a)
                    f.get(weights)
                      .plusScaled(first, 4 * depth)
                      .plusScaled(group, 4 * panels.total * depth)
                    f.plusScaled(ky, 4 * panelWidth * columns.taps * channels.read)
                    f.plusScaled(kx, 4 * panelWidth * channels.read).set(b)
                    tile.run(channels.read, a, 0, 4, b, 4 * panelWidth)
                  })
                })
              })
            })
            strides.forEach((view, i) => {
              f.get(at(views, i))
              ;[batch, y, x, filter].forEach((position, axis) => f.plusScaled(position, 4 * (view[axis] ?? 0)))
              f.set(at(spot, i))
            })
            epilogue.apply(tile, used, spot, {
              rowStrides: strides.map(() => 0),
              columnStrides: strides.map((view) => view[3] ?? 0),
              index: (axis, _row, c, lanes) => {
                if (axis === 3) pushIndex(f, filter, c, lanes === 4)
                else pushIndex(f, at([batch, y, x], axis), 0, false)
              },
            })
          })
        })
      })
    })
  })
}
