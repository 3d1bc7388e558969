/** The document's constants and the expressions that name them. */
import { fail, ok, problem, type Result } from '../base/problem.ts'
import { constantNameProblem, isExpression, namesIn, withName } from './expressions.ts'
import type { BlockNode, Constants, Graph, GraphDocument } from './types.ts'

/** How many a document may have. */
export const MAX_CONSTANTS = 1000

const refuse = (message: string) => fail(problem('constant', message))

export function setConstant(document: GraphDocument, name: string, value: number | null): Result<GraphDocument> {
  const { constants = {} } = document
  if (value === null) {
    if (!Object.hasOwn(constants, name)) return refuse(`There is no constant called "${name}".`)
    const user = userOf(document.graph, name)
    if (user !== null)
      return refuse(`The constant ${name} is used by the block ${user}; give that a value of its own first.`)
    const { [name]: _gone, ...rest } = constants
    return ok(withConstants(document, rest))
  }
  const wrong = constantNameProblem(name)
  if (wrong !== null) return refuse(wrong)
  if (!Number.isFinite(value)) return refuse(`${name} must be a number, not ${value}.`)
  if (!Object.hasOwn(constants, name) && Object.keys(constants).length >= MAX_CONSTANTS)
    return refuse(`A document has at most ${MAX_CONSTANTS} constants; delete one that nothing uses.`)
  return ok(withConstants(document, { ...constants, [name]: value }))
}

export function renameConstant(document: GraphDocument, name: string, to: string): Result<GraphDocument> {
  const { constants = {} } = document
  if (!Object.hasOwn(constants, name)) return refuse(`There is no constant called "${name}".`)
  const wrong = constantNameProblem(to)
  if (wrong !== null) return refuse(wrong)
  if (to !== name && Object.hasOwn(constants, to)) return refuse(`There is a constant called "${to}" already.`)
  const renamed = Object.fromEntries(Object.entries(constants).map(([key, value]) => [key === name ? to : key, value]))
  return ok(withConstants({ ...document, graph: inGraph(document.graph, name, to) }, renamed))
}

/** The fields in the order in which files hold them. */
function withConstants(document: GraphDocument, constants: Constants): GraphDocument {
  const { format, version, name, note, constants: _before, ...rest } = document
  const own = Object.keys(constants).length > 0 ? { constants } : {}
  return { format, version, name, note, ...own, ...rest }
}

/** A block whose parameter names the constant, as people would say it; null where there is none. */
function userOf(graph: Graph, name: string): string | null {
  for (const node of Object.values(graph.blocks)) {
    if (Object.values(node.params).some((value) => isExpression(value) && namesIn(value).includes(name)))
      return node.name
    const inner = node.inside ? userOf(node.inside, name) : null
    if (inner !== null) return `${node.name}.${inner}`
  }
  return null
}

function inGraph<G extends Graph>(graph: G, before: string, after: string): G {
  const blocks = Object.entries(graph.blocks).map(([id, node]): [string, BlockNode] => {
    const params = Object.entries(node.params).map(([key, value]) => [
      key,
      isExpression(value) ? withName(value, before, after) : value,
    ])
    const next = { ...node, params: Object.fromEntries(params) as BlockNode['params'] }
    return [id, node.inside ? { ...next, inside: inGraph(node.inside, before, after) } : next]
  })
  return { ...graph, blocks: Object.fromEntries(blocks) }
}
