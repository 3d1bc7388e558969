/**
 * What all shaders share. The whole arena is one array of words, floats by their bits, so that there is one binding and
 * nothing can alias. Where the operands of a kernel lie is data: a vector for each view with the first element and how far it
 * moves from step to step and from turn to turn of a loop. Which step and which turn it is comes from two more places in a
 * table of counters. So kernels that differ in place only share their pipelines, and one submission holds many steps.
 */
import { assert } from '../../base/assert.ts'
import { functions, type FunctionName } from './functions.ts'

/** Workgroups along one axis of the grid that every WebGPU device takes. */
export const MOST_GROUPS = 65535

export interface Grid {
  readonly x: number
  readonly y: number
}

/** A number of workgroups as a grid; some at its end may be too many. */
export function gridOf(groups: number): Grid {
  if (groups <= MOST_GROUPS) return { x: groups, y: 1 }
  const y = Math.ceil(groups / MOST_GROUPS)
  assert(y <= MOST_GROUPS, `${groups} workgroups`)
  return { x: Math.ceil(groups / y), y }
}

/** Library functions that some code calls. */
export class Library {
  readonly #used = new Set<FunctionName>()

  /** The function's name, for writing a call. */
  use(name: FunctionName): FunctionName {
    for (const other of functions[name].needs ?? []) this.use(other)
    this.#used.add(name)
    return name
  }

  /** What some other code calls too. */
  include(other: Library): void {
    for (const name of other.#used) this.#used.add(name)
  }

  get text(): string {
    return [...this.#used].map((name) => functions[name].text).join('\n')
  }
}

export interface ShaderParts {
  /** Views of the kernel, with its scratch memory; the body finds the first element of each in `p0`, `p1`, … */
  readonly places: number
  /** Invocations in a workgroup. The body has its number as `lane`, that of the workgroup as `group`, both i32. */
  readonly invocations: number
  readonly groups: number
  readonly library: Library
  /** Behind the library, ahead of `main`. */
  readonly declarations?: readonly string[]
  readonly body: readonly string[]
  /** The body sees the arena as vectors of four words. */
  readonly vectors?: boolean
  /** It calls what needs subgroups, and has its number in one as `subgroupLane` and their size as `subgroupSize`, both u32. */
  readonly subgroups?: boolean
}

/** All that comes before the entry point; the table of places has so many rows. The arena is words, or vectors of four. */
export function preamble(
  rows: number,
  library: Library,
  declarations: readonly string[],
  element: 'u32' | 'vec4<u32>' = 'u32',
): string[] {
  return [
    `@group(0) @binding(0) var<storage, read_write> arena: array<${element}>;`,
    `@group(0) @binding(1) var<uniform> places: array<vec4<i32>, ${Math.max(rows, 1)}>;`,
    // x: the number itself, y and z: bits of infinity and NaN, which WGSL has no words for.
    '@group(0) @binding(2) var<uniform> step: vec4<u32>;',
    '@group(0) @binding(3) var<uniform> turn: vec4<u32>;',
    'fn placeOf(view: i32) -> i32 {',
    '  let p = places[view];',
    '  return p.x + i32(step.x) * p.y + i32(turn.x) * p.z;',
    '}',
    library.text,
    ...declarations,
  ]
}

export function shader(parts: ShaderParts): string {
  const { places, invocations, groups, library, declarations = [], body, vectors = false, subgroups = false } = parts
  const { x, y } = gridOf(groups)
  const used = Array.from({ length: places }, (_, i) => i)
  const given = [
    '@builtin(workgroup_id) workgroup: vec3<u32>',
    '@builtin(local_invocation_index) invocation: u32',
    ...(subgroups
      ? ['@builtin(subgroup_invocation_id) subgroupLane: u32', '@builtin(subgroup_size) subgroupSize: u32']
      : []),
  ]
  return [
    ...(subgroups ? ['enable subgroups;'] : []),
    ...preamble(places, library, declarations, vectors ? 'vec4<u32>' : 'u32'),
    `@compute @workgroup_size(${invocations})`,
    `fn main(${given.join(', ')}) {`,
    `  let group = i32(workgroup.y) * ${x} + i32(workgroup.x);`,
    ...(x * y > groups ? [`  if (group >= ${groups}) { return; }`] : []),
    '  let lane = i32(invocation);',
    ...used.map((view) => `  let p${view} = placeOf(${view});`),
    ...body.map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n')
}
