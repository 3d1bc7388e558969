/**
 * The shape doctor: says of a wire that can't be drawn, or of a problem, what would mend it. Mends are proposed by rules of
 * thumb, the likeliest first, and each is made on the drawing and analysed before it is offered: what does not remove the
 * problem, or brings another, is never seen.
 */
import { problem as makeProblem, type Problem } from '../../base/problem.ts'
import { showBatch } from '../../base/shape.ts'
import { canvasAt, RIM } from '../../document/canvas.ts'
import { applyEdit, freshId, within, type Edit } from '../../document/edits.ts'
import type { BlockId, Endpoint, Graph, GraphDocument } from '../../document/types.ts'
import { Analyst, type Analysis } from '../analyze.ts'
import { emptied, lostOriginal, outOfRange, repeated, sameName, unknownBlock } from './blocks.ts'
import { change, isMerge, recurrent, widthAt, type Case } from './case.ts'
import type { Candidate } from './change.ts'
import { ghostOf } from './ghost.ts'
import { lossMends } from './losses.ts'
import { mergeMends } from './merges.ts'
import { cycle, noLoss, noWeights, openPort, unknownPort } from './ports.ts'
import { rankMends } from './ranks.ts'
import { placeOfKey, Site } from './site.ts'
import type { About, Diagnosis, Fix } from './types.ts'
import { ownMends, pathMends } from './windows.ts'

/** Analyses that one diagnosis may cost. */
const MOST_TRIES = 48
/** Fixes that are offered. */
const MOST_FIXES = 5

/** What analyses drawings; one that remembers is far quicker. */
export type Tries = Pick<Analyst, 'preview'>

/**
 * Null where nothing is wrong. `path` are the composites that lead to the canvas on which a wire is tried; a problem says
 * itself where it lies.
 */
export function diagnose(
  document: GraphDocument,
  path: readonly BlockId[],
  about: About,
  tries: Tries = new Analyst(),
): Diagnosis | null {
  const patient =
    about.kind === 'wire' ? wired(document, path, about, tries) : { found: about.problem, document, pre: [] }
  if (!patient) return null
  if (!('pre' in patient)) return { sentence: patient.message, fixes: [] }
  const before = tries.preview(document)
  const now = patient.document === document ? before : tries.preview(patient.document)
  const known = new Set(before.problems.filter((one) => one !== patient.found).map(keyOf))
  if (about.kind === 'problem') known.delete(keyOf(patient.found))

  const budget = { left: MOST_TRIES }
  const tried = about.kind === 'wire' ? { from: about.from, to: about.to } : undefined
  const trial = new Trial(patient.document, now, known, tries, budget)
  const candidates = trial.candidates(patient.found, path, tried, 1)
  const clean: Fix[] = []
  const further: Fix[] = []
  const seen = new Set<string>()
  let simple = false
  for (const candidate of ranked(candidates)) {
    if (clean.length >= MOST_FIXES || budget.left <= 0) break
    if (candidate.spare && simple) continue
    const edits = [...patient.pre, ...candidate.edits]
    const edit: Edit = { kind: 'several', label: candidate.title, edits }
    const after = applyEdit(document, edit)
    if (!after.ok) continue
    const drawn = drawnText(after.value.graph)
    if (seen.has(drawn)) continue
    seen.add(drawn)
    budget.left--
    const analysis = tries.preview(after.value)
    const verdict = judge(analysis, known, patient.found, before, about.kind === 'wire')
    if (verdict === 'worse') continue
    const fix = fixOf(candidate, edit, document, after.value, analysis, trial.place(patient.found, path), tried)
    if (verdict === 'clean') {
      clean.push(fix)
      simple ||= !candidate.spare
    } else further.push(fix)
  }
  return {
    sentence: patient.found.message,
    fixes: named(document, clean.length > 0 ? clean : further.slice(0, MOST_FIXES)),
  }
}

/** A drawing without the ids of its wires, so that two that are the same can be told. */
function drawnText({ blocks, wires }: Graph): string {
  return JSON.stringify([
    blocks,
    Object.values(wires)
      .map(({ from, to }) => `${from.block}.${from.port}>${to.block}.${to.port}`)
      .sort(),
  ])
}

/** Where a better fix has the same title already, one says where it puts its block. */
function named(document: GraphDocument, fixes: readonly Fix[]): readonly Fix[] {
  return fixes.map((fix, i) => {
    if (fixes.findIndex(({ title }) => title === fix.title) === i) return fix
    const last = fix.ghost.adds.at(-1)?.id
    const next = fix.ghost.wires.find(({ from }) => from.block === last)?.to.block
    const name = next === undefined ? undefined : canvasAt(document.graph, fix.path)?.blocks[next]?.name
    return name === undefined ? fix : { ...fix, title: `${fix.title} before ${name}` }
  })
}

/** The drawing with the wire, and what is wrong with it then. */
function wired(
  document: GraphDocument,
  path: readonly BlockId[],
  { from, to }: { readonly from: Endpoint; readonly to: Endpoint },
  tries: Tries,
): { readonly found: Problem; readonly document: GraphDocument; readonly pre: readonly Edit[] } | Problem | undefined {
  const before = tries.preview(document)
  const site = new Site(document, before, path)
  if (from.block === to.block) return makeProblem('wire.self', `${site.nameOf(from.block)} can't feed itself.`)
  const connect = within({ kind: 'connect', id: freshId(site.canvas, 'w'), wire: { from, to } }, path)
  const drawn = applyEdit(document, connect)
  if (!drawn.ok) return drawn.problems[0]
  const known = new Set(before.problems.map(keyOf))
  const fresh = tries.preview(drawn.value).problems.filter((one) => !known.has(keyOf(one)) && counts(one))
  const top = path[0] ?? to.block
  const found = fresh.find((one) => one.place?.block === top) ?? fresh[0]
  return found && { found, document: drawn.value, pre: [connect] }
}

/** While a wire is drawn, what is not finished yet is no fault of it. */
const counts = (one: Problem) => one.code !== 'port.open' && one.code !== 'graph.weights'

const keyOf = ({ code, place }: Problem) =>
  [code, place?.inner ?? place?.block, place?.port, place?.field, place?.wire].join('|')

function ranked(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>()
  return [...candidates]
    .sort((a, b) => a.cost - b.cost)
    .filter(({ edits }) => {
      const text = JSON.stringify(edits)
      return !seen.has(text) && seen.add(text)
    })
}

/**
 * `clean`: the problem is gone and no other came. `further`: blocks that could not be looked at `before`, because what feeds
 * them did not fit or was not there, have problems of their own.
 */
function judge(
  after: Analysis,
  known: ReadonlySet<string>,
  found: Problem,
  before: Analysis,
  tried: boolean,
): 'clean' | 'further' | 'worse' {
  const rest = after.problems.filter((one) => !known.has(keyOf(one)) && (!tried || counts(one)))
  if (rest.some((one) => keyOf(one) === keyOf(found))) return 'worse'
  if (rest.length === 0) return 'clean'
  const waiting = (id: BlockId | undefined) => {
    const block = id === undefined ? undefined : before.blocks.get(id)
    if (!block || block.problems.length > 0) return false
    return [...Object.values(block.inputs), ...Object.values(block.outputs)].some((aval) => aval === undefined)
  }
  return rest.every(({ place }) => waiting(place?.block)) ? 'further' : 'worse'
}

/** A change that nothing forces, if it brings no problem. */
export function fixFor(document: GraphDocument, candidate: Candidate, before: Analysis, tries: Tries): Fix | undefined {
  if (candidate.edits.length === 0) return undefined
  const edit: Edit = { kind: 'several', label: candidate.title, edits: candidate.edits }
  const after = applyEdit(document, edit)
  if (!after.ok) return undefined
  const analysis = tries.preview(after.value)
  const known = new Set(before.problems.map(keyOf))
  if (analysis.problems.some((one) => !known.has(keyOf(one)))) return undefined
  return fixOf(candidate, edit, document, after.value, analysis, { path: candidate.path, block: '' }, undefined)
}

function fixOf(
  { title, path }: Candidate,
  edit: Edit,
  before: GraphDocument,
  after: GraphDocument,
  analysis: Analysis,
  at: { readonly path: readonly BlockId[]; readonly block: BlockId },
  tried: { readonly to: Endpoint } | undefined,
): Fix {
  const canvas = new Site(after, analysis, path)
  const ghost = ghostOf(canvasAt(before.graph, path) ?? before.graph, canvas.canvas)
  const shapes = [
    ...ghost.adds.filter(({ id }) => canvas.family(id) !== 'data').map(({ id }) => id),
    ...ghost.sets.map(([id]) => id),
  ].flatMap((id) => firstOutput(canvas, id) ?? [])
  const site = new Site(after, analysis, at.path)
  const arrives = tried && site.arriving(tried.to)
  const shape =
    shapes[0] ?? arrives ?? site.arriving({ block: at.block, port: 'prediction' }) ?? firstOutput(site, at.block)?.[0]
  return { title, edit, path, ghost, result: shape ? showBatch(shape) : '' }
}

function firstOutput(site: Site, id: BlockId): (readonly number[])[] | undefined {
  const { output } = site.chain(id) ?? { output: 'y' }
  const shape = site.leaving({ block: id, port: output }) ?? site.arriving({ block: id, port: 'prediction' })
  return shape && [shape]
}

/** One state of the drawing in which something is wrong. */
class Trial {
  readonly #document: GraphDocument
  readonly #analysis: Analysis
  readonly #known: ReadonlySet<string>
  readonly #tries: Tries
  readonly #budget: { left: number }

  constructor(
    document: GraphDocument,
    analysis: Analysis,
    known: ReadonlySet<string>,
    tries: Tries,
    budget: { left: number },
  ) {
    this.#document = document
    this.#analysis = analysis
    this.#known = known
    this.#tries = tries
    this.#budget = budget
  }

  /** The canvas and block where the problem lies. */
  place(
    { place, code }: Problem,
    path: readonly BlockId[],
  ): { readonly path: readonly BlockId[]; readonly block: BlockId } {
    const key = place?.inner ?? place?.block
    if (key === undefined) return { path: [], block: '' }
    const found = placeOfKey(this.#document.graph, key)
    // A circle is told of the composite that it lies in.
    if (code === 'graph.cycle') return this.#loop(found.path, found.block) ?? { path, block: found.block }
    return found
  }

  #loop(
    path: readonly BlockId[],
    block: BlockId,
  ): { readonly path: readonly BlockId[]; readonly block: BlockId } | undefined {
    const site = new Site(this.#document, this.#analysis, path)
    const round = (id: BlockId) =>
      Object.values(site.canvas.wires).some(({ from, to }) => to.block === id && site.ancestors(from).has(id))
    if (round(block)) return { path, block }
    const { inside } = site.node(block) ?? {}
    if (!inside) return undefined
    for (const id of Object.keys(inside.blocks)) {
      const deeper = this.#loop([...path, block], id)
      if (deeper) return deeper
    }
    return undefined
  }

  candidates(
    problem: Problem,
    path: readonly BlockId[],
    tried: { readonly from: Endpoint; readonly to: Endpoint } | undefined,
    depth: number,
  ): readonly Candidate[] {
    const at = this.place(problem, path)
    const site = new Site(this.#document, this.#analysis, at.path)
    const further: Case['further'] = (candidate, next) =>
      depth > 0 ? this.#further(candidate, problem, path, next ?? tried) : []
    return mendsFor({ site, problem, block: at.block, further, ...(tried ? { tried } : {}) })
  }

  #further(
    candidate: Candidate,
    problem: Problem,
    path: readonly BlockId[],
    tried: { readonly from: Endpoint; readonly to: Endpoint } | undefined,
  ): readonly Candidate[] {
    const made = applyEdit(this.#document, { kind: 'several', label: candidate.title, edits: candidate.edits })
    if (!made.ok || this.#budget.left <= 0) return []
    this.#budget.left--
    const analysis = this.#tries.preview(made.value)
    const [next] = analysis.problems.filter((one) => !this.#known.has(keyOf(one)) && keyOf(one) !== keyOf(problem))
    if (!next) return []
    const trial = new Trial(made.value, analysis, this.#known, this.#tries, this.#budget)
    const connects = candidate.title.startsWith('Connect ')
    return trial.candidates(next, path, tried, 0).map((one) => ({
      title: connects ? one.title : `${candidate.title} and ${one.title.charAt(0).toLowerCase()}${one.title.slice(1)}`,
      path: one.path,
      edits: [...candidate.edits, ...one.edits],
      cost: candidate.cost + one.cost / 4,
    }))
  }
}

function mendsFor(patient: Case): readonly Candidate[] {
  switch (patient.problem.code) {
    case 'port.open':
      return openPort(patient)
    case 'port.unknown':
      return unknownPort(patient)
    case 'graph.cycle':
      return cycle(patient)
    case 'graph.loss':
      return noLoss(patient)
    case 'graph.weights':
      return noWeights(patient)
    case 'block.unknown':
      return unknownBlock(patient)
    case 'block.shares':
      return lostOriginal(patient)
    case 'block.name':
      return sameName(patient)
    case 'block.bypassed':
      return [change(patient.site).awake(patient.block).at(5)]
    case 'composite.empty':
      return emptied(patient)
    case 'composite.repeat':
      return repeated(patient)
    case 'param.value':
      return outOfRange(patient)
    default:
      return shapeMends(patient)
  }
}

/** A block that can't be built from what arrives. */
function shapeMends(patient: Case): readonly Candidate[] {
  const { site, block } = patient
  const node = site.node(block)
  if (!node) return []
  const found: Candidate[] = []
  const input = site.chain(block)?.input
  const ranks = input === undefined ? [] : rankMends(site, { block, port: input })
  if (site.family(block) === 'loss') found.push(...lossMends(patient), ...ownMends(patient))
  else if (isMerge(node.type)) found.push(...mergeMends(patient))
  else if (ranks.length > 0) found.push(...ranks)
  else {
    found.push(...stateMends(patient), ...ownMends(patient))
    if (input !== undefined) found.push(...pathMends(site, { block, port: input }), ...around(site, block, input))
    found.push(...fewerCopies(patient))
  }
  if (site.family(block) !== 'loss' && input !== undefined) found.push(change(site).dissolve(block).at(30))
  return found
}

/** In a chain of copies the first that does not fit is one too many. */
function fewerCopies({ site, problem }: Case): readonly Candidate[] {
  const key = problem.place?.inner
  const outer = site.outer()
  if (key === undefined || !outer) return []
  const copy = Number(key.split('/').at(-2))
  return copy > 1
    ? [
        change(outer.site)
          .repeat(outer.block, copy - 1)
          .at(4.5),
      ]
    : []
}

/** A first state of another width than what the block carries. */
function stateMends({ site, block }: Case): readonly Candidate[] {
  if (!recurrent.has(site.node(block)?.type ?? '')) return []
  const carried = site.leaving({ block, port: 'h' })?.at(-1) ?? widthOfState(site, block)
  return ['h0', 'c0'].flatMap((port, i) => {
    const to = { block, port }
    const given = site.arriving(to)?.at(-1)
    if (given === undefined || given === carried) return []
    const width = widthAt(site, site.source(to))
    const value = width?.to(carried)
    const found = [
      change(site)
        .insert('dense', to, { features: carried })
        .at(8 + i),
    ]
    if (width && value !== undefined)
      found.push(
        change(site)
          .widen(width, value)
          .at(5 + i),
      )
    const passes = carried / Number(site.value(block, 'hidden'))
    if (given % passes === 0)
      found.push(
        change(site)
          .set(block, 'hidden', given / passes)
          .at(6 + i),
      )
    return found
  })
}

function widthOfState(site: Site, block: BlockId): number {
  const [hidden, layers] = [site.value(block, 'hidden'), site.value(block, 'layers')].map(Number)
  return (hidden ?? 1) * (layers ?? 1) * (site.value(block, 'bidirectional') === true ? 2 : 1)
}

/** Mends in the canvas around, where what arrives at a block comes from the rim. */
function around(site: Site, block: BlockId, port: string): readonly Candidate[] {
  const source = site.upstream(site.source({ block, port })).at(-1)
  const chain = source && site.chain(source.end.block)
  const first = chain ? site.source({ block: source.end.block, port: chain.input }) : site.source({ block, port })
  const outer = site.outer()
  return outer && first?.block === RIM.in ? pathMends(outer.site, { block: outer.block, port: first.port }, 15) : []
}
