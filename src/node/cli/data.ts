/** `data FILE-OR-FOLDER...`: what the app understands of somebody's data, and the network that it would begin with. */
import { problem } from '../../base/problem.ts'
import type { ParamValue } from '../../base/params.ts'
import { saidOf } from '../../data/bad-records.ts'
import { asSource, findReader, prepareFeed, preview, proposeSource, readers, readFiles } from '../../data/index.ts'
import { emptyDocument } from '../../document/file.ts'
import { withSource } from '../../document/parts.ts'
import { starterFor } from '../../document/starter.ts'
import type { DataSection } from '../../document/types.ts'
import { listed } from '../engine/reading.ts'
import { CommandEnd, complain, orEnd, print, printJson, table, type ExitCode } from './console.ts'
import { printFolds, type FoldOptions } from './folds.ts'
import { endingCleanly, openItems, storingJob } from './open.ts'

export interface DataOptions {
  /** `name=value` of the reader's options. */
  readonly option: readonly string[]
  /** Megabytes of a set that are held in memory. */
  readonly memory?: string
  /** Instead of what is understood: indices for cross-validation. */
  readonly folds?: FoldOptions
  readonly json: boolean
}

export async function data(paths: readonly string[], options: DataOptions): Promise<ExitCode> {
  const job = storingJob(options.memory)
  endingCleanly()
  const items = await openItems(paths, job)
  const files = items.flatMap((item) => item.files)
  const reader = orEnd(findReader(files)).type
  const references = items.map(({ reference }) => reference)
  const name = listed(references)
  job.begin({ doing: 'reading', file: name })
  const opened = orEnd(await readFiles(files, { reader, options: optionsOf(reader, options.option), job }))
  const proposal = orEnd(proposeSource(opened, references))
  const section = withSource(emptyDocument().data, proposal)
  if (options.folds) {
    const load = ({ source }: DataSection) => orEnd(asSource(source as typeof proposal.source, opened))
    // Parts are drawn of rows, which windows share.
    const { source, split } = proposal
    const rows = withSource(emptyDocument().data, { source, ...(split && { split }) })
    return printFolds(rows, load, options.folds, job)
  }
  const loaded = orEnd(asSource(proposal.source, opened))
  const shown = preview(loaded)
  const count = shown.kind === 'table' ? shown.rows : shown.count
  const starter = starterFor(section, count)
  job.begin({ doing: 'preparing', file: name })
  const prepared = orEnd(await prepareFeed(loaded.data, section, job.store.budget, job))
  const warnings = [...proposal.warnings, ...prepared.warnings]
  const network = { title: starter.title, blocks: Object.values(starter.graph.blocks).map(({ type }) => type) }
  const sides = { train: prepared.train.count, validation: prepared.validation.count }
  if (options.json) {
    const { source } = proposal
    printJson({
      files: references,
      reader,
      options: source.options,
      facts: proposal.facts,
      examples: count,
      ...(source.kind === 'table' ? { columns: source.columns } : { shape: source.features, target: source.target }),
      ...(shown.kind === 'table' && { summaries: shown.columns, duplicates: shown.duplicates }),
      classes: shown.classes,
      ...(section.preparation.windows && { windows: section.preparation.windows }),
      split: section.split,
      ...(shown.parts && { parts: shown.parts }),
      sides,
      task: starter.task,
      says: starter.says,
      network,
      bad: proposal.bad,
      warnings: warnings.map(({ code, message, place }) => ({ code, message, place })),
    })
    return 0
  }
  complain([...warnings, ...saidOf(proposal.bad)])
  const facts = [{ label: 'Kind', value: readers.get(reader)?.title ?? reader }, ...proposal.facts]
  print(
    table(
      facts.map(({ label, value }) => [label, value]),
      [],
    ),
  )
  if (proposal.source.kind === 'table' && shown.kind === 'table') {
    const { columns } = proposal.source
    const rows = shown.columns.map((column, i) => {
      const { role = '', kind = '' } = columns[i] ?? {}
      const { numbers, categories } = column
      const holds = numbers
        ? `${short(numbers.min)} to ${short(numbers.max)}, mean ${short(numbers.mean)}`
        : `${categories?.length ?? 'many'} different: ${column.top.map(({ name }) => name).join(', ')}`
      return [column.name, role, kind, column.missing > 0 ? `${column.missing} missing` : '', holds]
    })
    print('')
    print(table([['column', 'role', 'kind', 'missing', 'holds'], ...rows], []))
  }
  print('')
  print(`${starter.says} ${sides.train} examples to train, ${sides.validation} to validate.`)
  print(`To begin with: ${starter.title} (${network.blocks.join(', ')}).`)
  return 0
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)))
}

function optionsOf(type: string, given: readonly string[]): { readonly [name: string]: ParamValue } {
  const specs = readers.get(type)?.options ?? {}
  const values = given.map((text): [string, ParamValue] => {
    const [name = '', value = ''] = text.split(/=(.*)/s)
    const spec = specs[name]
    if (!spec) {
      const known = Object.keys(specs).join(', ') || 'none'
      throw new CommandEnd(2, [problem('option', `--option ${name}: this reader has no such option; it has ${known}.`)])
    }
    if (spec.kind === 'bool') return [name, value === 'true']
    return [name, spec.kind === 'choice' ? value : Number(value)]
  })
  return Object.fromEntries(values)
}
