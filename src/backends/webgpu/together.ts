/** Shaders that hold several kernels: stages one after the other with barriers where they need them, or side by side. */
import { at } from '../../base/assert.ts'
import { mustMeet, type Access } from './hazards.ts'
import { Library, preamble } from './shader.ts'
import { heldMemory, PLACE_IN, type Stage } from './stage.ts'

/** Invocations of a workgroup that has elements of maps, or a sequence of kernels. */
export const TOGETHER = 256

/** Of the table of places: of a view the first element, elements from step to step, from turn to turn, from example to example. */
export type Row = readonly [number, number, number, number]

/** A stage where it stands: its first row in the table of places (see `rowsOfStage`), and what it touches. */
export interface Placed {
  readonly stage: Stage
  readonly row: number
  readonly accesses: readonly Access[]
}

/** Gives each stage a function; the same text is the same function. */
class Functions {
  readonly #names = new Map<string, string>()
  readonly #held = new Set<string>()
  readonly library = new Library()

  call({ text, library, held }: Stage, args: readonly (string | number)[]): string {
    const name = this.#names.get(text) ?? `stage${this.#names.size}`
    this.#names.set(text, name)
    this.library.include(library)
    for (const type of held) this.#held.add(type)
    return `${name}(${args.join(', ')});`
  }

  declarations(invocations: number): string[] {
    return [
      PLACE_IN,
      ...[...this.#held].map((type) => heldMemory(type, invocations)),
      ...[...this.#names].map(([text, name]) => `fn ${name}${text}`),
    ]
  }
}

function entryPoint(rows: number, invocations: number, functions: Functions, body: readonly string[]): string {
  return [
    ...preamble(rows, functions.library, functions.declarations(invocations)),
    `@compute @workgroup_size(${invocations})`,
    'fn main(',
    '  @builtin(workgroup_id) workgroup: vec3<u32>,',
    '  @builtin(num_workgroups) workgroups: vec3<u32>,',
    '  @builtin(local_invocation_index) invocation: u32,',
    ') {',
    '  let group = i32(workgroup.y * workgroups.x + workgroup.x);',
    '  let lane = i32(invocation);',
    ...body.map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n')
}

interface Turns {
  readonly count: number
  /** Turns of one dispatch, which begins with its `turn`. */
  readonly most: number
}

/**
 * The stages one after the other, by each workgroup for its example, or by the only one. Invocations meet where one needs
 * what another has made, and between turns.
 */
export function sequenceShader(
  placed: readonly Placed[],
  { rows, invocations, turns }: { readonly rows: number; readonly invocations: number; readonly turns?: Turns },
): string {
  const functions = new Functions()
  const lines: string[] = []
  let [since, run]: [Access[], Placed[]] = [[], []]
  const finishRun = () => {
    const [first] = run
    if (!first) return
    const args = (row: string | number, size: string | number) =>
      functions.call(first.stage, ['lane', invocations, size, row, turns ? 'at' : 'i32(turn.x)', 'group'])
    const by = first.stage.views.length + 1
    if (run.length === 1) lines.push(args(first.row + 1, first.stage.size))
    else
      lines.push(
        `for (var row = ${first.row}; row < ${first.row + by * run.length}; row += ${by}) {`,
        `  ${args('row + 1', 'places[row].x')}`,
        '}',
      )
    run = []
  }
  for (const one of placed) {
    const { stage, row, accesses } = one
    const own = stage.apart ? accesses : accesses.map((access) => ({ ...access, key: undefined }))
    const meet = mustMeet(since, own)
    const last = run.at(-1)
    if (last && (meet || last.stage.text !== stage.text || last.row + stage.views.length + 1 !== row)) finishRun()
    if (meet) {
      lines.push('storageBarrier();')
      since = []
    }
    since.push(...own)
    run.push(one)
  }
  finishRun()
  const body = turns
    ? [
        `let end = min(${turns.count}, i32(turn.x) + ${turns.most});`,
        'for (var at = i32(turn.x); at < end; at++) {',
        ...lines.map((line) => `  ${line}`),
        '  storageBarrier();',
        '}',
      ]
    : lines
  return entryPoint(rows, invocations, functions, body)
}

/** Rows of a stage in a sequence: one with the size of its result, and its views. */
export const rowsOfStage = ({ size }: Stage, views: readonly Row[]): readonly Row[] => [[size, 0, 0, 0], ...views]

/** Room for so many rows, of few different sizes: shaders that differ in nothing else are one. */
const roomFor = (rows: number) => 2 ** Math.max(6, Math.ceil(Math.log2(rows)))

export interface Spread {
  readonly code: string
  readonly groups: number
  /** What comes ahead of the views in the table of places. */
  readonly head: readonly Row[]
  /** Rows that the shader may look at. */
  readonly rows: number
}

/** Rows ahead of the views: one, and one for each chain. */
export const headRows = (chains: number) => 1 + chains

/** Chains of maps side by side: an invocation for each element. The table says which workgroups belong to which. */
export function spreadShader(chains: readonly (readonly Placed[])[]): Spread {
  const functions = new Functions()
  const codes: string[] = []
  const head: Row[] = []
  let [groups, rows] = [0, headRows(chains.length)]
  for (const chain of chains) {
    const { row, stage } = at(chain, 0)
    const calls = chain.map((one) => {
      rows += one.stage.views.length
      const first = one.row === row ? 'job.z' : `job.z + ${one.row - row}`
      return functions.call(one.stage, ['start', 'job.y', 'job.y', first, 'i32(turn.x)', 0])
    })
    const code = calls.join(' ')
    if (!codes.includes(code)) codes.push(code)
    head.push([groups, stage.size, row, codes.indexOf(code)])
    groups += Math.ceil(stage.size / TOGETHER)
  }
  const power = 2 ** Math.ceil(Math.log2(chains.length + 1))
  const room = roomFor(rows)
  const body = [
    // The first row: how many chains, the workgroups of all, and where the search of the last that begins early enough starts.
    'let all = places[0];',
    'if (group >= all.y) { return; }',
    'var number = 1;',
    'for (var by = all.z; by > 0; by = by >> 1u) {',
    '  let next = number + by;',
    '  if (next <= all.x && places[min(next, all.x)].x <= group) { number = next; }',
    '}',
    'let job = places[number];',
    `let start = (group - job.x) * ${TOGETHER} + lane;`,
    ...(codes.length === 1
      ? codes
      : [
          'switch job.w {',
          ...codes.map((code, i) => `  ${i === codes.length - 1 ? 'default' : `case ${i}`}: { ${code} }`),
          '}',
        ]),
  ]
  const code = entryPoint(room, TOGETHER, functions, body)
  return { code, groups, head: [[chains.length, groups, power / 2, 0], ...head], rows: room }
}
