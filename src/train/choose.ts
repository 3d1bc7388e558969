/** One of an open set, as a document names it, with its parameters checked. */
import { readParams, type ParamSpecs, type ParamValues } from '../base/params.ts'
import { fail, ok, problem, type Result } from '../base/problem.ts'
import type { GraphDocument, TrainingSection } from '../document/types.ts'
import type { OptimizerDefinition } from './optimizers/_define.ts'
import optimizers from './optimizers/index.gen.ts'
import type { ScheduleDefinition } from './schedules/_define.ts'
import schedules from './schedules/index.gen.ts'

export interface Chosen<D> {
  readonly definition: D
  readonly params: ParamValues
}

interface Definition {
  readonly type: string
  readonly title: string
  readonly params: ParamSpecs
}

function choose<D extends Definition>(
  kind: 'optimizer' | 'schedule',
  set: readonly D[],
  { type, params }: NonNullable<TrainingSection['schedule']>,
): Result<Chosen<D>> {
  const definition = set.find((candidate) => candidate.type === type)
  const field = `training.${kind}`
  if (!definition)
    return fail(
      problem(field, `This version knows no ${kind} "${type}". It has: ${set.map((one) => one.type).join(', ')}.`, {
        field,
      }),
    )
  const where = `${kind === 'optimizer' ? 'Optimizer' : 'Schedule'} ${definition.title}`
  const read = readParams(definition.params, params, where)
  const errors = read.problems.filter((p) => p.severity === 'error')
  return errors.length > 0 ? fail(...errors) : ok({ definition, params: read.values })
}

export function chooseOptimizer({ training }: GraphDocument): Result<Chosen<OptimizerDefinition>> {
  return choose('optimizer', optimizers, training.optimizer)
}

/** The schedule that a document asks for, if it does. */
export function chooseSchedule({ training }: GraphDocument): Result<Chosen<ScheduleDefinition> | undefined> {
  return training.schedule ? choose('schedule', schedules, training.schedule) : ok(undefined)
}
