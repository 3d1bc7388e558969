/**
 * Convolutions over [n, h, w, c] without a matrix of patches: a row of output pixels is a product in which the rows of A
 * are places of the image itself, a pixel apart, and B is the weights, packed into panels of output channels. Where the
 * channels of neighbouring taps lie side by side (one group, no dilation), a whole row of taps is one run of the register
 * tile. Rows of padding are left out; columns of padding are made real first: one image at a time is copied into scratch
 * memory with a border left and right.
 *
 * The gradient of the input is the same sweep over the output's gradient with turned weights; with stride s it falls into
 * s × s phases, one for each remainder of the position, each with the taps that reach it. The gradient of the weights
 * swaps the roles: its rows are taps × channels, and the tile runs along the pixels.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { copyOf, expressionViews, type KernelCode, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { emitMapOfResult } from './map.ts'
import { pushIndex } from './nest.ts'
import { cutColumns, cutRows, eachPanel, emitPack, Tile, TileEpilogue, type Panels } from './tile.ts'

export type Conv = KernelOf<'conv'>

/** One axis (rows or columns) of a sweep: taps that lie evenly, output positions that lie evenly. All in pixels. */
interface Line {
  /** Source position of tap 0 for output 0, before padding; may be negative. */
  readonly start: number
  readonly taps: number
  readonly tapStep: number
  readonly outputs: number
  readonly outputStep: number
  /** Where in the result the outputs go. */
  readonly target: number
  readonly targetStep: number
  /** Number of tap `t` in the weights is `tap + t * tapNumberStep`. */
  readonly tap: number
  readonly tapNumberStep: number
}

function forwardLine(kernel: Conv, axis: 0 | 1): Line {
  const { stride, dilation, padding } = kernel.geometry
  return {
    start: -padding[axis][0],
    taps: kernel.w[axis],
    tapStep: dilation[axis],
    outputs: kernel.y[axis + 1] as number,
    outputStep: stride[axis],
    target: 0,
    targetStep: 1,
    tap: 0,
    tapNumberStep: 1,
  }
}

/** Phases of the gradient of the input along one axis: x ≡ phase (mod stride) gets tap k from y = (x + p - k d) / stride. */
function phaseLines(kernel: Conv, axis: 0 | 1): Line[] {
  const { stride, dilation, padding } = kernel.geometry
  const [s, d, p] = [stride[axis], dilation[axis], padding[axis][0]]
  const size = kernel.x[axis + 1] as number
  const lines: Line[] = []
  for (let phase = 0; phase < Math.min(s, size); phase++) {
    const taps: number[] = []
    for (let k = kernel.w[axis] - 1; k >= 0; k--) if ((phase + p - k * d) % s === 0) taps.push(k)
    const [first, second] = taps
    const source = (k: number) => (phase + p - k * d) / s
    lines.push({
      start: first === undefined ? 0 : source(first),
      taps: taps.length,
      tapStep: first === undefined || second === undefined ? 1 : source(second) - source(first),
      outputs: Math.ceil((size - phase) / s),
      outputStep: 1,
      target: phase,
      targetStep: s,
      tap: first ?? 0,
      tapNumberStep: first === undefined || second === undefined ? 1 : second - first,
    })
  }
  return lines
}

/** How far an axis must be extended on both sides so that every tap of every line reads inside. */
function border(lines: readonly Line[], size: number): { readonly before: number; readonly size: number } {
  let [low, high] = [0, size - 1]
  for (const line of lines) {
    if (line.taps === 0 || line.outputs === 0) continue
    low = Math.min(low, line.start)
    high = Math.max(high, line.start + (line.taps - 1) * line.tapStep + (line.outputs - 1) * line.outputStep)
  }
  return { before: -low, size: high - low + 1 }
}

/** One image with a border of zeros, in scratch memory; or the image itself where no border is needed. */
class Bordered {
  readonly pixel: number
  readonly row: number
  readonly bytes: number
  readonly #f: FunctionBuilder
  readonly #before: readonly [number, number]
  readonly #image: readonly [number, number]

  constructor(
    f: FunctionBuilder,
    rows: readonly Line[],
    columns: readonly Line[],
    image: readonly [number, number],
    channels: number,
  ) {
    this.#f = f
    const down = border(rows, image[0])
    const right = border(columns, image[1])
    this.#before = [down.before, right.before]
    this.#image = image
    this.pixel = 4 * channels
    this.row = this.pixel * right.size
    const needed = down.size !== image[0] || right.size !== image[1]
    this.bytes = needed ? Math.ceil((this.row * down.size) / 64) * 64 : 0
  }

  /** Clears the border, once for all images. */
  clear(scratch: Local): void {
    if (this.bytes > 0) this.#f.get(scratch).i32(0).i32(this.bytes).memoryFill()
  }

  /** Takes in the image at `source`; gives the local with the address of position (0, 0) inside of the border. */
  take(source: Local, scratch: Local): Local {
    const f = this.#f
    const origin = f.local('i32')
    if (this.bytes === 0) {
      f.get(source).set(origin)
      return origin
    }
    const [height, width] = this.#image
    const rowBytes = width * this.pixel
    const [from, to] = [copyOf(f, source), f.local('i32')]
    f.get(scratch)
      .plus(this.#before[0] * this.row + this.#before[1] * this.pixel)
      .tee(origin)
      .set(to)
    f.repeat(height, 1, () => {
      f.get(to).get(from).i32(rowBytes).memoryCopy().advance(from, rowBytes).advance(to, this.row)
    })
    return origin
  }
}

/** Rows of output pixels from source pixels and packed weights: forward, and each phase of the input's gradient. */
interface Sweep {
  readonly rows: Line
  readonly columns: Line
  readonly weights: Local
  readonly panels: Panels
}

/** Channels of one group on the side that is read and on the side that is written. */
interface Channels {
  readonly read: number
  readonly written: number
}

function emitSweeps(code: KernelCode<Conv>): void {
  const { f, kernel, pointers } = code
  const forward = kernel.variant === 'forward'
  const { groups } = kernel.geometry
  const [readShape, writtenShape] = forward ? [kernel.x, kernel.y] : [kernel.y, kernel.x]
  const channels: Channels = { read: readShape[3] / groups, written: writtenShape[3] / groups }
  const rowLines = forward ? [forwardLine(kernel, 0)] : phaseLines(kernel, 0)
  const columnLines = forward ? [forwardLine(kernel, 1)] : phaseLines(kernel, 1)
  const source = new Bordered(f, rowLines, columnLines, [readShape[1], readShape[2]], readShape[3])

  const pairs = rowLines.flatMap((rows) => columnLines.map((columns) => ({ rows, columns })))
  const weightBytes: number[] = []
  const cuts = pairs.map(({ rows, columns }) => {
    const panels = cutColumns(channels.written, columns.outputs)
    weightBytes.push(4 * groups * panels.total * rows.taps * columns.taps * channels.read)
    return panels
  })
  const scratch = code.scratch(source.bytes + weightBytes.reduce((sum, bytes) => sum + bytes, 0))
  const free = copyOf(f, scratch)
  f.advance(free, source.bytes)
  const sweeps = pairs.map(({ rows, columns }, i): Sweep => {
    const weights = copyOf(f, free)
    f.advance(free, at(weightBytes, i))
    packWeights(f, kernel, channels, { rows, columns, weights, panels: at(cuts, i) }, at(pointers, 1))
    return { rows, columns, weights, panels: at(cuts, i) }
  })

  const epilogue = new TileEpilogue(f, kernel.epilogue, pointers.slice(2))
  const views = expressionViews(kernel.epilogue)
  const spot = views.map(() => f.local('i32'))
  source.clear(scratch)
  const image = copyOf(f, at(pointers, 0))
  f.repeat(readShape[0], 1, (batch) => {
    const origin = source.take(image, scratch)
    f.advance(image, 4 * readShape[1] * readShape[2] * readShape[3])
    for (const sweep of sweeps)
      emitSweep({ f, kernel, channels, source, origin, batch, epilogue, views: pointers.slice(2), spot }, sweep)
  })
}

/** Taps × channels read × channels written, in the order in which a sweep meets them. */
function packWeights(f: FunctionBuilder, kernel: Conv, channels: Channels, sweep: Sweep, weights: Local): void {
  const { rows, columns, panels } = sweep
  const [, kernelWidth, perGroup, filters] = kernel.w
  const forward = kernel.variant === 'forward'
  const depth = rows.taps * columns.taps * channels.read
  const [rowStride, columnStride] = forward ? [filters, 1] : [1, filters]
  const from = f.local('i32')
  const group = copyOf(f, sweep.weights)
  f.repeat(kernel.geometry.groups, 1, (g) => {
    for (let ky = 0; ky < rows.taps; ky++) {
      for (let kx = 0; kx < columns.taps; kx++) {
        const tap = (rows.tap + ky * rows.tapNumberStep) * kernelWidth + columns.tap + kx * columns.tapNumberStep
        const firstRow = (ky * columns.taps + kx) * channels.read
        f.get(g)
          .i32((4 * filters) / kernel.geometry.groups)
          .op('i32.mul')
          .get(weights)
          .op('i32.add')
        f.plus(4 * tap * perGroup * filters).set(from)
        emitPack(f, { pointer: from, rowStride, columnStride }, channels.read, panels, group, depth, firstRow)
      }
    }
    f.advance(group, 4 * panels.total * depth)
  })
}

interface SweepCode {
  readonly f: FunctionBuilder
  readonly kernel: Conv
  readonly channels: Channels
  readonly source: Bordered
  readonly origin: Local
  readonly batch: Local
  readonly epilogue: TileEpilogue
  /** Pointers of the epilogue's views. */
  readonly views: readonly Local[]
  readonly spot: readonly Local[]
}

function emitSweep(code: SweepCode, { rows, columns, weights, panels }: Sweep): void {
  const { f, kernel, channels, source, origin, batch, epilogue, views, spot } = code
  const { groups } = kernel.geometry
  const depth = rows.taps * columns.taps * channels.read
  const strides = expressionViews(kernel.epilogue).map((view) => view.strides)
  const rowStrides = strides.map((view) => (view[2] ?? 0) * columns.targetStep)
  const columnStrides = strides.map((view) => view[3] ?? 0)
  // Taps of one row whose channels lie side by side are one run.
  const joined = groups === 1 && columns.tapStep === 1
  const runs = joined ? 1 : columns.taps
  const run = joined ? columns.taps * channels.read : channels.read
  const [a, b, line] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const [y, x, filter] = [f.local('i32'), f.local('i32'), f.local('i32')]

  const emitTile = (
    count: number,
    group: Local,
    outputRow: Local,
    pixel: Local,
    first: Local,
    used: number,
    width: number,
  ) => {
    const tile = new Tile(f, count, width)
    tile.clear()
    // Source of the tile's first pixel, and the panel.
    f.get(origin).plus(rows.start * source.row + columns.start * source.pixel)
    f.plusScaled(outputRow, rows.outputStep * source.row)
    f.plusScaled(pixel, columns.outputStep * source.pixel)
    if (groups > 1) f.plusScaled(group, 4 * channels.read)
    f.set(line)
    f.get(weights).plusScaled(first, 4 * depth)
    if (groups > 1) f.plusScaled(group, 4 * panels.total * depth)
    f.set(b)
    f.repeat(rows.taps, 1, () => {
      f.get(line).set(a)
      f.repeat(runs, 1, () => {
        tile.run(run, a, columns.outputStep * source.pixel, 4, b, 4 * width)
        f.advance(a, columns.tapStep * source.pixel - 4 * run)
      })
      f.advance(line, rows.tapStep * source.row)
    })
    f.get(outputRow).i32(rows.targetStep).op('i32.mul').plus(rows.target).set(y)
    f.get(pixel).i32(columns.targetStep).op('i32.mul').plus(columns.target).set(x)
    f.get(first)
    if (groups > 1) f.plusScaled(group, channels.written)
    f.set(filter)
    strides.forEach((view, i) => {
      f.get(at(views, i))
      const positions = [batch, y, x, filter]
      positions.forEach((position, axis) => {
        const stride = view[axis] ?? 0
        if (stride !== 0) f.plusScaled(position, 4 * stride)
      })
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

  const { full, edge } = cutRows(columns.outputs)
  f.repeat(groups, 1, (group) => {
    eachPanel(f, panels, (first, used, width) => {
      f.repeat(rows.outputs, 1, (outputRow) => {
        f.repeat(4 * full, 4, (pixel) => emitTile(4, group, outputRow, pixel, first, used, width))
        if (edge === 0) return
        const pixel = f.local('i32')
        f.i32(4 * full).set(pixel)
        emitTile(edge, group, outputRow, pixel, first, used, width)
      })
    })
  })
}

/** dw[ky, kx, c, o] = sum over images and pixels of x[.., c] dy[.., o]; summed up in scratch memory, image by image. */
function emitWeightGradient(code: KernelCode<Conv>): void {
  const { f, kernel, pointers } = code
  const { groups } = kernel.geometry
  const [batch, height, width, inputs] = kernel.x
  const [kernelHeight, kernelWidth, perGroup, outputs] = kernel.w
  const [, rows, columns] = kernel.y
  const [down, right] = [forwardLine(kernel, 0), forwardLine(kernel, 1)]
  const source = new Bordered(f, [down], [right], [height, width], inputs)
  const filters = outputs / groups
  const joined = groups === 1 && right.tapStep === 1
  const run = joined ? kernelWidth * perGroup : perGroup
  const runs = joined ? 1 : kernelWidth
  const panels = cutColumns(filters, run)
  const rowBytes = 4 * panels.total
  const groupBytes = kernelHeight * kernelWidth * perGroup * rowBytes
  const scratch = code.scratch(source.bytes + groups * groupBytes + 4 * sizeOf(kernel.w))
  const sums = copyOf(f, scratch)
  f.advance(sums, source.bytes)
  f.get(sums)
    .i32(0)
    .i32(groups * groupBytes)
    .memoryFill()
  source.clear(scratch)

  const [image, gradient] = [copyOf(f, at(pointers, 0)), copyOf(f, at(pointers, 1))]
  const [a, b, tap, sum] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
  const step = right.outputStep * source.pixel
  const emitTile = (count: number, row: Local, group: Local, first: Local, panel: number) => {
    const tile = new Tile(f, count, panel)
    tile.clear()
    f.get(tap).plusScaled(row, 4).set(a)
    f.get(gradient)
      .get(group)
      .i32(filters)
      .op('i32.mul')
      .get(first)
      .op('i32.add')
      .i32(4)
      .op('i32.mul')
      .op('i32.add')
      .set(b)
    f.repeat(rows, 1, () => {
      tile.run(columns, a, 4, step, b, 4 * outputs)
      f.advance(a, down.outputStep * source.row - columns * step)
    })
    f.get(sum).plusScaled(row, rowBytes).plusScaled(first, 4).set(a)
    tile.addFrom(a, rowBytes)
    tile.storeTo(a, rowBytes)
  }
  const { full, edge } = cutRows(run)
  f.repeat(batch, 1, () => {
    const origin = source.take(image, scratch)
    f.repeat(groups, 1, (group) => {
      eachPanel(f, panels, (first, _used, panel) => {
        f.get(sums).plusScaled(group, groupBytes).set(sum)
        f.repeat(kernelHeight, 1, (ky) => {
          f.repeat(runs, 1, (kx) => {
            f.get(origin).plus(down.start * source.row + right.start * source.pixel)
            f.plusScaled(ky, down.tapStep * source.row)
            f.plusScaled(kx, right.tapStep * source.pixel)
            f.plusScaled(group, 4 * perGroup).set(tap)
            f.repeat(4 * full, 4, (row) => emitTile(4, row, group, first, panel))
            if (edge > 0) {
              const row = f.local('i32')
              f.i32(4 * full).set(row)
              emitTile(edge, row, group, first, panel)
            }
            f.advance(sum, run * rowBytes)
          })
        })
      })
    })
    f.advance(image, 4 * height * width * inputs).advance(gradient, 4 * rows * columns * outputs)
  })

  // From [group][tap, channel][filter with padding] to the dense [tap, channel, group, filter] that the epilogue reads.
  const dense = copyOf(f, sums)
  f.advance(dense, groups * groupBytes)
  const [from, to] = [copyOf(f, sums), f.local('i32')]
  f.repeat(groups, 1, (group) => {
    f.get(dense)
      .plusScaled(group, 4 * filters)
      .set(to)
    f.repeat(kernelHeight * kernelWidth * perGroup, 1, () => {
      f.get(to)
        .get(from)
        .i32(4 * filters)
        .memoryCopy()
        .advance(to, 4 * outputs)
        .advance(from, rowBytes)
    })
  })
  emitMapOfResult(f, kernel.w, kernel.epilogue, pointers.slice(2), dense)
}

export const conv: KernelEmitter<Conv> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: (code) => {
    const { kernel } = code
    const result = { forward: kernel.y, inputGradient: kernel.x, weightGradient: kernel.w }[kernel.variant]
    if (sizeOf(result) === 0) return
    if (kernel.variant === 'weightGradient') emitWeightGradient(code)
    else emitSweeps(code)
  },
}
