import { readFormula, type Formula } from '../../base/formula.ts'
import { formula, int, real } from '../../base/params.ts'
import { problem, ProblemError } from '../../base/problem.ts'
import { defineDataset } from '../types.ts'

const variables = ['x', 'x1', 'x2', 'x3', 'x4']
/** How often other numbers are tried where the formula has no value. */
const TRIES = 100

export default defineDataset({
  type: 'formula',
  title: 'Formula',
  doc: 'Numbers x1 to x4, uniform between two bounds, and what a formula of one’s own makes of them, plus noise. It has as many inputs as the formula names; x is x1. Where the formula has no value, as √x below 0, other numbers are drawn.',
  params: {
    count: int({ label: 'Points', default: 1000, min: 2, max: 100_000 }),
    formula: formula({
      label: 'Formula',
      doc: 'With + - * / ^, brackets, pi, e and functions such as sin, exp, ln, sqrt, abs, min and max.',
      default: 'sin(3 x) + 0.5 x^2',
      variables,
    }),
    from: real({ label: 'From', doc: 'Least value of each input.', default: -2, min: -1e6, max: 1e6 }),
    to: real({ label: 'To', doc: 'Largest value of each input.', default: 2, min: -1e6, max: 1e6 }),
    noise: real({ label: 'Noise', doc: 'Standard deviation of y around the formula.', default: 0.1, min: 0, max: 1e6 }),
  },
  features: [1],
  featuresFor: (params) => [inputsOf(read(params.formula))],
  target: { kind: 'numbers', names: ['y'] },
  generate({ count, formula: text, from, to, noise }, random) {
    const made = read(text)
    const inputs = inputsOf(made)
    const features = new Float32Array(count * inputs)
    const targets = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const x = features.subarray(i * inputs, (i + 1) * inputs)
      let y = NaN
      for (let k = 0; k < TRIES && !Number.isFinite(y); k++) {
        for (let j = 0; j < inputs; j++) x[j] = rng.uniform(from, to)
        // x is the first of them by another name.
        y = Math.fround(made.compute([x[0] ?? 0, ...x]))
      }
      if (!Number.isFinite(y)) {
        const message = `The formula ${text} hardly has a value where its inputs lie between ${from} and ${to}; change it or them.`
        throw new ProblemError(problem('data.formula', message, { field: 'formula' }))
      }
      targets[i] = y + rng.normal(0, noise)
    }
    return { count, shape: [inputs], features, target: this.target, targets }
  },
})

function read(text: string): Formula {
  const formula = readFormula(text, variables)
  // Parameters are checked before they come here.
  if ('wrong' in formula)
    throw new ProblemError(problem('param.value', `Formula ${formula.wrong}.`, { field: 'formula' }))
  return formula
}

/** As many as the variable with the highest number says. */
function inputsOf({ variables: used }: Formula): number {
  return Math.max(1, ...used.map((name) => variables.indexOf(name)))
}
