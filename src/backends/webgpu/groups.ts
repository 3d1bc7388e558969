/**
 * Which kernels share a dispatch. Dispatches wait for one another, and each costs microseconds whatever it does, so
 *
 * - kernels that are small are done one after the other by one workgroup, which is quicker than a dispatch for each;
 * - elementwise kernels that have nothing to do with one another lie side by side in one dispatch (the optimizer's, for all
 *   weights), and those that work on the same elements follow each other in the same invocations.
 *
 * Kernels change places for this, as far as their memory allows. What others wait for longest comes first.
 */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import { readsOf, writesOf } from '../../ir/access.ts'
import type { Kernel } from '../../ir/kernel.ts'
import { accessesOf, dependOnEachOther, mustMeet, type Buffers } from './hazards.ts'
import type { KernelOf } from './kernel-code.ts'
import { rowsSize } from './rows.ts'
import { isStageable, type Stageable } from './stage.ts'

type Elementwise = KernelOf<'map'> & { readonly path: string }

export type Group =
  | { readonly kind: 'alone'; readonly kernel: Kernel }
  /** By one workgroup. */
  | { readonly kind: 'sequence'; readonly kernels: readonly Kernel[] }
  /** Kernels of a chain follow each other at each element. */
  | { readonly kind: 'spread'; readonly chains: readonly (readonly Elementwise[])[] }

/** Work that one workgroup does in about the time that a dispatch takes; in reads of an element that it must wait for. */
const SMALL = 8192
/** Kernels of a sequence that differ in more than places and sizes: long shaders take long to compile. */
const MOST_CODES = 32
/** Rows that the table of places may have for one dispatch: a quarter of what every device takes. */
export const MOST_ROWS = 1024

/** A multiply-add reads as much as half an element, as its operands come from nearby. */
export function workOf(kernel: Stageable): number {
  switch (kernel.kind) {
    case 'map':
      return 2 * sizeOf(kernel.shape)
    case 'reduce':
      return sizeOf(kernel.shape) * sizeOf(kernel.over)
    case 'dot':
      return (kernel.batch * kernel.m * kernel.n * kernel.k) / 2
    case 'rows':
      return rowsSize(kernel) * (kernel.op === 'take' ? 2 : kernel.count)
    default:
      return kernel satisfies never
  }
}

const isSmall = (kernel: Kernel): boolean =>
  kernel.kind === 'loop' ? false : isStageable(kernel) && workOf(kernel) <= SMALL

interface Node {
  readonly kernel: Kernel
  readonly number: number
  /** Kernels on the longest way from here to the end. */
  height: number
  readonly before: Set<Node>
  readonly after: Node[]
  readonly role: 'alone' | 'small' | 'map'
}

/** `codeOf`: the same for kernels that are the same but for places and sizes. `turns`: how often all of them run. */
export function groupsOf(
  kernels: readonly Kernel[],
  buffers: Buffers,
  codeOf: (kernel: Stageable) => string,
  turns = 1,
): readonly Group[] {
  const large = new Set(
    kernels.flatMap((kernel) => (kernel.kind === 'map' && !isSmall(kernel) ? [codeOf(kernel)] : [])),
  )
  // What is done to a large weight is done to a small one in the same dispatch.
  const roleOf = (kernel: Kernel) =>
    kernel.kind === 'map' && large.has(codeOf(kernel)) ? 'map' : isSmall(kernel) ? 'small' : 'alone'
  const nodes = graphOf(kernels, buffers, roleOf, turns)
  const left = new Set(nodes)
  const ready = () => [...left].filter((node) => node.before.size === 0)
  const take = (node: Node) => {
    left.delete(node)
    for (const next of node.after) next.before.delete(node)
  }

  /** Those of one code that a sequence can go on with, which has room for so many rows. */
  const nextOf = (candidates: readonly Node[], codes: ReadonlySet<string>, room: number): readonly Node[] => {
    const byCode = new Map<string, Node[]>()
    let rows = 0
    for (const node of candidates) {
      if (node.role !== 'small') continue
      rows += rowsOf(node.kernel)
      if (rows > room) break
      const code = codeOf(node.kernel as Stageable)
      byCode.set(code, [...(byCode.get(code) ?? []), node])
    }
    const known = [...byCode].filter(([code]) => codes.has(code) || codes.size < MOST_CODES)
    return known[0]?.[1] ?? []
  }

  const groups: Group[] = []
  while (left.size > 0) {
    const candidates = ready()
    const first = candidates.reduce((best, node) => (isBefore(node, best) ? node : best))
    if (first.role === 'alone') {
      groups.push({ kind: 'alone', kernel: first.kernel })
      take(first)
    } else if (first.role === 'small') {
      const members: Stageable[] = []
      const codes = new Set<string>()
      // Those that are alike come one after the other.
      let room = MOST_ROWS
      for (let next: readonly Node[] = [first]; next.length > 0; next = nextOf(ready(), codes, room)) {
        for (const node of next) {
          take(node)
          members.push(node.kernel as Stageable)
          codes.add(codeOf(node.kernel as Stageable))
          room -= rowsOf(node.kernel)
        }
      }
      groups.push(members.length === 1 ? lone(at(members, 0)) : { kind: 'sequence', kernels: members })
    } else {
      const starts = candidates.filter((node) => node.role === 'map' && node.height === first.height)
      const chains = starts.map((start) => chainFrom(start, buffers, turns))
      for (const node of chains.flat()) take(node)
      groups.push(...spreads(chains.map((chain) => chain.map((node) => node.kernel as Elementwise))))
    }
  }
  return groups
}

/** Rows of a kernel in the table of places, with one of its own. */
const rowsOf = (kernel: Kernel) => 1 + Object.values(readsOf(kernel)).flat().length + writesOf(kernel).length

const lone = (kernel: Kernel): Group =>
  kernel.kind === 'map' ? { kind: 'spread', chains: [[kernel]] } : { kind: 'alone', kernel }

/** What others wait for longest; then what must be alone anyway, as more may be ready for the others by then. */
function isBefore(a: Node, b: Node): boolean {
  const rank = ({ role }: Node) => ['alone', 'small', 'map'].indexOf(role)
  return b.height !== a.height ? a.height > b.height : rank(a) !== rank(b) ? rank(a) < rank(b) : a.number < b.number
}

function graphOf(
  kernels: readonly Kernel[],
  buffers: Buffers,
  roleOf: (kernel: Kernel) => Node['role'],
  turns: number,
): readonly Node[] {
  const touched = kernels.map((kernel) => {
    const all = accessesOf(kernel, buffers, turns)
    return { all, writes: all.filter(({ writes }) => writes) }
  })
  const nodes = kernels.map((kernel, number): Node => ({
    kernel,
    number,
    height: 1,
    before: new Set(),
    after: [],
    role: roleOf(kernel),
  }))
  nodes.forEach((node, i) => {
    for (let j = 0; j < i; j++)
      if (dependOnEachOther(at(touched, j), at(touched, i))) {
        node.before.add(at(nodes, j))
        at(nodes, j).after.push(node)
      }
  })
  for (const node of [...nodes].reverse())
    node.height = 1 + node.after.reduce((most, next) => Math.max(most, next.height), 0)
  return nodes
}

/** A map with those after it that do no more than go on with its elements. */
function chainFrom(start: Node, buffers: Buffers, turns: number): readonly Node[] {
  const chain = [start]
  const accesses = (node: Node) => accessesOf(node.kernel, buffers, turns)
  const shape = (node: Node) => (node.kernel.kind === 'map' ? node.kernel.shape.join() : '')
  for (;;) {
    const next = chain
      .flatMap((node) => node.after)
      .find(
        (node) =>
          node.role === 'map' &&
          !chain.includes(node) &&
          shape(node) === shape(start) &&
          [...node.before].every((one) => chain.includes(one)) &&
          !chain.some((one) => mustMeet(accesses(one), accesses(node))),
      )
    if (!next) return chain
    chain.push(next)
  }
}

/** As many dispatches as the table of places needs. */
function spreads(chains: readonly (readonly Elementwise[])[]): Group[] {
  const groups: Elementwise[][][] = [[]]
  let used = 1
  for (const chain of chains) {
    const needed = chain.reduce((sum, kernel) => sum + rowsOf(kernel), 0)
    if (used + needed > MOST_ROWS && used > 1) {
      groups.push([])
      used = 1
    }
    used += needed
    groups.at(-1)?.push([...chain])
  }
  return groups.map((one) => ({ kind: 'spread', chains: one }))
}
