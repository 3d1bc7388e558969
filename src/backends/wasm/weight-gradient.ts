/**
 * The gradient of a convolution's weights: dw[ky, kx, c, o] = sum over images and pixels of x[…, c] dy[…, o]. The roles of
 * the sweep are swapped: the rows of the register tile are taps × channels of x, which lie side by side, its columns are
 * filters, and it runs along the pixels of a row. Images are taken one after the other, so that the data of one stays in
 * the cache; the sums wait in scratch memory in between, and the epilogue is a pass of its own.
 *
 * The units are parts of the images, each with sums of its own, which are added up at the end. Where the weights are too
 * many for that, they are panels of filters.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Local } from './emitter.ts'
import { copyOf, movedBy, productWork, type KernelWork, type PhaseCode, type Target } from './kernel-code.ts'
import { epilogueWork } from './map.ts'
import { cutColumns, cutRows, eachPanel, Tile } from './tile.ts'
import { Bordered, eachInside, emitInside, forwardLine, grouping, multiplyAdds, type Conv } from './windows.ts'

/** Most parts that the images are cut into, and what all their sums may take. */
const MOST_PARTS = 8
const MOST_SUMS = 2 ** 21

export function weightGradientWork(kernel: Conv, target: Target): KernelWork {
  const { groups, wide } = grouping(kernel)
  const [images, height, width, inputs] = kernel.x
  const [kernelHeight, kernelWidth, perGroup, outputs] = kernel.w
  const [, rows, columns] = kernel.y
  const [down, right] = [forwardLine(kernel, 0), forwardLine(kernel, 1)]
  const filters = outputs / groups
  // Rows of the tile: the channels of all taps of a row where they lie side by side, those of one tap, or (wide) the taps.
  const joined = wide || (groups === 1 && right.tapStep === 1)
  const run = joined ? kernelWidth * perGroup : perGroup
  const runs = joined ? 1 : kernelWidth
  const panels = cutColumns(filters, run, target.variant)
  const rowBytes = 4 * panels.total
  const groupBytes = kernelHeight * kernelWidth * perGroup * rowBytes
  const partBytes = groups * groupBytes
  const work = productWork(multiplyAdds(kernel))

  let parts = 1
  if (work >= target.worth)
    while (parts < MOST_PARTS && 2 * parts <= images && 2 * parts * partBytes <= MOST_SUMS) parts *= 2
  const byPanel = parts === 1 && work >= target.worth
  const panelCount = panels.full + (panels.edge > 0 ? 1 : 0)

  const accumulate = (code: PhaseCode) => {
    const { f, pointers, shared, from, to } = code
    const source = new Bordered(f, [right], [height, width], inputs)
    const rowStep = wide ? right.tapStep * source.pixel : 4
    const pixel = right.outputStep * source.pixel
    const { height: tall, full, edge } = cutRows(run, f.variant)
    const border = code.scratch(source.bytes)
    source.clear(border)
    const [a, b, tap, sum, first, last] = [
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
      f.local('i32'),
    ]
    f.range(from, to, 1, (unit) => {
      const sums = byPanel ? copyOf(f, shared) : movedBy(f, shared, unit, partBytes)
      if (byPanel) f.i32(0).set(first).i32(images).set(last)
      else {
        f.get(unit).i32(images).op('i32.mul').i32(parts).op('i32.div_s').set(first)
        f.get(unit).plus(1).i32(images).op('i32.mul').i32(parts).op('i32.div_s').set(last)
        f.get(sums).i32(0).i32(partBytes).memoryFill()
      }
      f.range(first, last, 1, (index) => {
        const image = movedBy(f, at(pointers, 0), index, 4 * height * width * inputs)
        const gradient = movedBy(f, at(pointers, 1), index, 4 * rows * columns * outputs)
        const origin = source.take(image, border)
        f.repeat(groups, 1, (group) => {
          eachPanel(f, panels, (filter, _used, panelWidth) => {
            const emitPanel = () => {
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
                    .plusScaled(filter, 4)
                  if (inside) f.plusScaled(inside.from, 4 * columns * outputs)
                  f.set(b)
                  eachInside(f, inside, rows, () => {
                    tile.run(columns, a, rowStep, pixel, b, 4 * outputs)
                    f.advance(a, down.outputStep * source.row - columns * pixel)
                  })
                  f.get(sum).plusScaled(row, rowBytes).plusScaled(filter, 4).set(a)
                  tile.addFrom(a, rowBytes)
                  tile.storeTo(a, rowBytes)
                }
                f.repeat(runs, 1, (kx) => {
                  f.get(origin).plus(down.start * source.row + right.start * source.pixel)
                  f.plusScaled(ky, down.tapStep * source.row).plusScaled(kx, right.tapStep * source.pixel)
                  f.plusScaled(group, 4 * perGroup)
                  if (wide) f.plusScaled(filter, 4)
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
            }
            if (!byPanel) emitPanel()
            else {
              f.get(filter).get(unit).i32(panels.width).op('i32.mul').op('i32.eq')
              f.if(emitPanel)
            }
          })
        })
      })
    })
  }

  // From [part][group][tap, channel][filter, padded] to the dense [tap, channel, group, filter] that the epilogue reads.
  const denseStart = parts * partBytes
  const combine = ({ f, shared, from, to }: PhaseCode) => {
    const dense = copyOf(f, shared)
    f.advance(dense, denseStart)
    const [source, target] = [f.local('i32'), f.local('i32')]
    /** The parts of up to four columns, as a tree. */
    const pushSum = (first: number, count: number) => {
      if (count === 1) {
        f.get(source).memory('v128.load', first * partBytes)
        return
      }
      pushSum(first, count / 2)
      pushSum(first + count / 2, count / 2)
      f.op('f32x4.add')
    }
    const total = f.local('v128')
    const emitVector = (lanes: number) => {
      pushSum(0, parts)
      f.set(total)
      if (lanes === 4) f.get(target).get(total).memory('v128.store')
      else
        for (let lane = 0; lane < lanes; lane++)
          f.get(target)
            .get(total)
            .lane('v128.store32_lane', lane, 4 * lane)
      f.advance(source, 16).advance(target, 16)
    }
    f.range(from, to, 1, (row) => {
      f.repeat(groups, 1, (group) => {
        f.get(shared).plusScaled(group, groupBytes).plusScaled(row, rowBytes).set(source)
        f.get(dense)
          .plusScaled(row, 4 * outputs)
          .plusScaled(group, 4 * filters)
          .set(target)
        f.repeat(Math.floor(filters / 4), 1, () => emitVector(4))
        if (filters % 4 > 0) emitVector(filters % 4)
      })
    })
  }

  const sumRows = kernelHeight * kernelWidth * perGroup
  const isDense = parts === 1 && groups === 1 && panels.total === filters
  const epilogue = epilogueWork(kernel.w, kernel.epilogue, target, ({ f, pointers, shared }) => {
    const result = copyOf(f, shared)
    if (!isDense) f.advance(result, denseStart)
    return { views: pointers.slice(2), result }
  })
  const clear = ({ f, shared }: PhaseCode) => f.get(shared).i32(0).i32(partBytes).memoryFill()
  return {
    phases: [
      ...(byPanel ? [{ units: 1, work: partBytes / 20_000, emit: clear }] : []),
      { units: byPanel ? panelCount : parts, work, emit: accumulate },
      ...(isDense ? [] : [{ units: sumRows, work: (parts * partBytes) / 20_000, emit: combine }]),
      ...epilogue.phases,
    ],
    sharedBytes: denseStart + (isDense ? 0 : 4 * sizeOf(kernel.w)),
  }
}
