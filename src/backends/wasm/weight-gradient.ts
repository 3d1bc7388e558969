/**
 * The gradient of a convolution's weights: dw[ky, kx, c, o] = sum over images and pixels of x[…, c] dy[…, o]. The roles of
 * the sweep are swapped: the rows of the register tile are taps × channels of x, which lie side by side, its columns are
 * filters, and it runs along the pixels of a row. Images are taken one after the other, so that the data of one stays in
 * the cache; the sums wait in scratch memory in between, and the epilogue is a pass of its own.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Local } from './emitter.ts'
import { copyOf, type KernelCode } from './kernel-code.ts'
import { emitMapOfResult } from './map.ts'
import { cutColumns, cutRows, eachPanel, Tile } from './tile.ts'
import { Bordered, eachInside, emitInside, forwardLine, grouping, type Conv } from './windows.ts'

export function emitWeightGradient(code: KernelCode<Conv>): void {
  const { f, kernel, pointers } = code
  const { groups, wide } = grouping(kernel)
  const [images, height, width, inputs] = kernel.x
  const [kernelHeight, kernelWidth, perGroup, outputs] = kernel.w
  const [, rows, columns] = kernel.y
  const [down, right] = [forwardLine(kernel, 0), forwardLine(kernel, 1)]
  const source = new Bordered(f, [right], [height, width], inputs)
  const filters = outputs / groups
  // Rows of the tile: the channels of all taps of a row where they lie side by side, those of one tap, or (wide) the taps.
  const joined = wide || (groups === 1 && right.tapStep === 1)
  const run = joined ? kernelWidth * perGroup : perGroup
  const runs = joined ? 1 : kernelWidth
  const rowStep = wide ? right.tapStep * source.pixel : 4
  const panels = cutColumns(filters, run, f.variant)
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
  const pixel = right.outputStep * source.pixel
  const { height: tall, full, edge } = cutRows(run, f.variant)
  f.repeat(images, 1, () => {
    const origin = source.take(image, scratch)
    f.repeat(groups, 1, (group) => {
      eachPanel(f, panels, (first, _used, panelWidth) => {
        f.get(sums).plusScaled(group, groupBytes).set(sum)
        f.repeat(kernelHeight, 1, (ky) => {
          const pixels = { start: down.start, scale: down.tapStep, step: down.outputStep, count: rows }
          const inside = emitInside(f, pixels, ky, kernelHeight, height)
          const emitTile = (count: number, row: Local) => {
            const tile = new Tile(f, count, panelWidth, wide)
            tile.clear()
            f.get(tap).plusScaled(row, rowStep)
            if (inside) f.plusScaled(inside.from, down.outputStep * source.row)
            f.set(a)
            f.get(gradient)
              .plusScaled(group, 4 * filters)
              .plusScaled(first, 4)
            if (inside) f.plusScaled(inside.from, 4 * columns * outputs)
            f.set(b)
            eachInside(f, inside, rows, () => {
              tile.run(columns, a, rowStep, pixel, b, 4 * outputs)
              f.advance(a, down.outputStep * source.row - columns * pixel)
            })
            f.get(sum).plusScaled(row, rowBytes).plusScaled(first, 4).set(a)
            tile.addFrom(a, rowBytes)
            tile.storeTo(a, rowBytes)
          }
          f.repeat(runs, 1, (kx) => {
            f.get(origin).plus(down.start * source.row + right.start * source.pixel)
            f.plusScaled(ky, down.tapStep * source.row).plusScaled(kx, right.tapStep * source.pixel)
            f.plusScaled(group, 4 * perGroup)
            if (wide) f.plusScaled(first, 4)
            f.set(tap)
            f.repeat(tall * full, tall, (row) => emitTile(tall, row))
            if (edge > 0) {
              const row = f.local('i32')
              f.i32(tall * full).set(row)
              emitTile(edge, row)
            }
            f.advance(sum, run * rowBytes)
          })
        })
      })
    })
    f.advance(image, 4 * height * width * inputs).advance(gradient, 4 * rows * columns * outputs)
  })

  // From [group][tap, channel][filter, padded] to the dense [tap, channel, group, filter] that the epilogue reads.
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
