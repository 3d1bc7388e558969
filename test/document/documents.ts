/** Small documents for tests, drawn with the same edits as the window draws them. */
import type { Result } from '../../src/base/problem.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { applyEdit, type Edit } from '../../src/document/edits.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { BlockNode, GraphDocument, Wire } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'

export function node(type: string, name: string, params: ParamValues = {}): BlockNode {
  return { type, name, position: { x: 0, y: 0 }, params }
}

/** `a.x > b.y` */
export function wire(text: string): Wire {
  const ends = text.split(' > ').map((end) => end.split('.'))
  const end = (i: number) => ({ block: ends[i]?.[0] ?? '', port: ends[i]?.[1] ?? '' })
  return { from: end(0), to: end(1) }
}

export function drawn(
  blocks: { readonly [id: string]: BlockNode },
  wires: readonly string[],
  from = emptyDocument(),
): GraphDocument {
  let document = from
  for (const [id, block] of Object.entries(blocks)) document = edited(document, { kind: 'addBlock', id, node: block })
  wires.forEach((text, i) => {
    document = edited(document, { kind: 'connect', id: `w${i + 1}`, wire: wire(text) })
  })
  return document
}

export function edited(document: GraphDocument, ...edits: readonly Edit[]): GraphDocument {
  let now = document
  for (const edit of edits) now = valueOf(applyEdit(now, edit))
  return now
}

export function refusal(result: Result<unknown>): string {
  if (result.ok) throw new Error('expected a refusal')
  return result.problems.map((one) => one.message).join(' | ')
}

/** Two inputs, one hidden layer inside a composite, two classes. */
export function withComposite(): GraphDocument {
  const composite: BlockNode = {
    ...node('composite', 'layer'),
    position: { x: 100, y: 50 },
    inside: {
      title: 'Layer',
      blocks: {
        b1: node('dense', 'dense', { features: 5 }),
        b2: { ...node('tanh', 'tanh'), position: { x: 40, y: 8 } },
      },
      wires: { w1: wire('b1.y > b2.x') },
      inputs: { x: [{ block: 'b1', port: 'x' }] },
      outputs: { y: { block: 'b2', port: 'y' } },
    },
  }
  return drawn(
    {
      in: node('input', 'points'),
      c1: composite,
      out: node('dense', 'classes', { features: 2 }),
      t: node('target', 'target'),
      l: node('crossEntropy', 'loss'),
    },
    ['in.x > c1.x', 'c1.y > out.x', 'out.y > l.prediction', 't.y > l.target'],
  )
}
