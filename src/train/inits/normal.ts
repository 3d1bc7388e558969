import { defineInit, fillNormal } from './_define.ts'

/** Standard normal; the scale makes its standard deviation. */
export default defineInit({
  type: 'normal',
  source: 'torch.nn.init.normal_',
  fill: ({ values }, random) => fillNormal(values, random, 1),
})
