/** `data FILE-OR-FOLDER...`: what the app understands of somebody's data, and the network that it would begin with. */
import { saidOf } from '../../data/bad-records.ts'
import { asSource, prepareFeed, preview, readers } from '../../data/index.ts'
import { MAX_LISTED } from '../../data/limits.ts'
import { emptyDocument } from '../../document/file.ts'
import { withSource } from '../../document/parts.ts'
import type { DataSection } from '../../document/types.ts'
import { listed } from '../engine/reading.ts'
import { complain, orEnd, print, printJson, table, type ExitCode } from './console.ts'
import { printFolds, type FoldOptions } from './folds.ts'
import { endingCleanly, storingJob } from './open.ts'
import { proposed, understand } from './understand.ts'

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
  const { reader, references, opened, proposal } = await understand(paths, options.option, job)
  if (options.folds) {
    const load = ({ source }: DataSection) => orEnd(asSource(source as typeof proposal.source, opened))
    // Parts are drawn of rows, which windows share.
    const { source, split } = proposal
    const rows = withSource(emptyDocument().data, { source, ...(split?.method === 'file' && { split }) })
    return printFolds(rows, load, options.folds, job)
  }
  const { section, loaded, count, starter } = proposed(opened, proposal)
  const shown = preview(loaded)
  job.begin({ doing: 'preparing', file: listed(references) })
  const prepared = orEnd(await prepareFeed(loaded.data, section, job.store.budget, job))
  const balance = shown.warnings.filter(({ code }) => code === 'data.balance')
  const warnings = [...proposal.warnings, ...balance, ...prepared.warnings]
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
  if (shown.classes && shown.classes.length > 0) {
    const all = shown.classes.reduce((sum, { count }) => sum + count, 0)
    const rows = shown.classes
      .slice(0, MAX_LISTED)
      .map(({ name, count }) => [name, String(count), `${short((100 * count) / all)} %`])
    print('')
    print(table([['class', 'count', 'share'], ...rows], [1, 2]))
    const more = shown.classes.length - rows.length
    if (more > 0) print(`and ${more} more`)
  }
  print('')
  print(`${starter.says} ${sides.train} examples to train, ${sides.validation} to validate.`)
  print(`To begin with: ${starter.title} (${network.blocks.join(', ')}).`)
  return 0
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)))
}
