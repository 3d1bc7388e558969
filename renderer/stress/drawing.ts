/** A drawing of so many blocks, for measuring: branches of equal blocks between one Dense and one loss, as tidying lays them. */
import { layOut } from '../../src/document/layout.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { portsOf } from '../../src/document/composites.ts'
import type { BlockNode, GraphDocument, Wire } from '../../src/document/types.ts'
import type { ParamValues } from '../../src/base/params.ts'

const BRANCHES = 32
/** Each adds what comes in to what goes out; all of them keep the shape, so the size of the first block is that of all. */
const UNIT = ['layerNorm', 'relu', 'dropout', 'gelu', 'add'] as const
/** About as large as a block is drawn. */
const SIZE = { width: 160, height: 128 }

/** The block whose size is that of all others. */
export const STEM = 'stem'

export function drawing(count: number): GraphDocument {
  const blocks: { [id: string]: BlockNode } = {}
  const wires: { [id: string]: Wire } = {}
  const ports: { readonly [type: string]: readonly string[] } = {
    add: ['a', 'b'],
    concat: ['a', 'b'],
    crossEntropy: ['prediction', 'target'],
  }
  const put = (id: string, type: string, params: ParamValues, ...from: readonly string[]) => {
    blocks[id] = { type, name: id, params, position: { x: 0, y: 0 } }
    from.forEach((source, i) => {
      const [block = '', port = 'y'] = source.split('.')
      wires[`w${Object.keys(wires).length}`] = {
        from: { block, port },
        to: { block: id, port: (ports[type] ?? ['x'])[i] ?? 'x' },
      }
    })
    return id
  }
  put('input', 'input', {})
  put(STEM, 'dense', { features: 32 }, 'input.x')
  // Beside the branches there are the two above, what joins the branches, and target, answer and loss.
  const rest = count - 2 - (BRANCHES - 1) - 3
  const ends = Array.from({ length: BRANCHES }, (_, branch) => {
    const length = Math.floor(rest / BRANCHES) + (branch < rest % BRANCHES ? 1 : 0)
    let [last, before]: [string, string] = [STEM, STEM]
    for (let i = 0; i < length; i++) {
      const type = UNIT[i % UNIT.length] ?? 'relu'
      last = put(`b${branch}_${i}`, type, {}, last, ...(type === 'add' ? [before] : []))
      if (type === 'add') before = last
    }
    return last
  })
  for (let i = 0; ends.length > 1; i++)
    ends.push(put(`concat${i}`, 'concat', {}, ends.shift() ?? '', ends.shift() ?? ''))
  put('target', 'target', {})
  put('answer', 'dense', { features: 2 }, ends[0] ?? STEM)
  put('loss', 'crossEntropy', {}, 'answer', 'target.y')

  const boxes = Object.entries(blocks).map(([id, node]) => {
    const { inputs, outputs } = portsOf(node)
    const at = (names: readonly string[]) => Object.fromEntries(names.map((name, i) => [name, 22 + 20 * i]))
    return { id, x: 0, y: 0, ...SIZE, inputs: at(Object.keys(inputs)), outputs: at(Object.keys(outputs)) }
  })
  for (const [id, position] of layOut({ blocks: boxes, wires })) {
    const node = blocks[id]
    if (node) blocks[id] = { ...node, position }
  }
  return { ...emptyDocument(), name: `${count} blocks`, graph: { blocks, wires } }
}
