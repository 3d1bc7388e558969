import { defineInit, fillNormal } from './_define.ts'

/** Normal with variance 2 / in. */
export default defineInit({
  type: 'heNormal',
  source: 'He et al. 2015; torch.nn.init.kaiming_normal_(nonlinearity="relu")',
  fill: ({ values, fanIn }, random) => fillNormal(values, random, Math.sqrt(2 / fanIn)),
})
