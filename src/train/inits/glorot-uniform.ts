import { defineInit, fillUniform } from './_define.ts'

/** Uniform in ±√(6 / (in + out)): variance 2 / (in + out). */
export default defineInit({
  type: 'glorotUniform',
  source: 'Glorot & Bengio 2010; torch.nn.init.xavier_uniform_',
  fill: ({ values, fanIn, fanOut }, random) => fillUniform(values, random, Math.sqrt(6 / (fanIn + fanOut))),
})
