import { defineInit } from './_define.ts'

/** Normal with variance 2 / (in + out). */
export default defineInit({
  type: 'glorotNormal',
  source: 'Glorot & Bengio 2010; torch.nn.init.xavier_normal_',
  draw: (random, fanIn, fanOut) => random.normal(0, Math.sqrt(2 / (fanIn + fanOut))),
})
