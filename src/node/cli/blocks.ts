/** `blocks`: the catalogue, from the block files themselves and from the composites that ship. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ParamSpec, ParamSpecs } from '../../base/params.ts'
import { families, type Family, type PortSpecs } from '../../blocks/define.ts'
import { blocks, findBlock } from '../../blocks/index.ts'
import { paramSpecsOf, portsOf } from '../../document/composites.ts'
import { parseComposite } from '../../document/file.ts'
import { modelsFolder } from '../folders.ts'
import { orEnd, print, printJson, table, type ExitCode } from './console.ts'

/** A block or a composite, as the catalogue shows it. */
interface Entry {
  readonly type: string
  readonly family: Family
  readonly title: string
  readonly doc: string
  readonly aliases: readonly string[]
  readonly params: ParamSpecs
  readonly inputs: PortSpecs
  readonly outputs: PortSpecs
  /** Of a block: where it is from. Of a composite: the kinds of blocks that it holds, and its file in models/blocks. */
  readonly source?: string
  readonly holds?: readonly string[]
  readonly file?: string
}

export function listBlocks(options: { readonly json: boolean; readonly markdown: boolean }): ExitCode {
  if (options.json) for (const entry of catalogue()) printJson(entry)
  else if (options.markdown) process.stdout.write(blocksPage())
  else
    print(
      table([['type', 'family', 'title'], ...catalogue().map((entry) => [entry.type, entry.family, entry.title])], []),
    )
  return 0
}

/** The reference page, docs/blocks.md. */
export function blocksPage(): string {
  const lines = ['# Blocks', '', 'Written by `npm run -s cli -- blocks --markdown` from the block files.', '']
  const entries = catalogue()
  for (const family of families) {
    const own = entries.filter((entry) => entry.family === family)
    if (own.length === 0) continue
    lines.push(`## ${family[0]?.toUpperCase()}${family.slice(1)}`, '')
    for (const { title, doc, inputs, outputs, params, source, holds } of own) {
      lines.push(`### ${title}`, '', doc, '')
      for (const [port, spec] of Object.entries(inputs)) lines.push(`- in \`${port}\`: ${spec.doc}`)
      for (const [port, spec] of Object.entries(outputs)) lines.push(`- out \`${port}\`: ${spec.doc}`)
      lines.push(...paramLines(params))
      if (source !== undefined) lines.push(`- source: ${source}`)
      if (holds) lines.push(`- a composite of ${holds.join(', ')}`)
      lines.push('')
    }
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function catalogue(): Entry[] {
  const own = blocks.map(({ type, family, title, doc, source, aliases, params, inputs, outputs }) => {
    return { type, family, title, doc, source, aliases: aliases ?? [], params, inputs, outputs }
  })
  return [...own, ...shippedComposites()]
}

/** What lies in models/blocks. */
function shippedComposites(): Entry[] {
  const folder = join(modelsFolder(), 'blocks')
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const node = orEnd(parseComposite(JSON.parse(readFileSync(join(folder, file), 'utf8')), file))
      const { inside } = node
      const parts = Object.values(inside?.blocks ?? {})
      return {
        type: node.type,
        family: 'complex',
        title: inside?.title ?? node.name,
        doc: inside?.doc ?? '',
        aliases: inside?.aliases ?? [],
        params: paramSpecsOf(node),
        ...portsOf(node),
        holds: [...new Set(parts.map(({ type, inside: own }) => own?.title ?? findBlock(type)?.title ?? type))],
        file: file.replace(/\.json$/, ''),
      }
    })
}

function paramLines(params: ParamSpecs): string[] {
  return Object.entries(params).map(([name, spec]) => {
    const doc = spec.doc === undefined ? '' : ` ${spec.doc}`
    return `- parameter \`${name}\` (${range(spec)}, ${JSON.stringify(spec.default)} by default): ${spec.label}.${doc}`
  })
}

function range(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'bool':
      return 'on or off'
    case 'choice':
      return spec.options.map((option) => option.value).join(', ')
    case 'int':
    case 'pair':
      return `${spec.kind === 'pair' ? 'two whole numbers' : 'whole number'} from ${spec.min}`
    case 'list':
      return `${spec.real ? 'numbers' : 'whole numbers'} from ${spec.min}`
    case 'real':
      return spec.min > -Number.MAX_VALUE ? `number from ${spec.min}` : 'number'
    case 'formula':
      return `formula in ${spec.variables.join(', ')}`
    default:
      return spec satisfies never
  }
}
