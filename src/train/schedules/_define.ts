/**
 * What a schedule is: one file with its name, help, parameters and a closed form for the factor on the learning rate. The
 * factor of a step follows from where the step lies in the run and, for those that watch, from the validation losses of the
 * epochs before it; so any part of a run can be done again exactly.
 */
import { int, type ParamSpecs, type ParamValues, type ValuesOf } from '../../base/params.ts'

/** Where a step lies. */
export interface Moment {
  /** Batches done before it. */
  readonly step: number
  readonly stepsPerEpoch: number
  /** Of the whole run. */
  readonly epochs: number
}

/** What a schedule keeps of the epochs before a step. */
export interface Memory {
  readonly [name: string]: number
}

interface Definition<P extends ParamSpecs, M extends Memory> {
  readonly type: string
  readonly title: string
  /** One or two sentences with the formula; t counts epochs from 0, with fractions. */
  readonly doc: string
  readonly source: string
  readonly params: P
  /** Only for schedules that follow the validation loss: their memory before the first epoch, and after each. */
  readonly watch?: {
    readonly first: M
    next(before: M, loss: number, params: ValuesOf<P>): M
  }
  /** Factor on the learning rate, without the warm-up. */
  factor(moment: Moment, params: ValuesOf<P>, memory: M): number
}

export interface ScheduleDefinition extends Omit<Definition<ParamSpecs, Memory>, 'factor' | 'watch'> {
  readonly watch?: { readonly first: Memory; next(before: Memory, loss: number, params: ParamValues): Memory }
  factor(moment: Moment, params: ParamValues, memory: Memory): number
}

const warmup = {
  warmup: int({
    label: 'Warm-up steps',
    doc: 'Over so many steps the factor rises in equal parts to what the schedule says: 1/n, 2/n, … (Goyal et al. 2017); 0 for none.',
    default: 0,
    max: 1_000_000_000,
  }),
}

export function defineSchedule<const P extends ParamSpecs, M extends Memory = Memory>(
  definition: Definition<P, M>,
): ScheduleDefinition {
  // Whoever calls hands over checked parameters and the memory that `watch` made, so the erased call is the typed one.
  return { ...definition, params: { ...definition.params, ...warmup } }
}

/** Share of the schedule's factor that the warm-up lets through. */
export function warmedUp(step: number, params: ParamValues): number {
  const steps = Number(params['warmup'] ?? 0)
  return steps > 0 ? Math.min(1, (step + 1) / steps) : 1
}
