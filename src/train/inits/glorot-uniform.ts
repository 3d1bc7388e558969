import { defineInit } from './_define.ts'

/** Uniform in ±√(6 / (in + out)): variance 2 / (in + out). */
export default defineInit({
  type: 'glorotUniform',
  source: 'Glorot & Bengio 2010; torch.nn.init.xavier_uniform_',
  draw(random, fanIn, fanOut) {
    const limit = Math.sqrt(6 / (fanIn + fanOut))
    return random.uniform(-limit, limit)
  },
})
