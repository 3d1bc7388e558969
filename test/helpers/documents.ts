/** Documents written in a line or two, and those that ship. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { get } from '../../src/base/assert.ts'
import { findBlock } from '../../src/blocks/index.ts'
import type { ParamValues } from '../../src/base/params.ts'
import type { Shape } from '../../src/base/shape.ts'
import { emptyDocument, parseDocument } from '../../src/document/file.ts'
import type {
  BlockNode,
  DataSection,
  Endpoint,
  Graph,
  GraphDocument,
  Inside,
  TrainingSection,
  Wire,
} from '../../src/document/types.ts'

/**
 * Type, parameters, and where each input comes from, in the order of the ports: `['dense', { features: 3 }, 'x.x']`. A composite
 * stands as its inside with the sources of its ports.
 */
export type Drawn =
  | readonly [type: string, params?: ParamValues, ...sources: string[]]
  | { readonly inside: Inside; readonly from: { readonly [port: string]: string } }

const endpoint = (text: string): Endpoint => {
  const [block = '', port = ''] = text.split('.')
  return { block, port }
}

/** Blocks by name, which is also their id. */
export function graph(drawn: { readonly [name: string]: Drawn }): Graph {
  const blocks: { [id: string]: BlockNode } = {}
  const wires: { [id: string]: Wire } = {}
  for (const [name, block] of Object.entries(drawn)) {
    const common = { name, position: { x: 0, y: 0 } }
    const connect = (port: string, source: string | undefined) => {
      if (source) wires[`${source}>${name}.${port}`] = { from: endpoint(source), to: { block: name, port } }
    }
    if ('inside' in block) {
      blocks[name] = { ...common, type: 'composite', params: {}, inside: block.inside }
      for (const [port, source] of Object.entries(block.from)) connect(port, source)
    } else {
      const [type, params = {}, ...sources] = block
      blocks[name] = { ...common, type, params }
      Object.keys(findBlock(type)?.inputs ?? {}).forEach((port, i) => connect(port, sources[i]))
    }
  }
  return { blocks, wires }
}

/** The inside of a composite: `{ x: ['first.x'] }`, `{ y: 'last.y' }`. */
export function inside(
  drawn: { readonly [name: string]: Drawn },
  inputs: { readonly [port: string]: readonly string[] },
  outputs: { readonly [port: string]: string },
): Inside {
  return {
    ...graph(drawn),
    title: 'Inside',
    inputs: Object.fromEntries(Object.entries(inputs).map(([port, ends]) => [port, ends.map(endpoint)])),
    outputs: Object.fromEntries(Object.entries(outputs).map(([port, end]) => [port, endpoint(end)])),
  }
}

export interface Data {
  readonly features: Shape
  /** How many classes. */
  readonly classes?: number
  /** How many numbers, where there are no classes. */
  readonly numbers?: number
}

export function dataOf({ features, classes, numbers = 1 }: Data): DataSection {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`)
  return {
    source: {
      kind: 'generated',
      generator: 'spiral',
      params: {},
      seed: 1,
      features,
      target:
        classes === undefined ? { kind: 'numbers', names: names(numbers) } : { kind: 'classes', names: names(classes) },
    },
    preparation: { scale: 'none', missing: 'fill' },
    split: { validation: 0.2, seed: 1 },
  }
}

export function draw(
  data: Data,
  drawn: { readonly [name: string]: Drawn },
  training: Partial<TrainingSection> = {},
): GraphDocument {
  const empty = emptyDocument()
  return { ...empty, graph: graph(drawn), data: dataOf(data), training: { ...empty.training, ...training } }
}

const folder = join(import.meta.dirname, '../../models/examples')

/** Every document of models/examples, by name. */
export const examples: ReadonlyMap<string, GraphDocument> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const read = parseDocument(readFileSync(join(folder, file), 'utf8'), file)
      if (!read.ok) throw new Error(read.problems.map((p) => p.message).join())
      return [file.replace('.json', ''), read.value]
    }),
)

export const example = (name: string): GraphDocument => get(examples, name)
