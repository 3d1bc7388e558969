import { defineInit, fillUniform } from './_define.ts'

/** Uniform in ±√(6 / in): variance 2 / in. */
export default defineInit({
  type: 'heUniform',
  source: 'He et al. 2015; torch.nn.init.kaiming_uniform_(nonlinearity="relu")',
  fill: ({ values, fanIn }, random) => fillUniform(values, random, Math.sqrt(6 / fanIn)),
})
