import { defineInit, fillUniform } from './_define.ts'

/** Uniform in ±1; the scale makes its bound. */
export default defineInit({
  type: 'uniform',
  source: 'torch.nn.init.uniform_',
  fill: ({ values }, random) => fillUniform(values, random, 1),
})
