/** How a sample fared, in words: what is true and what was answered. */
import type { Evaluation, Judged } from '../../src/protocol/messages.ts'
import { formatPercent, formatShort } from '../charts/numbers.ts'

export interface Verdict {
  readonly truth: string
  readonly answer: string
  /** Of the answer, where it has one. */
  readonly confidence: string
  /** Undefined where there is no right and wrong. */
  readonly right: boolean | undefined
}

export function verdictsOf(evaluation: Evaluation, samples: readonly Judged[]): Verdict[] {
  return samples.map(({ truth, answer, confidence, index }): Verdict => {
    switch (evaluation.kind) {
      case 'classes': {
        const [own = -1, guess = -1] = [truth[0], answer[0]]
        return {
          truth: evaluation.names[own] ?? '',
          answer: guess < 0 ? 'not a number' : (evaluation.names[guess] ?? ''),
          confidence: confidence === null ? '' : formatPercent(confidence, 0),
          right: own === guess,
        }
      }
      case 'labels': {
        const said = (values: ArrayLike<number>) =>
          evaluation.names.filter((_, i) => (values[i] ?? 0) > 0.5).join(', ') || 'none'
        const isNumber = Array.from(answer).every(Number.isFinite)
        return {
          truth: said(truth),
          answer: isNumber ? said(answer) : 'not a number',
          confidence: '',
          right: isNumber && said(truth) === said(answer),
        }
      }
      case 'numbers':
        return { truth: listed(truth), answer: listed(answer), confidence: '', right: undefined }
      case 'reconstruction': {
        const ranked = [...evaluation.worst, ...evaluation.best].find((one) => one.index === index)
        return {
          truth: '',
          answer: ranked ? `error ${formatShort(ranked.value)}` : '',
          confidence: '',
          right: undefined,
        }
      }
      default:
        return evaluation satisfies never
    }
  })
}

const listed = (values: ArrayLike<number>) => Array.from(values, (value) => formatShort(value)).join(', ')
