import { defineInit } from './_define.ts'

/** Uniform in ±√(6 / in): variance 2 / in. */
export default defineInit({
  type: 'heUniform',
  source: 'He et al. 2015; torch.nn.init.kaiming_uniform_(nonlinearity="relu")',
  draw(random, fanIn) {
    const limit = Math.sqrt(6 / fanIn)
    return random.uniform(-limit, limit)
  },
})
