import { defineInit } from './_define.ts'

/** Uniform in ±√(3 / in): variance 1 / in. */
export default defineInit({
  type: 'lecunUniform',
  source: 'LeCun et al. 1998, "Efficient BackProp"; Keras LecunUniform',
  draw(random, fanIn) {
    const limit = Math.sqrt(3 / fanIn)
    return random.uniform(-limit, limit)
  },
})
