/** What the app makes of somebody's data, as in the window: what it reads of them, and the network that it would begin with. */
import type { ParamValue } from '../../base/params.ts'
import { problem } from '../../base/problem.ts'
import {
  asSource,
  findReader,
  isTable,
  proposeSource,
  readers,
  readFiles,
  trainable,
  type OpenedFiles,
} from '../../data/index.ts'
import type { LoadedSource, Proposal } from '../../data/types.ts'
import { emptyDocument } from '../../document/file.ts'
import { withSource } from '../../document/parts.ts'
import { starterFor, type Starter } from '../../document/starter.ts'
import type { DataSection, FileReference } from '../../document/types.ts'
import { withPassedOver } from '../data-store.ts'
import { listed } from '../engine/reading.ts'
import { CommandEnd, orEnd } from './console.ts'
import { openItems, type CommandJob } from './open.ts'

export interface Understood {
  readonly reader: string
  readonly references: readonly FileReference[]
  readonly opened: OpenedFiles
  /** One by which something can be learnt. */
  readonly proposal: Proposal
}

/** `given`: `name=value` of the reader's options. */
export async function understand(
  paths: readonly string[],
  given: readonly string[],
  job: CommandJob,
): Promise<Understood> {
  const items = await openItems(paths, job)
  const files = items.flatMap((item) => item.files)
  const reader = orEnd(findReader(files)).type
  const references = items.map(({ reference }) => reference)
  job.begin({ doing: 'reading', file: listed(references) })
  const read = await readFiles(files, { reader, options: optionsOf(reader, given), job })
  const opened = orEnd(withPassedOver(items, read))
  return { reader, references, opened, proposal: orEnd(trainable(orEnd(proposeSource(opened, references)))) }
}

export interface Proposed {
  readonly section: DataSection
  readonly loaded: LoadedSource
  /** Rows or examples. */
  readonly count: number
  readonly starter: Starter
}

/** What a new document begins with on these data. */
export function proposed(opened: OpenedFiles, proposal: Proposal): Proposed {
  const section = withSource(emptyDocument().data, proposal)
  const loaded = orEnd(asSource(proposal.source, opened))
  const { data } = loaded
  const count = isTable(data) ? data.table.rows : data.count
  return { section, loaded, count, starter: starterFor(section, count) }
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
