import { defineInit, fillNormal } from './_define.ts'

/** Normal with variance 2 / (in + out). */
export default defineInit({
  type: 'glorotNormal',
  source: 'Glorot & Bengio 2010; torch.nn.init.xavier_normal_',
  fill: ({ values, fanIn, fanOut }, random) => fillNormal(values, random, Math.sqrt(2 / (fanIn + fanOut))),
})
