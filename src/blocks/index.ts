/** The registry: every block that exists, from the generated list of files. */
import { families, type BlockDefinition } from './define.ts'
import generated from './index.gen.ts'

export const blocks: readonly BlockDefinition[] = [...generated].sort(
  (a, b) => families.indexOf(a.family) - families.indexOf(b.family) || a.title.localeCompare(b.title, 'en'),
)

const byType = new Map(blocks.map((block) => [block.type, block]))

export function findBlock(type: string): BlockDefinition | undefined {
  return byType.get(type)
}
