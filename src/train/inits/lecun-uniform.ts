import { defineInit, fillUniform } from './_define.ts'

/** Uniform in ±√(3 / in): variance 1 / in. */
export default defineInit({
  type: 'lecunUniform',
  source: 'LeCun et al. 1998, "Efficient BackProp"; Keras LecunUniform',
  fill: ({ values, fanIn }, random) => fillUniform(values, random, Math.sqrt(3 / fanIn)),
})
