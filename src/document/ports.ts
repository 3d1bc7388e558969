/** The ports of a composite, the parameters that it shows, and the wires that end at its rim. */
import type { ParamSpec } from '../base/params.ts'
import { ok, type Result } from '../base/problem.ts'
import { gone, refuse, RIM, type Canvas } from './canvas.ts'
import { contentOf, get, originalOf, portsOf, sameEnd, targetSpec, usesOf } from './composites.ts'
import { pick } from './fragment.ts'
import { nameProblem } from './names.ts'
import type { BlockId, Endpoint, Inside, ParamTarget, Wire, WireId } from './types.ts'

/** A port of a composite. */
export interface PortOf {
  readonly block: BlockId
  readonly side: 'inputs' | 'outputs'
  readonly port: string
}

function portProblem(name: string): string | null {
  // Such a name would be found on every object.
  return name in Object.prototype ? `A port can't be called "${name}".` : nameProblem(name)
}

/** What is wrong with a wire that has an end at the rim of the composite around the canvas, or null. */
export function rimProblem({ rim }: Canvas, from: Endpoint, to: Endpoint): string | null {
  if (!rim) return null
  if (from.block === RIM.in && to.block === RIM.out)
    return 'A wire from an input straight to an output computes nothing.'
  if (from.block === RIM.in && !Object.hasOwn(rim.inputs, from.port)) return portProblem(from.port)
  return to.block === RIM.out && !Object.hasOwn(rim.outputs, to.port) ? portProblem(to.port) : null
}

export function addPort(inside: Inside, { block, side, port }: PortOf, end: Endpoint): Result<Inside> {
  const wrong = portProblem(port)
  if (wrong !== null) return refuse('port.name', wrong, block)
  const node = contentOf(inside, end.block)
  if (!node) return gone(end.block)
  if (!Object.hasOwn(portsOf(node)[side], end.port))
    return refuse('port.unknown', `${node.name} has no ${side === 'inputs' ? 'input' : 'output'} called "${end.port}".`)
  if (side === 'outputs') return ok({ ...inside, outputs: { ...inside.outputs, [port]: { ...end } } })
  // An input takes one wire: whatever led there before gives way.
  const wires = pick(inside.wires, (_id, wire) => !sameEnd(wire.to, end))
  const inputs: { [name: string]: readonly Endpoint[] } = {}
  for (const [name, ends] of Object.entries(inside.inputs)) inputs[name] = ends.filter((other) => !sameEnd(other, end))
  inputs[port] = [...(get(inputs, port) ?? []), { ...end }]
  return ok({ ...inside, wires, inputs })
}

export function removePort(inside: Inside, { block, side, port }: PortOf, end: Endpoint | undefined): Result<Inside> {
  if (!Object.hasOwn(inside[side], port))
    return refuse('port.unknown', `"${inside.title}" has no port "${port}".`, block)
  if (side === 'outputs') return ok({ ...inside, outputs: pick(inside.outputs, (name) => name !== port) })
  const inputs = end
    ? { ...inside.inputs, [port]: (get(inside.inputs, port) ?? []).filter((other) => !sameEnd(other, end)) }
    : pick(inside.inputs, (name) => name !== port)
  return ok({ ...inside, inputs })
}

export function renamePort(graph: Canvas, { block, side, port }: PortOf, name: string): Result<Canvas> {
  const id = originalOf(graph, block)
  const node = get(graph.blocks, id)
  if (!node) return gone(block)
  const { inside } = node
  if (!inside || !Object.hasOwn(inside[side], port))
    return refuse('port.unknown', `${node.name} has no port "${port}" that could be renamed.`, block)
  const wrong = portProblem(name)
  if (wrong !== null) return refuse('port.name', wrong, block)
  if (name !== port && Object.hasOwn(inside[side], name))
    return refuse('port.name', `Another port is called "${name}" already; choose a name of its own.`, block)
  const renamed = <T>(ports: { readonly [port: string]: T }): { readonly [port: string]: T } =>
    Object.fromEntries(Object.entries(ports).map(([key, value]) => [key === port ? name : key, value]))
  const next: Inside =
    side === 'inputs' ? { ...inside, inputs: renamed(inside.inputs) } : { ...inside, outputs: renamed(inside.outputs) }
  const users = new Set([id, ...usesOf(graph, id)])
  const end = (at: Endpoint): Endpoint => (users.has(at.block) && at.port === port ? { ...at, port: name } : at)
  const wires = Object.entries(graph.wires).map(([key, wire]): [WireId, Wire] => [
    key,
    side === 'inputs' ? { ...wire, to: end(wire.to) } : { ...wire, from: end(wire.from) },
  ])
  return ok({
    ...graph,
    blocks: { ...graph.blocks, [id]: { ...node, inside: next } },
    wires: Object.fromEntries(wires),
  })
}

export function exposeParam(
  inside: Inside,
  name: string,
  label: string,
  given: readonly ParamTarget[],
): Result<Inside> {
  const wrong = nameProblem(name) ?? nameProblem(label.replaceAll(/[./]/g, '-'))
  if (wrong !== null) return refuse('param.name', wrong)
  const targets = given.map(({ block, param }) => ({ block: originalOf(inside, block), param }))
  const specs: ParamSpec[] = []
  for (const target of targets) {
    const spec = targetSpec(inside, target)
    if (!spec) {
      const node = get(inside.blocks, target.block)
      return node
        ? refuse('param.unknown', `${node.name} has no parameter called "${target.param}".`)
        : gone(target.block)
    }
    specs.push(spec)
    const other = Object.entries(inside.params ?? {}).find(
      ([key, { targets }]) =>
        key !== name && targets.some(({ block, param }) => block === target.block && param === target.param),
    )
    if (other) return refuse('param.twice', `${spec.label} is shown as "${other[1].label}" already; hide that first.`)
  }
  const [first] = specs
  if (!first) return refuse('param.targets', 'A parameter of a composite needs a block inside that it sets.')
  const odd = specs.find((spec) => kindOf(spec) !== kindOf(first))
  if (odd)
    return refuse('param.targets', `${first.label} and ${odd.label} take different values; show them one by one.`)
  return ok({ ...inside, params: { ...inside.params, [name]: { label, targets } } })
}

function kindOf(spec: ParamSpec): string {
  return spec.kind === 'choice' ? `choice ${spec.options.map(({ value }) => value).join(' ')}` : spec.kind
}
