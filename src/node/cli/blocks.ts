/** `blocks`: the catalogue, from the block files themselves. */
import type { ParamSpec, ParamSpecs } from '../../base/params.ts'
import { families } from '../../blocks/define.ts'
import { blocks } from '../../blocks/index.ts'
import { print, printJson, table, type ExitCode } from './console.ts'

export function listBlocks(options: { readonly json: boolean; readonly markdown: boolean }): ExitCode {
  if (options.json) {
    for (const { type, family, title, doc, source, aliases, params, inputs, outputs } of blocks)
      printJson({ type, family, title, doc, source, aliases: aliases ?? [], params, inputs, outputs })
  } else if (options.markdown) process.stdout.write(blocksPage())
  else
    print(table([['type', 'family', 'title'], ...blocks.map((block) => [block.type, block.family, block.title])], []))
  return 0
}

/** The reference page, docs/blocks.md. */
export function blocksPage(): string {
  const lines = ['# Blocks', '', 'Written by `npm run -s cli -- blocks --markdown` from the block files.', '']
  for (const family of families) {
    const own = blocks.filter((block) => block.family === family)
    if (own.length === 0) continue
    lines.push(`## ${family[0]?.toUpperCase()}${family.slice(1)}`, '')
    for (const block of own) {
      lines.push(`### ${block.title}`, '', block.doc, '')
      for (const [port, { doc }] of Object.entries(block.inputs)) lines.push(`- in \`${port}\`: ${doc}`)
      for (const [port, { doc }] of Object.entries(block.outputs)) lines.push(`- out \`${port}\`: ${doc}`)
      lines.push(...paramLines(block.params), `- source: ${block.source}`, '')
    }
  }
  return `${lines.join('\n').trimEnd()}\n`
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
    case 'real':
      return spec.min > -Number.MAX_VALUE ? `number from ${spec.min}` : 'number'
    default:
      return spec satisfies never
  }
}
