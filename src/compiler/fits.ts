/** Whether what is drawn goes with data: those that it has, or others that are offered for it. */
import { withSource, type SourceChoice } from '../document/parts.ts'
import { featureColumns } from '../document/signature.ts'
import type { DataSection, GraphDocument } from '../document/types.ts'
import { analyze } from './analyze.ts'

/** Whether what is drawn can be trained on its data as it is. */
export function fitsAsItIs(document: GraphDocument): boolean {
  const drawn = Object.keys(document.graph.blocks).length > 0
  return drawn && !analyze(document).problems.some(({ severity }) => severity === 'error')
}

/** The document's data section with other data; rows stay rows where what is drawn takes them, and windows of them it does not. */
export function dataFor(document: GraphDocument, choice: SourceChoice): DataSection {
  const data = withSource(document.data, choice)
  if (!choice.windows || fitsAsItIs({ ...document, data })) return data
  const { windows: _, ...rest } = choice
  const rows = withSource(document.data, rest)
  return featureColumns(rows).length > 0 && fitsAsItIs({ ...document, data: rows }) ? rows : data
}
