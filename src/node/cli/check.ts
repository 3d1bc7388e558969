/** `check NET.json`: the blocks with their shapes and costs, and what does not fit. */
import { showBatch } from '../../base/shape.ts'
import { analyze } from '../../compiler/analyze.ts'
import { findBlock } from '../../blocks/index.ts'
import type { GraphDocument } from '../../document/types.ts'
import { memoryOf, type PlanMemory } from '../../ir/memory.ts'
import { chooseOptimizer, chooseSchedule } from '../../train/choose.ts'
import { buildNetwork } from '../../train/network.ts'
import { complain, print, printJson, table, type ExitCode } from './console.ts'
import { openDocument } from './open.ts'

export async function check(path: string, options: { readonly json: boolean }): Promise<ExitCode> {
  const document = await openDocument(path)
  const analysis = analyze(document)
  const chosen = [chooseOptimizer(document), chooseSchedule(document)]
  const problems = [...analysis.problems, ...chosen.flatMap((one) => (one.ok ? [] : one.problems))]
  const blocks = [...analysis.blocks].map(([id, block]) => {
    const node = document.graph.blocks[id]
    return {
      id,
      name: node?.name ?? id,
      type: node?.type ?? '',
      title: node?.inside?.title ?? findBlock(node?.type ?? '')?.title ?? node?.type ?? '',
      outputs: Object.fromEntries(
        Object.entries(block.outputs).map(([port, aval]) => [port, aval ? showBatch(aval.shape) : null]),
      ),
      parameters: block.parameters,
      multiplyAdds: block.multiplyAdds,
    }
  })
  const works = problems.every((one) => one.severity !== 'error')
  if (options.json)
    printJson({ works, blocks, totals: analysis.totals, memory: works ? memory(document) : null, problems })
  else {
    const number = (value: number) => value.toLocaleString('en')
    const rows = blocks.map((block) => [
      block.name,
      block.title,
      Object.values(block.outputs)
        .map((shape) => shape ?? '?')
        .join(', '),
      number(block.parameters),
      number(block.multiplyAdds),
    ])
    const { parameters, multiplyAdds } = analysis.totals
    const total = ['total', '', '', number(parameters), number(multiplyAdds)]
    print(table([['block', 'type', 'shape', 'parameters', 'multiply-adds'], ...rows, total], [3, 4]))
    complain(problems)
  }
  return works ? 0 : 1
}

/** Bytes that training takes beside its examples, of which there is one batch here. */
function memory(document: GraphDocument): PlanMemory | null {
  const built = buildNetwork(document, { train: document.training.batchSize, validation: 1 })
  return built.ok ? memoryOf(built.value.plan) : null
}
