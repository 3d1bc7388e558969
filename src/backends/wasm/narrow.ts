/**
 * Sweeps (see sweep.ts) that write very few channels, such as the last layer of an autoencoder: vectors of channels would
 * be mostly empty, so here the lanes run along the pixels of a row. For that each image is first copied into planes, one
 * for each channel that is read, with a border of zeros left and right; then a tap is a vector of pixels, at any offset,
 * times one weight.
 */
import { at } from '../../base/assert.ts'
import { indexedAxes } from '../axes.ts'
import { copyOf, expressionViews, movedBy, type PhaseCode } from './kernel-code.ts'
import { emitMap } from './map.ts'
import { pushIndex } from './nest.ts'
import { cutColumns, eachPanel, Tile, TileEpilogue } from './tile.ts'
import { Bordered, eachInside, emitInside, type Conv, type Line } from './windows.ts'

const MOST_CHANNELS = 3
const FEWEST_PIXELS = 8

export interface Phase {
  readonly rows: Line
  readonly columns: Line
}

export function isNarrow(kernel: Conv, phases: readonly Phase[]): boolean {
  const written = kernel.variant === 'forward' ? kernel.y[3] : kernel.x[3]
  if (kernel.geometry.groups > 1 || written > MOST_CHANNELS) return false
  const indexed = indexedAxes(kernel.epilogue.body).has(2)
  return phases.every(
    ({ columns }) =>
      columns.outputs >= FEWEST_PIXELS && columns.outputStep === 1 && (columns.targetStep === 1 || !indexed),
  )
}

export function emitNarrow(code: PhaseCode, kernel: Conv, phases: readonly Phase[]): void {
  const { f, pointers } = code
  const forward = kernel.variant === 'forward'
  const [, height, width, read] = forward ? kernel.x : kernel.y
  const written = forward ? kernel.y[3] : kernel.x[3]
  const [, kernelWidth, inner, outer] = kernel.w
  const tapBytes = 4 * inner * outer
  // Of the weights: bytes from one channel that is read, and one that is written, to the next.
  const [readBytes, writtenBytes] = forward ? [4 * outer, 4] : [4, 4 * outer]

  const columnLines = phases.map(({ columns }) => columns)
  const plane = new Bordered(f, columnLines, [height, width], 1)
  const planeBytes = plane.row * height
  const planes = code.scratch(planeBytes * read)
  f.get(planes)
    .i32(0)
    .i32(planeBytes * read)
    .memoryFill()
  const origin = copyOf(f, planes)
  f.advance(origin, plane.left)

  const views = pointers.slice(2)
  const strides = expressionViews(kernel.epilogue).map((view) => view.strides)
  const epilogue = new TileEpilogue(f, kernel.epilogue, views)
  const spot = views.map(() => f.local('i32'))
  const [a, b, weight, line, y, x] = [
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
  ]
  const toPlanes = {
    loads: [{ buffer: -1, offset: 0, strides: [width * read, 1, read] }],
    body: [{ op: 'load', load: 0, dtype: 'float' } as const],
    stores: [{ view: { buffer: -1, offset: 0, strides: [plane.row / 4, planeBytes / 4, 1] }, value: 0 }],
  }
  f.range(code.from, code.to, 1, (batch) => {
    const image = movedBy(f, at(pointers, 0), batch, 4 * height * width * read)
    emitMap(f, [height, read, width], toPlanes, [image, origin])
    for (const { rows, columns } of phases) {
      const panels = cutColumns(columns.outputs, written, f.variant)
      f.repeat(rows.outputs, 1, (outputRow) => {
        const taps = { start: rows.start, scale: rows.outputStep, step: rows.tapStep, count: rows.taps }
        const inside = emitInside(f, taps, outputRow, rows.outputs, height)
        eachPanel(f, panels, (pixel, used, panelWidth) => {
          const tile = new Tile(f, written, panelWidth)
          tile.clear()
          f.repeat(read, 1, (channel) => {
            f.get(origin)
              .plus(rows.start * plane.row + 4 * columns.start)
              .plusScaled(channel, planeBytes)
            f.plusScaled(outputRow, rows.outputStep * plane.row).plusScaled(pixel, 4)
            if (inside) f.plusScaled(inside.from, rows.tapStep * plane.row)
            f.set(line)
            f.get(at(pointers, 1)).plus((rows.tap * kernelWidth + columns.tap) * tapBytes)
            f.plusScaled(channel, readBytes)
            if (inside) f.plusScaled(inside.from, rows.tapNumberStep * kernelWidth * tapBytes)
            f.set(weight)
            eachInside(f, inside, rows.taps, () => {
              f.get(weight).set(a).get(line).set(b)
              tile.run(columns.taps, a, writtenBytes, columns.tapNumberStep * tapBytes, b, 4 * columns.tapStep)
              f.advance(weight, rows.tapNumberStep * kernelWidth * tapBytes).advance(line, rows.tapStep * plane.row)
            })
          })
          f.i32(rows.target).plusScaled(outputRow, rows.targetStep).set(y)
          f.i32(columns.target).plusScaled(pixel, columns.targetStep).set(x)
          strides.forEach((view, i) => {
            f.get(at(views, i))
            ;[batch, y, x].forEach((position, axis) => f.plusScaled(position, 4 * (view[axis] ?? 0)))
            f.set(at(spot, i))
          })
          epilogue.apply(tile, used, spot, {
            rowStrides: strides.map((view) => view[3] ?? 0),
            columnStrides: strides.map((view) => (view[2] ?? 0) * columns.targetStep),
            index: (axis, r, c, lanes) => {
              if (axis === 3) pushIndex(f, undefined, r, false)
              else if (axis === 2) pushIndex(f, x, c, lanes === 4)
              else pushIndex(f, axis === 1 ? y : batch, 0, false)
            },
          })
        })
      })
    }
  })
}
