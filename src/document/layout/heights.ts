/**
 * How high each cell lies: as straight as possible at the heights of the ports. That is the least sum of weighted bends, which
 * the network simplex method finds (Gansner et al. 1993, section 4.2); a solution of it has many wires without any bend,
 * where an average such as that of Brandes and Köpf (2001) leaves small ones.
 */
import { at } from '../../base/assert.ts'
import type { Layered } from './layers.ts'
import type { Order } from './order.ts'
import { least } from './simplex.ts'

/** What may be spent on a very large drawing: an exchange takes time in proportion to what is to be placed. */
const EFFORT = 15e6

/** Upper edges of the cells, in units; `gap` is what lies between two blocks of a layer at least. */
export function heightsOf({ cells, pieces, far }: Layered, order: Order, gap: number): Int32Array {
  const from: number[] = []
  const to: number[] = []
  const length: number[] = []
  const weight: number[] = []
  const demand = (tail: number, head: number, by: number, worth: number) => {
    from.push(tail)
    to.push(head)
    length.push(by)
    weight.push(worth)
  }
  for (const layer of order)
    for (let i = 0; i + 1 < layer.length; i++) {
      const [upper, lower] = [at(layer, i), at(layer, i + 1)]
      const lanes = Number(at(cells, upper).block < 0) + Number(at(cells, lower).block < 0)
      demand(upper, lower, at(cells, upper).height + (lanes === 0 ? gap : Math.min(gap, 3 - lanes)), 0)
    }
  let count = cells.length
  for (const piece of [...pieces, ...far]) {
    // A node above both ends, from which the way to one of them is as short as can be.
    demand(count, piece.from, 0, piece.weight)
    demand(count, piece.to, nearest(piece.fromHeight - piece.toHeight), piece.weight)
    count++
  }
  return least(count, { from, to, length, weight }, Math.ceil(EFFORT / count)).subarray(0, cells.length)
}

/** There and back must make nothing, or a long chain would climb. */
const nearest = (value: number) => Math.sign(value) * Math.round(Math.abs(value))
